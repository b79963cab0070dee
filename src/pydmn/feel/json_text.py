"""JSON in and out (RFC 8259) with every number exact.

In: a number is a `Decimal` of its own digits, never a float. Out: a number is written in full
in positional notation, a temporal value as its ISO text, a range as its FEEL text.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final, NoReturn

from pydmn.errors import InputError
from pydmn.feel import host, numbers
from pydmn.feel import text as feel_text
from pydmn.feel.findings import shown
from pydmn.feel.temporal import Date, DateTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from pydmn.feel.values import Range
from pydmn.run import Run

_ISO: Final = (Date, Time, DateTime, DaysAndTimeDuration, YearsAndMonthsDuration)


def read_json(content: bytes | str) -> Any:
    """Return what a JSON text holds: dicts, lists, `Decimal`, `str`, `bool` and None.

    Bytes are UTF-8; a mark of the byte order is passed over. Raises `InputError`, with its
    place and no value quoted, for what is no JSON, for `NaN` and `Infinity`, for a name that
    occurs twice in one object, and for half of a surrogate pair, which is no character.

    >>> read_json('{"weight": 1.50}')
    {'weight': Decimal('1.50')}
    """
    text = _decoded(content)
    if not text.strip():
        raise InputError("no JSON: the text is empty")
    try:
        value = json.loads(
            text,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"no JSON at {place}: {error.msg}") from None
    except ArithmeticError:
        raise InputError("no JSON that can be read: a number is out of range") from None
    except RecursionError:
        raise InputError("no JSON that can be read: it is nested too deep") from None
    if "\\u" in text:
        _check_characters(json.dumps(value, ensure_ascii=False, default=str))
    return value


def _decoded(content: bytes | str) -> str:
    if isinstance(content, str):
        _check_characters(content)
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"no UTF-8 text at byte {error.start}") from None


def _check_characters(text: str) -> None:
    """Refuse half of a surrogate pair: UTF-8 cannot hold it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("no UTF-8 text: it has half of a surrogate pair") from None


def _no_number(name: str) -> NoReturn:
    raise InputError(f"`{name}` is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the name `{shown(_printable(twice))}` occurs twice in one JSON object")
    return result


def _printable(name: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in name)


def write_json(value: Any, indent: int | None = None) -> str:
    """Return a host's `value` as JSON: on one line without blanks, or indented by `indent`.

    Raises `InputError` for a value without a JSON form: a function.

    >>> write_json({"weight": read_json("1.50"), "parts": [1, 2]})
    '{"weight":1.50,"parts":[1,2]}'
    """
    return _write(value, indent, "\n")


def _write(value: Any, indent: int | None, line: str) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int() | Decimal():
            return numbers.to_text(Decimal(value))
        case list() | tuple():
            inner = line + " " * (indent or 0)
            return _block("[]", [_write(item, indent, inner) for item in value], indent, line)
        case dict():
            inner = line + " " * (indent or 0)
            colon = ":" if indent is None else ": "
            members = [
                f"{json.dumps(name, ensure_ascii=False)}{colon}{_write(item, indent, inner)}"
                for name, item in value.items()
            ]
            return _block("{}", members, indent, line)
        case Range():
            return json.dumps(feel_text.literal(Run(), value), ensure_ascii=False)
    temporal = host.from_python(value)
    if isinstance(temporal, _ISO):
        return json.dumps(str(temporal))
    raise InputError("a function has no JSON form")


def _block(ends: str, items: list[str], indent: int | None, line: str) -> str:
    """Return a JSON array or object, a line an item where there is an `indent`."""
    if not items or indent is None:
        return f"{ends[0]}{','.join(items)}{ends[1]}"
    inner = line + " " * indent
    return f"{ends[0]}{inner}{f',{inner}'.join(items)}{line}{ends[1]}"
