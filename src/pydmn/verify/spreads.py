"""What a graph of decisions can still answer where inputs are unknown, by sets of worlds.

Each unknown is looked at by itself first: what depends on it alone is a `Row`, an outcome for
each of its atoms, and mostly known from before. Atoms that nothing tells apart are then one
class, and what depends on several unknowns is worked out for sets of worlds of classes, by
`pydmn.verify.joint`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

from pydmn.run import Run
from pydmn.verify.course import Course, Gate, Later, PlainStep, TableStep
from pydmn.verify.joint import Joint, Spread
from pydmn.verify.outcomes import (
    Function,
    Outcome,
    Row,
    State,
    Unknown,
    gathered,
    keep,
    outcome_at,
)  # fmt: skip
from pydmn.verify.rests import LaterGate, LaterTable, Reading, Rest, union

T = TypeVar("T")

Answer: TypeAlias = Outcome | Row[Outcome] | Spread


class Spreads:
    """The answers of the steps of a course where some of its inputs are unknown.

    `certain` gives the outcome of a key that no unknown can reach, and of any key where all
    unknown inputs are null. Raises `TooManyWorlds`.
    """

    def __init__(
        self,
        course: Course,
        unknowns: Sequence[Unknown],
        certain: Callable[[str], Outcome],
        run: Run,
    ) -> None:
        self._certain = certain
        self._states: dict[str, State | Later] = {}
        self._certains: dict[str, Outcome] = {}
        self._rests: list[tuple[str, Rest]] = []
        gated = {place.key for place in course.places if type(place) is Gate}
        self._open = {each.key: each for each in unknowns}
        for each in unknowns:
            if each.key not in gated:
                self._states[each.key] = each.row
        if self._open:
            for place in course.places:
                self._place(place)
        self.joint = Joint(unknowns, self._rests, run) if self._rests else None

    def answer(self, key: str) -> Answer | None:
        """Return what the step `key` answers; None where no unknown changes what is certain."""
        found = self._states.get(key)
        if type(found) is Later:
            assert self.joint is not None
            return self.joint.spreads[key]
        return found

    # --- each unknown by itself --------------------------------------------------------

    def _state(self, key: str) -> State | Later:
        found = self._states.get(key) or self._certains.get(key)
        if found is None:
            found = self._certains[key] = self._certain(key)
        return found

    def _place(self, place: Gate | PlainStep | TableStep) -> None:
        states = self._states
        if type(place) is Gate:
            unknown = self._open.get(place.key)
            if unknown is not None:
                holds = _read(place.holds, tuple(map(self._state, place.holds.reads)))
                if holds is True:
                    states[place.key] = unknown.row
                elif holds is not False:
                    states[place.key] = place.later
                    self._rests.append((place.key, LaterGate(holds, unknown.row)))
        elif not states.keys().isdisjoint(place.requires):
            given = tuple(map(self._state, place.requires))
            found = place.known.get(given)
            if found is None:
                found = (
                    _table(place, given) if type(place) is TableStep else _read(place.answer, given)
                )
                keep(place.known, given, found)
            if type(found) is Row:
                states[place.key] = found
            elif type(found) is not Outcome:
                states[place.key] = place.later
                self._rests.append((place.key, found))
            elif found is not self._certain(place.key):
                states[place.key] = found


def _read(function: Function[T], states: Sequence[State | Later]) -> T | Row[T] | Reading:
    """Return what a function gives of what it reads, as far as one unknown is in it."""
    certain: list[Outcome] = []
    single: list[State] = []
    unknown = None
    for each in states:
        if type(each) is Later or (
            type(each) is Row and unknown is not None and each.unknown != unknown
        ):
            return Reading(function, tuple(states))
        single.append(each)
        if type(each) is Row:
            unknown = each.unknown
        else:
            certain.append(each)
    return function.at(tuple(certain)) if unknown is None else function.over(tuple(single))


def _table(step: TableStep, given: tuple[State | Later, ...]) -> State | LaterTable:
    """Return what a table answers, as far as one unknown is in it."""
    states = dict(zip(step.requires, given, strict=True))
    left = step.all_rules
    varied: list[tuple[int, Row[int] | Reading]] = []
    for column in step.columns:
        if left & column.asks:
            found = _read(column.accepts, [states[key] for key in column.accepts.reads])
            if isinstance(found, int):
                left &= found
            else:
                varied.append((column.asks, found))
    left = step.left(left, union(asks for asks, _ in varied))
    varied = [each for each in varied if left & each[0]]
    concluding = tuple(states[key] for key in step.concluding)
    rows: list[Row[int]] = []
    single: list[State] = []
    for _, found in varied:
        if type(found) is not Row:
            return LaterTable(step, left, tuple(varied), concluding, given)
        rows.append(found)
    for state in concluding:
        if type(state) is Later:
            return LaterTable(step, left, tuple(varied), concluding, given)
        single.append(state)
    varying: list[Row[Any]] = [*rows, *(each for each in single if type(each) is Row)]
    if len({each.unknown for each in varying}) > 1:
        return LaterTable(step, left, tuple(varied), concluding, given)
    outcomes = []
    for atom in range(len(varying[0].values) if varying else 1):
        rules = left
        for row in rows:
            rules &= row.values[atom]
        outcomes.append(
            step.answer(
                step.told(rules),
                tuple(outcome_at(each, atom) for each in single),
                partial(_world, states, atom),
            )
        )
    return gathered(varying[0].unknown, tuple(outcomes)) if varying else outcomes[0]


def _world(states: Mapping[str, State | Later], atom: int) -> dict[str, Any]:
    """Return what a step requires where the unknown that it depends on has an atom.

    What it does not depend on has any value.
    """
    return {key: _value(state, atom) for key, state in states.items()}


def _value(state: State | Later, atom: int) -> Any:
    if type(state) is Later:
        return None
    if type(state) is Row:
        return state.values[min(atom, len(state.values) - 1)].value
    return state.value
