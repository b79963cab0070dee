"""A chunk of claim lines through two versions: what differs, counted by columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.batch.claims import Chunk
from medpolicy.batch.coding import Coded, Codes, Flags, coded, combined, distinct
from medpolicy.batch.columns import OUTPUT
from medpolicy.batch.reading import column_of, days_of, procedures_of
from medpolicy.batch.requests import Reject
from medpolicy.batch.tables import Answered, Answering
from medpolicy.impact.pair import Pair
from medpolicy.impact.tally import ASPECTS, Answer, Outcome, Pattern, Refused, Tally

ANSWER: Final = OUTPUT[2:]
"""What of an answer is compared."""
LISTS: Final = ("missing", "flags")
_BETWEEN: Final = "\x1f"
"""Joins the members of a list; no name of a fact or flag can have it, as XML cannot."""

_AHEAD: Final = 1
"""So many chunks are answered while another is counted."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a chunk; `flips` has the lines whose disposition differs."""

    tally: Tally
    old_rejects: tuple[Reject, ...]
    new_rejects: tuple[Reject, ...]
    flips: pa.Table | None


def compared(pair: Pair, all_: Iterable[Chunk], *, with_flips: bool) -> Iterator[Compared]:
    """Yield what came of each chunk of whole requests, in order. Raises `PolicyError`.

    Each version has a thread: what it has worked out for a chunk serves it for the next.
    """
    sides = [Answering(each, known_only=True) for each in (pair.old, pair.new)]
    with ThreadPoolExecutor(1) as old, ThreadPoolExecutor(1) as new:
        waiting: deque[tuple[Chunk, list[Future[Answered]]]] = deque()
        try:
            for chunk in all_:
                pools = zip((old, new), sides, strict=True)
                waiting.append((chunk, [pool.submit(side.answered, chunk) for pool, side in pools]))
                if len(waiting) > _AHEAD:
                    yield _first(waiting, with_flips)
            while waiting:
                yield _first(waiting, with_flips)
        finally:
            for _, futures in waiting:
                for future in futures:
                    future.cancel()


def _first(waiting: deque[tuple[Chunk, list[Future[Answered]]]], with_flips: bool) -> Compared:
    chunk, (old, new) = waiting.popleft()
    return _compared(chunk, old.result(), new.result(), with_flips)


def _compared(chunk: Chunk, old: Answered, new: Answered, with_flips: bool) -> Compared:
    by_old, by_new = _is_answered(chunk, old), _is_answered(chunk, new)
    both = by_old & by_new
    tally = Tally(rows=len(chunk) + len(chunk.rejects))
    tally.refused = Refused(
        old=int((by_new & ~by_old).sum()),
        new=int((by_old & ~by_new).sum()),
        both=int((~by_old & ~by_new).sum()) + len(chunk.rejects),
    )
    flips = None
    if both.any():
        differing = _Differing(
            _only(chunk.table, both),
            _only(old.answers, both[by_old]),
            _only(new.answers, both[by_new]),
        )
        differing.count(tally)
        if with_flips:
            flips = differing.flips()
    return Compared(tally, old.rejects, new.rejects, flips)


def _only(table: pa.Table, which: Flags) -> pa.Table:
    return table if which.all() else table.filter(pa.array(which))


def _is_answered(chunk: Chunk, found: Answered) -> Flags:
    """Say of each row of a chunk whether it has been answered."""
    refused = np.array([each.row for each in found.rejects], np.intp)
    return np.isin(chunk.numbers, refused, invert=True)


