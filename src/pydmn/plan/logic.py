"""Decisions ready to run: what to compute, not how.

A model's boxed expressions with their texts parsed, their names resolved against what is in
scope, and their types found. Backends turn this into something that runs. What could not be
understood stands here as `Broken`, with its diagnostics: a model loads although one decision
of it cannot run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pydmn.diagnostics import Diagnostic
from pydmn.feel import ast
from pydmn.feel.types import ANY, Type
from pydmn.model.expressions import Aggregation, HitPolicy
from pydmn.source import Source


@dataclass(frozen=True, slots=True)
class Cell:
    """Unary tests with the text they were read from, and the types that it may name.

    Cells of a table's column that have the same text are one `Cell`; its `source` is where the
    text stands first.
    """

    tests: ast.UnaryTests
    source: Source
    types: Mapping[str, Type] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """What a value must be: a type, and what an item definition asks beyond it (7.3.3).

    `allowed` are tests for a value, or for each element of a collection; `constraint`
    tests the whole value. `element` and `entries` say the same of what is inside.
    """

    type: Type = ANY
    allowed: Cell | None = None
    constraint: Cell | None = None
    element: Item | None = None
    entries: tuple[tuple[str, Item], ...] = ()

    @property
    def constrained(self) -> bool:
        """Whether anything beyond the type is asked."""
        return (
            self.allowed is not None
            or self.constraint is not None
            or (self.element is not None and self.element.constrained)
            or any(item.constrained for _, item in self.entries)
        )


ANYTHING = Item()


@dataclass(frozen=True, slots=True)
class Feel:
    """A literal expression; `type` is what the text says of its value, `item` what is asked.

    Output entries of a table's column that have the same text are one, as `Cell`s are.
    """

    node: ast.Expression
    source: Source
    item: Item = ANYTHING
    type: Type = ANY


@dataclass(frozen=True, slots=True)
class Broken:
    """What cannot run, and why."""

    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A boxed context: named values, and perhaps a result in their scope (10.2.1.4)."""

    entries: tuple[tuple[str, Logic], ...]
    result: Logic | None
    item: Item = ANYTHING


@dataclass(frozen=True, slots=True)
class Items:
    """A boxed list (10.2.1.5)."""

    items: tuple[Logic, ...]
    item: Item = ANYTHING


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter."""

    name: str
    item: Item = ANYTHING


@dataclass(frozen=True, slots=True)
class FunctionOf:
    """A boxed function or the logic of a business knowledge model (10.2.1.7).

    `external` is the registry's key of a Java method, None for a function in FEEL.
    """

    parameters: tuple[Parameter, ...]
    body: Logic
    external: str | None = None
    item: Item = ANYTHING


@dataclass(frozen=True, slots=True)
class Invoke:
    """A boxed invocation (7.3.6)."""

    function: Logic
    arguments: tuple[tuple[str, Logic], ...]
    source: Source
    item: Item = ANYTHING


@dataclass(frozen=True, slots=True)
class Choose:
    """A boxed conditional (10.2.1.8)."""

    condition: Logic
    then: Logic
    otherwise: Logic
    item: Item = ANYTHING


@dataclass(frozen=True, slots=True)
class Select:
    """A boxed filter (10.2.1.9)."""

    collection: Logic
    match: Logic
    item: Item = ANYTHING


@dataclass(frozen=True, slots=True)
class Loop:
    """A boxed iterator (10.2.1.10, 10.2.1.11)."""

    kind: Literal["for", "some", "every"]
    variable: str
    collection: Logic
    body: Logic
    item: Item = ANYTHING


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions: its expression, and what values it may have."""

    label: str
    expression: Logic
    source: Source
    allowed: Cell | None = None
    item: Item = ANYTHING


@dataclass(frozen=True, slots=True)
class Output:
    """A column of conclusions.

    `order` are tests of the values by priority, highest first, where the clause or its type
    lists them (8.2.10); `allowed` is the clause's own list as a test.
    """

    name: str
    item: Item = ANYTHING
    allowed: Cell | None = None
    order: tuple[Feel, ...] = ()
    default: Logic | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: a cell an input, an expression an output."""

    id: str
    number: int
    cells: tuple[Cell, ...]
    outputs: tuple[Logic, ...]
    source: Source
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table (8.3)."""

    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    source: Source
    id: str | None = None
    item: Item = ANYTHING


Sound: TypeAlias = Feel | Entries | Items | FunctionOf | Invoke | Choose | Select | Loop | Table
"""Logic that can run; a part of it may yet be broken."""

Logic: TypeAlias = Sound | Broken

Kind: TypeAlias = Literal["input", "decision", "knowledge", "service"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a step reads: the key of the element, and the name it is known by there.

    `package` is the import's name, as a tuple of one, for an element of an import that has
    one: the element is then read as `import name.name`.
    """

    key: str
    name: str
    package: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One element of the requirements graph, ready to run.

    `key` names it uniquely over all models of a plan, `name` is the author's. The logic of
    a service is None: `outputs` are the keys of its decisions, `parameters` those of its
    inputs, in the order in which it is called. `types` are those that its texts may name.
    """

    key: str
    name: str
    kind: Kind
    source: Source
    item: Item = ANYTHING
    logic: Logic | None = None
    requirements: tuple[Requirement, ...] = ()
    parameters: tuple[Requirement, ...] = ()
    outputs: tuple[Requirement, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    description: str | None = None
    question: str | None = None
    types: Mapping[str, Type] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that can be asked of the models, by key, in an order that can run.

    `names` finds keys by the name that a host uses: of the main model, or
    `import name.name`. `types` are the item definitions of the main model by name.
    """

    steps: Mapping[str, Step]
    names: Mapping[str, str]
    types: Mapping[str, Type]
    diagnostics: tuple[Diagnostic, ...] = ()
