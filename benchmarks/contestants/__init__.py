"""Who takes part: programs that decide a task's records, each in its own way.

A contestant of Python is a function of a task's folder that returns `Ready`; `contestant` finds it,
and `benchmarks.worker` runs one in a process of its own. Others are programs that speak the same
protocol (`benchmarks/jvm`, `benchmarks/node`). `benchmarks.roster` says who they all are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks.contestants.ready import Ready

Prepare: TypeAlias = Callable[[Path], Ready]

# A module is imported where its contestant runs: no library stands in another's process.
_BY_NAME: Final[Mapping[str, tuple[str, str]]] = {
    "chain": ("generated", "chain"),
    "masks": ("generated", "masks"),
    "pydmn": ("runtime", "decisions"),
    "medpolicy": ("runtime", "determinations"),
    "zen": ("zen", "decisions"),
    "spiff": ("spiff", "decisions"),
    "duckdb": ("duckdb_sql", "rows"),
    "polars": ("polars_frame", "rows"),
    "frame": ("frame", "rows"),
    "claims": ("claims", "rows"),
}


def contestant(name: str) -> Prepare:
    """Return the contestant of Python that is called `name`; raises `KeyError`."""
    module, function = _BY_NAME[name]
    prepare: Prepare = getattr(import_module(f"{__name__}.{module}"), function)
    return prepare
