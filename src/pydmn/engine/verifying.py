"""The tables of a model verified: what runs them, for those that only reason about them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any

from pydmn.backends import to_python
from pydmn.backends.to_python.fused.tables import TableParts
from pydmn.backends.to_python.items import compile_item
from pydmn.errors import LimitExceeded
from pydmn.feel import ast
from pydmn.feel.types import Type
from pydmn.limits import Limits
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import (
    ANYTHING,
    Cell,
    Feel,
    FunctionOf,
    Output,
    Plan,
    Requirement,
    Step,
    Table,
)
from pydmn.plan.stack import with_room
from pydmn.run import Clock, Run
from pydmn.source import Source
from pydmn.verify.diagrams import identity
from pydmn.verify.tables import STEPS, VerifiedTable, verify_table
from pydmn.verify.tables.axes import bits
from pydmn.verify.tables.boxes import Spent
from pydmn.verify.tables.witness import Replay


def verified(
    plan: Plan, compiler: to_python.Compiler, limits: Limits, clock: Clock, steps: int = STEPS
) -> tuple[VerifiedTable, ...]:
    """Return what is proved and found of the table of each decision or knowledge model.

    In graph order; tables that cannot run, and those inside other boxed expressions, are left
    out.
    """

    def work() -> tuple[VerifiedTable, ...]:
        return tuple(
            verify_table(
                step,
                {name: each for name, each in requires.items() if each.kind not in _CALLED},
                TableEngine(step, requires, compiler, limits, clock),
                steps,
            )
            for step, requires in _tables(plan)
        )

    with _collected_later():
        return with_room(work)


@contextmanager
def _collected_later() -> Iterator[None]:
    """Look for no garbage in circles meanwhile: there are many new objects, and none is such."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _tables(plan: Plan) -> Iterator[tuple[Step, dict[str, Step]]]:
    """Yield each table as a step, with what it reads by name: the parameters too, of a function."""
    for step in plan.steps.values():
        requires = {
            each.name: plan.steps[each.key]
            for each in step.requirements
            if not each.package and each.key in plan.steps
        }
        match step.logic:
            case Table():
                yield step, requires
            case FunctionOf(parameters, Table() as table):
                given = {
                    each.name: Step(each.name, each.name, "input", step.source, each.item)
                    for each in parameters
                }
                named = tuple(Requirement(name, name) for name in given)
                inside = Step(
                    f"{step.key} table",
                    step.name,
                    "decision",
                    step.source,
                    logic=table,
                    requirements=(*step.requirements, *named),
                    types=step.types,
                )
                yield inside, {**requires, **given}
            case _:
                pass


