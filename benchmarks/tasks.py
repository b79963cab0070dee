"""What contestants are asked: a folder of files to read, and the right answers, kept back.

decisions       a workload's records, one after another; µs a decision
lines           a policy's request lines; µs a line
frame           a table of rows at once; rows a second
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from benchmarks import oracle, tables
from benchmarks.dmn_text import dmn
from benchmarks.tables import Workload

Kind: TypeAlias = Literal["decisions", "lines", "frame"]
Judge: TypeAlias = Callable[[Sequence[Any]], Iterator["Error"]]


@dataclass(frozen=True, slots=True)
class Error:
    """A wrong answer."""

    asked: Any
    given: Any
    right: Any

    def __str__(self) -> str:
        """Return it in one line, cut where it is long."""
        return f"{_short(self.given)} where {_short(self.right)} is right, for {_short(self.asked)}"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: `judge` yields what is wrong with the answers, `count` is how many."""

    name: str
    kind: Kind
    folder: Path
    count: int
    judge: Judge


def decisions(workload: Workload, under: Path) -> Task:
    """Return the task of a workload; its files are `workload.json` and `model.dmn`."""
    folder = under / workload.name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    tables.save(workload, folder / "workload.json")
    (folder / "model.dmn").write_bytes(dmn(workload))
    right = oracle.answers(workload)

    def judge(given: Sequence[Any]) -> Iterator[Error]:
        yield from compared(workload.records, given, right)

    return Task(workload.name, "decisions", folder, len(right), judge)


def compared(
    asked: Sequence[Any],
    given: Sequence[Any],
    right: Sequence[Any],
    same: Callable[[Any, Any], bool] = oracle.same,
) -> Iterator[Error]:
    """Yield an error for each answer that is not the right one, or that is not there."""
    for number, record in enumerate(asked):
        came = given[number] if number < len(given) else "no answer"
        if not same(came, right[number]):
            yield Error(record, came, right[number])


def _short(value: Any, most: int = 120) -> str:
    text = str(value)
    return text if len(text) <= most else f"{text[: most - 4]} ..."
