"""The interval of a rate."""

from __future__ import annotations

from math import sqrt
from typing import Final

NORMAL_975: Final = 1.959963984540054
"""The quantile of the standard normal distribution at 0.975: 95 % lie within, on both sides."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % score interval of `hits` in `of`, which is above 0, as shares.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal
    of the American Statistical Association 22 (1927), 209-212; without a correction for
    continuity.

    >>> [round(bound, 4) for bound in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    squared = NORMAL_975**2
    middle = (hits + squared / 2) / (of + squared)
    reach = NORMAL_975 * sqrt(hits * (of - hits) / of + squared / 4) / (of + squared)
    low = 0.0 if hits == 0 else middle - reach
    high = 1.0 if hits == of else middle + reach
    return low, high
