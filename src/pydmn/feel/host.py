"""Values of the host language in and out.

In: `Decimal`, `int`, `float` (by its shortest decimal text), `str`, `bool`, `None`, the
`datetime` types, lists, tuples and mappings, and the runtime's own types. Out: the same, with
`Decimal` for every number.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydmn.errors import InputError
from pydmn.feel import numbers, temporal, text
from pydmn.feel.temporal import Date, DateTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from pydmn.feel.types import (
    ANY,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    TIME,
    YEARS_AND_MONTHS_DURATION,
    ContextType,
    ListType,
    Type,
)
from pydmn.feel.values import Function, Range
from pydmn.limits import DEFAULT, Limits

MAX_DEPTH = 100

_OWN = (Date, Time, DateTime, DaysAndTimeDuration, YearsAndMonthsDuration, Range, Function)
_PARSERS = {
    DATE: text.parse_date,
    TIME: text.parse_time,
    DATE_AND_TIME: text.parse_date_and_time,
    DAYS_AND_TIME_DURATION: text.parse_duration,
    YEARS_AND_MONTHS_DURATION: text.parse_duration,
}


def from_python(
    value: Any, type_: Type = ANY, limits: Limits = DEFAULT, where: str = "input"
) -> Any:
    """Return the FEEL value for a host's `value`.

    A string becomes a date, time or duration where `type_` says so, and only there. Raises
    `InputError`, naming the place below `where`, for what has no FEEL meaning, and
    `LimitExceeded` for a list or string above the limits.
    """
    return _from_python(value, type_, limits, where, 0)


def _from_python(value: Any, type_: Type, limits: Limits, where: str, depth: int) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            if len(value) > limits.chars:
                limits.exceeded("chars")
            return _string(value, type_, where)
        case int():
            return _number(numbers.from_int(value), value, where)
        case Decimal():
            return _number(numbers.from_text(str(value)), value, where)
        case float():
            return _number(numbers.from_float(value), value, where)
        case list() | tuple():
            if len(value) > limits.items:
                limits.exceeded("items")
            _bounded(depth, where)
            element = type_.element if isinstance(type_, ListType) else type_
            return [
                _from_python(item, element, limits, f"{where}[{position}]", depth + 1)
                for position, item in enumerate(value, 1)
            ]
        case Mapping():
            _bounded(depth, where)
            entries = type_ if isinstance(type_, ContextType) else ContextType()
            context = {}
            for key, item in value.items():
                if not isinstance(key, str):
                    message = f"{where}: the name of an entry is a string, not {key!r}"
                    raise InputError(message)
                inner = entries.get(key) or ANY
                context[key] = _from_python(item, inner, limits, f"{where}.{key}", depth + 1)
            return context
    if isinstance(value, _OWN):
        return value
    try:
        converted = temporal.from_python(value)
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error
    if isinstance(converted, _OWN):
        return converted
    message = f"{where}: a `{type(value).__name__}` has no meaning in FEEL"
    raise InputError(message)


def _bounded(depth: int, where: str) -> None:
    if depth >= MAX_DEPTH:
        message = f"{where[:80]}: nested deeper than {MAX_DEPTH} levels"
        raise InputError(message)


def _string(value: str, type_: Type, where: str) -> Any:
    parse = _PARSERS.get(type_)
    if parse is None:
        return value
    parsed = parse(value)
    wanted = {DAYS_AND_TIME_DURATION: DaysAndTimeDuration, YEARS_AND_MONTHS_DURATION: YearsAndMonthsDuration}
    if parsed is None or not isinstance(parsed, wanted.get(type_, object)):
        message = f"{where}: the text is no {type_}"
        raise InputError(message)
    return parsed


def _number(number: Decimal | None, value: Any, where: str) -> Decimal:
    if number is None:
        message = f"{where}: {value!r:.40} is no number of FEEL"
        raise InputError(message)
    return number


def to_python(value: Any) -> Any:
    """Return the host's value for a FEEL value.

    Temporal values become `datetime` objects where those hold them exactly, and stay
    themselves elsewhere. Lists and contexts are made anew, so that a host may change them.
    """
    kind = type(value)
    if kind is Decimal or kind is str or kind is bool or value is None:
        return value
    if kind is list:
        return [to_python(item) for item in value]
    if kind is dict:
        return {key: to_python(item) for key, item in value.items()}
    return temporal.to_python(value)
