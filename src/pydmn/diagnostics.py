"""Diagnostics: located messages about a model, an expression or one evaluation.

Stages return diagnostics, nobody prints them; the edge (`cli`) renders.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pydmn.source import Source, Span


class Severity(StrEnum):
    """How bad: an `ERROR` stops what it stands in, a `WARNING` does not, a `NOTE` tells."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message: a stable `code`, where, what (`message`) and what next (`help`)."""

    code: str
    message: str
    source: Source = Source("")
    span: Span | None = None
    help: str | None = None
    severity: Severity = Severity.ERROR

    def render(self) -> str:
        """Return the message as lines for a terminal, the text underlined.

        >>> text = Source("Age Yrs > 3", "criteria.dmn", place=("Eligibility", "rule 3"))
        >>> print(Diagnostic("unknown-name", "unknown name `Age Yrs`", text, Span(0, 7),
        ...                  "did you mean `Age Years`?").render())
        criteria.dmn, Eligibility, rule 3: unknown name `Age Yrs`
            Age Yrs > 3
            ^^^^^^^
        help: did you mean `Age Years`?
        """
        where = self.source.where
        lines = [f"{where}: {self.message}" if where else self.message]
        if self.span is not None and self.source.text:
            lines += [f"    {line}" for line in _underlined(self.source.text, self.span)]
        if self.help:
            lines.append(f"help: {self.help}")
        return "\n".join(lines)


def _underlined(text: str, span: Span) -> Iterable[str]:
    """Yield the line of `text` in which `span` starts, and carets below it."""
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", start)
    line = text[start:] if end < 0 else text[start:end]
    offset = span.start - start
    width = max(1, min(span.end, start + len(line)) - span.start)
    yield line.replace("\t", " ")
    yield " " * offset + "^" * width
