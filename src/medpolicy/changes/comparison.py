"""Two versions of a policy, compared: what changed in meaning, and what is proved the same.

Two folders with the same `version` are two states of one version: they are asked on all days, as
they stand. Otherwise one version follows the other: they are asked by the days from which the later
is in force, and the earlier is asked as if it were in force still, where it has ended by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Final

import pydmn
from medpolicy.changes.coding import CodeChange, code_changes
from medpolicy.changes.outcome import ChangeClass
from medpolicy.changes.rules import Rules
from medpolicy.changes.search import Change, Search, Unconfirmed
from medpolicy.changes.settings import SettingChange, setting_changes
from medpolicy.changes.words import Words
from medpolicy.determine import Policy
from medpolicy.problems import PolicyError, Problem, shown
from medpolicy.versions import AnyPolicy, load, version_on

_SPENT: Final = (pydmn.NotDecided, pydmn.NotFinite, pydmn.LimitExceeded, pydmn.Spent)


class Verdict(StrEnum):
    """What is said of two versions."""

    EQUAL = "PROVED EQUAL"
    DIFFERENT = "DIFFERENT"
    NOT_DECIDED = "NOT DECIDED"


@dataclass(frozen=True, slots=True)
class Period:
    """By which days requests are compared, and whether a version is asked after its end."""

    since: date | None = None
    held: str | None = None
    """The version that is asked as if it were still in force."""


@dataclass(frozen=True)
class Comparison:
    """What changed from `old` to `new`; `changes` are those of determinations.

    `undecided` says what could not be decided, each with the place that stands in the way.
    """

    old: Policy
    new: Policy
    period: Period
    every_code: bool
    changes: tuple[Change, ...] = ()
    undecided: tuple[str, ...] = ()
    words: Words | None = field(default=None, compare=False)

    @property
    def equal(self) -> bool | None:
        """Whether the two mean the same; None where that is not decided."""
        if any(each.class_ is not ChangeClass.WORDING_ONLY for each in self.changes):
            return False
        return None if self.undecided else True

    @property
    def verdict(self) -> Verdict:
        """The same as a verdict."""
        verdicts = {True: Verdict.EQUAL, False: Verdict.DIFFERENT, None: Verdict.NOT_DECIDED}
        return verdicts[self.equal]

    @cached_property
    def rules(self) -> Rules:
        """What changed of the decisions' rules."""
        return Rules(self.old, self.new)

    @cached_property
    def codes(self) -> tuple[CodeChange, ...]:
        """The codes that were added, removed, or have ended since."""
        return code_changes(self.old, self.new)

    @cached_property
    def settings(self) -> tuple[SettingChange, ...]:
        """What changed beside the rules."""
        return setting_changes(self.old, self.new)

    def of_class(self, class_: ChangeClass) -> tuple[Change, ...]:
        """Return the changes of one class."""
        return tuple(each for each in self.changes if each.class_ is class_)


# --- what is compared ------------------------------------------------------------------


def compare_folders(
    old: str | Path, new: str | Path, *, every_code: bool = False, space: pydmn.Space | None = None
) -> tuple[Comparison, ...]:
    """Return the comparison of two policies in folders, or of versions' folders.

    A policy with versions is compared version by version: those of one number with one another, a
    new one with the one that it follows, and one that is gone with the one that is left before it.
    A single version is compared with the newest of a policy. Raises `PolicyError` for what cannot
    be read or compared.
    """
    before, after = _loaded(old), _loaded(new)
    pairs = list(_pairs(before, after))
    problems = [each for pair in pairs for each in _problems(pair.old, pair.new)]
    if problems:
        raise PolicyError(list(dict.fromkeys(problems)))
    found = tuple(
        compare(each.old, each.new, every_code=every_code, space=space, gone=each.gone)
        for each in pairs
    )
    several = min(len(each.versions) for each in (before, after)) > 1
    if several and before.versions[0].chosen_by != after.versions[0].chosen_by:
        return tuple(replace(each, undecided=(*each.undecided, _CHOSEN)) for each in found)
    return found


