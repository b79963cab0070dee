"""All that one run of the full form found, as data; it is kept as JSON and shown by `report`."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from benchmarks import exact_json, outcomes
from benchmarks.growth import Curve
from benchmarks.outcomes import Outcome, Refused, Timed
from benchmarks.startup import Load

PACE: Final = "a million additions in Python"
PACKAGES: Final = ("zen-engine", "SpiffWorkflow", "duckdb", "polars", "pyarrow")

Outcomes = Mapping[str, Outcome]


@dataclass(slots=True)
class Results:
    """What was measured, part by part; a part that has not run is empty.

    `frames` has the number of rows beside the outcomes.
    """

    machine: dict[str, str]
    decisions: dict[str, Outcomes] = field(default_factory=dict)
    lines: dict[str, Outcomes] = field(default_factory=dict)
    frames: dict[str, tuple[int, Outcomes]] = field(default_factory=dict)
    imports: Timed | None = None
    loads: dict[str, Load | Refused] = field(default_factory=dict)
    growth: list[Curve] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write the results as JSON, one result a line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_indented(self._plain()) + "\n", encoding="utf-8")

    def _plain(self) -> dict[str, Any]:
        return {
            "machine": self.machine,
            "decisions": {name: _plain(each) for name, each in self.decisions.items()},
            "lines": {name: _plain(each) for name, each in self.lines.items()},
            "frames": {
                name: {"rows": rows, "outcomes": _plain(each)}
                for name, (rows, each) in self.frames.items()
            },
            "import": None if self.imports is None else {"runs": self.imports.runs},
            "loads": {
                name: each.plain() if isinstance(each, Load) else outcomes.plain(each)
                for name, each in self.loads.items()
            },
            "growth": [each.plain() for each in self.growth],
        }

    @classmethod
    def read(cls, path: Path) -> Results:
        """Return the results that `write` wrote."""
        data = exact_json.read(path.read_bytes())
        imports = data["import"]
        return cls(
            data["machine"],
            {name: _read(each) for name, each in data["decisions"].items()},
            {name: _read(each) for name, each in data["lines"].items()},
            {
                name: (each["rows"], _read(each["outcomes"]))
                for name, each in data["frames"].items()
            },
            None if imports is None else Timed(tuple(map(float, imports["runs"]))),
            {
                name: Refused(each["reason"]) if "reason" in each else Load.read(each)
                for name, each in data["loads"].items()
            },
            [Curve.read(each) for each in data["growth"]],
        )


def _plain(found: Outcomes) -> dict[str, Any]:
    return {name: outcomes.plain(outcome) for name, outcome in found.items()}


def _read(data: Mapping[str, Any]) -> Outcomes:
    return {name: outcomes.outcome(each) for name, each in data.items()}


def _indented(value: Any, depth: int = 0) -> str:
    """Return JSON with an object's fields on lines of their own, down to what was measured."""
    if not isinstance(value, Mapping | list) or not value or "kind" in value or "runs" in value:
        return exact_json.write(value)
    margin = "  " * (depth + 1)
    if isinstance(value, list):
        lines = [margin + _indented(each, depth + 1) for each in value]
        return "[\n" + ",\n".join(lines) + "\n" + "  " * depth + "]"
    lines = [
        f"{margin}{exact_json.write(name)}: {_indented(each, depth + 1)}"
        for name, each in value.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n" + "  " * depth + "}"


def machine() -> dict[str, str]:
    """Return what the times depend on: the processor, and the versions of who takes part."""
    found = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "Python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "missing"
    found["Java"] = _said("java", "-version")
    found["node"] = _said("node", "--version")
    return found


def pace() -> float:
    """Return the seconds of a plain loop: a machine that others use too has days, and hours.

    It is measured before a run and after each of its parts.
    """
    start, total = perf_counter(), 0
    for each in range(1_000_000):
        total += each
    return perf_counter() - start


def _processor() -> str:
    cpu = Path("/proc/cpuinfo")
    if cpu.exists():
        for line in cpu.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _said(*command: str) -> str:
    """Return the first line that a command says of itself."""
    if not shutil.which(command[0]):
        return "missing"
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return (done.stdout or done.stderr).splitlines()[0]
