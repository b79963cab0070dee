"""A graph of decisions over a frame, in the order in which one record takes it (DMN 1.5, 10.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl

from pydmn.backends.to_polars import answers
from pydmn.backends.to_polars.budget import Budget
from pydmn.backends.to_polars.coding import Coded
from pydmn.backends.to_polars.columns import answered
from pydmn.backends.to_polars.inputs import Inputs, frame_of, like
from pydmn.backends.to_polars.known import Known
from pydmn.backends.to_polars.logic import LogicAnswers
from pydmn.backends.to_polars.result import FrameResult, Path, Refusal, Refused, not_columnar
from pydmn.backends.to_polars.shapes import Untranslated, scale_of
from pydmn.backends.to_polars.tables import TableAnswers, is_plain
from pydmn.backends.to_python import Compiler
from pydmn.limits import Limits
from pydmn.plan.effects import is_pure
from pydmn.plan.logic import Plan, Step
from pydmn.run import Clock

FEW: Final = 100
PER_COMBINATION: Final = 200
"""So many combinations, or one in so many rows, are decided although an expression would do."""

CHEAP: Final = 60
"""An expression of so few steps is worked out for all rows sooner than columns are coded."""

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
        self._written: dict[str, Sequence[Any]] = {}

    @cached_property
    def _answers(self) -> tuple[tuple[Step, TableAnswers | LogicAnswers], ...]:
        return tuple(
            (
                step,
                TableAnswers(step, self._compiler.functions)
                if is_plain(step)
                else LogicAnswers(step, self._plan, self._compiler.value),
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
                made, path = self._columns(read, len(frame), hits=hits)
                return FrameResult(like(given, pl.DataFrame(made)), path)
            except Refused as refused:
                refusals = (refused.refusal,)
            except answers.Unfit as unfit:
                raise not_columnar((Refusal(name, "", str(unfit)),)) from unfit
        if not fallback:
            raise not_columnar(refusals)
        made = self._rows(read, len(frame), hits=hits)
        return FrameResult(like(given, pl.DataFrame(made)), "rows", refusals)

    def _columns(
        self, frame: pl.DataFrame, rows: int, *, hits: bool
    ) -> tuple[list[pl.Series], Path]:
        """Return the answers as columns, and how they came about."""
        budget = Budget(self._limits, self._clock)
        known = Known(self.inputs, frame, rows, budget.run, self._limits)
        tables = (each for _, each in self._answers if isinstance(each, TableAnswers))
        known.read(frozenset[str]().union(*(each.reads for each in tables)))
        path: Path = "columnar"
        for step, each in self._answers:
            if isinstance(each, TableAnswers):
                self._by_table(step, each, known, rows, budget)
            elif not self._by_expression(step, each, known, budget) and step.kind == "decision":
                path = "distinct"
        return self._answered(known, rows, hits=hits), path

    def _by_table(
        self, step: Step, table: TableAnswers, known: Known, rows: int, budget: Budget
    ) -> None:
        most = max(FEWEST, rows // 2)
        with budget.of(step, table.parts, table.cost):
            coded = table.answers(known.codes(table.reads), rows, most, budget.run)
        known.take_codes(step.key, coded)
        known.take_type(step.key, None, answers.finest(self._possible(step)))

    def _by_expression(self, step: Step, logic: LogicAnswers, known: Known, budget: Budget) -> bool:
        """Say whether a step's answers are an expression; else they are those of what occurs."""
        rows = known.frame.rows
        try:
            term, steps = logic.term(known.term, self._limits)
            seen = answered(term, answers.declared_dtype(answers.declared(step)))
        except Untranslated as why:
            self._by_occurrence(step, logic, known, max(FEWEST, rows // 2), budget, str(why))
            known.take_type(step.key, None, None)
            return False
        # What few different rows have is sooner decided than worked out for all of them.
        few = max(FEW, rows // PER_COMBINATION)
        ready = known.has_codes(logic.reads) or (steps > CHEAP and known.seems_few(logic.reads))
        if ready and logic.few(known.codes(logic.reads), rows, few):
            self._by_occurrence(step, logic, known, few, budget, "")
            known.take_type(step.key, known.frame.dtype(seen), scale_of(term.shape))
        else:
            budget.charge(step, steps)
            known.take_term(step.key, known.frame.settled(term), answers.declared(step))
        return True

    def _by_occurrence(
        self, step: Step, logic: LogicAnswers, known: Known, most: int, budget: Budget, why: str
    ) -> None:
        with budget.of(step, 1, 0):
            read = known.codes(logic.reads)
            coded = logic.answers(read, known.frame.rows, most, budget.run, why)
        known.take_codes(step.key, coded)

    def _possible(self, step: Step) -> Sequence[Any]:
        found = self._written.get(step.key)
        if found is None:
            found = self._written[step.key] = answers.possible(step)
        return found

    def _answered(self, known: Known, rows: int, *, hits: bool) -> list[pl.Series]:
        step = self._asked
        type_ = answers.declared(step)
        coded = known.coded(step.key)
        if coded is None:
            column = known.frame.column(
                answered(known.term(step.key), answers.declared_dtype(type_))
            )
            made = [column.alias(step.name)]
        else:
            dtype = known.dtype(step.key)
            made = [answers.answers(step.name, coded, type_, self._possible(step), dtype)]
        if hits:
            nowhere = Coded(np.zeros(rows, np.intp), [None])
            made.append(answers.rules(f"{step.name}: rules", coded or nowhere))
        return made

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
