"""Values to try where a column works something out: those that lead somewhere, first of all.

They are what the table and its decisions mention, what is near it, and what can be made of it. What
a value leads to, the engine says: nothing follows from what is not found here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import product
from typing import Any, Final

from pydmn.feel import ast, operators
from pydmn.feel.temporal import DaysAndTimeDuration, YearsAndMonthsDuration
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    NUMBER,
    STRING,
    TIME,
    BasicType,
    ContextType,
    ListType,
    Type,
)
from pydmn.feel.values import type_of
from pydmn.plan.logic import Feel, Item, Table
from pydmn.plan.view import NOT_CONSTANT, constant
from pydmn.run import Run
from pydmn.tables.accepted import SOME
from pydmn.tables.cells import after, before, literal
from pydmn.verify.diagrams import identity
from pydmn.verify.tables.axes import SINGLE
from pydmn.verify.tables.columns import Columns
from pydmn.verify.tables.pieces import listed

_MANY: Final = 24
"""So many values of one name are tried."""

_PAIRED: Final = 6
"""Of so many numbers the sums, differences, products and quotients are tried."""

_LONG: Final = 40
"""Texts and lists of so many parts are tried, and no longer ones."""


class Pools:
    """The values to try for each name that a table reads."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._known: dict[str, tuple[Any, ...]] = {}

    def values(self, name: str) -> tuple[Any, ...]:
        """Return values of a name, no two of them alike."""
        pool = self._known.get(name)
        if pool is None:
            pool = self._known[name] = distinct(self._pool(name))
        return pool

    def _pool(self, name: str) -> Iterator[Any]:
        step = self._columns.requires[name]
        mentioned = _Mentioned(self._nodes(name))
        if isinstance(step.logic, Table):
            yield from _concluded(step.logic)
        yield from _of_item(step.item, mentioned)
        if step.item.type == ANY and not isinstance(step.logic, Table):
            for kind in (NUMBER, STRING, *mentioned.kinds, BOOLEAN):
                yield from mentioned.some(kind)[:_PAIRED]
            yield []
        yield None

    def _nodes(self, name: str) -> Iterator[ast.Node]:
        """Yield the nodes of the columns that read a name."""
        table = self._columns.table
        for position, column in enumerate(table.inputs):
            if name not in self._columns.reads((position,)):
                continue
            if isinstance(column.expression, Feel):
                yield from ast.walk(column.expression.node)
            for cell, _ in self._columns.cells(position):
                yield from ast.walk(cell.tests)


