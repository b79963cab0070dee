"""The rules of a large table in blocks of neighbours, so that a record meets few of them.

A mask for each atom of a column takes as many bits as there are rules: for a table whose rules
each bring cuts of their own that is quadratic. Blocks have masks of their own rules alone, and
only at the atoms where these change; over the blocks there is such a table again, whose rules are
the blocks and whose cells hold all that a block's cells hold. All of it together is linear in the
table, but for the masks over the blocks, which are the square of its `BLOCK`th part.

Which rules are neighbours, the columns say: a block is cut in two at the middle of the column that
leaves the fewest rules in play, by the rules whose cell is narrow there, and those whose cell is
wide have a block beside. (The trees that routers classify packets with are of this kind: Gupta and
McKeown, "Packet classification using hierarchical intelligent cuttings", 1999.)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final, TypeAlias

from pydmn.tables.accepted import Column
from pydmn.tables.atoms import Atoms, Runs, atoms, joined
from pydmn.tables.sets import chosen

BLOCK: Final = 128
"""Rules of a block, at the most: half or twice as many are as fast (see `benchmarks/GROWTH.md`)."""

_SEEN: Final = 64
"""So many rules of a part are looked at to choose where it is cut."""

_WORTH: Final = 0.95
"""A cut has to leave out more than the rest of this share."""

_RUNS: Final = 4
"""So many runs a block has in a column, over the blocks."""

_Extent: TypeAlias = tuple[int, int]
_Masks: TypeAlias = tuple[list[int], list[int]]
"""Where masks begin, ascending from 0, and the masks."""


@dataclass(frozen=True, slots=True)
class Sides:
    """One column of a table: its atoms, and for each rule which of its cells it has."""

    atoms: Atoms
    cells: Sequence[int]

    @classmethod
    def read(cls, column: Column, rules: Sequence[Sequence[int]]) -> Sides:
        """Return a column with the numbers of the rules that have each of its cells."""
        cells = [0] * sum(map(len, rules))
        for cell, numbers in enumerate(rules):
            for number in numbers:
                cells[number] = cell
        return cls(atoms(column), cells)

    @property
    def share(self) -> float:
        """The part of the atoms that a rule accepts, on average."""
        lengths = [sum(stop - start for start, stop in runs) for runs in self.atoms.cells]
        return sum(map(lengths.__getitem__, self.cells)) / (len(self.cells) * self.atoms.count)

    @property
    def tells_apart(self) -> bool:
        """Whether there is a value that some cell does not accept."""
        return any(runs != ((0, self.atoms.count),) for runs in self.atoms.cells)

    def of(self, rule: int) -> Runs:
        """Return the atoms that a rule accepts."""
        return self.atoms.cells[self.cells[rule]]


class Blocks:
    """An index of rules, counted from 0, in blocks of no more than `block`.

    `columns` are those with atoms, at least one; a record is given by its atoms, one a column.
    """

    def __init__(self, columns: Sequence[Sides], rules: int, block: int = BLOCK) -> None:
        self._columns = columns
        self._rules = sorted(_blocks(columns, rules, block))
        self._over = [
            _masks([_bounds({*map(side.of, block)}) for block in self._rules]) for side in columns
        ]
        self._inside: list[list[_Masks] | None] = [None] * len(self._rules)

    def matched(self, atoms: Sequence[int]) -> list[int]:
        """Return the numbers of the rules that match, ascending."""
        found: list[int] = []
        for rules, mask in self._met(atoms):
            found += chosen(rules, mask)
        found.sort()
        return found

    def first(self, atoms: Sequence[int]) -> int:
        """Return the least number of a rule that matches; -1 where none does."""
        least = -1
        for rules, mask in self._met(atoms):
            if least >= 0 and rules[0] > least:
                break  # as those of all blocks that follow are
            number = rules[(mask & -mask).bit_length() - 1]
            if least < 0 or number < least:
                least = number
        return least

    def candidates(self, atoms: Sequence[int]) -> int:
        """Return the mask of the blocks that may hold a rule that matches."""
        blocks = -1
        for (starts, masks), atom in zip(self._over, atoms, strict=True):
            blocks &= masks[bisect_right(starts, atom) - 1]
        return blocks

    def _met(self, atoms: Sequence[int]) -> Iterator[tuple[Sequence[int], int]]:
        """Yield the blocks that may hold a match, by their first rules, and what matches."""
        blocks = self.candidates(atoms)
        while blocks:
            lowest = blocks & -blocks
            number = lowest.bit_length() - 1
            mask = -1
            for (starts, masks), atom in zip(
                self._inside[number] or self._made(number), atoms, strict=True
            ):
                mask &= masks[bisect_right(starts, atom) - 1]
                if not mask:
                    break
            else:
                yield self._rules[number], mask
            blocks ^= lowest

    def _made(self, number: int) -> list[_Masks]:
        """Return the masks of a block, made when a record first meets it."""
        rules = self._rules[number]
        made = [_masks([side.of(rule) for rule in rules]) for side in self._columns]
        self._inside[number] = made
        return made


def _masks(cells: Sequence[Runs]) -> _Masks:
    """Return the mask of the cells that accept each atom, from where to where it holds."""
    turned: dict[int, int] = {0: 0}
    for number, runs in enumerate(cells):
        bit = 1 << number
        for start, stop in runs:
            turned[start] = turned.get(start, 0) ^ bit
            turned[stop] = turned.get(stop, 0) ^ bit
    starts = sorted(turned)
    mask = 0
    masks = []
    for start in starts:
        mask ^= turned[start]
        masks.append(mask)
    return starts, masks


# --- which rules stand together ---------------------------------------------------------


def _bounds(cells: Iterable[Runs]) -> Runs:
    """Return few runs that hold all atoms of `cells`: the union, with its narrowest gaps filled."""
    union = joined(sorted(chain.from_iterable(cells)))
    if len(union) <= _RUNS:
        return union
    gaps = [after[0] - before[1] for before, after in pairwise(union)]
    widest = sorted(range(len(gaps)), key=gaps.__getitem__)[1 - _RUNS :]
    edges = [0, *(number + 1 for number in sorted(widest)), len(union)]
    return tuple((union[start][0], union[stop - 1][1]) for start, stop in pairwise(edges))


def _blocks(columns: Sequence[Sides], rules: int, block: int) -> Iterator[list[int]]:
    """Yield the rules in blocks of no more than `block`, each ascending."""
    extents = [[_extent(runs) for runs in side.atoms.cells] for side in columns]
    waiting = [list(range(rules))]
    while waiting:
        part = waiting.pop()
        if len(part) <= block:
            yield part
            continue
        cut = _cut(part, columns, extents)
        if cut is None:
            yield from (part[start : start + block] for start in range(0, len(part), block))
            continue
        position, place = cut
        of, cells = extents[position], columns[position].cells
        sides: tuple[list[int], ...] = ([], [], [])
        for rule in part:
            sides[place.of(of[cells[rule]])].append(rule)
        waiting.extend(side for side in sides if side)


def _extent(runs: Runs) -> _Extent:
    return (runs[0][0], runs[-1][1]) if runs else (0, 0)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a column parts rules: those wider than `width` to 2, others before `centre` to 0."""

    width: float
    centre: float

    def of(self, extent: _Extent) -> int:
        """Return the side on which a cell stands."""
        start, stop = extent
        if stop - start > self.width:
            return 2
        return int(start + stop >= self.centre)


def _cut(
    part: Sequence[int], columns: Sequence[Sides], extents: Sequence[Sequence[_Extent]]
) -> tuple[int, _Cut] | None:
    """Return the column that parts rules best, and where; None where none is worth it."""
    seen = part[:: max(1, len(part) // _SEEN)]
    best: tuple[int, _Cut] | None = None
    least = _WORTH
    for position, side in enumerate(columns):
        of = [extents[position][side.cells[rule]] for rule in seen]
        whole = _span(of)
        centres = sorted(start + stop for start, stop in of if 2 * (stop - start) <= whole)
        if not centres:
            continue
        middle = centres[len(centres) // 2]
        cut = _Cut(whole / 2, middle if centres[0] < middle else middle + 1)
        sides: tuple[list[_Extent], ...] = ([], [], [])
        for extent in of:
            sides[cut.of(extent)].append(extent)
        parts = [side for side in sides if side]
        if len(parts) == 1:
            continue
        left = sum(len(side) * _span(side) for side in parts) / (len(of) * whole)
        if left < least:
            least, best = left, (position, cut)
    return best


def _span(extents: Sequence[_Extent]) -> int:
    """Return how many atoms lie between the first and the last."""
    return max(stop for _, stop in extents) - min(start for start, _ in extents)
