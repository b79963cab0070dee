"""An interview at a terminal: one question after another, until nothing more can matter.

First the request's own fields are asked for, where there is no request; then, line by line, the
fact that settles most. An answer that cannot be read is asked for again, with the reason.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pydmn
from medpolicy.explain import Style, explain
from medpolicy.policy import DateOfRequest
from medpolicy.problems import Problem, RequestError, printable
from medpolicy.questions import Question, next_question
from medpolicy.record import PROCEDURE_SYSTEMS, Request, read_request
from medpolicy.versions import AnyPolicy

Ask = Callable[[str], str]
"""Asks with a prompt, and returns the line that was typed; raises `EOFError` at the end."""

Say = Callable[[str], None]

UNKNOWN: Final = "?"
_BIRTH_DATE: Final = "birth_date"
_TRUTHS: Final = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


_PLAINLY: Final = {"boolean": "Please answer yes or no", "number": "Please answer with a number"}
"""What is said to an answer that has no meaning for its type."""


class Stopped(Exception):
    """The person left before a request could be read; nothing is known."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a request that is asked for: where it stands, its question, what it may be."""

    place: tuple[str | int, ...]
    question: str
    hint: str
    required: bool = True
    several: bool = False


_LINE: Final = ("lines", 0)
FIELDS: Final = (
    Field(("service_date",), "On which day is the service?", "YYYY-MM-DD"),
    Field(("plan", "name"), "Which health plan is asked?", "its name"),
    Field(("plan", "line_of_business"), "Under which line of business?", "its name"),
    Field(("plan", "state"), "In which state?", "two capital letters", required=False),
    Field((*_LINE, "procedure", "system"), "In which code system is the procedure?",
          ", ".join(each.value for each in PROCEDURE_SYSTEMS)),
    Field((*_LINE, "procedure", "code"), "Which procedure code?", "a code"),
    Field((*_LINE, "diagnoses"), "Which diagnoses does the line point to?",
          "ICD-10-CM codes with spaces between", required=False, several=True),
)  # fmt: skip

_BLANK: Final[dict[str, Any]] = {
    "id": "interview",
    "service_date": "2000-01-01",
    "plan": {"name": "-", "line_of_business": "-"},
    "lines": [{"id": "1", "procedure": {"system": "CPT", "code": "00000"}, "facts": {}}],
}
"""A request in which each field is right; those that are asked for are written over it."""


class Interview:
    """Asks about a request by one policy; `request` is parsed JSON, or None to ask for it too.

    What was answered is in `data`, at any time a request that can be read, once `ready`.
    """

    def __init__(self, policy: AnyPolicy, request: Any, ask: Ask, say: Say) -> None:
        self._policy = policy
        self._ask = ask
        self._say = say
        self._given = request
        self.data: dict[str, Any] = {}
        self.ready = False

    def hold(self) -> Request:
        """Ask until nothing more can matter; return the request with the answers.

        Raises `RequestError` for a request that cannot be read. What `ask` raises is passed on.
        """
        self._say(f"Answer, or type {UNKNOWN} for what is not known.")
        if self._given is None:
            self.data = deepcopy(_BLANK)
            for field in FIELDS:
                self._fill(field)
                if field.place == ("plan", "state"):
                    self._date()
        else:
            self._policy.read(self._given)
            self.data = deepcopy(self._given)
        self.ready = True
        of_all: set[str] = set()
        for number in range(len(self.data["lines"])):
            self._line(number, of_all)
        return self.request

    @property
    def request(self) -> Request:
        """The request with the answers so far. Raises `RequestError` before it is `ready`."""
        return self._policy.read(self.data)

    # --- the request's own fields ------------------------------------------------------

    def _fill(self, field: Field) -> None:
        self._say("")
        self._say(field.question)
        self._said(self._hint(field))
        while True:
            answer = self._ask("> ").strip()
            if answer in ("", UNKNOWN):
                if not field.required:
                    return
                self._bad(Problem("", "Every request needs it"))
                continue
            value = answer.replace(",", " ").split() if field.several else answer
            tried = _with(self.data, field.place, value)
            problems = _problems(partial(read_request, tried, {}))
            if not problems:
                self.data = tried
                return
            self._bad(*problems)

    def _date(self) -> None:
        """Ask for the date that chooses the version for this plan, where there are several."""
        plan = read_request(self.data, {}).plan
        rows = self._policy.versions[0].chosen_by
        chosen = next((row.date for row in rows if row.fits(plan)), DateOfRequest.SERVICE)
        if chosen is not DateOfRequest.SERVICE:
            self._fill(Field((chosen.field,), f"What is the {chosen.value}?", "YYYY-MM-DD"))

    def _hint(self, field: Field) -> str:
        rows = [row for version in self._policy.versions for row in version.adoption]
        if field.place == ("plan", "name"):
            named = dict.fromkeys(row.plan for row in rows)
        elif field.place == ("plan", "line_of_business"):
            plan = self.data["plan"]["name"]
            named = dict.fromkeys(row.line_of_business for row in rows if row.plan == plan)
        else:
            named = {}
        known = f"; known to the policy: {', '.join(named)}" if named else ""
        needless = "" if field.required else f"; {UNKNOWN} for none"
        return f"{field.hint}{known}{needless}"

    # --- facts -------------------------------------------------------------------------

    def _line(self, number: int, of_all: set[str]) -> None:
        """Ask about one line; `of_all` are the facts of all lines that nobody knows."""
        unanswered: set[str] = set()
        while True:
            request = self.request
            line = request.lines[number]
            question = next_question(self._policy, request, line, unanswered | of_all)
            if question is None:
                return
            about = f" (line {printable(line.id)})" if len(request.lines) > 1 else ""
            if not self._answered(number, question, about):
                (of_all if question.fact == _BIRTH_DATE else unanswered).add(question.fact)

    def _answered(self, number: int, question: Question, about: str) -> bool:
        """Ask one question until it is answered; say whether the answer is known."""
        self._say("")
        self._said(f"{question.text}{about}", "")
        for text in _choices(question):
            self._say(text)
        while True:
            answer = self._ask("> ").strip()
            if answer in ("", UNKNOWN):
                return False
            value = _value(question, answer)
            if question.type in _PLAINLY and isinstance(value, str):
                self._bad(Problem("", _PLAINLY[question.type]))
                continue
            place: tuple[str | int, ...] = ("lines", number, "facts", question.fact)
            if question.fact == _BIRTH_DATE:
                place = ("member", _BIRTH_DATE)
            tried = _with(self.data, place, value)
            problems = _problems(partial(self._policy.read, tried))
            if not problems:
                self.data = tried
                return True
            self._bad(*problems)

    # --- words -------------------------------------------------------------------------

    def _said(self, text: str, indent: str = "  ") -> None:
        for each in textwrap.wrap(text, _width(), initial_indent=indent, subsequent_indent="  "):
            self._say(each)

    def _bad(self, *problems: Problem) -> None:
        for problem in problems:
            verb = problem.message.startswith("is ")
            said = f"That {problem.message}" if verb else problem.message
            said = f"{said}; {problem.help}" if problem.help else said
            self._said(said if said.endswith("?") else f"{said}.")


