"""Outputs that never occur."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

from pydmn.diagnostics import Severity
from pydmn.model.expressions import HitPolicy
from pydmn.verify.tables.answers import is_fixed
from pydmn.verify.tables.axes import bits, mask_of
from pydmn.verify.tables.boxes import Spent
from pydmn.verify.tables.dead import left
from pydmn.verify.tables.findings import TableFinding, Verdict
from pydmn.verify.tables.pieces import listed
from pydmn.verify.tables.subject import Found, Subject, shown

_STEPS: Final = 25_000_000


def unreachable_outputs(subject: Subject, dead: int) -> Found:
    """Return the values of outputs, listed or concluded, that no answer ever has."""
    found = Found()
    table = subject.table
    if table.aggregation is not None:
        return found
    undecided = False
    for place, column in enumerate(table.outputs):
        allowed = column.allowed or column.item.allowed
        wanted: dict[Hashable, Any] = {}
        for value in (listed(allowed) if allowed is not None else None) or ():
            wanted[subject.engine.identity(value)] = value
        if not subject.answers.plain or (column.default and not is_fixed(column.default)):
            undecided = undecided or bool(wanted)
            continue
        concluding: dict[Hashable, list[int]] = {key: [] for key in wanted}
        for number in range(len(table.rules)):
            value = subject.answers.outputs(number)[place]
            key = subject.engine.identity(value)
            if value is not None:
                wanted.setdefault(key, value)
                concluding.setdefault(key, []).append(number)
        for key, value in wanted.items():
            try:
                reached = _reached(subject, place, value, concluding[key], dead)
            except Spent:
                undecided = True
                continue
            if not reached:
                found.findings.append(_never(subject, place, value, concluding[key]))
    if not found.findings and not undecided and subject.exact and subject.answers.exact:
        found.proved.append("no-unreachable-output")
    return found


def _reached(subject: Subject, place: int, value: Any, rules: list[int], dead: int) -> bool:
    default = subject.table.outputs[place].default
    if default is not None:
        engine = subject.engine
        written = subject.answers.default(place)
        if engine.identity(written) == engine.identity(value) and _falls_through(subject):
            return True
    for number in rules:
        if dead >> number & 1:
            continue
        if subject.table.hit_policy is not HitPolicy.ANY:
            return True
        keys = subject.answers.keys
        near = subject.grid.touching(number) & ~subject.grid.opened
        unlike = mask_of(n for n in bits(near) if keys[n] != keys[number])
        if left(subject, subject.grid.boxes[number], unlike):
            return True
    return False


def _falls_through(subject: Subject) -> bool:
    """Say whether something may match no rule. Raises `Spent`."""
    grid = subject.grid
    return left(subject, grid.space, grid.every & ~grid.opened & ~grid.empty, _STEPS)


def _never(subject: Subject, place: int, value: Any, rules: list[int]) -> TableFinding:
    column = subject.table.outputs[place]
    name = f" of {column.name}" if column.name and len(subject.table.outputs) > 1 else ""
    why = f"it stands in {subject.rows(rules)} alone" if rules else "no rule concludes it"
    return subject.finding(
        "unreachable-output",
        Verdict.PROVED,
        Severity.NOTE,
        f"the output {shown(value)}{name} never occurs: {why}",
        rules,
        source=subject.table.source,
    )
