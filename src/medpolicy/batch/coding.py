"""Columns of claims as codes: a number a row, and what the numbers stand for.

Work on a column is done on its different values. All codes are arrays of `numpy.intp`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.intp]
Flags: TypeAlias = NDArray[np.bool_]

_ROOM: Final = 1 << 20
"""Combinations that may occur are marked in an array of so many places; beyond, rows are sorted."""

_MOST: Final = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column: row `n` has `values[codes[n]]`. No two values are the same; null is None."""

    codes: Codes
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.codes)

    def at(self, rows: Codes) -> Coded:
        """Return some of the rows."""
        return Coded(self.codes[rows], self.values)

    def mapped(self, of: Callable[[Any], int]) -> Codes:
        """Return what `of` gives for each row's value; it is asked once for a value."""
        return np.array([of(each) for each in self.values], np.intp).take(self.codes)


def coded(column: pa.ChunkedArray | pa.Array) -> Coded:
    """Return an Arrow column as codes; its values are those of `to_pylist`."""
    array = whole(column)
    if pa.types.is_boolean(array.type):
        filled = array.cast(pa.int8()).fill_null(2).to_numpy(zero_copy_only=False)
        return Coded(filled.astype(np.intp), (False, True, None))
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    values = array.dictionary.to_pylist()
    codes = array.indices.fill_null(len(values)).to_numpy(zero_copy_only=False).astype(np.intp)
    return distinct(codes, [*values, None])


def distinct(codes: Codes, values: Sequence[Any]) -> Coded:
    """Return a column whose `values` may hold one several times with each value once."""
    numbers: dict[Hashable, int] = {}
    kept: list[Any] = []
    renumbered = []
    for value in values:
        number = numbers.setdefault((type(value), value), len(kept))
        if number == len(kept):
            kept.append(value)
        renumbered.append(number)
    if len(kept) == len(values):
        return Coded(codes, values)
    return Coded(np.array(renumbered, np.intp).take(codes), kept)


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """The combinations that rows have in several columns: which each has, and a row with each."""

    codes: Codes
    rows: Codes

    def mapped(self, of: Callable[..., int], *columns: Coded) -> Codes:
        """Return for each row what `of` gives for the values of `columns`, once a combination."""
        parts = [[each.values[code] for code in each.codes[self.rows]] for each in columns]
        return np.array([of(*values) for values in zip(*parts, strict=True)], np.intp).take(
            self.codes
        )


def combined(*columns: Coded) -> Combined:
    """Return the combinations of columns."""
    keys, size = columns[0].codes, len(columns[0].values)
    for each in columns[1:]:
        if size * len(each.values) >= _MOST:
            found = numbered(keys, size)
            keys, size = found.codes, len(found.rows)
        keys = keys * len(each.values) + each.codes
        size *= len(each.values)
    return numbered(keys, size)


def numbered(keys: Codes, size: int) -> Combined:
    """Return keys below `size` as codes without gaps."""
    if size > max(_ROOM, 4 * len(keys)):
        _, rows, codes = np.unique(keys, return_index=True, return_inverse=True)
        return Combined(codes, rows)
    rows = np.full(size, -1)
    rows[keys] = np.arange(len(keys))
    kept = np.flatnonzero(rows >= 0)
    codes = np.empty(size, np.intp)
    codes[kept] = np.arange(len(kept))
    return Combined(codes.take(keys), rows[kept])


class Remembered:
    """A function of values to a number that is asked once for each, and holds so many."""

    def __init__(self, of: Callable[..., int], most: int = 1 << 17) -> None:
        self._of = of
        self._most = most
        self._known: dict[Hashable, int] = {}

    def __call__(self, *values: Any) -> int:
        """Return the number for some values, which can be told apart by their types too."""
        key = tuple([(each.__class__, each) for each in values])
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= self._most:
                self._known.clear()
            found = self._known[key] = self._of(*values)
        return found


def whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    array = column.combine_chunks()
    return pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array


def is_text(column: pa.ChunkedArray | pa.Array) -> Flags:
    """Say of each row whether it starts with a printable sign of ASCII, and so is no blank text."""
    array = whole(column)
    if not pa.types.is_string(array.type):
        array = array.cast(pa.large_string())
    if len(array) == 0:
        return np.empty(0, np.bool_)
    width = np.int32 if pa.types.is_string(array.type) else np.int64
    _, places, data = array.buffers()
    if data is None or not data.size:
        return np.zeros(len(array), np.bool_)
    offsets = np.frombuffer(places, width)[array.offset : array.offset + len(array) + 1]
    first = np.frombuffer(data, np.uint8).take(offsets[:-1].astype(np.intp), mode="clip")
    good: Flags = (np.diff(offsets) > 0) & (first > ord(" ")) & (first <= ord("~"))
    if array.null_count:
        good &= array.is_valid().to_numpy(zero_copy_only=False)
    return good
