"""From the rules that match to one answer (DMN 1.5, 8.2.10 and 8.2.11)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias, assert_never

from pydmn.backends.to_python.access import constant
from pydmn.backends.to_python.layout import INPUT, Compiled, Frame, Layout
from pydmn.backends.to_python.tests import compile_tests
from pydmn.feel import builtins, values
from pydmn.model.expressions import Aggregation, HitPolicy
from pydmn.plan.logic import Logic, Table
from pydmn.run import Run

CompileLogic: TypeAlias = Callable[[Logic, Layout], Compiled]
Conclude: TypeAlias = Callable[[Frame, int], Any]
"""Evaluates what the rule at an index concludes."""

Answer: TypeAlias = Callable[[Frame, list[int], Conclude], tuple[Any, list[int]]]
"""Makes an answer of the indices of the rules that match; says which of them made it."""


def compile_hit_policy(table: Table, layout: Layout, compile_logic: CompileLogic) -> Answer:
    """Return what makes one answer of the rules that match; the default outputs if none does."""
    answer = _compile_policy(table, layout)
    default = _compile_default(table, layout, compile_logic)

    def answered(frame: Frame, matched: list[int], conclude: Conclude) -> tuple[Any, list[int]]:
        if matched:
            return answer(frame, matched, conclude)
        return default(frame), []

    return answered


def _compile_policy(table: Table, layout: Layout) -> Answer:
    place = table.source.where
    match table.hit_policy:
        case HitPolicy.UNIQUE:
            return _unique(place)
        case HitPolicy.FIRST:
            return _first
        case HitPolicy.ANY:
            return _any(place)
        case HitPolicy.PRIORITY:
            return _priority(_compile_rank(table, layout))
        case HitPolicy.OUTPUT_ORDER:
            return _output_order(_compile_rank(table, layout))
        case HitPolicy.RULE_ORDER:
            return _every
        case HitPolicy.COLLECT:
            return _every if table.aggregation is None else _aggregated(table.aggregation)
    assert_never(table.hit_policy)


def _unique(place: str) -> Answer:
    def unique(frame: Frame, matched: list[int], conclude: Conclude) -> tuple[Any, list[int]]:
        if len(matched) > 1:
            frame[0].note("unique-violation", f"{place}: UNIQUE, but {_rules(matched)} match")
            return None, matched
        return conclude(frame, matched[0]), matched

    return unique


def _first(frame: Frame, matched: list[int], conclude: Conclude) -> tuple[Any, list[int]]:
    return conclude(frame, matched[0]), matched[:1]


def _any(place: str) -> Answer:
    def agreed(frame: Frame, matched: list[int], conclude: Conclude) -> tuple[Any, list[int]]:
        results = [conclude(frame, number) for number in matched]
        for result in results[1:]:
            if not values.identical(result, results[0], frame[0]):
                frame[0].note("any-violation", f"{place}: ANY, but {_rules(matched)} differ")
                return None, matched
        return results[0], matched

    return agreed


def _rules(matched: list[int]) -> str:
    return f"rules {', '.join(str(number + 1) for number in matched)}"


def _every(frame: Frame, matched: list[int], conclude: Conclude) -> tuple[Any, list[int]]:
    """All of them: COLLECT may take any order, and takes that of the rules."""
    return [conclude(frame, number) for number in matched], matched


# --- priorities -----------------------------------------------------------------------

Rank: TypeAlias = Callable[[Frame, Any], tuple[int, ...]]


def _priority(rank: Rank) -> Answer:
    def highest(frame: Frame, matched: list[int], conclude: Conclude) -> tuple[Any, list[int]]:
        results = [conclude(frame, number) for number in matched]
        ranks = [rank(frame, result) for result in results]
        best = ranks.index(min(ranks))
        return results[best], [matched[best]]

    return highest


def _output_order(rank: Rank) -> Answer:
    def ordered(frame: Frame, matched: list[int], conclude: Conclude) -> tuple[Any, list[int]]:
        results = [conclude(frame, number) for number in matched]
        ranks = [rank(frame, result) for result in results]
        order = sorted(range(len(matched)), key=ranks.__getitem__)
        return [results[at] for at in order], [matched[at] for at in order]

    return ordered


def _compile_rank(table: Table, layout: Layout) -> Rank:
    """Return the rank of a result: by the first output, ties by the next; 0 is the highest.

    A value's rank is the place of the first listed test that accepts it; one that is not
    listed comes after all that are.
    """
    inside, (slot,) = layout.bind(INPUT)
    orders = [
        [compile_tests([listed.node], inside, slot) for listed in column.order]
        for column in table.outputs
    ]

    def rank(frame: Frame, result: Any) -> tuple[int, ...]:
        run: Run = frame[0]
        cells = [result] if len(orders) == 1 else list(result.values())
        mark = run.trace.mark()
        ranks = []
        for cell, order in zip(cells, orders, strict=True):
            run.charge(len(order))
            accepted = (place for place, test in enumerate(order) if test(frame, cell) is True)
            ranks.append(next(accepted, len(order)))
        # That a value is unlike those listed before its own is no reason for anything.
        run.trace.back_to(mark)
        return tuple(ranks)

    return rank


# --- aggregates and defaults ----------------------------------------------------------

_FUNCTIONS = {Aggregation.SUM: "sum", Aggregation.MIN: "min", Aggregation.MAX: "max"}


def _aggregated(how: Aggregation) -> Answer:
    """Return COLLECT with an operator, over one output (a table of several is refused)."""
    if how is Aggregation.COUNT:
        return lambda _frame, matched, _conclude: (Decimal(len(matched)), matched)
    function = builtins.lookup(_FUNCTIONS[how])
    assert function is not None

    def aggregated(frame: Frame, matched: list[int], conclude: Conclude) -> tuple[Any, list[int]]:
        return function.call(frame[0], [[conclude(frame, number) for number in matched]]), matched

    return aggregated


def _compile_default(table: Table, layout: Layout, compile_logic: CompileLogic) -> Compiled:
    """Return what stands for no match: the default outputs; else null, and 0 for a count.

    A null that is no default is noted.
    """
    outputs = table.outputs
    compiled = [
        None if column.default is None else compile_logic(column.default, layout)
        for column in outputs
    ]
    message = f"{table.source.where}: no rule matches"
    if all(each is None for each in compiled):
        if table.aggregation is Aggregation.COUNT:
            return constant(Decimal(0))
        return _nothing(message)
    if len(compiled) == 1:
        assert compiled[0] is not None
        return compiled[0]
    columns = [
        (
            column.name,
            _nothing(f"{message}, and output {column.name} has no default")
            if value is None
            else value,
        )
        for column, value in zip(outputs, compiled, strict=True)
    ]

    def defaults(frame: Frame) -> dict[str, Any]:
        return {name: value(frame) for name, value in columns}

    return defaults


def _nothing(message: str) -> Compiled:
    def nothing(frame: Frame) -> None:
        frame[0].note("no-rule-hit", message)

    return nothing
