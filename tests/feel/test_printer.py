"""Print then parse is the identity, with no bracket too many."""

from __future__ import annotations

import pytest

from pydmn.feel import ast
from pydmn.feel.names import Scope
from pydmn.feel.parser import parse_expression, parse_type, parse_unary_tests
from pydmn.feel.printer import quoted, to_text
from pydmn.feel.types import ANY
from pydmn.source import Source

CANONICAL = [
    "1",
    "0.5",
    '"a"',
    "true",
    "null",
    '@"P1D"',
    "a.b.c[1](2)(x: 3)",
    "a + b - c",
    "a - (b - c)",
    "a * (b + c)",
    "a ** b ** c",
    "a ** (b ** c)",
    "-a ** b",
    "-(a ** b)",
    "--a",
    "(-a).b",
    "a - -b",
    "-a.b",
    "(a + b).c",
    "a = (b and c)",
    "a = b and c or d",
    "(a or b) and c",
    "a and (b and c)",
    "not(a)",
    "a between b and c",
    "a between b + 1 and c",
    "a in b",
    "a in (b, < c, [1..2])",
    "a in < 5",
    "a in [1..2)",
    "a in (b = c)",
    "a in b in c",
    "a instance of number = b",
    "a instance of list<context<b c: string>>",
    "a instance of function<number, string> -> date and time",
    "(a + b) instance of range<number>",
    "if a then b else if c then d else e",
    "(if a then b else c) + 1",
    "for x in a, y in 1..2 return x + y",
    "some x in a satisfies x > 1",
    "(every x in a satisfies x) or b",
    "[1, a, [2]]",
    "[]",
    "{}",
    '{a b: 1, "a:b": 2, "": 3}',
    "function(a: number, b) a + b",
    "(function(a) a)(1)",
    'function(a) external {java: {class: "x", method signature: "y"}}',
    "[1..2]",
    "(1..2]",
    "(< 5).end included",
    "f(< 5)",
    "[< 5]",
    "sort(xs, function(x, y) x < y)",
    "null()",
]


@pytest.mark.parametrize("text", CANONICAL)
def test_canonical_text_stays(text: str) -> None:
    assert to_text(parse_expression(Source(text), Scope())) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((a))", "a"),
        ("(a*b)+c", "a * b + c"),
        ("(a.b)", "a.b"),
        ("]1..2[", "(1..2)"),
        ("a in (< 5)", "a in < 5"),
        ("a in ((b))", "a in b"),
        ("for x in (for y in z return y) return x", "for x in for y in z return y return x"),
        (".5", "0.5"),
        ("1.20e3", "1200"),
        ("1e50", "1e+50"),
        ('"\\u0041\\d\\"\\\\"', r'"A\\d\"\\"'),
        ('{"a b": 1}', "{a b: 1}"),
        ("a/*x*/+//y\nb", "a + b"),
    ],
)
def test_other_text_becomes_canonical(text: str, canonical: str) -> None:
    tree = parse_expression(Source(text), Scope())
    assert to_text(tree) == canonical
    assert parse_expression(Source(canonical), Scope()) == tree


@pytest.mark.parametrize(
    "text", ["-", "< 5, [1..2]", 'not("a", null)', "? > 5", "(not(a))", "not(a) and b"]
)
def test_cells(text: str) -> None:
    assert to_text(parse_unary_tests(Source(text), Scope())) == text


@pytest.mark.parametrize(
    "text", ["number", "list<Any>", "function<> -> Any", "context<a: range<date>>", "lib.tPerson"]
)
def test_types(text: str) -> None:
    assert to_text(parse_type(Source(text), Scope())) == text


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (ast.Arithmetic("-", ast.Name("a"), ast.Name("b")), "(a) - b"),
        (ast.Arithmetic("-", ast.Path(ast.Name("x"), "a"), ast.Name("b")), "(x.a) - b"),
        (ast.Path(ast.Name("c"), "d"), "(c).d"),
        (ast.Conjunction((ast.Name("e"), ast.Name("f"))), "(e) and f"),
        (ast.Arithmetic("+", ast.Name("a"), ast.Name("b")), "a + b"),
    ],
)
def test_a_longer_name_in_scope_is_kept_away(tree: ast.Expression, text: str) -> None:
    names = ("a", "b", "c", "x", "e", "f", "a-b", "c.d", "e and f")
    scope = Scope(dict.fromkeys(names, ANY), members=frozenset({"a-b"}))
    assert to_text(tree, scope) == text
    assert parse_expression(Source(text), scope) == tree


def test_quoted_escapes_what_a_literal_may_not_hold() -> None:
    text = 'a"b\\c\n\r\t\x0b\x0cü'
    assert quoted(text) == r'"a\"b\\c\n\r\t\u000B\u000Cü"'
    assert parse_expression(Source(quoted(text)), Scope()) == ast.StringLiteral(text)


@pytest.mark.parametrize(
    "text",
    [
        "{a-b: 1, a: 2, b: 3, c: (a) - b}",
        "function(a-b, a, b) (a) - b",
        "{x then y: 1, x: 2, y: 3, c: if (x) then y else 0}",
        "{x return y: 1, x: 2, y: 3, c: for q in (x) return y}",
        "{x return y: 1, x: 2, y: 3, c: for q in 1..(x) return y}",
        "{x else y: 1, x: 2, y: 3, c: if x then (if y then y else x) else y}",
        "function(a: list<context<d-e: number>>) (a.d) - e",
        "{x satisfies y: 1, x: 2, y: 3, c: some q in (x) satisfies y}",
    ],
)
def test_names_that_the_text_itself_defines(text):
    node = parse_expression(Source(text), Scope())
    assert parse_expression(Source(to_text(node)), Scope()) == node
