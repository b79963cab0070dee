"""Tests of a value over columns: the right side of `in`, and allowed values (DMN 1.5, 7.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import polars as pl

from pydmn.backends.to_polars import comparison
from pydmn.backends.to_polars.shapes import (
    Day,
    Listed,
    Moment,
    Nothing,
    Number,
    Several,
    Span,
    Term,
    Text,
    Truth,
    Untranslated,
    kind,
)  # fmt: skip
from pydmn.feel import ast

Expression: TypeAlias = Callable[[ast.Expression, Any], Term]

_VALUES: Final = (Number, Text, Truth, Day, Moment, Span, Nothing)
_CONDITIONS: Final = (
    ast.Comparison,
    ast.Between,
    ast.In,
    ast.InstanceOf,
    ast.Conjunction,
    ast.Disjunction,
    ast.Quantified,
)


def unary_tests(node: ast.UnaryTests, value: Term, expression: Expression, names: Any) -> pl.Expr:
    """Return what a cell says of `value`, which is no list."""
    if node.any:
        return pl.lit(value=True)
    verdict = tests(node.tests, value, expression, names)
    return ~verdict if node.negated else verdict


def tests(nodes: Sequence[ast.Test], value: Term, expression: Expression, names: Any) -> pl.Expr:
    """Return whether one of several tests accepts `value`: true decides, null stands else."""
    if not isinstance(value.shape, _VALUES):
        raise Untranslated(f"a test of a {kind(value.shape)}")
    if all(isinstance(node, ast.StringLiteral) for node in nodes):
        texts = Term(pl.lit(None), Several(tuple(expression(node, names) for node in nodes)))
        if isinstance(value.shape, Text):
            return comparison.membership(value, texts)
    return comparison.some([_test(node, value, expression, names) for node in nodes])


def _test(node: ast.Test, value: Term, expression: Expression, names: Any) -> pl.Expr:
    if any(isinstance(each, ast.Name) and each.name == "?" for each in ast.walk(node)):
        raise Untranslated("a test that names `?`")
    match node:
        case ast.UnaryComparison(operator, endpoint):
            end = expression(endpoint, names)
            return comparison.comparison(operator, value, end).expr
        case ast.NullLiteral():
            return value.expr.is_null()
        case ast.RangeLiteral(low, high):
            above = comparison.comparison(
                ">=" if node.low_closed else ">", value, expression(low, names)
            )
            below = comparison.comparison(
                "<=" if node.high_closed else "<", value, expression(high, names)
            )
            return above.expr & below.expr
    if isinstance(node, _CONDITIONS):
        raise Untranslated("a condition as a test")
    test = expression(node, names)
    match test.shape:
        case Listed():
            inside = comparison.membership(value, test)
            return pl.when(test.expr.is_null()).then(value.expr.is_null()).otherwise(inside)
        case Several():
            return comparison.membership(value, test)
    return comparison.equality(value, test)
