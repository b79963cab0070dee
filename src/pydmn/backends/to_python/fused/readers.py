"""Readers: a value of the host, if it is of the usual kind, as FEEL's value of a type.

What a reader makes conforms to its type (10.3.2.9.2) as the closures' value would, and is equal to
it. Everything else is `UNUSUAL`: the closures convert it, or say what is wrong with it.
"""

from __future__ import annotations

import datetime as _datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeAlias

from pydmn.backends.to_python.fused.values import INTEGERS, MEMBERS, floated
from pydmn.feel import host, numbers, temporal
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
)  # fmt: skip
from pydmn.limits import Limits

Reader: TypeAlias = Callable[[Any], Any]

_CLOCKS: Final[dict[Type, type]] = {
    DATE: _datetime.date,
    TIME: _datetime.time,
    DATE_AND_TIME: _datetime.datetime,
    DAYS_AND_TIME_DURATION: _datetime.timedelta,
}
"""The host's class for the values of a type, where it has one."""

_LONGEST: Final = 100
"""A longer text is no date, time or duration of the usual kind."""


_MOST: Final = 2_000
"""Of a type with room for more members, each is counted: see `most_members`."""


class _Unusual:
    """The class of `UNUSUAL`."""

    def __repr__(self) -> str:
        return "UNUSUAL"


UNUSUAL: Final = _Unusual()
"""What a reader returns for a value that is left to the closures."""


def reader(type_: Type, limits: Limits) -> Reader | None:
    """Return what reads values of `type_`; None for a type whose values are never usual."""
    if most_members(type_) > _MOST:
        return None
    if type_ == STRING:
        return _strings(limits.chars)
    if type_ in _PLAIN:
        return _PLAIN[type_]
    if type_ in host.TEMPORAL:
        return _temporal(*host.TEMPORAL[type_], _CLOCKS.get(type_))
    if type_ == ANY:
        return _anything(limits.chars)
    if isinstance(type_, ListType):
        element = reader(type_.element, limits)
        return None if element is None else _lists(element)
    if isinstance(type_, ContextType):
        return _contexts(type_, limits)
    return None


def most_members(type_: Type) -> int:
    """Return how many members of lists a value that a reader took may have."""
    if isinstance(type_, ListType):
        return MEMBERS * (1 + most_members(type_.element))
    if isinstance(type_, ContextType):
        return sum(most_members(entry) for _, entry in type_.entries)
    return 0


# --- scalars --------------------------------------------------------------------------


def _number(value: Any) -> Any:
    class_ = type(value)
    if class_ is int:
        return Decimal(value) if -INTEGERS < value < INTEGERS else UNUSUAL
    if class_ is Decimal and value.is_finite():
        return numbers.CONTEXT.create_decimal(value)
    if class_ is float:
        return floated(value)
    return None if value is None else UNUSUAL


def _boolean(value: Any) -> Any:
    return value if value is True or value is False or value is None else UNUSUAL


_PLAIN: Final[dict[Type, Reader]] = {NUMBER: _number, BOOLEAN: _boolean}


def _strings(chars: int) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is str:
            return value if len(value) <= chars else UNUSUAL
        return None if value is None else UNUSUAL

    return read


def _anything(chars: int) -> Reader:
    """Return what reads a scalar that JSON has; a text is a text, whatever it says."""

    def read(value: Any) -> Any:
        class_ = type(value)
        if class_ is str:
            return value if len(value) <= chars else UNUSUAL
        if class_ is bool:
            return value
        return _number(value)

    return read


def _temporal(parse: Callable[[str], Any], own: type, hosts: type | None) -> Reader:
    def read(value: Any) -> Any:
        class_ = type(value)
        if class_ is str and len(value) <= _LONGEST:
            parsed = parse(value)
            return parsed if type(parsed) is own else UNUSUAL
        if class_ is own or value is None:
            return value
        if class_ is not hosts:
            return UNUSUAL
        try:
            return temporal.from_python(value)
        except ValueError:
            return UNUSUAL

    return read


# --- what holds others ----------------------------------------------------------------


def _lists(element: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not list or len(value) > MEMBERS:
            return None if value is None else UNUSUAL
        members = list(map(element, value))
        return UNUSUAL if UNUSUAL in members else members

    return read


def _contexts(type_: ContextType, limits: Limits) -> Reader | None:
    """Return what reads a dict with all entries of a type; it may have others, if scalar."""
    readers: dict[str, Reader] = {}
    for name, entry in type_.entries:
        found = reader(entry, limits)
        if found is None:
            return None
        readers[name] = found
    declared = readers.keys()
    other = _anything(limits.chars)

    def read(value: Any) -> Any:
        if type(value) is not dict or len(value) > MEMBERS:
            return None if value is None else UNUSUAL
        context = {}
        for name, member in value.items():
            if type(name) is not str or len(name) > limits.chars:
                return UNUSUAL
            made = context[name] = readers.get(name, other)(member)
            if made is UNUSUAL:
                return UNUSUAL
        return context if declared <= context.keys() else UNUSUAL

    return read
