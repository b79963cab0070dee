"""Values of a request that some policies cannot tell apart: one stands for all of them.

Codes are those that the code tables know, those that the policies name, and for CPT and HCPCS, of
which there are no tables, and for codes that are none, an example each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any, Final

import pydmn
from medpolicy import codes
from medpolicy.asked import AGE, is_new
from medpolicy.codes import CodeFormError, CodeSystem
from medpolicy.policy import TARGETS, Adoption, Policy, Precedence
from medpolicy.record import PROCEDURE_SYSTEMS, Procedure

EXAMPLES: Final[Mapping[CodeSystem, tuple[str, ...]]] = {
    CodeSystem.CPT: ("00100", "99499"),
    CodeSystem.HCPCS: ("A4206", "V5364"),
    CodeSystem.ICD_10_PCS: ("0016070", "ZZZZZZZ"),
    CodeSystem.ICD_10_CM: ("I10", "Z99.9", "I87", "Z99.99X"),
}
"""Codes that a policy may not name: common ones, and one that is none or not billable."""

OTHER: Final = "another"
OLDEST: Final = 130


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from `low` to `high`: None where there is no such end, an end included or not."""

    low: Decimal | None
    high: Decimal | None
    low_included: bool = True
    high_included: bool = True


class Alike:
    """Values of each kind, one for all that neither `policies` nor `conditions` tell apart.

    The conditions are of the first policy. `every_code` takes all codes of the code tables; else
    they are those named, and examples.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        conditions: Sequence[pydmn.Condition],
        *,
        every_code: bool,
    ) -> None:
        first, *others = policies
        self._readers = [_Reader(first, conditions), *(_Reader(each, ()) for each in others)]
        self._every_code = every_code
        self._named = frozenset(
            literal
            for reader in self._readers
            for text in reader.texts
            for literal in _QUOTED.findall(text)
        )
        self._alike: dict[Any, tuple[Any, ...]] = {}
        self._spans: dict[tuple[str, Any], Span] = {}

    # --- codes -------------------------------------------------------------------------

    @cached_property
    def diagnoses(self) -> tuple[str, ...]:
        """Diagnosis codes."""
        return self._one_of_each(
            self._known_diagnoses(),
            lambda code: (
                *(reader.diagnosis_class(code) for reader in self._readers),
                codes.windows(CodeSystem.ICD_10_CM, code),
            ),
        )

    def _known_diagnoses(self) -> Iterator[str]:
        yield from _written(self._named, CodeSystem.ICD_10_CM)
        yield from EXAMPLES[CodeSystem.ICD_10_CM]
        if self._every_code:
            yield from codes.known(CodeSystem.ICD_10_CM)

    @cached_property
    def procedures(self) -> tuple[Procedure, ...]:
        """Procedures."""
        return self._one_of_each(
            self._known_procedures(),
            lambda procedure: (
                *(reader.procedure_class(procedure) for reader in self._readers),
                codes.windows(procedure.system, procedure.code) or ("none",)
                if procedure.system is CodeSystem.ICD_10_PCS
                else (),
            ),
        )

    def _known_procedures(self) -> Iterator[Procedure]:
        for system in PROCEDURE_SYSTEMS:
            for code in (*_written(self._named, system), *EXAMPLES[system]):
                yield Procedure(system, code)
        if self._every_code:
            for code in codes.known(CodeSystem.ICD_10_PCS):
                yield Procedure(CodeSystem.ICD_10_PCS, code)

    def _one_of_each(
        self, values: Iterable[Any], class_of: Callable[[Any], Hashable]
    ) -> tuple[Any, ...]:
        found: dict[Hashable, dict[Any, None]] = {}
        for value in values:
            found.setdefault(class_of(value), {})[value] = None
        self._alike.update((next(iter(alike)), tuple(alike)) for alike in found.values())
        return tuple(next(iter(alike)) for alike in found.values())

    def stood_for(self, code: str | Procedure) -> tuple[Any, ...]:
        """Return the codes looked at for which one of `diagnoses` or `procedures` stands."""
        return self._alike[code]

    def is_named(self, code: str) -> bool:
        """Say whether a policy names a code."""
        return code in self._named

    # --- days and plans ----------------------------------------------------------------

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days on which something that the decisions are told changes, and one before."""
        edges = {day for reader in self._readers for day in reader.edges()}
        for system, code in (
            *((CodeSystem.ICD_10_CM, code) for code in self.diagnoses),
            *((each.system, each.code) for each in self.procedures
              if each.system is CodeSystem.ICD_10_PCS),
        ):  # fmt: skip
            for window in codes.windows(system, code):
                edges |= {window.start, _after(window.end)}
        days = sorted(edge for edge in edges if edge is not None)
        first = days[0]
        return (*((first - timedelta(1),) if first > date.min else ()), *days)

    @cached_property
    def plans(self) -> tuple[str, ...]:
        """Names of plans: those that anything distinguishes, and another."""
        return self._labels({OTHER}, "plan")

    @cached_property
    def lines_of_business(self) -> tuple[str, ...]:
        """Lines of business, likewise."""
        return self._labels({OTHER}, "line of business")

    @cached_property
    def states(self) -> tuple[str | None, ...]:
        """States, likewise, and none."""
        return (None, *self._labels({"MO"}, "state"))

    def _labels(self, others: set[str], name: str) -> tuple[str, ...]:
        return tuple(sorted(others.union(*(reader.labels(name) for reader in self._readers))))

    # --- ages and facts ----------------------------------------------------------------

    @cached_property
    def ages(self) -> tuple[int, ...]:
        """Years of age."""
        if not any(reader.asks(AGE) for reader in self._readers):
            return (40,)
        years = range(OLDEST + 1)
        kept = []
        for run in self._runs(AGE, years):
            # Of those below every bound the one next to it: nobody is born on the day.
            age = run[-1] if run[0] == 0 else run[0]
            self._spans[AGE, age] = Span(
                Decimal(run[0]) if run[0] else None,
                Decimal(run[-1]) if run[-1] != OLDEST else None,
            )
            kept.append(age)
        return tuple(kept)

    def stated(self, fact: str) -> tuple[Any, ...]:
        """Return the values that a fact may have for each of the policies that know it.

        Raises `NotFinite`.
        """
        knowing = [reader for reader in self._readers if fact in reader.policy.facts]
        values: dict[Any, None] = {}
        for reader in knowing:
            values.update(dict.fromkeys(reader.atoms(fact)))
        types = [reader.policy.facts[fact] for reader in knowing]
        listed = any(each.allowed is not None or each.type != "number" for each in types)
        if listed:
            return tuple(value for value in values if all(each.accepts(value) for each in types))
        cuts = sorted(values)
        between = (((low + high) / 2, high) for low, high in pairwise(cuts))
        line = [cuts[0], *(each for pair in between for each in pair)]
        taken = [each for each in line if all(type_.accepts(each) for type_ in types)]
        return tuple(self._numbers(fact, taken, {*cuts}))

    def one_sided(self, fact: str) -> tuple[tuple[Any, ...], ...]:
        """Return, for each policy, values of a fact that it allows and another refuses."""
        types = [reader.policy.facts[fact] for reader in self._readers]
        atoms = dict.fromkeys(value for reader in self._readers for value in reader.atoms(fact))
        return tuple(
            tuple(
                value
                for value in atoms
                if each.accepts(value) and not all(other.accepts(value) for other in types)
            )
            for each in types
        )

    def _numbers(self, fact: str, line: Sequence[Decimal], cuts: set[Decimal]) -> Iterator[Decimal]:
        """Yield one number of each class on `line`, where what is no cut stands for a gap."""
        place = {number: at for at, number in enumerate(line)}
        for run in self._runs(fact, line):
            first, last = place[run[0]], place[run[-1]]
            number = next((each for each in run if each == each.to_integral_value()), run[0])
            low = line[first if run[0] in cuts else first - 1] if first else None
            high = line[last if run[-1] in cuts else last + 1] if last + 1 < len(line) else None
            self._spans[fact, number] = Span(low, high, run[0] in cuts, run[-1] in cuts)
            yield number

    def _runs(self, name: str, line: Iterable[Any]) -> Iterator[list[Any]]:
        """Yield the neighbours on a line of numbers that nothing tells apart."""
        readers = self._readers
        for _, run in groupby(line, lambda each: tuple(of.number(name, each) for of in readers)):
            yield list(run)

    def span(self, name: str, value: Any) -> Span | None:
        """Return the numbers for which a value of a fact, or an age, stands."""
        return self._spans.get((name, value))


