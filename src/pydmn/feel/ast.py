"""FEEL as a tree: closed, frozen, located (DMN 1.5, 10.3.1.2).

Numbers in comments are the rules of the grammar. Every node has the `span` of the text
it was read from. `compare=False` on spans: two texts that print alike are equal trees.
"""

from __future__ import annotations

from collections.abc import Iterator as Steps
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cache
from typing import Literal, TypeAlias

from pydmn.source import Span

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every node has: its place in the text."""

    span: Span = field(default=_NOWHERE, compare=False, repr=False)


# --- literals (33-40, 62) -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NumberLiteral(Node):
    """`12.5`; the value is already rounded to 34 digits."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class StringLiteral(Node):
    """`"text"`, escapes resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class BooleanLiteral(Node):
    """`true`, `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class NullLiteral(Node):
    """`null`."""


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """`@"2020-01-01"`: the text of a date, time, date and time or duration."""

    text: str


# --- names, access, calls -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name in scope, white space normalised to single blanks."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`base.name` (20, 45)."""

    base: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`base[condition]` (52); `item` and the members of an item are in scope inside."""

    base: Expression
    condition: Expression


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """A named argument `name: value` (42)."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(arguments)` (40); either positional or named, never both filled."""

    function: Expression
    positional: tuple[Expression, ...] = ()
    named: tuple[Argument, ...] = ()


# --- operators ------------------------------------------------------------------------

ArithmeticOperator: TypeAlias = Literal["+", "-", "*", "/", "**"]
ComparisonOperator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-operand` (26)."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`left op right` (21-25)."""

    operator: ArithmeticOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left op right` (51a)."""

    operator: ComparisonOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high` (51b)."""

    value: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in test` or `value in (test, test)` (51c): the same tests as in a cell."""

    value: Expression
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type` (53)."""

    value: Expression
    type: TypeNode


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """`a and b and c` (50), flat: at least two operands."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """`a or b or c` (49), flat: at least two operands."""

    operands: tuple[Expression, ...]


# --- control --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if condition then consequence else alternative` (47)."""

    condition: Expression
    consequence: Expression
    alternative: Expression


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """`name in source` or `name in source..until` (46); `until` is None for a list."""

    name: str
    source: Expression
    until: Expression | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for iterators return body` (46); `partial` is in scope in the body."""

    iterators: tuple[Iterator, ...]
    body: Expression


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some|every iterators satisfies condition` (48)."""

    kind: Literal["some", "every"]
    iterators: tuple[Iterator, ...]
    condition: Expression


# --- constructors ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[a, b]` (54)."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ContextEntry(Node):
    """`key: value` (58)."""

    key: str
    value: Expression


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """`{key: value}` (57); an entry sees the entries before it."""

    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A formal parameter, with its type where given (56)."""

    name: str
    type: TypeNode | None = None


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    """`function(parameters) body`, or `function(...) external {...}` (55)."""

    parameters: tuple[Parameter, ...]
    body: Expression
    external: bool = False


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """`[low..high]`, open ends by `(`/`)` or `]`/`[` (8); also `low..high` without brackets."""

    low: Expression
    high: Expression
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """`< endpoint` (7): a test in a cell; in an expression `(< 5)` is the range below 5."""

    operator: ComparisonOperator
    endpoint: Expression


# --- unary tests (17, 13-16) ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """A cell: `-` (any), or tests of which one must hold, or `not(tests)`.

    A test is a UnaryComparison, a RangeLiteral, or an expression: one that uses `?`
    is the test's answer, any other is compared with the input (10.3.2.8 and 7.3.2).
    """

    tests: tuple[Test, ...] = ()
    negated: bool = False
    any: bool = False


# --- types (66) -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedType(Node):
    """A built-in type or an item definition, perhaps qualified: `lib.tPerson`."""

    name: str


@dataclass(frozen=True, slots=True)
class ListTypeNode(Node):
    """`list<element>`."""

    element: TypeNode


@dataclass(frozen=True, slots=True)
class RangeTypeNode(Node):
    """`range<element>`."""

    element: TypeNode


@dataclass(frozen=True, slots=True)
class ContextTypeNode(Node):
    """`context<name: type>`; entries in order."""

    entries: tuple[tuple[str, TypeNode], ...]


@dataclass(frozen=True, slots=True)
class FunctionTypeNode(Node):
    """`function<type> -> type`."""

    parameters: tuple[TypeNode, ...]
    result: TypeNode


TypeNode: TypeAlias = NamedType | ListTypeNode | RangeTypeNode | ContextTypeNode | FunctionTypeNode
Expression: TypeAlias = (
    NumberLiteral | StringLiteral | BooleanLiteral | NullLiteral | AtLiteral
    | Name | Path | Filter | Call | Negation | Arithmetic | Comparison | Between | In
    | InstanceOf | Conjunction | Disjunction | If | For | Quantified | ListLiteral
    | ContextLiteral | FunctionLiteral | RangeLiteral | UnaryComparison
)  # fmt: skip
Test: TypeAlias = Expression


def children(node: Node) -> Steps[Node]:
    """Yield the nodes directly below `node`, in the order of its fields."""
    for name in _fields(type(node)):  # type: ignore[arg-type]  # a class has a hash
        yield from _nodes_in(getattr(node, name))


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _nodes_in(value: object) -> Steps[Node]:
    """Yield the nodes in a field: one, several, or several with their names."""
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)


def walk(node: Node) -> Steps[Node]:
    """Yield `node` and every node below it, each once; without recursion."""
    stack: list[Node] = [node]
    while stack:
        each = stack.pop()
        yield each
        stack.extend(children(each))
