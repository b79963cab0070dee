"""A coverage table of the size of DMCommunity's challenge "Medical Services": 16,369 rules.

The challenge's own data is not at hand; this table is generated, of its shape. Each service code
has about ten rules that share out all the ways in which it can be given (diagnosis class, plan,
place of service, age, units) without overlap or gap, as a payer's coverage grid does: UNIQUE
holds, and a code that the table does not know is the one thing without an answer.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Final, TypeAlias

from benchmarks.tables import Cell, Column, In, Interval, Record, Rule, Step, Table

RULES: Final = 16_369
CODES: Final = 1_600
CLASSES: Final = tuple(f"{letter}{block}" for letter in "ABCDEFGH" for block in range(5))
PLANS: Final = tuple(f"plan {number}" for number in range(1, 16))
PLACES: Final = ("11", "12", "19", "21", "22", "23", "24", "31", "81")
MOST_YEARS: Final = 120
MOST_UNITS: Final = 100

Side: TypeAlias = tuple[str, ...] | range
Box: TypeAlias = tuple[Side, ...]
"""Which classes, plans, places, years and units a rule covers, in this order."""
Drawn: TypeAlias = tuple[tuple[Step, ...], Callable[[random.Random], Record]]

EVERYTHING: Final[Box] = (CLASSES, PLANS, PLACES, range(MOST_YEARS), range(MOST_UNITS))


def medical_services(stream: random.Random, rules: int = RULES, codes: int = CODES) -> Drawn:
    """Return the table with that many rules for that many codes, and what draws its records."""
    services = [f"{10_000 + 29 * number}" for number in range(codes)]
    each, rest = divmod(rules, codes)
    rows = [
        Rule((In((service,)), *_cells(box)), _coverage(stream))
        for number, service in enumerate(services)
        for box in _shared_out(stream, each + (number < rest))
    ]
    stream.shuffle(rows)
    table = Table(
        "services",
        "UNIQUE",
        (
            Column("service", "string"),
            Column("diagnosis", "string"),
            Column("plan", "string"),
            Column("place", "string"),
            Column("age", "number"),
            Column("units", "number"),
        ),
        (Column("coverage", "string"), Column("copay", "number"), Column("review", "string")),
        tuple(rows),
    )

    def draw(rng: random.Random) -> Record:
        return {
            "service": rng.choice(services) if rng.random() < 0.98 else "99999",
            "diagnosis": rng.choice(CLASSES),
            "plan": rng.choice(PLANS),
            "place": rng.choice(PLACES),
            "age": rng.randrange(MOST_YEARS),
            "units": rng.randrange(MOST_UNITS),
        }

    return (table,), draw


def _shared_out(stream: random.Random, count: int) -> list[Box]:
    """Return `count` boxes that share out all there is: the largest is split in two, and again."""
    boxes = [EVERYTHING]
    while len(boxes) < count:
        boxes.sort(key=_size)
        boxes.extend(_split(stream, boxes.pop()))
    return boxes


def _size(box: Box) -> int:
    return math.prod(map(len, box))


def _split(stream: random.Random, box: Box) -> tuple[Box, Box]:
    column = stream.choice([number for number, side in enumerate(box) if len(side) > 1])
    side = box[column]
    if isinstance(side, tuple):
        left: Side = tuple(sorted(stream.sample(side, stream.randrange(1, len(side)))))
        right: Side = tuple(each for each in side if each not in left)
    else:
        cut = stream.randrange(side.start + 1, side.stop)
        left, right = range(side.start, cut), range(cut, side.stop)
    return _with(box, column, left), _with(box, column, right)


def _with(box: Box, column: int, side: Side) -> Box:
    return (*box[:column], side, *box[column + 1 :])


def _cells(box: Box) -> tuple[Cell, ...]:
    """Return the tests that the box passes; a side that is whole needs none."""
    cells: list[Cell] = []
    for side, whole in zip(box, EVERYTHING, strict=True):
        if len(side) == len(whole):
            cells.append(None)
        elif isinstance(side, range):
            cells.append(Interval(side.start, side.stop))
        else:
            cells.append(In(side))
    return tuple(cells)


def _coverage(stream: random.Random) -> tuple[str, int, str]:
    coverage = stream.choices(["covered", "not covered", "prior authorization"], [7, 2, 1])[0]
    copay = stream.choice([0, 10, 20, 25, 40, 75]) if coverage != "not covered" else 0
    return coverage, copay, stream.choice(["none", "none", "none", "nurse", "physician"])
