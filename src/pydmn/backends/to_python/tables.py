"""Decision tables to Python closures (DMN 1.5, 8.2 and 8.3).

Inputs are evaluated once, rules in the author's order (`matching`). FIRST stops at the first match;
every other policy looks at all rules, since UNIQUE and ANY must see a second match to refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from pydmn.backends.to_python.access import weight
from pydmn.backends.to_python.hit_policies import Conclude, compile_hit_policy
from pydmn.backends.to_python.items import compile_item
from pydmn.backends.to_python.layout import INPUT, Compiled, Frame, Layout
from pydmn.backends.to_python.matching import Matching
from pydmn.backends.to_python.tests import Test, compile_unary_tests, cost
from pydmn.feel import ast
from pydmn.feel.findings import shown
from pydmn.plan.logic import ANYTHING, Feel, Input, Logic, Output, Table
from pydmn.run import Run
from pydmn.trace import Hit

CompileLogic: TypeAlias = Callable[[Logic, Layout], Compiled]
InputColumn: TypeAlias = Callable[[Frame], tuple[bool, Any]]
"""Evaluates a column: whether its value is allowed, and the value."""


def compile_table(table: Table, layout: Layout, compile_logic: CompileLogic) -> Compiled:
    """Return the function of a frame that decides by `table`, and notes the rules hit."""
    inputs = [compile_input(column, layout, compile_logic) for column in table.inputs]
    inside, (slot,) = layout.bind(INPUT)
    rules = Matching(table, inside, slot)
    conclude = compile_outputs(table, layout, compile_logic)
    answer = compile_hit_policy(table, layout, compile_logic)
    ids = [rule.id for rule in table.rules]
    names = [column.label for column in table.inputs]
    steps = table_cost(table)

    def decide(frame: Frame) -> Any:
        run: Run = frame[0]
        run.charge(steps)
        tested = []
        for column in inputs:
            accepted, value = column(frame)
            if not accepted:
                return None
            tested.append(value)
        matched = rules.matched(frame, tested)
        value, hits = answer(frame, matched, conclude)
        run.trace.hits.append(
            Hit(
                run.trace.decision or "",
                value,
                tuple([ids[number] for number in hits]),
                dict(zip(names, tested, strict=True)),
            )
        )
        return value

    return decide


def table_cost(table: Table) -> int:
    """Return how many steps one evaluation is: one a rule, and one for a node of its texts."""
    count = len(table.rules)
    for column in table.inputs:
        count += _text_cost(column.expression)
    known: dict[int, int] = {}
    for rule in table.rules:
        for cell in rule.cells:
            if id(cell) not in known:
                known[id(cell)] = cost(cell.tests)
            count += known[id(cell)]
        for output in rule.outputs:
            if id(output) not in known:
                known[id(output)] = _text_cost(output)
            count += known[id(output)]
    return count


_CONSTANTS = (ast.NumberLiteral, ast.StringLiteral, ast.BooleanLiteral, ast.NullLiteral)


def _text_cost(logic: Logic) -> int:
    """Return the steps of a text; a constant takes none."""
    if not isinstance(logic, Feel) or isinstance(logic.node, _CONSTANTS):
        return 0
    return weight(logic.node)


def compile_input(column: Input, layout: Layout, compile_logic: CompileLogic) -> InputColumn:
    """Return what evaluates a column and checks its type (8.3.2)."""
    asked = column.expression
    if isinstance(asked, Feel):
        asked = replace(asked, item=ANYTHING)  # asked below, where the note can name the column
    expression = compile_logic(asked, layout)
    check = compile_item(column.item, f"input {column.label}", layout)
    allowed: Test | None = None
    text = ""
    if column.allowed is not None:
        inside, (slot,) = layout.bind(INPUT)
        allowed = compile_unary_tests(column.allowed.tests, inside, slot)
        text = shown(column.allowed.source.text)

    def evaluate(frame: Frame) -> tuple[bool, Any]:
        value = expression(frame)
        if check is not None:
            value = check(frame[0], value)
        if allowed is not None and value is not None and allowed(frame, value) is not True:
            frame[0].note("input-values", f"input {column.label} is not one of {text}")
            return False, None
        return True, value

    return evaluate


def compile_outputs(table: Table, layout: Layout, compile_logic: CompileLogic) -> Conclude:
    """Return what a rule concludes: its one output, or a context of all by name (8.3.3)."""
    known = {id(output): output for rule in table.rules for output in rule.outputs}
    compiled = {key: compile_logic(output, layout) for key, output in known.items()}
    rows = [[compiled[id(output)] for output in rule.outputs] for rule in table.rules]
    checks = [_compile_output_check(column, layout) for column in table.outputs]
    names = [column.name for column in table.outputs]

    def conclude(frame: Frame, number: int) -> Any:
        cells = [
            output(frame) if check is None else check(frame, output(frame))
            for output, check in zip(rows[number], checks, strict=True)
        ]
        return cells[0] if len(cells) == 1 else dict(zip(names, cells, strict=True))

    return conclude


def _compile_output_check(column: Output, layout: Layout) -> Callable[[Frame, Any], Any] | None:
    """Return what makes an output null, with a note, where its column does not allow it."""
    what = f"output {column.name}" if column.name else "the output"
    typed = compile_item(column.item, what, layout)
    listed: Test | None = None
    text = ""
    if column.allowed is not None:
        inside, (slot,) = layout.bind(INPUT)
        listed = compile_unary_tests(column.allowed.tests, inside, slot)
        text = shown(column.allowed.source.text)
    if typed is None and listed is None:
        return None

    def check(frame: Frame, value: Any) -> Any:
        if typed is not None:
            value = typed(frame[0], value)
        if listed is not None and value is not None and listed(frame, value) is not True:
            frame[0].note("output-values", f"{what} is not one of {text}")
            return None
        return value

    return check
