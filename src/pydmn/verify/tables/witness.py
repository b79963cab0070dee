"""Cases: values of the inputs that lead to a point of a table's grid, replayed in the engine.

Where every column is a name, a point is a case already. A column that works something out is
asked: values are tried, those that the table and its decisions mention first, until the engine
says that the columns come out as wanted. What is not found within so many trials is not decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol

from pydmn.plan.logic import Step, Table
from pydmn.verify.tables.answers import Concluding
from pydmn.verify.tables.axes import Given, Path
from pydmn.verify.tables.boxes import Box, Steps
from pydmn.verify.tables.columns import Columns
from pydmn.verify.tables.grid import Grid, Point
from pydmn.verify.tables.pools import Pools, nearest_first, nothing

_TRIALS: Final = 1_500
_ASKED: Final = 2_000_000
"""So many cases are tried, in each of which the engine asks every rule; no more rules in all."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What the engine answers in a case: the value, and the rules hit by id.

    `allowed` is False where it takes a value of the case for null, or refuses it.
    """

    value: Any
    hits: tuple[str, ...]
    allowed: bool


class Engine(Concluding, Protocol):
    """What runs the table."""

    def tested(self, given: Mapping[str, Any]) -> list[tuple[Any, int]]:
        """Return each column's value, and the mask of the rules that accept it. Raises `Spent`."""
        ...

    def worked(self, position: int, given: Mapping[str, Any]) -> Any:
        """Return the value of one column. Raises `Spent`."""
        ...

    def allows(self, name: str, value: Any) -> bool:
        """Say whether what the table reads by a name may have a value."""
        ...

    def replay(self, given: Mapping[str, Any]) -> Replay:
        """Decide the table. Raises `Spent`."""
        ...

    def matching(self, numbers: Iterable[int], given: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the ids of those of the rules that match, whatever the hit policy."""
        ...


Holds = Callable[[Given, int], bool]
"""Says whether a case, with the rules that match in it, shows what it is to show."""


class Cases:
    """Finds cases of one table."""

    def __init__(
        self, table: Table, requires: Mapping[str, Step], grid: Grid, engine: Engine, steps: Steps
    ) -> None:
        self._table = table
        self._requires = requires
        self._grid = grid
        self._engine = engine
        self._steps = steps
        self._pools = Pools(Columns(table, requires, engine.accepts))

    def find(self, box: Box, holds: Holds) -> Given | None:
        """Return a case in a box that shows what is wanted, by the engine's word; or None."""
        if not self._grid.free:
            given = self._plain(box)
            if given is None:
                return None
            mask = (
                self._engine_mask(given, box)
                if self._grid.opened
                else self._grid.mask(self._point(box, given))
            )
            return given if mask is not None and holds(given, mask) else None
        rules = len(self._table.rules) + 1
        for given in islice(self._tried(box), min(_TRIALS, _ASKED // rules)):
            self._steps.charge(rules)
            mask = self._engine_mask(given, box)
            if mask is not None and holds(given, mask):
                return given
        return None

    def masks(self, box: Box, given: Given) -> dict[int, int]:
        """Return the rules that each axis accepts, by its place, in a case that is in `box`."""
        if not self._grid.free:
            point = self._point(box, given)
            return {
                place: axis.atoms[atom].mask
                for place, (axis, atom) in enumerate(zip(self._grid.axes, point, strict=True))
            }
        tested = self._engine.tested(given)
        found = {}
        for place, axis in enumerate(self._grid.axes):
            found[place] = self._grid.every
            for column in axis.columns:
                found[place] &= tested[column][1]
        return found

    def _point(self, box: Box, given: Given) -> Point:
        """Return the atoms of a case that `_plain` made of a box."""
        atoms = [*map(self._atom, range(len(box)), box)]
        for places in self._grid.lists:
            value = value_at(given, self._grid.axes[places[0]].path)
            for place in places:
                members = self._grid.axes[place].members
                assert members is not None
                if value is None:
                    atoms[place] = 0
                else:
                    assert isinstance(value, list)
                    atoms[place] = 1 if members.wanted.isdisjoint(value) else 2
        return tuple(atoms)

    def _engine_mask(self, given: Given, box: Box) -> int | None:
        """Return the rules that match; None where a column does not come out within `box`."""
        mask = self._grid.every
        tested = self._engine.tested(given)
        for axis, side in zip(self._grid.axes, box, strict=True):
            accepted = self._grid.every
            for column in axis.columns:
                accepted &= tested[column][1]
            first = axis.columns[0]
            value = value_at(given, axis.path) if first in axis.asking else tested[first][0]
            null = value is None
            if not any(
                side >> number & 1
                and atom.null is null
                and (axis.opened or atom.mask == accepted or axis.members is not None)
                for number, atom in enumerate(axis.atoms)
            ):
                return None
            mask &= accepted
        return mask

    # --- points ------------------------------------------------------------------------

    def _atom(self, place: int, side: int) -> int:
        """Return the atom of a side that makes the plainest case: named, not null."""
        grid = self._grid
        plain = side & grid.valued[place]
        for wanted in (grid.named[place] & plain, plain & ~grid.nulls[place], plain):
            if wanted:
                return (wanted & -wanted).bit_length() - 1
        return (side & -side).bit_length() - 1

    def _plain(self, box: Box, *, names: Iterable[str] | None = None) -> Given | None:
        """Return the values of the columns that are names; None where an atom has no value."""
        given: Given = {name: nothing(step.item.type) for name, step in self._requires.items()}
        of_lists = {place for places in self._grid.lists for place in places}
        wanted = self._requires.keys() if names is None else set(names)
        for places in self._grid.lists:
            axis = self._grid.axes[places[0]]
            if axis.path is None or axis.path[0] not in wanted:
                continue
            found = self._grid.members(box, places) if self._may_be_list(box, places) else None
            _put(given, axis.path, None if found is None else list(found))
        for place, axis in enumerate(self._grid.axes):
            if place in of_lists or not axis.reads <= wanted or axis.free:
                continue
            atom = self._atom(place, box[place])
            if axis.path is None:
                given |= axis.ways[atom]
                continue
            values = axis.atoms[atom].values
            if not values:
                return None
            _put(given, axis.path, values[0])
        return given

    @staticmethod
    def _may_be_list(box: Box, places: tuple[int, ...]) -> bool:
        return all(box[place] & 6 for place in places)

    # --- trials ------------------------------------------------------------------------

    def _tried(self, box: Box) -> Iterator[Given]:
        """Yield cases whose columns may come out within a box."""
        sought = sorted({name for axis in self._grid.axes if axis.free for name in axis.reads})
        plain = self._plain(box, names=self._requires.keys() - set(sought))
        if plain is None:
            return
        pools = [list(self._values(name, box)) for name in sought]
        for values in nearest_first(pools):
            yield {**plain, **dict(zip(sought, values, strict=True))}

    def _values(self, name: str, box: Box) -> Iterator[Any]:
        """Yield values of a name, those that its own column asks for first."""
        for place, axis in enumerate(self._grid.axes):
            if axis.path == (name,) and axis.members is None:
                own = [
                    value
                    for number, atom in enumerate(axis.atoms)
                    if box[place] >> number & 1
                    for value in atom.values
                ]
                yield from own
                if own and not any(type(value) is str for value in own):
                    return
        yield from self._pools.values(name)


def value_at(given: Given, path: Path | None) -> object:
    """Return the value at a path in a case; null where there is none."""
    value: object = given
    for name in path or ():
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(given: Given, path: Path, value: Any) -> None:
    """Place a value at a path; contexts are made on the way."""
    *way, last = path
    at = given
    for name in way:
        inner = at.get(name)
        if not isinstance(inner, dict):
            inner = at[name] = {}
        at = inner
    at[last] = value
