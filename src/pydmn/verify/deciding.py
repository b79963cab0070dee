"""Which unknowns can still change an answer, and which of them would settle it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

from pydmn.verify.diagrams import Diagrams, Leaf, Node, leaves, restricted, support
from pydmn.verify.joint import Joint, Spread
from pydmn.verify.outcomes import Outcome, Row, Unknown

Numbers: TypeAlias = frozenset[int]


@dataclass(frozen=True, slots=True)
class Deciding:
    """An unknown that matters: whether it alone decides, and in which share of its values."""

    name: str
    alone: bool
    settles: float


Matters: TypeAlias = tuple[int, bool, float]
"""The number of an unknown, whether it alone decides, for which share of its values."""

OPEN: Final = ("open",)
"""Stands for several values in a diagram. No value of FEEL is a tuple."""


def of_spread(
    joint: Joint, spread: Spread, read: Callable[[Outcome], Any]
) -> Iterator[tuple[str, bool, float]]:
    """Yield the keys of the unknowns on which what `read` gives depends, as `Matters` says."""
    sets: dict[Any, int] = {}
    for outcome, worlds in spread.outcomes.items():
        value = read(outcome)
        sets[value] = sets.get(value, 0) | worlds
    space = joint.space
    for number, (unknown, classes) in enumerate(zip(joint.unknowns, joint.classes, strict=True)):
        if not any(space.depends(worlds, number) for worlds in sets.values()):
            continue
        settled = sum(
            size
            for size, within in zip(classes.sizes, space.sets[number], strict=True)
            if any(within & worlds == within for worlds in sets.values())
        )
        atoms = len(unknown.atoms)
        yield unknown.key, settled == atoms, settled / atoms


def of_node(diagrams: Diagrams, node: Node, widths: Sequence[int]) -> Iterator[Matters]:
    """Yield the unknowns on which a diagram depends; `widths` are the numbers of their atoms."""
    for number in sorted(support(node)):
        settled = sum(
            isinstance(left, Leaf) and left.value is not OPEN
            for position in range(widths[number])
            for left in (restricted(diagrams, node, number, position),)
        )
        yield number, settled == widths[number], settled / widths[number]


def of_unknowns(diagrams: Diagrams, node: Node, unknowns: Sequence[Unknown]) -> list[Deciding]:
    """Return the unknowns on which a diagram depends, those that settle most first.

    Ties go by the order of the unknowns.
    """
    widths = [len(each.atoms) for each in unknowns]
    found = [
        Deciding(unknowns[number].name, alone, settles)
        for number, alone, settles in of_node(diagrams, node, widths)
    ]
    return sorted(found, key=lambda each: -each.settles)


def row_node(
    diagrams: Diagrams, number: int, row: Row[Outcome], read: Callable[[Outcome], Any]
) -> Node:
    """Return the diagram of what `read` gives of a row over unknown `number`."""
    return diagrams.branch(number, tuple(diagrams.leaf(read(each)) for each in row.values))


def spread_node(
    diagrams: Diagrams,
    numbers: Sequence[int],
    joint: Joint,
    spread: Spread,
    read: Callable[[Outcome], Any],
) -> Node:
    """Return the diagram of what `read` gives of a spread.

    `numbers` are those of the joint's unknowns, ascending.
    """
    strides = joint.space.strides
    known: dict[tuple[int, tuple[int, ...]], Node] = {}
    ends = [diagrams.leaf(read(each)) for each in spread.outcomes]

    def visit(at: int, sets: tuple[int, ...]) -> Node:
        ends_left = {end: None for end, worlds in zip(ends, sets, strict=True) if worlds}
        if len(ends_left) == 1:
            return next(iter(ends_left))
        found = known.get((at, sets))
        if found is None:
            stride = strides[at]
            inside = (1 << stride) - 1
            children = [
                visit(at + 1, tuple(worlds >> stride * each & inside for worlds in sets))
                for each in range(joint.space.sizes[at])
            ]
            of = joint.classes[at].of
            found = diagrams.branch(numbers[at], tuple(children[each] for each in of))
            known[at, sets] = found
        return found

    return visit(0, tuple(spread.outcomes.values()))


def projected(diagrams: Diagrams, node: Node, unanswered: Iterable[int]) -> Node:
    """Return what is known whatever the `unanswered` are: a value, or `OPEN` for several."""
    for number in sorted(unanswered, reverse=True):
        node = _projected(diagrams, node, number)
    return node


def _projected(diagrams: Diagrams, node: Node, number: int) -> Node:
    known: dict[Node, Node] = {}

    def visit(each: Node) -> Node:
        if isinstance(each, Leaf) or each.unknown > number:
            return each
        found = known.get(each)
        if found is None:
            children = tuple(dict.fromkeys(each.children))
            if each.unknown == number:
                found = diagrams.combine(children, lambda values, _: _same(values), _differs)
            else:
                renewed = {child: visit(child) for child in children}
                found = diagrams.branch(
                    each.unknown, tuple(renewed[child] for child in each.children)
                )
            known[each] = found
        return found

    return visit(node)


def _same(values: tuple[Any, ...]) -> Any:
    """Return the value that all have; equal values of a diagram are one object."""
    return values[0] if all(value is values[0] for value in values) else OPEN


def _differs(at: tuple[Node, ...]) -> Any:
    """Return `OPEN` as soon as two are known to differ."""
    ends = {each for each in at if isinstance(each, Leaf)}
    return OPEN if len(ends) > 1 or any(each.value is OPEN for each in ends) else None


def deciding_sets(diagrams: Diagrams, node: Node) -> list[tuple[Numbers, float]]:
    """Return the smallest sets of unknowns that can settle a diagram, the smallest first.

    Some values of theirs leave one answer, whatever the other unknowns are; of no set a part
    does. With each goes the share of its values that do. Sets of one size go by that share,
    the greatest first, then by their numbers.
    """
    depends = support(node)
    known: dict[Node, tuple[Numbers, ...]] = {}
    sets = _smallest(
        each for end in leaves(node) for each in _sets(diagrams, _where(diagrams, node, end), known)
    )
    found = [(each, _share(projected(diagrams, node, depends - each))) for each in sets]
    found.sort(key=lambda each: (len(each[0]), -each[1], sorted(each[0])))
    return [(each, float(share)) for each, share in found]


def _where(diagrams: Diagrams, node: Node, end: Leaf) -> Node:
    return diagrams.combine((node,), lambda values, _: values[0] is end.value)


def _sets(
    diagrams: Diagrams, node: Node, known: dict[Node, tuple[Numbers, ...]]
) -> tuple[Numbers, ...]:
    """Return the smallest sets of unknowns with values that make a diagram of a truth true."""
    if isinstance(node, Leaf):
        return (frozenset(),) if node.value else ()
    found = known.get(node)
    if found is None:
        children = tuple(dict.fromkeys(node.children))
        whatever = diagrams.combine(children, lambda values, _: all(values), _one_false)
        found = known[node] = _smallest(
            (
                *_sets(diagrams, whatever, known),
                *(
                    each | {node.unknown}
                    for child in children
                    for each in _sets(diagrams, child, known)
                ),
            )
        )
    return found


def _one_false(at: tuple[Node, ...]) -> bool | None:
    return False if any(isinstance(each, Leaf) and not each.value for each in at) else None


def _smallest(sets: Iterable[Numbers]) -> tuple[Numbers, ...]:
    """Return those of `sets` of which no other is a part."""
    found: list[Numbers] = []
    for each in sorted(set(sets), key=len):
        if not any(part <= each for part in found):
            found.append(each)
    return tuple(found)


def _share(node: Node) -> Fraction:
    """Return the share of the worlds of a diagram in which it is not `OPEN`."""
    known: dict[Node, Fraction] = {}

    def visit(each: Node) -> Fraction:
        if isinstance(each, Leaf):
            return Fraction(each.value is not OPEN)
        found = known.get(each)
        if found is None:
            width = len(each.children)
            found = known[each] = sum(map(visit, each.children), Fraction(0)) / width
        return found

    return visit(node)
