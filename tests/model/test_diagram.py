"""The drawing of a model, against the numbers in the file."""

from __future__ import annotations

import pytest
from model.dmn_files import GOOD, MODEL

from pydmn.diagnostics import Severity
from pydmn.model import Bounds, Point, read_xml


def test_shapes_and_edges() -> None:
    model, _ = read_xml((GOOD / "vendor.dmn").read_bytes())
    assert model is not None
    (diagram,) = model.diagrams
    assert (diagram.id, diagram.name, diagram.size) == ("d1", "Page 1", (640.0, 480.5))
    assert diagram.use_alternative_input_data_shape
    pick, season = diagram.shapes
    assert (pick.id, pick.element.document, pick.element.id) == ("s1", "", "pick")
    assert pick.bounds == Bounds(160, 80, 180, 80)
    assert pick.label is not None
    assert (pick.label.text, pick.label.bounds) == ("Pick a dish", Bounds(1, 2, 3, 4))
    assert not pick.is_collapsed
    assert season.is_listed_input_data
    assert season.label is None
    (edge,) = diagram.edges
    assert (edge.element.id, edge.waypoints) == ("req", (Point(222.5, 240), Point(250, 160)))


def drawn(shape: str) -> bytes:
    """Return a file with one shape."""
    return (
        f'<definitions xmlns="{MODEL}" xmlns:own="urn:own" xmlns:lib="urn:lib" name="N" '
        'namespace="urn:own"><DMNDI xmlns="https://www.omg.org/spec/DMN/20230324/DMNDI/" '
        'xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" '
        'xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/">'
        f"<DMNDiagram>{shape}</DMNDiagram></DMNDI></definitions>"
    ).encode()


@pytest.mark.parametrize(
    ("written", "document", "id_"),
    [("own:x", "", "x"), ("x", "", "x"), ("lib:x", "urn:lib", "x")],
)
def test_what_is_drawn(written: str, document: str, id_: str) -> None:
    model, diagnostics = read_xml(drawn(f'<DMNShape dmnElementRef="{written}"/>'))
    assert model is not None
    assert diagnostics == ()
    (shape,) = model.diagrams[0].shapes
    assert (shape.element.document, shape.element.id) == (document, id_)


def test_the_divider_of_a_decision_service() -> None:
    line = "<DMNDecisionServiceDividerLine>{}</DMNDecisionServiceDividerLine>".format(
        '<di:waypoint x="0" y="5"/><di:waypoint x="9" y="5"/>'
    )
    model, _ = read_xml(drawn(f'<DMNShape dmnElementRef="x">{line}</DMNShape>'))
    assert model is not None
    assert model.diagrams[0].shapes[0].divider == (Point(0, 5), Point(9, 5))


@pytest.mark.parametrize(
    "shape",
    [
        "<DMNShape/>",
        '<DMNShape dmnElementRef="nope:x"/>',
        '<DMNEdge dmnElementRef=""/>',
        '<DMNShape dmnElementRef="x"><dc:Bounds x="wide" y="0" width="1" height="1"/></DMNShape>',
        '<DMNShape dmnElementRef="x"><dc:Bounds x="NaN" y="0" width="1" height="1"/></DMNShape>',
        '<DMNShape dmnElementRef="x"><dc:Bounds x="0" y="0" width="1e999" height="1"/></DMNShape>',
        '<DMNEdge dmnElementRef="x"><di:waypoint x="0"/></DMNEdge>',
    ],
)
def test_a_bad_drawing_stops_nothing(shape: str) -> None:
    model, (diagnostic,) = read_xml(drawn(shape))
    assert model is not None
    assert (diagnostic.code, diagnostic.severity) == ("bad-diagram", Severity.WARNING)
