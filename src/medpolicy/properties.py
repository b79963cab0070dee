"""What is always so of a policy: properties, stated in `properties.toml`, and proved.

A property is a FEEL condition on the policy's inputs and decisions that holds for every request
there can be (`medpolicy.everything`), whatever is left open in it:

    [[property]]
    id = "no-denial"
    says = "Nothing is ever denied."
    holds = 'Disposition.disposition != "DENY"'

`when` restricts it to the requests of which that is true. A property of two requests says what
leaving out one fact, whichever it is, never does:

    [[property]]
    id = "less-is-no-more"
    says = "Leaving out a fact never turns a review into an approval."
    without_a_fact_never = { from = '...', to = '...' }

A verdict is PROVED, or COUNTEREXAMPLE with a request that has been asked of the engine itself, or
NOT DECIDED with the place that stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pydmn
from medpolicy.asked import runtime_inputs
from medpolicy.everything import Everything
from medpolicy.keys import Keys, read_toml
from medpolicy.policy import TARGETS, Policy
from medpolicy.problems import Problem
from medpolicy.record import Request

FILE: Final = "properties.toml"


@dataclass(frozen=True, slots=True)
class Property:
    """What is always so: `holds` where `when` is true; or, without a fact, never `to` for `from_`.

    Conditions are FEEL, parsed. `says` is the property in words.
    """

    id: str
    says: str
    when: pydmn.Condition | None = None
    holds: pydmn.Condition | None = None
    from_: pydmn.Condition | None = None
    to: pydmn.Condition | None = None

    @property
    def conditions(self) -> tuple[pydmn.Condition, ...]:
        """Return the conditions that there are."""
        every = (self.when, self.holds, self.from_, self.to)
        return tuple(each for each in every if each is not None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A property's verdict: the request that breaks it, or why there is none to say."""

    property: Property
    verdict: pydmn.Verdict
    witness: Request | None = None
    without: str | None = None
    """The fact that was left out of the witness, for a property of two requests."""
    why: str | None = None


# --- the file --------------------------------------------------------------------------


def read_properties(folder: Path, policy: Policy) -> tuple[tuple[Property, ...], list[Problem]]:
    """Return the properties of the policy in `folder`, and what is wrong with them.

    A policy without the file has none.
    """
    path = folder / FILE
    problems: list[Problem] = []
    if not path.exists() and not path.is_symlink():
        return (), problems
    try:
        data = read_toml(path.read_bytes(), FILE, problems)
    except OSError as error:
        return (), [Problem(FILE, f"the file cannot be read: {error.strerror}")]
    if data is None:
        return (), problems
    keys = Keys(data, FILE, problems)
    found = [_Reader(policy, problems).property(each) for each in keys.tables("property")]
    keys.finish()
    properties = tuple(each for each in found if each is not None)
    seen: set[str] = set()
    for each in properties:
        if each.id in seen:
            problems.append(Problem(f"{FILE}, {each.id}", "two properties have this id"))
        seen.add(each.id)
    return properties, problems


class _Reader:
    """Reads properties, and collects what is wrong with them."""

    def __init__(self, policy: Policy, problems: list[Problem]) -> None:
        self._policy = policy
        self._problems = problems

    def property(self, keys: Keys) -> Property | None:
        before = len(self._problems)
        id_, says = keys.text("id"), keys.text("says")
        where = f"{FILE}, {id_ or 'a property'}"
        texts = {name: keys.text(name, required=False) for name in ("when", "holds")}
        pair = keys.table("without_a_fact_never", required=False)
        ends = {name: pair.text(name, required=False) for name in ("from", "to")}
        pair.finish()
        keys.finish()
        of_two = any(ends.values())
        if of_two and (not all(ends.values()) or any(texts.values())):
            message = "a property of two requests has `from` and `to`, and nothing else"
            self._problems.append(Problem(where, message))
        if not of_two and texts["holds"] is None:
            message = "says nothing that holds"
            help_ = "give it `holds`, or `without_a_fact_never` with `from` and `to`"
            self._problems.append(Problem(where, message, help_))
        read = {
            name: self._condition(f"{where}, {name}", text)
            for name, text in (*texts.items(), *ends.items())
            if text is not None
        }
        if len(self._problems) > before or id_ is None or says is None:
            return None
        return Property(
            id_, says, read.get("when"), read.get("holds"), read.get("from"), read.get("to")
        )

    def _condition(self, where: str, text: str) -> pydmn.Condition | None:
        try:
            condition = self._policy.model.condition(text)
        except pydmn.PydmnError as error:
            self._problems.append(Problem(where, error.message))
            return None
        for found in condition.diagnostics:
            self._problems.append(Problem(where, found.message, found.help))
        return condition


# --- the proof -------------------------------------------------------------------------


