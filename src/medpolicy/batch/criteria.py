"""The criterion of lines by columns, from the rules hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

import pydmn
from medpolicy.batch.coding import Coded, Codes, distinct, numbered
from medpolicy.policy import DISPOSITION
from medpolicy.reasons import Reasons, in_all

Looks: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""The decisions looked at so far, with the rules hit whatever is unknown."""

Walked: TypeAlias = dict[Looks, tuple[str | None, str | None]]
"""The decision to look at next, and the criterion, after some looks."""


class Criteria:
    """The criterion of the outermost reason that has one.

    Which decisions' rules speak depends on the rules before: so a row goes from state to state,
    by the rules hit in the decision that its state looks at next, until its criterion is known.
    What is found goes into `walked`.
    """

    def __init__(
        self, reasons: Reasons, names: Sequence[str], outlook: pydmn.Outlook, walked: Walked
    ) -> None:
        self._reasons = reasons
        self._outlook = outlook
        self._walked = walked
        self.places = {
            name: place
            for name in names
            if outlook.has(name) and (place := outlook.places(name).sure) is not None
        }
        """Where each table has what the rules hit for certain can be told by."""
        self._names = list(self.places)
        self._certain: dict[int, tuple[str, ...]] = {}
        self._states: dict[Looks, int] = {}
        self._looks: list[Looks] = []
        self._next: list[int] = []
        """The decision that a state looks at next, by its place in `_names`; -1 for none."""
        self._criteria: list[str | None] = []

    def column(self, hits: Mapping[str, Codes], rows: int) -> Coded:
        """Return the criterion of each row, for the numbers of the rules hit in each table."""
        states = np.full(rows, self._state(()))
        moving = np.arange(rows)
        while True:
            at = np.array(self._next, np.intp).take(states[moving])
            if at.max(initial=-1) < 0:
                return distinct(states, self._criteria)
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
            self._state((*self._looks[state], (name, self._certainly(number))))
            for state, number in zip(
                states[each.rows].tolist(), column[each.rows].tolist(), strict=True
            )
        ]
        return np.array(following, np.intp).take(each.codes)

    def _certainly(self, number: int) -> tuple[str, ...]:
        """Return the rules that are hit whatever the unknown facts are."""
        found = self._certain.get(number)
        if found is None:
            found = self._certain[number] = in_all(self._outlook.hits(number))
        return found

    def _state(self, looks: Looks) -> int:
        found = self._states.get(looks)
        if found is None:
            step = self._walked.get(looks)
            if step is None:
                step = self._walked[looks] = self._step(dict(looks))
            name, criterion = step
            found = self._states[looks] = len(self._looks)
            self._looks.append(looks)
            self._next.append(-1 if name is None else self._names.index(name))
            self._criteria.append(criterion)
        return found

    def _step(self, looks: dict[str, tuple[str, ...]]) -> tuple[str | None, str | None]:
        try:
            return None, self._reasons.criterion(DISPOSITION, _Seen(self._outlook, looks))
        except _Unread as unread:
            return unread.name, None


class _Unread(Exception):
    """The walk through the reasons wants to know the rules hit in one more decision."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Seen(pydmn.Prospect):
    """The rules hit in some decisions."""

    def __init__(self, outlook: pydmn.Outlook, looks: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(outlook, {})
        self._looks = looks

    def hits(self, name: str) -> list[tuple[str, ...]]:
        """Return every set of rules that can be hit in the decision `name`."""
        if name not in self._looks:
            raise _Unread(name)
        return [self._looks[name]]
