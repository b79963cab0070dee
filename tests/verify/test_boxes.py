"""What rules leave of a box, against looking at every point."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from pydmn.verify.tables.boxes import Box, Steps, common, missed, somewhere, uncovered, volume

SPACE: Box = (7, 15, 3)


def points(box: Box) -> set[tuple[int, ...]]:
    return {*product(*([n for n in range(4) if side >> n & 1] for side in box))}


boxes = st.tuples(*(st.integers(1, side) for side in SPACE))
rules = st.lists(boxes, max_size=8)


@given(boxes, rules)
def test_what_is_left_is_every_point_that_no_rule_has_and_each_once(box, rules):
    left = [point for part in uncovered(box, rules, Steps(10**6)) for point in points(part)]
    covered = {point for rule in rules for point in points(rule)}
    assert sorted(left) == sorted(points(box) - covered)


@given(boxes, rules)
def test_of_rules_apart_something_is_missed_unless_they_fill_the_box(box, rules):
    apart: list[Box] = []
    for rule in rules:
        if all(common(rule, each) is None for each in apart):
            apart.append(rule)
    hole = missed(box, apart, Steps(10**6))
    left = points(box) - {point for rule in apart for point in points(rule)}
    assert (hole is None) is (not left)
    assert hole is None or points(hole) <= left


@given(boxes, rules, st.sets(st.integers(0, 7)))
def test_somewhere_is_at_some_point(box, rules, wanted):
    """Sought: where exactly the wanted rules match."""
    numbered = [*enumerate(rules)]

    def verdict(whole: list[int], part: list[int]) -> bool | None:
        if not {*whole} <= wanted:
            return False
        return None if part else {*whole} == wanted

    found = somewhere(box, numbered, verdict, Steps(10**6), lambda _: True)
    assert found is any(
        {n for n, rule in numbered if point in points(rule)} == wanted for point in points(box)
    )


@given(boxes)
def test_a_volume_is_the_number_of_points(box):
    assert volume(box) == len(points(box))
