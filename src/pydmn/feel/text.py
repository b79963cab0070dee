"""Texts of values: what `string()` writes, and what `date()`, `time()` and `@"..."` read.

Lexical forms are those of XML Schema, with a zone name after `@` (DMN 1.5, 10.3.4.1). The
readers return None for a text that is none; digits of a second after the ninth are dropped.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from pydmn.feel import numbers
from pydmn.feel.budget import charge_chars
from pydmn.feel.temporal import (
    DAY_NANOS,
    MAX_OFFSET,
    NANOS,
    Date,
    DateTime,
    DaysAndTimeDuration,
    Time,
    YearsAndMonthsDuration,
)
from pydmn.feel.values import Function, Range, Value
from pydmn.run import Run

_DATE = r"(?P<year>-?(?:[0-9]{4}|[1-9][0-9]{4,8}))-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_PLACE = r"(?P<place>[Zz]|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]+)?"
_TIME = (
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]+))?" + _PLACE
)
_DATE_TIME = f"{_DATE}(?:T{_TIME})?"
_ZONED_DATE = f"{_DATE}{_PLACE}"
_DAYS_AND_TIME = (
    r"(?P<sign>-?)P(?=[0-9T])(?:(?P<days>[0-9]{1,40})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,40})H)?(?:(?P<minutes>[0-9]{1,40})M)?"
    r"(?:(?P<seconds>[0-9]{1,40})(?:\.(?P<fraction>[0-9]*))?S)?)?"
)
_YEARS_AND_MONTHS = (
    r"(?P<sign>-?)P(?=[0-9])(?:(?P<years>[0-9]{1,40})Y)?(?:(?P<months>[0-9]{1,40})M)?"
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def parse_date(text: str) -> Date | None:
    """Read `2012-12-25`; a year has four digits, or up to nine without a leading zero."""
    found = re.fullmatch(_DATE, text)
    return None if found is None else _date(found)


def parse_time(text: str) -> Time | None:
    """Read `23:59:00`, with `.5`, and `Z`, `+01:00` or `@Europe/Paris`; 24:00:00 is midnight."""
    found = re.fullmatch(_TIME, text)
    if found is None:
        return None
    time = _time(found)
    return None if time is None else time[0]


def parse_date_and_time(text: str) -> DateTime | None:
    """Read a date, `T` and a time; a date alone is its midnight (10.3.2.3.6)."""
    found = re.fullmatch(_DATE_TIME, text)
    if found is not None and found["hour"] is not None:
        date, time = _date(found), _time(found)
        if date is None or time is None:
            return None
        try:
            return DateTime(Date.from_days(date.days + 1) if time[1] else date, time[0])
        except ValueError:
            return None
    found = re.fullmatch(_ZONED_DATE, text)
    if found is None:
        return None
    date, midnight = _date(found), _placed(0, found["place"])
    return None if date is None or midnight is None else DateTime(date, midnight)


def parse_duration(text: str) -> DaysAndTimeDuration | YearsAndMonthsDuration | None:
    """Read `P1DT2H3M4.5S` or `P1Y2M`, with `-` before it; a text of both kinds is none."""
    try:
        if found := re.fullmatch(_YEARS_AND_MONTHS, text):
            months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
            return YearsAndMonthsDuration(-months if found["sign"] else months)
        if found := re.fullmatch(_DAYS_AND_TIME, text):
            minutes = (int(found["days"] or 0) * 24 + int(found["hours"] or 0)) * 60
            seconds = (minutes + int(found["minutes"] or 0)) * 60 + int(found["seconds"] or 0)
            nanoseconds = seconds * NANOS + _nanoseconds(found["fraction"])
            return DaysAndTimeDuration(-nanoseconds if found["sign"] else nanoseconds)
    except ValueError:  # out of range
        return None
    return None


def parse_at_literal(text: str) -> Value:
    """Read the text of `@"..."` (grammar rule 65); None when it is none of the five types."""
    return parse_date(text) or parse_time(text) or parse_date_and_time(text) or parse_duration(text)


def to_text(run: Run, value: Value) -> str | None:
    """Return what `string(value)` is; None for null (10.3.4.1).

    A string is itself, a temporal value its ISO text, a number positional. Inside lists,
    contexts and ranges every value is written as a FEEL literal. Charges `run` for each
    character.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return value
    text: str
    if isinstance(value, Decimal):
        text = numbers.to_text(value)
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, list | dict | Range | Function):
        return literal(run, value)
    else:
        text = str(value)
    charge_chars(run, len(text))
    return text


