"""Boxed expressions from XML (DMN 1.5, clauses 7.3 and 10.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydmn.model.expressions import (
    Binding,
    Conditional,
    Context,
    ContextEntry,
    Every,
    Expression,
    Filter,
    For,
    FunctionDefinition,
    FunctionKind,
    Invocation,
    ListExpression,
    Relation,
    Some,
)
from pydmn.model.read_literals import read_information_item, read_literal
from pydmn.model.read_table import read_table
from pydmn.model.reading import Boxed, Place, Reading

if TYPE_CHECKING:
    from lxml.etree import _Element


class _IteratorFields(Boxed):
    """The fields of `Iterator`."""

    variable: str
    collection: Expression | None
    collection_type_ref: str | None


def read_expression(reading: Reading, parent: _Element, place: Place) -> Expression | None:
    """Return the first expression among the children of `parent`, or None."""
    return next(_expressions(reading, parent, lambda _: place), None)


def read_function(reading: Reading, element: _Element, place: Place) -> FunctionDefinition:
    """Return a function definition, also the `encapsulatedLogic` of a knowledge model."""
    return FunctionDefinition(
        **reading.boxed(element, place),
        kind=reading.choice(element, "kind", FunctionKind, FunctionKind.FEEL, place),
        parameters=tuple(
            read_information_item(reading, child, (*place, f"parameter {child.get('name', '')}"))
            for child in reading.children(element, "formalParameter")
        ),
        body=read_expression(reading, element, place),
    )


def _expressions(
    reading: Reading, parent: _Element, place_of: Callable[[int], Place]
) -> Iterator[Expression]:
    """Yield the expressions among the children; `place_of` takes their number from 1."""
    number = 0
    for child in parent:
        read = _READERS.get(reading.local_name(child) or "")
        if read is not None:
            number += 1
            yield read(reading, child, place_of(number))


def _context(reading: Reading, element: _Element, place: Place) -> Context:
    """Return a context (10.5.1)."""
    return Context(
        **reading.boxed(element, place),
        entries=tuple(
            _context_entry(reading, child, place)
            for child in reading.children(element, "contextEntry")
        ),
    )


def _context_entry(reading: Reading, element: _Element, place: Place) -> ContextEntry:
    """Return an entry; its place is its variable's name (10.5.2)."""
    variable = reading.child(element, "variable")
    name = "result" if variable is None else f"entry {variable.get('name', '')}"
    here = (*place, name)
    return ContextEntry(
        **reading.common(element),
        variable=None if variable is None else read_information_item(reading, variable, here),
        value=_required_expression(reading, element, here),
    )


def _list(reading: Reading, element: _Element, place: Place) -> ListExpression:
    """Return a list (10.5.4)."""
    return ListExpression(
        **reading.boxed(element, place),
        elements=tuple(
            _expressions(reading, element, lambda number: (*place, f"element {number}"))
        ),
    )


def _relation(reading: Reading, element: _Element, place: Place) -> Relation:
    """Return a relation; a row with too few or too many elements is reported (10.5.5)."""
    columns = tuple(
        read_information_item(reading, child, (*place, f"column {child.get('name', '')}"))
        for child in reading.children(element, "column")
    )
    rows = tuple(
        _list(reading, child, (*place, f"row {number}"))
        for number, child in enumerate(reading.children(element, "row"), 1)
    )
    for row in rows:
        if len(row.elements) != len(columns):
            reading.report(
                "entry-count",
                f"expressions in the row: {len(row.elements)}, columns: {len(columns)}",
                row.source,
                "give each row one expression for each column",
            )
    return Relation(**reading.boxed(element, place), columns=columns, rows=rows)


def _invocation(reading: Reading, element: _Element, place: Place) -> Invocation:
    """Return an invocation (7.3.6)."""
    return Invocation(
        **reading.boxed(element, place),
        called_function=_required_expression(reading, element, (*place, "called function")),
        bindings=tuple(
            binding
            for child in reading.children(element, "binding")
            if (binding := _binding(reading, child, place)) is not None
        ),
    )


