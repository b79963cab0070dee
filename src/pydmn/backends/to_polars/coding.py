"""Columns as codes: a number a row, and what the numbers stand for.

Strings are coded by polars' categories, small integers by themselves, lists by a number made of
their members' codes, everything else by a join with its distinct values: for a million rows 12,
2, 30 and 30 to 200 ms of processor time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[Any]
"""Integers, one a row."""

_NARROW: Final = 4_096
"""Integers within so many are coded by their range, however few the rows."""

_DENSE: Final = 1 << 16
_DENSEST: Final = 1 << 22
"""An array of all combinations may have so many places, for few rows and for many."""

_INTEGERS: Final = 1 << 62
"""Integers above are not coded by their range."""

_CACHED: Final = 1 << 15
"""So many rows are gone through at a time, so that they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column: row `n` has the value `values[codes[n]]`; each value occurs in some row.

    With `which` it is `values[which[codes[n]]]`: codes that do not occur have been left out.
    `rules` has, for a table's answers, the ids of the rules hit, one tuple a value.
    """

    codes: Codes
    values: Sequence[Any]
    rules: Sequence[tuple[str, ...]] | None = None
    which: Codes | None = None

    @property
    def size(self) -> int:
        """The number of codes."""
        return len(self.values)

    @property
    def part(self) -> Part:
        """The column, to be combined with others."""
        return Part(self.codes, self.size, self.which)


Found: TypeAlias = tuple[Codes, pl.Series, Codes | None]
"""Codes, the values that occur, and if need be `which` of them a code is: see `Coded`."""


def distinct(series: pl.Series) -> tuple[Codes, pl.Series]:
    """Return the rows of `series` as codes, and a series of what each code stands for."""
    codes, values, which = found(series)
    return codes if which is None else which[codes], values


def found(series: pl.Series) -> Found:
    """Return `series` as `distinct` does, codes being left as they are where that is faster."""
    dtype = series.dtype
    series = series.rechunk()
    if dtype == pl.Null:
        return np.zeros(len(series), np.intp), series.head(1), None
    if dtype == pl.String:
        return _by_category(series.cast(pl.Categorical(pl.Categories.random())))
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return _by_category(series)
    if dtype == pl.Boolean or dtype.is_integer() or dtype in (pl.Date, pl.Datetime):
        ranged = _by_range(series)
        if ranged is not None:
            return ranged
    if isinstance(dtype, pl.Array):
        series = series.arr.to_list()
    if isinstance(series.dtype, pl.List):
        return *_by_members(series), None
    return *_by_join(series), None


def _by_category(series: pl.Series) -> Found:
    """Code a column of categories by the numbers that they have."""
    physical = series.to_physical()
    highest = physical.max()
    if highest is None:
        return np.zeros(len(series), np.intp), series.head(1).cast(pl.String), None
    assert isinstance(highest, int)
    nulls = physical.null_count() > 0
    if nulls:
        physical = physical.cast(pl.UInt32).fill_null(highest + 1)
    codes = physical.to_numpy()
    used = np.bincount(codes, minlength=highest + 1) > 0
    kept = np.flatnonzero(used[: highest + 1])
    values = pl.Series(kept).cast(series.to_physical().dtype).cat.to(series.dtype).cast(pl.String)
    if nulls:
        values = pl.concat([values, pl.Series(values.name, [None], pl.String)])
    return codes, values, None if used.all() else _renumbered(used)


def _by_range(series: pl.Series) -> Found | None:
    """Code integers, dates and truth values by their distance from the least; None if wide."""
    physical = series.to_physical() if series.dtype != pl.Boolean else series.cast(pl.Int8)
    low, high = physical.min(), physical.max()
    if low is None:
        return np.zeros(len(series), np.intp), series.head(1), None
    assert isinstance(low, int)
    assert isinstance(high, int)
    width = high - low + 1
    if width > max(_NARROW, min(4 * len(series), _DENSEST)) or max(-low, high) >= _INTEGERS:
        return None
    numbers = physical.cast(pl.Int64)
    nulls = series.null_count() > 0
    if nulls:
        numbers = numbers.fill_null(high + 1)
    codes = numbers.to_numpy() - low if low else numbers.to_numpy()
    values = pl.Series(series.name, np.arange(low, high + 1)).cast(physical.dtype)
    values = values.cast(series.dtype)
    if nulls:
        values = pl.concat([values, pl.Series(series.name, [None], series.dtype)])
    used = np.bincount(codes, minlength=len(values)) > 0
    if used.all():
        return codes, values, None
    return codes, values.filter(used), _renumbered(used)


def _by_join(series: pl.Series) -> tuple[Codes, pl.Series]:
    values = series.unique(maintain_order=True)
    coded = values.to_frame("value").with_row_index("code")
    rows = series.to_frame("value")
    codes = rows.join(coded, on="value", how="left", nulls_equal=True, maintain_order="left")
    return codes["code"].to_numpy(), values


def _by_members(series: pl.Series) -> tuple[Codes, pl.Series]:
    """Code lists by a number for each: the codes of its members, written in one system."""
    members, values = distinct(series.explode(empty_as_null=False, keep_nulls=False))
    base = len(values) + 1
    lengths = series.list.len().fill_null(0).to_numpy()
    starts = np.cumsum(lengths) - lengths
    longest = int(lengths.max(initial=0))
    keys = np.zeros(len(series), np.int64)
    room = 1
    for place in range(longest):
        if room * base * 2 >= _INTEGERS:
            keys, kept = distinct(pl.Series(keys))
            keys, room = keys.astype(np.int64), len(kept)
            if room * base * 2 >= _INTEGERS:
                return _by_join(series)
        rows = np.flatnonzero(lengths > place)
        keys[rows] += (members[starts[rows] + place].astype(np.int64) + 1) * room
        room *= base
    if series.null_count():
        keys[series.is_null().to_numpy()] = room
    codes, kept = distinct(pl.Series(keys))
    first = np.empty(len(kept), np.intp)
    first[codes] = np.arange(len(codes))
    return codes, series[first]


def _renumbered(used: NDArray[np.bool_]) -> Codes:
    """Return the new number of each code, those that are not used left out."""
    return np.cumsum(used) - 1


# --- several columns ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A column to be combined: row `n` has `which[codes[n]]`, below `size`, or its code itself.

    Alone, a part has `which` as `Coded` has it: rising by one at each code that occurs.
    """

    codes: Codes
    size: int
    which: Codes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Combinations:
    """The combinations that rows have in several columns.

    There are `count`, and `parts` has, for each column, what each of them has there. Row `n` has
    the one that stands at `codes[n]` in `kept`; without `codes`, row `n` has number `n`.
    """

    count: int
    parts: tuple[Codes, ...]
    codes: Codes | None = None
    kept: Codes | None = None
    places: int = 0

    def part(self, which: Codes, size: int) -> Part:
        """Return the column that has `which`, below `size`, for each combination."""
        if self.codes is None:
            return Part(which, size)
        placed = which
        if self.kept is not None:
            placed = np.zeros(self.places, which.dtype)
            placed[self.kept] = which
        return Part(self.codes, size, placed)

    def spread(self, which: Codes) -> Codes:
        """Return for each row what `which` has for its combination."""
        part = self.part(which, 0)
        return part.codes if part.which is None else part.which.take(part.codes, mode="clip")


