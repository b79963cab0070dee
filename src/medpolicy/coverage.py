"""What the cases of a policy try of its decision tables: the rules, and the bounds of intervals.

A rule is *hit* by a case where the trace of one of its lines has it: under the facts that the case
states, and, where a fact is left unknown, whatever that fact is. A side of a bound is *touched*
where a column tests a value that is certain in the same way, on the bound or next to it
(`pydmn.Bound`). Only lines that a case expects something of count. An open case expects nothing
yet: what it tries is known, and does not count.

Bounds are those that cells have; what the expression of a column compares is none of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import pydmn
from medpolicy.asked import AGE
from medpolicy.determination import LineDetermination, TraceEntry
from medpolicy.determine import Policy
from medpolicy.findings import Finding
from medpolicy.policy import Metadata
from pydmn import Side

Key: TypeAlias = tuple[object, ...]
"""What stands for something that a case can try."""
_WHOLE: Final = (AGE,)
"""The inputs that have whole numbers only."""
_ALL: Final = "All tables"
_SHOWN: Final = 100
"""So many characters of a rule are shown in a terminal."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The ids of the cases that try something, and of the open ones that would."""

    cases: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """A rule, the cases that hit it, and whether it can never fire in its table."""

    rule: pydmn.RuleView
    hit: Tried
    dead: bool

    @property
    def missing(self) -> bool:
        """Whether no case hits the rule, and one could as far as its table says."""
        return not (self.hit.cases or self.dead)

    @property
    def label(self) -> str:
        """The rule in words: its label, its statement or its annotation; else what it concludes."""
        named = (self.rule.values.get(name) for name in ("label", "statement"))
        texts = (text for text in (*named, self.rule.description) if isinstance(text, str))
        concluded = (each for each in self.rule.outputs if each not in ("", "null"))
        return " ".join(next(texts, ", ".join(concluded)).split())

    @property
    def named(self) -> str:
        """The rule's id and its label, cut short."""
        text = f"{self.rule.id}: {self.label}"
        return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class BoundCoverage:
    """A bound, and the cases that touch each of its sides."""

    bound: pydmn.Bound
    touched: Mapping[Side, Tried]

    @property
    def untouched(self) -> tuple[Side, ...]:
        """The sides that no case touches."""
        return tuple(side for side in Side if not self.touched[side].cases)

    def text(self, side: Side) -> str:
        """Return a side in words: its column, its test, and a value that touches it."""
        test = f"{self.bound.label}: {self.bound.text(side)}"
        near = self.bound.near.get(side)
        return test if near is None else f"{test}, such as {near}"


@dataclass(frozen=True, slots=True)
class TableCoverage:
    """A table, its rules and bounds in order, and the cells whose bounds are not looked at."""

    table: pydmn.TableView
    rules: tuple[RuleCoverage, ...]
    bounds: tuple[BoundCoverage, ...]
    unread: tuple[pydmn.UnreadCell, ...]

    @property
    def missing(self) -> tuple[RuleCoverage, ...]:
        """The rules that no case hits, but for those that can never fire."""
        return tuple(each for each in self.rules if each.missing)

    @property
    def dead(self) -> tuple[RuleCoverage, ...]:
        """The rules that can never fire."""
        return tuple(each for each in self.rules if each.dead)

    @property
    def live(self) -> int:
        """How many rules can fire, as far as the table says."""
        return len(self.rules) - len(self.dead)

    @property
    def hit(self) -> int:
        """How many of these are hit."""
        return self.live - len(self.missing)

    @property
    def sides(self) -> int:
        """How many sides its bounds have."""
        return len(Side) * len(self.bounds)

    @property
    def touched(self) -> int:
        """How many of these are touched."""
        return self.sides - sum(len(each.untouched) for each in self.bounds)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cases of a policy, or of one of its versions, try."""

    policy: Metadata
    content_hash: str
    tables: tuple[TableCoverage, ...]
    untraced: tuple[str, ...] = ()
    """Where there are tables whose rules no trace has: functions, for instance."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A finding for each rule that is never hit."""
        return tuple(
            Finding(f"criteria.dmn, {each.table.decision}, rule {one.rule.id}", _never(one))
            for each in self.tables
            for one in each.missing
        )

    def lines(self) -> Iterator[str]:
        """Yield a line a table and one for all, and then what is missing."""
        width = max(len(_ALL), *(len(each.table.decision) for each in self.tables), 0)
        for each in self.tables:
            yield f"{each.table.decision:<{width}}  {_counted([each])}"
        yield f"{_ALL:<{width}}  {_counted(self.tables)}"
        yield from _listed("Rules never hit", self._never_hit())
        yield from _listed("Bounds not touched", self._not_touched())
        yield from _listed(
            "Rules that can never fire (dead-rule)",
            (f"{each.table.decision}, {one.named}" for each in self.tables for one in each.dead),
        )
        yield from _listed(
            "Cells whose bounds are not looked at",
            (
                f"{each.table.decision}, {cell.rule}, {cell.label}: {cell.text}"
                for each in self.tables
                for cell in each.unread
            ),
        )

        yield from _listed("Tables whose rules no trace has", self.untraced)

    def _never_hit(self) -> Iterator[str]:
        for each in self.tables:
            for one in each.missing:
                yield f"{each.table.decision}, {one.named}{_but_open(one.hit)}"

    def _not_touched(self) -> Iterator[str]:
        for each in self.tables:
            for one in each.bounds:
                for side in one.untouched:
                    text = f"{each.table.decision}, {one.text(side)}"
                    yield f"{text}{_but_open(one.touched[side])}"


