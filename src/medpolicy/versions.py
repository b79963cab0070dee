"""A policy with versions: each is a whole policy, and one of them answers a request.

    policy.toml       the policy's id, its versions, and by which date one is chosen
    versions/1/       a policy's folder of its own, with its own dates
    versions/2/
    cases/*.json      optional: requests about which version answers

A version's dates stand in its own `policy.toml`, and nowhere else. The days of the versions
follow each other without a gap and without a day that has two: so every day has one version,
those before the first the first, which is not in force on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

from medpolicy import determine
from medpolicy.determination import Determination
from medpolicy.determine import Policy
from medpolicy.keys import Keys, read_toml
from medpolicy.policy import ChosenBy, DateOfRequest
from medpolicy.problems import PolicyError, Problem, did_you_mean, shown
from medpolicy.record import FactType, KnownFacts, Request, read_request_for

FILE: Final = "policy.toml"
FOLDER: Final = "versions"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class VersionedPolicy:
    """A policy with its versions, oldest first."""

    folder: Path
    id: str
    versions: tuple[Policy, ...]

    def read(self, data: Any) -> Request:
        """Return the request in `data`, parsed JSON, read with the facts of its version.

        Raises `RequestError`.
        """
        return read_request_for(data, self._facts_for)

    def _facts_for(self, request: Request | None) -> KnownFacts:
        version = self.versions[-1] if request is None else version_for(self, request)
        return self._known[version.metadata.version]

    @cached_property
    def _known(self) -> Mapping[str, KnownFacts]:
        """What a request may state, by the version that answers it."""
        return {each.metadata.version: self._known_by(each) for each in self.versions}

    def _known_by(self, version: Policy) -> KnownFacts:
        answered = f"this request is answered by version {version.metadata.version}"
        elsewhere = {
            name: f"it is a fact of version {other.metadata.version}, and {answered}"
            for other in self.versions
            for name in other.facts
            if name not in version.facts
        }
        return KnownFacts(version.facts, elsewhere)

    def determine(
        self,
        request: Mapping[str, Any] | Request,
        *,
        trace: bool = False,
    ) -> Determination:
        """Return the determination of `request` by the version that answers it.

        As `Policy.determine`; the determination names the version.
        """
        if not isinstance(request, Request):
            request = self.read(request)
        return version_for(self, request).determine(request, trace=trace)

    @cached_property
    def facts(self) -> Mapping[str, FactType]:
        """What a request may state by any version; of a fact of several, as the newest has it."""
        return {name: fact for version in self.versions for name, fact in version.facts.items()}


AnyPolicy: TypeAlias = Policy | VersionedPolicy


def version_on(policy: AnyPolicy, day: date) -> Policy:
    """Return the version for `day`; before the first it is the first, after the last the last."""
    started = [each for each in policy.versions if each.dates.effective_from <= day]
    return started[-1] if started else policy.versions[0]


def version_for(policy: AnyPolicy, request: Request) -> Policy:
    """Return the version that answers `request`.

    Raises `RequestError` where the request does not state the date that chooses it.
    """
    return version_on(policy, policy.versions[0].deciding_day(request))


def version_of(policy: AnyPolicy, determination: Determination) -> Policy:
    """Return the version that gave a determination of `policy`."""
    named = determination.policy.version
    return next(each for each in policy.versions if each.metadata.version == named)


def load(path: str | Path) -> AnyPolicy:
    """Return the policy in the folder at `path`, with its versions if it has any.

    Raises `PolicyError` with every problem found.
    """
    folder = Path(path)
    return read_versions(folder) if has_versions(folder) else determine.load(folder)


def has_versions(folder: Path) -> bool:
    """Say whether a policy's folder is of one with versions."""
    if (folder / FOLDER).is_dir():
        return True
    toml = _toml(folder, [])
    identity = None if toml is None else toml.get("policy")
    return isinstance(identity, dict) and FOLDER in identity


def _toml(folder: Path, problems: list[Problem]) -> dict[str, Any] | None:
    if (folder / FILE).is_fifo():
        problems.append(Problem(FILE, "the file cannot be read: it is a pipe"))
        return None
    try:
        data = (folder / FILE).read_bytes()
    except FileNotFoundError:
        problems.append(Problem(FILE, "the file is missing", f"every policy has a {FILE}"))
    except OSError as error:
        problems.append(Problem(FILE, f"the file cannot be read: {error.strerror}"))
    else:
        return read_toml(data, FILE, problems)
    return None


def read_versions(folder: Path) -> VersionedPolicy:
    """Return the policy in a folder with versions. Raises `PolicyError` with every problem."""
    problems: list[Problem] = []
    toml = _toml(folder, problems)
    if toml is None:
        raise PolicyError(problems)
    keys = Keys(toml, FILE, problems)
    identity = keys.table("policy")
    id_, names = identity.text("id"), identity.texts(FOLDER)
    identity.finish()
    rows = [_chosen_by(each) for each in keys.tables("chosen_by")]
    keys.finish()
    chosen_by = tuple(row for row in rows if row is not None)
    problems += _never_reached(chosen_by)
    problems += _folders(folder, names)
    versions = []
    for name in dict.fromkeys(names):
        if (folder / FOLDER / name).is_dir():
            try:
                version = determine.load(folder / FOLDER / name)
            except PolicyError as error:
                problems += [
                    replace(each, where=f"{FOLDER}/{name}/{each.where}") for each in error.problems
                ]
            else:
                problems += _identity(version, name, id_, names)
                versions.append(replace(version, chosen_by=chosen_by))
    problems += _days(versions)
    problems += _types(versions)
    problems += _plans(chosen_by, versions)
    if problems or id_ is None:
        raise PolicyError(problems)
    return VersionedPolicy(folder, id_, tuple(versions))


