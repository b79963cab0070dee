"""FEEL's arithmetic against exact fractions, rounded by a rounding of its own.

The oracle knows the definition alone: the exact result, rounded once to 34 digits, a tie to the
even neighbour (DMN 1.5, 10.3.2.3.1 and Tables 57 to 60; IEEE 754-2008, decimal128). It uses
`fractions` and whole numbers; of `decimal` only the operands and the answers.

    python tests/feel/exact_arithmetic.py 1000000
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TypeAlias

from pydmn.feel import operators
from pydmn.limits import Limits
from pydmn.run import Run

DIGITS = 34
LOWEST_SCALE = -6176
"""The exponent of the last digit of the smallest number."""
HIGHEST_SCALE = 6111
"""... and of the largest."""
SMALLEST_NORMAL = Fraction(1, 10**6143)
LARGEST = (10**DIGITS - 1) * Fraction(10) ** HIGHEST_SCALE

LOG10_OF_2 = 0.30102999566398120
MAX_EXACT_BITS = 45_000
"""How long a power may be that is still worked out: twice as long as the largest number."""

Operator: TypeAlias = Callable[[Run, Decimal, Decimal], object]
OPERATORS: dict[str, Operator] = {
    "+": operators.add,
    "-": operators.subtract,
    "*": operators.multiply,
    "/": operators.divide,
    "**": operators.power,
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One question: two operands and what to do with them."""

    left: Decimal
    operator: str
    right: Decimal

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many operations were compared, how many had no result, and those that differ."""

    compared: int
    nulls: int
    differing: tuple[Operation, ...]

    def __str__(self) -> str:
        return (
            f"{self.compared:,} operations compared with exact fractions, "
            f"{self.nulls:,} of them null, {len(self.differing):,} differ"
        )


# --- the oracle -----------------------------------------------------------------------


def half_even(exact: Fraction) -> Fraction:
    """Return `exact` rounded to 34 digits, a tie to the even last digit."""
    if not exact:
        return exact
    top, bottom = abs(exact.numerator), exact.denominator
    # The power of ten of the last digit kept: a guess by logarithm, put right by comparing.
    scale = int((top.bit_length() - bottom.bit_length()) * LOG10_OF_2) - DIGITS
    while True:
        scaled_top = top * 10 ** max(-scale, 0)
        scaled_bottom = bottom * 10 ** max(scale, 0)
        whole, rest = divmod(scaled_top, scaled_bottom)
        if whole >= 10**DIGITS:
            scale += 1
        elif whole < 10 ** (DIGITS - 1):
            scale -= 1
        else:
            break
    twice = 2 * rest
    if twice > scaled_bottom or (twice == scaled_bottom and whole % 2):
        whole += 1
    size = Fraction(whole * 10 ** max(scale, 0), 10 ** max(-scale, 0))
    return -size if exact < 0 else size


def expected(operation: Operation) -> Fraction | None:
    """Return the result by definition; None where FEEL has no number for it.

    A result below the smallest normal number is one only where nothing of it would be lost.
    """
    exact = exact_result(operation)
    if exact is None:
        return None
    if 0 < abs(exact) < SMALLEST_NORMAL:
        whole = (exact * 10**-LOWEST_SCALE).denominator == 1
        return exact if whole else None
    result = half_even(exact)
    return result if abs(result) <= LARGEST else None


def exact_result(operation: Operation) -> Fraction | None:
    """Return the result before it is rounded; None where arithmetic has none."""
    left, right = Fraction(operation.left), Fraction(operation.right)
    match operation.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right if right else None
        case "**":
            if not left and right < 0:
                return None
            return left ** int(right)
    raise ValueError(operation.operator)


# --- the questions --------------------------------------------------------------------


def operations(count: int, seed: int) -> Iterator[Operation]:
    """Yield `count` operations, each operator in turn; the same for the same seed."""
    random = Random(seed)  # noqa: S311  for variety, not for secrets
    symbols = tuple(OPERATORS)
    for number in range(count):
        symbol = symbols[number % len(symbols)]
        if symbol == "**":
            yield Operation(*_power(random, number % 20 == 4))
            continue
        wide = random.random() < 0.04
        left = _decimal(random, wide=wide)
        right = _neighbour(random, left) if random.random() < 0.2 else _decimal(random, wide=wide)
        yield Operation(left, symbol, right)


def _coefficient(random: Random, digits: int) -> int:
    """Return a whole number of `digits` digits; often one at which rounding changes its way."""
    match random.randrange(8):
        case 0:
            number = 10 ** (digits - 1)
        case 1:
            number = 10**digits - 1
        case 2:
            number = 5 * 10 ** (digits - 1)
        case 3:
            number = 10 ** (digits - 1) + 5
        case _:
            number = random.randrange(10 ** (digits - 1), 10**digits)
    number = min(number, 10**digits - 1)
    return -number if random.random() < 0.5 else number


def _decimal(random: Random, *, wide: bool) -> Decimal:
    """Return a number of up to 34 digits; with any exponent there is, where `wide`."""
    if random.random() < 0.01:
        return Decimal(0)
    scale = random.randint(LOWEST_SCALE, HIGHEST_SCALE) if wide else random.randint(-45, 45)
    return Decimal(f"{_coefficient(random, random.randint(1, DIGITS))}E{scale}")


def _neighbour(random: Random, number: Decimal) -> Decimal:
    """Return a number whose digits end about where those of `number` do."""
    scale = int(number.as_tuple().exponent) + random.choice((-36, -35, -34, -1, 0, 0, 1, 33, 34))
    scale = min(max(scale, LOWEST_SCALE), HIGHEST_SCALE)
    return Decimal(f"{_coefficient(random, random.randint(1, DIGITS))}E{scale}")


def _power(random: Random, far: bool) -> tuple[Decimal, str, Decimal]:
    """Return a power whose exact result is short enough to be worked out."""
    base = _decimal(random, wide=far and random.random() < 0.2)
    limit = 6000 if far else 12
    bits = max(part.bit_length() for part in base.as_integer_ratio())
    limit = min(limit, MAX_EXACT_BITS // max(bits, 1))
    return base, "**", Decimal(random.randint(-limit, limit))


# --- the comparison -------------------------------------------------------------------


def compare(questions: Iterator[Operation]) -> Tally:
    """Ask the engine each question, and the oracle too."""
    compared = nulls = 0
    differing: list[Operation] = []
    for each in questions:
        answer = OPERATORS[each.operator](Run(Limits()), each.left, each.right)
        wanted = expected(each)
        compared += 1
        nulls += wanted is None
        found = Fraction(answer) if isinstance(answer, Decimal) else answer
        if found != wanted:
            differing.append(each)
    return Tally(compared, nulls, tuple(differing))


def main() -> int:
    """Compare as many operations as the command line says; fail where one differs."""
    tally = compare(operations(int(sys.argv[1]), seed=1))
    sys.stdout.write(f"{tally}\n")
    sys.stdout.writelines(f"    {each}\n" for each in tally.differing[:20])
    return 1 if tally.differing else 0


if __name__ == "__main__":
    sys.exit(main())
