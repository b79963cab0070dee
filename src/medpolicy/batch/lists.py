"""Lists of codes to the numbers of an input: by their members where those are all there is.

The members of a row that have a say are the bits of one number; rows with the same bits have
the same class. Where the order of members counts too, or there are too many classes for bits,
the few rows with such members are gone through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

import pydmn
from medpolicy.batch.coding import Coded, Codes, Flags, distinct, numbered

_BITS: Final = 60
_KEPT: Final = 1 << 17
"""So many members and lists are remembered."""


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """The members of lists: member `n` is in the list of row `rows[n]`, rows ascending."""

    members: Coded
    rows: Codes
    count: int

    def only(self, which: Flags) -> Within:
        """Return the lists with some of their members."""
        places = np.flatnonzero(which)
        return Within(self.members.at(places), self.rows[places], self.count)


class Lists:
    """The numbers of lists, for one outlook."""

    def __init__(self, outlook: pydmn.Outlook) -> None:
        self._outlook = outlook
        self._classes: dict[tuple[str, int | None], _Classes] = {}

    def numbers(self, name: str, within: Within, beside: Coded | None) -> Coded:
        """Return the number of each row's list; `beside` are those of the input beside it."""
        if beside is None:
            return self._classes_of(name, None).numbers(within)
        used = np.flatnonzero(np.bincount(beside.codes, minlength=len(beside.values))).tolist()
        if len(used) == 1:
            return self._classes_of(name, beside.values[used[0]]).numbers(within)
        found = np.empty(within.count, np.intp)
        values: list[int] = []
        for code in used:
            mine = beside.codes == code
            new = np.cumsum(mine) - 1
            part = within.only(mine[within.rows])
            lists = Within(part.members, new[part.rows], int(np.count_nonzero(mine)))
            numbers = self._classes_of(name, beside.values[code]).numbers(lists)
            found[mine] = numbers.codes + len(values)
            values += numbers.values
        return distinct(found, values)

    def _classes_of(self, name: str, beside: int | None) -> _Classes:
        found = self._classes.get((name, beside))
        if found is None:
            found = self._classes[name, beside] = _Classes(self._outlook, name, beside)
        return found


class _Classes:
    """The lists of one input."""

    def __init__(self, outlook: pydmn.Outlook, name: str, beside: int | None) -> None:
        self._outlook = outlook
        self._name = name
        self._beside = beside
        self._members = outlook.members(name, beside)
        self._known: dict[str, int] = {}
        self._lists: dict[tuple[tuple[int, ...], bool], int] = {}

    def numbers(self, within: Within) -> Coded:
        """Return the number of each row's list."""
        if self._members is None:
            return self._one_by_one(within)
        members = within.members
        used = np.flatnonzero(np.bincount(members.codes, minlength=len(members.values)))
        classes = np.zeros(len(members.values), np.intp)
        classes[used] = [self._class_of(members.values[code]) for code in used.tolist()]
        of_member = classes.take(members.codes)
        there = np.zeros(within.count, np.bool_)
        there[within.rows] = True
        most = int(classes.max(initial=0))
        if self._members.ordered or most > _BITS:
            return self._by_members(within, of_member, there)
        # The lowest bit says that there are members.
        bits = there.astype(np.intp)
        said = np.flatnonzero(of_member)
        if len(said):
            rows = within.rows[said]
            first = np.flatnonzero(np.diff(rows, prepend=-1))
            bits[rows[first]] |= np.bitwise_or.reduceat(1 << of_member[said], first)
        found = numbered(bits, 2 << most)
        values = [
            self._number(_set(each >> 1), empty=not each) for each in bits[found.rows].tolist()
        ]
        return distinct(found.codes, values)

    def _by_members(self, within: Within, of_member: Codes, there: Flags) -> Coded:
        """Return the numbers, going through the rows that have a member with a say."""
        assert self._members is not None
        ordered = self._members.ordered
        found = np.where(there, self._number((), empty=False), self._number((), empty=True))
        said = np.flatnonzero(of_member)
        rows = within.rows[said]
        ends = np.flatnonzero(np.diff(rows, append=-1)) + 1
        start = 0
        for end in ends.tolist():
            # A request names each code once.
            codes = dict.fromkeys(within.members.codes[said[start:end]].tolist())
            classes = [self._class_of(within.members.values[code]) for code in codes]
            key = tuple(classes) if ordered else tuple(sorted(set(classes)))
            found[rows[start]] = self._number(key, empty=False)
            start = end
        return _numbers(found)

    def _one_by_one(self, within: Within) -> Coded:
        """Return the numbers of lists that are more than their members."""
        lists: list[dict[str, None]] = [{} for _ in range(within.count)]
        for row, code in zip(within.rows.tolist(), within.members.codes.tolist(), strict=True):
            lists[row][within.members.values[code]] = None
        known = [self._outlook.number(self._name, list(each), self._beside) for each in lists]
        return _numbers(np.array(known, np.intp))

    def _class_of(self, member: str | None) -> int:
        if member is None:
            return 0  # of a row that is not good
        found = self._known.get(member)
        if found is None:
            assert self._members is not None
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[member] = self._members.of(member)
        return found

    def _number(self, classes: tuple[int, ...], *, empty: bool) -> int:
        found = self._lists.get((classes, empty))
        if found is None:
            assert self._members is not None
            if len(self._lists) >= _KEPT:
                self._lists.clear()
            found = self._members.number(classes, empty=empty)
            self._lists[classes, empty] = found
        return found


def _numbers(each: Codes) -> Coded:
    found = numbered(each, int(each.max(initial=0)) + 1)
    return Coded(found.codes, each[found.rows].tolist())


def _set(bits: int) -> tuple[int, ...]:
    return tuple(_places(bits))


def _places(bits: int) -> Iterable[int]:
    """Yield the places of the bits that are set, from 1."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length()
        bits ^= lowest
