"""Decision tables to Python statements: from the columns' values to the rules, to the answer."""

from __future__ import annotations

import ast as py
from collections.abc import Iterable
from math import prod
from typing import Final

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.forms import Forms
from pydmn.backends.to_python.fused.in_blocks import InBlocks
from pydmn.backends.to_python.fused.keys import ByKey, keys, listed
from pydmn.backends.to_python.fused.masks import ByMask
from pydmn.backends.to_python.fused.tables import Cells
from pydmn.backends.to_python.fused.unfit import refuse_long
from pydmn.backends.to_python.fused.variables import Value
from pydmn.backends.to_python.fused.writing import Hit, Writing
from pydmn.feel.types import ANY
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Cell, Feel, Input
from pydmn.tables.blocks import Sides
from pydmn.tables.cells import KINDS

_SINGLE: Final = frozenset({HitPolicy.UNIQUE, HitPolicy.FIRST})
_LISTS: Final = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER})


class Lookup:
    """Writes the table of one step, in the form that serves it best."""

    def __init__(self, writing: Writing, forms: Forms) -> None:
        self._writing = writing
        self._forms = forms

    def answer(self) -> tuple[Value, Hit]:
        """Write the table; return the variable that holds its answer, and what was hit."""
        parts, table = self._writing.parts, self._writing.parts.table
        self._refuse_long()
        columns = [self._column(column) for column in table.inputs]
        single = table.hit_policy in _SINGLE
        if single:
            found = keys(table, [each.type for each in columns], self._forms.keys_per_rule)
            if found is not None:
                return ByKey(self._writing, columns, found).answer()
        simple = all(parts.constant) and not parts.checked
        listed = simple and table.hit_policy in _LISTS and table.aggregation is None
        form = self._form(columns, listed)
        if single:
            return form.one()
        return form.listed() if listed else form.all()

    def _form(self, columns: list[Value], listed: bool) -> ByMask | InBlocks:
        """Return masks or blocks; `listed` where the answer is a list of constants."""
        writing, parts, forms = self._writing, self._writing.parts, self._forms
        cells = [parts.accepted(position, each.type) for position, each in enumerate(columns)]
        if _mask_bytes(cells, len(parts.table.rules)) <= forms.mask_bytes:
            return ByMask(writing, columns, cells)
        sides = [None if found is None else Sides.read(*found) for found in cells]
        atomic = [side for side in sides if side is not None]
        many = listed and len(atomic) == len(sides)
        if many and prod(side.share for side in atomic) >= forms.many_hits:
            return ByMask(writing, columns, cells, atomic, forms.sparse_bytes // len(atomic))
        return InBlocks(writing, columns, cells, sides, forms.block)

    def _refuse_long(self) -> None:
        """Raise `Unfit` where something that closures are left with may be long."""
        table = self._writing.parts.table
        concluded = [output for rule in table.rules for output in rule.outputs]
        for output in (*concluded, *(each.default for each in table.outputs)):
            if isinstance(output, Feel):
                refuse_long(output.node)

    # --- columns -----------------------------------------------------------------------

    def _column(self, column: Input) -> Value:
        """Write a column's expression; the value is of the column's type, or null."""
        expressions = self._writing.expressions
        assert isinstance(column.expression, Feel)
        value = expressions.value(column.expression.node)
        declared = column.item.type
        if declared != ANY:
            value = expressions.as_type(value, declared)
        for cell in (column.allowed, column.item.allowed):
            if cell is not None:
                self._only(value, cell)
        beyond = (column.item.constraint, column.item.element, column.item.entries or None)
        if any(each is not None for each in beyond) and column.item.constrained:
            self._writing.code.add(self._writing.leave())
        return value

    def _only(self, value: Value, cell: Cell) -> None:
        """Leave where `value` is not among the allowed values."""
        code, leave = self._writing.code, self._writing.leave
        accepted = listed(cell)
        if accepted is None or value.type not in KINDS:
            code.add(leave())
            return
        names = code.constant(frozenset({None, *accepted}), "allowed")
        outside = writer.compared(value.read, py.NotIn(), names)
        code.when(outside, lambda: code.add(leave()))


def _mask_bytes(columns: Iterable[Cells | None], rules: int) -> int:
    """Return about how large the masks of all columns are: one for each value that cells name.

    A column whose cells are asked has none, and one of lists as many as there are rules.
    """
    masks = 0
    for found in columns:
        if found is None:
            masks += rules
        else:
            masks += len({value for each in found[0].cells for value in (*each.at, *each.beyond)})
    return masks * rules // 8
