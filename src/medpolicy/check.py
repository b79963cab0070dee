"""Whether a policy is sound: its folder, its facts, its cases, and what its cases cover.

A problem has to be mended before the policy is used. A finding is for its editor to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pydmn
from medpolicy import documents
from medpolicy.asked import AGE, runtime_inputs
from medpolicy.cases import Case, answer_to, counting, difference, read_cases
from medpolicy.codes import CodeSystem
from medpolicy.coverage import Tally
from medpolicy.determination import Determination, Disposition
from medpolicy.determine import Policy, unknown_disposition
from medpolicy.documents.columns import CODE_SYSTEM, DocumentError, register_rows_of
from medpolicy.everything import request_json
from medpolicy.findings import (
    Finding,
    coded_rules,
    coding_findings,
    never_codes,
    table_findings,
)
from medpolicy.folder import problem_of
from medpolicy.participation import Participation
from medpolicy.policy import DISPOSITION
from medpolicy.problems import PolicyError, Problem, did_you_mean, shown
from medpolicy.properties import FILE as PROPERTIES
from medpolicy.properties import Judgement, prove, read_properties
from medpolicy.record import Line, Plan, Procedure, Request
from medpolicy.report import Report
from medpolicy.versions import VersionedPolicy, has_versions, load, version_of

_ROW: Final = re.compile(r"^## +([1-9][0-9]*)\. ", re.MULTILINE)
REGISTER_FILE: Final = "text/register.md"
_UNDECIDED: Final = "ask for less of what stands in the way, or state the property otherwise"
_LOST: Final = "they are of a version: move the case to the version's own cases"


def check(
    folder: str | Path, cases: str | Path | None = None, *, every_code: bool = False
) -> Report:
    """Return everything that is to be said of the policy in `folder`.

    Its properties are proved over the codes that it names and examples of others; with
    `every_code` over all codes that there are.

    `cases`, a folder or a file, are run in place of the policy's own; what they cover is then
    not asked. Of a policy with versions each is checked with its own cases; those of the policy
    itself, if it has any, are answered by the version that their dates choose.
    """
    folder = Path(folder)
    own = cases is None
    place = folder / "cases" if cases is None else Path(cases)
    versioned = has_versions(folder)
    read: tuple[Case, ...] = ()
    problems: list[Problem] = []
    if not own or (place.exists() if versioned else folder.is_dir()):
        read, found = _cases(place, own)
        problems += found
    try:
        policy = load(folder)
    except PolicyError as error:
        return Report(folder.name, (*error.problems, *problems), cases=0)
    if isinstance(policy, VersionedPolicy):
        return _versions(policy, read, problems, own, every_code)
    return _Checked(policy, read, every_code).report(problems, own)


def _versions(
    policy: VersionedPolicy,
    cases: tuple[Case, ...],
    problems: list[Problem],
    own: bool,
    every_code: bool,
) -> Report:
    """Return the report on a policy with versions; `problems` are those of its cases' files."""
    answers = [(case, answer_to(policy, case, trace=True)) for case in cases]
    failures = [
        failed
        for case, answer in answers
        if case.open is None and (failed := difference(case, answer)) is not None
    ]
    lost = [
        Problem(f"{case.where}, covers", "names a criterion or a row of the register", _LOST)
        for case in cases
        if own and (case.covers.criteria or case.covers.register)
    ]
    reports = []
    for version in policy.versions:
        read, found = _cases(version.folder / "cases", own) if own else ((), ())
        beside = [
            (case, answer)
            for case, answer in answers
            if isinstance(answer, Determination) and version_of(policy, answer) is version
        ]
        report = _Checked(version, read, every_code, beside).report([*found], own)
        reports.append(replace(report, policy=f"{policy.id}, version {version.metadata.version}"))
    return Report(
        policy.id,
        (*problems, *failures, *lost),
        tuple(_open_findings(cases)),
        cases=len(cases),
        failed=len(failures),
        versions=tuple(reports),
        open=sum(case.open is not None for case in cases),
    )


