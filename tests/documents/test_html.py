"""The HTML page: whole in itself, accessible, and literal with other people's words."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from documents import made
from lxml import html as lxml_html

from medpolicy import documents
from medpolicy.documents.theme import THEME

HOSTILE = "</script><script>alert(1)</script> {{ 7 * 7 }} {% raw %} #eval(1) $x$ *_@<b>&amp;\"'"


def page(policy: made.Policy) -> lxml_html.HtmlElement:
    """Return a policy's page, parsed."""
    return lxml_html.document_fromstring(documents.html(policy))


@pytest.fixture(scope="session")
def parsed() -> lxml_html.HtmlElement:
    """Return the page of the made policy."""
    return page(made.policy())


def test_it_has_a_language_a_title_and_landmarks(parsed: lxml_html.HtmlElement) -> None:
    assert parsed.get("lang") == "en-US"
    assert parsed.findtext(".//title") == "EX-1 Example service"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(parsed.findall(f".//{landmark}")) == 1
    (skip,) = parsed.xpath("//a[@class='skip']")
    assert parsed.get_element_by_id(skip.get("href")[1:]).tag == "main"


def test_headings_stand_in_order(parsed: lxml_html.HtmlElement) -> None:
    levels = [int(heading.tag[1]) for heading in parsed.xpath("//*[re:test(name(), '^h[1-6]$')]",
              namespaces={"re": "http://exslt.org/regular-expressions"})]  # fmt: skip
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_every_header_cell_has_a_scope_and_every_table_a_caption(
    parsed: lxml_html.HtmlElement,
) -> None:
    assert {cell.get("scope") for cell in parsed.iter("th")} == {"col", "row"}
    assert all(table.find("caption") is not None for table in parsed.iter("table"))


def test_it_needs_nothing_from_elsewhere(parsed: lxml_html.HtmlElement) -> None:
    assert not parsed.xpath("//script | //link | //img | //iframe | //object | //@src")
    assert not parsed.xpath("//@*[starts-with(name(), 'on')]")
    style = parsed.findtext(".//style")
    assert "url(" not in style
    assert "@import" not in style


def test_every_link_leads_to_a_place_in_the_page(parsed: lxml_html.HtmlElement) -> None:
    ids = parsed.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = [address.removeprefix("#") for address in parsed.xpath("//@href")]
    assert set(targets) <= set(ids)
    assert {"register-1", "rule-rule-F.1", "coding"} <= set(targets)


def test_the_diagram_is_an_image_with_a_name(parsed: lxml_html.HtmlElement) -> None:
    (image,) = parsed.xpath("//*[local-name() = 'svg']")
    assert image.get("role") == "img"
    assert image.xpath("string(*[local-name() = 'title'])") == "Decisions of the example"
    assert "Disposition needs Criterion" in image.xpath("string(*[local-name() = 'desc'])")


def test_it_is_the_same_page_each_time() -> None:
    assert documents.html(made.policy()) == documents.html(made.policy())


@pytest.mark.parametrize(
    "policy",
    [
        made.policy(criteria=[made.criterion("A", "medically necessary", HOSTILE)]),
        made.policy(criteria=[made.criterion("A", HOSTILE, "words")]),
        made.policy(criteria=[made.criterion(HOSTILE, "medically necessary", "words")]),
        made.policy(procedures=[made.codes("r", "CPT", ["37238"], label=HOSTILE)]),
        made.policy(procedures=[made.codes("r", "CPT", ["37238"], range_=HOSTILE)]),
        made.policy(metadata=made.Metadata(title=HOSTILE, number=HOSTILE, version=HOSTILE)),
        made.policy(history=(made.Change(change=HOSTILE),)),
        made.policy(parameters={HOSTILE: HOSTILE}),
        made.policy(text={**made.TEXT, "discussion": f"# D\n\n    {HOSTILE}\n"}),
    ],
    ids=["statement", "result", "id", "label", "range", "identity", "history", "parameter", "text"],
)
def test_other_peoples_words_are_printed_literally(policy: made.Policy) -> None:
    parsed = page(policy)
    assert not parsed.xpath("//script | //b")
    texts = [text for text in parsed.itertext() if "alert(1)" in text]
    assert any(HOSTILE in text for text in texts)


def test_a_title_cannot_leave_its_string_in_the_style() -> None:
    policy = made.policy(metadata=made.Metadata(title='"; } body { display: none } </style> \\'))
    style = page(policy).findtext(".//style")
    assert "display: none }" not in style
    assert r"content: \22 " not in style
    assert re.search(r'content: "\\22 \\3b ', style)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` (WCAG 2.1)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("text", [THEME.ink, THEME.muted, THEME.accent])
@pytest.mark.parametrize("ground", [THEME.paper, THEME.tint, THEME.accent_tint])
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    # WCAG 2.1, success criterion 1.4.3.
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
