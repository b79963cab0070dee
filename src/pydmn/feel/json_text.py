"""JSON in and out with every number exact.

In: a number is a `Decimal` of its own digits, never a float. Out: a number is written in full
in positional notation, a temporal value as its ISO text, a range as its FEEL text.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final, NoReturn

from pydmn.errors import InputError
from pydmn.feel import host, numbers, text
from pydmn.feel.temporal import Date, DateTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from pydmn.feel.values import Range
from pydmn.run import Run

_ISO: Final = (Date, Time, DateTime, DaysAndTimeDuration, YearsAndMonthsDuration)


def read(content: str) -> Any:
    """Return what a JSON text holds: dicts, lists, `Decimal`, `str`, `bool` and None.

    Raises `InputError`, with line and column, for what is no JSON (RFC 8259), for `NaN` and
    `Infinity`, and for a name that occurs twice in one object.
    """
    try:
        return json.loads(
            content,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise InputError(
            f"no JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except ArithmeticError as error:
        raise InputError("no JSON: a number is out of range") from error
    except RecursionError:
        raise InputError("no JSON that can be read: it is nested too deep") from None


def _no_number(name: str) -> NoReturn:
    raise InputError(f"`{name}` is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the name `{twice}` occurs twice in one JSON object")
    return result


def write(value: Any, indent: int | None = None) -> str:
    """Return a host's `value` as JSON text, on one line or indented by `indent` blanks.

    Raises `InputError` for a value without a JSON form: a function.
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
            members = [
                f"{json.dumps(name, ensure_ascii=False)}: {_write(item, indent, inner)}"
                for name, item in value.items()
            ]
            return _block("{}", members, indent, line)
        case Range():
            return json.dumps(text.literal(Run(), value), ensure_ascii=False)
    temporal = host.from_python(value)
    if isinstance(temporal, _ISO):
        return json.dumps(str(temporal))
    raise InputError(f"a {type(value).__name__} has no JSON form")


def _block(ends: str, items: list[str], indent: int | None, line: str) -> str:
    """Return a JSON array or object, a line an item where there is an `indent`."""
    if not items or indent is None:
        return f"{ends[0]}{', '.join(items)}{ends[1]}"
    inner = line + " " * indent
    return f"{ends[0]}{inner}{f',{inner}'.join(items)}{line}{ends[1]}"
