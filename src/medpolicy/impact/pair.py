"""The two versions that are compared, and how each answers the lines of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from medpolicy.determine import Policy
from medpolicy.policy import Adoption, Dates, Precedence
from medpolicy.problems import Problem, RequestError, shown
from medpolicy.record import FactType
from medpolicy.versions import AnyPolicy, load

_Row = TypeVar("_Row", Adoption, Precedence)


@dataclass(frozen=True)
class Pair:
    """An old and a new version of one policy.

    With `by_date` each line is answered as `medpolicy batch` answers it: by the version in force
    on its day, and by none on the others. Otherwise, what if: `old` and `new` are single versions
    and answer as on a day of their own, whatever the day of the line is. `old_versions` and
    `new_versions` are what answers, as it was read.
    """

    old: AnyPolicy
    new: AnyPolicy
    by_date: bool
    old_versions: tuple[Policy, ...]
    new_versions: tuple[Policy, ...]

    @cached_property
    def facts(self) -> Mapping[str, FactType]:
        """What the lines of a file may state: all that one of the two reads."""
        return {**self.old.facts, **self.new.facts}

    def only(self, reader: AnyPolicy) -> tuple[str, ...]:
        """Return the facts that `reader`, one of the two, reads and the other does not."""
        other = self.new if reader is self.old else self.old
        return tuple(name for name in reader.facts if name not in other.facts)

    def notes(self, columns: Iterable[str] | None) -> Iterator[str]:
        """Yield what is to be said before anything runs, of a file with these columns.

        Without columns the file says of itself only line by line which it has.
        """
        for which, policy in (("old", self.old), ("new", self.new)):
            for name in self.only(policy):
                yield f"only the {which} version reads {shown(name)}"
        if columns is not None:
            for name in self.without_column(columns):
                yield f"the file has no column {shown(name)}: it is unknown in every line"
            for name in self._dates_without_column(columns):
                yield (
                    f"the file has no column {shown(name)}, which chooses the version for some "
                    "lines: those are refused"
                )

    def _dates_without_column(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Return the dates by which a version is chosen, and which a file never states."""
        there = set(columns)
        rows = (row for each in (self.old, self.new) for row in each.versions[0].chosen_by)
        return tuple(dict.fromkeys(row.date.field for row in rows if row.date.field not in there))

    def without_column(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Return the facts that a file with these columns never states."""
        there = set(columns)
        return tuple(name for name in self.facts if name not in there)


def read_pair(old: Path, new: Path, *, by_date: bool) -> Pair:
    """Return the versions in two folders.

    What if, a folder of versions stands for its newest. Raises `PolicyError` for what cannot be
    read, `RequestError` for two that cannot be compared.
    """
    first, second = load(old), load(new)
    problems = list(_problems(first, second, new))
    if problems:
        raise RequestError(problems)
    if by_date:
        return Pair(first, second, by_date, first.versions, second.versions)
    old_version, new_version = first.versions[-1], second.versions[-1]
    return Pair(
        always(old_version), always(new_version), by_date, (old_version,), (new_version,)
    )  # fmt: skip


def _problems(old: AnyPolicy, new: AnyPolicy, where: Path) -> Iterator[Problem]:
    ids = [each.versions[-1].metadata.id for each in (old, new)]
    if ids[0] != ids[1]:
        message = f"is the policy {shown(ids[1])}, and the old one is {shown(ids[0])}"
        yield Problem(str(where), message, "compare two versions of one policy")
    for name, fact in new.facts.items():
        before = old.facts.get(name)
        if before is not None and before.type != fact.type:
            yield Problem(
                str(where),
                f"the fact {shown(name)} is a {fact.type}, and a {before.type} in the old version",
                "a column has one type: give one of the two facts another name",
            )


def always(policy: Policy) -> Policy:
    """Return a version as if it were in force on every day.

    Before its first day all is as on that day, and after its last as on the last: who has adopted
    it and what takes precedence too. Whatever hangs on the service date itself stays: the
    member's age, the codes that are valid, a rule that names a day.
    """
    dates = policy.dates
    return replace(
        policy,
        dates=replace(dates, effective_from=date.min, effective_to=None),
        adoption=tuple(_stretched(policy.adoption, dates)),
        precedence=tuple(_stretched(policy.precedence, dates)),
        chosen_by=(),
    )


def _stretched(rows: Iterable[_Row], dates: Dates) -> Iterator[_Row]:
    """Yield the rows that hold on a day of a version; those of its first and last day beyond."""
    first, last = dates.effective_from, dates.effective_to
    for row in rows:
        begins_after = last is not None and row.start > last
        if begins_after or (row.end is not None and row.end < first):
            continue
        lasts = last is not None and (row.end is None or row.end >= last)
        start = date.min if row.start <= first else row.start
        yield replace(row, start=start, end=None if lasts else row.end)
