"""Arithmetic is the exact result, rounded once: 20,000 operations a run; `make arithmetic`: more.

See `exact_arithmetic` for the oracle, which stands on fractions alone.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from feel.exact_arithmetic import OPERATORS, compare, half_even, operations

DIGITS = 34
UNIT = Fraction(10) ** (DIGITS - 1)
"""A number whose last of 34 digits is 1s."""


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (Fraction(0), Fraction(0)),
        (UNIT + Fraction(1, 2), UNIT),
        (UNIT + Fraction(3, 2), UNIT + 2),
        (UNIT + Fraction(1, 2) + Fraction(1, 10**80), UNIT + 1),
        (-UNIT - Fraction(3, 2), -UNIT - 2),
        (10 * UNIT - Fraction(1, 2), 10 * UNIT),
        (Fraction(1, 3), Fraction(3333333333333333333333333333333333, 10**34)),
        (Fraction(2, 3), Fraction(6666666666666666666666666666666667, 10**34)),
    ],
)
def test_the_oracle_rounds_by_the_definition(exact: Fraction, rounded: Fraction) -> None:
    assert half_even(exact) == rounded


def test_every_operator_is_asked_alike() -> None:
    asked = [each.operator for each in operations(100, seed=3)]
    assert {symbol: asked.count(symbol) for symbol in OPERATORS} == dict.fromkeys(OPERATORS, 20)


def test_arithmetic_is_exact_and_rounded_once() -> None:
    tally = compare(operations(20_000, seed=0))
    assert tally.compared == 20_000
    assert tally.differing == ()
