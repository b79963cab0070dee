"""Everything that a model can be asked at once, and what is then always so.

    space = pydmn.Space()
    age = space.choice("age", [17, 18, 64, 65])
    world = space.world(model, {"Age": space.value(lambda years: years, age)})
    space.find(-world.holds(model.condition("Price > 0")))    # None: it always is

Needs the extra `verify` to `find`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pydmn.errors import NotDecided
from pydmn.feel import host
from pydmn.run import Run
from pydmn.verify.diagrams import identity
from pydmn.verify.graph.circuit import TRUE, Circuit, Formula
from pydmn.verify.graph.decisions import Decisions
from pydmn.verify.graph.proofs import CONFLICTS, SOLVER, Solver
from pydmn.verify.graph.regions import BOXES, Regions, regions
from pydmn.verify.graph.space import Choice, Choices, Membership
from pydmn.verify.graph.symbols import Constant, Count, Symbol, Symbols, TooMany
from pydmn.verify.graph.unlike import Unlike

if TYPE_CHECKING:
    from pydmn.engine.model import Model
    from pydmn.engine.together import Condition
    from pydmn.verify.graph.tables import Decided

STEPS: Final = 200_000_000
"""So many steps may be spent on the answers of a world."""

MOST_CASES: Final = 20_000
"""So many combinations of values may be gone through for one operation."""


class Space:
    """What may be chosen for the inputs of models, and questions about what follows.

    Values are the host's. A formula is a number, and its negative is its negation. `conflicts` is
    the solver's budget for one question, `solver` its name in PySAT, and `most_cases` how many
    combinations of values may be gone through for one operation.
    """

    def __init__(
        self, conflicts: int = CONFLICTS, *, most_cases: int = MOST_CASES, solver: str = SOLVER
    ) -> None:
        self._circuit = Circuit()
        run = Run()
        self._symbols = Symbols(self._circuit, lambda value: identity(run, value), most_cases)
        self._choices = Choices(self._symbols)
        self._solver: Solver | None = None
        self._conflicts = conflicts
        self._name = solver

    # --- what may be chosen ------------------------------------------------------------

    always: Final[Formula] = TRUE
    """The formula that holds everywhere."""

    def choice(self, name: str, values: Sequence[Any], *, ordered: bool = False) -> Choice:
        """Return a new choice of one of `values`, any of Python, of which there is one at least.

        Of values that are `ordered`, but for a null at the end, a region has those between two.
        """
        run = len(values) - (values[-1] is None) if ordered else 0
        return self._choices.choice(name, values, run)

    def seen_as(self, choice: Choice, function: Callable[[Any], Hashable]) -> Choice:
        """Return a choice by what `function` makes of its values: equal ones are one."""
        return self._choices.seen_as(choice, function)

    def following(self, name: str, cases: Mapping[Any, Formula]) -> Choice:
        """Return an aspect by its cases: each value with a formula, of which exactly one holds."""
        return Choice(name, tuple(cases), tuple(cases.values()))

    @property
    def choices(self) -> Mapping[str, Choice | Membership]:
        """All that is chosen, by name."""
        return self._choices.choices

    def membership(self, name: str, values: Sequence[Any]) -> Membership:
        """Return a new set, of any of `values`."""
        return self._choices.membership(name, values)

    def value(self, function: Callable[..., Any], *choices: Choice) -> Symbol:
        """Return an input that has the value which `function` makes of what is chosen."""
        return self._choices.value(lambda *given: host.from_python(function(*given)), *choices)

    def elements(
        self,
        *sets: tuple[Membership | Choice, Callable[[Any], Formula]],
        value: Callable[[Any], Any] = lambda chosen: chosen,
    ) -> Symbol:
        """Return an input that is the list of what is in several sets.

        The function of a set gives the formula under which one of its values is kept; `value`
        makes an element of it. The order of such a list means nothing, nor how often an element
        is in it.
        """
        return self._choices.elements(*sets, value=lambda chosen: host.from_python(value(chosen)))

    def all_of(self, parts: Iterable[Formula]) -> Formula:
        """Return the formula that holds where all of `parts` do."""
        return self._circuit.all_of(parts)

    def any_of(self, parts: Iterable[Formula]) -> Formula:
        """Return the formula that holds where one of `parts` does."""
        return self._circuit.any_of(parts)

    def require(self, *alternatives: Formula) -> None:
        """Leave out of the space where none of `alternatives` holds."""
        self._circuit.require(*alternatives)

    # --- what follows ------------------------------------------------------------------

    def world(self, model: Model, inputs: Mapping[str, Symbol]) -> World:
        """Return the answers of `model` for these inputs, by name; the others are null."""
        return World(self._symbols, model, inputs)

    def find(self, *wanted: Formula) -> Mapping[str, Any] | None:
        """Return what is chosen where all of `wanted` hold, by name; None where nothing can be.

        Raises `Spent` where the budget of conflicts does not suffice to say.
        """
        if self._solver is None:
            self._solver = Solver(self._circuit, self._conflicts, self._name)
        found = self._solver.find(wanted)
        return None if found is None else self._choices.read(found.holds)

    def aspect(self, name: str, of: Formula | Symbol) -> Choice | Membership:
        """Return what follows from choices, to be spoken of in `regions`: a truth, a value, a list.

        Raises `NotDecided` for what is none of these in every case.
        """
        made = self._choices.aspect(name, of)
        return replace(made, values=tuple(map(host.to_python, made.values)))

    def regions(
        self,
        *wanted: Formula,
        aspects: Iterable[Choice | Membership] = (),
        free: Sequence[str] = (),
        boxes: int = BOXES,
    ) -> Regions:
        """Return exactly where all of `wanted` hold: a few boxes, the largest first.

        A box speaks of the choices that matter in it and leaves the others free: those that `free`
        names before others, any before the `aspects` that say the same, and of these the first
        before the last. No more than so many `boxes` are looked for, and the budget of conflicts
        is for all of them: see `Regions.spent`.
        """
        solver = Solver(self._circuit, self._conflicts, self._name, in_all=True)
        chosen = self._choices.choices
        return regions(
            self._circuit, chosen, wanted, solver, aspects=aspects, free=free, boxes=boxes
        )


class World:
    """A model's answers over a space. Every method raises `NotDecided`."""

    def __init__(self, symbols: Symbols, model: Model, inputs: Mapping[str, Symbol]) -> None:
        self._symbols = symbols
        self._model = model
        given = {model.input_names[name].key: symbol for name, symbol in inputs.items()}
        run = Run(replace(model.limits, steps=STEPS), model.clock)
        self._decisions = Decisions(model.plan, model.backend, symbols, given, run)

    def holds(self, condition: Condition) -> Formula:
        """Return where a condition is true; see `Model.condition`."""
        return self._decisions.holds(condition.step)

    def differs(self, name: str, entry: str | None, other: World) -> Formula:
        """Return where a decision's answer, or an entry of it, is not that of another world.

        Lists are the same where they have the same members.
        """
        mine, theirs = self._answer(name, entry), other._answer(name, entry)
        try:
            return Unlike(self._symbols).where(mine, theirs)
        except TooMany:
            raise NotDecided(f"`{name}`: it has the length of a list in it") from None

    def hits(self, name: str) -> Mapping[str, Formula]:
        """Return where each rule of a decision is hit, by its id; of no table there are none."""
        if self._model.kind(name) != "table":
            return {}
        rules = self._model.table(name).rules
        hits = self._decided(name).hits
        return {rule.id: hit for rule, hit in zip(rules, hits, strict=True)}

    def tests(self, name: str, column: int, accepts: Callable[[Any], bool]) -> Formula:
        """Return where a column of the table `name` tests a value that `accepts` holds of.

        The length of a list that is there counts as 1: the least that it can be.
        """
        return self._symbols.circuit.any_of(
            formula
            for formula, shape in self._decided(name).columns[column]
            if (isinstance(shape, Count) and accepts(Decimal(1)))
            or (isinstance(shape, Constant) and accepts(host.to_python(shape.value)))
        )

    def _decided(self, name: str) -> Decided:
        return self._decisions.table(self._model.step(name).key)

    def values(self, name: str, entry: str | None = None) -> list[tuple[Any, Formula]]:
        """Return every value of a decision, or of an entry of it, each with where it is that."""
        return self._told(name, self._symbols.values, self._answer(name, entry))

    def members(self, name: str, entry: str | None = None) -> list[tuple[Any, Formula]]:
        """Return every member of a decision's list, or of an entry's, each with where it is in it.

        What is no list has no members.
        """
        return self._told(name, self._symbols.held, self._answer(name, entry))

    def _told(
        self, name: str, of: Callable[[Symbol], list[tuple[Formula, Any]]], symbol: Symbol
    ) -> list[tuple[Any, Formula]]:
        try:
            return [(host.to_python(value), formula) for formula, value in of(symbol)]
        except TooMany:
            raise NotDecided(f"`{name}`: a list in it has any number of members") from None

    def _answer(self, name: str, entry: str | None) -> Symbol:
        symbol = self._decisions.answer(self._model.step(name).key)
        return symbol if entry is None else self._symbols.entry(symbol, entry)
