"""The values of one input in parts that nothing tells apart, and sets of them as FEEL tests."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydmn.feel import text
from pydmn.run import Run
from pydmn.tables.cells import rank


@dataclass(frozen=True, slots=True)
class Scale:
    """A value for each part: null perhaps, and one that is among `named` or stands for others.

    Where they are `ordered`, the values but null ascend, and one that is not named stands for all
    between the named ones beside it; else, for all that is not named. There are values beside
    these parts where they are not `all`.
    """

    values: tuple[Any, ...]
    named: frozenset[Any]
    ordered: bool = False
    all: bool = True

    def part(self, value: Any) -> int | None:
        """Return the number of the part that a value is in; None where there is none."""
        for number, each in enumerate(self.values):
            if (type(each), each) == (type(value), value):
                return number
        if value is None or isinstance(value, list | dict) or value in self.named:
            return None
        unnamed = [
            number
            for number, each in enumerate(self.values)
            if each is not None and each not in self.named and type(each) is type(value)
        ]
        if not self.ordered or not unnamed:
            return unnamed[0] if unnamed else None
        cuts = sorted(self.named, key=rank)
        below = bisect_left(cuts, rank(value), key=rank)
        places = {bisect_left(cuts, rank(self.values[n]), key=rank): n for n in unnamed}
        return places.get(below)

    def tests(self, chosen: Collection[int]) -> str:
        """Return the unary tests that accept the parts with these numbers, and no others."""
        wanted = set(chosen)
        if len(wanted) == len(self.values):
            return "-"
        null = next((n for n, value in enumerate(self.values) if value is None), None)
        rest = [n for n in range(len(self.values)) if n != null]
        if self.all and wanted.issuperset(rest):
            return "not(null)"
        shown = [] if null is None or null not in wanted else ["null"]
        if self.ordered:
            shown += self._runs([n for n in rest if n in wanted])
        elif all(self.values[n] in self.named for n in rest if n in wanted):
            shown += [_written(self.values[n]) for n in rest if n in wanted]
        else:
            left_out = [] if shown else ["null"]
            left_out += [_written(self.values[n]) for n in rest if n not in wanted]
            return f"not({', '.join(left_out)})"
        return ", ".join(shown)

    def _runs(self, numbers: Sequence[int]) -> Iterator[str]:
        """Yield the intervals of numbers that follow one another."""
        start = 0
        for end in range(1, len(numbers) + 1):
            if end == len(numbers) or numbers[end] != numbers[end - 1] + 1:
                yield self._interval(self.values[numbers[start]], self.values[numbers[end - 1]])
                start = end

    def _interval(self, first: Any, last: Any) -> str:
        cuts = sorted(self.named, key=rank)
        low, high = first, last
        if first not in self.named:
            place = bisect_left(cuts, rank(first), key=rank)
            low = cuts[place - 1] if place else None
        if last not in self.named:
            place = bisect_left(cuts, rank(last), key=rank)
            high = cuts[place] if place < len(cuts) else None
        closed = first in self.named, last in self.named
        if low is None:
            return "not(null)" if high is None else f"<{'=' if closed[1] else ''} {_written(high)}"
        if high is None:
            return f">{'=' if closed[0] else ''} {_written(low)}"
        if all(closed) and low == high:
            return _written(low)
        ends = "[" if closed[0] else "(", "]" if closed[1] else ")"
        return f"{ends[0]}{_written(low)}..{_written(high)}{ends[1]}"


def member_test(scale: Scale, number: int, *, there: bool) -> str:
    """Return as a test that a list has, or has not, a member of a part.

    A filter leaves out a member that is null, of which it is not known whether it is in a part.
    """
    value = scale.values[number]
    if value is None or value in scale.named:
        test = f"list contains(?, {_written(value)})"
        return test if there else f"not({test})"
    condition = f"item in ({scale.tests([number])})"
    if not scale.ordered:
        # Behind `in` there is no `not` of tests.
        named = [_written(each) for each in scale.values if each in scale.named]
        condition = "item != null"
        condition += f" and not(item in ({', '.join(named)}))" if named else ""
    return f"?[{condition}] {'!=' if there else '='} []"


def _written(value: Any) -> str:
    return text.literal(Run(), value)


def member_tests(wanted: Sequence[str], side: int) -> str:
    """Return as a test what a side says of a list: that it is null, has none, has one of some."""
    if side == 6 or (side == 2 and not wanted):
        return "? != null"
    named = [*map(_written, wanted)]
    asks = f"some d in ? satisfies d in ({', '.join(named)})"
    if len(named) == 1:
        asks = f"list contains(?, {named[0]})"
    tests = {1: "? = null", 2: f"not({asks})", 4: asks}
    said = [words for bit, words in tests.items() if side & bit]
    return said[0] if len(said) == 1 else f"({' or '.join(said)})"
