"""What holds of every question that the grammar grows, with no other engine to ask.

The questions are those of `tools/differential`: well typed by their making.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import normal
import questions
from disagreements import Asked
from dmn_text import decision, input_data, literal, model, output, table
from grammar import SCALARS
from hypothesis import HealthCheck, given, settings
from trees import VARIABLES

import pydmn
from pydmn.diagnostics import Severity
from pydmn.feel import builtins, host
from pydmn.feel.check import check
from pydmn.feel.names import Scope
from pydmn.feel.parser import parse_expression, parse_type, parse_unary_tests
from pydmn.feel.printer import to_text
from pydmn.feel.types import Type
from pydmn.feel.values import instance_of
from pydmn.source import Source


def clock() -> datetime:
    return datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


def type_named(text: str) -> Type:
    written = text.replace("context", "context<n: number, s: string, d: date>")
    type_ = Scope().resolve(parse_type(Source(written), Scope()))
    assert type_ is not None
    return type_


MEMBERS = frozenset({"n", "s", "d", "x", "y", "f", "r", "key", "value"})
SCOPE = Scope(
    {name: type_named(type_) for name, type_ in VARIABLES.items()}, builtins.NAMES, MEMBERS
)
# What the grammar writes although it is never of use: two scalars of any types compared, and
# `number` with one argument, which it had before DMN 1.5 (Table 72).
MEANT = {"comparison-type", "arguments"}

fewest = settings(max_examples=50, suppress_health_check=list(HealthCheck))
few = settings(max_examples=150, suppress_health_check=list(HealthCheck))
many = settings(max_examples=400, suppress_health_check=list(HealthCheck))


def values(row: Mapping[str, str]) -> dict[str, Any]:
    return {name: pydmn.feel(text) for name, text in row.items()}


def inputs(question: Asked) -> tuple[list[str], tuple[str, ...]]:
    """Return the elements that declare a question's variables, and their ids."""
    names = sorted(question.tree.reads)
    elements = [
        input_data(name, VARIABLES[name] if VARIABLES[name] in SCALARS else None) for name in names
    ]
    return elements, tuple(name.replace(" ", "_") for name in names)


@many
@given(question=questions.expressions())
def test_an_expression_is_printed_as_what_it_is(question: Asked) -> None:
    node = parse_expression(Source(question.tree.text), SCOPE)
    assert parse_expression(Source(to_text(node, SCOPE)), SCOPE) == node


@many
@given(question=questions.cells())
def test_a_cell_is_printed_as_what_it_is(question: Asked) -> None:
    assert question.tested is not None
    scope = SCOPE.with_variable("?", type_named(question.tested))
    node = parse_unary_tests(Source(question.tree.text), scope)
    assert parse_unary_tests(Source(to_text(node, scope)), scope) == node


@many
@given(question=questions.expressions())
def test_what_is_well_typed_has_no_error(question: Asked) -> None:
    source = Source(question.tree.text)
    _, found = check(parse_expression(source, SCOPE), source, SCOPE, builtins.registry)
    assert {each.code for each in found if each.severity is Severity.ERROR} <= MEANT


@few
@given(question=questions.expressions())
def test_a_value_is_of_the_type_that_was_inferred(question: Asked) -> None:
    source = Source(question.tree.text)
    type_, _ = check(parse_expression(source, SCOPE), source, SCOPE, builtins.registry)
    for row in question.rows:
        value = pydmn.feel(question.tree.text, values(row), clock=clock)
        assert value is None or instance_of(host.from_python(value), type_)


@few
@given(question=questions.expressions())
def test_an_expression_says_the_same_again_and_in_a_decision(question: Asked) -> None:
    data, ids = inputs(question)
    text = model(*data, decision("Answer", literal(question.tree.text), inputs=ids))
    decide = pydmn.load(text, clock=clock).decision("Answer")
    for row in question.rows:
        given_ = values(row)
        value = normal.of(pydmn.feel(question.tree.text, given_, clock=clock))
        assert normal.same(normal.of(pydmn.feel(question.tree.text, given_, clock=clock)), value)
        assert normal.same(normal.of(decide(given_)), value)


@few
@given(question=questions.cells())
def test_a_cell_says_the_same_in_a_table(question: Asked) -> None:
    assert question.tested is not None
    data, ids = inputs(question)
    columns = (("tested", question.tested),)
    rules = ((question.tree.text, "true"),)
    logic = table("UNIQUE", columns, (output("", "boolean", default="false"),), rules)
    tested = input_data("tested", question.tested)
    text = model(*data, tested, decision("Answer", logic, inputs=(*ids, "tested")))
    decide = pydmn.load(text, clock=clock).decision("Answer")
    for row in question.rows:
        given_ = values(row)
        value = given_.pop("?")
        accepted = pydmn.unary_tests(question.tree.text, value, given_, clock=clock)
        assert decide({**given_, "tested": value}) is accepted


@fewest
@given(question=questions.tables())
def test_a_table_says_the_same_again(question: Asked) -> None:
    decide = pydmn.load(question.tree.text.encode(), clock=clock).decision("Answer")
    again = pydmn.load(question.tree.text.encode(), clock=clock)
    for row in question.rows:
        value = normal.of(decide(values(row)))
        assert normal.same(normal.of(again.evaluate("Answer", values(row)).value), value)
