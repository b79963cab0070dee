"""Decision tables to Python closures (DMN 1.5, 8.2 and 8.3).

Inputs are evaluated once, rules in the author's order. FIRST stops at the first match; every
other policy looks at all rules, since UNIQUE and ANY must see a second match to refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from pydmn.backends.to_python.items import Check, compile_item
from pydmn.backends.to_python.layout import INPUT, Compiled, Frame, Layout
from pydmn.backends.to_python.tests import Test, compile_unary_tests
from pydmn.feel import builtins, values
from pydmn.model.expressions import Aggregation, HitPolicy
from pydmn.plan.logic import Input, Logic, Output, Rule, Table
from pydmn.run import Run
from pydmn.trace import Hit

CompileLogic: TypeAlias = Callable[[Logic, Layout], Compiled]
Row: TypeAlias = tuple[list[tuple[int, Test]], list[Compiled]]


def compile_table(table: Table, layout: Layout, compile_logic: CompileLogic) -> Compiled:
    """Return the function of a frame that decides by `table`, and notes the rules hit."""
    inputs = [_compile_input(column, layout, compile_logic) for column in table.inputs]
    inside, (slot,) = layout.bind(INPUT)
    rows = [_compile_rule(rule, inside, slot, layout, compile_logic) for rule in table.rules]
    outputs = [
        compile_item(column.item, f"output {column.name}", layout) for column in table.outputs
    ]
    conclude = _compile_conclusion(table, layout, compile_logic)
    ids = [rule.id for rule in table.rules]
    names = [column.label for column in table.inputs]
    first_only = table.hit_policy is HitPolicy.FIRST
    steps = len(rows)

    def decide(frame: Frame) -> Any:
        run: Run = frame[0]
        run.charge(steps)
        tested = []
        for column in inputs:
            accepted, value = column(frame)
            if not accepted:
                return None
            tested.append(value)
        matched: list[int] = []
        for number, (tests, _) in enumerate(rows):
            for position, test in tests:
                if test(frame, tested[position]) is not True:
                    break
            else:
                matched.append(number)
                if first_only:
                    break
        value, hits = conclude(frame, matched, rows, outputs)
        run.trace.hits.append(
            Hit(
                run.trace.decision or "",
                value,
                tuple(ids[number] for number in hits),
                dict(zip(names, tested, strict=True)),
            )
        )
        return value

    return decide


# --- columns and rules ----------------------------------------------------------------

InputColumn: TypeAlias = Callable[[Frame], tuple[bool, Any]]


def _compile_input(column: Input, layout: Layout, compile_logic: CompileLogic) -> InputColumn:
    """Return the function that evaluates a column: whether its value is allowed, and it."""
    expression = compile_logic(column.expression, layout)
    check = compile_item(column.item, f"input {column.label}", layout)
    allowed: Test | None = None
    slot = 0
    if column.allowed is not None:
        inside, (slot,) = layout.bind(INPUT)
        allowed = compile_unary_tests(column.allowed.tests, inside, slot)
        text = column.allowed.source.text

    def evaluate(frame: Frame) -> tuple[bool, Any]:
        value = expression(frame)
        if check is not None:
            value = check(frame[0], value)
        if allowed is not None and value is not None and allowed(frame, value) is not True:
            frame[0].note("input-values", f"input {column.label} is not one of {text}")
            return False, None
        return True, value

    return evaluate


def _compile_rule(
    rule: Rule, inside: Layout, slot: int, layout: Layout, compile_logic: CompileLogic
) -> Row:
    """Return a rule's tests by the position of their column, and its outputs."""
    tests = [
        (position, test)
        for position, cell in enumerate(rule.cells)
        if (test := compile_unary_tests(cell.tests, inside, slot)) is not None
    ]
    return tests, [compile_logic(output, layout) for output in rule.outputs]


# --- hit policies ---------------------------------------------------------------------

Conclusion: TypeAlias = Callable[
    [Frame, list[int], list[Row], list[Check | None]], tuple[Any, list[int]]
]


