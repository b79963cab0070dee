"""Which rules of a table match the values of its columns (DMN 1.5, 8.2.8).

Each rule is asked cell by cell, from left to right, until one does not accept. A table that is
asked again and again gets an index: for a column's value, the rules whose cells accept it, as a
mask. Only cells are looked up that compare with constants and say nothing about the value: they
leave no note and take no step. A rule that gets as far as any other cell is asked as before, and in
its turn. So neither the answer nor the trace nor the budget shows whether there is an index.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypeAlias

from pydmn.backends.to_python.layout import Frame, Layout
from pydmn.backends.to_python.tests import Test, compile_unary_tests
from pydmn.feel.temporal import Date
from pydmn.feel.types import BOOLEAN, DATE, NUMBER, STRING, BasicType
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Cell, Table
from pydmn.run import Run
from pydmn.tables.accepted import OPEN, Accepted, column
from pydmn.tables.cells import constants, plain, rank
from pydmn.tables.regions import Region, mask_of, region
from pydmn.tables.sets import bits

_FEWEST: Final = 8
"""Tables of fewer rules are asked cell by cell, which is as quick."""

_OFTEN: Final = 4
"""So often a table is asked before it gets an index, which takes about as long."""

_MOST_BYTES: Final = 8_000_000
"""The masks of a table are no larger than this; columns beyond are asked."""

_MOST_CONSTANTS: Final = 100
"""A cell with more constants is looked up only if it lists them, and does nothing else."""

_KINDS: Final[dict[type, BasicType]] = {str: STRING, Decimal: NUMBER, bool: BOOLEAN, Date: DATE}
"""The kinds of values that are looked up, by their class."""

_Find: TypeAlias = Callable[[Any], int]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column over values of one class: who accepts a value, and who has to be asked."""

    accepting: _Find
    asked: int


