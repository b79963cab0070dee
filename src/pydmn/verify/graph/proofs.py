"""Whether a formula can hold: asked of a SAT solver, within a budget of its conflicts.

The budget is in steps of the solver and not in seconds, so that a verdict is the same on every
machine. Needs the extra `verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pydmn.errors import Spent
from pydmn.verify.graph.circuit import Circuit, Formula

CONFLICTS: Final = 200_000
"""How many conflicts a question may cost, where nothing else is said."""

SOLVER: Final = "glucose42"
"""A solver that counts its conflicts (Glucose 4.2)."""


@dataclass(frozen=True, slots=True)
class Found:
    """That a formula can hold: `holds` says of any formula whether it does then."""

    holds: Callable[[Formula], bool]


class Solver:
    """Answers questions about the formulas of a circuit, one after another.

    The budget is for each of them or, `in_all`, for all; with `propagations`, for so many of these
    in all too. `core` are those wanted formulas of the
    last question that cannot hold together, where they cannot.
    """

    def __init__(
        self,
        circuit: Circuit,
        conflicts: int = CONFLICTS,
        name: str = SOLVER,
        *,
        in_all: bool = False,
        propagations: int | None = None,
    ) -> None:
        from pysat.solvers import Solver as Sat

        self._circuit = circuit
        self._conflicts = conflicts
        self._in_all = in_all
        self._propagations = propagations
        self._told = 0
        self._sat = Sat(name=name)
        self.core: frozenset[Formula] = frozenset()

    def require(self, *alternatives: Formula) -> None:
        """Ask that one of `alternatives` holds, which the circuit knows nothing of."""
        self._sat.add_clause(list(alternatives))

    def find(self, wanted: Iterable[Formula]) -> Found | None:
        """Return where all of `wanted` hold, or None where they cannot. Raises `Spent`."""
        clauses = self._circuit.clauses
        self._sat.append_formula(clauses[self._told :])
        self._told = len(clauses)
        answer = None
        steps = self._propagations_left
        if (left := self._left) > 0 and (steps is None or steps > 0):
            self._sat.conf_budget(left)
            if steps is not None:
                self._sat.prop_budget(steps)
            answer = self._sat.solve_limited(assumptions=list(wanted))
        if answer is None:
            spent = f"{self._conflicts:,} conflicts"
            if self._left > 0 and self._propagations is not None:
                spent = f"{self._propagations:,} propagations"
            message = f"the solver's budget of {spent} is spent"
            raise Spent(message)
        if not answer:
            self.core = frozenset(self._sat.get_core() or ())
            return None
        # By the number of a variable; a set of those that are true would cost more than a question.
        model: list[Formula] = [0, *self._sat.get_model()]

        def true(variable: Formula) -> bool:
            return variable < len(model) and model[variable] > 0

        return Found(lambda formula: true(formula) if formula > 0 else not true(-formula))

    @property
    def _left(self) -> int:
        """How many conflicts the next question may cost."""
        if not self._in_all:
            return self._conflicts
        spent: int = self._sat.accum_stats()["conflicts"]
        return self._conflicts - spent

    @property
    def _propagations_left(self) -> int | None:
        if self._propagations is None:
            return None
        return self._propagations - self.propagated

    @property
    def propagated(self) -> int:
        """How many propagations all questions took."""
        spent: int = self._sat.accum_stats()["propagations"]
        return spent
