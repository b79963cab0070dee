"""Who takes part, how each is started, and what each needs to be there."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.tasks import Kind

ROOT: Final = Path(__file__).resolve().parents[1]
JAR: Final = ROOT / "build" / "benchmarks" / "jvm" / "benchmarks.jar"
NODE: Final = ROOT / "benchmarks" / "node"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One who takes part. `missing` says what is not installed, None if all is there."""

    name: str
    kind: Kind
    command: tuple[str, ...]
    missing: Callable[[], str | None]
    warm: float = 0.5
    """Seconds of decisions before any is timed, so that a just-in-time compiler has done."""
    only: frozenset[str] | None = None
    """The tasks that it is asked, where they are not all of its kind."""


def _python(
    name: str,
    label: str,
    kind: Kind,
    needs: str | None = None,
    only: frozenset[str] | None = None,
) -> Contestant:
    def missing() -> str | None:
        if needs is None or find_spec(needs):
            return None
        return f"the Python package {needs} is not installed"

    command = (sys.executable, "-m", "benchmarks.worker", name)
    return Contestant(label, kind, command, missing, only=only)


def _java(engine: str, label: str) -> Contestant:
    def missing() -> str | None:
        if not shutil.which("java"):
            return "there is no java"
        return None if JAR.exists() else "its Java program is not built"

    command = ("java", "-Xmx3g", "-XX:+UseParallelGC", "-jar", str(JAR), engine)
    return Contestant(label, "decisions", command, missing, warm=6.0)


def _feelin() -> Contestant:
    def missing() -> str | None:
        if not shutil.which("node"):
            return "there is no node"
        return None if (NODE / "node_modules" / "feelin").is_dir() else "npm has not installed it"

    command = ("node", str(NODE / "feelin.js"))
    return Contestant("feelin", "decisions", command, missing, warm=2.0, only=frozenset({"W1"}))


CHAIN: Final = _python("chain", "floor: generated Python", "decisions")
MASKS: Final = _python("masks", "floor: generated bit masks", "decisions")
FLOORS: Final = (CHAIN, MASKS)
PYDMN: Final = _python("pydmn", "pydmn", "decisions")

DECISIONS: Final = (
    *FLOORS,
    PYDMN,
    _python("zen", "zen-engine", "decisions", "zen"),
    _java("kie", "KIE Drools DMN"),
    _java("camunda", "Camunda dmn-engine"),
    _feelin(),
    _python("spiff", "SpiffWorkflow", "decisions", "SpiffWorkflow"),
)
LINES: Final = (_python("medpolicy", "medpolicy", "lines"),)
# A contestant that takes whole frames is a line here, a line in `contestants`, and a function of
# a task's folder that ends in `contestants.whole.ready`.
TABLES: Final = frozenset({"W1 from strings", "W1 from codes", "W2_1k from strings"})
FRAMES: Final = (
    _python("frame", "pydmn", "frame", "polars", TABLES),
    _python("claims", "medpolicy", "frame", "polars", frozenset({"CG-SURG-106"})),
    _python("duckdb", "DuckDB SQL", "frame", "duckdb", TABLES),
    _python("polars", "polars expressions", "frame", "polars", TABLES),
)
