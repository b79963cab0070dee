"""A comparison as JSON values, and as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, Final

import pydmn
from medpolicy.changes.causes import Causes
from medpolicy.changes.comparison import Comparison, Verdict
from medpolicy.changes.outcome import ChangeClass, Outcome
from medpolicy.changes.rules import Rules
from medpolicy.changes.search import Change, read_by
from medpolicy.changes.settings import Kind, SettingChange
from medpolicy.changes.words import Words, outcome
from medpolicy.everything import request_json
from medpolicy.policy import Policy
from medpolicy.problems import printable
from medpolicy.record import Request

_SHOWN: Final = 4
"""So many ways of a change are shown in the text."""
SHORT: Final = 12
"""So many regions are shown in short."""
_CELL: Final = 120
"""So much of a cell is shown in the text."""


def overall(comparisons: Sequence[Comparison]) -> bool | None:
    """Return whether all compared mean the same; None where that is not decided."""
    found = {each.equal for each in comparisons}
    return False if False in found else None if None in found else True


# --- JSON ------------------------------------------------------------------------------


def to_dict(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Return comparisons as JSON values.

    One of them is an object: `equal`, `verdict`, `changes`, and what changed beside. Of a policy
    with several versions, `versions` has such an object of each pair, and `changes` those of all.
    """
    if len(comparisons) == 1:
        return _Json(comparisons[0]).whole()
    versions = [_Json(each).whole() for each in comparisons]
    equal = overall(comparisons)
    return {
        "policy": versions[0]["policy"],
        "equal": equal,
        "verdict": _verdict(equal).value,
        "changes": [change for each in versions for change in each["changes"]],
        "versions": versions,
    }


def _verdict(equal: bool | None) -> Verdict:
    return {True: Verdict.EQUAL, False: Verdict.DIFFERENT, None: Verdict.NOT_DECIDED}[equal]


class _Json:
    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    def whole(self) -> dict[str, Any]:
        of = self._comparison
        since = of.period.since
        return {
            "policy": of.new.metadata.id,
            "old": _version(of.old),
            "new": _version(of.new),
            "equal": of.equal,
            "verdict": of.verdict.value,
            "compared": {
                "since": None if since is None else since.isoformat(),
                "as_if_in_force": of.period.held,
                "codes": "every" if of.every_code else "named",
            },
            "not_decided": list(of.undecided),
            "changes": [self._change(each) for each in of.changes],
            "rules": [
                {
                    "decision": each.decision,
                    "rule": each.id,
                    "change": each.change,
                    "columns": list(each.columns),
                    "wording_only": each.wording,
                    "old": dict(each.old) or None,
                    "new": dict(each.new) or None,
                }
                for each in of.rules.changes
            ],
            "decisions": [
                {
                    "decision": each.decision,
                    "change": each.change,
                    "old": each.old or None,
                    "new": each.new or None,
                }
                for each in of.rules.decisions
            ],
            "codes": [
                {
                    "table": each.table,
                    "system": each.system.value,
                    "code": each.code,
                    "change": each.change,
                    "rules": list(each.rules),
                    "until": None if each.until is None else each.until.isoformat(),
                }
                for each in of.codes
            ],
            "facts": {
                "only_old": sorted(of.old.facts.keys() - of.new.facts.keys()),
                "only_new": sorted(of.new.facts.keys() - of.old.facts.keys()),
                "changed": [
                    {"fact": each.name, "old": each.old, "new": each.new}
                    for each in of.settings
                    if each.part == "question" and each.kind is Kind.CHANGED
                ],
            },
            "settings": [
                {
                    "part": each.part,
                    "name": each.name,
                    "change": each.kind.value,
                    "old": each.old,
                    "new": each.new,
                }
                for each in of.settings
            ],
        }

    def _change(self, change: Change) -> dict[str, Any]:
        of = self._comparison
        words = of.words
        boxes = () if change.regions is None else change.regions.boxes
        causes = change.causes if len(change.causes) == len(boxes) else ()
        return {
            "class": change.class_.value,
            "fields": list(change.fields),
            "versions": [of.old.metadata.version, of.new.metadata.version],
            "old": _outcome(change.old),
            "new": _outcome(change.new),
            "witness": request_json(change.witness),
            # As each version reads it: without the facts that it does not know.
            "asked": {
                when: request_json(read_by(policy, change.witness))
                for when, policy in (("old", of.old), ("new", of.new))
            },
            "case": None if words is None else words.case(change.witness),
            "fact": change.fact,
            "values": list(change.values),
            "rules": [{"decision": decision, "rule": rule} for decision, rule in change.rules],
            "inputs": list(change.inputs),
            "regions": [
                _region(box, words, causes[at] if causes else None, change.examples[at])
                for at, box in enumerate(boxes)
            ],
            "in_short": [_region(box, words, None, example) for box, example in change.short],
            "shared_regions": change.shared,
            "all_regions": change.regions is None or change.regions.spent is None,
        }


