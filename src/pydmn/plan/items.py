"""Item definitions as what a value must be: a type, and what is asked beyond it (7.3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pydmn.diagnostics import Diagnostic
from pydmn.feel import ast
from pydmn.feel.builtins import NAMES
from pydmn.feel.names import Scope
from pydmn.feel.types import ContextType, ListType, RangeType, Type
from pydmn.limits import Effort
from pydmn.model import Definitions, ItemDefinition, Models, UnaryTests
from pydmn.plan.logic import ANYTHING, Broken, Cell, Item
from pydmn.plan.named_types import NamedTypes
from pydmn.plan.texts import Texts
from pydmn.source import Source

_IT: Final = "?"


class ItemTypes:
    """What the types named in each model ask of a value; resolved at first need."""

    def __init__(self, models: Models, effort: Effort) -> None:
        self._models = models
        self._effort = effort
        self._names = NamedTypes(models, effort)
        self._known: dict[tuple[str, str], Item] = {}
        self._open: set[tuple[str, str]] = set()
        self._texts: dict[str, Texts] = {}

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the item definitions resolved so far, and with names of types."""
        found = (each for texts in self._texts.values() for each in texts.found)
        return (*self._names.diagnostics, *found)

    @property
    def members(self) -> frozenset[str]:
        """Every component name of every item definition of every model."""
        return self._names.members

    def types(self, namespace: str) -> Mapping[str, Type]:
        """Return every type that an expression of a model may name."""
        return self._names.types(namespace)

    def item(self, namespace: str, type_ref: str | None, source: Source) -> Item:
        """Return what `type_ref` asks of a value; anything, with a diagnostic, if unknown."""
        found = self._models.item_definition(namespace, type_ref) if type_ref else None
        if found is not None:
            return self._defined(*found)
        return Item(self._names.type(namespace, type_ref, source))

    def _defined(self, model: Definitions, definition: ItemDefinition) -> Item:
        key = (model.namespace, definition.name)
        known = self._known.get(key)
        if known is not None:
            return known
        if key in self._open:
            # A type that contains itself: what is inside is anything.
            return ANYTHING
        self._open.add(key)
        item = self._build(model, definition, self._names.defined(model, definition))
        self._open.discard(key)
        self._known[key] = item
        return item

    def _build(self, model: Definitions, definition: ItemDefinition, type_: Type) -> Item:
        """Return what a definition of `type_` asks."""
        inner = type_.element if definition.is_collection and isinstance(type_, ListType) else type_
        base = self._base(model, definition, inner)
        allowed = self._cell(model, definition.allowed_values, _scalar(inner))
        constraint = self._cell(model, definition.type_constraint, type_)
        if definition.is_collection:
            return Item(type_, constraint=constraint, element=_narrowed(base, allowed, None))
        return _narrowed(base, allowed, constraint)

    def _base(self, model: Definitions, definition: ItemDefinition, type_: Type) -> Item:
        """Return what the type asks that a definition is made of or names."""
        if isinstance(type_, ContextType) and definition.components:
            entries = tuple(
                (name, self._build(model, component, entry))
                for component, (name, entry) in zip(
                    definition.components, type_.entries, strict=True
                )
            )
            return Item(type_, entries=entries)
        named = definition.type_ref if definition.function_item is None else None
        found = self._models.item_definition(model.namespace, named) if named else None
        return Item(type_) if found is None else replace(self._defined(*found), type=type_)

    def _cell(self, model: Definitions, tests: UnaryTests | None, type_: Type) -> Cell | None:
        """Return allowed values as a cell, or None where there are none or no FEEL."""
        if tests is None or not tests.source.text.strip():
            return None
        scope = Scope({_IT: type_}, NAMES, self.members, self.types(model.namespace))
        texts = self._texts.setdefault(model.namespace, Texts(model, self._effort))
        cell = texts.tests(tests, scope, type_)
        return None if isinstance(cell, Broken) else cell


def _narrowed(base: Item, allowed: Cell | None, constraint: Cell | None) -> Item:
    """Return what a definition asks that names another, or gives an element's values: both."""
    if allowed and base.allowed:
        if constraint or base.constraint or isinstance(base.type, ListType):
            allowed = _both(base.allowed, allowed)
        else:  # one in each place, where tests of a value may stand
            return replace(base, allowed=allowed, constraint=base.allowed)
    return replace(
        base,
        allowed=allowed or base.allowed,
        constraint=_both(base.constraint, constraint)
        if base.constraint and constraint
        else constraint or base.constraint,
    )


def _both(one: Cell, other: Cell) -> Cell:
    """Return the tests that hold where those of both cells do."""
    holds = ast.Conjunction((_condition(one), _condition(other)))
    text = f"{one.source.text.strip()} and {other.source.text.strip()}"
    source = replace(other.source, text=text)
    return Cell(ast.UnaryTests((holds,)), source, {**one.types, **other.types})


def _condition(cell: Cell) -> ast.Expression:
    """Return the condition on `?` that a cell is."""
    tests = [_test(test) for test in cell.tests.tests]
    holds = tests[0] if len(tests) == 1 else ast.Disjunction(tuple(tests))
    return ast.Call(ast.Name("not"), (holds,)) if cell.tests.negated else holds


def _test(test: ast.Test) -> ast.Expression:
    it = ast.Name(_IT)
    if not isinstance(test, ast.UnaryComparison | ast.RangeLiteral) and it in ast.walk(test):
        return test  # it is the answer (7.3.2)
    return ast.In(it, (test,))


def _scalar(type_: Type) -> Type:
    """Return the type of what allowed values test: the element of a collection."""
    return type_.element if isinstance(type_, ListType | RangeType) else type_
