"""Codes of the coding tables that were added, removed, or have ended since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from medpolicy import codes
from medpolicy.codes import CodeSystem, NoCodeTable
from medpolicy.findings import coded_rules

if TYPE_CHECKING:
    from medpolicy.policy import Policy

ADDED: Final = "added"
REMOVED: Final = "removed"
EXPIRED: Final = "expired"


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A code of a coding table: `added` to its rules, `removed` from them, or `expired`.

    An expired code stands in the new version's cells, could be reported on a day of the old
    version (its review, or the day it took effect) and can no longer on that of the new one;
    `until` is its last day. `rules` are those that list it: of a removed code, in the old version.
    """

    table: str
    system: CodeSystem
    code: str
    change: str
    rules: tuple[str, ...]
    until: date | None = None


def code_changes(old: Policy, new: Policy) -> tuple[CodeChange, ...]:
    """Return the changes of codes, table by table, in the order of the codes."""
    had, has = _listed(old), _listed(new)
    found = []
    for key in sorted({*had, *has}):
        table, system, code = key
        if key not in had:
            found.append(CodeChange(table, system, code, ADDED, tuple(has[key])))
        if key not in has:
            found.append(CodeChange(table, system, code, REMOVED, tuple(had[key])))
        elif (until := _ended(system, code, old, new)) is not None:
            found.append(CodeChange(table, system, code, EXPIRED, tuple(has[key]), until))
    return tuple(found)


def _listed(policy: Policy) -> dict[tuple[str, CodeSystem, str], list[str]]:
    """Return the rules that list each code, by table and system."""
    found: dict[tuple[str, CodeSystem, str], list[str]] = {}
    for rule in coded_rules(policy):
        for code in rule.codes:
            found.setdefault((rule.table, rule.system, code), []).append(rule.rule)
    return found


def _ended(system: CodeSystem, code: str, old: Policy, new: Policy) -> date | None:
    """Return the last day of a code that was valid on a day of `old`, and on `new`'s no longer."""
    try:
        windows = codes.windows(system, code)
    except NoCodeTable:
        return None
    now = new.dates.effective_from
    before = (old.dates.last_review, old.dates.effective_from)
    if any(now in window for window in windows):
        return None
    ends = [window.end for window in windows if any(day in window for day in before)]
    return max(_past(ends, now), default=None)


def _past(ends: list[date | None], now: date) -> Iterator[date]:
    return (end for end in ends if end is not None and end < now)
