"""Equality, order, types, conversions, members and calls (DMN 1.5, 10.3.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pydmn.errors import LimitExceeded
from pydmn.feel import builtins, text, types
from pydmn.feel.temporal import Date, DateTime, DaysAndTimeDuration, Time
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_AND_TIME,
    FUNCTION,
    LIST,
    NULL,
    NUMBER,
    RANGE,
    STRING,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)
from pydmn.feel.values import (
    NOT_COERCIBLE,
    Function,
    Parameter,
    Range,
    Signature,
    Value,
    coerce,
    compare,
    described,
    equal,
    identical,
    instance_of,
    kind,
    member,
    type_of,
)
from pydmn.limits import Limits
from pydmn.run import Run

D = Decimal


def at(source: str) -> Value:
    value = text.parse_at_literal(source)
    assert value is not None
    return value


class Defined(Function):
    """A function of a test, with a body in Python."""

    def __init__(
        self, *parameters: Parameter, body: Callable[..., Value], result: Type = ANY
    ) -> None:
        super().__init__("f", (Signature(parameters),), result)
        self.body = body

    def invoke(self, _run: Run, args: list[Value]) -> Value:
        return self.body(*args)


ADD = Defined(Parameter("a", NUMBER), Parameter("b", NUMBER), body=lambda a, b: a + b)


# --- equality -------------------------------------------------------------------------

EQUAL: list[tuple[Value, Value, bool | None]] = [
    # TCK 0068
    (None, None, True),
    (True, True, True),
    (True, False, False),
    (True, None, False),
    (False, D(0), None),
    (True, D(1), None),
    (D("0"), D("0.00"), True),
    (D("-0"), D(0), True),
    (D(100), None, False),
    (D(100), "100", None),
    ("foo", "Foo", False),
    ([], [], True),
    ([D(1), D(1)], [D(1), D(1), D(1)], False),
    ([D(1), D(2)], [D(2), D(1)], False),
    ([], None, False),
    ([], D(0), None),
    ({}, {}, True),
    ({"a": "x", "b": "y"}, {"b": "y", "a": "x"}, True),
    ({"a": "x"}, {"a": "y"}, False),
    ({"a": D(1)}, {"a": D(1), "b": D(1)}, False),
    ({}, [], None),
    ([D(1), {"a": [D(3), D(4)]}], [D(1), {"a": [D(3), D(4)]}], True),
    ([D(1), {"a": [D(3), D(4)]}], [D(1), {"a": [D(4), D(3)]}], False),
    (at("2018-12-08"), at("2018-12-08"), True),
    (at("2018-12-07"), D(100), None),
    (at("10:30:00.0001"), at("10:30:00.0002"), True),
    (at("10:31:00"), at("10:30:00"), False),
    (at("10:30:00Z"), at("10:30:00+00:00"), True),
    (at("10:30:00@Europe/Paris"), at("10:30:00@Europe/Paris"), True),
    (at("2018-12-08T00:00:00.0001"), at("2018-12-08T00:00:00.0000"), True),
    (at("2018-12-08T00:00:00@Europe/Paris"), at("2018-12-08T00:00:00@Asia/Dhaka"), False),
    (at("2018-10-08T00:00:00+02:00"), at("2018-10-08T00:00:00@Europe/Paris"), True),
    (at("2018-02-08T00:00:00+01:00"), at("2018-02-08T00:00:00@Europe/Paris"), True),
    (at("2002-04-02T23:00:00-04:00"), at("2002-04-03T02:00:00-01:00"), True),
    (at("P1D"), at("PT24H"), True),
    (at("P1Y"), at("P12M"), True),
    (at("P1Y"), at("P365D"), None),
    (Range(D(1), D(10)), Range(D(1), D(10)), True),
    (Range(D(1), D(10)), Range(D(2), D(10)), False),
    (Range(D(1), D(10)), Range(D(1), D(10), False), False),
    (Range(D(1), D(10)), Range(D(1), D(10), True, False), False),
    (Range(D(1), D(10)), Range(D(1), D(11)), False),
    (Range(None, D(10), False, False), None, False),
    (Range(D(10), D(10), True, True, "="), Range(D(10), D(10)), False),
    (Range(D(1), D(1), False, False, "!="), Range(D(1), D(1), False, False, "!="), True),
    # 10.3.2.13: elements of unlike kinds make lists unequal; a local time takes the other's zone.
    ([D(1)], ["1"], False),
    ([None], [None], True),
    (at("10:30:00"), at("10:30:00+05:00"), True),
    (at("2018-12-08T10:30:00"), at("2018-12-08T10:30:00@Europe/Paris"), True),
    (ADD, ADD, True),
    (ADD, builtins.lookup("abs"), False),
    (ADD, D(1), None),
]


@pytest.mark.parametrize(("left", "right", "expected"), EQUAL)
def test_equal(left: Value, right: Value, expected: bool | None) -> None:
    assert equal(left, right, Run()) is expected
    assert equal(right, left) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        # Table 77 and TCK 0103
        (at("2012-12-25"), at("23:00:50"), False),
        (at("2012-12-25"), at("2012-12-25"), True),
        (at("23:00:50Z"), at("23:00:50"), False),
        (at("23:00:50Z"), at("23:00:50+00:00"), True),
        (at("P0Y"), at("P0D"), False),
        (None, None, True),
        (None, D(1), False),
        (True, D(1), False),
        ([D(1), "a"], [D(1), "a"], True),
        ([D(1)], [True], False),
        ({"a": at("10:00:00.1")}, {"a": at("10:00:00.2")}, False),
        (ADD, ADD, True),
        (ADD, None, False),
    ],
)
def test_identical(left: Value, right: Value, expected: bool) -> None:
    assert identical(left, right) is expected


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def nested_ranges(depth: int) -> Value:
    value: Value = D(1)
    for _ in range(depth):
        value = Range(value, value, True, True, "=")
    return value


def shared(depth: int) -> list[Any]:
    value: list[Any] = [D(1)]
    for _ in range(depth):
        value = [value, value]
    return value


def test_equality_of_values_deeper_than_python_calls() -> None:
    assert equal(nested(50_000), nested(50_000)) is True
    assert equal(nested(50_000), nested(49_999)) is False
    assert identical(nested(50_000), nested(50_000)) is True


def test_ranges_may_hold_ranges() -> None:
    deep = nested_ranges(5_000)
    assert equal(deep, deep) is True
    assert equal([deep], [[deep]]) is False
    assert equal(nested_ranges(10), nested_ranges(10)) is True
    assert equal(nested_ranges(10), nested_ranges(11)) is False
    assert isinstance(type_of(deep), RangeType)
    assert Range(deep, deep, True, True, "=").contains(deep) is True


def test_equality_is_charged_for_each_part() -> None:
    with pytest.raises(LimitExceeded, match="steps"):
        equal(shared(60), shared(60), Run(Limits.untrusted()))
    whole = shared(60)
    assert equal(whole, whole, Run(Limits.untrusted())) is True


# --- order ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lower", "higher"),
    [  # Table 54
        (D(1), D("1.5")),
        ("a", "b"),
        ("", "a"),
        ("a\U0001f40e", "a\U0001f40f"),
        (at("2018-12-08"), at("2018-12-09")),
        (at("2018-11-30"), at("2018-12-01")),
        (at("-2018-11-30"), at("2018-12-01")),
        (at("10:30:00"), at("10:30:01")),
        (at("10:30:00+02:00"), at("10:30:00+01:00")),
        (at("10:30:00"), at("10:30:01+05:00")),
        (at("2018-12-08T10:30:00+02:00"), at("2018-12-08T10:30:00+01:00")),
        (at("2018-12-08T10:30:00"), at("2018-12-08T10:30:01Z")),
        (at("P1D"), at("PT25H")),
        (at("P11M"), at("P1Y")),
    ],
)
def test_compare(lower: Value, higher: Value) -> None:
    assert compare(lower, higher) == -1
    assert compare(higher, lower) == 1
    assert compare(lower, lower) == 0


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (None, None),
        (D(1), None),
        (D(1), "1"),
        (True, False),
        ([D(1)], [D(2)]),
        ({}, {}),
        (Range(D(1), D(2)), Range(D(1), D(2))),
        (at("2018-12-08"), at("2018-12-08T00:00:00Z")),
        (at("P1Y"), at("P365D")),
    ],
)
def test_what_has_no_order(left: Value, right: Value) -> None:
    assert compare(left, right) is None


@pytest.mark.parametrize(
    ("range_", "inside", "outside"),
    [  # TCK 0072
        (Range(D(2), D(4), False, False), [3], [1, 2, 4, 5]),
        (Range(D(2), D(4), False, True), [3, 4], [1, 2, 5]),
        (Range(D(2), D(4), True, False), [2, 3], [1, 4, 5]),
        (Range(D(2), D(4)), [2, 3, 4], [1, 5]),
        (Range(None, D(4), False, True), [-9, 4], [5]),
        (Range(D(4), None, False, False), [5], [4, 3]),
        (Range(D(4), D(4), True, True, "="), [4], [5]),
        (Range(D(4), D(4), False, False, "!="), [5], [4]),
    ],
)
def test_ranges_contain(range_: Range, inside: list[int], outside: list[int]) -> None:
    assert [range_.contains(D(number)) for number in inside] == [True] * len(inside)
    assert [range_.contains(D(number)) for number in outside] == [False] * len(outside)
    assert range_.contains("3") is None


def test_a_range_does_not_know_null() -> None:
    assert Range(D(1), D(10)).contains(None) is None
    assert Range(None, D(10), False).contains(None) is None


# --- types ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "type_"),
    [  # Table 43
        (D(123), NUMBER),
        (True, BOOLEAN),
        ("abc", STRING),
        (None, NULL),
        (at("2017-01-01"), DATE),
        (["a", "b", "c"], ListType(STRING)),
        (["a", True, D(123)], ListType(ANY)),
        (["a", None], ListType(STRING)),
        ([], ListType(NULL)),
        (Range(D(1), D(10)), RangeType(NUMBER)),
        (Range(None, at("2019-01-01"), False), RangeType(DATE)),
        (Range(at("2019-01-01"), None, True, False), RangeType(DATE)),
        ({"name": "Peter", "age": D(30)}, ContextType((("name", STRING), ("age", NUMBER)))),
        (ADD, FunctionType((NUMBER, NUMBER), ANY)),
        (builtins.lookup("string length"), FunctionType((STRING,), NUMBER)),
        (builtins.lookup("date"), FunctionType(None, DATE)),
        (builtins.lookup("concatenate"), FunctionType(None, LIST)),
    ],
)
def test_type_of(value: Value, type_: Type) -> None:
    assert type_of(value) == type_


def test_the_type_of_a_deep_value_is_cut_off() -> None:
    type_ = type_of(nested(50_000))
    for _ in range(60):
        assert isinstance(type_, ListType)
        type_ = type_.element
    assert type_ == ANY
    assert isinstance(type_of(shared(60)), ListType)


INSTANCES: list[tuple[Value, Type, bool]] = [
    # TCK 0070
    (None, ANY, False),
    (None, NUMBER, False),
    (None, LIST, False),
    (None, NULL, True),
    (D(1), ANY, True),
    (D(1), NUMBER, True),
    (D(1), STRING, False),
    (True, NUMBER, False),
    (at("2018-12-08"), DATE, True),
    (at("2018-12-08"), DATE_AND_TIME, False),
    ([D(1), D(2)], LIST, True),
    ([D(1), D(2)], ListType(NUMBER), True),
    ([D(1), "2"], ListType(NUMBER), False),
    ([D(1), None], ListType(NUMBER), True),
    ([], ListType(NUMBER), True),
    ([D(1)], NUMBER, False),
    (D(1), ListType(NUMBER), False),
    ({"a": "foo"}, CONTEXT, True),
    ({"a": "foo", "b": D(1)}, ContextType((("a", STRING),)), True),
    ({"a": None}, ContextType((("a", STRING),)), True),
    ({"b": D(1)}, ContextType((("a", STRING),)), False),
    ({"a": D(1)}, ContextType((("a", STRING),)), False),
    ({"a": {"b": D(1)}}, ContextType((("a", ContextType((("b", NUMBER),))),)), True),
    ([], CONTEXT, False),
    (Range(D(1), D(2)), RANGE, True),
    (Range(D(1), D(2)), RangeType(NUMBER), True),
    (Range("a", "b"), RangeType(NUMBER), False),
    (Range(None, D(2), False), RangeType(NUMBER), True),
    (D(1), RANGE, False),
    (ADD, FUNCTION, True),
    (ADD, FunctionType((NUMBER, NUMBER), ANY), True),
    (ADD, FunctionType((NUMBER,), ANY), False),
    (Defined(body=str, result=STRING), FunctionType((), STRING), True),
    (Defined(body=str, result=STRING), FunctionType((), NUMBER), False),
    (D(1), FUNCTION, False),
]


@pytest.mark.parametrize(("value", "type_", "expected"), INSTANCES)
def test_instance_of(value: Value, type_: Type, expected: bool) -> None:
    assert instance_of(value, type_) is expected
    assert instance_of(value, type_, Run()) is expected


def test_instance_of_is_charged_for_each_part() -> None:
    type_: Type = NUMBER
    for _ in range(61):
        type_ = ListType(type_)
    with pytest.raises(LimitExceeded, match="steps"):
        instance_of(shared(60), type_, Run(Limits.untrusted()))


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [  # 10.3.2.9.4, TCK 0082 and 0021
        (D(1), NUMBER, D(1)),
        (None, NUMBER, None),
        (["foo"], STRING, "foo"),
        ([D(1)], STRING, NOT_COERCIBLE),
        ([[D(1)]], NUMBER, NOT_COERCIBLE),
        (["a", "b"], STRING, NOT_COERCIBLE),
        ([None], STRING, NOT_COERCIBLE),
        ([], STRING, NOT_COERCIBLE),
        ("foo", ListType(STRING), ["foo"]),
        ("foo", ListType(NUMBER), NOT_COERCIBLE),
        ([D(1), "a"], ListType(NUMBER), NOT_COERCIBLE),
        ({"name": "foo"}, ContextType((("name", STRING), ("age", NUMBER))), NOT_COERCIBLE),
        (at("2017-01-01"), DATE_AND_TIME, DateTime(Date(2017, 1, 1), Time(0, 0))),
        (D(1), STRING, NOT_COERCIBLE),
    ],
)
def test_coerce(value: Value, type_: Type, expected: Value) -> None:
    assert coerce(value, type_) == expected


def test_names_for_messages() -> None:
    assert kind(ADD) == "function"
    assert [described(None), described(D(1))] == ["null", "a number"]
    assert repr(NOT_COERCIBLE) == "NOT_COERCIBLE"
    assert str(types.ListType(NUMBER)) == "list<number>"


# --- members --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [  # TCK 0074, Tables 65 to 67
        ({"a": "foo"}, "a", "foo"),
        (at("2018-12-10"), "year", D(2018)),
        (at("2018-12-10"), "month", D(12)),
        (at("2018-12-10"), "day", D(10)),
        (at("2018-12-10"), "weekday", D(1)),
        (at("2018-12-10T10:30:01.5"), "second", D("1.5")),
        (at("2018-12-10T10:30:01"), "hour", D(10)),
        (at("2018-12-10T10:30:01"), "minute", D(30)),
        (at("2018-12-10T10:30:01"), "weekday", D(1)),
        (at("2018-12-10T10:30:00+05:00"), "time offset", at("PT5H")),
        (at("2018-12-10T10:30:00@Europe/Paris"), "time offset", at("PT1H")),
        (at("2018-12-10T10:30:00"), "time offset", None),
        (at("2018-12-10T10:30:00@Etc/UTC"), "timezone", "Etc/UTC"),
        (at("2018-12-10T10:30:00Z"), "timezone", None),
        (at("10:30:01"), "second", D(1)),
        (at("10:30:00+05:00"), "time offset", at("PT5H")),
        (at("10:30:00@Europe/Paris"), "time offset", None),
        (at("10:30:00"), "timezone", None),
        (at("P1Y2M"), "years", D(1)),
        (at("-P1Y2M"), "months", D(-2)),
        (at("P1DT2H3M4.5S"), "days", D(1)),
        (at("P1DT2H3M4.5S"), "hours", D(2)),
        (at("P1DT2H3M4.5S"), "minutes", D(3)),
        (at("-P1DT2H3M4.5S"), "seconds", D("-4.5")),
        (at("PT2H"), "days", D(0)),
        (Range(D(1), D(10), False), "start", D(1)),
        (Range(D(1), D(10), False), "start included", False),
        (Range(None, D(10), False), "start", None),
        (Range(None, D(10), False), "end", D(10)),
        (Range(None, D(10), False), "end included", True),
        (Range(D(1), D(1), False, False, "!="), "start", None),
        (Range(D(1), D(1), False, False, "!="), "end", None),
        ([{"x": D(1)}, {"x": D(2)}], "x", [D(1), D(2)]),
        ([{"x": D(1)}, {}], "x", [D(1), None]),
    ],
)
def test_member(value: Value, name: str, expected: Value) -> None:
    assert member(Run(), value, name) == expected


@pytest.mark.parametrize(
    ("value", "name", "message"),
    [
        ({"a": D(1)}, "b", "the context has no entry `b`"),
        (None, "b", "null has no `b`"),
        (at("P1Y"), "days", "a years and months duration has no `days`"),
        (at("P1D"), "years", "a days and time duration has no `years`"),
        (ADD, "a", "a function has no `a`"),
    ],
)
def test_a_member_that_is_not_there(value: Value, name: str, message: str) -> None:
    run = Run()
    assert member(run, value, name) is None
    assert [note.message for note in run.trace.notes] == [message]


def test_members_of_lists_within_lists_are_bounded() -> None:
    assert member(Run(), [[{"x": D(1)}]], "x") == [[D(1)]]
    with pytest.raises(LimitExceeded, match="call_depth"):
        member(Run(), nested(1_000), "x")


def test_seconds_keep_nanoseconds() -> None:
    assert member(Run(), DaysAndTimeDuration(1), "seconds") == D("0.000000001")


# --- calls ----------------------------------------------------------------------------


def test_call() -> None:
    run = Run()
    assert ADD.call(run, [D(1), D(2)]) == 3
    assert ADD.call(run, [[D(1)], D(2)]) == 3
    assert ADD.call_named(run, {"b": D(1), "a": D(2)}) == 3
    assert not run.trace.notes
    assert run.depth == 0


def test_an_argument_left_out_by_name_is_null() -> None:
    first = Defined(Parameter("a", NUMBER), Parameter("b"), body=lambda a, b: [a, b])
    assert first.call_named(Run(), {"b": D(1)}) == [None, D(1)]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([D(1)], "`f` takes 2 arguments, not 1"),
        ([D(1), "2"], "`f` takes number as `b`, not a string"),
        ({"a": D(1), "c": D(2)}, "`f` has no parameter `c`"),
    ],
)
def test_arguments_that_do_not_fit(args: Any, message: str) -> None:
    run = Run()
    call = ADD.call_named if isinstance(args, dict) else ADD.call
    assert call(run, args) is None
    assert [note.message for note in run.trace.notes] == [message]


def test_the_depth_of_calls_is_bounded() -> None:
    run = Run(Limits(call_depth=50))
    deepest = 0

    def body() -> Value:
        nonlocal deepest
        deepest = run.depth
        return recursive.call(run, [])

    recursive = Defined(body=body)
    with pytest.raises(LimitExceeded, match="call_depth"):
        recursive.call(run, [])
    assert deepest == 50
    assert run.depth == 0


def test_a_function_without_a_body_has_none() -> None:
    with pytest.raises(NotImplementedError):
        Function("g", (Signature(()),)).call(Run(), [])


def test_signatures_say_what_they_take() -> None:
    date = builtins.lookup("date")
    substring = builtins.lookup("substring")
    assert date is not None
    assert substring is not None
    assert [signature.takes(1) for signature in date.signatures] == [True, False]
    assert [substring.signatures[0].takes(count) for count in range(1, 5)] == [
        False, True, True, False,
    ]  # fmt: skip
