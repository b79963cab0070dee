"""What `Model.diagnostics` says of a model before anything runs: code, place, text, help."""

from __future__ import annotations

import pytest
from dmn_text import decision, input_data, knowledge, literal, model, output, table

import pydmn
from pydmn.diagnostics import Severity
from pydmn.errors import ModelError

ONE = (("1", "number"),)
AGE = input_data("Age Years", "number")


def findings(*elements: str, attributes: str = "") -> list[pydmn.Diagnostic]:
    return list(pydmn.load(model(*elements, attributes=attributes)).diagnostics)


@pytest.mark.parametrize(
    ("elements", "code", "place", "underlined", "help_"),
    [
        pytest.param(
            (input_data("Weight"), decision("D", literal("Wweight + 1"), inputs=("Weight",))),
            "unknown-name", ("D",), "Wweight", "did you mean `Weight`?",
            id="a name",
        ),
        pytest.param(
            (AGE, decision("D", literal('Age Years + "1"'), inputs=("Age_Years",))),
            "operand-type", ("D",), 'Age Years + "1"', "join texts: `string(...)` makes one",
            id="a type",
        ),
        pytest.param(
            (decision("D", literal('"one"'), type_ref="number"),),
            "result-type", ("D",), "D",
            "change the type of the decision's variable, or what the decision concludes",
            id="a decision of another type than declared",
        ),
        pytest.param(
            (decision("D", literal('"one"', "number")),),
            "result-type", ("D",), '"one"', "convert it to a number, or declare its type so",
            id="an expression of another type than declared",
        ),
        pytest.param(
            (
                AGE,
                decision(
                    "D",
                    table("UNIQUE", (("Age Years", "number"),), (output("o", "string"),),
                          (("1", '"a"'), ('"two"', '"b"'))),
                    inputs=("Age_Years",),
                ),
            ),
            "test-type", ("D", "rule 2", "input Age Years"), '"two"', None,
            id="a cell",
        ),
        pytest.param(
            (
                AGE,
                decision(
                    "D",
                    table("UNIQUE", (("Age Years", "number"),), (output("o", "string"),),
                          (("1", "7"),)),
                    inputs=("Age_Years",),
                ),
            ),
            "result-type", ("D", "rule 1", "output o"), "7",
            "convert it to a string, or declare its type so",
            id="an output",
        ),
        pytest.param(
            (
                knowledge("double", (("n", "number"),), literal("n * 2")),
                decision("D", literal('double("1")'), knowledge=("double",)),
            ),
            "argument-type", ("D",), '"1"', "write `double(n)`",
            id="an argument of a knowledge model",
        ),
        pytest.param(
            (decision("D", literal("1", "tYears")),),
            "unknown-type", ("D",), None,
            "name a type of FEEL, or an item definition of this model or an import",
            id="a type that is not there",
        ),
        pytest.param(
            (decision("D", literal("1", "numberx")),),
            "unknown-type", ("D",), None, "did you mean `number`?",
            id="a type misspelt",
        ),
        pytest.param(
            (
                decision(
                    "D",
                    table("COLLECT+SUM", ONE, (output("a"), output("b")),
                          (("1", "1", "2"),)),
                ),
            ),
            "aggregation", ("D",), None,
            "keep one output, or collect and aggregate in another decision",
            id="an aggregate of several outputs (8.2.10)",
        ),
        pytest.param(
            (
                decision(
                    "D",
                    table("PRIORITY", ONE, (output("a", "string"),), (("1", '"x"'),)),
                ),
            ),
            "no-priority", ("D", "output a"), None,
            "list the output values, the one of highest priority first (8.2.10)",
            id="no priorities",
        ),
        pytest.param(
            (decision("D", table("UNIQUE", ONE, (output("a"),), (("1", ""),))),),
            "empty-entry", ("D", "rule 1", "output a"), None,
            "write `null`, or the value that the rule concludes",
            id="an empty output",
        ),
    ],
)  # fmt: skip
def test_finding(elements, code, place, underlined, help_):
    [found] = findings(*elements)
    assert found.code == code
    assert found.source.place == place
    if underlined is not None:
        assert found.span is not None
        assert found.source.text[found.span.start : found.span.end] == underlined
    if help_ is not None:
        assert found.help == help_


