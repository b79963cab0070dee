"""Cases to try where nothing exact can be said: a difference that one shows is a difference.

The values are those that the versions mention, those beside them, and a few of every size; the
combinations are the first of each, one value at a time away from it, then some of all, always the
same.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from itertools import chain, islice
from typing import Any, Final

from pydmn.feel import ast
from pydmn.feel.temporal import Date
from pydmn.feel.types import ANY, BOOLEAN, DATE, NUMBER, STRING, ContextType, ListType, Type
from pydmn.plan.logic import Item, Step
from pydmn.source import Source
from pydmn.tables.cells import after, before, literal
from pydmn.verify.tables.pieces import listed

TRIALS: Final = 4_000
"""So many cases are tried."""

_SIZES: Final = "0 1 -1 0.5 1.5 2 3 5 7 10 15 18 20 25 30 40 50 65 80 100 150 200 500 1000 10000"
_LADDER: Final = tuple(map(Decimal, _SIZES.split()))
_MANY: Final = 300
"""So many values of one kind are tried, at most."""
_SEED: Final = 1


def cases(
    inputs: Mapping[str, Sequence[Step]], readers: Iterable[Step]
) -> Iterator[dict[str, Any]]:
    """Yield cases for `inputs`, FEEL values by name; `readers` are what may mention values.

    An input is what it is in each version: so are its values those of each.
    """
    pools = _Pools(chain.from_iterable(inputs.values()), readers)
    values = {
        name: [*chain.from_iterable(pools.of(step.item, step.item.type) for step in steps)]
        for name, steps in inputs.items()
    }
    return islice(_combined(values), TRIALS)


def _combined(values: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    first = {name: each[0] for name, each in values.items()}
    yield first
    for name, each in values.items():
        for value in each[1:]:
            yield {**first, name: value}
    chance = random.Random(_SEED)  # noqa: S311  a sample, and always the same
    while values:
        yield {name: chance.choice(each) for name, each in values.items()}


class _Pools:
    """Values of each type, those first that are mentioned."""

    def __init__(self, inputs: Iterable[Step], readers: Iterable[Step]) -> None:
        found: dict[Any, None] = {}
        for step in (*inputs, *readers):
            for node in nodes_of(step):
                known, value = literal(node)
                if known and not isinstance(value, list):
                    found[value] = None
        self._mentioned = [*found]

    def of(self, item: Item, type_: Type) -> list[Any]:
        """Return values for what is to be an `item` of a type; null is one."""
        values = None if item.allowed is None else listed(item.allowed)
        if isinstance(type_, ListType):
            element = item.element or Item()
            inner = [*(values or self.of(element, type_.element))][:_MANY]
            several = [inner[:2], inner[1:4], inner[:1] * 2]
            several += [[None], [None, *inner[:1]], inner[:3]]
            return [*([each] for each in inner), [], *several, None]
        if isinstance(type_, ContextType):
            entries = dict(item.entries)
            pools = {name: self.of(entries.get(name, Item()), each) for name, each in type_.entries}
            return [*islice(_combined(pools), _MANY), None]
        if values is not None:
            return [*values, None]
        return [*dict.fromkeys(islice(self._basic(type_), _MANY)), None]

    def _basic(self, type_: Type) -> Iterator[Any]:
        if type_ in (NUMBER, ANY):
            mentioned = self._of(Decimal)
            yield from mentioned
            for value in mentioned:
                yield from (value + 1, value - 1, value * 2)
            yield from _LADDER
        if type_ in (STRING, ANY):
            yield from self._of(str)
            yield from ("any other", "")
        if type_ in (BOOLEAN, ANY):
            yield from (True, False)
        if type_ == DATE:
            for value in self._of(Date):
                yield from (each for each in (value, before(value), after(value)) if each)
            yield Date(2020, 1, 1)

    def _of(self, class_: type) -> list[Any]:
        return [value for value in self._mentioned if type(value) is class_]


def nodes_of(step: Step) -> Iterator[ast.Node]:
    """Yield the nodes of all texts of a step."""
    waiting: list[Any] = [step.item, step.logic]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        match part:
            case ast.Node():
                yield from ast.walk(part)
            case tuple():
                waiting += reversed(part)
            case _ if is_dataclass(part) and not isinstance(part, Source | type):
                waiting += (getattr(part, each.name) for each in fields(part))
