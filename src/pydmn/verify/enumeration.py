"""Few worlds, one by one: the answers of `pydmn.verify.worlds` without diagrams.

A decision is evaluated once for each way in which the unknown inputs may be. With two facts
missing that is quicker than to build what holds for all of them; with many it never ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Generic, TypeVar

from pydmn.verify.worlds import Unknown

A = TypeVar("A")
World = tuple[int, ...]
"""The position of each unknown's atom."""

Ask = Callable[[Mapping[str, Any]], A]
"""Answers, given values of the unknowns by name; one that is not given is null."""

Open = Callable[[A], bool]
"""Says of an answer, which knows nothing of an unknown, whether that is open."""


class Enumeration(Generic[A]):
    """The answer in every world, in the order of the unknowns' atoms.

    `open_when` says when an unknown is open; it is null elsewhere. Such unknowns come after
    those that their condition depends on.
    """

    def __init__(
        self, unknowns: Sequence[Unknown], ask: Ask[A], open_when: Mapping[int, Open[A]]
    ) -> None:
        self.unknowns = tuple(unknowns)
        self._sizes = [len(each.atoms) for each in unknowns]
        self._open_when = open_when
        self._answers: dict[World, A] = {}
        order = sorted(range(len(self.unknowns)), key=lambda number: number in open_when)
        self._visit(ask, order, {}, {})
        self.answers = [self._answers[world] for world in sorted(self._answers)]
        """The answer of every world, in order."""

    def _visit(
        self, ask: Ask[A], order: list[int], given: dict[str, Any], at: dict[int, int | None]
    ) -> None:
        if not order:
            answer = ask(given)
            for world in self._worlds(at):
                self._answers[world] = answer
            return
        number, *rest = order
        unknown = self.unknowns[number]
        condition = self._open_when.get(number)
        if condition is not None and not condition(ask(given)):
            self._visit(ask, rest, given, {**at, number: None})
            return
        for position, atom in enumerate(unknown.atoms):
            self._visit(ask, rest, {**given, unknown.name: atom}, {**at, number: position})

    def _worlds(self, at: Mapping[int, int | None]) -> Iterator[World]:
        """Yield the worlds of an answer; an unknown that is not open may be anything."""
        yield from product(
            *(
                range(size) if at[number] is None else (at[number],)
                for number, size in enumerate(self._sizes)
            )
        )

    def deciding(self, read: Callable[[A], Any]) -> list[tuple[int, bool, float]]:
        """Return the unknowns on which what `read` gives depends, by number.

        With each, whether it alone decides, and for which share of its values.
        """
        read_by_answer: dict[int, Any] = {}
        for answer in self._answers.values():
            if id(answer) not in read_by_answer:
                read_by_answer[id(answer)] = read(answer)
        seen = {world: read_by_answer[id(answer)] for world, answer in self._answers.items()}
        found = []
        for number, size in enumerate(self._sizes):
            if all(
                value == seen[(*world[:number], 0, *world[number + 1 :])]
                for world, value in seen.items()
            ):
                continue
            settled = [
                len({value for world, value in seen.items() if world[number] == position}) == 1
                for position in range(size)
            ]
            found.append((number, all(settled), sum(settled) / size))
        return found


def few(unknowns: Sequence[Unknown]) -> bool:
    """Say whether the worlds are few enough to go through them."""
    return prod(len(each.atoms) for each in unknowns) <= _FEW


_FEW = 256
