"""A decision table's parts on demand: its cells, its conclusions, its answer for a set of rules.

Rules are sets of bits, rule `n` bit `n`, as in `pydmn.tables`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from pydmn.backends.to_python.boxed import compile_logic
from pydmn.backends.to_python.fused.values import literal_type
from pydmn.backends.to_python.hit_policies import compile_hit_policy
from pydmn.backends.to_python.items import compile_item
from pydmn.backends.to_python.layout import INPUT, FrameSize, Layout
from pydmn.backends.to_python.tables import compile_outputs
from pydmn.backends.to_python.tests import Test, compile_unary_tests
from pydmn.feel.types import ANY, STRING, BasicType, ContextType, ListType, Type
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Cell, Step, Table
from pydmn.plan.view import NOT_CONSTANT, constant
from pydmn.run import Run
from pydmn.tables.cells import KINDS
from pydmn.tables.regions import Members, Region, members, region

Functions = Mapping[str, Callable[..., Any]]

SEVERAL: Final = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER})
"""The hit policies that answer with a list, if they do not aggregate."""

UNMADE: Final = object()
"""Stands for a conclusion that no record has asked for yet."""


class TableParts:
    """The parts of the table of one decision, compiled when they are first needed.

    `names` are the requirements in the order in which their values are handed in.
    """

    def __init__(self, step: Step, table: Table, functions: Functions) -> None:
        self.step = step
        self.table = table
        self.names = tuple(dict.fromkeys(each.name for each in step.requirements))
        self.constant = [
            all(constant(output) is not NOT_CONSTANT for output in rule.outputs)
            for rule in table.rules
        ]
        self._functions = functions
        self._concluding: dict[int, tuple[Callable[[list[Any], int], Any], FrameSize]] = {}
        unchecked = _answer_type(table)
        self._checks = [
            check
            for item in (table.item, step.item)
            if (item.type != unchecked or item.constrained)
            and (check := compile_item(item, "the result", self._layout()[0])) is not None
        ]
        self.type: Type = unchecked
        """The type of every answer but null, as far as it is plain; else `Any`."""
        if self._checks:
            self.type = step.item.type if step.item.type in KINDS else ANY
        self.answers: list[Any] = [None, *[UNMADE] * len(table.rules)]
        """What each rule alone concludes, the first at 1, as far as it has been asked for."""

    def _layout(self) -> tuple[Layout, FrameSize]:
        size = FrameSize()
        layout = Layout(size, types=self.step.types, functions=self._functions)
        return layout.bind(*self.names)[0], size

    # --- cells -------------------------------------------------------------------------

    def column(self, position: int, kind: BasicType | ListType) -> Region | Members | None:
        """Return the region of a column over values of `kind`, or None where there is none."""
        cells: dict[str, tuple[Cell, int]] = {}
        for number, rule in enumerate(self.table.rules):
            cell = rule.cells[position]
            known = cells.get(cell.source.text)
            mask = 1 << number
            cells[cell.source.text] = (cell, mask) if known is None else (cell, known[1] | mask)
        listed = list(cells.values())
        if kind == ListType(STRING):
            return members(listed, self._accepts)
        if kind not in KINDS:
            return None
        assert isinstance(kind, BasicType)
        return region(listed, kind, self._accepts)

    @cached_property
    def _inside(self) -> tuple[Layout, int, FrameSize]:
        """A layout for cells that read nothing but what they test."""
        layout, size = self._layout()
        inside, (slot,) = layout.bind(INPUT)
        return inside, slot, size

    def _accepts(self, cell: Cell) -> Callable[[Any], bool]:
        """Return what says whether a cell accepts a value, where it reads nothing else."""
        inside, slot, size = self._inside
        test = compile_unary_tests(cell.tests, inside, slot)
        if test is None:
            return lambda _: True
        frame: list[Any] = [Run(), *[None] * (size.slots - 1)]
        return lambda value: test(frame, value) is True

    def _compiled(self, cell: Cell) -> tuple[Test | None, FrameSize]:
        layout, size = self._layout()
        inside, (slot,) = layout.bind(INPUT)
        return compile_unary_tests(cell.tests, inside, slot), size

    def asked(self, opened: Mapping[int, int]) -> Callable[..., int]:
        """Return the function that asks the cells which are no regions.

        `opened` are the rules of such cells by column. The function takes the run, the rules
        that are left, the columns' values and the requirements', and returns the rules that
        accept all.
        """
        tests: dict[int, list[tuple[int, Callable[..., bool]]]] = {}
        for position, mask in opened.items():
            for number in bits(mask):
                cell = self.table.rules[number].cells[position]
                tests.setdefault(number, []).append((position, self._test(cell)))
        everything = sum(1 << number for number in tests)

        def asked(run: Run, mask: int, tested: tuple[Any, ...], given: tuple[Any, ...]) -> int:
            for number in bits(mask & everything):
                for position, test in tests[number]:
                    if not test(run, tested[position], given):
                        mask ^= 1 << number
                        break
            return mask

        return asked

    def _test(self, cell: Cell) -> Callable[[Run, Any, tuple[Any, ...]], bool]:
        test, size = self._compiled(cell)
        assert test is not None
        rest = [None] * (size.slots - 1 - len(self.names))

        def holds(run: Run, value: Any, given: tuple[Any, ...]) -> bool:
            return test([run, *given, *rest], value) is True

        return holds

    # --- conclusions -------------------------------------------------------------------

    @property
    def checked(self) -> bool:
        """Whether more is asked of the answer than of each output."""
        return bool(self._checks)

    def check(self, run: Run, value: Any) -> Any:
        """Return the answer as the table and the decision declare it; null where it is none."""
        for each in self._checks:
            value = each(run, value)
        return value

    def conclude(self, run: Run, number: int, given: tuple[Any, ...]) -> Any:
        """Return what rule `number` concludes."""
        known = self._concluding.get(number)
        if known is None:
            layout, size = self._layout()
            alone = replace(self.table, rules=(self.table.rules[number],))
            known = compile_outputs(alone, layout, compile_logic), size
            if not self.constant[number]:  # a constant is asked for once
                self._concluding[number] = known
        conclude, size = known
        frame = [run, *given, *[None] * (size.slots - 1 - len(given))]
        return conclude(frame, 0)

    def made(
        self, number: int, run: Run | None = None, given: tuple[Any, ...] | None = None
    ) -> Any:
        """Return the answer of rule `number`, counted from 1, by itself; a constant is kept."""
        if self.constant[number - 1]:
            answer = self.check(Run(), self.concluded(number - 1))
            self.answers[number] = answer
            return answer
        assert run is not None
        assert given is not None
        return self.check(run, self.conclude(run, number - 1, given))

    def concluded(self, number: int) -> Any:
        """Return what a constant rule concludes."""
        return self.conclude(Run(), number, (None,) * len(self.names))

    @cached_property
    def _policy(self) -> tuple[Any, FrameSize]:
        layout, size = self._layout()
        return compile_hit_policy(self.table, layout, compile_logic), size

    def answered(self, run: Run, mask: int, given: tuple[Any, ...]) -> Any:
        """Return the table's answer when the rules of `mask` match, by its hit policy."""
        return self.explained(run, mask, given)[0]

    def explained(self, run: Run, mask: int, given: tuple[Any, ...]) -> tuple[Any, tuple[str, ...]]:
        """Return the answer as `answered` does, and the ids of the rules that made it."""
        answer, size = self._policy
        frame = [run, *given, *[None] * (size.slots - 1 - len(given))]
        value, hits = answer(
            frame, [*bits(mask)], lambda _, number: self.conclude(run, number, given)
        )
        return self.check(run, value), tuple(self.table.rules[number].id for number in hits)

    # --- what was hit ------------------------------------------------------------------

    def rule_hit(self, number: int | None) -> tuple[str, ...]:
        """Return the id of one rule, counted from 1."""
        return () if number is None else (self.table.rules[number - 1].id,)

    def rules_hit(self, mask: int) -> tuple[str, ...]:
        """Return the ids of the rules of a mask that made the answer; for FIRST it is one."""
        if self.table.hit_policy is HitPolicy.FIRST:
            mask &= -mask
        return tuple(self.table.rules[number].id for number in bits(mask))