CLEAN = [
    pytest.param(
        (
            decision(
                "D",
                "<context><contextEntry><variable name='count'/><literalExpression>"
                "<text>function(a, b) a + b</text></literalExpression></contextEntry>"
                "<contextEntry><literalExpression><text>count(1, 2)</text></literalExpression>"
                "</contextEntry></context>",
            ),
        ),
        id="an entry hides a built-in function",
    ),
    pytest.param(
        (
            decision(
                "D",
                "<context><contextEntry><variable name='fact'/><functionDefinition>"
                "<formalParameter name='n' typeRef='number'/><literalExpression>"
                "<text>if n = 0 then 1 else n * fact(n - 1)</text></literalExpression>"
                "</functionDefinition></contextEntry><contextEntry><literalExpression>"
                "<text>fact(3)</text></literalExpression></contextEntry></context>",
            ),
        ),
        id="a function in a context calls itself",
    ),
    pytest.param(
        (
            input_data("Rows"),
            decision(
                "D",
                "<filter><in><literalExpression><text>Rows</text></literalExpression></in>"
                "<match><literalExpression><text>anything &gt; 1</text></literalExpression>"
                "</match></filter>",
                inputs=("Rows",),
            ),
        ),
        id="an item that is not known may have any entry",
    ),
    pytest.param(
        (
            decision(
                "D",
                '<for iteratorVariable="i"><in><literalExpression><text>[1..3]</text>'
                "</literalExpression></in><return><literalExpression>"
                "<text>i + count(partial)</text></literalExpression></return></for>",
            ),
        ),
        id="partial in a boxed iterator",
    ),
]


@pytest.mark.parametrize("elements", CLEAN)
def test_nothing_to_find(elements):
    assert findings(*elements) == []


def test_all_findings_of_a_table_are_said_at_once():
    broken = table("UNIQUE", (("1 +", "number"),), (output("o"),), (("1", "2 +"), ("> <", "3")))
    places = [each.source.place for each in findings(decision("D", broken))]
    assert places == [
        ("D", "input 1 +"),
        ("D", "rule 1", "output o"),
        ("D", "rule 2", "input 1 +"),
    ]


def test_a_sound_decision_runs_beside_a_broken_one():
    loaded = pydmn.load(model(decision("Good", literal("1")), decision("Bad", literal("1 +"))))
    assert loaded.evaluate("Good").value == 1
    with pytest.raises(ModelError) as caught:
        loaded.evaluate("Bad")
    assert caught.value.diagnostics == loaded.diagnostics


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param(
            decision("D", '<literalExpression expressionLanguage="http://www.jcp.org/juel">'
                     "<text>${x}</text></literalExpression>"),
            id="an expression",
        ),
        pytest.param(
            decision("D", table("UNIQUE", ONE, (output("a"),), (("1", "2"),))
                     .replace("<inputEntry>", '<inputEntry expressionLanguage="juel">')),
            id="a cell",
        ),
    ],
)  # fmt: skip
def test_another_language_fails_when_that_decision_is_asked_for(elements):
    loaded = pydmn.load(model(elements, decision("Feel", literal("1"))))
    assert loaded.evaluate("Feel").value == 1
    with pytest.raises(ModelError, match="juel` is not supported"):
        loaded.evaluate("D")


def test_severities():
    assert [each.severity for each in findings(decision("D", literal("x")))] == [Severity.ERROR]
    empty = table("UNIQUE", ONE, (output("a"),), (("1", ""),))
    assert [each.severity for each in findings(decision("D", empty))] == [Severity.WARNING]
