"""Decision tables that are not sound, or too large: found before anything runs (8.3)."""

from __future__ import annotations

import pytest
from dmn_text import decision, input_data, literal, model, output, table

import pydmn
from pydmn import Limits
from pydmn.errors import LimitExceeded, ModelError

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
