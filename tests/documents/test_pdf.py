"""The PDF: tagged, titled, bookmarked, the same bytes each time, and literal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from documents import made
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from medpolicy import documents
from medpolicy.documents import TypesettingError, context, to_pdf

HOSTILE = '#eval("1+1") #import "x" $x$ *_@<b> {{ 7 * 7 }} <% raw %> << theme >> \\u{41} // /* ] }'


@pytest.fixture(scope="session")
def reader() -> PdfReader:
    """Return the PDF of the made policy."""
    return PdfReader(io.BytesIO(documents.pdf(made.policy())))


def elements(node: Any) -> Iterator[DictionaryObject]:
    """Yield the elements of a structure tree, from `node` down."""
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, ArrayObject):
        for below in node:
            yield from elements(below)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def children(node: DictionaryObject) -> list[DictionaryObject]:
    """Return the elements right below one."""
    below = node["/K"].get_object()
    found = [one.get_object() for one in (below if isinstance(below, ArrayObject) else [below])]
    return [one for one in found if isinstance(one, DictionaryObject) and "/S" in one]


@pytest.fixture(scope="session")
def tags(reader: PdfReader) -> list[DictionaryObject]:
    """Return every element of the made policy's structure tree, in order."""
    return list(elements(reader.root_object["/StructTreeRoot"]))


def of(tags: list[DictionaryObject], kind: str) -> list[DictionaryObject]:
    """Return the elements of one kind."""
    return [tag for tag in tags if tag["/S"] == kind]


def pages_text(pdf: bytes) -> str:
    """Return all words of a PDF, without blanks: where lines break is not the test's matter."""
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return "".join(words.split())


def test_it_says_that_it_is_pdf_ua(reader: PdfReader) -> None:
    metadata = reader.root_object["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.root_object["/MarkInfo"]["/Marked"].value is True


def test_it_has_a_title_and_a_language(reader: PdfReader) -> None:
    assert reader.metadata is not None
    assert reader.metadata.title == "EX-1 Example service"
    assert reader.root_object["/Lang"] == "en-US"
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_every_table_has_header_cells(tags: list[DictionaryObject]) -> None:
    tables = of(tags, "/Table")
    assert len(tables) >= 9
    for table in tables:
        cells = list(elements(table))
        assert of(cells, "/TH")
        assert of(cells, "/TD")


def test_lists_are_lists(tags: list[DictionaryObject]) -> None:
    lists = of(tags, "/L")
    assert lists
    assert all(of(list(elements(one)), "/LI") for one in lists)
    # Criteria A and F, below F two more: a list in a list (ISO 32000-1, 14.8.4.3.3).
    assert any(of(children(one), "/L") for one in lists)


def test_the_diagram_has_an_alternative_text(tags: list[DictionaryObject]) -> None:
    texts = [figure.get("/Alt", "") for figure in of(tags, "/Figure")]
    assert len(texts) == 1
    assert "Disposition needs Criterion." in texts[0]


def bookmarks(entries: list[Any]) -> list[str]:
    """Return the titles of bookmarks and of those below them."""
    return [
        title
        for entry in entries
        for title in (bookmarks(entry) if isinstance(entry, list) else [entry.title])
    ]


def test_headings_and_bookmarks_name_the_sections(
    reader: PdfReader, tags: list[DictionaryObject]
) -> None:
    assert of(tags, "/H1")
    assert of(tags, "/H2")
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    below = bookmarks([entry for entry in reader.outline if isinstance(entry, list)])
    assert titles[:4] == ["Identity", "Description", "Clinical indications", "Coding"]
    assert titles[-1] == "Appendix: the decisions as they run"
    assert {"Medically necessary", "1. First row", "Criterion"} <= set(below)


def test_pages_are_counted_and_say_what_they_are_of(reader: PdfReader) -> None:
    count = len(reader.pages)
    last = reader.pages[-1].extract_text()
    assert f"Page {count} of {count}" in last
    assert "Version 1.0.0, as of 2020-02-05, content 0123456789ab" in last
    assert "EX-1" in last


def test_only_the_packages_own_typefaces_are_used(reader: PdfReader) -> None:
    names = {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert names
    assert all(name.startswith("IBMPlex") for name in names)


def test_the_same_day_gives_the_same_bytes() -> None:
    policy = made.policy()
    assert documents.pdf(policy) == documents.pdf(policy)
    assert documents.pdf(policy, date(2021, 1, 1)) == documents.pdf(policy, date(2021, 1, 1))
    assert documents.pdf(policy) != documents.pdf(policy, date(2021, 1, 1))


@pytest.mark.parametrize(
    "policy",
    [
        made.policy(criteria=[made.criterion("A", "medically necessary", HOSTILE)]),
        made.policy(criteria=[made.criterion("A", HOSTILE, "words")]),
        made.policy(criteria=[made.criterion(HOSTILE, "medically necessary", "words")]),
        made.policy(procedures=[made.codes("r", "CPT", ["37238"], label=HOSTILE)]),
        made.policy(metadata=made.Metadata(title=HOSTILE)),
        made.policy(history=(made.Change(change=HOSTILE),)),
        made.policy(text={**made.TEXT, "discussion": f"# D\n\n    {HOSTILE}\n"}),
    ],
    ids=["statement", "result", "id", "label", "title", "history", "text"],
)
def test_other_peoples_words_are_printed_literally(policy: made.Policy) -> None:
    assert "".join(HOSTILE.split()) in pages_text(documents.pdf(policy))


def test_no_file_outside_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Typst takes a folder for its root, and the working directory where it is given none.
    (tmp_path / "main.typ").write_text("")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert "Firstofall" in pages_text(documents.pdf(made.policy()))
    assert sorted(tmp_path.iterdir()) == before


def test_what_typst_refuses_is_an_error_with_its_words() -> None:
    skipped = replace(context(made.policy()), title="", number="", language="en")
    broken = replace(skipped, sections=(), content_hash="", as_of="2020-02-05", language="12345")
    with pytest.raises(TypesettingError, match="language"):
        to_pdf(broken)
