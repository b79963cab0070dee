"""The facts of a request, read from JSON and checked.

A fact that is absent or null is unknown: it is not in `Line.facts`, and nothing else in this
package gives it a value. Everything wrong with a request is said at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

import pydmn
from medpolicy import codes
from medpolicy.codes import CodeFormError, CodeSystem
from medpolicy.problems import Problem, RequestError, did_you_mean, shown

PROCEDURE_SYSTEMS: Final = (CodeSystem.CPT, CodeSystem.HCPCS, CodeSystem.ICD_10_PCS)

# A decision's numbers are decimals of 34 digits (DMN 1.5, 10.3.2.3.1).
MAX_DIGITS: Final = 34
MAX_EXPONENT: Final = 6144


@dataclass(frozen=True, slots=True)
class FactType:
    """What a fact of a policy may be: a boolean, a number, or a string.

    `allowed` lists its values where they are a list; `allowed_text` is what the author wrote,
    in FEEL.
    """

    name: str
    type: str
    question: str | None = None
    allowed: tuple[Any, ...] | None = None
    allowed_text: str | None = None

    def accepts(self, value: Any) -> bool:
        """Say whether `value`, of the fact's type, is among the values allowed."""
        if self.allowed is not None:
            return value in self.allowed
        return self.allowed_text is None or pydmn.unary_tests(self.allowed_text, value)


