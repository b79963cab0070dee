"""A column of a table as regions: for each part of its values, the rules that accept it.

A set of rules is an int, a *mask*: bit `n` for rule `n`. A rule whose cell is no set of parts
stands in every mask, and in `open`: its cell has to be asked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from pydmn.feel import ast
from pydmn.feel.temporal import Date
from pydmn.feel.types import BOOLEAN, DATE, NUMBER, STRING, BasicType
from pydmn.plan.logic import Cell
from pydmn.tables.cells import INPUT, Constants, after, before, constants, literal, rank

Accepts: TypeAlias = Callable[[Cell], Callable[[Any], bool]]
"""Returns what says whether a cell accepts a value."""


@dataclass(frozen=True, slots=True)
class Region:
    """A column over values of one kind.

    Without `cuts`, a value accepts `points[value]`, and one that is no point `other`. With
    cuts, ascending, `between` has a mask for the values below the first, at the first, between
    the first and the second, and so on: twice as many as there are cuts, and one more.
    """

    kind: BasicType
    null: int
    points: Mapping[Any, int]
    other: int
    cuts: tuple[Any, ...] = ()
    between: tuple[int, ...] = ()
    open: tuple[int, ...] = ()

    def mask(self, value: Any) -> int:
        """Return the rules that accept `value`, which is of the region's kind or null."""
        if value is None:
            return self.null
        if not self.cuts:
            return self.points.get(value, self.other)
        places = [rank(cut) for cut in self.cuts]
        at = rank(value)
        return self.between[bisect_left(places, at) + bisect_right(places, at)]


@dataclass(frozen=True, slots=True)
class Members:
    """A column over lists of strings, tested for what they have among them.

    A list accepts `base`, and the rules that `has` gives for its members, without those that
    `lacks` gives for them.
    """

    null: int
    base: int
    has: Mapping[str, int]
    lacks: Mapping[str, int]
    open: tuple[int, ...] = ()

    def mask(self, value: Sequence[str] | None) -> int:
        """Return the rules that accept the list `value`."""
        if value is None:
            return self.null
        mask, without = self.base, 0
        for member in value:
            mask |= self.has.get(member, 0)
            without |= self.lacks.get(member, 0)
        return mask & ~without


_Read: TypeAlias = tuple[Callable[[Any], bool], int, Constants]
"""A cell that is known: what it accepts, the mask of its rules, its constants."""


def region(cells: Sequence[tuple[Cell, int]], kind: BasicType, accepts: Accepts) -> Region:
    """Return the region of a column; `cells` have the mask of the rules with that cell."""
    null = other = 0
    opened: list[int] = []
    read: list[_Read] = []
    for cell, mask in cells:
        if cell.tests.any:
            null |= mask
            other |= mask
            continue
        found = constants(cell.tests, kind)
        if found is None:
            null |= mask
            other |= mask
            opened.append(mask)
            continue
        holds = accepts(cell)
        if holds(None):
            null |= mask
        read.append((holds, mask, found))
    return _region(read, kind, null, other, tuple(opened))


def verdicts(holds: Callable[[Any], bool | None], found: Constants, kind: BasicType) -> Region:
    """Return the region of a condition: its masks are 1 where it holds, 2 where it is null."""
    read: list[_Read] = [
        (lambda value: holds(value) is True, 1, found),
        (lambda value: holds(value) is None, 2, found),
    ]
    null = sum(mask for accepts, mask, _ in read if accepts(None))
    return _region(read, kind, null, 0, ())


def _region(
    read: Sequence[_Read], kind: BasicType, null: int, other: int, opened: tuple[int, ...]
) -> Region:
    """Return a region; `other` are the rules whose cells accept anything."""
    toggles: dict[Any, int] = {}
    # Of the two truth values neither comes first, whatever a cell asks.
    if kind != BOOLEAN and any(found.ordered for _, _, found in read):
        return _ordered(read, kind, null, other, opened)
    for holds, mask, found in read:
        values = (True, False) if kind == BOOLEAN else found.values
        elsewhere = kind != BOOLEAN and holds(_unlike(values, kind))
        if elsewhere:
            other |= mask
        for value in values:
            if holds(value) is not elsewhere:
                toggles[value] = toggles.get(value, 0) ^ mask
    points = {value: other ^ mask for value, mask in toggles.items()}
    return Region(kind, null, points, other, open=opened)


