"""Where a formula holds, as a small list of boxes: points that a solver widens.

A *box* says of some choices which values they may have, and of some members whether they are
there; all else is free. Put negatively it is a conjunction: none of the values left out, each
member there or not. So a point is widened by leaving parts of that conjunction out as long as
the formula cannot fail; and a proof that it cannot says which parts it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeAlias

from pydmn.errors import Spent
from pydmn.verify.graph.circuit import Circuit, Formula
from pydmn.verify.graph.proofs import Found, Solver
from pydmn.verify.graph.space import Choice, Membership

BOXES: Final = 1_000
"""So many boxes are looked for, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Region:
    """A box in a space, and what is chosen at a point of it.

    `values` are those that a choice may have, by its name; `there` and `absent` the members that
    a set must have and must not have. What is in none of the three is free. `share` is how many
    of all combinations lie in the box, were nothing required and no aspect a matter of choices: a
    part, and the whole. `formulas` all hold in the box, and nowhere else together.
    """

    values: Mapping[str, tuple[Any, ...]]
    there: Mapping[str, tuple[Any, ...]]
    absent: Mapping[str, tuple[Any, ...]]
    example: Mapping[str, Any]
    share: tuple[int, int]
    formulas: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Regions:
    """Boxes, the largest first, that together are where a formula holds.

    Where a budget was spent, `spent` says which: the formula holds in each box, and perhaps
    elsewhere too.
    """

    boxes: tuple[Region, ...]
    spent: str | None = None


def regions(
    circuit: Circuit,
    choices: Mapping[str, Choice | Membership],
    wanted: Iterable[Formula],
    solver: Solver,
    *,
    aspects: Iterable[Choice | Membership] = (),
    free: Sequence[str] = (),
    boxes: int = BOXES,
) -> Regions:
    """Return where all of `wanted` hold, in boxes of which none lies within the others.

    `solver` is a new one, whose budget is for all of this. The choices named in `free` are left
    free before others are, all choices before `aspects`, and of these the first before the last.
    Raises `KeyError` for one to be free that is not among `choices`, `ValueError` for an aspect
    with the name of another or of a choice.
    """
    spoken = {name: choices[name] for name in free} | {**choices}
    for aspect in aspects:
        if aspect.name in spoken:
            message = f"`{aspect.name}` is chosen already"
            raise ValueError(message)
        spoken[aspect.name] = aspect
    formula = circuit.all_of(wanted)
    return _Covering(circuit, spoken, solver, boxes).cover(formula)


_SHORT: Final = 4
"""A choice of so many values in order, or fewer, is widened value by value."""

_Parts: TypeAlias = dict[tuple[str, int], tuple[Formula, ...]]
"""What a box asks of each choice, and of each member of a set: at a point, one at most fails."""


class _Covering:
    def __init__(
        self,
        circuit: Circuit,
        choices: Mapping[str, Choice | Membership],
        solver: Solver,
        boxes: int,
    ) -> None:
        self._choices = choices
        self._solver = solver
        self._most = boxes
        # Behind the last formula of the circuit, which makes none meanwhile: one for each box,
        # that a point is outside of it.
        self._outside = circuit.last
        self._found: list[tuple[_Parts, Found]] = []
        self._ordered = {
            (name, 0): choice
            for name, choice in choices.items()
            if isinstance(choice, Choice) and choice.run > _SHORT
        }

    def cover(self, formula: Formula) -> Regions:
        """Return the boxes of a formula."""
        spent = None
        try:
            self._find(formula)
        except Spent as error:
            spent = error.message
        made = [
            (self._region(parts, found), self._outside + number)
            for number, (parts, found) in enumerate(self._found, 1)
        ]
        made.sort(key=lambda each: -each[0].share[0])
        try:
            made = self._needed(made)
        except Spent as error:
            spent = spent or error.message
        return Regions(tuple(region for region, _ in made), spent)

    def _find(self, formula: Formula) -> None:
        """Find boxes until no point is left. Raises `Spent`."""
        outside: list[Formula] = []
        while (found := self._solver.find([formula, *outside])) is not None:
            if len(outside) == self._most:
                raise Spent(f"there are more than {self._most:,} boxes")
            parts = self._point(found)
            self._found.append((parts, found))
            outside.append(self._outside + len(self._found))
            try:
                self._widen(parts, -formula)
            finally:
                inside = (-each for asked in parts.values() for each in asked)
                self._solver.require(-outside[-1], *inside)

    def _point(self, found: Found) -> _Parts:
        """Return a point as a box."""
        parts: _Parts = {}
        for name, choice in self._choices.items():
            if isinstance(choice, Choice):
                parts[name, 0] = tuple(-each for each in choice.formulas if not found.holds(each))
            else:
                # That a member is there may imply that others are not, and says more than they do.
                there = [found.holds(each) for each in choice.formulas]
                for place in sorted(range(len(there)), key=there.__getitem__, reverse=True):
                    each = choice.formulas[place]
                    parts[name, place] = (each if there[place] else -each,)
        return parts

    def _widen(self, parts: _Parts, failing: Formula) -> None:
        """Leave out of a box what it need not ask for `failing` to hold nowhere in it."""
        point = dict(parts)
        # What is asked last is what a proof is least likely to need: so the first stand last.
        if self._solver.find([failing, *_all(reversed(parts.values()))]) is not None:
            message = "something is chosen under no name of its own"
            raise AssertionError(message)
        _keep(parts, self._solver.core)
        runs = {part: _Run(choice, point[part]) for part, choice in self._ordered.items()}
        self._close(parts, runs)
        for part in list(parts):
            if part not in parts:
                continue
            others = [*_all(each for other, each in parts.items() if other != part)]

            def suffices(asked: Iterable[Formula], others: list[Formula] = others) -> bool:
                return self._solver.find([failing, *others, *asked]) is None

            if part in runs:
                parts[part] = runs[part].widened(parts[part], suffices)
                continue
            needed: list[Formula] = []
            while (found := self._solver.find([failing, *others, *needed])) is not None:
                needed += (each for each in parts[part] if not found.holds(each))
            parts[part] = tuple(needed)
            _keep(parts, self._solver.core)
            self._close(parts, runs)

    def _close(self, parts: _Parts, runs: Mapping[tuple[str, int], _Run]) -> None:
        """Ask of ordered choices that values beyond one that is left out are so too."""
        for part, run in runs.items():
            if part in parts:
                parts[part] = run.closed(parts[part])

    def _needed(self, made: list[tuple[Region, Formula]]) -> list[tuple[Region, Formula]]:
        """Return boxes without those that lie within the others, the smallest looked at first."""
        kept = made.copy()
        for each in reversed(made):
            outside = [other for _, other in kept if other != each[1]]
            if self._solver.find([*each[0].formulas, *outside]) is None:
                kept.remove(each)
        return kept

    def _region(self, parts: _Parts, found: Found) -> Region:
        values: dict[str, tuple[Any, ...]] = {}
        there: dict[str, tuple[Any, ...]] = {}
        absent: dict[str, tuple[Any, ...]] = {}
        part = whole = 1
        for name, choice in self._choices.items():
            asked = {*_all(parts.get((name, place), ()) for place in range(len(choice.values)))}
            cases = list(zip(choice.values, choice.formulas, strict=True))
            if isinstance(choice, Choice):
                within = tuple(value for value, each in cases if -each not in asked)
                whole *= len(cases)
                part *= len(within)
                if asked:
                    values[name] = within
                continue
            whole <<= len(cases)
            part <<= len(cases) - len(asked)
            if has := tuple(value for value, each in cases if each in asked):
                there[name] = has
            if lacks := tuple(value for value, each in cases if -each in asked):
                absent[name] = lacks
        example = {name: each.found(found.holds) for name, each in self._choices.items()}
        formulas = tuple(sorted(_all(parts.values()), key=abs))
        return Region(values, there, absent, example, (part, whole), formulas)


