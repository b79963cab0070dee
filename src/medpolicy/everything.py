"""Every request that policies can be asked, as choices: what properties are proved over.

A request's first line is the one spoken of. What is chosen: the service date, the plan, the
procedure, the diagnoses, the procedures of the request's other lines, the age, the facts. What the
runtime tells the decisions follows from that, as in `medpolicy.asked`. Values that neither the
decisions nor the runtime can tell apart are one choice (`medpolicy.alike`): days between two on
which anything changes, codes that the decisions treat alike and that are valid on the same days.

Several policies share one space: each reads of a request what it knows. The facts are those of
any of them, with the values that all that know a fact allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pydmn
from medpolicy import codes
from medpolicy.alike import Alike
from medpolicy.asked import AGE, STATUS, is_new
from medpolicy.codes import CodeStatus, CodeSystem
from medpolicy.policy import MODES, RUNTIME_INPUTS, DateOfRequest, Policy
from medpolicy.record import Line, Plan, Request


class Everything:
    """All that `policy` can be asked, as far as its decisions and `conditions` can tell it apart.

    The policies `beside` it are asked the same; `worlds` has the answers of each, the first's
    first. `every_code` takes all codes of the code tables; else they are those named, and examples.
    `since` is the first day by which a request may be answered, where that is not any.
    """

    def __init__(
        self,
        policy: Policy,
        conditions: Sequence[pydmn.Condition],
        *,
        every_code: bool,
        beside: Sequence[Policy] = (),
        since: date | None = None,
        space: pydmn.Space | None = None,
    ) -> None:
        self.policy = policy
        self.policies = (policy, *beside)
        self.space = space or pydmn.Space()
        self.alike = Alike(self.policies, conditions, every_code=every_code)
        self._chosen(since)
        self._stated = {name: self._fact(name) for name in self.facts}
        self._inputs = [self._inputs_of(each) for each in self.policies]
        self.worlds = tuple(
            self.space.world(each.model, inputs)
            for each, inputs in zip(self.policies, self._inputs, strict=True)
        )
        self._gates()

    @property
    def world(self) -> pydmn.World:
        """The answers of the first policy."""
        return self.worlds[0]

    # --- what is chosen ----------------------------------------------------------------

    def _chosen(self, since: date | None) -> None:
        space, alike = self.space, self.alike
        days: Sequence[date] = alike.days
        if since is not None and not self.policy.chosen_by:
            days = (since, *(day for day in days if day > since))
        self._days = space.choice("day", days)
        self._plans = space.choice("plan", alike.plans)
        self._business = space.choice("line of business", alike.lines_of_business)
        self._states = space.choice("state", alike.states)
        self._procedures = space.choice("procedure", alike.procedures)
        self._diagnoses = space.membership("diagnoses", alike.diagnoses)
        self._beside = space.membership("beside", alike.procedures)
        self._ages = space.choice(AGE, alike.ages)
        for day, on in zip(self._days.values, self._days.formulas, strict=True):
            for age, at in zip(self._ages.values, self._ages.formulas, strict=True):
                if self._when(day, age) is None:
                    space.require(-on, -at)
        self._deciding = self._deciding_days()
        if since is not None:
            rows = zip(self._deciding.values, self._deciding.formulas, strict=True)
            space.require(*(at for day, at in rows if day >= since))

    def _when(self, day: date, age: int) -> date | None:
        """Return the first day, of those that `day` stands for, on which somebody can be `age`.

        Nobody is born before the first year.
        """
        if day.year > age:
            return day
        born = date(age + 1, 1, 1)
        until = min((each for each in self._days.values if each > day), default=None)
        return born if until is None or born < until else None

    def _deciding_days(self) -> pydmn.Choice:
        """Return the days by which requests are answered: the service date, where none else is.

        All policies choose alike.
        """
        if not self.policy.chosen_by:
            return self._days
        deciding = self.space.choice("deciding day", self._days.values)
        for plan, of_plan in zip(self._plans.values, self._plans.formulas, strict=True):
            for state, of_state in zip(self._states.values, self._states.formulas, strict=True):
                rows = (
                    row.date for row in self.policy.chosen_by if row.fits(Plan(plan, "", state))
                )
                if next(rows, DateOfRequest.SERVICE) is DateOfRequest.SERVICE:
                    for on, decides in zip(self._days.formulas, deciding.formulas, strict=True):
                        self.space.require(-of_plan, -of_state, -on, decides)
        return deciding

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts of all policies."""
        return tuple(dict.fromkeys(name for policy in self.policies for name in policy.facts))

    def _fact(self, name: str) -> pydmn.Choice:
        # Null stands for a fact that nobody asks for: see `_gates`.
        gated = any(name in policy.open_when for policy in self.policies)
        return self.space.choice(name, (*self.alike.stated(name), *((None,) if gated else ())))

    # --- what the decisions are told ---------------------------------------------------

    def _inputs_of(self, policy: Policy) -> dict[str, pydmn.Symbol]:
        space = self.space
        declared = {each.name for each in policy.model.inputs}
        day, procedure, deciding = self._days, self._procedures, self._deciding
        plan, business, state = self._plans, self._business, self._states
        review = policy.dates.last_review
        tell: Mapping[str, Callable[[], pydmn.Symbol]] = {
            "service date": lambda: space.value(lambda on: on, day),
            AGE: lambda: space.value(lambda years: years, self._ages),
            "plan": lambda: space.value(lambda name: name, plan),
            "line of business": lambda: space.value(lambda line: line, business),
            "state": lambda: space.value(lambda name: name, state),
            "in force": lambda: space.value(policy.dates.in_force, deciding),
            "adoption": lambda: space.value(policy.adoption_on, plan, business, state, deciding),
            "precedence": lambda: self._precedence(policy),
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
            "new diagnoses": lambda: space.elements(
                (
                    self._diagnoses,
                    lambda code: space.always if is_new(code, review) else -space.always,
                )
            ),
        }  # fmt: skip
        assert tell.keys() == RUNTIME_INPUTS.keys()
        inputs = {name: told() for name, told in tell.items() if name in declared}
        for name, value in policy.parameters.items():
            inputs[name] = space.value(lambda: value)  # noqa: B023  read at once
        for name in policy.facts:
            inputs[name] = space.value(lambda value: value, self._stated[name])
        return inputs

    def _precedence(self, policy: Policy) -> pydmn.Symbol:
        if not policy.precedence:
            return self.space.value(lambda: None)
        # The codes that the same layers name are governed alike; one stands for them.
        layers = policy.precedence
        named = self.space.seen_as(
            self._procedures, lambda of: tuple(of.code in each.codes for each in layers)
        )
        example = {
            tuple(of.code in each.codes for each in layers): of.code
            for of in self._procedures.values
        }
        return self.space.value(
            lambda by, name, state, on: policy.governing(name, state, example[by], on),
            named,
            self._plans,
            self._states,
            self._deciding,
        )

    def _invalid(self, code: str) -> pydmn.Formula:
        """Return where a diagnosis is not valid on the day."""
        return self.space.any_of(
            at
            for on, at in zip(self._days.values, self._days.formulas, strict=True)
            if codes.status(CodeSystem.ICD_10_CM, code, on) is not CodeStatus.VALID
        )

    def _gates(self) -> None:
        """A fact may be null only where its condition does not raise it."""
        for policy, world in zip(self.policies, self.worlds, strict=True):
            for name in policy.facts:
                choice = self._stated[name]
                if None in choice.values:
                    condition = policy.open_when.get(name)
                    raised = self.space.always if condition is None else world.holds(condition)
                    self.space.require(-choice.formulas[-1], -raised)

    def without(self, fact: str, place: int = 0) -> tuple[pydmn.Formula, pydmn.World]:
        """Return where a fact that is stated is not asked for, and the world in which it is null.

        Elsewhere, leaving it out leaves the answer possible that it gave. `place` is that of the
        policy which reads it.
        """
        condition = self.policies[place].open_when.get(fact)
        if condition is None:
            return -self.space.always, self.worlds[place]
        null = {fact: self.space.value(lambda: None)}
        world = self.space.world(self.policies[place].model, {**self._inputs[place], **null})
        return -world.holds(condition), world

    def fixed(self, fact: str, place: int) -> pydmn.World:
        """Return the world in which a fact has the first of its values, for the policy there."""
        first = self._stated[fact].values[0]
        told = {fact: self.space.value(lambda: first)}
        return self.space.world(self.policies[place].model, {**self._inputs[place], **told})

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
        day = self._when(found["day"], found[AGE])
        assert day is not None
        plan = Plan(found["plan"], found["line of business"], found["state"])
        diagnoses = tuple(found["diagnoses"])
        facts = {name: value for name in self.facts if (value := found[name]) is not None}
        procedures = dict.fromkeys([found["procedure"], *found["beside"]])
        lines = tuple(
            Line(str(number), procedure, diagnoses, facts if number == 1 else {})
            for number, procedure in enumerate(procedures, 1)
        )
        deciding: date | None = found.get("deciding day")
        born = _born(day, found[AGE])
        return Request("witness", day, plan, lines, deciding, born, processing_date=deciding)

    def usual(self, policy: Policy) -> Iterator[pydmn.Formula]:
        """Yield what a request may as well have: a plan that reviews by a policy, one line, ..."""
        places = (
            (self._plans, [row.plan for row in policy.adoption if row.mode == MODES[0]][:1]),
            (self._business, [row.line_of_business for row in policy.adoption][:1]),
            (self._states, [None]),
        )
        for choice, values in places:
            for value, at in zip(choice.values, choice.formulas, strict=True):
                if value in values:
                    yield at
        yield from (-at for at in self._beside.formulas)
        yield from self._days.formulas

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