class _Reader:
    """One policy, with the conditions on it, and what it tells apart."""

    def __init__(self, policy: Policy, conditions: Sequence[pydmn.Condition]) -> None:
        self.policy = policy
        self._conditions = conditions
        # What a condition asks of an input tells its values apart as what a decision asks does.
        asked = {f"condition {number}": each for number, each in enumerate(conditions)}
        targets = [name for name in TARGETS if name in policy.model.names]
        self._outlook = policy.model.outlook(
            targets, policy.parameters, policy.facts, {**policy.open_when, **asked}
        )
        self._members: dict[tuple[str, int | None], pydmn.Members | None] = {}
        self._lists: dict[tuple[Any, ...], int] = {}
        self.texts = (*_texts(policy.model), *(each.text for each in conditions))

    def asks(self, name: str) -> bool:
        """Say whether an answer depends on an input."""
        return name in self._outlook.inputs

    def number(self, name: str, value: Any) -> int:
        """Return the number of the class of an input's value: one for all, where none asks."""
        return self._outlook.number(name, value) if self.asks(name) else 0

    def atoms(self, fact: str) -> tuple[Any, ...]:
        """Return values that stand for all of a fact's. Raises `NotFinite`."""
        return self.policy.model.atoms(fact, self.policy.parameters, self._conditions)

    def diagnosis_class(self, code: str) -> Hashable:
        """Return what diagnoses share that this policy cannot tell apart."""
        new = is_new(code, self.policy.dates.last_review)
        told = {
            "new diagnoses": [code] if new else [],
            "diagnoses": [code],
            "invalid diagnoses": [code],
        }
        numbers: dict[str, int] = {}
        for name in self._outlook.inputs:
            if name in told:
                beside = numbers.get(self._outlook.beside.get(name, ""))
                numbers[name] = self._of_list(name, told[name], beside)
        return (*numbers.values(), new)

    def procedure_class(self, procedure: Procedure) -> Hashable:
        """Return what procedures share that this policy cannot tell apart."""
        code, system = procedure.code, procedure.system
        numbers = []
        if self.asks("procedure code"):
            numbers.append(self._outlook.number("procedure code", code))
        if self.asks("request procedures"):
            numbers.append(self._of_list("request procedures", [code], None))
        governed = [code in each.codes for each in self.policy.precedence]
        return (*numbers, *governed, system if self.asks("procedure system") else None)

    def _of_list(self, name: str, codes_: list[str], beside: int | None) -> int:
        """Return the number of a list: by what tells its members apart, where that is all.

        Of a hundred thousand codes few have a say, and no table has to be read for the others.
        """
        if (name, beside) not in self._members:
            self._members[name, beside] = self._outlook.members(name, beside)
        members = self._members[name, beside]
        if members is None:
            return self._outlook.number(name, codes_, beside)
        classes = tuple(filter(None, map(members.of, codes_)))
        key = (name, beside, not codes_, classes)
        found = self._lists.get(key)
        if found is None:
            found = self._lists[key] = members.number(classes, empty=not codes_)
        return found

    def edges(self) -> Iterator[date | None]:
        """Yield the days on which something changes that is no code."""
        policy = self.policy
        yield from (policy.dates.effective_from, _after(policy.dates.effective_to))
        rows: tuple[Adoption | Precedence, ...] = (*policy.adoption, *policy.precedence)
        for each in rows:
            yield from (each.start, _after(each.end))
        for text in self.texts:
            for written in map(_day, _WRITTEN_DAY.findall(text)):
                yield from (written, _after(written))

    def labels(self, name: str) -> set[str]:
        """Return the plans, lines of business or states that anything names."""
        policy = self.policy
        fields = {"plan": "plan", "line of business": "line_of_business", "state": "state"}
        rows = (*policy.adoption, *policy.precedence, *policy.chosen_by)
        found = {getattr(row, fields[name], None) for row in rows} | self._compared(name)
        return {each for each in found if each is not None}

    def _compared(self, name: str) -> set[str]:
        """Return the texts that are named where an input is read."""
        model = self.policy.model
        texts = [each.text for each in self._conditions if name in each.reads]
        for each in model.names:
            match model.kind(each):
                case "table":
                    table = model.table(each)
                    for place, column in enumerate(table.inputs):
                        if name in column.reads:
                            texts += (column.text, *(rule.cells[place] for rule in table.rules))
                case "literal" if name in model.reads(each):
                    texts.append(model.literal(each))
        return {literal for text in texts for literal in _QUOTED.findall(text)}


def _after(day: date | None) -> date | None:
    return None if day is None or day == date.max else day + timedelta(1)


_QUOTED: Final = re.compile(r'"([^"\\]*)"')


_WRITTEN_DAY: Final = re.compile(r'"([0-9]{4}-[0-9]{2}-[0-9]{2})"')


def _day(text: str) -> date | None:
    """Return the day that a text is, if it is one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _texts(model: pydmn.Model) -> Iterator[str]:
    """Yield the FEEL texts of a model's tables and literal expressions."""
    for name in model.names:
        match model.kind(name):
            case "table":
                table = model.table(name)
                yield from (column.text for column in table.inputs)
                for rule in table.rules:
                    yield from (*rule.cells, *rule.outputs)
            case "literal":
                yield model.literal(name)


def _written(texts: Iterable[str], system: CodeSystem) -> list[str]:
    """Return those of `texts` that are codes of a system, as it writes them."""
    found = []
    for text in sorted(texts):
        try:
            if codes.normalize(system, text) == text:
                found.append(text)
        except CodeFormError:
            continue
    return found