def literal(run: Run, value: Value) -> str:
    """Return `value` as FEEL text that reads back as itself, functions excepted.

    Works down a stack of its own: a value may be nested deeper than Python calls.
    """
    pieces: list[str] = []
    size = 0
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, _Piece):
            piece = item.text
        elif isinstance(item, list):
            piece = "["
            pending.append(_Piece("]"))
            for index in range(len(item) - 1, -1, -1):
                pending.append(item[index])
                if index:
                    pending.append(_COMMA)
            run.charge(len(item))
        elif isinstance(item, dict):
            piece = "{"
            pending.append(_Piece("}"))
            for index, key in reversed(list(enumerate(item))):
                pending.append(item[key])
                pending.append(_Piece(f"{', ' if index else ''}{_key(key)}: "))
            run.charge(len(item))
        elif isinstance(item, Range):
            piece = _open_range(item, pending)
        else:
            piece = _scalar(item)
        size += len(piece)
        charge_chars(run, len(piece))
        if size > run.limits.chars:
            run.limits.exceeded("chars")
        pieces.append(piece)
    return "".join(pieces)


class _Piece:
    """Text between values, told apart from a FEEL string."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_COMMA = _Piece(", ")


def _open_range(value: Range, pending: list[Any]) -> str:
    if value.operator is not None or value.low is None or value.high is None:
        operator = value.operator or (
            ("<=" if value.high_closed else "<")
            if value.low is None
            else (">=" if value.low_closed else ">")
        )
        pending += [_Piece(")"), value.high if value.low is None else value.low]
        return f"({operator} "
    pending += [
        _Piece("]" if value.high_closed else ")"),
        value.high,
        _Piece(".."),
        value.low,
    ]
    return "[" if value.low_closed else "("


def _scalar(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return numbers.to_text(value)
    if isinstance(value, Function):
        return f"function({', '.join(parameter.name for parameter in value.parameters)})"
    return f'@"{value}"'


def quoted(text: str) -> str:
    """Return `text` as a FEEL string literal (grammar rule 35)."""
    return f'"{"".join(_ESCAPES.get(character, character) for character in text)}"'


def _key(key: str) -> str:
    # Imported when used: few values are written, and the lexer is not free.
    from pydmn.feel.names import is_name

    return key if is_name(key) else quoted(key)


def _date(found: re.Match[str]) -> Date | None:
    if found["year"] == "-0000":
        return None
    try:
        return Date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def _time(found: re.Match[str]) -> tuple[Time, bool] | None:
    """Return the time and whether it is 24:00:00, the midnight of the next day."""
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    nanoseconds = ((hour * 60 + minute) * 60 + second) * NANOS + _nanoseconds(found["fraction"])
    if minute > 59 or second > 59 or nanoseconds > DAY_NANOS:
        return None
    time = _placed(nanoseconds % DAY_NANOS, found["place"])
    return None if time is None else (time, nanoseconds == DAY_NANOS)


def _placed(nanoseconds: int, place: str | None) -> Time | None:
    if place is None:
        return Time(nanoseconds)
    if place in "Zz":
        return Time(nanoseconds, 0)
    if place[0] == "@":
        try:
            return Time(nanoseconds, None, place[1:])
        except ValueError:
            return None
    hours, minutes, *rest = map(int, place[1:].split(":"))
    seconds = rest[0] if rest else 0
    offset = hours * 3_600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or offset > MAX_OFFSET:
        return None
    return Time(nanoseconds, -offset if place[0] == "-" else offset)


def _nanoseconds(fraction: str | None) -> int:
    return int(fraction[:9].ljust(9, "0")) if fraction else 0
