"""JSON with exact numbers: an integer is an `int`, any other number a `Decimal`, both ways."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any


def read(text: str | bytes) -> Any:
    """Return the value that `text` holds."""
    return json.loads(text, parse_float=Decimal)


def write(value: Any) -> str:
    """Return `value` as one line of JSON; raises `TypeError` for what JSON cannot hold.

    A float is written by its shortest text, so that 0.1 + 0.2 stays visibly wrong.
    """
    match value:
        case Decimal():
            if not value.is_finite():
                raise TypeError(f"JSON has no number {value}")
            return format(value, "f")
        case None | bool() | int() | float() | str():
            return json.dumps(value, allow_nan=False)
        case Mapping():
            pairs = (f"{json.dumps(str(key))}: {write(item)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        case Sequence():
            return "[" + ", ".join(map(write, value)) + "]"
        case _:
            raise TypeError(f"JSON cannot hold a value of {type(value).__name__}")
