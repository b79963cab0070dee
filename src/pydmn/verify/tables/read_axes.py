"""Reading the axes of a table off its columns: what they test, and the atoms of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydmn.feel import ast
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    LIST,
    NULL,
    STRING,
    BasicType,
    ContextType,
    ListType,
    Type,
)
from pydmn.feel.values import type_of
from pydmn.plan.logic import Cell, Feel, Input, Item, Step, Table
from pydmn.plan.results import result_type
from pydmn.plan.view import NOT_CONSTANT, constant
from pydmn.source import Source
from pydmn.tables import accepted
from pydmn.tables.accepted import Accepts
from pydmn.tables.cells import REGIONS, Constants, constants
from pydmn.tables.regions import Members as RegionOfMembers
from pydmn.tables.regions import Region, members, region
from pydmn.verify.tables.axes import (
    SINGLE,
    Atom,
    Axes,
    Axis,
    Domain,
    Members,
    Path,
    Unread,
    bits,
    mask_of,
)
from pydmn.verify.tables.boxes import Side
from pydmn.verify.tables.pieces import Piece, listed, pieces

_ANYTHING = Cell(ast.UnaryTests(any=True), Source("-"))
_KEPT = 6
"""So many values of an atom are kept."""


def read_axes(
    table: Table, requires: Mapping[str, Step], accepts: Accepts, *, joined: bool = True
) -> Axes:
    """Return the axes of `table`; `requires` are the steps that it reads, by name.

    Atoms that no rule tells apart are one where they are `joined`; else there is one for each
    constant and one between two, in their order.
    """
    reader = _Reader(table, requires, accepts, joined=joined)
    groups: dict[Any, list[int]] = {}
    for position, column in enumerate(table.inputs):
        path = path_of(column.expression, requires)
        node = column.expression.node if isinstance(column.expression, Feel) else position
        groups.setdefault(path or node, []).append(position)
    axes = [axis for positions in groups.values() for axis in reader.axes(tuple(positions))]
    return Axes(tuple(axes), tuple(reader.unread))


def path_of(logic: Any, requires: Mapping[str, Step]) -> Path | None:
    """Return the path that an expression is, or None where it is anything more."""
    node = logic.node if isinstance(logic, Feel) else None
    entries: list[str] = []
    while isinstance(node, ast.Path):
        entries.append(node.name)
        node = node.base
    if not isinstance(node, ast.Name) or node.name not in requires:
        return None
    step = requires[node.name]
    answers_list = isinstance(step.logic, Table) and step.logic.hit_policy not in SINGLE
    has_entries = step.item.type == ANY or isinstance(step.item.type, ContextType)
    if entries and (answers_list or not has_entries):
        return None  # the entries of a list's items, or what a date is made of
    return (node.name, *reversed(entries))


class _Reader:
    """Reads the columns of one table."""

    def __init__(
        self, table: Table, requires: Mapping[str, Step], accepts: Accepts, *, joined: bool
    ) -> None:
        self._join = _joined if joined else tuple
        self._table = table
        self._requires = requires
        self._accepts = accepts
        self._every = (1 << len(table.rules)) - 1
        self.unread: list[Unread] = []

    def axes(self, positions: tuple[int, ...]) -> list[Axis]:
        """Return the axes of columns that have one expression."""
        column = self._table.inputs[positions[0]]
        path = path_of(column.expression, self._requires)
        concluded = None if path is None else self._concluded(path)
        types = self._types(positions, path)
        if len(types) > 1:
            # What one column takes is null to the other, by its type.
            return [self._scalar(positions, path, ANY, None)]
        type_ = types.pop() if types else self._compared(positions, concluded)
        if isinstance(type_, ListType):
            return self._lists(positions, path, type_)
        return [self._scalar(positions, path, type_, concluded)]

    # --- what values there are ---------------------------------------------------------

    def _types(self, positions: tuple[int, ...], path: Path | None) -> set[Type]:
        """Return the types that are declared, or certain, for what columns test."""
        found: list[Type] = [self._item(path).type]
        for position in positions:
            column = self._table.inputs[position]
            found += [column.item.type, result_type(column.expression)]
        return {LIST if isinstance(each, ListType) and each.element == ANY else each
                for each in found if each not in (ANY, NULL)}  # fmt: skip

    def _compared(self, positions: tuple[int, ...], concluded: tuple[Any, ...] | None) -> Type:
        """Return the type of what is concluded, or of what the cells compare with."""
        found = {type_of(value) for value in concluded or () if value is not None}
        if len(found) == 1:
            return found.pop()
        cells = [cell for position in positions for cell, _ in self._cells(position)]
        compared = [
            kind
            for kind in sorted(REGIONS, key=str)
            if any((read := constants(each.tests, kind)) and read.values for each in cells)
        ]
        if len(compared) == 1:
            return compared[0]
        asked = any(_asks_members(members([(each, (0,))], self._accepts)) for each in cells)
        return LIST if asked and not compared else ANY

    def _item(self, path: Path | None) -> Item:
        """Return what is asked of the value at a path."""
        item = Item()
        if path is not None:
            item = self._requires[path[0]].item
            for name in path[1:]:
                item = next((each for entry, each in item.entries if entry == name), Item())
        return item

    def _concluded(self, path: Path) -> tuple[Any, ...] | None:
        """Return what a decision can conclude at a path, null beside; None where it is not known.

        That is written in the rules of a table that answers with one of them.
        """
        table = self._requires[path[0]].logic
        if not isinstance(table, Table) or table.hit_policy not in SINGLE or len(path) > 2:
            return None
        if (len(table.outputs) == 1) is not (len(path) == 1):
            return None
        place = next(
            (n for n, each in enumerate(table.outputs) if len(path) == 1 or each.name == path[1]),
            None,
        )
        if place is None:
            return ()
        values = [constant(rule.outputs[place]) for rule in table.rules]
        if (default := table.outputs[place].default) is not None:
            values.append(constant(default))
        plain = all(value is not NOT_CONSTANT and not isinstance(value, list) for value in values)
        return tuple(dict.fromkeys(values)) if plain else None

    def _domain(self, positions: Iterable[int], path: Path | None) -> list[tuple[Cell, int]]:
        """Return the allowed values of columns and of what they name, each with its column."""
        found: dict[int, tuple[Cell, int]] = {}
        for position in positions:
            column = self._table.inputs[position]
            item = self._item(path)
            for cell in (
                column.allowed,
                column.item.allowed,
                column.item.constraint,
                item.allowed,
                item.constraint,
            ):
                if cell is not None and not cell.tests.any:
                    found[id(cell)] = (cell, position)
        return list(found.values())

    def _cells(self, position: int) -> list[tuple[Cell, list[int]]]:
        """Return the cells of a column, each once with the numbers of its rules."""
        found: dict[int, tuple[Cell, list[int]]] = {}
        for number, rule in enumerate(self._table.rules):
            cell = rule.cells[position]
            found.setdefault(id(cell), (cell, []))[1].append(number)
        return list(found.values())

    # --- single values -----------------------------------------------------------------

    def _scalar(
        self,
        positions: tuple[int, ...],
        path: Path | None,
        type_: Type,
        concluded: tuple[Any, ...] | None,
    ) -> Axis:
        """Return the axis of columns that test single values."""
        count = len(self._table.rules)
        kind = type_ if isinstance(type_, BasicType) and type_ in REGIONS else None
        places = [
            (cell, position, rules, [number + place * count for number in rules])
            for place, position in enumerate(positions)
            for cell, rules in self._cells(position)
        ]
        domain = self._domain(positions, path)
        top = len(positions) * count
        for number, (cell, position) in enumerate(domain):
            places.append((cell, position, [], [top + number]))
        found, unread = self._region([(each[0], each[3]) for each in places], kind)
        opened = 0
        for each in unread:
            cell, position, rules, _ = places[each]
            mask = mask_of(rules)
            if mask or listed(cell) is None:
                self.unread.append(Unread(cell, position, mask))
            opened |= mask
        declared = values = _narrowest(listed(cell) for cell, _ in domain)
        if values is None:
            values = concluded
        if values is not None and kind is not None:
            values = tuple(value for value in values if type_of(value) == kind)
        asks = [] if _never_null(self._table.inputs[positions[0]]) else [None]
        parts = [Piece(null, found.null, named=True) for null in asks]
        if values is not None:
            parts += [Piece(v, found.mask(v), named=True) for v in values if v is not None]
        elif kind is None:
            # Cells of this type ask for null alone, and a truth value is as good as another.
            parts.append(Piece(True, found.mask(True), named=True))
        else:
            parts += pieces(found, whole=_counts(self._table.inputs[positions[0]]))
        checks = [self._accepts(cell) for cell, _ in domain]
        asking = mask_of(
            number for cell, _, rules, _ in places if not cell.tests.any for number in rules
        )
        atoms = []
        for part in parts:
            if part.value is not None and part.mask >> top != (1 << len(domain)) - 1:
                continue
            allowed = part.value is None or all(check(part.value) for check in checks)
            if values is not None and not allowed:
                continue
            mask = self._every
            for place in range(len(positions)):
                mask &= part.mask >> place * count
            named = part.named or bool(domain) or bool(mask & asking)
            atoms.append(Atom((part.value,) if allowed else (), mask, named))
        known = None
        if domain and kind is not None:
            known = Domain(kind, tuple(cell for cell, _ in domain), declared)
        parted = Constants(found.cuts or tuple(found.points), ordered=bool(found.cuts))
        return self._axis(positions, path, self._join(atoms), opened, known, parted)

    def _region(
        self, cells: Sequence[tuple[Cell, Sequence[int]]], kind: BasicType | None
    ) -> tuple[Region, list[int]]:
        """Return the region of cells with their numbers, and the places of those it cannot hold."""
        unread = []
        if kind is None:
            kind = BOOLEAN
            unread = [place for place, (cell, _) in enumerate(cells) if not _asks_for_null(cell)]
            held = {*unread}
            cells = [
                (_ANYTHING if place in held else cell, numbers)
                for place, (cell, numbers) in enumerate(cells)
            ]
        read = accepted.column([cell for cell, _ in cells], kind, self._accepts)
        unread += [place for place, cell in enumerate(read.cells) if cell.open]
        return region(read, [numbers for _, numbers in cells]), unread

    # --- lists -------------------------------------------------------------------------

    def _lists(self, positions: tuple[int, ...], path: Path | None, type_: ListType) -> list[Axis]:
        """Return the axes of columns over a list: one for each set of members asked for."""
        place = path or (f"?{positions[0]}",)
        sets: dict[frozenset[str], list[tuple[int, Side]]] = {}
        opened = 0
        allowed = self._members_allowed(positions, path)
        for position in positions:
            for cell, rules in self._cells(position):
                if cell.tests.any:
                    continue
                mask = mask_of(rules)
                found = members([(cell, (0,))], self._accepts)
                if found.open or type_.element not in (STRING, ANY):
                    self.unread.append(Unread(cell, position, mask))
                    opened |= mask
                    continue
                wanted = frozenset({*found.has, *found.lacks})
                if allowed is not None:
                    wanted &= allowed
                # Of null, a list without the members, a list with one of them.
                empty = bool(found.base)
                has = bool(found.has) or (empty and not found.lacks)
                side = found.null | empty << 1 | has << 2
                sets.setdefault(wanted, []).append((mask, side))
        column = self._table.inputs[positions[0]]
        if not sets:
            sets[frozenset()] = []
        domain = None if allowed is None else Domain(STRING, (), tuple(sorted(allowed)))
        axes = []
        for wanted, asked in sets.items():
            atoms = [Atom((None,), 0, named=True), Atom((), 0, named=False)]
            if wanted:
                atoms.append(Atom((), 0, named=True))
            full = (1 << len(atoms)) - 1
            sides = [full] * len(self._table.rules)
            for mask, side in asked:
                for number in bits(mask):
                    sides[number] &= side
            masks = [
                sum(1 << number for number, side in enumerate(sides) if side >> n & 1)
                for n in range(len(atoms))
            ]
            known = tuple(
                Atom(atom.values, mask, atom.named) for atom, mask in zip(atoms, masks, strict=True)
            )
            axes.append(
                Axis(
                    _text(column),
                    positions,
                    path,
                    self._reads(column),
                    known,
                    tuple(sides),
                    opened,
                    Members(place, wanted),
                    domain,
                )
            )
        return axes

    def _members_allowed(
        self, positions: tuple[int, ...], path: Path | None
    ) -> frozenset[str] | None:
        """Return the members that lists may have, where they are listed."""
        items = [self._table.inputs[position].item for position in positions]
        items.append(self._item(path))
        cells = [cell for item in items for cell in (item.allowed, _element(item)) if cell]
        for position in positions:
            column = self._table.inputs[position]
            for cell in (column.allowed, column.item.constraint):
                if cell is not None:
                    self.unread.append(Unread(cell, position, 0))
        for cell in cells:
            if listed(cell) is None:
                self.unread.append(Unread(cell, positions[0], 0))
        values = _narrowest(map(listed, cells))
        return None if values is None else frozenset(v for v in values if isinstance(v, str))

    # --- axes --------------------------------------------------------------------------

    def _reads(self, column: Input) -> frozenset[str]:
        logic = column.expression
        if not isinstance(logic, Feel):
            return frozenset(self._requires)
        names = {node.name for node in ast.walk(logic.node) if isinstance(node, ast.Name)}
        return frozenset(names & self._requires.keys())

    def _axis(
        self,
        positions: tuple[int, ...],
        path: Path | None,
        atoms: tuple[Atom, ...],
        opened: int,
        domain: Domain | None,
        parted: Constants,
    ) -> Axis:
        column = self._table.inputs[positions[0]]
        sides = [0] * len(self._table.rules)
        before = 0
        for number, atom in enumerate(atoms):
            # What a rule accepts is mostly a run of atoms: only its ends are visited.
            for rule in bits(atom.mask ^ before):
                sides[rule] ^= -1 << number
            before = atom.mask
        for rule in bits(before):
            sides[rule] ^= -1 << len(atoms)
        return Axis(
            _text(column),
            positions,
            path,
            self._reads(column),
            atoms,
            tuple(sides),
            opened,
            domain=domain,
            constants=parted,
        )


def _text(column: Input) -> str:
    text = column.expression.source.text if isinstance(column.expression, Feel) else ""
    return text.strip() or column.label


def _asks_for_null(cell: Cell) -> bool:
    return cell.tests.any or all(isinstance(test, ast.NullLiteral) for test in cell.tests.tests)


def _asks_members(found: RegionOfMembers) -> bool:
    return bool(found.has or found.lacks)


def _element(item: Item) -> Cell | None:
    return item.element.allowed if item.element is not None else None


def _narrowest(lists: Iterable[tuple[Any, ...] | None]) -> tuple[Any, ...] | None:
    """Return the values of the first list; what the others leave out is left out elsewhere."""
    return next((values for values in lists if values is not None), None)


def _counts(column: Input) -> bool:
    """Say whether a column counts something, so that its values are 0, 1, 2, ..."""
    logic = column.expression
    match logic.node if isinstance(logic, Feel) else None:
        case ast.Call(ast.Name("count" | "string length")):
            return True
    return False


def _never_null(column: Input) -> bool:
    """Say whether a column is a comparison with null, which is true or false."""
    logic = column.expression
    match logic.node if isinstance(logic, Feel) else None:
        case ast.Comparison("=" | "!=", left, right):
            return isinstance(left, ast.NullLiteral) or isinstance(right, ast.NullLiteral)
    return False


def _joined(atoms: Iterable[Atom]) -> tuple[Atom, ...]:
    """Return atoms with those that no rule tells apart as one."""
    found: dict[tuple[int, bool, bool], Atom] = {}
    for atom in atoms:
        key = (atom.mask, atom.named, atom.null)
        known = found.get(key)
        if known is None:
            found[key] = atom
        elif len(known.values) < _KEPT:
            found[key] = Atom((*known.values, *atom.values), atom.mask, atom.named)
    return tuple(found.values())
