"""A decision table's parts on demand: its cells, its conclusions, its answer for a set of rules.

Rules are sets of bits, rule `n` bit `n`, as in `pydmn.tables`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, TypeAlias

from pydmn.backends.to_python.boxed import compile_logic
from pydmn.backends.to_python.fused.unfit import refuse_long
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
from pydmn.tables.accepted import Column, column
from pydmn.tables.cells import KINDS
from pydmn.tables.regions import Members, Region, members, region
from pydmn.tables.sets import bits, chosen

Cells: TypeAlias = tuple[Column, list[list[int]]]
"""What the cells of a column accept, and the numbers of the rules that have each of them."""

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

    def column(self, position: int, kind: Type) -> Region | Members | None:
        """Return the region of a column over values of `kind`, or None where there is none."""
        if kind == ListType(STRING):
            cells, rules = self._cells(position)
            return members([*zip(cells, rules, strict=True)], self._accepts)
        found = self.accepted(position, kind)
        return None if found is None else region(*found)

    def accepted(self, position: int, kind: Type) -> Cells | None:
        """Return what the cells of a column accept of `kind`, with the rules that have each.

        None where a kind has no regions.
        """
        if kind not in KINDS:
            return None
        assert isinstance(kind, BasicType)
        cells, rules = self._cells(position)
        return column(cells, kind, self._accepts, self.names), rules

    def _cells(self, position: int) -> tuple[list[Cell], list[list[int]]]:
        """Return the distinct cells of a column, and the numbers of the rules with each."""
        cells: dict[int, Cell] = {}
        rules: dict[int, list[int]] = {}
        for number, rule in enumerate(self.table.rules):
            cell = rule.cells[position]  # one and the same where the text is
            cells[id(cell)] = cell
            rules.setdefault(id(cell), []).append(number)
        return [*cells.values()], [*rules.values()]

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

    def asked(self, opened: Mapping[int, Sequence[int]]) -> Callable[..., int]:
        """Return the function that asks the cells which are no regions. Raises `Unfit`.

        `opened` are the rules of such cells by column. The function takes the run, the mask of
        the rules that are left, the columns' values and the requirements', and returns the mask
        of the rules that accept all.
        """
        asks = self._asks(opened)
        everything = sum(1 << number for number in asks)

        def asked(run: Run, mask: int, tested: tuple[Any, ...], given: tuple[Any, ...]) -> int:
            for number in bits(mask & everything):
                if not asks[number](run, tested, given):
                    mask ^= 1 << number
            return mask

        return asked

    def asked_each(self, opened: Mapping[int, Sequence[int]]) -> Callable[..., list[int]]:
        """Return the function that does what that of `asked` does, of numbers in place of masks."""
        asks = self._asks(opened)

        def asked(
            run: Run, numbers: list[int], tested: tuple[Any, ...], given: tuple[Any, ...]
        ) -> list[int]:
            return [
                number
                for number in numbers
                if number not in asks or asks[number](run, tested, given)
            ]

        return asked

    def _asks(self, opened: Mapping[int, Sequence[int]]) -> dict[int, Callable[..., bool]]:
        """Return, by rule, whether it accepts in all its open columns."""
        tests: dict[int, list[tuple[int, Callable[..., bool]]]] = {}
        for position, numbers in opened.items():
            for number in numbers:
                cell = self.table.rules[number].cells[position]
                for test in cell.tests.tests:
                    refuse_long(test)
                tests.setdefault(number, []).append((position, self._test(cell)))
        return {number: _all_hold(each) for number, each in tests.items()}

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

    def each(self, matched: Iterable[int]) -> list[Any]:
        """Return what each of these rules concludes, all of them constant."""
        answers = self.answers
        return [
            self.made(number + 1) if (known := answers[number + 1]) is UNMADE else known
            for number in matched
        ]

    def listed(self) -> Callable[[int], list[Any]]:
        """Return the function from a mask of rules to what each concludes, all of them constant."""
        answers = self.answers[1:]
        unmade = (1 << len(answers)) - 1

        def listed(mask: int) -> list[Any]:
            nonlocal unmade
            if new := mask & unmade:
                for number in bits(new):
                    answers[number] = self.concluded(number)
                unmade &= ~new
            return chosen(answers, mask)

        return listed

    def answered(self, run: Run, matched: Sequence[int], given: tuple[Any, ...]) -> Any:
        """Return the table's answer when just these rules match, by its hit policy."""
        return self.explained(run, matched, given)[0]

    def explained(
        self, run: Run, matched: Sequence[int], given: tuple[Any, ...]
    ) -> tuple[Any, tuple[str, ...]]:
        """Return the answer as `answered` does, and the ids of the rules that made it."""
        answer, size = self._policy
        frame = [run, *given, *[None] * (size.slots - 1 - len(given))]
        value, hits = answer(frame, [*matched], lambda _, number: self.conclude(run, number, given))
        return self.check(run, value), tuple(self.table.rules[number].id for number in hits)

    # --- what was hit ------------------------------------------------------------------

    def rule_hit(self, number: int | None) -> tuple[str, ...]:
        """Return the id of one rule, counted from 1; 0 is none."""
        return (self.table.rules[number - 1].id,) if number else ()

    def numbers_hit(self, matched: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of the rules that made the answer, of all that match."""
        first = self.table.hit_policy is HitPolicy.FIRST
        return tuple(self.table.rules[number].id for number in matched)[: 1 if first else None]

    def rules_hit(self, mask: int) -> tuple[str, ...]:
        """Return the ids of the rules of a mask that made the answer; for FIRST it is one."""
        if self.table.hit_policy is HitPolicy.FIRST:
            mask &= -mask
        return tuple(self.table.rules[number].id for number in bits(mask))


def _all_hold(tests: Sequence[tuple[int, Callable[..., bool]]]) -> Callable[..., bool]:
    """Return what says whether a rule's tests hold, each of the value of its column."""

    def all_hold(run: Run, tested: tuple[Any, ...], given: tuple[Any, ...]) -> bool:
        return all(test(run, tested[position], given) for position, test in tests)

    return all_hold


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
