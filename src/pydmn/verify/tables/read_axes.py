"""Reading the axes of a table off its columns: what they test, and the atoms of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any, Protocol, TypeAlias

from pydmn.feel import ast
from pydmn.feel.types import ANY, LIST, NULL, BasicType, ListType, Type, conforms
from pydmn.feel.values import type_of
from pydmn.plan.logic import Cell, Feel, Input, Step, Table
from pydmn.plan.results import result_type
from pydmn.tables.accepted import Accepts
from pydmn.tables.cells import REGIONS, literal
from pydmn.verify.tables.answers import is_fixed
from pydmn.verify.tables.asked import ANYTHING, Asked, kinds_of
from pydmn.verify.tables.axes import (
    Atom,
    Axes,
    Axis,
    Domain,
    Given,
    Path,
    Unread,
    bits,
    mask_of,
)
from pydmn.verify.tables.boxes import Spent
from pydmn.verify.tables.columns import Columns, path_of_node
from pydmn.verify.tables.pieces import Piece, listed
from pydmn.verify.tables.pools import Pools, distinct, nearest_first, nothing
from pydmn.verify.tables.questions import Question, question
from pydmn.verify.tables.read_lists import FOREIGN, Wanted, asks_members, list_axes

_Key: TypeAlias = tuple[int, bool]
"""The rules that accept an atom, and whether it is null."""

_KEPT = 6
"""So many values of an atom are kept."""

_TRIALS = 1_500
"""So many cases are tried to learn what values come about."""


class Working(Protocol):
    """What works columns out."""

    def worked(self, position: int, given: Mapping[str, Any]) -> Any:
        """Return the value of one column in a case. Raises `Spent`."""
        ...

    def allows(self, name: str, value: Any) -> bool:
        """Say whether what the table reads by a name may have a value."""
        ...


def read_axes(
    table: Table,
    requires: Mapping[str, Step],
    accepts: Accepts,
    working: Working | None = None,
    *,
    joined: bool = True,
) -> Axes:
    """Return the axes of `table`; `requires` are the steps that it reads, by name.

    With `working` a column that only compares one input with constants is on that input's axis, and
    of one that works out something else it is looked which of its values come about. Atoms that no
    rule tells apart are one where they are `joined`; else there is one for each constant and one
    between two, in their order.
    """
    reader = _Reader(Columns(table, requires, accepts), working, joined=joined)
    axes = [*reader.axes()]
    if working is not None:
        axes = [reader.with_ways(axis, axes) for axis in axes]
    unread = {(id(each.cell), each.column): each for each in reader.unread}
    return Axes(tuple(axes), tuple(unread.values()))


class _Reader:
    """Reads the columns of one table."""

    def __init__(self, columns: Columns, working: Working | None, *, joined: bool) -> None:
        self._join = _joined if joined else tuple
        self._columns = columns
        self._inputs = columns.table.inputs
        self._working = working
        self._pools = Pools(columns)
        self._atoms: dict[int, Callable[[Any], _Key | None]] = {}
        self._questions: dict[int, Question] = {}
        self.unread: list[Unread] = []
        """Cells that no axis holds."""

    def axes(self) -> Iterable[Axis]:
        """Yield the axes of all columns."""
        groups: dict[Any, list[int]] = {}
        for position, column in enumerate(self._inputs):
            path = self._columns.path(position) or self._asked(position)
            node = column.expression.node if isinstance(column.expression, Feel) else position
            groups.setdefault(path or node, []).append(position)
        for positions in groups.values():
            plain = tuple(each for each in positions if each not in self._questions)
            asking = tuple(each for each in positions if each in self._questions)
            path = self._questions[asking[0]].path if asking else self._columns.path(plain[0])
            yield from self._group(plain, asking, path)

    def _asked(self, position: int) -> Path | None:
        """Return the path of which a column asks something, and keep what it asks."""
        column = self._inputs[position]
        if self._working is None or not isinstance(column.expression, Feel):
            return None
        if column.allowed is not None or column.item.constrained:
            return None
        if not conforms(result_type(column.expression), column.item.type):
            return None
        requires = self._columns.requires
        found = question(column.expression.node, lambda node: path_of_node(node, requires))
        if found is None:
            return None
        self._questions[position] = found
        return found.path

    def _group(
        self, plain: tuple[int, ...], asking: tuple[int, ...], path: Path | None
    ) -> Iterable[Axis]:
        """Yield the axes of columns that test one expression, or ask something of it."""
        concluded = self._columns.concluded(path)
        types = self._columns.types(plain, path)
        if len(types) > 1:
            # What one column takes is null to the other, by its type.
            yield self._scalar(plain, (), path, NULL, None)
        else:
            type_ = types.pop() if types else self._compared(plain, asking, concluded)
            if isinstance(type_, ListType):
                yield from self._list(plain, asking, path, type_)
                return
            put = tuple(each for each in asking if self._questions[each].members is None)
            if plain or put:
                yield self._scalar(plain, put, path, type_, concluded)
            asking = tuple(each for each in asking if each not in put)
        yield from map(self._alone, asking)

    def _alone(self, position: int) -> Axis:
        """Return the axis of a column whose question is not one for its input's axis."""
        del self._questions[position]
        type_ = result_type(self._inputs[position].expression)
        return self._scalar((position,), (), None, type_, None)

    def _list(
        self, plain: tuple[int, ...], asking: tuple[int, ...], path: Path | None, type_: ListType
    ) -> Iterable[Axis]:
        """Yield the axes of columns that test one list, or ask something of it."""
        wanted: list[Wanted] = []
        put: list[int] = []
        for position in asking:
            asked = self._questions[position]
            if asked.members is None:
                continue
            view = self._view(position, path)
            states = [view.mask(value) for value in (None, [], sorted(asked.members)[:1])]
            if view.opened or (type_.element == ANY and view.mask(FOREIGN) != states[1]):
                continue
            put.append(position)
            for number in range(len(self._columns.table.rules)):
                side = sum(1 << n for n, mask in enumerate(states) if mask >> number & 1)
                wanted.append(Wanted(asked.members, 1 << number, side))
        if plain or put:
            yield from list_axes(self._columns, plain, tuple(put), path, type_, wanted, self.unread)
        yield from (self._alone(position) for position in asking if position not in put)

    def _compared(
        self,
        positions: tuple[int, ...],
        asking: tuple[int, ...],
        concluded: tuple[Any, ...] | None,
    ) -> Type:
        """Return the type of what is concluded, or that of lists where cells ask for members."""
        found = {type_of(value) for value in concluded or () if value is not None}
        if len(found) == 1:
            return found.pop()
        cells = [cell for position in positions for cell, _ in self._columns.cells(position)]
        asked = any(asks_members(each, self._columns.accepts) for each in cells)
        asked = asked or any(self._questions[each].members is not None for each in asking)
        return LIST if asked and not kinds_of(cells) else ANY

    # --- single values -----------------------------------------------------------------

    def _scalar(
        self,
        plain: tuple[int, ...],
        asking: tuple[int, ...],
        path: Path | None,
        type_: Type,
        concluded: tuple[Any, ...] | None,
    ) -> Axis:
        """Return the axis of columns that test values of a type, and of those that ask about them.

        Of values of `NULL`, which are of two types, nothing is asked but whether they are null.
        """
        columns = self._columns
        count = len(columns.table.rules)
        kind = type_ if isinstance(type_, BasicType) and type_ in REGIONS else None
        domain = columns.domain((*plain, *asking), path)
        places = [
            (cell, position, rules, [number + place * count for number in rules])
            for place, position in enumerate(plain)
            for cell, rules in columns.cells(position)
        ]
        top = len(plain) * count
        for number, (cell, position) in enumerate(domain):
            places.append((cell, position, [], [top + number]))
        hidden = {n for n, each in enumerate(places) if type_ == NULL and not _for_null(each[0])}
        found = Asked(
            [(ANYTHING if n in hidden else each[0], each[3]) for n, each in enumerate(places)],
            kind,
            columns.accepts,
            [each for position in asking for each in self._questions[position].tests],
            columns.requires,
            nothing(type_),
        )
        opened = 0
        for n in sorted({*hidden, *found.unread}):
            cell, position, rules, _ = places[n]
            opened |= self._leave(cell, position, rules)
        views = [self._view(position, path) for position in asking]
        for view in views:
            opened |= view.opened

        declared = values = _narrowest(listed(cell) for cell, _ in domain)
        if values is None:
            values = concluded if path is not None else self._certain(plain[0])
        if values is not None and kind is not None:
            values = tuple(each for each in values if each is None or type_of(each) == kind)
        one = self._inputs[plain[0]] if plain else None
        nulls = values is None or path is not None or None in values
        parts = [Piece(None, found.null, named=True)] if nulls and not _never_null(one) else []
        if values is not None:
            parts += [Piece(v, found.mask(v), named=True) for v in values if v is not None]
        else:
            parts += found.parts(whole=_counts(one))
        checks = [columns.accepts(cell) for cell, _ in domain]
        asks = mask_of(n for cell, _, rules, _ in places if not cell.tests.any for n in rules)
        inside = (1 << len(domain)) - 1

        def accepting(whole: int) -> int:
            mask = columns.every
            for place in range(len(plain)):
                mask &= whole >> place * count
            return mask

        atoms = []
        for part in parts:
            if part.value is not None and part.mask >> top != inside:
                continue
            allowed = part.value is None or all(check(part.value) for check in checks)
            if values is not None and not allowed:
                continue
            mask = accepting(part.mask)
            for view in views:
                mask &= view.mask(part.value)
            named = part.named or bool(domain) or not plain or bool(mask & asks)
            atoms.append(Atom((part.value,) if allowed else (), mask, named))
        if path is None:

            def key(value: Any) -> _Key | None:
                mask = found.mask(value)
                outside = value is not None and mask >> top != inside
                return None if outside else (accepting(mask), value is None)

            self._atoms[plain[0]] = key
        known = None
        if domain and kind is not None:
            known = Domain(kind, tuple(cell for cell, _ in domain), declared)
        atoms = list(self._join(atoms))
        return Axis(
            ".".join(path) if asking and path else columns.text(plain[0]),
            (*plain, *asking),
            path,
            columns.reads((*plain, *asking)),
            tuple(atoms),
            _sides(atoms, count),
            opened,
            domain=known,
            constants=found.constants,
            asking=frozenset(asking),
        )

    def _certain(self, position: int) -> tuple[Any, ...] | None:
        """Return the values of which a column that works something out has one; None if unknown."""
        logic = self._inputs[position].expression
        if self._working is None or not isinstance(logic, Feel):
            return None
        if is_fixed(logic):
            with suppress(Spent):
                return (self._working.worked(position, {}),)
        return _leaves(logic.node)

    def with_ways(self, axis: Axis, axes: Iterable[Axis]) -> Axis:
        """Return an axis of what is worked out with the ways to its atoms, if all are found.

        What it reads, no other axis may read: else not every way goes with all of theirs.
        """
        assert self._working is not None
        key = self._atoms.get(axis.columns[0])
        shared = any(axis.reads & other.reads for other in axes if other is not axis)
        if axis.path is not None or axis.opened or shared or key is None:
            return axis
        names = sorted(axis.reads)
        pools = [
            [value for value in self._pools.values(name) if self._working.allows(name, value)]
            for name in names
        ]
        wanted = {(atom.mask, atom.null) for atom in axis.atoms}
        ways: dict[_Key | None, Given] = {}
        with suppress(Spent):
            for values in islice(nearest_first(pools), _TRIALS):
                given = dict(zip(names, values, strict=True))
                ways.setdefault(key(self._working.worked(axis.columns[0], given)), given)
                if wanted <= ways.keys():
                    found = tuple(ways[atom.mask, atom.null] for atom in axis.atoms)
                    return replace(axis, ways=found)
        return axis

    def _leave(self, cell: Cell, position: int, rules: list[int]) -> int:
        """Keep a cell that is no set of values, and return the mask of its rules."""
        mask = mask_of(rules)
        if mask or listed(cell) is None:
            self.unread.append(Unread(cell, position, mask))
        return mask

    def _view(self, position: int, path: Path | None) -> _View:
        """Return the column at `position` as a view of the values at a path."""
        assert path is not None
        assert self._working is not None
        type_ = result_type(self._inputs[position].expression)
        kind = type_ if isinstance(type_, BasicType) and type_ in REGIONS else None
        cells = self._columns.cells(position)
        asked = Asked(cells, kind, self._columns.accepts, (), self._columns.requires)
        opened = 0
        for place in asked.unread:
            opened |= self._leave(cells[place][0], position, cells[place][1])
        return _View(position, path, asked, self._working, opened)


