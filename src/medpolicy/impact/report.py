"""What leaves of a comparison: identities, counts, examples, and the JSON of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from medpolicy.determine import Policy
from medpolicy.impact.counts import ALL, NODES, Count, Counts, Flip, Rate, Scope
from medpolicy.impact.pair import Pair
from medpolicy.impact.tally import DIMENSIONS, Answer, Pattern, Tally

EXAMPLES: Final = 3
"""So many examples of a flip, and of changes that leave a disposition."""


@dataclass(frozen=True, slots=True)
class Version:
    """One of the versions that are compared."""

    id: str
    number: str
    title: str
    version: str
    content_hash: str
    effective_from: date
    effective_to: date | None


@dataclass(frozen=True, slots=True)
class Side:
    """The versions that answer on one side: one, or by date all that a policy has."""

    versions: tuple[Version, ...]
    facts: tuple[str, ...]
    """What this side reads and the other does not."""


@dataclass(frozen=True, slots=True)
class Example:
    """A way in which at least as many lines change as are not suppressed."""

    code: str
    old: Answer
    new: Answer


@dataclass(frozen=True, slots=True)
class Report:
    """What leaves. `never_stated` are facts for which the file has no column, if that is known."""

    old: Side
    new: Side
    by_date: bool
    never_stated: tuple[str, ...]
    counts: Counts
    examples: tuple[Example, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, always with the same keys in the same order."""
        return {
            "policy": self.old.versions[-1].id,
            "old": _side(self.old),
            "new": _side(self.new),
            "dates": "by-date" if self.by_date else "what-if",
            "never_stated": list(self.never_stated),
            "suppressed_below": self.counts.below,
            "counts": self._all(),
            "from_to": self._from_to(ALL),
            "dispositions": [self._disposition(each) for each in self.counts.dispositions],
            "changed": [
                {"differs": list(each), **_shown({"lines": self.counts.of_all(("changed", each))})}
                for each in self.counts.aspects
            ],
            "by": {name: list(self._by(name)) for name in DIMENSIONS},
            "examples": [
                {"code": each.code, "old": _answer(each.old), "new": _answer(each.new)}
                for each in self.examples
            ],
        }

    def _all(self) -> dict[str, Any]:
        named: dict[str, Any] = {"rows": "rows", "refused": "refused"}
        named |= {f"refused_by_{name}": ("refused", name) for name in ("old", "new", "both")}
        named |= {name: name for name in NODES}
        found = _shown({name: self.counts.of_all(what) for name, what in named.items()})
        return {**found, "flip_rate": _rate(self.counts.flip_rate(ALL))}

    def _from_to(self, scope: Scope) -> list[dict[str, Any]]:
        return [
            {"from": flip[0], "to": flip[1], **_shown({"lines": count})}
            for flip, count in self.flips(scope)
        ]

    def flips(self, scope: Scope) -> Iterator[tuple[Flip, Count]]:
        """Yield the flips that a scope has, with their counts."""
        for flip in self.counts.flips:
            count = self.counts[scope, flip]
            if count.number != 0:
                yield flip, count

    def _disposition(self, name: str) -> dict[str, Any]:
        counts = {each: self.counts.of_all((each, name)) for each in ("old", "new", "kept")}
        return {"disposition": name, **_shown(counts)}

    def _by(self, dimension: str) -> Iterator[dict[str, Any]]:
        for category, scope in self.counts.categories(dimension):
            counts = _shown({name: self.counts[scope, name] for name in NODES})
            rate = _rate(self.counts.flip_rate(scope))
            yield {
                "value": category,
                **counts,
                "flip_rate": rate,
                "from_to": self._from_to(scope),
            }


def _side(side: Side) -> dict[str, Any]:
    return {
        "versions": [
            {
                "version": each.version,
                "content_hash": each.content_hash,
                "effective_from": each.effective_from.isoformat(),
                "effective_to": each.effective_to and each.effective_to.isoformat(),
            }
            for each in side.versions
        ],
        "facts_of_its_own": list(side.facts),
    }


def _shown(counts: Mapping[str, Count]) -> dict[str, Any]:
    """Return counts by their names, null where hidden, and under `suppressed` why."""
    marks = {name: count.mark for name, count in counts.items() if count.number is None}
    return {**{name: count.number for name, count in counts.items()}, "suppressed": marks}


def _rate(rate: Rate | None) -> dict[str, Decimal] | None:
    if rate is None:
        return None
    return {name: Decimal(f"{getattr(rate, name):.6f}") for name in ("share", "low", "high")}


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in answer._asdict().items()
    }


def report_of(pair: Pair, tally: Tally, below: int, never_stated: Iterable[str]) -> Report:
    """Return what leaves of a tally."""
    old, new = (
        Side(tuple(map(_version, versions)), pair.only(side))
        for side, versions in ((pair.old, pair.old_versions), (pair.new, pair.new_versions))
    )
    counts = Counts(tally, below)
    examples = tuple(examples_of(tally, counts))
    return Report(old, new, pair.by_date, tuple(never_stated), counts, examples)


def _version(policy: Policy) -> Version:
    named, dates = policy.metadata, policy.dates
    return Version(
        named.id, named.number, named.title, named.version, policy.content_hash,
        dates.effective_from, dates.effective_to,
    )  # fmt: skip


def examples_of(tally: Tally, counts: Counts) -> Iterator[Example]:
    """Yield the most frequent ways in which lines change, by flip.

    None is of few lines, nor of a count that is hidden.
    """
    by_flip: defaultdict[tuple[bool, str, str], list[Pattern]] = defaultdict(list)
    frequent = [
        each
        for each, lines in tally.patterns.items()
        if lines >= counts.below and counts.has_shown(each)
    ]
    for pattern in sorted(frequent, key=lambda each: (-tally.patterns[each], repr(each))):
        old, new = pattern.old.disposition, pattern.new.disposition
        by_flip[old == new, old, new].append(pattern)
    for _, patterns in sorted(by_flip.items()):
        for pattern in patterns[:EXAMPLES]:
            yield Example(*pattern)
