"""What happened in an evaluation: reasons for a null, rules hit.

Null is bare in FEEL; why a value is null is kept here, in order of occurrence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAX_NOTES = 1_000


@dataclass(frozen=True, slots=True)
class Note:
    """Why something became null: a stable `code` and a message in the author's words.

    `decision` names what was being evaluated: a decision, knowledge model or service, or the
    input that is null or did not fit. It is None for an expression without a model.
    """

    code: str
    message: str
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One decision evaluated: the rules hit by id, in table order, and the value.

    `inputs` are the values of a table's columns by label, by the text of its expression
    for one without. Both are empty for a decision that is no table.
    """

    decision: str
    value: Any
    rules: tuple[str, ...] = ()
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Trace:
    """What one evaluation left behind: `hits` by decision, `notes` on nulls.

    Notes are bounded: after `MAX_NOTES` only `dropped` counts them.
    """

    hits: list[Hit] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    dropped: int = 0
    decision: str | None = None

    def mark(self) -> tuple[int, int, int]:
        """Return how far the trace is, for `back_to`."""
        return len(self.hits), len(self.notes), self.dropped

    def back_to(self, mark: tuple[int, int, int]) -> None:
        """Take back everything since `mark`."""
        hits, notes, self.dropped = mark
        del self.hits[hits:], self.notes[notes:]

    def add(self, other: Trace) -> None:
        """Take over what `other` holds, as if it had happened here, after the rest."""
        self.hits += other.hits
        kept = other.notes[: max(0, MAX_NOTES - len(self.notes))]
        self.notes += kept
        self.dropped += len(other.notes) - len(kept) + other.dropped

    def note(self, code: str, message: str) -> None:
        """Keep the reason of a null."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(Note(code, message, self.decision))
        else:
            self.dropped += 1
