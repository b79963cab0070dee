"""Boxed expressions to a plan: every text parsed with the names in its scope (DMN 1.5, 10.2.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from pydmn.diagnostics import Diagnostic
from pydmn.feel import ast, static
from pydmn.feel.names import Scope, normalise
from pydmn.feel.types import ANY, FUNCTION, ContextType, FunctionType, ListType, Type
from pydmn.model import (
    Conditional,
    Context,
    DecisionTable,
    Every,
    Expression,
    Filter,
    For,
    FunctionDefinition,
    FunctionKind,
    Invocation,
    Iterator,
    ListExpression,
    LiteralExpression,
    Relation,
    Some,
)
from pydmn.plan.items import ItemTypes
from pydmn.plan.logic import (
    ANYTHING,
    Broken,
    Choose,
    Entries,
    Feel,
    FunctionOf,
    Invoke,
    Item,
    Items,
    Logic,
    Loop,
    Parameter,
    Select,
)
from pydmn.plan.results import result_type
from pydmn.plan.scopes import bounded, with_value
from pydmn.plan.tables import read_table
from pydmn.plan.texts import Texts, not_feel
from pydmn.source import Source


@dataclass(frozen=True, slots=True)
class Boxed:
    """Reads the boxed expressions of one element; findings go to `texts`."""

    texts: Texts
    items: ItemTypes

    def required(self, expression: Expression | None, scope: Scope, source: Source) -> Logic:
        """Return the logic of `expression`; where there is none, `Broken` at `source`."""
        if expression is None:
            return self.texts.broken(
                Diagnostic(
                    "no-logic",
                    "there is no expression here",
                    source,
                    help="add a decision table or a literal expression",
                )
            )
        return self._logic(expression, scope)

    def function(self, expression: FunctionDefinition, scope: Scope) -> Logic:
        """Return a boxed function (10.2.1.7); one in PMML is `Broken`."""
        if expression.kind is FunctionKind.PMML:
            return self.texts.broken(not_feel("PMML", expression.source))
        parameters = tuple(
            Parameter(normalise(each.name), self.item(each.type_ref, each.source))
            for each in expression.parameters
        )
        inside = scope
        for each in parameters:
            inside = with_value(inside, each.name, each.item.type)
        body = self.required(expression.body, inside, expression.source)
        result = self.item(expression.type_ref, expression.source)
        if not isinstance(result.type, FunctionType):
            body = typed(body, result)
        if isinstance(body, Broken):
            return body
        external = _java_key(body) if expression.kind is FunctionKind.JAVA else None
        return FunctionOf(parameters, body, external)

    def item(self, type_ref: str | None, source: Source) -> Item:
        """Return what a type asks of a value; anything, with a finding, if it is unknown."""
        return self.items.item(self.texts.model.namespace, type_ref, source)

    def _logic(self, expression: Expression, scope: Scope) -> Logic:
        match expression:
            case LiteralExpression():
                item = self.item(expression.type_ref, expression.source)
                return self.texts.literal(expression, scope, item)
            case DecisionTable():
                return read_table(expression, scope, self.texts, self.items)
            case Context():
                return self._context(expression, scope)
            case Relation():
                return self._relation(expression, scope)
            case ListExpression():
                item = self.item(expression.type_ref, expression.source)
                elements = tuple(self._logic(each, scope) for each in expression.elements)
                return _whole(Items(elements, item), elements)
            case FunctionDefinition():
                return self.function(expression, scope)
            case Invocation():
                return self._invocation(expression, scope)
            case Conditional():
                return self._conditional(expression, scope)
            case Filter():
                return self._filter(expression, scope)
            case For():
                return self._loop("for", expression, expression.result, scope)
            case Some():
                return self._loop("some", expression, expression.satisfies, scope)
            case Every():
                return self._loop("every", expression, expression.satisfies, scope)
        assert_never(expression)

    def _context(self, expression: Context, scope: Scope) -> Logic:
        """Return a context: each entry sees those above it, a function sees itself (10.2.1.4)."""
        entries: list[tuple[str, Logic]] = []
        result: Logic | None = None
        for entry in expression.entries:
            if entry.variable is None:
                result = self.required(entry.value, scope, expression.source)
                continue
            name = normalise(entry.variable.name)
            inside = scope
            if isinstance(entry.value, FunctionDefinition):
                inside = scope.with_variable(name, FUNCTION)
            value = self.required(entry.value, inside, entry.variable.source)
            value = typed(value, self.item(entry.variable.type_ref, entry.variable.source))
            entries.append((name, value))
            scope = with_value(scope, name, bounded(result_type(value)))
        parts = [value for _, value in entries] + ([] if result is None else [result])
        item = self.item(expression.type_ref, expression.source)
        return _whole(Entries(tuple(entries), result, item), parts)

    def _relation(self, expression: Relation, scope: Scope) -> Logic:
        """Return the list of contexts that a relation is (10.2.1.6)."""
        columns = [
            (normalise(column.name), self.item(column.type_ref, column.source))
            for column in expression.columns
        ]
        rows: list[Logic] = []
        for row in expression.rows:
            cells = [
                (name, typed(self._logic(cell, scope), declared))
                for (name, declared), cell in zip(columns, row.elements, strict=True)
            ]
            rows.append(_whole(Entries(tuple(cells), None), [value for _, value in cells]))
        item = self.item(expression.type_ref, expression.source)
        return _whole(Items(tuple(rows), item), rows)

    def _invocation(self, expression: Invocation, scope: Scope) -> Logic:
        function = self.required(expression.called_function, scope, expression.source)
        arguments = [
            (
                normalise(binding.parameter.name),
                typed(
                    self.required(binding.formula, scope, binding.parameter.source),
                    self.item(binding.parameter.type_ref, binding.parameter.source),
                ),
            )
            for binding in expression.bindings
        ]
        item = self.item(expression.type_ref, expression.source)
        invoke = Invoke(function, tuple(arguments), expression.source, item)
        return _whole(invoke, [function, *(value for _, value in arguments)])

    def _conditional(self, expression: Conditional, scope: Scope) -> Logic:
        condition, then, otherwise = (
            self.required(part, scope, expression.source)
            for part in (expression.condition, expression.then, expression.otherwise)
        )
        item = self.item(expression.type_ref, expression.source)
        return _whole(Choose(condition, then, otherwise, item), [condition, then, otherwise])

    def _filter(self, expression: Filter, scope: Scope) -> Logic:
        collection = self.required(expression.collection, scope, expression.source)
        element = static.element(bounded(result_type(collection)))
        entries = element.entries if isinstance(element, ContextType) else ()
        inside = with_value(scope.with_variables(dict(entries)), "item", element)
        before = len(self.texts.found)
        match_ = self.required(expression.match, inside, expression.source)
        if static.unknown(element) or element == ContextType():
            # What is not in scope may be an entry of an item (10.3.2.5): only a run can tell.
            self.texts.found[before:] = [
                each for each in self.texts.found[before:] if each.code != "unknown-name"
            ]
        item = self.item(expression.type_ref, expression.source)
        return _whole(Select(collection, match_, item), [collection, match_])

    def _loop(
        self,
        kind: Literal["for", "some", "every"],
        expression: Iterator,
        body: Expression | None,
        scope: Scope,
    ) -> Logic:
        declared = self.item(expression.collection_type_ref, expression.source)
        collection = typed(self.required(expression.collection, scope, expression.source), declared)
        variable = normalise(expression.variable)
        element: Type = static.element(bounded(result_type(collection)))
        inside = scope
        if kind == "for":
            inside = inside.with_variable("partial", ListType(ANY))
        inside = with_value(inside, variable, element)
        each = self.required(body, inside, expression.source)
        item = self.item(expression.type_ref, expression.source)
        return _whole(Loop(kind, variable, collection, each, item), [collection, each])


def typed(logic: Logic, item: Item) -> Logic:
    """Return `logic` with `item` asked of its result; both, where it asks something already."""
    if item == ANYTHING or isinstance(logic, Broken):
        return logic
    if logic.item == ANYTHING:
        return replace(logic, item=item)
    return Entries((), logic, item)


def _whole(logic: Logic, parts: list[Logic] | tuple[Logic, ...]) -> Logic:
    """Return `logic`, or its first broken part: half an expression has no answer."""
    return next((part for part in parts if isinstance(part, Broken)), logic)


def external_key(class_name: str, signature: str) -> str:
    """Return the registry's key of a Java method: no blanks in its signature (10.3.2.13.3).

    >>> external_key("java.lang.Math", "max( double, double )")
    'java.lang.Math.max(double,double)'
    """
    return f"{class_name.strip()}.{''.join(signature.split())}"


def _java_key(body: Logic) -> str:
    """Return the key of a boxed Java mapping; empty, which names no method, if it is none."""
    if isinstance(body, Entries):
        found = {
            name: value.node.value
            for name, value in body.entries
            if isinstance(value, Feel) and isinstance(value.node, ast.StringLiteral)
        }
        if "class" in found and "method signature" in found:
            return external_key(found["class"], found["method signature"])
    return ""
