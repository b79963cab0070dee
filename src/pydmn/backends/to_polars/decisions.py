"""A graph of decisions over a frame, in the order in which one record takes it (DMN 1.5, 10.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import repeat
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl

from pydmn.backends.to_polars import answers
from pydmn.backends.to_polars.coding import Coded
from pydmn.backends.to_polars.inputs import Inputs, frame_of, like
from pydmn.backends.to_polars.logic import LogicAnswers
from pydmn.backends.to_polars.result import FrameResult, Path, Refusal, Refused, not_columnar
from pydmn.backends.to_polars.tables import TableAnswers, is_plain
from pydmn.backends.to_python import Compiler
from pydmn.limits import Limits
from pydmn.plan.effects import is_pure
from pydmn.plan.logic import Plan, Step
from pydmn.run import Clock, Run

One: TypeAlias = Callable[[Mapping[str, Any], bool], tuple[Any, tuple[str, ...]]]
"""Decides one record: the host's value, and if asked the ids of the rules hit."""

FEWEST: Final = 10_000
"""So many combinations are decided whatever the number of rows; of more, half of the rows."""


class FramePlan:
    """One decision of a model, ready for frames.

    `steps` are what it needs, in order, the decision the last; `inputs` the input data by column
    name; `compiler` makes what decides one step, `one` decides one record.
    """

    def __init__(
        self,
        plan: Plan,
        steps: tuple[Step, ...],
        inputs: Mapping[str, Step],
        compiler: Compiler,
        one: One,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._plan = plan
        self._steps = steps
        self._asked = steps[-1]
        self._all_inputs = inputs
        self._compiler = compiler
        self._one = one
        self._limits = limits
        self._clock = clock

    @cached_property
    def _answers(self) -> tuple[tuple[Step, TableAnswers | LogicAnswers], ...]:
        return tuple(
            (
                step,
                TableAnswers(step, self._compiler.functions)
                if is_plain(step)
                else LogicAnswers(step, self._compiler.value),
            )
            for step in self._steps
        )

    @cached_property
    def inputs(self) -> Inputs:
        """The columns that some decision reads; others may be absent."""
        reads = frozenset[str]().union(*(each.reads for _, each in self._answers))
        steps = {name: step for name, step in self._all_inputs.items() if step.key in reads}
        return Inputs(steps, self._plan.types, self._limits)

    @cached_property
    def refusals(self) -> tuple[Refusal, ...]:
        """What stands against columns, whatever the frame."""
        if self._asked.kind != "decision":
            reason = f"is a {self._asked.kind}; frames are for decisions"
            return (Refusal(self._asked.name, "", reason),)
        called = any(step.kind == "service" for step in self._steps)
        # A service has decisions of its own, which are no steps of this graph.
        steps = self._plan.steps.values() if called else self._steps
        reason = "reads the clock, or calls a function of the host"
        return tuple(Refusal(step.name, "", reason) for step in steps if not is_pure(step))

    def evaluated(self, given: Any, *, hits: bool, fallback: bool) -> FrameResult:
        """Return the answers for a polars or Arrow frame; see `Model.evaluate_frame`."""
        is_decision = self._asked.kind == "decision"
        frame = frame_of(given, self.inputs.names if is_decision else None)
        read = self.inputs.checked(frame) if is_decision else frame
        name = self._asked.name
        refusals = self.refusals
        if not refusals:
            try:
                coded, path = self._columns(read, len(frame))
                made = [answers.answers(name, coded, answers.declared(self._asked))]
                if hits:
                    made.append(answers.rules(f"{name}: rules", coded))
                return FrameResult(like(given, pl.DataFrame(made)), path)
            except Refused as refused:
                refusals = (refused.refusal,)
            except answers.Unfit as unfit:
                raise not_columnar((Refusal(name, "", str(unfit)),)) from unfit
        if not fallback:
            raise not_columnar(refusals)
        made = self._rows(read, len(frame), hits=hits)
        return FrameResult(like(given, pl.DataFrame(made)), "rows", refusals)

    def _columns(self, frame: pl.DataFrame, rows: int) -> tuple[Coded, Path]:
        def runs() -> Run:
            return Run(self._limits, self._clock)

        known = self.inputs.coded(frame, runs)
        most = max(FEWEST, rows // 2)
        path: Path = "columnar"
        for step, each in self._answers:
            known[step.key] = each.answers(known, rows, most, runs)
            if step.kind == "decision" and isinstance(each, LogicAnswers):
                path = "distinct"
        return known[self._asked.key], path

    def _rows(self, frame: pl.DataFrame, rows: int, *, hits: bool) -> list[pl.Series]:
        """Return the answers of the rows, each decided by itself."""
        name = self._asked.name
        values, rules = [], []
        records = frame.iter_rows(named=True) if frame.width else repeat({}, rows)
        for row in records:
            value, hit = self._one(row, hits)
            values.append(value)
            rules.append(hit)
        each = np.arange(rows)
        try:
            made = [answers.gathered(name, values, each, answers.declared(self._asked))]
        except answers.Unfit as unfit:
            raise not_columnar((Refusal(name, "", str(unfit)),)) from unfit
        if hits:
            made.append(answers.rules(f"{name}: rules", Coded(each, values, rules)))
        return made
