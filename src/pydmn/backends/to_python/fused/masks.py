"""A table by masks: a set of rules for each part of a column's values, and-ed over all columns."""

from __future__ import annotations

import ast as py
from collections.abc import Iterable, Sequence
from typing import Final

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.answers import Answers
from pydmn.backends.to_python.fused.tables import Cells, Chunk
from pydmn.backends.to_python.fused.variables import RUN, Value
from pydmn.backends.to_python.fused.writer import NONE, load
from pydmn.backends.to_python.fused.writing import Hit, Writing
from pydmn.feel.types import STRING, ListType
from pydmn.tables.blocks import Sides
from pydmn.tables.regions import Members, Region, mask_of, region
from pydmn.tables.sets import bits
from pydmn.tables.sparse_masks import SparseMasks

_CHUNKED: Final = 1_000
"""Of so many rules and fewer the conclusions are listed eight at a time: it is a sixth faster."""


class ByMask:
    """Writes a table with a mask for each part of its columns' values.

    Of columns with `sides`, which would have too many, only some are kept: in `size` bytes each.
    """

    def __init__(
        self,
        writing: Writing,
        columns: list[Value],
        cells: Sequence[Cells | None],
        sides: Sequence[Sides] = (),
        size: int = 0,
    ) -> None:
        self._writing = writing
        self._sides = sides
        self._size = size
        self._cells = cells
        self._code = writing.code
        self._parts = writing.parts
        self._columns = columns

    def one(self) -> tuple[Value, Hit]:
        """Write the answer of FIRST or UNIQUE, and return it with what was hit."""
        mask, hit = self._mask()
        less = writer.joined(py.Sub(), load(mask), py.Constant(1))
        several = writer.joined(py.BitAnd(), load(mask), less)

        def lowest() -> py.expr:
            low = writer.joined(py.BitAnd(), load(mask), py.UnaryOp(py.USub(), load(mask)))
            return writer.method(low, "bit_length")

        return Answers(self._writing).of_one(load(mask), several, lowest), hit

    def listed(self) -> tuple[Value, Hit]:
        """Write the list of what the rules conclude."""
        code = self._code
        mask, hit = self._mask()
        answers = Answers(self._writing)
        answer = code.fresh("answer")
        few = len(self._parts.table.rules) <= _CHUNKED

        def matched() -> None:
            if few:
                self._in_chunks(answer, mask)
                return
            listed = code.constant(self._parts.listed(), "listed")
            code.set(answer, writer.call(listed, load(mask)))

        code.when(load(mask), matched, lambda: code.set(answer, answers.default()))
        return answers.value(answer), hit

    def _in_chunks(self, answer: str, mask: str) -> None:
        """Write the list of what the rules of a mask conclude, eight rules at a time."""
        code, parts = self._code, self._parts
        chunks = tuple(Chunk(parts, first) for first in range(0, len(parts.table.rules), 8))
        code.set(answer, py.List([], py.Load()))
        octets = writer.method(
            load(mask), "to_bytes", py.Constant(len(chunks)), py.Constant("little")
        )
        chunk, octet = code.fresh("chunk"), code.fresh("octet")
        pairs = writer.call(code.constant(zip, "zip"), code.constant(chunks, "chunks"), octets)
        target = py.Tuple([py.Name(chunk, py.Store()), py.Name(octet, py.Store())], py.Store())
        more = py.AugAssign(
            py.Name(answer, py.Store()), py.Add(), writer.item(load(chunk), load(octet))
        )
        body: list[py.stmt] = [py.If(load(octet), [more], [])]
        code.add(py.For(target, pairs, body, [], None))

    def all(self) -> tuple[Value, Hit]:
        """Write the answer by any hit policy, and return it with what was hit."""
        mask, hit = self._mask()
        numbers = writer.call(self._code.constant(bits, "bits"), load(mask))
        return Answers(self._writing).of_all(numbers, hit)

    # --- the mask ----------------------------------------------------------------------

    def _mask(self) -> tuple[str, Hit]:
        """Write the mask of the rules that match."""
        code, parts = self._code, self._parts
        masks: list[py.expr] = []
        opened: dict[int, int] = {}
        everything = (1 << len(parts.table.rules)) - 1
        for position, column in enumerate(self._columns):
            if self._sides:
                side = self._sides[position]
                opened[position] = self._open(position)
                if side.tells_apart:
                    masks.append(self._sparse(side, column))
                continue
            found = self._region(position, column)
            if found is None:
                opened[position] = self._tested(position)
                continue
            if found.open:
                opened[position] = _union(found.open)
            if isinstance(found, Members):
                masks.append(self._members(found, column))
            elif not (found.other == found.null == everything and not found.points) or found.cuts:
                masks.append(self._writing.found(found, column))
        mask = code.constant(everything)
        for number, each in enumerate(masks):
            mask = each if number == 0 else writer.joined(py.BitAnd(), mask, each)
        name = code.let("rules", mask)
        self._ask_all(name, opened)
        return name, Hit(load(name), parts.rules_hit)

    def _region(self, position: int, column: Value) -> Region | Members | None:
        found = self._cells[position]
        if found is not None:
            return region(*found)
        strings = column.type == ListType(STRING)
        return self._parts.column(position, column.type) if strings else None

    def _sparse(self, side: Sides, column: Value) -> py.expr:
        """Write the look-up of a column's atom, and of its mask."""
        masks = self._code.constant(SparseMasks(side, self._size).mask, "masks")
        mask = writer.call(masks, self._writing.found(side.atoms.numbers, column))
        return load(self._code.let("rules", mask))

    def _open(self, position: int) -> int:
        """Return the rules whose cell in a column of atoms has to be asked."""
        found = self._cells[position]
        assert found is not None
        column, rules = found
        pairs = zip(column.cells, rules, strict=True)
        return mask_of((numbers for cell, numbers in pairs if cell.open), sum(map(len, rules)))

    def _tested(self, position: int) -> int:
        """Return the rules that ask anything of a column."""
        rules = enumerate(self._parts.table.rules)
        return sum(1 << number for number, rule in rules if not rule.cells[position].tests.any)

    def _members(self, region: Members, column: Value) -> py.expr:
        code = self._code
        name = code.fresh("rules")
        member = code.fresh("member")

        def members() -> None:
            code.set(name, code.constant(region.base))
            lacks = code.let("without", py.Constant(0)) if region.lacks else None
            with code.inside([]) as body:
                for target, of, table in (
                    (name, region.has, "has"),
                    (lacks, region.lacks, "lacks"),
                ):
                    if of and target is not None:
                        found = writer.method(
                            code.constant(of, table), "get", load(member), py.Constant(0)
                        )
                        code.set(target, writer.joined(py.BitOr(), load(target), found))
            if body:
                code.add(py.For(py.Name(member, py.Store()), column.read, body, [], None))
            if lacks is not None:
                left = writer.joined(py.BitAnd(), load(name), py.UnaryOp(py.Invert(), load(lacks)))
                code.set(name, left)

        if column.nullable:
            code.when(
                writer.is_(column.read, NONE),
                lambda: code.set(name, code.constant(region.null)),
                members,
            )
        else:
            members()
        return load(name)

    # --- cells that are asked ----------------------------------------------------------

    def _ask_all(self, mask: str, opened: dict[int, int]) -> None:
        """Write the tests of the cells that are no parts of values: `opened` rules, by column."""
        code, parts, writing = self._code, self._parts, self._writing
        for position, column in enumerate(self._columns):
            for number in bits(opened.get(position, 0)):
                if self._ask(mask, number, position, column):
                    opened[position] ^= 1 << number
        if not any(opened.values()):
            return
        writing.code.needs_run = True
        by_column = {position: bits(rules) for position, rules in opened.items()}
        asked = code.constant(parts.asked(by_column), "asked")
        open_mask = code.constant(_union(opened.values()))
        arguments = (load(RUN), load(mask), writing.exact(self._columns),
                     writing.exact(writing.given))  # fmt: skip
        code.when(
            writer.joined(py.BitAnd(), load(mask), open_mask),
            lambda: code.set(mask, writer.call(asked, *arguments)),
        )

    def _ask(self, mask: str, number: int, position: int, column: Value) -> bool:
        """Write the test of one cell that is a condition on `?`; say whether it is one."""
        tests = self._parts.table.rules[number].cells[position].tests
        if tests.negated or len(tests.tests) != 1:
            return False
        expressions = self._writing.expressions
        inside = expressions.inside(column)
        if not inside.is_condition(tests.tests[0]):
            return False
        code = self._code
        bit = code.constant(1 << number)

        def test() -> None:
            holds = inside.value(tests.tests[0])
            flipped = writer.joined(py.BitXor(), load(mask), bit)
            code.when(writer.is_not(holds.read, writer.TRUE), lambda: code.set(mask, flipped))

        code.when(writer.joined(py.BitAnd(), load(mask), bit), test)
        return True


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union
