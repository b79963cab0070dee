"""What the right answers are: the tables read rule by rule, with nothing clever.

Every contestant is held against this before it is timed. It knows neither FEEL nor any index,
and a workload's formula is a function of its own in Python, not one of the formula's texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, assert_never

from benchmarks.tables import (
    Below,
    Cell,
    From,
    In,
    Interval,
    Record,
    Rule,
    Table,
    Workload,
)


class NotUnique(ValueError):
    """Two rules of a UNIQUE table match one record: the workload itself is wrong."""


def answers(workload: Workload) -> list[Any]:
    """Return the right answer to each record: what DMN says that the asked decision's value is.

    A value of a table with one output stands bare, of several in a dict by name; COLLECT gives
    a list; None where no rule matches, by any hit policy (DMN 1.5, 8.2.11). A number is an int or
    a Decimal.
    """
    return [answer(workload, record) for record in workload.records]


def answer(workload: Workload, record: Record) -> Any:
    """Return the right answer to `record`. Raises `NotUnique`."""
    known = dict(record)
    for step in workload.steps:
        known[step.name] = (
            _value(step, known) if isinstance(step, Table) else FORMULAS[step.name](known)
        )
    return known[workload.asked.name]


def _value(table: Table, known: Mapping[str, Any]) -> Any:
    names = table.reads
    values = [known[name] for name in names]
    hits = [rule for rule in table.rules if all(map(passes, rule.cells, values))]
    if table.hit == "COLLECT":
        return [_result(table, rule) for rule in hits] or None
    if table.hit == "UNIQUE" and len(hits) > 1:
        raise NotUnique(f"{table.name}: {len(hits)} rules match {dict(known)}")
    return _result(table, hits[0]) if hits else None


def _result(table: Table, rule: Rule) -> Any:
    if len(table.outputs) == 1:
        return rule.results[0]
    return {column.name: value for column, value in zip(table.outputs, rule.results, strict=True)}


def passes(cell: Cell, value: Any) -> bool:
    """Say whether `value` passes the test."""
    match cell:
        case None:
            return True
        case In(values):
            return value in values
        case Interval(low, high):
            return bool(low <= value < high)
        case From(bound):
            return bool(value >= bound)
        case Below(bound):
            return bool(value < bound)
        case _:
            assert_never(cell)


def premium(known: Mapping[str, Any]) -> Decimal:
    """Return W5's premium: a quarter of the amounts by a factor, and fees, in exact decimals."""
    amounts: list[int] = known["amounts"]
    factor = Decimal(known["factor"])
    return sum(amounts) * factor / 4 + 10 * len(amounts) + (100 if max(amounts) > 900 else 0)


FORMULAS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {"premium": premium}


# --- the comparison --------------------------------------------------------------------------


def same(given: Any, right: Any) -> bool:
    """Say whether two answers are one: exactly, and numbers by value (3 is 3.0, true is not 1)."""
    if isinstance(right, Mapping):
        return (
            isinstance(given, Mapping)
            and given.keys() == right.keys()
            and all(same(given[name], value) for name, value in right.items())
        )
    if isinstance(right, list):
        return isinstance(given, list) and len(given) == len(right) and all(map(same, given, right))
    if isinstance(given, bool) or isinstance(right, bool):
        return given is right
    return bool(given == right)
