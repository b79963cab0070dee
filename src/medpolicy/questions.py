"""What to ask next about a line of a request, and which facts could decide it."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pydmn
from medpolicy.asked import AGE
from medpolicy.determine import FIELD_OF_INPUT, INPUT_OF_FIELD, Decided, Policy
from medpolicy.policy import DISPOSITION
from medpolicy.problems import PolicyError, Problem, printable
from medpolicy.record import Line, Request
from medpolicy.versions import AnyPolicy, version_for

_DISPOSITION = (DISPOSITION, "disposition")


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one fact, by the name that a request has for it.

    `type` is `boolean`, `number`, `string` or `date`; `allowed` lists the values where they are
    a list, `allowed_text` is the author's text. `settles` is the share of its values that leave
    one disposition, `would_decide` whether all do.
    """

    fact: str
    question: str | None
    type: str
    allowed: tuple[Any, ...] | None
    allowed_text: str | None
    settles: float
    would_decide: bool

    @property
    def text(self) -> str:
        """The question in words."""
        return self.question or f"What is {self.fact}?"

    def to_dict(self) -> dict[str, Any]:
        """Return the question as JSON values."""
        return {
            "fact": self.fact,
            "question": self.question,
            "type": self.type,
            "allowed": None if self.allowed is None else list(self.allowed),
            "settles": _rounded(self.settles),
            "would_decide": self.would_decide,
        }


@dataclass(frozen=True, slots=True)
class FactSet:
    """Facts that can decide together, with the share of their values that do."""

    facts: tuple[str, ...]
    settles: float

    def to_dict(self) -> dict[str, Any]:
        """Return the set as JSON values."""
        return {"facts": list(self.facts), "settles": _rounded(self.settles)}


@dataclass(frozen=True, slots=True)
class OpenLine:
    """What a line may still become, and what to ask.

    `could_decide` are the smallest sets of facts of which some values leave one disposition;
    `would_decide` the facts that leave one whatever their values are: all that still matter.
    """

    id: str
    dispositions: tuple[str, ...]
    next: Question | None
    could_decide: tuple[FactSet, ...]
    would_decide: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the line as JSON values."""
        return {
            "id": self.id,
            "dispositions": list(self.dispositions),
            "next": None if self.next is None else self.next.to_dict(),
            "could_decide": [each.to_dict() for each in self.could_decide],
            "would_decide": list(self.would_decide),
        }

    def lines(self, width: int) -> Iterator[str]:
        """Yield the line in words, wrapped."""

        def wrapped(text: str, first: str, rest: str) -> Iterator[str]:
            yield from textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest)

        named = f"Line {printable(self.id)}"
        if self.next is None:
            decided = ", ".join(self.dispositions)
            yield f"{named}  {decided}: there is nothing more to ask."
            return
        yield f"{named}  open: {', '.join(sorted(self.dispositions))}"
        asked = f"Ask next: {self.next.text} ({self.next.fact}; {shared(self.next.settles)})"
        yield from wrapped(asked, "  ", "    ")
        yield "  These could decide, by themselves"
        for each in self.could_decide:
            names = " and ".join(each.facts)
            yield from wrapped(f"{names} ({shared(each.settles)})", "    - ", "      ")
        names = ", ".join(self.would_decide)
        yield from wrapped(f"Together these decide in any case: {names}", "  ", "    ")


def shared(share: float) -> str:
    """Return in words which share of the possible answers settles it."""
    if share == 0:
        return "no answer settles it alone"
    if share == 1:
        return "every answer settles it"
    return f"{max(1, min(99, round(share * 100)))} % of the possible answers settle it"


def _rounded(share: float) -> Decimal:
    """Return a share for JSON, to four places."""
    return round(Decimal(share), 4)


def open_lines(policy: AnyPolicy, request: Request) -> tuple[OpenLine, ...]:
    """Return what each line of a request may still become, by the version that answers it.

    Raises `PolicyError`, and `RequestError` where no date says which version does.
    """
    version = version_for(policy, request)
    return tuple(_open_line(version, request, line) for line in request.lines)


def _open_line(policy: Policy, request: Request, line: Line) -> OpenLine:
    try:
        possible = policy.possible(request, line)
        deciding = possible.deciding(*_DISPOSITION)
        return OpenLine(
            line.id,
            tuple(map(str, Decided(policy, possible).dispositions)),
            _question(policy, deciding[0]) if deciding else None,
            tuple(
                FactSet(tuple(map(_field, each.names)), each.settles)
                for each in possible.deciding_sets(*_DISPOSITION)
            ),
            tuple(_field(each.name) for each in deciding),
        )
    except pydmn.PydmnError as error:
        raise PolicyError([Problem("criteria.dmn", error.message)]) from error


def next_question(
    policy: AnyPolicy, request: Request, line: Line, unanswered: Collection[str] = ()
) -> Question | None:
    """Return the question that settles most, ties by the policy's order; None without one.

    Facts that are `unanswered` stay unknown, and are not asked for. Nor is a fact on which
    nothing depends that is certain without those. Raises as `open_lines` does.
    """
    version = version_for(policy, request)
    try:
        found = version.possible(request, line).next(
            *_DISPOSITION, [INPUT_OF_FIELD.get(each, each) for each in unanswered]
        )
    except pydmn.PydmnError as error:
        raise PolicyError([Problem("criteria.dmn", error.message)]) from error
    return None if found is None else _question(version, found)


def _field(name: str) -> str:
    return FIELD_OF_INPUT.get(name, name)


def _question(policy: Policy, deciding: pydmn.Deciding) -> Question:
    fact = policy.facts.get(deciding.name)
    question = policy.questions.get(deciding.name)
    if fact is None:
        assert deciding.name == AGE  # the one unknown that is no fact
        type_, allowed, text = "date", None, None
    else:
        type_, allowed, text = fact.type, fact.allowed, fact.allowed_text
    return Question(
        _field(deciding.name), question, type_, allowed, text, deciding.settles, deciding.alone
    )
