"""Where the engines disagree: found, made small, and sorted into classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import normal
import subject
from bank import Bank
from cells import CELL
from models import TABLE
from normal import Normal
from peers import NAMES, Peers, Question
from trees import SAMPLES, VARIABLES, Tree

ENGINES: Final = ("pydmn", *NAMES)
ENOUGH: Final = 25


@dataclass(frozen=True, slots=True)
class Asked:
    """A grown expression, cell or table, with the rows that it is asked with; a cell's have `?`."""

    tree: Tree
    rows: tuple[Mapping[str, str], ...]
    tested: str | None = None

    @property
    def question(self) -> Question:
        """The question, as the engines take it."""
        return _question(self.tree, self.tree.text, self.rows, self.tested)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The smallest question found on which the engines differ, with each one's answer."""

    production: str
    kinds: tuple[str, ...]
    text: str
    row: Mapping[str, str]
    answers: tuple[Normal, ...]

    @property
    def pattern(self) -> str:
        """Who agrees with whom: a letter an engine, `-` for no answer; then the kinds."""
        return pattern(self.answers)


@dataclass(slots=True)
class Tally:
    """What a run counted.

    Of the rows, `distinct` ones are not the same as another of their question;
    `judged` rows have the answer of a judge, `agreed` ones no judge's contradiction. Of those
    that differ, `small` were made small; see `found`.
    """

    questions: int = 0
    rows: int = 0
    distinct: int = 0
    judged: int = 0
    agreed: int = 0
    differing: int = 0
    small: int = 0
    productions: dict[str, int] = field(default_factory=dict)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def count(self, tree: Tree) -> None:
        """Count each operator, built-in and form of a cell in the tree, once a question."""
        for name in {each.production for each in tree.inside()}:
            self.productions[name] = self.productions.get(name, 0) + 1


def pattern(answers: Sequence[Normal]) -> str:
    """Return who agrees with whom, such as `ABA n null n`."""
    letters: list[str] = []
    seen: list[Normal] = []
    for answer in answers:
        if normal.failed(answer):
            letters.append("-")
            continue
        for number, other in enumerate(seen):
            if normal.same(answer, other):
                letters.append("ABC"[number])
                break
        else:
            seen.append(answer)
            letters.append("ABC"[len(seen) - 1])
    kinds = " ".join("-" if normal.failed(each) else normal.kind(each) for each in answers)
    return f"{''.join(letters)} {kinds}"


def differ(answers: Sequence[Normal]) -> bool:
    """Say whether an engine that answers contradicts the subject, which comes first.

    A judge that does not answer contradicts nobody. A subject that does not is contradicted
    by any value but null: what it refuses, others may call null.
    """
    mine, *others = answers
    given = [each for each in others if not normal.failed(each)]
    if normal.failed(mine):
        return any(each is not None for each in given)
    return any(not normal.same(mine, each) for each in given)


def answered(peers: Peers, questions: Sequence[Question]) -> Iterator[list[tuple[Normal, ...]]]:
    """Ask the judges at once; return, for each question, a row's answers of all engines."""
    given = peers.ask(questions)
    return (
        list(zip(subject.answers(question), *(each[name] for name in NAMES), strict=True))
        for question, each in zip(questions, given, strict=True)
    )


def found(
    peers: Peers,
    asked: Sequence[Asked],
    answers: Iterable[Sequence[tuple[Normal, ...]]],
    tally: Tally,
    bank: Bank,
) -> Iterator[Disagreement]:
    """Yield the disagreements in `answers` made small; what a judge confirms goes to the bank.

    At most two rows of a question are made small, and a root with one pattern `ENOUGH` times
    only: the parts of a tree are roots themselves often enough. Tables stay as they are.
    """
    suspects: list[tuple[Asked, Mapping[str, str]]] = []
    for each, rows in zip(asked, answers, strict=True):
        tally.questions += 1
        tally.rows += len(rows)
        tally.distinct += len({tuple(row.items()) for row in each.rows})
        tally.count(each.tree)
        taken = 0
        for row, given in zip(each.rows, rows, strict=True):
            judged = not all(normal.failed(answer) for answer in given[1:])
            tally.judged += judged
            if not differ(given):
                tally.agreed += judged
                bank.offer(each.tree.production, each.question, row, given)
                continue
            tally.differing += 1
            if each.tree.type == TABLE:
                tally.small += 1
                yield Disagreement(each.tree.production, (), each.tree.text, row, given)
                continue
            key = (each.tree.production, pattern(given))
            times = tally.seen.get(key, 0)
            if taken < 2 and times < ENOUGH:
                tally.seen[key] = times + 1
                tally.small += 1
                taken += 1
                suspects.append((each, row))
    yield from _smallest(peers, suspects)


def _smallest(
    peers: Peers, suspects: Sequence[tuple[Asked, Mapping[str, str]]]
) -> Iterator[Disagreement]:
    """Yield, for each suspect, its smallest part that differs, with values for its parts."""
    closed = [[part for part in each.tree.inside() if not part.bound] for each, _ in suspects]
    questions = [
        _question(part, part.text, (row,), each.tested)
        for (each, row), parts in zip(suspects, closed, strict=True)
        for part in parts
    ]
    answers = [rows[0] for rows in answered(peers, questions)]
    cores: list[tuple[Tree, Asked, Mapping[str, str], dict[int, tuple[Normal, ...]]]] = []
    position = 0
    for (each, row), parts in zip(suspects, closed, strict=True):
        known = {id(part): answers[position + number] for number, part in enumerate(parts)}
        position += len(parts)
        core = next((part for part in parts if differ(known[id(part)])), each.tree)
        cores.append((core, each, row, known))
    reduced = [
        _question(core, _with_values(core, known), (row,), each.tested)
        for core, each, row, known in cores
    ]
    for (core, each, row, known), question, rows in zip(
        cores, reduced, answered(peers, reduced), strict=True
    ):
        smaller = differ(rows[0])
        kinds = tuple(
            normal.kind(known[id(part)][0]) if id(part) in known else part.type
            for part in core.parts
        )
        text = question.text if smaller else core.text
        reads = {name: row[name] for name in row if name == "?" or name in text}
        yield Disagreement(
            core.production,
            kinds
            if each.tested is None
            else (row["?"] if row["?"] == "null" else each.tested, *kinds),
            text,
            reads,
            rows[0] if smaller else known[id(core)],
        )


def _with_values(tree: Tree, known: Mapping[int, tuple[Normal, ...]]) -> str:
    """Return the text with each part's value for the part, where the engines agree on it."""
    texts = []
    for part in tree.parts:
        answers = known.get(id(part))
        text = part.text if part.fenced else f"({part.text})"
        if answers is not None and part.type != CELL and normal.written(answers[0]):
            text = normal.literal(answers[0])
        texts.append(f"({text})" if text.startswith("-") else text)
    return tree.filled(texts) if tree.parts else tree.text


def _question(
    tree: Tree, text: str, rows: Sequence[Mapping[str, str]], tested: str | None
) -> Question:
    samples = {name: SAMPLES[VARIABLES[name]] for name in sorted(tree.reads)}
    kind = "table" if tree.type == TABLE else "expression"
    wanted = set(tree.reads)
    if tree.type == CELL and tested is not None:
        kind = "unary"
        samples["?"] = SAMPLES[tested]
        wanted.add("?")
    chosen = tuple({name: row[name] for name in row if name in wanted} for row in rows)
    return Question(kind, text, samples, chosen)
