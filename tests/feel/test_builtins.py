"""The built-in functions: the examples of DMN 1.5, 10.3.4, and the cases of TCK 0050 to 1156."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydmn.errors import LimitExceeded
from pydmn.feel import builtins, text
from pydmn.feel.types import NUMBER, STRING
from pydmn.feel.values import Function, Parameter, Range, Signature, Value, equal
from pydmn.limits import Limits
from pydmn.run import Run

D = Decimal


def at(source: str) -> Value:
    value = text.parse_at_literal(source)
    assert value is not None, source
    return value


def feel(item: Any) -> Value:
    """Return a FEEL value for a table's entry: numbers for ints, temporals for `@...` strings."""
    match item:
        case bool() | None:
            return item
        case int():
            return D(item)
        case str() if item.startswith("@"):
            return at(item[1:])
        case list():
            return [feel(each) for each in item]
        case dict():
            return {key: feel(each) for key, each in item.items()}
    return item


def call(name: str, *args: Any, run: Run | None = None) -> Value:
    function = builtins.lookup(name)
    assert function is not None, name
    return function.call(run or Run(), [feel(arg) for arg in args])


def call_named(name: str, **named: Any) -> Value:
    function = builtins.lookup(name)
    assert function is not None, name
    spelled = {key.replace("_", " ").strip(): feel(value) for key, value in named.items()}
    return function.call_named(Run(), spelled)


class Defined(Function):
    """A function of a test, with a body in Python."""

    def __init__(self, count: int, body: Any) -> None:
        parameters = tuple(Parameter(f"p{index}") for index in range(count))
        super().__init__("f", (Signature(parameters),))
        self.body = body

    def invoke(self, _run: Run, args: list[Value]) -> Value:
        return self.body(*args)


