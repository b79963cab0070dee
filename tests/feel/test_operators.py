"""The operators: Tables 52 to 62 of DMN 1.5, and the cases of TCK 0068, 0071, 0072, 0099, 0100."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import product

import pytest

from pydmn.errors import LimitExceeded
from pydmn.feel import builtins, operators, text
from pydmn.feel.temporal import Date
from pydmn.feel.values import Range, Value
from pydmn.limits import Limits
from pydmn.run import Run

D = Decimal
Source = str | int | Decimal | None


def value(source: Source) -> Value:
    """Return a number for a number, and the temporal value that a text names."""
    if not isinstance(source, str):
        return None if source is None else D(source)
    found = text.parse_at_literal(source)
    assert found is not None, source
    return found


Operator = Callable[[Run, Value, Value], Value]

ARITHMETIC: list[tuple[Operator, Source, Source, Source]] = [
    (operators.add, 10, -5, 5),
    (operators.add, "2021-01-01T10:10:10", "P1Y", "2022-01-01T10:10:10"),
    (operators.add, "P1M", "2021-01-01T10:10:10+11:00", "2021-02-01T10:10:10+11:00"),
    (operators.add, "-2021-01-01T10:10:10+11:00", "-P1M", "-2022-12-01T10:10:10+11:00"),
    (operators.add, "2021-01-12T10:10:10", "P1DT1H", "2021-01-13T11:10:10"),
    (operators.add, "2021-01-01T24:00:00", "-PT1S", "2021-01-01T23:59:59"),
    (operators.add, "P1D", "-2021-01-01T10:10:10+11:00", "-2021-01-02T10:10:10+11:00"),
    (operators.add, "2021-01-01", "P1M", "2021-02-01"),
    (operators.add, "PT36H", "2021-01-01", "2021-01-02"),
    (operators.add, "2021-01-01", "PT48H", "2021-01-03"),
    (operators.add, "10:15:00", "PT1H", "11:15:00"),
    (operators.add, "P1D", "10:15:00+11:00", "10:15:00+11:00"),
    (operators.add, "10:15:00@Australia/Melbourne", "-PT11H", "23:15:00@Australia/Melbourne"),
    (operators.add, "-P1Y", "P2M", "-P10M"),
    (operators.add, "PT24H", "P1D", "P2D"),
    (operators.subtract, 10, -5, 15),
    (operators.subtract, "2021-01-02T10:10:10", "2021-01-01T10:10:10", "P1D"),
    (
        operators.subtract,
        "2021-01-02T10:10:10@Europe/Paris",
        "1995-01-01T10:10:10@Asia/Dhaka",
        "P9498DT5H",
    ),
    (operators.subtract, "2021-01-02T00:00:00Z", "2021-01-02", "P0D"),
    (operators.subtract, "2021-01-02T10:10:10+01:00", "2021-01-01", "P1DT9H10M10S"),
    (operators.subtract, "2021-01-02", "2021-01-01T10:10:10@Australia/Melbourne", "P1DT49M50S"),
    (operators.subtract, "2021-01-02", "1995-01-01", "P9498D"),
    (operators.subtract, "10:10:10", "11:10:10", "-PT1H"),
    (operators.subtract, "10:10:10+11:00", "09:10:10+11:00", "PT1H"),
    (operators.subtract, "10:10:10+01:00", "10:10:10+02:00", "PT1H"),
    (
        operators.subtract,
        "10:10:10@Australia/Melbourne",
        "09:10:10@Australia/Melbourne",
        "PT1H",
    ),
    (operators.subtract, "2021-01-02", "PT1S", "2021-01-01"),
    (operators.subtract, "2021-01-02", "-PT1H", "2021-01-02"),
    (operators.subtract, "2021-01-02", "PT25H", "2020-12-31"),
    (operators.subtract, "2020-03-01", "PT24H", "2020-02-29"),
    (operators.subtract, "2021-01-02", "-P1Y", "2022-01-02"),
    (operators.subtract, "10:10:10", "P1D", "10:10:10"),
    (operators.subtract, "-P1Y", "-P2M", "-P10M"),
    (operators.subtract, "-P1D", "PT2H", "-P1DT2H"),
    (operators.multiply, -10, -10, 100),
    (operators.multiply, 10, "-P1D", "-P10D"),
    (operators.multiply, "PT23H", D("2.5"), "P2DT9H30M"),
    (operators.multiply, D("-2.5"), "P1Y11M", "-P4Y9M"),
    # 864000 / 3 is 288000; the third has 34 digits, and so has the product before it is seconds.
    (operators.multiply, D("0.3333333333333333333333333333333333"), "P10D", "P3DT8H"),
    (operators.multiply, "PT1S", D("0.0000000005"), "PT0S"),
    (operators.multiply, "PT1S", D("0.0000000015"), "PT0.000000002S"),
    (operators.divide, 100, 10, 10),
    (operators.divide, "P10Y11M", D("-2.5"), "-P4Y4M"),
    (operators.divide, "P10DT23H", D("2.5"), "P4DT9H12M"),
    (operators.divide, "PT20S", 3, "PT6.666666667S"),
    (operators.divide, "-PT20S", 3, "-PT6.666666667S"),
    (operators.divide, "P10Y", "P5Y", 2),
    (operators.divide, "P10D", "-P5D", -2),
    (operators.power, 5, -2, D("0.04")),
    (operators.power, -3, 2, 9),
]


@pytest.mark.parametrize(("operator", "left", "right", "expected"), ARITHMETIC)
def test_arithmetic(operator: Operator, left: Source, right: Source, expected: Source) -> None:
    run = Run()
    assert operator(run, value(left), value(right)) == value(expected)
    assert not run.trace.notes


def test_strings_are_joined_and_charged() -> None:
    run = Run(Limits(chars=6))
    assert operators.add(run, "foo", "bar") == "foobar"
    with pytest.raises(LimitExceeded, match="chars"):
        operators.add(run, "foo", "barn")


@pytest.mark.parametrize(
    ("operator", "left", "right", "code"),
    [
        (operators.divide, 1, 0, "division-by-zero"),
        (operators.divide, "P10Y", 0, "division-by-zero"),
        (operators.divide, "P10D", "P0D", "division-by-zero"),
        (operators.divide, "P10Y", "P0Y", "division-by-zero"),
        (operators.add, D("9e6144"), D("9e6144"), "out-of-range"),
        (operators.subtract, D("-9e6144"), D("9e6144"), "out-of-range"),
        (operators.multiply, D("9e6144"), 10, "out-of-range"),
        (operators.divide, D("9e6144"), D("0.1"), "out-of-range"),
        (operators.divide, D("1e-6143"), D("3e33"), "out-of-range"),
        (operators.power, 10, 7000, "out-of-range"),
        (operators.power, 0, -1, "out-of-range"),
        (operators.power, -8, D("0.5"), "out-of-range"),
        (operators.add, "999999999-12-31", "P1D", "out-of-range"),
        (operators.subtract, "-999999999-01-01", "P1M", "out-of-range"),
        (operators.add, "999999999-12-31T23:59:59", "PT1S", "out-of-range"),
        (operators.multiply, "P1D", D("1E6140"), "out-of-range"),
        (operators.divide, "P1D", D("1E-6140"), "out-of-range"),
        (operators.multiply, "P1Y", D("1e40"), "out-of-range"),
        (operators.divide, "P1D", D("1e-40"), "out-of-range"),
        (operators.subtract, "2021-01-02T10:10:10+02:00", "2021-01-01T10:10:10", "unlike-zones"),
        (operators.subtract, "2021-01-02T10:10:10", "2021-01-01", "unlike-zones"),
        (operators.subtract, "10:00:00", "10:00:00Z", "unlike-zones"),
    ],
)
def test_results_that_have_no_value(
    operator: Operator, left: Source, right: Source, code: str
) -> None:
    run = Run()
    assert operator(run, value(left), value(right)) is None
    assert [note.code for note in run.trace.notes] == [code]


SAMPLES: dict[str, Value] = {
    "number": D(10),
    "string": "10",
    "boolean": True,
    "date": value("2021-01-01"),
    "date and time": value("2021-01-01T10:10:10"),
    "time": value("10:10:10"),
    "days and time duration": value("P1D"),
    "years and months duration": value("P1Y"),
    "list": [D(10)],
    "context": {"a": D(10)},
    "range": Range(D(1), D(10)),
    "function": builtins.lookup("abs"),
    "null": None,
}
DAYS, YEARS, MOMENT = "days and time duration", "years and months duration", "date and time"
# The pairs of Tables 57 and 59; every other pair of kinds is null (TCK 0100, error_when_*).
FITTING: dict[Operator, set[tuple[str, str]]] = {
    operators.add: {
        ("number", "number"), ("string", "string"), (DAYS, DAYS), (YEARS, YEARS),
        *((moment, DAYS) for moment in ("date", "time", MOMENT)),
        *((DAYS, moment) for moment in ("date", "time", MOMENT)),
        *((moment, YEARS) for moment in ("date", MOMENT)),
        *((YEARS, moment) for moment in ("date", MOMENT)),
    },
    operators.subtract: {
        ("number", "number"), (DAYS, DAYS), (YEARS, YEARS), ("time", "time"),
        ("date", "date"), (MOMENT, MOMENT), ("date", MOMENT), (MOMENT, "date"),
        *((moment, DAYS) for moment in ("date", "time", MOMENT)),
        *((moment, YEARS) for moment in ("date", MOMENT)),
    },
    operators.multiply: {
        ("number", "number"), ("number", DAYS), (DAYS, "number"), ("number", YEARS),
        (YEARS, "number"),
    },
    operators.divide: {
        ("number", "number"), (DAYS, "number"), (YEARS, "number"), (DAYS, DAYS), (YEARS, YEARS),
    },
    operators.power: {("number", "number")},
}  # fmt: skip


@pytest.mark.parametrize("operator", FITTING, ids=lambda operator: operator.__name__)
@pytest.mark.parametrize(("left", "right"), list(product(SAMPLES, SAMPLES)))
def test_every_pair_of_kinds(operator: Operator, left: str, right: str) -> None:
    run = Run()
    operator(run, SAMPLES[left], SAMPLES[right])
    codes = [note.code for note in run.trace.notes]
    fits = (left, right) in FITTING[operator]
    assert (codes == ["operand-type"]) is not fits


def test_negation() -> None:
    run = Run()
    assert operators.negate(run, D(10)) == -10
    assert str(operators.negate(run, D(0))) == "0"
    assert str(operators.negate(run, value("P1D"))) == "-P1D"
    assert str(operators.negate(run, value("-P1Y"))) == "P1Y"
    for each in ("string", "date", "time", "list", "range", "null"):
        assert operators.negate(run, SAMPLES[each]) is None
    assert {note.code for note in run.trace.notes} == {"operand-type"}


def test_negation_does_not_round_by_the_context_of_the_thread() -> None:
    number = D("1234567890123456789012345678901234")
    assert operators.negate(Run(), number) == D("-1234567890123456789012345678901234")


# --- comparison -----------------------------------------------------------------------


def test_comparisons() -> None:
    run = Run()
    one, two = D(1), D(2)
    table = {
        operators.equals: (False, True, False),
        operators.not_equals: (True, False, True),
        operators.less: (True, False, False),
        operators.less_or_equal: (True, True, False),
        operators.greater: (False, False, True),
        operators.greater_or_equal: (False, True, True),
    }
    for operator, expected in table.items():
        pairs = ((one, two), (two, two), (two, one))
        assert tuple(operator(run, *pair) for pair in pairs) == expected
        assert operator(run, one, "1") is None
    assert [note.code for note in run.trace.notes] == ["not-comparable"] * len(table)


@pytest.mark.parametrize(
    ("number", "low", "high", "expected"),
    [  # TCK 0071, and `and` of ternary logic
        (0, 1, 10, False),
        (1, 1, 10, True),
        (10, 1, 10, True),
        (11, 1, 10, False),
        (None, 1, 10, None),
        (2, None, 10, None),
        (2, 1, None, None),
        (11, None, 10, False),
        (0, 1, None, False),
    ],
)
def test_between(
    number: int | None, low: int | None, high: int | None, expected: bool | None
) -> None:
    assert operators.between(Run(), value(number), value(low), value(high)) is expected


@pytest.mark.parametrize(
    ("item", "test", "expected"),
    [  # TCK 0072
        (D(1), [D(2), D(3), D(1)], True),
        (D(1), [D(2), D(3), D(4)], False),
        (D(1), [Range(D(2), D(4)), Range(D(1), D(3))], True),
        (D(5), [Range(D(2), D(4)), Range(D(1), D(3))], False),
        (D(1), Range(D(2), D(4)), False),
        (D(2), Range(D(2), D(4)), True),
        (D(1), D(1), True),
        (True, [False, D(2), D(3)], False),
        ([D(1), D(2)], [[D(1), D(2), D(3)], [D(1), D(2)]], True),
        ([D(1), D(2)], [D(1), D(2)], True),
        ([D(1), D(2)], [D(1), D(2), D(3)], False),
        ({"a": "foo"}, [{"b": "bar"}, {"a": "foo"}], True),
        (None, Range(D(1), D(10)), None),
        (None, [D(1), None], True),
        ("a", D(1), None),
        (Range(D(1), D(2)), Range(D(1), D(2)), True),
        (Range(D(1), D(2)), [Range(D(1), D(2))], True),
    ],
)
def test_in(item: Value, test: Value, expected: bool | None) -> None:
    run = Run()
    assert operators.in_test(run, item, test) is expected
    assert bool(run.trace.notes) is (expected is None)


# --- ranges ---------------------------------------------------------------------------


def test_ranges_are_made_of_ordered_ends_of_one_kind() -> None:
    run = Run()
    assert operators.make_range(run, D(1), D(2), False) == Range(D(1), D(2), False)
    assert operators.make_range(run, D(1), D(1)) == Range(D(1), D(1))
    unfit: list[tuple[Value, Value]] = [
        (D(2), D(1)),
        (D(1), "b"),
        (None, D(1)),
        (D(1), None),
        (None, None),
        (True, True),
        (value("2021-01-01"), value("2021-01-01T00:00:00")),
    ]
    for low, high in unfit:
        assert operators.make_range(run, low, high) is None
    assert {note.code for note in run.trace.notes} == {"range"}


def test_ranges_of_a_comparison() -> None:
    run = Run()
    make = operators.make_comparison_range
    assert make(run, "<", D(10)) == Range(None, D(10), False, False)  # Table 42
    assert make(run, "<=", D(10)) == Range(None, D(10), False, True)
    assert make(run, ">", D(1)) == Range(D(1), None, False, False)
    assert make(run, ">=", D(1)) == Range(D(1), None, True, False)
    assert make(run, "=", "x") == Range("x", "x", True, True, "=")
    assert make(run, "!=", [D(1)]) == Range([D(1)], [D(1)], False, False, "!=")
    assert make(run, "<", None) is None
    assert [note.code for note in run.trace.notes] == ["range"]


def listed(found: object) -> list[Value] | None:
    return None if found is None else list(found)  # type: ignore[call-overload]


def test_iteration() -> None:
    run = Run()
    days = [Date(1980, 1, 1), Date(1980, 1, 2), Date(1980, 1, 3)]
    assert listed(operators.iterate(run, [D(1)])) == [D(1)]
    assert listed(operators.iterate(run, "a")) == ["a"]
    assert listed(operators.iterate(run, Range(D(1), D(3)))) == [1, 2, 3]
    assert listed(operators.iterate(run, Range(D(1), D(3), False, False))) == [2]
    assert listed(operators.iterate(run, Range(days[0], days[2]))) == days
    assert listed(operators.iterate_between(run, D(2), D(4))) == [2, 3, 4]
    assert listed(operators.iterate_between(run, D(1), D(-1))) == [1, 0, -1]
    assert listed(operators.iterate_between(run, days[2], days[0])) == days[::-1]
    assert listed(operators.iterate_between(run, D(1), D(1))) == [1]
    assert not run.trace.notes


@pytest.mark.parametrize(
    "ends",
    [("a", "z"), (D(1), D("2.5")), (D(1), Date(1980, 1, 1)), (D(1), None)],
)
def test_what_cannot_be_counted(ends: tuple[Value, Value]) -> None:
    run = Run()
    assert operators.iterate_between(run, *ends) is None
    assert operators.iterate(run, Range(*ends)) is None
    assert [note.code for note in run.trace.notes] == ["range", "range"]


def test_null_and_a_range_without_ends_cannot_be_counted() -> None:
    assert operators.iterate(Run(), None) is None
    assert operators.iterate(Run(), Range(D(1), D(1), False, False, "!=")) is None


def test_a_huge_range_is_lazy() -> None:
    found = operators.iterate_between(Run(), D(1), D(10) ** 30)
    assert found is not None
    assert next(iter(found)) == 1