_CHOSEN: Final = (
    "policy.toml, [[chosen_by]]: requests may be answered by another version than they were, and "
    "that is not looked into; each version is compared with its own other state"
)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two versions to compare; with `gone` the old one is there no more, and the new one was."""

    old: Policy
    new: Policy
    gone: bool = False


def _loaded(folder: str | Path) -> AnyPolicy:
    try:
        return load(folder)
    except PolicyError as error:
        if all(str(folder) in each.where for each in error.problems):
            raise
        raise PolicyError(
            [replace(each, where=f"{folder}/{each.where}") for each in error.problems]
        ) from None


def _pairs(old: AnyPolicy, new: AnyPolicy) -> Iterator[_Pair]:
    had = {each.metadata.version: each for each in old.versions}
    if len(old.versions) == 1 or len(new.versions) == 1:
        yield _Pair(old.versions[-1], new.versions[-1])
        return
    last = old.versions[0]
    for version in new.versions:
        last = had.pop(version.metadata.version, last)
        yield _Pair(last, version)
        last = version
    for version in had.values():
        yield _Pair(version, version_on(new, version.dates.effective_from), gone=True)


def _problems(old: Policy, new: Policy) -> Iterator[Problem]:
    """Yield why two policies cannot be compared."""
    if old.metadata.id != new.metadata.id:
        message = f"is policy {shown(new.metadata.id)}, and {old.folder} {shown(old.metadata.id)}"
        yield Problem(str(new.folder), message, "give two versions of one policy")
        return
    before = {each.name: each for each in old.model.inputs}
    for each in new.model.inputs:
        was = before.get(each.name)
        if was is not None and was.type != each.type:
            yield Problem(
                f"{new.folder}/criteria.dmn, {each.name}",
                f"the input is a {each.type}, and a {was.type} in {old.folder}",
                "give one of them another name",
            )
    for name in new.facts:
        if name in old.facts and not _in_common(old, new, name):
            yield Problem(
                f"{new.folder}/criteria.dmn, {name}",
                f"allows no value that {old.folder} allows",
                "give one of them another name",
            )


def _in_common(old: Policy, new: Policy, name: str) -> bool:
    one, other = old.facts[name], new.facts[name]
    if one.allowed is None or other.allowed is None:
        return True
    return any(value in other.allowed for value in one.allowed)


# --- the comparison --------------------------------------------------------------------


def compare(
    old: Policy,
    new: Policy,
    *,
    every_code: bool = False,
    space: pydmn.Space | None = None,
    gone: bool = False,
) -> Comparison:
    """Return what changed from one version to another.

    Without `every_code` the codes are those that either names, and examples of others. `space` is
    an empty one with another solver or budget. Where the old version is `gone`, and the new one is
    what is left, that is asked as it stands. Needs the extra `verify`.
    """
    period, asked = _period(old, new, gone)
    plain = Comparison(old, new, period, every_code)
    if old.content_hash == new.content_hash and old.chosen_by == new.chosen_by:
        return plain
    undecided: list[str] = []
    try:
        search = Search(*asked, plain.rules, since=period.since, every_code=every_code, space=space)
    except _SPENT as error:
        return replace(plain, undecided=(error.message,))
    changes: list[Change] = []
    facts = search.everything.facts
    stages: tuple[Callable[[], Iterator[Change]], ...] = (
        search.determinations,
        lambda: (change for fact in facts for change in search.questions(fact)),
        search.wording,
    )
    for stage in stages:
        try:
            changes.extend(stage())
        except _SPENT as error:
            undecided.append(error.message)
        except Unconfirmed:
            undecided.append("the solver found a request that the engine answers otherwise")
    undecided = [*dict.fromkeys((*search.undecided, *undecided))]
    words = Words(search.everything)
    return replace(plain, changes=tuple(changes), undecided=tuple(undecided), words=words)


def _period(old: Policy, new: Policy, gone: bool) -> tuple[Period, tuple[Policy, Policy]]:
    """Return by which days two versions are compared, and the two as they are asked by these."""
    chosen = replace(old, chosen_by=new.chosen_by)
    if old.metadata.version == new.metadata.version:
        return Period(), (chosen, new)
    since = max(old.dates.effective_from, new.dates.effective_from)
    if old.dates.effective_from == new.dates.effective_from:
        return Period(), (chosen, new)
    if gone:
        return Period(since), (chosen, new)
    held = next(
        (
            each.metadata.version
            for each in (old, new)
            if each.dates.effective_to is not None and each.dates.effective_to < since
        ),
        None,
    )
    asked = tuple(
        _still_in_force(each) if each.metadata.version == held else each for each in (chosen, new)
    )
    return Period(since, held), (asked[0], asked[1])


def _still_in_force(policy: Policy) -> Policy:
    """Return a policy as if it had no end; what ended with it has none either."""
    end = policy.dates.effective_to
    return replace(
        policy,
        dates=replace(policy.dates, effective_to=None),
        adoption=tuple(
            replace(row, end=None) if row.end == end else row for row in policy.adoption
        ),
        precedence=tuple(
            replace(row, end=None) if row.end == end else row for row in policy.precedence
        ),
    )
