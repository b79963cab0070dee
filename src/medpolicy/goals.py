"""What the cases of a policy do not try, each as something that a request can be looked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pydmn
from medpolicy.asked import AGE
from medpolicy.coverage import Coverage, Key, TableCoverage, Tally, rule_key, side_key
from medpolicy.policy import Policy

NOT_AMONG: Final = "no request that was tried touches it, and the column is worked out of others"


@dataclass(frozen=True, slots=True)
class Goal:
    """A rule to hit, or a side of a bound to touch.

    `key` is what a tally calls it, `text` says it in words. A request is for one goal of a `lane`.
    `formula` says of a world where the goal is met, `reads` what a column that it is about reads,
    and `unproved` why it proves nothing not to find a request.
    """

    key: Key
    decision: str
    text: str
    slug: str
    lane: Key
    formula: Callable[[pydmn.World], int]
    reads: frozenset[str] = frozenset()
    unproved: str | None = None


def goals(version: Policy, coverage: Coverage) -> Iterator[Goal]:
    """Yield what no case tries, open ones among them: rules first, then sides of bounds."""
    for each in coverage.tables:
        yield from _rules(each)
    for each in coverage.tables:
        yield from _sides(version, each)


def _rules(covered: TableCoverage) -> Iterator[Goal]:
    name = covered.table.decision
    for each in covered.missing:
        if not each.hit.open:
            yield Goal(
                rule_key(name, each.rule.id),
                name,
                f"{name}, rule {each.rule.id}",
                _slug(each.rule.id),
                ("rule", name),
                partial(_hit, name, each.rule.id),
            )


def _sides(version: Policy, covered: TableCoverage) -> Iterator[Goal]:
    name = covered.table.decision
    told = {*version.facts, AGE, "service date"}
    for each in covered.bounds:
        bound = each.bound
        column = covered.table.inputs[bound.column]
        by_trying = column.text not in told and not column.text.startswith("count(")
        for side in each.untouched:
            if not each.touched[side].open:
                yield Goal(
                    side_key(name, bound, side),
                    name,
                    f"{name}, {bound.label}: {bound.text(side)}",
                    _slug(f"{name}-{bound.label}-{side.value}-{bound.value}"),
                    ("side", name, bound.column),
                    partial(_touched, name, bound, side),
                    column.reads,
                    NOT_AMONG if by_trying else None,
                )


def _hit(decision: str, rule: str, world: pydmn.World) -> int:
    return world.hits(decision)[rule]


def _touched(decision: str, bound: pydmn.Bound, side: pydmn.Side, world: pydmn.World) -> int:
    return world.tests(decision, bound.column, lambda value: bound.touched(value) is side)


def values_beside(version: Policy, tally: Tally) -> Iterator[str]:
    """Yield conditions that tell the values on either side of each bound from all others."""
    told = {*version.facts, AGE, "service date"}
    for name, bounds in tally.bounds.items():
        inputs = version.model.table(name).inputs
        for bound in bounds.found:
            text = inputs[bound.column].text
            if text in told:
                yield from (f"{text} = {_literal(value)}" for value in bound.near.values())


def _literal(value: Any) -> str:
    text = pydmn.write_json(value)
    return text if isinstance(value, str) or not text.startswith('"') else f"date({text})"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
