"""The decisions of a policy as they run, for the appendix: tables and expressions as written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from medpolicy.documents.columns import DocumentError
from medpolicy.documents.content import (
    Clause,
    Column,
    ColumnKind,
    DecisionFormula,
    DecisionLogic,
    DecisionTable,
    Grid,
    Logic,
    TableRule,
)

if TYPE_CHECKING:
    from pydmn import Model, TableView

_GRID_COLUMNS: Final = 6
"""More columns than these do not fit beside each other on paper."""


def logic(model: Model, first: Sequence[str]) -> Logic:
    """Return the model's decisions: those named by `first`, then the others in graph order.

    Raises `DocumentError` for one that is neither a table nor a single expression.
    """
    names = [*first, *(name for name in model.names if name not in first)]
    return Logic(
        id="logic",
        title="Appendix: the decisions as they run",
        introduction=(
            "These are the rules that determine a request, as they run. The criteria, the codes "
            "and the readings above are taken from them. Conditions and results are written in "
            "FEEL, the expression language of the Decision Model and Notation (DMN) standard."
        ),
        decisions=tuple(_decision(model, name) for name in names),
    )


def _decision(model: Model, name: str) -> DecisionLogic:
    match model.kind(name):
        case "table":
            return _table(model.table(name))
        case "literal":
            return DecisionFormula(name, model.literal(name))
        case other:
            raise DocumentError(
                f"{name}: a document prints decision tables and literal expressions; "
                f"this is a `{other}`"
            )


def _table(table: TableView) -> DecisionTable:
    return DecisionTable(
        decision=table.decision,
        hit_policy=table.hit_policy,
        inputs=tuple(_clause(column.label, column.text) for column in table.inputs),
        outputs=tuple(_clause(column.label, "") for column in table.outputs),
        rules=tuple(
            TableRule(
                id=rule.id,
                number=rule.number,
                description=rule.description or "",
                inputs=tuple(rule.cells),
                outputs=tuple(rule.outputs),
            )
            for rule in table.rules
        ),
        fits_a_grid=len(table.inputs) + len(table.outputs) <= _GRID_COLUMNS,
    )


def _clause(label: str | None, expression: str) -> Clause:
    """Return a column under its label; one without a label is headed by its expression."""
    if not label:
        return Clause(expression, "")
    return Clause(label, "" if expression == label else expression)


def questions(model: Model) -> Grid:
    """Return the facts that the model takes, with the question and the answers of each."""
    return Grid(
        id="questions",
        caption="Facts, questions and answers",
        columns=(
            Column("Fact"),
            Column("Question", ColumnKind.PROSE),
            Column("Answers", ColumnKind.PROSE),
        ),
        rows=tuple(
            (
                fact.name,
                fact.question or "",
                ", ".join(str(value) for value in fact.allowed or ()) or fact.type,
            )
            for fact in model.inputs
        ),
    )
