"""Decision requirements diagrams as SVG images (DMN 1.5, clauses 6.2 and 13).

Shapes and lines are the standard's: a decision is a rectangle, input data a stadium, a business
knowledge model a rectangle with two corners cut, a knowledge source a sheet with a wavy foot. A
solid line with a filled head is an information requirement, a dashed line with an open head a
knowledge requirement, a dashed line with a dot an authority requirement, a dotted line an
association. The same model gives the same bytes. Lengths are the diagram's user units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from math import hypot
from typing import TYPE_CHECKING, Final, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from medpolicy.documents.content import Picture
from medpolicy.documents.shape_text import fitted
from medpolicy.documents.theme import THEME
from pydmn import (
    Association,
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Group,
    InputData,
    KnowledgeSource,
    TextAnnotation,
)

if TYPE_CHECKING:
    from pydmn import Bounds, Definitions, Diagram, Edge, Point, Shape

_MARGIN: Final = 12.0
_HEAD: Final = 11.0
"""The length of an arrow's head."""
_CUT: Final = 14.0
_DOT: Final = 4.0
_ROUND: Final = 12.0
_BRACKET: Final = 12.0

_Drawable: TypeAlias = (
    Decision
    | InputData
    | BusinessKnowledgeModel
    | KnowledgeSource
    | DecisionService
    | TextAnnotation
    | Group
)


class _Line(Enum):
    """The sorts of line (6.2.2)."""

    INFORMATION = auto()
    KNOWLEDGE = auto()
    AUTHORITY = auto()
    ASSOCIATION = auto()


def draw(definitions: Definitions, diagram: Diagram) -> Picture:
    """Return the picture of one of a file's diagrams, with the same in words.

    A shape whose element is of another file, or that has no bounds, is left out.
    """
    elements = _elements(definitions)
    lines = _lines(definitions)
    shapes = [
        (elements[shape.element.id], shape, shape.bounds)
        for shape in diagram.shapes
        if shape.bounds is not None and not shape.element.document and shape.element.id in elements
    ]
    # What frames other shapes lies under them.
    shapes.sort(key=lambda drawn: not isinstance(drawn[0], DecisionService | Group))
    edges = [(lines[edge.element.id], edge) for edge in diagram.edges if edge.element.id in lines]
    left, top, width, height = _extent(
        [bounds for _, _, bounds in shapes], [edge for _, edge in edges]
    )
    title = diagram.name or f"Decision requirements of {definitions.name}"
    description = _in_words(definitions, [element for element, _, _ in shapes])
    body = [
        *(_edge(line, edge) for line, edge in edges),
        *(_shape(element, shape, bounds) for element, shape, bounds in shapes),
    ]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"'
        f' viewBox="{_n(left)} {_n(top)} {_n(width)} {_n(height)}"'
        f' width="{_n(width)}" height="{_n(height)}" role="img"'
        f" font-family={quoteattr(THEME.sans_stack)}>"
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        f"{''.join(body)}</svg>"
    )
    return Picture(title, description, width, height, svg)


def _elements(definitions: Definitions) -> dict[str, _Drawable]:
    """Return what a shape can stand for, by id."""
    found: list[_Drawable] = [
        *definitions.drg_elements,
        *(one for one in definitions.artifacts if not isinstance(one, Association)),
    ]
    return {element.id: element for element in found if element.id is not None}


def _lines(definitions: Definitions) -> dict[str, _Line]:
    """Return the sort of each requirement and association, by id."""
    found: dict[str | None, _Line] = {}
    for decision in definitions.decisions:
        found.update({one.id: _Line.INFORMATION for one in decision.information_requirements})
    for element in definitions.drg_elements:
        if isinstance(element, Decision | BusinessKnowledgeModel):
            found.update({one.id: _Line.KNOWLEDGE for one in element.knowledge_requirements})
        if isinstance(element, Decision | BusinessKnowledgeModel | KnowledgeSource):
            found.update({one.id: _Line.AUTHORITY for one in element.authority_requirements})
    for artifact in definitions.artifacts:
        if isinstance(artifact, Association):
            found[artifact.id] = _Line.ASSOCIATION
    return {id_: line for id_, line in found.items() if id_ is not None}


