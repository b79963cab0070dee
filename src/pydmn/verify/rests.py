"""What is left of a step once each unknown has been looked at by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, final

from pydmn.verify.course import Later, TableStep
from pydmn.verify.outcomes import Function, Row, State


@final
@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A function whose value depends on several unknowns, and what it reads."""

    function: Function[Any]
    states: tuple[State | Later, ...]


@final
@dataclass(frozen=True, slots=True, eq=False)
class LaterTable:
    """The rest of a table: the rules left, the columns that ask, what is concluded from.

    `requires` is all that the table reads, in the order of the step's keys.
    """

    step: TableStep
    rules: int
    columns: tuple[tuple[int, Row[int] | Reading], ...]
    concluding: tuple[State | Later, ...]
    requires: tuple[State | Later, ...]


@final
@dataclass(frozen=True, slots=True, eq=False)
class LaterGate:
    """An input that is open in some worlds, and null in the others."""

    holds: Row[bool] | Reading
    atoms: State


Rest: TypeAlias = Reading | LaterTable | LaterGate


def rows_of(rest: Rest) -> Iterator[Row[Any]]:
    """Yield the rows that a step depends on."""
    parts: list[Any]
    if type(rest) is LaterTable:
        parts = [*(column for _, column in rest.columns), *rest.concluding]
    elif type(rest) is LaterGate:
        parts = [rest.holds, rest.atoms]
    else:
        parts = [rest]
    while parts:
        part = parts.pop()
        if type(part) is Row:
            yield part
        elif type(part) is Reading:
            parts.extend(part.states)


def union(masks: Iterable[int]) -> int:
    """Return the rules that are in any of `masks`."""
    found = 0
    for each in masks:
        found |= each
    return found
