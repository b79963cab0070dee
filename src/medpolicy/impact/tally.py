"""What came of the lines of a file under two versions, counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

ASPECTS: Final = ("criteria_result", "criterion", "missing", "flags")
"""What can differ in two answers of one disposition; of the last two their order does not count."""

DIMENSIONS: Final = (
    "code", "criterion_old", "criterion_new", "line_of_business", "state", "month",
)  # fmt: skip
"""By what lines are counted; a month is that of the service, YYYY-MM."""

OTHER: Final = "(other)"
"""Stands for all categories that are not listed."""

MOST_CATEGORIES: Final = 20_000
"""A dimension has at most so many categories, and then `OTHER`: memory is bounded."""
MOST_PATTERNS: Final = 200_000
"""So many ways in which lines change are told apart."""

Category: TypeAlias = str | None


class Outcome(NamedTuple):
    """What came of a line: two dispositions, and where they are one, what else differs."""

    old: str
    new: str
    aspects: tuple[str, ...] = ()


class Answer(NamedTuple):
    """What one version answers a line."""

    disposition: str
    criteria_result: str | None
    criterion: str | None
    missing: tuple[str, ...]
    flags: tuple[str, ...]


class Pattern(NamedTuple):
    """A way in which lines change: their code, and both answers."""

    code: str
    old: Answer
    new: Answer


def outcome_of(old: Answer, new: Answer) -> Outcome:
    """Return what comes of a line with two answers, in whose lists the order is one."""
    flips = old.disposition != new.disposition
    differ = () if flips else tuple(a for a in ASPECTS if getattr(old, a) != getattr(new, a))
    return Outcome(old.disposition, new.disposition, differ)


@dataclass(slots=True)
class Refused:
    """Rows that cannot be read by the old version alone, by the new one alone, by both."""

    old: int = 0
    new: int = 0
    both: int = 0


@dataclass(slots=True)
class Tally:
    """Counts of rows; `by` has those compared, by dimension and category."""

    rows: int = 0
    refused: Refused = field(default_factory=Refused)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    by: dict[str, dict[Category, Counter[Outcome]]] = field(
        default_factory=lambda: {name: defaultdict(Counter) for name in DIMENSIONS}
    )
    patterns: Counter[Pattern] = field(default_factory=Counter)

    @property
    def compared(self) -> int:
        """How many lines both versions answer."""
        return self.outcomes.total()

    def count(self, dimension: str, category: Category, outcome: Outcome, lines: int) -> None:
        """Count lines of a category."""
        categories = self.by[dimension]
        if category not in categories and len(categories) >= MOST_CATEGORIES:
            category = OTHER
        categories[category][outcome] += lines

    def add(self, other: Tally) -> None:
        """Count what another has counted of other rows."""
        self.rows += other.rows
        self.refused.old += other.refused.old
        self.refused.new += other.refused.new
        self.refused.both += other.refused.both
        self.outcomes.update(other.outcomes)
        for dimension, categories in other.by.items():
            for category, outcomes in categories.items():
                for outcome, lines in outcomes.items():
                    self.count(dimension, category, outcome, lines)
        self._add_patterns(other.patterns)

    def _add_patterns(self, patterns: Mapping[Pattern, int]) -> None:
        for pattern, lines in patterns.items():
            if pattern in self.patterns or len(self.patterns) < MOST_PATTERNS:
                self.patterns[pattern] += lines