@dataclass(frozen=True, slots=True)
class Plan:
    """The health plan that is asked; `state` is a postal abbreviation."""

    name: str
    line_of_business: str
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure code in its canonical form."""

    system: CodeSystem
    code: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a request: what is to be done, why, and the facts that are known."""

    id: str
    procedure: Procedure
    diagnoses: tuple[str, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A request to determine."""

    id: str
    service_date: date
    plan: Plan
    lines: tuple[Line, ...]
    request_date: date | None = None
    birth_date: date | None = None
    processing_date: date | None = None

    @property
    def age(self) -> int | None:
        """Completed years on the service date; None without a birth date.

        Born on 29 February, a person is a year older on 1 March where there is no such day.
        """
        if self.birth_date is None:
            return None
        day, born = self.service_date, self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    @property
    def procedures(self) -> tuple[str, ...]:
        """The procedure codes of all lines, each once, in order."""
        return tuple(dict.fromkeys(line.procedure.code for line in self.lines))


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """The facts that a request may state; `elsewhere` says of others where they belong."""

    facts: Mapping[str, FactType]
    elsewhere: Mapping[str, str] = field(default_factory=dict)


FactsFor: TypeAlias = Callable[[Request | None], KnownFacts]
"""What a request may state, by its dates and its plan: asked with the request before its lines
are read, or with None where these cannot be read. Raises `RequestError`."""


def read_request(data: Any, facts: Mapping[str, FactType]) -> Request:
    """Return the request in `data`, parsed JSON. Raises `RequestError` with every problem."""
    return read_request_for(data, lambda _: KnownFacts(facts))


def read_request_for(data: Any, facts_for: FactsFor) -> Request:
    """Return the request in `data`, where it decides itself which facts it may state.

    Raises `RequestError` with every problem, those of `facts_for` among them.
    """
    reader = _Reader(facts_for)
    request = reader.request(data)
    if reader.problems or request is None:
        raise RequestError(reader.problems)
    return request


def _no_facts(_: Request | None) -> KnownFacts:
    return KnownFacts({})


def read_fact(fact: FactType, value: Any) -> Any:
    """Return what a request states with `value`, not null, as its fact; raises `RequestError`."""
    reader = _Reader(_no_facts, KnownFacts({fact.name: fact}))
    stated = reader.stated("facts", {fact.name: value})
    if reader.problems:
        raise RequestError(reader.problems)
    return stated[fact.name]


def read_date(text: Any) -> date | None:
    """Return the day that a request writes as `text`; None where it is none."""
    reader = _Reader(_no_facts)
    return reader.day("", text)


def is_state(text: str) -> bool:
    """Say whether a text is a state in a request."""
    return _STATE.fullmatch(text) is not None


_FIELDS: Final = (
    "id", "service_date", "request_date", "processing_date", "member", "plan", "lines",
)  # fmt: skip
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STATE = re.compile(r"[A-Z]{2}")


class _Reader:
    """Reads a request and collects what is wrong with it."""

    def __init__(self, facts_for: FactsFor, known: KnownFacts | None = None) -> None:
        self._facts_for = facts_for
        self._known = known or KnownFacts({})
        self.problems: list[Problem] = []

    def _problem(self, where: str, message: str, help_: str | None = None) -> None:
        self.problems.append(Problem(where, message, help_))

    def request(self, data: Any) -> Request | None:
        fields = self._object("", data, _FIELDS, ("id", "service_date", "plan", "lines"))
        if fields is None:
            return None
        id_ = self._text("id", fields.get("id"))
        service_date = self.day("service_date", fields.get("service_date"))
        request_date = self.day("request_date", fields.get("request_date"))
        birth_date = self._member(fields.get("member"))
        processing_date = self.day("processing_date", fields.get("processing_date"))
        plan = self._plan(fields.get("plan"))
        if birth_date is not None and service_date is not None and birth_date > service_date:
            self._problem("member.birth_date", "is after `service_date`", "correct one of the two")
        if request_date and processing_date and processing_date < request_date:
            self._problem("processing_date", "is before `request_date`", "correct one of the two")
        request = None
        if id_ is not None and service_date is not None and plan is not None:
            dates = request_date, birth_date, processing_date
            request = Request(id_, service_date, plan, (), *dates)
        try:
            self._known = self._facts_for(request)
        except RequestError as error:
            self.problems += error.problems
            self._known = self._facts_for(None)
        lines = self._lines(fields.get("lines"))
        return None if request is None else replace(request, lines=lines)

    def _member(self, data: Any) -> date | None:
        if data is None:
            return None
        fields = self._object("member", data, ("birth_date",), ())
        if fields is None:
            return None
        return self.day("member.birth_date", fields.get("birth_date"))

    def _plan(self, data: Any) -> Plan | None:
        if data is None:
            return None
        known = ("name", "line_of_business", "state")
        fields = self._object("plan", data, known, ("name", "line_of_business"))
        if fields is None:
            return None
        name = self._text("plan.name", fields.get("name"))
        line_of_business = self._text("plan.line_of_business", fields.get("line_of_business"))
        state = fields.get("state")
        if state is not None and not (isinstance(state, str) and is_state(state)):
            self._problem("plan.state", "is no state", 'give two capital letters, such as "MO"')
            state = None
        if name is None or line_of_business is None:
            return None
        return Plan(name, line_of_business, state)

    def _lines(self, data: Any) -> tuple[Line, ...]:
        if data is None:
            return ()
        if not isinstance(data, list) or not data:
            self._problem("lines", "there is no line", "give a list of at least one line")
            return ()
        lines = [self._line(f"lines[{position}]", each) for position, each in enumerate(data)]
        first: dict[str, int] = {}
        for position, line in enumerate(lines):
            if line is not None and first.setdefault(line.id, position) != position:
                self._problem(
                    f"lines[{position}].id",
                    f"is the id of lines[{first[line.id]}] too",
                    "give each line an id of its own",
                )
        return tuple(line for line in lines if line is not None)

    def _line(self, where: str, data: Any) -> Line | None:
        known = ("id", "procedure", "diagnoses", "facts")
        fields = self._object(where, data, known, ("id", "procedure"))
        if fields is None:
            return None
        id_ = self._text(f"{where}.id", fields.get("id"))
        procedure = self._procedure(f"{where}.procedure", fields.get("procedure"))
        diagnoses = self._diagnoses(f"{where}.diagnoses", fields.get("diagnoses"))
        facts = self.stated(f"{where}.facts", fields.get("facts"))
        if id_ is None or procedure is None:
            return None
        return Line(id_, procedure, diagnoses, facts)

    def _procedure(self, where: str, data: Any) -> Procedure | None:
        if data is None:
            return None
        fields = self._object(where, data, ("system", "code"), ("system", "code"))
        if fields is None:
            return None
        system, code = fields.get("system"), fields.get("code")
        names = [each.value for each in PROCEDURE_SYSTEMS]
        if system is None or code is None:
            return None
        if system not in names:
            self._problem(
                f"{where}.system",
                "is no code system for procedures",
                did_you_mean(str(system), names),
            )
            return None
        normal = self._code(f"{where}.code", CodeSystem(system), code)
        return None if normal is None else Procedure(CodeSystem(system), normal)

    def _diagnoses(self, where: str, data: Any) -> tuple[str, ...]:
        if data is None:
            return ()
        if not isinstance(data, list):
            self._problem(where, "is no list", 'give a list of codes, such as ["I10"]')
            return ()
        found = [
            self._code(f"{where}[{position}]", CodeSystem.ICD_10_CM, each)
            for position, each in enumerate(data)
        ]
        return tuple(dict.fromkeys(code for code in found if code is not None))

    def _code(self, where: str, system: CodeSystem, data: Any) -> str | None:
        if data is None:
            self._problem(where, "there is no code")
            return None
        if not isinstance(data, str):
            self._problem(where, f"is no {system.value} code", "give it as a string")
            return None
        try:
            return codes.normalize(system, data)
        except CodeFormError as error:
            self._problem(where, str(error))
            return None

    def stated(self, where: str, data: Any) -> dict[str, Any]:
        """Return the facts stated; one that is null is not."""
        if data is None:
            return {}
        if not isinstance(data, Mapping):
            self._problem(where, "is no object", 'give {"name of the fact": value}')
            return {}
        stated = {}
        for name, value in data.items():
            fact = self._known.facts.get(name)
            if fact is None:
                elsewhere = self._known.elsewhere.get(name)
                self._problem(
                    where,
                    f"the policy knows no fact {shown(name)}",
                    elsewhere or did_you_mean(str(name), self._known.facts),
                )
            elif value is not None and self._fits(f"{where}.{name}", fact, value):
                stated[name] = number_of(value) if fact.type == "number" else value
        return stated

    def _fits(self, where: str, fact: FactType, value: Any) -> bool:
        """Say whether `value` is one that the fact may have, and report it if not."""
        match fact.type:
            case "boolean":
                if not isinstance(value, bool):
                    self._problem(where, "is neither true nor false", "give true, false or null")
                    return False
            case "number":
                value = number_of(value)
                if value is None:
                    help_ = f"give a JSON number, without quotes, of at most {MAX_DIGITS} digits"
                    self._problem(where, "is no number", help_)
                    return False
            case _:
                if not isinstance(value, str):
                    self._problem(where, "is no string", _known_values(fact))
                    return False
        if fact.accepts(value):
            return True
        near = did_you_mean(value, map(str, fact.allowed or ())) if isinstance(value, str) else None
        self._problem(where, "is no value that the policy knows", near or _known_values(fact))
        return False

    # --- pieces ------------------------------------------------------------------------

    def _object(
        self, where: str, data: Any, known: tuple[str, ...], required: tuple[str, ...]
    ) -> Mapping[str, Any] | None:
        if not isinstance(data, Mapping):
            self._problem(where or "the request", "is no JSON object")
            return None
        for name in data:
            if name not in known:
                self._problem(where, f"unknown field {shown(name)}", did_you_mean(str(name), known))
        for name in required:
            if data.get(name) is None:
                self._problem(where, f"the field `{name}` is missing", "every request needs it")
        return data

    def _text(self, where: str, data: Any) -> str | None:
        if data is None:
            return None
        if not isinstance(data, str) or not data.strip():
            self._problem(where, "is no text", "give a string that is not empty")
            return None
        return data

    def day(self, where: str, data: Any) -> date | None:
        """Return the day stated, or None."""
        if data is None:
            return None
        if isinstance(data, str) and _ISO_DATE.fullmatch(data):
            try:
                return date.fromisoformat(data)
            except ValueError:
                pass
        self._problem(where, "is no date", "give it as YYYY-MM-DD")
        return None


def number_of(value: Any) -> Decimal | None:
    """Return a number as a decimal, a float by its shortest text; None for any other value.

    A number that a decision would have to round, or cannot hold, is any other value here.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        return None
    return number if len(number.as_tuple().digits) <= MAX_DIGITS else None


def _known_values(fact: FactType) -> str | None:
    if fact.allowed is None:
        return f"allowed: {fact.allowed_text}" if fact.allowed_text else None
    listed = ", ".join(f"`{value}`" for value in fact.allowed[:8])
    return f"known: {listed}" + (", ..." if len(fact.allowed) > 8 else "")
