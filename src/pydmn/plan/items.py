"""Item definitions as what a value must be: the types of a model, resolved (DMN 1.5, 7.3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import assert_never

from pydmn.diagnostics import Diagnostic
from pydmn.errors import FeelSyntaxError
from pydmn.feel import parser
from pydmn.feel.builtins import NAMES
from pydmn.feel.names import Scope, closest, normalise
from pydmn.feel.types import (
    BUILT_IN,
    BasicType,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)
from pydmn.limits import Effort
from pydmn.model import Definitions, ItemDefinition, Models, UnaryTests
from pydmn.plan.logic import ANYTHING, Broken, Cell, Item
from pydmn.plan.texts import GUESS_STEPS, Texts
from pydmn.source import Source


class ItemTypes:
    """The types that may be named in each model, by namespace; resolved at first need."""

    def __init__(self, models: Models, effort: Effort) -> None:
        self._models = models
        self._effort = effort
        self._known: dict[tuple[str, str], Item] = {}
        self._open: set[tuple[str, str]] = set()
        self._counted: dict[int, tuple[Type, int]] = {}  # the type too: else its id is used anew
        self._types: dict[str, Mapping[str, Type]] = {}
        self._texts: dict[str, Texts] = {}
        self._unknown: dict[Diagnostic, None] = {}  # a set in order

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the item definitions resolved so far, and with names of types."""
        return (*self._unknown, *(each for texts in self._texts.values() for each in texts.found))

    def item(self, namespace: str, type_ref: str | None, source: Source) -> Item:
        """Return what `type_ref` asks of a value; anything, with a diagnostic, if unknown."""
        if not type_ref:
            return ANYTHING
        found = self._models.item_definition(namespace, type_ref)
        if found is not None:
            model, definition = found
            return self._defined(model, definition)
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
            return ANYTHING
        return Item(built_in)

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
                named[normalise(prefix + definition.name)] = self._defined(other, definition).type
        model = self._models.models[namespace]
        for definition in model.item_definitions:
            named[normalise(definition.name)] = self._defined(model, definition).type
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

    def _cell(self, model: Definitions, tests: UnaryTests | None, type_: Type) -> Cell | None:
        """Return allowed values as a cell, or None where there are none or no FEEL."""
        if tests is None or not tests.source.text.strip():
            return None
        scope = Scope({"?": type_}, NAMES, self.members)
        texts = self._texts.setdefault(model.namespace, Texts(model, self._effort))
        cell = texts.tests(tests, scope, type_)
        return None if isinstance(cell, Broken) else cell

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
            item.name: self._defined(self._models.models[namespace], item).type
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

    def _defined(self, model: Definitions, definition: ItemDefinition) -> Item:
        key = (model.namespace, definition.name)
        known = self._known.get(key)
        if known is not None:
            return known
        if key in self._open:
            # A type that contains itself: what is inside is anything.
            return ANYTHING
        self._open.add(key)
        item = self._build(model, definition)
        self._open.discard(key)
        self._known[key] = item
        self._effort.charge(self._parts(item.type))
        return item

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

    def _build(self, model: Definitions, definition: ItemDefinition) -> Item:
        if definition.components:
            entries = tuple(
                (normalise(component.name), self._build(model, component))
                for component in definition.components
            )
            base = Item(
                ContextType(tuple((name, entry.type) for name, entry in entries)), entries=entries
            )
        elif definition.function_item is not None:
            parameters = tuple(
                self.item(model.namespace, parameter.type_ref, parameter.source).type
                for parameter in definition.function_item.parameters
            )
            result = self.item(
                model.namespace, definition.function_item.output_type_ref, definition.source
            ).type
            base = Item(FunctionType(parameters, result))
        else:
            base = self.item(model.namespace, definition.type_ref, definition.source)
        allowed = self._cell(model, definition.allowed_values, _scalar(base.type))
        if definition.is_collection:
            element = replace(base, allowed=allowed) if allowed else base
            collection = Item(ListType(base.type), element=element)
            constraint = self._cell(model, definition.type_constraint, collection.type)
            return replace(collection, constraint=constraint) if constraint else collection
        constraint = self._cell(model, definition.type_constraint, base.type)
        if allowed is None and constraint is None:
            return base
        if base.allowed or base.constraint:
            # An alias narrows what it names: both must hold.
            return Item(
                base.type,
                allowed=allowed or base.allowed,
                constraint=constraint or (base.allowed if allowed else base.constraint),
                element=base.element,
                entries=base.entries,
            )
        return replace(base, allowed=allowed, constraint=constraint)


def _scalar(type_: Type) -> Type:
    """Return the type of what allowed values test: the element of a collection."""
    return type_.element if isinstance(type_, ListType | RangeType) else type_
