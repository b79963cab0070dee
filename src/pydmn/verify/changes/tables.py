"""Two tables over the same inputs, compared as boxes in one space.

Their rules span one grid; a rule that says the same in both is one box. Where no rule matches
that is in one version only, and no two that stand the other way round, both versions answer
alike: so only the boxes of such rules are looked into, and cut until each piece has one answer
in each version.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Final, TypeAlias

from pydmn.model.expressions import HitPolicy
from pydmn.verify.changes.found import Change
from pydmn.verify.changes.joint import NotBoxes, Version, comparable, joint, kinds, outputs
from pydmn.verify.changes.matching import Pair, matched, meeting
from pydmn.verify.changes.scale import Scale, member_tests
from pydmn.verify.tables.answers import Answers
from pydmn.verify.tables.axes import Given, bits
from pydmn.verify.tables.boxes import Box, Spent, Steps, common, uncovered, volume, without
from pydmn.verify.tables.grid import Grid
from pydmn.verify.tables.read_axes import read_axes
from pydmn.verify.tables.witness import Cases

STEPS: Final = 50_000_000
"""The work that may be done on two tables: a minute or so, where all of it is needed."""

_ORDERED: Final = frozenset(
    {HitPolicy.FIRST, HitPolicy.PRIORITY, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER}
)
"""The hit policies by which it matters which of two rules stands in front."""

_OF_ONE: Final = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.FIRST, HitPolicy.PRIORITY})
"""The hit policies that answer with one rule."""

_WIDENED: Final = 200
"""So many boxes are made fewer."""

_BY_RANK: Final = frozenset({HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER})


@dataclass(frozen=True, slots=True)
class Piece:
    """A box in which each version has one answer, by its key."""

    box: Box
    old: Hashable
    new: Hashable


class TwoTables:
    """Two tables in one grid. Raises `NotBoxes`."""

    def __init__(self, old: Version, new: Version, steps: int = STEPS) -> None:
        comparable(old, new)
        self.steps = Steps(steps)
        requires = {**new.requires, **old.requires}
        pairs = matched(old.table, new.table)
        self._alike = outputs(old.table) == outputs(new.table)
        # By such hit policies a rule that matches alone answers alike.
        own = {old.table.hit_policy, new.table.hit_policy}
        self._alone_alike = own <= _OF_ONE and outputs(
            replace(old.table, hit_policy=new.table.hit_policy)
        ) == outputs(new.table)
        self._ordered = old.table.hit_policy in _ORDERED
        if self._alike and (not self._ordered or _in_order(pairs)):
            pairs = meeting(old.table, new.table, pairs, kinds(old.table, requires))
            pairs = pairs if any(None in pair for pair in pairs) else []
        self._pairs = pairs
        both = joint(old.table, new.table, pairs)
        named = {each.name: each for each in (*new.step.requirements, *old.step.requirements)}
        step = replace(old.step, logic=both, requirements=tuple(named.values()))
        engine = old.engine(step, requires)
        axes = read_axes(both, requires, engine.accepts, joined=False)
        if axes.unread:
            cell = axes.unread[0].cell
            raise NotBoxes(f"{cell.source.where}: it does more than compare with constants")
        self.grid = Grid(axes, len(pairs))
        self.cases = Cases(both, requires, self.grid, engine, self.steps)
        policies = {(each.table.hit_policy, each.table.aggregation) for each in (old, new)}
        unordered = policies == {(HitPolicy.COLLECT, None)}
        of_old, of_new = ([pair[place] for pair in pairs] for place in (0, 1))
        self._sides = _Side(old, of_old, unordered), _Side(new, of_new, unordered)

    # --- pieces ------------------------------------------------------------------------

    def pieces(self) -> Iterator[Piece]:
        """Yield boxes apart from one another that are all in which answers differ.

        Raises `Spent`.
        """
        looked: dict[int, list[Box]] = {}
        for number, seed in self._seeds():
            # Only seeds in boxes that meet can meet.
            others = self.grid.touching(number) | 1 << number if number >= 0 else 0
            boxes = [each for other in bits(others) for each in looked.get(other, ())]
            near = [each for each in boxes if common(seed, each) is not None]
            for box in uncovered(seed, near, self.steps):
                if self.grid.possible(box):
                    yield from self._within(box)
            looked.setdefault(number, []).append(seed)

    def _seeds(self) -> Iterator[tuple[int, Box]]:
        """Yield boxes outside of which both versions answer alike, each in that of a rule.

        The whole space is in that of none: -1.
        """
        grid = self.grid
        if not self._alike and not self._alone_alike:
            yield -1, grid.space
            return
        for number, pair in enumerate(self._pairs):
            if None in pair and grid.possible(grid.boxes[number]):
                yield number, grid.boxes[number]
        meeting_ = self._turned if self._alike else self._together
        for number, others in meeting_.items():
            for other in bits(others):
                if number < other and (box := common(grid.boxes[number], grid.boxes[other])):
                    yield number, box

    @property
    def _together(self) -> dict[int, int]:
        """For rules of both versions, those of both that match together with them."""
        both = sum(1 << number for number, pair in enumerate(self._pairs) if None not in pair)
        return {number: self.grid.touching(number) & both for number in bits(both)}

    @cached_property
    def _turned(self) -> dict[int, int]:
        """For rules of both versions, those that match together and stand the other way round.

        Only those that answer differently: of two that do not it is all one which is in front.
        """
        found: dict[int, int] = {}
        if not self._alike or not self._ordered:
            return found
        old, new = self._sides
        places = [(old.place(number), new.place(number)) for number in range(len(self._pairs))]
        for number, mine in enumerate(places):
            if None in self._pairs[number]:
                continue
            mask = 0
            self.steps.charge(1)
            for other in bits(self.grid.touching(number)):
                its = places[other]
                if (
                    None not in self._pairs[other]
                    and (mine[0] < its[0]) is not (mine[1] < its[1])
                    and old.key_of(number) != old.key_of(other)
                ):
                    mask |= 1 << other
            if mask:
                found[number] = mask
        return found

    def _within(self, box: Box) -> Iterator[Piece]:
        """Yield the pieces of a box, which is cut along the rules that matter in it."""
        grid = self.grid
        touching = [(number, grid.boxes[number]) for number in bits(grid.touched(box))]
        stack: list[tuple[Box, list[int], list[tuple[int, Box]]]] = [(box, [], touching)]
        while stack:
            box, whole, rules = stack.pop()
            self.steps.charge(1 + len(rules))
            holding, cutting = _parted(box, whole, rules)
            if self._same(holding, cutting):
                continue
            old, new = (side.view(holding, cutting) for side in self._sides)
            if old.decided and new.decided:
                if old.key != new.key and grid.possible(box):
                    yield Piece(box, old.key, new.key)
                continue
            live = [each for each in cutting if each[0] in old.open or each[0] in new.open]
            if self._same(holding, live):
                continue
            best = min(live, key=partial(_cost, box))
            live.remove(best)
            inside = common(box, best[1])
            assert inside is not None
            stack += [(piece, holding, live) for piece in without(box, best[1])]
            stack.append((inside, [*holding, best[0]], live))

    def _same(self, holding: Sequence[int], live: Sequence[tuple[int, Box]]) -> bool:
        """Say whether both versions see the same rules here, in the same order."""
        if not self._alike:
            return False
        numbers = [*holding, *(number for number, _ in live)]
        if any(None in self._pairs[number] for number in numbers):
            return False
        turned = self._turned
        if not turned:
            return True
        mask = sum(1 << number for number in numbers)
        return not any(turned.get(number, 0) & mask for number in numbers)

    # --- regions -----------------------------------------------------------------------

    def regions(self, boxes: Sequence[Box]) -> list[Box]:
        """Return a few boxes that hold what `boxes` do, and no more. Raises `Spent`."""
        if len(boxes) > _WIDENED:
            return list(boxes)
        found: list[Box] = []
        for box in sorted(boxes, key=volume, reverse=True):
            if not self._covered(box, found):
                found.append(self._widened(box, boxes))
        for box in sorted(found, key=volume):
            others = [each for each in found if each is not box]
            if self._covered(box, others):
                found = others
        return sorted(found, key=volume, reverse=True)

    def _covered(self, box: Box, boxes: Sequence[Box]) -> bool:
        parts = self.grid.possible_parts(uncovered(box, boxes, self.steps))
        return next(parts, None) is None

    def _widened(self, box: Box, boxes: Sequence[Box]) -> Box:
        for place, full in enumerate(self.grid.space):
            sides = {full, *(each[place] for each in boxes)}
            for side in sorted(sides, key=lambda each: (-each.bit_count(), each)):
                wide = (*box[:place], box[place] | side, *box[place + 1 :])
                if wide != box and self._covered(wide, boxes):
                    box = wide
        return box

    def words(self, box: Box) -> dict[str, str]:
        """Return what a box says of each input, or expression, that it narrows: FEEL's tests."""
        said: dict[str, str] = {}
        for place, axis in enumerate(self.grid.axes):
            if box[place] == axis.full:
                continue
            if axis.members is None:
                said[axis.text] = self._scale(place).tests([*bits(box[place])])
            else:
                words = member_tests(sorted(axis.members.wanted), box[place])
                said[axis.text] = (
                    f"{before} and {words}" if (before := said.get(axis.text)) else words
                )
        return said

    def said(self, box: Box) -> str:
        """Return what a box says of inputs as one line."""
        return (
            ", ".join(f"{name}: {tests}" for name, tests in self.words(box).items()) or "any input"
        )

    def apart(self, box: Box, others: Sequence[Box]) -> Box:
        """Return a part of a box that is in none of `others`."""
        parts = uncovered(box, [each for each in others if common(box, each)], self.steps)
        return next(self.grid.possible_parts(parts), box)

    def case(self, box: Box, replay: Replay) -> Change | None:
        """Return what versions answer in a case of a box, where that is not the same."""
        found: list[Change] = []

        def differs(given: Given, _: int) -> bool:
            change = replay(given)
            found.extend([] if change is None else [change])
            return change is not None

        return found[0] if self.cases.find(box, differs) is not None else None

    def _scale(self, place: int) -> Scale:
        axis = self.grid.axes[place]
        values = tuple(atom.values[0] if atom.values else None for atom in axis.atoms)
        known = axis.domain is not None
        if (axis.domain is not None and axis.domain.values is not None) or bool in map(
            type, values
        ):
            return Scale(values, frozenset(values), all=not known)
        named = frozenset(axis.constants.values)
        return Scale(values, named, ordered=axis.constants.ordered, all=not known)


