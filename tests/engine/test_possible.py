"""What is still possible: values, rules, columns and near misses of one small table.

The table is small enough to go through by hand; the expected answers are so made.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from dmn_text import decision, input_data, model, output, table

import pydmn

GRADE = (
    '<itemDefinition name="grade"><typeRef>number</typeRef><allowedValues>'
    "<text>[1..6]</text></allowedValues></itemDefinition>"
)
LOGIC = table(
    "UNIQUE",
    (("size", "grade"), ("flag", "boolean")),
    (output("to"), output("why")),
    (
        ("<= 2", "-", '"small"', '"size"'),
        ("(2..4]", "true", '"flagged"', '"both"'),
        ("(2..4]", "false", '"plain"', '"both"'),
        ("> 4", "true", '"large"', '"both"'),
        ("> 6", "-", '"never"', '"size"'),
    ),
)
MODEL = model(
    GRADE,
    input_data("size", "grade"),
    input_data("flag", "boolean"),
    decision("D", LOGIC, inputs=("size", "flag")),
)


def possible(known: dict[str, Any], *unknown: str) -> pydmn.Possible:
    return pydmn.load(MODEL).possible(["D"], known, None, unknown)


@pytest.mark.parametrize(
    ("known", "unknown", "rules", "reasons"),
    [
        ({"size": 1, "flag": True}, (), {("r1",)}, {"size"}),
        ({"size": 3}, ("flag",), {("r2",), ("r3",)}, {"both"}),
        ({"size": 5}, ("flag",), {("r4",), ()}, {"both", None}),
        # A grade is at most 6: the last rule is never hit.
        ({"flag": True}, ("size",), {("r1",), ("r2",), ("r4",)}, {"size", "both"}),
        ({"flag": False}, ("size",), {("r1",), ("r3",), ()}, {"size", "both", None}),
    ],
)
def test_rules_and_values(
    known: dict[str, Any],
    unknown: tuple[str, ...],
    rules: set[tuple[str, ...]],
    reasons: set[str | None],
) -> None:
    subject = possible(known, *unknown)
    assert subject.names == ("D",)
    assert set(subject.hits("D")) == rules
    assert set(subject.values("D", "why")) == reasons
    assert len(subject.values("D")) == len(rules)


def test_columns_that_are_certain() -> None:
    assert possible({"size": 3}, "flag").inputs("D") == {"size": Decimal(3)}
    assert possible({"flag": True, "size": 1}).inputs("D") == {"size": Decimal(1), "flag": True}


@pytest.mark.parametrize(
    ("known", "unknown", "missed"),
    [
        # 5 and no flag: only the flag keeps rule 4 from being hit, only the size rules 1, 3, 5.
        (
            {"size": 5, "flag": False},
            (),
            [
                ("r1", "size", "<= 2", Decimal(5)),
                ("r3", "size", "(2..4]", Decimal(5)),
                ("r4", "flag", "true", False),
                ("r5", "size", "> 6", Decimal(5)),
            ],
        ),
        # The flag is open: a rule that asks for it may fail by that too, and is no near miss.
        (
            {"size": 5},
            ("flag",),
            [("r1", "size", "<= 2", Decimal(5)), ("r5", "size", "> 6", Decimal(5))],
        ),
        # The size is open: each rule but the last may be hit by some size, or fails by the flag.
        ({"flag": True}, ("size",), [("r5", "size", "> 6", None)]),
    ],
)
def test_near_misses(
    known: dict[str, Any], unknown: tuple[str, ...], missed: list[tuple[Any, ...]]
) -> None:
    assert possible(known, *unknown).near_misses("D") == missed


def test_what_matters() -> None:
    """Of 5, the flag decides; of 1, nothing is open that matters; else the size alone may."""
    [flag] = possible({"size": 5}, "flag").deciding("D")
    assert (flag.name, flag.alone, flag.settles) == ("flag", True, 1.0)
    assert possible({"size": 1}, "flag").deciding("D") == []
    both = possible({}, "size", "flag").deciding("D")
    assert {each.name for each in both} == {"size", "flag"}
    assert not any(each.alone for each in both)
