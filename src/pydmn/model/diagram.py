"""Decision requirements diagrams as drawn: shapes, edges, labels (DMN 1.5, clause 13).

Lengths are in the diagram's user units; the origin is at the top left, y grows downwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydmn.model.references import Reference


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a diagram."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rectangle: its top left corner and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text of a shape or edge; without `text` it is the name of what is drawn (13.4.7)."""

    text: str | None
    bounds: Bounds | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The drawing of one element (13.4.5).

    `divider` parts a decision service's output decisions from the others; it is empty for
    all else.
    """

    id: str | None
    element: Reference
    bounds: Bounds | None
    label: Label | None = None
    is_listed_input_data: bool = False
    is_collapsed: bool = False
    divider: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The drawing of a requirement or association, along its `waypoints` (13.4.6)."""

    id: str | None
    element: Reference
    waypoints: tuple[Point, ...]
    label: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """One diagram (13.4.3); `size` is width and height where the file says so."""

    id: str | None
    name: str | None
    size: tuple[float, float] | None
    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]
    use_alternative_input_data_shape: bool = False
