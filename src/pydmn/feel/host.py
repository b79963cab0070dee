"""Values of the host language in and out.

In: `Decimal`, `int`, `float` (by its shortest decimal text), `str`, `bool`, `None`, the
`datetime` types, lists, tuples and mappings, and the runtime's own types. Out: the same, with
`Decimal` for every number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from decimal import Decimal
from typing import Any, Final

from pydmn.errors import InputError, LimitExceeded
from pydmn.feel import numbers, temporal, text
from pydmn.feel.budget import charge_items
from pydmn.feel.temporal import Date, DateTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from pydmn.feel.types import (
    ANY,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    TIME,
    YEARS_AND_MONTHS_DURATION,
    BasicType,
    ContextType,
    ListType,
    Type,
)
from pydmn.feel.values import Function, Range
from pydmn.limits import DEFAULT, Limits
from pydmn.run import Run

MAX_DEPTH: Final = 100
"""How deep lists and contexts may be nested, in and out."""

_CONTAINER_STEPS: Final = 4
"""What a list or context is charged, in and out, beside its elements: it is memory anew."""

_CHARS_PER_STEP: Final = 20
"""A string is taken as it is: its characters cost less than those of one that is made."""

_OWN: Final = (Date, Time, DateTime, DaysAndTimeDuration, YearsAndMonthsDuration, Range, Function)
TEMPORAL: Final[Mapping[Type, tuple[Callable[[str], Any], type]]] = {
    DATE: (text.parse_date, Date),
    TIME: (text.parse_time, Time),
    DATE_AND_TIME: (text.parse_date_and_time, DateTime),
    DAYS_AND_TIME_DURATION: (text.parse_duration, DaysAndTimeDuration),
    YEARS_AND_MONTHS_DURATION: (text.parse_duration, YearsAndMonthsDuration),
}
"""What reads a string of a declared type, and the class of what it must give."""


def from_python(
    value: Any,
    type_: Type = ANY,
    limits: Limits = DEFAULT,
    where: str = "input",
    *,
    run: Run | None = None,
) -> Any:
    """Return the FEEL value for a host's `value`.

    A string becomes a date, time or duration where `type_` says so, and only there. Raises
    `InputError`, naming the place below `where`, for what has no FEEL meaning, and
    `LimitExceeded` for a list or string above the limits, and for more than `limits.steps` in
    all, one an element or twenty characters: a value may hold another many times. Where a
    `run` is given, its limits count and it is charged: the value arises in its evaluation.
    """
    return _from_python(value, type_, Run(limits) if run is None else run, where, 0)


def _from_python(value: Any, type_: Type, run: Run, where: str, depth: int) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return _string(_plain(value, run), type_, where)
        case int():
            return _number(numbers.from_int(value), value, where)
        case Decimal():
            return _number(numbers.from_text(Decimal.__str__(value)), value, where)
        case float():
            return _number(numbers.from_float(value), value, where)
        case list() | tuple():
            _bounded(value, depth, run, where)
            element = type_.element if isinstance(type_, ListType) else type_
            return [
                _from_python(item, element, run, f"{where}[{position}]", depth + 1)
                for position, item in enumerate(value, 1)
            ]
        case Mapping():
            _bounded(value, depth, run, where)
            entries = type_ if isinstance(type_, ContextType) else ContextType()
            context = {}
            for key, item in value.items():
                if not isinstance(key, str):
                    kind = type(key).__name__
                    message = f"{where}: the name of an entry is a string, not of type `{kind}`"
                    raise InputError(message)
                name = _plain(key, run)
                declared = entries.get(name)
                inner = ANY if declared is None else declared
                context[name] = _from_python(item, inner, run, f"{where}.{name}", depth + 1)
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


def _plain(value: str, run: Run) -> str:
    """Return a string as one of Python's own: a class of the host's may compare as it likes."""
    length = str.__len__(value)
    if length > run.limits.chars:
        run.limits.exceeded("chars")
    run.charge(length // _CHARS_PER_STEP)
    return str.__str__(value)


def _bounded(value: Sized, depth: int, run: Run, where: str) -> None:
    charge_items(run, len(value))
    run.charge(_CONTAINER_STEPS)
    if depth >= MAX_DEPTH:
        message = f"{where[:80]}: nested deeper than {MAX_DEPTH} levels"
        raise InputError(message)


def _string(value: str, type_: Type, where: str) -> Any:
    known = TEMPORAL.get(type_) if isinstance(type_, BasicType) else None
    if known is None:
        return value
    parse, wanted = known
    parsed = parse(value)
    if not isinstance(parsed, wanted):
        message = f"{where}: the text is no {type_}"
        raise InputError(message)
    return parsed


def _number(number: Decimal | None, value: Any, where: str) -> Decimal:
    if number is None:
        # Of a large integer Python refuses to make a text.
        shown = "the integer" if isinstance(value, int) else f"{value!r:.40}"
        message = f"{where}: {shown} is no number of FEEL"
        raise InputError(message)
    return number


def to_python(value: Any, run: Run | None = None) -> Any:
    """Return the host's value for a FEEL value.

    Temporal values become `datetime` objects where those hold them exactly, and stay
    themselves elsewhere. Lists and contexts are made anew, so that a host may change them.
    What several of them share is made for each: so `run`, where one is given, is charged for
    every element. Raises `LimitExceeded` when it is spent, and for a value that is nested
    deeper than `MAX_DEPTH`.
    """
    return _to_python(value, run, 0)


def _to_python(value: Any, run: Run | None, depth: int) -> Any:
    kind = type(value)
    if kind is Decimal or kind is str or kind is bool or value is None:
        return value
    if kind is not list and kind is not dict:
        return temporal.to_python(value)
    if depth >= MAX_DEPTH:
        raise LimitExceeded(f"the answer is nested deeper than {MAX_DEPTH} levels")
    if run is not None:
        run.charge(_CONTAINER_STEPS + len(value))
    if kind is list:
        return [_to_python(item, run, depth + 1) for item in value]
    return {key: _to_python(item, run, depth + 1) for key, item in value.items()}
