"""Prose as blocks: what CommonMark 0.31 says of each form, and what a document refuses."""

from __future__ import annotations

import pytest

from medpolicy.documents.markdown import (
    Block,
    BulletList,
    Code,
    CodeBlock,
    Emphasis,
    Heading,
    Inline,
    LineBreak,
    Link,
    MarkdownError,
    OrderedList,
    Paragraph,
    Quotation,
    Strong,
    Table,
    Text,
    parse_markdown,
    plain_text,
)


def said(*inline: Inline) -> Paragraph:
    """Return a paragraph."""
    return Paragraph(inline)


def words(text: str) -> Paragraph:
    """Return a paragraph of plain words."""
    return said(Text(text))


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("one\ntwo", [said(Text("one"), Text(" "), Text("two"))]),
        ("one  \ntwo", [said(Text("one"), LineBreak(), Text("two"))]),
        ("a **b *c***", [said(Text("a "), Strong((Text("b "), Emphasis((Text("c"),)))))]),
        ("`a*b*`", [said(Code("a*b*"))]),
        ("[x](https://a.example/b)", [said(Link((Text("x"),), "https://a.example/b"))]),
        ("# T\n\n## U", [Heading(1, (Text("T"),)), Heading(2, (Text("U"),))]),
        ("- a\n- b", [BulletList(((words("a"),), (words("b"),)))]),
        ("- a\n  - b", [BulletList(((words("a"), BulletList(((words("b"),),))),))]),
        ("3. a\n4. b", [OrderedList(3, ((words("a"),), (words("b"),)))]),
        ("> a", [Quotation((words("a"),))]),
        ("```\n*a*\n```", [CodeBlock("*a*")]),
        (
            "|a|b|\n|-|-|\n|c|d|",
            [Table(((Text("a"),), (Text("b"),)), (((Text("c"),), (Text("d"),)),))],
        ),
        ("<b>a</b> & {{ x }} #y", [words("<b>a</b> & {{ x }} #y")]),
        ("\\*a\\*", [said(Text("*"), Text("a"), Text("*"))]),
    ],
)
def test_each_form_is_read_as_commonmark_says(text: str, blocks: list[Block]) -> None:
    assert joined(parse_markdown(text, "a.md")) == joined(blocks)


def joined(blocks: object) -> str:
    """Return a form that does not tell `ab` from `a` and `b` beside each other."""
    return (
        repr(blocks)
        .replace("'), Text(text='", "")
        .replace("[", "(")
        .replace("]", ")")
        .replace(",)", ")")
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n\n---\n", "a.md, line 3: a document cannot print a rule across the page"),
        ("![a](b.png)", "a.md, line 1: a document cannot print an image"),
        ("[a](javascript:b)x\n\n[c](other.md)", "a.md, line 3: a link to `other.md`"),
        ("# T\n\n### U", "the heading `U` is of level 3 but follows level 1"),
        ("## T", "the heading `T` is of level 2 but follows level 0"),
    ],
)
def test_what_a_document_cannot_print_is_refused_where_it_stands(text: str, message: str) -> None:
    with pytest.raises(MarkdownError) as refusal:
        parse_markdown(text, "a.md")
    assert message in str(refusal.value)


def test_plain_text_keeps_the_words_alone() -> None:
    (paragraph,) = parse_markdown("a **b** `c`  \n[d](https://e.example)", "a.md")
    assert isinstance(paragraph, Paragraph)
    assert plain_text(paragraph.content) == "a b c d"
