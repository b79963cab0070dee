"""The requests that two versions of a policy answer otherwise: all of them, in a few regions.

Both are asked the same requests, in one space (`medpolicy.everything`). Every fact is stated there
that either version knows, each reads those that it knows, and a fact that is asked for only where
something raises it may be null where nothing does. What the engine answers where a fact is not
stated follows from that: an unknown fact leaves the answers possible that its values give, so that
two versions which agree on all stated facts agree on their third answer too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final, TypeAlias

import pydmn
from medpolicy.changes.answers import LISTS, TEXTS, Answers, Formula, Unlike
from medpolicy.changes.causes import Causes, Roots
from medpolicy.changes.outcome import CRITERIA, ChangeClass, Outcome, class_of, differing
from medpolicy.changes.outcome import DISPOSITION as DISPOSITION_FIELD
from medpolicy.changes.rules import RuleKey, Rules
from medpolicy.changes.spoken import Spoken, spoken, unlike
from medpolicy.determination import Disposition, LineDetermination
from medpolicy.determine import Policy
from medpolicy.everything import Everything
from medpolicy.policy import DISPOSITION
from medpolicy.problems import PolicyError
from medpolicy.record import Request

MOST_CHANGES: Final = 200
"""So many changes of a determination are looked for."""
MOST_BOXES: Final = 400
"""So many boxes of a change are looked for."""

_DECISIONS: Final = {**TEXTS, **LISTS}

_FREED: Final = ("beside", "diagnoses", "day", "state", "line of business", "plan")
"""Choices that a region leaves free before others: what says least of whom it is about."""


_ASKS_MORE: Final = {ChangeClass.BROADER: "new", ChangeClass.NARROWER: "old"}
"""The version whose answer asks more of a request, in a change of a class."""


Lines: TypeAlias = tuple[LineDetermination | None, LineDetermination | None]
"""What the two versions answer a line; None where no rule gives it a disposition."""


@dataclass(frozen=True, slots=True)
class Change:
    """Requests that are answered otherwise, in `fields` of the determination.

    `regions` are all of them, in boxes (None for a change of words or of a question, which the
    rules or the fact tell), and `examples` a request of each box; `witness` is one, `old` and `new`
    what it is answered, and `lines` the determinations. `causes` says of each box what makes the
    difference; of words, which rules have others. `fact` is the question that is asked otherwise,
    `values` are answers that one version refuses: its outcome is None. Where the regions are
    `shared`, those of its requests change so that had the old answer, and the others as another
    change says. `short` has the same in fewer boxes, within what one version
    answers, each with a request.
    """

    class_: ChangeClass
    fields: tuple[str, ...]
    old: Outcome | None
    new: Outcome | None
    witness: Request
    lines: Lines
    regions: pydmn.Regions | None = None
    causes: tuple[Causes, ...] = ()
    examples: tuple[Request, ...] = ()
    fact: str | None = None
    values: tuple[Any, ...] = ()
    shared: bool = False
    short: tuple[tuple[pydmn.Region, Request], ...] = ()

    @property
    def rules(self) -> tuple[RuleKey, ...]:
        """The rules that make the difference."""
        return tuple(dict.fromkeys(rule for each in self.causes for rule in each.rules))

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs, told by the runtime, that make the difference."""
        return tuple(dict.fromkeys(name for each in self.causes for name in each.inputs))

    @property
    def share(self) -> float:
        """How much of the space its boxes cover, at most: what changes are sorted by."""
        boxes = () if self.regions is None else self.regions.boxes
        return sum(box.share[0] / box.share[1] for box in boxes)


class Unconfirmed(Exception):
    """The engine answers a request otherwise than the solver says."""


