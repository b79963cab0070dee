"""Where the forms of index cross: each is forced on the same tables, of growing size.

Each answer is held against the oracle first. Times are the processor's, the best of several turns
that the forms take one after the other; the first answer has the making of the index in it.
"""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any, Final

from benchmarks import floors, oracle
from benchmarks.contest import Say
from benchmarks.dmn_text import dmn
from benchmarks.forms import FORMS, decided
from benchmarks.growing import KINDS
from benchmarks.tables import Record, Workload
from benchmarks.workloads import SEED, distinct
from pydmn import Model, load

SIZES: Final = (1, 2, 3, 5, 8, 12, 20, 100, 1_000, 3_000, 10_000)
RECORDS: Final = 60
TURNS: Final = 15
_CHAINED: Final = 100
"""A chain of ifs is made for so many rules at the most."""
_MASKS: Final = 3_000
"""The masks of so many scattered rules are the most that is tried: they are quadratic."""

Decide = Callable[[Record], Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """A form on a table: seconds to the first answer and of one that is warm, and bytes."""

    first: float
    warm: float
    size: int


Row = Mapping[str, Measured]
"""What was measured of each form, and of the `floor`'s chain and masks, which are no index's."""


class Disagreement(Exception):
    """A form gave an answer that is not the oracle's."""


def measure(kind: str, size: int, forms: Sequence[str] = tuple(FORMS)) -> Row:
    """Return what each form takes on a table. Raises `Disagreement`."""
    steps, draw = KINDS[kind](random.Random(f"{SEED} {kind} {size}"), size)
    workload = Workload(f"{kind} {size}", steps, distinct(f"{kind} {size}", draw, SEED, RECORDS))
    model = load(dmn(workload))
    right = oracle.answers(workload)
    made: dict[str, Decide] = {}
    first: dict[str, float] = {}
    bytes_: dict[str, int] = {}
    for form in forms:
        if not _tried(form, kind, size):
            continue
        first[form], made[form] = _first(model, workload, form)
        bytes_[form] = _size(model, workload, form)
    for form in ("chain", "masks") if size <= _CHAINED else ():
        name = f"floor: {form}"
        made[name] = floors.floor(workload, "chain" if form == "chain" else "masks")
        first[name], bytes_[name] = 0.0, 0
    for form, decide in made.items():
        for record, answer in zip(workload.records, right, strict=True):
            if not oracle.same(decide(record), answer):
                raise Disagreement(f"{workload.name}, {form}: {record}")
    warm = _warm(made, workload.records)
    return {form: Measured(first[form], warm[form], bytes_[form]) for form in made}


def _tried(form: str, kind: str, size: int) -> bool:
    if form == "keys":
        return kind == "equalities"
    if form == "sparse":
        return kind == "many hits"
    return form != "masks" or size <= _MASKS or kind not in ("scattered", "many hits")


def _first(model: Model, workload: Workload, form: str) -> tuple[float, Decide]:
    """Return the best of three first answers, and the function."""
    best = float("inf")
    for _ in range(3):
        start = process_time()
        decide = decided(model, workload.asked.name, FORMS[form])
        decide(workload.records[0])
        best = min(best, process_time() - start)
    return best, decide


def _size(model: Model, workload: Workload, form: str) -> int:
    """Return the bytes that a form keeps once it has answered all records."""
    tracemalloc.start()
    decide = decided(model, workload.asked.name, FORMS[form])
    for record in workload.records:
        decide(record)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return kept


def _warm(made: Mapping[str, Decide], records: Sequence[Record]) -> dict[str, float]:
    best = dict.fromkeys(made, float("inf"))
    for _ in range(TURNS):
        for form, decide in made.items():
            count = 0
            start = process_time()
            while (taken := process_time() - start) < 0.004:
                for record in records:
                    decide(record)
                count += len(records)
            best[form] = min(best[form], taken / count)
    return best


# --- the table ---------------------------------------------------------------------------


def write(path: Path, say: Say, sizes: Sequence[int] = SIZES) -> None:
    """Measure every kind at every size, and write what was found as Markdown."""
    rows: dict[str, dict[int, Row]] = {}
    for kind in KINDS:
        for size in sizes:
            row = rows.setdefault(kind, {})[size] = measure(kind, size)
            say(f"{kind} {size}: " + ", ".join(f"{form} {_cell(row[form])}" for form in row))
    path.write_text("\n".join(lines(rows)) + "\n", encoding="utf-8")


def lines(rows: Mapping[str, Mapping[int, Row]]) -> Iterator[str]:
    """Yield a table a kind: microseconds warm, milliseconds to the first answer, megabytes."""
    yield "# Forms of index, and where they cross"
    yield ""
    yield (
        "Written by `python -m benchmarks growth`. Each cell: µs of a warm decision / ms to the"
        " first answer / MB of the function and its index. The floors are generated Python without"
        " checks, for the shape of the curve: `chain` is if after if, `masks` an index of bits."
    )
    yield ""
    yield (
        "Times of one row are comparable, since the forms take turns; of one column they are as far"
        " as the machine was equally busy. Where a form is missing its masks would be too large."
    )
    for kind, sizes in rows.items():
        forms = list(dict.fromkeys(form for row in sizes.values() for form in row))
        yield from ("", f"## {kind}", "")
        yield f"| rules | {' | '.join(forms)} |"
        yield "|---:|" + "---:|" * len(forms)
        for size, row in sizes.items():
            cells = (_cell(row[form]) if form in row else "" for form in forms)
            yield f"| {size:,} | {' | '.join(cells)} |"


def _cell(found: Measured) -> str:
    warm = f"{found.warm * 1e6:,.2f}"
    if not found.first:
        return warm
    return f"{warm} / {found.first * 1e3:,.1f} / {found.size / 1e6:,.1f}"
