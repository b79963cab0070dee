"""What one evaluation carries with it: its budget, its trace, its clock.

A `Run` belongs to one call of a decision or expression and to one thread. Models and
compiled expressions never hold one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

from pydmn.limits import DEFAULT, Limits
from pydmn.trace import Trace

Clock: TypeAlias = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present moment, in UTC. The one place that looks at a clock."""
    return datetime.now(UTC)


class Run:
    """Budget, trace and clock of one evaluation.

    The clock is asked once, at first need, so that `now()` is the same throughout a
    decision.
    """

    __slots__ = ("_clock", "_now", "depth", "limits", "steps", "trace")

    def __init__(self, limits: Limits = DEFAULT, clock: Clock = system_clock) -> None:
        self.limits = limits
        self.steps = limits.steps
        self.depth = 0
        self.trace = Trace()
        self._clock = clock
        self._now: datetime | None = None

    @property
    def now(self) -> datetime:
        """The moment of this evaluation, with its zone."""
        if self._now is None:
            self._now = self._clock()
        return self._now

    def charge(self, steps: int) -> None:
        """Take `steps` from the budget; raise `LimitExceeded` when it is spent."""
        self.steps -= steps
        if self.steps < 0:
            self.limits.exceeded("steps")

    def note(self, code: str, message: str) -> None:
        """Say why a null came about."""
        self.trace.note(code, message)