def combinations(columns: Sequence[Part], rows: int, most: int) -> Combinations | None:
    """Return the combinations that occur in `rows`; None where there are more than `most`.

    As long as an array of all that might occur is small, those that do are marked in it; beyond,
    rows are joined. Of one column all codes are taken to occur, as in `Coded`.
    """
    if len(columns) == 1:
        (only,) = columns
        places = np.arange(only.size)
        if only.which is None:
            return Combinations(only.size, (places,), only.codes)
        kept = np.flatnonzero(np.diff(only.which, prepend=-1))
        return Combinations(only.size, (places,), only.codes, kept, len(only.which))
    made = _combined(columns, rows, most)
    return None if made is None or made.count > most else made


def classes(columns: Sequence[Part], rows: int) -> Combinations:
    """Return the combinations that occur; each row for itself, where marking does not find them."""
    made = _combined(columns, rows, None)
    if made is None:
        parts = (
            each.codes if each.which is None else each.which.take(each.codes, mode="clip")
            for each in columns
        )
        return Combinations(rows, tuple(parts))
    return made


def _combined(columns: Sequence[Part], rows: int, most: int | None) -> Combinations | None:
    """Return the combinations; rows are joined where `most` combinations may be found so."""
    room = min(max(_DENSE, 2 * rows), _DENSEST)
    taken, size = 0, 1
    for each in columns:
        if size * each.size > room and taken:
            break
        size *= each.size
        taken += 1
    if taken == len(columns):
        return _marked(columns, rows)
    if taken > 1:
        first = _marked(columns[:taken], rows)
    elif most is None:
        return None
    else:
        taken = 2
        first = _joined(columns[0], columns[1])
        if first.count > most:
            return None
    both = first.part(np.arange(first.count), first.count)
    rest = _combined([both, *columns[taken:]], rows, most)
    if rest is None:
        return None
    inner = rest.parts[0]
    parts = (*(part[inner] for part in first.parts), *rest.parts[1:])
    return Combinations(rest.count, parts, rest.codes, rest.kept, rest.places)


