"""DMN's boxed expressions as data (DMN 1.5, clauses 7.3, 8.3 and 10.5).

Everything here is frozen. A text in FEEL, or in another expression language, is a
`pydmn.source.Source` with its line and place; prose (`description`, `label`) is `str`.
`type_ref` is in the normal form of `pydmn.model.namespaces.Names.type_ref`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pydmn.model.literals import DmnElement, InformationItem, LiteralExpression, UnaryTests
from pydmn.model.rules import Rules
from pydmn.source import Source


class HitPolicy(StrEnum):
    """How the rules that match become one answer (8.2.10)."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    ANY = "ANY"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"


class Aggregation(StrEnum):
    """What COLLECT does with the outputs (8.2.10)."""

    SUM = "SUM"
    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"


class Orientation(StrEnum):
    """How a table is drawn; its meaning is the same in all three (8.2.2)."""

    RULE_AS_ROW = "Rule-as-Row"
    RULE_AS_COLUMN = "Rule-as-Column"
    CROSS_TABLE = "CrossTable"


class FunctionKind(StrEnum):
    """In what a function's body is written (10.5.3)."""

    FEEL = "FEEL"
    JAVA = "Java"
    PMML = "PMML"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxedExpression(DmnElement):
    """What the structured expressions share (7.3.1); `source` has the place and no text."""

    source: Source
    type_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextEntry(DmnElement):
    """One line of a context; without a `variable` it is the result (10.5.2)."""

    variable: InformationItem | None
    value: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(BoxedExpression):
    """Named values, each seeing those above it (10.5.1)."""

    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListExpression(BoxedExpression):
    """A list of expressions (10.5.4)."""

    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(BoxedExpression):
    """A list of contexts with the same names (10.5.5).

    Each of `rows` has as many elements as there are `columns`.
    """

    columns: tuple[InformationItem, ...]
    rows: tuple[ListExpression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition(BoxedExpression):
    """A function: parameters and a body (10.5.3)."""

    kind: FunctionKind
    parameters: tuple[InformationItem, ...]
    body: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What one parameter of an invocation is given (7.3.7)."""

    parameter: InformationItem
    formula: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation(BoxedExpression):
    """A call with named parameters (7.3.6)."""

    called_function: Expression | None
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputClause(DmnElement):
    """A column of conditions: the expression tested and its allowed values (8.3.2).

    The clause's type is the `type_ref` of its expression.
    """

    expression: LiteralExpression
    input_values: UnaryTests | None
    source: Source

    @property
    def type_ref(self) -> str | None:
        """The declared type of the expression tested."""
        return self.expression.type_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputClause(DmnElement):
    """A column of conclusions; `name` is needed only where there are several (8.3.2)."""

    name: str | None
    type_ref: str | None
    output_values: UnaryTests | None
    default: LiteralExpression | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable(BoxedExpression):
    """A table of rules (8.3.1); the order of `rules` is the author's."""

    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    annotations: tuple[str, ...]
    rules: Rules
    orientation: Orientation
    output_label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(BoxedExpression):
    """If, then, else (10.5.6)."""

    condition: Expression | None
    then: Expression | None
    otherwise: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(BoxedExpression):
    """The elements of a list that match (10.5.8)."""

    collection: Expression | None
    match: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Iterator(BoxedExpression):
    """What `For`, `Every` and `Some` share: a variable over a list (10.5.9)."""

    variable: str
    collection: Expression | None
    collection_type_ref: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class For(Iterator):
    """A list made element by element (10.5.10)."""

    result: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Every(Iterator):
    """Whether all elements satisfy a condition (10.5.12)."""

    satisfies: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Some(Iterator):
    """Whether an element satisfies a condition (10.5.13)."""

    satisfies: Expression | None


Expression: TypeAlias = (
    LiteralExpression
    | DecisionTable
    | Context
    | Relation
    | ListExpression
    | FunctionDefinition
    | Invocation
    | Conditional
    | Filter
    | For
    | Every
    | Some
)
