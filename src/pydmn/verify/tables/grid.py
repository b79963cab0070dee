"""A table as a grid: its axes, and each rule a box in the space that they span."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from pydmn.verify.tables.axes import Atom, Axes, Axis, bits, mask_of
from pydmn.verify.tables.boxes import Box, Side, Steps, common, uncovered, volume

Point = tuple[int, ...]
"""The number of an atom for each axis."""


class Grid:
    """The boxes of a table's rules, and which of them have points in common.

    Rules go by their numbers from 0, sets of them as masks. `opened` are those that have a
    cell which is no set of atoms: their boxes hold all that they may match, and perhaps more.
    `nulls`, `named` and `valued` are the atoms that are null, that are not and that something
    names, and those with a value that is known to be allowed.
    """

    def __init__(self, axes: Axes, rules: int) -> None:
        self.axes: tuple[Axis, ...] = axes.axes
        self.unread = axes.unread
        self.space: Box = tuple(axis.full for axis in self.axes)
        self.nulls = self._where(lambda atom: atom.null)
        self.named = self._where(lambda atom: atom.named and not atom.null)
        self.valued = self._where(lambda atom: bool(atom.values))
        self.boxes: tuple[Box, ...] = tuple(
            tuple(axis.sides[number] for axis in self.axes) for number in range(rules)
        )
        self.every = (1 << rules) - 1
        self.opened = 0
        for axis in self.axes:
            self.opened |= axis.opened
        lists: dict[tuple[str, ...], list[int]] = {}
        for place, axis in enumerate(self.axes):
            if axis.members is not None:
                lists.setdefault(axis.members.path, []).append(place)
        paths = {axis.path for axis in self.axes}
        self._free = any(axis.free for axis in self.axes) or any(
            path[:length] in paths for path in paths if path for length in range(1, len(path))
        )
        self._lists = tuple(map(tuple, lists.values()))
        self._unions = [_Unions(axis) for axis in self.axes]
        self._touching: dict[int, int] = {}

    def _where(self, wanted: Callable[[Atom], bool]) -> Box:
        """Return, for each axis, the side of the atoms that are `wanted`."""
        return tuple(
            mask_of(number for number, atom in enumerate(axis.atoms) if wanted(atom))
            for axis in self.axes
        )

    @property
    def free(self) -> bool:
        """Whether the grid may have points that no input leads to.

        It may where an axis is worked out of others, or is of an entry inside of another's value.
        """
        return self._free

    @property
    def lists(self) -> tuple[tuple[int, ...], ...]:
        """The axes that are of one list, for each list."""
        return self._lists

    def mask(self, point: Point) -> int:
        """Return the rules that hold a point."""
        mask = self.every
        for axis, atom in zip(self.axes, point, strict=True):
            mask &= axis.atoms[atom].mask
        return mask

    # --- what there is -----------------------------------------------------------------

    def possible(self, box: Box) -> bool:
        """Say whether a box has a point that lists can have; every other box has one.

        A list is null on all its axes or on none. It has a member of each set that it must
        meet, and none of those that it must not.
        """
        return all(box) and all(self._has_list(box, places) for places in self._lists)

    def _has_list(self, box: Box, places: Sequence[int]) -> bool:
        if all(box[place] & 1 for place in places):
            return True
        if not all(box[place] & 6 for place in places):
            return False
        return self.members(box, places) is not None

    def members(self, box: Box, places: Sequence[int]) -> tuple[str, ...] | None:
        """Return a list, not null, that lies within a box on the axes of one list; or None."""
        barred: set[str] = set()
        for place in places:
            if not box[place] & 4:
                barred |= self._wanted(place)
        found: set[str] = set()
        for place in places:
            if not box[place] & 2:
                left = self._wanted(place) - barred
                if not left:
                    return None
                if not left & found:
                    found.add(min(left))
        return tuple(sorted(found))

    def _wanted(self, place: int) -> frozenset[str]:
        members = self.axes[place].members
        assert members is not None
        return members.wanted

    def uncovered(self, box: Box, rules: Iterable[Box], steps: Steps) -> Iterator[Box]:
        """Yield boxes within `box` that have points, and together are all but `rules`.

        Raises `Spent`.
        """
        if not self._lists:
            yield from uncovered(box, rules, steps)
            return
        rules = [*rules]
        for part in self._null_or_not(box):
            yield from uncovered(part, rules, steps, self.possible)

    def _null_or_not(self, box: Box) -> Iterator[Box]:
        """Yield the parts of a box in which each list is null, or is not, on all its axes."""
        parts = [box]
        for places in self._lists:
            parts = [
                tuple(side & its if place in places else side for place, side in enumerate(each))
                for each in parts
                for its in (1, 6)
            ]
        return (part for part in parts if self.possible(part))

    def possible_parts(self, boxes: Iterator[Box]) -> Iterator[Box]:
        """Yield those of `boxes` that have a point."""
        return (box for box in boxes if self.possible(box)) if self._lists else boxes

    # --- rules -------------------------------------------------------------------------

    @cached_property
    def empty(self) -> int:
        """The rules that match nothing at all."""
        return sum(1 << n for n, box in enumerate(self.boxes) if not self.possible(box))

    def touched(self, box: Box) -> int:
        """Return the rules that have, axis by axis, an atom in common with a box."""
        mask = self.every
        for side, unions in zip(box, self._unions, strict=True):
            mask &= unions.of(side)
            if not mask:
                break
        return mask

    def touching(self, number: int) -> int:
        """Return the other rules that have a point in common with a rule."""
        known = self._touching.get(number)
        if known is None:
            box = self.boxes[number]
            known = self.touched(box) & ~(1 << number) if all(box) else 0
            if self._lists:
                for other in bits(known):
                    shared = common(box, self.boxes[other])
                    if shared is None or not self.possible(shared):
                        known ^= 1 << other
            self._touching[number] = known
        return known

    @cached_property
    def apart(self) -> bool:
        """Whether no two rules have a point in common."""
        return not any(self.touching(number) for number in range(len(self.boxes)))

    @cached_property
    def counted(self) -> bool:
        """Whether boxes have as many points as their volumes say, which lists have not."""
        return not self._lists

    def volume(self, box: Box) -> int:
        """Return how many points of a box rules hold, where they have none in common."""
        return sum(
            volume(shared) for each in self.boxes if (shared := common(box, each)) is not None
        )

    def widened(self, box: Box, within: Box) -> Box:
        """Return a box that no rule touches, made as wide as may be `within` another."""
        sides = list(box)
        for place, axis in enumerate(self.axes):
            if axis.members is not None:
                continue
            sides[place] = axis.full
            others = self.touched(tuple(sides))
            fits = sum(
                1 << number for number, atom in enumerate(axis.atoms) if not atom.mask & others
            )
            sides[place] = box[place] | within[place] & fits
        return tuple(sides)


class _Unions:
    """The rules of a set of atoms, from a tree of the unions of neighbours."""

    def __init__(self, axis: Axis) -> None:
        self._full = axis.full
        self._size = len(axis.atoms)
        self._known: dict[Side, int] = {}
        tree = [0] * self._size + [atom.mask for atom in axis.atoms]
        for place in range(self._size - 1, 0, -1):
            tree[place] = tree[2 * place] | tree[2 * place + 1]
        self._tree = tree
        self._all = 0
        for atom in axis.atoms:
            self._all |= atom.mask

    def of(self, side: Side) -> int:
        """Return the rules that accept an atom of `side`."""
        if side == self._full:
            return self._all
        known = self._known.get(side)
        if known is None:
            known = 0
            left, start = side, 0
            while left:
                skipped = (left & -left).bit_length() - 1
                left >>= skipped
                length = (~left & (left + 1)).bit_length() - 1
                start += skipped
                known |= self._run(start, start + length)
                left >>= length
                start += length
            self._known[side] = known
        return known

    def _run(self, start: int, end: int) -> int:
        """Return the rules of the atoms from `start` up to `end`, which is left out."""
        tree, mask = self._tree, 0
        low, high = start + self._size, end + self._size
        while low < high:
            if low & 1:
                mask |= tree[low]
                low += 1
            if high & 1:
                high -= 1
                mask |= tree[high]
            low >>= 1
            high >>= 1
        return mask
