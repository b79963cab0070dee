"""Names of several words: which text reads which variable (DMN 1.5, 10.3.1.3 and .4)."""

from __future__ import annotations

import pytest

from pydmn.feel import ast
from pydmn.feel.names import MAX_NAME_TOKENS, Scope, closest, is_name, normalise, parts
from pydmn.feel.parser import parse_expression
from pydmn.feel.types import ANY, NUMBER, STRING, ContextType, ListType
from pydmn.source import Source

PERSON = ContextType((("Full Name", STRING), ("Age", NUMBER)))


def read(text: str, *names: str, builtins: str = "", members: str = "") -> ast.Expression:
    scope = Scope(
        dict.fromkeys(names, ANY),
        frozenset(filter(None, builtins.split(";"))),
        frozenset(filter(None, members.split(";"))),
    )
    return parse_expression(Source(text), scope)


def n(name: str) -> ast.Name:
    return ast.Name(name)


@pytest.mark.parametrize(
    ("text", "names", "tree"),
    [
        # The examples of 10.3.1.4: a-b, a - b, what if?, Profit and loss.
        ("a-b", ["a", "b", "a-b"], n("a-b")),
        ("a - b", ["a", "b", "a-b"], n("a-b")),
        ("(a)-(b)", ["a", "b", "a-b"], ast.Arithmetic("-", n("a"), n("b"))),
        ("a-b", ["a", "b"], ast.Arithmetic("-", n("a"), n("b"))),
        ("what if?", ["what if?"], n("what if?")),
        ("Profit and loss", ["Profit and loss", "Profit", "loss"], n("Profit and loss")),
        ("Profit and loss", ["Profit", "loss"], ast.Conjunction((n("Profit"), n("loss")))),
        # 10.3.1.3: the blanks are no part of a name.
        ("Phone   Number", ["Phone Number"], n("Phone Number")),
        ("Phone\n\tNumber", ["Phone Number"], n("Phone Number")),
        ("Phone\u00a0Number", ["Phone Number"], n("Phone Number")),
        ("Income + Expenses", ["Income+Expenses"], n("Income+Expenses")),
        ("Jack 's age", ["Jack's age"], n("Jack's age")),
        ("Customer.s name", ["Customer.s name"], n("Customer.s name")),
        ("Age Years", ["Age", "Age Years"], n("Age Years")),
        # A name ends where a token ends.
        ("Level 2.5", ["Level 2.5", "Level 2"], n("Level 2.5")),
        ("Agenda", ["Age"], n("Agenda")),
        # Keywords within a known name are part of it, and not otherwise.
        (
            "Type of in in ts",
            ["Type of in", "ts"],
            ast.In(n("Type of in"), (n("ts"),)),
        ),
        ("if then it", ["if then it"], n("if then it")),
        ("x in xs", ["x", "xs"], ast.In(n("x"), (n("xs"),))),
        # Characters: rule 28, up to the astral planes.
        ("🐎 + _x", ["🐎", "_x"], ast.Arithmetic("+", n("🐎"), n("_x"))),
        ("Größe × 2"[:5], ["Größe"], n("Größe")),
    ],
)
def test_longest_match_in_scope(text: str, names: list[str], tree: ast.Expression) -> None:
    assert read(text, *names) == tree


@pytest.mark.parametrize(
    ("text", "names", "tree"),
    [
        ('date and time("x")', [], ast.Call(n("date and time"), (ast.StringLiteral("x"),))),
        ("date and time", ["date", "time"], ast.Conjunction((n("date"), n("time")))),
        ("date and time", [], n("date and time")),
        ("date and x", ["x"], ast.Conjunction((n("date"), n("x")))),
    ],
)
def test_a_builtin_counts_when_called_or_alone(
    text: str, names: list[str], tree: ast.Expression
) -> None:
    assert read(text, *names, builtins="date;time;date and time") == tree


def test_names_defined_in_the_text_are_in_scope_for_what_follows() -> None:
    assert read("{a b: 1, c: a b}") == ast.ContextLiteral(
        (
            ast.ContextEntry("a b", ast.NumberLiteral(1)),
            ast.ContextEntry("c", n("a b")),
        )
    )
    assert read("for x y in xs return x y") == ast.For((ast.Iterator("x y", n("xs")),), n("x y"))
    assert read("function(a  b) a b") == ast.FunctionLiteral((ast.Parameter("a b"),), n("a b"))
    assert read("some a b in xs, c in a b satisfies c") == ast.Quantified(
        "some", (ast.Iterator("a b", n("xs")), ast.Iterator("c", n("a b"))), n("c")
    )


def test_entries_are_names_after_a_dot_and_in_a_filter() -> None:
    scope = Scope({"p": PERSON, "ps": ListType(PERSON), "x": ANY}, members=frozenset({"Tax Id"}))

    def tree(text: str) -> ast.Expression:
        return parse_expression(Source(text), scope)

    assert tree("p.Full Name") == ast.Path(n("p"), "Full Name")
    assert tree("ps.Full  Name") == ast.Path(n("ps"), "Full Name")
    assert tree("ps[1].Full Name") == ast.Path(
        ast.Filter(n("ps"), ast.NumberLiteral(1)), "Full Name"
    )
    assert tree("ps[Full Name = x]") == ast.Filter(
        n("ps"), ast.Comparison("=", n("Full Name"), n("x"))
    )
    assert tree("x.Tax Id") == ast.Path(n("x"), "Tax Id")
    assert tree("x[Tax Id = 1]") == ast.Filter(
        n("x"), ast.Comparison("=", n("Tax Id"), ast.NumberLiteral(1))
    )
    assert tree("x.time offset") == ast.Path(n("x"), "time offset")
    assert tree("[{a b: 1}].a b") == ast.Path(tree("[{a b: 1}]"), "a b")


def test_a_scope_is_not_changed_by_the_next_one() -> None:
    scope = Scope({"a": NUMBER})
    inner = scope.with_variable("a  b", STRING)
    assert dict(scope.variables) == {"a": NUMBER}
    assert dict(inner.variables) == {"a": NUMBER, "a b": STRING}
    assert parse_expression(Source("a b"), inner) == n("a b")


@pytest.mark.parametrize(
    ("text", "name"),
    [("  a \n b ", "a b"), ("a-b", "a-b"), ("a - b", "a - b"), ("a\u3000\u2003b", "a b")],
)
def test_normalise(text: str, name: str) -> None:
    assert normalise(text) == name


def test_parts_ignore_blanks() -> None:
    assert parts("a - b") == parts("a-b") == ("a", "-", "b")


@pytest.mark.parametrize("text", ["a", "a b", "a-b", "Jack's age", "x2", "?", "🐎", "a 1.5"])
def test_is_name(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["", " a", "a  b", "1a", "if", "a:b", "foo+bar((!!],foo", '"a"'])
def test_is_no_name(text: str) -> None:
    assert not is_name(text)


def test_a_name_too_long_is_never_met() -> None:
    long = " ".join(["a"] * (MAX_NAME_TOKENS + 1))
    assert read("a", long) == n("a")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("Age Yrs", "Age Years"), ("rate", "Rate"), ("zzz", None), ("A" * 1_000, None)],
)
def test_closest(name: str, meant: str | None) -> None:
    assert closest(name, ["Age Years", "Rate", "Region"]) == meant