class _View:
    """A column that asks something of the value at a path; `opened` are rules that are unread."""

    def __init__(
        self, position: int, path: Path, asked: Asked, working: Working, opened: int
    ) -> None:
        self._position = position
        self._path = path
        self._asked = asked
        self._working = working
        self.opened = opened

    def mask(self, value: Any) -> int:
        """Return the rules that accept what the column makes of a value."""
        name, *entries = self._path
        for entry in reversed(entries):
            value = {entry: value}
        return self._asked.mask(self._working.worked(self._position, {name: value}))


def _leaves(node: ast.Node) -> tuple[Any, ...] | None:
    """Return the values that the branches of an `if` write out; None for anything else."""
    match node:
        case ast.If(_, consequence, alternative):
            branches = [
                (value,) if known else _leaves(each)
                for each in (consequence, alternative)
                for known, value in [literal(each)]
            ]
            found = [value for branch in branches if branch is not None for value in branch]
            return None if None in branches else distinct(found)
    return None


def _sides(atoms: Iterable[Atom], count: int) -> tuple[int, ...]:
    """Return the atoms that each of `count` rules accepts."""
    sides = [0] * count
    before = number = 0
    for number, atom in enumerate(atoms):
        # What a rule accepts is mostly a run of atoms: only its ends are visited.
        for rule in bits(atom.mask ^ before):
            sides[rule] ^= -1 << number
        before = atom.mask
    for rule in bits(before):
        sides[rule] ^= -1 << number + 1
    return tuple(sides)


def _for_null(cell: Cell) -> bool:
    return cell.tests.any or all(isinstance(test, ast.NullLiteral) for test in cell.tests.tests)


def _narrowest(lists: Iterable[tuple[Any, ...] | None]) -> tuple[Any, ...] | None:
    """Return the values of the first list; what the others leave out is left out elsewhere."""
    return next((values for values in lists if values is not None), None)


def _counts(column: Input | None) -> bool:
    """Say whether a column counts something, so that its values are 0, 1, 2, ..."""
    logic = None if column is None else column.expression
    match logic.node if isinstance(logic, Feel) else None:
        case ast.Call(ast.Name("count" | "string length")):
            return True
    return False


def _never_null(column: Input | None) -> bool:
    """Say whether a column is a comparison with null, which is true or false."""
    logic = None if column is None else column.expression
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
