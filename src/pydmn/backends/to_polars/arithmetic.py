"""Exact arithmetic on numbers of known bounds (DMN 1.5, 10.3.2.13, Tables 57 to 62).

Sums, differences and products have bounds that follow from those of their operands. A quotient
is exact where the divisor is a constant whose inverse ends: `x / 4` is `x * 0.25`. Any other may
need rounding, and refuses.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import polars as pl

from pydmn.backends.to_polars.shapes import (
    DIGITS,
    PRECISION,
    Day,
    Moment,
    Months,
    Nothing,
    Number,
    Span,
    Term,
    Text,
    Untranslated,
    integers,
    kind,
    nothing,
    number,
    unscaled,
)
from pydmn.feel.ast import ArithmeticOperator
from pydmn.feel.temporal import Date

_DAY: Final = 86_400_000_000
_SPAN: Final = (1 << 63) - 1


def arithmetic(operator: ArithmeticOperator, left: Term, right: Term, longest: int) -> Term:
    """Return `left operator right`; strings joined have up to `longest` characters."""
    match left.shape, right.shape:
        case Number(), Number():
            return _numbers(operator, left, right)
        case Text(a), Text(b) if operator == "+":
            if a + b > longest:
                raise Untranslated(f"a string may be longer than {longest:,} characters")
            return Term(left.expr + right.expr, Text(a + b))
        case (Day(), Day()) | (Moment(), Moment()) if operator == "-":
            return _distance(left, right)
        case Day(), (Span() | Months()) if operator in ("+", "-"):
            return _moved(left, right, 1 if operator == "+" else -1)
        case ((Span() | Months()), Day()) if operator == "+":
            return _moved(right, left, 1)
        case (Nothing(), _) | (_, Nothing()):
            return nothing()
        case (Number() | Text(), Number() | Text()):
            return nothing()
    kinds = f"a {kind(left.shape)} and a {kind(right.shape)}"
    raise Untranslated(f"`{operator}` of {kinds} has no columnar form")


def negation(operand: Term) -> Term:
    """Return `-operand`."""
    match operand.shape:
        case Number(scale, low, high):
            return Term(minus(operand.expr), Number(scale, -high, -low))
        case Span(low, high):
            counted = minus(operand.expr.cast(pl.Int64))
            return Term(counted.cast(pl.Duration("us")), Span(-high, -low))
        case Nothing():
            return nothing()
    raise Untranslated(f"`-` of a {kind(operand.shape)} has no columnar form")


def minus(expr: pl.Expr) -> pl.Expr:
    """Return integers with the other sign; polars has no `-` for those of 128 bits."""
    return pl.lit(0, pl.Int8) - expr


def aligned(left: Term, right: Term) -> tuple[pl.Expr, pl.Expr]:
    """Return two numbers as integers of one scale, to be compared or added."""
    a, b = left.shape, right.shape
    assert isinstance(a, Number)
    assert isinstance(b, Number)
    scale = max(a.scale, b.scale)
    ends = [end * 10 ** (scale - each.scale) for each in (a, b) for end in (each.low, each.high)]
    if max(map(abs, ends)) >= 10**PRECISION:
        raise Untranslated(f"numbers of one scale may need more than {PRECISION} digits")
    dtype = integers(min(ends), max(ends))
    return _at(left.expr, a, scale, dtype), _at(right.expr, b, scale, dtype)


def _at(expr: pl.Expr, shape: Number, scale: int, dtype: pl.DataType) -> pl.Expr:
    expr = expr if shape.dtype == dtype else expr.cast(dtype)
    power = 10 ** (scale - shape.scale)
    return expr if power == 1 else expr * pl.lit(power, dtype)


def _numbers(operator: ArithmeticOperator, left: Term, right: Term) -> Term:
    match operator:
        case "+" | "-":
            return _sum(left, right if operator == "+" else negation(right), operator)
        case "*":
            return _product(left, right)
        case "/":
            return _quotient(left, right)
        case "**":
            raise Untranslated("`**` may need rounding")


def _sum(left: Term, right: Term, operator: str) -> Term:
    a, b = left.shape, right.shape
    assert isinstance(a, Number)
    assert isinstance(b, Number)
    scale = max(a.scale, b.scale)
    up, too = 10 ** (scale - a.scale), 10 ** (scale - b.scale)
    shape = number(scale, a.low * up + b.low * too, a.high * up + b.high * too, f"`{operator}`")
    one, other = aligned(left, right)
    wide = shape.dtype == pl.Int128
    total = one.cast(pl.Int128) + other.cast(pl.Int128) if wide else one + other
    return Term(total.cast(shape.dtype), shape)


def _product(left: Term, right: Term) -> Term:
    a, b = left.shape, right.shape
    assert isinstance(a, Number)
    assert isinstance(b, Number)
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    shape = number(a.scale + b.scale, min(ends), max(ends), "`*`")
    # A factor may have more digits than the product, which is 0.
    reach = [*ends, a.low, a.high, b.low, b.high]
    dtype = integers(min(reach), max(reach))
    return Term((left.expr.cast(dtype) * right.expr.cast(dtype)).cast(shape.dtype), shape)


def _quotient(left: Term, right: Term) -> Term:
    if not right.constant:
        raise Untranslated("`/` by what is no constant may need rounding")
    if not right.value:
        return nothing()
    inverse = 1 / Fraction(right.value)
    return _product(left, fraction(inverse))


def fraction(value: Fraction) -> Term:
    """Return a constant fraction as a number; refuse one whose digits do not end."""
    power, rest = 0, value.denominator
    while rest % 10 == 0:
        rest, power = rest // 10, power + 1
    for factor in (2, 5):
        while rest % factor == 0:
            rest, power = rest // factor, power + 1
    if rest != 1:
        raise Untranslated("`/` by a number whose inverse does not end needs rounding")
    whole = int(value * 10**power)
    if abs(whole) >= 10**DIGITS:
        raise Untranslated(f"`/` by a number whose inverse has more than {DIGITS} digits")
    shape = number(power, min(0, whole), max(0, whole), "`/`")
    return Term(pl.lit(whole, shape.dtype), shape, unscaled(whole, power))


def _distance(left: Term, right: Term) -> Term:
    """Return the duration between two dates, or two dates and times without a zone."""
    a, b = left.shape, right.shape
    if isinstance(a, Day) and isinstance(b, Day):
        days = left.expr.cast(pl.Int64) - right.expr.cast(pl.Int64)
        span = Span((a.low - b.high) * _DAY, (a.high - b.low) * _DAY)
        return Term((days * _DAY).cast(pl.Duration("us")), span)
    between = left.expr.cast(pl.Int64) - right.expr.cast(pl.Int64)
    return Term(between.cast(pl.Duration("us")), Span(-_SPAN, _SPAN))


def _moved(date: Term, by: Term, sign: int) -> Term:
    """Return a date moved by a duration: by what crosses midnight, or by whole months."""
    shape = date.shape
    assert isinstance(shape, Day)
    match by.shape:
        case Span(low, high):
            moved = date.expr.cast(pl.Int64) * _DAY + sign * by.expr.cast(pl.Int64)
            expr = (moved // _DAY).cast(pl.Int32).cast(pl.Date)
            ends = sorted((sign * low // _DAY, sign * high // _DAY))
            return Term(expr, _within(shape.low + ends[0], shape.high + ends[1]))
        case Months(months):
            ends = sorted((0, sign * months * 31))  # no month is longer
            within = _within(shape.low + ends[0], shape.high + ends[1])
            return Term(date.expr.dt.offset_by(f"{sign * months}mo"), within)
    raise Untranslated(f"a date is not moved by a {kind(by.shape)}")


_FIRST: Final = Date(1, 1, 1).days
_LAST: Final = Date(9999, 12, 31).days


def _within(low: int, high: int) -> Day:
    if low < _FIRST or high > _LAST:
        raise Untranslated("a date may leave the years 1 to 9999")
    return Day(low, high)
