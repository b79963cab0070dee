"""Gaps: what matches no rule and has no default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydmn.diagnostics import Severity
from pydmn.verify.tables.axes import SINGLE, Given
from pydmn.verify.tables.boxes import Box, Spent, missed, uncovered, volume
from pydmn.verify.tables.findings import Verdict
from pydmn.verify.tables.grid import Grid
from pydmn.verify.tables.subject import Found, Subject

_MOST: Final = {Severity.ERROR: 5, Severity.WARNING: 5, Severity.NOTE: 2}
"""So many gaps of one class are shown."""

_TRIES: Final = 40
"""So many holes are looked at where it is not known whether an input leads there."""

_STEPS: Final = 25_000_000
_MORE: Final = 500_000
"""So many steps are for further gaps, after the first."""


@dataclass(frozen=True, slots=True)
class _Class:
    """A part of the space that is told apart: its boxes have no common points."""

    words: str
    boxes: tuple[Box, ...]
    severity: Severity


def gaps(subject: Subject) -> Found:
    """Return the gaps of a table: among what it names, among all else, and of nulls.

    A gap among values that the table or its types name is an error where one rule has to
    answer; among values that stand nowhere a warning, as it is where decisions would have to
    answer together what perhaps they do not; of null, and where the table answers with a
    list, a note.
    """
    if subject.answers.defaulted:
        return Found(proved=["complete", "complete-with-null"])
    found = Found()
    one = subject.table.hit_policy in SINGLE and subject.table.aggregation is None
    classes = _classes(subject.grid, Severity.ERROR if one else Severity.NOTE)
    whole = _whole(subject, classes, found)
    if all(whole[:2]):
        found.proved.append("complete")
        if whole[2]:
            found.proved.append("complete-with-null")
    return found


def _whole(subject: Subject, classes: tuple[_Class, ...], found: Found) -> list[bool]:
    """Add the gaps of each class, and return of which it is proved that there are none.

    Most tables leave out nulls alone: the two others are first asked about as one.
    """
    grid = subject.grid
    some = tuple(side & ~its for side, its in zip(grid.space, grid.nulls, strict=True))
    subject.steps.allow(_STEPS)
    try:
        full = not all(some) or next(_holes(subject, some, []), None) is None
    except Spent:
        full = False
    asked = classes[2:] if full else classes
    return [True] * (3 - len(asked)) + [_class_gaps(subject, each, found) for each in asked]


def _classes(grid: Grid, worst: Severity) -> tuple[_Class, ...]:
    null, named = grid.nulls, grid.named
    some = tuple(side & ~its for side, its in zip(grid.space, null, strict=True))
    unnamed = tuple(side & ~its for side, its in zip(some, named, strict=True))
    middle = Severity.WARNING if worst is Severity.ERROR else worst
    return (
        _Class("", (named,) if all(named) else (), worst),
        _Class(" that no rule names", tuple(_once(named, unnamed, some)), middle),
        _Class(" with null", tuple(_once(some, null, grid.space)), Severity.NOTE),
    )


def _once(before: Box, here: Box, behind: Box) -> Iterator[Box]:
    """Yield the boxes of the points that are `here` on an axis, and `before` on those before."""
    for place, side in enumerate(here):
        box = (*before[:place], side, *behind[place + 1 :])
        if all(box):
            yield box


def _class_gaps(subject: Subject, class_: _Class, found: Found) -> bool:
    """Add the gaps of a class; return whether it is proved that there is none."""
    shown: list[Box] = []
    open_holes = 0
    subject.steps.allow(_STEPS)
    holes = ((hole, box) for box in class_.boxes for hole in _holes(subject, box, shown))
    try:
        for hole, box in holes:
            wide = subject.grid.widened(hole, box)
            given = _case(subject, wide) or (_case(subject, hole) if wide != hole else None)
            if given is None:
                open_holes += 1
            else:
                shown.append(wide)
                _add(subject, class_, subject.grid.widened(wide, subject.grid.space), given, found)
                subject.steps.allow(_MORE)
            if len(shown) == _MOST[class_.severity] or open_holes == _TRIES:
                break
    except Spent:
        if not shown:
            _not_decided(subject, class_, "the steps for it are spent", found)
            return False
    if open_holes and not shown:
        why = "no input was found that leads there, and none ruled out"
        _not_decided(subject, class_, why, found)
    return not open_holes and not shown


def _holes(subject: Subject, box: Box, shown: list[Box]) -> Iterator[Box]:
    """Yield boxes within `box` that no rule is sure to match, none of them in one that is `shown`.

    Raises `Spent`.
    """
    grid, steps = subject.grid, subject.steps
    if grid.opened or not grid.counted or not grid.apart:
        sure = subject.boxes(grid.every & ~grid.opened & ~grid.empty)
        taken = -1
        while taken != len(shown):
            # What is shown is looked at no more: there may be no end of parts of it.
            taken = len(shown)
            for part in grid.uncovered(box, [*sure, *shown], steps):
                yield part
                if taken != len(shown):
                    break
        return
    if grid.volume(box) == volume(box):
        return
    rules, taken = list(grid.boxes), 0
    while True:
        hole = missed(box, rules, steps)
        if hole is None:
            return
        yield hole
        rules.append(hole)
        if len(shown) > taken:
            rules[-1:] = uncovered(shown[-1], shown[:-1], steps)
            taken = len(shown)


def _case(subject: Subject, box: Box) -> Given | None:
    def holds(given: Given, mask: int) -> bool:
        if mask:
            return False
        replayed = subject.engine.replay(given)
        return not replayed.hits and replayed.allowed

    return subject.cases.find(box, holds)


def _add(subject: Subject, class_: _Class, box: Box, given: Given, found: Found) -> None:
    """Add a gap; `box` is as wide as it may be, so that it says which values matter."""
    case = subject.case(given, box)
    near = subject.nearest(subject.cases.masks(box, given))
    found.findings.append(
        subject.finding(
            "gap",
            Verdict.COUNTEREXAMPLE,
            subject.severity(box, class_.severity),
            f"{case} matches no rule of {subject.name}{near}",
            given=given,
        )
    )


def _not_decided(subject: Subject, class_: _Class, why: str, found: Found) -> None:
    found.findings.append(
        subject.finding(
            "not-decided",
            Verdict.NOT_DECIDED,
            Severity.NOTE,
            f"whether all values{class_.words} match a rule of {subject.name}: {why}",
        )
    )
