"""Every request that a policy can be asked, as choices: what properties are proved over.

A request's first line is the one spoken of. What is chosen: the service date, the plan, the
procedure, the diagnoses, the procedures of the request's other lines, the age, the facts. What the
runtime tells the decisions follows from that, as in `medpolicy.asked`. Values that neither the
decisions nor the runtime can tell apart are one choice: days between two on which anything
changes, codes that the decisions treat alike and that are valid on the same days.

Codes are those that the code tables know, those that the policy names, and for CPT and HCPCS, of
which there are no tables, and for codes that are none, an example each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import Any, Final

import pydmn
from medpolicy import codes
from medpolicy.asked import AGE, STATUS, is_new
from medpolicy.codes import CodeFormError, CodeStatus, CodeSystem
from medpolicy.policy import RUNTIME_INPUTS, TARGETS, DateOfRequest, Policy
from medpolicy.record import PROCEDURE_SYSTEMS, Line, Plan, Procedure, Request

EXAMPLES: Final[Mapping[CodeSystem, tuple[str, ...]]] = {
    CodeSystem.CPT: ("00100", "99499"),
    CodeSystem.HCPCS: ("A4206", "V5364"),
    CodeSystem.ICD_10_PCS: ("0016070", "ZZZZZZZ"),
    CodeSystem.ICD_10_CM: ("I10", "Z99.9", "I87", "Z99.99X"),
}
"""Codes that a policy may not name: common ones, and one that is none or not billable."""

OTHER: Final = "another"
OLDEST: Final = 130


class Everything:
    """All that `policy` can be asked, as far as its decisions and `conditions` can tell it apart.

    `every_code` takes all codes of the code tables; else they are those named, and examples.
    """

    def __init__(
        self,
        policy: Policy,
        conditions: Sequence[pydmn.Condition],
        *,
        every_code: bool,
        space: pydmn.Space | None = None,
    ) -> None:
        self.policy = policy
        self.space = space or pydmn.Space()
        self._conditions = conditions
        self._alike = _Alike(policy, conditions, every_code=every_code)
        self._inputs: dict[str, pydmn.Symbol] = {}
        self._runtime()
        self._facts()
        self.world = self._world({})
        self._gates()

    # --- inputs ------------------------------------------------------------------------

    def _runtime(self) -> None:
        policy, space, alike = self.policy, self.space, self._alike
        declared = {each.name for each in policy.model.inputs}
        self._days = space.choice("day", alike.days)
        self._plans = space.choice("plan", alike.plans)
        self._deciding = self._deciding_days()
        self._procedures = space.choice("procedure", alike.procedures)
        self._diagnoses = space.membership("diagnoses", alike.diagnoses)
        self._beside = space.membership("beside", alike.procedures)
        self._ages = space.choice(AGE, alike.ages)
        day, plan, procedure = self._days, self._plans, self._procedures
        deciding = self._deciding
        tell: Mapping[str, Callable[[], pydmn.Symbol]] = {
            "service date": lambda: space.value(lambda on: on, day),
            AGE: lambda: space.value(lambda years: years, self._ages),
            "plan": lambda: space.value(lambda of: of.name, plan),
            "line of business": lambda: space.value(lambda of: of.line_of_business, plan),
            "state": lambda: space.value(lambda of: of.state, plan),
            "in force": lambda: space.value(policy.dates.in_force, deciding),
            "adoption": lambda: space.value(
                lambda of, on: policy.adoption_on(of.name, of.line_of_business, of.state, on),
                plan,
                deciding,
            ),
            "precedence": self._precedence,
            "procedure system": lambda: space.value(lambda of: of.system.value, procedure),
            "procedure code": lambda: space.value(lambda of: of.code, procedure),
            "procedure status": lambda: space.value(
                lambda of, on: STATUS[codes.status(of.system, of.code, on)], procedure, day
            ),
            "request procedures": lambda: space.elements(
                (procedure, lambda _: space.always),
                (self._beside, lambda _: space.always),
                value=lambda of: of.code,
            ),
            "diagnoses": lambda: space.elements((self._diagnoses, lambda _: space.always)),
            "invalid diagnoses": lambda: space.elements((self._diagnoses, self._invalid)),
            "new diagnoses": lambda: space.elements((self._diagnoses, self._new)),
        }  # fmt: skip
        assert tell.keys() == RUNTIME_INPUTS.keys()
        for name, told in tell.items():
            if name in declared:
                self._inputs[name] = told()
        for name, value in policy.parameters.items():
            self._inputs[name] = space.value(lambda: value)  # noqa: B023  read at once

    def _precedence(self) -> pydmn.Symbol:
        if not self.policy.precedence:
            return self.space.value(lambda: None)
        # The codes that the same layers name are governed alike; one stands for them.
        layers = self.policy.precedence
        named = self.space.seen_as(
            self._procedures, lambda of: tuple(of.code in each.codes for each in layers)
        )
        example = {
            tuple(of.code in each.codes for each in layers): of.code
            for of in self._procedures.values
        }
        return self.space.value(
            lambda by, of, on: self.policy.governing(of.name, of.state, example[by], on),
            named,
            self._plans,
            self._deciding,
        )

    def _deciding_days(self) -> pydmn.Choice:
        """Return the days by which requests are answered: the service date, where none else is."""
        if not self.policy.chosen_by:
            return self._days
        deciding = self.space.choice("deciding day", self._days.values)
        for plan, of_plan in zip(self._plans.values, self._plans.formulas, strict=True):
            rows = (row.date for row in self.policy.chosen_by if row.fits(plan))
            if next(rows, DateOfRequest.SERVICE) is DateOfRequest.SERVICE:
                for on, decides in zip(self._days.formulas, deciding.formulas, strict=True):
                    self.space.require(-of_plan, -on, decides)
        return deciding

    def _invalid(self, code: str) -> pydmn.Formula:
        """Return where a diagnosis is not valid on the day."""
        return self.space.any_of(
            at
            for on, at in zip(self._days.values, self._days.formulas, strict=True)
            if codes.status(CodeSystem.ICD_10_CM, code, on) is not CodeStatus.VALID
        )

    def _new(self, code: str) -> pydmn.Formula:
        """Return where a diagnosis is younger than the last review: always, or never."""
        new = is_new(code, self.policy.dates.last_review)
        return self.space.always if new else -self.space.always

    def _facts(self) -> None:
        self._stated: dict[str, pydmn.Choice] = {}
        for name in self.policy.facts:
            values = self.policy.model.atoms(name, self.policy.parameters, self._conditions)
            # Null stands for a fact that nobody asks for: see `_gates`.
            gated = (None,) if name in self.policy.open_when else ()
            self._stated[name] = self.space.choice(name, (*values, *gated))
            self._inputs[name] = self.space.value(lambda value: value, self._stated[name])

    def _gates(self) -> None:
        """A fact may be null only where its condition does not raise it."""
        for name, condition in self.policy.open_when.items():
            choice = self._stated[name]
            self.space.require(-choice.formulas[-1], -self.world.holds(condition))

    def _world(self, instead: Mapping[str, pydmn.Symbol]) -> pydmn.World:
        return self.space.world(self.policy.model, {**self._inputs, **instead})

    def without(self, fact: str) -> tuple[pydmn.Formula, pydmn.World]:
        """Return where a fact that is stated is not asked for, and the world in which it is null.

        Elsewhere, leaving it out leaves the answer possible that it gave.
        """
        condition = self.policy.open_when.get(fact)
        if condition is None:
            return -self.space.always, self.world
        world = self._world({fact: self.space.value(lambda: None)})
        return -world.holds(condition), world

    def only(self, answered: Callable[[date], bool]) -> None:
        """Leave out the requests that are not `answered` on the day by which they are."""
        for on, at in zip(self._deciding.values, self._deciding.formulas, strict=True):
            if not answered(on):
                self.space.require(-at)

    def whole_numbers(self) -> Iterator[pydmn.Formula]:
        """Yield, for each fact that is a number, where it is a whole one, or not asked for."""
        for name, fact in self.policy.facts.items():
            if fact.type == "number":
                choice = self._stated[name]
                yield self.space.any_of(
                    at
                    for value, at in zip(choice.values, choice.formulas, strict=True)
                    if value is None or value == value.to_integral_value()
                )

    # --- requests ----------------------------------------------------------------------

    def request(self, found: Mapping[str, Any]) -> Request:
        """Return the request of what a solver chose."""
        day: date = found["day"]
        diagnoses = tuple(found["diagnoses"])
        facts = {name: value for name in self.policy.facts if (value := found[name]) is not None}
        procedures = dict.fromkeys([found["procedure"], *found["beside"]])
        lines = tuple(
            Line(str(number), procedure, diagnoses, facts if number == 1 else {})
            for number, procedure in enumerate(procedures, 1)
        )
        deciding: date | None = found.get("deciding day")
        born = _born(day, found[AGE])
        return Request(
            "witness", day, found["plan"], lines, deciding, born, processing_date=deciding
        )

    def smallest(self, *wanted: pydmn.Formula) -> Mapping[str, Any] | None:
        """Return what is chosen where all of `wanted` hold, with few codes; None if nothing is."""
        found = self.space.find(*wanted)
        if found is None:
            return None
        out: list[pydmn.Formula] = []
        for name, choice in (("diagnoses", self._diagnoses), ("beside", self._beside)):
            there = set(found[name])
            out += [
                -at
                for value, at in zip(choice.values, choice.formulas, strict=True)
                if value not in there
            ]
        for name, choice in (("beside", self._beside), ("diagnoses", self._diagnoses)):
            for value, at in zip(choice.values, choice.formulas, strict=True):
                if value in found[name]:
                    fewer = self.space.find(*wanted, *out, -at)
                    if fewer is not None:
                        found = fewer
                        out.append(-at)
        return found


def _born(day: date, age: int) -> date:
    """Return the birth date of who is `age` on a day: the first of a month, for 29 February."""
    month = day.replace(day=1)
    return month.replace(year=month.year - age)


class _Alike:
    """Values of each kind, one for all that are alike."""

    def __init__(
        self, policy: Policy, conditions: Sequence[pydmn.Condition], *, every_code: bool
    ) -> None:
        self._policy = policy
        self._conditions = conditions
        self._every_code = every_code
        # What a condition asks of an input tells its values apart as what a decision asks does.
        asked = {f"condition {number}": each for number, each in enumerate(conditions)}
        targets = [name for name in TARGETS if name in policy.model.names]
        self._outlook = policy.model.outlook(
            targets, policy.parameters, policy.facts, {**policy.open_when, **asked}
        )
        self._asked = set(self._outlook.inputs)
        self._texts = (*_texts(policy.model), *(each.text for each in conditions))
        self._named = frozenset(
            literal for text in self._texts for literal in _QUOTED.findall(text)
        )

    @cached_property
    def diagnoses(self) -> tuple[str, ...]:
        """Diagnosis codes."""
        return tuple(self._one_of_each(self._known_diagnoses(), self._diagnosis_class))

    def _known_diagnoses(self) -> Iterator[str]:
        named = _written(self._named, CodeSystem.ICD_10_CM)
        yield from named
        yield from EXAMPLES[CodeSystem.ICD_10_CM]
        if self._every_code:
            yield from codes.known(CodeSystem.ICD_10_CM)

    def _diagnosis_class(self, code: str) -> Hashable:
        new = is_new(code, self._policy.dates.last_review)
        told = {
            "new diagnoses": [code] if new else [],
            "diagnoses": [code],
            "invalid diagnoses": [code],
        }
        numbers: dict[str, int] = {}
        for name in self._outlook.inputs:
            if name in told:
                beside = numbers.get(self._outlook.beside.get(name, ""))
                numbers[name] = self._outlook.number(name, told[name], beside)
        return (*numbers.values(), new, codes.windows(CodeSystem.ICD_10_CM, code))

    @cached_property
    def procedures(self) -> tuple[Procedure, ...]:
        """Procedures."""
        return tuple(self._one_of_each(self._known_procedures(), self._procedure_class))

    def _known_procedures(self) -> Iterator[Procedure]:
        for system in PROCEDURE_SYSTEMS:
            for code in (*_written(self._named, system), *EXAMPLES[system]):
                yield Procedure(system, code)
        if self._every_code:
            for code in codes.known(CodeSystem.ICD_10_PCS):
                yield Procedure(CodeSystem.ICD_10_PCS, code)

    def _procedure_class(self, procedure: Procedure) -> Hashable:
        code, system = procedure.code, procedure.system
        numbers = [
            self._outlook.number(name, value)
            for name, value in (("procedure code", code), ("request procedures", [code]))
            if name in self._asked
        ]
        governed = [code in each.codes for each in self._policy.precedence]
        known: tuple[Any, ...] = ()
        if system is CodeSystem.ICD_10_PCS:
            known = codes.windows(system, code) or ("none",)
        named_system = system if "procedure system" in self._asked else None
        return (*numbers, *governed, known, named_system)

    @staticmethod
    def _one_of_each(values: Iterable[Any], class_of: Callable[[Any], Hashable]) -> list[Any]:
        found: dict[Hashable, Any] = {}
        for value in values:
            found.setdefault(class_of(value), value)
        return list(found.values())

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days on which something that the decisions are told changes, and one before."""
        policy = self._policy
        edges: set[date | None] = {policy.dates.effective_from, _after(policy.dates.effective_to)}
        edges |= {day for each in policy.adoption for day in (each.start, _after(each.end))}
        edges |= {day for each in policy.precedence for day in (each.start, _after(each.end))}
        for system, code in (
            *((CodeSystem.ICD_10_CM, code) for code in self.diagnoses),
            *((each.system, each.code) for each in self.procedures
              if each.system is CodeSystem.ICD_10_PCS),
        ):  # fmt: skip
            for window in codes.windows(system, code):
                edges |= {window.start, _after(window.end)}
        for text in self._texts:
            for written in map(_day, _WRITTEN_DAY.findall(text)):
                edges |= {written, _after(written)}
        days = sorted(edge for edge in edges if edge is not None)
        return (days[0] - timedelta(1), *days)

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """Plans: each name, line of business and state that anything distinguishes."""
        adopted, above = self._policy.adoption, self._policy.precedence
        names = {each.plan for each in adopted} | {each.plan for each in above if each.plan}
        names |= {each.plan for each in self._policy.chosen_by if each.plan}
        business = {each.line_of_business for each in adopted}
        states = {each.state for each in adopted if each.state}
        states |= {each.state for each in above if each.state}
        states |= {each.state for each in self._policy.chosen_by if each.state}
        return tuple(
            Plan(*each)
            for each in product(
                sorted({OTHER} | names | self._compared("plan")),
                sorted({OTHER} | business | self._compared("line of business")),
                (None, *sorted({"MO"} | states | self._compared("state"))),
            )
        )

    def _compared(self, name: str) -> set[str]:
        """Return the texts that are named where an input is read."""
        model = self._policy.model
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

    @cached_property
    def ages(self) -> tuple[int, ...]:
        """Years of age: each bound, and one on either side of it."""
        if AGE not in self._asked:
            return (40,)
        atoms = self._policy.model.atoms(AGE, self._policy.parameters, self._conditions)
        years = {int(atom // 1) for atom in atoms if isinstance(atom, Decimal)}
        years |= {year + 1 for year in years}
        return tuple(sorted(year for year in years if 0 <= year <= OLDEST)) or (40,)


def _after(day: date | None) -> date | None:
    return None if day is None else day + timedelta(1)


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


def request_json(request: Request) -> dict[str, Any]:
    """Return a request as JSON has it; see `medpolicy.record`."""
    plan, born = request.plan, request.birth_date
    return {
        "id": request.id,
        "service_date": request.service_date.isoformat(),
        **_dated("request_date", request.request_date),
        **_dated("processing_date", request.processing_date),
        **({} if born is None else {"member": {"birth_date": born.isoformat()}}),
        "plan": {
            "name": plan.name,
            "line_of_business": plan.line_of_business,
            **({} if plan.state is None else {"state": plan.state}),
        },
        "lines": [
            {
                "id": line.id,
                "procedure": {"system": line.procedure.system.value, "code": line.procedure.code},
                "diagnoses": list(line.diagnoses),
                "facts": dict(line.facts),
            }
            for line in request.lines
        ],
    }


def _dated(name: str, day: date | None) -> dict[str, str]:
    return {} if day is None else {name: day.isoformat()}
