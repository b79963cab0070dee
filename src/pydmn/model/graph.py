"""Models joined by their imports, and the order in which their decisions can be made.

`pydmn.model.linking.link` makes them (DMN 1.5, 6.2.3, 6.3.3, 6.3.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from pydmn.model.elements import Definitions, DrgElement, ItemDefinition


class ElementKey(NamedTuple):
    """What one element is known by among all models: its model's namespace and its id.

    An element without an id has `name:` and its name in place of one; no XML id has a colon.
    """

    namespace: str
    id: str


class Role(StrEnum):
    """Why an element refers to another."""

    INFORMATION = "information"
    KNOWLEDGE = "knowledge"
    OUTPUT_DECISION = "output decision"
    ENCAPSULATED_DECISION = "encapsulated decision"
    INPUT_DECISION = "input decision"
    INPUT_DATA = "input data"

    @property
    def is_parameter(self) -> bool:
        """Whether a decision service is handed this, instead of working it out (6.3.10)."""
        return self in {Role.INPUT_DECISION, Role.INPUT_DATA}


@dataclass(frozen=True, slots=True)
class Required:
    """One reference, resolved.

    `path` is the name of the element where it is required: `("Age",)` for one of the model
    itself or of an import with an empty name, else `("import name", "Age")`.
    """

    key: ElementKey
    path: tuple[str, ...]
    role: Role


@dataclass(frozen=True, slots=True)
class Node:
    """An element with its model and what it requires, in the author's order.

    Authority requirements are not among them: they have no meaning for the answer.
    """

    key: ElementKey
    model: Definitions
    element: DrgElement
    requires: tuple[Required, ...]


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """A model in the scope of another, under `name`; an empty name is no prefix (6.3.3)."""

    name: str
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Models by namespace, with their references resolved.

    `order` has each element after all that it requires, but for what a service is handed;
    it is so as far as there are no cycles, which `link` reports. `imports` has the imports
    that were found, by the importing namespace.
    """

    models: Mapping[str, Definitions]
    imports: Mapping[str, tuple[ImportedModel, ...]]
    nodes: Mapping[ElementKey, Node]
    order: tuple[ElementKey, ...]
    _types: Mapping[str, Mapping[str, ItemDefinition]] = field(
        init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        types = {
            namespace: {item.name: item for item in reversed(model.item_definitions)}
            for namespace, model in self.models.items()
        }
        object.__setattr__(self, "_types", types)

    def named(self, name: str, namespace: str | None = None) -> tuple[Node, ...]:
        """Return the elements of a name, of all models or of one."""
        return tuple(
            node
            for node in self.nodes.values()
            if node.element.name == name and namespace in {None, node.key.namespace}
        )

    def needed_by(self, key: ElementKey) -> tuple[ElementKey, ...]:
        """Return `key` and all that it requires, however far, in the order of `order`."""
        needed = {key}
        waiting = [key]
        while waiting:
            for required in self.nodes[waiting.pop()].requires:
                if not required.role.is_parameter and required.key not in needed:
                    needed.add(required.key)
                    waiting.append(required.key)
        return tuple(known for known in self.order if known in needed)

    def item_definition(
        self, namespace: str, type_ref: str
    ) -> tuple[Definitions, ItemDefinition] | None:
        """Return the type that `type_ref` names in a model, and the model that defines it.

        The model's own types come first, then those of imports with an empty name in their
        order, then `import name.type name` (6.3.3). A name may itself have dots.
        """
        model = self.models[namespace]
        found = self._types[namespace].get(type_ref)
        if found is not None:
            return model, found
        for imported in self.imports[namespace]:
            prefix = f"{imported.name}." if imported.name else ""
            other = self.models[imported.namespace]
            if type_ref.startswith(prefix):
                found = self._types[imported.namespace].get(type_ref.removeprefix(prefix))
                if found is not None:
                    return other, found
        return None