@dataclass(frozen=True, slots=True)
class _View:
    """What one version answers in a box: the key if `decided`, else the rules it hangs on."""

    decided: bool
    key: Hashable = None
    open: frozenset[int] = frozenset()


class _Side:
    """One version's rules among those of the grid, and its answers."""

    def __init__(self, version: Version, numbers: Sequence[int | None], unordered: bool) -> None:
        table = version.table
        placed = ((number, at) for at, number in enumerate(numbers) if number is not None)
        there = sorted(placed)
        self._at = {place: own for own, (_, place) in enumerate(there)}
        small = replace(table, rules=tuple(table.rules[number] for number, _ in there))
        engine = version.engine(replace(version.step, logic=small), version.requires)
        self._policy = table.hit_policy
        self._unordered = unordered
        self.answers = Answers(small, engine)

    def place(self, number: int) -> Any:
        """Return what orders a rule among others: where it stands, or what it concludes."""
        own = self._at.get(number)
        if own is None or self._policy not in _BY_RANK or self.answers.ranks is None:
            return own
        return self.answers.ranks[own]

    def key_of(self, number: int) -> Hashable:
        """Return what a rule answers alone."""
        return self.answers.keys[self._at[number]]

    def view(self, holding: Sequence[int], cutting: Sequence[tuple[int, Box]]) -> _View:
        """Return what is answered where rules hold all of a box and others cut it."""
        mine = [self._at[number] for number in holding if number in self._at]
        cuts = {self._at[number]: number for number, _ in cutting if number in self._at}
        answers = self.answers
        if answers.ranks is not None and mine:
            # What stands behind the first that holds all of the box matters no more.
            first = min(mine, key=answers.ranks.__getitem__)
            cuts = {own: n for own, n in cuts.items() if answers.ranks[own] < answers.ranks[first]}
            if all(answers.keys[own] == answers.keys[first] for own in cuts):
                return _View(decided=True, key=answers.keys[first])
        elif self._policy is HitPolicy.UNIQUE and len(mine) > 1:
            cuts = {}
        if cuts:
            return _View(decided=False, open=frozenset(cuts.values()))
        if self._unordered and mine:
            # The order of what is collected means nothing (8.2.10).
            keys: dict[Hashable, int] = {}
            for own in mine:
                keys[answers.keys[own]] = keys.get(answers.keys[own], 0) + 1
            return _View(decided=True, key=("collected", frozenset(keys.items())))
        return _View(decided=True, key=answers.of(sum(1 << own for own in mine)))