def _chosen_by(keys: Keys) -> ChosenBy | None:
    named = keys.one_of("date", tuple(DateOfRequest))
    plan, state = keys.text("plan", required=False), keys.text("state", required=False)
    keys.finish()
    return None if named is None else ChosenBy(DateOfRequest(named), plan, state)


def _never_reached(rows: Sequence[ChosenBy]) -> Iterator[Problem]:
    for number, row in enumerate(rows, 1):
        for before, wider in enumerate(rows[: number - 1], 1):
            if wider.plan in (None, row.plan) and wider.state in (None, row.state):
                yield Problem(
                    f"{FILE}, [[chosen_by]] {number}",
                    f"is never reached: row {before} fits every request that it fits",
                    "the first row that fits decides: put the narrower one first",
                )
                break


def _folders(folder: Path, names: Sequence[str]) -> Iterator[Problem]:
    """Yield where the list of versions and the folders of versions differ."""
    where = f"{FILE}, [policy]"
    there = {each.name for each in (folder / FOLDER).glob("*") if each.is_dir()}
    if (folder / "criteria.dmn").exists():
        help_ = f"move it into the folder of a version, such as {FOLDER}/1"
        yield Problem("criteria.dmn", "stands beside the versions, and is none of them", help_)
    if not names:
        yield Problem(where, f"`{FOLDER}` lists none", f'write it as {FOLDER} = ["1"]')
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Problem(where, f"`{FOLDER}` lists {shown(name)} twice", "keep one")
        if name not in there:
            otherwise = f"create it, or take {shown(name)} out of `{FOLDER}` in {FILE}"
            help_ = did_you_mean(name, there - {*names}) or otherwise
            yield Problem(f"{FOLDER}/{name}", "there is no such folder", help_)
    for name in sorted(there - {*names}):
        help_ = f"add it to `{FOLDER}`, or move it elsewhere"
        yield Problem(f"{FOLDER}/{name}", f"{FILE} does not list this version", help_)


def _identity(
    version: Policy, name: str, id_: str | None, names: Sequence[str]
) -> Iterator[Problem]:
    """Yield where a version says that it is another, or of another policy."""
    where, metadata = f"{FOLDER}/{name}/{FILE}, [policy]", version.metadata
    if id_ is not None and metadata.id != id_:
        help_ = "the versions of a policy have its id"
        yield Problem(
            where, f"`id` is {shown(metadata.id)}, and the policy's is {shown(id_)}", help_
        )
    if metadata.version != name:
        other = f", that of {FOLDER}/{metadata.version} too" if metadata.version in names else ""
        message = f"`version` is {shown(metadata.version)}{other}"
        yield Problem(where, message, f"the folder says {shown(name)}: let them agree")


def _days(versions: Sequence[Policy]) -> Iterator[Problem]:
    """Yield where the days of two versions that follow each other overlap, or leave a gap."""
    for older, newer in pairwise(versions):
        first, second = older.metadata.version, newer.metadata.version
        where = f"{FOLDER}/{first}/{FILE}, [dates]"
        start, end = newer.dates.effective_from, older.dates.effective_to
        last = start - _DAY
        if start <= older.dates.effective_from:
            message = f"version {second} starts on {start}, and version {first} not before it"
            help_ = f"list the versions in {FILE} with the oldest first"
            yield Problem(f"{FOLDER}/{second}/{FILE}, [dates]", message, help_)
        elif end is None or end > last:
            until = "" if end is None else f" to {end}"
            message = f"version {first} and version {second} are both in force from {start}{until}"
            yield Problem(where, message, f"write `effective_to = {last}`")
        elif end < last:
            message = f"no version is in force from {end + _DAY} to {last}"
            yield Problem(where, message, f"write `effective_to = {last}`")


def _types(versions: Sequence[Policy]) -> Iterator[Problem]:
    """Yield the facts that are of one type in a version and of another in a later one."""
    known: dict[str, tuple[str, str]] = {}
    for version in versions:
        number = version.metadata.version
        for name, fact in version.facts.items():
            type_, first = known.setdefault(name, (fact.type, number))
            if type_ != fact.type:
                yield Problem(
                    f"{FOLDER}/{number}/criteria.dmn, {name}",
                    f"the fact is a {fact.type}, and a {type_} in version {first}",
                    "give one of them another name",
                )


def _plans(rows: Sequence[ChosenBy], versions: Sequence[Policy]) -> Iterator[Problem]:
    """Yield the plans that a date is chosen for and that no version knows."""
    plans = {row.plan for version in versions for row in version.adoption}
    for number, row in enumerate(rows, 1):
        if versions and row.plan is not None and row.plan not in plans:
            yield Problem(
                f"{FILE}, [[chosen_by]] {number}",
                f"no version has been adopted by plan {shown(row.plan)}",
                did_you_mean(row.plan, plans),
            )
