"""How times grow: with the rules of a table, from 10 to 100,000, and with the rows of a frame.

Where a time grows faster than n log n allows, from one size to the next, the curve says so.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from benchmarks import startup, tasks
from benchmarks.contest import Rules, Say, contest
from benchmarks.growing import KINDS
from benchmarks.outcomes import NotAsked, Timed
from benchmarks.roster import CHAIN, FRAMES, MASKS, PYDMN
from benchmarks.tables import Workload
from benchmarks.workloads import SEED, distinct, guideline

RULES: Final = (10, 100, 1_000, 10_000, 100_000)
ROWS: Final = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
RECORDS: Final = 100
SLACK: Final = 1.3
"""How much more than n log n a step may cost before it is called worse: what noise does."""

# The floor that serves each kind of table.
_FLOORS: Final = {"equalities": CHAIN, "intervals": MASKS, "mixed": MASKS, "many hits": CHAIN}


@dataclass(frozen=True, slots=True)
class Curve:
    """Seconds by size; `gaps` says why a size has none."""

    name: str
    seconds: Mapping[int, float]
    gaps: Mapping[int, str]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "name": self.name,
            "seconds": {str(size): each for size, each in self.seconds.items()},
            "gaps": {str(size): why for size, why in self.gaps.items()},
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Curve:
        """Return what `plain` made `data` of."""
        seconds = {int(size): float(each) for size, each in data["seconds"].items()}
        return cls(data["name"], seconds, {int(size): why for size, why in data["gaps"].items()})

    def worse(self) -> Iterator[str]:
        """Yield, in words, each step in which the time grows by more than n log n allows."""
        sizes = sorted(self.seconds)
        for size, larger in pairwise(sizes):
            grown = self.seconds[larger] / self.seconds[size]
            allowed = larger * math.log(larger) / (size * math.log(size))
            if grown > allowed * SLACK:
                yield (
                    f"{self.name}: from {size:,} to {larger:,} it takes {grown:.1f} times as long,"
                    f" and n log n allows {allowed:.1f}"
                )


class _Growing:
    """Curves as their points come in."""

    def __init__(self) -> None:
        self._seconds: dict[str, dict[int, float]] = {}
        self._gaps: dict[str, dict[int, str]] = {}

    def add(self, name: str, size: int, seconds: float) -> None:
        self._seconds.setdefault(name, {})[size] = seconds

    def gap(self, name: str, size: int, why: str) -> None:
        self._seconds.setdefault(name, {})
        self._gaps.setdefault(name, {})[size] = why

    def curves(self) -> list[Curve]:
        return [
            Curve(name, points, self._gaps.get(name, {})) for name, points in self._seconds.items()
        ]


def over_rules(
    under: Path, say: Say, sizes: Sequence[int] = RULES, limit: float = 300.0
) -> list[Curve]:
    """Return the curves of a decision, by pydmn and by the floor, and of loading the model.

    What takes more than `limit` seconds is a gap.
    """
    growing = _Growing()
    rules = Rules(runs=3, seconds=0.1, limit=limit, warm=0.5)
    for kind, floor in _FLOORS.items():
        make = KINDS[kind]
        for size in sizes:
            steps, draw = make(random.Random(f"{SEED} {kind} {size}"), size)
            name = f"{kind} {size}"
            workload = Workload(name, steps, distinct(name, draw, SEED, RECORDS))
            task = tasks.decisions(workload, under / "tasks")
            outcomes = contest(task, (floor, PYDMN), rules, under / "logs", say)
            for who, outcome in outcomes.items():
                curve = f"a decision, {kind}, {who}"
                if isinstance(outcome, Timed):
                    growing.add(curve, size, outcome.least)
                else:
                    growing.gap(curve, size, str(outcome))
            curve = f"load, {kind}"
            try:
                loaded = startup.load(workload, under / "tasks", runs=3, limit=limit)
            except startup.NotLoaded as error:
                growing.gap(curve, size, str(error))
            else:
                growing.add(curve, size, loaded.seconds.least)
                say(f"{name}: load {loaded.seconds.least:.3f} s")
    return growing.curves()


def over_rows(under: Path, say: Say, sizes: Sequence[int] = ROWS) -> list[Curve]:
    """Return the curves of W1 over frames, by each contestant that takes frames."""
    from benchmarks import frames  # its libraries come with the extra `bench`

    growing = _Growing()
    steps, draw = guideline(random.Random(SEED))
    rules = Rules(runs=3, seconds=0.2)
    for size in sizes:
        task = frames.frame(Workload("W1", steps, ()), draw, size, under / "tasks")
        for who, outcome in contest(task, FRAMES, rules, under / "logs", say).items():
            if isinstance(outcome, Timed):
                growing.add(f"W1 over a frame, {who}", size, outcome.least)
            elif not isinstance(outcome, NotAsked):
                growing.gap(f"W1 over a frame, {who}", size, str(outcome))
    return growing.curves()