RESULTS: list[tuple[Any, ...]] = [
    # conversion: Table 72, TCK 0058, 1115 to 1121
    ("date", "2012-12-25", "@2012-12-25"),
    ("date", "@2012-12-25T11:00:00Z", "@2012-12-25"),
    ("date", "@2012-12-25", "@2012-12-25"),
    ("date", 2012, 12, 25, "@2012-12-25"),
    ("date", -2017, 1, 1, "@-2017-01-01"),
    ("date", ["2012-12-25"], "@2012-12-25"),
    ("date and time", "2012-12-24", "@2012-12-24T00:00:00"),
    ("date and time", "@2012-12-24T10:00:00", "@2012-12-24T10:00:00"),
    ("date and time", "@2012-12-24", "@2012-12-24T00:00:00Z"),
    ("date and time", "@2017-01-01", "@23:59:01@Europe/Paris", "@2017-01-01T23:59:01@Europe/Paris"),
    ("date and time", "@2017-01-01T00:00:00Z", "@23:59:01", "@2017-01-01T23:59:01"),
    ("time", "23:59:00z", "@23:59:00Z"),
    ("time", "@2017-08-10T10:20:00@Europe/Paris", "@10:20:00@Europe/Paris"),
    ("time", "@2017-08-10", "@00:00:00Z"),
    ("time", "@10:20:00", "@10:20:00"),
    ("time", 11, 59, 45, None, "@11:59:45"),
    ("time", 11, 59, 45, "@11:59:45"),
    ("time", 12, 59, D("1.3"), "@-PT1H", "@12:59:01.3-01:00"),
    ("time", 11, 59, 45, "@-PT2H45M55S", "@11:59:45-02:45:55"),
    ("number", "1 000,0", " ", ",", 1000),
    ("number", "1,000.0", ",", ".", 1000),
    ("number", "1000000.01", None, ".", D("1000000.01")),
    ("number", "1,000,000", ",", None, 1000000),
    ("number", "-12", None, None, -12),
    ("string", D("1.1"), "1.1"),
    ("string", None, None),
    ("string", "@P1D", "P1D"),
    ("duration", "P2Y2M", "@P26M"),
    ("duration", "@P1D", "@P1D"),
    ("years and months duration", "@2011-12-22", "@2013-08-24", "@P1Y8M"),
    ("years and months duration", "@2013-08-24", "@2017-12-15T00:59:59", "@P4Y3M"),
    # booleans: Table 73, 10.3.4.6
    ("not", True, False),
    ("not", False, True),
    ("not", None, None),
    ("not", 0, None),
    ("is", "@2012-12-25", "@23:00:50", False),
    ("is", "@23:00:50Z", "@23:00:50+00:00", True),
    # strings: Table 74, TCK 1103 to 1110, 1140
    ("substring", "foobar", 3, "obar"),
    ("substring", "foobar", 3, 3, "oba"),
    ("substring", "foobar", -2, 1, "a"),
    ("substring", "foobar", -6, 6, "foobar"),
    ("substring", "foobar", 3, D("3.8"), "oba"),
    ("substring", "\U0001f40eab", 2, "ab"),
    ("string length", "\U0001f40eab", 3),
    ("upper case", "aBc4", "ABC4"),
    ("lower case", "aBc4", "abc4"),
    ("substring before", "foobar", "bar", "foo"),
    ("substring before", "foobar", "xyz", ""),
    ("substring before", "abc", "", ""),
    ("substring after", "foobar", "ob", "ar"),
    ("substring after", "", "a", ""),
    ("substring after", "abc", "", "abc"),
    ("contains", "foobar", "of", False),
    ("contains", ["foobar"], "of", False),
    ("contains", "abc", "", True),
    ("starts with", "foobar", "fo", True),
    ("ends with", "foobar", "r", True),
    ("matches", "foobar", "^fo*b", True),
    ("matches", "abracadabra", "bra", None, True),
    ("replace", "banana", "a", "o", "bonono"),
    ("split", "John Doe", "\\s", ["John", "Doe"]),
    ("string join", ["a", "b", "c"], "_and_", "a_and_b_and_c"),
    ("string join", ["a", None, "c"], "X", "aXc"),
    ("string join", ["a", "b"], None, "ab"),
    ("string join", [], "X", ""),
    ("string join", "a", "X", "a"),
    # lists: Table 75, TCK 0012, 0059 to 0063, 0094, 1155
    ("list contains", [1, 2, 3], 2, True),
    ("list contains", [1, None], None, True),
    ("list contains", [1, "a"], "b", False),
    ("count", [1, [2, 3]], 2),
    ("count", [], 0),
    ("count", 1, 1),
    ("min", [3, 1, 2], 1),
    ("max", 1, 2, 3, 3),
    ("max", "a", "c", "b", "c"),
    ("min", 1, 1),
    ("max", ["@2021-01-01", "@2022-01-01"], "@2022-01-01"),
    ("sum", [1, 2, 3], 6),
    ("sum", 1, 2, 3, 6),
    ("sum", 1, 1),
    ("sum", [1], [2], 3),
    ("mean", [1, 2, 3], 2),
    ("mean", 1, 2, 3, 2),
    ("all", [False, None, True], False),
    ("all", [], True),
    ("all", True, True),
    ("all", True, True, True),
    ("all", [True, None, True], None),
    ("any", [False, None, True], True),
    ("any", [], False),
    ("any", False, False, False),
    ("any", [False, None], None),
    ("sublist", [4, 5, 6], 1, 2, [4, 5]),
    ("sublist", [4, 5, 6], -1, 1, [6]),
    ("sublist", [4, 5, 6], 2, [5, 6]),
    ("append", [1], 2, 3, [1, 2, 3]),
    ("append", [1], None, [1, None]),
    ("append", 1, [2], [1, [2]]),
    ("concatenate", [1, 2], [3], [1, 2, 3]),
    ("concatenate", [1], 2, [1, 2]),
    ("insert before", [1, 3], 1, 2, [2, 1, 3]),
    ("insert before", [1, 3], -1, 2, [1, 2, 3]),
    ("remove", [1, 2, 3], 2, [1, 3]),
    ("remove", [1, 2, 3], -3, [2, 3]),
    ("reverse", [1, 2, 3], [3, 2, 1]),
    ("index of", [1, 2, 3, 2], 2, [2, 4]),
    ("index of", [1, None], None, [2]),
    ("union", [1, 2], [2, 3], [1, 2, 3]),
    ("distinct values", [1, 2, 3, 2, 1], [1, 2, 3]),
    ("distinct values", [1, True, "1", None, [1], {"a": 1}, None, [1], {"a": 1}, True],
     [1, True, "1", None, [1], {"a": 1}]),
    ("distinct values", ["@10:00:00Z", "@11:00:00+01:00"], ["@10:00:00Z"]),
    ("flatten", [[1, 2], [[3]], 4], [1, 2, 3, 4]),
    ("product", [2, 3, 4], 24),
    ("product", 2, 3, 4, 24),
    ("median", 8, 2, 5, 3, 4, 4),
    ("median", [6, 1, 2, 3], D("2.5")),
    ("stddev", 2, 4, 7, 5, D("2.081665999466132735282297706979931")),
    ("stddev", [2, 4, 7, 5], D("2.081665999466132735282297706979931")),
    ("mode", 6, 3, 9, 6, 6, [6]),
    ("mode", [6, 1, 9, 6, 1], [1, 6]),
    ("mode", [], []),
    ("list replace", [1, 2, 3], 2, 4, [1, 4, 3]),
    ("list replace", [1, 2, 3], D("2.5"), 4, [1, 4, 3]),
    ("list replace", [1, 2, 3], D("-1.5"), 4, [1, 2, 4]),
    ("list replace", 1, 1, 5, [5]),
    ("list replace", [2, 4, 7, 8], Defined(2, lambda item, new: item < new), 5, [5, 5, 7, 8]),
    # numbers: Table 76, TCK 0050 to 0056, 1100 to 1102, 1141 to 1144
    ("decimal", D(1) / 3, 2, D("0.33")),
    ("decimal", D("1.5"), 0, 2),
    ("decimal", D("2.5"), 0, 2),
    ("decimal", D("0.515"), 2, D("0.52")),
    ("string", call("decimal", 0, 1), "0.0"),
    ("floor", D("1.5"), 1),
    ("floor", D("-1.56"), 1, D("-1.6")),
    ("ceiling", D("1.5"), 2),
    ("ceiling", D("-1.56"), 1, D("-1.5")),
    ("round up", D("-5.5"), 0, -6),
    ("round down", D("-5.5"), 0, -5),
    ("round half up", D("-1.126"), 2, D("-1.13")),
    ("round half down", D("5.5"), 0, 5),
    ("round up", D("5.5"), 6176, D("5.5")),
    ("abs", -10, 10),
    ("abs", "@-PT5H", "@PT5H"),
    ("abs", "@-P1Y", "@P1Y"),
    ("modulo", 12, 5, 2),
    ("modulo", -12, 5, 3),
    ("modulo", 12, -5, -3),
    ("modulo", D("10.1"), D("-4.5"), D("-3.4")),
    ("modulo", D("1e6000"), 7, pow(10, 6000, 7)),
    ("sqrt", 16, 4),
    ("log", 10, D("2.302585092994045684017991454684364")),
    ("exp", 5, D("148.4131591025766034211155800405523")),
    ("odd", 5, True),
    ("odd", -2, False),
    ("even", 5, False),
    ("even", 0, True),
    # calendar: Table 79
    ("day of year", "@2019-09-17", 260),
    ("day of week", "@2019-09-17T10:00:00", "Tuesday"),
    ("month of year", "@2019-09-17", "September"),
    ("week of year", "@2005-01-01", 53),
    ("week of year", "@2003-12-29", 1),
    # contexts: Table 81, TCK 0080, 0081, 1145 to 1147
    ("get value", {"key1": "value1"}, "key1", "value1"),
    ("get entries", {"a": 1}, [{"key": "a", "value": 1}]),
    ("context", [{"key": "a", "value": 1}, {"key": "b", "value": 2, "more": 3}], {"a": 1, "b": 2}),
    ("context", {"key": "a", "value": None}, {"a": None}),
    ("context put", {"x": 1}, "y", 2, {"x": 1, "y": 2}),
    ("context put", {"x": 1}, ["y"], 2, {"x": 1, "y": 2}),
    ("context put", {"x": 1, "y": {"a": 0}}, ["y", "a"], 2, {"x": 1, "y": {"a": 2}}),
    ("context merge", [{"x": 1, "y": 0}, {"y": 2}], {"x": 1, "y": 2}),
    ("context merge", {"a": 1}, {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize("case", RESULTS, ids=lambda case: case[0])
def test_results(case: tuple[Any, ...]) -> None:
    name, *args, expected = case
    result = call(name, *args)
    assert type(result) is type(feel(expected))
    assert equal(result, feel(expected))


NULLS: list[tuple[Any, ...]] = [
    ("date",), ("date", None), ("date", 2017, None, 1), ("date", 2017, 13, 31), ("date", 1),
    ("date", []), ("date", "2012/12/25"), ("date", 2017, D("1.5"), 1), ("date", 1, 2),
    ("date and time", None, "@23:59:01"), ("date and time", "11:00:00"), ("date and time", 2017),
    ("time", 24, 59, 45, None), ("time", 12, 0, None, "@P0D"), ("time", 23, 59, 60, None),
    ("time", 1, D("1.5"), 0), ("time", 1, 1, 1, "@PT15H"), ("time", "7:00:00"), ("time", 2017),
    ("number", "1,000,000.01", " ", "."), ("number", "1,000.01", ":", "."),
    ("number", "1,000.01", ",", ":"), ("number", "1,000.00", ",", ","), ("number", 1, ".", ","),
    ("number", "1.000,01", "."), ("number", "1e5", None, None), ("number", "x" * 60, None, "."),
    ("duration", "P1H"), ("duration", 2017), ("years and months duration", "@2017-08-11", None),
    ("years and months duration", 2017),
    ("substring", "foobar", 0), ("substring", "foobar", 7), ("substring", "foobar", 3, 0),
    ("substring", "foobar", 3, 5), ("substring", None, 1), ("contains", None, "a"),
    ("matches", "a", "(", ""), ("matches", "a", []), ("replace", "abc", "x*", "-"),
    ("split", "abc", ""), ("split", "foo", None), ("string join", [1, 2], "X"),
    ("string join", ["a"], "X", "foo"), ("string join", None),
    ("min", []), ("min", [1, "a"]), ("min", [1, None]), ("min", None), ("max",), ("sum", []),
    ("sum", [1, "a"]), ("sum", 1, "a"), ("mean", []), ("product", []), ("product", [1, None]),
    ("sum", [D("9e6144"), D("9e6144")]), ("median", []), ("stddev", [47]), ("stddev", 47),
    ("stddev", [1, "a"]), ("mode", [1, "a"]), ("all", 123), ("all", None), ("all",), ("any", 0),
    ("any", [True, 1][1:]),
    ("sublist", [1], 2), ("sublist", [1], 0), ("insert before", [], 1, 2), ("remove", [1], 2),
    ("list contains", None, 1), ("list replace", [1, 2, 3], 0, 4), ("list replace", [1], "2", 4),
    ("list replace", [2, 4], Defined(1, lambda item: item), 5),
    ("list replace", [2, 4], Defined(2, lambda item, _: item), 5),
    ("decimal", 1, 6177), ("decimal", 1, -6112), ("floor", D("1.5"), None), ("floor", "1.5"),
    ("modulo", 10, 0), ("sqrt", -1), ("log", 0), ("log", -1),
    ("exp", 100000), ("odd", D("1.5")), ("even", D("2.5")), ("abs", True), ("abs", 1, 1),
    ("day of year", None), ("day of week", "foo"), ("today", 123), ("now", 123),
    ("sort", [1, 2], Defined(1, lambda _: True)), ("sort", [1, 2], Defined(2, lambda *_: None)),
    ("sort", [1, 2, 3, 4], Defined(2, lambda *_: None)),
    ("get value", {"a": 1}, "b"), ("get value", {"a": 1}, None), ("get entries", [1, 2, 3]),
    ("context", [{"key": "a", "value": 1}, {"key": "a", "value": 2}]), ("context", [1, 2]),
    ("context", {"value": 1}), ("context", {"key": "a"}), ("context", {"key": None, "value": 1}),
    ("context put", {}, None, 1), ("context put", {}, 1, 1), ("context put", {"x": 1}, [], 2),
    ("context put", {}, "a"), ("context put", {"x": 1}, ["y", "a"], 2),
    ("context put", {"x": 1}, ["x", "a"], 2), ("context put", {"x": 1}, [1, 2], 2),
    ("context merge", [1, 2, 3]), ("context merge", [], "foo"),
    ("before", 1, "a"), ("before", None, 1), ("meets", 1, 2), ("before", Range("a", "b"), 1),
    ("includes", Range(D(1), D(1), False, False, "!="), 1), ("during", True, False),
    ("range", "[..2]"), ("range", "[1..]"), ("range", ""), ("range", ">=10"), ("range", "[3..1]"),
    ("range", "[null..null]"), ("range", '[1.."b"]'), ("range", '[date(string("1970-01-01"))..2]'),
    ("range", "[1..2] + 1"), ("range", Range(D(1), D(3))),
]  # fmt: skip


@pytest.mark.parametrize("case", NULLS, ids=lambda case: case[0])
def test_nulls_have_a_reason(case: tuple[Any, ...]) -> None:
    name, *args = case
    run = Run()
    assert call(name, *args, run=run) is None
    assert run.trace.notes


@pytest.mark.parametrize(
    ("name", "named", "expected"),
    [
        ("date", {"from": "2012-12-25"}, "@2012-12-25"),
        ("date", {"year": 2017, "month": 8, "day": 30}, "@2017-08-30"),
        ("time", {"hour": 11, "minute": 59, "second": 0}, "@11:59:00"),
        ("is", {"value1": 1}, False),
        ("substring", {"string": "foobar", "start position": 3}, "obar"),
        ("number", {"from": "1.000,5", "decimal separator": ",", "grouping separator": "."},
         D("1000.5")),
        ("sum", {"list": [1, 2]}, 3),
        ("all", {"list": [True, True]}, True),
        ("concatenate", {"list": [1, 2]}, [1, 2]),
        ("insert before", {"list": [1], "position": 1, "newItem": 2}, [2, 1]),
        ("list replace", {"list": [1, 2], "position": 2, "newItem": 4}, [1, 4]),
        ("list replace", {"list": [1], "match": Defined(2, lambda *_: True), "newItem": 4}, [4]),
        ("context put", {"context": {}, "key": "a", "value": 1}, {"a": 1}),
        ("context put", {"context": {}, "keys": ["a"], "value": 1}, {"a": 1}),
        ("before", {"point1": 1, "point2": 2}, True),
        ("before", {"point": 1, "range": Range(D(2), D(3))}, True),
        ("replace", {"input": "abc", "pattern": "[A-Z]", "replacement": "#", "flags": "i"}, "###"),
        ("abs", {"n": -1}, 1),
        ("contains", {"string": ["abc"], "match": "b"}, True),
        # TCK: an unknown name, or a null where none is meant
        ("abs", {"number": -1}, None),
        ("floor", {"n": D("1.5"), "scale": 1, "stuff": 2}, None),
        ("round up", {"scale": 0}, None),
        ("day of year", {"date": None}, None),
        ("get value", {"k": "a", "m": {"a": 1}}, None),
    ],
)  # fmt: skip
def test_named_arguments(name: str, named: dict[str, Any], expected: Any) -> None:
    function = builtins.lookup(name)
    assert function is not None
    run = Run()
    result = function.call_named(run, {key: feel(value) for key, value in named.items()})
    assert result == feel(expected)
    assert bool(run.trace.notes) is (expected is None)


# --- ranges: the examples of Table 78, all of them in TCK 1130 ------------------------

RELATIONS = """
before( 1, 10 ) = true            before( 10, 1 ) = false
before( 1, [1..10] ) = false      before( 1, (1..10] ) = true       before( 1, [5..10] ) = true
before( [1..10], 10 ) = false     before( [1..10), 10 ) = true      before( [1..10], 15 ) = true
before( [1..10], [15..20] ) = true      before( [1..10], [10..20] ) = false
before( [1..10), [10..20] ) = true      before( [1..10], (10..20] ) = true
after( 10, 5 ) = true             after( 5, 10 ) = false            after( 12, [1..10] ) = true
after( 10, [1..10) ) = true       after( 10, [1..10] ) = false      after( [11..20], 12 ) = false
after( [11..20], 10 ) = true      after( (11..20], 11 ) = true      after( [11..20], 11 ) = false
after( [11..20], [1..10] ) = true       after( [1..10], [11..20] ) = false
after( [11..20], [1..11) ) = true       after( (11..20], [1..11] ) = true
meets( [1..5], [5..10] ) = true         meets( [1..5), [5..10] ) = false
meets( [1..5], (5..10] ) = false        meets( [1..5], [6..10] ) = false
met by( [5..10], [1..5] ) = true        met by( [5..10], [1..5) ) = false
met by( (5..10], [1..5] ) = false       met by( [6..10], [1..5] ) = false
overlaps( [1..5], [3..8] ) = true       overlaps( [3..8], [1..5] ) = true
overlaps( [1..8], [3..5] ) = true       overlaps( [3..5], [1..8] ) = true
overlaps( [1..5], [6..8] ) = false      overlaps( [6..8], [1..5] ) = false
overlaps( [1..5], [5..8] ) = true       overlaps( [1..5], (5..8] ) = false
overlaps( [1..5), [5..8] ) = false      overlaps( [1..5), (5..8] ) = false
overlaps( [5..8], [1..5] ) = true       overlaps( (5..8], [1..5] ) = false
overlaps( [5..8], [1..5) ) = false      overlaps( (5..8], [1..5) ) = false
overlaps before( [1..5], [3..8] ) = true     overlaps before( [1..5], [6..8] ) = false
overlaps before( [1..5], [5..8] ) = true     overlaps before( [1..5], (5..8] ) = false
overlaps before( [1..5), [5..8] ) = false    overlaps before( [1..5), (1..5] ) = true
overlaps before( [1..5], (1..5] ) = true     overlaps before( [1..5), [1..5] ) = false
overlaps before( [1..5], [1..5] ) = false
overlaps after( [3..8], [1..5] ) = true      overlaps after( [6..8], [1..5] ) = false
overlaps after( [5..8], [1..5] ) = true      overlaps after( (5..8], [1..5] ) = false
overlaps after( [5..8], [1..5) ) = false     overlaps after( (1..5], [1..5) ) = true
overlaps after( (1..5], [1..5] ) = true      overlaps after( [1..5], [1..5) ) = false
overlaps after( [1..5], [1..5] ) = false
finishes( 10, [1..10] ) = true          finishes( 10, [1..10) ) = false
finishes( [5..10], [1..10] ) = true     finishes( [5..10), [1..10] ) = false
finishes( [5..10), [1..10) ) = true     finishes( [1..10], [1..10] ) = true
finishes( (1..10], [1..10] ) = true
finished by( [1..10], 10 ) = true       finished by( [1..10), 10 ) = false
finished by( [1..10], [5..10] ) = true  finished by( [1..10], [5..10) ) = false
finished by( [1..10), [5..10) ) = true  finished by( [1..10], [1..10] ) = true
finished by( [1..10], (1..10] ) = true
includes( [1..10], 5 ) = true           includes( [1..10], 12 ) = false
includes( [1..10], 1 ) = true           includes( [1..10], 10 ) = true
includes( (1..10], 1 ) = false          includes( [1..10), 10 ) = false
includes( [1..10], [4..6] ) = true      includes( [1..10], [1..5] ) = true
includes( (1..10], (1..5] ) = true      includes( [1..10], (1..10) ) = true
includes( [1..10), [5..10) ) = true     includes( [1..10], [1..10) ) = true
includes( [1..10], (1..10] ) = true     includes( [1..10], [1..10] ) = true
during( 5, [1..10] ) = true             during( 12, [1..10] ) = false
during( 1, [1..10] ) = true             during( 10, [1..10] ) = true
during( 1, (1..10] ) = false            during( 10, [1..10) ) = false
during( [4..6], [1..10] ) = true        during( [1..5], [1..10] ) = true
during( (1..5], (1..10] ) = true        during( (1..10), [1..10] ) = true
during( [5..10), [1..10) ) = true       during( [1..10), [1..10] ) = true
during( (1..10], [1..10] ) = true       during( [1..10], [1..10] ) = true
starts( 1, [1..10] ) = true             starts( 1, (1..10] ) = false
starts( 2, [1..10] ) = false            starts( [1..5], [1..10] ) = true
starts( (1..5], (1..10] ) = true        starts( (1..5], [1..10] ) = false
starts( [1..5], (1..10] ) = false       starts( [1..10], [1..10] ) = true
starts( [1..10), [1..10] ) = true       starts( (1..10), (1..10) ) = true
started by( [1..10], 1 ) = true         started by( (1..10], 1 ) = false
started by( [1..10], 2 ) = false        started by( [1..10], [1..5] ) = true
started by( (1..10], (1..5] ) = true    started by( [1..10], (1..5] ) = false
started by( (1..10], [1..5] ) = false   started by( [1..10], [1..10] ) = true
started by( [1..10], [1..10) ) = true   started by( (1..10), (1..10) ) = true
coincides( 5, 5 ) = true                coincides( 3, 4 ) = false
coincides( [1..5], [1..5] ) = true      coincides( (1..5), [1..5] ) = false
coincides( [1..5], [2..6] ) = false
"""


def operand(source: str) -> Value:
    """Return the point `5` or the range `[1..10)`."""
    source = source.strip()
    if ".." not in source:
        return D(source)
    low, high = source[1:-1].split("..")
    return Range(D(low), D(high), source[0] == "[", source[-1] == "]")


def relations() -> list[tuple[str, str, str, bool]]:
    found = []
    for line in RELATIONS.split("=")[:-1]:
        head = line.replace("true", "").replace("false", "").strip()
        name, _, arguments = head.partition("(")
        left, right = arguments.rsplit(")", 1)[0].split(",")
        found.append((name.strip(), left, right))
    answers = [word for word in RELATIONS.split() if word in {"true", "false"}]
    return [(*each, answer == "true") for each, answer in zip(found, answers, strict=True)]


@pytest.mark.parametrize(("name", "left", "right", "expected"), relations())
def test_relations(name: str, left: str, right: str, expected: bool) -> None:
    assert call(name, operand(left), operand(right)) is expected


BELOW, ABOVE = Range(None, D(5), False, True), Range(D(5), None, True, False)


@pytest.mark.parametrize(
    ("name", "left", "right", "expected"),
    [
        ("before", BELOW, D(6), True),
        ("before", D(4), ABOVE, True),
        ("before", D(4), BELOW, False),
        ("after", ABOVE, D(4), True),
        ("after", BELOW, D(4), False),
        ("meets", BELOW, ABOVE, True),
        ("met by", ABOVE, BELOW, True),
        ("overlaps", BELOW, ABOVE, True),
        ("overlaps before", BELOW, ABOVE, True),
        ("includes", BELOW, Range(D(1), D(5)), True),
        ("includes", Range(D(1), D(5)), BELOW, False),
        # By the formula of Table 78, unlike `in`: an end that is included is enough.
        ("includes", Range(D(1), D(1), False, True), D(1), True),
        ("during", D(1), Range(D(1), D(1), True, False), True),
        ("includes", Range(D(1), D(1), False, False), D(1), False),
        ("during", D(-100), BELOW, True),
        ("starts", BELOW, BELOW, True),
        ("starts", D(5), BELOW, False),
        ("finishes", D(5), BELOW, True),
        ("finished by", ABOVE, D(5), False),
        ("coincides", BELOW, BELOW, True),
        ("coincides", BELOW, ABOVE, False),
    ],
)
def test_relations_with_open_ends(name: str, left: Value, right: Value, expected: bool) -> None:
    assert call(name, left, right) is expected


points = st.integers(0, 4).map(D)
spans = st.builds(
    lambda ends, low, high: Range(min(ends), max(ends), low, high),
    st.tuples(points, points), st.booleans(), st.booleans(),
)  # fmt: skip


@given(spans, spans)
def test_relations_by_their_converse(first: Range, second: Range) -> None:
    """`during` is `includes` with its arguments changed over, and so on (Table 78)."""
    for name, converse in [
        ("before", "after"), ("meets", "met by"), ("overlaps", "overlaps"),
        ("overlaps before", "overlaps after"), ("finishes", "finished by"),
        ("includes", "during"), ("starts", "started by"), ("coincides", "coincides"),
    ]:  # fmt: skip
        assert call(name, first, second) is call(converse, second, first)


@pytest.mark.parametrize(
    ("source", "expected"),
    [  # TCK 1156
        ("[1..3]", Range(D(1), D(3))),
        ("(18..21]", Range(D(18), D(21), False)),
        ("]18..21[", Range(D(18), D(21), False, False)),
        (" [ 1 .. 3 ] ", Range(D(1), D(3))),
        ("[-3..-1]", Range(D(-3), D(-1))),
        ('["a".."c"]', Range("a", "c")),
        ('[@"1970-01-01"..date("1970-01-02")]', Range(at("1970-01-01"), at("1970-01-02"))),
        ('[time("00:00:00")..@"00:00:00"]', Range(at("00:00:00"), at("00:00:00"))),
        ('[duration("P1D")..@"P2D"]', Range(at("P1D"), at("P2D"))),
        (
            '[date and time("1970-01-01T00:00:00")..@"1970-01-02T00:00:00"]',
            Range(at("1970-01-01T00:00:00"), at("1970-01-02T00:00:00")),
        ),
    ],
)
def test_range(source: str, expected: Range) -> None:
    assert call("range", source) == expected


# --- order, clock, budgets ------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 5), st.integers())))
def test_sort_is_stable_and_agrees_with_python(items: list[tuple[int, int]]) -> None:
    values = [{"key": D(key), "other": D(other)} for key, other in items]
    precedes = Defined(2, lambda one, other: one["key"] < other["key"])
    assert call("sort", values, precedes) == sorted(values, key=lambda value: value["key"])


def test_the_clock_is_the_run_s() -> None:
    run = Run(clock=lambda: datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC))
    assert call("now", run=run) == at("2021-03-04T05:06:07Z")
    assert call("today", run=run) == at("2021-03-04")


def test_flatten_goes_deeper_than_python_calls() -> None:
    value: list[Any] = [D(1)]
    for _ in range(50_000):
        value = [value]
    function = builtins.lookup("flatten")
    assert function is not None
    assert function.call(Run(), [value]) == [D(1)]


def ones(count: int) -> list[Value]:
    return [D(1)] * count


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("append", [ones(10), D(1)]),
        ("concatenate", [ones(6), ones(5)]),
        ("insert before", [ones(10), D(1), D(1)]),
        ("union", [ones(6), ones(5)]),
        ("flatten", [[ones(6), ones(5)]]),
        ("reverse", [ones(11)]),
        ("get entries", [{str(key): D(1) for key in range(11)}]),
        ("context put", [{str(key): D(1) for key in range(10)}, "a", D(1)]),
        ("string join", [["a"] * 11]),
        ("sort", [ones(11), Defined(2, lambda *_: False)]),
    ],
)
def test_lists_are_bounded(name: str, args: list[Value]) -> None:
    with pytest.raises(LimitExceeded, match="items"):
        call(name, *args, run=Run(Limits(items=10)))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("upper case", ["a" * 11]),
        ("lower case", ["a" * 11]),
        ("substring", ["a" * 11, D(1)]),
        ("string join", [["aaa", "bbb"], "-----"]),
        ("replace", ["aaaa", "a", "bbb"]),
        ("string", [D("1e11")]),
        ("substring after", ["a" * 11, ""]),
        ("substring before", ["a" * 11 + "b", "b"]),
    ],
)
def test_strings_are_bounded(name: str, args: list[Value]) -> None:
    with pytest.raises(LimitExceeded, match="chars"):
        call(name, *args, run=Run(Limits(chars=10)))


