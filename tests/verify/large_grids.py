"""Large tables over four numbers and two enumerations, to measure how long verification takes."""

from __future__ import annotations

import random
from typing import TypeAlias

from dmn_text import decision, input_data, model, output, table

import pydmn

Sides: TypeAlias = tuple[tuple[int, int], ...]
"""The first and the last atom that a rule takes of each column."""

ATOMS = 2_001
VALUES = 6
SIZES = (ATOMS,) * 4 + (VALUES,) * 2
NAMES = "abcdef"
LIMITS = pydmn.Limits(cells=1_000_000, model_steps=100_000_000)
TYPES = (
    '<itemDefinition name="value"><typeRef>string</typeRef><allowedValues><text>'
    + ", ".join(f'"v{n}"' for n in range(VALUES))
    + "</text></allowedValues></itemDefinition>"
)


def parted(chance: random.Random, count: int) -> list[Sides]:
    """Return rules that share all inputs among them: the whole, cut in two again and again."""
    boxes: list[Sides] = [tuple((0, size - 1) for size in SIZES)]
    while len(boxes) < count:
        number, column = chance.randrange(len(boxes)), chance.randrange(len(SIZES))
        box = boxes[number]
        low, high = box[column]
        if low < high:
            middle = chance.randrange(low, high)
            boxes[number] = (*box[:column], (low, middle), *box[column + 1 :])
            boxes.append((*box[:column], (middle + 1, high), *box[column + 1 :]))
    chance.shuffle(boxes)
    return boxes


def scattered(chance: random.Random, count: int, widest: float) -> list[Sides]:
    """Return rules anywhere, each column up to `widest` of its atoms."""
    found = []
    for _ in range(count):
        sides = []
        for size in SIZES:
            low = chance.randrange(size)
            sides.append(
                (low, min(size - 1, low + chance.randrange(1, max(2, int(size * widest)))))
            )
        found.append(tuple(sides))
    return found


def loaded(policy: str, boxes: list[Sides]) -> pydmn.Model:
    """Return a model of one table."""
    return _loaded(policy, list(enumerate(boxes)))


def _loaded(policy: str, boxes: list[tuple[int, Sides]]) -> pydmn.Model:
    """Return a model of one table, with the number by which each rule concludes."""
    rules = tuple(
        (*(_cell(column, *side) for column, side in enumerate(box)), f'"o{number % 97}"')
        for number, box in boxes
    )
    columns = tuple((name, "number" if n < 4 else "value") for n, name in enumerate(NAMES))
    logic = table(policy, columns, (output("", "string"),), rules)
    made = model(TYPES, *(input_data(*each) for each in columns),
                 decision("D", logic, inputs=tuple(NAMES)))  # fmt: skip
    return pydmn.load(made, limits=LIMITS)


def _cell(column: int, low: int, high: int) -> str:
    if (low, high) == (0, SIZES[column] - 1):
        return "-"
    if column >= 4:
        return ", ".join(f'"v{n}"' for n in range(low, high + 1))
    if low == 0:
        return f"< {high + 1}"
    return f">= {low}" if high == ATOMS - 1 else f"[{low}..{high + 1})"


def tables(count: int) -> dict[str, pydmn.Model]:
    """Return tables of `count` rules by what they are."""
    chance = random.Random(20)
    whole = parted(chance, count)
    cut = whole[:-1]
    mixed = parted(chance, count * 4 // 5)
    mixed += scattered(chance, count - len(mixed), 0.1)
    chance.shuffle(mixed)
    return {
        "UNIQUE, no overlap, no gap": loaded("UNIQUE", whole),
        "UNIQUE, no overlap, one rule missing": loaded("UNIQUE", cut),
        "FIRST, scattered, up to a quarter of a column": loaded(
            "FIRST", scattered(chance, count, 0.25)
        ),
        "FIRST, no gap, a fifth scattered over the rest": loaded("FIRST", mixed),
    }


def versions(count: int) -> dict[str, tuple[pydmn.Model, pydmn.Model]]:
    """Return pairs of tables of `count` rules by what is changed."""
    chance = random.Random(20)
    whole = [*enumerate(parted(chance, count))]
    wide = [*enumerate(scattered(chance, count, 0.25))]
    mixed = parted(chance, count * 4 // 5)
    mixed += scattered(chance, count - len(mixed), 0.1)
    chance.shuffle(mixed)
    some = [*enumerate(mixed)]
    full = _loaded("FIRST", some)
    (table_,) = full.verify()
    dead = {each.rules[0] for each in table_.findings if each.code == "dead-rule"}
    live = [rule for rule in some if f"r{rule[0] + 1}" not in dead]
    return {
        "FIRST, scattered, one boundary moved": (
            _loaded("FIRST", wide), _loaded("FIRST", _moved(wide))
        ),
        "UNIQUE, no overlap, one boundary moved": (
            _loaded("UNIQUE", whole), _loaded("UNIQUE", _moved(whole))
        ),
        "FIRST, a fifth scattered over the rest, dead rules removed": (
            full, _loaded("FIRST", live)
        ),
        "UNIQUE, no overlap, in another order": (
            _loaded("UNIQUE", whole), _loaded("UNIQUE", whole[::-1])
        ),
        "FIRST, no overlap, in another order": (
            _loaded("FIRST", whole), _loaded("FIRST", whole[::-1])
        ),
    }  # fmt: skip


def _moved(rules: list[tuple[int, Sides]]) -> list[tuple[int, Sides]]:
    """Return rules of which one in the middle is less wide in one column."""
    place = len(rules) // 2
    number, box = rules[place]
    column = next(n for n, (low, high) in enumerate(box) if low < high)
    low, high = box[column]
    narrow = (*box[:column], (low, high - 1), *box[column + 1 :])
    return [*rules[:place], (number, narrow), *rules[place + 1 :]]
