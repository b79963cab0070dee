"""FEEL's operators on values (DMN 1.5, 10.3.2.13, Tables 52 to 62).

Each takes the run first and answers null, with a note, where the operands do not fit.
`and` and `or` are not here: they must not evaluate what they do not need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, Literal

from pydmn.feel import numbers
from pydmn.feel.budget import charge_chars
from pydmn.feel.temporal import (
    DAY_NANOS,
    MIDNIGHT_UTC,
    NANOS,
    Date,
    DateTime,
    DaysAndTimeDuration,
    Time,
    YearsAndMonthsDuration,
)
from pydmn.feel.values import Range, Value, compare, described, equal, kind
from pydmn.run import Run

_ADD: Final = numbers.CONTEXT.add
_SUBTRACT: Final = numbers.CONTEXT.subtract
_MULTIPLY: Final = numbers.CONTEXT.multiply
_DIVIDE: Final = numbers.CONTEXT.divide

_DURATIONS: Final = (DaysAndTimeDuration, YearsAndMonthsDuration)
_MOMENTS: Final = (Date, DateTime, Time)
_DATE_STEPS: Final = 2
"""What a date counted is charged beside the turn: it takes longer to make than a number."""

_ENDPOINTS: Final = frozenset(
    {
        "number",
        "string",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)


# --- arithmetic -----------------------------------------------------------------------


def add(run: Run, left: Value, right: Value) -> Value:
    """`left + right`: numbers, strings, durations, a moment and a duration (Table 57)."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        try:
            return _ADD(left, right)
        except ArithmeticError:
            return _out_of_range(run, "+")
    if isinstance(left, str) and isinstance(right, str):
        charge_chars(run, len(left) + len(right))
        return left + right
    if isinstance(left, _DURATIONS) and isinstance(right, _MOMENTS):
        left, right = right, left
    return _moved(run, left, right, 1, "+")


def subtract(run: Run, left: Value, right: Value) -> Value:
    """`left - right`: numbers, durations, moments, a moment less a duration (Table 57).

    A date counts as its UTC midnight. Two moments need both a zone or offset, or neither.
    """
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        try:
            return _SUBTRACT(left, right)
        except ArithmeticError:
            return _out_of_range(run, "-")
    if isinstance(left, Time) and isinstance(right, Time):
        if left.is_local != right.is_local:
            return _unlike_zones(run)
        distance = left.nanoseconds - right.nanoseconds
        if left.zone is None or left.zone != right.zone:
            distance -= ((left.utc_offset or 0) - (right.utc_offset or 0)) * NANOS
        return DaysAndTimeDuration(distance)
    if isinstance(left, Date | DateTime) and isinstance(right, Date | DateTime):
        start, end = _date_time(right), _date_time(left)
        if start.is_local != end.is_local:
            return _unlike_zones(run)
        return DaysAndTimeDuration(end.epoch_nanoseconds - start.epoch_nanoseconds)
    return _moved(run, left, right, -1, "-")


def multiply(run: Run, left: Value, right: Value) -> Value:
    """`left * right`: numbers, or a duration and a number (Table 59).

    The months of a duration are cut toward zero; its seconds are a number as any other, held
    to the nearest nanosecond.
    """
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        try:
            return _MULTIPLY(left, right)
        except ArithmeticError:
            return _out_of_range(run, "*")
    if isinstance(left, Decimal):
        left, right = right, left
    if isinstance(right, Decimal):
        try:
            match left:
                case DaysAndTimeDuration():
                    product = _MULTIPLY(Decimal(left.nanoseconds), right)
                    return DaysAndTimeDuration(numbers.nearest(product))
                case YearsAndMonthsDuration():
                    return YearsAndMonthsDuration(numbers.times(left.months, right))
        except (ArithmeticError, ValueError):
            return _out_of_range(run, "*")
    return _unfit(run, "*", left, right)


