"""What is asked both ways: every policy's decisions, and the benchmark's workloads."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agreement import records

import pydmn
from benchmarks.dmn_text import dmn
from benchmarks.tables import Workload
from benchmarks.workloads import SEED, chain, code_table, flags, guideline, intervals

POLICIES = Path(__file__).parents[2] / "policies"
DECISIONS = ("Disposition", "Criteria result", "Recommendation", "Flags", "Governed by")
"""What a line of a policy is asked; together they read every other decision."""

WORKLOADS = {
    "W1": guideline,
    "W2 1k": lambda stream: code_table(stream, 1_000),
    "W2 10k": lambda stream: code_table(stream, 10_000),
    "W3 100": lambda stream: intervals(stream, 100),
    "W3 1k": lambda stream: intervals(stream, 1_000),
    "W4": lambda _: flags(),
    "W5": lambda _: chain(),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A model and the decisions of it that are compared."""

    name: str
    model: pydmn.Model
    decisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one decision fared: `different` answers came, `wrong` rows had not the record's."""

    subject: str
    decision: str
    path: str
    rows: int
    different: int
    nulls: int
    wrong: tuple[Any, ...]


FILES = {str(path.parent.relative_to(POLICIES)): path for path in sorted(POLICIES.rglob("*.dmn"))}
NAMES = (*FILES, *WORKLOADS)


def subject(name: str) -> Subject:
    """Return a policy by its folder's name, or a workload of the benchmark."""
    if name in FILES:
        model = pydmn.load(FILES[name])
        return Subject(name, model, tuple(each for each in DECISIONS if each in model.names))
    stream = random.Random(f"{SEED} {name}")  # noqa: S311  the same model in each run
    steps, _ = WORKLOADS[name](stream)
    made = dmn(Workload(name, steps, ()))
    return Subject(name, pydmn.load(made), tuple(each.name for each in steps))


def compared(asked: Subject, rows: int, seed: int, part: int = 100_000) -> Iterator[Agreement]:
    """Yield how each decision of a model answers `rows` records, by columns and one by one."""
    for name in asked.decisions:
        paths, different, nulls, wrong, done = set(), set(), 0, [], 0
        chance = random.Random(f"{seed} {asked.name}")  # noqa: S311  the same records
        decide = asked.model.decision(name)
        while done < rows:
            frame = records.frame(asked.model, min(part, rows - done), chance)
            result = asked.model.evaluate_frame(name, frame)
            paths.add(result.path)
            answers = result.frame[name].to_list()
            for row, answer in zip(frame.iter_rows(named=True), answers, strict=True):
                right = bare(decide(row))
                if type(right) is not type(answer) or right != bare(answer):
                    wrong.append((row, answer, right))
                nulls += right is None
                different.add(str(right))
            done += len(frame)
        path = ", ".join(sorted(paths))
        yield Agreement(asked.name, name, path, done, len(different), nulls, tuple(wrong))


def bare(value: Any) -> Any:
    """Return a value without entries that are null: a struct does not tell them from absent."""
    if isinstance(value, dict):
        return {name: bare(each) for name, each in value.items() if each is not None}
    return [bare(each) for each in value] if isinstance(value, list) else value
