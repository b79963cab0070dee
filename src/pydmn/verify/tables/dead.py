"""Rules that never fire, against the union of all others."""

from __future__ import annotations

from typing import Final

from pydmn.diagnostics import Severity
from pydmn.model.expressions import HitPolicy
from pydmn.verify.tables.axes import bits
from pydmn.verify.tables.boxes import Box, Spent, common, halfway
from pydmn.verify.tables.findings import TableFinding, Verdict
from pydmn.verify.tables.subject import Found, Subject

_STEPS: Final = 500_000
_SPARE: Final = 24
"""Of so many rules that hold another it is looked which are needed for it."""


def left(subject: Subject, box: Box, rules: int, steps: int = _STEPS) -> bool:
    """Say whether a box has a point that none of `rules` holds. Raises `Spent`."""
    grid = subject.grid
    if not grid.possible(box):
        return False
    if not grid.lists and any(not grid.mask(point) & rules for point in halfway(box)):
        return True
    subject.steps.allow(steps)
    return next(grid.uncovered(box, subject.boxes(rules), subject.steps), None) is not None


def dead_rules(subject: Subject) -> tuple[int, Found]:
    """Return the mask of the rules that never fire, and what is said of them.

    One that matches nothing never fires; nor does one under FIRST or PRIORITY all of whose cases
    go to rules in front of it, or one of a UNIQUE table that never matches alone.
    """
    found = Found()
    grid = subject.grid
    dead = 0
    undecided: list[int] = []
    for number, box in enumerate(grid.boxes):
        if grid.empty >> number & 1:
            dead |= 1 << number
            found.findings.append(_dead(subject, number, [], "no value fits all its cells"))
            continue
        cover = _before(subject, number) & ~grid.opened
        try:
            if not cover or left(subject, box, cover):
                continue
        except Spent:
            undecided.append(number)
            continue
        dead |= 1 << number
        takers = _takers(subject, box, cover)
        words = "fires: all that it matches goes to"
        if subject.table.hit_policy is HitPolicy.UNIQUE:
            words = "matches alone, as the table asks: with it there is always"
            words += " one of" if len(takers) > 1 else ""
        found.findings.append(_dead(subject, number, takers, words))
    if undecided:
        found.findings.append(spent(subject, "dead", undecided))
    elif subject.table.hit_policy is HitPolicy.PRIORITY and subject.answers.ranks is None:
        found.findings.append(
            subject.finding(
                "not-decided",
                Verdict.NOT_DECIDED,
                Severity.NOTE,
                "which rule stands in front of which: what they conclude is worked out",
            )
        )
    elif not dead and subject.exact:
        found.proved.append("no-dead-rule")
    return dead, found


def _before(subject: Subject, number: int) -> int:
    """Return the rules that keep a rule from firing where they match."""
    if subject.table.hit_policy is HitPolicy.UNIQUE:
        return subject.grid.touching(number)
    if subject.answers.ranks is None:
        return 0
    return subject.answers.in_front(number, subject.grid.touching(number))


def _takers(subject: Subject, box: Box, cover: int) -> list[int]:
    """Return rules that together hold a box: one where one is enough, else none to spare."""
    boxes = subject.grid.boxes
    for other in bits(cover):
        if common(box, boxes[other]) == box:
            return [other]
    kept = cover
    if cover.bit_count() <= _SPARE:
        for other in reversed([*bits(cover)]):
            try:
                if not left(subject, box, kept & ~(1 << other)):
                    kept &= ~(1 << other)
            except Spent:
                break
    return [*bits(kept)]


def _dead(subject: Subject, number: int, takers: list[int], words: str) -> TableFinding:
    said = f"{words} {subject.rows(takers)}" if takers else f"fires: {words}"
    return subject.finding(
        "dead-rule",
        Verdict.PROVED,
        Severity.WARNING,
        f"{subject.row(number)} never {said}",
        (number, *takers),
    )


def spent(subject: Subject, what: str, numbers: list[int]) -> TableFinding:
    """Return that rules may be `what`, or not: there were not enough steps to say."""
    return subject.finding(
        "not-decided",
        Verdict.NOT_DECIDED,
        Severity.NOTE,
        f"whether {subject.rows(numbers)} may be {what}: the steps for it are spent",
        numbers,
    )
