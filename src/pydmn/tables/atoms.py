"""The atoms of a column: its values in parts that no cell tells apart, numbered from 0.

A cell is then a set of numbers, kept as runs of neighbours, since most cells are few of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from pydmn.tables.accepted import Accepted, Column
from pydmn.tables.cells import ranked
from pydmn.tables.regions import Region

Runs: TypeAlias = tuple[tuple[int, int], ...]
"""Sets of numbers: the first of each run and the one after its last, ascending."""


@dataclass(frozen=True, slots=True)
class Atoms:
    """The atoms of a column, and which of them each of its cells accepts.

    `numbers` is a region in which a value has its atom's number in place of a mask. `count` is
    how many atoms there are, null's the last.
    """

    numbers: Region
    count: int
    cells: tuple[Runs, ...]


def atoms(column: Column) -> Atoms:
    """Return the atoms of a column."""
    return _in_order(column) if column.ordered else _by_name(column)


def _by_name(column: Column) -> Atoms:
    named = dict.fromkeys(chain.from_iterable(cell.at for cell in column.cells))
    numbers = {value: number for number, value in enumerate(ranked(named, column.kind))}
    other = len(numbers)
    null = other + 1

    def runs(cell: Accepted) -> Runs:
        turns = sorted(numbers[value] for value in cell.at)
        singles = list(chain.from_iterable((number, number + 1) for number in turns))
        return _runs(singles, cell.first, cell.null, null)

    region = Region(column.kind, null, numbers, other)
    return Atoms(region, null + 1, tuple(map(runs, column.cells)))


def _in_order(column: Column) -> Atoms:
    at = dict.fromkeys(chain.from_iterable(cell.at for cell in column.cells), 0)
    beyond = dict.fromkeys(chain.from_iterable(cell.beyond for cell in column.cells), 0)
    cuts = ranked({*at, *beyond}, column.kind)
    number = 0
    between = [number]
    for cut in cuts:
        for begins in (at, beyond):
            if cut in begins:
                number += 1
                begins[cut] = number
            between.append(number)
    null = number + 1

    def runs(cell: Accepted) -> Runs:
        turns = [at[cut] for cut in cell.at]
        turns += [beyond[cut] for cut in cell.beyond]
        return _runs(sorted(turns), cell.first, cell.null, null)

    region = Region(column.kind, null, {}, 0, tuple(cuts), tuple(between))
    return Atoms(region, null + 1, tuple(map(runs, column.cells)))


def _runs(turns: Sequence[int], first: bool, null: bool, last: int) -> Runs:
    """Return what a cell accepts that turns at each of `turns`; null is the number `last`."""
    if not first and not null and len(turns) == 2:
        return ((turns[0], turns[1]),)  # as that of most cells
    edges = [0, *turns] if first else [*turns]
    if len(edges) % 2:
        edges.append(last)
    if null:
        edges += [last, last + 1]
    found = zip(edges[::2], edges[1::2], strict=True)
    return joined(run for run in found if run[0] < run[1])


def joined(runs: Iterable[tuple[int, int]]) -> Runs:
    """Return the union of runs that are in order of where they begin."""
    union: list[tuple[int, int]] = []
    for start, stop in runs:
        if union and start <= union[-1][1]:
            union[-1] = union[-1][0], max(stop, union[-1][1])
        else:
            union.append((start, stop))
    return tuple(union)
