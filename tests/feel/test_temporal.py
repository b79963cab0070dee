"""Dates, times and durations: texts from the TCK, calendar and zones against `datetime`."""

from __future__ import annotations

import datetime as dt
import pickle
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydmn.feel import text
from pydmn.feel.temporal import (
    DAY_NANOS,
    NANOS,
    Date,
    DateTime,
    DaysAndTimeDuration,
    Time,
    YearsAndMonthsDuration,
    days_in_month,
    from_python,
    to_python,
)

# --- the calendar ---------------------------------------------------------------------


@given(st.dates())
def test_the_calendar_agrees_with_python(day: dt.date) -> None:
    date = Date(day.year, day.month, day.day)
    assert date.days == (day - dt.date(1970, 1, 1)).days
    assert Date.from_days(date.days) == date
    assert date.weekday == day.isoweekday()
    assert date.week_of_year == day.isocalendar().week
    assert date.day_of_year == day.timetuple().tm_yday
    assert str(date) == day.isoformat()


@given(st.integers(-999_999_999, 999_999_999), st.integers(1, 12), st.integers(1, 28))
def test_days_are_counted_both_ways(year: int, month: int, day: int) -> None:
    date = Date(year, month, day)
    assert Date.from_days(date.days) == date
    assert 1 <= date.week_of_year <= 53


@given(st.integers(-999_999_600, 999_999_599), st.integers(1, 12), st.integers(1, 28))
def test_the_calendar_repeats_after_400_years(year: int, month: int, day: int) -> None:
    date, later = Date(year, month, day), Date(year + 400, month, day)
    assert later.days - date.days == 146_097
    assert later.weekday == date.weekday


@pytest.mark.parametrize(
    ("year", "month", "day", "problem"),
    [
        (1_000_000_000, 1, 1, "year"),
        (-1_000_000_000, 1, 1, "year"),
        (2021, 0, 1, "month"),
        (2021, 13, 1, "month"),
        (2021, 2, 29, "no day"),
        (1900, 2, 29, "no day"),
        (2021, 1, 0, "no day"),
    ],
)
def test_what_is_no_date(year: int, month: int, day: int, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Date(year, month, day)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2021-01-31", 1, "2021-02-28"),
        ("2020-01-31", 1, "2020-02-29"),
        ("2020-03-31", -1, "2020-02-29"),
        ("2021-05-15", 8, "2022-01-15"),
        ("2021-01-15", -1, "2020-12-15"),
        ("-2021-01-01", -1, "-2022-12-01"),  # TCK 0100
    ],
)
def test_months_later(start: str, months: int, expected: str) -> None:
    date = text.parse_date(start)
    assert date is not None
    assert str(date.plus_months(months)) == expected


def test_february() -> None:
    lengths = [days_in_month(year, 2) for year in (1900, 2000, 2020, 2021)]
    assert lengths == [28, 29, 29, 28]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [  # TCK 1121
        ("2011-12-22", "2013-08-24", "P1Y8M"),
        ("2013-08-24", "2011-12-22", "-P1Y8M"),
        ("2016-01-01", "2016-01-01", "P0M"),
        ("2013-08-20", "2011-12-22", "-P1Y7M"),
        ("2014-12-31", "2019-10-01", "P4Y9M"),
        ("-2016-01-30", "-2017-02-28", "-P11M"),
        ("2014-12-31", "-2019-10-01", "-P4033Y2M"),
        ("2011-12-31", "2017-08-10", "P5Y7M"),
    ],
)
def test_whole_months_between(start: str, end: str, expected: str) -> None:
    first, last = text.parse_date(start), text.parse_date(end)
    assert first is not None
    assert last is not None
    assert str(YearsAndMonthsDuration.between(first, last)) == expected


# --- lexical forms --------------------------------------------------------------------

DATES = ["2017-12-31", "-2017-01-01", "999999999-12-31", "-999999999-12-31", "0000-01-01"]
NO_DATES = [
    "", "2012-12-25T", "2012/12/25", "9999999999-12-25", "2017-13-10", "2017-12-32", "998-12-31",
    "01211-12-31", "2012T-12-2511:00:00Z", "+2012-12-02", "2017-1-1", "-0000-01-01", "2017-02-30",
]  # fmt: skip


@pytest.mark.parametrize("source", DATES)
def test_a_date_prints_as_it_was_read(source: str) -> None:
    assert str(text.parse_date(source)) == source


