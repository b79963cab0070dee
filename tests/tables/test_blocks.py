"""Rules in blocks: those that match are the ones whose every cell holds the record's atom."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydmn.feel.types import NUMBER
from pydmn.tables.atoms import Atoms, Runs, joined
from pydmn.tables.blocks import Blocks, Sides
from pydmn.tables.regions import Region

ATOMS = 12


def side(cells: list[set[int]]) -> Sides:
    """Return a column in which rule `n` accepts the atoms `cells[n]`."""
    runs = tuple(joined((atom, atom + 1) for atom in sorted(cell)) for cell in cells)
    unused = Region(NUMBER, 0, {}, 0)
    return Sides(Atoms(unused, ATOMS, runs), range(len(cells)))


WIDE = st.sampled_from([set(range(ATOMS)), set(range(4, ATOMS)), set(range(6)), {0, 5, 11}, set()])
NARROW = st.builds(lambda start, length: {*range(start, min(start + length, ATOMS))},
                   st.integers(0, ATOMS - 1), st.integers(1, 3))  # fmt: skip
COLUMNS = st.integers(1, 40).flatmap(
    lambda rules: st.lists(
        st.lists(NARROW | WIDE, min_size=rules, max_size=rules), min_size=1, max_size=3
    )
)


@given(COLUMNS, st.integers(1, 9), st.data())
def test_the_rules_that_match(columns, block, data):
    blocks = Blocks([side(cells) for cells in columns], len(columns[0]), block)
    for _ in range(5):
        record = [data.draw(st.integers(0, ATOMS - 1)) for _ in columns]
        right = [
            rule
            for rule in range(len(columns[0]))
            if all(atom in cells[rule] for atom, cells in zip(record, columns, strict=True))
        ]
        assert blocks.matched(record) == right
        assert blocks.first(record) == (right[0] if right else -1)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=8))
def test_runs_are_joined(pairs):
    runs = sorted((start, start + length) for start, length in pairs)
    found = joined(runs)
    assert {n for start, stop in found for n in range(start, stop)} == {
        n for start, stop in runs for n in range(start, stop)
    }
    assert all(before[1] < after[0] for before, after in pairwise(found))


def boxes(rules: int, width: int) -> list[Sides]:
    """Return four columns of random intervals of one width, over 1,000 atoms."""
    chance = random.Random(rules)  # noqa: S311  the same rules in each run
    unused = Region(NUMBER, 0, {}, 0)
    found = []
    for _ in range(4):
        cells: list[Runs] = []
        for _ in range(rules):
            start = chance.randrange(1_000 - width)
            cells.append(((start, start + width),))
        found.append(Sides(Atoms(unused, 1_000, tuple(cells)), range(rules)))
    return found


@pytest.mark.parametrize(("rules", "width"), [(4_000, 120), (16_000, 80)])
def test_a_record_meets_few_blocks(rules, width):
    """Neighbours stand together: of 40 and of 190 blocks a record looks into a few."""
    blocks = Blocks(boxes(rules, width), rules)
    records = [[(at * step) % 1_000 for step in (1, 3, 7, 9)] for at in range(0, 1_000, 37)]
    counts = [blocks.candidates(record).bit_count() for record in records]
    assert sum(counts) / len(counts) <= 8