def _extent(bounds: Sequence[Bounds], edges: Sequence[Edge]) -> tuple[float, float, float, float]:
    """Return left, top, width and height of all that is drawn, with a margin."""
    points = [point for edge in edges for point in edge.waypoints]
    xs = [*(point.x for point in points)]
    ys = [*(point.y for point in points)]
    for box in bounds:
        xs += [box.x, box.x + box.width]
        ys += [box.y, box.y + box.height]
    if not xs:
        return 0.0, 0.0, 2 * _MARGIN, 2 * _MARGIN
    left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
    return left, top, max(xs) + _MARGIN - left, max(ys) + _MARGIN - top


def _in_words(definitions: Definitions, drawn: Sequence[_Drawable]) -> str:
    """Return the diagram in sentences: what each drawn decision needs."""
    names: Mapping[str | None, str] = {one.id: one.name for one in definitions.drg_elements}
    sentences = []
    for decision in drawn:
        if not isinstance(decision, Decision):
            continue
        targets = [
            *(one.target for one in decision.information_requirements),
            *(one.target for one in decision.knowledge_requirements),
            *(one.target for one in decision.authority_requirements),
        ]
        needed = [names[one.id] for one in targets if one is not None and one.id in names]
        what = ", ".join(needed) if needed else "nothing else"
        sentences.append(f"{decision.name} needs {what}.")
    return " ".join(sentences) or "A diagram without decisions."


def _shape(element: _Drawable, shape: Shape, box: Bounds) -> str:
    text = shape.label.text if shape.label is not None and shape.label.text else _words(element)
    decision = f'fill="{THEME.accent_tint}" stroke="{THEME.accent}" stroke-width="1.4"'
    given = f'fill="{THEME.input_tint}" stroke="{THEME.input_line}" stroke-width="1.2"'
    plain = f'fill="{THEME.paper}" stroke="{THEME.muted}" stroke-width="1.2"'
    match element:
        case Decision():
            return _rectangle(box, 0, decision) + _centred(text, box, weight=600)
        case InputData():
            return _rectangle(box, min(box.width, box.height) / 2, given) + _centred(text, box)
        case BusinessKnowledgeModel():
            return f'<path d="{_cut_corners(box)}" {plain}/>' + _centred(text, box)
        case KnowledgeSource():
            return f'<path d="{_wavy_foot(box)}" {plain}/>' + _centred(text, box)
        case DecisionService():
            divider = _path(shape.divider, f'stroke="{THEME.accent}"') if shape.divider else ""
            return _rectangle(box, _ROUND, plain) + divider + _headed(text, box)
        case TextAnnotation():
            bracket = (
                f"M {_n(box.x + _BRACKET)} {_n(box.y)} H {_n(box.x)} "
                f"V {_n(box.y + box.height)} H {_n(box.x + _BRACKET)}"
            )
            return f'<path d="{bracket}" fill="none" stroke="{THEME.muted}"/>' + _centred(text, box)
        case Group():
            frame = f'fill="none" stroke="{THEME.muted}" stroke-dasharray="10 4 2 4"'
            return _rectangle(box, _ROUND, frame) + _headed(text, box)


def _words(element: _Drawable) -> str:
    match element:
        case TextAnnotation():
            return element.text
        case _:
            return element.name or ""


def _rectangle(box: Bounds, radius: float, style: str) -> str:
    return (
        f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}"'
        f' height="{_n(box.height)}" rx="{_n(radius)}" {style}/>'
    )


def _cut_corners(box: Bounds) -> str:
    right, foot = box.x + box.width, box.y + box.height
    return (
        f"M {_n(box.x + _CUT)} {_n(box.y)} H {_n(right)} V {_n(foot - _CUT)} "
        f"L {_n(right - _CUT)} {_n(foot)} H {_n(box.x)} V {_n(box.y + _CUT)} Z"
    )


