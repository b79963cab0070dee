"""How many steps the closures of a logic take, at the most."""

from __future__ import annotations

from typing import Final

from pydmn.backends.to_python.fused.values import MEMBERS
from pydmn.feel import ast
from pydmn.plan.logic import Cell, Choose, Entries, Feel, FunctionOf, Invoke, Items, Logic, Table

_FUNCTION: Final = 1_000
"""The making of a function takes a step for each variable around it."""

_CONTAINER: Final = 5
"""What a context or list takes beside its parts, as it is made and as it is handed out."""

_CALL: Final = 10
"""What a call takes beside its arguments and its body."""


def most_steps(logic: Logic | None) -> int:
    """Return a number of steps that one evaluation without loops does not exceed.

    What is counted elsewhere is left out: the body of a function, as it is called, and all that
    closures charge themselves.
    """
    match logic:
        case Table():
            parts = (part for rule in logic.rules for part in (*rule.cells, *rule.outputs))
            asked = sum(most_steps(column.expression) for column in logic.inputs)
            return 2 * len(logic.rules) + asked + sum(map(_most_nodes, parts))
        case Feel(node):
            turns = any(isinstance(each, ast.Quantified) for each in ast.walk(node))
            return len(logic.source.text) * (MEMBERS if turns else 1)
        case Entries(entries, result):
            inside = sum(most_steps(value) for _, value in entries)
            return _CONTAINER + len(entries) + inside + most_steps(result)
        case Items(items):
            return _CONTAINER + len(items) + sum(map(most_steps, items))
        case Choose(condition, then, otherwise):
            return 1 + most_steps(condition) + most_steps(then) + most_steps(otherwise)
        case Invoke(_, arguments):
            return _CALL + sum(most_steps(value) for _, value in arguments)
        case FunctionOf():
            return _FUNCTION
    return 0


def most_steps_of_call(function: FunctionOf) -> int:
    """Return a number of steps that one call does not exceed, as `most_steps` counts them."""
    return _CALL + 2 * len(function.parameters) + most_steps(function.body)


def _most_nodes(part: Cell | Logic) -> int:
    """Return a number of nodes that a text of a rule does not exceed."""
    if isinstance(part, Cell):
        match part.tests.tests:
            case (ast.RangeLiteral(low=ast.NumberLiteral(), high=ast.NumberLiteral()),):
                return 3
            case _:
                return len(part.source.text)
    if not isinstance(part, Feel):
        return 0
    constant = isinstance(part.node, ast.NumberLiteral | ast.StringLiteral)
    return 1 if constant else len(part.source.text)
