"""Claim lines by columns: what each column says, and which requests it can be read of.

A row is *good* here where nothing can be wrong with it: every column has been looked at by its
different values, as `medpolicy.record` looks at a request. What is not good is not yet bad: its
request is read row by row, which says what is wrong with it, if anything is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy import codes
from medpolicy.batch.coding import Coded, Codes, Flags, coded, combined, distinct, is_text, whole
from medpolicy.batch.columns import OPTIONAL, REQUIRED
from medpolicy.codes import CodeFormError, CodeSystem
from medpolicy.policy import DateOfRequest, Policy
from medpolicy.record import PROCEDURE_SYSTEMS, Plan, is_state, read_date

EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST: Final = date.min.toordinal() - EPOCH
_LAST: Final = date.max.toordinal() - EPOCH

_SYSTEMS: Final = {each.value: each for each in PROCEDURE_SYSTEMS}


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """A column of days, counted from 1970-01-01.

    `raw` has a number for what stands there, whatever it means; a day that is not `there` is 0.
    """

    numbers: Codes
    there: Flags
    good: Flags
    raw: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """A column of lists: member `n` is `members.values[members.codes[n]]`, of row `rows[n]`."""

    members: Coded
    rows: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The columns of claim lines.

    `group` has the number of each row's request, `starts` the first row of each; `deciding` is
    the day by which the request is answered. `procedure` has the code system and the code in its
    printed form. Columns of the request are those of lines.
    """

    group: Codes
    starts: Codes
    service: Days
    deciding: Codes
    birth: Days
    plan: Coded
    line_of_business: Coded
    state: Coded
    procedure: Coded
    diagnoses: Listed
    facts: Mapping[str, Coded]
    good: Flags


def groups(ids: pa.ChunkedArray | pa.Array) -> tuple[Codes, Codes]:
    """Return the number of each row's request, and where each starts: where the id changes."""
    rows = len(ids)
    changed = np.ones(rows, np.bool_)
    if pa.types.is_null(ids.type):
        changed[1:] = False
    elif rows > 1:
        array = whole(ids)
        if pa.types.is_dictionary(array.type):
            numbers = coded(array).codes
            changed[1:] = numbers[1:] != numbers[:-1]
        else:
            differs = pc.not_equal(array[1:], array[:-1])
            changed[1:] = differs.fill_null(False).to_numpy(zero_copy_only=False)
            if array.null_count:
                null = array.is_null().to_numpy(zero_copy_only=False)
                changed[1:] |= null[1:] != null[:-1]
    return np.cumsum(changed) - 1, np.flatnonzero(changed)


def deciding_days(table: pa.Table, policy: Policy) -> tuple[Codes, Flags]:
    """Return the day by which each row's request is answered, and whether the row has one.

    See `Policy.deciding_day`.
    """
    days = [days_of(table, name) for name in _DECIDING]
    if not policy.chosen_by:
        return days[0].numbers, days[0].there & days[0].good
    plan, state = column_of(table, "plan"), column_of(table, "state")

    def chosen(name: str | None, of: str | None) -> int:
        plan_ = Plan(name or "", "", of)
        fitting = (row.date for row in policy.chosen_by if row.fits(plan_))
        return _DECIDING.index(next(fitting, DateOfRequest.SERVICE).field)

    found = combined(plan, state).mapped(chosen, plan, state)
    which = np.array(found.values).take(found.codes)
    numbers = np.choose(which, [each.numbers for each in days])
    return numbers, np.choose(which, [each.there & each.good for each in days])


_DECIDING: Final = tuple(each.field for each in DateOfRequest)


def column_of(table: pa.Table, name: str) -> Coded:
    """Return a column as codes; all is null where the table has none of the name."""
    if name in table.column_names:
        return coded(table[name])
    return Coded(np.zeros(table.num_rows, np.intp), [None])


def read_lines(
    table: pa.Table, group: Codes, policy: Policy, facts: Mapping[str, Callable[[Any], bool]]
) -> Lines:
    """Return the lines of a table whose columns have been checked.

    `group` has the number of each row's request, rising. `facts` say of each fact of the policy
    whether a value of its column is one that it may have; other facts may not be stated.
    """
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    group = np.cumsum(np.diff(group, prepend=-1) > 0) - 1
    service, birth = days_of(table, "service_date"), days_of(table, "birth_date")
    request, processing = days_of(table, "request_date"), days_of(table, "processing_date")
    deciding, decided = deciding_days(table, policy)
    plan, business = column_of(table, "plan"), column_of(table, "line_of_business")
    state, line = column_of(table, "state"), column_of(table, "line_id")
    procedure = procedures_of(column_of(table, "system"), column_of(table, "code"))
    diagnoses, unread = _diagnoses(table)

    good = is_text(table["request_id"]) & service.there & decided & ~unread
    for days in (service, birth, request, processing):
        good &= days.good
    good &= ~(birth.there & (birth.numbers > service.numbers))
    good &= ~(request.there & processing.there & (processing.numbers < request.numbers))
    for each in (line, plan, business):
        good &= _which(each, lambda text: text is not None and bool(text.strip()))
    good &= _which(state, lambda text: text is None or is_state(text))
    good &= _which(procedure, lambda each: each is not None)
    stated = {name: column_of(table, name) for name in facts}
    for name, may_have in facts.items():
        good &= _which(stated[name], may_have)
    for name in table.column_names:
        if name not in stated and name not in REQUIRED and name not in OPTIONAL:
            good &= whole(table[name]).is_null().to_numpy(zero_copy_only=False)
    within = group[1:] == group[:-1]
    columns = [plan.codes, business.codes, state.codes]
    columns += [days.raw for days in (service, birth, request, processing)]
    for raw in columns:
        good[1:] &= ~within | (raw[1:] == raw[:-1])
    good &= ~_twice(group, line)
    of_request = np.ones(len(starts), np.bool_)
    of_request[group[~good]] = False
    return Lines(
        group, starts, service, deciding, birth, plan, business, state, procedure, diagnoses,
        stated, of_request[group],
    )  # fmt: skip


