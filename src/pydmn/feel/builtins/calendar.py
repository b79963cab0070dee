"""Functions of the calendar (DMN 1.5, 10.3.4.8, Table 79) and of the clock (10.3.4.11)."""

from __future__ import annotations

from decimal import Decimal

from pydmn.feel.builtins.declare import builtin
from pydmn.feel.temporal import Date, DateTime, from_python
from pydmn.feel.values import Value
from pydmn.run import Run

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@builtin("day of year")
def day_of_year(date: Date | DateTime) -> Decimal:
    """Return 1 for the first of January."""
    return Decimal(_day(date).day_of_year)


@builtin("day of week")
def day_of_week(date: Date | DateTime) -> str:
    """Return the English name of the weekday."""
    return _DAYS[_day(date).weekday - 1]


@builtin("month of year")
def month_of_year(date: Date | DateTime) -> str:
    """Return the English name of the month."""
    return _MONTHS[_day(date).month - 1]


@builtin("week of year")
def week_of_year(date: Date | DateTime) -> Decimal:
    """Return the number of the week (ISO 8601)."""
    return Decimal(_day(date).week_of_year)


@builtin("now")
def now(run: Run) -> DateTime:
    """Return the moment of the evaluation."""
    moment: Value = from_python(run.now)
    assert isinstance(moment, DateTime)  # the clock gives a datetime
    return moment


@builtin("today")
def today(run: Run) -> Date:
    """Return the date of the evaluation, in the zone of its clock."""
    return now(run).date


def _day(date: Date | DateTime) -> Date:
    return date.date if isinstance(date, DateTime) else date
