"""Diagrams from XML (DMN 1.5, clause 13).

What is wrong in a drawing is a warning: it stops no decision. DMN 1.1 has no interchange of
diagrams.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydmn.diagnostics import Severity
from pydmn.model.diagram import Bounds, Diagram, Edge, Label, Point, Shape
from pydmn.model.namespaces import is_diagram
from pydmn.model.reading import Place, Reading
from pydmn.model.references import Reference

if TYPE_CHECKING:
    from lxml.etree import _Element

_PLACE: Place = ("diagram",)


def read_diagrams(reading: Reading, root: _Element) -> tuple[Diagram, ...]:
    """Return the diagrams of a `definitions` element in the file's order."""
    return tuple(
        _diagram(reading, diagram)
        for interchange in root.iterchildren("{*}DMNDI")
        if is_diagram(str(interchange.tag)[1:].partition("}")[0])
        for diagram in interchange.iterchildren("{*}DMNDiagram")
    )


def _diagram(reading: Reading, element: _Element) -> Diagram:
    """Return one diagram (13.4.3)."""
    size = next(element.iterchildren("{*}Size"), None)
    numbers = None if size is None else _numbers(reading, size, ("width", "height"))
    return Diagram(
        id=element.get("id"),
        name=element.get("name"),
        size=None if numbers is None else (numbers["width"], numbers["height"]),
        shapes=tuple(_shapes(reading, element)),
        edges=tuple(_edges(reading, element)),
        use_alternative_input_data_shape=reading.flag(element, "useAlternativeInputDataShape"),
    )


def _shapes(reading: Reading, diagram: _Element) -> Iterator[Shape]:
    """Yield the shapes of which the file says what they draw (13.4.5)."""
    for element in diagram.iterchildren("{*}DMNShape"):
        drawn = _drawn(reading, element)
        if drawn is not None:
            divider = next(element.iterchildren("{*}DMNDecisionServiceDividerLine"), None)
            yield Shape(
                id=element.get("id"),
                element=drawn,
                bounds=_bounds(reading, element),
                label=_label(reading, element),
                is_listed_input_data=reading.flag(element, "isListedInputData"),
                is_collapsed=reading.flag(element, "isCollapsed"),
                divider=() if divider is None else _waypoints(reading, divider),
            )


def _edges(reading: Reading, diagram: _Element) -> Iterator[Edge]:
    """Yield the edges of which the file says what they draw (13.4.6)."""
    for element in diagram.iterchildren("{*}DMNEdge"):
        drawn = _drawn(reading, element)
        if drawn is not None:
            yield Edge(
                id=element.get("id"),
                element=drawn,
                waypoints=_waypoints(reading, element),
                label=_label(reading, element),
            )


def _drawn(reading: Reading, element: _Element) -> Reference | None:
    """Return what is drawn: `dmnElementRef` is an id, for an imported element a QName."""
    written = (element.get("dmnElementRef") or "").strip()
    source = reading.source(element, written, _PLACE)
    prefix, _, id_ = written.rpartition(":")
    namespace = element.nsmap.get(prefix) if prefix else ""
    if not id_ or namespace is None:
        reading.report(
            "bad-diagram",
            "the drawing does not say which element it is of",
            source,
            "set `dmnElementRef` to the id of an element",
            Severity.WARNING,
        )
        return None
    return Reference("" if namespace == reading.names.namespace else namespace, id_, source)


def _label(reading: Reading, element: _Element) -> Label | None:
    """Return the label of a shape or edge (13.4.7)."""
    label = next(element.iterchildren("{*}DMNLabel"), None)
    if label is None:
        return None
    text = next(label.iterchildren("{*}Text"), None)
    return Label(
        text=None if text is None else text.text or "",
        bounds=_bounds(reading, label),
    )


def _bounds(reading: Reading, element: _Element) -> Bounds | None:
    """Return the rectangle of an element, or None where it has none."""
    bounds = next(element.iterchildren("{*}Bounds"), None)
    if bounds is None:
        return None
    numbers = _numbers(reading, bounds, ("x", "y", "width", "height"))
    return None if numbers is None else Bounds(**numbers)


def _waypoints(reading: Reading, element: _Element) -> tuple[Point, ...]:
    """Return the points of a line."""
    points = (_numbers(reading, point, ("x", "y")) for point in element.iterchildren("{*}waypoint"))
    return tuple(Point(**numbers) for numbers in points if numbers is not None)


def _numbers(
    reading: Reading, element: _Element, attributes: tuple[str, ...]
) -> Mapping[str, float] | None:
    """Return finite numbers by attribute; None, reported, where one is none."""
    numbers = {}
    for attribute in attributes:
        written = element.get(attribute, "")
        try:
            number = float(written)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            reading.report(
                "bad-diagram",
                f"`{attribute}` of the drawing is not a number: `{written[:40]}`",
                reading.source(element, written, _PLACE),
                severity=Severity.WARNING,
            )
            return None
        numbers[attribute] = number
    return numbers
