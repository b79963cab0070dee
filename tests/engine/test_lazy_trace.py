"""A trace that is made when it is read says what happened when the question was asked."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest
from dmn_text import decision, input_data, literal, model, output, table

import pydmn

TABLE = table("UNIQUE", (("x", "number"),), (output("a"),), (("< 5", '"low"'), ("> 3", '"high"')))
FILE = model(
    input_data("x", "number"), input_data("xs"), decision("D", TABLE, inputs=("x",)),
    decision("L", literal("xs"), inputs=("xs",)),
    decision("N", literal("now()")),
    decision("T", literal("count(xs) + x"), inputs=("x", "xs")),
)  # fmt: skip


def test_it_names_the_rule_hit_and_the_input():
    result = pydmn.load(FILE).evaluate("D", {"x": 1})
    assert result.value == "low"
    (hit,) = result.trace.hits
    assert (hit.decision, hit.rules, hit.inputs) == ("D", ("r1",), {"x": 1})
    assert result.diagnostics == ()


def test_a_violation_is_blamed_when_it_is_asked_for():
    result = pydmn.load(FILE).evaluate("D", {"x": 4})
    assert result.value is None
    assert [each.code for each in result.diagnostics] == ["unique-violation"]
    assert result.trace.hits[0].rules == ("r1", "r2")


def test_what_the_host_changes_later_is_not_seen():
    inputs = {"xs": [1, 2], "x": 1}
    result = pydmn.load(FILE).evaluate("T", inputs)
    inputs["xs"].append(3)
    inputs["x"] = 5
    assert result.value == 3
    assert result.trace.hits[0].value == 3


@pytest.mark.parametrize("inputs", [{"xs": {"a": [1]}}, {"xs": [[1], [2]]}])
def test_what_is_nested_is_traced_at_once(inputs):
    result = pydmn.load(FILE).evaluate("L", inputs)
    before = repr(result.trace)
    inputs["xs"].clear()
    assert repr(result.trace) == before
    assert result.value == result.trace.hits[0].value


def test_a_clock_is_read_once():
    moments = iter([datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)])
    result = pydmn.load(FILE, clock=lambda: next(moments)).evaluate("N")
    assert result.trace.hits[0].value == result.value == datetime(2024, 1, 1, tzinfo=UTC)


def test_it_travels():
    sent = pickle.dumps(pydmn.load(FILE).evaluate("D", {"x": 9}))
    result = pickle.loads(sent)  # noqa: S301  our own bytes
    assert (result.value, result.trace.hits[0].rules) == ("high", ("r2",))


def test_a_decision_is_made_once_unless_it_has_limits_of_its_own():
    loaded = pydmn.load(FILE)
    decide = loaded.decision("D")
    assert loaded.decision("D") is decide
    small = loaded.decision("D", limits=pydmn.Limits(steps=1))
    assert small is not decide
    assert loaded.decision("D") is decide
    with pytest.raises(pydmn.LimitExceeded):
        small({"x": 1})
