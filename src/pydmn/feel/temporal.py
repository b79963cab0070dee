"""FEEL's dates, times and durations (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8).

Python's `datetime` stops at the years 1 and 9999 and at microseconds; FEEL has years from
-999,999,999 to 999,999,999, nanoseconds and times with a named zone. So a FEEL value is a
small immutable object of its own, computed on integers. `to_python` and `from_python` cross
the border where nothing is lost. `str()` of a value is its ISO text, as `string()` gives it.

`==` on these classes is identity of the value, part by part (the `is` of 10.3.2.2). FEEL's
`=` and `<` are in `pydmn.feel.values`.
"""

from __future__ import annotations

import datetime as _datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

NANOS: Final = 1_000_000_000
DAY_SECONDS: Final = 86_400
DAY_NANOS: Final = DAY_SECONDS * NANOS
MAX_YEAR: Final = 999_999_999
MAX_OFFSET: Final = 14 * 3_600
"""Seconds; the bound of `time offset` (Table 66)."""
MAX_DURATION: Final = 10**34
"""Durations stay below this many nanoseconds or months, so that a number can hold them."""

_MAX_ZONE: Final = 64
"""Characters; the longest name of the IANA database has 32. Each part is looked for in files."""

_DAYS_IN_MONTH: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# A time without a date takes its zone's offset of this day, as XPath does for its
# comparisons (XQuery and XPath Functions and Operators, 10.4).
_REFERENCE_DAY: Final = (1972, 12, 31)


