"""Decision tables that are not sound, or too large: found before anything runs (8.3)."""

from __future__ import annotations

import pytest
from dmn_text import decision, input_data, literal, model, output, table

import pydmn
from pydmn import Limits
from pydmn.errors import LimitExceeded, ModelError
from pydmn.plan.logic import Table

X = (("x", "number"),)
TWO_RULES = table("UNIQUE", X, (output("o"),), (("1", "1"), ("2", "2")))


def loaded(logic: str, attributes: str = "", limits: Limits | None = None) -> pydmn.Model:
    data = model(
        input_data("x", "number"), decision("D", logic, inputs=("x",)), attributes=attributes
    )
    return pydmn.load(data, limits=limits or Limits())


@pytest.mark.parametrize(
    ("logic", "code"),
    [
        pytest.param(
            table("UNIQUE", X, (output("o"),), (("1",),)), "table-shape", id="an entry too few"
        ),
        pytest.param(
            table("UNIQUE", X, (output("o"),), (("1", "2", "3"),)),
            "table-shape",
            id="an entry too many",
        ),
        pytest.param(table("UNIQUE", X, (), (("1",),)), "table-shape", id="no output"),
        pytest.param(
            table("UNIQUE", X, (output("o", default="1 +"),), (("1", "2"),)),
            "syntax",
            id="a default that is no FEEL",
        ),
        pytest.param(
            table("UNIQUE", X, (output("o", values="1,, 2"),), (("1", "2"),)),
            "syntax",
            id="values that are no FEEL",
        ),
    ],
)
def test_a_table_that_has_no_meaning_does_not_run(logic: str, code: str) -> None:
    subject = loaded(logic)
    assert code in {each.code for each in subject.diagnostics}
    with pytest.raises(ModelError):
        subject.evaluate("D", {"x": 1})


@pytest.mark.parametrize(
    ("logic", "attributes"),
    [
        pytest.param(TWO_RULES, 'expressionLanguage="juel"', id="of the model"),
        pytest.param(
            TWO_RULES.replace("<outputEntry>", '<outputEntry expressionLanguage="juel">'),
            "",
            id="of an output entry",
        ),
    ],
)
def test_another_language(logic: str, attributes: str) -> None:
    with pytest.raises(ModelError, match="juel` is not supported"):
        loaded(logic, attributes).evaluate("D", {"x": 1})


def test_cells_are_limited_exactly() -> None:
    assert loaded(TWO_RULES, limits=Limits(cells=4)).evaluate("D", {"x": 2}).value == 2
    with pytest.raises(LimitExceeded, match="limit `cells` exceeded: more than 3"):
        loaded(TWO_RULES, limits=Limits(cells=3))


def test_a_literal_decision_is_no_table() -> None:
    subject = loaded(literal("x"))
    with pytest.raises(pydmn.UnknownName, match="`D` is no decision table"):
        subject.table("D")


AB = (("x", "number"), ("x", "number"))


def planned(rules: tuple[tuple[str, ...], ...], limits: Limits | None = None) -> Table:
    """Return the plan of a table of two inputs and an output."""
    logic = loaded(table("UNIQUE", AB, (output("o"),), rules), limits=limits).step("D").logic
    assert isinstance(logic, Table)
    return logic


def test_a_column_reads_a_text_once() -> None:
    first, second, third = planned((("5", "5", "7"), ("6", "5", "8"), ("5", "6", "7"))).rules
    assert first.cells[0] is third.cells[0]
    assert first.cells[1] is second.cells[1]
    assert first.cells[0] is not first.cells[1]
    assert first.outputs[0] is third.outputs[0]
    assert [each.number for each in (first, second, third)] == [1, 2, 3]
    assert first.cells[0].source.place == ("D", "rule 1", "input x")
    assert third.source.place == ("D", "rule 3")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param('"five"', "test-type", id="of another type"),
        pytest.param("y", "unknown-name", id="an unknown name"),
        pytest.param("5 5", "syntax", id="no FEEL"),
    ],
)
def test_what_is_wrong_with_a_text_is_said_wherever_it_stands(cell: str, code: str) -> None:
    subject = loaded(table("UNIQUE", AB, (output("o"),), tuple(("1", cell, "1") for _ in range(3))))
    assert [(each.code, each.source.place) for each in subject.diagnostics] == [
        (code, ("D", f"rule {number}", "input x")) for number in (1, 2, 3)
    ]


def test_an_empty_output_entry_is_said_wherever_it_stands() -> None:
    subject = loaded(table("UNIQUE", X, (output("o"),), (("1", ""), ("2", " "), ("3", ""))))
    assert [(each.code, each.source.place[1]) for each in subject.diagnostics] == [
        ("empty-entry", f"rule {number}") for number in (1, 2, 3)
    ]


def steps_to_load(rules: tuple[tuple[str, ...], ...]) -> int:
    """Return the least `model_steps` with which a table loads."""
    low, high = 0, 10_000
    while low < high:
        middle = (low + high) // 2
        try:
            planned(rules, Limits(model_steps=middle))
        except LimitExceeded:
            low = middle + 1
        else:
            high = middle
    return low


def test_a_text_is_charged_where_it_first_stands_and_one_step_after() -> None:
    texts = ("[1..5]", "< 7, 9", '"a@b"')
    once = steps_to_load((texts,))
    assert steps_to_load((texts,) * 9) == once + 8 * 3
    other = tuple((f"[{each}..5]", f"< {each}, 9", f'"{each}@b"') for each in range(1, 10))
    assert steps_to_load(other) > once + 8 * 3
