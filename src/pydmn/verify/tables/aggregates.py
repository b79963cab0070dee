"""Rules of a table that aggregates what it collects: those whose value never makes a difference."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from pydmn.diagnostics import Severity
from pydmn.feel.values import compare
from pydmn.model.expressions import Aggregation
from pydmn.verify.tables.axes import bits
from pydmn.verify.tables.boxes import Spent, common
from pydmn.verify.tables.dead import left, spent
from pydmn.verify.tables.findings import TableFinding, Verdict
from pydmn.verify.tables.subject import Found, Subject


def idle_rules(subject: Subject, dead: int) -> Found:
    """Return the rules that can be dropped from a table that aggregates, without a change."""
    found = Found()
    grid, answers = subject.grid, subject.answers
    if not answers.exact:
        return found
    undecided: list[int] = []
    values = _values(subject)
    for value, rules in values:
        outdoing = _outdoing(subject.table.aggregation, value, values)
        for number in bits(rules & ~dead):
            near = grid.touching(number)
            if (near | 1 << number) & grid.opened:
                continue
            try:
                if _is_idle(subject, number, near, outdoing):
                    found.findings.append(dropped(subject, number))
            except Spent:
                undecided.append(number)
    if undecided:
        found.findings.append(spent(subject, "redundant", undecided))
    if not found.findings and subject.exact and not dead:
        found.proved.append("no-redundant-rule")
    return found


def _values(subject: Subject) -> list[tuple[Any, int]]:
    """Return the values that rules conclude, each with the mask of its rules."""
    found: dict[Hashable, tuple[Any, int]] = {}
    for number in range(len(subject.grid.boxes)):
        (value,) = subject.answers.outputs(number)
        key = subject.engine.identity(value)
        found[key] = (value, found.get(key, (None, 0))[1] | 1 << number)
    return [*found.values()]


def _outdoing(how: Aggregation | None, value: Any, values: Iterable[tuple[Any, int]]) -> int:
    """Return the rules, of those that have each of `values`, beside which one value does nothing.

    No value does anything beside a null, of which no operator makes a value.
    """
    mask = 0
    for other, rules in values if how is not Aggregation.COUNT else ():
        order = compare(other, value)
        if (
            other is None
            or (how is Aggregation.SUM and value == 0)
            or (how is Aggregation.MIN and order in (-1, 0))
            or (how is Aggregation.MAX and order in (0, 1))
        ):
            mask |= rules
    return mask


def _is_idle(subject: Subject, number: int, near: int, outdoing: int) -> bool:
    """Say whether a rule does nothing where it matches alone, and beside each other rule.

    Raises `Spent`.
    """
    grid, answers = subject.grid, subject.answers
    box, enough = grid.boxes[number], near & outdoing
    if answers.keys[number] != answers.of(0):
        return bool(enough) and not left(subject, box, enough)
    return not any(
        left(subject, shared, enough)
        for other in bits(near & ~outdoing)
        if (shared := common(box, grid.boxes[other])) is not None
    )


def dropped(subject: Subject, number: int) -> TableFinding:
    """Return that a rule can be dropped."""
    return subject.finding(
        "redundant",
        Verdict.PROVED,
        Severity.WARNING,
        f"{subject.row(number)} can be dropped: what it matches has the same answer without it",
        (number,),
    )
