"""Columns of claim lines to the numbers of a policy's inputs: `medpolicy.asked`, by columns.

Whatever hangs on the day hangs on which of some days it is past: the days on which the policy,
an adoption, a precedence layer or a code begins or ends. So days come as *eras*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

import pydmn
from medpolicy import codes
from medpolicy.asked import AGE, STATUS, is_invalid, is_new
from medpolicy.batch.coding import Coded, Codes, Remembered, combined, numbered
from medpolicy.batch.lists import Lists, Within
from medpolicy.batch.reading import EPOCH, Lines
from medpolicy.policy import Policy

_NONE: Final = 0
"""Stands where a row is not good; nobody reads it."""


class Numbers:
    """The numbers of one outlook's inputs, for the lines of one policy."""

    def __init__(self, policy: Policy, outlook: pydmn.Outlook) -> None:
        self._policy = policy
        self._outlook = outlook
        self._lists = Lists(outlook)
        self._known = {
            name: Remembered(lambda value, name=name: outlook.number(name, value))
            for name in outlook.inputs
            if name not in outlook.beside
        }
        self._eras = eras(policy)
        self._days = np.array([day.toordinal() - EPOCH for day in self._eras], np.intp)
        self._invalid = Remembered(is_invalid)
        self._new = Remembered(lambda code: is_new(code, policy.dates.last_review))
        self._status = Remembered(self._procedure_status)
        self._tell: Mapping[str, Callable[[_Told], Codes]] = {
            "service date": self._service_date,
            AGE: self._age,
            "plan": lambda told: told.of_request(told.plan, self._known["plan"]),
            "line of business": lambda told: told.of_request(
                told.business, self._known["line of business"]
            ),
            "state": lambda told: told.of_request(told.state, self._known["state"]),
            "in force": self._in_force,
            "adoption": self._adoption,
            "precedence": self._precedence,
            "procedure system": lambda told: told.lines.procedure.mapped(
                lambda each: self._known["procedure system"](_system(each))
            ),
            "procedure code": lambda told: told.lines.procedure.mapped(
                lambda each: self._known["procedure code"](_code(each))
            ),
            "procedure status": lambda told: combined(told.lines.procedure, told.era_of_row).mapped(
                self._status, told.lines.procedure, told.era_of_row
            ),
            "request procedures": self._request_procedures,
            "diagnoses": lambda told: self._of_list("diagnoses", told, told.diagnoses),
            "invalid diagnoses": self._invalid_diagnoses,
            "new diagnoses": self._new_diagnoses,
        }

    def columns(self, lines: Lines, facts: Mapping[str, Callable[[Any], int]]) -> list[Codes]:
        """Return a column for each input of the outlook, in its order.

        `facts` give the number of a value of a fact's column. Rows that are not good have any
        number.
        """
        told = _Told(lines, self._eras, self._days)
        for name in self._outlook.inputs:
            if name in self._tell:
                told.numbers[name] = self._tell[name](told)
            else:
                told.numbers[name] = lines.facts[name].mapped(facts[name])
        return list(told.numbers.values())

    def _service_date(self, told: _Told) -> Codes:
        days = told.service
        lowest = int(days.min(initial=0))
        found = numbered(days - lowest, int(days.max(initial=0)) - lowest + 1)
        known = self._known["service date"]
        values = [known(date.fromordinal(day + EPOCH)) for day in days[found.rows].tolist()]
        return np.array(values, np.intp).take(found.codes).take(told.lines.group)

    def _age(self, told: _Told) -> Codes:
        lines = told.lines
        born = lines.birth.numbers[lines.starts]
        there = lines.birth.there[lines.starts]
        years = np.where(there, np.maximum(ages(told.service, born), 0) + 1, 0)
        found = numbered(years, int(years.max(initial=0)) + 1)
        known = self._known[AGE]
        values = [
            known(year - 1) if year else self._outlook.unknown(AGE)
            for year in years[found.rows].tolist()
        ]
        return np.array(values, np.intp).take(found.codes).take(lines.group)

    def _in_force(self, told: _Told) -> Codes:
        known = self._known["in force"]
        return told.of_request(told.deciding, lambda day: known(self._policy.dates.in_force(day)))

    def _adoption(self, told: _Told) -> Codes:
        known, policy = self._known["adoption"], self._policy

        def number(plan: Any, business: Any, state: Any, day: date) -> int:
            if plan is None or business is None:
                return _NONE
            return known(policy.adoption_on(plan, business, state, day))

        columns = (told.plan, told.business, told.state, told.deciding)
        return combined(*columns).mapped(number, *columns).take(told.lines.group)

    def _precedence(self, told: _Told) -> Codes:
        """By the code, where a layer names it: for all other codes it is the same."""
        known, policy, lines = self._known["precedence"], self._policy, told.lines
        named = {code for layer in policy.precedence for code in layer.codes}
        layered = [
            code if (code := _code(each)) in named else "" for each in lines.procedure.values
        ]
        values = list(dict.fromkeys(layered))
        places = np.array([values.index(code) for code in layered], np.intp)
        code_of_row = Coded(places.take(lines.procedure.codes), values)

        def number(plan: Any, state: Any, code: str, day: date) -> int:
            return _NONE if plan is None else known(policy.governing(plan, state, code, day))

        columns = (lines.plan, lines.state, code_of_row, told.deciding_of_row)
        return combined(*columns).mapped(number, *columns)

    def _procedure_status(self, procedure: Any, day: date) -> int:
        if procedure is None:
            return _NONE
        return self._known["procedure status"](STATUS[codes.status(*procedure, day)])

    def _request_procedures(self, told: _Told) -> Codes:
        lines = told.lines
        values = [_code(each) for each in lines.procedure.values]
        within = Within(Coded(lines.procedure.codes, values), lines.group, len(lines.starts))
        return self._of_list("request procedures", told, within).take(lines.group)

    def _invalid_diagnoses(self, told: _Told) -> Codes:
        within = told.diagnoses
        era = told.era_of_row.at(within.rows)
        found = combined(within.members, era).mapped(self._is_invalid, within.members, era)
        return self._of_list("invalid diagnoses", told, within.only(found == 1))

    def _is_invalid(self, code: str | None, day: date) -> int:
        return 0 if code is None else self._invalid(code, day)

    def _new_diagnoses(self, told: _Told) -> Codes:
        within = told.diagnoses
        found = within.members.mapped(lambda code: 0 if code is None else self._new(code))
        return self._of_list("new diagnoses", told, within.only(found == 1))

    def _of_list(self, name: str, told: _Told, within: Within) -> Codes:
        other = self._outlook.beside.get(name)
        return self._lists.numbers(name, within, None if other is None else told.numbers[other])


