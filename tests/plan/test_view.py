"""A model as its readers see it: texts as written, constants as values of the host."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from dmn_text import decision, input_data, literal, model, output, table

import pydmn
from pydmn.plan.logic import Items
from pydmn.plan.view import NOT_CONSTANT, constant, reads, text_of


@pytest.mark.parametrize(
    ("entry", "values"),
    [
        ('"a"', {"o": "a"}),
        ("1.50", {"o": Decimal("1.50")}),
        ("-1", {"o": Decimal(-1)}),
        ("true", {"o": True}),
        ("null", {"o": None}),
        ('[1, "a", null]', {"o": [Decimal(1), "a", None]}),
        ("[x]", {}),
        ("x + 1", {}),
    ],
)
def test_an_output_that_is_a_constant_has_a_value(entry: str, values: dict[str, Any]) -> None:
    logic = table("UNIQUE", (("x", "number"),), (output("o"),), (('> 1, "a"', entry),))
    loaded = pydmn.load(model(input_data("x"), decision("D", logic, inputs=("x",))))
    view = loaded.table("D")
    [rule] = view.rules
    assert rule.values == values
    assert rule.outputs == (entry,)
    assert rule.cells == ('> 1, "a"',)
    assert rule.literals == (("a",),)
    assert rule.tested == (True,)
    assert [(column.text, column.reads) for column in view.inputs] == [("x", frozenset({"x"}))]


@pytest.mark.parametrize(
    ("allowed", "listed"),
    [
        ("1, 2", (Decimal(1), Decimal(2))),
        ("-1", (Decimal(-1),)),
        ("[1..5]", None),
        ("1, > 5", None),
        ("not(1)", None),
        ("-", None),
    ],
)
def test_the_values_of_an_input_are_listed_where_they_are_constants(
    allowed: str, listed: tuple[Any, ...] | None
) -> None:
    type_ = (
        '<itemDefinition name="t"><typeRef>number</typeRef><allowedValues>'
        f"<text>{allowed.replace('<', '&lt;')}</text></allowedValues></itemDefinition>"
    )
    [view] = pydmn.load(model(type_, input_data("x", "t"))).inputs
    assert (view.name, view.type) == ("x", "number")
    assert view.allowed == listed
    assert view.allowed_text == allowed


def test_an_input_without_a_list() -> None:
    [view] = pydmn.load(model(input_data("x", "number"))).inputs
    assert (view.allowed, view.allowed_text) == (None, None)


def test_what_is_no_single_text_has_none() -> None:
    boxed = Items(())
    assert text_of(boxed) == ""
    assert reads(boxed) == frozenset()
    assert constant(boxed) is NOT_CONSTANT
    assert repr(NOT_CONSTANT) == "NOT_CONSTANT"


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [("T", "table", ""), ("L", "literal", "x + 1"), ("B", "boxed", ""), ("f", "knowledge", "")],
)
def test_what_a_name_stands_for(name: str, kind: str, text: str) -> None:
    loaded = pydmn.load(
        model(
            input_data("x", "number"),
            decision("T", table("UNIQUE", (("1", None),), (output("o"),), (("-", "1"),))),
            decision("L", literal("x + 1"), inputs=("x",)),
            decision("B", f"<list>{literal('1')}</list>"),
            '<businessKnowledgeModel id="f" name="f"><variable name="f"/><encapsulatedLogic>'
            f"{literal('1')}</encapsulatedLogic></businessKnowledgeModel>",
        )
    )
    assert loaded.kind(name) == kind
    assert loaded.literal(name) == text
    assert loaded.reads("L") == ("x",)
