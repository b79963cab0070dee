"""What is wrong with something that was handed in: where, what, what next.

No problem quotes a value of a request: values are about patients, names of fields are not.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `excerpt` shows it, line by line, where that helps."""

    where: str
    message: str
    help: str | None = None
    excerpt: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the problem on one line, without its excerpt."""
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}; {self.help}" if self.help else text

    def render(self) -> str:
        """Return the problem as lines for a terminal.

        >>> print(Problem("lines[0].facts", "the policy knows no fact `sit`",
        ...               "did you mean `site`?").render())
        lines[0].facts: the policy knows no fact `sit`
        help: did you mean `site`?
        """
        lines = [f"{self.where}: {self.message}" if self.where else self.message]
        lines += [f"    {line}" for line in self.excerpt]
        if self.help:
            lines.append(f"help: {self.help}")
        return "\n".join(lines)


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
    """Return the help line that names what is nearest to `name`, or all there is if few.

    Two that are about as near are named both.

    >>> did_you_mean("Site", ["site", "indication"])
    'did you mean `site`?'
    >>> did_you_mean("type 3", ["type II", "type III", "none"])
    'did you mean `type II` or `type III`?'
    """
    candidates = list(known)
    folded = {candidate.casefold(): candidate for candidate in candidates}
    wanted = name.casefold()
    near = difflib.get_close_matches(wanted, folded, 2, 0.5)
    if near:
        best, *others = [(_likeness(wanted, each), folded[each]) for each in near]
        alike = [each for likeness, each in others if best[0] < 1 and best[0] - likeness < 0.1]
        return f"did you mean {' or '.join(f'`{each}`' for each in (best[1], *alike))}?"
    if 0 < len(candidates) <= 8:
        return "known: " + ", ".join(f"`{candidate}`" for candidate in candidates)
    return None


def _likeness(wanted: str, known: str) -> float:
    """Return how alike two texts are, from 0 to 1, as `difflib.get_close_matches` has it."""
    return difflib.SequenceMatcher(None, known, wanted).ratio()


def shown(name: object) -> str:
    """Return a name that somebody sent, fit for a message: printable, at most 60 characters."""
    return f"`{printable(str(name)[:60])}`"


def printable(text: str) -> str:
    """Return a text that somebody sent without what would steer the terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