def prove(
    policy: Policy,
    properties: Iterable[Property],
    *,
    every_code: bool = True,
    space: pydmn.Space | None = None,
) -> Iterator[Judgement]:
    """Yield the verdict of each property.

    Without `every_code` the codes are those that the policy names, and examples of others: a
    counterexample is one all the same, and what is proved is proved of these. `space` is an empty
    one with another solver or budget.
    """
    properties = tuple(properties)
    # One property that values cannot tell apart is no reason to leave the others undecided.
    endless: dict[str, str] = {}
    try:
        try:
            everything = _everything(policy, properties, every_code, space)
        except _CANNOT:
            endless = {each.id: why for each in properties if (why := _endless(policy, each))}
            others = [each for each in properties if each.id not in endless]
            everything = _everything(policy, others, every_code, space)
    except _CANNOT as error:
        for each in properties:
            why = endless.get(each.id, error.message)
            yield Judgement(each, pydmn.Verdict.NOT_DECIDED, why=why)
        return
    for each in properties:
        if each.id in endless:
            yield Judgement(each, pydmn.Verdict.NOT_DECIDED, why=endless[each.id])
            continue
        try:
            yield _Proof(everything, each).judgement()
        except pydmn.NotDecided as error:
            yield Judgement(each, pydmn.Verdict.NOT_DECIDED, why=error.message)
        except pydmn.Spent:
            why = "the solver's budget is spent"
            yield Judgement(each, pydmn.Verdict.NOT_DECIDED, why=why)
        except pydmn.LimitExceeded as error:
            yield Judgement(each, pydmn.Verdict.NOT_DECIDED, why=error.message)


_CANNOT: Final = (pydmn.NotDecided, pydmn.NotFinite, pydmn.LimitExceeded)


def _everything(
    policy: Policy,
    properties: Iterable[Property],
    every_code: bool,
    space: pydmn.Space | None,
) -> Everything:
    conditions = [condition for each in properties for condition in each.conditions]
    return Everything(policy, conditions, every_code=every_code, space=space)


def _endless(policy: Policy, property_: Property) -> str | None:
    """Return why a property cannot be asked by the values that its conditions tell apart."""
    asked = {f"condition {number}": each for number, each in enumerate(property_.conditions, 1)}
    targets = [name for name in TARGETS if name in policy.model.names]
    try:
        policy.model.outlook(
            targets, policy.parameters, policy.facts, {**policy.open_when, **asked}
        )
        for fact in policy.facts:
            policy.model.atoms(fact, policy.parameters, property_.conditions)
    except _CANNOT as error:
        return error.message
    return None


class _Proof:
    """One property against everything."""

    def __init__(self, everything: Everything, property_: Property) -> None:
        self._everything = everything
        self._property = property_
        self._policy = everything.policy

    def judgement(self) -> Judgement:
        """Return the verdict. Raises `NotDecided`, `Spent`, `LimitExceeded`."""
        return self._of_one() if self._property.holds is not None else self._of_two()

    def _of_one(self) -> Judgement:
        asked, world = self._property, self._everything.world
        assert asked.holds is not None
        wanted = [-world.holds(asked.holds)]
        if asked.when is not None:
            wanted.append(world.holds(asked.when))
        found = self._everything.smallest(*wanted)
        if found is None:
            spoken_of = asked.when is None or self._everything.space.find(*wanted[1:])
            why = None if spoken_of else "there is no request of which `when` is true"
            return Judgement(asked, pydmn.Verdict.PROVED, why=why)
        request = self._everything.request(found)
        inputs = self._inputs(request)
        broken = self._is(asked.holds, inputs) is not True and (
            asked.when is None or self._is(asked.when, inputs) is True
        )
        return self._replayed(request, broken, None)

    def _of_two(self) -> Judgement:
        asked, everything = self._property, self._everything
        assert asked.from_ is not None
        assert asked.to is not None
        whole = everything.world
        if found := everything.smallest(whole.holds(asked.from_), whole.holds(asked.to)):
            # A request of which both are true: whatever is left out, the second stays possible.
            request = everything.request(found)
            inputs = self._inputs(request)
            both = self._is(asked.from_, inputs) is True and self._is(asked.to, inputs) is True
            return self._replayed(request, both, None)
        for fact in self._policy.facts:
            closed, world = everything.without(fact)
            found = everything.smallest(closed, whole.holds(asked.from_), world.holds(asked.to))
            if found is not None:
                request = everything.request(found)
                inputs = self._inputs(request)
                less = {name: value for name, value in inputs.items() if name != fact}
                turned = self._is(asked.from_, inputs) is True and self._is(asked.to, less) is True
                return self._replayed(request, turned, fact)
        return Judgement(asked, pydmn.Verdict.PROVED)

    def _replayed(self, request: Request, confirmed: bool, without: str | None) -> Judgement:
        if confirmed:
            return Judgement(self._property, pydmn.Verdict.COUNTEREXAMPLE, request, without)
        why = "the solver found a request that the engine answers otherwise"
        return Judgement(self._property, pydmn.Verdict.NOT_DECIDED, why=why)

    def _inputs(self, request: Request) -> Mapping[str, Any]:
        """Return the inputs of a request's first line by name, facts that are not stated null."""
        policy, line = self._policy, request.lines[0]
        told = runtime_inputs(policy, request, line)
        return {**told, **policy.parameters, **line.facts}

    def _is(self, condition: pydmn.Condition, inputs: Mapping[str, Any]) -> bool | None:
        return self._policy.model.holds(condition, inputs)