def _version(policy: Policy) -> dict[str, Any]:
    dates = policy.dates
    return {
        "version": policy.metadata.version,
        "effective_from": dates.effective_from.isoformat(),
        "effective_to": None if dates.effective_to is None else dates.effective_to.isoformat(),
        "content_hash": policy.content_hash,
    }


def _outcome(answered: Outcome | None) -> dict[str, Any] | None:
    return None if answered is None else answered.to_dict()


def _region(
    box: pydmn.Region, words: Words | None, causes: Causes | None, example: Request
) -> dict[str, Any]:
    assert words is not None
    part, whole = box.share
    return {
        "words": list(words.region(box, causes or Causes())),
        "values": {name: words.values(name, values) for name, values in box.values.items()},
        # One of each list has to be there.
        "there": {
            name: [words.values(name, [each]) for each in values]
            for name, values in box.there.items()
        },
        "absent": {name: words.values(name, values) for name, values in box.absent.items()},
        "share": Context(prec=6).divide(Decimal(part), Decimal(whole)),
        "rules": [] if causes is None else [f"{name}, {rule}" for name, rule in causes.rules],
        "example": request_json(example),
    }


# --- text ------------------------------------------------------------------------------


def render(comparisons: Sequence[Comparison], width: int = 80) -> str:
    """Return comparisons as lines for a terminal."""
    return "\n\n".join("\n".join(_Text(each, width).lines()) for each in comparisons)


@dataclass(frozen=True, slots=True)
class Way:
    """Regions of a change that the same rules or inputs make, the largest first."""

    causes: Causes
    boxes: tuple[pydmn.Region, ...]


def in_short(change: Change, words: Words | None) -> list[tuple[str, ...]]:
    """Return the fewest regions as phrases, if they are fewer than those that say every fact."""
    whole = change.regions
    if words is None or whole is None or len(change.short) >= len(whole.boxes):
        return []
    return [words.region(box, Causes()) for box, _ in change.short]


def ways(change: Change) -> tuple[Way, ...]:
    """Return the regions of a change by what makes them, the largest first."""
    boxes = () if change.regions is None else change.regions.boxes
    found: dict[Causes, list[pydmn.Region]] = {}
    for at, box in enumerate(boxes):
        causes = change.causes[at] if at < len(change.causes) else Causes()
        found.setdefault(causes, []).append(box)
    return tuple(Way(causes, tuple(each)) for causes, each in found.items())


class _Text:
    def __init__(self, comparison: Comparison, width: int) -> None:
        self._of = comparison
        self._width = width

    def lines(self) -> Iterator[str]:
        of = self._of
        old, new = of.old.metadata.version, of.new.metadata.version
        yield f"{of.new.metadata.id}, version {old} and version {new}: {of.verdict}"
        if of.period.since is not None:
            held = of.period.held
            still = "" if held is None else f"; version {held} as if it were still in force"
            yield from self._item("", f"Requests of {of.period.since} and after{still}.", "  ")
        yield from self._unknown_facts()
        for why in of.undecided:
            yield from self._item("", f"not decided: {why}", "  ")
        if of.equal and not of.changes:
            yield "  Every request gets the same determination, with the same reasons."
        elif of.equal:
            yield "  Every request gets the same determination, in other words."
        for change in of.changes:
            yield ""
            yield from self._change(change)
        yield from self._rules()
        yield from self._codes()
        yield from self._settings()

    def _unknown_facts(self) -> Iterator[str]:
        of = self._of
        for one, other in ((of.old, of.new), (of.new, of.old)):
            names = [name for name in one.facts if name not in other.facts]
            if names:
                which, without = one.metadata.version, other.metadata.version
                text = f"Only version {which} asks for {', '.join(names)}: version {without}"
                text += f" does not read {'it' if len(names) == 1 else 'them'}."
                yield from self._item("", text, "  ")

    # --- changes -----------------------------------------------------------------------

    def _change(self, change: Change) -> Iterator[str]:
        words = self._of.words
        assert words is not None
        yield from self._item("", f"{change.class_.value.upper()}: {headline(change)}")
        yield from self._item("", f"For example: {words.case(change.witness)}", "  ")
        for when, answered in (("before", change.old), ("now", change.new)):
            yield from self._item("", f"{when}: {_answered(answered, change)}", "    ")
        if change.class_ is ChangeClass.WORDING_ONLY and change.fact is None:
            yield from self._item("", f"By {_named(change.rules)}.", "  ")
            return
        yield from self._in_short(change)
        found = ways(change)
        for way in found[:_SHOWN]:
            count = len(way.boxes)
            of_these = "1 region" if count == 1 else f"{count} regions; the largest"
            yield from self._item("-", f"{_because(way.causes)} ({of_these}):", "  ")
            had = (
                [f"before: {_part(change.old, change.fields[0])}"]
                if change.shared and change.old
                else []
            )
            for phrase in (*had, *words.region(way.boxes[0], way.causes)):
                yield from self._item("", phrase, "      ")
        if len(found) > _SHOWN:
            yield f"  - and {len(found) - _SHOWN} more ways; --json has all regions"

    def _in_short(self, change: Change) -> Iterator[str]:
        """Yield the fewest regions, where they are fewer than those that say every fact."""
        found = in_short(change, self._of.words)
        if found:
            yield "  In short, these are all:"
        for phrases in found[:SHORT]:
            yield from self._item("-", "; ".join(phrases), "    ")
        if len(found) > SHORT:
            yield f"    - and {len(found) - SHORT} more; --json has them"

    # --- the rest ----------------------------------------------------------------------

    def _rules(self) -> Iterator[str]:
        of: Rules = self._of.rules
        if not of.changes and not of.decisions:
            return
        yield ""
        yield "Rules"
        for decision in of.decisions:
            yield from self._item("-", f"{decision.decision}: {decision.change}", "  ")
        reworded: dict[str, list[str]] = {}
        for each in of.changes:
            if each.wording:
                reworded.setdefault(each.decision, []).append(each.id)
                continue
            yield from self._item("-", f"{each.decision}, {each.id}: {each.change}", "  ")
            for column in each.columns:
                old, new = each.old.get(column, "-"), each.new.get(column, "-")
                yield from self._item("", f"{column}: {_cut(old)} -> {_cut(new)}", "      ")
        for name, ids in reworded.items():
            yield from self._item("-", f"{name}: in other words: {', '.join(ids)}", "  ")

    def _codes(self) -> Iterator[str]:
        by_change: dict[tuple[str, str, str], list[str]] = {}
        for each in self._of.codes:
            until = "" if each.until is None else f" (until {each.until})"
            key = (each.table, each.change, each.system.value)
            by_change.setdefault(key, []).append(f"{each.code}{until}")
        if by_change:
            yield ""
            yield "Codes"
        for (table, change, system), listed in by_change.items():
            text = f"{table}, {system}, {change}: {', '.join(listed)}"
            yield from self._item("-", text, "  ")

    def _settings(self) -> Iterator[str]:
        if self._of.settings:
            yield ""
            yield "Questions, dates and texts"
        for each in self._of.settings:
            yield from self._item("-", said(each), "  ")

    def _item(self, mark: str, text: str, indent: str = "") -> Iterator[str]:
        first = f"{indent}{mark} " if mark else indent
        yield from textwrap.wrap(
            printable(text),
            self._width,
            initial_indent=first,
            subsequent_indent=" " * len(first) + ("" if mark else "  "),
            break_long_words=False,
            break_on_hyphens=False,
        )


