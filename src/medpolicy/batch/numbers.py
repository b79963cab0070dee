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
from medpolicy.batch.coding import Coded, Codes, Remembered, combined, distinct, marked, numbered
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
        self._invalid = _ByDay(self._is_invalid, self._eras)
        self._new = Remembered(lambda code: is_new(code, policy.dates.last_review))
        self._status = _ByDay(self._procedure_status, self._eras)
        self._tell: Mapping[str, Callable[[_Told], Coded]] = {
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
            "procedure status": lambda told: self._on_day(
                told.lines.procedure, told.era_of_row, self._status
            ),
            "request procedures": self._request_procedures,
            "diagnoses": lambda told: self._of_list("diagnoses", told, told.diagnoses),
            "invalid diagnoses": self._invalid_diagnoses,
            "new diagnoses": self._new_diagnoses,
        }

    def columns(self, lines: Lines, facts: Mapping[str, Callable[[Any], int]]) -> list[Coded]:
        """Return the column of each input's numbers, in the order of the outlook's inputs.

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

    def _service_date(self, told: _Told) -> Coded:
        days = told.service
        lowest = int(days.min(initial=0))
        found = numbered(days - lowest, int(days.max(initial=0)) - lowest + 1)
        known = self._known["service date"]
        values = [known(date.fromordinal(day + EPOCH)) for day in days[found.rows].tolist()]
        return told.by_line(distinct(found.codes, values))

    def _age(self, told: _Told) -> Coded:
        born = told.lines.birth.numbers[told.lines.starts]
        there = told.lines.birth.there[told.lines.starts]
        years = np.where(there, np.maximum(ages(told.service, born), 0) + 1, 0)
        known, unknown = self._known[AGE], self._outlook.unknown(AGE)
        return told.by_line(
            marked(
                years,
                int(years.max(initial=0)) + 1,
                lambda year: known(year - 1) if year else unknown,
            )
        )

    def _in_force(self, told: _Told) -> Coded:
        known = self._known["in force"]
        return told.of_request(told.deciding, lambda day: known(self._policy.dates.in_force(day)))

    def _adoption(self, told: _Told) -> Coded:
        known, policy = self._known["adoption"], self._policy

        def number(plan: Any, business: Any, state: Any, day: date) -> int:
            if plan is None or business is None:
                return _NONE
            return known(policy.adoption_on(plan, business, state, day))

        columns = (told.plan, told.business, told.state, told.deciding)
        return told.by_line(combined(*columns).mapped(number, *columns))

    def _precedence(self, told: _Told) -> Coded:
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

    def _request_procedures(self, told: _Told) -> Coded:
        lines = told.lines
        values = [_code(each) for each in lines.procedure.values]
        within = Within(Coded(lines.procedure.codes, values), lines.group, len(lines.starts))
        return told.by_line(self._of_list("request procedures", told, within))

    def _invalid_diagnoses(self, told: _Told) -> Coded:
        within = told.diagnoses
        era = told.era_of_row.at(within.rows)
        found = self._on_day(within.members, era, self._invalid)
        return self._of_list("invalid diagnoses", told, within.only(found.are(1)))

    def _is_invalid(self, code: str | None, day: date) -> int:
        return 0 if code is None else is_invalid(code, day)

    def _on_day(self, column: Coded, era: Coded, of: _ByDay) -> Coded:
        """Return what `of` gives for values and days; most values are the same on all days."""
        matters = column.mapped(of.changes)
        at = Coded(np.where(matters.are(1), era.codes, 0), era.values)
        return combined(column, at).mapped(of.on, column, at)

    def _new_diagnoses(self, told: _Told) -> Coded:
        within = told.diagnoses
        found = within.members.mapped(lambda code: 0 if code is None else self._new(code))
        return self._of_list("new diagnoses", told, within.only(found.are(1)))

    def _of_list(self, name: str, told: _Told, within: Within) -> Coded:
        other = self._outlook.beside.get(name)
        return self._lists.numbers(name, within, None if other is None else told.numbers[other])


class _Told:
    """The columns of some lines, as far as they are worked out."""

    def __init__(self, lines: Lines, eras_: list[date], days: Codes) -> None:
        self.lines = lines
        self.numbers: dict[str, Coded] = {}
        self.service = lines.service.numbers[lines.starts]
        """The day of service of each request."""
        self.era_of_row = _eras_of(lines.service.numbers, eras_, days)
        self.deciding_of_row = (
            self.era_of_row
            if lines.deciding is lines.service.numbers
            else _eras_of(lines.deciding, eras_, days)
        )
        self.deciding = self.deciding_of_row.at(lines.starts)
        self.plan = lines.plan.at(lines.starts)
        self.business = lines.line_of_business.at(lines.starts)
        self.state = lines.state.at(lines.starts)
        self.diagnoses = Within(lines.diagnoses.members, lines.diagnoses.rows, len(lines.group))

    def of_request(self, column: Coded, of: Callable[[Any], int]) -> Coded:
        """Return for each line what `of` gives for a column of requests."""
        return self.by_line(column.mapped(of))

    def by_line(self, column: Coded) -> Coded:
        """Return a column of requests as one of lines."""
        return column if len(column) == len(self.lines.group) else column.at(self.lines.group)


class _ByDay:
    """A function of a value and a day to a number; it may change on the days of `eras` alone."""

    def __init__(self, of: Callable[[Any, date], int], eras_: list[date]) -> None:
        days = _before_and_on(eras_)
        self.on = Remembered(of)
        self.changes = Remembered(lambda value: len({of(value, day) for day in days}) > 1)
        """Whether the day matters for a value."""


def _before_and_on(eras_: list[date]) -> list[date]:
    """Return a day of each era: one before all of them, or the day it begins on."""
    return [eras_[0] - timedelta(1), *eras_]


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
        days.add(start)
        if end is not None and end < date.max:
            days.add(end + timedelta(1))
    return sorted(days)


def _eras_of(numbers: Codes, eras_: list[date], days: Codes) -> Coded:
    """Return days as a day of their era."""
    era = _by_day(numbers, lambda each: np.searchsorted(days, each, "right"))
    return Coded(era, _before_and_on(eras_))


def ages(service: Codes, born: Codes) -> Codes:
    """Return the completed years between days, as `Request.age` counts them."""
    apart = _by_day(service, _date_number) - _by_day(born, _date_number)
    years: Codes = apart >> _YEAR
    return years


_YEAR: Final = 9
"""So many bits hold a month and a day of the month."""


def _by_day(days: Codes, of: Callable[[Codes], Codes]) -> Codes:
    """Return what `of` gives for days; for all days between them, where that is less work."""
    first, last = int(days.min(initial=0)), int(days.max(initial=0))
    if last - first >= len(days):
        return of(days)
    return of(np.arange(first, last + 1)).take(days - first)


def _date_number(days: Codes) -> Codes:
    """Return year, month and day of the month as one number, which rises with the day."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month = months.astype(np.intp)
    day = (dates - months.astype("datetime64[D]")).astype(np.intp)
    found: Codes = (month // 12 << _YEAR) + month % 12 * 32 + day
    return found
