"""What is judged: pydmn, by its public face."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import normal
from normal import Normal
from peers import Question

import pydmn

_CRASHES: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What no expression may end in; an answer that says so is a finding."""


def answers(question: Question) -> list[Normal]:
    """Return the answer to each row, in the form of `normal`."""
    try:
        ask = _ready(question)
    except pydmn.PydmnError as error:
        return [["e", _reason(error)] for _ in question.rows]
    return [
        _answer(ask, {name: _value(text) for name, text in row.items()}) for row in question.rows
    ]


def _ready(question: Question) -> Callable[[dict[str, Any]], Any]:
    text = question.text
    match question.kind:
        case "expression":
            return lambda row: pydmn.feel(text, row)
        case "unary":
            return lambda row: pydmn.unary_tests(
                text, row["?"], {name: each for name, each in row.items() if name != "?"}
            )
        case "table":
            return pydmn.load(text.encode()).decision("Answer")
    raise ValueError(f"no kind of question: {question.kind}")


def _answer(ask: Callable[[dict[str, Any]], Any], row: dict[str, Any]) -> Normal:
    try:
        return normal.of(ask(row))
    except pydmn.PydmnError as error:
        return ["e", _reason(error)]
    except _CRASHES as error:
        return ["e", f"crash: {_reason(error)}"]


@cache
def _value(text: str) -> Any:
    return pydmn.feel(text)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