def headline(change: Change) -> str:
    """Return what changes, in a phrase."""
    if change.values:
        taken = "now" if change.old is None else "no longer"
        values = ", ".join(map(str, change.values))
        return f"`{change.fact}` is {taken} answered with {values}"
    if change.fact is not None:
        if change.class_ is ChangeClass.WORDING_ONLY:
            return f"the question for `{change.fact}` is in other words"
        asks = change.new is not None and change.fact in change.new.missing
        return f"`{change.fact}` is {'now' if asks else 'no longer'} asked for"
    if change.class_ is ChangeClass.WORDING_ONLY:
        return "the same answer with other reasons"
    assert change.old is not None
    assert change.new is not None
    return ", ".join(_difference(change.old, change.new, name) for name in change.fields)


def _difference(old: Outcome, new: Outcome, name: str) -> str:
    before, after, field = getattr(old, name), getattr(new, name), name.replace("_", " ")
    if isinstance(before, frozenset):
        lost, gained = sorted(before - after), sorted(after - before)
        words = {"without": ", ".join(lost), "with": ", ".join(gained)}
        return f"{field} " + " and ".join(f"{word} {each}" for word, each in words.items() if each)
    return f"{field} {_part(old, name)} -> {_part(new, name)}"


def said(setting: SettingChange) -> str:
    """Return a change beside the rules in a line."""
    where = f"{setting.part.replace('_', ' ')}, {setting.name}"
    if setting.part == "text":
        return f"{setting.name}: {setting.kind}"
    match setting.kind:
        case Kind.ADDED:
            return f"{where}: added: {_cut(setting.new or '')}"
        case Kind.REMOVED:
            return f"{where}: removed: {_cut(setting.old or '')}"
        case Kind.CHANGED:
            return f"{where}: {_cut(setting.old or '')} -> {_cut(setting.new or '')}"


def _answered(answered: Outcome | None, change: Change) -> str:
    return f"refuses the answer for `{change.fact}`" if answered is None else outcome(answered)


def _part(answered: Outcome, name: str) -> str:
    value = getattr(answered, name)
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return "none" if value is None else str(value)


def _because(causes: Causes) -> str:
    parts = [*map(_input, causes.inputs)]
    if causes.rules:
        parts.append(_named(causes.rules))
    return f"By {' and '.join(parts)}" if parts else "By rules that work together"


def _input(name: str) -> str:
    return f"`{name}`, as policy.toml has it"


def _named(rules: Iterable[tuple[str, str]]) -> str:
    by_decision: dict[str, list[str]] = {}
    for decision, rule in rules:
        by_decision.setdefault(decision, []).append(rule)
    return "; ".join(f"{name}: {', '.join(ids)}" for name, ids in by_decision.items())


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _CELL else f"{line[:_CELL]}..."
