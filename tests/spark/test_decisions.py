"""Decisions over a Spark DataFrame: the answers of a frame, whatever Spark does with the rows."""

from __future__ import annotations

import os
import random
import signal
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import pydmn
from benchmarks import oracle
from benchmarks.dmn_text import dmn
from benchmarks.tables import Workload
from benchmarks.workloads import SEED, guideline

ROOT = Path(__file__).resolve().parents[2]
SHIPPING = ROOT / "docs" / "examples" / "shipping.dmn"
ROWS = 600
RECORD = "procedure string, diagnosis string, condition string, age int"


@pytest.fixture(scope="module")
def workload():
    """W1 with records drawn for it."""
    steps, draw = guideline(random.Random(SEED))
    stream = random.Random("rows on spark")
    return Workload("W1", steps, tuple(draw(stream) for _ in range(ROWS)))


@pytest.fixture(scope="module")
def model(workload):
    return pydmn.load(dmn(workload))


@pytest.fixture
def rows(spark, workload):
    """The records as rows with a number, in seven partitions of which two are empty."""
    numbered = [(n, *record.values()) for n, record in enumerate(workload.records)]
    made = spark.createDataFrame(numbered, f"n int, {RECORD}").repartition(5, "n")
    return made.union(made.where("n < 0").coalesce(2))


@pytest.mark.parametrize("batch", [7, 10_000])
def test_answers_are_the_oracles(spark, workload, model, rows, batch):
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", batch)
    found = model.evaluate_spark("guideline", rows, hits=True, keep=["n"])
    assert found.columns == ["n", "guideline", "guideline: rules"]
    answers = sorted(found.collect())
    assert [row["n"] for row in answers] == list(range(ROWS))
    for row, record in zip(answers, workload.records, strict=True):
        answer = oracle.answer(workload, record)
        assert oracle.same(row["guideline"].asDict(), answer)
        (rule,) = row["guideline: rules"]
        assert rule.startswith("guideline_")
        assert workload.table.rules[int(rule.rpartition("_")[2]) - 1].results == (*answer.values(),)


def test_all_columns_stay(model, rows):
    found = model.evaluate_spark("guideline", rows)
    assert found.columns == [*rows.columns, "guideline"]
    assert found.drop("guideline").exceptAll(rows).isEmpty()


def test_no_rows(model, rows):
    none = model.evaluate_spark("guideline", rows.where("n < 0"), hits=True)
    assert none.collect() == []
    assert none.schema["guideline"].dataType.simpleString() == (
        "struct<determination:string,rationale:string>"
    )


FACTOR = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"
 namespace="urn:factor">
 <inputData id="i" name="kind"><variable id="v" name="kind" typeRef="string"/></inputData>
 <decision id="f" name="factor"><variable id="fv" name="factor" typeRef="{type}"/>
  <informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>
  <literalExpression id="e"><text>{text}</text></literalExpression></decision>
