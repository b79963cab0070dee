"""A column of a table as regions: for each part of its values, the rules that accept it.

A set of rules is an int, a *mask*: bit `n` for rule `n`. A rule whose cell is no set of parts
stands in every mask, and in `open`: its cell has to be asked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pydmn.feel import ast
from pydmn.feel.types import BasicType
from pydmn.plan.logic import Cell
from pydmn.tables.accepted import Accepts, Column, verdict
from pydmn.tables.cells import INPUT, Constants, literal, rank, ranked


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


def region(column: Column, rules: Sequence[Sequence[int]]) -> Region:
    """Return the region of a column; `rules` are the numbers of the rules that have each cell."""
    size = 1 + max((numbers[-1] for numbers in rules if numbers), default=0)
    pairs = [*zip(column.cells, rules, strict=True)]
    null = mask_of((numbers for cell, numbers in pairs if cell.null), size)
    first = mask_of((numbers for cell, numbers in pairs if cell.first), size)
    opened = tuple(mask_of([numbers], size) for cell, numbers in pairs if cell.open)
    at = _turning((cell.at, numbers) for cell, numbers in pairs)
    if not column.ordered:
        points = {value: first ^ mask_of(found, size) for value, found in at.items()}
        return Region(column.kind, null, points, first, open=opened)
    beyond = _turning((cell.beyond, numbers) for cell, numbers in pairs)
    cuts = ranked({*at, *beyond}, column.kind)
    row = bytearray(first.to_bytes(size // 8 + 1, "little"))
    between = [first]
    for cut in cuts:
        between.append(_turned(row, at.get(cut, ()), between[-1]))
        between.append(_turned(row, beyond.get(cut, ()), between[-1]))
    return Region(column.kind, null, {}, first, tuple(cuts), tuple(between), opened)


def verdicts(holds: Callable[[Any], bool | None], found: Constants, kind: BasicType) -> Region:
    """Return the region of a condition: its masks are 1 where it holds, 2 where it is null."""
    return region(verdict(holds, found, kind), ((0,), (1,)))


def mask_of(groups: Iterable[Iterable[int]], size: int) -> int:
    """Return the mask of all rules in `groups`, no two of which share one; all below `size`."""
    row = bytearray(size // 8 + 1)
    for numbers in groups:
        for number in numbers:
            row[number >> 3] ^= 1 << (number & 7)
    return int.from_bytes(row, "little")


def _turning(
    pairs: Iterable[tuple[tuple[Any, ...], Sequence[int]]],
) -> dict[Any, list[Sequence[int]]]:
    """Return, for each value at which cells turn, the rules that have such a cell."""
    found: dict[Any, list[Sequence[int]]] = {}
    for values, numbers in pairs:
        for value in values:
            found.setdefault(value, []).append(numbers)
    return found


def _turned(row: bytearray, groups: Iterable[Iterable[int]], before: int) -> int:
    """Turn the rules of `groups` in `row`, and return its mask; `before` where there are none."""
    if not groups:
        return before
    for numbers in groups:
        for number in numbers:
            row[number >> 3] ^= 1 << (number & 7)
    return int.from_bytes(row, "little")


# --- lists of strings -----------------------------------------------------------------


def members(cells: Sequence[tuple[Cell, Sequence[int]]], accepts: Accepts) -> Members:
    """Return the region of a column over lists of strings; `cells` with the rules of each."""
    null = base = 0
    has: dict[str, int] = {}
    lacks: dict[str, int] = {}
    opened: list[int] = []
    size = 1 + max((numbers[-1] for _, numbers in cells), default=0)
    for cell, numbers in cells:
        mask = mask_of([numbers], size)
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
    it = ast.Name(INPUT)
    match tests.tests:
        case (ast.Call(ast.Name("not"), (inner,)),):
            return asked_members(inner, it)
        case found if found:
            return _union(found, it)
    return None


def asked_members(node: ast.Node, it: ast.Node) -> tuple[str, ...] | None:
    """Return the strings one of which `node` looks for in the list `it`; None for other nodes."""
    match node:
        case ast.NullLiteral():
            return ()
        case ast.Call(ast.Name("list contains"), (base, ast.StringLiteral(value=value))):
            return (value,) if base == it else None
        case ast.Quantified("some", (ast.Iterator(name, source, None),), condition):
            return _among(condition, ast.Name(name)) if source == it and name != INPUT else None
        case ast.Disjunction(operands):
            return _union(operands, it)
    return None


def _union(nodes: Sequence[ast.Node], it: ast.Node) -> tuple[str, ...] | None:
    """Return the strings one of which one of `nodes` looks for; None where one does more."""
    found = [asked_members(node, it) for node in nodes]
    names = [each for each in found if each is not None]
    return tuple(chain.from_iterable(names)) if len(names) == len(found) else None


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
