"""The counts that are published, how they hang together, and which of them are shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Final, TypeAlias

from medpolicy.determination import Disposition
from medpolicy.impact.intervals import wilson
from medpolicy.impact.suppression import Kind, Mark, Published, Row, hidden
from medpolicy.impact.tally import (
    DIMENSIONS,
    OTHER,
    Category,
    Outcome,
    Pattern,
    Tally,
    outcome_of,
)

Flip: TypeAlias = tuple[str, str]
"""From which disposition to which."""

LINES: Final = "lines"
FLIPPED: Final = "flipped"
KEPT: Final = "kept"
CHANGED: Final = "changed"
UNCHANGED: Final = "unchanged"
NODES: Final = (LINES, FLIPPED, KEPT, CHANGED, UNCHANGED)
"""`lines` are `flipped` and `kept`, the latter `changed` (in criterion, ...) and `unchanged`."""

WITHHELD: Final = "withheld"
"""Stands for a count from which a smaller one could be worked out."""

_NODE_OF: Final[Mapping[Any, str]] = {CHANGED: KEPT, UNCHANGED: KEPT}
REFUSED_BY: Final = ("old", "new", "both")

Scope: TypeAlias = tuple[Any, ...]
ALL: Final[Scope] = ("all",)
_ALIKE: Final[Scope] = ("code", OTHER)
Key: TypeAlias = tuple[Any, ...]
"""A scope (all lines, or a dimension with a category) and what of it is counted."""

# How many lines there are, others may know: to withhold that protects little.
_PRICE_OF_LINES: Final = 6
_PRICE_OF_ALL: Final = 4
_PRICE_OF_ALL_LINES: Final = 40


@dataclass(frozen=True, slots=True)
class Count:
    """A count as it leaves: its number, or, where that is hidden, None and the mark for it."""

    number: int | None
    mark: str = ""

    def __str__(self) -> str:
        """Return it for people."""
        return self.mark if self.number is None else f"{self.number:,}"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % interval."""

    share: float
    low: float
    high: float