@pytest.mark.parametrize("source", NO_DATES)
def test_what_does_not_read_as_a_date(source: str) -> None:
    assert text.parse_date(source) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [  # TCK 1116
        ("01:02:03", "01:02:03"),
        ("11:22:33.444", "11:22:33.444"),
        ("11:22:33.123456789", "11:22:33.123456789"),
        ("11:22:33.1234567899", "11:22:33.123456789"),
        ("23:59:00Z", "23:59:00Z"),
        ("23:59:00z", "23:59:00Z"),
        ("11:22:33-00:00", "11:22:33Z"),
        ("11:22:33+00:00", "11:22:33Z"),
        ("13:20:00+02:00", "13:20:00+02:00"),
        ("11:59:45+02:45:55", "11:59:45+02:45:55"),
        ("13:20:00-14:00", "13:20:00-14:00"),
        ("00:01:00@Etc/UTC", "00:01:00@Etc/UTC"),
        ("10:00:00@America/Toronto", "10:00:00@America/Toronto"),
        ("24:00:00", "00:00:00"),
    ],
)
def test_times(source: str, expected: str) -> None:
    assert str(text.parse_time(source)) == expected


@pytest.mark.parametrize(
    "source",
    [
        "", "23:59:60", "24:00:01", "24:01:00", "25:00:00", "00:60:00", "00:00:61", "7:00:00",
        "07:1:00", "07:01:2", "13:20:00@xyz/abc", "13:20:00@Europe", "13:20:00@../etc",
        "13:20:00+19:00", "13:20:00+14:01", "13:20:00+01:60", "13:20:00+5:00", "13:20:00+5",
        "13:20:00+02:00@Europe/Paris", "7:20", "07:2", "11:30:00T", "11:30:00.", "11:30:00 ",
    ],
)  # fmt: skip
def test_what_does_not_read_as_a_time(source: str) -> None:
    assert text.parse_time(source) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [  # TCK 1117, 0100; the zoned date is an example of 10.3.2.13
        ("2012-12-24", "2012-12-24T00:00:00"),
        ("2012-03-07Z", "2012-03-07T00:00:00Z"),
        ("2017-12-31T11:22:33.456+01:35", "2017-12-31T11:22:33.456+01:35"),
        ("-2017-12-31T11:22:33", "-2017-12-31T11:22:33"),
        ("2011-12-31T10:15:30.987@Europe/Paris", "2011-12-31T10:15:30.987@Europe/Paris"),
        ("2021-01-01T24:00:00", "2021-01-02T00:00:00"),
        ("-999999999-12-31T23:59:59.999999999+02:00", "-999999999-12-31T23:59:59.999999999+02:00"),
    ],
)
def test_dates_and_times(source: str, expected: str) -> None:
    assert str(text.parse_date_and_time(source)) == expected


@pytest.mark.parametrize(
    "source",
    [
        "", "11:00:00", "2011-12-0310:15:30", "2011-12-03T10:15:30+01:00@Europe/Paris",
        "2017-13-10T11:22:33", "2017-00-10T11:22:33", "998-12-31T11:22:33", "2017-12-31T24:00:01",
        "2017-12-31T7:00:00", "2017-12-31T13:20:00@xyz/abc", "2017-12-31T13:20:00+19:00",
        "+99999-12-01T11:22:33", "999999999-12-31T24:00:00", "2017-13-01Z", "2017-12-31@xyz/abc",
    ],
)  # fmt: skip
def test_what_does_not_read_as_a_date_and_time(source: str) -> None:
    assert text.parse_date_and_time(source) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [  # TCK 1120
        ("P1D", "P1D"),
        ("PT0.999S", "PT0.999S"),
        ("P1DT2H3M4.123456789S", "P1DT2H3M4.123456789S"),
        ("PT0.S", "PT0S"),
        ("-PT0S", "PT0S"),
        ("P0D", "PT0S"),
        ("-PT1H2M", "-PT1H2M"),
        ("PT1000M0.999999999S", "PT16H40M0.999999999S"),
        ("PT240H", "P10D"),
        ("P2DT274M", "P2DT4H34M"),
        ("P1Y27M", "P3Y3M"),
        ("P0Y", "P0M"),
        ("-P100M", "-P8Y4M"),
        ("P999999999M", "P83333333Y3M"),
    ],
)
def test_durations(source: str, expected: str) -> None:
    assert str(text.parse_duration(source)) == expected


@pytest.mark.parametrize(
    "source",
    [
        "", "P", "P0", "1Y", "1D", "P1H", "P1S", "PT", "P1DT", "P1Y1D", "+P1D", "P1.5D", "PT.5S",
        "P" + "9" * 35 + "D", "P" + "9" * 35 + "M",
    ],
)  # fmt: skip
def test_what_does_not_read_as_a_duration(source: str) -> None:
    assert text.parse_duration(source) is None


@pytest.mark.parametrize(
    ("source", "kind"),
    [  # TCK 0093
        ("2019-03-31", Date),
        ("10:30:11@Australia/Melbourne", Time),
        ("2018-12-08T10:30:11+11:00", DateTime),
        ("P10D", DaysAndTimeDuration),
        ("-P10Y", YearsAndMonthsDuration),
        ("foo", type(None)),
    ],
)
def test_at_literals(source: str, kind: type) -> None:
    assert type(text.parse_at_literal(source)) is kind


# --- zones ----------------------------------------------------------------------------

ZONES = ["Europe/Paris", "Australia/Melbourne", "America/New_York", "Asia/Dhaka", "Etc/UTC"]


