"""Any other decision over coded columns: each combination of what it reads, decided once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from pydmn.backends.to_polars.coding import Coded, combinations, tuples
from pydmn.backends.to_polars.result import Refusal, Refused
from pydmn.backends.to_polars.tables import Runs, mentioned
from pydmn.backends.to_polars.values import Answer, Answers
from pydmn.plan.logic import Feel, Step
from pydmn.run import Run

Evaluate: TypeAlias = Callable[[Step, Run, Mapping[str, Any]], Answer]
"""Gives the value of a step and the ids of the rules hit, for values of what it requires."""


class LogicAnswers:
    """The answers of one step, whatever its logic."""

    def __init__(self, step: Step, evaluate: Evaluate) -> None:
        self._step = step
        self._evaluate = evaluate
        self.reads = frozenset(each.key for each in step.requirements)
        if isinstance(step.logic, Feel):
            names = mentioned(
                [(each.package or (each.name,))[0] for each in step.requirements], [step.logic]
            )
            self.reads = frozenset(
                each.key for each in step.requirements if (each.package or (each.name,))[0] in names
            )

    def answers(self, known: Mapping[str, Coded], rows: int, most: int, runs: Runs) -> Coded:
        """Return the answers of `rows`, of what is `known` by key.

        Raises `Refused` where more than `most` combinations have to be decided.
        """
        keys = sorted(self.reads & known.keys())
        read = [known[key] for key in keys]
        found = combinations([each.part for each in read], rows, most)
        if found is None or found.count > most:
            reason = f"has more than {most:,} different combinations of what it reads"
            raise Refused(Refusal(self._step.name, self._place(), reason))
        answers = Answers()
        numbers = np.empty(found.count, np.uint32)
        for number, values in enumerate(tuples(read, found)):
            given = dict(zip(keys, values, strict=True))
            numbers[number] = answers.number(self._evaluate(self._step, runs(), given))
        return answers.coded(found.spread(numbers))

    def _place(self) -> str:
        logic = self._step.logic
        return f"`{logic.source.text.strip()}`" if isinstance(logic, Feel) else ""
