"""Good claim lines by columns: the numbers of their inputs, of their answers, their outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

import pydmn
from medpolicy.batch.coding import Codes, Remembered, numbered
from medpolicy.batch.numbers import Numbers
from medpolicy.batch.output import schema
from medpolicy.batch.reading import Lines
from medpolicy.determine import Decided, Policy
from medpolicy.determine import Lines as Kept
from medpolicy.policy import CRITERIA_RESULT, DISPOSITION, FLAGS
from medpolicy.problems import RequestError
from medpolicy.record import FactType, read_fact

_BAD: Final = -1

Column: TypeAlias = pa.ChunkedArray | tuple[Codes, list[Any]]
"""A column of the input, or codes and what they stand for."""


class Columnar:
    """The answers to lines by columns, as long as `kept` is what the policy keeps."""

    def __init__(self, policy: Policy, kept: Kept, read: Callable[[Any, FactType], Any]) -> None:
        self.kept = kept
        self._policy = policy
        self._outlook = outlook = kept.outlook
        self._read = read
        self._numbers = Numbers(policy, outlook)
        self._facts = {fact.name: _Fact(self._fact(fact)) for fact in policy.facts.values()}
        self._places: dict[str, int] = {
            name: outlook.places(name).value
            for name in (DISPOSITION, CRITERIA_RESULT, FLAGS)
            if name in policy.targets
        }
        self._criteria = _Criteria(policy, outlook)
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
            columns = [column[good] for column in columns]
            table = table.take(pa.array(good))
        if not len(good):
            return schema().empty_table()
        found = self._spread.answered(columns)
        hits = {name: found[place] for name, place in self._criteria.places.items()}
        made: dict[str, Column] = {
            "request_id": table["request_id"].cast(pa.string()),
            "line_id": table["line_id"].cast(pa.string()),
            "disposition": self._shown(
                found, DISPOSITION, lambda decided: decided.disposition.value
            ),
            "criteria_result": self._shown(
                found, CRITERIA_RESULT, lambda decided: decided.criteria_result
            ),
            "criterion": self._criteria.column(hits, len(good)),
            "missing": self._shown(
                found, DISPOSITION, lambda decided: [each.fact for each in decided.missing]
            ),
            "flags": self._shown(found, FLAGS, lambda decided: list(decided.flags)),
        }
        wanted = schema()
        return pa.table({field.name: _typed(made[field.name], field.type) for field in wanted})

    def _shown(
        self, found: Mapping[int, Codes], name: str, of: Callable[[Decided], Any]
    ) -> tuple[Codes, list[Any]]:
        """Return what `of` says of each row, where that hangs on the decision `name` alone."""
        place = self._places.get(name)
        if place is None:
            rows = len(next(iter(found.values())))
            return np.zeros(rows, np.intp), [
                of(Decided(self._policy, pydmn.Prospect(self._outlook, {})))
            ]
        column = found[place]
        each = numbered(column, int(column.max()) + 1)
        values = [
            of(Decided(self._policy, pydmn.Prospect(self._outlook, {place: number})))
            for number in column[each.rows].tolist()
        ]
        return each.codes, values


def _typed(column: Column, type_: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if isinstance(column, tuple):
        codes, values = column
        return pa.array(values, type_).take(pa.array(codes))
    return column


class _Fact(Remembered):
    """The number of what a column has for a fact, `_BAD` where a request may not state it."""

    def is_not_bad(self, value: Any) -> bool:
        """Say whether a request may state a value, or leave it open."""
        return self(value) != _BAD


class _Unread(Exception):
    """The walk through the reasons wants to know the rules hit in one more decision."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


_Looks: TypeAlias = tuple[tuple[str, int], ...]
"""The decisions looked at so far, with the numbers of the rules hit."""


class _Criteria:
    """The criterion of the outermost reason that has one, from the rules hit.

    Which decisions' rules speak depends on the rules before: so a row goes from state to state,
    by the rules hit in the decision that its state looks at next, until its criterion is known.
    """

    def __init__(self, policy: Policy, outlook: pydmn.Outlook) -> None:
        self._policy = policy
        self._outlook = outlook
        self.places = {
            name: place
            for name in policy.model.names
            if outlook.has(name) and (place := outlook.places(name).hits) is not None
        }
        """Where the rules hit in each table stand."""
        self._names = list(self.places)
        self._states: dict[_Looks, int] = {}
        self._looks: list[_Looks] = []
        self._next: list[int] = []
        """The decision that a state looks at next, by its place in `_names`; -1 for none."""
        self._criteria: list[str | None] = []

    def column(self, hits: Mapping[str, Codes], rows: int) -> tuple[Codes, list[str | None]]:
        """Return the criterion of each row, as codes and values."""
        states = np.full(rows, self._state(()))
        moving = np.arange(rows)
        while True:
            at = np.array(self._next, np.intp).take(states[moving])
            if at.max(initial=-1) < 0:
                return states, self._criteria
            moving, at = moving[at >= 0], at[at >= 0]
            for place in np.flatnonzero(np.bincount(at)).tolist():
                mine = moving if (at == place).all() else moving[at == place]
                name = self._names[place]
                states[mine] = self._moved(name, states[mine], hits[name][mine])

    def _moved(self, name: str, states: Codes, column: Codes) -> Codes:
        """Return the states that follow, for the numbers of the rules hit in `name`."""
        hit = numbered(column, int(column.max()) + 1)
        keys = states * len(hit.rows) + hit.codes
        each = numbered(keys, int(states.max() + 1) * len(hit.rows))
        following = [
            self._state((*self._looks[state], (name, number)))
            for state, number in zip(
                states[each.rows].tolist(), column[each.rows].tolist(), strict=True
            )
        ]
        return np.array(following, np.intp).take(each.codes)

    def _state(self, looks: _Looks) -> int:
        found = self._states.get(looks)
        if found is None:
            name: str | None = None
            criterion: str | None = None
            try:
                outcomes = _Seen(self._outlook, dict(looks))
                criterion = self._policy.reasons.criterion(DISPOSITION, outcomes)
            except _Unread as unread:
                name = unread.name
            found = self._states[looks] = len(self._looks)
            self._looks.append(looks)
            self._next.append(-1 if name is None else self._names.index(name))
            self._criteria.append(criterion)
        return found


class _Seen(pydmn.Prospect):
    """The rules hit in some decisions."""

    def __init__(self, outlook: pydmn.Outlook, numbers: dict[str, int]) -> None:
        super().__init__(outlook, {})
        self._rules_of = outlook
        self._numbers = numbers

    def hits(self, name: str) -> list[tuple[str, ...]]:
        """Return every set of rules that can be hit in the decision `name`."""
        if name not in self._numbers:
            raise _Unread(name)
        return self._rules_of.hits(self._numbers[name])
