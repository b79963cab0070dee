"""Numbers: 34 digits, half even, no context of the thread (DMN 1.5, 10.3.2.3.1)."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    Overflow,
    Underflow,
    localcontext,
)
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydmn.feel import numbers

D = Decimal
DIGITS = 34


def half_even(exact: Fraction) -> Fraction:
    """Round to 34 digits, ties to even: the definition, on fractions."""
    if exact == 0:
        return exact
    exponent = 0
    scaled = abs(exact)
    while scaled >= 10**DIGITS:
        scaled /= 10
        exponent += 1
    while scaled < 10 ** (DIGITS - 1):
        scaled *= 10
        exponent -= 1
    rounded = round(scaled)  # Python rounds a fraction half to even
    sign = -1 if exact < 0 else 1
    return sign * rounded * Fraction(10) ** exponent


coefficients = st.integers(-(10**34) + 1, 10**34 - 1)
decimals = st.builds(lambda c, e: D(c).scaleb(e), coefficients, st.integers(-40, 40)).map(
    numbers.rounded
)


@given(decimals, decimals)
def test_arithmetic_is_the_exact_result_rounded_once(left: Decimal, right: Decimal) -> None:
    one, other = Fraction(left), Fraction(right)
    context = numbers.CONTEXT
    assert Fraction(context.add(left, right)) == half_even(one + other)
    assert Fraction(context.subtract(left, right)) == half_even(one - other)
    assert Fraction(context.multiply(left, right)) == half_even(one * other)
    if right:
        assert Fraction(context.divide(left, right)) == half_even(one / other)


@given(decimals, st.integers(-12, 12))
def test_power_is_the_exact_result_rounded_once(base: Decimal, exponent: int) -> None:
    if not base and exponent <= 0:
        return
    exact = Fraction(base) ** exponent
    assert Fraction(numbers.power(base, D(exponent))) == half_even(exact)


@given(st.lists(decimals, min_size=1, max_size=8))
def test_sum_and_mean_are_rounded_once(items: list[Decimal]) -> None:
    exact = sum(map(Fraction, items), Fraction(0))
    assert Fraction(numbers.total(items)) == half_even(exact)
    # The mean's last digit may differ where a hundred digits cannot hold the quotient.
    assert abs(Fraction(numbers.mean(items)) - exact / len(items)) <= abs(exact) / 10**33


@given(decimals, decimals.filter(bool))
def test_modulo_is_floor_division_on_fractions(dividend: Decimal, divisor: Decimal) -> None:
    exact = Fraction(dividend) % Fraction(divisor)  # Python's sign is the divisor's too
    assert Fraction(numbers.modulo(dividend, divisor)) == half_even(exact)


def test_nothing_is_the_remainder_of_a_division_by_zero() -> None:
    with pytest.raises(ArithmeticError):
        numbers.modulo(D(1), D(0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", D(12)),
        ("-0.50", D("-0.50")),
        (".5", D("0.5")),
        ("1.", D(1)),
        ("1e3", D(1000)),
        ("1.23E-4", D("0.000123")),
        ("+7", D(7)),
        ("0.12345678901234567890123456789012345", D("0.1234567890123456789012345678901234")),
        ("", None),
        ("NaN", None),
        ("Infinity", None),
        ("1_000", None),
        (" 1", None),
        ("٣", None),
        ("1e7000", None),
        ("--1", None),
    ],
)
def test_from_text(text: str, expected: Decimal | None) -> None:
    assert numbers.from_text(text) == expected


def test_the_boundary_takes_python_numbers() -> None:
    assert numbers.from_float(0.1) == D("0.1")
    assert numbers.from_float(1e22) == D("1e22")
    assert numbers.from_float(float("nan")) is None
    assert numbers.from_float(float("inf")) is None
    assert numbers.from_int(10**34 + 5) == D(10**34)
    assert numbers.from_int(10**7000) is None


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (D("1E+3"), "1000"),
        (D("-0"), "0"),
        (D("-0.00"), "0.00"),
        (D("1.50"), "1.50"),
        (D("1E-7"), "0.0000001"),
        (D("-12"), "-12"),
    ],
)
def test_texts_are_positional(number: Decimal, text: str) -> None:
    assert numbers.to_text(number) == text


def test_nothing_depends_on_the_context_of_the_thread() -> None:
    with localcontext() as context:
        context.prec = 3
        assert numbers.to_text(D("1234567.89")) == "1234567.89"
        assert numbers.power(D(7), D(9)) == 40_353_607
        assert numbers.modulo(D(1234567), D(10000)) == 4567
        assert numbers.total([D(123456), D(1)]) == 123_457
        assert numbers.scaled(D("1234.567"), 1, ROUND_HALF_EVEN) == D("1234.6")


@pytest.mark.parametrize(
    ("number", "scale", "rounding", "expected"),
    [
        # Table 76's examples.
        ("0.3333333333", 2, ROUND_HALF_EVEN, "0.33"),
        ("1.5", 0, ROUND_HALF_EVEN, "2"),
        ("2.5", 0, ROUND_HALF_EVEN, "2"),
        ("-1.56", 1, ROUND_FLOOR, "-1.6"),
        ("-1.56", 1, ROUND_CEILING, "-1.5"),
        ("1.121", 2, ROUND_UP, "1.13"),
        ("-1.126", 2, ROUND_HALF_UP, "-1.13"),
        ("5.5", 0, ROUND_HALF_DOWN, "5"),
        # A scale beyond the digits leaves the number alone (TCK 1141).
        ("5.5", 6176, ROUND_UP, "5.5"),
        ("1234", -2, ROUND_UP, "1300"),
        ("0", 6176, ROUND_UP, "0"),
        ("1.5", 3, ROUND_UP, "1.500"),
        ("9999999999999999999999999999999999", -1, ROUND_UP, "1e34"),
    ],
)
def test_scaled(number: str, scale: int, rounding: str, expected: str) -> None:
    assert numbers.scaled(D(number), scale, rounding) == D(expected)


def test_a_scale_pads_with_zeros_where_there_is_room() -> None:
    assert numbers.to_text(numbers.scaled(D("1.5"), 3, ROUND_UP)) == "1.500"


def test_what_is_out_of_range_raises() -> None:
    with pytest.raises(Overflow):
        numbers.power(D(10), D(7000))
    with pytest.raises(Underflow):
        numbers.power(D(10), D(-7000))
    with pytest.raises(Overflow):
        numbers.power(D(1), D(1_000_000_000))
    with pytest.raises(ArithmeticError):
        numbers.power(D(-8), D("0.5"))
    with pytest.raises(ArithmeticError):
        numbers.power(D(0), D(-1))


def test_zero_to_the_power_zero_is_one() -> None:
    assert numbers.power(D(0), D(0)) == 1


@pytest.mark.parametrize(
    ("items", "expected"),
    [([8, 2, 5, 3, 4], "4"), ([6, 1, 2, 3], "2.5"), ([4], "4")],  # Table 75
)
def test_median(items: list[int], expected: str) -> None:
    assert numbers.median([D(item) for item in items]) == D(expected)


def test_sample_deviation() -> None:
    # Table 75 gives these digits.
    expected = D("2.081665999466132735282297706979931")
    assert numbers.sample_deviation([D(2), D(4), D(7), D(5)]) == expected


def test_durations_are_cut_toward_zero() -> None:
    assert numbers.times(23, D("-2.5")) == -57
    assert numbers.quotient(131, D("-2.5")) == -52
    assert numbers.quotient(-131, D("-2.5")) == 52
    with pytest.raises(ZeroDivisionError):
        numbers.quotient(1, D(0))


def test_integer() -> None:
    assert numbers.integer(D("3.00")) == 3
    assert numbers.integer(D("3.5")) is None
    assert numbers.truncated(D("-3.5")) == -3
