"""FEEL values to a polars column: the type that holds all of them exactly, or a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from pydmn.backends.to_polars.coding import Coded, Codes
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
from pydmn.plan.logic import Step, Table

_PRECISION: Final = 38
"""A decimal of polars has so many digits."""

_PLAIN: Final[dict[type, Any]] = {
    str: pl.String,
    bool: pl.Boolean,
    date: pl.Date,
    timedelta: pl.Duration("us"),
}
_DECLARED: Final[dict[Type, Any]] = {
    STRING: pl.String,
    BOOLEAN: pl.Boolean,
    NUMBER: pl.Decimal(_PRECISION, 0),
    DATE: pl.Date,
    DATE_AND_TIME: pl.Datetime("us"),
    TIME: pl.Time,
    DAYS_AND_TIME_DURATION: pl.Duration("us"),
}


class Unfit(Exception):
    """No column holds such values; the message says why."""


def answers(name: str, coded: Coded, type_: Type) -> pl.Series:
    """Return the values of all rows as a column; `type_` is what is declared of them.

    Numbers are decimals of 38 digits, with the scale that the finest of them needs; a context is
    a struct, and an entry that it lacks is null. Raises `Unfit`.
    """
    return gathered(name, [host.to_python(value) for value in coded.values], coded.codes, type_)


def declared(step: Step) -> Type:
    """Return what is said of a decision's answers: of itself, or by its table's outputs."""
    logic = step.logic
    if step.item.type != ANY or not isinstance(logic, Table) or logic.aggregation is not None:
        return step.item.type
    types = tuple((column.name, column.item.type) for column in logic.outputs)
    answer = types[0][1] if len(types) == 1 else ContextType(types)
    return ListType(answer) if logic.hit_policy in SEVERAL else answer


def gathered(name: str, values: Sequence[Any], codes: Codes, type_: Type) -> pl.Series:
    """Return a column of the host's `values`, by their codes. Raises `Unfit`."""
    dtype = _dtype(values, type_)
    held = pl.Series(name, values, dtype, strict=True)
    return held.gather(pl.Series(codes))


def rules(name: str, coded: Coded) -> pl.Series:
    """Return the ids of the rules hit in each row; an empty list where there are none."""
    listed = coded.rules or [()] * coded.size
    held = pl.Series(name, [list(each) for each in listed], pl.List(pl.String))
    return held.gather(pl.Series(coded.codes))


def _dtype(values: Sequence[Any], type_: Type) -> Any:
    """Return the data type that holds `values` exactly; that of `type_`, where all are null."""
    known = [value for value in values if value is not None]
    if not known:
        return _declared(type_)
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
    scale = whole = 0
    for value in known:
        _, digits, exponent = value.as_tuple()  # `normalize` rounds to the thread's precision
        assert isinstance(exponent, int)
        zeros = next((n for n, digit in enumerate(reversed(digits)) if digit), len(digits))
        scale = max(scale, -exponent - zeros)
        whole = max(whole, len(digits) + exponent)
    if scale + whole > _PRECISION:
        raise Unfit(f"has numbers that need more than {_PRECISION} digits in one column")
    return pl.Decimal(_PRECISION, scale)


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


def _declared(type_: Type) -> Any:
    match type_:
        case ListType(element):
            return pl.List(_declared(element))
        case ContextType(entries) if entries:
            return pl.Struct({name: _declared(each) for name, each in entries})
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
