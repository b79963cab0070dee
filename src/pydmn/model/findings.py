"""The diagnostics of one piece of work.

They are bounded, so that a file full of mistakes costs no more than a good one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.source import Source

_DIAGNOSTICS = 1_000
_SUGGESTIONS = 20
_CANDIDATES = 500
_LENGTH = 100


class Findings:
    """What was found so far.

    A thousand diagnostics are told, and how many more there are; the nearest known word is
    looked for twenty times, among 500 words of up to 100 characters.
    """

    def __init__(self) -> None:
        self._told: list[Diagnostic] = []
        self._untold: list[Severity] = []
        self._suggestions = _SUGGESTIONS

    def report(
        self,
        code: str,
        message: str,
        source: Source,
        help_: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note a diagnostic. Past the bound it is counted only, whatever its severity."""
        if len(self._told) < _DIAGNOSTICS:
            self._told.append(Diagnostic(code, message, source, None, help_, severity))
        else:
            self._untold.append(severity)

    def may_suggest(self) -> bool:
        """Return whether there are suggestions left, and take one."""
        self._suggestions -= 1
        return self._suggestions >= 0

    def did_you_mean(self, word: str, candidates: Iterable[str]) -> str | None:
        """Return ``did you mean `nearest`?`` for a help line, or None when nothing is near.

        >>> Findings().did_you_mean("UNIQE", ["UNIQUE", "FIRST"])
        'did you mean `UNIQUE`?'
        >>> Findings().did_you_mean("x", ["UNIQUE", "FIRST"])
        """
        if len(word) > _LENGTH or not self.may_suggest():
            return None
        words = [known for known in islice(candidates, _CANDIDATES) if len(known) <= _LENGTH]
        near = difflib.get_close_matches(word, words, n=1, cutoff=0.7)
        return f"did you mean `{near[0]}`?" if near else None

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics by file and line, and how many are untold."""
        told = sorted(
            self._told, key=lambda found: (found.source.file or "", found.source.line or 0)
        )
        if self._untold:
            message = f"{len(self._untold):,} more problems were found"
            severity = Severity.ERROR if Severity.ERROR in self._untold else Severity.WARNING
            source = Source("", told[-1].source.file)
            told.append(Diagnostic("more-problems", message, source, severity=severity))
        return tuple(told)
