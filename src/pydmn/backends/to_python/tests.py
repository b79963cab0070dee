"""Unary tests to Python closures: what a cell of a decision table accepts (DMN 1.5, 7.3.2)."""

from __future__ import annotations

from collections.abc import Sequence

from pydmn.backends.to_python import cells
from pydmn.backends.to_python.access import weight
from pydmn.backends.to_python.cells import Test
from pydmn.backends.to_python.expressions import compile_expression
from pydmn.backends.to_python.layout import Layout
from pydmn.feel import ast

__all__ = ["Test", "compile_tests", "compile_unary_tests", "cost"]


def compile_unary_tests(node: ast.UnaryTests, layout: Layout, slot: int) -> Test | None:
    """Return the test of a cell; `slot` holds `?`. None for a cell that accepts anything."""
    if node.any:
        return None
    test = compile_tests(node.tests, layout, slot)
    return cells.negated(test) if node.negated else test


def compile_tests(tests: Sequence[ast.Test], layout: Layout, slot: int) -> Test:
    """Return the disjunction of `tests`."""
    return cells.compile_tests(tests, layout, slot, compile_expression)


def cost(node: ast.UnaryTests) -> int:
    """Return how many steps one test of a cell is: none for `-`, one for a list of strings."""
    if node.any:
        return 0
    if all(isinstance(test, ast.StringLiteral) for test in node.tests):
        return 1
    return sum(map(weight, node.tests))
