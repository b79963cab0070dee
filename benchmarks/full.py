"""The full form: every contestant at every task, in one run; leaves RESULTS.md and its plots."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import frames, growth, lines, plots, readme, report, startup, tasks
from benchmarks.contest import Rules, contest
from benchmarks.outcomes import Refused
from benchmarks.results import PACE, Results, machine, pace
from benchmarks.roster import DECISIONS, FRAMES, LINES, ROOT
from benchmarks.short import BUILD
from benchmarks.tables import Workload
from benchmarks.tasks import Task
from benchmarks.workloads import SEED, code_table, guideline, workloads

HERE: Final = ROOT / "benchmarks"
ROWS: Final = 1_000_000
REQUESTS: Final = 200
LOADED: Final = ("W1", "W2_10k", "Medical Services")


def run(only: frozenset[str], rules: Rules, out: Path = HERE) -> int:
    """Run the parts in `only`, all if there are none; write the results after each part.

    What `only` leaves out stays as the last run found it. Always returns 0: a contestant that
    is wrong or missing is a result.
    """
    path = out / "results.json"
    results = Results.read(path) if only and path.exists() else Results(machine())
    paces = [pace()]
    for name, part in PARTS.items():
        if not only or name in only:
            part(results, rules)
            paces.append(pace())
            results.machine[PACE] = _milliseconds(paces)
            results.write(path)
    show(results, out)
    return 0


def show(results: Results, out: Path = HERE) -> None:
    """Write the report and its plots in `out`; the benchmark's own are in the README too."""
    report.write(results, out / "RESULTS.md")
    plots.write(results, out)
    if out == HERE:
        readme.write(results, ROOT / "README.md")
    _say(f"{out / 'RESULTS.md'} written")


def _milliseconds(seconds: list[float]) -> str:
    low, middle, high = (1e3 * each for each in (min(seconds), median(seconds), max(seconds)))
    return f"{middle:.0f} ms ({low:.0f} to {high:.0f})"


def _say(text: str) -> None:
    print(text, flush=True)


def _decisions(results: Results, rules: Rules) -> None:
    results.decisions.clear()
    for workload in workloads().values():
        task = tasks.decisions(workload, BUILD / "tasks")
        results.decisions[task.name] = contest(task, DECISIONS, rules, BUILD / "logs", _say)


def _lines(results: Results, rules: Rules) -> None:
    results.lines.clear()
    for name, missing in (("all facts known", 0), ("two facts missing", lines.MISSING)):
        task = lines.task(name, missing, REQUESTS, BUILD / "tasks")
        results.lines[name] = contest(task, LINES, rules, BUILD / "logs", _say)


def _frames(results: Results, rules: Rules) -> None:
    results.frames.clear()
    for task in _frame_tasks():
        results.frames[task.name] = (
            task.count,
            contest(task, FRAMES, rules, BUILD / "logs", _say),
        )


def _frame_tasks() -> Iterator[Task]:
    under = BUILD / "tasks"
    steps, draw = guideline(random.Random(SEED))
    yield frames.frame(Workload("W1", steps, ()), draw, ROWS, under)
    yield frames.frame(Workload("W1", steps, ()), draw, ROWS, under, coded=True)
    steps, draw = code_table(random.Random(SEED), 1_000)
    yield frames.frame(Workload("W2_1k", steps, ()), draw, ROWS, under)
    yield frames.policy_lines(ROWS, under)


def _startup(results: Results, rules: Rules) -> None:
    results.imports = startup.imports()
    _say(f"import: {results.imports.median * 1e3:.1f} ms")
    results.loads.clear()
    for name, workload in workloads(records=1, names=LOADED).items():
        try:
            load = startup.load(workload, BUILD / "tasks", rules.runs, rules.limit)
        except startup.NotLoaded as error:
            results.loads[name] = Refused(str(error))
        else:
            results.loads[name] = load
        _say(f"load {name}: {results.loads[name]}")


def _growth(results: Results, rules: Rules) -> None:
    limit = rules.limit / 3
    results.growth = growth.over_rules(BUILD, _say, limit=limit) + growth.over_rows(BUILD, _say)


PARTS: Final[Mapping[str, Callable[[Results, Rules], None]]] = {
    "decisions": _decisions,
    "lines": _lines,
    "frames": _frames,
    "startup": _startup,
    "growth": _growth,
}
