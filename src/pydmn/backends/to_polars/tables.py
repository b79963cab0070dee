"""A decision table over coded columns (DMN 1.5, 8.2 and 8.3).

Each column's expression is worked out for the values that occur, and gives a set of rules. Rows
have a combination of such sets; where there are fewer combinations than rows, those are joined
and looked up, else the rows' own, as machine words. What a set of rules answers, the record's
functions say, once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import repeat
from typing import Any, Final, TypeAlias

import numpy as np

from pydmn.backends.to_polars import masks
from pydmn.backends.to_polars.coding import (
    Coded,
    Codes,
    Combinations,
    Part,
    classes,
    combinations,
    tuples,
)  # fmt: skip
from pydmn.backends.to_polars.result import Refusal, Refused
from pydmn.backends.to_polars.values import Answer, Answers
from pydmn.backends.to_python.boxed import compile_logic
from pydmn.backends.to_python.fused.tables import TableParts
from pydmn.backends.to_python.fused.values import PYTHON
from pydmn.backends.to_python.layout import INPUT, FrameSize, Layout
from pydmn.backends.to_python.tables import compile_input, table_cost
from pydmn.backends.to_python.tests import Test, compile_unary_tests
from pydmn.feel import ast
from pydmn.feel.types import STRING, BasicType, ListType
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Cell, Feel, Step, Table
from pydmn.run import Run
from pydmn.tables.cells import rank
from pydmn.tables.regions import Members, Region
from pydmn.tables.sets import bits

Runs: TypeAlias = Callable[[], Run]
Functions: TypeAlias = Mapping[str, Callable[..., Any]]

_KEPT: Final = 10_000
"""So many answers of sets of rules are kept from one frame to the next."""

_STRINGS: Final = ListType(STRING)
_KINDS: Final[Mapping[type, BasicType]] = {
    class_: kind for kind, class_ in PYTHON.items() if isinstance(kind, BasicType)
}


def is_plain(step: Step) -> bool:
    """Say whether a step is a table whose columns are texts, without names of imports."""
    return (
        isinstance(step.logic, Table)
        and all(isinstance(column.expression, Feel) for column in step.logic.inputs)
        and not any(each.package for each in step.requirements)
    )


class TableAnswers:
    """The table of one decision; its parts are compiled once."""

    def __init__(self, step: Step, functions: Functions) -> None:
        assert isinstance(step.logic, Table)
        table = step.logic
        self._step = step
        self._table = table
        self._parts = TableParts(step, table, functions)
        self._keys = {each.name: each.key for each in step.requirements}
        self._columns = [
            _Column(self._parts, step, table, position, functions)
            for position in range(len(table.inputs))
        ]
        concluding = (
            feel
            for logics in (
                *(rule.outputs for rule in table.rules),
                *((column.default, *column.order) for column in table.outputs),
            )
            for feel in logics
        )
        self._concluding = mentioned(self._parts.names, concluding)
        self._nothing = (None,) * len(self._parts.names)
        self._kept: dict[int | None, int] = {}
        """The number of the answer that a set of rules gives, among these."""
        self._all = Answers()

    @property
    def parts(self) -> int:
        """The number of evaluations that make up one of the table: its columns, its answer."""
        return len(self._columns) + 1

    @cached_property
    def cost(self) -> int:
        """The steps that a record is charged for the table, whatever its texts call."""
        return table_cost(self._table)

    @property
    def reads(self) -> frozenset[str]:
        """The keys of the requirements that the table mentions."""
        names = {name for column in self._columns for name in column.reads}
        return frozenset(self._keys[name] for name in (*names, *self._concluding))

    def answers(self, known: Mapping[str, Coded], rows: int, most: int, runs: Runs) -> Coded:
        """Return the answers of `rows`, of what is `known` by key.

        Raises `Refused` where more than `most` answers have to be worked out.
        """
        rules = len(self._table.rules)
        by_name = {name: known[key] for name, key in self._keys.items() if key in known}
        columns = [column.sets(by_name, rows, runs) for column in self._columns]
        found = classes([part for part, _ in columns], rows)
        sets = masks.joined(
            [
                (masks.words([mask or 0 for mask in accepted], rules), part)
                for (_, accepted), part in zip(columns, found.parts, strict=True)
            ],
            found.count,
            rules,
        )
        codes, hit = self._hit(sets)
        listed: list[int | None] = [*hit]
        for (_, accepted), part in zip(columns, found.parts, strict=True):
            if None in accepted:
                barred = np.array([mask is None for mask in accepted])[part]
                codes = np.where(barred, len(listed), codes)
                listed.append(None)
        if self._concluding:
            return self._worked_out(found.spread(codes), listed, by_name, rows, most, runs)
        return self._looked_up(found, codes, listed, most, runs)

    def _hit(self, sets: masks.Words) -> tuple[Codes, list[int]]:
        """Return the sets of rules that make the answers, and which of them each one has.

        Of FIRST it is the first rule, of all other policies every rule that matches.
        """
        policy = self._table.hit_policy
        if policy not in (HitPolicy.FIRST, HitPolicy.UNIQUE):
            return masks.different(sets)
        codes: Codes = masks.first(sets)
        alone = [0, *(1 << number for number in range(len(self._table.rules)))]
        if policy is HitPolicy.UNIQUE:
            violated = masks.several(sets)
            if violated.any():
                which, more = masks.different(sets[:, violated])
                codes[violated] = which + len(alone)
                alone += more
        return codes, alone

    def _looked_up(
        self, found: Combinations, codes: Codes, hit: list[int | None], most: int, runs: Runs
    ) -> Coded:
        """Return answers that hang on the rules alone: each set of rules has one."""
        used = np.flatnonzero(np.bincount(codes, minlength=len(hit)))
        if len(used) > max(most, len(self._table.rules)):
            raise self._too_many(most)
        if len(self._kept) > _KEPT:
            self._kept, self._all = {}, Answers()
        kept, all_ = self._kept, self._all
        given = []
        for code in used.tolist():
            mask = hit[code]
            number = kept.get(mask)
            if number is None:
                number = kept[mask] = all_.number(self._answer(mask, runs, self._nothing))
            given.append(number)
        which, among = np.unique(np.array(given, np.intp), return_inverse=True)
        numbers = np.zeros(len(hit), np.uint32)
        numbers[used] = among
        return all_.coded(found.spread(numbers[codes]), which.tolist())

    def _worked_out(
        self,
        codes: Codes,
        hit: list[int | None],
        by_name: Mapping[str, Coded],
        rows: int,
        most: int,
        runs: Runs,
    ) -> Coded:
        """Return answers that read more than the rules: one for each combination of both."""
        columns = [Coded(codes, hit), *(by_name[name] for name in self._concluding)]
        found = combinations([each.part for each in columns], rows, most)
        if found is None:
            raise self._too_many(most)
        places = [self._parts.names.index(name) for name in self._concluding]
        answers = Answers()
        numbers = np.empty(found.count, np.uint32)
        for number, (mask, *values) in enumerate(tuples(columns, found)):
            given = [*self._nothing]
            for place, value in zip(places, values, strict=True):
                given[place] = value
            numbers[number] = answers.number(self._answer(mask, runs, tuple(given)))
        return answers.coded(found.spread(numbers))

    def _too_many(self, most: int) -> Refused:
        reason = f"has more than {most:,} different answers"
        return Refused(Refusal(self._step.name, "", reason))

    def _answer(self, mask: int | None, runs: Runs, given: tuple[Any, ...]) -> Answer:
        """Return what a set of rules answers; None stands for a value that is not allowed."""
        return (None, ()) if mask is None else self._parts.explained(runs(), bits(mask), given)


class _Column:
    """One column: its expression, and the rules that accept its values."""

    def __init__(
        self, parts: TableParts, step: Step, table: Table, position: int, functions: Functions
    ) -> None:
        self._parts = parts
        self._step = step
        self._position = position
        column = table.inputs[position]
        self._label = column.label
        size = FrameSize()
        layout = Layout(size, types=step.types, functions=functions)
        layout, slots = layout.bind(*parts.names)
        self._slots = dict(zip(parts.names, slots, strict=True))
        self._input = compile_input(column, layout, compile_logic)
        inside, (slot,) = layout.bind(INPUT)
        self._cells = _by_text([rule.cells[position] for rule in table.rules])
        self._tests: list[tuple[Test | None, int]] = [
            (compile_unary_tests(cell.tests, inside, slot), mask) for cell, mask in self._cells
        ]
        self._size = size
        self._every = repeat((1 << len(table.rules)) - 1)
        self._regions: dict[BasicType | ListType, Region | Members | None] = {}
        cells = [cell for cell, _ in self._cells]
        cells += [column.allowed] if column.allowed is not None else []
        tests = [Feel(test, cell.source) for cell in cells for test in cell.tests.tests]
        self.reads = mentioned(parts.names, [column.expression, *tests])

    def sets(
        self, by_name: Mapping[str, Coded], rows: int, runs: Runs
    ) -> tuple[Part, list[int | None]]:
        """Return the rules that accept each row's value, as sets; None where it is not allowed."""
        read = [by_name[name] for name in self.reads]
        found = combinations([each.part for each in read], rows, rows)
        assert found is not None
        slots = [self._slots[name] for name in self.reads]
        frames: list[list[Any]] = []
        values: list[Any] = []
        for given in tuples(read, found):
            frame: list[Any] = [None] * self._size.slots
            frame[0] = runs()
            for slot, value in zip(slots, given, strict=True):
                frame[slot] = value
            allowed, value = self._input(frame)
            frames.append(frame)
            values.append(value if allowed else _BARRED)
        region = self._region(values)
        accepted = self._every if region is None else _looked_up(region, values)
        asked = self._tests if region is None else self._asked(region)
        numbers: dict[int | None, int] = {}
        which = []
        for frame, value, mask in zip(frames, values, accepted, strict=False):
            left: int | None = None
            if value is not _BARRED:
                left = mask
                for test, of in asked:
                    if mask & of and test is not None and test(frame, value) is not True:
                        left &= ~of
            which.append(numbers.setdefault(left, len(numbers)))
        return found.part(np.array(which, np.intp), len(numbers)), list(numbers)

    def _asked(self, region: Region | Members) -> list[tuple[Test | None, int]]:
        """Return the tests of the cells that are open in a region."""
        opened = 0
        for mask in region.open:
            opened |= mask
        return [(test, mask) for test, mask in self._tests if mask & opened]

    def _region(self, values: list[Any]) -> Region | Members | None:
        """Return the column's region over values of the kind that these have, if it has one."""
        found = {type(value) for value in values} - {type(None), _Barred}
        if len(found) != 1:
            return None
        class_ = found.pop()
        kind: BasicType | ListType | None = _KINDS.get(class_)
        if class_ is list and all(
            type(member) is str for value in values if type(value) is list for member in value
        ):
            kind = _STRINGS
        if kind is None:
            return None
        if kind not in self._regions:
            self._regions[kind] = self._parts.column(self._position, kind)
        return self._regions[kind]


