"""FEEL text to trees: the grammar, its errors and its limits (DMN 1.5, 10.3.1)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from feel.conformance_models import texts

from pydmn.errors import FeelSyntaxError, LimitExceeded
from pydmn.feel import ast
from pydmn.feel.names import MAX_NAME_TOKENS, Scope
from pydmn.feel.parser import parse_expression, parse_type, parse_unary_tests
from pydmn.feel.printer import to_text
from pydmn.feel.types import ANY
from pydmn.limits import DEFAULT, Limits
from pydmn.source import Source, Span

# The built-in functions of DMN 1.5, 10.3.4, whose names are several words.
BUILTINS = frozenset(
    {
        "date and time",
        "string length",
        "upper case",
        "lower case",
        "substring before",
        "substring after",
        "starts with",
        "ends with",
        "string join",
        "list contains",
        "list replace",
        "insert before",
        "index of",
        "distinct values",
        "round up",
        "round down",
        "round half up",
        "round half down",
        "met by",
        "overlaps before",
        "overlaps after",
        "finished by",
        "started by",
        "day of year",
        "day of week",
        "month of year",
        "week of year",
        "get value",
        "get entries",
        "context put",
        "context merge",
        "years and months duration",
    }
)
NAMES = Scope(dict.fromkeys("abcdfnxyz", ANY) | {"xs": ANY}, BUILTINS)


def tree(text: str) -> ast.Expression:
    return parse_expression(Source(text), NAMES)


def cell(text: str) -> ast.UnaryTests:
    return parse_unary_tests(Source(text), NAMES)


A, B, C, X = map(ast.Name, "abcx")


def num(text: str) -> ast.NumberLiteral:
    return ast.NumberLiteral(Decimal(text))


def text_(value: str) -> ast.StringLiteral:
    return ast.StringLiteral(value)


ONE, TWO, FIVE = num("1"), num("2"), num("5")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("12.50", num("12.5")),
        (".5", num("0.5")),
        ("007", num("7")),
        ("1.23e4", num("12300")),
        ("1.23E-4", num("0.000123")),
        ("1" * 34 + "5", num("1" * 33 + "20")),
        ("true", ast.BooleanLiteral(True)),
        ("null", ast.NullLiteral()),
        ('@"2020-02-05"', ast.AtLiteral("2020-02-05")),
        ('""', text_("")),
        (r'"\n\t\r\"\\\'"', text_("\n\t\r\"\\'")),
        (r'"\u0041\U01F40E"', text_("A🐎")),
        (r'"\ud83d\udc0e\uD83D\uDE00"', text_("🐎😀")),
        (r'"\d\u12\U123"', text_(r"\d\u12\U123")),
        (r'"\\u0009"', text_(r"\u0009")),
    ],
)
def test_literals(text: str, node: ast.Expression) -> None:
    assert tree(text) == node


def test_numbers_round_half_even_at_34_digits() -> None:
    digits = "1234567890123456789012345678901234"
    assert tree(digits + "5") == num(digits + "0")
    assert tree(digits[:-1] + "35") == num(digits[:-1] + "40")
    assert tree("0." + digits + "51") == num("0." + digits[:-1] + "5")


@pytest.mark.parametrize(
    ("loose", "bracketed"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a / b * c", "(a / b) * c"),
        # The kit: `3 ** 4 ** 5` is 3486784401 and `-3 ** 2` is 9.
        ("3 ** 4 ** 5", "(3 ** 4) ** 5"),
        ("-3 ** 2", "(-3) ** 2"),
        ("a ** -b", "a ** (-b)"),
        ("10--5", "10 - (-5)"),
        ("--10", "-(-10)"),
        ("-a.b", "-(a.b)"),
        ("-f(a)[1]", "-((f(a))[1])"),
        ("a or b and c", "a or (b and c)"),
        ("a = b and c < d", "(a = b) and (c < d)"),
        ("a + b < c * d", "(a + b) < (c * d)"),
        ("x between 1 and 2 and y", "(x between 1 and 2) and y"),
        ("x between a + 1 and b or c", "(x between (a + 1) and b) or c"),
        ("x in a and b", "(x in a) and b"),
        ("x in (1 + 2) * 3", "x in ((1 + 2) * 3)"),
        ("x in [1..2] = true", "(x in [1..2]) = true"),
        ("a + b instance of number", "a + (b instance of number)"),
        ("-a instance of number", "-(a instance of number)"),
        ("if a then b else c + 1", "if a then b else (c + 1)"),
        ("if a then b else if c then d else f", "if a then b else (if c then d else f)"),
        ("for x in xs return x + 1", "for x in (xs) return (x + 1)"),
        ("some x in xs satisfies x or a", "some x in xs satisfies (x or a)"),
        ("function(x) x + 1", "function(x) (x + 1)"),
        ("a + if b then 1 else 2 + 3", "a + (if b then 1 else (2 + 3))"),
        ("< a + 1", "< (a + 1)"),
        ("a.b[1].c", "((a.b)[1]).c"),
    ],
)
def test_precedence(loose: str, bracketed: str) -> None:
    assert tree(loose) == tree(bracketed)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a and b and c", ast.Conjunction((A, B, C))),
        ("(a and b) and c", ast.Conjunction((ast.Conjunction((A, B)), C))),
        ("a or b or c", ast.Disjunction((A, B, C))),
        ("a != b", ast.Comparison("!=", A, B)),
        ("a between 1 and 2", ast.Between(A, ONE, TWO)),
        ("x in 1", ast.In(X, (ONE,))),
        ("x in (1, 2)", ast.In(X, (ONE, TWO))),
        ("x in [1, 2]", ast.In(X, (ast.ListLiteral((ONE, TWO)),))),
        ("x in [1..2)", ast.In(X, (ast.RangeLiteral(ONE, TWO, True, False),))),
        ("x in (1..2]", ast.In(X, (ast.RangeLiteral(ONE, TWO, False, True),))),
        ("x in < 5", ast.In(X, (ast.UnaryComparison("<", FIVE),))),
        ("x in (!= 5)", ast.In(X, (ast.UnaryComparison("!=", FIVE),))),
        (
            "x in (1, < 2, (1..2))",
            ast.In(
                X,
                (
                    ONE,
                    ast.UnaryComparison("<", TWO),
                    ast.RangeLiteral(ONE, TWO, False, False),
                ),
            ),
        ),
        ("[1..2]", ast.RangeLiteral(ONE, TWO)),
        ("]1..2[", ast.RangeLiteral(ONE, TWO, False, False)),
        ("[1..2[", ast.RangeLiteral(ONE, TWO, True, False)),
        ("]1..2]", ast.RangeLiteral(ONE, TWO, False, True)),
        ("(a..b)", ast.RangeLiteral(A, B, False, False)),
        ("[a..b[ = x", ast.Comparison("=", ast.RangeLiteral(A, B, True, False), X)),
        (
            "x in ]1..2[ and a",
            ast.Conjunction((ast.In(X, (ast.RangeLiteral(ONE, TWO, False, False),)), A)),
        ),
        ("[a[1]..b[2]]", ast.RangeLiteral(ast.Filter(A, ONE), ast.Filter(B, TWO))),
        ("(null..5)", ast.RangeLiteral(ast.NullLiteral(), FIVE, False, False)),
        ("(>= 5)", ast.UnaryComparison(">=", FIVE)),
        ("(<= 5).end", ast.Path(ast.UnaryComparison("<=", FIVE), "end")),
        ("[]1..2[]", ast.ListLiteral((ast.RangeLiteral(ONE, TWO, False, False),))),
        ("[]a..b], x]", ast.ListLiteral((ast.RangeLiteral(A, B, False, True), X))),
        ("[](1)", ast.Call(ast.ListLiteral(()), (ONE,))),
        ("[1..2].start included", ast.Path(ast.RangeLiteral(ONE, TWO), "start included")),
        ("[]", ast.ListLiteral(())),
        ("[1, a]", ast.ListLiteral((ONE, A))),
        ("{}", ast.ContextLiteral(())),
        (
            '{a b: 1, "c:d": a b}',
            ast.ContextLiteral(
                (ast.ContextEntry("a b", ONE), ast.ContextEntry("c:d", ast.Name("a b")))
            ),
        ),
        ("f()", ast.Call(ast.Name("f"))),
        ("f(1, a)", ast.Call(ast.Name("f"), (ONE, A))),
        (
            "f(start position : 1, x: a)",
            ast.Call(
                ast.Name("f"),
                named=(ast.Argument("start position", ONE), ast.Argument("x", A)),
            ),
        ),
        ("a.f(1)", ast.Call(ast.Path(A, "f"), (ONE,))),
        ('"abs"(-1)', ast.Call(text_("abs"), (ast.Negation(ONE),))),
        ("null()", ast.Call(ast.NullLiteral())),
        ("f(1)(2)", ast.Call(ast.Call(ast.Name("f"), (ONE,)), (TWO,))),
        ("not(a)", ast.Call(ast.Name("not"), (A,))),
        ("list replace ( a, 1)", ast.Call(ast.Name("list replace"), (A, ONE))),
        ("[1][item > 1]", tree("([1])[(item > 1)]")),
        ("for x in 1..2 return x", ast.For((ast.Iterator("x", ONE, TWO),), X)),
        (
            "for x in a, y in x return partial",
            ast.For((ast.Iterator("x", A), ast.Iterator("y", X)), ast.Name("partial")),
        ),
        ("every x in a satisfies x", ast.Quantified("every", (ast.Iterator("x", A),), X)),
        (
            "function(a: number, b) a",
            ast.FunctionLiteral(
                (ast.Parameter("a", ast.NamedType("number")), ast.Parameter("b")), A
            ),
        ),
        (
            "function(a) external {x: 1}",
            ast.FunctionLiteral((ast.Parameter("a"),), tree("{x: 1}"), external=True),
        ),
        ("a.function", ast.Path(A, "function")),
        ("1 + /* 2 + */ 1 // 3", ast.Arithmetic("+", ONE, ONE)),
        ("\ufeff1\u3000+\u20282", ast.Arithmetic("+", ONE, TWO)),
    ],
)
def test_trees(text: str, node: ast.Expression) -> None:
    assert tree(text) == node


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("number", ast.NamedType("number")),
        ("date and  time", ast.NamedType("date and time")),
        ("days and time duration", ast.NamedType("days and time duration")),
        ("list", ast.NamedType("list")),
        ("list<number>", ast.ListTypeNode(ast.NamedType("number"))),
        ("range<date>", ast.RangeTypeNode(ast.NamedType("date"))),
        ("lib.tPerson", ast.NamedType("lib.tPerson")),
        ("My Type", ast.NamedType("My Type")),
        (
            "context<a b: string, c: list<Any>>",
            ast.ContextTypeNode(
                (
                    ("a b", ast.NamedType("string")),
                    ("c", ast.ListTypeNode(ast.NamedType("Any"))),
                )
            ),
        ),
        ("function<>->Any", ast.FunctionTypeNode((), ast.NamedType("Any"))),
        (
            "function<number, list<string>> -> date",
            ast.FunctionTypeNode(
                (ast.NamedType("number"), ast.ListTypeNode(ast.NamedType("string"))),
                ast.NamedType("date"),
            ),
        ),
    ],
)
def test_types(text: str, node: ast.TypeNode) -> None:
    assert parse_type(Source(text), Scope()) == node
    assert tree(f"a instance of {text} = true") == ast.Comparison(
        "=", ast.InstanceOf(A, node), ast.BooleanLiteral(True)
    )


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("-", ast.UnaryTests(any=True)),
        ("  ", ast.UnaryTests(any=True)),
        ("-1", ast.UnaryTests((ast.Negation(ONE),))),
        ("1", ast.UnaryTests((ONE,))),
        ('"a", "b"', ast.UnaryTests((text_("a"), text_("b")))),
        ("< 5", ast.UnaryTests((ast.UnaryComparison("<", FIVE),))),
        ("= 5", ast.UnaryTests((ast.UnaryComparison("=", FIVE),))),
        ("> a.b", ast.UnaryTests((ast.UnaryComparison(">", ast.Path(A, "b")),))),
        ("[1..2), null", ast.UnaryTests((tree("[1..2)"), ast.NullLiteral()))),
        ("not(1, < 5)", ast.UnaryTests((ONE, ast.UnaryComparison("<", FIVE)), negated=True)),
        ("not(a) and b", ast.UnaryTests((ast.Conjunction((tree("not(a)"), B)),))),
        ("? > 5", ast.UnaryTests((ast.Comparison(">", ast.Name("?"), FIVE),))),
        ("f(?, 1)", ast.UnaryTests((ast.Call(ast.Name("f"), (ast.Name("?"), ONE)),))),
    ],
)
def test_cells(text: str, node: ast.UnaryTests) -> None:
    assert cell(text) == node


def test_nodes_know_their_place() -> None:
    node = tree("a + (b.c)[1]")
    assert isinstance(node, ast.Arithmetic)
    assert node.span == Span(0, 12)
    assert isinstance(node.right, ast.Filter)
    assert node.right.span == Span(4, 12)
    assert node.right.base.span == Span(5, 8)
    assert node.right.condition.span == Span(10, 11)


@pytest.mark.parametrize(
    ("text", "message", "underlined", "help_"),
    [
        ("", "expected an expression, found nothing", "", None),
        ("1 +", "expected an expression, found the end of the text", "", None),
        ("a b", "unknown name `a b`", "a b", "a name of several words must be in scope"),
        ("a == b", "expected an expression, found `=`", "=", "equality is one `=`"),
        ("a <> b", "expected an expression, found `>`", ">", "unequal is `!=`"),
        ("a && b", "expected an operator or the end of the text, found `&`", "&", "write `and`"),
        ("a || b", "expected an operator or the end of the text, found `|`", "|", "write `or`"),
        ("!a", "expected an expression, found `!`", "!",
         "write `not(...)`, or `!=` for unequal"),
        ("not a", "expected `(`, found `a`", "a", "`not` is a function: `not(a)`"),
        ("“a”", "expected an expression, found `“`", "“", 'write straight quotes: `"`'),
        ("'a'", "expected an expression, found `'`", "'", 'write strings in double quotes: `"`'),
        ("${a}", "expected an expression, found `$`", "$",
         "`${...}` is JUEL, not FEEL: write the expression alone"),
        ("a AND b", "expected an operator or the end of the text, found `AND`", "AND",
         "keywords are in lower case: `and`"),
        ('"abc', "the string is not closed", '"abc', 'add `"` at its end'),
        ('"a\nb"', "the string is not closed", '"a', 'add `"` at its end'),
        ("1 /* a", "the comment is not closed", "/* a", "add `*/` at its end"),
        ("f(1, (2)", "`(` is not closed", "(", "add `)`"),
        ("[1, 2", "`[` is not closed", "[", "add `]`"),
        ("{a: 1", "`{` is not closed", "{", "add `}`"),
        ("[1, 2)", "expected `,` or `]`, found `)`", ")", None),
        ("{a 1}", "expected `:` after the key, found `}`", "}", None),
        ("if a then b", "expected `else`, found the end of the text", "",
         "an `if` always has an `else`: `else null` if need be"),
        ("for x xs return x", "expected `in`, found the end of the text", "", None),
        ("f(1, x: 2)", "expected `,` or `)`, found `:`", ":", "name every argument or none"),
        ("f(x: 1, 2)", "expected the name of an argument, found `2`", "2", None),
        ("1..2", "expected an operator or the end of the text, found `..`", "..", None),
        ("a.", "expected a name after `.`, found the end of the text", "", None),
        ("x between 1", "expected `and` and the upper end, found the end of the text", "",
         "`x between 1 and 10`"),
        ("a instance number", "expected `of` after `instance`, found `number`", "number", None),
        ("for 1 in xs return 1", "expected a name, found `1`", "1", None),
        ("x instance of 1", "expected a type, found `1`", "1", None),
        ("]1", "expected `..` and the end of a range, found the end of the text", "", None),
        ("[1..2}", "expected `]`, `)` or `[` to close the range, found `}`", "}", None),
        ("a b c d", "unknown name `a b c d`", "a b c d",
         "a name of several words must be in scope"),
        ("1e9999", "the number is too large", "1e9999",
         "a number has 34 digits and an exponent up to 6144"),
        (r'"\ud83d"', "the string has an escape that is no character", r'"\ud83d"',
         "code points run to 10FFFF; those from D800 to DFFF stand in pairs only"),
        (r'"\U110000"', "the string has an escape that is no character", r'"\U110000"',
         "code points run to 10FFFF; those from D800 to DFFF stand in pairs only"),
        ("@a", 'expected a string after `@`, as in `@"2020-02-05"`, found `a`', "a", None),
        ("1 + < 2", "expected an expression, found `<`", "<", None),
        ("then", "expected an expression, found `then`", "then", None),
    ],
)  # fmt: skip
def test_messages(text: str, message: str, underlined: str, help_: str | None) -> None:
    source = Source(text, "criteria.dmn", place=("Eligibility", "rule 3"))
    with pytest.raises(FeelSyntaxError) as caught:
        parse_expression(source, NAMES)
    (found,) = caught.value.diagnostics
    assert found.code == "syntax"
    assert found.message == message
    assert found.source is source
    assert found.span is not None
    assert text[found.span.start : found.span.end] == underlined
    assert found.help == help_


def test_a_name_that_is_defined_has_a_longest_length() -> None:
    name = " ".join(["a"] * MAX_NAME_TOKENS)
    assert tree(f"{{{name}: 1}}") == ast.ContextLiteral((ast.ContextEntry(name, ONE),))
    with pytest.raises(FeelSyntaxError, match="the name is too long"):
        tree(f"{{{name} a: 1}}")


def test_a_cell_ends_after_its_tests() -> None:
    with pytest.raises(FeelSyntaxError, match="expected `,` or the end of the cell, found `or`"):
        cell("< 5 or > 6")


# Each nests one level deeper for each repetition.
DEEP = {
    "brackets": lambda n: "(" * n + "1" + ")" * n,
    "lists": lambda n: "[" * n + "1" + "]" * n,
    "contexts": lambda n: "{a:" * n + "1" + "}" * n,
    "negations": lambda n: "-" * n + "1",
    "sums": lambda n: "1" + "+1" * n,
    "paths": lambda n: "a" + ".a" * n,
    "filters": lambda n: "a" + "[1]" * n,
    "calls": lambda n: "a" + "()" * n,
    "arguments": lambda n: "a(" * n + "1" + ")" * n,
    "branches": lambda n: "if a then 1 else " * n + "1",
    "functions": lambda n: "function(x) " * n + "1",
    "sources": lambda n: "for x in " * n + "a" + " return x" * n,
    "memberships": lambda n: "a in (" * n + "1" + ")" * n,
    "betweens": lambda n: "a between 1 and " * n + "1",
    "instances": lambda n: "a" + " instance of number" * n,
}


@pytest.mark.parametrize("shape", DEEP)
def test_depth_is_bounded_exactly(shape: str) -> None:
    # The innermost operand is a level of its own.
    levels = DEFAULT.expression_depth
    node = tree(DEEP[shape](levels - 1))
    assert to_text(tree(to_text(node))) == to_text(node)
    for more in (levels, levels + 1, 20 * levels):
        with pytest.raises(LimitExceeded, match="expression_depth"):
            tree(DEEP[shape](more))


def test_nodes_and_characters_are_bounded_exactly() -> None:
    limits = Limits(expression_nodes=4, expression_chars=8)
    parse_expression(Source("[1,2,3]"), NAMES, limits)
    with pytest.raises(LimitExceeded, match="expression_nodes"):
        parse_expression(Source("[1+2,3]"), NAMES, limits)
    parse_expression(Source("12345678"), NAMES, limits)
    with pytest.raises(LimitExceeded, match="expression_chars"):
        parse_expression(Source("123456789"), NAMES, limits)


def test_long_conjunctions_are_flat() -> None:
    node = tree(" and ".join(["a"] * 10_000))
    assert isinstance(node, ast.Conjunction)
    assert len(node.operands) == 10_000


def test_every_text_of_the_conformance_kit_parses_and_prints_back() -> None:
    found = texts(BUILTINS)
    assert len(found) == 4_872
    for item in found:
        source = Source(item.text, item.file)
        if item.cell:
            test = parse_unary_tests(source, item.scope)
            assert parse_unary_tests(Source(to_text(test, item.scope)), item.scope) == test
        else:
            node = parse_expression(source, item.scope)
            assert parse_expression(Source(to_text(node, item.scope)), item.scope) == node


NEAR = Scope(
    {"Monthly Salary": ANY, "Date of birth": ANY, "Level 2 code": ANY, "Non-smoker since": ANY},
    BUILTINS,
    frozenset({"First Name"}),
)


@pytest.mark.parametrize(
    ("text", "code", "underlined", "meant"),
    [
        ("Monthli Salary + 1", "unknown-name", "Monthli Salary", "Monthly Salary"),
        ("1 + Monthly  salari * 2", "unknown-name", "Monthly  salari", "Monthly Salary"),
        ("Date of brth", "unknown-name", "Date of brth", "Date of birth"),
        ("Levell 2 code", "unknown-name", "Levell 2 code", "Level 2 code"),
        ("Level 2 cod", "unknown-name", "Level 2 cod", "Level 2 code"),
        ("Non-smoker sinc", "unknown-name", "smoker sinc", "Non-smoker since"),
        ("p.Frst Name", "unknown-name", "Frst Name", "First Name"),
        ("strin length(a)", "unknown-function", "strin length", "string length"),
        # What is near no name is no name.
        ("salary of the month", "syntax", "of", None),
        ("wages paid", "syntax", "wages paid", None),
        ("wages 2", "syntax", "2", None),
        ("2 wages", "syntax", "wages", None),
        ("a then b", "syntax", "then", None),
    ],
)
def test_words_that_are_no_name(text: str, code: str, underlined: str, meant: str | None) -> None:
    """Rules 25 to 27 let words stand side by side in a name alone, and names are in scope."""
    with pytest.raises(FeelSyntaxError) as caught:
        parse_expression(Source(text), NEAR)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert found.span is not None
    assert text[found.span.start : found.span.end] == underlined
    if meant is not None:
        assert found.help == f"did you mean `{meant}`?"


def test_types_within_types_are_below_their_node() -> None:
    node = tree("x instance of context<a: list<number>, b: function<string> -> date>")
    named = [each.name for each in ast.walk(node) if isinstance(each, ast.NamedType)]
    assert sorted(named) == ["date", "number", "string"]
