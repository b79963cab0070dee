"""The atoms of an input: by hand, and what they stand for against a fine grid of values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from dmn_text import decision, input_data, literal, model, output, table

import pydmn

GRADE = (
    '<itemDefinition name="grade"><typeRef>number</typeRef><allowedValues>'
    "<text>{}</text></allowedValues></itemDefinition>"
)
GRID = [Decimal(number) / 4 for number in range(-12, 44)]
"""Every quarter from -3 to 10.75: around every constant of the expressions below."""


def unknown_in(logic: str, type_ref: str = "number", *, before: str = "") -> pydmn.Model:
    """Return a model whose decision `D` reads the inputs `n` and `limit`."""
    return pydmn.load(
        model(
            before,
            input_data("n", type_ref),
            input_data("limit", "number"),
            decision("D", logic, inputs=("n", "limit")),
        )
    )


def frozen(value: Any) -> Any:
    """Return a value so that it can stand in a set."""
    if isinstance(value, list):
        return tuple(map(frozen, value))
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


def boxed(inside: str) -> str:
    """Return boxed logic in which braces hold literal expressions."""
    opened = inside.replace("{", "<literalExpression><text>")
    return opened.replace("}", "</text></literalExpression>")


N = (("n", "number"),)
LIMIT = (("limit", "number"),)
# Each way to compare `n` with a constant, and each place where logic can stand.
COMPARED = [
    literal('if n < 3 then "low" else "high"'),
    literal('if 3 >= n then "low" else "high"'),
    literal("n = -2"),
    literal("n != 2.5"),
    literal("n = null"),
    literal("n between 1 and limit"),
    literal("n in (1, [2..3], > 7, null)"),
    literal("n in (not(2))"),
    literal("n instance of number"),
    literal("n in ([1..3), (5..limit])"),
    literal("[n > 1, n > 2, limit > 1]"),
    literal("limit + 1"),
    table("UNIQUE", N, (output(),), (("< 1", '"a"'), ("[1..4]", '"b"'))),
    table("FIRST", N, (output(),), (("-1, 3", "1"), ("not(> 5)", "2"), ("-", "3"))),
    table("FIRST", N, (output(),), (("? > 2 and ? < limit", "1"), ("null", "2"))),
    table("FIRST", N, (output(),), (("< limit", "1"), ("-", "n > 8"))),
    table("FIRST", LIMIT, (output(default="n < 2"),), (("< 3", "1"), ("< 1", "n = 4"))),
    table("FIRST", (("n > 1", "boolean"), *LIMIT), (output(),), (("true", "n < 6", "1"),)),
    boxed("<context><contextEntry><variable name='a'/>{n &lt; 2}</contextEntry>"
          "<contextEntry>{if a then 1 else limit}</contextEntry></context>"),
    boxed("<context><contextEntry><variable name='a'/>{n &lt; 2}</contextEntry></context>"),
    boxed("<list>{n &gt; 1}{n &gt; 2}</list>"),
    boxed("<conditional><if>{n &gt; 4}</if><then>{1}</then><else>{n = 2}</else></conditional>"),
    boxed("<filter><in>{[1, 2, 3]}</in><match>{n &gt; 2}</match></filter>"),
    boxed("<every iteratorVariable='i'><in>{[1, 2]}</in><satisfies>{n &gt; 2}</satisfies></every>"),
]  # fmt: skip


@pytest.mark.parametrize("logic", COMPARED)
def test_atoms_show_everything_that_the_grid_shows(logic: str) -> None:
    subject = unknown_in(logic)
    for limit in (Decimal(4), Decimal("6.5")):
        ask = subject.decision("D")
        expected = {frozen(ask({"n": n, "limit": limit})) for n in GRID}
        found = subject.possible(["D"], {"limit": limit}, {}, ["n"]).values("D")
        assert set(map(frozen, found)) == expected


def test_a_function_s_body_and_an_invocation_are_looked_through() -> None:
    inside = boxed("<invocation>{f}<binding><parameter name='x'/>{n &gt; 2}</binding></invocation>")
    logic = (
        "<context><contextEntry><variable name='f'/><functionDefinition>"
        "<formalParameter name='x'/>"
        f"{literal('if x then n < 5 else null')}</functionDefinition></contextEntry>"
        f"<contextEntry>{inside}</contextEntry></context>"
    )
    subject = unknown_in(logic)
    ask = subject.decision("D")
    expected = {ask({"n": n}) for n in GRID}
    assert expected == {None, True, False}
    assert set(subject.possible(["D"], {}, {}, ["n"]).values("D")) == expected


USED = [
    literal("n * 2 > 3"),
    literal("n"),
    literal("n > limit"),  # another number, which is not known
    literal('n < string length("ab")'),
    literal("n > -(-limit)"),
    literal("sum([n, 1])"),
    table("FIRST", N, (output(),), (("< limit", "1"),)),
    table("FIRST", LIMIT, (output(),), (("> n", "1"),)),
    table("FIRST", LIMIT, (output(),), (("> 2", "n"),)),
]


@pytest.mark.parametrize("logic", USED)
def test_what_is_no_comparison_with_a_constant_is_refused_by_name(logic: str) -> None:
    with pytest.raises(pydmn.NotFinite, match="`n` is used otherwise than in a comparison"):
        unknown_in(logic).possible(["D"], {}, {}, ["n"])


def test_a_number_that_is_known_is_a_constant() -> None:
    subject = unknown_in(literal("n > -limit"))
    assert set(subject.possible(["D"], {"limit": 3}, {}, ["n"]).values("D")) == {True, False}


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ("1, 2, 5", [1, 2, 5]),  # listed: each is an atom
        ("[1..3]", [1, Decimal("1.5"), 2, Decimal("2.5"), 3]),  # cut at 1, 2 and 3
        ("> 2, 1", [1, Decimal("2.5"), 3]),
        ("not(2)", [1, 3]),
    ],
)
def test_allowed_values_bound_the_atoms(allowed: str, expected: list[Any]) -> None:
    logic = literal('if n < 2 then "l" else if n = 2 then "e" else "g"')
    before = GRADE.format(allowed.replace(">", "&gt;"))
    subject = unknown_in(logic, "grade", before=before)
    found = subject.possible(["D"], {}, {}, ["n"])
    known = {subject.decision("D")({"n": each}) for each in expected}
    assert set(found.values("D")) == known
    if allowed == "1, 2, 5":
        assert [subject.decision("D")({"n": each}) for each in expected] == ["l", "e", "g"]


def test_a_number_that_nothing_asks_for_has_one_atom() -> None:
    subject = unknown_in(literal("limit > 2"))
    possible = subject.possible(["D"], {"limit": 3}, {}, ["n"])
    assert possible.values("D") == [True]
    assert possible.deciding("D") == []


def test_a_text_without_a_list_of_values_is_refused_by_name() -> None:
    with pytest.raises(pydmn.NotFinite, match="`n` has no list of allowed values"):
        unknown_in(literal('n = "a"'), "string").possible(["D"], {}, {}, ["n"])


def test_a_text_whose_allowed_values_are_a_test_is_refused_too() -> None:
    before = (
        '<itemDefinition name="t"><typeRef>string</typeRef><allowedValues>'
        '<text>not("x")</text></allowedValues></itemDefinition>'
    )
    with pytest.raises(pydmn.NotFinite, match="`n` has no list of allowed values"):
        unknown_in(literal('n = "a"'), "t", before=before).possible(["D"], {}, {}, ["n"])


def test_a_decision_that_cannot_run_is_not_looked_through() -> None:
    """What is broken stops its own answer, and no other."""
    subject = pydmn.load(
        model(
            input_data("n", "number"),
            decision("D", literal("n > 2"), inputs=("n",)),
            decision("B", literal("n >"), inputs=("n",)),
        )
    )
    assert set(subject.possible(["D"], {}, {}, ["n"]).values("D")) == {True, False}
