"""What `string()` writes (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pydmn.errors import LimitExceeded
from pydmn.feel import builtins, text
from pydmn.feel.temporal import Date, DaysAndTimeDuration, Time
from pydmn.feel.values import Range
from pydmn.limits import Limits
from pydmn.run import Run

D = Decimal


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("a", "a"),
        (D("1.10"), "1.10"),
        (True, "true"),
        (False, "false"),
        (Date(2021, 1, 2), "2021-01-02"),
        ([], "[]"),
        ({}, "{}"),
        ([D(1), "a", None, True, False, [D(2)]], '[1, "a", null, true, false, [2]]'),
        # A keyword cannot be written as a name.
        ({"a b": D(1), "if": D(2), "x+": "y"}, '{a b: 1, "if": 2, x+: "y"}'),
        ([Date(2021, 1, 2), Time(0, 0)], '[@"2021-01-02", @"00:00:00Z"]'),
        (Range(D(1), D(2)), "[1..2]"),
        (Range("a", "b", False, False), '("a".."b")'),
        (Range(None, D(2), False, True), "(<= 2)"),
        (Range(None, D(2), False, False), "(< 2)"),
        (Range(D(2), None, True, False), "(>= 2)"),
        (Range(D(2), None, False, False), "(> 2)"),
        (Range(D(2), D(2), True, True, "="), "(= 2)"),
        (Range(D(2), D(2), False, False, "!="), "(!= 2)"),
        ([DaysAndTimeDuration(0)], '[@"PT0S"]'),
        (['"\\\n\r\t'], r'["\"\\\n\r\t"]'),
        ([builtins.lookup("contains")], "[function(string, match)]"),
    ],
)
def test_to_text(value: Any, expected: str | None) -> None:
    assert text.to_text(Run(), value) == expected


def test_nesting_deeper_than_python_calls() -> None:
    value: list[Any] = []
    for _ in range(50_000):
        value = [value]
    assert text.to_text(Run(), value) == "[" * 50_001 + "]" * 50_001


def test_shared_parts_are_charged_each_time_they_are_written() -> None:
    value: list[Any] = [D(1)]
    for _ in range(60):
        value = [value, value]
    with pytest.raises(LimitExceeded, match=r"chars|steps"):
        text.to_text(Run(Limits.untrusted()), value)


def test_the_parts_of_a_text_are_bounded_together() -> None:
    run = Run(Limits(chars=8))
    assert text.to_text(run, [D(1), D(2)]) == "[1, 2]"
    with pytest.raises(LimitExceeded, match="chars"):
        text.to_text(run, [D(1), D(2), D(3)])


def test_a_text_is_charged_by_its_characters() -> None:
    run = Run(Limits(steps=10))
    assert text.to_text(run, D("1234567890")) == "1234567890"
    assert run.steps == 0
    with pytest.raises(LimitExceeded, match="steps"):
        text.to_text(run, D(1))
