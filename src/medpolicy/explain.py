"""A determination in words, for a person at a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from medpolicy.determination import Determination, Disposition, LineDetermination, Reason
from medpolicy.policy import Policy
from medpolicy.problems import printable
from medpolicy.versions import AnyPolicy, version_of

_BOLD: Final = "1"
_DIM: Final = "2"
_GREEN: Final = "32"
_YELLOW: Final = "33"
_CYAN: Final = "36"


@dataclass(frozen=True, slots=True)
class _Words:
    """How a disposition is said: what it is, what follows, in which colour."""

    headline: str
    follows: str
    colour: str


_DISPOSITIONS: Final = {
    Disposition.APPROVE: _Words(
        "approve", "A criterion is met, and nothing speaks against it.", _GREEN
    ),
    Disposition.PEND_INFO: _Words(
        "information is needed", "The answers below can still change the outcome.", _YELLOW
    ),
    Disposition.CLINICAL_REVIEW: _Words(
        "clinical review",
        "A nurse may approve it; only a physician may deny it.",
        _CYAN,
    ),
    Disposition.NOT_APPLICABLE: _Words(
        "this policy does not govern it", "Look at what governs instead.", _CYAN
    ),
    Disposition.NO_REVIEW_REQUIRED: _Words(
        "no review under this policy", "This is not an approval.", _CYAN
    ),
    Disposition.CODING_ERROR: _Words(
        "the coding needs a correction", "This says nothing about medical necessity.", _YELLOW
    ),
}


@dataclass(frozen=True, slots=True)
class Style:
    """How to print: the width in columns, and whether in colour."""

    width: int = 80
    colour: bool = False

    def painted(self, text: str, *colours: str) -> str:
        """Return `text` in colours (ECMA-48, SGR), or as it is."""
        return f"\x1b[{';'.join(colours)}m{text}\x1b[0m" if self.colour else text


def explain(policy: AnyPolicy, determination: Determination, style: Style = Style()) -> str:
    """Return the determination in words: the outcome of each line, why, and what to ask."""
    version = version_of(policy, determination)
    return "\n".join(_Explained(version, style).lines(determination))


class _Explained:
    """Writes the lines of an explanation."""

    def __init__(self, policy: Policy, style: Style) -> None:
        self._policy = policy
        self._style = style

    def lines(self, determination: Determination) -> Iterator[str]:
        metadata = self._policy.metadata
        yield self._style.painted(f"Request {printable(determination.id)}", _BOLD)
        yield from self._wrapped(f"by {metadata.number}, {metadata.title}")
        for line in determination.lines:
            yield ""
            yield from self._line(line)
        yield ""
        version, engine = determination.policy, determination.engine
        for text in (
            f"{version.id}, version {version.version}, content {version.content_hash}",
            f"decided by {engine.name} {engine.version}",
        ):
            yield self._style.painted(text, _DIM)

    def _line(self, line: LineDetermination) -> Iterator[str]:
        words = _DISPOSITIONS[line.disposition]
        outcome = self._style.painted(line.disposition.value, _BOLD, words.colour)
        yield f"Line {printable(line.id)}  {outcome}  {words.headline}"
        yield from self._wrapped(words.follows, "  ")
        yield from self._labelled("The text says", line.criteria_result)
        if line.recommendation is not None:
            yield from self._labelled("For the reviewer", line.recommendation)
        if line.rationale:
            yield from self._labelled("Rationale", ", ".join(line.rationale))
        if line.governed_by is not None:
            yield from self._labelled("Governed by", line.governed_by)
        if line.reasons:
            yield "  Because"
            for reason in line.reasons:
                yield from self._reason(reason)
        if line.missing:
            yield "  Please answer"
            for number, missing in enumerate(line.missing, 1):
                settles = "; this answer alone settles it" if missing.would_decide else ""
                question = missing.question or "What is it?"
                yield from self._item(f"{number}.", f"{question} ({missing.fact}{settles})")
        if line.flags:
            yield "  Flags"
            for flag in line.flags:
                meaning = self._meaning(flag)
                yield from self._item("-", f"{flag}: {meaning}" if meaning else flag)

    def _reason(self, reason: Reason) -> Iterator[str]:
        criterion = f"Criterion {reason.criterion}: " if reason.criterion is not None else ""
        yield from self._item("-", f"{criterion}{reason.statement}")
        source = ", ".join(
            text
            for text in (reason.citation, f"rule {reason.rule}" if reason.rule else None)
            if text is not None
        )
        if source:
            for text in self._wrapped(f"[{source}]", " " * 6):
                yield self._style.painted(text, _DIM)

    def _meaning(self, flag: str) -> str | None:
        """Return what the rule that raises a flag says of it."""
        model = self._policy.model
        for name in model.names:
            if model.kind(name) == "table":
                for rule in model.table(name).rules:
                    if rule.values.get("flag") == flag:
                        statement = rule.values.get("statement")
                        return statement if isinstance(statement, str) else rule.description
        return None

    # --- layout ------------------------------------------------------------------------

    def _labelled(self, label: str, text: str) -> Iterator[str]:
        yield from self._wrapped(f"{label}: {text}", "  ", "    ")

    def _item(self, mark: str, text: str) -> Iterator[str]:
        yield from self._wrapped(text, f"    {mark} ", " " * (5 + len(mark)))

    def _wrapped(self, text: str, first: str = "", rest: str | None = None) -> Iterator[str]:
        indent = first if rest is None else rest
        yield from textwrap.wrap(
            text,
            self._style.width,
            initial_indent=first,
            subsequent_indent=indent,
            break_long_words=False,  # ids stay whole, so that they can be copied
            break_on_hyphens=False,
        )