class _Differing:
    """Lines with their answers by two versions."""

    def __init__(self, lines: pa.Table, old: pa.Table, new: pa.Table) -> None:
        self._lines = lines
        self._old_answers, self._new_answers = old, new
        self._old = {name: _column(old, name) for name in ANSWER}
        self._new = {
            name: _as_in(self._old[name], _column(new, name)) for name in ANSWER
        }  # fmt: skip
        self._flipped = self._differs("disposition")
        bits = np.zeros(len(self._flipped), np.intp)
        for place, name in enumerate(ASPECTS):
            bits |= (self._differs(name) & ~self._flipped).astype(np.intp) << place
        self._aspects = Coded(bits, [*map(_aspects, range(1 << len(ASPECTS)))])

    def _differs(self, name: str) -> Flags:
        differs: Flags = self._old[name].codes != self._new[name].codes
        return differs

    def count(self, tally: Tally) -> None:
        """Count the lines."""
        columns = (self._old["disposition"], self._new["disposition"], self._aspects)
        outcome = _counted(Outcome, *columns)
        for each, lines in zip(outcome.values, outcome.counts, strict=True):
            tally.outcomes[each] += lines
        of_line = Coded(outcome.codes, outcome.values)
        dimensions = self._dimensions()
        for name, column in dimensions.items():
            found = _counted(_pair, column, of_line)
            for (category, each), lines in zip(found.values, found.counts, strict=True):
                tally.count(name, category, each, lines)
        self._count_patterns(tally, dimensions["code"])

    def _dimensions(self) -> Mapping[str, Coded]:
        lines = self._lines
        procedures = procedures_of(column_of(lines, "system"), column_of(lines, "code"))
        return {
            "code": distinct(procedures.codes, [each and each[1] for each in procedures.values]),
            "criterion_old": self._old["criterion"],
            "criterion_new": self._new["criterion"],
            "line_of_business": column_of(lines, "line_of_business"),
            "state": column_of(lines, "state"),
            "month": _months(days_of(lines, "service_date").numbers),
        }

    def _count_patterns(self, tally: Tally, code: Coded) -> None:
        rows = np.flatnonzero(self._flipped | (self._aspects.codes > 0))
        if len(rows):
            answers = [*self._old.values(), *self._new.values()]
            found = _counted(_pattern, *(each.at(rows) for each in (code, *answers)))
            for pattern, lines in zip(found.values, found.counts, strict=True):
                tally.patterns[pattern] += lines

    def flips(self) -> pa.Table:
        """Return the lines whose disposition differs."""
        which = pa.array(self._flipped)
        columns = {
            name: self._lines[name].cast(pa.string())
            for name in ("request_id", "line_id", "system", "code")
        }
        for version, answers in (("old", self._old_answers), ("new", self._new_answers)):
            columns |= {f"{version}_{name}": answers[name] for name in ANSWER}
        return pa.table(columns).filter(which)


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """Rows by what they have in several columns: `values[codes[row]]`, and how many have it."""

    codes: Codes
    values: Sequence[Any]
    counts: Sequence[int]


def _counted(of: Callable[..., Any], *columns: Coded) -> _Counted:
    found = combined(*columns)
    parts = [[each.values[code] for code in each.codes[found.rows].tolist()] for each in columns]
    values = [of(*each) for each in zip(*parts, strict=True)]
    return _Counted(found.codes, values, np.bincount(found.codes).tolist())


def _pair(first: Any, second: Any) -> tuple[Any, Any]:
    return first, second


def _pattern(code: str, *answers: Any) -> Pattern:
    half = len(ANSWER)
    return Pattern(code, Answer(*answers[:half]), Answer(*answers[half:]))


def _aspects(bits: int) -> tuple[str, ...]:
    return tuple(name for place, name in enumerate(ASPECTS) if bits >> place & 1)


def _column(answers: pa.Table, name: str) -> Coded:
    if name not in LISTS:
        return coded(answers[name])
    found = coded(pc.binary_join(answers[name].combine_chunks(), _BETWEEN))
    values = [tuple(sorted(text.split(_BETWEEN))) if text else () for text in found.values]
    return distinct(found.codes, values)


def _as_in(first: Coded, second: Coded) -> Coded:
    """Return `second` with the codes that `first` has for the same values."""
    known = {value: code for code, value in enumerate(first.values)}
    codes = [known.setdefault(value, len(known)) for value in second.values]
    return Coded(np.array(codes, np.intp).take(second.codes), [*known])


def _months(days: Codes) -> Coded:
    """Return the months, YYYY-MM, of days counted from 1970-01-01."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    found, codes = np.unique(months, return_inverse=True)
    return Coded(codes.astype(np.intp), [str(each) for each in found])
