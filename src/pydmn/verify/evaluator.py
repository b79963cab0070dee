"""What runs decisions, as the reading of what is unknown needs it: a backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pydmn.plan.logic import Step
from pydmn.run import Run


class Columns(Protocol):
    """A decision table column by column; see `pydmn.backends.to_python.columns`."""

    all_rules: int
    first_only: bool
    exact: bool
    concluding: frozenset[str]

    def __len__(self) -> int: ...

    def reads(self, position: int) -> frozenset[str]:
        """Return the keys that a column reads."""
        ...

    def tested(self, position: int, run: Run, values: Mapping[str, Any]) -> tuple[Any, int]:
        """Return a column's value, and the mask of the rules whose cell accepts it."""
        ...


class Evaluator(Protocol):
    """What runs a decision; a backend."""

    def value(self, step: Step, run: Run, values: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
        """Return the value of one step and the rules hit, given what it requires by key."""
        ...

    def columns(self, step: Step) -> Columns:
        """Return the columns of a step that is a table."""
        ...

    def expression(self, step: Step) -> Callable[[Run, Mapping[str, Any]], Any]:
        """Return the function that evaluates a step outside the plan."""
        ...
