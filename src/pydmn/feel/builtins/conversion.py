"""Conversion functions (DMN 1.5, 10.3.4.1, Table 72); `range` is with the ranges."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeVar

from pydmn.feel import numbers, text
from pydmn.feel.builtins.declare import builtin
from pydmn.feel.temporal import (
    MIDNIGHT_UTC,
    NANOS,
    Date,
    DateTime,
    DaysAndTimeDuration,
    Time,
    YearsAndMonthsDuration,
)
from pydmn.feel.values import Value
from pydmn.run import Run

_Result = TypeVar("_Result")

_ZONE_STEPS = 100
_CHARS_PER_STEP = 20
_NUMERIC_LITERAL = r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"


@builtin("date")
def date_from(run: Run, from_: str | Date | DateTime) -> Date | None:
    """Read a date string, or take the date of a date and time."""
    if isinstance(from_, DateTime):
        return from_.date
    if isinstance(from_, Date):
        return from_
    _charge_reading(run, from_)
    return _read(run, text.parse_date(from_), "date", from_)


@builtin("date")
def date_of_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Date | None:
    """Make a date of whole numbers."""
    parts = numbers.integer(year), numbers.integer(month), numbers.integer(day)
    if None in parts:
        run.note("domain", "`date` takes whole numbers")
        return None
    try:
        return Date(*parts)  # type: ignore[arg-type]  # None is ruled out above
    except ValueError as problem:
        run.note("domain", f"`date`: {problem}")
        return None


@builtin("date and time")
def date_and_time_from(run: Run, from_: str | DateTime) -> DateTime | None:
    """Read a date and time string; a date alone is its midnight."""
    if isinstance(from_, DateTime):
        return from_
    _charge_reading(run, from_)
    return _read(run, text.parse_date_and_time(from_), "date and time", from_)


@builtin("date and time")
def date_and_time_of_parts(date: Date | DateTime, time: Time) -> DateTime:
    """Join a date, its own time of day ignored, and a time."""
    return DateTime(date.date if isinstance(date, DateTime) else date, time)


@builtin("time")
def time_from(run: Run, from_: str | Time | DateTime | Date) -> Time | None:
    """Read a time string, or take the time of a date and time; that of a date is UTC midnight."""
    if isinstance(from_, Time):
        return from_
    if isinstance(from_, DateTime):
        return from_.time
    if isinstance(from_, Date):
        return MIDNIGHT_UTC
    _charge_reading(run, from_)
    return _read(run, text.parse_time(from_), "time", from_)


@builtin("time")
def time_of_parts(
    run: Run,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysAndTimeDuration | None = None,
) -> Time | None:
    """Make a time; `second` may have a fraction, of which nanoseconds are kept."""
    hours, minutes = numbers.integer(hour), numbers.integer(minute)
    if hours is None or minutes is None or not 0 <= second < 60:
        run.note("domain", "`time` takes whole hours and minutes and seconds below 60")
        return None
    nanoseconds = numbers.times(NANOS, second)
    try:
        return Time.of(
            hours, minutes, nanoseconds, None if offset is None else offset.nanoseconds // NANOS
        )
    except ValueError as problem:
        run.note("domain", f"`time`: {problem}")
        return None


@builtin("number")
def number(
    run: Run, from_: str, grouping_separator: str | None, decimal_separator: str | None
) -> Decimal | None:
    """Read a number written with these separators (footnote 1 of Table 72)."""
    grouping, point = grouping_separator, decimal_separator
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", "."):
        run.note("domain", "a separator is a blank (between groups only), a comma or a period")
        return None
    if grouping == point and point is not None:
        run.note("domain", "the two separators are not the same")
        return None
    plain = from_
    if grouping is not None:
        plain = plain.replace(grouping, "")
    if point is not None:
        plain = plain.replace(point, ".")
    result = numbers.from_text(plain) if re.fullmatch(_NUMERIC_LITERAL, plain) else None
    return _read(run, result, "number", from_)


@builtin("string")
def string(run: Run, from_: Value) -> str | None:
    """Write a value as text; null stays null."""
    if from_ is None:
        run.note("domain", "`string` of null is null")
        return None
    return text.to_text(run, from_)


@builtin("duration")
def duration(
    run: Run, from_: str | DaysAndTimeDuration | YearsAndMonthsDuration
) -> DaysAndTimeDuration | YearsAndMonthsDuration | None:
    """Read a duration string of either kind."""
    if not isinstance(from_, str):
        return from_
    _charge_reading(run, from_)
    read = text.parse_duration(from_)
    if read is None:
        _unreadable(run, "duration", from_)
    return read


@builtin("years and months duration")
def years_and_months_duration(
    from_: Date | DateTime, to: Date | DateTime
) -> YearsAndMonthsDuration:
    """Count the whole months between two dates; times of day do not count."""
    start = from_.date if isinstance(from_, DateTime) else from_
    end = to.date if isinstance(to, DateTime) else to
    return YearsAndMonthsDuration.between(start, end)


def _charge_reading(run: Run, source: str) -> None:
    """Charge for reading a text, and for a zone that it may name: that is looked for in files."""
    run.charge(len(source) // _CHARS_PER_STEP + (_ZONE_STEPS if "@" in source else 0))


def _read(run: Run, result: _Result | None, target: str, source: str) -> _Result | None:
    if result is None:
        _unreadable(run, target, source)
    return result


def _unreadable(run: Run, target: str, source: str) -> None:
    shown = source if len(source) <= 40 else f"{source[:40]}..."
    run.note("domain", f"`{shown}` is no {target}")