def _parted(
    box: Box, whole: Sequence[int], rules: Sequence[tuple[int, Box]]
) -> tuple[list[int], list[tuple[int, Box]]]:
    """Return the rules that hold all of a box, those of `whole` among them, and that cut it."""
    holding = [*whole]
    cutting: list[tuple[int, Box]] = []
    for each in rules:
        pieces = _pieces(box, each[1])
        if pieces == 0:
            holding.append(each[0])
        elif pieces > 0:
            cutting.append(each)
    return holding, cutting


def _pieces(box: Box, rule: Box) -> int:
    """Return into how many pieces a rule cuts a box, beside what it holds; -1 for outside."""
    pieces = 0
    for side, its in zip(box, rule):  # noqa: B905  the innermost loop; boxes have all axes
        both = side & its
        if not both:
            return -1
        if both != side:
            pieces += 1
    return pieces


def _cost(box: Box, rule: tuple[int, Box]) -> int:
    return _pieces(box, rule[1])


def _in_order(pairs: Sequence[Pair]) -> bool:
    """Say whether the rules of both versions stand in the same order in both."""
    places = [new for old, new in pairs if old is not None and new is not None]
    return places == sorted(places)


# --- changes -----------------------------------------------------------------------------

Replay: TypeAlias = Callable[[Given], Change | None]
"""Says what both engines answer in a case, where that is not the same."""


