"""Whether a formula can hold: asked of a SAT solver, within a budget of its conflicts.

The budget is in steps of the solver and not in seconds, so that a verdict is the same on every
machine. Needs the extra `verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pydmn.errors import Spent
from pydmn.verify.graph.circuit import TRUE, Circuit, Formula

CONFLICTS: Final = 200_000
"""How many conflicts a question may cost, where nothing else is said."""

SOLVER: Final = "glucose42"
"""A solver that counts its conflicts (Glucose 4.2)."""


@dataclass(frozen=True, slots=True)
class Found:
    """That a formula can hold: `holds` says of any formula whether it does then."""

    holds: Callable[[Formula], bool]


class Solver:
    """Answers questions about the formulas of a circuit, one after another."""

    def __init__(self, circuit: Circuit, conflicts: int = CONFLICTS, name: str = SOLVER) -> None:
        from pysat.solvers import Solver as Sat

        self._circuit = circuit
        self._conflicts = conflicts
        self._told = 0
        self._sat = Sat(name=name)

    def find(self, wanted: Iterable[Formula]) -> Found | None:
        """Return where all of `wanted` hold, or None where they cannot. Raises `Spent`."""
        clauses = self._circuit.clauses
        self._sat.append_formula(clauses[self._told :])
        self._told = len(clauses)
        self._sat.conf_budget(self._conflicts)
        answer = self._sat.solve_limited(assumptions=list(wanted))
        if answer is None:
            message = f"the solver's budget of {self._conflicts:,} conflicts is spent"
            raise Spent(message)
        if not answer:
            return None
        true = {each for each in self._sat.get_model() if each > 0} | {TRUE}
        return Found(lambda formula: formula in true if formula > 0 else -formula not in true)