class _Told:
    """The columns of some lines, as far as they are worked out."""

    def __init__(self, lines: Lines, eras_: list[date], days: Codes) -> None:
        self.lines = lines
        self.numbers: dict[str, Codes] = {}
        self.service = lines.service.numbers[lines.starts]
        """The day of service of each request."""
        self.era_of_row = _eras_of(lines.service.numbers, eras_, days)
        self.deciding_of_row = _eras_of(lines.deciding, eras_, days)
        self.deciding = self.deciding_of_row.at(lines.starts)
        self.plan = lines.plan.at(lines.starts)
        self.business = lines.line_of_business.at(lines.starts)
        self.state = lines.state.at(lines.starts)
        self.diagnoses = Within(lines.diagnoses.members, lines.diagnoses.rows, len(lines.group))

    def of_request(self, column: Coded, of: Callable[[Any], int]) -> Codes:
        """Return for each line what `of` gives for a column of requests."""
        return column.mapped(of).take(self.lines.group)


def _code(procedure: Any) -> str:
    return "" if procedure is None else procedure[1]


def _system(procedure: Any) -> str:
    return "" if procedure is None else procedure[0].value


def eras(policy: Policy) -> list[date]:
    """Return the days on which something begins or has ended that an answer may hang on."""
    dates = policy.dates
    windows = [(dates.effective_from, dates.effective_to)]
    windows += [(each.start, each.end) for each in policy.adoption]
    windows += [(each.start, each.end) for each in policy.precedence]
    days = set(codes.changes())
    for start, end in windows:
        if start > date.min:
            days.add(start)
        if end is not None and end < date.max:
            days.add(end + timedelta(1))
    return sorted(days)


def _eras_of(numbers: Codes, eras_: list[date], days: Codes) -> Coded:
    """Return days as a day of their era: of the one before all days, or the day it begins on."""
    return Coded(np.searchsorted(days, numbers, "right"), [eras_[0] - timedelta(1), *eras_])


def ages(service: Codes, born: Codes) -> Codes:
    """Return the completed years between days, as `Request.age` counts them."""
    on, of = service.astype("datetime64[D]"), born.astype("datetime64[D]")
    years = on.astype("datetime64[Y]").astype(np.intp) - of.astype("datetime64[Y]").astype(np.intp)
    before = _day_of_year(on) < _day_of_year(of)
    found: Codes = years - before
    return found


def _day_of_year(days: Any) -> Codes:
    """Return month and day of the month as one number."""
    months = days.astype("datetime64[M]")
    month = months.astype(np.intp) % 12
    day = (days - months.astype("datetime64[D]")).astype(np.intp)
    found: Codes = month * 32 + day
    return found
