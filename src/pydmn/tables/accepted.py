"""What each cell of a column accepts: an answer that changes at few values.

Plain cells are read off their trees; of others a value of each part is asked, by the compiled
cell. All of it is linear in the table: what is set against what comes with `pydmn.tables.regions`
and `pydmn.tables.blocks`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from pydmn.feel import ast
from pydmn.feel.builtins import NAMES
from pydmn.feel.temporal import (
    Date,
    DateTime,
    DaysAndTimeDuration,
    Time,
    YearsAndMonthsDuration,
)
from pydmn.feel.types import (
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    STRING,
    TIME,
    YEARS_AND_MONTHS_DURATION,
    BasicType,
)
from pydmn.plan.logic import Cell
from pydmn.tables.cells import (
    CLOCKS,
    Constants,
    Interval,
    Listed,
    after,
    before,
    constants,
    place,
    plain,
    rank,
    ranked,
)  # fmt: skip

Accepts: TypeAlias = Callable[[Cell], Callable[[Any], bool]]
"""Returns what says whether a cell accepts a value."""

Holds: TypeAlias = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a cell accepts of the values of one kind, and of null.

    In a column without an order `first` is the answer to values that no cell names, and `at` are
    those with the opposite answer. In order, `first` is the answer below all cuts; it turns at
    each cut of `at`, and just beyond each of `beyond`. A cell that is `open` has to be asked.
    """

    null: bool
    first: bool
    at: tuple[Any, ...] = ()
    beyond: tuple[Any, ...] = ()
    open: bool = False


ANYTHING: Final = Accepted(null=True, first=True)
OPEN: Final = Accepted(null=True, first=True, open=True)


@dataclass(frozen=True, slots=True)
class Column:
    """Cells of one column over values of one kind; `ordered` where its values have places."""

    kind: BasicType
    ordered: bool
    cells: tuple[Accepted, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A cell that is no plain one: what it accepts, and the constants that it compares with."""

    holds: Holds
    found: Constants
    null: bool


def column(
    cells: Sequence[Cell], kind: BasicType, accepts: Accepts, names: Collection[str] = ()
) -> Column:
    """Return what each of `cells` accepts of `kind`.

    `names` are those of variables that cells may read; one may hide a function of FEEL.
    """
    hidden = NAMES.intersection(names)
    return _column(
        [OPEN if hidden and _calls(cell, hidden) else _read(cell, kind, accepts) for cell in cells],
        kind,
    )


def _calls(cell: Cell, names: Collection[str]) -> bool:
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.function, ast.Name)
        and each.function.name in names
        for each in ast.walk(cell.tests)
    )


def verdict(holds: Callable[[Any], bool | None], found: Constants, kind: BasicType) -> Column:
    """Return where a condition holds, and where it is null, as two cells."""
    parts = [_Asked(lambda value: holds(value) is True, found, holds(None) is True)]
    parts += [_Asked(lambda value: holds(value) is None, found, holds(None) is None)]
    return _column(parts, kind)


_Read: TypeAlias = Interval | Listed | _Asked | Accepted


def _read(cell: Cell, kind: BasicType, accepts: Accepts) -> _Read:
    if cell.tests.any:
        return ANYTHING
    found = plain(cell.tests, kind)
    if found is not None:
        return found
    compared = constants(cell.tests, kind)
    if compared is None:
        return OPEN
    holds = accepts(cell)
    return _Asked(holds, compared, holds(None))


def _column(cells: Sequence[_Read], kind: BasicType) -> Column:
    if kind in CLOCKS:
        places = {place(value) for cell in cells for value in _values(cell)}
        # Of times with an offset there is none before midnight, but one of another offset may be.
        if len(places) > 1 or (kind == TIME and places - {None}):
            cells = [cell if isinstance(cell, Accepted) else OPEN for cell in cells]
    # Of the two truth values neither comes first, whatever a cell asks.
    ordered = kind != BOOLEAN and (kind in CLOCKS or any(map(_orders, cells)))
    turned = _in_order if ordered else _by_name
    return Column(kind, ordered, tuple(turned(cell, kind) for cell in cells))


def _values(cell: _Read) -> tuple[Any, ...]:
    """Return the constants of a cell."""
    match cell:
        case Interval(low, _, high, _):
            return tuple(end for end in (low, high) if end is not None)
        case Listed(values):
            return values
        case _Asked(found=found):
            return found.values
        case Accepted():
            return ()


def _orders(cell: _Read) -> bool:
    match cell:
        case Interval():
            return True
        case _Asked():
            return cell.found.ordered
        case _:
            return False


SOME: Final[Mapping[BasicType, Any]] = {
    STRING: "",
    NUMBER: Decimal(0),
    DATE: Date(2020, 1, 1),
    TIME: Time(0),
    DATE_AND_TIME: DateTime(Date(2020, 1, 1), Time(0)),
    DAYS_AND_TIME_DURATION: DaysAndTimeDuration(0),
    YEARS_AND_MONTHS_DURATION: YearsAndMonthsDuration(0),
}
"""A value of each kind."""


def _by_name(cell: _Read, kind: BasicType) -> Accepted:
    """Return what a cell accepts of the values that it names, and of all others."""
    match cell:
        case Listed(values):
            return Accepted(null=False, first=False, at=values)
        case _Asked(holds, found, null):
            values = (True, False) if kind == BOOLEAN else found.values
            first = kind != BOOLEAN and holds(_unlike(values, kind))
            at = tuple(value for value in values if holds(value) is not first)
            return Accepted(null, first, at)
        case Accepted():
            return cell
    raise AssertionError(cell)  # an interval has an order


def _unlike(values: Sequence[Any], kind: BasicType) -> Any:
    """Return a value of `kind` that is none of `values`."""
    if not values:
        return SOME[kind]
    greatest = after(max(values, key=rank))
    return before(min(values, key=rank)) if greatest is None else greatest


def _in_order(cell: _Read, kind: BasicType) -> Accepted:
    """Return what a cell accepts, from the lowest value to the highest."""
    match cell:
        case Interval(low, low_closed, high, high_closed):
            at: tuple[Any, ...] = () if low is None or not low_closed else (low,)
            beyond: tuple[Any, ...] = () if low is None or low_closed else (low,)
            if high is not None:
                at, beyond = (at, (*beyond, high)) if high_closed else ((*at, high), beyond)
            return Accepted(null=False, first=low is None, at=at, beyond=beyond)
        case Listed(values):
            return Accepted(null=False, first=False, at=values, beyond=values)
        case _Asked(holds, found, null):
            return _turns(holds, ranked(found.values, kind), kind, null=null)
        case Accepted():
            return cell


def _turns(holds: Holds, cuts: Sequence[Any], kind: BasicType, *, null: bool) -> Accepted:
    """Return what a cell accepts whose answer turns at no other values than `cuts`, ascending."""
    lowest = before(cuts[0]) if cuts else SOME[kind]
    first = accepted = lowest is not None and holds(lowest)
    at, beyond = [], []
    for cut, following in _pairs(cuts):
        here = holds(cut)
        if here is not accepted:
            at.append(cut)
        accepted = here
        after_it = after(cut)
        if after_it is None or (following is not None and rank(after_it) >= rank(following)):
            continue  # no value lies between
        accepted = holds(after_it)
        if accepted is not here:
            beyond.append(cut)
    return Accepted(null, first, tuple(at), tuple(beyond))


def _pairs(cuts: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each cut with the one that follows it, the last with None."""
    return zip(cuts, (*cuts[1:], None), strict=False)