@given(
    st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(2200, 1, 1)),  # noqa: DTZ001 - wall clocks
    st.sampled_from(ZONES),
    st.integers(-(10**8), 10**8),
)
def test_moving_in_a_zone_agrees_with_zoneinfo(wall: dt.datetime, zone: str, seconds: int) -> None:
    start = wall.replace(tzinfo=ZoneInfo(zone))
    moved = (start.astimezone(dt.UTC) + dt.timedelta(seconds=seconds)).astimezone(ZoneInfo(zone))
    result = from_python(start).plus(seconds * NANOS)
    assert result.utc_offset == moved.utcoffset().total_seconds()  # type: ignore[union-attr]
    assert to_python(result) == moved
    assert to_python(result).fold == moved.fold


def test_a_repeated_hour_passes_twice() -> None:
    first = text.parse_date_and_time("2021-10-31T02:30:00@Europe/Paris")
    assert first is not None
    second = first.plus(3_600 * NANOS)
    third = second.plus(3_600 * NANOS)
    assert [str(each)[11:19] for each in (first, second, third)] == [
        "02:30:00", "02:30:00", "03:30:00",
    ]  # fmt: skip
    assert [each.utc_offset for each in (first, second, third)] == [7_200, 3_600, 3_600]
    assert second.plus_months(0) == first
    assert [to_python(each).fold for each in (first, second, third)] == [0, 1, 0]
    assert from_python(to_python(second)) == second


def test_zones_beyond_the_years_of_python() -> None:
    far = text.parse_date_and_time("12021-07-01T00:00:00@Europe/Paris")
    past = text.parse_date_and_time("-2021-01-01T10:10:10@Australia/Melbourne")
    assert far is not None
    assert past is not None
    assert far.utc_offset == 7_200  # the summer time in force for ever
    assert str(past.plus(-DAY_NANOS)) == "-2022-12-31T10:10:10@Australia/Melbourne"  # TCK 0100


@pytest.mark.parametrize("name", ["Europe/Nowhere", "Europe/" + "a" * 100, "../etc/passwd"])
def test_a_name_that_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        Time(0, None, name)
    assert text.parse_time(f"10:00:00@{name}") is None


def test_a_time_alone_takes_the_offset_of_its_zone_in_winter() -> None:
    assert Time(0, None, "Europe/Paris").utc_offset == 3_600
    assert Time(0, 7_200).utc_offset == 7_200
    assert Time(0).utc_offset is None


def test_what_is_no_time() -> None:
    with pytest.raises(ValueError, match="between"):
        Time(DAY_NANOS)
    with pytest.raises(ValueError, match="14:00"):
        Time(0, 15 * 3_600)
    with pytest.raises(ValueError, match="no time zone"):
        Time(0, None, "Nowhere")
    with pytest.raises(ValueError, match="between"):
        Time.of(24, 0, 0)


# --- the border to Python -------------------------------------------------------------


@given(
    st.one_of(
        st.dates(),
        st.times(),
        st.times(timezones=st.just(dt.timezone(dt.timedelta(hours=-5)))),
        st.datetimes(),
        st.datetimes(timezones=st.sampled_from(list(map(ZoneInfo, ZONES)))),
        st.timedeltas(),
    )
)
def test_there_and_back(value: object) -> None:
    result = to_python(from_python(value))
    assert result == value
    assert getattr(result, "fold", 0) == getattr(value, "fold", 0) or (
        # `fold` says nothing where no hour is repeated.
        value.utcoffset() == result.utcoffset()  # type: ignore[attr-defined]
    )


@pytest.mark.parametrize(
    "value",
    [
        Date(0, 1, 1),
        Date(10_000, 1, 1),
        Time(1),
        Time(0, None, "Europe/Paris"),
        DateTime(Date(10_000, 1, 1), Time(0)),
        DateTime(Date(2000, 1, 1), Time(1)),
        DaysAndTimeDuration(1),
        DaysAndTimeDuration(10**33),
        YearsAndMonthsDuration(1),
    ],
)
def test_what_python_cannot_hold_stays_as_it_is(value: object) -> None:
    assert to_python(value) is value
    assert from_python(value) is value
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - bytes of our own


def test_a_zone_without_a_name_is_its_offset() -> None:
    class Island(dt.tzinfo):
        def utcoffset(self, _: dt.datetime | None) -> dt.timedelta:
            return dt.timedelta(hours=3)

        def dst(self, _: dt.datetime | None) -> None:
            return None

        def tzname(self, _: dt.datetime | None) -> None:
            return None

    assert from_python(dt.time(1, tzinfo=Island())) == Time(3_600 * NANOS, 3 * 3_600)


@pytest.mark.parametrize("kind", [DaysAndTimeDuration, YearsAndMonthsDuration])
def test_durations_are_bounded(kind: type) -> None:
    with pytest.raises(ValueError, match="out of range"):
        kind(10**34)