class Counts:
    """The counts of a tally; those below `below`, and what would give them away, are hidden."""

    def __init__(self, tally: Tally, below: int) -> None:
        self.below = below
        found = {each for outcome in tally.outcomes for each in outcome[:2]}
        self.dispositions = tuple(each.value for each in Disposition if each.value in found)
        """Those that occur, before or after."""
        self.flips = _ordered(tally.outcomes)
        """The flips that occur, by their dispositions' order."""
        aspects = {each.aspects for each in tally.outcomes if each.aspects}
        self.aspects = tuple(sorted(aspects, key=lambda each: (len(each), each)))
        """What differs where the disposition does not: each set of aspects that occurs."""
        self._counts: Counter[Key] = Counter()
        self._categories = {name: self._count_by(name, tally) for name in DIMENSIONS}
        kinds = {each: self._kind(each) for each in self._outcomes()}
        for outcome, kind in kinds.items():
            self._add(kind.keys, tally.outcomes[outcome])
        for kind, name in zip(refused := _refused_kinds(), REFUSED_BY, strict=True):
            self._add(kind.keys, getattr(tally.refused, name))
        published = Published(
            self._counts,
            [*kinds.values(), *refused],
            list(_together(kinds, self.dispositions)),
            [[self._row(scope) for _, scope in self.categories(name)] for name in DIMENSIONS],
            {key: _price(key) for key in self._counts},
        )
        self._marks = hidden(published, below)

    # --- what is counted --------------------------------------------------------------

    def _add(self, keys: Iterable[Key], lines: int) -> None:
        for key in keys:
            self._counts[key] += lines

    def _outcomes(self) -> Iterator[Outcome]:
        """Yield what a line can have come to, as far as the counts of all lines can tell."""
        for flip in self.flips:
            yield Outcome(*flip)
        for disposition in self.dispositions:
            for aspects in ((), *self.aspects):
                yield Outcome(disposition, disposition, aspects)

    def _kind(self, outcome: Outcome) -> Kind[Key]:
        """Return the counts of all lines that count a line."""
        old, new, aspects = outcome
        leaf = _leaf(outcome)
        what: list[Any] = [leaf, _NODE_OF.get(leaf, FLIPPED), LINES, "rows"]
        if old == new:
            what.append((KEPT, old))
        if aspects:
            what.append((CHANGED, aspects))
        return Kind(tuple((ALL, each) for each in (*what, ("old", old), ("new", new))), leaf)

    def _count_by(self, dimension: str, tally: Tally) -> tuple[Category, ...]:
        listed: defaultdict[Category, Counter[Any]] = defaultdict(Counter)
        for category, outcomes in tally.by[dimension].items():
            # Thousands of codes are none of the policy's: where nothing changes, in one row.
            alike = dimension == "code" and {*map(_leaf, outcomes)} == {UNCHANGED}
            for outcome, lines in outcomes.items():
                listed[OTHER if alike else category][_leaf(outcome)] += lines
        for category, leaves in listed.items():
            for leaf in self._leaves():
                self._add(_keys((dimension, category), leaf), leaves[leaf])
        return tuple(sorted(listed, key=lambda each: (each == OTHER, each is None, each or "")))

    def _leaves(self) -> tuple[Any, ...]:
        return (*self.flips, CHANGED, UNCHANGED)

    def _row(self, scope: Scope) -> Row[Key]:
        alike = scope == _ALIKE and not self._counts[scope, FLIPPED] + self._counts[scope, CHANGED]
        # Who knows which codes have no row of their own knows that nothing of them changes.
        leaves = (UNCHANGED,) if alike else self._leaves()
        return {leaf: _keys(scope, leaf) for leaf in leaves}

    # --- what leaves ------------------------------------------------------------------

    def __getitem__(self, key: Key) -> Count:
        match self._marks.get(key):
            case None:
                return Count(self._counts[key])
            case Mark.SMALL:
                return Count(None, f"<{self.below}")
            case Mark.WITHHELD:
                return Count(None, WITHHELD)

    def of_all(self, what: Any) -> Count:
        """Return a count of all lines."""
        return self[ALL, what]

    def categories(self, dimension: str) -> Iterator[tuple[Category, Scope]]:
        """Yield the categories of a dimension with their scopes, in their order."""
        for category in self._categories[dimension]:
            yield category, (dimension, category)

    def has_shown(self, pattern: Pattern) -> bool:
        """Say whether all counts are shown that are as high as that of a pattern's lines.

        An example says of each that it is not small.
        """
        outcome = outcome_of(pattern.old, pattern.new)
        leaf = _leaf(outcome)
        flips = outcome.old != outcome.new
        of_all = (leaf,) if flips else ((CHANGED, outcome.aspects), (KEPT, outcome.old))
        scopes = (
            ("code", pattern.code),
            ("criterion_old", pattern.old.criterion),
            ("criterion_new", pattern.new.criterion),
        )
        keys = [*((ALL, what) for what in of_all), *((scope, leaf) for scope in scopes)]
        return all((self[key].number or 0) >= self.below for key in keys)

    def flip_rate(self, scope: Scope) -> Rate | None:
        """Return the share of lines that flip; None where a count in it is hidden or 0 lines."""
        flipped, lines = self[scope, FLIPPED].number, self[scope, LINES].number
        if flipped is None or not lines:
            return None
        return Rate(flipped / lines, *wilson(flipped, lines))


def _leaf(outcome: Outcome) -> Any:
    """Return what a line is in a table: its flip, or whether it has changed."""
    if outcome.old != outcome.new:
        return outcome.old, outcome.new
    return CHANGED if outcome.aspects else UNCHANGED


def _keys(scope: Scope, leaf: Any) -> tuple[Key, ...]:
    """Return the counts of a scope that count a line of a leaf."""
    return (scope, leaf), (scope, _NODE_OF.get(leaf, FLIPPED)), (scope, LINES)


def _refused_kinds() -> list[Kind[Key]]:
    return [
        Kind(((ALL, ("refused", name)), (ALL, "refused"), (ALL, "rows"))) for name in REFUSED_BY
    ]


def _together(
    kinds: Mapping[Outcome, Kind[Key]], dispositions: Sequence[str]
) -> Iterator[tuple[tuple[Kind[Key], Kind[Key]], ...]]:
    """Yield changes of two lines that leave how many have each disposition, old and new."""
    for one, other in permutations(dispositions, 2):
        for first, second in permutations(dispositions, 2):
            before = Outcome(one, first), Outcome(other, second)
            after = Outcome(one, second), Outcome(other, first)
            if all(each in kinds for each in (*before, *after)):
                yield tuple(
                    (kinds[line], kinds[change]) for line, change in zip(before, after, strict=True)
                )


def _price(key: Key) -> int:
    scope, what = key
    if scope == ALL and what != "rows":
        return _PRICE_OF_ALL_LINES if what == LINES else _PRICE_OF_ALL
    return _PRICE_OF_LINES if what == LINES else 1


def _ordered(outcomes: Counter[Outcome]) -> tuple[Flip, ...]:
    order = [each.value for each in Disposition]
    found = {(each.old, each.new) for each in outcomes if each.old != each.new}
    return tuple(sorted(found, key=lambda flip: (order.index(flip[0]), order.index(flip[1]))))
