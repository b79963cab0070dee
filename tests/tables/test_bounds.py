"""Bounds of a table's intervals, worked out by hand, and which values touch which side."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from dmn_text import decision, input_data, model, output, table

import pydmn
from pydmn import Side

BELOW, ABOVE = Side.BELOW, Side.ABOVE


def bounds_of(cells, type_="number", *, text="x", whole=(), known=None):
    """Return the bounds of a table of one column."""
    rules = tuple((cell, "1") for cell in cells)
    dmn = pydmn.load(
        model(
            input_data("x", type_),
            input_data("limit", "number"),
            decision(
                "D",
                table("COLLECT", ((text, None),), (output(),), rules),
                inputs=("x", "limit"),
            ),
        )
    )
    return dmn.bounds("D", known, whole)


CELLS = [
    # the cells of a column, its type, and its bounds as the tests of their two sides
    (["< 18"], "number", [("< 18", ">= 18")]),
    (["<= 18"], "number", [("<= 18", "> 18")]),
    (["> 18", ">= 18"], "number", [("< 18", ">= 18"), ("<= 18", "> 18")]),
    (["[5..14)"], "number", [("< 5", ">= 5"), ("< 14", ">= 14")]),
    (["(5..14]"], "number", [("<= 5", "> 5"), ("<= 14", "> 14")]),
    (["]5..14["], "number", [("<= 5", "> 5"), ("< 14", ">= 14")]),
    (["not(< 3)", "< 3"], "number", [("< 3", ">= 3")]),
    (["< -1.50, > 2"], "number", [("< -1.50", ">= -1.50"), ("<= 2", "> 2")]),
    (["? > 3 and 7 > ?"], "number", [("<= 3", "> 3"), ("< 7", ">= 7")]),
    (["? between 3 and 7"], "number", [("< 3", ">= 3"), ("<= 7", "> 7")]),
    (["? in (< 3, [4..5])"], "number", [("< 3", ">= 3"), ("< 4", ">= 4"), ("<= 5", "> 5")]),
    (["3", "-", "null", "not(4)"], "number", []),
    (['< date("2021-01-01")'], "date", [("< 2021-01-01", ">= 2021-01-01")]),
    (['> @"2021-01-01"'], "date", [("<= 2021-01-01", "> 2021-01-01")]),
    (['>= "m"'], "string", [("< m", ">= m")]),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "type_", "expected"), CELLS)
def test_the_bounds_of_a_column(cells, type_, expected):
    found = bounds_of(cells, type_)
    assert [(each.text(BELOW), each.text(ABOVE)) for each in found.found] == expected
    assert found.unread == ()


TOUCHED = [
    # cells, whether whole, the number of the bound, and values with the side that each touches
    (["< 18"], False, 0, {18: ABOVE, 17: BELOW, "17.5": BELOW, "16.9": None, "18.5": None}),
    (["<= 18"], False, 0, {18: BELOW, 19: ABOVE, "18.001": ABOVE, "19.5": None, 17: None}),
    # the unit is the last place that a bound is written in
    (["< 18.5"], False, 0, {"18.5": ABOVE, "18.4": BELOW, "18.39": None, 18: None}),
    # what lies beyond another bound touches that one
    (["(14..15)"], False, 0, {14: BELOW, "14.5": ABOVE, 15: None}),
    (["(14..15)"], False, 1, {15: ABOVE, "14.5": BELOW, 14: None}),
    (["<= 14", ">= 15"], False, 0, {14: BELOW, 15: None, "14.2": ABOVE}),
    # of whole numbers nothing lies between 14 and 15
    (["<= 14", ">= 15"], True, 0, {14: BELOW, 15: ABOVE, 16: None}),
    (["<= 14", ">= 15"], True, 1, {14: BELOW, 15: ABOVE, 13: None}),
    # one value on both of its sides
    (["< 5", "> 5"], False, 0, {5: ABOVE, 4: BELOW}),
    (["< 5", "> 5"], False, 1, {5: BELOW, 6: ABOVE}),
]


@pytest.mark.parametrize(("cells", "whole", "number", "values"), TOUCHED)
def test_a_value_touches_a_side(cells, whole, number, values):
    bound = bounds_of(cells, whole=("x",) if whole else ()).found[number]
    found = {value: bound.touched(Decimal(value)) for value in values}
    assert found == values
    assert bound.touched(None) is None
    assert bound.touched("18") is None
    for side, value in bound.near.items():
        assert bound.touched(value) is side


def test_days_follow_each_other():
    cells = ['<= date("2020-12-31")', '>= date("2021-01-01")']
    for bound in bounds_of(cells, "date").found:
        assert bound.touched(date(2020, 12, 31)) is BELOW
        assert bound.touched(date(2021, 1, 1)) is ABOVE
        assert bound.touched(date(2021, 1, 2)) is None
        assert bound.near == {BELOW: date(2020, 12, 31), ABOVE: date(2021, 1, 1)}


def test_a_count_is_a_whole_number():
    (bound,) = bounds_of(["> 0"], "list&lt;string&gt;", text="count(x)").found
    assert (bound.touched(0), bound.touched(1), bound.touched(2)) == (BELOW, ABOVE, None)


def test_a_name_that_is_known_is_a_constant():
    (bound,) = bounds_of(["< limit"], known={"limit": 18}).found
    assert (bound.text(BELOW), bound.rules) == ("< 18", ("r1",))
    found = bounds_of(["< limit"])
    assert found.found == ()
    assert [(each.rule, each.text) for each in found.unread] == [("r1", "< limit")]


@pytest.mark.parametrize("text", ["abs(?) > 3", "? + 1 < 3", "some y in [?] satisfies y < 2"])
def test_what_gives_no_bound_is_named(text):
    assert [each.text for each in bounds_of([text, "< 1"]).unread] == [text]


def test_what_is_no_table_has_none():
    dmn = pydmn.load(model(input_data("x", "number")))
    with pytest.raises(pydmn.UnknownName):
        dmn.bounds("x")
