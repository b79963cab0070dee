"""FEEL values to a polars column: the type that holds all of them exactly, or a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from pydmn.backends.to_polars.coding import Coded, Codes
from pydmn.backends.to_polars.shapes import PRECISION, scaled, unscaled
from pydmn.backends.to_python.fused.tables import SEVERAL
from pydmn.feel import host
from pydmn.feel.temporal import Date, DateTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    STRING,
    TIME,
    ContextType,
    ListType,
    Type,
)
from pydmn.feel.values import Range
from pydmn.model.expressions import Aggregation
from pydmn.plan.logic import Step, Table
from pydmn.plan.view import NOT_CONSTANT, constant

_MOST: Final = 10**PRECISION
_LONGEST: Final = timedelta(microseconds=(1 << 63) - 1)

_PLAIN: Final[dict[type, Any]] = {
    str: pl.String,
    bool: pl.Boolean,
    date: pl.Date,
    timedelta: pl.Duration("us"),
}
_DECLARED: Final[dict[Type, Any]] = {
    STRING: pl.String,
    BOOLEAN: pl.Boolean,
    NUMBER: pl.Decimal(PRECISION, 0),
    DATE: pl.Date,
    DATE_AND_TIME: pl.Datetime("us"),
    TIME: pl.Time,
    DAYS_AND_TIME_DURATION: pl.Duration("us"),
}


class Unfit(Exception):
    """No column holds such values; the message says why."""


def answers(name: str, coded: Coded, type_: Type, possible: Sequence[Any], dtype: Any) -> pl.Series:
    """Return the values of all rows as a column; `type_` is what is declared of them.

    Numbers are decimals of 38 digits, with the scale that the finest of them needs, and of what
    is `possible` in any frame; a context is a struct, and an entry that it lacks is null. Where
    it is known, `dtype` is the column's. Raises `Unfit`.
    """
    values = [host.to_python(value) for value in coded.values]
    if dtype is not None:
        held = pl.Series(name, [_stripped(value) for value in values], dtype, strict=True)
        return held.gather(pl.Series(coded.codes))
    return gathered(name, values, coded.codes, type_, possible)


def possible(step: Step) -> Sequence[Any]:
    """Return what the table of a decision may answer; nothing where that is not written out."""
    table = step.logic
    if not isinstance(table, Table) or table.aggregation is Aggregation.COUNT:
        return ()
    rows = [[constant(output) for output in rule.outputs] for rule in table.rules]
    defaults = [each.default and constant(each.default) for each in table.outputs]
    if any(NOT_CONSTANT in row for row in (*rows, defaults)):
        return ()
    names = [column.name for column in table.outputs]
    found = [row[0] if len(row) == 1 else dict(zip(names, row, strict=True)) for row in rows]
    if table.hit_policy in SEVERAL and table.aggregation is None:
        found = [found]
    if any(each is not None for each in defaults):
        found.append(defaults[0] if len(names) == 1 else dict(zip(names, defaults, strict=True)))
    return [host.to_python(each) for each in found if each is not None]


def finest(values: Sequence[Any]) -> int | None:
    """Return the scale of the finest number among `values`, or None where there is no value."""
    if not values:
        return None
    scale = 0
    waiting = [*values]
    while waiting:
        match waiting.pop():
            case Decimal() as value if value != value.to_integral_value():
                scale = max(scale, scaled(value)[1])
            case list() as inside:
                waiting += inside
            case dict() as entries:
                waiting += entries.values()
    return scale


def declared(step: Step) -> Type:
    """Return what is said of a decision's answers: of itself, or by its table's outputs."""
    logic = step.logic
    if step.item.type != ANY or not isinstance(logic, Table) or logic.aggregation is not None:
        return step.item.type
    types = tuple((column.name, column.item.type) for column in logic.outputs)
    answer = types[0][1] if len(types) == 1 else ContextType(types)
    return ListType(answer) if logic.hit_policy in SEVERAL else answer


def gathered(
    name: str, values: Sequence[Any], codes: Codes, type_: Type, possible: Sequence[Any] = ()
) -> pl.Series:
    """Return a column of the host's `values`, by their codes. Raises `Unfit`.

    Its type holds what is `possible` too, where a type does.
    """
    try:
        dtype = _dtype([*possible, *values], type_)
    except Unfit:
        dtype = _dtype(values, type_)
    held = pl.Series(name, [_stripped(value) for value in values], dtype, strict=True)
    return held.gather(pl.Series(codes))


def _stripped(value: Any) -> Any:
    """Return a value without zeros after a number's last digit: polars has no room for many."""
    match value:
        case Decimal():
            return unscaled(*scaled(value)) if value.as_tuple().exponent else value
        case list():
            return [_stripped(each) for each in value]
        case dict():
            return {name: _stripped(each) for name, each in value.items()}
    return value


