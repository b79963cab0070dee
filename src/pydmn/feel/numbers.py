"""FEEL numbers: decimals of 34 digits, rounded half even (DMN 1.5, 10.3.2.3.1).

Every operation names its context here: the context of the thread is never used, so a
result is the same in every thread and executor. Functions that may fail raise
`ArithmeticError`; the caller turns it into null and says why. NaN and the infinities are
no FEEL values and never leave this room.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Underflow,
)
from math import isfinite
from typing import Final

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

MIN_SCALE: Final = -6111
MAX_SCALE: Final = 6176
MAX_EXPONENT: Final = 999_999_999

CONTEXT: Final = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    clamp=1,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow, Underflow],
)
"""IEEE 754-2008 decimal128. A result out of range raises, as FEEL has null for it."""

_WIDE: Final = Context(
    prec=100,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow, Underflow],
)
"""For intermediate results that are rounded once at the end."""

_EXACT: Final = Context(
    prec=13_000,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""Holds every FEEL number with every valid scale, so that `quantize` cannot fail."""

POWER_STEPS: Final = 200
LOGARITHM_STEPS: Final = 50
EXPONENTIAL_STEPS: Final = 30
MODULO_STEPS: Final = 10
"""What a long computation is charged: about the steps that take as long."""

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?"


def rounded(number: Decimal) -> Decimal:
    """Return `number` with at most 34 digits; raise `ArithmeticError` when out of range."""
    return CONTEXT.plus(number)


def from_text(text: str) -> Decimal | None:
    """Read a number as XML, JSON or the grammar (rule 37) write it, rounded to 34 digits.

    Returns None when `text` is no number or the number is out of range.
    """
    if re.fullmatch(_NUMBER, text) is None:
        return None
    try:
        return CONTEXT.create_decimal(text)
    except ArithmeticError:
        return None


def from_int(number: int) -> Decimal | None:
    """Return the number for a Python integer; None when it is out of range."""
    try:
        return CONTEXT.create_decimal(number)
    except ArithmeticError:
        return None


def from_float(number: float) -> Decimal | None:
    """Return the number that the shortest decimal text of `number` names, not its binary value.

    NaN and the infinities give None.
    """
    if not isfinite(number):
        return None
    return CONTEXT.create_decimal(float.__repr__(number))


def to_text(number: Decimal) -> str:
    """Return `number` in positional notation, its scale kept: `1.50`, never `1E+2`, never `-0`."""
    return format(number or number.copy_abs(), "f")


def integer(number: Decimal) -> int | None:
    """Return `number` as an int; None when it has a fraction, or digits left out at its end.

    From 10**34 on a number says no more which integer it is, and making a large one is slow.
    """
    if number.adjusted() >= CONTEXT.prec:
        return None
    whole = truncated(number)
    return whole if _exponent(number) >= 0 or number == whole else None


def parity(number: Decimal) -> int | None:
    """Return 0 for an even number, 1 for an odd one, None where it has a fraction."""
    if _exponent(number) > 0:
        return 0  # a multiple of ten
    whole = integer(number)
    return None if whole is None else whole % 2


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """Return `base` to the power `exponent`, rounded once (Table 60).

    The exponent lies in -999,999,999..999,999,999. `0 ** 0` is 1. Raises `ArithmeticError`
    when there is no real result or it is out of range.
    """
    if exponent.copy_abs() >= MAX_EXPONENT + 1:
        raise Overflow
    if not exponent:
        return ONE
    if not base and exponent < 0:
        raise DivisionByZero  # `decimal` answers infinity here, and signals nothing
    return CONTEXT.plus(_WIDE.power(base, exponent))


def total(numbers: Iterable[Decimal]) -> Decimal:
    """Return the sum of `numbers`, rounded once."""
    return CONTEXT.plus(_sum(numbers))


def product(numbers: Iterable[Decimal]) -> Decimal:
    """Return the product of `numbers`, rounded once; 1 when there are none."""
    result = ONE
    for number in numbers:
        result = _WIDE.multiply(result, number)
    return CONTEXT.plus(result)


def mean(numbers: list[Decimal]) -> Decimal:
    """Return the arithmetic mean of a non-empty list, rounded once."""
    return CONTEXT.plus(_WIDE.divide(_sum(numbers), Decimal(len(numbers))))


