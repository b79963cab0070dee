"""What contestants share that take a whole table of rows: the files, and the answer as one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks import tables
from benchmarks.contestants.ready import Ready, Refused
from benchmarks.tables import In, Table


def _as_it_is(found: pa.Table) -> pa.Table:
    return found


def single_table(folder: Path) -> Table:
    """Return the task's table. Raises `Refused` where its answers do not fit a row each."""
    if not (folder / "workload.json").exists():
        raise Refused("this is no single table")
    table = tables.load(folder / "workload.json").table
    if table.hit == "COLLECT":
        raise Refused("several hits have no place in a row")
    return table


def ready(
    folder: Path,
    rows: Any,
    decide: Callable[[Any], Any],
    arrow: Callable[[Any], pa.Table] = _as_it_is,
) -> Ready:
    """Return what decides the rows, as the only record; its answer is an Arrow file."""

    def answer(raw: Any) -> str:
        path = folder / f"answer-{os.getpid()}.arrow"
        found = arrow(raw)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, found.schema) as writer:
            writer.write_table(found)
        return str(path)

    return Ready(decide, [rows], answer)


def rows_in(folder: Path) -> pa.Table:
    """Return the task's rows."""
    return pa.ipc.open_file(str(folder / "rows.arrow")).read_all()


def rules_of(table: Table) -> pa.Table:
    """Return the rules of a table of equalities as rows."""
    inputs = {
        column.name: pa.array(
            [cell.values[0] for rule in table.rules if isinstance(cell := rule.cells[number], In)]
        )
        for number, column in enumerate(table.inputs)
    }
    return pa.table({**inputs, **results_of(table)})


def results_of(table: Table) -> dict[str, pa.Array]:
    """Return the results of each output, rule by rule."""
    return {
        column.name: pa.array([rule.results[number] for rule in table.rules])
        for number, column in enumerate(table.outputs)
    }