def rules(name: str, coded: Coded) -> pl.Series:
    """Return the ids of the rules hit in each row; an empty list where there are none."""
    listed = coded.rules or [()] * coded.size
    held = pl.Series(name, [list(each) for each in listed], pl.List(pl.String))
    return held.gather(pl.Series(coded.codes))


def _dtype(values: Sequence[Any], type_: Type) -> Any:
    """Return the data type that holds `values` exactly; that of `type_`, where all are null."""
    known = [value for value in values if value is not None]
    if not known:
        return declared_dtype(type_)
    classes = {type(value) for value in known}
    if len(classes) > 1:
        raise Unfit(f"has answers of several types: {', '.join(sorted(map(_name, classes)))}")
    class_ = classes.pop()
    if class_ is Decimal:
        return _decimal(known)
    if class_ is datetime:
        return _datetime(known)
    if class_ is time:
        if any(value.tzinfo for value in known):
            raise Unfit("has times with a zone, for which polars has no type")
        return pl.Time
    if class_ is list:
        inner = type_.element if isinstance(type_, ListType) else type_
        return pl.List(_dtype([each for value in known for each in value], inner))
    if class_ is dict:
        return _struct(known, type_)
    if class_ is timedelta and any(abs(value) > _LONGEST for value in known):
        raise Unfit("has durations beyond those that polars counts in microseconds")
    if class_ in _PLAIN:
        return _PLAIN[class_]
    raise Unfit(f"has answers for which polars has no type: {_name(class_)}")


def _struct(known: Sequence[dict[str, Any]], type_: Type) -> Any:
    entries = type_ if isinstance(type_, ContextType) else ContextType()
    names = dict.fromkeys(name for value in known for name in value)
    if not names:
        raise Unfit("has empty contexts, for which polars has no type")
    return pl.Struct(
        {
            name: _dtype([value.get(name) for value in known], entries.get(name) or ANY)
            for name in names
        }
    )


def _decimal(known: Sequence[Decimal]) -> Any:
    parts = [scaled(value) for value in known if value.adjusted() < PRECISION]
    scale = max((each for _, each in parts), default=0)
    fits = len(parts) == len(known) and scale <= PRECISION
    if not fits or any(abs(whole) * 10 ** (scale - each) >= _MOST for whole, each in parts):
        raise Unfit(f"has numbers that need more than {PRECISION} digits in one column")
    return pl.Decimal(PRECISION, scale)


def _datetime(known: Sequence[datetime]) -> Any:
    zones = {_zone(value) for value in known}
    if len(zones) > 1:
        raise Unfit("has dates and times of several zones, or some without one")
    return pl.Datetime("us", zones.pop())


def _zone(value: datetime) -> str | None:
    if value.tzinfo is None:
        return None
    if isinstance(value.tzinfo, ZoneInfo):
        return value.tzinfo.key
    if value.utcoffset() == timedelta():
        return "UTC"
    raise Unfit("has dates and times with an offset, for which polars has no type")


def declared_dtype(type_: Type) -> Any:
    """Return the data type of a column of which nothing but the type is known."""
    match type_:
        case ListType(element):
            return pl.List(declared_dtype(element))
        case ContextType(entries) if entries:
            return pl.Struct({name: declared_dtype(each) for name, each in entries})
    return _DECLARED.get(type_, pl.Null)


_NAMES: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    Decimal: "number",
    date: "date",
    datetime: "date and time",
    time: "time",
    timedelta: "days and time duration",
    list: "list",
    dict: "context",
    # Values that Python's own classes do not hold stay FEEL's.
    Date: "date beyond Python's years",
    DateTime: "date and time beyond Python's",
    Time: "time beyond Python's",
    DaysAndTimeDuration: "duration beyond Python's",
    YearsAndMonthsDuration: "years and months duration",
    Range: "range",
}


def _name(class_: type) -> str:
    return _NAMES.get(class_, "function")
