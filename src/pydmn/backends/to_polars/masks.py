"""Sets of rules as machine words: rule `n` is bit `n % 64` of word `n // 64`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]
"""Sets of rules, one a column: as many rows as a set has words."""

WORD: Final = 64
_ROWS: Final = 1 << 15
"""So many sets are joined at a time, so that they stay in the processor's cache."""


def words(masks: Sequence[int], rules: int) -> Words:
    """Return `masks` of so many `rules` as words."""
    count = max(1, -(-rules // WORD))
    octets = b"".join(mask.to_bytes(8 * count, "little") for mask in masks)
    return np.ascontiguousarray(np.frombuffer(octets, "<u8").reshape(len(masks), count).T)


def joined(columns: Sequence[tuple[Words, NDArray[Any]]], count: int, rules: int) -> Words:
    """Return the rules that all columns accept, for each of `count` combinations.

    `columns` are the sets of each column, and which of them each combination has.
    """
    height = max(1, -(-rules // WORD))
    if not columns:
        return np.repeat(words([(1 << rules) - 1], rules), count, axis=1)
    found = np.empty((height, count), np.uint64)
    for start in range(0, count, _ROWS):
        within = slice(start, min(start + _ROWS, count))
        codes = [part[within] for _, part in columns]
        for word in range(height):
            left = found[word, within]
            np.take(columns[0][0][word], codes[0], out=left, mode="clip")
            for (sets, _), code in zip(columns[1:], codes[1:], strict=True):
                left &= sets[word][code]
    return found


def first(sets: Words) -> NDArray[np.int64]:
    """Return the number of the lowest rule of each set, counted from 1; 0 for an empty set."""
    height, count = sets.shape
    found = np.zeros(count, np.int64)
    for start in range(0, count, _ROWS):
        within = slice(start, min(start + _ROWS, count))
        number = found[within]
        for word in reversed(range(height)):
            each = sets[word, within]
            below = (each & (~each + np.uint64(1))) - np.uint64(1)
            place = np.bitwise_count(below).astype(np.int64) + (WORD * word + 1)
            np.copyto(number, place, where=each != 0)
    return found


def several(sets: Words) -> NDArray[np.bool_]:
    """Say of each set whether it has more than one rule."""
    bits = np.zeros(sets.shape[1], np.uint16)
    for word in sets:
        bits += np.bitwise_count(word)
    found: NDArray[np.bool_] = bits > 1
    return found


def different(sets: Words) -> tuple[NDArray[np.int64], list[int]]:
    """Return which of the different sets each one is, and those sets as ints."""
    height, count = sets.shape
    if height == 1:
        kept, codes = np.unique(sets[0], return_inverse=True)
        return codes.astype(np.int64), [int(each) for each in kept.tolist()]
    if count == 0:
        return np.zeros(0, np.int64), []
    rows = np.ascontiguousarray(sets.T).view(np.dtype((np.void, 8 * height))).reshape(count)
    kept_rows, codes = np.unique(rows, return_inverse=True)
    masks = [int.from_bytes(each.tobytes(), "little") for each in kept_rows]
    return codes.astype(np.int64), masks
