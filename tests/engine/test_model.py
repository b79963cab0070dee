"""What a host asks of a model, by which names, and what it hears when it asks wrongly."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from dmn_text import NAMESPACE, decision, input_data, literal, model

import pydmn
from pydmn.errors import InputError, UnknownName

IMPORTED = model(
    input_data("x", "number"),
    decision("Double", literal("x * 2"), inputs=("x",)),
    name="other",
    namespace="urn:other",
)
MAIN = model(
    f'<import name="o" namespace="urn:other" importType="{NAMESPACE}"/>',
    input_data("Age Years", "number"),
    decision("D", literal("Age Years + o.Double"), inputs=("Age_Years",), decisions=("X",)).replace(
        '"#X"', '"urn:other#Double"'
    ),
)


@pytest.fixture(scope="module")
def loaded() -> pydmn.Model:
    return pydmn.load([MAIN, IMPORTED])


@pytest.mark.parametrize(
    ("inputs", "value"),
    [
        ({"Age Years": 1, "o.x": 2}, 5),
        ({"Age Years": 1, "o": {"x": 2}}, 5),
        ({"Age Years": 1, "o": {"y": 2}}, None),
        ({"Age Years": 1, "o": 2}, None),
        ({"Age Years": 1}, None),
    ],
)
def test_inputs_of_an_import_by_its_name_or_nested(
    loaded: pydmn.Model, inputs: dict[str, Any], value: int | None
) -> None:
    assert loaded.evaluate("D", inputs).value == value


def test_an_input_that_nothing_reads_is_a_warning(loaded: pydmn.Model) -> None:
    result = loaded.evaluate("D", {"Age Year": 1, "zzz": 2})
    assert [(each.code, each.help) for each in result.diagnostics] == [
        ("unknown-input", "did you mean `Age Years`?"),
        ("unknown-input", None),
    ]


@pytest.mark.parametrize(
    ("name", "message", "help_"),
    [
        ("Dubble", "the model has no `Dubble`", "did you mean `Double`?"),
        ("zzz", "the model has no `zzz`", None),
    ],
)
def test_a_name_that_is_not_there(
    loaded: pydmn.Model, name: str, message: str, help_: str | None
) -> None:
    with pytest.raises(UnknownName, match=message) as caught:
        loaded.evaluate(name)
    assert [each.help for each in caught.value.diagnostics] == [help_]


def test_an_input_is_not_asked_for(loaded: pydmn.Model) -> None:
    with pytest.raises(UnknownName, match="`Age Years` is an input: it is given"):
        loaded.evaluate("Age Years")


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({1: 2}, "a variable's name is a string, not 1"),
        (
            {"a": datetime.time(1, tzinfo=datetime.timezone(datetime.timedelta(hours=15)))},
            "`a`: ",
        ),
    ],
)
def test_a_context_that_has_no_meaning(context: dict[Any, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        pydmn.feel("1", context)


@pytest.mark.parametrize("inside", [{"full name": "a"}, [{"full name": "a"}]])
def test_names_of_several_words_inside_a_context_are_known(inside: Any) -> None:
    assert pydmn.feel('count(p[full name = "a"])', {"p": inside}) == Decimal(1)


def test_a_trace_is_filled_where_one_is_given() -> None:
    """One trace may gather what several expressions leave, each at its end."""
    trace = pydmn.Trace()
    assert pydmn.feel("Age Years + 1", {"Age Years": 1}, trace=trace) == 2
    assert trace == pydmn.Trace()
    assert pydmn.feel("Age + 1", {"Age Years": 1}, trace=trace) is None
    assert not pydmn.unary_tests("> 5", "a", trace=trace)
    assert [note.message for note in trace.notes] == [
        "unknown name `Age`",
        "`+` does not take null and a number",
        "cannot compare a string with a number",
    ]


def test_what_a_trace_has_no_room_for_is_counted() -> None:
    trace = pydmn.Trace()
    for last in (700, 1_200):
        pydmn.feel(f"for i in 1..{last} return 1 / 0", trace=trace)
    assert (len(trace.notes), trace.dropped) == (1_000, 900)


def test_a_cell_that_tests_nothing_accepts_everything() -> None:
    assert pydmn.unary_tests("-", None)
    assert pydmn.unary_tests("-", 1)
