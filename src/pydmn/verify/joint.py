"""What depends on several unknowns: each outcome with the set of worlds in which it is so.

Sets of worlds are integers (`pydmn.verify.space`), so that all worlds are joined at once. A
table joins the rules that its columns accept, column by column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar, final

from pydmn.run import Run
from pydmn.verify.course import Later, TableStep
from pydmn.verify.outcomes import Outcome, Row, State, Unknown
from pydmn.verify.rests import LaterGate, LaterTable, Reading, Rest, rows_of, union
from pydmn.verify.space import classes, space, worlds_of

T = TypeVar("T")

MOST_WORLDS: Final = 1 << 15
"""More worlds are for diagrams: a set of so many takes 4 kB."""


class TooManyWorlds(Exception):
    """The unknowns that work together have more worlds than sets are made for."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """What depends on several unknowns: each outcome with the worlds in which it is so."""

    outcomes: Mapping[Outcome, int]


NULL: Final = Outcome(None)


class Joint:
    """Works out what depends on several of the `unknowns`; raises `TooManyWorlds`."""

    def __init__(
        self, unknowns: Sequence[Unknown], rests: Sequence[tuple[str, Rest]], run: Run
    ) -> None:
        self._run = run
        self._row_sets: dict[Row[Any], dict[Any, int]] = {}
        self.spreads: dict[str, Spread] = {}
        rows: dict[str, dict[Row[Any], None]] = {}
        for _, rest in rests:
            for row in rows_of(rest):
                rows.setdefault(row.unknown, {})[row] = None
        self.unknowns = tuple(each for each in unknowns if each.key in rows)
        self._numbers = {each.key: number for number, each in enumerate(self.unknowns)}
        self.classes = tuple(classes(tuple(rows[each.key])) for each in self.unknowns)
        sizes = tuple(len(each.first) for each in self.classes)
        if worlds_of(sizes) > MOST_WORLDS:
            raise TooManyWorlds
        self.space = space(sizes)
        for key, rest in rests:
            self.spreads[key] = Spread(self._worked_out(rest))

    # --- one step ----------------------------------------------------------------------

    def _worked_out(self, rest: Rest) -> Mapping[Outcome, int]:
        if type(rest) is LaterTable:
            return self._table(rest)
        if type(rest) is Reading:
            return self._function(rest)
        assert type(rest) is LaterGate
        opened = self._varied(rest.holds).get(True, 0)
        found = {NULL: self.space.whole ^ opened}
        for outcome, worlds in self._sets(rest.atoms).items():
            found[outcome] = worlds & opened
        return {outcome: worlds for outcome, worlds in found.items() if worlds}

    def _function(self, reading: Reading) -> dict[Any, int]:
        found: dict[Any, int] = {}
        for outcomes, worlds in self._combined(reading.states):
            value = reading.function.at(outcomes)
            found[value] = found.get(value, 0) | worlds
        return found

    def _combined(
        self, states: Sequence[State | Later], within: int | None = None
    ) -> list[tuple[tuple[Outcome, ...], int]]:
        """Return what `states` can be together, with the worlds in which they are."""
        combined: list[tuple[tuple[Outcome, ...], int]]
        combined = [((), self.space.whole if within is None else within)]
        for state in states:
            sets = self._sets(state)
            self._run.charge(len(combined) * len(sets))
            combined = [
                ((*outcomes, outcome), both)
                for outcomes, worlds in combined
                for outcome, more in sets.items()
                if (both := worlds & more)
            ]
        return combined

    def _table(self, rest: LaterTable) -> dict[Outcome, int]:
        step = rest.step
        masks = {rest.rules: self.space.whole}
        for number, (asks, column) in enumerate(rest.columns):
            if any(rules & asks for rules in masks):
                later = union(each for each, _ in rest.columns[number + 1 :])
                masks = self._joined(step, masks, asks, self._varied(column), later)
        found: dict[Outcome, int] = {}
        for rules, worlds in masks.items():
            told = step.told(rules)
            for concluding, among in self._combined(rest.concluding, worlds):
                outcome = step.answer(told, concluding, partial(self._world, rest, among))
                found[outcome] = found.get(outcome, 0) | among
        return found

    def _joined(
        self,
        step: TableStep,
        masks: Mapping[int, int],
        asks: int,
        column: Mapping[int, int],
        later: int,
    ) -> dict[int, int]:
        """Return the rules that match in a column too; `later` are those still to be asked."""
        self._run.charge(len(masks) * len(column))
        found: dict[int, int] = {}
        for rules, worlds in masks.items():
            if not rules & asks:
                found[rules] = found.get(rules, 0) | worlds
                continue
            for accepted, among in column.items():
                both = worlds & among
                if both:
                    left = step.left(rules & accepted, later)
                    found[left] = found.get(left, 0) | both
        return found

    # --- what a step reads -------------------------------------------------------------

    def _varied(self, varied: Row[Any] | Reading) -> dict[Any, int]:
        if type(varied) is Reading:
            return self._function(varied)
        assert type(varied) is Row
        return self._row(varied)

    def _sets(self, state: State | Later) -> Mapping[Outcome, int]:
        if type(state) is Outcome:
            return {state: self.space.whole}
        if type(state) is Later:
            return self.spreads[state.key].outcomes
        assert type(state) is Row
        return self._row(state)

    def _row(self, row: Row[T]) -> dict[T, int]:
        """Return the worlds in which a row has each of its values."""
        found = self._row_sets.get(row)
        if found is None:
            found = self._row_sets[row] = {}
            number = self._numbers[row.unknown]
            first = self.classes[number].first
            for atom, worlds in zip(first, self.space.sets[number], strict=True):
                value = row.values[atom]
                found[value] = found.get(value, 0) | worlds
        return found

    def _world(self, rest: LaterTable, among: int) -> dict[str, Any]:
        """Return what a table requires in the first world of a set."""
        first = among & -among
        return {
            key: self._value(state, first)
            for key, state in zip(rest.step.requires, rest.requires, strict=True)
        }

    def _value(self, state: State | Later, world: int) -> Any:
        if type(state) is Row and state.unknown not in self._numbers:
            return state.values[0].value  # no column left asks for it
        return next(each.value for each, worlds in self._sets(state).items() if worlds & world)
