"""What follows for texts: one that starts with `E11` starts with `E1`, and is not `E2`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, permutations, product
from typing import Any, Final, Literal

from pydmn.feel import ast
from pydmn.verify.graph.circuit import Circuit, Formula

_MOST: Final = 100_000
"""So many pairs of facts of one text are held against one another."""


@dataclass(frozen=True, slots=True)
class Fact:
    """That a text is, starts with, ends with or contains another, or has so many characters."""

    formula: Formula
    kind: Literal["is", "starts", "ends", "contains", "long"]
    text: str = ""
    length: int = 0

    def holds(self, text: str) -> bool:
        """Say whether this is so of a text."""
        match self.kind:
            case "is":
                return text == self.text
            case "starts":
                return text.startswith(self.text)
            case "ends":
                return text.endswith(self.text)
            case "contains":
                return self.text in text
            case "long":
                return len(text) >= self.length


_ASKED: Final = {"starts with": "starts", "ends with": "ends", "contains": "contains"}


def facts(
    node: ast.Expression, equal: Iterable[tuple[Any, Formula]], least: Iterable[tuple[Any, Formula]]
) -> Iterator[tuple[ast.Expression, Fact]]:
    """Yield what a term says of a text, with the node of that text.

    `equal` are the constants that it may be, `least` those that it may be at or above, each with
    where it is.
    """
    match node:
        case ast.Call(ast.Name(name), (of, ast.StringLiteral(text))) if name in _ASKED:
            for value, formula in equal:
                if value is True:
                    yield of, Fact(formula, _ASKED[name], text)  # type: ignore[arg-type]
        case ast.Call(
            ast.Name("substring"), (of, ast.NumberLiteral(first), ast.NumberLiteral(count))
        ) if first == 1:
            for value, formula in equal:
                if isinstance(value, str) and len(value) == count:
                    yield of, Fact(formula, "starts", value)
        case ast.Call(ast.Name("string length"), (of,)):
            for value, formula in least:
                if isinstance(value, Decimal) and value == value.to_integral_value():
                    yield of, Fact(formula, "long", length=int(value))
    for value, formula in equal:
        if isinstance(value, str):
            yield node, Fact(formula, "is", value)


def follow(circuit: Circuit, known: Sequence[Fact], null: Formula | None) -> None:
    """Require of the facts of one text what follows from one for another.

    `null` is where there is no text.
    """
    named = [each for each in known if each.kind == "is"]
    others = [each for each in known if each.kind != "is"]
    if len(known) * len(others) > _MOST:
        return
    for one, other in chain(permutations(others, 2), product(named, others)):
        answer = _follows(one, other)
        if answer is not None:
            circuit.require(-one.formula, other.formula if answer else -other.formula)
    empty = [each.formula for each in named if not each.text]
    for each in others:
        if each.kind == "long" and each.length == 1 and empty and null is not None:
            circuit.require(each.formula, empty[0], null)


def _follows(one: Fact, other: Fact) -> bool | None:
    """Return whether a fact follows from another; None where it may be so or not."""
    if one.kind == "is":
        return other.holds(one.text)
    if other.kind == "long":
        return True if one.kind != "long" and len(one.text) >= other.length else None
    if one.kind == other.kind and one.kind in ("starts", "ends"):
        if other.holds(one.text):
            return True
        return None if one.holds(other.text) else False
    if other.kind == "contains" and one.kind != "long":
        return True if other.text in one.text else None
    return None
