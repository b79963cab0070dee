"""W1 on Spark: the frame plan inside `mapInArrow`, against `mapInArrow` that does nothing.

Rows come from Parquet and go nowhere (Spark's `noop` sink), so what is timed is reading, the way
to Python and back, and the decision. The three take turns. Before any is timed, every answer is
held against the oracle's.

Of the JVM's time a third goes into measuring an Arrow batch after each row that is added to it,
so that it stays below `spark.sql.execution.arrow.maxBytesPerBatch`. At its greatest value Spark
does not measure, and batches are bounded by their rows alone. That is how all three are timed,
since rows of W1 are short; `--conf` sets it back.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import parquet

import pydmn
from benchmarks import oracle
from benchmarks.dmn_text import dmn
from benchmarks.short import BUILD
from benchmarks.tables import Workload
from benchmarks.workloads import SEED, guideline

DIFFERENT: Final = 100_000
GROUP: Final = 250_000
LEAST_RATE: Final = 2.0
"""Million rows a second."""
LEAST_SHARE: Final = 0.65
"""Of the speed of `mapInArrow` that does nothing."""

_SETTINGS: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.sql.execution.arrow.maxBytesPerBatch": str(2**31 - 1),
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def run(master: str, rows: int, runs: int, settings: dict[str, str]) -> int:
    """Print how fast each is; 1 if an answer is wrong."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    steps, draw = guideline(random.Random(SEED))
    workload = Workload("W1", steps, ())
    path = _rows(draw, rows)
    builder = SparkSession.builder.master(master).appName("benchmark")
    for name, value in {**_SETTINGS, **settings}.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        given = spark.read.parquet(str(path))
        model = pydmn.load(dmn(workload))
        whole = model.evaluate_spark(workload.table.name, given)
        wrong = _wrong(workload, whole, rows)
        if wrong is not None:
            print(f"wrong: {wrong}")
            return 1
        _time(
            {
                "mapInArrow that does nothing": given.mapInArrow(_nothing, given.schema),
                "pydmn, the answers": model.evaluate_spark(workload.table.name, given, keep=[]),
                "pydmn, all columns and the answers": whole,
            },
            rows,
            runs,
        )
    finally:
        spark.stop()
    return 0


def _rows(draw: Callable[[random.Random], Any], rows: int) -> Path:
    """Return a Parquet file of so many rows, drawn from fewer records."""
    stream = random.Random(f"{SEED} rows of W1 on Spark")
    different = pa.Table.from_pylist([draw(stream) for _ in range(min(rows, DIFFERENT))])
    chosen = np.random.default_rng(SEED).integers(len(different), size=rows)
    path = BUILD / "tasks" / f"W1-{rows}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(different.take(chosen), path, row_group_size=GROUP)
    return path


def _wrong(workload: Workload, found: Any, rows: int) -> str | None:
    """Return an answer that is not the oracle's, or that is not there; None if all are right."""
    name = workload.table.name
    inputs = [column.name for column in workload.table.inputs]
    counted = 0
    for row in found.groupBy(*inputs, name).count().collect():
        record = {each: row[each] for each in inputs}
        right = oracle.answer(workload, record)
        if not oracle.same(row[name].asDict(), right):
            return f"{row[name]} where {right} is right, for {record}"
        counted += row["count"]
    return None if counted == rows else f"{counted:,} rows of {rows:,}"


def _nothing(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from batches


def _time(frames: dict[str, Any], rows: int, runs: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in frames}
    for _ in range(runs + 1):  # the first warms the JVM and Python's workers
        for name, frame in frames.items():
            start = perf_counter()
            frame.write.format("noop").mode("overwrite").save()
            times[name].append(perf_counter() - start)
    identity = None
    print(f"{'million rows a second, of ' + f'{rows:,}':38} {'median':>7} {'best':>7} {'share':>7}")
    for name, (_, *spent) in times.items():
        middle, best = rows / median(spent) / 1e6, rows / min(spent) / 1e6
        identity = identity or middle
        print(f"{name:38} {middle:7.2f} {best:7.2f} {middle / identity:7.0%}", flush=True)
    print(f"to reach: {LEAST_RATE:.0f} million rows a second, and a share of {LEAST_SHARE:.0%}")
