"""What a task does with the batches of its partition; runs in Python's workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from pydmn.backends.to_polars.result import FrameResult
from pydmn.backends.to_spark.holding import NotHeld, held
from pydmn.diagnostics import Diagnostic
from pydmn.errors import NotColumnar

ROWS: Final = 1 << 17
OCTETS: Final = 1 << 26
"""Batches are put together until they have so many rows, or so many octets.

Spark's have 10,000 rows, and a frame has costs that do not depend on the rows.
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a task's batches have: columns that are `kept`, then the `answers` in their types."""

    kept: tuple[str, ...]
    answers: pa.Schema


def answered(
    evaluate: Any, columns: Columns, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield the answers to the rows of `batches`, in their order, with the columns kept.

    `evaluate` gives a `FrameResult` for a table. Raises as it does, and `NotColumnar` for an
    answer that its column's type does not hold.
    """
    for table in together(batches):
        result: FrameResult = evaluate(table)
        made = [
            _column(result.frame.column(number), field)
            for number, field in enumerate(columns.answers)
        ]
        kept = [table.column(name) for name in columns.kept]
        names = [*columns.kept, *columns.answers.names]
        yield from pa.Table.from_arrays([*kept, *made], names).to_batches()


def together(
    batches: Iterable[pa.RecordBatch], rows: int = ROWS, octets: int = OCTETS
) -> Iterator[pa.Table]:
    """Yield tables of at least so many rows, or octets, made of `batches`; the last has fewer."""
    waiting: list[pa.RecordBatch] = []
    found = size = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        waiting.append(batch)
        found += batch.num_rows
        size += batch.nbytes
        if found >= rows or size >= octets:
            yield pa.Table.from_batches(waiting)
            waiting, found, size = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting)


def _column(column: pa.ChunkedArray, field: pa.Field) -> pa.Array:
    # One chunk, so that lists have offsets from 0.
    joined = column.combine_chunks()
    whole = joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
    try:
        return held(whole, field.type)
    except NotHeld as error:
        message = f"`{field.name}`: an answer {error}"
        help_ = "give `returns`: the type that the answers have in Spark"
        raise NotColumnar(message, [Diagnostic("not-columnar", message, help=help_)]) from error