def _cases(place: Path, own: bool) -> tuple[tuple[Case, ...], tuple[Problem, ...]]:
    if not place.exists():
        name = "cases" if own else str(place)
        help_ = "every policy has a folder of cases" if own else "give a folder or a file of cases"
        return (), (Problem(name, "there is no such folder", help_),)
    return read_cases(place, argued=own)


def _open_findings(cases: Iterable[Case]) -> Iterator[Finding]:
    """Yield the cases that nobody has answered, each with what it is for."""
    for case in cases:
        if case.open is not None:
            yield Finding(
                case.where,
                "the case is open: nobody has argued its answer",
                ("; ".join(case.open),),
            )


def _broken(where: str, judgement: Judgement) -> Problem:
    assert judgement.witness is not None
    left_out = "" if judgement.without is None else f", without `{judgement.without}`"
    shown_ = pydmn.write_json(request_json(judgement.witness))
    return Problem(
        where,
        f"COUNTEREXAMPLE to: {judgement.property.says}",
        "mend the rules, or the property",
        (f"this request breaks it{left_out}:", shown_),
    )


class _Checked:
    """A policy that could be read, and the cases to run; `beside` are others, with answers."""

    def __init__(
        self,
        policy: Policy,
        cases: tuple[Case, ...],
        every_code: bool,
        beside: Iterable[tuple[Case, Determination]] = (),
    ) -> None:
        self._policy = policy
        self._cases = cases
        self._answered = [case for case in cases if case.open is None]
        self._every_code = every_code
        model = policy.model
        self._tables = [model.table(name) for name in model.names if model.kind(name) == "table"]
        self._rules = {rule.id for table in self._tables for rule in table.rules}
        self._participation = Participation(model)
        self._verified = model.verify()
        self._tally = Tally(policy, self._verified)
        for case, answer in beside:
            self._tally.add(case.id, counting(case, answer), is_open=case.open is not None)
        self._criteria = self._participation.criteria
        text = policy.text.get("register", "")
        self._rows = {int(match[1]): None for match in _ROW.finditer(text)}

    def report(self, problems: list[Problem], own: bool) -> Report:
        """Return the report; `problems` are those of the cases' files."""
        wrong, holes = table_findings(self._policy, self._verified)
        endless = list(self._facts())
        found = [*endless, *self._coding(), *self._dispositions(), *wrong]
        cited, register = self._cited()
        found += register
        if not register:
            found += self._document()
        found += problems
        failures, idle = self._run(own)
        found += failures
        found += self._references(own)
        found += idle
        proved: int | None = None
        remarks: list[Finding] = []
        if own:
            found += self._uncovered()
            # With a fact whose values cannot be enumerated there is nothing to go through.
            proved, broken, remarks = (None, [], []) if endless else self._properties()
            found += broken
        coverage = self._tally.coverage()
        return Report(
            self._policy.metadata.id,
            tuple(found),
            (
                *self._warnings(),
                *holes,
                *self._uncited(cited),
                *coding_findings(self._policy),
                *remarks,
                *_open_findings(self._cases),
                *(coverage.findings if own else ()),
            ),
            cases=len(self._cases),
            failed=len(failures),
            criteria=len(self._covered_criteria() & {*self._criteria}) if own else None,
            rows=len(self._covered_rows() & self._rows.keys()) if own else None,
            proved=proved,
            open=len(self._cases) - len(self._answered),
            coverage=coverage,
        )

    # --- properties --------------------------------------------------------------------

    def _properties(self) -> tuple[int | None, list[Problem], list[Finding]]:
        """Return how many properties are proved, what breaks the others, and what to look at.

        None for a policy that states none.
        """
        policy = self._policy
        properties, problems = read_properties(policy.folder, policy)
        findings: list[Finding] = []
        if not properties:
            return None, problems, findings
        if find_spec("pysat") is None:
            help_ = 'install what proofs need: pip install "medpolicy[verify]"'
            return 0, [Problem(PROPERTIES, "nothing is proved: there is no solver", help_)], []
        proved = 0
        for each in prove(policy, properties, every_code=self._every_code):
            where = f"{PROPERTIES}, {each.property.id}"
            match each.verdict:
                case pydmn.Verdict.PROVED:
                    proved += 1
                    if each.why is not None:
                        findings.append(Finding(where, f"holds of nothing: {each.why}"))
                case pydmn.Verdict.COUNTEREXAMPLE:
                    problems.append(_broken(where, each))
                case pydmn.Verdict.NOT_DECIDED:
                    problems.append(Problem(where, f"NOT DECIDED: {each.why}", _UNDECIDED))
        return proved, problems, findings

    # --- the folder --------------------------------------------------------------------

    def _facts(self) -> Iterator[Problem]:
        """Yield the facts that may not be left unknown: their values cannot be enumerated."""
        policy = self._policy
        known = {**_some_inputs(policy), **policy.parameters}
        unknowns = [*policy.facts, *([AGE] if AGE in known else [])]
        for name in unknowns:
            given = {each: value for each, value in known.items() if each != name}
            try:
                policy.model.possible(policy.targets, given, policy.open_when, [name])
            except pydmn.NotFinite as error:
                yield Problem(
                    f"criteria.dmn, {name}",
                    error.message,
                    "compare it with constants only, in cells or in conditions",
                )
            except pydmn.PydmnError as error:
                yield Problem(f"criteria.dmn, {name}", error.message)

    def _coding(self) -> Iterator[Problem]:
        for name in self._policy.document.coding:
            for rule in self._policy.model.table(name).rules:
                system = rule.values.get(CODE_SYSTEM)
                if isinstance(system, str) and system not in set(CodeSystem):
                    yield Problem(
                        f"criteria.dmn, {name}, rule {rule.id}",
                        f"unknown code system {shown(system)}",
                        did_you_mean(system, [each.value for each in CodeSystem]),
                    )
        for coded, code in never_codes(coded_rules(self._policy)):
            yield Problem(
                coded.where, f"`{code}` is no code of {coded.system} on any day", "correct the cell"
            )

    def _dispositions(self) -> Iterator[Problem]:
        """Yield the rules that answer what is no disposition, whether or not a case hits them."""
        for table in self._tables:
            for rule in table.rules if table.decision == DISPOSITION else ():
                value = rule.values.get("disposition")
                if value is not None and value not in list(Disposition):
                    where = f"criteria.dmn, {table.decision}, rule {rule.id}"
                    yield unknown_disposition(value, where)

    def _document(self) -> Iterator[Problem]:
        try:
            documents.context(self._policy)
        except (documents.DocumentError, documents.MarkdownError) as error:
            yield Problem("document", str(error))

    # --- the register ------------------------------------------------------------------

    def _cited(self) -> tuple[set[int], list[Problem]]:
        """Return the rows that rules cite, and the citations that lead nowhere."""
        cited: set[int] = set()
        found = []
        for table in self._tables:
            for rule in table.rules:
                try:
                    rows = register_rows_of(table, rule)
                except DocumentError as error:
                    found.append(Problem("criteria.dmn", str(error)))
                    continue
                cited.update(rows)
                found += [
                    Problem(
                        f"criteria.dmn, {table.decision}, rule {rule.id}",
                        f"it cites row {row} of the register, which {REGISTER_FILE} does not have",
                        self._rows_known(),
                    )
                    for row in rows
                    if row not in self._rows
                ]
        return cited, found

    def _rows_known(self) -> str:
        if not self._rows:
            return f"write each row of {REGISTER_FILE} as a heading `## 1. Title`"
        return f"the rows there are {_runs(self._rows)}"

    def _uncited(self, cited: set[int]) -> Iterator[Finding]:
        for row in self._rows:
            if row not in cited:
                yield Finding(REGISTER_FILE, f"no rule cites row {row}")

    # --- the cases ---------------------------------------------------------------------

    def _run(self, own: bool) -> tuple[list[Problem], list[Problem]]:
        """Return the cases that do not hold, and of those that do what they cover in vain."""
        failures: list[Problem] = []
        idle: list[Problem] = []
        for case in self._cases:
            answer = answer_to(self._policy, case, trace=True)
            if isinstance(answer, Determination):
                lines = counting(case, answer)
                self._tally.add(case.id, lines, is_open=case.open is not None)
            if case.open is not None:
                continue
            failed = difference(case, answer)
            if failed is not None:
                failures.append(failed)
            elif own:
                taking_part = (
                    self._participation.of(answer) if isinstance(answer, Determination) else ()
                )
                idle += self._idle(case, taking_part)
        return failures, idle

    def _idle(self, case: Case, taking_part: tuple[str, ...]) -> Iterator[Problem]:
        """Yield the criteria that a case covers, and that take no part in its determination."""
        for criterion in case.covers.criteria:
            if criterion in self._criteria and criterion not in taking_part:
                known = ", ".join(f"`{each}`" for each in taking_part) or "none"
                yield Problem(
                    f"{case.where}, covers",
                    f"the criterion `{criterion}` takes no part in the determination",
                    f"taking part: {known}",
                )

    def _references(self, own: bool) -> Iterator[Problem]:
        """Yield what the cases name and the policy does not have."""
        for case in self._cases:
            expected = [
                (key, value) for line in case.lines or () for key in ("criteria", "rules")
                for value in line.get(key) or ()
            ]  # fmt: skip
            covered = [("criteria", value) for value in case.covers.criteria] if own else []
            for key, value in dict.fromkeys([*covered, *expected]):
                known: Iterable[str] = self._criteria if key == "criteria" else sorted(self._rules)
                if value not in known:
                    noun = "criterion" if key == "criteria" else "rule"
                    yield Problem(
                        case.where,
                        f"criteria.dmn has no {noun} {shown(value)}",
                        did_you_mean(value, known),
                    )
            for row in case.covers.register if own else ():
                if row not in self._rows:
                    yield Problem(
                        case.where,
                        f"{REGISTER_FILE} has no row {row}",
                        self._rows_known(),
                    )

    def _covered_criteria(self) -> set[str]:
        return {criterion for case in self._answered for criterion in case.covers.criteria}

    def _covered_rows(self) -> set[int]:
        return {row for case in self._answered for row in case.covers.register}

    def _uncovered(self) -> Iterator[Problem]:
        help_ = "add a case that is about it, and name it in the case's `covers`"
        covered = self._covered_criteria()
        for criterion in self._criteria:
            if criterion not in covered:
                yield Problem("cases", f"no case covers the criterion `{criterion}`", help_)
        rows = self._covered_rows()
        for row in self._rows:
            if row not in rows:
                yield Problem("cases", f"no case covers row {row} of the register", help_)

    def _warnings(self) -> Iterator[Finding]:
        """Yield what the runtime warns of in the model."""
        for diagnostic in self._policy.model.diagnostics:
            if diagnostic.severity is not pydmn.Severity.ERROR:
                problem = problem_of(diagnostic)
                yield Finding(problem.where, problem.message)


def _some_inputs(policy: Policy) -> Mapping[str, object]:
    """Return what the runtime tells the decisions of some request, as far as they ask for it."""
    day = policy.dates.effective_from
    line = Line("1", Procedure(CodeSystem.CPT, "00000"), (), {})
    born = date(1, 1, 1)
    request = Request("1", day, Plan("none", "none"), (line,), day, born, processing_date=day)
    declared = {each.name for each in policy.model.inputs}
    told = runtime_inputs(policy, request, line)
    return {name: value for name, value in told.items() if name in declared}


def _runs(numbers: Iterable[int]) -> str:
    """Return whole numbers in words, runs of them by their ends.

    >>> _runs([1, 2, 3, 5])
    '1 to 3, 5'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{low}" if low == high else f"{low} to {high}" for low, high in runs)
