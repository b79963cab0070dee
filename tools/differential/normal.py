"""Values in a form that engines can be compared by: the one that the judges print.

Null, true and false are themselves; all else is a list that starts with a tag: n (number), s
(string), d (date), t (time), dt (date and time), dtd and ymd (durations, in seconds and in
months), l (list), c (context), r (range), f (function), e (no answer, with the reason).
"""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any, Final, TypeAlias

import pydmn

Normal: TypeAlias = Any
"""JSON, as the module's docstring says."""

NANOS: Final = 1_000_000_000
_EXACT: Final = Context(prec=40)


def of(value: Any) -> Normal:
    """Return a value that `pydmn` gave, in the form."""
    match value:
        case None | bool():
            return value
        case str():
            return ["s", value]
        case Decimal():
            return ["n", "0" if not value else str(value.normalize(_EXACT))]
        case list():
            return ["l", [of(item) for item in value]]
        case dict():
            return ["c", {key: of(item) for key, item in value.items()}]
        case pydmn.Range():
            return _range(value)
        case pydmn.Function():
            return ["f"]
        case timedelta():
            return _seconds((value // timedelta(microseconds=1)) * 1000)
        case pydmn.DaysAndTimeDuration():
            return _seconds(value.nanoseconds)
        case pydmn.YearsAndMonthsDuration():
            return ["ymd", f"P{value.months}M"]
        case datetime():
            return ["dt", f"{value.date()}T{_clock(value.time())}{_zone(value)}"]
        case date():
            return ["d", str(value)]
        case time():
            return ["t", _clock(value) + _zone(value)]
        case pydmn.Date() | pydmn.DateTime():
            return ["d" if isinstance(value, pydmn.Date) else "dt", str(value)]
        case pydmn.Time():
            return ["t", str(value)]
    raise TypeError(f"no form for a {type(value).__name__}")


def _range(value: pydmn.Range) -> Normal:
    low_mark = "[" if value.low_closed and value.low is not None else "("
    high_mark = "]" if value.high_closed and value.high is not None else ")"
    return ["r", low_mark, of(value.low), of(value.high), high_mark]


def _seconds(nanoseconds: int) -> Normal:
    seconds = Decimal(nanoseconds) / NANOS
    text = "0" if not seconds else str(seconds.normalize(_EXACT))
    return ["dtd", f"PT{text}S"]


def _clock(value: time) -> str:
    text = value.replace(tzinfo=None, microsecond=0).isoformat()
    return text + (f".{value.microsecond:06}".rstrip("0") if value.microsecond else "")


def _zone(value: datetime | time) -> str:
    if value.tzinfo is None:
        return ""
    key = getattr(value.tzinfo, "key", None)
    if key is not None:
        return f"@{key}"
    offset = value.utcoffset()
    if not offset:
        return "Z"
    sign = "-" if offset < timedelta(0) else "+"
    minutes, seconds = divmod(abs(offset), timedelta(minutes=1))
    text = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    return text + (f":{seconds.seconds:02}" if seconds else "")


def failed(value: Normal) -> bool:
    """Say whether the engine gave no answer, here or inside a list or context."""
    match value:
        case ["e", *_]:
            return True
        case ["l", items]:
            return any(map(failed, items))
        case ["c", entries]:
            return any(map(failed, entries.values()))
    return False


def same(left: Normal, right: Normal) -> bool:
    """Say whether two values are the same: contexts in any order, numbers exactly."""
    match left, right:
        case ["l", left_items], ["l", right_items]:
            return len(left_items) == len(right_items) and all(
                same(*pair) for pair in zip(left_items, right_items, strict=True)
            )
        case ["c", left_entries], ["c", right_entries]:
            return left_entries.keys() == right_entries.keys() and all(
                same(item, right_entries[key]) for key, item in left_entries.items()
            )
        case ["r", *left_parts], ["r", *right_parts]:
            return all(same(*pair) for pair in zip(left_parts, right_parts, strict=True))
    return type(left) is type(right) and left == right


def written(value: Normal) -> bool:
    """Say whether the value has a FEEL text that reads back as it."""
    match value:
        case ["e", *_] | ["f"] | ["r", _, None, None, _]:
            return False
        case ["l", items]:
            return all(map(written, items))
        case ["c", entries]:
            return all(map(written, entries.values()))
    return True


def kind(value: Normal) -> str:
    """Return a word for what a value is: its tag, or null, true, false."""
    return json.dumps(value) if value is None or isinstance(value, bool) else value[0]


def shown(value: Normal) -> str:
    """Return a value for people: as FEEL, or `no answer`."""
    return "no answer" if failed(value) else literal(value)


def literal(value: Normal) -> str:
    """Return the FEEL text of a value. Raises `ValueError` where it has none."""
    match value:
        case None | bool():
            return json.dumps(value)
        case ["n", text]:
            return format(Decimal(text), "f")
        case ["s", text]:
            return json.dumps(text, ensure_ascii=False)
        case ["d", text] | ["t", text] | ["dt", text]:
            return f'@"{text}"'
        case ["dtd" | "ymd", text]:
            inner = text.replace("PT-", "-PT").replace("P-", "-P")
            return f'@"{inner}"' if "E" not in inner else f'@"{_plain(inner)}"'
        case ["l", items]:
            return f"[{', '.join(map(literal, items))}]"
        case ["c", entries]:
            inside = (f"{json.dumps(key)}: {literal(item)}" for key, item in entries.items())
            return f"{{{', '.join(inside)}}}"
        case ["r", low_mark, low, high, high_mark] if low is not None and high is not None:
            return f"{low_mark}{literal(low)}..{literal(high)}{high_mark}"
        case ["r", low_mark, low, None, _]:
            return f"(>{'=' if low_mark == '[' else ''} {literal(low)})"
        case ["r", _, None, high, high_mark]:
            return f"(<{'=' if high_mark == ']' else ''} {literal(high)})"
    raise ValueError(f"no FEEL text for {value!r:.60}")


def _plain(text: str) -> str:
    sign, _, rest = text.rpartition("PT")
    return f"{sign}PT{format(Decimal(rest[:-1]), 'f')}S"