def _which(column: Coded, holds: Callable[[Any], bool]) -> Flags:
    flags: Flags = np.array([holds(each) for each in column.values], np.bool_).take(column.codes)
    return flags


def _twice(group: Codes, line: Coded) -> Flags:
    """Say of each row whether another of its request has the same line id."""
    if not len(group):
        return np.empty(0, np.bool_)
    rising = line.codes[1:] > line.codes[:-1]
    if (rising | (group[1:] != group[:-1])).all():
        return np.zeros(len(group), np.bool_)
    requests = Coded(group, range(int(group[-1]) + 1))
    found = combined(requests, line)
    if len(found.rows) == len(group):
        return np.zeros(len(group), np.bool_)
    twice: Flags = np.bincount(found.codes)[found.codes] > 1
    return twice


def days_of(table: pa.Table, name: str) -> Days:
    """Return a column of dates, or of texts that write them; none is there without a column."""
    rows = table.num_rows
    if name not in table.column_names or pa.types.is_null(table.schema.field(name).type):
        zeros, none = np.zeros(rows, np.intp), np.zeros(rows, np.bool_)
        return Days(zeros, none, ~none, zeros)
    array = whole(table[name])
    if pa.types.is_date(array.type):
        there = array.is_valid().to_numpy(zero_copy_only=False)
        filled = array.cast(pa.date32(), safe=False).cast(pa.int32()).fill_null(0)
        numbers = filled.to_numpy(zero_copy_only=False).astype(np.intp)
        good = (numbers >= _FIRST) & (numbers <= _LAST)
        return Days(np.where(good, numbers, 0), there, good, np.where(there, numbers, _LAST + 1))
    texts = coded(array)
    days = [None if text is None else read_date(text) for text in texts.values]
    there = _which(texts, lambda text: text is not None)
    numbers = np.array([0 if day is None else day.toordinal() - EPOCH for day in days], np.intp)
    known = np.array([day is not None for day in days], np.bool_)
    return Days(numbers.take(texts.codes), there, known.take(texts.codes) | ~there, texts.codes)


def procedures_of(system: Coded, code: Coded) -> Coded:
    """Return code system and code, in its printed form; None where there is no such code."""
    found = combined(system, code)
    values = [
        _procedure(system.values[system.codes[row]], code.values[code.codes[row]])
        for row in found.rows
    ]
    return distinct(found.codes, values)


def _procedure(name: Any, code: Any) -> tuple[CodeSystem, str] | None:
    system = _SYSTEMS.get(name)
    if system is None or code is None:
        return None
    normal = _normal(system, code)
    return None if normal is None else (system, normal)


@lru_cache(1 << 17)
def _normal(system: CodeSystem, code: str) -> str | None:
    try:
        return codes.normalize(system, code)
    except CodeFormError:
        return None


def _diagnoses(table: pa.Table) -> tuple[Listed, Flags]:
    """Return the diagnoses in their printed form, and which rows have one that is no code."""
    rows = table.num_rows
    unread = np.zeros(rows, np.bool_)
    name = "diagnoses"
    if name not in table.column_names or pa.types.is_null(table.schema.field(name).type):
        return Listed(Coded(np.empty(0, np.intp), []), np.empty(0, np.intp)), unread
    array = whole(table[name])
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    texts = not (pa.types.is_list(array.type) or pa.types.is_large_list(array.type))
    if texts:
        array = pc.split_pattern(array.cast(pa.large_string()), ";")
    lengths = pc.list_value_length(array).fill_null(0).to_numpy(zero_copy_only=False)
    of_row = np.repeat(np.arange(rows), lengths)
    written = coded(array.flatten())
    found: list[str | None] = []
    blank: list[bool] = []
    for each in written.values:
        text = each.strip() if texts and each is not None else each
        blank.append(texts and text == "")
        found.append(None if text is None else _normal(CodeSystem.ICD_10_CM, text))
    members = distinct(written.codes, found)
    left_out = np.array(blank, np.bool_).take(written.codes)
    unread[of_row[_which(members, lambda code: code is None) & ~left_out]] = True
    if left_out.any():
        members, of_row = members.at(np.flatnonzero(~left_out)), of_row[~left_out]
    return Listed(members, of_row), unread
