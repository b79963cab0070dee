"""Any decision that is no plain table: as expressions of polars, or by what occurs.

An expression that means the same is worked out for all rows at once. Where there is none, each
combination of what the decision reads is decided once, as a record is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from pydmn.backends.to_polars.coding import Coded, combinations, tuples
from pydmn.backends.to_polars.result import Refusal, Refused
from pydmn.backends.to_polars.shapes import Term, Untranslated
from pydmn.backends.to_polars.tables import Runs, mentioned
from pydmn.backends.to_polars.translator import Names, Translator
from pydmn.backends.to_polars.values import Answer, Answers
from pydmn.limits import Limits
from pydmn.plan.logic import Broken, Feel, Plan, Requirement, Step
from pydmn.run import Run

Evaluate: TypeAlias = Callable[[Step, Run, Mapping[str, Any]], Answer]
"""Gives the value of a step and the ids of the rules hit, for values of what it requires."""


class LogicAnswers:
    """The answers of one step, whatever its logic."""

    def __init__(self, step: Step, plan: Plan, evaluate: Evaluate) -> None:
        self._step = step
        self._plan = plan
        self._evaluate = evaluate
        self.reads = frozenset(each.key for each in step.requirements)
        if isinstance(step.logic, Feel):
            names = mentioned([_name(each) for each in step.requirements], [step.logic])
            self.reads = frozenset(each.key for each in step.requirements if _name(each) in names)

    # --- as an expression --------------------------------------------------------------

    def term(self, known: Callable[[str], Term], limits: Limits) -> tuple[Term, int]:
        """Return the answers as a term, and the steps that a record takes at most.

        `known` gives what is required by key. Raises `Untranslated`.
        """
        step = self._step
        if step.kind != "decision" or step.logic is None or isinstance(step.logic, Broken):
            raise Untranslated(f"a {step.kind}")
        translator = Translator(limits, lambda each: self._names(each, known))
        term = translator.logic(step.logic, self._names(step, known))
        if step.item != step.logic.item:
            term = translator.asked(term, step.item)
        return term, translator.steps

    def _names(self, step: Step, known: Callable[[str], Term]) -> Names:
        """Return what the names mean that a decision or knowledge model sees."""
        required = {_name(each): each for each in step.requirements}

        def names(name: str) -> Term | Step | None:
            found = required.get(name)
            if found is None:
                return None
            if found.package:
                raise Untranslated(f"`{name}`, a name of an import")
            meant = self._plan.steps[found.key]
            return meant if meant.kind == "knowledge" else known(found.key)

        return names

    # --- by what occurs ----------------------------------------------------------------

    def few(self, known: Mapping[str, Coded], rows: int, most: int) -> bool:
        """Say whether what is read, `known` as codes, has at most `most` combinations."""
        if any(each.size > most for each in known.values()):
            return False
        found = combinations([each.part for each in known.values()], rows, most)
        return found is not None and found.count <= most

    def answers(
        self, known: Mapping[str, Coded], rows: int, most: int, runs: Runs, why: str
    ) -> Coded:
        """Return the answers of `rows`, of what is `known` by key; `why` it is no expression.

        Raises `Refused` where more than `most` combinations have to be decided.
        """
        keys = sorted(self.reads & known.keys())
        read = [known[key] for key in keys]
        found = combinations([each.part for each in read], rows, most)
        if found is None or found.count > most:
            reason = f"{why}; and more than {most:,} different combinations of what it reads"
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


def _name(requirement: Requirement) -> str:
    """Return the name under which a requirement is seen: that of its import, if it has one."""
    return (requirement.package or (requirement.name,))[0]
