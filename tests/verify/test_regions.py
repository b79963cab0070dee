"""Where a formula holds, in boxes: against a look at every point of a small space."""

from __future__ import annotations

import itertools
import random

import pytest

import pydmn
from pydmn.verify.graph.circuit import FALSE, TRUE
from pydmn.verify.graph.symbols import Count


class Small:
    """A random space with its points, and a formula with what it says of each point."""

    def __init__(self, seed: int, *, ordered: bool = False) -> None:
        self.chance = random.Random(seed)
        self.space = pydmn.Space()
        sizes = [self.chance.randint(1, 5) for _ in range(self.chance.randint(0, 3))]
        values = [[*range(3 * size if ordered else size)] for size in sizes]
        self.choices = {
            f"c{n}": self.space.choice(f"c{n}", [*each, None] if ordered else each, ordered=ordered)
            for n, each in enumerate(values[: 2 if ordered else 3])
        }
        self.sets = {
            f"s{n}": self.space.membership(f"s{n}", "abc"[: self.chance.randint(1, 3)])
            for n in range(self.chance.randint(0, 2))
        }
        axes = [each.values for each in self.choices.values()]
        axes += [
            [each for size in range(4) for each in itertools.combinations(of.values, size)]
            for of in self.sets.values()
        ]
        names = (*self.choices, *self.sets)
        self.points = [dict(zip(names, row, strict=True)) for row in itertools.product(*axes)]

    def formula(self, depth: int):
        """Return a formula, and what says whether it holds at a point."""
        kind = self.chance.choice(["choice", "set", "all", "any", "not"] if depth else ["choice"])
        if kind in ("all", "any"):
            parts = [self.formula(depth - 1) for _ in range(self.chance.randint(1, 3))]
            of, says = (self.space.all_of, all) if kind == "all" else (self.space.any_of, any)
            return of(part for part, _ in parts), lambda at: says(each(at) for _, each in parts)
        if kind == "not":
            inner, holds = self.formula(depth - 1)
            return -inner, lambda at: not holds(at)
        chosen = self.sets if kind == "set" else self.choices
        if not chosen:
            return TRUE, lambda _: True
        name = self.chance.choice(sorted(chosen))
        place = self.chance.randrange(len(chosen[name].values))
        value, literal = chosen[name].values[place], chosen[name].formulas[place]
        if kind == "set":
            return literal, lambda at: value in at[name]
        return literal, lambda at: at[name] == value


def inside(box: pydmn.Region, at: dict) -> bool:
    """Say whether a point lies in a box."""
    return (
        all(at[name] in values for name, values in box.values.items())
        and all(set(values) <= set(at[name]) for name, values in box.there.items())
        and all(set(values).isdisjoint(at[name]) for name, values in box.absent.items())
    )


@pytest.mark.parametrize("seed", range(220))
def test_boxes_are_exactly_where_a_formula_holds(seed):
    ordered = seed >= 150
    small = Small(seed, ordered=ordered)
    formula, holds = small.formula(3)
    required, allows = small.formula(2) if seed % 2 else (TRUE, lambda _: True)
    small.space.require(required)
    found = small.space.regions(formula)
    assert found.spent is None
    possible = [at for at in small.points if allows(at)]
    for at in possible:
        assert any(inside(box, at) for box in found.boxes) == holds(at), at
    shares = [box.share for box in found.boxes]
    assert shares == sorted(shares, reverse=True)
    for box in found.boxes:
        within = [at for at in small.points if inside(box, at)]
        assert box.share == (len(within), len(small.points))
        example = {
            name: tuple(value) if name in small.sets else value
            for name, value in box.example.items()
        }
        assert example in [at for at in within if allows(at)]
        assert small.space.find(formula, *box.formulas) is not None
        assert small.space.find(-formula, *box.formulas) is None
        # Each box is needed, and none can be wider.
        others = [each for each in found.boxes if each is not box]
        assert any(not any(inside(each, at) for each in others) for at in within if allows(at))
        for name, values in box.values.items() if ordered else ():
            numbers = [each for each in values if each is not None]
            if numbers and len(small.choices[name].values) > 5:
                assert numbers == [*range(numbers[0], numbers[-1] + 1)]
        for literal in box.formulas if not ordered else ():
            rest = [each for each in box.formulas if each != literal]
            assert small.space.find(-formula, *rest) is not None