def divide(run: Run, left: Value, right: Value) -> Value:
    """`left / right`: numbers, a duration by a number or by its like (Table 59)."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        try:
            return _DIVIDE(left, right)
        except ArithmeticError:
            return _out_of_range(run, "/") if right else _by_zero(run)
    try:
        match left, right:
            case DaysAndTimeDuration(), Decimal():
                parts = _DIVIDE(Decimal(left.nanoseconds), right)
                return DaysAndTimeDuration(numbers.nearest(parts))
            case YearsAndMonthsDuration(), Decimal():
                return YearsAndMonthsDuration(numbers.quotient(left.months, right))
            case DaysAndTimeDuration(), DaysAndTimeDuration():
                return _DIVIDE(Decimal(left.nanoseconds), Decimal(right.nanoseconds))
            case YearsAndMonthsDuration(), YearsAndMonthsDuration():
                return _DIVIDE(Decimal(left.months), Decimal(right.months))
    except ArithmeticError:
        # A number far below 1 takes the seconds out of range; all else divides by zero.
        tiny = isinstance(right, Decimal) and right
        return _out_of_range(run, "/") if tiny else _by_zero(run)
    except ValueError:
        return _out_of_range(run, "/")
    return _unfit(run, "/", left, right)


def power(run: Run, left: Value, right: Value) -> Value:
    """`left ** right`: numbers, `right` in -999,999,999..999,999,999 (Table 60)."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        run.charge(numbers.POWER_STEPS)
        try:
            return numbers.power(left, right)
        except ArithmeticError:
            return _out_of_range(run, "**")
    return _unfit(run, "**", left, right)


def negate(run: Run, value: Value) -> Value:
    """`-value`: a number or a duration (Table 62)."""
    match value:
        case Decimal():
            return value.copy_negate() if value else value
        case DaysAndTimeDuration():
            return DaysAndTimeDuration(-value.nanoseconds)
        case YearsAndMonthsDuration():
            return YearsAndMonthsDuration(-value.months)
    run.note("operand-type", f"`-` takes a number or a duration, not {described(value)}")
    return None


