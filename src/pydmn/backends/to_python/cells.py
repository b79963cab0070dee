"""Tests of a value: what a cell, or the right side of `in`, accepts.

A test's answer is three-valued. An expression that uses `?` answers itself; any other is
compared with the value: it holds when it equals the value, is a range or list that holds
it, or is `true` without being a value to compare with (DMN 1.5, 7.3.2 and 10.3.2.8).

Tests are made of expressions, and `in` makes expressions of tests. So what compiles an
expression is handed in here; `pydmn.backends.to_python.tests` is the way in from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from pydmn.backends.to_python.layout import Compile, Compiled, Frame, Layout
from pydmn.feel import ast, operators
from pydmn.feel.values import Range
from pydmn.run import Run

Test: TypeAlias = Callable[[Frame, Any], bool | None]
Comparison: TypeAlias = Callable[[Run, Any, Any], bool | None]

COMPARISONS: dict[str, Comparison] = {
    "=": operators.equals,
    "!=": operators.not_equals,
    "<": operators.less,
    "<=": operators.less_or_equal,
    ">": operators.greater,
    ">=": operators.greater_or_equal,
}


def compile_tests(tests: Sequence[ast.Test], layout: Layout, slot: int, compile_: Compile) -> Test:
    """Return the disjunction of `tests`; `slot` holds `?`."""
    strings = [test.value for test in tests if isinstance(test, ast.StringLiteral)]
    if len(strings) == len(tests):
        return _one_of_strings(strings)
    compiled = [_compile_test(test, layout, slot, compile_) for test in tests]
    return compiled[0] if len(compiled) == 1 else _any_of(compiled)


def negated(test: Test) -> Test:
    """Return what accepts where `test` does not."""

    def negation(frame: Frame, value: Any) -> bool | None:
        verdict = test(frame, value)
        return None if verdict is None else not verdict

    return negation


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


def _one_of_strings(strings: list[str]) -> Test:
    """The commonest cell, a list of codes: one look-up."""
    accepted = frozenset(strings)
    first = strings[0]

    def one_of_strings(frame: Frame, value: Any) -> bool | None:
        if type(value) is str:
            return value in accepted
        # To what is no string, one string is as good as another: unequal, or no answer.
        return operators.equals(frame[0], value, first)

    return one_of_strings


def _compile_test(node: ast.Test, layout: Layout, slot: int, compile_: Compile) -> Test:
    match node:
        case ast.UnaryComparison(operator, ast.NumberLiteral(value=limit)):
            return _against_number(operator, limit)
        case ast.UnaryComparison(operator, endpoint):
            return _comparison(operator, compile_(endpoint, layout))
        case ast.NullLiteral():
            return _is_null
        case ast.RangeLiteral(
            low=ast.NumberLiteral(value=low), high=ast.NumberLiteral(value=high)
        ) if low <= high:
            return _in_numbers(Range(low, high, node.low_closed, node.high_closed))
        case ast.RangeLiteral():
            return _in_range(
                compile_(node, layout),
                _comparison(">=" if node.low_closed else ">", compile_(node.low, layout)),
                _comparison("<=" if node.high_closed else "<", compile_(node.high, layout)),
                slot,
            )
        case _:
            read = layout.size.read
            read.discard(slot)
            answer = compile_(node, layout)
            if slot in read:
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
"""Expressions that are conditions by their form. The cell `true` is none: it tests for true,
and null is not true."""


def _is_null(_: Frame, value: Any) -> bool:
    return value is None


def _in_numbers(interval: Range) -> Test:
    def in_numbers(frame: Frame, value: Any) -> bool | None:
        return operators.in_test(frame[0], value, interval)

    return in_numbers


def _in_range(literal: Compiled, low: Test, high: Test, slot: int) -> Test:
    """`e in [a..b]` is `e >= a and e <= b` (Table 55), also where `[a..b]` is no range."""

    def in_range(frame: Frame, value: Any) -> bool | None:
        frame[slot] = value
        if isinstance(value, Range | list):
            interval = literal(frame)
            return None if interval is None else operators.in_test(frame[0], value, interval)
        above, below = low(frame, value), high(frame, value)
        if above is False or below is False:
            return False
        return True if above and below else None

    return in_range


def _against_number(operator: ast.ComparisonOperator, limit: Decimal) -> Test:
    compare = COMPARISONS[operator]

    def against_number(frame: Frame, value: Any) -> bool | None:
        return compare(frame[0], value, limit)

    return against_number


def _comparison(operator: ast.ComparisonOperator, endpoint: Compiled) -> Test:
    compare = COMPARISONS[operator]

    def comparison(frame: Frame, value: Any) -> bool | None:
        return compare(frame[0], value, endpoint(frame))

    return comparison


def _answer(answer: Compiled, slot: int) -> Test:
    """An expression of `?`: a boolean is the answer, any other value is compared (7.3.2)."""

    def answered(frame: Frame, value: Any) -> bool | None:
        frame[slot] = value
        verdict = answer(frame)
        if type(verdict) is bool or verdict is None:
            return verdict
        return operators.in_test(frame[0], value, verdict)

    return answered


def _match(expected: Compiled, slot: int) -> Test:
    def matched(frame: Frame, value: Any) -> bool | None:
        frame[slot] = value
        return operators.in_test(frame[0], value, expected(frame))

    return matched


def _truth(condition: Compiled, slot: int) -> Test:
    """A condition without `?`: of a value that is no boolean it is the answer (Table 55)."""

    def truth(frame: Frame, value: Any) -> bool | None:
        frame[slot] = value
        holds = condition(frame)
        if holds is True and type(value) is not bool:
            return True
        return operators.in_test(frame[0], value, holds)

    return truth
