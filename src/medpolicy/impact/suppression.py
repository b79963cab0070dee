"""Which counts may not leave: the small ones, and those from which one could be worked out.

Counts that are published together hang together by sums: a total is the sum of its parts. A
count below the threshold is *small* and is hidden. That is not enough: a hidden count alone among
its fellows is what is left of their total. So further counts are *withheld*, until for every
hidden count there is another file of lines that gives the same publication and in which this
count is another: all that is shown is the same, all sums hold, and what is marked small is at
least 1 and below the threshold. Of what is withheld nothing is said, not even that it is not
small.

Such a file is made, and checked, from the file that there is. Either lines change what they are,
each in one row of every table; or in one table two lines change places, or what they are. Whatever
these changes touch and is shown yet has to be withheld; the cheapest are taken.

Cell suppression as statistical offices do it (Hundepool and others, Statistical Disclosure
Control, 2012, chapter 4). To hide the least is hard; this hides little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, permutations
from typing import Final, Generic, TypeAlias, TypeVar

Key = TypeVar("Key", bound=Hashable)
Leaf: TypeAlias = Hashable
Change: TypeAlias = Counter[Key]
"""By how much counts become more, or less."""

ROWS_TRIED: Final = 300
"""Of a longer table so many rows are tried for the other line of two."""
_DEARER: Final = 4
"""So many times dearer it is to withhold what is 0, and to say less of what is small."""


class Mark(StrEnum):
    """Why a count is hidden."""

    SMALL = "small"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Kind(Generic[Key]):
    """What a line can be: the counts outside tables that count it, and what it is in tables.

    Without a leaf a line is in no table.
    """

    keys: tuple[Key, ...]
    leaf: Leaf | None = None


Row: TypeAlias = Mapping[Leaf, tuple[Key, ...]]
"""A row of a table: the counts that count a line of each leaf that its lines can have."""
Move: TypeAlias = tuple[Leaf | None, Leaf | None]
"""What a line was in a table, and what it becomes; None where it is in none."""


@dataclass(frozen=True, slots=True)
class Published(Generic[Key]):
    """All that is published. Each line is in one row of every table.

    `together` are changes of more than one line, from kind to kind, that keep sums.
    """

    counts: Mapping[Key, int]
    kinds: Sequence[Kind[Key]]
    together: Sequence[Sequence[tuple[Kind[Key], Kind[Key]]]]
    tables: Sequence[Sequence[Row[Key]]]
    prices: Mapping[Key, int]


def hidden(published: Published[Key], below: int) -> dict[Key, Mark]:
    """Return the counts to hide, and why; below 1 there is none to hide.

    What has a lower price (1 or more) is withheld before what has a higher one.
    """
    hiding = _Hiding(published, below)
    hiding.protect_all()
    for number in range(len(published.tables)):
        hiding.protect_table(number)
    return hiding.marks


class _Hiding(Generic[Key]):
    def __init__(self, published: Published[Key], below: int) -> None:
        self._all = published
        self._below = below
        self.marks = {
            key: Mark.SMALL for key, count in published.counts.items() if 0 < count < below
        }
        self._safe: set[Key] = set()
        self._best: list[dict[Move, list[tuple[int, int]]]] = [{} for _ in published.tables]
        self._row_of = {
            key: (number, row)
            for number, table in enumerate(published.tables)
            for row, keys in enumerate(table)
            for key in chain.from_iterable(keys.values())
        }

    def _cost(self, change: Mapping[Key, int]) -> int | None:
        """Return what a change costs to withhold; None where some count would be below 0."""
        cost = 0
        for key, by in change.items():
            if by == 0:
                continue
            count = self._all.counts[key]
            if count + by < 0:
                return None
            if self._is_said(key, count + by):
                plain = count > 0 and key not in self.marks
                cost += self._all.prices[key] * (1 if plain else _DEARER)
        return cost

    def _is_said(self, key: Key, count: int) -> bool:
        """Say whether what is shown of a count excludes that it is this one."""
        mark = self.marks.get(key)
        return mark is None or (mark is Mark.SMALL and not 0 < count < self._below)

    def _take(self, change: Mapping[Key, int]) -> None:
        """Withhold what a change touches. A small one that would not be small says nothing more."""
        cheaper = set()
        for key, by in change.items():
            if by:
                self._safe.add(key)
                if self._is_said(key, self._all.counts[key] + by):
                    self.marks[key] = Mark.WITHHELD
                    cheaper.add(self._row_of.get(key))
        for number, row in filter(None, cheaper):
            for move, best in self._best[number].items():
                cost = self._cost_in_row(number, row, move)
                if cost is not None:
                    others = [each for each in best if each[1] != row]
                    best[:] = sorted([*others, (cost, row)])[:2]

    def _in_row(self, number: int, row: int, move: Move) -> dict[Key, int]:
        """Return how the counts of a row change where a line of it does."""
        keys = self._all.tables[number][row]
        before, after = (keys[leaf] if leaf is not None else () for leaf in move)
        change = {key: -1 for key in before if key not in after}
        change |= {key: 1 for key in after if key not in before}
        return change

    def _has_room(self, number: int, row: int, move: Move) -> bool:
        """Say whether a row of a table may have lines of what a line was and becomes."""
        keys = self._all.tables[number][row]
        return all(leaf is None or leaf in keys for leaf in move)

    def _cost_in_row(self, number: int, row: int, move: Move) -> int | None:
        if not self._has_room(number, row, move):
            return None
        return self._cost(self._in_row(number, row, move))

    def _rows(self, number: int, move: Move) -> list[tuple[int, int]]:
        """Return the cheapest two rows of a table for a move, each with its cost."""
        found = self._best[number].get(move)
        if found is None:
            costs: list[tuple[int, int]] = []
            for row in range(min(len(self._all.tables[number]), ROWS_TRIED)):
                cost = self._cost_in_row(number, row, move)
                if cost is not None:
                    costs = sorted([*costs, (cost, row)])[:2]
                    if len(costs) == 2 and costs[1][0] == 0:
                        break
            found = self._best[number][move] = costs
        return found

    def _protect(self, key: Key, changes: Iterable[Mapping[Key, int]]) -> bool:
        """Take the cheapest of some changes, if there is any; say whether the count is safe."""
        best: tuple[int, Mapping[Key, int]] | None = None
        for change in changes:
            cost = self._cost(change)
            if cost is not None and (best is None or cost < best[0]):
                best = cost, change
                if cost == 0:
                    break
        if best is not None:
            self._take(best[1])
        return key in self._safe

    # --- all lines --------------------------------------------------------------------

    def protect_all(self) -> None:
        """Protect what is counted outside tables."""
        for key in dict.fromkeys(chain.from_iterable(kind.keys for kind in self._all.kinds)):
            if key in self.marks and key not in self._safe:
                self._protect(key, self._changes(key))

    def _changes(self, key: Key, at: tuple[int, int] | None = None) -> Iterator[Change[Key]]:
        """Yield the changes of lines, in all tables, that change a count.

        With `at` they are in that row of that table.
        """
        nothing: Kind[Key] = Kind(())
        kinds = [nothing, *self._all.kinds]
        singles = (((one, other),) for one in kinds for other in kinds if one is not other)
        for lines in chain(singles, self._all.together):
            change: Change[Key] = Counter()
            for before, after in lines:
                change.subtract(before.keys)
                change.update(after.keys)
            if (at is None and not change[key]) or self._cost(change) is None:
                continue
            moves = [(before.leaf, after.leaf) for before, after in lines]
            moving = [move for move in moves if move[0] != move[1]]
            if self._in_tables(moving, change, at) and change[key]:
                yield change

    def _in_tables(
        self, moves: Iterable[Move], change: Change[Key], at: tuple[int, int] | None
    ) -> bool:
        """Add to a change what it means in each table; say whether there is a row for it."""
        for number in range(len(self._all.tables)):
            for move in moves:
                if at is not None and at[0] == number:
                    row = at[1]
                    if not self._has_room(number, row, move):
                        return False
                elif rows := self._rows(number, move):
                    row = rows[0][1]
                else:
                    return False
                change.update(self._in_row(number, row, move))
        return True

    # --- one table --------------------------------------------------------------------

    def protect_table(self, number: int) -> None:
        """Protect the counts of a table, with all others as they are, if that can be."""
        for row, keys in enumerate(self._all.tables[number]):
            for key in dict.fromkeys(chain.from_iterable(keys.values())):
                if key in self.marks and key not in self._safe:
                    swaps = (change for _, change in self._swaps(number, row, key))
                    if not self._protect(key, swaps):
                        self._protect(key, self._changes(key, (number, row)))

    def _swaps(self, number: int, row: int, key: Key) -> Iterator[tuple[int, Mapping[Key, int]]]:
        """Yield changes of two lines, one of them in this row, that change one of its counts."""
        keys = self._all.tables[number][row]
        # None of the counts of a row counts a line that is in none.
        within = {leaf: key in of for leaf, of in keys.items()} | {None: False}
        for move in permutations(within, 2):
            if within[move[0]] == within[move[1]]:
                continue
            change = self._in_row(number, row, move)
            mine = self._cost(change)
            if mine is None:
                continue
            back = move[1], move[0]
            for cost, other in self._rows(number, back):
                if other != row:
                    yield mine + cost, change | self._in_row(number, other, back)
                    if mine + cost == 0:
                        return
                    break
