"""Inputs for which terms are what they are to be: operations are undone, one by one.

Of `Weight / (Height * Height)`, which is to be 30, the weight is 30 times what is beside it. What
comes of this is only proposed: whether it is so, the engine says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final, TypeAlias

from pydmn.feel import ast
from pydmn.feel.temporal import Date, DaysAndTimeDuration, YearsAndMonthsDuration
from pydmn.verify.changes.uses import Path

Given: TypeAlias = Mapping[str, Any]
Evaluated: TypeAlias = Callable[[ast.Expression, Given], Any]

_TRIED: Final = 60
"""So many inputs are proposed for one case."""
_AGAIN: Final = 4
"""So many terms are mended, one after another."""
_LONG: Final = 1_000
"""So many elements a list has at most."""
_DAY: Final = 86_400 * 10**9
_UNDONE: Final[Mapping[str, tuple[tuple[str, bool], tuple[str, bool]]]] = {
    "+": (("-", False), ("-", False)),
    "-": (("+", False), ("-", True)),
    "*": (("/", False), ("/", False)),
    "/": (("*", False), ("/", True)),
}
"""How the left and the right operand come of the result and the other one, which may come first."""


class Inputs:
    """Proposes inputs; `evaluated` says what nodes are for FEEL values by name."""

    def __init__(self, evaluated: Evaluated) -> None:
        self._evaluated = evaluated

    def proposed(
        self,
        given: Given,
        wanted: Mapping[ast.Expression, Any],
        holds: Callable[[ast.Expression, Any], bool],
    ) -> Iterator[Given]:
        """Yield `given`, and what is like it but for `wanted`, what nodes are to be.

        `holds` says whether a value of a node is as good as the one wanted.
        """
        return islice(self._mended(given, wanted, holds, _AGAIN), _TRIED)

    def _mended(
        self,
        given: Given,
        wanted: Mapping[ast.Expression, Any],
        holds: Callable[[ast.Expression, Any], bool],
        left: int,
    ) -> Iterator[Given]:
        failing = [node for node in wanted if not holds(node, self._evaluated(node, given))]
        if not failing or not left:
            yield given
            return
        for node in failing:
            for place in dict.fromkeys(_places(node)):
                if not _is_there(given, place):
                    continue
                for value in self._undone(node, wanted[node], place, given):
                    if value is not None:
                        yield from self._mended(_with(given, place, value), wanted, holds, left - 1)
        yield given

    def _undone(
        self, node: ast.Expression, target: Any, place: Path, given: Given
    ) -> Iterator[Any]:
        """Yield what a place may be, so that a node is `target`."""
        if _path(node) == place:
            yield target
            return
        match node:
            case ast.Arithmetic(operator, left, right) if operator in _UNDONE:
                for side, other, (undo, first) in zip(
                    (left, right), (right, left), _UNDONE[operator], strict=True
                ):
                    if place in _places(side):
                        its = self._evaluated(other, given)
                        pair = (its, target) if first else (target, its)
                        found = self._computed(undo, *pair)
                        yield from self._undone(side, found, place, given)
            case ast.Negation(operand):
                found = self._computed("-", Decimal(0), target)
                yield from self._undone(operand, found, place, given)
            case ast.Path(base, entry):
                for value in _of_entry(entry, target, self._evaluated(base, given)):
                    yield from self._undone(base, value, place, given)
            case ast.Call(ast.Name("years and months duration"), (first, last)):
                at = [self._evaluated(each, given) for each in (first, last)]
                if place in _places(last):
                    yield from self._undone(last, self._computed("+", at[0], target), place, given)
                if place in _places(first):
                    yield from self._undone(first, self._computed("-", at[1], target), place, given)
            case ast.Comparison("<" | "=" as operator, left, right):
                found = self._evaluated(right, given)
                if place in _places(right):
                    left, right = right, left
                    found = self._evaluated(right, given)
                beside = {True: "", False: "z"}[target is (operator == "=")]
                value = found + beside if isinstance(found, str) else found
                yield from self._undone(left, value, place, given)
                yield from self._undone(left, "" if isinstance(found, str) else found, place, given)
            case ast.Call(ast.Name(name), (first, *others)):
                more = [self._evaluated(each, given) for each in others]
                for value in _of_call(name, target, more, self._evaluated(first, given)):
                    yield from self._undone(first, value, place, given)

    def _computed(self, operator: Any, left: Any, right: Any) -> Any:
        node = ast.Arithmetic(operator, ast.Name("left"), ast.Name("right"))
        return self._evaluated(node, {"left": left, "right": right})


def _path(node: ast.Node) -> Path | None:
    match node:
        case ast.Name(name):
            return (name,)
        case ast.Path(base, name):
            at = _path(base)
            return None if at is None else (*at, name)
    return None


def _places(node: ast.Node) -> list[Path]:
    """Return the places that a node reads, and the parts of values that look like places."""
    at = _path(node)
    found = [] if at is None else [at[: n + 1] for n in range(len(at))]
    for child in ast.children(node):
        found += _places(child)
    return found


def _is_there(given: Given, place: Path) -> bool:
    """Say whether a place is one of contexts: the year of a date is none."""
    inside: Any = given
    for name in place[:-1]:
        inside = inside.get(name)
        if not isinstance(inside, dict):
            return inside is None
    return True


def _with(given: Given, place: Path, value: Any) -> Given:
    if len(place) == 1:
        return {**given, place[0]: value}
    inside = given.get(place[0])
    return {**given, place[0]: _with(inside if isinstance(inside, dict) else {}, place[1:], value)}


def _of_entry(entry: str, target: Any, now: Any) -> Iterator[Any]:
    """Yield values of which an entry is a number."""
    number = int(target) if isinstance(target, Decimal) else 0
    match entry:
        case "years":
            yield YearsAndMonthsDuration(12 * number)
        case "months":
            yield YearsAndMonthsDuration(number)
        case "days":
            yield DaysAndTimeDuration(number * _DAY)
        case "hours":
            yield DaysAndTimeDuration(number * _DAY // 24)
        case "year" | "month" | "day" if isinstance(now, Date):
            for day in (now.day, 1, 28):
                parts = {"year": now.year, "month": now.month, "day": day, entry: number}
                try:
                    yield Date(**parts)
                except ValueError:
                    continue
        case "weekday" if isinstance(now, Date):
            for days in range(7):
                yield Date.from_days(now.days + days)


def _of_call(name: str, target: Any, others: list[Any], now: Any) -> Iterator[Any]:
    """Yield values of which a function, with other arguments, gives `target`."""
    other = others[0] if others else None
    match name:
        case "starts with" | "ends with" | "contains" if isinstance(other, str):
            yield from (other, f"{other}z", f"z{other}") if target else ("z", "", "other")
        case "matches" if isinstance(other, str):
            bare = other.strip("^$").replace("\\", "")
            yield from (bare, bare.split(".")[0], bare.split("[")[0]) if target else ("", "z")
        case "string length" if isinstance(target, Decimal) and 0 <= target <= 10_000:
            yield "x" * int(target)
        case "substring" if isinstance(other, Decimal) and isinstance(target, str):
            yield "x" * (int(other) - 1) + target
        case "upper case" | "lower case" if isinstance(target, str):
            yield from (target, target.upper(), target.lower())
        case "count" if isinstance(now, list) and isinstance(target, Decimal):
            yield [now[place % len(now)] for place in range(min(int(target), _LONG))] if now else []
        case "modulo":
            yield from (target, other)
        case "abs":
            yield target
        case "odd" | "even":
            yield from (Decimal(1), Decimal(2))
        case "date" | "time" | "date and time" | "number" if isinstance(now, str):
            yield str(target)
        case "day of week" | "month of year" if isinstance(now, Date):
            yield from (
                Date.from_days(now.days + each) for each in (*range(7), *range(28, 360, 28))
            )
        case _:
            yield target
