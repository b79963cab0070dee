"""Texts in an expression language, and variables, from XML (DMN 1.5, 7.3.2 to 7.3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydmn.model.literals import (
    ImportedValues,
    InformationItem,
    LiteralExpression,
    UnaryTests,
)
from pydmn.model.reading import Place, Reading

if TYPE_CHECKING:
    from lxml.etree import _Element


def read_information_item(
    reading: Reading, element: _Element, place: Place, fallback_name: str | None = None
) -> InformationItem:
    """Return a variable; one without a name takes `fallback_name` where there is one."""
    name = element.get("name") or fallback_name or reading.required(element, "name", place)
    return InformationItem(
        **reading.common(element),
        name=name,
        source=reading.source(element, name, place),
        type_ref=reading.type_ref(element, "typeRef", place),
    )


def read_unary_tests(reading: Reading, element: _Element, place: Place) -> UnaryTests:
    """Return the tests of an element."""
    return UnaryTests(
        **reading.common(element),
        text=reading.text_source(element, place),
        type_ref=reading.type_ref(element, "typeRef", place),
        expression_language=element.get("expressionLanguage"),
    )


def optional_unary_tests(
    reading: Reading, element: _Element | None, place: Place
) -> UnaryTests | None:
    """Return the tests of an element, or None where there is no element."""
    return None if element is None else read_unary_tests(reading, element, place)


def read_literal(reading: Reading, element: _Element, place: Place) -> LiteralExpression:
    """Return a literal expression: its text, or where its text is to be found."""
    imported = reading.child(element, "importedValues")
    return LiteralExpression(
        **reading.common(element),
        text=reading.text_source(element, place),
        type_ref=reading.type_ref(element, "typeRef", place),
        expression_language=element.get("expressionLanguage"),
        imported_values=None if imported is None else _imported_values(reading, imported, place),
    )


def _imported_values(reading: Reading, element: _Element, place: Place) -> ImportedValues:
    """Return the address of an expression in another file (7.3.5)."""
    return ImportedValues(
        namespace=reading.required(element, "namespace", place),
        import_type=reading.required(element, "importType", place),
        imported_element=reading.child_text(element, "importedElement") or "",
        location_uri=element.get("locationURI"),
        expression_language=element.get("expressionLanguage"),
    )