def median(numbers: list[Decimal]) -> Decimal:
    """Return the middle of a non-empty list, or the mean of its two middles."""
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return mean(ordered[middle - 1 : middle + 1])


def sample_deviation(numbers: list[Decimal]) -> Decimal:
    """Return the sample standard deviation of at least two numbers, rounded once."""
    centre = _WIDE.divide(_sum(numbers), Decimal(len(numbers)))
    squares = ZERO
    for number in numbers:
        distance = _WIDE.subtract(number, centre)
        squares = _WIDE.add(squares, _WIDE.multiply(distance, distance))
    return CONTEXT.plus(_WIDE.sqrt(_WIDE.divide(squares, Decimal(len(numbers) - 1))))


def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Return `dividend - divisor * floor(dividend / divisor)`: the sign is the divisor's.

    The quotient is never made: it may have 12,000 digits. Raises `ArithmeticError` when
    `divisor` is 0.
    """
    if not divisor:
        raise DivisionByZero
    if dividend.copy_abs() < divisor.copy_abs():
        whole = not dividend or dividend.is_signed() == divisor.is_signed()
        return CONTEXT.plus(dividend) if whole else CONTEXT.add(dividend, divisor)
    # Now the coefficients differ by no power of ten but a small one, or one on the left, which
    # is reduced as it is raised.
    scale = min(_exponent(dividend), _exponent(divisor))
    right = _coefficient(divisor) * 10 ** (_exponent(divisor) - scale)
    power = pow(10, _exponent(dividend) - scale, abs(right))
    rest = _coefficient(dividend) * power % right
    return CONTEXT.plus(_EXACT.create_decimal(rest).scaleb(scale, _EXACT))


def scaled(number: Decimal, scale: int, rounding: str) -> Decimal:
    """Return `number` with `scale` digits after the point, rounded by `rounding`.

    `rounding` is a constant of `decimal`. Where the scale asks for more digits than a
    number has, the number stays as it is. The scale lies in -6111..6176.
    """
    exponent = -scale
    if _exponent(number) >= exponent:
        digits = len(number.as_tuple().digits) + _exponent(number) - exponent
        if digits > CONTEXT.prec:
            return number
    quantum = Decimal((0, (1,), exponent))
    return CONTEXT.plus(number.quantize(quantum, rounding=rounding, context=_EXACT))


_BEYOND: Final[int] = 10**CONTEXT.prec


def truncated(number: Decimal) -> int:
    """Return the whole part of `number`, toward zero; of one beyond ±10**34, that bound.

    No size or scale lies there, and making a large integer is slow.
    """
    if number.adjusted() >= CONTEXT.prec:
        return -_BEYOND if number.is_signed() else _BEYOND
    return int(number)


def quotient(left: int, right: Decimal) -> int:
    """Return `left / right` toward zero, computed exactly; for months (Table 59).

    Raises `ArithmeticError` when `right` is 0 and when the result has more than 50 digits.
    """
    if not right:
        raise DivisionByZero
    if left and Decimal(left).adjusted() - right.adjusted() > _WIDE.prec // 2:
        raise Overflow  # far beyond every duration
    return int(_WIDE.divide_int(Decimal(left), right))


def times(left: int, right: Decimal) -> int:
    """Return `left * right` toward zero, computed exactly; for months (Table 59), and times.

    Raises `ArithmeticError` when the result has more than 50 digits.
    """
    product = _WIDE.multiply(Decimal(left), right)  # of 34 digits each: exact
    if product.adjusted() > _WIDE.prec // 2:
        raise Overflow  # far beyond every duration
    return int(product)


def nearest(number: Decimal) -> int:
    """Return the whole number nearest to `number`, half to even; for nanoseconds.

    Raises `ArithmeticError` when it has more than 50 digits: no duration has.
    """
    if number.adjusted() > _WIDE.prec // 2:
        raise Overflow
    return int(number.to_integral_value(ROUND_HALF_EVEN, _EXACT))


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    result = ZERO
    for number in numbers:
        result = _WIDE.add(result, number)
    return result


def _coefficient(number: Decimal) -> int:
    return int(number.scaleb(-_exponent(number), _EXACT))


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # a letter marks NaN and the infinities, which are no values
    return exponent