def _moved(run: Run, left: Value, right: Value, sign: Literal[1, -1], operator: str) -> Value:
    """Return `left` moved by the duration `right`, or the sum of two durations."""
    try:
        match left, right:
            case DaysAndTimeDuration(), DaysAndTimeDuration():
                return DaysAndTimeDuration(left.nanoseconds + sign * right.nanoseconds)
            case YearsAndMonthsDuration(), YearsAndMonthsDuration():
                return YearsAndMonthsDuration(left.months + sign * right.months)
            case ((Date() | DateTime()), YearsAndMonthsDuration()):
                return left.plus_months(sign * right.months)
            case ((DateTime() | Time()), DaysAndTimeDuration()):
                return left.plus(sign * right.nanoseconds)
            case Date(), DaysAndTimeDuration():
                # Less than a day moves the date where it crosses midnight: its time is 00:00.
                moved = left.days * DAY_NANOS + sign * right.nanoseconds
                return Date.from_days(moved // DAY_NANOS)
    except ValueError:
        return _out_of_range(run, operator)
    return _unfit(run, operator, left, right)


def _date_time(moment: Date | DateTime) -> DateTime:
    return DateTime(moment, MIDNIGHT_UTC) if isinstance(moment, Date) else moment


def _out_of_range(run: Run, operator: str) -> None:
    run.note("out-of-range", f"the result of `{operator}` has no value in FEEL")


def _by_zero(run: Run) -> None:
    run.note("division-by-zero", "the divisor is 0")


def _unlike_zones(run: Run) -> None:
    run.note("unlike-zones", "a moment with a zone or offset and one without have no distance")


def _unfit(run: Run, operator: str, left: Value, right: Value) -> None:
    run.note("operand-type", f"`{operator}` does not take {described(left)} and {described(right)}")


# --- comparison -----------------------------------------------------------------------


def equals(run: Run, left: Value, right: Value) -> bool | None:
    """`left = right`; null for values of unlike kinds (Table 53)."""
    same = equal(left, right, run)
    if same is None:
        _incomparable(run, left, right)
    return same


def not_equals(run: Run, left: Value, right: Value) -> bool | None:
    """`left != right`: the negation of `=`."""
    same = equals(run, left, right)
    return None if same is None else not same


def less(run: Run, left: Value, right: Value) -> bool | None:
    """`left < right`; null where there is no order (Table 54)."""
    order = _order(run, left, right)
    return None if order is None else order < 0


def less_or_equal(run: Run, left: Value, right: Value) -> bool | None:
    """`left <= right`."""
    order = _order(run, left, right)
    return None if order is None else order <= 0


def greater(run: Run, left: Value, right: Value) -> bool | None:
    """`left > right`."""
    order = _order(run, left, right)
    return None if order is None else order > 0


def greater_or_equal(run: Run, left: Value, right: Value) -> bool | None:
    """`left >= right`."""
    order = _order(run, left, right)
    return None if order is None else order >= 0


def between(run: Run, value: Value, low: Value, high: Value) -> bool | None:
    """`value between low and high`: `value >= low and value <= high` (Table 55)."""
    above = greater_or_equal(run, value, low)
    if above is False:
        return False
    below = less_or_equal(run, value, high)
    if below is False:
        return False
    return True if above and below else None


def in_test(run: Run, value: Value, test: Value) -> bool | None:
    """`value in test` for an evaluated test (Table 55).

    A range holds the value; a list holds it as an element, in a range among its elements, or
    is equal to it; anything else equals it. An element of another kind is no match.
    """
    if isinstance(test, Range) and not isinstance(value, Range):
        inside = test.contains(value)
        if inside is None:
            run.note("not-comparable", f"{described(value)} cannot be in this range")
        return inside
    if isinstance(test, list):
        return _in_list(run, value, test)
    return equals(run, value, test)


def _in_list(run: Run, value: Value, tests: list[Value]) -> bool:
    if isinstance(value, list) and equal(value, tests, run):
        return True
    run.charge(len(tests))
    for test in tests:
        if isinstance(test, Range) and not isinstance(value, Range):
            if test.contains(value):
                return True
        elif equal(value, test, run):
            return True
    return False


def _order(run: Run, left: Value, right: Value) -> int | None:
    order = compare(left, right)
    if order is None:
        _incomparable(run, left, right)
    return order


def _incomparable(run: Run, left: Value, right: Value) -> None:
    run.note("not-comparable", f"cannot compare {described(left)} with {described(right)}")


# --- ranges ---------------------------------------------------------------------------


def make_range(
    run: Run, low: Value, high: Value, low_closed: bool = True, high_closed: bool = True
) -> Range | None:
    """`[low..high]`: endpoints of one ordered kind, in order (10.3.2.7); otherwise null."""
    if kind(low) not in _ENDPOINTS or kind(low) != kind(high):
        run.note("range", f"a range does not go from {described(low)} to {described(high)}")
        return None
    order = compare(low, high)
    if order is None or order > 0:
        run.note("range", "a range goes from its lower to its higher end")
        return None
    return Range(low, high, low_closed, high_closed)


def make_comparison_range(
    run: Run, operator: Literal["=", "!=", "<", "<=", ">", ">="], endpoint: Value
) -> Range | None:
    """`(< endpoint)` as a value: the other end is open and not included (Table 42)."""
    if operator in ("=", "!="):
        closed = operator == "="
        return Range(endpoint, endpoint, closed, closed, "=" if closed else "!=")
    if kind(endpoint) not in _ENDPOINTS:
        run.note("range", f"a range does not end with {described(endpoint)}")
        return None
    if operator in ("<", "<="):
        return Range(None, endpoint, False, operator == "<=")
    return Range(endpoint, None, operator == ">=", False)


def iterate(run: Run, value: Value) -> Iterable[Value] | None:
    """Return what `for x in value` goes through (10.3.2.14); null for what cannot be counted.

    A range of integers or dates is counted upward, one at a time; a single value is a list of
    one. The caller charges the run for each element.
    """
    if isinstance(value, list):
        return value
    if value is None:
        run.note("iteration", "cannot go through null")
        return None
    if not isinstance(value, Range):
        return [value]
    first, last = _count(value.low), _count(value.high)
    if first is None or last is None or kind(value.low) != kind(value.high) or value.operator:
        run.note("range", f"cannot go through a range of {kind(value.low)}")
        return None
    start = first if value.low_closed else first + 1
    stop = last + 1 if value.high_closed else last
    return _counted(run, range(start, stop), isinstance(value.low, Date))


def iterate_between(run: Run, low: Value, high: Value) -> Iterable[Value] | None:
    """Return what `for x in low..high` goes through, downward where `high` is lower (10.3.2.14)."""
    first, last = _count(low), _count(high)
    if first is None or last is None or kind(low) != kind(high):
        run.note("range", f"cannot count from {described(low)} to {described(high)}")
        return None
    steps = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    return _counted(run, steps, isinstance(low, Date))


def _count(endpoint: Value) -> int | None:
    match endpoint:
        case Decimal():
            return numbers.integer(endpoint)
        case Date():
            return endpoint.days
    return None


def _counted(run: Run, steps: range, dates: bool) -> Iterator[Value]:
    if not dates:
        yield from map(Decimal, steps)
        return
    for step in steps:
        run.charge(_DATE_STEPS)
        yield Date.from_days(step)
