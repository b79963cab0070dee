"""Columns as codes, against what going through the rows one by one finds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from medpolicy.batch import coding
from medpolicy.batch.coding import Coded, arrow, coded, combined, distinct, marked, numbered
from medpolicy.batch.numbers import ages

_ODD_INVERSE = pow(coding._ODD, -1, 1 << 64)


def one_slot(count: int) -> list[int]:
    """Return keys that differ, and whose products with the first multiplier nearly do not."""
    return [
        key for number in range(16 * count) if (key := number * _ODD_INVERSE % (1 << 64)) < 1 << 62
    ]


KEYS = {
    "none": [],
    "one": [1 << 61],
    "all alike": [1 << 61] * 5_000,
    "all different": [each << 40 for each in range(5_000)],
    "a few, often": [each % 7 << 50 for each in range(5_000)],
    "of one slot": one_slot(300),
    "of one slot, often": one_slot(40) * 30,
    "by chance": [random.Random(each % 900).randrange(1 << 61) for each in range(4_000)],
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_numbered_without_gaps(name: str) -> None:
    keys = np.array(KEYS[name], np.intp)
    found = numbered(keys, 1 << 62)
    assert keys[found.rows].take(found.codes).tolist() == KEYS[name]
    assert len(found.rows) == len(set(KEYS[name]))


def test_columns_of_many_values_are_combined() -> None:
    """Their product is beyond a machine's numbers."""
    chance = random.Random("columns")
    columns = [
        Coded(np.array([chance.randrange(3) for _ in range(500)], np.intp), range(1 << 20))
        for _ in range(5)
    ]
    rows = list(zip(*(column.codes.tolist() for column in columns), strict=True))
    found = combined(*columns)
    assert [rows[row] for row in found.rows[found.codes]] == rows
    assert len(found.rows) == len(set(rows))


@pytest.mark.parametrize(
    "array",
    [
        pa.array([True, None, False, None, True, True]),
        pa.array([True, None, False] * 30).slice(13, 40),
        pa.array([], pa.bool_()),
        pa.array([None, None], pa.bool_()),
        pa.chunked_array([pa.array([True, None]), pa.array([False])]),
        pa.array(["b", None, "a", "b"]),
        pa.DictionaryArray.from_arrays([0, 1, None, 2], ["a", "b", "a"]),
        pa.DictionaryArray.from_arrays([0, 1, 0], pa.array(["a", None])),
    ],
)
def test_a_column_of_arrow_is_coded(array: pa.Array) -> None:
    found = coded(array)
    assert [found.values[code] for code in found.codes] == array.to_pylist()
    assert len({*found.values}) == len(found.values)


def test_values_of_two_types_stay_two() -> None:
    found = distinct(np.array([0, 1, 2, 3]), [1, True, 1.0, 1])
    assert found.codes.tolist() == [0, 1, 2, 0]
    assert [type(each) for each in found.values] == [int, bool, float]


def test_what_is_asked_of_a_value_is_asked_once() -> None:
    asked: list[int] = []
    found = marked(np.array([4, 1, 4, 4]), 6, lambda key: asked.append(key) or key % 3)
    assert (found.codes.tolist(), found.values, asked) == ([0, 0, 0, 0], [1], [1, 4])


@pytest.mark.parametrize("lists", [[()], [(), ("a",), ("b", "a", "a")], [("x", "y")], [("é", "")]])
def test_lists_go_back_to_arrow(lists: Sequence[Sequence[str]]) -> None:
    codes = [each % len(lists) for each in (0, 2, 1, 1, 0, 5)]
    made = arrow(Coded(np.array(codes, np.intp), lists), pa.list_(pa.string()))
    made.validate(full=True)
    assert made.to_pylist() == [list(lists[code]) for code in codes]
    empty = arrow(Coded(np.empty(0, np.intp), lists), pa.list_(pa.string()))
    assert empty.to_pylist() == []


def test_ages_are_counted_in_completed_years() -> None:
    chance = random.Random("ages")
    days = [date.fromordinal(chance.randrange(1, 3_652_059)) for _ in range(200)]
    days += [date(2020, 2, 29) + timedelta(each) for each in range(-800, 800)]
    on = [*days, *days]
    born = [*days[::-1], *days]
    epoch = date(1970, 1, 1).toordinal()

    def numbers(of: list[date]) -> np.ndarray:
        return np.array([each.toordinal() - epoch for each in of], np.intp)

    expected = [
        one.year - other.year - ((one.month, one.day) < (other.month, other.day))
        for one, other in zip(on, born, strict=True)
    ]
    assert ages(numbers(on), numbers(born)).tolist() == expected
    recent = slice(200, 1_800)
    assert ages(numbers(on[recent]), numbers(on[recent])).tolist() == [0] * 1_600
