"""Values and operators where a small change in the code would go unseen by the other tests.

Each table answers mutants that mutation testing left alive; docs/mutation.md has the count,
and the mutants that no test can tell from the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from pydmn.errors import LimitExceeded
from pydmn.feel import operators, text
from pydmn.feel.temporal import Date, DaysAndTimeDuration
from pydmn.feel.types import (
    ANY,
    DATE_AND_TIME,
    NUMBER,
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
    equal,
    identical,
    instance_of,
    member,
    type_of,
)
from pydmn.limits import Limits
from pydmn.run import Run

D = Decimal
NUMBERS = ListType(NUMBER)


def at(source: str) -> Value:
    value = text.parse_at_literal(source)
    assert value is not None
    return value


class Depth(Function):
    """A function that answers with the depth of calls it runs at."""

    def invoke(self, run: Run, _args: list[Value]) -> Value:
        return D(run.depth)


def function(*parameters: Parameter, variadic: bool = False, result: Type = ANY) -> Depth:
    return Depth("f", (Signature(parameters, variadic),), result)


# --- equality and order ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        # Parts that are one object, or of unlike kinds, do not end the comparison.
        ([D(1), shared := [D(5)]], [D(2), shared], False),
        ([D(1), Range(D(1), D(2))], [D(2), Range(D(1), D(2))], False),
        ([[D(1)]], [{}], False),
        ([{}], [[D(1)]], False),
        # 10.3.2.3.5: the value of a moment counts whole seconds.
        (at("2018-12-08T10:00:00.5Z"), at("2018-12-08T10:00:00.2Z"), True),
        (at("2018-12-08T10:00:00.2Z"), at("2018-12-08T10:00:00.5Z"), True),
    ],
)
def test_equal(left: Value, right: Value, expected: bool) -> None:
    assert equal(left, right) is expected


def test_times_in_two_named_zones_are_compared_as_moments() -> None:
    # `Etc/GMT-5` is five hours east of UTC, in every year.
    east, greenwich = at("10:00:00@Etc/GMT-5"), at("10:00:00@Etc/UTC")
    assert compare(east, greenwich) == -1
    assert compare(greenwich, east) == 1
    assert operators.subtract(Run(), greenwich, east) == at("PT5H")
    assert operators.subtract(Run(), east, greenwich) == at("-PT5H")


# --- what is charged ------------------------------------------------------------------

ENDS = Range([D(1), D(2)], [D(3)], True, True, "=")
ENTRY = ContextType((("a", NUMBERS),))
THREE = [D(1), D(2), D(3)]


def counted(run: Run) -> Iterable[Value]:
    found = operators.iterate_between(run, Date(2021, 1, 1), Date(2021, 1, 2))
    assert found is not None
    return found


CHARGED: list[tuple[str, Callable[[Run], object], int]] = [
    ("elements", lambda run: equal(THREE, list(THREE), run), 3),
    ("ends", lambda run: equal(Range(D(1), D(2)), Range(D(1), D(2)), run), 2),
    ("identity", lambda run: identical(THREE, list(THREE), run), 3),
    ("operator =", lambda run: operators.equals(run, THREE, list(THREE)), 3),
    ("operator !=", lambda run: operators.not_equals(run, THREE, list(THREE)), 3),
    ("in the list", lambda run: operators.in_test(run, THREE, list(THREE)), 3),
    ("in a list of one", lambda run: operators.in_test(run, THREE, [list(THREE)]), 4),
    ("instance of", lambda run: instance_of(THREE, NUMBERS, run), 3),
    ("inner lists", lambda run: instance_of([THREE, THREE], ListType(NUMBERS), run), 8),
    ("an entry", lambda run: instance_of({"a": THREE}, ENTRY, run), 3),
    ("ends that are lists", lambda run: instance_of(ENDS, RangeType(NUMBERS), run), 3),
    ("coerced as it is", lambda run: coerce(THREE, NUMBERS, run), 3),
    ("coerced to a list", lambda run: coerce({"a": THREE}, ListType(ENTRY), run), 3),
    ("coerced from a list", lambda run: coerce([{"a": THREE}], ENTRY, run), 3),
    ("members", lambda run: member(run, [{"a": D(1)}, {"a": D(2)}], "a"), 2),
    ("dates counted", lambda run: list(counted(run)), 4),
    ("a call", lambda run: function().call(run, []), 1),
    ("an argument", lambda run: function(Parameter("a", NUMBERS)).call(run, [THREE]), 4),
]


@pytest.mark.parametrize(
    ("act", "steps"), [row[1:] for row in CHARGED], ids=[row[0] for row in CHARGED]
)
def test_work_is_charged_one_a_part(act: Callable[[Run], object], steps: int) -> None:
    run = Run(Limits(steps=steps))
    act(run)
    assert run.steps == 0
    with pytest.raises(LimitExceeded, match="steps"):
        act(Run(Limits(steps=steps - 1)))


# --- types ----------------------------------------------------------------------------


def levels(type_: Type) -> int:
    """Return how many contexts and ranges lie around the `Any` inside `type_`."""
    count = 0
    while type_ != ANY:
        if isinstance(type_, ContextType):
            type_ = type_.entries[0][1]
        else:
            assert isinstance(type_, RangeType)
            type_ = type_.element
        count += 1
    return count


@pytest.mark.parametrize(
    "around",
    [
        lambda value: {"a": value},
        lambda value: Range(value, None, True, False),
    ],
    ids=["contexts", "ranges"],
)
def test_the_type_of_a_deep_value_has_60_levels(around: Callable[[Value], Value]) -> None:
    value: Value = D(1)
    for _ in range(70):
        value = around(value)
    assert levels(type_of(value)) == 60


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        ({"a": [D(1)]}, ContextType((("a", NUMBERS),))),
        (Range([D(1)], [D(1)], True, True, "="), RangeType(NUMBERS)),
    ],
)
def test_the_type_of_a_list_inside(value: Value, type_: Type) -> None:
    assert type_of(value) == type_


def test_the_type_of_a_function_has_its_result() -> None:
    assert function(result=STRING).type == FunctionType((), STRING)
    assert function().name == "f"


NUMBER_A, NUMBER_B, TEXT = Parameter("a", NUMBER), Parameter("b", NUMBER), Parameter("t", STRING)


@pytest.mark.parametrize(
    ("value", "given", "expected"),
    [  # 10.3.2.9.2: parameters conform the other way round, each by its place.
        (function(NUMBER_A), (STRING,), False),
        (function(NUMBER_A), (ANY,), True),
        (function(NUMBER_A, TEXT), (NUMBER, STRING), True),
        (function(NUMBER_A, TEXT), (STRING, NUMBER), False),
        # An optional parameter may be left out.
        (function(NUMBER_A, Parameter("b", NUMBER, optional=True)), (NUMBER,), True),
        # Of a variadic function, the last parameter takes all that follow.
        (function(NUMBER_A, variadic=True), (NUMBER, NUMBER, NUMBER), True),
        (function(NUMBER_A, variadic=True), (NUMBER, STRING), False),
        (function(TEXT, NUMBER_B, variadic=True), (STRING, NUMBER, NUMBER), True),
        (function(TEXT, NUMBER_B, variadic=True), (NUMBER, NUMBER, NUMBER), False),
        (function(TEXT, NUMBER_B, variadic=True), (STRING, NUMBER, STRING), False),
    ],
)
def test_functions_by_their_parameters(
    value: Value, given: tuple[Type, ...], expected: bool
) -> None:
    assert instance_of(value, FunctionType(given, ANY)) is expected


def test_both_ends_of_a_range_are_of_its_type() -> None:
    assert instance_of(Range(D(1), "a"), RangeType(NUMBER)) is False
    assert instance_of(Range("a", D(1)), RangeType(NUMBER)) is False


def test_only_a_date_becomes_a_date_and_time_and_nothing_else() -> None:
    assert coerce(Date(2017, 1, 1), STRING) is NOT_COERCIBLE
    assert coerce("2017-01-01", DATE_AND_TIME) is NOT_COERCIBLE


# --- members --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nanoseconds", "expected"),
    [
        (0, "0"),
        (10_000_000_000, "10"),
        (500_000_000, "0.5"),
        (1_500_000_000, "1.5"),
        (-500_000_000, "-0.5"),
        (1, "1E-9"),
    ],
)
def test_seconds_have_no_more_digits_than_they_need(nanoseconds: int, expected: str) -> None:
    assert str(member(Run(), DaysAndTimeDuration(nanoseconds), "seconds")) == expected


def test_the_depth_of_lists_is_counted_one_a_list() -> None:
    run = Run(Limits(call_depth=7))
    run.depth = 5
    assert member(run, [[{"a": D(1)}], [{"a": D(2)}]], "a") == [[D(1)], [D(2)]]
    assert run.depth == 5
    with pytest.raises(LimitExceeded, match="call_depth"):
        member(run, [[[{"a": D(1)}]]], "a")
    assert run.depth == 5


def test_a_function_is_invoked_with_the_run_of_its_call() -> None:
    run = Run()
    run.depth = 2
    assert function().call(run, []) == D(3)


# --- ranges ---------------------------------------------------------------------------


def test_a_range_keeps_its_open_end() -> None:
    assert operators.make_range(Run(), D(1), D(2), True, False) == Range(D(1), D(2), True, False)
    assert operators.make_range(Run(), D(1), D(2), False, True) == Range(D(1), D(2), False, True)


# --- what the notes say ---------------------------------------------------------------

DATE, TIME, DAY = at("2021-01-01"), at("10:10:10"), at("P1D")
LARGE = D("9e6144")

NOTES: list[tuple[Callable[[Run], object], str, str]] = [
    *(
        (
            lambda run, operator=operator: operator(run, LARGE, LARGE),
            "out-of-range",
            f"the result of `{sign}` has no value in FEEL",
        )
        for operator, sign in [
            (operators.add, "+"),
            (operators.multiply, "*"),
            (operators.power, "**"),
        ]
    ),
    (
        lambda run: operators.subtract(run, LARGE, LARGE.copy_negate()),
        "out-of-range",
        "the result of `-` has no value in FEEL",
    ),
    (
        lambda run: operators.divide(run, LARGE, D("0.1")),
        "out-of-range",
        "the result of `/` has no value in FEEL",
    ),
    *(
        (
            lambda run, act=act: act(run),
            "out-of-range",
            f"the result of `{sign}` has no value in FEEL",
        )
        for sign, act in [
            ("*", lambda run: operators.multiply(run, at("P1Y"), D("1e40"))),
            ("/", lambda run: operators.divide(run, DAY, D("1e-6140"))),
            ("/", lambda run: operators.divide(run, DAY, D("1e-40"))),
            ("/", lambda run: operators.divide(run, at("P1Y"), D("1e-40"))),
            ("+", lambda run: operators.add(run, at("999999999-12-31"), DAY)),
            ("-", lambda run: operators.subtract(run, at("-999999999-01-01"), DAY)),
        ]
    ),
    *(
        (
            lambda run, operator=operator: operator(run, "x", TIME),
            "operand-type",
            f"`{sign}` does not take a string and a time",
        )
        for operator, sign in [
            (operators.add, "+"),
            (operators.subtract, "-"),
            (operators.multiply, "*"),
            (operators.divide, "/"),
            (operators.power, "**"),
        ]
    ),
    (
        lambda run: operators.add(run, DATE, TIME),
        "operand-type",
        "`+` does not take a date and a time",
    ),
    (
        lambda run: operators.add(run, DAY, "x"),
        "operand-type",
        "`+` does not take a days and time duration and a string",
    ),
    (
        lambda run: operators.negate(run, "x"),
        "operand-type",
        "`-` takes a number or a duration, not a string",
    ),
    (lambda run: operators.divide(run, D(1), D(0)), "division-by-zero", "the divisor is 0"),
    (
        lambda run: operators.subtract(run, TIME, at("10:10:10Z")),
        "unlike-zones",
        "a moment with a zone or offset and one without have no distance",
    ),
    *(
        (
            lambda run, operator=operator: operator(run, "x", D(1)),
            "not-comparable",
            "cannot compare a string with a number",
        )
        for operator in (operators.equals, operators.not_equals, operators.less)
    ),
    (
        lambda run: operators.in_test(run, "x", Range(D(1), D(2))),
        "not-comparable",
        "a string cannot be in this range",
    ),
    (
        lambda run: operators.make_range(run, D(1), "x"),
        "range",
        "a range does not go from a number to a string",
    ),
    (
        lambda run: operators.make_range(run, True, True),
        "range",
        "a range does not go from a boolean to a boolean",
    ),
    (
        lambda run: operators.make_range(run, D(2), D(1)),
        "range",
        "a range goes from its lower to its higher end",
    ),
    (
        lambda run: operators.make_comparison_range(run, "<", True),
        "range",
        "a range does not end with a boolean",
    ),
    (
        lambda run: operators.iterate(run, Range("a", "z")),
        "range",
        "cannot go through a range of string",
    ),
    (
        lambda run: operators.iterate_between(run, D(1), "x"),
        "range",
        "cannot count from a number to a string",
    ),
    (lambda run: member(run, {}, "b"), "no-member", "the context has no entry `b`"),
    (lambda run: member(run, None, "b"), "no-member", "null has no `b`"),
    (lambda run: function().call(run, [D(1)]), "arguments", "`f` takes 0 arguments, not 1"),
    (
        lambda run: function().call_named(run, {"a": D(1)}),
        "arguments",
        "`f` has no parameter `a`",
    ),
    (
        lambda run: function(NUMBER_A).call(run, ["x"]),
        "argument-type",
        "`f` takes number as `a`, not a string",
    ),
]


@pytest.mark.parametrize(("act", "code", "message"), NOTES, ids=[row[2] for row in NOTES])
def test_a_null_has_its_reason(act: Callable[[Run], Any], code: str, message: str) -> None:
    run = Run()
    assert act(run) is None
    assert [(note.code, note.message) for note in run.trace.notes] == [(code, message)]
