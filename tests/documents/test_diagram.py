"""Decision requirements diagrams: the shapes and lines of DMN 1.5, 6.2, as an SVG image."""

from __future__ import annotations

import pytest
from documents import made
from lxml import etree

from medpolicy.documents.content import Picture
from medpolicy.documents.diagram import draw
from medpolicy.documents.shape_text import fitted

SVG = "{http://www.w3.org/2000/svg}"


def drawn(name: str = "Example", note: str = "A note") -> Picture:
    """Return the picture of the made model."""
    definitions = made.definitions(name, note)
    return draw(definitions, definitions.diagrams[0])


def found(picture: Picture, tag: str) -> list[etree._Element]:
    """Return the elements of a picture by tag."""
    return list(etree.fromstring(picture.svg).iter(SVG + tag))


def test_the_image_is_named_and_described() -> None:
    picture = drawn()
    assert [one.text for one in found(picture, "title")] == ["Decisions of the example"]
    assert [one.text for one in found(picture, "desc")] == [
        "Criterion needs indication, Age at a date, The guideline. Disposition needs Criterion."
    ]
    assert picture.title == "Decisions of the example"
    assert picture.description.startswith("Criterion needs indication")


def test_the_image_holds_all_shapes_with_a_margin() -> None:
    # The made shapes span from (85, 40) to (540, 380); twelve units round them.
    picture = drawn()
    root = etree.fromstring(picture.svg)
    assert root.get("viewBox") == "73 28 479 364"
    assert (picture.width, picture.height) == (479.0, 364.0)


def test_each_sort_of_element_has_its_outline() -> None:
    picture = drawn()
    corners = [one.get("rx") for one in found(picture, "rect")]
    # Sharp corners for two decisions; half the height of 50 for input data.
    assert sorted(corners, key=str) == ["0", "0", "25"]
    paths = [one.get("d") or "" for one in found(picture, "path")]
    assert len(paths) == 3
    cut, wavy, bracket = paths
    assert cut.count("L") == 1
    assert "q" in wavy
    assert bracket.endswith("H 412")


def test_each_sort_of_requirement_has_its_line() -> None:
    picture = drawn()
    lines = found(picture, "polyline")
    assert len(found(picture, "polygon")) == 2, "a filled head on both information requirements"
    assert len(found(picture, "circle")) == 1, "a dot on the authority requirement"
    dashes = [one.get("stroke-dasharray") for one in lines]
    assert dashes.count("6 4") == 2, "knowledge and authority requirement"
    assert dashes.count("1.5 3.5") == 1, "association"
    assert dashes.count(None) == 3, "two information requirements and an open head"


def test_an_arrow_ends_where_its_last_waypoint_is() -> None:
    # The last waypoint of the first line is (175, 250); the line comes from below.
    head = found(drawn(), "polygon")[0]
    assert (head.get("points") or "").split()[1] == "175,250"


def test_words_of_the_model_are_literal() -> None:
    name = "a &lt;script&gt; &amp; &quot;b&quot;"
    texts = "".join("".join(one.itertext()) for one in found(drawn(note=name), "text"))
    assert "<script>" in texts.replace(" ", "")
    assert "<script>" not in drawn(note=name).svg


def test_the_same_model_gives_the_same_image() -> None:
    assert drawn().svg == drawn().svg


@pytest.mark.parametrize(
    ("text", "width", "height"),
    [
        ("Disposition", 180, 70),
        ("lesion confirmed by imaging", 150, 50),
        ("a much longer name of a decision that has to go on for several lines", 180, 80),
        ("Donaudampfschifffahrtsgesellschaftskapitän", 100, 80),
    ],
)
def test_words_fit_their_shape(text: str, width: float, height: float) -> None:
    lines, size, leading = fitted(text, width, height)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert len(lines) * leading <= height
    # Half an em is the mean width of a letter in most typefaces for text.
    assert max(map(len, lines)) * size * 0.5 <= width
