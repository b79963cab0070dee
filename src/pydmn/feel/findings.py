"""What is wrong with one text, gathered within bounds."""

from __future__ import annotations

from collections.abc import Iterable

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.feel.names import closest
from pydmn.source import Source, Span

MAX_DIAGNOSTICS = 100
"""How many diagnostics one text gets."""

MAX_GUESSES = 10
"""For how many of them a name is looked for that was probably meant."""

_MAX_SHOWN = 60


class Findings:
    """The diagnostics of one source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: list[Diagnostic] = []
        self._guesses = 0

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        help_: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a diagnostic, unless there are enough."""
        if len(self._found) < MAX_DIAGNOSTICS:
            self._found.append(Diagnostic(code, message, self._source, span, help_, severity))

    def meant(self, name: str, candidates: Iterable[str], otherwise: str) -> str:
        """Return a help line: the candidate that was probably meant, or `otherwise`."""
        self._guesses += 1
        guess = closest(name, candidates) if self._guesses <= MAX_GUESSES else None
        return f"did you mean `{guess}`?" if guess else otherwise

    def in_order(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics by their place in the text."""
        return tuple(sorted(self._found, key=lambda found: found.span.start if found.span else 0))


def shown(text: str) -> str:
    """Return `text` for a message, cut where it is long."""
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 3]}..."
