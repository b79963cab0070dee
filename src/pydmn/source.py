"""Where a piece of text came from.

Every message the runtime gives points at an author's text: a cell of a table, a
literal expression, a name in the XML. `Source` is one such text with its place;
`Span` is a stretch of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` (inclusive) to `end` (exclusive) of a text, counted from 0."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """Return the span from this one's start to the end of `other`."""
        return Span(self.start, other.end)


@dataclass(frozen=True, slots=True)
class Source:
    """One text of an author and where it stands.

    `file` is the path as given by the caller, `line` the line of the XML element
    that holds the text (1-based, `None` outside XML). `place` names the way down in
    the author's words, outermost first: `("Eligibility", "rule 3", "input Age Years")`.
    """

    text: str
    file: str | None = None
    line: int | None = None
    place: tuple[str, ...] = field(default=())

    @property
    def where(self) -> str:
        """The place in words: `criteria.dmn, Eligibility, rule 3`."""
        return ", ".join(part for part in (self.file, *self.place) if part)