</definitions>"""


def factor(text: str, type_: str = "number", **options) -> pydmn.Model:
    """Return a model of one decision that reads `kind`."""
    return pydmn.load(FACTOR.format(text=text, type=type_).encode(), **options)


def test_a_decimal_has_one_scale_in_all_batches(spark):
    """Partitions of which each has a scale of its own; the values are exact."""
    numbers = {"a": "3", "b": "1.25", "c": "0.000000000000000001", "d": "-12345678901234567890"}
    cells = [f'if kind = "{kind}" then {number}' for kind, number in numbers.items()]
    model = factor(" else ".join([*cells, "null"]))
    given = spark.createDataFrame([(kind,) for kind in [*numbers, "e"]], "kind string")
    found = model.evaluate_spark("factor", given.repartition(5, "kind"))
    assert found.schema["factor"].dataType.simpleString() == "decimal(38,18)"
    expected = {kind: Decimal(number) for kind, number in numbers.items()} | {"e": None}
    assert {row["kind"]: row["factor"] for row in found.collect()} == expected


def test_what_the_type_does_not_hold_fails_the_job_by_name(spark):
    given = spark.createDataFrame([("a",)], "kind string")
    finer = factor("0.125").evaluate_spark("factor", given, returns="decimal(10, 2)")
    with pytest.raises(Exception, match=r"`factor`: an answer does not fit decimal128\(10, 2\)"):
        finer.collect()
    assert factor("0.125").evaluate_spark("factor", given, returns="decimal(4,3)").first()[
        "factor"
    ] == Decimal("0.125")


def test_every_kind_of_answer(spark):
    """Decisions asked one upon another, in one job."""
    found = spark.createDataFrame([("x",)], "kind string")
    asked = [
        ('["a", kind]', "Any", "array<string>", ["a", "x"]),
        ("{k: kind, n: 1.5}", "Any", "struct<k: string, n: decimal(3, 1), m: date>",
         ("x", Decimal("1.5"), None)),
        ("[{k: kind}, null, {}]", "Any", "array<struct<k: string>>", [("x",), None, (None,)]),
        ('date("2026-03-01")', "date", None, date(2026, 3, 1)),
        ('date and time("2026-03-01T12:00:00")', "dateTime", None,
         datetime.fromisoformat("2026-03-01T12:00")),
        ('duration("P1DT1S")', "dayTimeDuration", None, timedelta(days=1, seconds=1)),
        ("kind = null", "boolean", None, False),
        ("null", "string", None, None),
    ]  # fmt: skip
    for n, (text, type_, returns, _) in enumerate(asked):
        model = factor(text, type_)
        found = model.evaluate_spark("factor", found, returns=returns)
        found = found.withColumnRenamed("factor", f"answer {n}")
    assert [*found.first()][1:] == [answer for *_, answer in asked]


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        (lambda given: given.drop("age"), {}, pydmn.InputError, "no column `age`"),
        (lambda given: given.withColumn("age", given.condition), {}, pydmn.InputError,
         "column `age` is String, and `age` is a number"),
        (lambda given: given.selectExpr("*", "INTERVAL '1' YEAR AS year").drop("age")
         .withColumnRenamed("year", "age"), {}, pydmn.InputError,
         "column `age` is interval year, for which Arrow has no type"),
        (lambda given: given.selectExpr("*", "age"), {}, pydmn.InputError, "2 columns `age`"),
        (lambda given: given, {"keep": ["sex"]}, pydmn.InputError, "no column `sex` to keep"),
        (lambda given: given.withColumnRenamed("n", "guideline"), {}, pydmn.InputError,
         "a column `guideline` already"),
        (lambda _: {"age": [1]}, {}, pydmn.InputError, "not a `builtins.dict`"),
    ],
)  # fmt: skip
def test_columns_are_judged_before_there_is_a_job(model, rows, change, options, error, message):
    with pytest.raises(error, match=message):
        model.evaluate_spark("guideline", change(rows), **options)


@pytest.mark.parametrize(
    ("model_", "name", "message"),
    [
        (lambda: factor("now()", "dateTime"), "factor", "`factor`: reads the clock"),
        (lambda: factor("kind", "Any"), "factor", "declared as Any, for which Spark has none"),
        (lambda: pydmn.load(SHIPPING), "Quote", "is a service"),
    ],
)
def test_decisions_are_judged_before_there_is_a_job(spark, model_, name, message):
    given = spark.createDataFrame([("x", "NL", 1)], "kind string, Country string, weight int")
    with pytest.raises(pydmn.NotColumnar, match=message):
        model_().evaluate_spark(name, given)


def test_rows_are_decided_one_by_one_on_request(spark):
    given = spark.createDataFrame([("x",), ("y",)], "kind string")
    model = factor("string(now() = null) + kind", "string")
    found = model.evaluate_spark("factor", given, fallback=True).collect()
    assert sorted(row["factor"] for row in found) == ["falsex", "falsey"]


def test_a_model_travels_once_to_each_worker(spark, tmp_path):
    """What it is unpickled with leaves a mark, for each time."""
    marks = tmp_path / "marks"
    marks.touch()

    class Arriving:
        def __call__(self, *_):
            return None

        def __reduce__(self):
            return arrive, (str(marks),)

    def arrive(path):
        with open(path, "a", encoding="utf-8") as stream:  # noqa: PTH123  one write, appended
            stream.write(f"{os.getpid()}\n")
        return Arriving()

    model = factor('kind + "!"', "string", functions={"a.B.c()": Arriving()})
    given = spark.range(0, 4_000, 1, 8).selectExpr("CAST(id % 10 AS string) AS kind")
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 50)
    found = model.evaluate_spark("factor", given)
    assert found.where("factor = concat(kind, '!')").count() == 4_000
    arrived = marks.read_text(encoding="utf-8").split()
    assert arrived
    assert len(arrived) == len(set(arrived))


def test_what_a_lost_executor_had_is_decided_again(model, workload, rows, executors):
    """Answers are kept where they were made; then one of the two processes is killed."""

    def with_process(batches):
        import pyarrow as pa

        with open(f"/proc/{os.getppid()}/stat", encoding="utf-8") as stat:  # noqa: PTH123
            executor = int(stat.read().rpartition(")")[2].split()[1])
        for batch in batches:
            yield batch.append_column("process", pa.array([executor] * batch.num_rows, pa.int64()))

    marked = rows.mapInArrow(with_process, f"n int, {RECORD}, process long")
    answers = model.evaluate_spark("guideline", marked, keep=["n", "process"]).persist()
    made_by = {row["process"] for row in answers.collect()}
    killed = max(made_by)
    assert killed in executors().values()
    os.kill(killed, signal.SIGKILL)
    found = answers.collect()
    assert sorted(row["n"] for row in found) == list(range(ROWS))
    assert killed not in {row["process"] for row in found}
    for row in found:
        right = oracle.answer(workload, workload.records[row["n"]])
        assert oracle.same(row["guideline"].asDict(), right)
    answers.unpersist()