class Matching:
    """The rules of a table, ready to be asked which of them match."""

    def __init__(self, table: Table, inside: Layout, slot: int) -> None:
        """Compile the cells; `slot` holds `?`. A column's cells of one text are compiled once."""
        self._table = table
        self._size = inside.size
        self._names = [each.name for each in inside.bindings if each.name is not None]
        self._first_only = table.hit_policy is HitPolicy.FIRST
        self._tests: dict[int, Test | None] = {}
        self._rules: list[list[tuple[int, Test]]] = []
        for rule in table.rules:
            tests = []
            for position, cell in enumerate(rule.cells):
                if id(cell) not in self._tests:
                    self._tests[id(cell)] = compile_unary_tests(cell.tests, inside, slot)
                test = self._tests[id(cell)]
                if test is not None:
                    tests.append((position, test))
            self._rules.append(tests)
        self._times = 0
        self._room = _MOST_BYTES
        self._columns: dict[tuple[int, type], _Column] = {}

    def matched(self, frame: Frame, tested: Sequence[Any]) -> list[int]:
        """Return the numbers of the rules that accept what is `tested`; of FIRST just the first.

        `tested` are the values of the columns, and `frame` has what cells read beside them.
        """
        if self._times < _OFTEN:
            self._times += len(self._rules) >= _FEWEST
            return self._by_cells(frame, tested, range(len(self._rules)))
        return self._by_index(frame, tested)

    def _by_cells(
        self, frame: Frame, tested: Sequence[Any], numbers: Iterable[int], sure: int = 0
    ) -> list[int]:
        """Return which of `numbers` match; those of `sure` do, and are not asked."""
        rules = self._rules
        matched = []
        for number in numbers:
            for position, test in () if sure >> number & 1 else rules[number]:
                if test(frame, tested[position]) is not True:
                    break
            else:
                matched.append(number)
                if self._first_only:
                    break
        return matched

    # --- the index ---------------------------------------------------------------------

    def _by_index(self, frame: Frame, tested: Sequence[Any]) -> list[int]:
        """Return what `_by_cells` does of all rules."""
        left, asked = (1 << len(self._rules)) - 1, 0
        for position, value in enumerate(tested):
            key = position, type(value)
            found = self._columns.get(key)
            if found is None:
                found = self._columns[key] = self._column(*key)
            asked |= left & found.asked
            left &= found.accepting(value) & ~found.asked
        if asked:
            return self._by_cells(frame, tested, bits(left | asked), left)
        if self._first_only:
            return [(left & -left).bit_length() - 1] if left else []
        return bits(left)

    def _column(self, position: int, class_: type) -> _Column:
        """Return a column over values of `class_`; all of its tests are asked of other classes."""
        cells: dict[int, Cell] = {}
        rules: dict[int, list[int]] = {}
        for number, rule in enumerate(self._table.rules):
            cell = rule.cells[position]
            cells[id(cell)] = cell
            rules.setdefault(id(cell), []).append(number)
        groups = [*rules.values()]
        if class_ is type(None):
            return self._of_null([*cells.values()], groups)
        kind = _KINDS.get(class_)
        if kind is not None:
            found = self._region([*cells.values()], groups, kind)
            if found is not None:
                return _Column(_finder(found), sum(found.open))
        tested = (each for cell, each in zip(cells.values(), groups, strict=True) if _tests(cell))
        return _Column(lambda _: -1, mask_of(tested, len(self._rules)))

    def _of_null(self, cells: Sequence[Cell], rules: Sequence[Sequence[int]]) -> _Column:
        accepting, asked = [], []
        for cell, numbers in zip(cells, rules, strict=True):
            sample = _Sample(self._tests[id(cell)], self._size.slots)
            if _tests(cell) and (_constants(cell, STRING) is None or sample.speaks(None)):
                asked.append(numbers)
            elif not _tests(cell) or sample.accepts(None):
                accepting.append(numbers)
        size = len(self._rules)
        mask = mask_of(accepting, size)
        return _Column(lambda _: mask, mask_of(asked, size))

    def _region(
        self, cells: Sequence[Cell], rules: Sequence[Sequence[int]], kind: BasicType
    ) -> Region | None:
        """Return the region of a column; None where its masks have no room."""
        samples = {id(cell): _Sample(self._tests[id(cell)], self._size.slots) for cell in cells}
        known = [cell for cell in cells if not _tests(cell) or _constants(cell, kind) is not None]
        found = column(known, kind, lambda cell: samples[id(cell)].accepts, self._names)
        accepted: dict[int, Accepted] = {
            id(cell): OPEN if samples[id(cell)].spoke else each
            for cell, each in zip(known, found.cells, strict=True)
        }
        whole = replace(found, cells=tuple(accepted.get(id(cell), OPEN) for cell in cells))
        values = {value for each in whole.cells for value in (*each.at, *each.beyond)}
        room = self._room - len(values) * len(self._rules) // 8
        if room < 0:
            return None
        self._room = room
        return region(whole, rules)


def _tests(cell: Cell) -> bool:
    """Say whether a cell tests anything: it is not `-`."""
    return not cell.tests.any


def _constants(cell: Cell, kind: BasicType) -> object | None:
    """Return what a cell compares with, or lists; None for one that is not to be looked up."""
    listed = plain(cell.tests, kind)
    if listed is not None:
        return listed
    found = constants(cell.tests, kind)
    return None if found is None or len(found.values) > _MOST_CONSTANTS else found


class _Sample:
    """A cell that is tried with values; `spoke` says whether it left a note or took a step."""

    def __init__(self, test: Test | None, slots: int) -> None:
        self._test = test
        self._slots = slots
        self.spoke = False

    def accepts(self, value: Any) -> bool:
        """Say whether the cell accepts `value`; what it says about null is another matter."""
        verdict, spoke = self._tried(value)
        self.spoke = self.spoke or (spoke and value is not None)
        return verdict

    def speaks(self, value: Any) -> bool:
        """Say whether the cell leaves a note about `value`, or takes a step."""
        return self._tried(value)[1]

    def _tried(self, value: Any) -> tuple[bool, bool]:
        assert self._test is not None
        run = Run()
        verdict = self._test([run, *[None] * (self._slots - 1)], value) is True
        return verdict, bool(run.trace.notes) or run.steps < run.limits.steps


def _finder(found: Region) -> _Find:
    """Return the look-up of a value, not null, in a region."""
    if not found.cuts:
        get, other = found.points.get, found.other
        return lambda value: get(value, other)
    places, between = [rank(cut) for cut in found.cuts], found.between
    if found.kind == DATE:
        return lambda day: between[bisect_left(places, day.days) + bisect_right(places, day.days)]
    return lambda value: between[bisect_left(places, value) + bisect_right(places, value)]
