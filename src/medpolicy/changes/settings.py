"""What else is not as it was: questions, dates, adoption, parameters, precedence, texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from medpolicy.policy import Policy
    from medpolicy.record import FactType


class Kind(StrEnum):
    """How something is not as it was."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A part of a policy beside its rules: which, and its old and new texts, None for none.

    `part` is `question`, `identity`, `dates`, `adoption`, `precedence`, `parameters`, `open_when`,
    `chosen_by`, `source`, `document` or `text`; `name` says which of these.
    """

    part: str
    name: str
    kind: Kind
    old: str | None
    new: str | None


def setting_changes(old: Policy, new: Policy) -> tuple[SettingChange, ...]:
    """Return what differs, in the order of a policy's folder."""
    return tuple(
        change
        for part, of in _PARTS.items()
        for change in _compared(part, dict(of(old)), dict(of(new)))
    )


def _compared(part: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[SettingChange]:
    for name in dict.fromkeys((*new, *old)):
        before, after = old.get(name), new.get(name)
        if before != after:
            kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.CHANGED
            yield SettingChange(part, name, kind, before, after)


# --- parts -----------------------------------------------------------------------------


def _identity(policy: Policy) -> Iterable[tuple[str, str]]:
    return ((each.name, getattr(policy.metadata, each.name)) for each in fields(policy.metadata))


def _dates(policy: Policy) -> Iterable[tuple[str, str]]:
    days = ((each.name, getattr(policy.dates, each.name)) for each in fields(policy.dates))
    return ((name, day.isoformat()) for name, day in days if day is not None)


def _adoption(policy: Policy) -> Iterable[tuple[str, str]]:
    for row in policy.adoption:
        name = ", ".join((row.plan, row.line_of_business, row.state or "all states"))
        yield name, f"{row.mode}, {_days(row.start, row.end)}"


def _precedence(policy: Policy) -> Iterable[tuple[str, str]]:
    for number, row in enumerate(policy.precedence, 1):
        whom = f"{row.plan or 'all plans'}, {row.state or 'all states'}"
        words = f"{number}: {row.kind}, {whom}, {' '.join(row.codes)}, {_days(row.start, row.end)}"
        yield row.name, f"{words}, governs: {row.governs}"


def _parameters(policy: Policy) -> Iterable[tuple[str, str]]:
    return ((name, str(value)) for name, value in policy.parameters.items())


def _open_when(policy: Policy) -> Iterable[tuple[str, str]]:
    return ((name, condition.text) for name, condition in policy.open_when.items())


def _chosen_by(policy: Policy) -> Iterable[tuple[str, str]]:
    for number, row in enumerate(policy.chosen_by, 1):
        yield f"{row.plan or 'all plans'}, {row.state or 'all states'}", f"{number}: {row.date}"


def _sources(policy: Policy) -> Iterable[tuple[str, str]]:
    return ((each.cited_as, f"{each.title}, {each.sha256}") for each in policy.sources)


def _document(policy: Policy) -> Iterable[tuple[str, str]]:
    settings = policy.document
    return ((each.name, ", ".join(getattr(settings, each.name))) for each in fields(settings))


def _texts(policy: Policy) -> Iterable[tuple[str, str]]:
    return ((f"text/{stem}.md", text) for stem, text in sorted(policy.text.items()))


def _questions(policy: Policy) -> Iterable[tuple[str, str]]:
    asked = {each.name: each.question or "" for each in policy.model.inputs}
    return ((name, f"{asked[name]} ({_type(fact)})") for name, fact in policy.facts.items())


def _type(fact: FactType) -> str:
    if fact.allowed is not None:
        return ", ".join(map(str, fact.allowed))
    return fact.type if fact.allowed_text is None else f"{fact.type}, {fact.allowed_text}"


def _days(start: Any, end: Any) -> str:
    return f"from {start}" + ("" if end is None else f" to {end}")


_PARTS: Final = {
    "identity": _identity,
    "dates": _dates,
    "adoption": _adoption,
    "precedence": _precedence,
    "chosen_by": _chosen_by,
    "parameters": _parameters,
    "question": _questions,
    "open_when": _open_when,
    "source": _sources,
    "document": _document,
    "text": _texts,
}
