"""Values of the host on their way into a fused function, and out of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from pydmn.feel import numbers
from pydmn.feel.temporal import Date
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    NUMBER,
    STRING,
    ContextType,
    ListType,
    Type,
)  # fmt: skip
from pydmn.limits import Limits

INTEGERS: Final = 10**18
"""An int below has a place among FEEL's numbers as it is, also many of them added up."""

MEMBERS: Final = 200
"""Longer lists are left to the closures, which count each step."""

PYTHON: Final[Mapping[Type, type]] = {STRING: str, BOOLEAN: bool, NUMBER: Decimal, DATE: Date}
"""The class of a value of a type."""

LISTS: Final = (ListType(STRING), ListType(NUMBER))
"""The lists that a fused function takes as they are."""

_STRINGS: Final = frozenset({str})
_INTEGERS: Final = frozenset({int})
_NUMBERS: Final = frozenset({int, Decimal, float})


def strings(value: Any, limits: Limits) -> bool:
    """Say whether `value` is a short list of strings within the limits."""
    return (
        type(value) is list
        and len(value) <= MEMBERS
        and {*map(type, value)} <= _STRINGS
        and (not value or max(map(len, value)) <= limits.chars)
    )


def number_list(value: Any) -> list[Any] | None:
    """Return a short list of numbers, all int or all as FEEL has them; None for anything else.

    Raises `ArithmeticError` for a number that FEEL has not.
    """
    if type(value) is not list or len(value) > MEMBERS:
        return None
    classes = {*map(type, value)}
    if classes <= _INTEGERS:
        if value and not -INTEGERS < min(value) <= max(value) < INTEGERS:
            return None
        return value
    if not classes <= _NUMBERS or not all(map(_finite, value)):
        return None
    return list(map(_number, value))


def exact_list(value: list[Any] | None) -> list[Decimal] | None:
    """Return what `number_list` returns with numbers as FEEL has them."""
    return None if value is None else list(map(Decimal, value))


def _finite(number: float | Decimal) -> bool:
    if type(number) is Decimal:
        return number.is_finite()
    return type(number) is float or -INTEGERS < number < INTEGERS


def _number(number: float | Decimal) -> Decimal:
    return floated(number) if type(number) is float else numbers.rounded(Decimal(number))


def floated(number: float) -> Decimal:
    """Return a float as FEEL has it. Raises `ArithmeticError` for what is no number."""
    found = numbers.from_float(number)
    if found is None:
        raise ArithmeticError
    return found


def literal_type(values: list[Any]) -> Type:
    """Return the type that all of `values` have, null apart; `Any` where they differ."""
    found = {_type(value) for value in values if value is not None}
    return found.pop() if len(found) == 1 else ANY


def _type(value: Any) -> Type:
    return next((known for known, class_ in PYTHON.items() if type(value) is class_), ANY)


def entry_type(type_: Type, name: str) -> Type:
    """Return the type of an entry of a context, or `Any`."""
    return (type_.get(name) or ANY) if isinstance(type_, ContextType) else ANY
