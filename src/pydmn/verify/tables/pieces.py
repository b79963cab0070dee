"""The parts of a column's values, each with a value that stands for it.

Between two constants of a cell there may be nothing: no day lies between two days in a row. A
part without a value is no part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, pairwise
from typing import Any, Final

from pydmn.feel.temporal import NANOS, DaysAndTimeDuration
from pydmn.feel.types import BOOLEAN, NUMBER, STRING
from pydmn.plan.logic import Cell
from pydmn.tables.accepted import SOME
from pydmn.tables.cells import after, before, literal, rank
from pydmn.tables.regions import Region

_HOUR: Final = 3_600 * NANOS


@dataclass(frozen=True, slots=True)
class Piece:
    """A value, the rules that accept it and all values like it, whether anything names them."""

    value: Any
    mask: int
    named: bool


def listed(cell: Cell) -> tuple[Any, ...] | None:
    """Return the values that a cell lists, or None where it does anything else."""
    found = [literal(test) for test in cell.tests.tests]
    if cell.tests.negated or cell.tests.any or not all(known for known, _ in found):
        return None
    return tuple(dict.fromkeys(value for _, value in found if value is not None))


def pieces(region: Region, *, whole: bool) -> Iterator[Piece]:
    """Yield the parts of all values of a kind but null; `whole` leaves numbers 0, 1, 2, ..."""
    if region.kind == BOOLEAN:
        for value in (True, False):
            yield Piece(value, region.mask(value), named=True)
    elif region.cuts:
        yield from _ordered(region, whole)
    else:
        for value, mask in region.points.items():
            if not whole or _whole(value):
                yield Piece(value, mask, named=True)
        other = _other(region, whole)
        if other is not None:
            yield Piece(other, region.other, named=whole or not region.points)


def _ordered(region: Region, whole: bool) -> Iterator[Piece]:
    cuts, masks = region.cuts, region.between
    below = _below(cuts[0], whole)
    if below is not None:
        yield Piece(below, masks[0], named=False)
    for number, (cut, following) in enumerate(pairwise((*cuts, None))):
        if not whole or _whole(cut):
            yield Piece(cut, masks[2 * number + 1], named=True)
        value = _above(cut) if following is None else _between(cut, following)
        if whole and value is not None:
            value = Decimal(max(0, int(cut.to_integral_value("ROUND_FLOOR")) + 1))
            value = value if following is None or value < following else None
        if value is not None:
            yield Piece(value, masks[2 * number + 2], named=following is not None)


def _whole(number: Decimal) -> bool:
    return number >= 0 and number == number.to_integral_value()


def _below(cut: Any, whole: bool) -> Any:
    """Return a value less than all that are written, or None."""
    if whole:
        return Decimal(0) if cut > 0 else None
    if type(cut) is Decimal:
        return cut - 1 if cut - 1 < cut else before(cut)
    if type(cut) is DaysAndTimeDuration:
        return DaysAndTimeDuration(cut.nanoseconds - _HOUR)
    return before(cut)


def _above(cut: Any) -> Any:
    """Return a value greater than all that are written, or None."""
    if type(cut) is Decimal:
        return cut + 1 if cut + 1 > cut else after(cut)
    if type(cut) is DaysAndTimeDuration:
        return DaysAndTimeDuration(cut.nanoseconds + _HOUR)
    return cut + "z" if type(cut) is str else after(cut)


def _between(low: Any, high: Any) -> Any:
    """Return a value between two, the plainest there is, or None."""
    candidates = [after(low)]
    if type(low) is Decimal:
        candidates = [low.to_integral_value("ROUND_FLOOR") + 1, (low + high) / 2, *candidates]
    elif type(low) is str:
        candidates = [low + "a", *candidates]
    elif type(low) is DaysAndTimeDuration:
        steps = (_HOUR, _HOUR // 60, NANOS)
        candidates = [*(DaysAndTimeDuration(low.nanoseconds + n) for n in steps), *candidates]
    return next(
        (each for each in candidates if each is not None and rank(low) < rank(each) < rank(high)),
        None,
    )


def _other(region: Region, whole: bool) -> Any:
    """Return a value that is no point, or None."""
    points = region.points
    match region.kind:
        case kind if kind == STRING:
            return next(text for n in count(1) if (text := _another(n)) not in points)
        case kind if kind == NUMBER:
            top = max((*points, Decimal(0)))
            return _above(top.to_integral_value("ROUND_CEILING") if whole else top)
        case kind:
            if not points:
                return SOME[kind]
            return after(max(points, key=rank)) or before(min(points, key=rank))


def _another(number: int) -> str:
    return "any other" if number == 1 else f"any other {number}"
