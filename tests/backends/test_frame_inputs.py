"""What a frame may hold, what it may not, and the message before anything is decided."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from dmn_text import decision, input_data, knowledge, literal, model, output, table

import pydmn
from pydmn.errors import InputError, LimitExceeded, NotColumnar

LOCAL = datetime(2024, 1, 1, 13, 5)  # noqa: DTZ001  of no zone

AGES = table(
    "FIRST",
    (("age", "number"), ("plan", "string")),
    (output("answer", "string"),),
    (("< 18", "-", '"child"'), ("[18..65)", '"gold", "silver"', '"adult"'), ("-", "-", '"other"')),
)
FILE = model(
    input_data("age", "number"), input_data("plan", "string"), input_data("unread", "string"),
    decision("D", AGES, inputs=("age", "plan", "unread")),
)  # fmt: skip


@pytest.fixture(scope="module")
def ages():
    return pydmn.load(FILE)


def frame(**columns):
    return pl.DataFrame(columns)


def asked(text, type_=None, **columns):
    """Return the answers to a formula of the columns, which are of `type_`."""
    names = tuple(columns)
    inputs = (input_data(name, type_) for name in names)
    found = pydmn.load(model(*inputs, decision("D", literal(text), inputs=names)))
    return found.evaluate_frame("D", pl.DataFrame(columns)).frame["D"].to_list()


# --- kinds of frames ------------------------------------------------------------------


def test_polars_in_polars_out(ages):
    result = ages.evaluate_frame("D", frame(age=[17, 20, None], plan=["gold", "gold", "gold"]))
    assert isinstance(result.frame, pl.DataFrame)
    assert result.frame.to_dict(as_series=False) == {"D": ["child", "adult", "other"]}
    assert (result.path, result.refusals) == ("columnar", ())


def test_arrow_in_arrow_out(ages):
    given = pa.table({"age": [17, 20, None], "plan": ["gold", None, "gold"]})
    result = ages.evaluate_frame("D", given)
    assert isinstance(result.frame, pa.Table)
    assert result.frame.to_pydict() == {"D": ["child", "other", "other"]}


def test_the_rules_hit_stand_beside_the_answer(ages):
    result = ages.evaluate_frame("D", frame(age=[17, 70], plan=["gold", "gold"]), hits=True)
    assert result.frame["D: rules"].to_list() == [["r1"], ["r3"]]


def test_no_rows_have_no_answers(ages):
    result = ages.evaluate_frame("D", frame(age=[17], plan=["gold"]).clear(), hits=True)
    assert result.frame.shape == (0, 2)
    assert result.frame.schema["D"] == pl.String


def test_a_frame_that_is_not_there_yet_is_refused(ages):
    with pytest.raises(InputError, match=r"not a `polars.LazyFrame`"):
        ages.evaluate_frame("D", frame(age=[17], plan=["gold"]).lazy())


GOLD = ["gold", "tin"]


@pytest.mark.parametrize(
    "plans",
    [
        pa.array(GOLD, pa.large_string()),
        pa.array(GOLD, pa.string_view()),
        pa.array(GOLD).dictionary_encode(),
        pa.chunked_array([["gold"], [], ["tin"]]),
        pa.chunked_array([pa.array([each]).dictionary_encode() for each in GOLD]),
    ],
    ids=["large", "view", "dictionary", "chunks", "dictionaries"],
)
def test_every_arrow_text_is_a_text(ages, plans):
    given = pa.table({"age": [20, 20], "plan": plans})
    assert ages.evaluate_frame("D", given).frame.to_pydict() == {"D": ["adult", "other"]}
    assert ages.evaluate_frame("D", given.slice(0, 0), hits=True).frame.num_rows == 0


def test_a_column_that_stands_twice_is_refused_if_it_is_read(ages):
    numbers, texts = pa.array([20]), pa.array(["gold"])
    columns = [numbers, texts, texts, numbers]
    twice = pa.Table.from_arrays(columns, names=["age", "plan", "plan", "age"])
    with pytest.raises(InputError, match="the frame has two columns `plan`, string the second"):
        ages.evaluate_frame("D", twice)
    unread = pa.Table.from_arrays(columns, names=["age", "plan", "x", "x"])
    assert ages.evaluate_frame("D", unread).frame.to_pydict() == {"D": ["adult"]}


@pytest.mark.parametrize("given", [None, [1], pa.record_batch({"age": [1]}), {"age": [1]}])
def test_what_is_no_frame_is_refused(ages, given):
    with pytest.raises(InputError, match="a frame is a polars DataFrame or a pyarrow Table, not"):
        ages.evaluate_frame("D", given)


# --- columns --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "answers"),
    [
        (pl.Series([17, 18, 64, 65], dtype=pl.Int8), ["child", "adult", "adult", "other"]),
        (pl.Series([17, 2**63 + 1], dtype=pl.UInt64), ["child", "other"]),
        (pl.Series([-(2**62), 2**62]), ["child", "other"]),
        (pl.Series([17.999999999999996, 18.0, -0.0]), ["child", "adult", "child"]),
        (pl.Series(["17.99", "18.00"]).cast(pl.Decimal(10, 2)), ["child", "adult"]),
        (pl.Series([None, None]), ["other", "other"]),
        (pl.Series([None, 20], dtype=pl.Int32), ["other", "adult"]),
    ],
)
def test_numbers_of_every_type_are_numbers(ages, column, answers):
    given = frame(age=column, plan=["gold"] * len(column))
    assert ages.evaluate_frame("D", given).frame["D"].to_list() == answers


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical, pl.Enum(["gold", "tin", "lead"])])
def test_texts_of_every_type_are_texts(ages, dtype):
    plans = pl.Series(["tin", None, "gold", "gold", "tin"]).cast(dtype)
    answers = ages.evaluate_frame("D", frame(age=[20] * 5, plan=plans)).frame["D"].to_list()
    assert answers == ["other", "other", "adult", "adult", "other"]


def test_a_slice_of_categories_has_its_own(ages):
    plans = pl.Series([f"plan {n}" for n in range(9_000)] + ["gold"]).cast(pl.Categorical)
    given = frame(age=[20] * 9_001, plan=plans)[8_999:]
    assert ages.evaluate_frame("D", given).frame["D"].to_list() == ["other", "adult"]


@pytest.mark.parametrize(
    ("text", "type_", "values", "expected"),
    [
        ('x + duration("P1D")', "date", [date(2024, 2, 28), None], [date(2024, 2, 29), None]),
        ("x.hour", "dateTime", [LOCAL, None], [13, None]),
        ("x.days", None, [timedelta(days=3, hours=1)], [3]),
        ("count(x)", None, [["a", None], [], None], [2, 0, None]),
        ("x[1]", None, [[1, 2], [3]], [1, 3]),
        ("x.a + x.b", None, [{"a": 1, "b": 2}, {"a": None, "b": 2}], [3, None]),
        ("x * 0.1", None, [0.1, 0.3], [Decimal("0.01"), Decimal("0.03")]),
        ("not(x)", None, [True, None, False], [False, None, True]),
        ("1 / x", None, [4, 0, None], [Decimal("0.25"), None, None]),
        ("[x, x]", None, [["a"], []], [[["a"], ["a"]], [[], []]]),
        ("x", "date", ["2024-02-29", None], [date(2024, 2, 29), None]),
    ],
)  # fmt: skip
def test_values_mean_what_they_mean_in_a_record(text, type_, values, expected):
    assert asked(text, type_, x=values) == expected


def test_an_instant_keeps_its_zone():
    moments = pl.Series([datetime(2024, 7, 1, 12, tzinfo=UTC)]).dt.convert_time_zone("Europe/Paris")
    found = pydmn.load(model(input_data("x"), decision("D", literal("x"), inputs=("x",))))
    answers = found.evaluate_frame("D", pl.DataFrame({"x": moments})).frame["D"]
    assert answers.dtype == pl.Datetime("us", "Europe/Paris")
    assert answers.to_list() == moments.to_list()


def test_a_value_that_is_not_allowed_is_null():
    file = FILE.replace(
        b'<inputExpression typeRef="string"><text>plan</text></inputExpression>',
        b'<inputExpression typeRef="string"><text>plan</text></inputExpression>'
        b'<inputValues><text>"gold", "tin"</text></inputValues>',
    )
    found = pydmn.load(file)
    given = frame(age=[17, 17, 17], plan=["gold", "lead", None])
    assert found.evaluate_frame("D", given, hits=True).frame.rows() == [
        ("child", ["r1"]), (None, []), ("child", ["r1"])
    ]  # fmt: skip
    assert [found.decision("D")(row) for row in given.rows(named=True)] == ["child", None, "child"]


# --- what is wrong with a column ------------------------------------------------------

FINE = pl.Series([Decimal(f"1{0:033}1")], dtype=pl.Decimal(38, 0))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"plan": ["gold"]}, r"the frame has no column `age` \(number\)"),
        ({"age": ["17"], "plan": ["gold"]}, "column `age` is String, and `age` is a number"),
        ({"age": [17], "plan": [5]}, "column `plan` is Int64, and `plan` is a string"),
        ({"age": [date(2024, 1, 1)], "plan": ["x"]}, "column `age` is Date, and `age` is a number"),
        ({"age": [[17]], "plan": ["gold"]}, r"column `age` is List\(Int64\)"),
        ({"age": [b"17"], "plan": ["gold"]}, "column `age` is Binary"),
        ({"age": [float("nan")], "plan": ["gold"]}, "column `age`, Float64: nan is no number"),
        ({"age": [float("-inf")], "plan": ["gold"]}, "column `age`, Float64: -inf is no number"),
        ({"age": FINE, "plan": ["gold"]}, r"column `age`, Decimal.*: .* more than 34 digits"),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_read_is_named(ages, columns, message):
    with pytest.raises(InputError, match=message):
        ages.evaluate_frame("D", pl.DataFrame(columns, strict=False), fallback=True)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([3_000_000], dtype=pl.Int32).cast(pl.Date),
        pl.Series([-(10**18)]).cast(pl.Datetime("us")),
        pl.Series([[10**18]]).cast(pl.List(pl.Datetime("us", "UTC"))),
    ],
)
def test_a_date_beyond_pythons_years_is_refused(column):
    found = pydmn.load(model(input_data("x"), decision("D", literal("x"), inputs=("x",))))
    with pytest.raises(InputError, match=r"column `x`, Date.* outside the years 1 to 9999"):
        found.evaluate_frame("D", pl.DataFrame({"x": column}))


@pytest.mark.parametrize("type_", [pa.list_view(pa.int64()), pa.run_end_encoded("int32", "int64")])
def test_an_arrow_layout_that_polars_does_not_read_is_refused(type_):
    found = pydmn.load(model(input_data("x"), decision("D", literal("x"), inputs=("x",))))
    given = pa.table(
        {
            "x": pa.nulls(1, type_)
            if "list" in str(type_)
            else pa.RunEndEncodedArray.from_arrays([1], [1])
        }
    )
    with pytest.raises(InputError, match=r"column `x` is .*, for which polars has no type"):
        found.evaluate_frame("D", given)


def test_limits_name_the_column_before_anything_is_decided():
    file = model(
        input_data("x"), input_data("y"),
        decision("First", literal("count(x)"), inputs=("x",)),
        decision("D", literal("string length(y) + First"), inputs=("y",), decisions=("First",)),
    )  # fmt: skip
    found = pydmn.load(file, limits=pydmn.Limits(chars=10, items=3))
    rows = range(300)
    long = pl.DataFrame({"x": [[n] for n in rows], "y": [f"{n:011}" for n in rows]})
    with pytest.raises(LimitExceeded, match="column `y`: limit `chars` exceeded: more than 10"):
        found.evaluate_frame("D", long)
    many = pl.DataFrame({"x": [[n] * 4 for n in rows], "y": [str(n) for n in rows]})
    with pytest.raises(LimitExceeded, match="column `x`: limit `items` exceeded: more than 3"):
        found.evaluate_frame("D", many)


def test_what_holds_anything_is_no_column():
    found = pydmn.load(model(input_data("x"), decision("D", literal("x"), inputs=("x",))))
    mixed = [LOCAL, datetime(2024, 1, 1, tzinfo=UTC)]
    with pytest.raises(InputError, match="column `x` is Object, and `x` is of a type that has"):
        found.evaluate_frame("D", pl.DataFrame({"x": pl.Series(mixed, dtype=pl.Object)}))


def test_an_arrow_type_that_polars_has_not_is_refused_if_it_is_read(ages):
    wide = pa.array([Decimal(17)], pa.decimal256(50, 2))
    with pytest.raises(InputError, match=r"column `age` is decimal256\(50, 2\)"):
        ages.evaluate_frame("D", pa.table({"age": wide, "plan": ["gold"]}))
    result = ages.evaluate_frame("D", pa.table({"age": [17], "plan": ["gold"], "unread": wide}))
    assert result.frame.to_pydict() == {"D": ["child"]}


def test_rows_without_columns_are_rows():
    found = pydmn.load(model(decision("D", literal("1 + 1"))))
    assert found.evaluate_frame("D", pa.table({"x": [1, 2]})).frame.to_pydict() == {"D": [2, 2]}
    assert found.evaluate_frame("D", frame(x=[1, 2])).frame["D"].to_list() == [2, 2]


def test_numbers_near_the_most_digits():
    found = pydmn.load(model(input_data("x", "number"), decision("D", literal("x"), inputs=("x",))))
    fine = [Decimal("1" * 34), Decimal("1E+35"), Decimal(-1)]
    column = pl.Series("x", fine, pl.Decimal(38, 0))
    assert found.evaluate_frame("D", column.to_frame()).frame["D"].to_list() == fine


def test_more_sets_of_rules_than_are_worth_it_are_refused():
    rules = tuple((f">= {n}", f"<= {n}", str(n)) for n in range(200))
    columns = (("x", "number"), ("y", "number"))
    file = model(
        *(input_data(*each) for each in columns),
        decision("D", table("COLLECT", columns, (output(),), rules), inputs=("x", "y")),
    )
    found = pydmn.load(file)
    rows = [(x, y) for x in range(200) for y in range(x + 1)]
    frame_ = pl.DataFrame(rows, ["x", "y"], orient="row")
    with pytest.raises(NotColumnar, match="`D`: has more than 10,050 different answers"):
        found.evaluate_frame("D", frame_)
    assert found.evaluate_frame("D", frame_[:9]).frame["D"].to_list()[1:3] == [[0, 1], [1]]


def test_a_time_finer_than_microseconds_is_refused():
    moments = pl.Series(np.array(["2024-01-01T00:00:00.000000001"], "datetime64[ns]"))
    found = pydmn.load(model(input_data("x"), decision("D", literal("x"), inputs=("x",))))
    with pytest.raises(InputError, match=r"column `x`, Datetime\(.*finer than microseconds"):
        found.evaluate_frame("D", pl.DataFrame({"x": moments}))


def test_a_text_that_is_no_date_is_refused():
    with pytest.raises(InputError, match="column `x`: the text is no date"):
        asked("x", "date", x=["2024-02-30"])


def test_a_text_above_the_limits_is_refused():
    found = pydmn.load(FILE, limits=pydmn.Limits(chars=10))
    with pytest.raises(LimitExceeded, match="chars"):
        found.evaluate_frame("D", frame(age=[1], plan=["x" * 11]))


# --- what has no columnar answer ------------------------------------------------------


def test_what_reads_the_clock_is_named_and_goes_by_rows():
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    file = model(
        input_data("x", "number"), decision("Due", literal("today().year + x"), inputs=("x",)),
        decision("D", literal("Due + 1"), decisions=("Due",)),
    )  # fmt: skip
    found = pydmn.load(file, clock=lambda: moment)
    with pytest.raises(NotColumnar, match="`Due`: reads the clock"):
        found.evaluate_frame("D", frame(x=[1, 2]))
    result = found.evaluate_frame("D", frame(x=[1, 2]), fallback=True, hits=True)
    assert result.frame.rows() == [(2026, []), (2027, [])]
    assert result.path == "rows"
    assert [each.decision for each in result.refusals] == ["Due"]


def test_more_combinations_than_are_worth_it_are_refused():
    file = model(
        input_data("x", "number"), input_data("y", "number"),
        decision("D", literal("if x > y then string(x) else string(y)"), inputs=("x", "y")),
    )  # fmt: skip
    found = pydmn.load(file)
    many = frame(x=range(30_000), y=range(30_000, 0, -1))
    with pytest.raises(NotColumnar, match=r"`D`, `if x > y .*more than 15,000 different"):
        found.evaluate_frame("D", many)
    result = found.evaluate_frame("D", many, fallback=True)
    assert result.path == "rows"
    assert result.frame["D"].to_list() == [str(max(n, 30_000 - n)) for n in range(30_000)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('if x > 1 then x else "a"', "several types: number, string"),
        ("if x > 1 then 10 ** 30 else 1 / 7", "38 digits"),
        ('@"P1Y" * x', "no type: years and months duration"),
        ('if x > 1 then @"2024-01-01T00:00:00Z" else @"2024-01-01T00:00:00"', "several zones"),
    ],
)  # fmt: skip
def test_answers_that_no_column_holds_are_refused_on_every_path(text, reason):
    found = pydmn.load(
        model(input_data("x", "number"), decision("D", literal(text), inputs=("x",)))
    )
    for fallback in (False, True):
        with pytest.raises(NotColumnar, match=reason):
            found.evaluate_frame("D", frame(x=[1, 2]), fallback=fallback)


def test_a_knowledge_model_is_called_and_not_asked():
    file = model(
        input_data("x", "number"),
        knowledge("twice", (("n", "number"),), literal("2 * n")),
        decision("D", literal("twice(x)"), inputs=("x",), knowledge=("twice",)),
    )
    found = pydmn.load(file)
    assert found.evaluate_frame("D", frame(x=[1, 2])).frame["D"].to_list() == [2, 4]
    with pytest.raises(NotColumnar, match="`twice`: is a knowledge"):
        found.evaluate_frame("twice", frame(n=[1]))
    result = found.evaluate_frame("twice", frame(n=[1]), fallback=True)
    assert result.frame["twice"].to_list() == [2]


def test_without_the_extra_the_message_says_what_to_install(monkeypatch):
    for name in list(sys.modules):
        if name.startswith("pydmn.backends.to_polars"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'medpolicy\[frame\]'"):
        pydmn.load(FILE).evaluate_frame("D", None)