class TableEngine:
    """The engine of one decision that is a table."""

    def __init__(
        self,
        step: Step,
        requires: Mapping[str, Step],
        compiler: to_python.Compiler,
        limits: Limits,
        clock: Clock,
    ) -> None:
        assert isinstance(step.logic, Table)
        self._step = step
        self._requires = requires
        self._table = step.logic
        self._compiler = compiler
        self._limits = limits
        self._clock = clock
        self._keys = {each.name: each.key for each in step.requirements if not each.package}
        self._functions = [each.key for each in requires.values() if each.kind in _CALLED]
        self._nothing = (None,) * len({each.name for each in step.requirements})
        self._accepts: dict[int, tuple[Cell, Callable[[Any], bool]]] = {}

    @cached_property
    def _parts(self) -> TableParts:
        return TableParts(self._step, self._table, self._compiler.functions)

    def _run(self) -> Run:
        return Run(self._limits, self._clock)

    def _given(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._called, **{self._keys[name]: value for name, value in given.items()}}

    @cached_property
    def _called(self) -> dict[str, Any]:
        """The functions that the table may call, by key."""
        return {key: self._compiler.graph(key).evaluate(self._run(), {}) for key in self._functions}

    # --- cells and conclusions ---------------------------------------------------------

    def accepts(self, cell: Cell) -> Callable[[Any], bool]:
        """Return what says whether a cell, which reads nothing else, accepts a value."""
        known = self._accepts.get(id(cell))
        if known is not None:
            return known[1]
        layout, slot = self._inside if not cell.types else self._layout(cell.types)
        test = to_python.compile_unary_tests(cell.tests, layout, slot)
        frame: list[Any] = [self._run(), *[None] * (layout.size.slots - 1)]

        def accepts(value: Any) -> bool:
            frame[slot] = value
            return test is None or test(frame, value) is True

        self._accepts[id(cell)] = (cell, accepts)
        return accepts

    @cached_property
    def _inside(self) -> tuple[to_python.Layout, int]:
        """A layout for cells that name no types of another model."""
        return self._layout(self._step.types)

    def _layout(self, types: Mapping[str, Type]) -> tuple[to_python.Layout, int]:
        layout = to_python.Layout(
            to_python.FrameSize(), types=types, functions=self._compiler.functions
        )
        layout, (slot,) = layout.bind(to_python.INPUT)
        return layout, slot

    def concluded(self, number: int) -> Any:
        """Return what a rule of constants concludes: its output, or a context of all."""
        return self._parts.concluded(number)

    def answered(self, mask: int) -> Any:
        """Return the answer of constants when the rules of `mask` match, by the hit policy."""
        return self._parts.answered(self._run(), [*bits(mask)], self._nothing)

    def identity(self, value: Any) -> Hashable:
        """Return what equal values share, and no others."""
        found: Hashable = identity(self._run(), value)
        return found

    # --- the table ---------------------------------------------------------------------

    def tested(self, given: Mapping[str, Any]) -> list[tuple[Any, int]]:
        """Return each column's value, and the mask of the rules whose cells accept it."""
        columns = self._compiler.columns(self._step)
        run, values = self._run(), self._given(given)
        with _limited():
            return [columns.tested(position, run, values) for position in range(len(columns))]

    def worked(self, position: int, given: Mapping[str, Any]) -> Any:
        """Return the value of one column."""
        columns = self._compiler.columns(self._step)
        with _limited():
            return columns.value(position, self._run(), self._given(given))

    def allows(self, name: str, value: Any) -> bool:
        """Say whether what the table reads by a name may have a value."""
        check = self._checks.get(self._keys[name])
        run = self._run()
        return check is None or value is None or check(run, value) is not None

    def replay(self, given: Mapping[str, Any]) -> Replay:
        """Decide the table, given what it requires by name."""
        run = self._run()
        values = self._given(given)
        for key, check in self._checks.items():
            values[key] = check(run, values.get(key))
        with _limited():
            value, hits = self._compiler.value(self._step, run, values)
        codes = {note.code for note in run.trace.notes}
        return Replay(value, hits, codes.isdisjoint(_REFUSED))

    @cached_property
    def _checks(self) -> dict[str, Callable[[Run, Any], Any]]:
        """What is asked of each input, by key."""
        layout, _ = self._inside
        return {
            self._keys[name]: check
            for name, step in self._requires.items()
            if step.kind == "input"
            and (check := compile_item(step.item, f"input {name}", layout)) is not None
        }

    def matching(self, numbers: Iterable[int], given: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the ids of those of the rules that match, whatever the hit policy."""
        rules = tuple(replace(self._table.rules[number], outputs=(_TRUE,)) for number in numbers)
        table = replace(
            self._table,
            hit_policy=HitPolicy.RULE_ORDER,
            aggregation=None,
            rules=rules,
            outputs=(_OUTPUT,),
            item=ANYTHING,
        )
        step = replace(self._step, logic=table, item=ANYTHING)
        run = self._run()
        self._compiler.expression(step)(run, self._given(given))
        return run.trace.hits[-1].rules if run.trace.hits else ()


@contextmanager
def _limited() -> Iterator[None]:
    """Take an evaluation that spends its limits for steps that are spent: nothing is decided."""
    try:
        yield
    except LimitExceeded:
        raise Spent from None


_REFUSED = frozenset({"type", "allowed-values", "input-values"})
_CALLED = frozenset({"knowledge", "service"})
_TRUE = Feel(ast.BooleanLiteral(value=True), Source("true"))
_OUTPUT = Output("")
