"""Where two versions give other reasons: the rules that lead to an outcome, with their words.

As `medpolicy.reasons` walks from the disposition down to the rules that led to it, here for all
requests at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pydmn
from medpolicy.changes.answers import Formula, xor
from medpolicy.changes.rules import RuleKey
from medpolicy.determination import Reason
from medpolicy.determine import Policy
from medpolicy.policy import DISPOSITION

Said: TypeAlias = Mapping[RuleKey, tuple[Reason, Formula]]
"""The reason that a rule gives, with where it does."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Where each decision is on the way to the outcome, and where each rule is a reason of it."""

    decisions: Mapping[str, Formula]
    rules: Said


def spoken(space: pydmn.Space, policy: Policy, world: pydmn.World) -> Spoken:
    """Return what leads to a policy's disposition, over all requests. Raises `NotDecided`."""
    reasons = policy.reasons
    reached: dict[str, list[Formula]] = {DISPOSITION: [space.always]}
    decisions: dict[str, Formula] = {}
    rules: dict[RuleKey, tuple[Reason, Formula]] = {}
    for name in reversed(policy.model.names):
        if name not in reached:
            continue
        here = decisions[name] = space.any_of(reached[name])
        if name not in reasons.rules:
            for read in reasons.literals.get(name, ()):
                reached.setdefault(read, []).append(here)
            continue
        hits = world.hits(name)
        for id_, rule in reasons.rules[name].items():
            at = space.all_of((here, hits[id_]))
            for tested in rule.tests:
                reached.setdefault(tested, []).append(at)
            if rule.reason is not None:
                rules[name, id_] = (rule.reason, at)
    return Spoken(decisions, rules)


def unlike(space: pydmn.Space, old: Said, new: Said) -> dict[RuleKey, Formula]:
    """Return where each rule gives a reason in one version that the other does not give."""
    never = -space.always
    found: dict[RuleKey, Formula] = {}
    for key in dict.fromkeys((*new, *old)):
        before, was = old.get(key, (None, never))
        after, is_ = new.get(key, (None, never))
        at = xor(space, was, is_) if before == after else space.any_of((was, is_))
        if at != never:
            found[key] = at
    return found
