"""Records that a model is likely to be wrong about, drawn from what its own texts name.

Each input takes the values that the cells above it and the expressions around it write, and what
lies just beside them: a number a little more or less, a string a letter longer or shorter. One in
eight is null, one in eight is named nowhere; lists are empty, short, or have an element twice.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

import pydmn
from pydmn.feel import ast
from pydmn.feel.types import ANY, BOOLEAN, DATE, NUMBER, STRING, ListType, Type
from pydmn.plan.logic import Cell, Feel, Step, Table

DTYPES = {
    NUMBER: pl.Decimal(38, 2),
    STRING: pl.String,
    BOOLEAN: pl.Boolean,
    DATE: pl.Date,
}
_NEAR = (Decimal(0), Decimal("0.01"), Decimal("-0.01"), Decimal(1), Decimal(-1))
_NOWHERE: dict[Type, tuple[Any, ...]] = {
    NUMBER: (Decimal(0), Decimal(-7), Decimal("12345678901234567890.25")),
    STRING: ("", "none of these", "\N{GRINNING FACE}"),
    BOOLEAN: (True, False),
    DATE: (date(1, 1, 1), date(1970, 1, 1), date(9999, 12, 31)),
}


_PYTHON: dict[Type, type] = {NUMBER: Decimal, STRING: str, BOOLEAN: bool, DATE: date}


def frame(model: pydmn.Model, rows: int, chance: random.Random) -> pl.DataFrame:
    """Return `rows` records of a model, a column an input."""
    drawn = {}
    for name, step in model.input_names.items():
        # What has no type in a workload is a list of numbers.
        type_ = ListType(NUMBER) if step.item.type == ANY else step.item.type
        pool = _pool(model, step, type_)
        if isinstance(type_, ListType):
            values: list[Any] = [_list(type_.element, pool, chance) for _ in range(rows)]
            drawn[name] = pl.Series(name, values, pl.List(DTYPES[type_.element]), strict=True)
        else:
            values = [_value(type_, pool, chance) for _ in range(rows)]
            drawn[name] = pl.Series(name, values, DTYPES[type_], strict=True)
    return pl.DataFrame(drawn)


def _value(type_: Type, pool: list[Any], chance: random.Random) -> Any:
    choice = chance.random()
    if choice < 1 / 8:
        return None
    if choice < 1 / 4 or not pool:
        return chance.choice(_NOWHERE[type_])
    value = chance.choice(pool)
    if chance.random() < 1 / 2:
        return value
    match value:
        case Decimal():
            return value + chance.choice(_NEAR)
        case str():
            return chance.choice((value + "x", value[:-1], value.lower()))
        case date():
            return value + timedelta(chance.choice((-1, 1)))
    return value


def _list(type_: Type, pool: list[Any], chance: random.Random) -> list[Any] | None:
    if chance.random() < 1 / 16:
        return None
    found = [_value(type_, pool, chance) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
    if chance.random() < 7 / 8:
        found = [value for value in found if value is not None]
    return found + found[:1] if chance.random() < 1 / 8 else found


def _pool(model: pydmn.Model, given: Step, type_: Type) -> list[Any]:
    """Return the constants that stand beside an input, in an order that is always the same."""
    found: dict[Any, None] = {}
    item = given.item.element or given.item
    for cell in (item.allowed, item.constraint):
        found |= _constants(cell)
    for step in model.plan.steps.values():
        names = {each.name for each in step.requirements if each.key == given.key}
        match step.logic:
            case Table() as table:
                for position, column in enumerate(table.inputs):
                    if _mentions(column.expression, names):
                        for rule in table.rules:
                            found |= _constants(rule.cells[position])
            case Feel() as feel if _mentions(feel, names):
                found |= _constants(feel)
    wanted = _PYTHON.get(type_.element if isinstance(type_, ListType) else type_, object)
    return [value for value in found if isinstance(value, wanted)]


def _mentions(logic: Any, names: set[str]) -> bool:
    return isinstance(logic, Feel) and any(
        isinstance(each, ast.Name) and each.name in names for each in ast.walk(logic.node)
    )


def _constants(logic: Cell | Feel | None) -> dict[Any, None]:
    """Return the constants of a text, each once."""
    return {} if logic is None else dict.fromkeys(_literals(logic))


def _literals(logic: Cell | Feel) -> Iterator[Any]:
    for each in ast.walk(logic.tests if isinstance(logic, Cell) else logic.node):
        match each:
            case ast.NumberLiteral(value=value) | ast.StringLiteral(value=value):
                yield value
            case ast.AtLiteral(text):
                value = pydmn.feel(f'@"{text}"')
                if isinstance(value, date):
                    yield value
