"""Expressions that have no value: null, with the reason in the trace (DMN 1.5, 10.3.2)."""

from __future__ import annotations

from typing import Any

import pytest
from dmn_text import decision, literal, model

import pydmn
from pydmn.errors import ModelError


def asked(logic: str) -> tuple[Any, list[str]]:
    """Return the value of a decision, and the codes of the notes."""
    result = pydmn.load(model(decision("D", logic))).evaluate("D")
    return result.value, [note.code for note in result.trace.notes]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        # What is called or invoked must be a function (10.3.2.13).
        ("{f: 1}.f(x: 1)", None, "not-a-function"),
        ("{f: 1}.f(1)", None, "not-a-function"),
        # An external function is a Java method by class and signature (10.3.2.13.3).
        ('(function(a) external {java: {class: "C"}})(1)', None, "external-function"),
        ('(function(a) external {pmml: {document: "d", model: "m"}})(1)', None,
         "external-function"),
        # What is gone through must be a list, a range of what can be counted, or one value.
        ("for i in null return i", None, None),
        ("for i in [1, 2], j in null return i", None, None),
        ('for i in ["a".."b"] return i', None, "range"),
        ("some i in null satisfies i > 1", None, None),
        ("every i in null satisfies i > 1", None, None),
        ("every i in [1], j in null satisfies j > 1", None, None),
        # A condition is boolean or null.
        ("some i in [1] satisfies i", None, "condition"),
        # A list of tests: true where one holds, else null where one is null (Table 55).
        ('1 in (1, "a")', True, None),
        ('1 in (2, < "a")', None, "not-comparable"),
        ("1 in (2, 3)", False, None),
    ],
)  # fmt: skip
def test_value_and_reason(text: str, value: Any, code: str | None) -> None:
    found, codes = asked(literal(text))
    assert found == value
    if code is not None:
        assert code in codes


def test_what_a_box_invokes_must_be_a_function() -> None:
    invocation = (
        f"<invocation>{literal('{f: 1}.f')}"
        f'<binding><parameter name="a"/>{literal("1")}</binding></invocation>'
    )
    assert asked(invocation) == (None, ["not-a-function"])


@pytest.mark.parametrize(
    ("element", "body", "value"),
    [
        ("some", "satisfies", None),
        ("every", "satisfies", None),
        ("for", "return", None),
    ],
)
def test_a_box_that_goes_through_null(element: str, body: str, value: Any) -> None:
    logic = (
        f'<{element} iteratorVariable="i"><in>{literal("null")}</in>'
        f"<{body}>{literal('i > 1')}</{body}></{element}>"
    )
    assert asked(logic)[0] == value


@pytest.mark.parametrize(
    "logic",
    [
        pytest.param(f"<list>{literal('1')}{literal('2 +')}</list>", id="an element"),
        pytest.param(
            f"<invocation>{literal('abs')}<binding><parameter name='n'/>{literal('2 +')}"
            "</binding></invocation>",
            id="an argument",
        ),
        pytest.param(
            f"<conditional><if>{literal('true')}</if><then>{literal('1')}</then>"
            f"<else>{literal('2 +')}</else></conditional>",
            id="a branch",
        ),
    ],
)
def test_half_an_expression_has_no_answer(logic: str) -> None:
    with pytest.raises(ModelError):
        asked(logic)
