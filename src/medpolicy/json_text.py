"""JSON in and out (RFC 8259) with every number exact: a number is a `Decimal`, never a float."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

import pydmn
from medpolicy.problems import shown


class NotJson(ValueError):
    """Some bytes are no JSON; the message says where and why, and quotes no value."""


def read(data: bytes) -> Any:
    """Return the JSON value in `data`: dicts, lists, `Decimal`, `str`, `bool` and None.

    Raises `NotJson` for anything else, for `NaN` and `Infinity`, for a name given twice in one
    object, and for text that UTF-8 cannot hold. A mark of the byte order is passed over.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson(f"is not UTF-8 at byte {error.start}") from None
    if not text.strip():
        raise NotJson("is empty")
    try:
        value = json.loads(
            text,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise NotJson(f"is no JSON at {place}: {error.msg}") from None
    except ArithmeticError:
        raise NotJson("is no JSON that can be read: a number is out of range") from None
    except RecursionError:
        raise NotJson("is no JSON that can be read: it is nested too deep") from None
    if "\\u" in text:
        _check_surrogates(value)
    return value


def _constant(name: str) -> NoReturn:
    raise NotJson(f"is no JSON: {name.lstrip('-')} is no number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJson(f"the name {shown(twice)} stands twice in one object")
    return found


def _check_surrogates(value: Any) -> None:
    """Refuse half of a surrogate pair, which is no character and cannot be written."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson(r"is no text: a \u escape stands for half of a character") from None


def write(value: Any, indent: int | None = None) -> str:
    """Return `value` as JSON: on one line without blanks, or indented by `indent` blanks.

    Takes what `read` returns, `int`, tuples, and values of a decision: a temporal value becomes
    its ISO text, a range its FEEL text.
    """
    return _write(value, indent, "\n")


def _write(value: Any, indent: int | None, line: str) -> str:
    inner = line + " " * (indent or 0)
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int() | Decimal():
            return format(Decimal(value), "f")
        case list() | tuple():
            return _block("[]", [_write(item, indent, inner) for item in value], indent, line)
        case dict():
            colon = ":" if indent is None else ": "
            members = [
                f"{json.dumps(name, ensure_ascii=False)}{colon}{_write(item, indent, inner)}"
                for name, item in value.items()
            ]
            return _block("{}", members, indent, line)
    return json.dumps(pydmn.feel("string(value)", {"value": value}), ensure_ascii=False)


def _block(ends: str, items: list[str], indent: int | None, line: str) -> str:
    if indent is None or not items:
        return f"{ends[0]}{','.join(items)}{ends[1]}"
    inner = line + " " * indent
    return f"{ends[0]}{inner}{f',{inner}'.join(items)}{line}{ends[1]}"
