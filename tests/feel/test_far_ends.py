"""Far ends: names too long, words too many, trees that no text gives, values out of range."""

from __future__ import annotations

from decimal import Decimal

import pytest

import pydmn
from pydmn.errors import FeelSyntaxError
from pydmn.feel import ast, numbers
from pydmn.feel.names import MAX_NAME_TOKENS, NameIndex, Scope
from pydmn.feel.parser import parse_expression, parse_type, parse_unary_tests
from pydmn.feel.printer import to_text
from pydmn.feel.types import ANY, CONTEXT, NUMBER
from pydmn.source import Source

LONG = " ".join(["word"] * (MAX_NAME_TOKENS + 1))
"""A name that no text can refer to."""


def test_a_name_too_long_is_in_no_index() -> None:
    index = NameIndex([("a", NUMBER)])
    wider = index.extended([(LONG, NUMBER), ("b", NUMBER)])
    wider.pop(LONG)
    wider.pop("b")
    again = wider.extended([("b", NUMBER)])
    scope = Scope({"a": NUMBER, LONG: NUMBER})
    assert isinstance(again, NameIndex)
    with pytest.raises(FeelSyntaxError):
        parse_expression(Source(LONG), scope)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Age Years old", "Age Years old"),
        ("1 + Age Years old now", "Age Years old now"),
        ("nobody knows", "nobody knows"),
    ],
)
def test_words_side_by_side_are_one_unknown_name(text: str, unknown: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        parse_expression(Source(text), Scope({"Age Years": NUMBER}))
    [found] = caught.value.diagnostics
    assert found.message == f"unknown name `{unknown}`"
    assert found.span is not None
    assert text[found.span.start : found.span.end] == unknown


def test_a_context_type_without_entries() -> None:
    node = parse_type(Source("context<>"), Scope())
    assert node == ast.ContextTypeNode(())
    assert Scope().resolve(node) == CONTEXT


@pytest.mark.parametrize(
    ("text", "names", "printed"),
    [
        # A name in scope that goes on with the operator must not swallow it.
        ("(a and b) or c", ["a", "b", "c", "b or c"], "(a and b) or c"),
        ("(a or b) and c", ["a", "b", "c", "b and c"], "(a or b) and c"),
        ("(a = b) and c", ["a", "b", "c", "b and c"], "(a = b) and c"),
        ("(-b) and c", ["b", "c", "b and c"], "(-b) and c"),
        ("(x.b) and c", ["x", "c", "b and c"], "(x.b) and c"),
        ("(a and b) or c", ["a", "b", "c"], "a and b or c"),
    ],
)
def test_names_that_hold_an_operator(text: str, names: list[str], printed: str) -> None:
    scope = Scope(dict.fromkeys(names, ANY))
    node = parse_expression(Source(text), scope)
    assert to_text(node, scope) == printed
    assert parse_expression(Source(printed), scope) == node


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (ast.Path(ast.NumberLiteral(Decimal(-1)), "b"), "(-1).b"),
        (
            ast.Arithmetic("**", ast.NumberLiteral(Decimal(-1)), ast.NumberLiteral(Decimal(2))),
            "-1 ** 2",  # a sign binds closer than `**` (Table 62, and rule 26)
        ),
    ],
)
def test_a_number_below_zero_is_a_negation_when_printed(node: ast.Expression, text: str) -> None:
    assert to_text(node) == text


@pytest.mark.parametrize("argument", ["negand: a", "negand : a"])
def test_a_cell_may_call_not_by_name(argument: str) -> None:
    scope = Scope({"a": ANY}, frozenset({"not"}))
    tests = parse_unary_tests(Source(f"not({argument})"), scope)
    assert not tests.negated
    assert tests.tests == (parse_expression(Source(f"not({argument})"), scope),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # A multiple of ten is even, however large.
        ("even(1e40)", True),
        ("odd(1e40)", False),
        # No modulus of 0, no duration divided by 0, and none of more than 34 digits.
        ("modulo(5, 0)", None),
        ('duration("P1Y") / 1e-60', None),
        ('duration("P1Y") / 1e-34', None),
        ('duration("P1D") / 1e-34', None),
        ('duration("P1Y") / 0', None),
        ('duration("P1Y") * 1e60', None),
        ('duration("P1Y") * 1e34', None),
        ('duration("P1D") * 1e60', None),
    ],
)
def test_values_at_the_far_end(text: str, value: bool | None) -> None:
    assert pydmn.feel(text) is value


def test_no_integer_is_made_that_a_number_does_not_name() -> None:
    """34 digits say which integer a number is up to 10**34, and no more from there on."""
    last = 10**34 - 1
    assert numbers.integer(Decimal(last)) == numbers.truncated(Decimal(last)) == last
    assert numbers.integer(Decimal("1E34")) is None
    assert numbers.truncated(Decimal("1E40")) == 10**34
    assert numbers.truncated(Decimal("-1E40")) == -(10**34)
