"""Inputs that never matter."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import pairwise, product
from typing import Final

from pydmn.diagnostics import Severity
from pydmn.plan.logic import Table
from pydmn.plan.view import names_in, reads
from pydmn.verify.tables.axes import Axis, bits, mask_of
from pydmn.verify.tables.boxes import Box, Spent, somewhere
from pydmn.verify.tables.columns import text_of_column
from pydmn.verify.tables.findings import Verdict
from pydmn.verify.tables.subject import Found, Subject

_STEPS: Final = 25_000_000
_STATES: Final = 64
"""Of a list with more values than this, to tell apart, it is not asked."""


def irrelevant_inputs(subject: Subject) -> Found:
    """Return the columns whose value never makes a difference to the answer.

    A column that a conclusion reads, beside the cells, is taken for one that matters. Of one that
    another column's cells or expression read, nothing is said.
    """
    found = Found()
    undecided = False
    grid = subject.grid
    concluding = _read_by_conclusions(subject.table)
    elsewhere = frozenset().union(
        *(names_in(unread.cell.tests) for unread in grid.unread),
        *(axis.reads for axis in grid.axes if axis.path is None and axis.free),
    )
    of_lists = {place for places in grid.lists for place in places}
    groups = [(place,) for place in range(len(grid.axes)) if place not in of_lists]
    for places in sorted([*groups, *grid.lists]):
        if any(grid.axes[place].opened for place in places):
            undecided = True
            continue
        axis = grid.axes[places[0]]
        if axis.reads & concluding:
            continue
        if axis.path is not None and axis.reads & elsewhere:
            undecided = True
            continue
        try:
            matters = _matters(subject, places)
        except Spent:
            matters = None
        undecided = undecided or matters is None
        if matters is False:
            found.findings.append(
                subject.finding(
                    "irrelevant-input",
                    Verdict.PROVED,
                    Severity.WARNING,
                    f"{_asked(subject, axis)} never matters: whatever it is, the answer is the "
                    "same",
                    source=subject.table.inputs[min(axis.columns)].source,
                )
            )
    if not found.findings and not undecided and subject.exact and subject.answers.exact:
        found.proved.append("every-input-matters")
    return found


def _asked(subject: Subject, axis: Axis) -> str:
    """Return what the columns of an axis test, as their author wrote it."""
    texts = (text_of_column(subject.table.inputs[column]) for column in sorted(axis.columns))
    return " and ".join(dict.fromkeys(texts))


def _read_by_conclusions(table: Table) -> frozenset[str]:
    """Return the names that outputs and defaults mention."""
    logics = [output for rule in table.rules for output in rule.outputs]
    logics += [column.default for column in table.outputs if column.default is not None]
    return frozenset().union(*map(reads, {id(each): each for each in logics}.values()))


def _matters(subject: Subject, places: tuple[int, ...]) -> bool | None:
    """Say whether some axes, of one input, matter; None where that is too much to ask.

    Raises `Spent`.
    """
    states = _states(subject, places)
    if states is None:
        return None
    masks = list(dict.fromkeys(states))
    if subject.grid.opened and len(masks) > 1:
        return None  # a rule that may match or not, for another column, may decide it
    subject.steps.allow(_STEPS)
    for one, other in pairwise(masks):
        for number in bits(one ^ other):
            if _differs(subject, places, number, one, other):
                return True
    return False


def _states(subject: Subject, places: tuple[int, ...]) -> list[int] | None:
    """Return the rules that axes of one input accept, for each value that it can have."""
    grid = subject.grid
    if len(places) == 1 and grid.axes[places[0]].members is None:
        return [atom.mask for atom in grid.axes[places[0]].atoms]
    sides = [range(len(grid.axes[place].atoms)) for place in places]
    count = 1
    for side in sides:
        count *= len(side)
    if count > 8 * _STATES:
        return None
    found = []
    for atoms in product(*sides):
        box = list(grid.space)
        mask = grid.every
        for place, atom in zip(places, atoms, strict=True):
            box[place] = 1 << atom
            mask &= grid.axes[place].atoms[atom].mask
        if grid.possible(tuple(box)):
            found.append(mask)
    return found if len(found) <= _STATES else None


def _differs(subject: Subject, places: tuple[int, ...], number: int, one: int, other: int) -> bool:
    """Say whether, where a rule holds all other axes, two values of an input differ in answer."""
    grid, answers = subject.grid, subject.answers

    def beside(box: Box) -> Box:
        return tuple(
            side if place not in places else grid.space[place] for place, side in enumerate(box)
        )

    box = beside(grid.boxes[number])
    if not grid.possible(box):
        return False

    def verdict(whole: list[int], part: list[int]) -> bool | None:
        if answers.ranks is not None:
            first = _first(subject, whole, part, one)
            second = _first(subject, whole, part, other)
            return None if first is None or second is None else first != second
        mask = mask_of(whole)
        if any(each >> rule & 1 for rule in part for each in (one, other)):
            return None
        return answers.of(mask & one) != answers.of(mask & other)

    near = grid.touched(box) & (one | other)
    rules = [(rule, beside(grid.boxes[rule])) for rule in bits(near)]
    return somewhere(box, rules, verdict, subject.steps, grid.possible)


def _first(
    subject: Subject, whole: list[int], part: list[int], mask: int
) -> tuple[Hashable] | None:
    """Return the key of what a box answers under FIRST and PRIORITY; None if that is not one."""
    answers = subject.answers
    assert answers.ranks is not None
    sure = {*whole}
    key: tuple[Hashable] | None = None
    for rule in sorted((*whole, *part), key=answers.ranks.__getitem__):
        if not mask >> rule & 1:
            continue
        if key is not None and key != (answers.keys[rule],):
            return None
        key = (answers.keys[rule],)
        if rule in sure:
            return key
    default = (answers.of(0),)
    return default if key is None or key == default else None
