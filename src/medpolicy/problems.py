"""What is wrong with something that was handed in: where, what, what next.

No problem quotes a value of a request: values are about patients, names of fields are not.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    where: str
    message: str
    help: str | None = None

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}; {self.help}" if self.help else text


class MedpolicyError(Exception):
    """Something handed in cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[MedpolicyError], tuple[tuple[Problem, ...]]]:
        """Errors cross process borders whole."""
        return type(self), (self.problems,)


class RequestError(MedpolicyError):
    """A request cannot be read."""


class PolicyError(MedpolicyError):
    """A policy's folder cannot be read, or its rules give no answer."""


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the help line that names what is near `name`, up to three, or all if few."""
    candidates = list(known)
    folded = {candidate.casefold(): candidate for candidate in candidates}
    near = difflib.get_close_matches(name.casefold(), folded, 3, 0.75)
    if not near:
        near = difflib.get_close_matches(name.casefold(), folded, 1, 0.5)
    if near:
        return f"did you mean {' or '.join(f'`{folded[each]}`' for each in near)}?"
    if 0 < len(candidates) <= 8:
        return "known: " + ", ".join(f"`{candidate}`" for candidate in candidates)
    return None
