"""From the rules hit to cited reasons.

A reason is a rule with a `statement`. Starting at a decision, its rules that are hit speak,
and then the decisions which the cells of those rules tested, and so on down: so the reasons of
an outcome are the rules that led to it, and none that were merely evaluated. Where unknown
facts leave open which rules are hit, only those hit in every case are reasons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pydmn
from medpolicy.determination import Reason


@dataclass(frozen=True, slots=True)
class Spoken:
    """A rule, prepared: its reason, if it speaks, and the decisions whose answers it tests."""

    reason: Reason | None
    tests: tuple[str, ...]


class Outcomes(Protocol):
    """What decisions can answer to a question: `pydmn.Possible`, or `pydmn.Prospect`."""

    def values(self, name: str, entry: str | None = None) -> list[Any]:
        """Return every value that `name`, or its `entry`, can have, each once."""
        ...

    def hits(self, name: str) -> list[tuple[str, ...]]:
        """Return every set of rules that can be hit in the decision `name`."""
        ...

    def deciding(self, name: str, entry: str | None = None) -> list[pydmn.Deciding]:
        """Return the unknowns that can still change `name`, those that settle most first."""
        ...


class Reasons:
    """The reasons that a model's rules give; made once for a model."""

    def __init__(self, model: pydmn.Model) -> None:
        decisions = set(model.names)
        self.rules: dict[str, dict[str, Spoken]] = {}
        """The rules of each table, by their ids."""
        self.literals: dict[str, tuple[str, ...]] = {}
        """The decisions that each decision without a table reads."""
        for name in model.names:
            if model.kind(name) == "table":
                self.rules[name] = _rules(model.table(name), decisions)
            else:
                self.literals[name] = tuple(read for read in model.reads(name) if read in decisions)

    def of(self, decision: str, possible: Outcomes) -> tuple[Reason, ...]:
        """Return the reasons of `decision`, outermost first, each once."""
        return tuple(dict.fromkeys(self._given(decision, possible)))

    def criterion(self, decision: str, possible: Outcomes) -> str | None:
        """Return the criterion of the outermost reason that has one; no more hits are read."""
        reasons = self._given(decision, possible)
        return next((each.criterion for each in reasons if each.criterion is not None), None)

    def _given(self, decision: str, possible: Outcomes) -> Iterator[Reason]:
        seen: set[str] = set()
        waiting = [decision]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            tested = self.literals.get(name)
            if tested is None:
                rules = self.rules[name]
                hit = [rules[id_] for id_ in certain_hits(possible, name)]
                for rule in hit:
                    if rule.reason is not None:
                        yield rule.reason
                tested = hit[0].tests if len(hit) == 1 else _joined(hit)
            waiting.extend(reversed(tested))


def _joined(rules: list[Spoken]) -> tuple[str, ...]:
    """Return the decisions that any of `rules` tests, each once, in order."""
    return tuple(dict.fromkeys(name for rule in rules for name in rule.tests))


def certain_hits(possible: Outcomes, decision: str) -> tuple[str, ...]:
    """Return the rules of `decision` that are hit whatever the unknown facts are, in order."""
    return in_all(possible.hits(decision))


def in_all(hits: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the rules that are in every one of some sets, in the order of the first."""
    first, *others = hits
    if not others:
        return first
    return tuple(rule for rule in first if all(rule in other for other in others))


def _rules(table: pydmn.TableView, decisions: set[str]) -> dict[str, Spoken]:
    rules: dict[str, Spoken] = {}
    for rule in table.rules:
        statement = rule.values.get("statement")
        reason = None
        if isinstance(statement, str):
            reason = Reason(
                _text(rule.values.get("criterion")),
                statement,
                _text(rule.values.get("citation")),
                rule.id,
                table.decision,
            )
        tests = [
            name
            for column, tested in zip(table.inputs, rule.tested, strict=True)
            if tested
            for name in sorted(column.reads & decisions)
        ]
        rules[rule.id] = Spoken(reason, tuple(dict.fromkeys(tests)))
    return rules


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
