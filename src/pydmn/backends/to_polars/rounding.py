"""Numbers of known bounds, rounded to fewer digits (DMN 1.5, 10.3.4.5, Table 76)."""

from __future__ import annotations

from typing import Final

import polars as pl

from pydmn.backends.to_polars.arithmetic import minus
from pydmn.backends.to_polars.shapes import Number, Term, integers

NAMES: Final = (
    "ceiling", "decimal", "floor", "round down", "round half down", "round half up", "round up",
)  # fmt: skip


def rounded(name: str, term: Term, scale: int) -> Term:
    """Return the built-in function `name` of a number, for a scale of 0 or more."""
    shape = term.shape
    assert isinstance(shape, Number)
    if scale >= shape.scale:
        return term
    power = 10 ** (shape.scale - scale)
    reach = 2 * (max(-shape.low, shape.high) + power)
    dtype = integers(-reach, reach)
    bounds = Number(scale, shape.low // power, -(-shape.high // power))
    made = _ROUNDED[name](term.expr.cast(dtype), pl.lit(power, dtype))
    return Term(made.cast(bounds.dtype), bounds)


def _floor(value: pl.Expr, power: pl.Expr) -> pl.Expr:
    return value // power


def _ceiling(value: pl.Expr, power: pl.Expr) -> pl.Expr:
    return minus(minus(value) // power)


def _down(value: pl.Expr, power: pl.Expr) -> pl.Expr:
    return _signed(value, value.abs() // power)


def _up(value: pl.Expr, power: pl.Expr) -> pl.Expr:
    return _signed(value, _ceiling(value.abs(), power))


def _half_up(value: pl.Expr, power: pl.Expr) -> pl.Expr:
    return _signed(value, (value.abs() * 2 + power) // (power * 2))


def _half_down(value: pl.Expr, power: pl.Expr) -> pl.Expr:
    return _signed(value, _ceiling(value.abs() * 2 - power, power * 2))


def _half_even(value: pl.Expr, power: pl.Expr) -> pl.Expr:
    whole = value.abs() // power
    twice = (value.abs() - whole * power) * 2
    odd = whole - whole // 2 * 2 == 1
    up = (twice > power) | ((twice == power) & odd)
    return _signed(value, pl.when(up).then(whole + 1).otherwise(whole))


def _signed(value: pl.Expr, size: pl.Expr) -> pl.Expr:
    return pl.when(value < 0).then(minus(size)).otherwise(size)


_ROUNDED: Final = {
    "ceiling": _ceiling,
    "decimal": _half_even,
    "floor": _floor,
    "round down": _down,
    "round half down": _half_down,
    "round half up": _half_up,
    "round up": _up,
}
