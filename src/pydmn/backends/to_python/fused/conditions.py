"""Conditions that are written as statements, and by no closure."""

from __future__ import annotations

from collections.abc import Mapping

from pydmn.backends.to_python.fused.values import LISTS
from pydmn.backends.to_python.fused.variables import Value
from pydmn.feel import ast
from pydmn.feel.types import ANY, NUMBER, ListType
from pydmn.tables.cells import constants_of

Names = Mapping[str, Value]
"""The variables in scope."""


def is_condition(node: ast.Node, names: Names) -> bool:
    """Say whether `node` is written as a boolean or null, and by no closure."""
    match node:
        case ast.Conjunction(operands) | ast.Disjunction(operands):
            return all(is_condition(each, names) for each in operands)
        case ast.Call(ast.Name("not"), (operand,)):
            return is_condition(operand, names)
        case ast.Call(
            ast.Name("list contains"), (ast.Name(list_), ast.Name() | ast.StringLiteral())
        ):
            return list_ in names
        case ast.Comparison(_, left, right):
            return _is_number(left, names) and _is_number(right, names)
        case ast.In(ast.Name(name)):
            value = names.get(name)
            return value is not None and constants_of(node, name, value.type) is not None
        case ast.Quantified(_, (ast.Iterator(name, source, None),), condition):
            of = list_of(source, names)
            if of is None:
                return False
            assert isinstance(of.type, ListType)
            member = Value(name, of.type.element, of.type not in LISTS)
            return is_condition(condition, {**names, name: member})
    return False


def _is_number(node: ast.Node, names: Names) -> bool:
    match node:
        case ast.NumberLiteral():
            return True
        case ast.Call(ast.Name("count"), (ast.Name(name),)):
            return name in names and isinstance(names[name].type, ListType)
        case ast.Name(name):
            return name in names and names[name].type == NUMBER
    return False


def list_of(source: ast.Expression, names: Names) -> Value | None:
    """Return a variable that is a list of values of one type, or None for anything else."""
    if not isinstance(source, ast.Name) or source.name not in names:
        return None
    of = names[source.name]
    if not isinstance(of.type, ListType) or of.type.element == ANY:
        return None
    return of