class Chunk(dict[int, list[Any]]):
    """What eight neighbouring rules conclude, by which of them match; made when asked for."""

    __slots__ = ("_first", "_parts")

    def __init__(self, parts: TableParts, first: int) -> None:
        super().__init__()
        self._parts = parts
        self._first = first

    def __missing__(self, mask: int) -> list[Any]:
        found = [self._parts.concluded(self._first + number) for number in bits(mask)]
        self[mask] = found
        return found


def bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits of `mask`, from the lowest."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _answer_type(table: Table) -> Type:
    """Return the type of a table's answers, as its constants show; `Any` where they do not."""
    several = table.hit_policy in SEVERAL
    if (several and table.aggregation is not None) or any(
        column.default is not None for column in table.outputs
    ):
        return ANY
    types = [_literal_type(table, position) for position in range(len(table.outputs))]
    names = [column.name for column in table.outputs]
    if len(names) > 1:
        answer: Type = ContextType(tuple(zip(names, types, strict=True)))
        return ListType(answer) if several else answer
    if not several:
        return types[0]
    # A list of a type has no nulls: none that is written, and none that a check may make.
    column = table.outputs[0]
    sure = column.allowed is None and not column.item.constrained
    sure = sure and column.item.type in (ANY, types[0])
    nulls = any(constant(rule.outputs[0]) is None for rule in table.rules)
    return ListType(types[0] if sure and not nulls else ANY)


def _literal_type(table: Table, position: int) -> Type:
    values = [constant(rule.outputs[position]) for rule in table.rules]
    return ANY if NOT_CONSTANT in values else literal_type(values)
