"""The host's values in and out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pydmn import DaysAndTimeDuration, Limits, YearsAndMonthsDuration
from pydmn.errors import InputError, LimitExceeded
from pydmn.feel import host, types
from pydmn.feel.types import ContextType, ListType
from pydmn.run import Run


@pytest.mark.parametrize(
    ("value", "type_", "feel"),
    [
        (1, types.ANY, Decimal(1)),
        (0.1, types.ANY, Decimal("0.1")),
        (Decimal("1.50"), types.ANY, Decimal("1.50")),
        ((1, [2]), types.ANY, [Decimal(1), [Decimal(2)]]),
        ("2024-01-31", types.ANY, "2024-01-31"),
        ("2024-01-31", types.STRING, "2024-01-31"),
        ("P1Y", types.YEARS_AND_MONTHS_DURATION, YearsAndMonthsDuration(12)),
        (["P1Y"], ListType(types.YEARS_AND_MONTHS_DURATION), [YearsAndMonthsDuration(12)]),
        (
            {"a": "PT1S", "b": "PT1S"},
            ContextType((("a", types.DAYS_AND_TIME_DURATION),)),
            {"a": DaysAndTimeDuration(1_000_000_000), "b": "PT1S"},
        ),
    ],
)
def test_values_in(value, type_, feel):
    converted = host.from_python(value, type_)
    assert converted == feel
    assert type(converted) is type(feel)


@pytest.mark.parametrize(
    ("value", "type_", "message"),
    [
        (float("nan"), types.ANY, "input: nan is no number"),
        (Decimal("1E9999"), types.ANY, "is no number of FEEL"),
        ({"a": [1, {2}]}, types.ANY, r"input\.a\[2\]: a `set` has no meaning"),
        ({1: 2}, types.ANY, "the name of an entry is a string, not of type `int`"),
        ("P1D", types.YEARS_AND_MONTHS_DURATION, "the text is no years and months duration"),
        ("soon", types.DATE, "the text is no date"),
        (b"", types.ANY, "a `bytes` has no meaning"),
    ],
)
def test_what_has_no_meaning(value, type_, message):
    with pytest.raises(InputError, match=message):
        host.from_python(value, type_)


def test_messages_hold_no_text_of_the_input():
    with pytest.raises(InputError) as caught:
        host.from_python({"born": "Jane Doe"}, ContextType((("born", types.DATE),)))
    assert "Jane" not in caught.value.message


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def test_depth_in_and_out():
    assert host.to_python(host.from_python(nested(host.MAX_DEPTH))) == nested(host.MAX_DEPTH)
    with pytest.raises(InputError, match="nested deeper than 100"):
        host.from_python(nested(host.MAX_DEPTH + 1))
    with pytest.raises(LimitExceeded, match="nested deeper than 100"):
        host.to_python(nested(host.MAX_DEPTH + 1))


@pytest.mark.parametrize(("value", "name"), [([1, 2, 3], "items"), ("abc", "chars")])
def test_size_in(value, name):
    limits = Limits(items=2, chars=2)
    host.from_python(value[:2], limits=limits)
    with pytest.raises(LimitExceeded, match=name):
        host.from_python(value, limits=limits)


def test_what_is_shared_is_paid_for_each_time():
    value: list[object] = []
    for _ in range(40):
        value = [value, value]
    with pytest.raises(LimitExceeded, match="steps"):
        host.to_python(value, Run(Limits(steps=1_000)))


def test_the_host_may_change_what_it_gets():
    inner = [Decimal(1)]
    out = host.to_python([inner, inner])
    out[0].append(2)
    assert (inner, out[1]) == ([1], [1])