def _problems(read: Callable[[], Request]) -> tuple[Problem, ...]:
    try:
        read()
    except RequestError as error:
        return error.problems
    return ()


def _with(data: dict[str, Any], place: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return a copy of `data` with a value at a place."""
    copy = deepcopy(data)
    *outer, last = place
    inside: Any = copy
    for each in outer:
        inside = inside[each] if isinstance(each, int) else _object(inside, each)
    inside[last] = value
    return copy


def _object(inside: dict[str, Any], name: str) -> Any:
    """Return the object or list called `name`; a new object where there is none, or null."""
    if inside.get(name) is None:
        inside[name] = {}
    return inside[name]


def _value(question: Question, answer: str) -> Any:
    """Return the value that an answer stands for; the text itself where it stands for none."""
    folded = answer.casefold()
    if question.type == "boolean":
        return _TRUTHS.get(folded, answer)
    if question.type == "number":
        try:
            return pydmn.read_json(answer.encode())
        except pydmn.InputError:
            return answer
    listed = question.allowed or ()
    by_text = {str(each).casefold(): each for each in listed}
    if folded in by_text:
        return by_text[folded]
    if answer.isascii() and answer.isdigit() and 0 < int(answer) <= len(listed):
        return listed[int(answer) - 1]
    return answer


def _choices(question: Question) -> Iterator[str]:
    """Yield what may be answered, as lines."""
    if question.type == "boolean":
        yield "  yes or no"
    elif question.type == "date":
        yield "  a date, YYYY-MM-DD"
    elif question.allowed is None:
        among = f", {question.allowed_text}" if question.allowed_text else ""
        yield f"  a {question.type}{among}"
    elif question.type == "number":
        yield f"  one of {', '.join(map(str, question.allowed))}"
    else:
        yield from _columns([f"{n:2} {each}" for n, each in enumerate(question.allowed, 1)])


def _columns(items: list[str]) -> Iterator[str]:
    """Yield the lines of a list in as many columns as the terminal holds, downwards."""
    longest = max(map(len, items)) + 2
    columns = max(1, (_width() - 2) // longest)
    rows = -(-len(items) // columns)
    for row in range(rows):
        yield "  " + "".join(each.ljust(longest) for each in items[row::rows]).rstrip()


def _width() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, 100)


def interview(policy: AnyPolicy, request: Any, ask: Ask, say: Say, style: Style) -> bool:
    """Hold an interview, and say the determination; return whether it came to its end.

    Where the person leaves before (`ask` raises `EOFError` or `KeyboardInterrupt`), what is known
    so far is said. Raises `Stopped` where nothing is, `RequestError` and `PolicyError` as
    `Policy.determine` does.
    """
    asked = Interview(policy, request, ask, say)
    ended = True
    try:
        asked.hold()
    except (EOFError, KeyboardInterrupt) as error:
        ended = False
        say("")
        if not asked.ready:
            raise Stopped from error
        say("Stopped. What is known so far:")
    say("")
    say(explain(policy, policy.determine(asked.request), style))
    return ended
