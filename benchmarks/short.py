"""The short form: pydmn against the floor, each workload's ratio against the committed one.

A ratio is pydmn's fastest run over the floor's fastest run, of many short runs in turn, each in
processor time: what else a shared machine does makes a run longer, never shorter. A ratio that is
more than 30 % above the committed one is measured once more, and then fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import exact_json, tasks
from benchmarks.contest import Rules, contest
from benchmarks.outcomes import Outcome, Timed
from benchmarks.roster import FLOORS, PYDMN, ROOT, Contestant
from benchmarks.tables import Workload
from benchmarks.workloads import workloads

RATIOS: Final = ROOT / "benchmarks" / "ratios.json"
BUILD: Final = ROOT / "build" / "benchmarks"
RULES: Final = Rules(runs=80, seconds=0.006, limit=60.0, warm=0.2, clock="processor")
RECORDS: Final = 250
MOST_RISE: Final = 1.3
WORKLOADS: Final = ("W1", "W2_1k", "W2_10k", "W3_100", "W3_1k", "W4", "W5")


class NoRatio(Exception):
    """A ratio could not be measured: an answer was wrong, or a contestant was lost."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of one decision, of the faster floor and of pydmn."""

    floor: float
    pydmn: float

    @property
    def ratio(self) -> float:
        """How many times the floor's time pydmn takes."""
        return self.pydmn / self.floor


def measured(
    workload: Workload,
    rules: Rules = RULES,
    contestants: Iterable[Contestant] = (*FLOORS, PYDMN),
    under: Path = BUILD,
) -> Measured:
    """Return the fastest runs at `workload`. Raises `NoRatio` for an answer that is wrong."""
    task = tasks.decisions(workload, under / "tasks")
    outcomes = contest(task, contestants, rules, under / "logs", _silent)
    times = {name: _time(workload.name, name, outcome) for name, outcome in outcomes.items()}
    return Measured(min(times[each.name] for each in FLOORS), times[PYDMN.name])


def _silent(_: str) -> None:
    """Say nothing: the table says it all."""


def _time(workload: str, contestant: str, outcome: Outcome) -> float:
    if not isinstance(outcome, Timed):
        raise NoRatio(f"{workload}, {contestant}: {outcome}")
    return outcome.least


def too_slow(ratio: float, committed: float) -> bool:
    """Say whether a ratio is worse than the committed one by more than is allowed."""
    return ratio > committed * MOST_RISE


def committed(path: Path = RATIOS) -> Mapping[str, float]:
    """Return the committed ratios by workload."""
    ratios = exact_json.read(path.read_bytes())
    return {name: float(ratio) for name, ratio in ratios.items()}


def run(write: bool = False) -> int:
    """Print the ratios; 1 if one is too high. With `write` they become the committed ones."""
    before = {} if write else committed()
    found = {}
    slow = []
    print(f"{'':8} {'floor':>11} {'pydmn':>11} {'ratio':>8} {'committed':>10}")
    made = workloads(records=RECORDS, names=WORKLOADS)
    for name in WORKLOADS:
        best = measured(made[name])
        if not write and too_slow(best.ratio, before[name]):
            print(f"{name:8} {best.ratio:.1f} is too high: once more")
            best = min(best, measured(made[name]), key=lambda each: each.ratio)
        found[name] = best.ratio
        print(
            f"{name:8} {best.floor * 1e6:8.2f} µs {best.pydmn * 1e6:8.2f} µs {best.ratio:8.2f}"
            f" {before.get(name, best.ratio):10.2f}",
            flush=True,
        )
        if not write and too_slow(best.ratio, before[name]):
            slow.append(name)
    if write:
        lines = [f'  "{name}": {ratio:.2f}' for name, ratio in found.items()]
        RATIOS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
        print(f"{RATIOS.relative_to(ROOT)} written")
    elif slow:
        rise = round(100 * (MOST_RISE - 1))
        print(f"slower against the floor by more than {rise} %: {', '.join(slow)}")
    else:
        print("no ratio has risen by more than is allowed")
    return int(bool(slow))
