"""What operators make of types, as far as types can tell (DMN 1.5, 10.3.2.9 and .13).

`ANY` stands for "not known" here and never disagrees. Types may share parts, so a walk
over two of them is cut at `_DEPTH` levels: below, they are taken to agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from pydmn.feel.types import (
    ANY,
    CONTEXT,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    FUNCTION,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_AND_MONTHS_DURATION,
    BasicType,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)

_DEPTH = 4

_DURATIONS = (DAYS_AND_TIME_DURATION, YEARS_AND_MONTHS_DURATION)
_MOMENTS = (DATE, DATE_AND_TIME)
ORDERED = frozenset({NUMBER, STRING, TIME, *_MOMENTS, *_DURATIONS})
"""The types whose values have an order (Table 54)."""


def _arithmetic() -> Mapping[tuple[str, Type, Type], Type]:
    """Return the results of arithmetic by operator and operand types (Tables 57 to 61)."""
    table: dict[tuple[str, Type, Type], Type] = {
        ("+", STRING, STRING): STRING,
        ("-", TIME, TIME): DAYS_AND_TIME_DURATION,
        ("+", TIME, DAYS_AND_TIME_DURATION): TIME,
        ("+", DAYS_AND_TIME_DURATION, TIME): TIME,
        ("-", TIME, DAYS_AND_TIME_DURATION): TIME,
    }
    for operator in ("+", "-", "*", "/", "**"):
        table[operator, NUMBER, NUMBER] = NUMBER
    for duration in _DURATIONS:
        table["+", duration, duration] = table["-", duration, duration] = duration
        table["*", duration, NUMBER] = table["*", NUMBER, duration] = duration
        table["/", duration, NUMBER] = duration
        table["/", duration, duration] = NUMBER
        for moment in _MOMENTS:
            table["+", moment, duration] = table["+", duration, moment] = moment
            table["-", moment, duration] = moment
    for left in _MOMENTS:
        for right in _MOMENTS:
            table["-", left, right] = DAYS_AND_TIME_DURATION
    return table


_ARITHMETIC = _arithmetic()
_BY_UNKNOWN: Mapping[str, Type] = {"+": STRING, "**": NUMBER}


def arithmetic(operator: str, left: Type, right: Type) -> Type | None:
    """Return the type of `left operator right`, or None where it is null for certain."""
    if unknown(left) or unknown(right):
        if operator == "**" or (operator == "+" and STRING in (left, right)):
            return _BY_UNKNOWN[operator]
        return ANY
    return _ARITHMETIC.get((operator, left, right))


def negation(operand: Type) -> Type | None:
    """Return the type of `-operand`, or None where it is null for certain (Table 62)."""
    if unknown(operand):
        return ANY
    return operand if operand == NUMBER or operand in _DURATIONS else None


def unknown(type_: Type) -> bool:
    """Say whether `type_` tells nothing about what operators do; null fits everywhere."""
    return type_ in (ANY, NULL)


def kind(type_: Type) -> str:
    """Return the name of a type for a message, cut where it is deep."""
    return _kind(type_, _DEPTH)


def _kind(type_: Type, depth: int) -> str:
    match type_:
        case BasicType(name):
            return name
        case ListType(element):
            known = depth > 0 and element != ANY
            return f"list<{_kind(element, depth - 1)}>" if known else "list"
        case RangeType(element):
            known = depth > 0 and element != ANY
            return f"range<{_kind(element, depth - 1)}>" if known else "range"
        case ContextType():
            return "context"
        case FunctionType():
            return "function"
        case _:
            assert_never(type_)


def comparable(left: Type, right: Type) -> bool:
    """Say whether `left = right` may be other than null (Table 53)."""
    if unknown(left) or unknown(right):
        return True
    if isinstance(left, BasicType):
        return left == right
    return type(left) is type(right)


def element(type_: Type) -> Type:
    """Return the type of an item when a value of `type_` is iterated or filtered."""
    return type_.element if isinstance(type_, ListType | RangeType) else type_


def fits(actual: Type, expected: Type) -> bool:
    """Say whether a value of `actual` may become one of `expected` (10.3.2.9.4).

    Counts the conversions to and from a list of one item, and of a date to a date and time.
    """
    return _fits(actual, expected, _DEPTH)


def _fits(actual: Type, expected: Type, depth: int) -> bool:
    if unknown(actual) or unknown(expected) or actual is expected or depth == 0:
        return True
    match actual, expected:
        case ListType(), ListType():
            return _fits(actual.element, expected.element, depth - 1)
        case ListType(), _:
            return _fits(actual.element, expected, depth - 1)
        case _, ListType():
            return _fits(actual, expected.element, depth - 1)
        case RangeType(), RangeType():
            return _fits(actual.element, expected.element, depth - 1)
        case ContextType(), ContextType():
            return all(
                _fits(mine, theirs, depth - 1)
                for name, theirs in expected.entries
                if (mine := actual.get(name)) is not None
            )
        case BasicType(), BasicType():
            return actual == expected or (actual, expected) == (DATE, DATE_AND_TIME)
    return type(actual) is type(expected)


def join(first: Type, second: Type) -> Type:
    """Return a type of which the values of both are; null joins any."""
    return _join(first, second, _DEPTH)


def _join(first: Type, second: Type, depth: int) -> Type:
    if first is second or second == NULL:
        return first
    if first == NULL:
        return second
    if depth == 0:
        return ANY
    match first, second:
        case BasicType(), BasicType() if first == second:
            return first
        case ListType(), ListType():
            return ListType(_join(first.element, second.element, depth - 1))
        case RangeType(), RangeType():
            return RangeType(_join(first.element, second.element, depth - 1))
        case ContextType(), ContextType():
            others = dict(second.entries)
            if others.keys() != {name for name, _ in first.entries}:
                return CONTEXT
            return ContextType(
                tuple((name, _join(mine, others[name], depth - 1)) for name, mine in first.entries)
            )
        case FunctionType(), FunctionType():
            return FUNCTION
    return ANY


_DATE_PARTS: Mapping[str, Type] = {
    "year": NUMBER, "month": NUMBER, "day": NUMBER, "weekday": NUMBER, "value": ANY,
}  # fmt: skip
_TIME_PARTS: Mapping[str, Type] = {
    "hour": NUMBER, "minute": NUMBER, "second": NUMBER, "timezone": STRING,
    "time offset": DAYS_AND_TIME_DURATION, "value": ANY,
}  # fmt: skip
_PROPERTIES: Mapping[Type, Mapping[str, Type]] = {
    DATE: _DATE_PARTS,
    TIME: _TIME_PARTS,
    DATE_AND_TIME: {**_DATE_PARTS, **_TIME_PARTS},
    DAYS_AND_TIME_DURATION: {
        "days": NUMBER, "hours": NUMBER, "minutes": NUMBER, "seconds": NUMBER, "value": ANY,
    },
    YEARS_AND_MONTHS_DURATION: {"years": NUMBER, "months": NUMBER, "value": ANY},
}  # fmt: skip
_RANGE_PARTS = ("start", "end", "start included", "end included")


def members(type_: Type) -> Mapping[str, Type] | None:
    """Return what `.name` may read of a value of `type_`, or None where that is not known.

    Of a list it is what may be read of its items (10.3.2.5); Table 66 has the properties.
    """
    match type_:
        case ListType(inner):
            return members(inner)
        case ContextType(entries):
            return dict(entries) if entries else None
        case RangeType(inner):
            return {name: inner if name in ("start", "end") else ANY for name in _RANGE_PARTS}
        case BasicType() if not unknown(type_):
            return _PROPERTIES.get(type_, {})
        case _:
            return None
