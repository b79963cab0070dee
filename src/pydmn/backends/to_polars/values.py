"""Answers, each kept once: equal ones have one number."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from pydmn.backends.to_polars.coding import Coded, Codes
from pydmn.feel.temporal import Date, DateTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration

Answer: TypeAlias = tuple[Any, tuple[str, ...]]
"""A value, and the ids of the rules hit."""

_PLAIN = (
    str, bool, Decimal, type(None), Date, DateTime, Time, DaysAndTimeDuration,
    YearsAndMonthsDuration,
)  # fmt: skip


def identity(value: Any) -> Any:
    """Return a key that is equal for equal values alone; ranges and functions are their own."""
    match value:
        case dict():
            return (dict, *((name, identity(each)) for name, each in value.items()))
        case list():
            return (list, *map(identity, value))
    return (type(value), value if isinstance(value, _PLAIN) else id(value))


class Answers:
    """The different answers of one decision, in the order in which they came."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._values: list[Any] = []
        self._rules: list[tuple[str, ...]] = []

    def number(self, answer: Answer) -> int:
        """Return the number of an answer."""
        value, rules = answer
        number = self._numbers.setdefault((identity(value), rules), len(self._values))
        if number == len(self._values):
            self._values.append(value)
            self._rules.append(rules)
        return number

    def coded(self, codes: Codes, which: Sequence[int] | None = None) -> Coded:
        """Return the column that has these answers, or those of them that have such numbers."""
        if which is None:
            return Coded(codes, self._values, self._rules)
        values, rules = self._values, self._rules
        return Coded(codes, [values[each] for each in which], [rules[each] for each in which])
