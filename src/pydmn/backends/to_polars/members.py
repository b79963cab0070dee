"""Members of values over columns: entries of contexts, parts of dates (Tables 64 to 67)."""

from __future__ import annotations

from typing import Final

import polars as pl

from pydmn.backends.to_polars.arithmetic import minus
from pydmn.backends.to_polars.shapes import (
    Day,
    Entry,
    Moment,
    Nothing,
    Number,
    Opaque,
    Span,
    Term,
    Untranslated,
    kind,
    nothing,
)  # fmt: skip

_YEARS: Final = (1, 9999)
_OF_DATE: Final = {"year": _YEARS, "month": (1, 12), "day": (1, 31), "weekday": (1, 7)}
_OF_TIME: Final = {"hour": (0, 23), "minute": (0, 59)}
_SECOND: Final = 1_000_000
_OF_SPAN: Final = {
    "days": 86_400 * _SECOND, "hours": 3_600 * _SECOND, "minutes": 60 * _SECOND, "seconds": 1,
}  # fmt: skip
_WITHIN: Final = {"hours": 24, "minutes": 60, "seconds": 60 * _SECOND}


def member(base: Term, name: str) -> Term:
    """Return `base.name`."""
    match base.shape:
        case Entry(terms):
            found = dict(terms).get(name) or nothing()
            if isinstance(found.shape, Opaque):
                raise Untranslated(f"`{name}` has {found.shape.reason}")
            return found
        case Day() if name in _OF_DATE:
            return _part(base, name, _OF_DATE[name])
        case Moment() if name in _OF_DATE or name in _OF_TIME:
            return _part(base, name, (_OF_DATE | _OF_TIME)[name])
        case Span(low, high) if name in _OF_SPAN:
            return _of_span(base, name, max(-low, high))
        case Nothing():
            return nothing()
    raise Untranslated(f"`{name}` of a {kind(base.shape)}")


def _part(base: Term, name: str, bounds: tuple[int, int]) -> Term:
    part = getattr(base.expr.dt, name)()
    return Term(part.cast(pl.Int64), Number(0, *bounds))


def _of_span(base: Term, name: str, most: int) -> Term:
    """Return whole days, or the hours, minutes or seconds beside them; with their sign."""
    value = base.expr.cast(pl.Int64)
    size = value.abs() // _OF_SPAN[name]
    bound = most // _OF_SPAN[name]
    if name in _WITHIN:
        size = size - size // _WITHIN[name] * _WITHIN[name]
        bound = _WITHIN[name] - 1
    part = pl.when(value < 0).then(minus(size)).otherwise(size)
    return Term(part, Number(6 if name == "seconds" else 0, -bound, bound))