def changes(two: TwoTables, replay: Replay) -> tuple[list[Change], str | None]:
    """Return where two tables answer differently, the largest region first.

    Beside it, why there may be more than that; None where these are all.
    """
    why: str | None = None
    pieces: dict[tuple[Hashable, Hashable], list[Box]] = {}
    try:
        for piece in two.pieces():
            pieces.setdefault((piece.old, piece.new), []).append(piece.box)
    except Spent:
        why = _SPENT
    regions: list[tuple[Box, Box]] = []
    try:
        for boxes in pieces.values():
            few = two.regions(boxes)
            # A case that is in no region before, as each region has one.
            regions += ((box, two.apart(box, few[:number])) for number, box in enumerate(few))
    except Spent:
        why = _SPENT
    regions.sort(key=lambda each: -volume(each[0]))
    if len(regions) > _MOST:
        why = why or f"there are {len(regions):,} regions, and the {_MOST} largest are shown"
    found: list[Change] = []
    try:
        for box, own in regions[:_MOST]:
            change = two.case(own, replay) or two.case(box, replay)
            if change is not None:
                found.append(replace(change, region=two.words(box)))
            else:
                why = why or f"{two.said(box)}: {_OPEN}"
    except Spent:
        why = _SPENT
    return found, why


_MOST: Final = 500
"""So many regions are shown."""

_SPENT: Final = "the steps for it are spent"
_OPEN: Final = "no input was found that is answered otherwise there, and none ruled out"
