"""Nodes made of others: names replaced, FEEL values written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, Final

from pydmn.feel import ast
from pydmn.feel.builtins import registry
from pydmn.tables.cells import literal


def written(value: Any) -> ast.Expression:
    """Return a FEEL value as a node."""
    match value:
        case None:
            return ast.NullLiteral()
        case bool():
            return ast.BooleanLiteral(value)
        case Decimal():
            return number(value)
        case str():
            return ast.StringLiteral(value)
        case list():
            return ast.ListLiteral(tuple(map(written, value)))
        case dict():
            entries = (ast.ContextEntry(name, written(each)) for name, each in value.items())
            return ast.ContextLiteral(tuple(entries))
        case _:
            return ast.AtLiteral(str(value))


def replaced(node: Any, known: Mapping[str, ast.Expression]) -> Any:
    """Return a node, which binds no names, with other nodes in place of names."""
    if isinstance(node, ast.Name):
        return known.get(node.name, node)
    changed = {slot.name: _within_field(getattr(node, slot.name), known) for slot in fields(node)}
    return replace(node, **changed)


def _within_field(value: Any, known: Mapping[str, ast.Expression]) -> Any:
    if isinstance(value, ast.Node):
        return replaced(value, known)
    if isinstance(value, tuple):
        return tuple(_within_field(each, known) for each in value)
    return value


BINDING: Final = (
    ast.For, ast.Quantified, ast.Filter, ast.FunctionLiteral, ast.ContextLiteral, ast.In,
)  # fmt: skip
"""The nodes that make names of their own."""


def binds(node: ast.Node) -> bool:
    """Say whether names have another meaning somewhere inside a node."""
    return any(isinstance(each, BINDING) for each in ast.walk(node))


def reads(nodes: Sequence[ast.Node], names: Collection[str]) -> bool:
    """Say whether one of `names` stands in nodes."""
    return any(
        isinstance(each, ast.Name) and each.name in names
        for node in nodes
        for each in ast.walk(node)
    )


def number(value: Decimal) -> ast.Expression:
    """Return a number as a node."""
    node = ast.NumberLiteral(abs(value))
    return ast.Negation(node) if value < 0 else node


def whole_number(node: ast.Expression) -> int | None:
    """Return the whole number that a node writes; None for any other."""
    known, value = literal(node)
    if not known or not isinstance(value, Decimal) or value != value.to_integral_value():
        return None
    return int(value)


def in_order(name: str, named: Sequence[ast.Argument]) -> tuple[ast.Expression, ...] | None:
    """Return the arguments of a function of FEEL in order; None where they fit no one way."""
    given = {each.name: each.value for each in named}
    ways = [
        signature
        for signature in (registry[name].signatures if name in registry else ())
        if [each.name for each in signature.parameters][: len(given)]
        == [each.name for each in signature.parameters if each.name in given]
        and len(given) == sum(each.name in given for each in signature.parameters)
    ]
    if len(ways) != 1 or len(given) != len(named):
        return None
    return tuple(given[each.name] for each in ways[0].parameters if each.name in given)
