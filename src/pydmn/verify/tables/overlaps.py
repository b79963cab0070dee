"""Overlaps: inputs that several rules match, and whether the hit policy allows that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydmn.diagnostics import Severity
from pydmn.model.expressions import HitPolicy
from pydmn.verify.tables.axes import Given, bits
from pydmn.verify.tables.boxes import Box, Spent, common
from pydmn.verify.tables.findings import TableFinding, Verdict
from pydmn.verify.tables.subject import Found, Subject

_MOST: Final = 40
_REPLAYED: Final = 80_000
"""So many rules are shown with a case, of a large table so many that the engine, which looks at
every rule for each, looks at no more rules than that; the others are listed."""

_TRIES: Final = 12
_STEPS: Final = 500_000


def overlaps(subject: Subject) -> Found:
    """Return the rules that meet others where the hit policy does not let them.

    UNIQUE lets none meet (`overlap`), ANY those that conclude the same (`conflict`). Under FIRST
    and PRIORITY one rule stands in front of the other (`masked`), perhaps wherever it matches.
    """
    found = Found()
    if subject.grid.apart:
        found.proved.append("no-overlap")
    policy = subject.table.hit_policy
    if policy is HitPolicy.UNIQUE:
        _met(subject, "overlap", found)
    elif policy is HitPolicy.ANY:
        _met(subject, "conflict", found)
        if not found.findings:
            found.proved.append("no-conflict")
    elif subject.answers.ranks is not None:
        _masked(subject, found)
        if not found.findings:
            found.proved.append("no-masking")
    return found


def _most(subject: Subject) -> int:
    return min(_MOST, max(8, _REPLAYED // (len(subject.table.rules) + 1)))


def _met(subject: Subject, code: str, found: Found) -> None:
    """Add the rules that meet later ones, with a case each."""
    more: list[int] = []
    undecided: list[int] = []
    for number in range(len(subject.grid.boxes)):
        others = subject.grid.touching(number) >> number + 1 << number + 1
        if code == "conflict":
            others = _unlike(subject, number, others)
        if not others:
            continue
        while others:
            if len(found.findings) == _most(subject):
                more.append(number)
                break
            shown, given, met = _first_case(subject, number, others)
            if given is None:
                undecided.append(number)
                break
            found.findings.append(_meeting(subject, code, number, [*bits(met)], shown, given))
            others &= ~met
    words = "something matches another rule too, and one of"
    if code == "conflict":
        words = "something matches another rule too, which concludes another thing, and one of"
    _rest(subject, code, Severity.ERROR, more, undecided, words, found)


def _meeting(
    subject: Subject, code: str, number: int, met: list[int], shown: int, given: Given
) -> TableFinding:
    """Return that a rule meets those of `met`, all of which match in a case."""
    box = _shared(subject, number, shown)
    values = subject.case(given, box)
    differ = ", which conclude something else" if code == "conflict" else ""
    if differ and len(met) == 1:
        differ = ", which concludes something else"
    return subject.finding(
        code,
        Verdict.COUNTEREXAMPLE,
        subject.severity(box),
        f"{values} matches {subject.row(number)} and {subject.rows(met)}{differ}: "
        f"the table is {subject.table.hit_policy.value}, so that its answer is null",
        (number, *met),
        given,
    )


def _unlike(subject: Subject, number: int, others: int) -> int:
    keys = subject.answers.keys
    return sum(1 << other for other in bits(others) if keys[other] != keys[number])


def _shared(subject: Subject, number: int, other: int) -> Box:
    shared = common(subject.grid.boxes[number], subject.grid.boxes[other])
    assert shared is not None
    return shared


def _first_case(subject: Subject, number: int, others: int) -> tuple[int, Given | None, int]:
    """Return one of `others` that a rule meets, a case in which it does, and all it meets there."""
    wanted = subject.table.rules[number].id
    met = 0
    for other, _ in zip(bits(others), range(_TRIES), strict=False):
        pair = {wanted, subject.table.rules[other].id}

        def holds(given: Given, mask: int, pair: set[str] = pair, other: int = other) -> bool:
            nonlocal met
            if not mask >> number & 1 or not mask >> other & 1:
                return False
            met = mask & others
            replayed = subject.engine.replay(given)
            return replayed.value is None and replayed.allowed and pair <= {*replayed.hits}

        try:
            subject.steps.allow(_STEPS)
            given = subject.cases.find(_shared(subject, number, other), holds)
        except Spent:
            given = None
        if given is not None:
            return other, given, met
    return -1, None, 0


# --- one in front of another ------------------------------------------------------------


def _masked(subject: Subject, found: Found) -> None:
    more: list[int] = []
    undecided: list[int] = []
    for number in range(len(subject.grid.boxes)):
        in_front = subject.answers.in_front(number, subject.grid.touching(number))
        others = _unlike(subject, number, in_front)
        if not others:
            continue
        shown = subject.exact and len(found.findings) == _most(subject)
        given = None
        some = False
        try:
            for tried, box in enumerate(_maskings(subject, number, in_front, others)):
                some = True
                given = None if shown else _masked_case(subject, number, box, found)
                if shown or given is not None or tried == _TRIES:
                    break
        except Spent:
            undecided.append(number)
            continue
        if some and given is None:
            (more if shown else undecided).append(number)
    words = "a rule in front that concludes another thing takes something from"
    _rest(subject, "masked", Severity.NOTE, more, undecided, words, found)


def _maskings(subject: Subject, number: int, in_front: int, others: int) -> Iterator[Box]:
    """Yield boxes of a rule in which one of `others` is in front, and none that is like it.

    Raises `Spent`.
    """
    answers, grid = subject.answers, subject.grid
    for other in bits(others):
        like = sum(
            1 << each
            for each in bits(answers.in_front(other, in_front & ~grid.opened))
            if answers.keys[each] == answers.keys[number]
        )
        subject.steps.allow(_STEPS)
        shared = _shared(subject, number, other)
        box = next(grid.uncovered(shared, subject.boxes(like), subject.steps), None)
        if box is not None:
            yield box


def _masked_case(subject: Subject, number: int, box: Box, found: Found) -> Given | None:
    """Return a case in `box` that another rule answers, and add the finding. Raises `Spent`."""
    answers = subject.answers
    fronts: list[int] = []

    def holds(given: Given, mask: int) -> bool:
        if not mask >> number & 1:
            return False
        front = answers.winner(mask)
        if answers.keys[front] == answers.keys[number]:
            return False
        pair = sorted((front, number))
        if subject.engine.matching(pair, given) != subject.ids(pair):
            return False
        fronts[:] = [front]
        replayed = subject.engine.replay(given)
        return replayed.allowed and replayed.hits == subject.ids((front,))

    subject.steps.allow(_STEPS)
    given = subject.cases.find(box, holds)
    if given is not None:
        found.findings.append(
            subject.finding(
                "masked",
                Verdict.COUNTEREXAMPLE,
                Severity.NOTE,
                f"{subject.case(given, box)} matches {subject.row(number)}, and "
                f"{subject.row(fronts[0])} stands in front with another conclusion",
                (number, *fronts),
                given,
            )
        )
    return given


# --- what is not shown ------------------------------------------------------------------


def _rest(
    subject: Subject,
    code: str,
    severity: Severity,
    more: list[int],
    undecided: list[int],
    words: str,
    found: Found,
) -> None:
    """Add what is told without a case: the rules beyond the first, and those not decided."""
    if more and subject.exact:
        found.findings.append(
            subject.finding(
                code,
                Verdict.PROVED,
                severity,
                f"{words} {len(more)} more: {subject.rows(more)}",
                more,
            )
        )
    elif more:
        undecided = [*undecided, *more]
    if undecided:
        found.findings.append(
            subject.finding(
                "not-decided",
                Verdict.NOT_DECIDED,
                Severity.NOTE,
                f"whether {words} {subject.rows(undecided)}: no input was found, none ruled out",
                undecided,
            )
        )
