"""Cases: values of the inputs that lead to a point of a table's grid, replayed in the engine.

Where every column is a name, a point is a case already. A column that works something out is
asked: values are tried, those that the table and its decisions mention first, until the engine
says that the columns come out as wanted. What is not found within so many trials is not decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, product
from typing import Any, Final, Protocol

from pydmn.feel import ast
from pydmn.feel.types import ANY, BOOLEAN, DATE, NUMBER, STRING, ListType, Type
from pydmn.plan.logic import Feel, Step, Table
from pydmn.plan.view import NOT_CONSTANT, constant
from pydmn.tables.cells import literal
from pydmn.verify.tables.answers import Concluding
from pydmn.verify.tables.axes import Axis, Path
from pydmn.verify.tables.boxes import Box, Steps
from pydmn.verify.tables.grid import Grid, Point
from pydmn.verify.tables.pieces import listed

Given = dict[str, Any]
"""A FEEL value for each name that a table reads."""

_TRIALS: Final = 1_500
_ASKED: Final = 2_000_000
"""So many cases are tried, in each of which the engine asks every rule; no more rules in all."""
_MANY: Final = 24
"""So many values of one name are tried."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What the engine answers in a case: the value, and the rules hit by id.

    `allowed` is False where it takes a value of the case for null, or refuses it.
    """

    value: Any
    hits: tuple[str, ...]
    allowed: bool


class Engine(Concluding, Protocol):
    """What runs the table."""

    def tested(self, given: Mapping[str, Any]) -> list[tuple[Any, int]]:
        """Return each column's value, and the mask of the rules whose cells accept it."""
        ...

    def replay(self, given: Mapping[str, Any]) -> Replay:
        """Decide the table."""
        ...

    def matching(self, numbers: Iterable[int], given: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the ids of those of the rules that match, whatever the hit policy."""
        ...


Holds = Callable[[Given, int], bool]
"""Says whether a case, with the rules that match in it, shows what it is to show."""


class Cases:
    """Finds cases of one table."""

    def __init__(
        self, table: Table, requires: Mapping[str, Step], grid: Grid, engine: Engine, steps: Steps
    ) -> None:
        self._table = table
        self._requires = requires
        self._grid = grid
        self._engine = engine
        self._steps = steps
        self._pools: dict[str, list[Any]] = {}

    def find(self, box: Box, holds: Holds) -> Given | None:
        """Return a case in a box that shows what is wanted, by the engine's word; or None."""
        if not self._grid.free:
            given = self._plain(box)
            if given is None:
                return None
            mask = (
                self._engine_mask(given, box)
                if self._grid.opened
                else self._grid.mask(self._point(box, given))
            )
            return given if mask is not None and holds(given, mask) else None
        rules = len(self._table.rules) + 1
        for given in islice(self._tried(box), min(_TRIALS, _ASKED // rules)):
            self._steps.charge(rules)
            mask = self._engine_mask(given, box)
            if mask is not None and holds(given, mask):
                return given
        return None

    def masks(self, box: Box, given: Given) -> dict[int, int]:
        """Return the rules that each axis accepts, by its place, in a case that is in `box`."""
        if not self._grid.free:
            point = self._point(box, given)
            return {
                place: axis.atoms[atom].mask
                for place, (axis, atom) in enumerate(zip(self._grid.axes, point, strict=True))
            }
        tested = self._engine.tested(given)
        found = {}
        for place, axis in enumerate(self._grid.axes):
            found[place] = self._grid.every
            for column in axis.columns:
                found[place] &= tested[column][1]
        return found

    def _point(self, box: Box, given: Given) -> Point:
        """Return the atoms of a case that `_plain` made of a box."""
        atoms = [*map(self._atom, range(len(box)), box)]
        for places in self._grid.lists:
            value = value_at(given, self._grid.axes[places[0]].path)
            for place in places:
                members = self._grid.axes[place].members
                assert members is not None
                if value is None:
                    atoms[place] = 0
                else:
                    assert isinstance(value, list)
                    atoms[place] = 1 if members.wanted.isdisjoint(value) else 2
        return tuple(atoms)

    def _engine_mask(self, given: Given, box: Box) -> int | None:
        """Return the rules that match; None where a column does not come out within `box`."""
        mask = self._grid.every
        tested = self._engine.tested(given)
        for axis, side in zip(self._grid.axes, box, strict=True):
            accepted = self._grid.every
            for column in axis.columns:
                accepted &= tested[column][1]
            null = tested[axis.columns[0]][0] is None
            if not any(
                side >> number & 1
                and atom.null is null
                and (axis.opened or atom.mask == accepted or axis.members is not None)
                for number, atom in enumerate(axis.atoms)
            ):
                return None
            mask &= accepted
        return mask

    # --- points ------------------------------------------------------------------------

    def _atom(self, place: int, side: int) -> int:
        """Return the atom of a side that makes the plainest case: named, not null."""
        grid = self._grid
        plain = side & grid.valued[place]
        for wanted in (grid.named[place] & plain, plain & ~grid.nulls[place], plain):
            if wanted:
                return (wanted & -wanted).bit_length() - 1
        return (side & -side).bit_length() - 1

    def _plain(self, box: Box, *, names: Iterable[str] | None = None) -> Given | None:
        """Return the values of the columns that are names; None where an atom has no value."""
        given: Given = dict.fromkeys(self._requires)
        of_lists = {place for places in self._grid.lists for place in places}
        wanted = self._requires.keys() if names is None else set(names)
        for places in self._grid.lists:
            axis = self._grid.axes[places[0]]
            if axis.path is None or axis.path[0] not in wanted:
                continue
            found = self._grid.members(box, places) if self._may_be_list(box, places) else None
            _put(given, axis.path, None if found is None else list(found))
        for place, axis in enumerate(self._grid.axes):
            if axis.path is None or place in of_lists or axis.path[0] not in wanted:
                continue
            values = axis.atoms[self._atom(place, box[place])].values
            if not values:
                return None
            _put(given, axis.path, values[0])
        return given

    @staticmethod
    def _may_be_list(box: Box, places: tuple[int, ...]) -> bool:
        return all(box[place] & 6 for place in places)

    # --- trials ------------------------------------------------------------------------

    def _tried(self, box: Box) -> Iterator[Given]:
        """Yield cases whose columns may come out within a box."""
        sought = sorted(
            {name for axis in self._grid.axes if axis.path is None for name in axis.reads}
        )
        plain = self._plain(box, names=self._requires.keys() - set(sought))
        if plain is None:
            return
        pools = [list(self._values(name, box)) for name in sought]
        for values in _nearest_first(pools):
            yield {**plain, **dict(zip(sought, values, strict=True))}

    def _values(self, name: str, box: Box) -> Iterator[Any]:
        """Yield values of a name, those that its own column asks for first."""
        for place, axis in enumerate(self._grid.axes):
            if axis.path == (name,) and axis.members is None:
                own = [
                    value
                    for number, atom in enumerate(axis.atoms)
                    if box[place] >> number & 1
                    for value in atom.values
                ]
                yield from own[:_MANY]
                if own and not any(type(value) is str for value in own):
                    return
        pool = self._pools.get(name)
        if pool is None:
            pool = self._pools[name] = _distinct(self._pool(name), self._engine)
        yield from pool

    def _pool(self, name: str) -> Iterator[Any]:
        step = self._requires[name]
        texts, numbers = self._mentioned(name)
        if isinstance(step.logic, Table):
            yield from _concluded(step.logic)
        yield from _of_type(step, texts, numbers)
        if step.item.type == ANY and not isinstance(step.logic, Table):
            yield from (*numbers[:6], *texts[:6], True, False, [])
        yield None

    def _mentioned(self, name: str) -> tuple[list[str], list[Decimal]]:
        """Return the strings and numbers that columns which read `name` mention, and near ones."""
        texts: dict[str, None] = {}
        numbers: dict[Decimal, None] = {}
        for axis in self._grid.axes:
            if name not in axis.reads:
                continue
            for node in self._nodes(axis):
                known, value = literal(node)
                if known and isinstance(value, str):
                    texts[value] = None
                elif known and type(value) is Decimal:
                    numbers |= dict.fromkeys((value, value - 1, value + 1))
        numbers |= dict.fromkeys(map(Decimal, (0, 1, 2)))
        return [*texts][:_MANY], [*numbers][:_MANY]

    def _nodes(self, axis: Axis) -> Iterator[ast.Node]:
        for position in axis.columns:
            logic = self._table.inputs[position].expression
            if isinstance(logic, Feel):
                yield from ast.walk(logic.node)
            seen: set[int] = set()
            for rule in self._table.rules:
                cell = rule.cells[position]
                if id(cell) not in seen:
                    seen.add(id(cell))
                    yield from ast.walk(cell.tests)


def _concluded(table: Table) -> Iterator[Any]:
    """Yield what a table can answer, as its rules write it."""
    rows = []
    for rule in table.rules:
        values = [constant(output) for output in rule.outputs]
        if any(value is NOT_CONSTANT for value in values):
            continue
        names = [column.name for column in table.outputs]
        rows.append(values[0] if len(values) == 1 else dict(zip(names, values, strict=True)))
    if table.hit_policy.value not in ("COLLECT", "RULE ORDER", "OUTPUT ORDER"):
        yield from rows[:_MANY]
        return
    yield from ([row] for row in rows[:_MANY])
    if len(rows) > 1:
        yield rows[:_MANY]


def _of_type(step: Step, texts: list[str], numbers: list[Decimal]) -> Iterator[Any]:
    """Yield values of a step's type: those allowed, those mentioned, and others."""
    item, type_ = step.item, step.item.type
    allowed = item.allowed or (item.element.allowed if item.element else None)
    values = None if allowed is None else listed(allowed)
    if isinstance(type_, ListType):
        inner = list(values or _some(type_.element, texts, numbers))
        yield []
        yield from ([each] for each in inner[:_MANY])
        yield inner[:2]
        # Lists of the lengths that are compared with.
        for length in numbers:
            if 2 < length <= 40 and inner and length == int(length):
                yield [inner[n % len(inner)] for n in range(int(length))]
        return
    yield from (values or _some(type_, texts, numbers))[:_MANY]


def _some(type_: Type, texts: list[str], numbers: list[Decimal]) -> list[Any]:
    match type_:
        case kind if kind == BOOLEAN:
            return [True, False]
        case kind if kind == NUMBER:
            return [*numbers]
        case kind if kind == STRING:
            lengths = [int(n) for n in numbers if 0 <= n <= 40 and n == int(n)]
            return [*texts, *("x" * length for length in lengths), "other"]
        case kind if kind == DATE:
            return []
    return []


def _nearest_first(pools: list[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield combinations, one name at a time away from its first value, then all."""
    if not all(pools):
        return
    first = tuple(pool[0] for pool in pools)
    yield first
    for place, pool in enumerate(pools):
        for value in pool[1:]:
            yield (*first[:place], value, *first[place + 1 :])
    yield from product(*pools)


def _distinct(values: Iterable[Any], engine: Engine) -> list[Any]:
    found: dict[Any, Any] = {}
    for value in values:
        found.setdefault(engine.identity(value), value)
    return list(found.values())


def value_at(given: Given, path: Path | None) -> object:
    """Return the value at a path in a case; null where there is none."""
    value: object = given
    for name in path or ():
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(given: Given, path: Path, value: Any) -> None:
    """Place a value at a path; contexts are made on the way."""
    *way, last = path
    at = given
    for name in way:
        inner = at.get(name)
        if not isinstance(inner, dict):
            inner = at[name] = {}
        at = inner
    at[last] = value
