"""What a task on Spark does, without Spark: batches together, answers in a type known before."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest

import pydmn
from pydmn.backends.to_polars.result import FrameResult
from pydmn.backends.to_spark.holding import NotHeld, held
from pydmn.backends.to_spark.tasks import Columns, answered, together

NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001  a local time
STRUCT = pa.struct([("a", pa.decimal128(38, 2)), ("b", pa.string())])


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([None, None], pa.string()),
        (["x", None], pa.string()),
        ([True, None], pa.bool_()),
        ([Decimal("1.25"), Decimal(3), None], pa.decimal128(38, 18)),
        ([Decimal("1.20")], pa.decimal128(3, 1)),
        ([Decimal("7.00")], pa.int64()),
        ([NOON, None], pa.timestamp("us")),
        ([NOON.replace(tzinfo=UTC)], pa.timestamp("us", "UTC")),
        ([["x"], None, [], [None]], pa.list_(pa.string())),
        ([[Decimal("0.5")], []], pa.list_(pa.decimal128(38, 18))),
        ([{"a": Decimal("1.5"), "b": "x"}, None], STRUCT),
        ([[{"a": Decimal(1), "b": None}, None], None, []], pa.list_(STRUCT)),
    ],
)
def test_what_fits_stays_as_it_is(values, type_):
    given = pl.Series("x", values).to_arrow()
    found = held(given, type_)
    assert found.type == type_
    assert found.to_pylist() == values
    found.validate(full=True)


def test_an_entry_that_no_answer_of_a_batch_has_is_null():
    given = pl.Series("x", [{"b": "x"}, None]).to_arrow()
    assert held(given, STRUCT).to_pylist() == [{"a": None, "b": "x"}, None]


@pytest.mark.parametrize(
    ("values", "type_", "message"),
    [
        ([Decimal("0.125")], pa.decimal128(10, 2), "does not fit decimal128"),
        ([Decimal("123.4")], pa.decimal128(3, 1), "does not fit decimal128"),
        ([Decimal("7.5")], pa.int64(), "does not fit int64"),
        ([Decimal("0.1")], pa.float64(), "is decimal128.*not double"),
        (["1"], pa.int64(), "not int64"),
        ([True], pa.string(), "is bool, not string"),
        ([NOON], pa.timestamp("us", "UTC"), "is timestamp"),
        ([NOON.replace(tzinfo=UTC)], pa.timestamp("us"), "tz=UTC.*not timestamp"),
        ([{"c": "x"}], STRUCT, "an entry `c`"),
        ([["x"]], pa.string(), "not string"),
        ([[Decimal("0.125")]], pa.list_(pa.decimal128(10, 2)), "does not fit"),
    ],
)
def test_what_does_not_fit_is_refused(values, type_, message):
    with pytest.raises(NotHeld, match=message):
        held(pl.Series("x", values).to_arrow(), type_)


def batch(*numbers):
    return pa.record_batch({"n": pa.array(numbers, pa.int64())})


@pytest.mark.parametrize(
    ("batches", "rows", "octets", "sizes"),
    [
        ([], 5, 999, []),
        ([batch()], 5, 999, []),
        ([batch(1), batch(), batch(2, 3)], 5, 999, [3]),
        ([batch(1, 2, 3), batch(4, 5), batch(6)], 5, 999, [5, 1]),
        ([batch(1, 2, 3), batch(4, 5), batch(6)], 5, 8, [3, 2, 1]),
        ([batch(*range(9))], 5, 999, [9]),
    ],
)
def test_batches_are_put_together(batches, rows, octets, sizes):
    found = [*together(batches, rows, octets)]
    assert [table.num_rows for table in found] == sizes
    numbers = [n for each in batches for n in each.column(0).to_pylist()]
    assert [n for table in found for n in table.column(0).to_pylist()] == numbers


def test_answers_stand_beside_the_columns_kept():
    def double(table):
        numbers = table.column("n").to_pylist()
        made = pl.DataFrame({"d": [Decimal(2 * n) / 10 for n in numbers]})
        return FrameResult(made.to_arrow(), "columnar")

    columns = Columns(("n",), pa.schema([("d", pa.decimal128(10, 3))]))
    found = pa.Table.from_batches(answered(double, columns, [batch(1, 2), batch(), batch(3)]))
    assert found.schema.field("d").type == pa.decimal128(10, 3)
    assert found.to_pylist() == [{"n": n, "d": Decimal(2 * n) / 10} for n in (1, 2, 3)]


def test_an_answer_that_does_not_fit_is_named():
    def half(table):
        made = pl.DataFrame({"h": [Decimal("0.5")] * table.num_rows})
        return FrameResult(made.to_arrow(), "columnar")

    columns = Columns((), pa.schema([("h", pa.decimal128(10, 0))]))
    message = r"`h`: an answer does not fit decimal128\(10, 0\)"
    with pytest.raises(pydmn.NotColumnar, match=message) as caught:
        next(answered(half, columns, [batch(1)]))
    assert "`returns`" in (caught.value.diagnostics[0].help or "")
