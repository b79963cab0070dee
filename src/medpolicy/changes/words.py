"""Regions and cases in words, for people who do not read FEEL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pydmn
from medpolicy import codes
from medpolicy.alike import OTHER, Span
from medpolicy.asked import AGE
from medpolicy.changes.causes import Causes
from medpolicy.changes.outcome import CRITERIA, DISPOSITION, Outcome
from medpolicy.codes import CodeStatus, CodeSystem
from medpolicy.everything import Everything
from medpolicy.record import Procedure, Request

_SHOWN: Final = 8
"""So many values are listed, where nothing else is said."""


_CHOICES: Final = {
    "procedure code": "procedure",
    "procedure status": "procedure",
    "procedure system": "procedure",
    "request procedures": "procedure",
    "invalid diagnoses": "diagnoses",
    "new diagnoses": "diagnoses",
    "service date": "day",
}
"""The choices that inputs of the runtime come from."""
_TOLD_BY: Final = {
    "adoption": ("day", "plan", "line of business", "state"),
    "in force": ("day",),
    "precedence": ("day", "plan", "state", "procedure"),
}


class Words:
    """Says of what is chosen in a space what it means."""

    def __init__(self, everything: Everything) -> None:
        self.everything = everything
        self._space = everything.space

    # --- regions -----------------------------------------------------------------------

    def region(self, box: pydmn.Region, causes: Causes) -> tuple[str, ...]:
        """Return a region as phrases, all of which hold of its requests.

        Those come first that are about what `causes` read.
        """
        about = self._about(causes)
        phrases = [each for each in self._phrases(box) if each[1]]
        return tuple(phrase for _, phrase in sorted(phrases, key=lambda each: each[0] not in about))

    def _about(self, causes: Causes) -> set[str]:
        """Return the choices of which causes read directly."""
        read = {name for name in causes.inputs if name not in _TOLD_BY}
        read |= {choice for name in causes.inputs for choice in _TOLD_BY.get(name, ())}
        for policy in self.everything.policies:
            for decision, _ in causes.rules:
                if decision in policy.model.names:
                    read.update(policy.model.reads(decision))
        return {_CHOICES.get(name, name) for name in read}

    def _phrases(self, box: pydmn.Region) -> Iterator[tuple[str, str]]:
        """Yield phrases, each with the choice that it is about."""
        values = box.values
        for name in (DISPOSITION, CRITERIA):
            if name in values:
                yield name, f"{name.replace('_', ' ')}: {_or(map(_label, values[name]))}"
        for name in ("day", "deciding day"):
            if name in values:
                yield name, f"{_DAYS[name]} {self._days(name, values[name])}"
        for name in self.everything.facts:
            if name in values:
                yield name, f"{name}: {self._fact(name, values[name])}"
        if AGE in values:
            yield AGE, f"aged {self._numbers(AGE, values[AGE])}"
        yield from (("procedure", each) for each in self._procedures(box))
        yield from (("diagnoses", each) for each in self._diagnoses(box))
        for name in ("plan", "line of business", "state"):
            if name in values:
                yield name, f"{name}: {self._several(name, values[name])}"
        for name, (field, when) in _ANSWERED.items():
            if name in values:
                said = _or(map(_label, values[name]))
                answered = "answered" if field == DISPOSITION else "criteria"
                yield name, f"{answered} {when}: {said}"

    def _fact(self, name: str, values: Sequence[Any]) -> str:
        stated = [each for each in values if each is not None]
        words = []
        if stated and isinstance(stated[0], Decimal):
            words.append(self._numbers(name, stated))
        elif stated and isinstance(stated[0], bool):
            words += ["yes" if each else "no" for each in stated]
        elif stated:
            words.append(self._several(name, stated))
        if None in values:
            words.append("not asked for")
        return " or ".join(words)

    def _several(self, name: str, values: Sequence[Any]) -> str:
        """Return values as a list, or as what is left out where that is shorter."""
        every = [each for each in self._space.choices[name].values if each not in (*values,)]
        every = [each for each in every if each is not None or name == "state"]
        if 0 < len(every) < len(values) and (OTHER in values or len(values) > _SHOWN):
            return f"any but {_or(map(_label, every))}"
        return _or(map(_label, values))

    def _numbers(self, name: str, values: Iterable[Any]) -> str:
        spans = [self.everything.alike.span(name, each) or _point(each) for each in values]
        return _or(map(_span, _joined(spans, years=name == AGE)))

    def _days(self, name: str, values: Sequence[date]) -> str:
        return _or(
            f"from {start} on" if end is None else f"from {start} to {end}"
            for start, end in self._day_runs(name, values)
        )

    def _day_runs(self, name: str, values: Sequence[date]) -> list[tuple[date, date | None]]:
        """Return days as first and last ones; each stands for all until the next there is."""
        days = list(self._space.choices[name].values)
        ends = dict(zip(days, [each - timedelta(1) for each in days[1:]], strict=False))
        runs: list[tuple[date, date | None]] = []
        for day in sorted(values):
            end = ends.get(day)
            if runs and runs[-1][1] is not None and runs[-1][1] + timedelta(1) == day:
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((day, end))
        return runs

    def values(self, name: str, values: Sequence[Any]) -> list[Any]:
        """Return what values of a choice stand for, as JSON: codes, ranges as FEEL writes them."""
        alike = self.everything.alike
        if name in _DAYS:
            return [f"[{start}..{end or ''}]" for start, end in self._day_runs(name, values)]
        if name in ("procedure", "beside", "diagnoses"):
            return [*dict.fromkeys(code for each in values for code in self._listed(each))]
        plain = [each for each in values if alike.span(name, each) is None]
        spans = [span for each in values if (span := alike.span(name, each)) is not None]
        return [*map(_feel, _joined(spans, years=name == AGE)), *plain]

    # --- codes -------------------------------------------------------------------------

    def _procedures(self, box: pydmn.Region) -> Iterator[str]:
        alike = self.everything.alike
        listed = box.values.get("procedure")
        if listed is not None:
            others = [each for each in alike.procedures if each not in listed]
            if len(others) < len(listed):
                yield f"procedure: any but {self._codes(others)}"
            else:
                yield f"procedure: {self._codes(listed)}"
        if beside := box.there.get("beside"):
            yield f"with {self._codes(beside)} on the request"
        if beside := box.absent.get("beside"):
            yield f"without {self._codes(beside)} on the request"

    def _diagnoses(self, box: pydmn.Region) -> Iterator[str]:
        there, absent = box.there.get("diagnoses", ()), box.absent.get("diagnoses", ())
        if there:
            yield "diagnosis: " + " and ".join(self._codes([each]) for each in there)
        days = box.values.get("day", self._space.choices["day"].values)
        invalid = [each for each in absent if not _ever_valid(each, days)]
        named = [each for each in absent if each not in invalid]
        if named:
            yield f"no diagnosis {self._codes(named)}"
        if invalid:
            yield "no diagnosis that is not valid on the day"

    def _codes(self, values: Iterable[str | Procedure]) -> str:
        return _or(dict.fromkeys(code for each in values for code in self._listed(each)))

    def _listed(self, value: str | Procedure) -> list[str]:
        """Return the codes that one stands for, as far as a policy names them; else in words."""
        alike = self.everything.alike
        if not alike.is_named(_code(value)):
            return [_unnamed(value)]
        return [each for each in map(_code, alike.stood_for(value)) if alike.is_named(each)]

    # --- cases -------------------------------------------------------------------------

    def case(self, request: Request) -> str:
        """Return a request as a sentence that somebody at a desk can read."""
        line, *others = request.lines
        plan = request.plan
        state = "" if plan.state is None else f", {plan.state}"
        codes_ = ", ".join(line.diagnoses) or "no diagnosis"
        parts = [
            f"{line.procedure.system.value} {line.procedure.code} for {codes_}",
            f"on {request.service_date}",
            f"for a member of {request.age} years" if request.age is not None else "",
            f"by {plan.name} ({plan.line_of_business}{state})",
        ]
        if others:
            parts.append(f"with {', '.join(each.procedure.code for each in others)} on the request")
        facts = "; ".join(f"{name}: {_stated(value)}" for name, value in line.facts.items())
        asked = {"requested": request.request_date}
        parts += [f"{word} on {day}" for word, day in asked.items() if day is not None]
        return " ".join(part for part in parts if part) + (f"; {facts}" if facts else "") + "."


_ANSWERED: Final = {
    f"{side} {field}": (field, when)
    for side, when in (("old", "before"), ("new", "now"))
    for field in (DISPOSITION, CRITERIA)
}
"""What one of the versions answers, as regions are within it."""
_DAYS: Final = {"day": "service", "deciding day": "request or processing"}


def outcome(answered: Outcome) -> str:
    """Return an outcome in a phrase."""
    found = [answered.disposition or "no disposition"]
    if answered.missing:
        found.append(f"asks for {', '.join(sorted(answered.missing))}")
    found.append(answered.criteria_result)
    if answered.governed_by is not None:
        found.append(f"governed by {answered.governed_by}")
    if answered.flags:
        found.append(f"flags {', '.join(sorted(answered.flags))}")
    return "; ".join(found)


def _code(value: str | Procedure) -> str:
    return value.code if isinstance(value, Procedure) else value


def _unnamed(value: str | Procedure) -> str:
    """Return what an example of codes that no policy names stands for."""
    if isinstance(value, Procedure):
        return f"any other {value.system.value} code"
    windows = codes.windows(CodeSystem.ICD_10_CM, value)
    return "any other code" if windows else "a code that is none"


def _ever_valid(code: str, days: Iterable[date]) -> bool:
    return any(codes.status(CodeSystem.ICD_10_CM, code, day) is CodeStatus.VALID for day in days)


def _label(value: Any) -> str:
    if value is None:
        return "none"
    return "any other" if value == OTHER else str(value)


def _stated(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _or(words: Iterable[str]) -> str:
    listed = list(words)
    return " or ".join((", ".join(listed[:-1]), listed[-1])) if len(listed) > 1 else "".join(listed)


def _point(value: Any) -> Span:
    return Span(Decimal(value), Decimal(value))


def _joined(spans: Sequence[Span], *, years: bool) -> list[Span]:
    """Return spans in order, those that touch as one; years, which are whole, touch the next."""
    found: list[Span] = []
    for span in sorted(
        spans, key=lambda each: (each.low is not None, each.low or 0, not each.low_included)
    ):
        last = found[-1] if found else None
        if last is not None and _touch(last, span, years=years):
            found[-1] = Span(last.low, span.high, last.low_included, span.high_included)
        else:
            found.append(span)
    return found


def _touch(one: Span, other: Span, *, years: bool) -> bool:
    if one.high is None or other.low is None:
        return False
    if one.high == other.low:
        return one.high_included or other.low_included
    return years and one.high_included and other.low_included and other.low - one.high == 1


def _span(span: Span) -> str:
    low = None if span.low is None else _stated(span.low)
    high = None if span.high is None else _stated(span.high)
    if low is None and high is None:
        return "any number"
    if low == high:
        return str(low)
    if high is None:
        return f"{low} or more" if span.low_included else f"more than {low}"
    if low is None:
        return f"{high} or less" if span.high_included else f"under {high}"
    start = f"{low}" if span.low_included else f"more than {low}"
    return f"{start} to {high}" if span.high_included else f"{start} to under {high}"


def _feel(span: Span) -> str:
    """Return numbers as a FEEL test of them."""
    low = None if span.low is None else _stated(span.low)
    high = None if span.high is None else _stated(span.high)
    if low is None and high is None:
        return "-"
    if high is None:
        return f">= {low}" if span.low_included else f"> {low}"
    if low is None:
        return f"<= {high}" if span.high_included else f"< {high}"
    return f"{'[' if span.low_included else '('}{low}..{high}{']' if span.high_included else ')'}"