_SOME: Mapping[BasicType, Any] = {STRING: "", NUMBER: Decimal(0), DATE: Date(1970, 1, 1)}
"""A value of each kind."""


def _unlike(values: Sequence[Any], kind: BasicType) -> Any:
    """Return a value of `kind` that is none of `values`."""
    if not values:
        return _SOME[kind]
    greatest = after(max(values, key=rank))
    return before(min(values, key=rank)) if greatest is None else greatest


def _ordered(
    read: Sequence[_Read],
    kind: BasicType,
    null: int,
    everywhere: int,
    opened: tuple[int, ...],
) -> Region:
    """Return a region with cuts; `everywhere` are the rules whose cells accept anything."""
    lowest = everywhere
    at: dict[Any, int] = {}
    beyond: dict[Any, int] = {}
    for holds, mask, found in read:
        cuts = sorted(found.values, key=rank)
        first = before(cuts[0]) if cuts else _SOME[kind]
        accepted = first is not None and holds(first)
        if accepted:
            lowest |= mask
        for number, cut in enumerate(cuts):
            here = holds(cut)
            if here is not accepted:
                at[cut] = at.get(cut, 0) ^ mask
            after_it = after(cut)
            following = cuts[number + 1] if number + 1 < len(cuts) else None
            if after_it is None or (following is not None and rank(after_it) >= rank(following)):
                accepted = here  # no value lies between
                continue
            accepted = holds(after_it)
            if accepted is not here:
                beyond[cut] = beyond.get(cut, 0) ^ mask
    edges = sorted((cut for cut in {*at, *beyond} if at.get(cut) or beyond.get(cut)), key=rank)
    mask = lowest
    between = [mask]
    for cut in edges:
        mask ^= at.get(cut, 0)
        between.append(mask)
        mask ^= beyond.get(cut, 0)
        between.append(mask)
    return Region(kind, null, {}, lowest, tuple(edges), tuple(between), opened)


# --- lists of strings -----------------------------------------------------------------


def members(cells: Sequence[tuple[Cell, int]], accepts: Accepts) -> Members:
    """Return the region of a column over lists of strings; `cells` as for `region`."""
    null = base = 0
    has: dict[str, int] = {}
    lacks: dict[str, int] = {}
    opened: list[int] = []
    for cell, mask in cells:
        if cell.tests.any:
            null |= mask
            base |= mask
            continue
        named = _members(cell.tests)
        holds = accepts(cell)
        empty = named is not None and holds([])
        if named is None or any(holds([each]) is empty for each in named):
            null |= mask
            base |= mask
            opened.append(mask)
            continue
        if holds(None):
            null |= mask
        if empty:
            base |= mask
        changed = lacks if empty else has
        for each in named:
            changed[each] = changed.get(each, 0) | mask
    return Members(null, base, has, lacks, tuple(opened))


def _members(tests: ast.UnaryTests) -> tuple[str, ...] | None:
    """Return the strings one of which a cell looks for in a list, or None for another cell."""
    if len(tests.tests) != 1:
        return None
    (node,) = tests.tests
    it = ast.Name(INPUT)
    match node:
        case ast.Call(ast.Name("not"), (ast.Call() | ast.Quantified() as inner,)):
            node = inner
        case _:
            pass
    match node:
        case ast.NullLiteral():
            return ()
        case ast.Call(ast.Name("list contains"), (base, ast.StringLiteral(value=value))):
            return (value,) if base == it else None
        case ast.Quantified("some", (ast.Iterator(name, source, None),), condition):
            return _among(condition, ast.Name(name)) if source == it and name != INPUT else None
    return None


def _among(condition: ast.Node, member: ast.Name) -> tuple[str, ...] | None:
    """Return the strings that `condition` compares `member` with, for equality with one."""
    match condition:
        case ast.Comparison("=", value, ast.StringLiteral(value=text)) if value == member:
            return (text,)
        case ast.In(value, tests) if value == member:
            found = [literal(test) for test in tests]
            if all(known and isinstance(text, str) for known, text in found):
                return tuple(text for _, text in found)
    return None
