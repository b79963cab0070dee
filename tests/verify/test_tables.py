"""Verdicts on tables, against going through all their inputs; and on larger ones, as made."""

from __future__ import annotations

import random

import pytest
from verify.large_grids import loaded, parted
from verify.table_claims import disagreements

SEEDS = range(300)


@pytest.mark.parametrize("first", SEEDS[::20])
def test_every_verdict_is_that_of_brute_force(first):
    wrong = [each for seed in SEEDS[first : first + 20] for each in disagreements(seed)]
    assert wrong == []


@pytest.fixture(scope="module")
def shared():
    """Rules that share all inputs among them."""
    return parted(random.Random(1), 400)


def test_a_whole_that_is_cut_in_parts_has_no_gap_and_no_overlap(shared):
    (found,) = loaded("UNIQUE", shared).verify()
    assert {"complete", "no-overlap", "no-dead-rule"} <= {*found.proved}
    assert not any(each.code == "overlap" for each in found.findings)


def test_a_missing_part_is_a_gap(shared):
    kept = shared[1:]
    model = loaded("UNIQUE", kept)
    (found,) = model.verify()
    assert "complete" not in found.proved
    alone = loaded("UNIQUE", shared[:1]).decision("D")
    gaps = [each.witness for each in found.findings if each.code == "gap"]
    assert [alone(each) for each in gaps if None not in each.values()].count("o0") >= 1


def test_a_part_that_stands_twice_is_dead_behind_itself(shared):
    (found,) = loaded("FIRST", [*shared, shared[0]]).verify()
    dead = [each.rules for each in found.findings if each.code == "dead-rule"]
    assert dead == [("r401", "r1")]