class _Barred:
    """The class of `_BARRED`."""


_BARRED: Final = _Barred()
"""Stands for a value that its column does not allow."""


def _looked_up(region: Region | Members, values: list[Any]) -> Iterable[int]:
    """Yield the rules that accept each value; of one that is not allowed, as of null."""
    if isinstance(region, Members) or not region.cuts:
        for value in values:
            yield region.mask(None if value is _BARRED else value)
        return
    cuts = [rank(cut) for cut in region.cuts]
    for value in values:
        if value is None or value is _BARRED:
            yield region.null
        else:
            at = rank(value)
            yield region.between[bisect_left(cuts, at) + bisect_right(cuts, at)]


def _by_text(cells: list[Cell]) -> list[tuple[Cell, int]]:
    """Return each cell once, with the mask of the rules that have it."""
    found: dict[str, tuple[Cell, int]] = {}
    for number, cell in enumerate(cells):
        known = found.get(cell.source.text)
        mask = 0 if known is None else known[1]
        found[cell.source.text] = (cell, mask | 1 << number)
    return list(found.values())


def mentioned(names: Iterable[str], logics: Iterable[Any]) -> tuple[str, ...]:
    """Return those of `names` that `logics` mention; all, where one is no text."""
    found: set[str] = set()
    for logic in logics:
        if logic is None:
            continue
        if not isinstance(logic, Feel):
            return tuple(names)
        found.update(node.name for node in ast.walk(logic.node) if isinstance(node, ast.Name))
    return tuple(name for name in names if name in found)
