"""Which rules make a difference, and which of what the runtime tells the decisions.

A decision is at the root of a difference where another set of its rules is hit, or a rule that
concludes something else, while all that it reads is the same in both versions. An input that the
runtime gives is at the root where it is told otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pydmn
from medpolicy.changes.answers import Formula, xor
from medpolicy.changes.rules import RuleKey, Rules
from medpolicy.determine import Policy
from medpolicy.everything import Everything
from medpolicy.policy import RUNTIME_INPUTS


@dataclass(frozen=True, slots=True)
class Causes:
    """The rules, and the inputs by name, that make a difference."""

    rules: tuple[RuleKey, ...] = ()
    inputs: tuple[str, ...] = ()


class Roots:
    """Where each rule and each input is at the root of a difference between two worlds."""

    def __init__(self, everything: Everything, policies: Sequence[Policy], rules: Rules) -> None:
        self._space = everything.space
        self._rules = rules
        self._policies = policies
        self._worlds = everything.worlds
        self._hits = [_Hits(world) for world in self._worlds]

    @cached_property
    def inputs(self) -> dict[str, Formula]:
        """Where what the runtime tells, or a parameter, is not the same."""
        old, new = self._policies
        shared = {each.name for each in old.model.inputs} & {each.name for each in new.model.inputs}
        told = (*RUNTIME_INPUTS, *(name for name in new.parameters if name in old.parameters))
        unlike = {name: self._unlike(name) for name in told if name in shared}
        return {name: at for name, at in unlike.items() if at != self._never}

    def _unlike(self, name: str) -> Formula:
        """Return where an answer is not the same, as far as that can be told."""
        try:
            return self._worlds[0].differs(name, None, self._worlds[1])
        except pydmn.NotDecided:
            return self._never

    @property
    def _never(self) -> Formula:
        return -self._space.always

    def told(self, where: Formula) -> Formula:
        """Return where the inputs differ that differ everywhere in `where`."""
        return self._space.all_of(
            at for at in self.inputs.values() if self._space.find(where, -at) is None
        )

    @cached_property
    def rules(self) -> dict[RuleKey, Formula]:
        """Where a rule is hit or concludes otherwise, and its decision is a root of that."""
        old, new = (policy.model for policy in self._policies)
        unlike: dict[str, Formula] = dict(self.inputs)
        found: dict[RuleKey, Formula] = {}
        for name in dict.fromkeys((*new.names, *old.names)):
            reads = {
                read for model in (old, new) if name in model.names for read in model.reads(name)
            }
            same = self._space.all_of(-unlike[read] for read in sorted(reads) if read in unlike)
            own = dict(self._of(name))
            if not own and name in old.names and name in new.names:
                unlike[name] = self._unlike(name)
            else:
                unlike[name] = self._space.any_of(own.values())
            for id_, formula in own.items():
                root = self._space.all_of((formula, same))
                if root != self._never:
                    found[name, id_] = root
        return found

    def _of(self, name: str) -> Iterator[tuple[str, Formula]]:
        before, after = (hits.of(name) for hits in self._hits)
        for id_, (said, says) in self._rules.meant(name).items():
            was, is_ = before.get(id_, self._never), after.get(id_, self._never)
            if said == says:
                yield id_, xor(self._space, was, is_)
            else:
                yield id_, self._space.any_of((was, is_))

    def within(self, where: Formula, sides: Sequence[int], decisions: Iterable[str]) -> Within:
        """Return what may make the difference in a change, which is everything in `where`.

        The change is one of the answers of `decisions`, and what leads to these is looked for in
        the versions of `sides`.
        """
        ways = [self._ways(place, tuple(decisions)) for place in sides]
        candidates: dict[RuleKey | str, Formula] = {}
        candidates.update(self.inputs)
        for key, at in self.rules.items():
            on_the_way = self._space.any_of(way.get(key[0], self._never) for way in ways)
            candidates[key] = self._space.all_of((at, on_the_way))
        return Within(self._space, where, candidates)

    def _ways(self, place: int, decisions: tuple[str, ...]) -> dict[str, Formula]:
        """Return where each decision of a version leads to what others answer.

        As the reasons of a determination do, but that a rule which tests nothing stands for all
        that the rules of its table test.
        """
        policy, hits = self._policies[place], self._hits[place]
        reached: dict[str, list[Formula]] = {each: [self._space.always] for each in decisions}
        found: dict[str, Formula] = {}
        for name in reversed(policy.model.names):
            if name not in reached:
                continue
            here = found[name] = self._space.any_of(reached[name])
            for read in policy.reasons.literals.get(name, ()):
                reached.setdefault(read, []).append(here)
            at = hits.of(name)
            for id_, reads in _reads(policy, name).items():
                hit = self._space.all_of((here, at.get(id_, self._never)))
                for read in reads:
                    reached.setdefault(read, []).append(hit)
        return found


def _reads(policy: Policy, name: str) -> dict[str, tuple[str, ...]]:
    """Return the decisions that each rule of a table tests, or takes over."""
    rules = policy.reasons.rules.get(name)
    if rules is None:
        return {}
    every = tuple(dict.fromkeys(each for rule in rules.values() for each in rule.tests))
    taken = {
        rule.id: [
            read for read in policy.model.reads(name) if any(read in text for text in rule.outputs)
        ]
        for rule in policy.model.table(name).rules
    }
    return {id_: (*(rule.tests or every), *taken[id_]) for id_, rule in rules.items()}


class Within:
    """What is at the root of a difference somewhere in a change."""

    def __init__(
        self, space: pydmn.Space, where: Formula, candidates: Mapping[RuleKey | str, Formula]
    ) -> None:
        self._space = space
        self._where = where
        self._candidates = {
            key: at for key, at in candidates.items() if space.find(where, at) is not None
        }

    def of(self, box: Sequence[Formula]) -> Causes:
        """Return what is at the root everywhere in a box of the change, or else somewhere."""
        here = (self._where, *box)
        always = [
            key for key, at in self._candidates.items() if self._space.find(*here, -at) is None
        ]
        kept = always or [
            key for key, at in self._candidates.items() if self._space.find(*here, at) is not None
        ]
        return Causes(
            tuple(key for key in kept if isinstance(key, tuple)),
            tuple(key for key in kept if isinstance(key, str)),
        )


class _Hits:
    """Where the rules of a world's decisions are hit; none where that cannot be told."""

    def __init__(self, world: pydmn.World) -> None:
        self._world = world

    def of(self, name: str) -> dict[str, Formula]:
        """Return where each rule of a decision is hit."""
        try:
            return dict(self._world.hits(name))
        except (pydmn.NotDecided, pydmn.UnknownName):
            return {}