def test_comparing_all_with_all_is_charged() -> None:
    lists = [[D(number)] for number in range(2_000)]
    with pytest.raises(LimitExceeded, match="steps"):
        call("distinct values", lists, run=Run(Limits.untrusted()))
    assert len(call("distinct values", ones(2) + list(map(D, range(40_000))))) == 40_000


# --- the registry ---------------------------------------------------------------------


def test_the_registry_is_read_only_and_complete() -> None:
    assert len(builtins.NAMES) == 86
    assert set(builtins.registry) == builtins.NAMES
    assert builtins.lookup("no such function") is None
    with pytest.raises(TypeError):
        builtins.registry["date"] = None  # type: ignore[index]


def test_signatures_are_the_standard_s() -> None:
    def names(function: str) -> list[str]:
        found = builtins.registry[function]
        return [
            ", ".join(p.name + "?" * p.optional for p in signature.parameters)
            + "..." * signature.variadic
            for signature in found.signatures
        ]

    assert names("substring") == ["string, start position, length?"]
    assert names("number") == ["from, grouping separator, decimal separator"]
    assert names("date") == ["from", "year, month, day"]
    assert names("time") == ["from", "hour, minute, second, offset?"]
    assert names("years and months duration") == ["from, to"]
    assert names("append") == ["list, item..."]
    assert names("sum") == ["list", "n..."]
    assert names("get value") == ["m, key"]
    assert names("list replace") == ["list, position, newItem", "list, match, newItem"]
    assert names("now") == [""]
    assert builtins.registry["string length"].parameters == (Parameter("string", STRING),)
    assert builtins.registry["string length"].result_type == NUMBER


def test_a_builtin_crosses_processes_by_its_name() -> None:
    function = builtins.registry["sum"]
    assert pickle.loads(pickle.dumps(function)) is function  # noqa: S301 - bytes of our own


def test_notes_say_what_was_wrong() -> None:
    run = Run()
    call("abs", "x", run=run)
    call("abs", 1, 2, run=run)
    call("before", 1, None, run=run)
    builtins.registry["abs"].call_named(run, {"number": D(1)})
    numbers = "number or days and time duration or years and months duration"
    assert [note.message for note in run.trace.notes] == [
        f"`abs` takes a {numbers} as `n`, not a string",
        "`abs` does not take 2 arguments",
        "`before` takes a range as `range1`, not a number",
        "`abs` does not have the parameters number",
    ]