class _Run:
    """An ordered choice at a point: the values below it and above it, nearest first, and others.

    What is left out of it is all below some value and all above another, so that what stays is
    a run, of which each end is found by halves.
    """

    def __init__(self, choice: Choice, point: tuple[Formula, ...]) -> None:
        left_out = set(point)
        run = choice.formulas[: choice.run]
        at = next((n for n, each in enumerate(run) if -each not in left_out), None)
        self._others = tuple(-each for each in choice.formulas[choice.run :] if -each in left_out)
        self._below = () if at is None else tuple(-each for each in reversed(run[:at]))
        self._above = () if at is None else tuple(-each for each in run[at + 1 :])
        # Where the point is no value of the run, all of that goes together.
        self._whole = tuple(-each for each in run) if at is None else ()

    def closed(self, asked: Iterable[Formula]) -> tuple[Formula, ...]:
        """Return what is asked, and beside it what lies beyond."""
        known = set(asked)
        sides = (self._whole, self._below, self._above)
        kept = [each for each in self._others if each in known]
        for side in sides:
            first = next((n for n, each in enumerate(side) if each in known), len(side))
            kept += side[0 if side is self._whole and first < len(side) else first :]
        return tuple(kept)

    def widened(
        self, asked: tuple[Formula, ...], suffices: Callable[[Iterable[Formula]], bool]
    ) -> tuple[Formula, ...]:
        """Return as little of what is asked as `suffices`, in the shape of a run."""
        known = set(asked)
        parts = [
            [[each] for each in self._others if each in known],
            [[*self._whole]] if known.intersection(self._whole) else [],
            [[each] for each in self._below if each in known],
            [[each] for each in self._above if each in known],
        ]
        kept: list[list[list[Formula]]] = list(parts)
        for place, steps in enumerate(parts):
            others = [*chain.from_iterable(each for n, each in enumerate(kept) if n != place)]
            low, high = 0, len(steps)
            if place == 0:
                rest = list(steps)
                for each in steps:
                    fewer = [one for one in rest if one is not each]
                    if suffices(chain.from_iterable([*others, *fewer])):
                        rest = fewer
                kept[0] = rest
                continue
            while low < high:
                middle = (low + high + 1) // 2
                if suffices(chain.from_iterable([*others, *steps[middle:]])):
                    low = middle
                else:
                    high = middle - 1
            kept[place] = steps[low:]
        return tuple(chain.from_iterable(chain.from_iterable(kept)))


def _all(parts: Iterable[tuple[Formula, ...]]) -> Iterator[Formula]:
    return chain.from_iterable(parts)


def _keep(parts: _Parts, core: frozenset[Formula]) -> None:
    """Leave of what a box asks what is in `core`."""
    for part, asked in list(parts.items()):
        if left := tuple(each for each in asked if each in core):
            parts[part] = left
        else:
            del parts[part]
