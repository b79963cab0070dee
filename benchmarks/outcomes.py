"""How a contestant did at a task: its times, or why it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds a call, one number for each run; every answer was right."""

    runs: tuple[float, ...]
    kind: ClassVar[str] = "timed"

    def __str__(self) -> str:
        """Return the middle run in words."""
        return f"{self.median * 1e6:,.2f} µs a call"

    @property
    def median(self) -> float:
        """The middle run."""
        return median(self.runs)

    @property
    def least(self) -> float:
        """The fastest run: the one that other programs on the machine disturbed least."""
        return min(self.runs)

    @property
    def most(self) -> float:
        """The slowest run."""
        return max(self.runs)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Answers that are not the oracle's; the time is not counted."""

    count: int
    of: int
    example: str
    kind: ClassVar[str] = "wrong"

    def __str__(self) -> str:
        """Return it in words, with the example."""
        return f"wrong in {self.count:,} of {self.of:,}, e.g. {self.example}"


@dataclass(frozen=True, slots=True)
class Refused:
    """The contestant took part and could not do it."""

    reason: str
    kind: ClassVar[str] = "refused"

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.kind}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Missing:
    """The contestant is not installed."""

    reason: str
    kind: ClassVar[str] = "missing"

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.kind}: {self.reason}"


@dataclass(frozen=True, slots=True)
class NotAsked:
    """The task is not one for this contestant, by the roster."""

    reason: str
    kind: ClassVar[str] = "not asked"

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.kind}: {self.reason}"


Outcome: TypeAlias = Timed | Wrong | Refused | Missing | NotAsked

_KINDS = {each.kind: each for each in (Timed, Wrong, Refused, Missing, NotAsked)}


def plain(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as JSON has it."""
    return {"kind": outcome.kind, **asdict(outcome)}


def outcome(data: Mapping[str, Any]) -> Outcome:
    """Return the outcome that `plain` made `data` of."""
    fields = {name: value for name, value in data.items() if name != "kind"}
    if data["kind"] == Timed.kind:
        return Timed(tuple(map(float, fields["runs"])))
    made: Outcome = _KINDS[data["kind"]](**fields)
    return made
