"""Literal expressions over columns: what they mean, what refuses, and that types are the model's.

The expected values are worked out by hand from the standard's tables; the grown expressions are
held against the record.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from dmn_text import decision, input_data, knowledge, literal, model, output, table
from productions import names
from trees import VARIABLES, Grower

import pydmn
from pydmn.backends.to_polars.decisions import FEW
from pydmn.errors import LimitExceeded, NotColumnar

ROWS = 2 * FEW
"""More different rows than are decided one by one where an expression would do."""

NOON = datetime(2024, 2, 29, 12, 0, 30)  # noqa: DTZ001  of no zone


def asked(text: str, columns: dict[str, pl.Series], type_ref: str | None = None):
    """Return the result for `text` over columns."""
    given = tuple(input_data(name) for name in columns)
    made = decision("D", literal(text, type_ref), inputs=tuple(columns))
    return pydmn.load(model(*given, made)).evaluate_frame("D", pl.DataFrame(columns))


def many(values: list, dtype: pl.DataType | None = None) -> pl.Series:
    """Return values again and again, so that they are as many as `ROWS`."""
    return pl.Series((values * ROWS)[:ROWS], dtype=dtype, strict=True)


def answers(text: str, values: list, dtype: pl.DataType | None = None) -> list:
    """Return the answers for each of `values` as `x`, beside a column that differs everywhere."""
    columns = {"x": many(values, dtype), "row": pl.Series(range(ROWS))}
    # The column that differs keeps rows from being decided by what occurs.
    result = asked(f"if row < 0 then null else ({text})", columns)
    assert result.path == "columnar"
    found = result.frame["D"].to_list()
    assert found == (found[: len(values)] * ROWS)[:ROWS]
    return found[: len(values)]


NUMBERS = [Decimal("1.50"), Decimal("-2.25"), Decimal(0), None]
TEXTS = ["abc", "", "é😀x", None]
DATES = [date(2024, 2, 29), date(1999, 12, 31), None]
LISTS = [[1, 2, 3], [5], [], None, [4, None]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + 0.005", [Decimal("1.505"), Decimal("-2.245"), Decimal("0.005"), None]),
        ("x * x", [Decimal("2.25"), Decimal("5.0625"), Decimal(0), None]),
        ("x / 8", [Decimal("0.1875"), Decimal("-0.28125"), Decimal(0), None]),
        ("x / 0", [None] * 4),
        ("-x", [Decimal("-1.5"), Decimal("2.25"), Decimal(0), None]),
        ("x < 1", [False, True, True, None]),
        ("x = null", [False, False, False, True]),
        ("x != 1.5", [False, True, True, True]),
        ('x = "a"', [None, None, None, False]),
        ('x < "a"', [None] * 4),
        ("x between -3 and 0", [False, True, True, None]),
        ("x in [0..2)", [True, False, True, None]),
        ("x in (1.5, > 7)", [True, False, False, None]),
        ("x in (1.5, null)", [True, False, False, True]),
        ("x in [1.5, 0]", [True, False, True, False]),
        ("x > 0 and x < 1", [False, False, False, None]),
        ("x > 0 or x = null", [True, False, False, True]),
        ("not(x > 0)", [False, True, True, None]),
        ("if x > 0 then x else 0.5", [Decimal("1.5"), *[Decimal("0.5")] * 3]),
        ("abs(x)", [Decimal("1.5"), Decimal("2.25"), Decimal(0), None]),
        ("floor(x)", [Decimal(1), Decimal(-3), Decimal(0), None]),
        ("ceiling(x)", [Decimal(2), Decimal(-2), Decimal(0), None]),
        ("decimal(x, 1)", [Decimal("1.5"), Decimal("-2.2"), Decimal(0), None]),
        ("round half up(x, 1)", [Decimal("1.5"), Decimal("-2.3"), Decimal(0), None]),
        ("round half down(x, 1)", [Decimal("1.5"), Decimal("-2.2"), Decimal(0), None]),
        ("round up(x, 0)", [Decimal(2), Decimal(-3), Decimal(0), None]),
        ("round down(x, 0)", [Decimal(1), Decimal(-2), Decimal(0), None]),
        ("modulo(x, 2)", [Decimal("1.5"), Decimal("1.75"), Decimal(0), None]),
        ("min(x, 1)", [Decimal(1), Decimal("-2.25"), Decimal(0), None]),
        ("max([x, 1])", [Decimal("1.5"), Decimal(1), Decimal(1), None]),
        ("sum(x, 1, 0.5)", [Decimal(3), Decimal("-0.75"), Decimal("1.5"), None]),
        ("{a: x + 1, b: a * 2}.b", [Decimal(5), Decimal("-2.5"), Decimal(2), None]),
        ('x + "a"', [None] * 4),
    ],
)  # fmt: skip
def test_numbers(text, expected):
    assert answers(text, NUMBERS, pl.Decimal(38, 2)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('x + "!"', ["abc!", "!", "é😀x!", None]),
        ("string length(x)", [3, 0, 3, None]),
        ('contains(x, "b")', [True, False, False, None]),
        ('contains(x, "")', [True, True, True, None]),
        ('starts with(x, "é")', [False, False, True, None]),
        ('ends with(x, "x")', [False, False, True, None]),
        ("substring(x, 2)", ["bc", None, "😀x", None]),
        ("substring(x, -2, 1)", ["b", None, "😀", None]),
        ("substring(x, 2, 5)", [None, None, None, None]),
        ('x < "b"', [True, True, False, None]),
        ('x in ("abc", "q")', [True, False, False, False]),
        ('list contains(["abc", null], x)', [True, False, False, True]),
        ("if x = null then 0 else 1", [1, 1, 1, 0]),
    ],
)
def test_strings(text, expected):
    assert answers(text, TEXTS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x.year", [2024, 1999, None]),
        ("x.weekday", [4, 5, None]),
        ('x >= date("2000-01-01")', [True, False, None]),
        ('(x - date("2024-03-01")).days', [-1, -8827, None]),
        ('x + duration("P1Y")', [date(2025, 2, 28), date(2000, 12, 31), None]),
        ('x - duration("P1M")', [date(2024, 1, 29), date(1999, 11, 30), None]),
        ('x + duration("PT36H")', [date(2024, 3, 1), date(2000, 1, 1), None]),
        ('x - @"2024-02-28"', [timedelta(1), timedelta(-8825), None]),
    ],
)
def test_dates(text, expected):
    assert answers(text, DATES) == expected


def test_moments_compare_in_whole_seconds():
    near = NOON + timedelta(microseconds=1)
    assert answers('x = @"2024-02-29T12:00:30"', [NOON, near, None]) == [True, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(x)", [6, 5, None, None, None]),
        ("count(x)", [3, 1, 0, None, 2]),
        ("max(x)", [3, 5, None, None, None]),
        ("some i in x satisfies i > 2", [True, True, False, None, True]),
        ("every i in x satisfies i > 2", [False, True, True, None, None]),
        ("some i in x satisfies true", [True, True, False, None, True]),
        ("sum(for i in x return i * 0.5)", [3, Decimal("2.5"), None, None, None]),
        ("count(x[item > 1])", [2, 1, 0, 0, 1]),
        ("x[-1]", [3, 5, None, None, None]),
        ("list contains(x, 2)", [True, False, False, None, False]),
        ("list contains(x, null)", [False, False, False, None, True]),
        ("5 in x", [False, True, False, False, False]),
        (
            "sum(x) * 1.25 / 4 + count(x) * 10",
            [Decimal("31.875"), Decimal("11.5625"), None, None, None],
        ),
    ],
)
def test_lists(text, expected):
    assert answers(text, LISTS, pl.List(pl.Int64)) == expected


def test_false_decides_and_null_does_not():
    values = [True, False, None]
    assert answers("x and null", values) == [None, False, None]
    assert answers("x or null", values) == [True, None, None]
    assert answers("x and 1", values) == [None, False, None]


def test_a_knowledge_model_is_worked_out_where_it_is_called():
    file = model(
        input_data("x", "number"),
        knowledge("rate", (("n", "number"),), literal("if n > 10 then 0.5 else 0.25")),
        decision("D", literal("x * rate(x)"), inputs=("x",), knowledge=("rate",)),
    )
    result = pydmn.load(file).evaluate_frame("D", pl.DataFrame({"x": range(ROWS)}))
    assert result.path == "columnar"
    assert result.frame["D"].to_list() == [
        n * Decimal("0.5" if n > 10 else "0.25") for n in range(ROWS)
    ]


# --- digits ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "digits", "fits"),
    [
        ("x + x", 33, True),
        ("x + x", 34, False),
        ("x * x", 17, True),
        ("x * x", 18, False),
        ("x / 1024", 27, True),
        ("x / 1024", 28, False),
    ],
)
def test_what_may_need_more_digits_than_feel_keeps_is_no_expression(text, digits, fits):
    most = 10**digits - 1
    values = pl.Series([most - n for n in range(30_000)], dtype=pl.Int128)
    if fits:
        found = asked(text, {"x": values}).frame["D"].to_list()
        exact = {"x + x": lambda n: n + n, "x * x": lambda n: n * n, "x / 1024": lambda n: n / 1024}
        numbers = [Fraction(most - n) for n in range(30_000)]
        assert [Fraction(each) for each in found] == [exact[text](number) for number in numbers]
    else:
        with pytest.raises(NotColumnar, match="may need more than 34 digits"):
            asked(text, {"x": values})


def test_parts_of_a_file_have_columns_of_one_type():
    parts = [[Decimal("1.00")] * ROWS, [Decimal(n) / 100 for n in range(ROWS)], [None] * ROWS]
    rules = (("< 1", "0.125"), (">= 1", "3"))
    price = table("FIRST", (("x", "number"),), (output("", "number"),), rules)
    file = model(
        input_data("x", "number"),
        decision("Price", price, inputs=("x",)),
        decision("D", literal("Price * x"), inputs=("x",), decisions=("Price",)),
    )
    found = pydmn.load(file)
    for name, scale in (("Price", 3), ("D", 5)):
        made = [
            found.evaluate_frame(
                name, pl.DataFrame({"x": pl.Series(part, dtype=pl.Decimal(38, 2))})
            )
            for part in parts
        ]
        assert pl.concat([each.frame for each in made]).schema == {name: pl.Decimal(38, scale)}


# --- what refuses ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x / y", "`/` by what is no constant may need rounding"),
        ("x / 3", "whose inverse does not end"),
        ("x ** 2", r"`\*\*` may need rounding"),
        ("sqrt(x + y)", "`sqrt` has no columnar form"),
        ("upper case(string(x + y))", "`string` has no columnar form"),
        ('if x > y then x else "none"', "a choice between a number and a string"),
        ("sort([x, y], function(a, b) a < b)", "a function"),
        ("some i in [x] satisfies i instance of number and y > 0", "`instance of`"),
    ],
)
def test_what_is_no_expression_refuses_by_name(text, reason):
    columns = {"x": pl.Series(range(30_000)), "y": pl.Series(range(30_000))}
    with pytest.raises(NotColumnar, match=f"`D`, `.*{reason}.*; and more than 15,000 different"):
        asked(text, columns)


def test_a_float_has_no_fixed_scale():
    floats = pl.Series([n / 8 for n in range(30_000)])
    with pytest.raises(NotColumnar, match="column `x` is Float64, whose numbers have no fixed"):
        asked("x + 1", {"x": floats})


def test_the_steps_of_a_record_count_over_all_its_decisions():
    one = literal("count(for i in xs return i + 1)")
    file = model(
        input_data("xs"),
        decision("A", one, inputs=("xs",)),
        decision("B", one, inputs=("xs",)),
        decision("D", literal("A + B"), decisions=("A", "B")),
    )
    rows = pl.DataFrame({"xs": [[n] * 20 for n in range(ROWS)]})
    least = 1_000
    found = pydmn.load(file, limits=pydmn.Limits(steps=least))
    assert found.evaluate_frame("A", rows).path == "columnar"
    assert found.evaluate_frame("D", rows).frame["D"].to_list() == [40] * ROWS
    tight = pydmn.load(file, limits=pydmn.Limits(steps=130))
    with pytest.raises((NotColumnar, LimitExceeded), match="steps"):
        tight.evaluate_frame("D", rows)
    with pytest.raises(LimitExceeded, match="steps"):
        tight.evaluate("D", {"xs": [1] * 20})


# --- grown expressions ----------------------------------------------------------------

READ = frozenset(
    ["a", "b", "s", "t", "p", "q", "d", "e", "w", "x", "xs", "ns", "ss", "ps", "ds", "m", "o"]
)


def column(name: str, values: list) -> pl.Series | None:
    """Return values as a column; None where polars has no type for them."""
    try:
        if VARIABLES[name] == "number":
            return pl.Series(name, values, pl.Decimal(38, 6), strict=True)
        if name in ("xs", "ns"):
            return pl.Series(name, values, pl.List(pl.Decimal(38, 6)), strict=True)
        return pl.Series(name, values, strict=True)
    except (TypeError, pl.exceptions.PolarsError):
        return None


def given(text: str):
    """Return the value of an input: none with a zone, no number of many digits."""
    value = pydmn.feel(text)
    if getattr(value, "tzinfo", None) is not None:
        return None
    many = isinstance(value, Decimal) and len(value.as_tuple().digits) > 12
    return Decimal("-0.000001") if many else value


@pytest.mark.parametrize("part", range(2))
def test_grown_expressions_answer_as_records_do(part):
    chance = random.Random(f"grown {part}")  # noqa: S311  the same questions in each run
    grower, compared = Grower(chance), 0
    while compared < 40:
        tree = grower.expression(chance.choice(names()))
        if not tree.reads or not tree.reads <= READ:
            continue
        rows = [
            {name: given(text) for name, text in grower.row(tree.reads).items()}
            for _ in range(3 * FEW)
        ]
        columns = [column(name, [row[name] for row in rows]) for name in sorted(tree.reads)]
        if any(each is None for each in columns):
            continue
        reads = tuple(sorted(tree.reads))
        made = decision("D", literal(tree.text), inputs=reads)
        found = pydmn.load(model(*map(input_data, reads), made))
        frame = pl.DataFrame(columns)
        try:
            result = found.evaluate_frame("D", frame)
        except NotColumnar:
            continue
        if result.path == "columnar":
            compared += 1
            decide, answers = found.decision("D"), result.frame["D"].to_list()
            for row, answer in zip(frame.iter_rows(named=True), answers, strict=True):
                assert answer == decide(row), (tree.text, row)
