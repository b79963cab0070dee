"""Boxes and what is left between them: the one search behind every verdict on a table.

A *side* is a set of an axis's atoms as an int, bit `n` for atom `n`. A *box* is a side for each
axis; a rule is a box, and so is what is asked about. Whether rules cover a box is settled by
taking them from it one by one, the rule that leaves the fewest pieces first: what is left when
no rule is left to take is not covered, and no more than an example of it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

Side: TypeAlias = int
Box: TypeAlias = tuple[Side, ...]

_HALVED: Final = 32
"""With more rules than this in a box, and none that leaves one piece, the box is halved."""


class Spent(Exception):
    """The steps for a question are spent."""


class Steps:
    """The work that may be done on a table, counted: one for each rule looked at in a box.

    Steps are no seconds, so that a verdict is the same on every machine.
    """

    __slots__ = ("_floor", "left")

    def __init__(self, left: int) -> None:
        self.left = left
        self._floor = 0

    def allow(self, steps: int) -> None:
        """Let the next question take `steps`, or what is left."""
        self._floor = max(0, self.left - steps)

    def charge(self, steps: int) -> None:
        """Take `steps`; raise `Spent` where the question has no more."""
        self.left -= steps
        if self.left < self._floor:
            raise Spent


def common(box: Box, other: Box) -> Box | None:
    """Return what two boxes share, or None."""
    sides = []
    for side, its in zip(box, other, strict=True):
        both = side & its
        if not both:
            return None
        sides.append(both)
    return tuple(sides)


def volume(box: Box) -> int:
    """Return how many combinations of atoms a box has."""
    count = 1
    for side in box:
        count *= side.bit_count()
    return count


Cuts: TypeAlias = tuple[tuple[int, Side], ...]
"""A rule within a box: the axes on which it leaves a part of the box out, with its sides there."""


def _cuts(box: Box, rule: Box) -> Cuts | None:
    """Return how a rule cuts a box; None where they have no point in common."""
    cuts = []
    for axis, (side, its) in enumerate(zip(box, rule, strict=True)):
        both = side & its
        if not both:
            return None
        if both != side:
            cuts.append((axis, its))
    return tuple(cuts)


def uncovered(
    box: Box, rules: Iterable[Box], steps: Steps, possible: Callable[[Box], bool] | None = None
) -> Iterator[Box]:
    """Yield boxes within `box`, apart from one another, that together are all but `rules`.

    Those that are not `possible`, which have no points, are left out. Raises `Spent`.
    """
    cutting = [cuts for rule in rules if (cuts := _cuts(box, rule)) is not None]
    stack: list[tuple[Box, list[Cuts]]] = [(box, cutting)]
    while stack:
        box, cutting = stack.pop()
        steps.charge(1 + len(cutting))
        found = _left(box, cutting)
        if found is None or (possible is not None and not possible(box)):
            continue
        live, best, pieces = found
        if best is None:
            yield box
        elif pieces > 1 and len(live) > _HALVED:
            stack += [(half, live) for half in _halves(box, live)]
        else:
            live.remove(best)
            stack += [(piece, live) for piece in _outside(box, best)]


def _left(box: Box, rules: Sequence[Cuts]) -> tuple[list[Cuts], Cuts | None, int] | None:
    """Return the rules that touch `box`, the one that leaves the fewest pieces, and how many.

    None where one covers it.
    """
    live: list[Cuts] = []
    best: Cuts | None = None
    least = len(box) + 1
    for rule in rules:
        pieces = 0
        for axis, its in rule:
            side = box[axis]
            both = side & its
            if not both:
                break
            if both != side:
                pieces += 1
        else:
            if not pieces:
                return None
            live.append(rule)
            if pieces < least:
                best, least = rule, pieces
    return live, best, least


def _outside(box: Box, cuts: Cuts) -> Iterator[Box]:
    """Yield what is left of `box` beside a rule, in boxes apart from one another."""
    sides = list(box)
    for axis, its in cuts:
        outside = box[axis] & ~its
        if outside:
            yield (*sides[:axis], outside, *box[axis + 1 :])
        sides[axis] = box[axis] & its


def _inside(box: Box, cuts: Cuts) -> Box:
    """Return what a rule holds of `box`."""
    sides = list(box)
    for axis, its in cuts:
        sides[axis] &= its
    return tuple(sides)


def without(box: Box, rule: Box) -> Iterator[Box]:
    """Yield what is left of `box` beside `rule`, in boxes apart from one another."""
    sides = list(box)
    for axis, (side, its) in enumerate(zip(box, rule, strict=True)):
        outside = side & ~its
        if outside:
            yield (*sides[:axis], outside, *box[axis + 1 :])
        sides[axis] = side & its


def _halves(box: Box, rules: Sequence[Cuts]) -> tuple[Box, Box]:
    """Return a box in two, along the axis on which most rules end within it, in their middle.

    Where a rule ends, it is not cut.
    """
    ends: list[list[int]] = [[] for _ in box]
    for rule in rules[:: max(1, len(rules) // 64)]:
        for axis, its in rule:
            side = box[axis]
            both = side & its
            if both == side:
                continue
            low, top = (both & -both).bit_length() - 1, both.bit_length()
            if low > (side & -side).bit_length() - 1:
                ends[axis].append(low)
            if top < side.bit_length():
                ends[axis].append(top)
    axis = max(range(len(box)), key=lambda place: len(ends[place]))
    if not ends[axis]:
        # No rule ends on an axis: they leave out atoms between those they have.
        return _in_two(box, max(range(len(box)), key=lambda place: box[place].bit_count()))
    return _cut(box, axis, sorted(ends[axis])[len(ends[axis]) // 2])


def _in_two(box: Box, axis: int) -> tuple[Box, Box]:
    """Return a box in two, along an axis on which it has two atoms or more."""
    side = box[axis]
    lowest = (side & -side).bit_length() - 1
    return _cut(box, axis, (lowest + side.bit_length()) // 2)


def _cut(box: Box, axis: int, place: int) -> tuple[Box, Box]:
    """Return a box in two: on an axis, the atoms before a place, and those from it on."""
    side = box[axis]
    below = side & ((1 << place) - 1)
    return (
        (*box[:axis], below, *box[axis + 1 :]),
        (*box[:axis], side ^ below, *box[axis + 1 :]),
    )


def missed(box: Box, rules: Sequence[Box], steps: Steps) -> Box | None:
    """Return a box that rules *without common points* leave of `box`, or None for nothing.

    What such rules cover is the sum of their volumes, so that one look at each says which half
    of a box is not full. Raises `Spent`.
    """
    live = list(rules)
    while True:
        steps.charge(1 + len(live))
        parts = [part for rule in live if (part := common(box, rule)) is not None]
        if not parts:
            return box
        if sum(map(volume, parts)) == volume(box):
            return None
        halves = _in_two(box, max(range(len(box)), key=lambda axis: box[axis].bit_count()))
        for half in halves:
            inside = [part for rule in parts if (part := common(half, rule)) is not None]
            if sum(map(volume, inside)) < volume(half):
                box, live = half, inside
                break


Verdict: TypeAlias = "Callable[[list[int], list[int]], bool | None]"
"""Says of a box, by the rules that hold all of it and those that hold a part, in order: whether
what is sought is everywhere in it (True), nowhere (False), or perhaps somewhere (None)."""


def somewhere(
    box: Box,
    rules: Sequence[tuple[int, Box]],
    verdict: Verdict,
    steps: Steps,
    possible: Callable[[Box], bool],
) -> bool:
    """Say whether there is a point in `box` of which `verdict` is True. Raises `Spent`.

    `rules` have their numbers; a verdict of a box that no rule cuts is not None. A box that is
    not `possible` has no points.
    """
    cutting = [(number, cuts) for number, rule in rules if (cuts := _cuts(box, rule)) is not None]
    stack: list[tuple[Box, list[int], list[tuple[int, Cuts]]]] = [(box, [], cutting)]
    while stack:
        box, whole, cutting = stack.pop()
        steps.charge(1 + len(cutting))
        holding = whole.copy()
        live: list[tuple[int, Cuts]] = []
        best: tuple[int, Cuts] | None = None
        least = len(box) + 1
        for each in cutting:
            pieces = 0
            for axis, its in each[1]:
                side = box[axis]
                both = side & its
                if not both:
                    break
                if both != side:
                    pieces += 1
            else:
                if not pieces:
                    holding.append(each[0])
                    continue
                live.append(each)
                if pieces < least:
                    best, least = each, pieces
        holding.sort()
        found = verdict(holding, sorted(number for number, _ in live))
        if found and possible(box):
            return True
        if found is None and possible(box):
            assert best is not None
            live.remove(best)
            stack += [(piece, holding, live) for piece in _outside(box, best[1])]
            stack.append((_inside(box, best[1]), [*holding, best[0]], live))
    return False


def halfway(box: Box) -> Iterator[tuple[int, ...]]:
    """Yield a few points of a box, atoms by number: the first, the last, those between."""
    ends = [(side & -side).bit_length() - 1 for side in box]
    tops = [side.bit_length() - 1 for side in box]
    yield tuple(ends)
    yield tuple(tops)
    middles = tuple(
        ((side >> ((low + high) // 2)) & -(side >> ((low + high) // 2))).bit_length()
        - 1
        + (low + high) // 2
        for side, low, high in zip(box, ends, tops, strict=True)
    )
    yield middles
    for axis in range(len(box)):
        yield (*middles[:axis], ends[axis], *middles[axis + 1 :])
        yield (*middles[:axis], tops[axis], *middles[axis + 1 :])
