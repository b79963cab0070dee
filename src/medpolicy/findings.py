"""What an editor of a policy should look at, though every case holds: each with its witness.

A range in a coding section is a caption, and the codes in the cells decide. Where the two say
different things, or the code tables have moved on since, somebody has to have seen it. So it is
with what is found of a decision table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import pydmn
from medpolicy import codes
from medpolicy.codes import CodeFormError, CodeStatus, CodeSystem, NoCodeTable
from medpolicy.documents.columns import CODE_SYSTEM, RANGE
from medpolicy.policy import Accepted, Policy
from medpolicy.problems import Problem

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: where, what, and the codes or rules that show it."""

    where: str
    message: str
    witness: tuple[str, ...] = ()

    def render(self) -> str:
        """Return the finding as lines for a terminal, of many witnesses the first."""
        text = f"{self.where}: {self.message}"
        if not self.witness:
            return text
        more = len(self.witness) - _SHOWN
        tail = f" and {more} more" if more > 0 else ""
        return f"{text}\n    {' '.join(self.witness[:_SHOWN])}{tail}"


@dataclass(frozen=True, slots=True)
class CodedRule:
    """A rule of a coding table: the codes in its cells, and the range that captions them."""

    table: str
    rule: str
    system: CodeSystem
    caption: str | None
    codes: tuple[str, ...]

    @property
    def where(self) -> str:
        """The rule's place, for a message."""
        return f"criteria.dmn, {self.table}, rule {self.rule}"


def coded_rules(policy: Policy) -> tuple[CodedRule, ...]:
    """Return the rules of the coding tables that name a code system known here."""
    return tuple(
        coded
        for name in policy.document.coding
        for rule in policy.model.table(name).rules
        if (coded := _coded(name, rule)) is not None
    )


def _coded(table: str, rule: pydmn.RuleView) -> CodedRule | None:
    named = rule.values.get(CODE_SYSTEM)
    if named not in set(CodeSystem):
        return None
    system, caption = CodeSystem(named), rule.values.get(RANGE)
    listed: dict[str, None] = {}
    for cell in rule.literals:
        try:
            listed.update(dict.fromkeys(codes.normalize(system, literal) for literal in cell))
        except CodeFormError:
            # A cell of other words, such as the name of a system, lists no codes.
            continue
    return CodedRule(
        table, rule.id, system, caption if isinstance(caption, str) else None, tuple(listed)
    )


def coding_findings(policy: Policy) -> tuple[Finding, ...]:
    """Return what the code tables say against the coding tables of the policy."""
    rules = coded_rules(policy)
    day = policy.dates.effective_from
    return (*_ranges(rules, day), *_other_days(rules, day), *_in_two_rules(rules))


# --- tables ---------------------------------------------------------------------------


def table_findings(
    policy: Policy, verified: Iterable[pydmn.VerifiedTable]
) -> tuple[tuple[Problem, ...], tuple[Finding, ...]]:
    """Return what is wrong with the decision tables, and what is to be looked at.

    An error of `pydmn`'s has to be mended, a warning is a finding; `policy.toml` may accept
    either. What it accepts and is not there is a finding too. Notes are left to
    `pydmn verify --notes`.
    """
    problems: list[Problem] = []
    findings: list[Finding] = []
    used: set[tuple[int, str | None]] = set()
    for table in verified:
        for each in table.findings:
            accepting = [
                number
                for number, row in enumerate(policy.accepted)
                if row.fits(table.decision, each)
            ]
            used.update((number, each.rules[0] if each.rules else None) for number in accepting)
            if accepting or each.severity is pydmn.Severity.NOTE:
                continue
            where = f"criteria.dmn, {table.decision}"
            if each.severity is pydmn.Severity.ERROR:
                problems.append(Problem(where, f"{each.code}: {each.message}", _MEND))
            else:
                findings.append(Finding(where, f"{each.code}: {each.message}"))
    findings += (
        Finding("policy.toml, [[accepted]]", f"accepts a finding {what}, and there is none")
        for what in _idle(policy.accepted, used)
    )
    return tuple(problems), tuple(findings)


def _idle(accepted: Iterable[Accepted], used: Collection[tuple[int, str | None]]) -> Iterator[str]:
    """Yield what is accepted in vain, each rule by itself; `used` are rows and rules found."""
    for number, row in enumerate(accepted):
        what = f"`{row.code}` on `{row.decision}`"
        if not row.rules and not any(number == of for of, _ in used):
            yield what
        yield from (f"{what}, rule `{rule}`" for rule in row.rules if (number, rule) not in used)


