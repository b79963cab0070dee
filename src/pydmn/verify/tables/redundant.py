"""Rules that can be dropped, or can be one, and no answer changes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import combinations
from typing import Final

from pydmn.diagnostics import Severity
from pydmn.model.expressions import HitPolicy
from pydmn.verify.tables.aggregates import dropped, idle_rules
from pydmn.verify.tables.axes import SINGLE, bits, mask_of
from pydmn.verify.tables.boxes import Spent, common, halfway, somewhere
from pydmn.verify.tables.dead import left, spent
from pydmn.verify.tables.findings import TableFinding, Verdict
from pydmn.verify.tables.subject import Found, Subject

_STEPS: Final = 500_000


def redundant_rules(subject: Subject, dead: int) -> Found:
    """Return the rules that can be dropped, and those that can be one, without a change.

    Asked of tables that answer with one value: dropped from a list, a rule that matches is missed.
    """
    found = Found()
    if subject.table.aggregation is not None:
        return idle_rules(subject, dead)
    if subject.table.hit_policy not in SINGLE:
        return found
    if subject.table.hit_policy is HitPolicy.PRIORITY and subject.answers.ranks is None:
        return found
    grid = subject.grid
    needless = 0
    undecided: list[int] = []
    for number in range(len(grid.boxes)):
        near = grid.touching(number)
        if dead >> number & 1 or (near | 1 << number) & grid.opened:
            continue
        try:
            if not _changes(subject, number, near):
                needless |= 1 << number
        except Spent:
            undecided.append(number)
    found.findings += [dropped(subject, number) for number in bits(needless)]
    if undecided:
        found.findings.append(spent(subject, "redundant", undecided))
    for group in _mergeable(subject, dead | needless | grid.opened):
        found.findings.append(_merged(subject, *group))
    if not found.findings and subject.exact and subject.answers.exact and not dead:
        found.proved.append("no-redundant-rule")
    return found


def _changes(subject: Subject, number: int, near: int) -> bool:
    """Say whether an answer may change when a rule is dropped. Raises `Spent`."""
    grid, answers = subject.grid, subject.answers
    mine = 1 << number
    box = grid.boxes[number]
    if not grid.lists:
        for point in halfway(box):
            mask = grid.mask(point)
            if answers.of(mask) != answers.of(mask & ~mine):
                return True

    def verdict(whole: list[int], part: list[int]) -> bool | None:
        if answers.ranks is not None:
            return _changes_in_order(subject, number, whole, part)
        if subject.table.hit_policy is HitPolicy.UNIQUE and len(whole) > 1:
            return False
        if part:
            return None
        mask = mask_of(whole)
        return answers.of(mask | mine) != answers.of(mask)

    rules = [(other, grid.boxes[other]) for other in bits(near)]
    subject.steps.allow(_STEPS)
    return somewhere(box, rules, verdict, subject.steps, grid.possible)


def _changes_in_order(
    subject: Subject, number: int, whole: list[int], part: list[int]
) -> bool | None:
    """Return `_changes` of a box under FIRST and PRIORITY, where only the next rule counts."""
    answers = subject.answers
    ranks = answers.ranks
    assert ranks is not None
    key, mine = answers.keys[number], ranks[number]
    if any(ranks[other] < mine for other in whole):
        return False
    if any(ranks[other] < mine for other in part):
        return None
    sure = {*whole}
    before = False  # a rule that concludes the same may take the place of the dropped
    for other in sorted((*whole, *part), key=ranks.__getitem__):
        if answers.keys[other] != key:
            return True if other in sure and not before else None
        if other in sure:
            return False
        before = True
    if answers.of(0) == key:
        return False
    return None if before else True


# --- rules that can be one --------------------------------------------------------------


def _mergeable(subject: Subject, apart: int) -> Iterator[tuple[int, list[int]]]:
    """Yield a place and rules that conclude the same and differ on that axis alone.

    Lists are left as they are: their cells ask for one set each.
    """
    grid, answers = subject.grid, subject.answers
    taken = apart
    for place, axis in enumerate(grid.axes):
        if axis.members is not None:
            continue
        alike: dict[Hashable, list[int]] = {}
        for number, box in enumerate(grid.boxes):
            if not taken >> number & 1:
                rest = (answers.keys[number], *box[:place], *box[place + 1 :])
                alike.setdefault(rest, []).append(number)
        for numbers in alike.values():
            joined, mask = [numbers[0]], 1 << numbers[0]
            for number in numbers[1:]:
                if _can_join(subject, joined, mask, number):
                    joined.append(number)
                    mask |= 1 << number
            if len(joined) > 1:
                taken |= mask
                yield place, joined


def _can_join(subject: Subject, joined: list[int], mask: int, number: int) -> bool:
    """Say whether a rule can be one with others, those of `mask`, in the place of the first."""
    try:
        if subject.table.hit_policy is HitPolicy.UNIQUE:
            # What a rule has to do with none of the others leaves them as they are.
            return not subject.grid.touching(number) & mask or not _meet_alone(
                subject, [*joined, number]
            )
        return subject.answers.ranks is None or not _overtakes(subject, joined, number)
    except Spent:
        return False


def _meet_alone(subject: Subject, numbers: list[int]) -> bool:
    """Say whether two of some rules match where no rule beside them does. Raises `Spent`."""
    grid = subject.grid
    others = grid.every & ~grid.opened & ~mask_of(numbers)
    return any(
        left(subject, shared, grid.touched(shared) & others)
        for one, other in combinations(numbers, 2)
        if (shared := common(grid.boxes[one], grid.boxes[other])) is not None
    )


def _overtakes(subject: Subject, joined: list[int], number: int) -> bool:
    """Say whether a rule, in the place of another, takes something from rules between them.

    Raises `Spent`.
    """
    grid, answers = subject.grid, subject.answers
    near = answers.in_front(number, grid.touching(number))
    ahead = answers.in_front(joined[0], near) | mask_of(joined)
    for other in bits(near & ~ahead):
        if answers.keys[other] == answers.keys[number]:
            continue
        shared = common(grid.boxes[number], grid.boxes[other])
        assert shared is not None
        like = mask_of(
            each
            for each in bits(answers.in_front(other, near))
            if answers.keys[each] == answers.keys[number]
        )
        if left(subject, shared, (ahead | like) & ~grid.opened):
            return True
    return False


def _merged(subject: Subject, place: int, numbers: list[int]) -> TableFinding:
    return subject.finding(
        "redundant",
        Verdict.PROVED,
        Severity.NOTE,
        f"{subject.rows(numbers)} can be one: they conclude the same and differ in "
        f"{subject.grid.axes[place].text} alone",
        numbers,
    )
