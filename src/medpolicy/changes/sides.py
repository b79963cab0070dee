"""Rules before and after a change, side by side, with the words marked that differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Final

import pydmn
from medpolicy.changes.comparison import Comparison
from medpolicy.changes.rules import RuleChange
from medpolicy.documents import columns
from medpolicy.documents.content import Run, Sides, SidesTable
from medpolicy.policy import Policy

_NULL: Final = ("", "-", "null")
_WORDS: Final = re.compile(r"\S+\s*")


def criteria(comparison: Comparison) -> tuple[SidesTable, ...]:
    """Return the criteria that changed: what the rules of the clinical indications say."""
    new, old = comparison.new.document.indications, comparison.old.document.indications
    tables = tuple(dict.fromkeys((*new, *old)))
    found: list[SidesTable] = []
    for name in tables:
        rows = tuple(_criteria(comparison, name))
        if rows:
            found.append(SidesTable(f"criteria-{len(found) + 1}", name, "Criterion", rows))
    return tuple(found)


def _criteria(comparison: Comparison, table: str) -> Iterator[Sides]:
    for change in _of(comparison, table):
        old, new = (said(policy, table, change.id) for policy in (comparison.old, comparison.new))
        if old == new:
            continue
        criterion = _criterion(comparison, table, change.id)
        marked = runs(old, new)
        yield Sides(criterion or "Beside", f"rule {change.id}", *marked)


def said(policy: Policy, table: str, id_: str) -> str:
    """Return what a rule of an indications table says: the result, and its statement."""
    rule = rule_of(policy, table, id_)
    if rule is None:
        return ""
    values = (rule.values.get(columns.RESULT), rule.values.get(columns.STATEMENT))
    result, statement = (each if isinstance(each, str) else "" for each in values)
    return f"{result[:1].upper()}{result[1:]}: {statement}" if result else statement


def _criterion(comparison: Comparison, table: str, id_: str) -> str:
    for policy in (comparison.new, comparison.old):
        rule = rule_of(policy, table, id_)
        named = None if rule is None else rule.values.get(columns.CRITERION)
        if isinstance(named, str):
            return named
    return ""


def rule_of(policy: Policy, table: str, id_: str) -> pydmn.RuleView | None:
    """Return a rule of a policy's table, if there is such a one."""
    model = policy.model
    if table not in model.names or model.kind(table) != "table":
        return None
    return next((rule for rule in model.table(table).rules if rule.id == id_), None)


def _of(comparison: Comparison, table: str) -> Iterable[RuleChange]:
    return (
        each
        for each in comparison.rules.changes
        if each.decision == table and each.change != "moved"
    )


def rules(comparison: Comparison) -> tuple[SidesTable, ...]:
    """Return the rules that changed in meaning, cell by cell, table by table."""
    by_table: dict[str, list[Sides]] = {}
    for change in comparison.rules.changes:
        if change.wording:
            continue
        heads = change.columns or tuple(dict.fromkeys((*change.new, *change.old)))
        old, new = (
            "; ".join(
                f"{head}: {cells[head]}"
                for head in heads
                if head in cells and (change.columns or cells[head] not in _NULL)
            )
            for cells in (change.old, change.new)
        )
        marked = _moved(change) if change.change == "moved" else runs(old, new)
        by_table.setdefault(change.decision, []).append(Sides(change.id, change.change, *marked))
    return tuple(
        SidesTable(f"rules-{number}", name, "Rule", tuple(rows))
        for number, (name, rows) in enumerate(by_table.items(), 1)
    )


def _moved(change: RuleChange) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    words = (Run("The same rule, in another place"),)
    return (words, words) if change.old else ((), words)


def runs(old: str, new: str) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Return two texts as runs of words, with those marked that the other has not.

    >>> runs("From 55 to 77", "From 50 to 77")[1]
    (Run(text='From ', mark=''), Run(text='50 ', mark='added'), Run(text='to 77', mark=''))
    """
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if not before or not after:
        return _run(before, "removed"), _run(after, "added")
    was: list[Run] = []
    is_: list[Run] = []
    matcher = SequenceMatcher(None, [w.strip() for w in before], [w.strip() for w in after], False)
    for tag, start, end, from_, to in matcher.get_opcodes():
        same = tag == "equal"
        was += _run(before[start:end], "" if same else "removed")
        is_ += _run(after[from_:to], "" if same else "added")
    return tuple(was), tuple(is_)


def _run(words: list[str], mark: str) -> tuple[Run, ...]:
    return (Run("".join(words), mark),) if words else ()
