"""What it costs to begin, each time in a fresh process: the import, and a model's first answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import exact_json
from benchmarks.dmn_text import dmn
from benchmarks.outcomes import Timed
from benchmarks.tables import Workload


@dataclass(frozen=True, slots=True)
class Load:
    """A model from its file to the first answer: seconds, and megabytes by the median run."""

    seconds: Timed
    kept: float
    peak: float

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.seconds.median * 1e3:,.1f} ms, {self.kept:,.1f} MB kept"

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"runs": self.seconds.runs, "kept": self.kept, "peak": self.peak}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Load:
        """Return what `plain` made `data` of."""
        runs = Timed(tuple(map(float, data["runs"])))
        return cls(runs, float(data["kept"]), float(data["peak"]))


class NotLoaded(Exception):
    """A model could not be loaded and asked; the message says why."""


def load(workload: Workload, under: Path, runs: int = 7, limit: float = 600.0) -> Load:
    """Return what it costs to load a workload's model.

    Raises `NotLoaded` where that takes more than `limit` seconds, or fails.
    """
    folder = under / f"{workload.name.replace(' ', '-')}-first"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.dmn").write_bytes(dmn(workload))
    question = {"asked": workload.asked.name, "record": workload.records[0]}
    (folder / "first.json").write_text(exact_json.write(question), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.first_answer", str(folder)]
    found = []
    for _ in range(runs):
        try:
            done = subprocess.run(command, capture_output=True, check=True, timeout=limit)
        except subprocess.TimeoutExpired:
            raise NotLoaded(f"more than {limit:.0f} s") from None
        except subprocess.CalledProcessError as error:
            raise NotLoaded(error.stderr.decode().strip().splitlines()[-1]) from None
        found.append(json.loads(done.stdout))
    return Load(
        Timed(tuple(each["seconds"] for each in found)),
        median(each["kept"] for each in found),
        median(each["peak"] for each in found),
    )


def imports(module: str = "pydmn", runs: int = 21) -> Timed:
    """Return the seconds that the import of `module` adds to a bare Python's.

    The two alternate, and the median of the bare runs is taken off each of the others.
    """
    bare, whole = [], []
    for _ in range(runs):
        bare.append(_process("pass"))
        whole.append(_process(f"import {module}"))
    usual = median(bare)
    return Timed(tuple(each - usual for each in whole))


def _process(text: str) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-c", text], check=True)
    return perf_counter() - start
