"""Good claim lines by columns: the numbers of their inputs, of their answers, their outcome.

Lines that no rule can tell apart are answered once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

import pydmn
from medpolicy.batch.coding import (
    Coded,
    Codes,
    Remembered,
    arrow,
    combined,
    distinct,
    numbered,
)
from medpolicy.batch.criteria import Criteria, Walked
from medpolicy.batch.numbers import Numbers
from medpolicy.batch.output import schema
from medpolicy.batch.reading import Lines
from medpolicy.determine import Decided, Policy
from medpolicy.determine import Lines as Kept
from medpolicy.policy import CRITERIA_RESULT, DISPOSITION, FLAGS
from medpolicy.problems import RequestError
from medpolicy.record import FactType, read_fact

_BAD: Final = -1

Reading: TypeAlias = Callable[[Any, FactType], Any]
"""Gives the value that a column has for a fact."""


class Known:
    """What is worked out for the lines of one policy, as long as `kept` is what it keeps.

    Several threads may use it.
    """

    def __init__(self) -> None:
        self.said: dict[tuple[str, int], Any] = {}
        """What is said of a line, by the column of the output and the number of a decision."""
        self.walked: Walked = {}
        self.free: dict[Reading, list[Columnar]] = {}
        """Those that nobody uses."""


@contextmanager
def columnar(policy: Policy, kept: Kept, read: Reading) -> Iterator[Columnar]:
    """Give what answers lines by columns; nobody else uses it at the same time."""
    known: Known = kept.beside.setdefault(Known, Known())
    free = known.free.setdefault(read, [])
    try:
        found = free.pop()
    except IndexError:
        found = Columnar(policy, kept.outlook, read, known)
    yield found
    free.append(found)  # unless an error has left it half-way


class Columnar:
    """The answers to lines by columns; one thread at a time uses it."""

    def __init__(self, policy: Policy, outlook: pydmn.Outlook, read: Reading, known: Known) -> None:
        self._policy = policy
        self._outlook = outlook
        self._read = read
        self._known = known
        self._numbers = Numbers(policy, outlook)
        self._facts = {fact.name: _Fact(self._fact(fact)) for fact in policy.facts.values()}
        self._places: dict[str, int] = {
            name: outlook.places(name).value
            for name in (DISPOSITION, CRITERIA_RESULT, FLAGS)
            if name in policy.targets
        }
        self._criteria = Criteria(policy.reasons, policy.model.names, outlook, known.walked)
        self._spread = outlook.spread((*self._places.values(), *self._criteria.places.values()))

    @property
    def facts(self) -> Mapping[str, Callable[[Any], bool]]:
        """What says of each fact whether a value of its column is one that it may have."""
        return {name: known.is_not_bad for name, known in self._facts.items()}

    def _fact(self, fact: FactType) -> Callable[[Any], int]:
        """Return the number of what a column has for a fact, `_BAD` where it may not."""
        outlook = self._outlook
        needed = fact.name in outlook.inputs

        def number(value: Any) -> int:
            if value is None:
                return outlook.unknown(fact.name) if needed else 0
            try:
                stated = read_fact(fact, self._read(value, fact))
            except RequestError:
                return _BAD
            return outlook.number(fact.name, stated) if needed else 0

        return number

    def answers(self, table: pa.Table, lines: Lines) -> pa.Table:
        """Return the answers to the good lines of `table`, in their order.

        Raises `PolicyError`, as `Policy.determine` does.
        """
        columns = self._numbers.columns(lines, self._facts)
        good = np.flatnonzero(lines.good)
        if len(good) < len(lines.good):
            columns = [column.at(good) for column in columns]
            table = table.take(pa.array(good))
        if not len(good):
            return schema().empty_table()
        # Of a policy that asks for nothing, all lines are alike.
        alike = combined(*columns or [Coded(np.zeros(len(good), np.intp), [None])])
        asked = [np.array(each.values, np.intp).take(each.codes[alike.rows]) for each in columns]
        found = self._spread.answered(asked)
        hits = {name: found[place] for name, place in self._criteria.places.items()}
        made = {
            "disposition": self._said(
                found, DISPOSITION, "disposition", lambda decided: decided.disposition.value
            ),
            "criteria_result": self._said(
                found, CRITERIA_RESULT, "criteria_result", lambda decided: decided.criteria_result
            ),
            "criterion": self._criteria.column(hits, len(alike.rows)),
            "missing": self._said(
                found, DISPOSITION, "missing", lambda it: tuple([each.fact for each in it.missing])
            ),
            "flags": self._said(found, FLAGS, "flags", lambda decided: decided.flags),
        }
        columns_: list[pa.Array | pa.ChunkedArray] = []
        wanted = schema()
        for field in wanted:
            if field.name in made:
                columns_.append(arrow(made[field.name].at(alike.codes), field.type))
            else:
                columns_.append(table[field.name].cast(field.type))
        return pa.table(columns_, wanted)

    def _said(
        self, found: Mapping[int, Codes], name: str, what: str, of: Callable[[Decided], Any]
    ) -> Coded:
        """Return what `of` says of each row, where that hangs on the decision `name` alone."""
        place = self._places.get(name)
        if place is None:
            rows = len(next(iter(found.values())))
            nothing = Decided(self._policy, pydmn.Prospect(self._outlook, {}))
            return Coded(np.zeros(rows, np.intp), [of(nothing)])
        column = found[place]
        each = numbered(column, int(column.max()) + 1)
        said = self._known.said
        values: list[Any] = []
        for number in column[each.rows].tolist():
            if (what, number) not in said:
                prospect = pydmn.Prospect(self._outlook, {place: number})
                said[what, number] = of(Decided(self._policy, prospect))
            values.append(said[what, number])
        return distinct(each.codes, values)


class _Fact(Remembered):
    """The number of what a column has for a fact, `_BAD` where a request may not state it."""

    def is_not_bad(self, value: Any) -> bool:
        """Say whether a request may state a value, or leave it open."""
        return self(value) != _BAD
