"""DuckDB: a table of equalities is a join, any other a CASE that finds the first rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, assert_never

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.contestants import whole
from benchmarks.contestants.ready import Ready
from benchmarks.tables import Below, Cell, From, In, Interval, Scalar, Table


def rows(folder: Path) -> Ready:
    """Prepare DuckDB: one query over the rows, on all cores."""
    table = whole.single_table(folder)
    given = whole.rows_in(folder)
    # Its threads give rows in no order; the order is made again when nobody looks at the clock.
    given = given.append_column(_ROW, pa.array(np.arange(len(given))))
    connection = duckdb.connect()
    connection.register("rows", given)
    if table.is_map:
        connection.register("rules", whole.rules_of(table))
        query = _join(table)
    else:
        query = _case(table)

    def decide(_: Any) -> pa.Table:
        return connection.sql(query).to_arrow_table()

    return whole.ready(folder, given, decide, _in_order)


_ROW: Final = "row of the table"


def _in_order(found: pa.Table) -> pa.Table:
    return found.sort_by(_ROW).drop_columns([_ROW])


def _join(table: Table) -> str:
    outputs = ", ".join(f'"{column.name}"' for column in table.outputs)
    inputs = ", ".join(f'"{name}"' for name in table.reads)
    return f'SELECT {outputs}, "{_ROW}" FROM rows LEFT JOIN rules USING ({inputs})'  # noqa: S608


def _case(table: Table) -> str:
    """Return a query: the number of the first rule that holds, then what stands at that number."""
    cases = "\n".join(
        f"WHEN {' AND '.join(_sql_conditions(table, rule.cells)) or 'TRUE'} THEN {number}"
        for number, rule in enumerate(table.rules, 1)
    )
    outputs = ", ".join(
        f"([{', '.join(_sql(rule.results[number]) for rule in table.rules)}])[rule]"
        f' AS "{column.name}"'
        for number, column in enumerate(table.outputs)
    )
    found = f'SELECT CASE {cases} END AS rule, "{_ROW}" FROM rows'  # noqa: S608
    return f'SELECT {outputs}, "{_ROW}" FROM ({found})'  # noqa: S608


def _sql_conditions(table: Table, cells: tuple[Cell, ...]) -> Iterator[str]:
    for name, cell in zip(table.reads, cells, strict=True):
        match cell:
            case None:
                pass
            case In(values):
                yield f'"{name}" IN ({", ".join(map(_sql, values))})'
            case Interval(low, high):
                yield f'"{name}" >= {low} AND "{name}" < {high}'
            case From(bound):
                yield f'"{name}" >= {bound}'
            case Below(bound):
                yield f'"{name}" < {bound}'
            case _:
                assert_never(cell)


def _sql(value: Scalar) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)
