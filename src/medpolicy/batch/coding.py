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

_ROOM: Final = 1 << 12
"""Keys below this, or below the number of rows, are marked in an array; others are hashed."""

_MOST: Final = 1 << 62

_ODD: Final = 0x9E3779B97F4A7C15
"""Multiplied by it, a key's upper bits hang on all of its bits (Knuth, 6.4)."""


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

    def are(self, value: Any) -> Flags:
        """Say of each row whether it has a value."""
        found: Flags = np.array([each == value for each in self.values], np.bool_).take(self.codes)
        return found

    def mapped(self, of: Callable[[Any], int]) -> Coded:
        """Return what `of` gives for each row's value; it is asked once for a value."""
        return _merged(self.codes, [of(each) for each in self.values])


def coded(column: pa.ChunkedArray | pa.Array) -> Coded:
    """Return an Arrow column as codes; its values are those of `to_pylist`."""
    array = whole(column)
    if pa.types.is_boolean(array.type):
        return Coded(_truths(array), (False, True, None))
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    values = array.dictionary.to_pylist()
    indices = array.indices
    if indices.null_count:
        indices = indices.fill_null(len(values))
        values.append(None)
    return distinct(indices.to_numpy(zero_copy_only=False).astype(np.intp), values)


def _truths(array: pa.Array) -> Codes:
    """Return 0, 1 or, for null, 2 for each row of a column of booleans."""
    if not len(array):
        return np.empty(0, np.intp)
    valid, bits = array.buffers()
    found = _unpacked(bits, array)
    if valid is not None and array.null_count:
        found[_unpacked(valid, array) == 0] = 2
    return found.astype(np.intp)


def _unpacked(bits: pa.Buffer, array: pa.Array) -> NDArray[np.uint8]:
    end = array.offset + len(array)
    octets = np.frombuffer(bits, np.uint8)
    return np.unpackbits(octets, count=end, bitorder="little")[array.offset :]


def distinct(codes: Codes, values: Sequence[Any]) -> Coded:
    """Return a column whose `values` may hold one several times with each value once."""
    if len({*values}) == len(values):
        return Coded(codes, values)
    numbers: dict[Hashable, int] = {}
    kept: list[Any] = []
    renumbered = []
    for value in values:
        number = numbers.setdefault((type(value), value), len(kept))
        if number == len(kept):
            kept.append(value)
        renumbered.append(number)
    return Coded(np.array(renumbered, np.intp).take(codes), kept)


def _merged(codes: Codes, numbers: Sequence[int]) -> Coded:
    """Return a column of numbers, which may hold one several times, with each once."""
    kept, renumbered = np.unique(np.array(numbers, np.intp), return_inverse=True)
    if len(kept) == len(numbers):
        return Coded(codes, numbers)
    return Coded(renumbered.take(codes), kept.tolist())


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """The combinations that rows have in several columns: which each has, and a row with each."""

    codes: Codes
    rows: Codes

    def mapped(self, of: Callable[..., int], *columns: Coded) -> Coded:
        """Return for each row what `of` gives for the values of `columns`, once a combination."""
        parts = [[each.values[code] for code in each.codes[self.rows].tolist()] for each in columns]
        return _merged(self.codes, list(map(of, *parts)))


def combined(*columns: Coded) -> Combined:
    """Return the combinations of columns."""
    several = [each for each in columns if len(each.values) > 1] or columns[:1]
    keys, size = several[0].codes, len(several[0].values)
    for each in several[1:]:
        if size * len(each.values) >= _MOST:
            found = numbered(keys, size)
            keys, size = found.codes, len(found.rows)
        keys = keys * len(each.values)
        keys += each.codes
        size *= len(each.values)
    return numbered(keys, size)


def numbered(keys: Codes, size: int) -> Combined:
    """Return keys below `size` as codes without gaps."""
    if size > max(_ROOM, len(keys)):
        return _hashed(keys)
    rows = np.full(size, -1)
    rows[keys] = np.arange(len(keys))
    kept = np.flatnonzero(rows >= 0)
    codes = np.empty(size, np.intp)
    codes[kept] = np.arange(len(kept))
    return Combined(codes.take(keys), rows[kept])


def _hashed(keys: Codes) -> Combined:
    """Return keys as codes by a hash table without chains: who finds another's key tries again."""
    count = len(keys)
    like = np.arange(count)
    places = np.empty(1 << (count.bit_length() + 1), np.intp)
    shift = np.uint64(65 - len(places).bit_length())
    left, odd = np.arange(count), _ODD
    while len(left):
        mine = keys[left]
        slots = (mine.view(np.uint64) * np.uint64(odd) >> shift).view(np.intp)
        places[slots] = left
        there = places.take(slots)
        same = keys.take(there) == mine
        like[left[same]] = there[same]
        rest = left[~same]
        if 2 * len(rest) > len(left):
            _, first, inverse = np.unique(keys[rest], return_index=True, return_inverse=True)
            like[rest] = rest[first[inverse]]
            break
        left, odd = rest, odd * _ODD % (1 << 64)
    rows = np.flatnonzero(like == np.arange(count))
    codes = np.empty(count, np.intp)
    codes[rows] = np.arange(len(rows))
    return Combined(codes.take(like), rows)


def marked(keys: Codes, size: int, of: Callable[[int], int]) -> Coded:
    """Return what `of` gives for keys below `size`; it is asked once for a key."""
    used = np.flatnonzero(np.bincount(keys, minlength=size))
    codes = np.empty(size, np.intp)
    codes[used] = np.arange(len(used))
    return _merged(codes.take(keys), [of(key) for key in used.tolist()])


def arrow(column: Coded, type_: pa.DataType) -> pa.Array:
    """Return a column as Arrow has it; one of `list_(string())` has sequences of texts."""
    if not pa.types.is_list(type_):
        return pa.array(column.values, type_).take(pa.array(column.codes))
    texts = [text for each in column.values for text in each]
    lengths = np.array([len(each) for each in column.values], np.intp)
    starts = (np.cumsum(lengths) - lengths).take(column.codes)
    counts = lengths.take(column.codes)
    ends = np.cumsum(counts)
    members = np.repeat(starts - ends + counts, counts)
    members += np.arange(len(members))
    offsets = np.concatenate([np.zeros(1, np.intp), ends]).astype(np.int32)
    flat = pa.array(texts, type_.value_type).take(pa.array(members))
    return pa.ListArray.from_arrays(pa.array(offsets), flat, type_)


class Remembered:
    """A function of values to a number that is asked once for each, and holds so many."""

    def __init__(self, of: Callable[..., int], most: int = 1 << 17) -> None:
        self._of = of
        self._most = most
        self._known: dict[Hashable, int] = {}

    def __call__(self, *values: Any) -> int:
        """Return the number for some values, which can be told apart by their types too."""
        key: Hashable
        if len(values) == 1:
            key = (values[0].__class__, values[0])
        else:
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
