"""pydmn over whole tables: `evaluate_frame`, polars in and polars out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

import pydmn
from benchmarks import tables
from benchmarks.contestants import whole
from benchmarks.contestants.ready import Ready


def rows(folder: Path) -> Ready:
    """Prepare the model's one decision; several outputs are the fields of its column."""
    table = whole.single_table(folder)
    given = pl.from_arrow(whole.rows_in(folder))
    model = pydmn.load(folder / "model.dmn")
    name = tables.load(folder / "workload.json").asked.name
    single = len(table.outputs) == 1

    def decide(_: Any) -> Any:
        return model.evaluate_frame(name, given).frame

    def arrow(found: pl.DataFrame) -> pa.Table:
        columns = found.rename({name: table.outputs[0].name}) if single else found.unnest(name)
        return columns.to_arrow()

    return whole.ready(folder, given, decide, arrow)