def _wavy_foot(box: Bounds) -> str:
    right, foot = box.x + box.width, box.y + box.height
    wave = min(10.0, box.height / 6)
    half, quarter = box.width / 2, box.width / 4
    return (
        f"M {_n(box.x)} {_n(box.y)} H {_n(right)} V {_n(foot - wave)} "
        f"q {_n(-quarter)} {_n(-2 * wave)} {_n(-half)} 0 "
        f"t {_n(-half)} 0 Z"
    )


def _centred(text: str, box: Bounds, weight: int = 400) -> str:
    return _text(text, box, box.y + box.height / 2, weight)


def _headed(text: str, box: Bounds) -> str:
    """Write at the top of a frame, which has other shapes inside."""
    return _text(text, box, box.y + _ROUND + 4, 400)


def _text(text: str, box: Bounds, middle: float, weight: int) -> str:
    if not text:
        return ""
    lines, size, leading = fitted(text, box.width, box.height)
    first = middle - (len(lines) - 1) * leading / 2 + size * 0.35
    spans = "".join(
        f'<tspan x="{_n(box.x + box.width / 2)}" y="{_n(first + place * leading)}">'
        f"{escape(line)}</tspan>"
        for place, line in enumerate(lines)
    )
    return (
        f'<text font-size="{_n(size)}" font-weight="{weight}" text-anchor="middle" '
        f'fill="{THEME.ink}">{spans}</text>'
    )


def _edge(line: _Line, edge: Edge) -> str:
    points = edge.waypoints
    if len(points) < 2:
        return ""
    stroke = f'stroke="{THEME.muted}" stroke-width="1.3"'
    match line:
        case _Line.INFORMATION:
            end, head = _arrow(points[-2], points[-1])
            filled = f'<polygon points="{head}" fill="{THEME.muted}"/>'
            return _path((*points[:-1], end), stroke) + filled
        case _Line.KNOWLEDGE:
            _, head = _arrow(points[-2], points[-1])
            opened = f'<polyline points="{head}" fill="none" {stroke}/>'
            return _path(points, f'{stroke} stroke-dasharray="6 4"') + opened
        case _Line.AUTHORITY:
            end_point = points[-1]
            dot = (
                f'<circle cx="{_n(end_point.x)}" cy="{_n(end_point.y)}" r="{_n(_DOT)}"'
                f' fill="{THEME.muted}"/>'
            )
            return _path(points, f'{stroke} stroke-dasharray="6 4"') + dot
        case _Line.ASSOCIATION:
            return _path(points, f'{stroke} stroke-dasharray="1.5 3.5"')


def _path(points: Sequence[Point | tuple[float, float]], style: str) -> str:
    return f'<polyline points="{" ".join(_pairs(points))}" fill="none" {style}/>'


def _pairs(points: Sequence[Point | tuple[float, float]]) -> Iterator[str]:
    for point in points:
        x, y = point if isinstance(point, tuple) else (point.x, point.y)
        yield f"{_n(x)},{_n(y)}"


def _arrow(start: Point, tip: Point) -> tuple[tuple[float, float], str]:
    """Return where a filled head meets its line, and the head: a barb, the tip, a barb."""
    length = hypot(tip.x - start.x, tip.y - start.y) or 1.0
    along_x, along_y = (tip.x - start.x) / length, (tip.y - start.y) / length
    foot = (tip.x - _HEAD * along_x, tip.y - _HEAD * along_y)
    spread = _HEAD * 0.4
    one = (foot[0] - spread * along_y, foot[1] + spread * along_x)
    other = (foot[0] + spread * along_y, foot[1] - spread * along_x)
    return foot, " ".join(_pairs([one, (tip.x, tip.y), other]))


def _n(value: float) -> str:
    """Return a length with at most two decimals, the same on each machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
