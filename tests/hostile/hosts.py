"""Values of the host that are deep, huge, endless, or not what they look like."""

from __future__ import annotations

from collections import UserDict
from decimal import Decimal
from typing import Any

from dmn_text import decision, input_data, literal, model
from hostile.case import INPUT, UNKNOWN, VALUE, Family, limit

import pydmn

values = Family("host values")

FAMILIES = (values,)


class Text(str):
    """A string with habits of its own."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("compared")

    def __hash__(self) -> int:
        raise RuntimeError("hashed")

    def __add__(self, other: object) -> str:
        raise RuntimeError("added")


class Number(int):
    """An integer with habits of its own."""

    def __str__(self) -> str:
        raise RuntimeError("written")


def nested(levels: int, kind: type) -> Any:
    made: Any = 1
    for _ in range(levels):
        made = {"a": made} if kind is dict else [made] if kind is list else (made,)
    return made


def doubled(levels: int) -> Any:
    made: Any = [1]
    for _ in range(levels):
        made = [made, made]
    return made


def endless() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


def endless_context() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["a"] = made
    return made


values.edge(
    "a list", "items", lambda limits, n: pydmn.feel("count(x)", {"x": [1] * n}, limits=limits)
)
values.edge("a text", "chars", lambda limits, n: pydmn.feel(
    "string length(x)", {"x": "a" * n}, limits=limits
))  # fmt: skip
for name, ends, value in (
    *((f"{levels} {kind.__name__}s", VALUE if levels <= 100 else INPUT, nested(levels, kind))
      for kind in (list, dict, tuple) for levels in (50, 100, 101, 5_000, 100_000)),
    ("a list of itself", INPUT, endless()),
    ("a context of itself", INPUT, endless_context()),
    ("a list that doubles", limit("steps"), doubled(60)),
    ("100,000 entries", limit("items"), {str(n): n for n in range(100_000)}),
    ("lists of lists", limit("steps"), [[1] * 1_000] * 1_000),
    ("not a number", INPUT, float("nan")),
    ("infinity", INPUT, float("inf")),
    ("a decimal that is none", INPUT, Decimal("NaN")),
    ("a signalling one", INPUT, Decimal("sNaN")),
    ("an infinite decimal", INPUT, Decimal("-Infinity")),
    ("10 ** 6,144", VALUE, 10**6_144),
    ("10 ** 6,145", INPUT, 10**6_145),
    ("10 ** 100,000", INPUT, 10**100_000),
    ("1e999,999", INPUT, Decimal("1e999999")),
    ("1e-999,999", INPUT, Decimal("1e-999999")),
    ("100,000 digits", INPUT, Decimal("1" * 100_000)),
    ("the smallest float", VALUE, 5e-324),
    ("a complex number", INPUT, 1j),
    ("bytes", INPUT, b"abc"),
    ("a set", INPUT, {1, 2}),
    ("a class", INPUT, int),
    ("a module's function", INPUT, print),
    ("a generator", INPUT, (n for n in range(10))),
    ("a range", INPUT, range(10**9)),
    ("an object", INPUT, object()),
    ("a number for a name", INPUT, {1: 2}),
    ("null for a name", INPUT, {None: 2}),
    ("an empty name", VALUE, {"": 2}),
    ("a strange mapping", VALUE, UserDict(a=1)),
    ("half of a surrogate pair", VALUE, "\ud800"),
    ("a NUL", VALUE, "\0"),
    ("a string of a class", VALUE, Text("abc")),
    ("an integer of a class", VALUE, Number(7)),
):  # fmt: skip
    values.feel(f"{name}, read", ends, '[x, x = x, x instance of string, x + "a", string(x)] != 0',
                {"x": value})  # fmt: skip
values.feel("a name that is no text", INPUT, "1", {1: 2})  # type: ignore[dict-item]
values.feel("half of a surrogate pair matched", VALUE, 'matches(x, ".")', {"x": "\ud800"})

ASKED = model(input_data("a", "number"), decision("d", literal("a"), inputs=("a",)))
for name, ends, inputs in (
    ("another type", VALUE, {"a": "text"}),
    ("a list of itself for a number", INPUT, {"a": endless()}),
    ("a text of 100,000", limit("chars"), {"a": "a" * 100_000}),
    ("unknown inputs", VALUE, {f"b{n}": 1 for n in range(500)}),
    ("an unknown input of 1,000,000", VALUE, {"b" * 1_000_000: 1}),
    ("a number as name", VALUE, {7: 1}),
):
    values.model(f"{name}, as an input", ends, ASKED, "d", inputs)  # type: ignore[arg-type]
values.model("an unknown decision", UNKNOWN, ASKED, "d" * 10_000)
values.model("an input asked for", UNKNOWN, ASKED, "a")
values.model("an empty name asked for", UNKNOWN, ASKED, "")
