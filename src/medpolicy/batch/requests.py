"""Rows to requests: lines that follow one another with one `request_id` belong together.

A row that cannot be read is refused by itself: it is no part of its request, and the other
lines are answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from medpolicy.batch.columns import COMMON
from medpolicy.problems import Problem, RequestError
from medpolicy.record import Request
from medpolicy.versions import AnyPolicy


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is not answered: its number, from 1, what it calls itself, and why."""

    row: int
    request_id: str | None
    line_id: str | None
    problem: Problem

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "row": self.row,
            "request_id": self.request_id,
            "line_id": self.line_id,
            "reason": str(self.problem),
        }


Numbered = tuple[int, Mapping[str, Any]]
"""A row with its number."""


Found = tuple[Request, list[int]]
"""A request, and the number of the row of each of its lines."""


class Grouping:
    """Reads the rows of requests with some of their facts, and keeps what it has to refuse."""

    def __init__(self, policy: AnyPolicy, facts: Iterable[str]) -> None:
        self._policy = policy
        self._facts = tuple(facts)
        self.rejects: list[Reject] = []

    def requests(self, rows: Sequence[Numbered]) -> Iterator[Found]:
        """Yield the request that these rows are; none where all of them are refused."""
        lines = self._alike(rows)
        while lines:
            try:
                request = self._policy.read(self._json(lines))
            except RequestError as error:
                lines = self._without_bad(lines, error.problems)
            else:
                yield request, [number for number, _ in lines]
                return

    def _alike(self, lines: Sequence[Numbered]) -> list[Numbered]:
        """Refuse the lines that say otherwise of the request than its first one does."""
        _, first = lines[0]
        alike = []
        for number, row in lines:
            name = next((each for each in COMMON if row.get(each) != first.get(each)), None)
            if name is None:
                alike.append((number, row))
                continue
            self._refuse(
                number,
                row,
                Problem(
                    name,
                    "is not that of the first line with this `request_id`",
                    "give lines of another request another `request_id`",
                ),
            )
        return alike

    def _refuse(self, number: int, row: Mapping[str, Any], problem: Problem) -> None:
        named = replace(problem, where=_column(problem.where))
        ids = _text(row.get("request_id")), _text(row.get("line_id"))
        self.rejects.append(Reject(number, *ids, named))

    def _json(self, lines: Sequence[Numbered]) -> dict[str, Any]:
        _, first = lines[0]
        return {
            "id": first.get("request_id"),
            "service_date": first.get("service_date"),
            "request_date": first.get("request_date"),
            "processing_date": first.get("processing_date"),
            "member": {"birth_date": first.get("birth_date")},
            "plan": {
                "name": first.get("plan"),
                "line_of_business": first.get("line_of_business"),
                "state": first.get("state"),
            },
            "lines": [self._line(row) for _, row in lines],
        }

    def _line(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "id": row.get("line_id"),
            "procedure": {"system": row.get("system"), "code": row.get("code")},
            "diagnoses": row.get("diagnoses"),
            # A fact of another version stands in a column too; null, it is not stated.
            "facts": {name: row[name] for name in self._facts if row.get(name) is not None},
        }

    def _without_bad(self, lines: list[Numbered], problems: Sequence[Problem]) -> list[Numbered]:
        """Refuse the lines that have a problem; all of them where it is the request's own."""
        bad: dict[int, Problem] = {}
        for problem in problems:
            position = _line_of(problem.where)
            for each in range(len(lines)) if position is None else (position,):
                bad.setdefault(each, problem)
        for position, problem in sorted(bad.items()):
            self._refuse(*lines[position], problem)
        return [line for position, line in enumerate(lines) if position not in bad]


def _line_of(where: str) -> int | None:
    """Return the position of the line that a problem's place names, from 0."""
    if not where.startswith("lines["):
        return None
    return int(where[len("lines[") : where.index("]")])


_COLUMNS: Final = {
    "id": "request_id",
    "member.birth_date": "birth_date",
    "plan.name": "plan",
    "plan.line_of_business": "line_of_business",
    "plan.state": "state",
    "procedure.system": "system",
    "procedure.code": "code",
}


def _column(where: str) -> str:
    """Return the column that a place of a request is read from."""
    if not where.startswith("lines["):
        return _COLUMNS.get(where, where)
    inside = where.partition("].")[2]
    if inside == "id":
        return "line_id"
    return _COLUMNS.get(inside, inside.removeprefix("facts."))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
