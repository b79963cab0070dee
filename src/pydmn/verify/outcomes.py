"""What a step answers: one outcome, or a row of them, one for each atom of an unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, TypeAlias, TypeVar, final

T = TypeVar("T")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one step answers: its value, and the ids of the rules hit.

    Outcomes are compared by `is`, and looked up so: what makes them makes each once.
    """

    value: Any
    hits: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True, eq=False)
class Row(Generic[T]):
    """What depends on one unknown alone: something for each of its atoms, in their order."""

    unknown: str
    values: tuple[T, ...]


@dataclass(frozen=True)
class Unknown:
    """An input without a value: its key, its name, the atoms that stand for its values."""

    key: str
    name: str
    atoms: tuple[Any, ...]

    @cached_property
    def row(self) -> Outcome | Row[Outcome]:
        """The atoms as outcomes."""
        return gathered(self.key, tuple(map(Outcome, self.atoms)))


State: TypeAlias = Outcome | Row[Outcome]


def gathered(unknown: str, values: tuple[T, ...]) -> T | Row[T]:
    """Return the row of `values`, or the value where all are the same."""
    first = values[0]
    if all(each is first or each == first for each in values):
        return first
    return Row(unknown, values)


_KEPT: Final = 4_096
"""So many ways in which the things read can be are kept."""

_NEW: Final = object()


class Function(Generic[T]):
    """Something worked out of what it reads, once for each way in which that can be.

    `reads` are keys of steps; `work_out` takes their values by key, and always gives the same
    for the same.
    """

    __slots__ = ("_kept", "_rows", "_work_out", "reads")

    def __init__(self, reads: tuple[str, ...], work_out: Callable[[Mapping[str, Any]], T]) -> None:
        self.reads = reads
        self._work_out = work_out
        self._kept: dict[tuple[Outcome, ...], Any] = {}
        self._rows: dict[tuple[State, ...], Any] = {}

    def at(self, outcomes: tuple[Outcome, ...]) -> T:
        """Return what it is where each key that it reads has one outcome."""
        found: T | object = self._kept.get(outcomes, _NEW)
        if found is _NEW:
            values = [each.value for each in outcomes]
            found = self._work_out(dict(zip(self.reads, values, strict=True)))
            keep(self._kept, outcomes, found)
        return found  # type: ignore[return-value]  # no longer `_NEW`

    def over(self, states: tuple[State, ...]) -> T | Row[T]:
        """Return what it is where rows of one unknown are among what it reads."""
        found: T | Row[T] | object = self._rows.get(states, _NEW)
        if found is _NEW:
            row = next(each for each in states if type(each) is Row)
            found = gathered(
                row.unknown,
                tuple(
                    self.at(tuple(outcome_at(each, atom) for each in states))
                    for atom in range(len(row.values))
                ),
            )
            keep(self._rows, states, found)
        return found  # type: ignore[return-value]  # no longer `_NEW`


def outcome_at(state: State, atom: int) -> Outcome:
    """Return the outcome of `state` where the unknown of its row has an atom."""
    return state if type(state) is Outcome else state.values[atom]


def keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    """Keep a value; where there are too many, the others are forgotten."""
    if len(kept) >= _KEPT:
        kept.clear()
    kept[key] = value
