"""What rises or falls with a term: a number rounded, the year of a date, a date moved.

Each says from where on it is at a bound, or above it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import floor as floor_of
from typing import Any, Final

from pydmn.feel import ast, numbers
from pydmn.feel.temporal import Date, DaysAndTimeDuration, YearsAndMonthsDuration
from pydmn.feel.types import (
    DATE,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    YEARS_AND_MONTHS_DURATION,
    BasicType,
)
from pydmn.tables.cells import literal, rank
from pydmn.verify.graph.terms import Term, View

_FIRST, _LAST = Date(-9999, 1, 1).days, Date(9999, 12, 31).days


def view_of(node: ast.Expression, name: str, of: Term, at: Callable[[Any], Any]) -> View | None:
    """Return how an operation rises or falls with its one term; None where none knows.

    `name` is what the term is called in `node`, `at` returns what the engine makes of its values.
    """
    it = ast.Name(name)
    match node:
        case ast.Call(ast.Name("floor"), (operand,)) if operand == it:
            return View(of, True, floor)
        case ast.Call(ast.Name("ceiling"), (operand,)) if operand == it:
            return View(of, True, _ceiling)
        case ast.Call(ast.Name("round half up"), (operand, ast.NumberLiteral(value=places))) if (
            operand == it and places == 0
        ):
            return View(of, True, _half_up)
        case ast.Path(base, entry) if base == it and entry in _TRUNCATED.get(of.kind, {}):
            return View(of, True, partial(_whole, *_TRUNCATED[of.kind][entry]))
    if of.kind != DATE or at(Date(2024, 1, 1)) is None:
        return None
    match node:
        case ast.Path(base, "year") if base == it:
            rising = True
        case ast.Arithmetic("+" | "-", left) if left == it:
            rising = True
        case ast.Arithmetic("-", _, right) if right == it:
            rising = False
        case ast.Call(ast.Name("years and months duration"), (first, last)) if it in (first, last):
            rising = last == it
        case _:
            return None
    return View(of, rising, partial(_from_day, at, rising))


def _from_day(at: Callable[[Any], Any], rising: bool, cut: Any, least: bool) -> tuple[Any, bool]:
    """Return the day from which on an operation is at a bound, or beyond it."""

    def beyond(day: int) -> bool:
        found = at(Date.from_days(day))
        if found is None:
            return not rising
        above = rank(found) > rank(cut) or (least and rank(found) == rank(cut))
        return above is rising

    low, high = _FIRST, _LAST + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if beyond(middle) else (middle + 1, high)
    return Date.from_days(low), True


def floor(value: Any, least: bool) -> tuple[Any, bool]:
    """Return from where on a number rounded down is at a bound, or above it."""
    whole = value.to_integral_value("ROUND_CEILING" if least else "ROUND_FLOOR")
    return (whole if least else numbers.CONTEXT.add(whole, 1)), True


def _ceiling(value: Any, least: bool) -> tuple[Any, bool]:
    """Return above which a number rounded up is at a bound, or above it."""
    whole = value.to_integral_value("ROUND_CEILING" if least else "ROUND_FLOOR")
    return (numbers.CONTEXT.subtract(whole, 1) if least else whole), False


def _half_up(value: Any, least: bool) -> tuple[Any, bool]:
    """Return from where on a number rounded, a half away from zero, is at a bound, or above it."""
    whole, _ = floor(value, least)
    # Of halves below zero the one that is rounded up to `whole` is not among these.
    return numbers.CONTEXT.subtract(whole, Decimal("0.5")), whole > 0


def _whole(of: type, unit: int, value: Any, least: bool) -> tuple[Any, bool]:
    """Return from where on a duration has so many whole units as a bound, or more."""
    whole, _ = floor(value, least)
    # What is less than a unit below zero has none.
    return (of(int(whole) * unit), True) if whole > 0 else (of((int(whole) - 1) * unit), False)


_TRUNCATED: Final[Mapping[BasicType, Mapping[str, tuple[type, int]]]] = {
    YEARS_AND_MONTHS_DURATION: {"years": (YearsAndMonthsDuration, 12)},
    DAYS_AND_TIME_DURATION: {"days": (DaysAndTimeDuration, 86_400 * 10**9)},
}


DAY: Final = 86_400 * 10**9
"""The nanoseconds of a day."""


def steady(of: Term) -> tuple[Term, int]:
    """Return the date that a date is so many days after, and how many."""
    days = 0
    while of.view is not None and isinstance(of.node, ast.Arithmetic):
        _, moved = literal(of.node.right)
        if of.node.left != of.view.base.node or not isinstance(moved, DaysAndTimeDuration):
            break
        if moved.nanoseconds % DAY:
            break
        days += moved.nanoseconds // DAY * (1 if of.node.operator == "+" else -1)
        of = of.view.base
    return of, days


def between(base: Term, node: ast.Expression, days: int, *, swapped: bool) -> Term:
    """Return what lies between two dates, of which `base` is the distance, and `days` more.

    It is a whole number of days; `swapped`, it is the distance the other way round.
    """

    def cut(value: Any, least: bool) -> tuple[Any, bool]:
        bound = value.nanoseconds - days * DAY
        if swapped:
            # Not above it, where it is asked for at least; not at it, where for above.
            bound, least = -bound, not least
        whole = -(-bound // DAY) if least else bound // DAY + 1
        return DaysAndTimeDuration(whole * DAY), True

    return Term(node, DAYS_AND_TIME_DURATION, View(base, not swapped, cut))


def quotient(of: Term, node: ast.Expression, unit: DaysAndTimeDuration) -> Term:
    """Return how often a duration above zero goes into a term."""

    def cut(value: Any, least: bool) -> tuple[Any, bool]:
        bound = Fraction(value) * unit.nanoseconds
        whole = floor_of(bound)
        if whole == bound:
            return DaysAndTimeDuration(whole), least
        return DaysAndTimeDuration(whole + 1), True

    return Term(node, NUMBER, View(of, True, cut))
