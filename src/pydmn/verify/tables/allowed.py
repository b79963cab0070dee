"""Cells that ask for, or conclude, what their column cannot be, and cells that no grid holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydmn.diagnostics import Severity
from pydmn.feel import ast, printer
from pydmn.plan.logic import Cell, Feel, Logic
from pydmn.plan.view import NOT_CONSTANT, constant, text_of
from pydmn.tables.accepted import Accepts
from pydmn.tables.cells import constants, literal
from pydmn.tables.regions import members
from pydmn.verify.tables.axes import Axis, Domain, bits, region_of
from pydmn.verify.tables.findings import Verdict
from pydmn.verify.tables.pieces import Piece, pieces
from pydmn.verify.tables.subject import Found, Subject, shown

_SHOWN: Final = 60


def outside_allowed(subject: Subject) -> Found:
    """Return what cells name in vain.

    That is a test that accepts some value of its type and none that is allowed, and a conclusion
    that is not allowed, in place of which the answer is null.
    """
    found = Found()
    whole = _concluded(subject, found)
    for axis in _declared(subject):
        for position in axis.columns:
            if position in axis.asking:
                continue
            written: dict[str, list[int]] = {}
            for cell, rules in _cells(subject, position):
                for text in _outside(subject, axis, cell):
                    written.setdefault(text, []).extend(rules)
            for text, rules in written.items():
                found.findings.append(
                    subject.finding(
                        "outside-allowed",
                        Verdict.PROVED,
                        Severity.WARNING,
                        f"{axis.text}: {text} is outside of the values allowed",
                        sorted(rules),
                        source=subject.table.rules[min(rules)].cells[position].source,
                    )
                )
        whole = whole and not axis.opened
    if not found.findings and whole:
        found.proved.append("none-outside-allowed")
    return found


def _concluded(subject: Subject, found: Found) -> bool:
    """Add the conclusions that are not allowed; say whether all that are restricted are known."""
    whole = True
    for place, column in enumerate(subject.table.outputs):
        declared = (column.allowed, column.item.allowed, column.item.constraint)
        checks = [subject.engine.accepts(cell) for cell in declared if cell is not None]
        written: dict[str, list[int]] = {}
        for number, rule in enumerate(subject.table.rules if checks else ()):
            value = _written(rule.outputs[place])
            if value is NOT_CONSTANT:
                whole = False
            elif value is not None and not all(check(value) for check in checks):
                written.setdefault(text_of(rule.outputs[place]).strip(), []).append(number)
        for text, rules in written.items():
            name = column.name or subject.name
            found.findings.append(
                subject.finding(
                    "outside-allowed",
                    Verdict.PROVED,
                    Severity.WARNING,
                    f"{name}: {_cut(text)} is outside of the values allowed",
                    rules,
                )
            )
    return whole


def _written(output: Logic) -> Any:
    """Return the value that an output writes out, or `NOT_CONSTANT`."""
    value = constant(output)
    if value is NOT_CONSTANT and isinstance(output, Feel):
        known, read = literal(output.node)
        return read if known else NOT_CONSTANT
    return value


def _declared(subject: Subject) -> Iterator[Axis]:
    """Yield the axes with declared values, of a list the first."""
    seen: set[int] = set()
    for axis in subject.grid.axes:
        if axis.domain is not None and axis.columns[0] not in seen:
            seen.add(axis.columns[0])
            yield axis


def _cells(subject: Subject, position: int) -> Iterator[tuple[Cell, list[int]]]:
    """Yield the cells of a column, each once, with the rules that have it."""
    found: dict[int, tuple[Cell, list[int]]] = {}
    for number, rule in enumerate(subject.table.rules):
        cell = rule.cells[position]
        found.setdefault(id(cell), (cell, []))[1].append(number)
    yield from found.values()


def _outside(subject: Subject, axis: Axis, cell: Cell) -> Iterator[str]:
    """Yield the texts of the tests in a cell that no allowed value meets."""
    domain = axis.domain
    assert domain is not None
    accepts = subject.engine.accepts
    if axis.members is not None:
        read = members([(cell, (0,))], accepts)
        for text in {**read.has, **read.lacks}:
            if text not in (domain.values or ()):
                yield shown(text)
        return
    if cell.tests.negated and _in_vain(cell, domain, accepts):
        yield _cut(cell.source.text.strip())
        return
    for test in cell.tests.tests:
        alone = Cell(ast.UnaryTests((test,)), cell.source, cell.types)
        if _in_vain(alone, domain, accepts):
            yield _cut(printer.to_text(test))


def _in_vain(test: Cell, domain: Domain, accepts: Accepts) -> bool:
    """Say whether a test accepts a value of its type, and neither null nor one that is allowed."""
    if constants(test.tests, domain.kind) is None:
        return False
    holds = accepts(test)
    if holds(None):
        return False
    if domain.values is not None:
        checks = [accepts(cell) for cell in domain.cells]
        if any(holds(v) and all(check(v) for check in checks) for v in domain.values):
            return False
        return any(part.mask & 1 for part in _parts([test], domain, accepts))
    parts = _parts([test, *domain.cells], domain, accepts)
    every = (1 << len(domain.cells) + 1) - 1
    return any(part.mask & 1 for part in parts) and not any(part.mask == every for part in parts)


def _parts(cells: list[Cell], domain: Domain, accepts: Accepts) -> list[Piece]:
    numbered = [(cell, 1 << number) for number, cell in enumerate(cells)]
    return [*pieces(region_of(numbered, domain.kind, accepts), whole=False)]


def unread_cells(subject: Subject) -> Found:
    """Return the cells and the allowed values that are no sets of atoms, each with its rules."""
    found = Found()
    for unread in subject.grid.unread:
        label = subject.table.inputs[unread.column].label
        rules = [*bits(unread.rules)]
        text = _cut(unread.cell.source.text.strip())
        what = (
            f"the cell {text} of {label}, {subject.rows(rules)},"
            if rules
            else (f"what {label} allows, {text},")
        )
        found.findings.append(
            subject.finding(
                "not-decided",
                Verdict.NOT_DECIDED,
                Severity.NOTE,
                f"{what} does more than compare with constants: what depends on it is not decided",
                rules,
                source=unread.cell.source,
            )
        )
    columns = [axis.text for axis in subject.grid.axes if axis.free]
    if columns:
        found.findings.append(
            subject.finding(
                "not-decided",
                Verdict.NOT_DECIDED,
                Severity.NOTE,
                f"{', '.join(dict.fromkeys(columns))}: worked out of other values, so that it is "
                "not known which come about; what is said of all values holds for them too",
            )
        )
    return found


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
