"""The types that a model's texts may name: item definitions and types written out (7.3.3).

Types come before what item definitions ask beyond them, in `pydmn.plan.items`: allowed values
are FEEL, and may name any type of their model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import assert_never

from pydmn.diagnostics import Diagnostic
from pydmn.errors import FeelSyntaxError
from pydmn.feel import parser
from pydmn.feel.names import Scope, closest, normalise
from pydmn.feel.types import (
    ANY,
    BUILT_IN,
    BasicType,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)
from pydmn.limits import Effort
from pydmn.model import Definitions, ItemDefinition, Models
from pydmn.plan.texts import GUESS_STEPS
from pydmn.source import Source


class NamedTypes:
    """The types that may be named in each model, by namespace; resolved at first need."""

    def __init__(self, models: Models, effort: Effort) -> None:
        self._models = models
        self._effort = effort
        self._known: dict[tuple[str, str], Type] = {}
        self._open: set[tuple[str, str]] = set()
        self._counted: dict[int, tuple[Type, int]] = {}  # the type too: else its id is used anew
        self._types: dict[str, Mapping[str, Type]] = {}
        self._unknown: dict[Diagnostic, None] = {}  # a set in order

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The names met so far that are of no type."""
        return tuple(self._unknown)

    def type(self, namespace: str, type_ref: str | None, source: Source) -> Type:
        """Return the type that `type_ref` names in a model; any, with a diagnostic, if unknown."""
        if not type_ref:
            return ANY
        found = self._models.item_definition(namespace, type_ref)
        if found is not None:
            return self.defined(*found)
        built_in = BUILT_IN.get(type_ref) or self._written(namespace, type_ref, source)
        if built_in is None:
            self._unknown[
                Diagnostic(
                    "unknown-type",
                    f"unknown type `{type_ref}`",
                    source,
                    help=self._meant(namespace, type_ref),
                )
            ] = None
            return ANY
        return built_in

    def defined(self, model: Definitions, definition: ItemDefinition) -> Type:
        """Return the type of an item definition of `model`."""
        key = (model.namespace, definition.name)
        known = self._known.get(key)
        if known is not None:
            return known
        if key in self._open:
            # A type that contains itself: what is inside is anything.
            return ANY
        self._open.add(key)
        type_ = self._build(model, definition)
        self._open.discard(key)
        self._known[key] = type_
        self._effort.charge(self._parts(type_))
        return type_

    def _build(self, model: Definitions, definition: ItemDefinition) -> Type:
        base: Type
        if definition.components:
            base = ContextType(
                tuple(
                    (normalise(component.name), self._build(model, component))
                    for component in definition.components
                )
            )
        elif definition.function_item is not None:
            function = definition.function_item
            parameters = tuple(
                self.type(model.namespace, parameter.type_ref, parameter.source)
                for parameter in function.parameters
            )
            result = self.type(model.namespace, function.output_type_ref, definition.source)
            base = FunctionType(parameters, result)
        else:
            base = self.type(model.namespace, definition.type_ref, definition.source)
        return ListType(base) if definition.is_collection else base

    def types(self, namespace: str) -> Mapping[str, Type]:
        """Return every type that an expression of a model may name."""
        known = self._types.get(namespace)
        if known is not None:
            return known
        named: dict[str, Type] = {}
        for imported in reversed(self._models.imports.get(namespace, ())):
            other = self._models.models[imported.namespace]
            prefix = f"{imported.name}." if imported.name else ""
            for definition in other.item_definitions:
                named[normalise(prefix + definition.name)] = self.defined(other, definition)
        model = self._models.models[namespace]
        for definition in model.item_definitions:
            named[normalise(definition.name)] = self.defined(model, definition)
        self._types[namespace] = named
        return named

    @cached_property
    def members(self) -> frozenset[str]:
        """Every component name of every item definition of every model."""
        names: set[str] = set()
        waiting = [
            item for model in self._models.models.values() for item in model.item_definitions
        ]
        while waiting:
            components = waiting.pop().components
            names.update(normalise(component.name) for component in components)
            waiting.extend(components)
        return frozenset(names)

    def _meant(self, namespace: str, type_ref: str) -> str:
        self._effort.charge(GUESS_STEPS)
        named = (item.name for item in self._models.models[namespace].item_definitions)
        guess = closest(type_ref, [*named, *BUILT_IN])
        if guess is not None:
            return f"did you mean `{guess}`?"
        return "name a type of FEEL, or an item definition of this model or an import"

    def _written(self, namespace: str, type_ref: str, source: Source) -> Type | None:
        """Return a type written out in FEEL, such as `list<number>`; None if it is none."""
        if "<" not in type_ref:
            return None
        # All are gone through for each type that is written out.
        self._effort.charge(len(self._models.models[namespace].item_definitions) // 10)
        model_types = {
            item.name: self.defined(self._models.models[namespace], item)
            for item in self._models.models[namespace].item_definitions
        }
        scope = Scope(types=model_types)
        try:
            node = parser.parse_type(
                replace(source, text=type_ref), scope, self._effort.limits, self._effort
            )
        except FeelSyntaxError:
            return None
        type_ = scope.resolve(node)
        if type_ is not None:
            self._effort.charge(self._parts(type_))
        return type_

    def _parts(self, type_: Type) -> int:
        """Return how many parts a type has; a part that stands in two places counts twice.

        So a type that doubles at each level is refused before anything goes through it.
        """
        known = self._counted.get(id(type_))
        if known is not None:
            return known[1]
        inner: tuple[Type, ...]
        match type_:
            case BasicType():
                inner = ()
            case ListType(element) | RangeType(element):
                inner = (element,)
            case ContextType(entries):
                inner = tuple(entry for _, entry in entries)
            case FunctionType(parameters, result):
                inner = (*(parameters or ()), result)
            case _:
                assert_never(type_)
        count = 1 + sum(map(self._parts, inner))
        self._counted[id(type_)] = type_, count
        return count