class Search:
    """Looks for the requests that `old` and `new` answer otherwise.

    Raises `NotDecided`, `NotFinite` or `LimitExceeded` where nothing can be said at all.
    """

    def __init__(
        self,
        old: Policy,
        new: Policy,
        rules: Rules,
        *,
        since: date | None = None,
        every_code: bool = False,
        space: pydmn.Space | None = None,
    ) -> None:
        self.policies = (old, new)
        self.everything = Everything(
            old, (), beside=(new,), since=since, every_code=every_code, space=space
        )
        self.space = self.everything.space
        self._rules = rules
        answers = [
            Answers(self.space, policy, world)
            for policy, world in zip(self.policies, self.everything.worlds, strict=True)
        ]
        self.unlike = Unlike(*answers)
        self._covers: dict[Formula, pydmn.Regions] = {}
        self.undecided = [f"`{field}`: {why}" for field, why in self.unlike.undecided.items()]
        """What could not be decided, each with the place that stands in the way."""

    # --- determinations ----------------------------------------------------------------

    def determinations(self) -> Iterator[Change]:
        """Yield the changes of what is answered: of dispositions, of criteria, of the rest.

        Among these the largest comes first.
        """
        fields = self.unlike.fields
        texts = [each for each in (DISPOSITION_FIELD, CRITERIA) if each in fields]
        for field in texts:
            yield from self._largest_first(field, fields[field])
        others = self.space.any_of(at for field, at in fields.items() if field not in texts)
        rest = self.space.all_of((others, *(-fields[each] for each in texts)))
        yield from self._largest_first(None, rest)

    def _largest_first(self, field: str | None, where: Formula) -> list[Change]:
        return sorted(self._changes(field, where), key=lambda each: -each.share)

    def _changes(self, field: str | None, where: Formula) -> Iterator[Change]:
        """Yield a change of a field, or of what else is answered, for each way it changes."""
        outside: list[Formula] = []
        while (chosen := self._find(where, *outside)) is not None:
            if len(outside) == MOST_CHANGES:
                self.undecided.append(f"there are more than {MOST_CHANGES} kinds of changes")
                return
            old, new = map(Outcome.of, self._answered(self.everything.request(chosen)))
            if field is None:
                alike = self.space.all_of((where, self.unlike.just_like(old, new)))
            else:
                alike = self.unlike.like(field, old, new)
            if old == new or self.space.find(alike, *outside) is None:
                raise Unconfirmed
            outside.append(-alike)
            yield self._change(field, alike)

    def _find(self, *wanted: Formula) -> Any:
        try:
            return self.space.find(*wanted)
        except pydmn.Spent as error:
            self.undecided.append(error.message)
            return None

    def _change(self, field: str | None, where: Formula) -> Change:
        request = self._example(where)
        old, new = map(Outcome.of, self._answered(request))
        names = (field,) if field is not None else differing(old, new)
        if not names or any(getattr(old, each) == getattr(new, each) for each in names):
            raise Unconfirmed
        class_ = class_of(names[0], old, new)
        request, lines = self._shortened(request, names)
        old, new = map(Outcome.of, lines)
        covered = where if field is None else self._covered(field, where)
        regions, examples = self._with_examples(
            self._regions(covered, () if field is not None else self._outward), where, names
        )
        # What held a line says why it is held no longer, and why another is now.
        sides = {ChangeClass.BROADER: (0,), ChangeClass.NARROWER: (1,)}.get(class_, (0, 1))
        if None in (old.disposition, new.disposition):
            sides = (0, 1)
        decisions = dict.fromkeys(_DECISIONS[each] for each in names)
        within = self._roots.within(where, sides, decisions)
        causes = tuple(within.of(box.formulas) for box in regions.boxes)
        short = regions, examples
        if field is not None and covered == where:
            short = self._with_examples(self._in_short(field, where, class_), where, names)
        return Change(
            class_, names, old, new, request, lines, regions, causes, examples,
            shared=covered != where, short=tuple(zip(short[0].boxes, short[1], strict=True)),
        )  # fmt: skip

    def _in_short(self, field: str, where: Formula, class_: ChangeClass) -> pydmn.Regions:
        """Return the regions of a change within what one version answers, as few as there are.

        That is the answer which asks more: of what is broader the new one, of what is narrower
        the old one, of another question that which leaves fewer regions.
        """
        sides = {"old": self.unlike.old, "new": self.unlike.new}
        if class_ in _ASKS_MORE:
            sides = {_ASKS_MORE[class_]: sides[_ASKS_MORE[class_]]}
        found = []
        for side, answers in sides.items():
            aspect = self.space.following(f"{side} {field}", answers.texts[field])
            found.append(self._covering(where, (aspect,)))
        return min(found, key=lambda each: (each.spent is not None, len(each.boxes)))

    def _with_examples(
        self, regions: pydmn.Regions, where: Formula, names: Sequence[str]
    ) -> tuple[pydmn.Regions, tuple[Request, ...]]:
        """Return the boxes that have requests of a change, and one of each that was asked."""
        kept: list[pydmn.Region] = []
        examples: list[Request] = []
        for box in regions.boxes:
            chosen = self.everything.smallest(where, *box.formulas)
            if chosen is None:
                continue  # of what is shared, all here had another old answer
            request = self.everything.request(chosen)
            old, new = map(Outcome.of, self._answered(request))
            if any(getattr(old, each) == getattr(new, each) for each in names):
                raise Unconfirmed
            kept.append(box)
            examples.append(request)
        return replace(regions, boxes=tuple(kept)), tuple(examples)

    def _covered(self, field: str, where: Formula) -> Formula:
        """Return what the regions of a change cover: more than it where an input makes it.

        Where a plan no longer reviews, say, all that it reviewed is answered otherwise. That is
        simpler to say than which of it was answered how.
        """
        told = self._roots.told(where)
        if told == self.space.always:
            return where
        return self.space.all_of((told, self.unlike.fields[field]))

    @cached_property
    def _outward(self) -> tuple[pydmn.Choice, ...]:
        """What is answered outwardly, where both answer the same: said of a region as it is."""
        texts = self.unlike.old.texts
        return tuple(
            self.space.following(field, texts[field])
            for field in (DISPOSITION_FIELD, CRITERIA)
            if field in texts
        )

    def _regions(self, where: Formula, aspects: Sequence[pydmn.Choice]) -> pydmn.Regions:
        found = self._covers.get(where)
        if found is None:
            found = self._covers[where] = self._covering(where, aspects)
            if found.spent is not None:
                self.undecided.append(f"not all regions of a change are listed: {found.spent}")
        return found

    def _covering(self, where: Formula, aspects: Sequence[pydmn.Choice]) -> pydmn.Regions:
        found = self.space.regions(where, aspects=aspects, free=_FREED, boxes=MOST_BOXES)
        if not aspects:
            return found
        return replace(found, boxes=tuple(self._plain(box, aspects) for box in found.boxes))

    @cached_property
    def _roots(self) -> Roots:
        return Roots(self.everything, self.policies, self._rules)

    @cached_property
    def _spoken(self) -> list[Spoken] | None:
        try:
            return [
                spoken(self.space, policy, world)
                for policy, world in zip(self.policies, self.everything.worlds, strict=True)
            ]
        except pydmn.NotDecided as error:
            self.undecided.append(f"the reasons: {error.message}")
            return None

    def _example(self, *wanted: Formula) -> Request:
        """Return a request where all of `wanted` hold: as usual a one as there is."""
        kept = list(wanted)
        for preferred in (*self._reviewed, *self.everything.usual(self.policies[1])):
            if self.space.find(*kept, preferred) is not None:
                kept.append(preferred)
        chosen = self.everything.smallest(*kept)
        assert chosen is not None
        return self.everything.request(chosen)

    @property
    def _reviewed(self) -> Iterator[Formula]:
        """Where each version has a person look at the line."""
        for answers in (self.unlike.old, self.unlike.new):
            yield answers.is_(DISPOSITION_FIELD, Disposition.CLINICAL_REVIEW.value)

    def _plain(self, box: pydmn.Region, aspects: Sequence[pydmn.Choice]) -> pydmn.Region:
        """Return a box without values that nothing in it has, and without what then follows."""
        space = self.space
        chosen = {**space.choices, **{each.name: each for each in aspects}}
        values: dict[str, tuple[Any, ...]] = {}
        parts: dict[str, Formula] = {}
        for name, kept in box.values.items():
            cases = zip(chosen[name].values, chosen[name].formulas, strict=True)
            there = [(value, at) for value, at in cases if value in kept]
            there = [each for each in there if space.find(*box.formulas, each[1]) is not None]
            values[name] = tuple(value for value, _ in there)
            parts[name] = space.any_of(at for _, at in there)
        members = {
            at for sign, sets in ((1, box.there), (-1, box.absent)) for name, kept in sets.items()
            for value, at in zip(chosen[name].values, chosen[name].formulas, strict=True)
            if value in kept
            for at in (sign * at,)
        }  # fmt: skip
        for name in [*values]:
            others = [at for other, at in parts.items() if other != name]
            if space.find(*sorted(members), *others, -parts[name]) is None:
                del values[name], parts[name]
        return replace(box, values=values, formulas=(*sorted(members), *parts.values()))

    # --- words -------------------------------------------------------------------------

    def wording(self) -> Iterator[Change]:
        """Yield where the same is answered with other reasons.

        That is one change for rules that say the same in other words, and one for other rules.
        """
        if self._spoken is None:
            return
        same = -self.unlike.anywhere
        reworded = {(each.decision, each.id) for each in self._rules.changes if each.wording}
        by_words: dict[bool, list[tuple[RuleKey, Formula]]] = {True: [], False: []}
        for key, at in unlike(self.space, *(each.rules for each in self._spoken)).items():
            if self._find(same, at) is not None:
                by_words[key in reworded].append((key, at))
        yield from (self._reworded(same, rules) for rules in by_words.values() if rules)

    def _reworded(self, same: Formula, rules: Sequence[tuple[RuleKey, Formula]]) -> Change:
        request, lines = self._shortened(
            self._example(same, self.space.any_of(at for _, at in rules)), ("reasons",)
        )
        old, new = map(Outcome.of, lines)
        before, after = lines
        if old != new or before is None or after is None or before.reasons == after.reasons:
            raise Unconfirmed
        causes = (Causes(tuple(key for key, _ in rules)),)
        return Change(
            ChangeClass.WORDING_ONLY, ("reasons",), old, new, request, lines, None, causes
        )

    # --- questions ---------------------------------------------------------------------

    def questions(self, fact: str) -> Iterator[Change]:
        """Yield how a question is asked otherwise, or in other words.

        Otherwise it is where one version asks for a fact that is not stated, and the other knows
        no such fact, or does not raise it there; and where one takes an answer that the other
        refuses.
        """
        for place, policy in enumerate(self.policies):
            if fact in policy.facts and fact not in self.policies[1 - place].facts:
                yield from self._asked(fact, self._matters(fact, place))
                return
        yield from self._refused(fact)
        for place in (0, 1):
            raised = self._raised(fact, place)
            closed, null = self.everything.without(fact, 1 - place)
            if self._find(raised, closed) is not None:
                here = self.everything.worlds[place]
                apart = here.differs(DISPOSITION, "disposition", null)
                yield from self._asked(fact, self.space.all_of((raised, closed, apart)))
        if len({policy.questions.get(fact) for policy in self.policies}) > 1:
            yield from self._asked(fact, self._matters(fact, 1))

    def _refused(self, fact: str) -> Iterator[Change]:
        """Yield where an answer is one that only one of the versions allows."""
        for place, values in enumerate(self.everything.alike.one_sided(fact)):
            if not values:
                continue
            matters = self._matters(fact, place)
            if self._find(matters) is None:
                matters = self._raised(fact, place)
            whole = self._example(matters)
            request = _with(whole, fact, values[0])
            line = line_of(self.policies[place], request)
            lines = (line, None) if place == 0 else (None, line)
            old, new = (None if each is None else Outcome.of(each) for each in lines)
            yield Change(
                ChangeClass.DIFFERENT_QUESTION, ("facts",), old, new, request, lines, fact=fact,
                values=values,
            )  # fmt: skip

    def _raised(self, fact: str, place: int) -> Formula:
        condition = self.policies[place].open_when.get(fact)
        if condition is None:
            return self.space.always
        return self.everything.worlds[place].holds(condition)

    def _matters(self, fact: str, place: int) -> Formula:
        """Return where a disposition would be another, had the fact the first of its values."""
        world = self.everything.worlds[place]
        fixed = self.everything.fixed(fact, place)
        differs = world.differs(DISPOSITION, "disposition", fixed)
        return self.space.all_of((differs, self._raised(fact, place)))

    def _asked(self, fact: str, where: Formula) -> Iterator[Change]:
        """Yield the change for a request that leaves a fact out, if there is one in `where`."""
        # A request that the other version decides shows most.
        held = [
            answers.asks(member)
            for answers in (self.unlike.old, self.unlike.new)
            for member in answers.lists.get("missing", ())
        ]
        if self._find(where) is None:
            return
        decided = [where, *(-each for each in held)]
        wanted = decided if self._find(*decided) is not None else [where]
        request, lines = self._shortened(_without(self._example(*wanted), fact), ("missing",))
        old, new = map(Outcome.of, lines)
        class_ = ChangeClass.DIFFERENT_QUESTION if old != new else ChangeClass.WORDING_ONLY
        asked = [None if line is None else line.missing for line in lines]
        if old == new and asked[0] == asked[1]:
            raise Unconfirmed
        yield Change(class_, ("missing",), old, new, request, lines, fact=fact)

    # --- the engine --------------------------------------------------------------------

    def _answered(self, request: Request) -> Lines:
        old, new = self.policies
        return line_of(old, request), line_of(new, request)

    def _shortened(self, request: Request, fields: Sequence[str]) -> tuple[Request, Lines]:
        """Return a request without the facts that `fields` and the outward answer do without."""
        lines = self._answered(request)
        kept = (DISPOSITION_FIELD, CRITERIA, *fields)

        def told(line: LineDetermination | None) -> list[Any]:
            return [] if line is None else [getattr(line, name) for name in kept]

        for fact in list(request.lines[0].facts):
            shorter = _without(request, fact)
            answered = self._answered(shorter)
            if list(map(told, answered)) == list(map(told, lines)):
                request, lines = shorter, answered
        return request, lines


def read_by(policy: Policy, request: Request) -> Request:
    """Return a request as a policy reads it: without the facts that it does not know."""
    first, *others = request.lines
    known = {name: value for name, value in first.facts.items() if name in policy.facts}
    return replace(request, lines=(replace(first, facts=known), *others))


def line_of(policy: Policy, request: Request) -> LineDetermination | None:
    """Return what a policy answers a request's first line; it reads the facts that it knows.

    None is for a line that no rule gives a disposition.
    """
    try:
        return policy.determine(read_by(policy, request)).lines[0]
    except PolicyError:
        return None


def _with(request: Request, fact: str, value: Any) -> Request:
    first, *others = request.lines
    return replace(request, lines=(replace(first, facts={**first.facts, fact: value}), *others))


def _without(request: Request, fact: str) -> Request:
    first, *others = request.lines
    facts = {name: value for name, value in first.facts.items() if name != fact}
    return replace(request, lines=(replace(first, facts=facts), *others))
