"""A contest: every answer of every contestant judged, then all timed in turn, run by run.

Whoever answers wrongly, refuses or is not there has that for an outcome, and no time. The runs of
the contestants alternate, so that what else happens on the machine hits all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.outcomes import Missing, NotAsked, Outcome, Refused, Timed, Wrong
from benchmarks.program import Lost, Program
from benchmarks.roster import Contestant
from benchmarks.tasks import Task


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a contest lasts.

    `runs` of `seconds` each for each contestant, whole rotations of the records where those are
    shorter; `limit` seconds for one answer of a program; `warm` scales the warm-up.
    `clock` is the time that counts: all that passes, or the processor's, of Python alone.
    """

    runs: int = 7
    seconds: float = 0.3
    limit: float = 1_800.0
    warm: float = 1.0
    clock: Literal["seconds", "processor"] = "seconds"


Say = Callable[[str], None]


def contest(
    task: Task, contestants: Iterable[Contestant], rules: Rules, logs: Path, say: Say
) -> Mapping[str, Outcome]:
    """Return the outcome of each contestant at `task`, by name and in their order."""
    logs.mkdir(parents=True, exist_ok=True)
    contestants = tuple(contestants)
    outcomes: dict[str, Outcome] = {}
    with ExitStack() as stack:
        runners = []
        for contestant in contestants:
            outcome = _absent(contestant, task)
            if outcome is None:
                log = logs / f"{task.folder.name}-{contestant.name.replace(' ', '-')}.log"
                command = list(contestant.command)
                program = stack.enter_context(Program(command, log, rules.limit))
                outcome = _judged(program, task)
                if outcome is None:
                    runners.append(_Runner(contestant, program, task, rules))
            if outcome is not None:
                outcomes[contestant.name] = outcome
                say(f"{task.name}, {contestant.name}: {outcome}")
        for runner in runners:
            runner.warm()
        for _ in range(rules.runs):
            for runner in runners:
                runner.run()
        for runner in runners:
            outcomes[runner.name] = runner.outcome()
            say(f"{task.name}, {runner.name}: {outcomes[runner.name]}")
    return {each.name: outcomes[each.name] for each in contestants}


def _absent(contestant: Contestant, task: Task) -> Outcome | None:
    if contestant.only is not None and task.name not in contestant.only:
        return NotAsked(f"only {', '.join(sorted(contestant.only))}")
    missing = contestant.missing()
    return None if missing is None else Missing(missing)


def _judged(program: Program, task: Task) -> Outcome | None:
    """Return what is wrong with the program's answers; None if all of them are right."""
    try:
        loaded = program.ask(do="load", folder=str(task.folder))
        if "refused" in loaded:
            return Refused(loaded["refused"])
        answers = program.ask(do="answer")["answers"]
    except Lost as lost:
        return Refused(str(lost))
    errors = list(task.judge(answers))
    return Wrong(len(errors), task.count, str(errors[0])) if errors else None


class _Runner:
    """A contestant whose answers are right, being timed."""

    def __init__(self, contestant: Contestant, program: Program, task: Task, rules: Rules) -> None:
        self.name = contestant.name
        self._warm = contestant.warm * rules.warm
        self._program = program
        self._task = task
        self._rules = rules
        self._calls = 1
        self._runs: list[float] = []
        self._lost: Lost | None = None

    def warm(self) -> None:
        """Decide for a while, and find how many calls make a run."""
        spent = 0.0
        calls, seconds = 1, self._seconds(1)
        while self._lost is None and (spent := spent + seconds) < max(self._warm, 0.05):
            calls = max(1, min(4 * calls, int(calls * 0.5 / max(seconds, 1e-9))))
            seconds = self._seconds(calls)
        if self._lost is None:
            self._calls = self._whole(calls * self._rules.seconds / max(seconds, 1e-9))

    def _whole(self, calls: float) -> int:
        """Return a number of calls, of whole rotations where there are that many.

        The records of a frame's task are one: the frame.
        """
        records = 1 if self._task.kind == "frame" else self._task.count
        rotations = round(calls / records)
        return rotations * records if rotations else max(1, round(calls))

    def run(self) -> None:
        """Time one run."""
        seconds = self._seconds(self._calls)
        if self._lost is None:
            self._runs.append(seconds / self._calls)

    def _seconds(self, calls: int) -> float:
        if self._lost is None:
            try:
                return float(self._program.ask(do="time", calls=calls)[self._rules.clock])
            except Lost as lost:
                self._lost = lost
        return 0.0

    def outcome(self) -> Outcome:
        """Return the times; a program that was lost on the way has none."""
        return Timed(tuple(self._runs)) if self._lost is None else Refused(str(self._lost))