def _counted(tables: Sequence[TableCoverage]) -> str:
    """Return in words how many rules and sides of bounds of `tables` are tried."""
    hit, live = sum(each.hit for each in tables), sum(each.live for each in tables)
    text = f"{hit} of {live} {'rule' if live == 1 else 'rules'} hit"
    sides = sum(each.sides for each in tables)
    if not sides:
        return text
    return f"{text}, {sum(each.touched for each in tables)} of {sides} sides of bounds touched"


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = tuple(lines)
    if found:
        yield from ("", title, *(f"    {line}" for line in found))


def _never(one: RuleCoverage) -> str:
    return f"no case hits the rule{_but_open(one.hit)}"


def _but_open(tried: Tried) -> str:
    return f" (the open case {tried.open[0]} would)" if tried.open else ""


# --- tallies ---------------------------------------------------------------------------


class Tally:
    """Counts what cases try of a policy's tables; `dead` are rules by table and id."""

    def __init__(self, policy: Policy, verified: Iterable[pydmn.VerifiedTable]) -> None:
        self._policy = policy
        model = policy.model
        self._tables = [model.table(name) for name in model.names if model.kind(name) == "table"]
        known = policy.parameters
        self.bounds: Mapping[str, pydmn.TableBounds] = {
            table.decision: told(table, model.bounds(table.decision, known, _WHOLE))
            for table in self._tables
        }
        verified = tuple(verified)
        self._untraced = tuple(
            table.decision for table in verified if table.decision not in self.bounds
        )
        self._dead = {
            (table.decision, finding.rules[0])
            for table in verified
            for finding in table.findings
            if finding.code == "dead-rule"
        }
        self._tried: defaultdict[Key, dict[str, bool]] = defaultdict(dict)

    def add(self, case: str, lines: Iterable[LineDetermination], *, is_open: bool) -> None:
        """Count the lines of a case, which have their traces."""
        for line in lines:
            for entry in line.trace or ():
                for key in self.keys(entry):
                    self._tried[key].setdefault(case, is_open)

    def keys(self, entry: TraceEntry) -> Iterator[Key]:
        """Yield what one decision of a trace tries: rules, and sides of bounds."""
        for rule in entry.rules:
            yield rule_key(entry.decision, rule)
        bounds = self.bounds.get(entry.decision)
        for bound in bounds.found if bounds is not None else ():
            if bound.label in entry.inputs:
                side = bound.touched(entry.inputs[bound.label])
                if side is not None:
                    yield side_key(entry.decision, bound, side)

    def coverage(self) -> Coverage:
        """Return what is tried of each table, in the model's order."""
        policy = self._policy
        tables = tuple(map(self._table, self._tables))
        return Coverage(policy.metadata, policy.content_hash, tables, self._untraced)

    def _table(self, table: pydmn.TableView) -> TableCoverage:
        name = table.decision
        bounds = self.bounds[name]
        return TableCoverage(
            table,
            tuple(
                RuleCoverage(rule, self._by(rule_key(name, rule.id)), (name, rule.id) in self._dead)
                for rule in table.rules
            ),
            tuple(
                BoundCoverage(bound, {side: self._by(side_key(name, bound, side)) for side in Side})
                for bound in bounds.found
            ),
            bounds.unread,
        )

    def _by(self, key: Key) -> Tried:
        found = self._tried.get(key, {})
        return Tried(
            tuple(case for case, is_open in found.items() if not is_open),
            tuple(case for case, is_open in found.items() if is_open),
        )


def rule_key(decision: str, rule: str) -> Key:
    """Return what stands for a hit of a rule."""
    return "rule", decision, rule


def side_key(decision: str, bound: pydmn.Bound, side: Side) -> Key:
    """Return what stands for a touch of a side of a bound."""
    return "side", decision, bound.column, bound.value, bound.holds, side


def told(table: pydmn.TableView, bounds: pydmn.TableBounds) -> pydmn.TableBounds:
    """Return the bounds whose columns a trace tells apart: it has them by their labels."""
    times = Counter(column.label for column in table.inputs)
    shared: Sequence[pydmn.UnreadCell] = [
        pydmn.UnreadCell(rule, each.label, each.text(each.holds))
        for each in bounds.found
        if times[each.label] > 1
        for rule in each.rules
    ]
    if not shared:
        return bounds
    alone = tuple(each for each in bounds.found if times[each.label] == 1)
    return pydmn.TableBounds(alone, (*bounds.unread, *shared))
