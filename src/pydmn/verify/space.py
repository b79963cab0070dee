"""Sets of worlds as integers: a bit a world.

A world gives each of some unknowns one of its *classes*: atoms that nothing tells apart. The
first unknown's classes change slowest, so that the lowest bit of a set is its first world.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from math import prod
from operator import mul

from pydmn.verify.outcomes import Row


class Classes:
    """The classes of an unknown's atoms, in the order of their first atoms.

    `of` says which class each atom is in, `first` which atom is the first of each class,
    `sizes` how many atoms each has.
    """

    __slots__ = ("first", "of", "sizes")

    def __init__(self, signatures: Sequence[tuple[object, ...]]) -> None:
        numbers: dict[tuple[object, ...], int] = {}
        self.of = tuple(numbers.setdefault(each, len(numbers)) for each in signatures)
        self.first = tuple(map(self.of.index, range(len(numbers))))
        self.sizes = tuple(map(self.of.count, range(len(numbers))))


@lru_cache(maxsize=4_096)
def classes(rows: tuple[Row[object], ...]) -> Classes:
    """Return the classes of atoms that none of `rows`, all of one unknown, tells apart."""
    return Classes(list(zip(*(row.values for row in rows), strict=True)))


class Space:
    """All worlds of unknowns with so many classes each."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        self.sizes = sizes
        self.strides = tuple(accumulate(reversed(sizes[1:]), mul, initial=1))[::-1]
        count = prod(sizes)
        self.whole = (1 << count) - 1
        self.sets = tuple(
            tuple(self._set(count, stride, size, number) for number in range(size))
            for stride, size in zip(self.strides, sizes, strict=True)
        )
        """By unknown and class, the worlds that give the unknown that class."""
        self._not_last = tuple(self.whole ^ sets[-1] for sets in self.sets)

    def _set(self, count: int, stride: int, size: int, number: int) -> int:
        every = self.whole // ((1 << stride * size) - 1)  # a bit at the start of each turn
        return (every * ((1 << stride) - 1)) << (number * stride) & ((1 << count) - 1)

    def depends(self, worlds: int, unknown: int) -> bool:
        """Say whether being in the set `worlds` can hang on one unknown alone."""
        stride = self.strides[unknown]
        return (worlds ^ worlds >> stride) & self._not_last[unknown] != 0


@lru_cache(maxsize=256)
def space(sizes: tuple[int, ...]) -> Space:
    """Return the space of unknowns with so many classes each."""
    return Space(sizes)


def worlds_of(sizes: tuple[int, ...]) -> int:
    """Return how many worlds a space has."""
    return prod(sizes)
