"""What one version answers to a chunk of claim lines: a number a line, and what that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.batch.claims import Chunk
from medpolicy.batch.coding import Coded, Codes, Flags, coded, combined, distinct
from medpolicy.batch.columns import OUTPUT
from medpolicy.batch.requests import Reject
from medpolicy.batch.tables import Answering
from medpolicy.impact.tally import Answer
from medpolicy.versions import AnyPolicy

ANSWER: Final = OUTPUT[2:]
"""What of an answer is compared."""
LISTS: Final = ("missing", "flags")
_BETWEEN: Final = "\x1f"
"""Joins the members of a list; no name of a fact or flag can have it, as XML cannot."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """The answers to the lines that are answered, in their order, and the rows refused."""

    answers: Coded
    rejects: tuple[Reject, ...]

    def is_answered(self, chunk: Chunk) -> Flags:
        """Say of each row of a chunk whether it has been answered."""
        refused = np.array([each.row for each in self.rejects], np.intp)
        return np.isin(chunk.numbers, refused, invert=True)


Ask: TypeAlias = Callable[[Chunk], Future[Told]]
"""Asks a version for the answers to a chunk, of whole requests; they may raise `PolicyError`."""


@contextmanager
def beside(policy: AnyPolicy) -> Iterator[Ask]:
    """Give what asks a version in a thread of its own."""
    side = Side(policy)
    with ThreadPoolExecutor(1) as pool:
        yield lambda chunk: pool.submit(side.told, chunk)


class Side:
    """One version, to be asked chunk after chunk: what it has worked out serves the next."""

    def __init__(self, policy: AnyPolicy) -> None:
        self._answering = Answering(policy, known_only=True)

    def told(self, chunk: Chunk) -> Told:
        """Return the answers to the lines of a chunk, of whole requests. Raises `PolicyError`."""
        found = self._answering.answered(chunk)
        return Told(_answers(found.answers), found.rejects)


def _answers(table: pa.Table) -> Coded:
    if not table.num_rows:
        return Coded(np.empty(0, np.intp), [])
    columns = [_column(table, name) for name in ANSWER]
    found = combined(*columns)
    parts = [_values(each, found.rows) for each in columns]
    return Coded(found.codes, [Answer(*each) for each in zip(*parts, strict=True)])


def _values(column: Coded, rows: Codes) -> list[object]:
    return [column.values[code] for code in column.codes[rows].tolist()]


def _column(table: pa.Table, name: str) -> Coded:
    if name not in LISTS:
        return coded(table[name])
    found = coded(pc.binary_join(table[name].combine_chunks(), _BETWEEN))
    values = [tuple(text.split(_BETWEEN)) if text else () for text in found.values]
    return distinct(found.codes, values)