class _Mentioned:
    """The values that some columns mention, by kind, and others that are made of them."""

    def __init__(self, nodes: Iterable[ast.Node]) -> None:
        self._values: dict[Type, dict[Any, None]] = {}
        for node in nodes:
            known, value = literal(node)
            if known and value is not None:
                self._values.setdefault(type_of(value), {})[value] = None

    @property
    def kinds(self) -> list[BasicType]:
        """The kinds of values that are mentioned, but for numbers, texts and truth values."""
        plain = (NUMBER, STRING, BOOLEAN)
        return [each for each in self._values if isinstance(each, BasicType) and each not in plain]

    def some(self, type_: Type) -> list[Any]:
        """Return values of a type."""
        match type_:
            case kind if kind == BOOLEAN:
                return [True, False]
            case kind if kind == NUMBER:
                return self.numbers
            case kind if kind == STRING:
                lengths = [int(n) for n in self.numbers if 0 <= n <= _LONG and n == int(n)]
                return [*self.texts, *("x" * length for length in lengths), "other"]
            case kind if kind in (DATE, DATE_AND_TIME, TIME):
                return self._moments(kind)
            case ContextType(entries):
                # One entry after another away from null.
                nothing = dict.fromkeys(name for name, _ in entries)
                values = ((name, each) for name, its in entries for each in self.some(its))
                return [*({**nothing, name: value} for name, value in values), nothing]
            case BasicType() if type_ in SOME:
                near = [near for value in self._values.get(type_, ()) for near in _near(value)]
                return [*near, SOME[type_]]
        return []

    @property
    def texts(self) -> list[str]:
        """The texts that are mentioned."""
        return [*self._values.get(STRING, ())][:_MANY]

    @property
    def numbers(self) -> list[Decimal]:
        """The numbers that are mentioned, what is near them, and what can be made of two."""
        found = [*self._values.get(NUMBER, ())]
        near = dict.fromkeys(each for n in found for each in (n, n - 1, n + 1))
        near |= dict.fromkeys(map(Decimal, (0, 1, 2)))
        made = [
            operator(Run(), one, other)
            for one, other in product(found[:_PAIRED], repeat=2)
            for operator in _MAKING
        ]
        made += [n / 2 for n in found]
        kept = [*near][:_MANY]
        return [*dict.fromkeys((*kept, *(each for each in made if each is not None)))]

    def _moments(self, kind: Type) -> list[Any]:
        """Return moments near those that are mentioned, and as far from them as durations say."""
        base = [SOME[kind], *self._values.get(kind, ())]  # type: ignore[index]
        found = [near for value in base for near in _near(value)]
        steps = [value for values in self._values.values() for value in values
                 if isinstance(value, DaysAndTimeDuration | YearsAndMonthsDuration)]  # fmt: skip
        for number in self._values.get(NUMBER, ()):
            if number == int(number) and abs(number) <= _LONG * 12:
                whole = int(number)
                steps += [YearsAndMonthsDuration(12 * whole), YearsAndMonthsDuration(whole)]
                steps += [DaysAndTimeDuration(whole * _DAY)]
        for value in base[:_PAIRED]:
            for step in steps[:_MANY]:
                for move in (operators.add, operators.subtract):
                    moved = move(Run(), value, step)
                    found += [] if moved is None else _near(moved)
        return found


_MAKING: Final = (operators.add, operators.subtract, operators.multiply, operators.divide)
_DAY: Final = 24 * 3_600 * 1_000_000_000


def _near(value: Any) -> list[Any]:
    return [each for each in (value, before(value), after(value)) if each is not None]


def _of_item(item: Item, mentioned: _Mentioned) -> Iterator[Any]:
    """Yield values of a type: those allowed, those mentioned, and others."""
    type_ = item.type
    allowed = item.allowed or (item.element.allowed if item.element else None)
    values = None if allowed is None else listed(allowed)
    if not isinstance(type_, ListType):
        yield from values or mentioned.some(type_)
        return
    inner = list(values or mentioned.some(STRING if type_.element == ANY else type_.element))
    yield []
    yield from ([each] for each in inner[:_MANY])
    yield inner[:2]
    # Lists of the lengths that are compared with.
    for length in mentioned.numbers:
        if 2 < length <= _LONG and inner and length == int(length):
            yield [inner[n % len(inner)] for n in range(int(length))]


def _concluded(table: Table) -> Iterator[Any]:
    """Yield what a table can answer, as its rules write it."""
    rows = []
    for rule in table.rules:
        values = [constant(output) for output in rule.outputs]
        if any(value is NOT_CONSTANT for value in values):
            continue
        names = [column.name for column in table.outputs]
        rows.append(values[0] if len(values) == 1 else dict(zip(names, values, strict=True)))
    if table.hit_policy in SINGLE or table.aggregation is not None:
        yield from rows[:_MANY]
        return
    yield from ([row] for row in rows[:_MANY])
    if len(rows) > 1:
        yield rows[:_MANY]


def nothing(type_: Type) -> Any:
    """Return null; of a context, one whose entries are null."""
    if isinstance(type_, ContextType) and type_.entries:
        return {name: nothing(entry) for name, entry in type_.entries}
    return None


def nearest_first(pools: list[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield combinations, one name at a time away from its first value, then all."""
    if not all(pools):
        return
    first = tuple(pool[0] for pool in pools)
    yield first
    for place, pool in enumerate(pools):
        for value in pool[1:]:
            yield (*first[:place], value, *first[place + 1 :])
    yield from product(*pools)


def distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return values, of those that are alike the first."""
    found: dict[Any, Any] = {}
    for value in values:
        found.setdefault(identity(Run(), value), value)
    return tuple(found.values())
