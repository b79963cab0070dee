"""The seed bank: what a judge confirmed, small, to be replayed where there is no Java."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import normal
from normal import Normal
from peers import Question

import pydmn

FILE: Final = Path(__file__).parents[2] / "tests" / "differential" / "bank.jsonl"
FOLDER: Final = Path(__file__).parents[2] / "build" / "differential"

_LONGEST: Final = 90
_VALUES: Final = 12
_NULLS: Final = 3
_MOVING: Final = ("now(", "today(")


@dataclass(slots=True)
class Bank:
    """Some questions of each operator and built-in, with the answer that a judge gave.

    A seed has `expression` or `tests` (then `tested` too), `inputs` and `value`: FEEL literals.
    A table has its `model` for a text.
    """

    seeds: dict[tuple[str, bool], list[dict[str, Any]]] = field(default_factory=dict)

    def offer(
        self,
        production: str,
        question: Question,
        row: Mapping[str, str],
        answers: Sequence[Normal],
    ) -> None:
        """Keep an answer that a judge shares with the subject, if there is room for it."""
        mine, *others = answers
        confirmed = [each for each in others if not normal.failed(each)]
        kept = self.seeds.setdefault((production, mine is None), [])
        room = _NULLS if mine is None else _VALUES
        if (
            not normal.written(mine)
            or not any(normal.same(mine, each) for each in confirmed)
            or len(kept) >= room
            or (len(question.text) > _LONGEST and question.kind != "table")
            or any(word in question.text for word in _MOVING)
        ):
            return
        text = {"unary": "tests", "table": "model"}.get(question.kind, "expression")
        seed: dict[str, Any] = {text: question.text}
        if question.kind == "unary":
            seed["tested"] = row["?"]
        seed["inputs"] = {name: each for name, each in row.items() if name != "?"}
        seed["value"] = normal.literal(next(each for each in confirmed if normal.same(mine, each)))
        if all(each[text] != question.text for each in kept) and not _is_shown_twice(seed["value"]):
            kept.append(seed)

    def write(self, label: str) -> None:
        """Write the seeds of the part of a run that is called `label`, one a line."""
        seeds = [each for key in sorted(self.seeds) for each in self.seeds[key]]
        path = FOLDER / f"bank-{label}.jsonl"
        path.write_text("".join(map(_line, seeds)), encoding="utf-8")


def _is_shown_twice(literal: str) -> bool:
    """Say whether a moment lies in an hour that its clock shows twice: its text names the first."""
    value = pydmn.feel(literal)
    if not isinstance(value, datetime) or value.tzinfo is None:
        return False
    return value.replace(fold=1).utcoffset() != value.replace(fold=0).utcoffset()


def collect() -> int:
    """Write the seeds of all runs to the bank, each once, and return how many."""
    lines = [
        line
        for path in sorted(FOLDER.glob("bank-*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
    ]
    FILE.write_text("".join(dict.fromkeys(lines)), encoding="utf-8")
    return len(set(lines))


def _line(seed: Mapping[str, Any]) -> str:
    return json.dumps(seed, ensure_ascii=False, separators=(",", ":")) + "\n"
