"""A decision table column by column: which rules each column accepts, as a bit mask.

The compiled table answers whole; this is for readers that know some columns before others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydmn.backends.to_python.boxed import compile_logic
from pydmn.backends.to_python.items import compile_item
from pydmn.backends.to_python.layout import INPUT, FrameSize, Layout
from pydmn.backends.to_python.tests import Test, compile_unary_tests
from pydmn.feel import ast
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Cell, Feel, Input, Plan, Requirement, Step, Table
from pydmn.run import Run


class TableColumns:
    """The columns of one table.

    `all_rules` is the mask of every rule, bit 0 the first. `concluding` are the keys of
    what the outputs read; the table's answer depends on them and on the mask alone.
    `exact` is False where it may depend on more: a column with allowed values.
    """

    def __init__(self, plan: Plan, step: Step, functions: Mapping[str, Callable[..., Any]]) -> None:
        assert isinstance(step.logic, Table)
        table = step.logic
        self.all_rules = (1 << len(table.rules)) - 1
        self.first_only = table.hit_policy is HitPolicy.FIRST
        self.exact = all(column.allowed is None for column in table.inputs)
        outputs = [output for rule in table.rules for output in rule.outputs]
        outputs += [column.default for column in table.outputs if column.default is not None]
        self.concluding = _keys_read(step.requirements, *outputs)
        self._columns = [
            _Column(plan, step, column, [rule.cells[position] for rule in table.rules], functions)
            for position, column in enumerate(table.inputs)
        ]

    def __len__(self) -> int:
        return len(self._columns)

    def reads(self, position: int) -> frozenset[str]:
        """Return the keys that a column's expression and cells read."""
        return self._columns[position].reads

    def value(self, position: int, run: Run, values: Mapping[str, Any]) -> Any:
        """Return a column's value; `values` are those of what it reads, by key."""
        return self._columns[position].value(run, values)[1]

    def tested(self, position: int, run: Run, values: Mapping[str, Any]) -> tuple[Any, int]:
        """Return a column's value and the mask of the rules whose cell accepts it.

        `values` are those of what the column reads, by key.
        """
        return self._columns[position].tested(run, values)


class _Column:
    """One column: its expression, and the test of each rule's cell."""

    def __init__(
        self,
        plan: Plan,
        step: Step,
        column: Input,
        cells: list[Cell],
        functions: Mapping[str, Callable[..., Any]],
    ) -> None:
        size = FrameSize()
        layout = Layout(size, types=plan.types, functions=functions)
        names = list(dict.fromkeys(each.name for each in step.requirements if not each.package))
        layout, slots = layout.bind(*names)
        by_name = dict(zip(names, slots, strict=True))
        tests = [Feel(test, cell.source) for cell in cells for test in cell.tests.tests]
        self.reads = _keys_read(step.requirements, column.expression, *tests)
        self._slots = [
            (by_name[each.name], each.key) for each in step.requirements if not each.package
        ]
        self._expression = compile_logic(column.expression, layout)
        self._check = compile_item(column.item, f"input {column.label}", layout)
        inside, (slot,) = layout.bind(INPUT)
        known = {id(cell): cell for cell in cells}  # those of one text are one
        compiled = {
            key: compile_unary_tests(cell.tests, inside, slot) for key, cell in known.items()
        }
        self._tests: list[tuple[int, Test | None]] = [
            (1 << number, compiled[id(cell)]) for number, cell in enumerate(cells)
        ]
        self._size = size

    def value(self, run: Run, values: Mapping[str, Any]) -> tuple[list[Any], Any]:
        """Return a frame of what the column reads, and its value."""
        frame: list[Any] = [None] * self._size.slots
        frame[0] = run
        for slot, key in self._slots:
            frame[slot] = values.get(key)
        value = self._expression(frame)
        if self._check is not None:
            value = self._check(run, value)
        return frame, value

    def tested(self, run: Run, values: Mapping[str, Any]) -> tuple[Any, int]:
        """Return the column's value, and the mask of the rules whose cell accepts it."""
        frame, value = self.value(run, values)
        mask = 0
        for bit, test in self._tests:
            if test is None or test(frame, value) is True:
                mask |= bit
        return value, mask


def _keys_read(requirements: tuple[Requirement, ...], *logics: Any) -> frozenset[str]:
    """Return the keys of the requirements that `logics` mention; all, where that is not plain."""
    names: set[str] = set()
    for logic in logics:
        if not isinstance(logic, Feel):
            return frozenset(each.key for each in requirements)
        names.update(node.name for node in ast.walk(logic.node) if isinstance(node, ast.Name))
    return frozenset(
        each.key for each in requirements if (each.package or (each.name,))[0] in names
    )
