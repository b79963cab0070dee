"""Numeric functions (DMN 1.5, 10.3.4.5, Table 76)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from pydmn.feel import numbers
from pydmn.feel.builtins.declare import builtin
from pydmn.feel.temporal import DaysAndTimeDuration, YearsAndMonthsDuration
from pydmn.run import Run


@builtin("decimal")
def decimal(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Round half even to `scale` digits after the point."""
    return _scaled(run, n, scale, ROUND_HALF_EVEN)


@builtin("floor")
def floor(run: Run, n: Decimal, scale: Decimal = numbers.ZERO) -> Decimal | None:
    """Round toward negative infinity."""
    return _scaled(run, n, scale, ROUND_FLOOR)


@builtin("ceiling")
def ceiling(run: Run, n: Decimal, scale: Decimal = numbers.ZERO) -> Decimal | None:
    """Round toward positive infinity."""
    return _scaled(run, n, scale, ROUND_CEILING)


@builtin("round up")
def round_up(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Round away from zero."""
    return _scaled(run, n, scale, ROUND_UP)


@builtin("round down")
def round_down(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Round toward zero."""
    return _scaled(run, n, scale, ROUND_DOWN)


@builtin("round half up")
def round_half_up(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Round to the nearest, a half away from zero."""
    return _scaled(run, n, scale, ROUND_HALF_UP)


@builtin("round half down")
def round_half_down(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Round to the nearest, a half toward zero."""
    return _scaled(run, n, scale, ROUND_HALF_DOWN)


@builtin("abs")
def absolute(
    n: Decimal | DaysAndTimeDuration | YearsAndMonthsDuration,
) -> Decimal | DaysAndTimeDuration | YearsAndMonthsDuration:
    """Return the value without its sign."""
    if isinstance(n, DaysAndTimeDuration):
        return DaysAndTimeDuration(abs(n.nanoseconds))
    if isinstance(n, YearsAndMonthsDuration):
        return YearsAndMonthsDuration(abs(n.months))
    return n.copy_abs()


@builtin("modulo")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """Return the remainder that has the divisor's sign."""
    if not divisor:
        run.note("division-by-zero", "the divisor of `modulo` is 0")
        return None
    run.charge(numbers.MODULO_STEPS)
    return numbers.modulo(dividend, divisor)


@builtin("sqrt")
def square_root(run: Run, number: Decimal) -> Decimal | None:
    """Return the square root of a number that is not negative."""
    return _computed(run, "sqrt", numbers.CONTEXT.sqrt, number)


@builtin("log")
def logarithm(run: Run, number: Decimal) -> Decimal | None:
    """Return the natural logarithm of a positive number."""
    if not number:
        run.note("domain", "`log` of 0 has no value")
        return None
    run.charge(numbers.LOGARITHM_STEPS)
    return _computed(run, "log", numbers.CONTEXT.ln, number)


@builtin("exp")
def exponential(run: Run, number: Decimal) -> Decimal | None:
    """Return e to the power `number`."""
    run.charge(numbers.EXPONENTIAL_STEPS)
    return _computed(run, "exp", numbers.CONTEXT.exp, number)


@builtin("odd")
def odd(run: Run, number: Decimal) -> bool | None:
    """Say whether a whole number is odd."""
    rest = _parity(run, "odd", number)
    return None if rest is None else rest == 1


@builtin("even")
def even(run: Run, number: Decimal) -> bool | None:
    """Say whether a whole number is even."""
    rest = _parity(run, "even", number)
    return None if rest is None else rest == 0


def _parity(run: Run, name: str, number: Decimal) -> int | None:
    rest = numbers.parity(number)
    if rest is None:
        run.note("domain", f"`{name}` takes a whole number")
    return rest


def _computed(
    run: Run, name: str, function: Callable[[Decimal], Decimal], number: Decimal
) -> Decimal | None:
    try:
        return function(number)
    except ArithmeticError:
        run.note("domain", f"`{name}` of this number has no value in FEEL")
        return None


def _scaled(run: Run, number: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    digits = numbers.truncated(scale)
    if not numbers.MIN_SCALE <= digits <= numbers.MAX_SCALE:
        run.note("domain", "a scale lies between -6111 and 6176")
        return None
    return numbers.scaled(number, digits, rounding)
