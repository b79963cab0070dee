"""Hit policies and defaults by the words of DMN 1.5, 8.2.10 and 8.2.11."""

from __future__ import annotations

from decimal import Decimal

import pytest
from dmn_text import decision, input_data, model, output, table

import pydmn

# Rules 1 to 4 match from 1, 2, 3 and 4 upward: x = 3 hits the first three.
CELLS = (">= 1", ">= 2", ">= 3", ">= 4")


def ask(policy: str, outputs: tuple[str, ...], entries: list[tuple[str, ...]], x: object):
    rules = tuple((cell, *entry) for cell, entry in zip(CELLS, entries, strict=False))
    logic = table(policy, (("x", "number"),), outputs, rules)
    loaded = pydmn.load(model(input_data("x", "number"), decision("D", logic, inputs=("x",))))
    return loaded.evaluate("D", {"x": x})


NUMBERS = [("10",), ("5",), ("20",), ("40",)]
LETTERS = [('"b"',), ('"c"',), ('"a"',), ('"b"',)]
ORDER = '"a", "b", "c"'


@pytest.mark.parametrize(
    ("policy", "column", "entries", "x", "value", "rules"),
    [
        ("UNIQUE", output(), NUMBERS, 1, 10, ("r1",)),
        ("UNIQUE", output(), NUMBERS, 3, None, ("r1", "r2", "r3")),
        ("UNIQUE", output(), NUMBERS, 0, None, ()),
        ("UNIQUE", output(default="7"), NUMBERS, 0, 7, ()),
        ("FIRST", output(), NUMBERS, 3, 10, ("r1",)),
        ("ANY", output(), [("5",), ("5.0",), ("5",)], 3, 5, ("r1", "r2", "r3")),
        ("ANY", output(), NUMBERS, 3, None, ("r1", "r2", "r3")),
        ("RULE ORDER", output(), LETTERS, 3, ["b", "c", "a"], ("r1", "r2", "r3")),
        ("RULE ORDER", output(), LETTERS, 0, None, ()),
        ("PRIORITY", output(values=ORDER), LETTERS, 3, "a", ("r3",)),
        ("PRIORITY", output(values=ORDER), LETTERS, 2, "b", ("r1",)),
        ("OUTPUT ORDER", output(values=ORDER), LETTERS, 4, ["a", "b", "b", "c"],
         ("r3", "r1", "r4", "r2")),
        ("PRIORITY", output(values="> 15, <= 15"), NUMBERS, 3, 20, ("r3",)),
        ("COLLECT", output(), NUMBERS, 3, [10, 5, 20], ("r1", "r2", "r3")),
        ("COLLECT+SUM", output(), NUMBERS, 3, 35, ("r1", "r2", "r3")),
        ("COLLECT+MIN", output(), NUMBERS, 3, 5, ("r1", "r2", "r3")),
        ("COLLECT+MAX", output(), NUMBERS, 3, 20, ("r1", "r2", "r3")),
        ("COLLECT+COUNT", output(), NUMBERS, 3, 3, ("r1", "r2", "r3")),
        ("COLLECT+COUNT", output(), NUMBERS, 0, 0, ()),
        ("COLLECT+SUM", output(), NUMBERS, 0, None, ()),
        ("COLLECT+SUM", output(default="-1"), NUMBERS, 0, -1, ()),
    ],
)  # fmt: skip
def test_one_output(policy, column, entries, x, value, rules):
    result = ask(policy, (column,), entries, x)
    assert result.value == value
    [hit] = result.trace.hits
    assert hit.rules == rules


PAIRS = [('"b"', "1"), ('"a"', "2"), ('"a"', "1")]
NAMED = (output("l", values=ORDER), output("n", values="1, 2"))


@pytest.mark.parametrize(
    ("policy", "value"),
    [
        ("FIRST", {"l": "b", "n": 1}),
        ("PRIORITY", {"l": "a", "n": 1}),
        ("OUTPUT ORDER", [{"l": "a", "n": 1}, {"l": "a", "n": 2}, {"l": "b", "n": 1}]),
        ("RULE ORDER", [{"l": "b", "n": 1}, {"l": "a", "n": 2}, {"l": "a", "n": 1}]),
    ],
)
def test_several_outputs_go_by_the_first_then_the_next(policy, value):
    assert ask(policy, NAMED, PAIRS, 3).value == value


def test_defaults_of_several_outputs():
    columns = (output("l", default='"none"'), output("n"))
    assert ask("UNIQUE", columns, PAIRS, 0).value == {"l": "none", "n": None}


def test_priorities_may_stand_in_the_type():
    letter = (
        '<itemDefinition name="letter"><typeRef>string</typeRef>'
        f"<allowedValues><text>{ORDER}</text></allowedValues></itemDefinition>"
    )
    rules = tuple((cell, *entry) for cell, entry in zip(CELLS, LETTERS, strict=True))
    logic = table("PRIORITY", (("x", "number"),), (output(type_ref="letter"),), rules)
    loaded = pydmn.load(
        model(letter, input_data("x", "number"), decision("D", logic, inputs=("x",)))
    )
    assert loaded.diagnostics == ()
    assert loaded.evaluate("D", {"x": 3}).value == "a"


@pytest.mark.parametrize(
    ("column", "entry", "code"),
    [
        (output(values='"a", "b"'), '"z"', "output-values"),
        (output(type_ref="number"), 'if x > 0 then "z" else 1', "type"),
    ],
)
def test_an_output_that_its_column_does_not_allow_is_null(column, entry, code):
    result = ask("UNIQUE", (column,), [(entry,)], 1)
    assert result.value is None
    assert [note.code for note in result.trace.notes] == [code]


def test_a_violation_is_a_diagnostic():
    [found] = ask("UNIQUE", (output(),), NUMBERS, 3).diagnostics
    assert found.code == "unique-violation"
    assert found.message.endswith("UNIQUE, but rules 1, 2, 3 match")


def test_an_input_outside_its_values_is_null_with_a_reason():
    logic = table("UNIQUE", (("x", "number"),), (output(),), (("-", "1"),)).replace(
        "</inputExpression>", "</inputExpression><inputValues><text>[1..5]</text></inputValues>"
    )
    loaded = pydmn.load(model(input_data("x", "number"), decision("D", logic, inputs=("x",))))
    assert loaded.evaluate("D", {"x": 5}).value == Decimal(1)
    result = loaded.evaluate("D", {"x": 6})
    assert result.value is None
    assert [note.code for note in result.trace.notes] == ["input-values"]
