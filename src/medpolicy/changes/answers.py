"""What a policy answers over all requests: each part of a determination, with where it is so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import pydmn
from medpolicy.changes.outcome import Outcome
from medpolicy.determination import Disposition
from medpolicy.determine import UNDETERMINED, Policy
from medpolicy.policy import (
    CRITERIA_RESULT,
    DISPOSITION,
    FLAGS,
    GOVERNED_BY,
    RATIONALE,
    RECOMMENDATION,
)

Formula: TypeAlias = int
"""A formula of a `pydmn.Space`."""

Where: TypeAlias = Mapping[Any, Formula]
"""Where each value is the answer, or each member is in it."""

TEXTS: Final = {
    "disposition": DISPOSITION,
    "criteria_result": CRITERIA_RESULT,
    "recommendation": RECOMMENDATION,
    "governed_by": GOVERNED_BY,
}
LISTS: Final = {"missing": DISPOSITION, "rationale": RATIONALE, "flags": FLAGS}


class Answers:
    """The answers of one policy in one world of a space, as a determination gives them.

    Raises `NotDecided` where the disposition cannot be told. What else cannot be told is in
    `undecided`, by the name of the field, with the reason.
    """

    def __init__(self, space: pydmn.Space, policy: Policy, world: pydmn.World) -> None:
        self.space = space
        self.policy = policy
        self.world = world
        self.texts: dict[str, Where] = {}
        self.lists: dict[str, Where] = {}
        self.undecided: dict[str, str] = {}
        for field, decision in TEXTS.items():
            self._told(field, self.texts, self._text, decision)
        for field, decision in LISTS.items():
            self._told(field, self.lists, self._list, decision)

    def _told(self, field: str, kept: dict[str, Where], tell: Any, decision: str) -> None:
        if decision not in self.policy.targets:
            kept[field] = tell([])
            return
        entry = {"disposition": "disposition", "missing": "ask"}.get(field)
        try:
            read = self.world.values if kept is self.texts else self.world.members
            kept[field] = tell(read(decision, entry))
        except pydmn.NotDecided as error:
            if field == "disposition":
                raise
            self.undecided[field] = error.message
        if field == "criteria_result" and field in kept:
            kept[field] = self._defaulted(kept[field])

    def _text(self, values: Iterable[tuple[Any, Formula]]) -> Where:
        """Return where each text is the answer; None stands for all that is none."""
        found: dict[str | None, list[Formula]] = {}
        for value, at in values:
            found.setdefault(value if isinstance(value, str) else None, []).append(at)
        return {text: self.space.any_of(at) for text, at in found.items()} or {
            None: self.space.always
        }

    def _defaulted(self, where: Where) -> Where:
        both = [where[each] for each in (None, UNDETERMINED) if each in where]
        plain = {text: at for text, at in where.items() if text not in (None, UNDETERMINED)}
        return {**plain, UNDETERMINED: self.space.any_of(both)} if both else plain

    def _list(self, members: Iterable[tuple[Any, Formula]]) -> Where:
        return {member: at for member, at in members if isinstance(member, str)}

    # --- where -------------------------------------------------------------------------

    def asks(self, member: str) -> Formula:
        """Return where the rules ask for something by name."""
        return self.space.all_of(
            (self.texts["disposition"].get(Disposition.PEND_INFO.value, -self.space.always),
             self.lists["missing"].get(member, -self.space.always))
        )  # fmt: skip

    def member(self, field: str, member: str) -> Formula:
        """Return where something is in a list of the determination."""
        if field == "missing":
            return self.asks(member)
        return self.lists[field].get(member, -self.space.always)

    def is_(self, field: str, text: str | None) -> Formula:
        """Return where a text of the determination is this one."""
        return self.texts[field].get(text, -self.space.always)


class Unlike:
    """Where two policies answer differently, field by field of a determination."""

    def __init__(self, old: Answers, new: Answers) -> None:
        self.space = old.space
        self.old, self.new = old, new
        self.undecided = {**old.undecided, **new.undecided}
        # A line that no rule gives a disposition has no determination: there is no more of it.
        none = (answers.is_("disposition", None) for answers in (old, new))
        answered = self.space.all_of(-each for each in none)
        self.fields: dict[str, Formula] = {}
        for field in (*TEXTS, *LISTS):
            if field not in self.undecided:
                unlike = self._texts(field) if field in TEXTS else self._lists(field)
                there = self.space.always if field == "disposition" else answered
                self.fields[field] = self.space.all_of((there, self.space.any_of(unlike)))

    def _texts(self, field: str) -> Iterable[Formula]:
        return (
            self.space.all_of((here, there))
            for text, here in self.old.texts[field].items()
            for other, there in self.new.texts[field].items()
            if text != other
        )

    def _lists(self, field: str) -> Iterable[Formula]:
        return (self.apart(field, member) for member in self.members(field))

    def members(self, field: str) -> tuple[str, ...]:
        """Return what can be in a list of either determination."""
        return tuple(dict.fromkeys((*self.old.lists[field], *self.new.lists[field])))

    def apart(self, field: str, member: str) -> Formula:
        """Return where something is in a list of one determination and not of the other."""
        return xor(self.space, self.old.member(field, member), self.new.member(field, member))

    @property
    def anywhere(self) -> Formula:
        """Where the two answer differently at all, as far as that can be told."""
        return self.space.any_of(self.fields.values())

    def like(self, field: str, old: Outcome, new: Outcome) -> Formula:
        """Return where a text of the determination changes as it does in an example."""
        before = self.old.is_(field, getattr(old, field))
        after = self.new.is_(field, getattr(new, field))
        return self.space.all_of((self.fields[field], before, after))

    def just_like(self, old: Outcome, new: Outcome) -> Formula:
        """Return where every difference is that of an example."""
        parts = []
        for field in TEXTS:
            if field in self.fields:
                same = getattr(old, field) == getattr(new, field)
                parts.append(-self.fields[field] if same else self.like(field, old, new))
        for field in LISTS:
            if field in self.fields:
                parts += self._alike_in(field, getattr(old, field), getattr(new, field))
        return self.space.all_of(parts)

    def _alike_in(self, field: str, old: frozenset[str], new: frozenset[str]) -> Iterable[Formula]:
        for member in self.members(field):
            if (member in old) == (member in new):
                yield -self.apart(field, member)
            else:
                sign = 1 if member in old else -1
                yield sign * self.old.member(field, member)
                yield -sign * self.new.member(field, member)


def xor(space: pydmn.Space, one: Formula, other: Formula) -> Formula:
    """Return where one of two formulas holds, and not the other."""
    return space.any_of((space.all_of((one, -other)), space.all_of((-one, other))))