def _compile_conclusion(table: Table, layout: Layout, compile_logic: CompileLogic) -> Conclusion:
    """Return what makes one answer of the rules that match (8.2.10)."""
    names = [column.name for column in table.outputs]
    single = len(names) == 1
    default = _compile_default(table.outputs, layout, compile_logic)
    has_default = any(column.default is not None for column in table.outputs)
    place = table.source.where

    def conclusion(
        frame: Frame, number: int, rows: list[Row], outputs: list[Check | None]
    ) -> Any:
        run: Run = frame[0]
        cells = []
        for output, check in zip(rows[number][1], outputs, strict=True):
            value = output(frame)
            cells.append(value if check is None else check(run, value))
        return cells[0] if single else dict(zip(names, cells, strict=True))

    def one(
        frame: Frame, matched: list[int], rows: list[Row], outputs: list[Check | None]
    ) -> tuple[Any, list[int]]:
        if not matched:
            return default(frame), []
        if len(matched) > 1 and table.hit_policy is HitPolicy.UNIQUE:
            several = ", ".join(str(number + 1) for number in matched)
            frame[0].note("unique-violation", f"{place}: UNIQUE, but rules {several} match")
            return None, matched
        return conclusion(frame, matched[0], rows, outputs), matched[:1]

    def agreed(
        frame: Frame, matched: list[int], rows: list[Row], outputs: list[Check | None]
    ) -> tuple[Any, list[int]]:
        if not matched:
            return default(frame), []
        results = [conclusion(frame, number, rows, outputs) for number in matched]
        for result in results[1:]:
            if not values.identical(result, results[0], frame[0]):
                several = ", ".join(str(number + 1) for number in matched)
                frame[0].note("any-violation", f"{place}: ANY, but rules {several} differ")
                return None, matched
        return results[0], matched

    def ordered(
        frame: Frame, matched: list[int], rows: list[Row], outputs: list[Check | None]
    ) -> tuple[Any, list[int]]:
        if not matched:
            return default(frame), []
        results = [(number, conclusion(frame, number, rows, outputs)) for number in matched]
        ranked = sorted(results, key=lambda each: priority(frame, each[1]))
        if table.hit_policy is HitPolicy.PRIORITY:
            return ranked[0][1], [ranked[0][0]]
        return [result for _, result in ranked], [number for number, _ in ranked]

    def all_of(
        frame: Frame, matched: list[int], rows: list[Row], outputs: list[Check | None]
    ) -> tuple[Any, list[int]]:
        if not matched:
            if table.aggregation is None or has_default:
                return default(frame), []
            return aggregate(frame[0], []), []
        results = [conclusion(frame, number, rows, outputs) for number in matched]
        return aggregate(frame[0], results) if table.aggregation else results, matched

    def aggregate(run: Run, results: list[Any]) -> Any:
        return _aggregate(run, table.aggregation, results)

    orders = [
        [compile_logic(value, layout) for value in column.order] for column in table.outputs
    ]

    def priority(frame: Frame, result: Any) -> tuple[int, ...]:
        """Return the rank of a result: by the first output, ties by the next (8.2.10)."""
        cells = [result] if single else list(result.values())
        ranks = []
        for cell, order in zip(cells, orders, strict=True):
            listed = (values.identical(cell, value(frame)) for value in order)
            ranks.append(next((rank for rank, same in enumerate(listed) if same), len(order)))
        return tuple(ranks)

    match table.hit_policy:
        case HitPolicy.UNIQUE | HitPolicy.FIRST:
            return one
        case HitPolicy.ANY:
            return agreed
        case HitPolicy.PRIORITY | HitPolicy.OUTPUT_ORDER:
            return ordered
        case HitPolicy.COLLECT | HitPolicy.RULE_ORDER:
            return all_of


def _compile_default(
    outputs: tuple[Output, ...], layout: Layout, compile_logic: CompileLogic
) -> Compiled:
    """Return what stands for no match: the default outputs, or null (8.2.11)."""
    compiled = [
        None if column.default is None else compile_logic(column.default, layout)
        for column in outputs
    ]
    if not any(compiled):
        return lambda _: None
    if len(outputs) == 1:
        assert compiled[0] is not None
        return compiled[0]

    def defaults(frame: Frame) -> dict[str, Any]:
        return {
            column.name: None if value is None else value(frame)
            for column, value in zip(outputs, compiled, strict=True)
        }

    return defaults


_AGGREGATE = {Aggregation.SUM: "sum", Aggregation.MIN: "min", Aggregation.MAX: "max"}


def _aggregate(run: Run, how: Aggregation | None, results: list[Any]) -> Any:
    """Return the aggregate; of no results 0 for COUNT, else null (8.2.10)."""
    if how is Aggregation.COUNT or how is None:
        return Decimal(len(results))
    if not results:
        return None
    function = builtins.lookup(_AGGREGATE[how])
    assert function is not None
    return function.call(run, [results])

