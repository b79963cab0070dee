"""A decision table, verified exactly: what it leaves out, what meets, what does nothing.

Every verdict comes from the table's boxes (`boxes`): each rule is one, in a space whose axes
are the inputs and whose points are all that the cells can tell apart (`axes`). So a proof is of
all inputs, and nothing is sampled. A defect is shown by a case that the engine has replayed.

A table is judged by itself: each input may have any value that is declared for it or, without
declaration, any of its type; a decision that the table reads may answer whatever its own rules
conclude. What is outside of the allowed values is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydmn.diagnostics import Severity
from pydmn.plan.logic import Step, Table
from pydmn.verify.tables.allowed import outside_allowed, unread_cells
from pydmn.verify.tables.answers import Answers
from pydmn.verify.tables.boxes import Steps
from pydmn.verify.tables.dead import dead_rules
from pydmn.verify.tables.findings import TableFinding, Verdict, VerifiedTable
from pydmn.verify.tables.gaps import gaps
from pydmn.verify.tables.grid import Grid
from pydmn.verify.tables.inputs import irrelevant_inputs
from pydmn.verify.tables.outputs import unreachable_outputs
from pydmn.verify.tables.overlaps import overlaps
from pydmn.verify.tables.read_axes import read_axes
from pydmn.verify.tables.redundant import redundant_rules
from pydmn.verify.tables.subject import Subject
from pydmn.verify.tables.witness import Cases, Engine

__all__ = ["STEPS", "Engine", "TableFinding", "Verdict", "VerifiedTable", "verify_table"]

STEPS = 100_000_000
"""The work that may be done on one table: a minute or two, where all of it is needed."""

_WORST_FIRST = [Severity.ERROR, Severity.WARNING, Severity.NOTE]


def verify_table(
    step: Step, requires: Mapping[str, Step], engine: Engine, steps: int = STEPS
) -> VerifiedTable:
    """Return what is proved and found of the table of `step`.

    `requires` are the steps that it reads, by the name it has for them; `steps` bound the work,
    and what they do not suffice for is not decided.
    """
    table = step.logic
    assert isinstance(table, Table)
    axes = read_axes(table, requires, engine.accepts, engine)
    grid = Grid(axes, len(table.rules))
    answers = Answers(table, engine)
    left = Steps(steps)
    cases = Cases(table, requires, grid, engine, left)
    subject = Subject(step, table, requires, grid, answers, engine, cases, left)
    dead, of_dead = dead_rules(subject)
    parts = [
        gaps(subject),
        overlaps(subject),
        of_dead,
        redundant_rules(subject, dead),
        unreachable_outputs(subject, dead),
        outside_allowed(subject),
        irrelevant_inputs(subject),
        unread_cells(subject),
    ]
    findings = [finding for part in parts for finding in part.findings]
    return VerifiedTable(
        step.name,
        tuple(name for part in parts for name in part.proved),
        tuple(sorted(findings, key=lambda each: _WORST_FIRST.index(each.severity))),
        table.source,
    )
