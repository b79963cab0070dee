"""polars: a table of equalities is a join, any other a chain of when and then."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import and_
from pathlib import Path
from typing import Any, assert_never

import polars as pl

from benchmarks.contestants import whole
from benchmarks.contestants.ready import Ready
from benchmarks.tables import Below, Cell, From, In, Interval, Table


def rows(folder: Path) -> Ready:
    """Prepare polars: one lazy query of expressions, on all cores."""
    table = whole.single_table(folder)
    given = pl.from_arrow(whole.rows_in(folder))
    assert isinstance(given, pl.DataFrame)
    outputs = [column.name for column in table.outputs]
    if table.is_map:
        rules = pl.from_arrow(whole.rules_of(table))
        assert isinstance(rules, pl.DataFrame)
        query = given.lazy().join(
            rules.lazy(), on=list(table.reads), how="left", maintain_order="left"
        )
        query = query.select(outputs)
    else:
        query = given.lazy().select(_first_rule(table))

    def decide(_: Any) -> Any:
        return query.collect()

    return whole.ready(folder, given, decide, lambda found: found.to_arrow())


def _first_rule(table: Table) -> list[Any]:
    """Return an expression for each output: what stands at the first rule that holds."""
    choice: Any = pl
    for number, rule in enumerate(table.rules):
        holds = list(_polars_conditions(table, rule.cells))
        condition = reduce(and_, holds) if holds else pl.lit(value=True)
        choice = choice.when(condition).then(pl.lit(number, dtype=pl.UInt32))
    return [
        pl.lit(pl.Series([rule.results[number] for rule in table.rules]))
        .gather(choice)
        .alias(column.name)
        for number, column in enumerate(table.outputs)
    ]


def _polars_conditions(table: Table, cells: tuple[Cell, ...]) -> Iterator[Any]:
    for name, cell in zip(table.reads, cells, strict=True):
        column = pl.col(name)
        match cell:
            case None:
                pass
            case In(values):
                yield column.is_in(list(values))
            case Interval(low, high):
                yield (column >= low) & (column < high)
            case From(bound):
                yield column >= bound
            case Below(bound):
                yield column < bound
            case _:
                assert_never(cell)
