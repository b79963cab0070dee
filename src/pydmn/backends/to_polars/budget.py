"""The limit `steps` of one record, kept over a frame: what its decisions take together at most.

A record has one budget for all that it decides. A frame decides each thing once, for many
records; so the most that each decision takes is added up. Beyond the limit a frame refuses,
though a row may stay within: by itself each row tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydmn.backends.to_polars.result import Refusal, Refused
from pydmn.limits import Limits
from pydmn.plan.logic import Step
from pydmn.run import Clock, Run


class Budget:
    """The steps of one frame's evaluation."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._left = limits.steps
        self._last: Run | None = None
        self._least = limits.steps

    def run(self) -> Run:
        """Return a run with a full budget; what the one before it took is kept in mind."""
        self._seen()
        self._last = Run(self._limits, self._clock)
        return self._last

    def _seen(self) -> None:
        if self._last is not None:
            self._least = min(self._least, self._last.steps)
            self._last = None

    @contextmanager
    def of(self, step: Step, parts: int, cost: int) -> Iterator[None]:
        """Charge a step `cost`, and the most that a run takes inside for each of `parts`."""
        self._seen()
        self._least = self._limits.steps
        yield
        self._seen()
        self.charge(step, cost + parts * (self._limits.steps - self._least))

    def charge(self, step: Step, steps: int) -> None:
        """Charge a step so many. Raises `Refused` when the budget is spent."""
        self._left -= steps
        if self._left < 0:
            reason = f"a record may take more than the limit `steps`: {self._limits.steps:,}"
            raise Refused(Refusal(step.name, "", reason))