_MEND = "mend the table, or accept it in policy.toml under [[accepted]], with a reason and a date"


# --- ranges ---------------------------------------------------------------------------


def _ranges(rules: Iterable[CodedRule], day: date) -> Iterator[Finding]:
    """Compare each range with the codes of all the rules that it captions."""
    captioned: defaultdict[tuple[str, CodeSystem, str], list[str]] = defaultdict(list)
    for rule in rules:
        if rule.caption is not None and "-" in rule.caption:
            captioned[rule.table, rule.system, rule.caption].extend(rule.codes)
    for (table, system, caption), listed in captioned.items():
        where = f"criteria.dmn, {table}, range {caption}"
        try:
            yield from _range(where, system, caption, set(listed), day)
        except CodeFormError as error:
            yield Finding(where, f"is no range: {error}")
        except NoCodeTable:
            # The form of CPT and HCPCS codes is all that is known here.
            continue


def _range(
    where: str, system: CodeSystem, caption: str, listed: set[str], day: date
) -> Iterator[Finding]:
    first, _, last = caption.partition("-")
    there = codes.expand_range(system, first, last, day)
    now = codes.expand_range(system, first, last, codes.SOURCE.covered_to)
    unlisted = tuple(code for code in there if code not in listed)
    if unlisted:
        yield Finding(
            where,
            f"holds {len(there)} codes on {day}, and the cells list {len(there) - len(unlisted)}: "
            f"{len(unlisted)} are in the range and in no cell",
            unlisted,
        )
    joined = tuple(code for code in now if code not in listed and code not in there)
    if joined:
        yield Finding(
            where, f"{len(joined)} codes have joined the range since {day}, in no cell", joined
        )
    outside = tuple(
        code for code in sorted(listed) if not _ever_in_range(system, first, last, code)
    )
    if outside:
        yield Finding(where, f"{len(outside)} codes of its cells lie outside it", outside)


def _ever_in_range(system: CodeSystem, first: str, last: str, code: str) -> bool:
    """Say whether the range holds `code` on a day on which it is a code; a category is taken."""
    windows = codes.windows(system, code)
    return not windows or any(
        code in codes.expand_range(system, first, last, window.start) for window in windows
    )


# --- codes in cells -------------------------------------------------------------------


def never_codes(rules: Iterable[CodedRule]) -> Iterator[tuple[CodedRule, str]]:
    """Yield each code in a cell that is no code and no category on any day."""
    for rule in rules:
        for code in rule.codes:
            on = codes.SOURCE.covered_to
            if codes.status(rule.system, code, on) is CodeStatus.UNKNOWN:
                yield rule, code


def _other_days(rules: Iterable[CodedRule], day: date) -> Iterator[Finding]:
    for rule in rules:
        later, ended, categories = [], [], []
        for code in rule.codes:
            match codes.status(rule.system, code, day):
                case CodeStatus.NOT_VALID_ON_DATE if _starts_after(rule.system, code, day):
                    later.append(code)
                case CodeStatus.NOT_VALID_ON_DATE:
                    ended.append(code)
                case CodeStatus.NOT_BILLABLE if _starts_after(rule.system, code, day):
                    later.append(code)
                case CodeStatus.NOT_BILLABLE:
                    categories.append(code)
                case _:
                    pass
        for found, words in (
            (later, f"codes that are valid only after {day}"),
            (ended, f"codes that had ended by {day}"),
            (categories, f"categories, which cannot be billed on {day}"),
        ):
            if found:
                yield Finding(rule.where, f"its cells list {words}", tuple(found))


def _starts_after(system: CodeSystem, code: str, day: date) -> bool:
    windows = codes.windows(system, code)
    return bool(windows) and windows[-1].start > day


def _in_two_rules(rules: Iterable[CodedRule]) -> Iterator[Finding]:
    places: defaultdict[tuple[str, CodeSystem, str], list[str]] = defaultdict(list)
    for rule in rules:
        for code in rule.codes:
            places[rule.table, rule.system, code].append(rule.rule)
    shared: defaultdict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (table, _, code), found in places.items():
        if len(found) > 1:
            shared[table, tuple(found)].append(code)
    for (table, found_in), listed in shared.items():
        yield Finding(
            f"criteria.dmn, {table}",
            f"rules {', '.join(found_in)} list the same codes",
            tuple(listed),
        )
