"""Nodes made of others: names replaced, FEEL values written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from pydmn.feel import ast


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
        case _:
            return ast.AtLiteral(str(value))


def replaced(node: Any, known: Mapping[str, ast.Expression]) -> Any:
    """Return a node with other nodes in place of names."""
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
