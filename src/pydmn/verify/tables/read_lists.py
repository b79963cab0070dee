"""The axes of a list that is asked for its members: one for each set of members asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydmn.feel import ast
from pydmn.feel.types import ANY, STRING, ListType
from pydmn.plan.logic import Cell, Item
from pydmn.tables.accepted import Accepts
from pydmn.tables.regions import members
from pydmn.verify.tables.axes import Atom, Axis, Domain, Members, Path, Unread, bits, mask_of
from pydmn.verify.tables.boxes import Side
from pydmn.verify.tables.columns import Columns
from pydmn.verify.tables.pieces import listed

_NULL: Final = 1
_WITHOUT: Final = 2
_WITH: Final = 4
_WHATEVER: Final = _NULL | _WITHOUT | _WITH
"""The sides of an axis: null, a list without the members asked for, a list with one of them."""

FOREIGN: Final[list[Any]] = [{}]
"""A list of what is no string."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of three a rule accepts: null, a list without `members`, a list with one of them."""

    members: frozenset[str]
    rules: int
    side: Side


def list_axes(
    columns: Columns,
    plain: tuple[int, ...],
    asking: tuple[int, ...],
    path: Path | None,
    type_: ListType,
    asked_by: Iterable[Wanted],
    unread: list[Unread],
) -> Iterator[Axis]:
    """Yield the axes of one list: of the columns `plain`, which test it, and of those `asking`.

    What the cells of `asking` want is `asked_by`. Cells that ask for more than members are added to
    `unread`.
    """
    wanted = [*asked_by]
    opened = 0
    for position in plain:
        for cell, rules in columns.cells(position):
            found = _wanted(cell, mask_of(rules), type_, columns.accepts)
            if found is None:
                unread.append(Unread(cell, position, mask_of(rules)))
                opened |= mask_of(rules)
            else:
                wanted += found
    allowed = _members_allowed(columns, (*plain, *asking), path, unread)
    sets: dict[frozenset[str], list[Wanted]] = {}
    for each in wanted:
        names = each.members if allowed is None else each.members & allowed
        sets.setdefault(names, []).append(each)
    domain = None if allowed is None else Domain(STRING, (), tuple(sorted(allowed, key=str)))
    place = path or (f"?{plain[0]}",)
    for names, asked in sets.items() or ((frozenset[str](), []),):
        atoms, sides = _atoms(len(columns.table.rules), names, asked)
        yield Axis(
            ".".join(place) if asking else columns.text(plain[0]),
            (*plain, *asking),
            path,
            columns.reads((*plain, *asking)),
            atoms,
            sides,
            opened,
            Members(place, names),
            domain,
            asking=frozenset(asking),
        )


def asks_members(cell: Cell, accepts: Accepts) -> bool:
    """Say whether a cell asks a list for its members."""
    found = members([(cell, (0,))], accepts)
    return bool(found.has or found.lacks)


def _wanted(cell: Cell, rules: int, type_: ListType, accepts: Accepts) -> list[Wanted] | None:
    """Return what a cell asks of a list, all of which it must meet; None where it is more."""
    if cell.tests.any:
        return []
    if type_.element not in (STRING, ANY):
        return None
    parts = [cell]
    match cell.tests:
        case ast.UnaryTests((ast.Conjunction(operands),), negated=False):
            parts = [Cell(ast.UnaryTests((each,)), cell.source, cell.types) for each in operands]
    wanted = []
    for part in parts:
        found = members([(part, (0,))], accepts)
        holds = accepts(part)
        if found.open or (type_.element == ANY and holds(FOREIGN) is not holds([])):
            return None
        empty = bool(found.base)
        has = bool(found.has) or (empty and not found.lacks)
        side = found.null | empty << 1 | has << 2
        wanted.append(Wanted(frozenset({*found.has, *found.lacks}), rules, side))
    return wanted


def _members_allowed(
    columns: Columns, positions: tuple[int, ...], path: Path | None, unread: list[Unread]
) -> frozenset[str] | None:
    """Return the members that lists may have, where they are listed."""
    inputs = [columns.table.inputs[position] for position in positions]
    items = [columns.item(path), *(column.item for column in inputs)]
    of_members = [cell for item in items for cell in (item.allowed, _element(item)) if cell]
    of_lists = [cell for item in items if (cell := item.constraint)]
    of_lists += [cell for column in inputs if (cell := column.allowed)]
    known = [values for cell in of_members if (values := listed(cell)) is not None]
    hidden = [*of_lists, *(cell for cell in of_members if listed(cell) is None)]
    unread += (Unread(cell, positions[0], 0) for cell in hidden)
    if not known:
        return None
    return frozenset.intersection(*map(frozenset, known))


def _element(item: Item) -> Cell | None:
    return item.element.allowed if item.element is not None else None


def _atoms(
    count: int, wanted: frozenset[str], asked: Iterable[Wanted]
) -> tuple[tuple[Atom, ...], tuple[Side, ...]]:
    """Return the atoms of an axis, and the side of each of so many rules."""
    values: list[tuple[tuple[Any, ...], bool]] = [((None,), True), ((), False)]
    if wanted:
        values.append(((), True))
    sides = [(1 << len(values)) - 1] * count
    for each in asked:
        for number in bits(each.rules):
            sides[number] &= each.side
    atoms = tuple(
        Atom(known, mask_of(n for n, side in enumerate(sides) if side >> place & 1), named)
        for place, (known, named) in enumerate(values)
    )
    return atoms, tuple(sides)
