"""Requests as they come: one JSON object, or JSON lines, an object a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pydmn
from medpolicy.determination import Determination
from medpolicy.problems import MedpolicyError, Problem, RequestError
from medpolicy.versions import AnyPolicy


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request: its determination, or an error under its id, if it had one."""

    id: str | None
    determination: Determination | None
    error: MedpolicyError | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the determination as JSON values, or `{"id": ..., "error": ...}`."""
        if self.determination is not None:
            return self.determination.to_dict()
        return {"id": self.id, "error": str(self.error)}


def json_lines(data: bytes, name: str = "") -> list[bytes] | None:
    """Return the lines of JSON lines, without the empty ones; None for a single JSON text.

    `name`, of a file, settles it by its ending. Otherwise several lines are JSON lines if they
    are not one JSON value together, and one of them, or all by their looks, are objects.
    """
    lines = [line for line in data.split(b"\n") if line.strip()]
    if name.lower().endswith((".jsonl", ".ndjson")):
        return lines
    if len(lines) < 2 or _value(data) is not None:
        return None
    if all(line.startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        return lines
    whole = any(line.startswith(b"{") and isinstance(_value(line), dict) for line in lines)
    return lines if whole else None


def _value(data: bytes) -> Any:
    """Return the JSON value in `data`, None if it is none."""
    try:
        return pydmn.read_json(data)
    except pydmn.InputError:
        return None


def answer(policy: AnyPolicy, data: bytes, where: str, *, trace: bool = False) -> Determination:
    """Return the determination of the one request in `data`.

    Raises `RequestError`, and `PolicyError` where the policy's rules give no answer.
    """
    return policy.determine(parsed(data, where), trace=trace)


def answers(policy: AnyPolicy, lines: list[bytes], *, trace: bool = False) -> Iterator[Answer]:
    """Yield what became of each line, in their order; one that is bad leaves the others whole."""
    for line in lines:
        id_ = None
        try:
            request = parsed(line, "the line")
            id_ = request.get("id") if isinstance(request, dict) else None
            determination = policy.determine(request, trace=trace)
        except MedpolicyError as error:
            yield Answer(id_ if isinstance(id_, str) else None, None, error)
        else:
            yield Answer(determination.id, determination)


def parsed(data: bytes, where: str) -> Any:
    """Return the JSON value in `data`, which is no list. Raises `RequestError`."""
    try:
        value = pydmn.read_json(data)
    except pydmn.InputError as error:
        raise RequestError([Problem(where, error.message)]) from None
    if isinstance(value, list):
        help_ = "give one object, or several as JSON lines, an object a line"
        raise RequestError([Problem(where, "is a JSON list", help_)])
    return value
