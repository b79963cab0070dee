"""A chunk of claim lines through two versions: what differs, counted by columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from medpolicy.batch.claims import Chunk
from medpolicy.batch.coding import Coded, Codes, Flags, arrow, combined, distinct
from medpolicy.batch.output import schema
from medpolicy.batch.reading import column_of, days_of, procedures_of
from medpolicy.batch.requests import Reject
from medpolicy.impact.apart import apart, is_possible
from medpolicy.impact.pair import Pair
from medpolicy.impact.tally import Pattern, Refused, Tally, outcome_of
from medpolicy.impact.told import ANSWER, Told, beside

_AHEAD: Final = 1
"""So many chunks are answered while another is counted."""

LARGE: Final = 1 << 18
"""From so many lines on it pays to start processes."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a chunk; `flips` has the lines whose disposition differs."""

    tally: Tally
    old_rejects: tuple[Reject, ...]
    new_rejects: tuple[Reject, ...]
    flips: pa.Table | None


_Waiting: TypeAlias = tuple[Chunk, tuple[Future[Told], Future[Told]]]


def compared(pair: Pair, all_: Iterable[Chunk], *, with_flips: bool) -> Iterator[Compared]:
    """Yield what came of each chunk of whole requests, in order. Raises `PolicyError`.

    The two versions are asked at the same time. For a large file each has a process, so that
    they do not wait for one another; `ChildProcessError` is raised where one was stopped.
    """
    chunks = iter(all_)
    begun = list(_up_to(LARGE, chunks))
    waiting: deque[_Waiting] = deque()
    is_large = sum(map(len, begun)) >= LARGE
    asking = apart if is_large and is_possible() else beside
    with asking(pair.old) as old, asking(pair.new) as new:
        try:
            for chunk in chain(begun, chunks):
                waiting.append((chunk, (old(chunk), new(chunk))))
                if len(waiting) > _AHEAD:
                    yield _first(waiting, with_flips)
            while waiting:
                yield _first(waiting, with_flips)
        finally:
            for _, futures in waiting:
                for future in futures:
                    future.cancel()


def _up_to(lines: int, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield chunks until they have so many lines, or there are no more."""
    while lines > 0 and (chunk := next(chunks, None)) is not None:
        lines -= len(chunk)
        yield chunk


def _first(waiting: deque[_Waiting], with_flips: bool) -> Compared:
    chunk, (old, new) = waiting.popleft()
    return _compared(chunk, old.result(), new.result(), with_flips)


def _compared(chunk: Chunk, old: Told, new: Told, with_flips: bool) -> Compared:
    by_old, by_new = old.is_answered(chunk), new.is_answered(chunk)
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
            chunk.table if both.all() else chunk.table.filter(pa.array(both)),
            _only(old.answers, both[by_old]),
            _only(new.answers, both[by_new]),
        )
        differing.count(tally)
        if with_flips:
            flips = differing.flips()
    return Compared(tally, old.rejects, new.rejects, flips)


def _only(answers: Coded, which: Flags) -> Coded:
    return answers if which.all() else answers.at(np.flatnonzero(which))


class _Differing:
    """Lines with their answers by two versions."""

    def __init__(self, lines: pa.Table, old: Coded, new: Coded) -> None:
        self._lines = lines
        self._answers = {"old": old, "new": new}
        self._old, self._new = _unordered(old), _unordered(new)
        pairs = _counted(outcome_of, self._old, self._new)
        self._outcome = distinct(pairs.codes, pairs.values)

    def count(self, tally: Tally) -> None:
        """Count the lines."""
        lines = np.bincount(self._outcome.codes, minlength=len(self._outcome.values))
        for each, many in zip(self._outcome.values, lines.tolist(), strict=True):
            tally.outcomes[each] += many
        dimensions = self._dimensions()
        for name, column in dimensions.items():
            found = _counted(_pair, column, self._outcome)
            for (category, each), many in zip(found.values, found.counts, strict=True):
                tally.count(name, category, each, many)
        self._count_patterns(tally, dimensions["code"])

    def _dimensions(self) -> Mapping[str, Coded]:
        lines = self._lines
        procedures = procedures_of(column_of(lines, "system"), column_of(lines, "code"))
        return {
            "code": distinct(procedures.codes, [each and each[1] for each in procedures.values]),
            "criterion_old": _part(self._old, "criterion"),
            "criterion_new": _part(self._new, "criterion"),
            "line_of_business": column_of(lines, "line_of_business"),
            "state": column_of(lines, "state"),
            "month": _months(days_of(lines, "service_date").numbers),
        }

    def _count_patterns(self, tally: Tally, code: Coded) -> None:
        differs = [each.old != each.new or bool(each.aspects) for each in self._outcome.values]
        rows = np.flatnonzero(np.array(differs, np.bool_).take(self._outcome.codes))
        if len(rows):
            found = _counted(Pattern, *(each.at(rows) for each in (code, self._old, self._new)))
            for pattern, lines in zip(found.values, found.counts, strict=True):
                tally.patterns[pattern] += lines

    def flips(self) -> pa.Table:
        """Return the lines whose disposition differs."""
        flipped = [each.old != each.new for each in self._outcome.values]
        rows = np.flatnonzero(np.array(flipped, np.bool_).take(self._outcome.codes))
        found = self._lines.take(pa.array(rows))
        columns = {
            name: found[name].cast(pa.string())
            for name in ("request_id", "line_id", "system", "code")
        }
        types = schema()
        for version, answers in self._answers.items():
            mine = answers.at(rows)
            columns |= {
                f"{version}_{name}": arrow(_part(mine, name), types.field(name).type)
                for name in ANSWER
            }
        return pa.table(columns)


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


def _unordered(answers: Coded) -> Coded:
    """Return answers whose lists are told apart by their members alone."""
    return distinct(
        answers.codes,
        [
            each._replace(missing=tuple(sorted(each.missing)), flags=tuple(sorted(each.flags)))
            for each in answers.values
        ],
    )


def _part(answers: Coded, name: str) -> Coded:
    return distinct(answers.codes, [getattr(each, name) for each in answers.values])


def _months(days: Codes) -> Coded:
    """Return the months, YYYY-MM, of days counted from 1970-01-01."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    found, codes = np.unique(months, return_inverse=True)
    return Coded(codes.astype(np.intp), [str(each) for each in found])