def ends(space: pydmn.Space) -> tuple:
    low, high = space.choice("low", range(40)), space.choice("high", range(40))
    other = space.choice("other", range(3))
    return low, high, other


def test_a_run_of_values_is_one_box():
    space = pydmn.Space()
    low, high, _ = ends(space)
    between, below = space.any_of(low.formulas[10:25]), space.any_of(high.formulas[:30])
    (box,) = space.regions(between, below).boxes
    assert box.values == {"low": tuple(range(10, 25)), "high": tuple(range(30))}
    assert box.share == (15 * 30 * 3, 40 * 40 * 3)


def test_nothing_and_everything():
    space = pydmn.Space()
    ends(space)
    assert space.regions(FALSE) == pydmn.Regions(())
    (box,) = space.regions(TRUE).boxes
    assert (box.values, box.there, box.absent, box.formulas) == ({}, {}, {}, ())


def test_what_is_to_be_free_is_left_free_first():
    # Both choices say the same wherever the space is, so one of them need not be spoken of.
    space = pydmn.Space()
    one, other = space.choice("one", "ab"), space.choice("other", "ab")
    space.require(-one.formulas[0], other.formulas[0])
    space.require(one.formulas[0], -other.formulas[0])
    (box,) = space.regions(one.formulas[0], free=["one"]).boxes
    assert box.values == {"other": ("a",)}
    (box,) = space.regions(one.formulas[0], free=["other"]).boxes
    assert box.values == {"one": ("a",)}
    with pytest.raises(KeyError, match="another"):
        space.regions(TRUE, free=["another"])


def test_boxes_speak_of_what_follows_where_that_says_as_much():
    space = pydmn.Space()
    day, code = space.choice("day", range(4)), space.choice("code", "abcd")
    extra = space.membership("extra", "xy")
    valid = space.value(lambda on, of: (on + ord(of)) % 3 == 0, day, code)
    size = space.value(lambda on: on // 2, day)
    names = space.elements(
        (code, lambda _: space.always), (extra, lambda of: extra.formulas["xy".index(of)])
    )
    unlike = space.any_of((extra.formulas[0], day.formulas[0]))
    told = [space.aspect("names", names), space.aspect("size", size), space.aspect("valid", valid)]
    told.append(space.aspect("unlike", unlike))
    assert [each.values for each in told[1:3]] == [(0, 1), (False, True)]
    of_names, of_size, of_valid = (each.formulas for each in told[:3])
    (box,) = space.regions(of_valid[0], of_size[1], -of_names[0], unlike, aspects=told).boxes
    assert box.values == {"valid": (False,), "size": (1,), "unlike": (True,)}
    assert (box.there, box.absent) == ({}, {"names": ("a",)})
    with pytest.raises(ValueError, match="`day` is chosen already"):
        space.regions(TRUE, aspects=[space.aspect("day", valid)])


def test_what_is_known_by_its_entries_is_no_aspect():
    space = pydmn.Space()
    with pytest.raises(pydmn.NotDecided, match="`rows` is no value and no list"):
        space.aspect("rows", ((TRUE, Count()),))


def parity(space: pydmn.Space) -> int:
    odd = FALSE
    for each in space.membership("m", range(6)).formulas:
        odd = space.any_of((space.all_of((odd, -each)), space.all_of((-odd, each))))
    return odd


def test_too_many_boxes_are_said_to_be():
    space = pydmn.Space()
    odd = parity(space)
    whole = space.regions(odd)
    assert (len(whole.boxes), whole.spent) == (32, None)
    assert space.regions(odd, boxes=32) == whole
    few = space.regions(odd, boxes=5)
    assert (len(few.boxes), few.spent) == (5, "there are more than 5 boxes")


def test_a_budget_that_is_spent_is_said_and_what_is_found_holds():
    space = pydmn.Space(conflicts=20)
    odd = parity(space)
    found = space.regions(odd)
    assert found.spent == "the solver's budget of 20 conflicts is spent"
    for box in found.boxes:
        assert space.find(-odd, *box.formulas) is None
    again = pydmn.Space(conflicts=20)
    assert again.regions(parity(again)) == found