def _marked(columns: Sequence[Part], rows: int) -> Combinations:
    """Return the combinations by marking those that occur among all there might be."""
    sizes = [each.size for each in columns]
    places = prod(sizes)
    keys = _keys(columns, rows)
    kept = np.flatnonzero(np.bincount(keys, minlength=places))
    parts: list[Codes] = []
    rest = kept
    for size in reversed(sizes):
        rest, code = np.divmod(rest, size) if size > 1 else (rest, np.zeros_like(rest))
        parts.append(code)
    return Combinations(len(kept), tuple(reversed(parts)), keys, kept, places)


def _keys(columns: Sequence[Part], rows: int) -> Codes:
    """Return one number a row for what it has in all columns, the last column counting least."""
    if not columns:
        return np.zeros(rows, np.intp)
    if len(columns) == 1 and columns[0].which is None:
        return columns[0].codes
    keys = np.empty(rows, np.intp)
    tables: list[Codes] = []
    stride = 1
    for each in reversed(columns):
        which = np.arange(each.size) if each.which is None else each.which
        tables.append(which.astype(np.intp) * stride)
        stride *= each.size
    tables.reverse()
    for start in range(0, rows, _CACHED):
        within = slice(start, min(start + _CACHED, rows))
        key = keys[within]
        np.take(tables[0], columns[0].codes[within], out=key, mode="clip")
        for table, each in zip(tables[1:], columns[1:], strict=True):
            key += table.take(each.codes[within], mode="clip")
    return keys


def _joined(left: Part, right: Part) -> Combinations:
    """Return the combinations of two columns by a join of the rows with those that occur."""
    keys = _keys([left, right], len(left.codes))
    codes, kept = _by_join(pl.Series("value", keys))
    first, second = np.divmod(kept.to_numpy(), right.size)
    return Combinations(len(first), (first, second), codes)


def tuples(columns: Iterable[Coded], found: Combinations) -> Iterable[tuple[Any, ...]]:
    """Yield the values of each combination, in order."""
    listed = [
        [column.values[code] for code in part.tolist()]
        for column, part in zip(columns, found.parts, strict=True)
    ]
    return zip(*listed, strict=True) if listed else iter([()] * found.count)
