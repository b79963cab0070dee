"""Every row of the page "Where the standard leaves room" holds.

The page is the oracle: its answers are written by hand, from the clause or the case it names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import pydmn

PAGE = Path(__file__).parents[2] / "docs" / "choices.md"
ROW = re.compile(r"^\| (?P<written>.+?) \| (?P<answer>.*?) \| (?P<why>.*?) \|$")
EXPRESSION = re.compile(r"^`(.+)`$")
CELL = re.compile(r"^cell `(.+?)`, input `(.+?)`$")

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def rows() -> dict[str, str]:
    """Return the page's answers by what is written; headings of groups have none."""
    found = [ROW.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    all_rows = [(row["written"], row["answer"]) for row in found if row is not None]
    assert len(dict(all_rows)) == len(all_rows), "a row stands twice"
    return {
        written: answer.strip("`")
        for written, answer in all_rows
        if answer and not written.startswith(("Written", "---"))
    }


ROWS = rows()
EXPRESSIONS = [each for each in ROWS if EXPRESSION.match(each)]
CELLS = [each for each in ROWS if CELL.match(each)]
OTHERS = [each for each in ROWS if each not in {*EXPRESSIONS, *CELLS}]


def plain(value: Any) -> Any:
    """Return a value as the JSON of the page holds it."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if value is None or isinstance(value, bool | Decimal | str):
        return value
    if isinstance(value, pydmn.YearsAndMonthsDuration | pydmn.DaysAndTimeDuration):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    assert not value, "only the empty timedelta is on the page"
    return "PT0S"


def answer_of(text: str) -> Any:
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


@pytest.mark.parametrize("written", EXPRESSIONS)
def test_an_expression_is_answered_as_the_page_says(written):
    expected = answer_of(ROWS[written])
    value = plain(pydmn.feel(written.strip("`")))
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("written", CELLS)
def test_a_cell_holds_as_the_page_says(written):
    cell, given = CELL.match(written).groups()
    assert pydmn.unary_tests(cell, json.loads(given)) is json.loads(ROWS[written])


# --- rows about models ----------------------------------------------------------------


def model(logic: str, declared: str = "Any", result: str = "Any") -> pydmn.Model:
    """Return a model of the decision D, which has the input x, and of a sound decision E."""
    requires = '<informationRequirement><requiredInput href="#x"/></informationRequirement>'
    return pydmn.load(
        f"""<definitions xmlns="{NAMESPACE}" id="m" name="m" namespace="urn:m">
        <inputData id="x" name="x"><variable name="x" typeRef="{declared}"/></inputData>
        <decision id="D" name="D"><variable name="D" typeRef="{result}"/>{requires}{logic}
        </decision>
        <decision id="E" name="E"><variable name="E"/>{requires}{literal("x")}</decision>
        </definitions>""".encode()
    )


def literal(text: str, language: str = "") -> str:
    attribute = f' expressionLanguage="{language}"' if language else ""
    return f"<literalExpression{attribute}><text>{text}</text></literalExpression>"


def table(
    hit_policy: str, first: str, second: str, *, allowed: str = "", default: str = ""
) -> pydmn.Model:
    """Return a table whose rules answer `first` for any x and `second` where it is over 2.

    Neither matches where x is below 1.
    """
    policy, _, aggregation = hit_policy.partition(" with ")
    how = f' hitPolicy="{policy}"' + (f' aggregation="{aggregation}"' if aggregation else "")
    values = f"<inputValues><text>{allowed}</text></inputValues>" if allowed else ""
    otherwise = f"<defaultOutputEntry><text>{default}</text></defaultOutputEntry>"
    rule = (
        "<rule><inputEntry><text>{}</text></inputEntry>"
        "<outputEntry><text>{}</text></outputEntry></rule>"
    )
    return model(
        f"<decisionTable{how}><input><inputExpression><text>x</text></inputExpression>{values}"
        f"</input><output>{otherwise if default else ''}</output>"
        f"{rule.format('&gt;= 1', first)}{rule.format('&gt; 2', second)}</decisionTable>"
    )


def only_diagnostic(result: pydmn.Result, code: str) -> Any:
    """Return the value of a result that has one diagnostic, of the given code."""
    assert [each.code for each in result.diagnostics] == [code]
    return result.value


def no_match() -> None:
    policies = ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER")
    for policy in policies:
        assert table(policy, "1", "2").decision("D")({"x": 0}) is None
        assert table(policy, "1", "2", default="7").decision("D")({"x": 0}) == 7


def collect_no_match() -> None:
    assert table("COLLECT", "1", "2").decision("D")({"x": 0}) is None


def count_no_match() -> None:
    assert table("COLLECT with COUNT", "1", "2").decision("D")({"x": 0}) == 0


def aggregation_no_match() -> None:
    for how in ("SUM", "MIN", "MAX"):
        assert table(f"COLLECT with {how}", "1", "2").decision("D")({"x": 0}) is None


def unique_violated() -> None:
    result = table("UNIQUE", "1", "2").evaluate("D", {"x": 3})
    assert only_diagnostic(result, "unique-violation") is None
    assert "rules 1, 2" in result.diagnostics[0].message


def any_violated() -> None:
    result = table("ANY", "1", "2").evaluate("D", {"x": 3})
    assert only_diagnostic(result, "any-violation") is None
    assert table("ANY", "1", "1.0").decision("D")({"x": 3}) == 1


def priority_without_values() -> None:
    loaded = table("PRIORITY", "1", "2")
    assert [each.severity for each in loaded.diagnostics] == [pydmn.Severity.WARNING]
    assert loaded.decision("D")({"x": 3}) == 1


def input_not_allowed() -> None:
    result = table("UNIQUE", "1", "2", allowed="[0..2]").evaluate("D", {"x": 9})
    assert only_diagnostic(result, "input-values") is None


def input_of_another_type() -> None:
    result = model(literal("x"), declared="number").evaluate("D", {"x": "5"})
    assert only_diagnostic(result, "type") is None


def result_of_another_type() -> None:
    result = model(literal("x"), result="string").evaluate("D", {"x": 5})
    assert only_diagnostic(result, "type") is None


def input_not_given() -> None:
    result = model(literal("x")).evaluate("D", {})
    assert result.value is None
    assert result.diagnostics == ()


def input_not_there() -> None:
    result = model(literal("x")).evaluate("D", {"x": 1, "y": 2})
    assert only_diagnostic(result, "unknown-input") == 1
    assert result.diagnostics[0].severity is pydmn.Severity.WARNING


def name_not_there() -> None:
    with pytest.raises(pydmn.UnknownName, match="`F`"):
        model(literal("x")).evaluate("F")


def no_feel() -> None:
    loaded = model(literal("1 +"))
    with pytest.raises(pydmn.ModelError, match="expected an expression"):
        loaded.evaluate("D", {"x": 1})
    assert loaded.decision("E")({"x": 1}) == 1


def another_language() -> None:
    loaded = model(literal("return x", language="http://www.ecma-international.org/ecma-262"))
    with pytest.raises(pydmn.ModelError, match="ecma-262"):
        loaded.evaluate("D", {"x": 1})
    assert loaded.decision("E")({"x": 1}) == 1


def function_not_registered() -> None:
    mapping = '{java: {class: "java.lang.Math", method signature: "abs(double)"}}'
    result = model(literal(f"(function(a) external {mapping})(x)")).evaluate("D", {"x": 1})
    assert result.value is None
    assert any("`java.lang.Math.abs(double)`" in note.message for note in result.trace.notes)


def budget_spent() -> None:
    with pytest.raises(pydmn.LimitExceeded, match="`steps`"):
        model(literal("x + 1")).evaluate("D", {"x": 1}, limits=pydmn.Limits(steps=0))


def boxed_condition() -> None:
    parts = (("if", '"true"'), ("then", "1"), ("else", "2"))
    boxes = "".join(f"<{part}>{literal(text)}</{part}>" for part, text in parts)
    data = f"""<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="m" name="m"
    namespace="urn:m"><decision id="D" name="D"><variable name="D"/><conditional>{boxes}
    </conditional></decision></definitions>"""
    assert pydmn.load(data.encode()).decision("D")({}) is None


CHECKS: dict[str, tuple[str, Callable[[], None]]] = {
    "A boxed conditional whose condition is no boolean": ("null", boxed_condition),
    "No rule matches, any hit policy": ("null", no_match),
    "COLLECT without a match": ("null", collect_no_match),
    "COLLECT with `COUNT`, without a match": ("0", count_no_match),
    "COLLECT with `SUM`, `MIN` or `MAX`, without a match": ("null", aggregation_no_match),
    "Two rules of a UNIQUE table match": ("null", unique_violated),
    "Two rules of an ANY table match with unlike outputs": ("null", any_violated),
    "PRIORITY without output values": ("the first match", priority_without_values),
    "An input value that is not among the allowed": ("null", input_not_allowed),
    "An input of another type than declared": ("null", input_of_another_type),
    "A result of another type than declared": ("null", result_of_another_type),
    "An input that is not given": ("null", input_not_given),
    "An input that the model does not have": ("ignored", input_not_there),
    "A name that the model cannot answer": ("UnknownName", name_not_there),
    "A text that is not FEEL": ("ModelError", no_feel),
    "Another expression language": ("ModelError", another_language),
    "An external function that the host has not registered": ("null", function_not_registered),
    "A budget that is spent": ("LimitExceeded", budget_spent),
}


def test_every_row_about_a_model_has_a_check():
    assert list(CHECKS) == OTHERS


@pytest.mark.parametrize("written", CHECKS)
def test_a_model_does_as_the_page_says(written):
    answer, check = CHECKS[written]
    assert ROWS[written] == answer
    check()
