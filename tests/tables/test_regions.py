"""A column as regions: the rules of each value, judged by asking each cell."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from dmn_text import decision, input_data, model, output, table
from hypothesis import given
from hypothesis import strategies as st

import pydmn
from pydmn.backends.to_python.fused.tables import TableParts
from pydmn.feel import host
from pydmn.feel.types import BOOLEAN, DATE, NUMBER, STRING, ListType
from pydmn.tables.regions import Members, Region

NUMBERS = (
    "-", "1", "-1", "1.0", "not(1)", "null", "not(null)", "1, 2.5", "< 1", "<= 1", "> 2.5", ">= -1",
    "[1..2]", "(1..2)", "[1..1]", "]1..2.5[", "(1..1)", "[2..1]", "< 1, > 2", "not(< 1, > 2)",
    "not([1..2], null)", "? > 1 and ? < 2", "? = 1 or ? >= 2", "? between 1 and 2", "? in (1, > 2)",
    "1 < ?", "? != 1", "[1, 2]", "0.99999999999999999999999999999999999", '"a"', "true",
    "0.5 + 0.5", "< 5 / 2", "[-(1)..2 * 1.25)", "> 1 - 2", "not(2 ** 0)",
)  # fmt: skip
STRINGS = (
    "-", '"a"', '"a", "b"', 'not("a")', 'not("a", null)', "null", '""', 'not("")', '< "b"',
    '["a".."b"]', '("a".."c")', '>= "a"', '? = "a" or ? = "c"', '? in ("a", "b")', '["a", "b"]',
    '? != "a"', 'not(< "b")', '"a", > "b"', "1", '"a\\u0000"',
)  # fmt: skip
BOOLEANS = ("-", "true", "false", "not(true)", "null", "true, null", "? = true", '"a"')
DATES = (
    "-", '@"2024-01-01"', 'date("2024-01-02")', '< @"2024-01-02"', '[@"2024-01-01"..@"2024-01-03"]',
    'not(@"2024-01-01")', "null", '? > @"2024-01-02"', '@"2024-01-01", @"2024-01-03"', "5",
    '>= date("2024-01-01") + @"P1D"', '@"2024-02-03" - duration("P1M")',
)  # fmt: skip
LISTS = (
    "-", 'list contains(?, "a")', 'not(list contains(?, "a"))', 'some d in ? satisfies d = "b"',
    'some d in ? satisfies d in ("a", "c")', "null", 'some x in ? satisfies x in ("a", "b", "a")',
    'list contains(?, "a") or list contains(?, "b")', 'list contains(?, "a"), null',
    'not(list contains(?, "a"), some d in ? satisfies d = "c")',
)  # fmt: skip

COLUMNS = [
    ("number", NUMBER, NUMBERS, [
        None, *map(Decimal, ("-2", "-1", "0", "0.5", "1", "1.0", "1.5", "2", "2.4", "2.5", "3")),
        Decimal(1).next_minus(), Decimal(1).next_plus(), Decimal("1E+6144"), Decimal("-1E-6176"),
    ]),
    ("string", STRING, STRINGS, [None, "", "a", "a\0", "aa", "b", "c", "d", "\U0010ffff", "B"]),
    ("boolean", BOOLEAN, BOOLEANS, [None, True, False]),
    ("date", DATE, DATES, [
        None, *(pydmn.feel(f'@"{day}"') for day in ("2023-12-31", "2024-01-01", "2024-01-02",
                                                    "2024-01-03", "2024-01-04", "-2024-01-01")),
    ]),
    ("Any", ListType(STRING), LISTS, [
        None, [], ["a"], ["b"], ["c", "a"], ["d"], ["d", "b"], ["a", "a"], ["b", "c", "a"],
    ]),
]  # fmt: skip


def parts(cells: tuple[str, ...], type_ref: str) -> TableParts:
    """Return the parts of a table with one column of `cells`."""
    logic = table("COLLECT", (("x", type_ref),), (output(),), tuple((cell, "1") for cell in cells))
    loaded = pydmn.load(model(input_data("x", type_ref), decision("D", logic, inputs=("x",))))
    step = loaded.step("D")
    return TableParts(step, step.logic, {})


def accepted(cells: tuple[str, ...], value: object) -> int:
    """Return the mask of the cells that accept `value`, each asked by itself."""
    return sum(1 << n for n, cell in enumerate(cells) if pydmn.unary_tests(cell, value))


@pytest.mark.parametrize(("type_ref", "kind", "cells", "values"), COLUMNS)
def test_a_value_meets_the_rules_whose_cells_accept_it(type_ref, kind, cells, values):
    found = parts(cells, type_ref).column(0, kind)
    assert isinstance(found, Region | Members)
    assert not found.open
    for value in values:
        assert found.mask(host.from_python(value)) == accepted(cells, value), value


@pytest.mark.parametrize(("type_ref", "kind", "cells", "values"), COLUMNS)
def test_each_cell_alone(type_ref, kind, cells, values):
    for cell in cells:
        found = parts((cell,), type_ref).column(0, kind)
        assert [found.mask(host.from_python(each)) for each in values] == [
            accepted((cell,), each) for each in values
        ], cell


@pytest.mark.parametrize(
    ("type_ref", "kind", "cell"),
    [
        ("number", NUMBER, "? * 2 > 5"),
        ("number", NUMBER, "even(?)"),
        ("string", STRING, 'starts with(?, "a")'),
        ("Any", ListType(STRING), "count(?) = 0"),
        ("Any", ListType(STRING), 'list contains(?, "a") or not(list contains(?, "b"))'),
        ("Any", ListType(STRING), 'every d in ? satisfies d = "a"'),
        ("Any", ListType(STRING), 'some d in ? satisfies d in ("a", ["b".."c"])'),
    ],
)
def test_a_cell_that_does_more_than_compare_with_constants_is_open(type_ref, kind, cell):
    found = parts((cell, "-"), type_ref).column(0, kind)
    assert found.open == (1,)
    value = [] if isinstance(kind, ListType) else host.from_python(1 if kind == NUMBER else "x")
    assert found.mask(value) == 3


@st.composite
def intervals(draw: st.DrawFn) -> str:
    low, high = sorted(draw(st.lists(st.integers(-3, 3), min_size=2, max_size=2)))
    opening, closing = draw(st.sampled_from("[(")), draw(st.sampled_from("])"))
    text = f"{opening}{low}..{high}{closing}"
    return draw(st.sampled_from((text, f"not({text})", f"{low}, {text}", f"< {low}", f">= {high}")))


@given(st.lists(intervals(), min_size=1, max_size=8))
def test_any_intervals(cells):
    found = parts(tuple(cells), "number").column(0, NUMBER)
    for value in (None, *(Decimal(half) / 2 for half in range(-8, 9))):
        assert found.mask(value) == accepted(tuple(cells), value)


@pytest.mark.parametrize("cell", ["< 5", ">= 5", "[1..3]", "< true", "not(> 2)", "true, < 3"])
def test_truth_values_have_no_order(cell):
    found = parts((cell,), "Any").column(0, BOOLEAN)
    for value in (True, False, None):
        assert found.mask(value) == accepted((cell,), value)


def test_the_name_of_an_input_hides_a_function():
    """What is called `date` is a date here: the cell is null, however the table is looked up."""
    column = ("date", "date")
    rules = (('>= date("2024-03-10")', '"late"'), ("-", '"early"'))
    logic = table("FIRST", (column,), (output(),), rules)
    loaded = pydmn.load(model(input_data(*column), decision("D", logic, inputs=("date",))))
    inputs = {"date": datetime.date(2025, 1, 1)}
    assert loaded.decision("D")(inputs) == loaded.evaluate("D", inputs).value == "early"
