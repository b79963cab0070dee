"""Unary tests to Python closures: what a cell, or the right side of `in`, accepts.

A test's answer is three-valued. An expression that uses `?` answers itself; any other is
compared with the input: it holds when it equals the input, is a range or list that holds
it, or is `true` without being a value to compare with (DMN 1.5, 7.3.2 and 10.3.2.8).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from pydmn.backends.to_python.expressions import COMPARISON, compile_expression, reads
from pydmn.backends.to_python.layout import INPUT, Compiled, Frame, Layout
from pydmn.feel import ast, operators

Test: TypeAlias = Callable[[Frame, Any], bool | None]


def compile_unary_tests(node: ast.UnaryTests, layout: Layout, slot: int) -> Test | None:
    """Return the test of a cell; `slot` holds `?`. None for a cell that accepts anything."""
    if node.any:
        return None
    test = compile_tests(node.tests, layout, slot)
    return _negated(test) if node.negated else test


def compile_tests(tests: Sequence[ast.Test], layout: Layout, slot: int) -> Test:
    """Return the disjunction of `tests`."""
    if all(isinstance(test, ast.StringLiteral) for test in tests):
        return _one_of_strings(tests, layout, slot)
    compiled = [_compile_test(test, layout, slot) for test in tests]
    return compiled[0] if len(compiled) == 1 else _any_of(compiled)


def _any_of(tests: list[Test]) -> Test:
    def any_of(frame: Frame, value: Any) -> bool | None:
        result: bool | None = False
        for test in tests:
            verdict = test(frame, value)
            if verdict is True:
                return True
            if verdict is None:
                result = None
        return result

    return any_of


def _negated(test: Test) -> Test:
    def negated(frame: Frame, value: Any) -> bool | None:
        verdict = test(frame, value)
        return None if verdict is None else not verdict

    return negated


def _one_of_strings(tests: Sequence[ast.Test], layout: Layout, slot: int) -> Test:
    """The commonest cell, a list of codes: one look-up for a string, the long way else."""
    strings = frozenset(test.value for test in tests if isinstance(test, ast.StringLiteral))
    others = _any_of([_compile_test(test, layout, slot) for test in tests])

    def one_of_strings(frame: Frame, value: Any) -> bool | None:
        return value in strings if type(value) is str else others(frame, value)

    return one_of_strings


def _compile_test(node: ast.Test, layout: Layout, slot: int) -> Test:
    match node:
        case ast.UnaryComparison(operator, ast.NumberLiteral(value=limit)):
            return _against_number(operator, limit)
        case ast.UnaryComparison(operator, endpoint):
            return _comparison(operator, compile_expression(endpoint, layout))
        case ast.NullLiteral():
            return _is_null
        case ast.RangeLiteral():
            return _in_range(compile_expression(node, layout), slot)
        case _:
            answer = compile_expression(node, layout)
            if reads(node, INPUT):
                return _answer(answer, slot)
            return _truth(answer, slot) if isinstance(node, _CONDITIONS) else _match(answer, slot)


_CONDITIONS = (
    ast.Comparison,
    ast.Between,
    ast.In,
    ast.InstanceOf,
    ast.Conjunction,
    ast.Disjunction,
    ast.Quantified,
)
"""Expressions that are conditions by their form, and so may be a test's whole answer."""


def _is_null(_: Frame, value: Any) -> bool:
    return value is None


def _in_range(literal: Compiled, slot: int) -> Test:
    def in_range(frame: Frame, value: Any) -> bool | None:
        frame[slot] = value
        interval = literal(frame)
        # A range that cannot be made holds nothing that could be known.
        return None if interval is None else operators.in_test(frame[0], value, interval)

    return in_range


def _against_number(operator: ast.ComparisonOperator, limit: Decimal) -> Test:
    compare = COMPARISON[operator]

    def against_number(frame: Frame, value: Any) -> bool | None:
        return compare(frame[0], value, limit)

    return against_number


def _comparison(operator: ast.ComparisonOperator, endpoint: Compiled) -> Test:
    compare = COMPARISON[operator]

    def comparison(frame: Frame, value: Any) -> bool | None:
        return compare(frame[0], value, endpoint(frame))

    return comparison


def _answer(answer: Compiled, slot: int) -> Test:
    def answered(frame: Frame, value: Any) -> bool | None:
        outer = frame[slot]
        frame[slot] = value
        verdict = answer(frame)
        frame[slot] = outer
        return verdict if verdict is True or verdict is False else None

    return answered


def _match(expected: Compiled, slot: int) -> Test:
    def matched(frame: Frame, value: Any) -> bool | None:
        frame[slot] = value
        return operators.in_test(frame[0], value, expected(frame))

    return matched


def _truth(condition: Compiled, slot: int) -> Test:
    """A condition without `?`: of an input that is no boolean it is the answer itself."""

    def truth(frame: Frame, value: Any) -> bool | None:
        frame[slot] = value
        answer = condition(frame)
        if answer is True and type(value) is not bool:
            return True
        return operators.in_test(frame[0], value, answer)

    return truth
