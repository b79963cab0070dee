"""A model as its readers see it: tables with their texts, for documents and reasons.

Nothing here runs. Values are given where the author wrote a constant; everything else stays
text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydmn.feel import ast, host
from pydmn.plan.logic import Feel, Logic, Step, Table


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its label, its text (an expression; the name, for an output), what it reads.

    `reads` are the variables of the expression: inputs and decisions by name.
    """

    label: str
    text: str
    reads: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as written.

    `cells` and `outputs` are FEEL texts; `tested` says of each cell whether it asks
    anything; `literals` are the string constants of each cell in order; `values` the outputs
    that are constants, by name, in the host's types.
    """

    id: str
    number: int
    description: str | None
    cells: tuple[str, ...]
    tested: tuple[bool, ...]
    outputs: tuple[str, ...]
    literals: tuple[tuple[str, ...], ...]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TableView:
    """A decision table as written."""

    decision: str
    id: str | None
    question: str | None
    description: str | None
    hit_policy: str
    aggregation: str | None
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rules: tuple[RuleView, ...]


@dataclass(frozen=True, slots=True)
class InputView:
    """An input as declared: its type, the values allowed where they are listed, its question.

    `allowed` is None where the values are not a list of constants; `allowed_text` is the
    author's text in both cases.
    """

    name: str
    type: str
    allowed: tuple[Any, ...] | None
    allowed_text: str | None
    question: str | None


def table_view(step: Step) -> TableView | None:
    """Return the table of a decision; None where its logic is no table."""
    table = step.logic
    if not isinstance(table, Table):
        return None
    return TableView(
        decision=step.name,
        id=table.id,
        question=step.question,
        description=step.description,
        hit_policy=table.hit_policy.value,
        aggregation=table.aggregation.value if table.aggregation else None,
        inputs=tuple(
            Column(column.label, text_of(column.expression), reads(column.expression))
            for column in table.inputs
        ),
        outputs=tuple(Column(column.name, column.name) for column in table.outputs),
        rules=tuple(_rules(table)),
    )


def _rules(table: Table) -> Iterator[RuleView]:
    for rule in table.rules:
        yield RuleView(
            id=rule.id,
            number=rule.number,
            description=rule.description,
            cells=tuple(cell.source.text.strip() for cell in rule.cells),
            tested=tuple(not cell.tests.any for cell in rule.cells),
            outputs=tuple(text_of(output).strip() for output in rule.outputs),
            literals=tuple(tuple(_strings(cell.tests)) for cell in rule.cells),
            values={
                column.name: host.to_python(value)
                for column, output in zip(table.outputs, rule.outputs, strict=True)
                if (value := constant(output)) is not NOT_CONSTANT
            },
        )


def input_view(step: Step) -> InputView:
    """Return an input as declared."""
    allowed = step.item.allowed
    listed: tuple[Any, ...] | None = None
    if allowed is not None and not allowed.tests.negated:
        values = [_node_constant(test) for test in allowed.tests.tests]
        if values and NOT_CONSTANT not in values:
            listed = tuple(map(host.to_python, values))
    return InputView(
        step.name,
        str(step.item.type),
        listed,
        allowed.source.text.strip() if allowed is not None else None,
        step.description,
    )


def text_of(logic: Logic) -> str:
    """Return the text of a literal expression; empty for what is no single text."""
    return logic.source.text if isinstance(logic, Feel) else ""


def reads(logic: Logic) -> frozenset[str]:
    """Return the names that a literal expression mentions."""
    return names_in(logic.node) if isinstance(logic, Feel) else frozenset()


def names_in(node: ast.Node) -> frozenset[str]:
    """Return the names that a node of FEEL mentions."""
    return frozenset(each.name for each in ast.walk(node) if isinstance(each, ast.Name))


class _NotConstant:
    """The class of `NOT_CONSTANT`."""

    def __repr__(self) -> str:
        return "NOT_CONSTANT"


NOT_CONSTANT: Final = _NotConstant()
"""What `constant` returns for an expression that has to be evaluated."""


def constant(logic: Logic) -> Any:
    """Return the FEEL value that `logic` writes out, or `NOT_CONSTANT`."""
    return _node_constant(logic.node) if isinstance(logic, Feel) else NOT_CONSTANT


def _node_constant(node: ast.Expression) -> Any:
    match node:
        case (
            ast.NumberLiteral(value=value)
            | ast.StringLiteral(value=value)
            | ast.BooleanLiteral(value=value)
        ):
            return value
        case ast.NullLiteral():
            return None
        case ast.Negation(ast.NumberLiteral(value=value)):
            return value.copy_negate()
        case ast.ListLiteral(items):
            values = [_node_constant(item) for item in items]
            return NOT_CONSTANT if NOT_CONSTANT in values else values
    return NOT_CONSTANT


def _strings(tests: ast.UnaryTests) -> Iterator[str]:
    """Yield the string constants of a cell, in the order in which they are written."""
    found = [node for node in ast.walk(tests) if isinstance(node, ast.StringLiteral)]
    return (node.value for node in sorted(found, key=lambda node: node.span.start))
