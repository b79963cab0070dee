"""Tables of any size, of the kinds that indexes are chosen for.

equalities    pairs of codes, UNIQUE (W2)
intervals     four numbers, each of few different bounds, FIRST (W3)
scattered     the same, each bound a decimal of its own
mixed         a code, and for each code intervals of two numbers, UNIQUE
many hits     a number from a bound on, COLLECT: most of the rules match (as W4)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from benchmarks.tables import Cell, Column, From, In, Interval, Record, Rule, Table
from benchmarks.workloads import Drawn, code_table, intervals

_A_CODE: Final = 9
"""Rules of one code: three parts of one number by three of the other."""


def scattered(stream: random.Random, count: int) -> Drawn:
    """Return intervals of `count` rules whose bounds are hardly ever alike."""
    (table,), draw = intervals(stream, count)
    assert isinstance(table, Table)

    def moved(bound: object) -> Decimal:
        assert isinstance(bound, int)
        return Decimal(bound * 1_000_000 + stream.randrange(1_000_000)).scaleb(-6)

    def cells(rule: Rule) -> tuple[Cell, ...]:
        found = [each for each in rule.cells if isinstance(each, Interval)]
        return tuple(Interval(moved(each.low), moved(each.high)) for each in found)

    rules = tuple(replace(rule, cells=cells(rule)) for rule in table.rules)
    return (replace(table, rules=rules),), draw


def mixed(stream: random.Random, count: int) -> Drawn:
    """Return `count` rules: a code, and parts of two numbers that do not overlap."""
    codes = [f"{10_000 + 7 * number}" for number in range(1 + count // _A_CODE)]
    rules: list[Rule] = []
    for code in codes:
        first = sorted(stream.sample(range(1, 100), 2))
        second = sorted(stream.sample(range(1, 100), 2))
        for low, high in zip((0, *first), (*first, 100), strict=True):
            for least, most in zip((0, *second), (*second, 100), strict=True):
                cells = (In((code,)), Interval(low, high), Interval(least, most))
                rules.append(Rule(cells, (f"{len(rules) % 97}",)))
    stream.shuffle(rules)
    inputs = (Column("code", "string"), Column("age", "number"), Column("units", "number"))
    table = Table("mixed", "UNIQUE", inputs, (Column("cover", "string"),), tuple(rules[:count]))

    def draw(rng: random.Random) -> Record:
        return {"code": rng.choice(codes), "age": rng.randrange(100), "units": rng.randrange(100)}

    return (table,), draw


def many_hits(stream: random.Random, count: int) -> Drawn:
    """Return `count` rules, most of which match a record."""
    bounds = stream.sample(range(1, 8_000 * count), count)
    rules = tuple(
        Rule((From(bound), None if number % 3 else In(("gold", "silver"))), (f"flag{number}",))
        for number, bound in enumerate(bounds)
    )
    inputs = (Column("score", "number"), Column("tier", "string"))
    table = Table("flags", "COLLECT", inputs, (Column("flag", "string"),), rules)

    def draw(rng: random.Random) -> Record:
        score = rng.randint(4_000 * count, 8_000 * count)
        return {"score": score, "tier": rng.choice(["gold", "silver", "bronze"])}

    return (table,), draw


KINDS: Final[Mapping[str, Callable[[random.Random, int], Drawn]]] = {
    "equalities": code_table,
    "intervals": intervals,
    "scattered": scattered,
    "mixed": mixed,
    "many hits": many_hits,
}
