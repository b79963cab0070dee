"""Masks: their bits, what they choose, and those of a column of which some are kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tables.test_blocks import COLUMNS, side

from pydmn.tables.sets import bits, chosen
from pydmn.tables.sparse_masks import SparseMasks

SETS = st.sets(st.integers(0, 300), max_size=40)


@given(SETS)
def test_bits(numbers: set[int]) -> None:
    assert bits(sum(1 << number for number in numbers)) == sorted(numbers)


@given(SETS)
def test_what_a_mask_chooses(numbers: set[int]) -> None:
    items = [f"item {number}" for number in range(301)]
    right = [items[number] for number in sorted(numbers)]
    assert chosen(items, sum(1 << number for number in numbers)) == right


@given(COLUMNS, st.integers(0, 80))
def test_masks_are_worked_out_from_those_that_are_kept(columns: list, size: int) -> None:
    for cells in columns:
        masks = SparseMasks(side(cells), size)
        for atom in range(12):
            assert bits(masks.mask(atom)) == [
                rule for rule, cell in enumerate(cells) if atom in cell
            ]


@given(COLUMNS)
def test_the_share_of_a_column(columns: list) -> None:
    for cells in columns:
        assert round(side(cells).share * 12 * len(cells)) == sum(map(len, cells))
