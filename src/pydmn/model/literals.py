"""Texts in an expression language, variables, and what all elements share (DMN 1.5, 6.3.1, 7.3).

Everything here is frozen. A text in FEEL, or in another expression language, is a
`pydmn.source.Source` with its line and place; prose (`description`, `label`) is `str`.
`type_ref` is in the normal form of `pydmn.model.namespaces.Names.type_ref`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydmn.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class DmnElement:
    """What every element of DMN may have (6.3.1).

    `extensions` are the children of `extensionElements`, each as XML text, kept as they
    were written (6.3.16).
    """

    id: str | None = None
    label: str | None = None
    description: str | None = None
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedElement(DmnElement):
    """An element with a name; `source` has the name as its text (6.3.1)."""

    name: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationItem(NamedElement):
    """A variable, parameter or column: a name and the type of its value (7.3.4)."""

    type_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedValues:
    """The address of an expression in another file (7.3.5)."""

    namespace: str
    import_type: str
    imported_element: str
    location_uri: str | None = None
    expression_language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralExpression(DmnElement):
    """A text in an expression language (7.3.5).

    `text.text` is empty where the model has none. `expression_language` is None where it
    is the model's own (`Definitions.expression_language`).
    """

    text: Source
    type_ref: str | None = None
    expression_language: str | None = None
    imported_values: ImportedValues | None = None

    @property
    def source(self) -> Source:
        """The text, under the name that the other expressions use."""
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaryTests(DmnElement):
    """Tests of one value: an input entry, allowed values (7.3.2)."""

    text: Source
    type_ref: str | None = None
    expression_language: str | None = None

    @property
    def source(self) -> Source:
        """The text, under the name that the other expressions use."""
        return self.text
