"""A policy's prose as a small tree of blocks: what CommonMark says, and no format's own signs.

A text is read by CommonMark's rules, with tables. HTML is off: an angle bracket is an angle
bracket. What a printed policy has no place for (images, rules across the page, links to anything
but a web or mail address) is refused, with the file and the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

LINK_SCHEMES: Final = ("https://", "http://", "mailto:")


class MarkdownError(ValueError):
    """A text uses something that a document cannot print; the message has file and line."""


@dataclass(frozen=True, slots=True)
class Text:
    """Characters, literally."""

    kind: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Characters of a formal name or an expression, literally."""

    kind: ClassVar[str] = "code"
    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words of weight."""

    kind: ClassVar[str] = "strong"
    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Words set apart."""

    kind: ClassVar[str] = "emphasis"
    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to `address`, which starts with one of `LINK_SCHEMES`."""

    kind: ClassVar[str] = "link"
    content: tuple[Inline, ...]
    address: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A line that ends before its width does."""

    kind: ClassVar[str] = "line break"


Inline: TypeAlias = Text | Code | Strong | Emphasis | Link | LineBreak


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    kind: ClassVar[str] = "paragraph"
    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` is 1 for the title of the text and never skips one."""

    kind: ClassVar[str] = "heading"
    level: int
    content: tuple[Inline, ...]

    @property
    def text(self) -> str:
        """The words alone."""
        return plain_text(self.content)


@dataclass(frozen=True, slots=True)
class BulletList:
    """Items in no order, each a sequence of blocks."""

    kind: ClassVar[str] = "bullets"
    entries: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class OrderedList:
    """Items counted from `start`, each a sequence of blocks."""

    kind: ClassVar[str] = "numbers"
    start: int
    entries: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """Somebody else's words."""

    kind: ClassVar[str] = "quotation"
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines, literally."""

    kind: ClassVar[str] = "code block"
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A head of cells and rows with as many."""

    kind: ClassVar[str] = "table"
    head: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]


Block: TypeAlias = Paragraph | Heading | BulletList | OrderedList | Quotation | CodeBlock | Table


def parse_markdown(text: str, file: str) -> tuple[Block, ...]:
    """Return the blocks of a text, in order.

    `file` is the name that messages give. Raises `MarkdownError` for what a document cannot
    print and for a heading that skips a level.
    """
    blocks = _Reader(file, _PARSER.parse(text)).blocks()
    level = 0
    for block in blocks:
        if isinstance(block, Heading):
            if block.level > level + 1:
                raise MarkdownError(
                    f"{file}: the heading `{block.text}` is of level {block.level} "
                    f"but follows level {level}: no level may be skipped"
                )
            level = block.level
    return blocks


def parse_inline(text: str, file: str) -> tuple[Inline, ...]:
    """Return the inline content of one line, read as `parse_markdown` reads a paragraph."""
    tokens = _PARSER.parseInline(text)
    return _Reader(file, tokens).inline(tokens[0])


def plain_text(content: Sequence[Inline]) -> str:
    """Return the words alone; a line break is a blank."""
    return "".join(_words(content))


def _words(content: Sequence[Inline]) -> Iterator[str]:
    for node in content:
        match node:
            case Text(text) | Code(text):
                yield text
            case Strong(inner) | Emphasis(inner) | Link(inner, _):
                yield from _words(inner)
            case LineBreak():
                yield " "


# `html` off makes angle brackets text; no linkify, no typographer: the author's signs stand.
_PARSER: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


class _Reader:
    """Reads a flat run of tokens, in which `x_open` and `x_close` nest, into blocks."""

    def __init__(self, file: str, tokens: list[Token]) -> None:
        self.file = file
        self.tokens = tokens
        self.at = 0

    def blocks(self, until: str | None = None) -> tuple[Block, ...]:
        """Read up to the token `until`, and over it; to the end without one."""
        found: list[Block] = []
        while self.at < len(self.tokens):
            token = self._next()
            if token.type == until:
                break
            found.append(self._block(token))
        return tuple(found)

    def _next(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def _block(self, token: Token) -> Block:
        match token.type:
            case "paragraph_open":
                return Paragraph(self._content("paragraph_close"))
            case "heading_open":
                return Heading(int(token.tag[1:]), self._content("heading_close"))
            case "bullet_list_open":
                return BulletList(self._entries("bullet_list_close"))
            case "ordered_list_open":
                start = token.attrGet("start")
                entries = self._entries("ordered_list_close")
                return OrderedList(1 if start is None else int(start), entries)
            case "blockquote_open":
                return Quotation(self.blocks("blockquote_close"))
            case "fence" | "code_block":
                return CodeBlock(token.content.rstrip("\n"))
            case "table_open":
                return self._table()
            case other:
                raise self._refused(other, token)

    def _content(self, close: str) -> tuple[Inline, ...]:
        content = self.inline(self._next())
        self._expect(close)
        return content

    def _expect(self, kind: str) -> Token:
        token = self._next()
        if token.type != kind:
            raise self._refused(token.type, token)
        return token

    def _entries(self, close: str) -> tuple[tuple[Block, ...], ...]:
        entries: list[tuple[Block, ...]] = []
        while self._next().type != close:
            entries.append(self.blocks("list_item_close"))
        return tuple(entries)

    def _table(self) -> Table:
        rows: list[tuple[tuple[Inline, ...], ...]] = []
        cells: list[tuple[Inline, ...]] = []
        while (token := self._next()).type != "table_close":
            if token.type == "tr_open":
                cells = []
            elif token.type == "inline":
                cells.append(self.inline(token))
            elif token.type == "tr_close":
                rows.append(tuple(cells))
        return Table(rows[0], tuple(rows[1:]))

    def inline(self, token: Token) -> tuple[Inline, ...]:
        """Read the children of an `inline` token."""
        content, _ = self._run(token.children or [], 0, None, token)
        return content

    def _run(
        self, children: list[Token], at: int, until: str | None, parent: Token
    ) -> tuple[tuple[Inline, ...], int]:
        """Return what stands from `at` to the token `until`, and the place after that."""
        found: list[Inline] = []
        while at < len(children):
            child = children[at]
            at += 1
            if child.type == until:
                break
            match child.type:
                case "text":
                    if child.content:
                        found.append(Text(child.content))
                case "code_inline":
                    found.append(Code(child.content))
                case "softbreak":
                    found.append(Text(" "))
                case "hardbreak":
                    found.append(LineBreak())
                case "strong_open":
                    inner, at = self._run(children, at, "strong_close", parent)
                    found.append(Strong(inner))
                case "em_open":
                    inner, at = self._run(children, at, "em_close", parent)
                    found.append(Emphasis(inner))
                case "link_open":
                    inner, at = self._run(children, at, "link_close", parent)
                    found.append(Link(inner, self._address(child, parent)))
                case other:
                    raise self._refused(other, parent)
        return tuple(found), at

    def _address(self, link: Token, parent: Token) -> str:
        address = str(link.attrGet("href") or "")
        if not address.startswith(LINK_SCHEMES):
            raise MarkdownError(
                f"{self._place(parent)}: a link to `{address}`; "
                "a document's links lead to web and mail addresses only"
            )
        return address

    def _refused(self, kind: str, token: Token) -> MarkdownError:
        what = _REFUSED.get(kind, f"`{kind}`")
        return MarkdownError(f"{self._place(token)}: a document cannot print {what}; take it out")

    def _place(self, token: Token) -> str:
        return self.file if token.map is None else f"{self.file}, line {token.map[0] + 1}"


_REFUSED: Final = {
    "hr": "a rule across the page",
    "image": "an image",
}
