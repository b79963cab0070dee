"""The two floors."""

from __future__ import annotations

from pathlib import Path

from benchmarks import tables
from benchmarks.contestants.ready import Ready
from benchmarks.floors import floor


def chain(folder: Path) -> Ready:
    """Prepare generated Python: an if for each rule, or one dict."""
    workload = tables.load(folder / "workload.json")
    return Ready(floor(workload, "chain"), workload.records)


def masks(folder: Path) -> Ready:
    """Prepare the generated bit-mask index."""
    workload = tables.load(folder / "workload.json")
    return Ready(floor(workload, "masks"), workload.records)