def _binding(reading: Reading, element: _Element, place: Place) -> Binding | None:
    """Return a binding; None, reported, where it has no parameter (7.3.7)."""
    parameter = _required_child(reading, element, "parameter", place)
    if parameter is None:
        return None
    here = (*place, f"parameter {parameter.get('name', '')}")
    return Binding(
        parameter=read_information_item(reading, parameter, here),
        formula=read_expression(reading, element, here),
    )


def _conditional(reading: Reading, element: _Element, place: Place) -> Conditional:
    """Return a conditional (10.5.6)."""
    return Conditional(
        **reading.boxed(element, place),
        condition=_part(reading, element, "if", place),
        then=_part(reading, element, "then", place),
        otherwise=_part(reading, element, "else", place),
    )


def _filter(reading: Reading, element: _Element, place: Place) -> Filter:
    """Return a filter (10.5.8)."""
    return Filter(
        **reading.boxed(element, place),
        collection=_part(reading, element, "in", place),
        match=_part(reading, element, "match", place),
    )


def _for(reading: Reading, element: _Element, place: Place) -> For:
    """Return a `for` (10.5.10)."""
    return For(
        **_iterator(reading, element, place), result=_part(reading, element, "return", place)
    )


def _every(reading: Reading, element: _Element, place: Place) -> Every:
    """Return an `every` (10.5.12)."""
    return Every(
        **_iterator(reading, element, place), satisfies=_part(reading, element, "satisfies", place)
    )


def _some(reading: Reading, element: _Element, place: Place) -> Some:
    """Return a `some` (10.5.13)."""
    return Some(
        **_iterator(reading, element, place), satisfies=_part(reading, element, "satisfies", place)
    )


def _iterator(reading: Reading, element: _Element, place: Place) -> _IteratorFields:
    """Return what the iterators share (10.5.9)."""
    collection = reading.child(element, "in")
    return _IteratorFields(
        **reading.boxed(element, place),
        variable=reading.required(element, "iteratorVariable", place),
        collection=_part(reading, element, "in", place),
        collection_type_ref=None
        if collection is None
        else reading.type_ref(collection, "typeRef", (*place, "in")),
    )


def _part(reading: Reading, element: _Element, name: str, place: Place) -> Expression | None:
    """Return the expression in the child of that name; what is missing is reported (10.5.7)."""
    child = _required_child(reading, element, name, place)
    if child is None:
        return None
    reading.id(child)
    return _required_expression(reading, child, (*place, name))


def _required_child(
    reading: Reading, element: _Element, name: str, place: Place
) -> _Element | None:
    """Return the child of that name; None, reported, where there is none."""
    child = reading.child(element, name)
    if child is None:
        reading.report(
            "missing-element",
            f"`<{reading.local_name(element)}>` has no `<{name}>`",
            reading.source(element, "", place),
            f"add `<{name}>...</{name}>`",
        )
    return child


def _required_expression(reading: Reading, parent: _Element, place: Place) -> Expression | None:
    """Return the expression in `parent`; None, reported, where there is none."""
    expression = read_expression(reading, parent, place)
    if expression is None:
        reading.report(
            "missing-element",
            f"`<{reading.local_name(parent)}>` has no expression",
            reading.source(parent, "", place),
            "add an expression, such as `<literalExpression>`",
        )
    return expression


_READERS: Mapping[str, Callable[[Reading, _Element, Place], Expression]] = MappingProxyType(
    {
        "literalExpression": read_literal,
        "decisionTable": read_table,
        "context": _context,
        "list": _list,
        "relation": _relation,
        "functionDefinition": read_function,
        "invocation": _invocation,
        "conditional": _conditional,
        "filter": _filter,
        "for": _for,
        "every": _every,
        "some": _some,
    }
)
EXPRESSION_NAMES = frozenset(_READERS)