@dataclass(frozen=True, slots=True)
class Date:
    """A day of the proleptic Gregorian calendar; the constructor raises `ValueError` for none."""

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not -MAX_YEAR <= self.year <= MAX_YEAR:
            raise ValueError(f"year {self.year} is outside -999999999..999999999")
        if not 1 <= self.month <= 12:
            raise ValueError(f"there is no month {self.month}")
        if not 1 <= self.day <= days_in_month(self.year, self.month):
            raise ValueError(f"month {self.month} of {self.year} has no day {self.day}")

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    @property
    def days(self) -> int:
        """Days since 1970-01-01, negative before it."""
        # Years begin in March here, so that the leap day is a year's last (Howard Hinnant,
        # "chrono-Compatible Low-Level Date Algorithms").
        year = self.year - (self.month <= 2)
        era, year_of_era = divmod(year, 400)
        day_of_year = (153 * ((self.month + 9) % 12) + 2) // 5 + self.day - 1
        day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
        return era * 146_097 + day_of_era - 719_468

    @classmethod
    def from_days(cls, days: int) -> Date:
        """Return the date `days` after 1970-01-01; raise `ValueError` outside the years."""
        era, day_of_era = divmod(days + 719_468, 146_097)
        year_of_era = (
            day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
        ) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        shifted = (5 * day_of_year + 2) // 153
        month = shifted + 3 if shifted < 10 else shifted - 9
        day = day_of_year - (153 * shifted + 2) // 5 + 1
        return cls(era * 400 + year_of_era + (month <= 2), month, day)

    def plus_months(self, months: int) -> Date:
        """Return the date `months` later; a day that the month lacks becomes its last."""
        years, month = divmod(self.month - 1 + months, 12)
        year = self.year + years
        return Date(year, month + 1, min(self.day, days_in_month(year, month + 1)))

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday (ISO 8601)."""
        return (self.days + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        """1 for the first of January."""
        return self.days - Date(self.year, 1, 1).days + 1

    @property
    def week_of_year(self) -> int:
        """The week's number in the year that has its Thursday (ISO 8601)."""
        thursday = self.days - self.weekday + 4
        # The Thursday may lie a day or two beyond the last year; count without a Date.
        year = self.year
        if thursday < Date(year, 1, 1).days:
            first = Date(year, 1, 1).days - (366 if is_leap(year - 1) else 365)
        elif thursday >= Date(year, 12, 31).days + 1:
            first = Date(year, 12, 31).days + 1
        else:
            first = Date(year, 1, 1).days
        return (thursday - first) // 7 + 1


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day: nanoseconds since midnight, with an offset, a named zone or neither.

    `offset` is in seconds east of UTC. With a `zone` the offset follows from zone and date;
    both are given only for the second passing of an hour that a clock repeats. The
    constructor raises `ValueError` for what is no time.
    """

    nanoseconds: int
    offset: int | None = None
    zone: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.nanoseconds < DAY_NANOS:
            raise ValueError("a time lies between 00:00:00 and 24:00:00")
        if self.zone is not None:
            _zone(self.zone)
        elif self.offset is not None and abs(self.offset) > MAX_OFFSET:
            raise ValueError("an offset lies between -14:00 and +14:00")

    @classmethod
    def of(cls, hour: int, minute: int, nanoseconds: int, offset: int | None = None) -> Time:
        """Return a time from its parts; `nanoseconds` are those of the minute."""
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= nanoseconds < 60 * NANOS):
            raise ValueError("a time lies between 00:00:00 and 24:00:00")
        return cls((hour * 3_600 + minute * 60) * NANOS + nanoseconds, offset)

    def __str__(self) -> str:
        seconds, fraction = divmod(self.nanoseconds, NANOS)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        return f"{hour:02d}:{minute:02d}:{second:02d}{_fraction(fraction)}{self._place}"

    @property
    def _place(self) -> str:
        if self.zone is not None:
            return f"@{self.zone}"
        if self.offset is None:
            return ""
        if self.offset == 0:
            return "Z"
        minutes, second = divmod(abs(self.offset), 60)
        sign = "-" if self.offset < 0 else "+"
        tail = f":{second:02d}" if second else ""
        return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}{tail}"

    @property
    def is_local(self) -> bool:
        """True when neither offset nor zone is known."""
        return self.offset is None and self.zone is None

    @property
    def utc_offset(self) -> int | None:
        """Seconds east of UTC; a named zone counts with its offset of 1972-12-31."""
        if self.offset is not None or self.zone is None:
            return self.offset
        return _local_offset(Date(*_REFERENCE_DAY), self)

    def plus(self, nanoseconds: int) -> Time:
        """Return the time of day `nanoseconds` later, around the clock."""
        return Time((self.nanoseconds + nanoseconds) % DAY_NANOS, self.offset, self.zone)


MIDNIGHT_UTC: Final = Time(0, 0)
"""The time of day of a date that is taken as a date and time (10.3.2.3.5)."""


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date with a time of day (10.3.2.3.6)."""

    date: Date
    time: Time

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"

    @property
    def is_local(self) -> bool:
        """True when neither offset nor zone is known."""
        return self.time.is_local

    @property
    def utc_offset(self) -> int | None:
        """Seconds east of UTC at this date and time; None when local."""
        if self.time.offset is not None or self.time.zone is None:
            return self.time.offset
        return _local_offset(self.date, self.time)

    @property
    def wall_nanoseconds(self) -> int:
        """Nanoseconds of the wall clock since 1970-01-01T00:00:00, without regard to zones."""
        return self.date.days * DAY_NANOS + self.time.nanoseconds

    @property
    def epoch_nanoseconds(self) -> int:
        """`valuedt`: nanoseconds since 1970-01-01T00:00:00Z; a local one as if in UTC."""
        return self.wall_nanoseconds - (self.utc_offset or 0) * NANOS

    def plus(self, nanoseconds: int) -> DateTime:
        """Return the date and time `nanoseconds` later in the same zone or offset."""
        time = self.time
        if time.zone is None:
            return _from_wall(self.wall_nanoseconds + nanoseconds, time.offset, None)
        instant = self.epoch_nanoseconds + nanoseconds
        offset, repeated = _instant_offset(instant // NANOS, time.zone)
        pinned = offset if repeated else None
        return _from_wall(instant + offset * NANOS, pinned, time.zone)

    def plus_months(self, months: int) -> DateTime:
        """Return the same time of day `months` later."""
        return DateTime(
            self.date.plus_months(months),
            Time(
                self.time.nanoseconds, None if self.time.zone else self.time.offset, self.time.zone
            ),
        )


@dataclass(frozen=True, slots=True)
class DaysAndTimeDuration:
    """A duration counted in seconds, held in nanoseconds (10.3.2.3.7)."""

    nanoseconds: int

    def __post_init__(self) -> None:
        if abs(self.nanoseconds) >= MAX_DURATION:
            raise ValueError("the duration is out of range")

    @property
    def parts(self) -> tuple[int, int, int, int]:
        """Days, hours, minutes and the nanoseconds left, each with the duration's sign."""
        seconds, nanoseconds = divmod(abs(self.nanoseconds), 60 * NANOS)
        minutes, minute = divmod(seconds, 60)
        days, hour = divmod(minutes, 24)
        sign = -1 if self.nanoseconds < 0 else 1
        return sign * days, sign * hour, sign * minute, sign * nanoseconds

    def __str__(self) -> str:
        if not self.nanoseconds:
            return "PT0S"
        days, hours, minutes, rest = map(abs, self.parts)
        seconds, fraction = divmod(rest, NANOS)
        time = "".join(
            (
                f"{hours}H" if hours else "",
                f"{minutes}M" if minutes else "",
                f"{seconds}{_fraction(fraction)}S" if rest else "",
            )
        )
        sign = "-" if self.nanoseconds < 0 else ""
        return f"{sign}P{f'{days}D' if days else ''}{f'T{time}' if time else ''}"


@dataclass(frozen=True, slots=True)
class YearsAndMonthsDuration:
    """A duration counted in months (10.3.2.3.8)."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) >= MAX_DURATION:
            raise ValueError("the duration is out of range")

    @property
    def parts(self) -> tuple[int, int]:
        """Years and the months left, each with the duration's sign."""
        years, months = divmod(abs(self.months), 12)
        return (-years, -months) if self.months < 0 else (years, months)

    @classmethod
    def between(cls, start: Date, end: Date) -> YearsAndMonthsDuration:
        """Return the whole months from `start` to `end`, negative when `end` is earlier."""
        months = (end.year - start.year) * 12 + end.month - start.month
        if months > 0 and end.day < start.day:
            months -= 1
        elif months < 0 and end.day > start.day:
            months += 1
        return cls(months)

    def __str__(self) -> str:
        if not self.months:
            return "P0M"
        years, months = map(abs, self.parts)
        sign = "-" if self.months < 0 else ""
        return f"{sign}P{f'{years}Y' if years else ''}{f'{months}M' if months else ''}"


def is_leap(year: int) -> bool:
    """Say whether `year` of the proleptic Gregorian calendar has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """Return how many days `month` (1..12) of `year` has."""
    return 29 if month == 2 and is_leap(year) else _DAYS_IN_MONTH[month - 1]


def to_python(value: Any) -> Any:
    """Return the `datetime` object for a temporal value, or the value itself.

    The value itself comes back where Python's type would lose something: years outside
    1..9999, parts of a microsecond, a time with a named zone, years and months.
    """
    match value:
        case Date() if 1 <= value.year <= 9999:
            return _datetime.date(value.year, value.month, value.day)
        case Time() if value.zone is None and not value.nanoseconds % 1_000:
            return _clock(value, _python_offset(value.offset))
        case DateTime() if 1 <= value.date.year <= 9999 and not value.time.nanoseconds % 1_000:
            zone = value.time.zone
            clock = _clock(value.time, _zone(zone) if zone else _python_offset(value.time.offset))
            if zone is not None and value.time.offset is not None:
                clock = clock.replace(fold=1)
            return _datetime.datetime.combine(to_python(value.date), clock)
        case DaysAndTimeDuration() if not value.nanoseconds % 1_000:
            try:
                return _datetime.timedelta(microseconds=value.nanoseconds // 1_000)
            except OverflowError:
                return value
    return value


def from_python(value: Any) -> Any:
    """Return the FEEL value for a `datetime` object; any other object comes back as it is.

    A `ZoneInfo` gives a named zone, any other `tzinfo` its offset. Raises `ValueError` for
    an offset beyond 14 hours.
    """
    match value:
        case _datetime.datetime():
            return DateTime(Date(value.year, value.month, value.day), _time_of(value))
        case _datetime.date():
            return Date(value.year, value.month, value.day)
        case _datetime.time():
            return _time_of(value)
        case _datetime.timedelta():
            return DaysAndTimeDuration(
                (value.days * DAY_SECONDS + value.seconds) * NANOS + value.microseconds * 1_000
            )
    return value


def _time_of(value: _datetime.datetime | _datetime.time) -> Time:
    seconds = value.hour * 3_600 + value.minute * 60 + value.second
    nanoseconds = seconds * NANOS + value.microsecond * 1_000
    key = getattr(value.tzinfo, "key", None)
    delta = value.utcoffset()
    offset = None if delta is None else delta.days * DAY_SECONDS + delta.seconds
    if key is None:
        return Time(nanoseconds, offset)
    repeated = value.fold and delta != value.replace(fold=0).utcoffset()
    return Time(nanoseconds, offset if repeated else None, key)


def _clock(time: Time, zone: _datetime.tzinfo | None) -> _datetime.time:
    seconds, nanoseconds = divmod(time.nanoseconds, NANOS)
    return _datetime.time(
        seconds // 3_600, seconds // 60 % 60, seconds % 60, nanoseconds // 1_000, tzinfo=zone
    )


def _python_offset(offset: int | None) -> _datetime.timezone | None:
    return None if offset is None else _datetime.timezone(_datetime.timedelta(seconds=offset))


def _fraction(nanoseconds: int) -> str:
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""


def _from_wall(nanoseconds: int, offset: int | None, zone: str | None) -> DateTime:
    days, time = divmod(nanoseconds, DAY_NANOS)
    return DateTime(Date.from_days(days), Time(time, offset, zone))


# --- named zones ----------------------------------------------------------------------


def _zone(name: str) -> ZoneInfo:
    """Return the zone `name` of the IANA database; raise `ValueError` when there is none."""
    from zoneinfo import ZoneInfo  # imported when used: most decisions name no zone

    if len(name) > _MAX_ZONE:
        raise ValueError("a name of a time zone is not so long")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone `{name}`") from None


def _python_year(year: int) -> int:
    """Return a year that `datetime` can hold, with the same calendar and the same rules.

    The calendar repeats every 400 years. Before 400 there were no zones but local mean
    time; after 9000 there are only the rules in force.
    """
    if year < 400:
        return year % 400 + 400
    return year if year < 9000 else year % 400 + 8000


def _local_offset(date: Date, time: Time) -> int:
    """Return the offset in seconds of `time`'s zone at the wall clock `date`, `time`."""
    day = _datetime.date(_python_year(date.year), date.month, date.day)
    moment = _datetime.datetime.combine(day, _clock(time, _zone(time.zone or "UTC")))
    return _seconds(moment.utcoffset())


def _instant_offset(seconds: int, zone: str) -> tuple[int, bool]:
    """Return the offset of `zone` at `seconds` since the epoch, and whether it is a repeated hour.

    A repeated hour is the second passing of a clock that was set back.
    """
    days, second = divmod(seconds, DAY_SECONDS)
    utc = Date.from_days(days)
    moment = _datetime.datetime(
        _python_year(utc.year), utc.month, utc.day, tzinfo=_datetime.UTC
    ) + _datetime.timedelta(seconds=second)
    local = moment.astimezone(_zone(zone))
    return _seconds(local.utcoffset()), bool(local.fold)


def _seconds(offset: _datetime.timedelta | None) -> int:
    return 0 if offset is None else offset.days * DAY_SECONDS + offset.seconds
