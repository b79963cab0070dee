"""A large table in blocks: the atoms of a record's values, to the rules of few blocks."""

from __future__ import annotations

import ast as py
from collections.abc import Iterable, Sequence

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.answers import Answers
from pydmn.backends.to_python.fused.tables import Cells
from pydmn.backends.to_python.fused.unfit import Unfit
from pydmn.backends.to_python.fused.variables import RUN, Value
from pydmn.backends.to_python.fused.writer import load
from pydmn.backends.to_python.fused.writing import Hit, Writing
from pydmn.model.expressions import HitPolicy
from pydmn.tables.blocks import Blocks, Sides


class InBlocks:
    """Writes a table whose rules stand in blocks."""

    def __init__(
        self,
        writing: Writing,
        columns: list[Value],
        cells: Sequence[Cells | None],
        sides: Sequence[Sides | None],
        block: int,
    ) -> None:
        self._writing = writing
        self._columns = columns
        self._opened: dict[int, list[int]] = {}
        self._ask(cells)
        self._index, self._record = self._looked_up(sides, block)

    def one(self) -> tuple[Value, Hit]:
        """Write the answer of FIRST or UNIQUE, and return it with what was hit."""
        writing, code = self._writing, self._writing.code
        answers = Answers(writing)
        if writing.parts.table.hit_policy is HitPolicy.FIRST and not self._opened:
            first = code.constant(self._index.first, "first")
            number = code.let("rule", _next(writer.call(first, self._record)))
            answer = answers.of_one(load(number), writer.FALSE, lambda: load(number))
            return answer, Hit(load(number), writing.parts.rule_hit)
        matched = self._matched()
        count = writer.call(code.constant(len, "len"), load(matched))
        several = writer.compared(count, py.Gt(), py.Constant(1))
        lowest = writer.item(load(matched), py.Constant(0))

        def first_of() -> py.expr:
            return writer.either(load(matched), _next(lowest), py.Constant(0))

        hit = Hit(load(matched), writing.parts.numbers_hit)
        return answers.of_one(load(matched), several, first_of), hit

    def listed(self) -> tuple[Value, Hit]:
        """Write the list of what the rules conclude."""
        writing, code = self._writing, self._writing.code
        matched = self._matched()
        answers = Answers(writing)
        answer = code.fresh("answer")
        each = writer.call(code.constant(writing.parts.each, "each"), load(matched))
        code.when(
            load(matched),
            lambda: code.set(answer, each),
            lambda: code.set(answer, answers.default()),
        )
        return answers.value(answer), Hit(load(matched), writing.parts.numbers_hit)

    def all(self) -> tuple[Value, Hit]:
        """Write the answer by any hit policy, and return it with what was hit."""
        matched = load(self._matched())
        hit = Hit(matched, self._writing.parts.numbers_hit)
        return Answers(self._writing).of_all(matched, hit)

    # --- the rules ---------------------------------------------------------------------

    def _looked_up(self, sides: Sequence[Sides | None], block: int) -> tuple[Blocks, py.expr]:
        """Return the index, and the expression of a record's atoms. Raises `Unfit`."""
        telling: list[Sides] = []
        record: list[py.expr] = []
        for value, side in zip(self._columns, sides, strict=True):
            if side is not None and side.tells_apart:
                telling.append(side)
                record.append(self._writing.found(side.atoms.numbers, value))
        if not telling:
            raise Unfit  # nothing to look up: every cell is asked, which the closures do
        rules = len(self._writing.parts.table.rules)
        return Blocks(telling, rules, block), py.Tuple(record, py.Load())

    def _ask(self, cells: Sequence[Cells | None]) -> None:
        """Note what is to be asked: open cells, and all of a column that has no atoms.

        Those are columns of lists, or of values of any type.
        """
        for position, found in enumerate(cells):
            if found is None:
                self._open(position, range(len(self._writing.parts.table.rules)))
                continue
            column, rules = found
            for cell, numbers in zip(column.cells, rules, strict=True):
                if cell.open:
                    self._open(position, numbers)

    def _open(self, position: int, rules: Iterable[int]) -> None:
        """Note the rules whose cell in a column is to be asked."""
        table = self._writing.parts.table
        asked = [number for number in rules if not table.rules[number].cells[position].tests.any]
        if asked:
            self._opened.setdefault(position, []).extend(asked)

    def _matched(self) -> str:
        """Write the list of the numbers of the rules that match."""
        writing, code = self._writing, self._writing.code
        matched = code.constant(self._index.matched, "matched")
        name = code.let("rules", writer.call(matched, self._record))
        if self._opened:
            writing.code.needs_run = True
            asked = code.constant(writing.parts.asked_each(self._opened), "asked")
            arguments = (load(RUN), load(name), writing.exact(self._columns),
                         writing.exact(writing.given))  # fmt: skip
            code.set(name, writer.call(asked, *arguments))
        return name


def _next(number: py.expr) -> py.expr:
    """Return the number of a rule counted from 1, of one counted from 0."""
    return writer.joined(py.Add(), number, py.Constant(1))
