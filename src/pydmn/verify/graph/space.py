"""All that a graph may be asked: its inputs, as choices among finitely many values.

A *choice* is one of several values, a *membership* a set of which each element may be there or
not; an input is worked out from them. What no input of the real world can be is left out, so what
is found can be: for instance, a code and the date on which it is looked up are two choices, and
whether it is valid then follows from both.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydmn.errors import NotDecided
from pydmn.verify.graph.circuit import FALSE, TRUE, Circuit, Formula
from pydmn.verify.graph.symbols import Constant, Elements, Symbol, Symbols, constant


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of `values`, each with the formula under which it is the one.

    `run` is how many of them, from the first, are in an order by which regions take them.
    """

    name: str
    values: tuple[Any, ...]
    formulas: tuple[Formula, ...]
    run: int = 0

    def found(self, holds: Callable[[Formula], bool]) -> Any:
        """Return the value that is chosen where `holds` says which formulas do."""
        return next(
            value for value, at in zip(self.values, self.formulas, strict=True) if holds(at)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """A set of some of `values`, each there under its formula."""

    name: str
    values: tuple[Any, ...]
    formulas: tuple[Formula, ...]

    def found(self, holds: Callable[[Formula], bool]) -> list[Any]:
        """Return the values that are there where `holds` says which formulas do."""
        return [value for value, at in zip(self.values, self.formulas, strict=True) if holds(at)]


class Choices:
    """Makes choices, and inputs out of them."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self.circuit: Circuit = symbols.circuit
        self.choices: dict[str, Choice | Membership] = {}

    def choice(self, name: str, values: Sequence[Any], run: int = 0) -> Choice:
        """Return a new choice of one of `values`, of which there is at least one."""
        made = Choice(name, tuple(values), tuple(self.circuit.one_of(len(values))), run)
        self.choices[name] = made
        return made

    def seen_as(self, choice: Choice, function: Callable[[Any], Hashable]) -> Choice:
        """Return a choice by what `function` makes of its values: equal ones are one."""
        alike: dict[Hashable, list[Formula]] = {}
        for value, formula in zip(choice.values, choice.formulas, strict=True):
            alike.setdefault(function(value), []).append(formula)
        formulas = tuple(map(self.circuit.any_of, alike.values()))
        return Choice(choice.name, tuple(alike), formulas)

    def membership(self, name: str, values: Sequence[Any]) -> Membership:
        """Return a new set of some of `values`."""
        formulas = tuple(self.circuit.variable() for _ in values)
        made = self.choices[name] = Membership(name, tuple(values), formulas)
        return made

    def value(self, function: Callable[..., Hashable], *choices: Choice) -> Symbol:
        """Return what `function` makes of the values chosen: FEEL values."""
        rows = [zip(each.formulas, each.values, strict=True) for each in choices]
        return self.symbols.merged(
            (
                self.circuit.all_of(formula for formula, _ in row),
                Constant(function(*(value for _, value in row))),
            )
            for row in product(*map(list, rows))
        )

    def elements(
        self,
        *sets: tuple[Membership | Choice, Callable[[Any], Formula]],
        value: Callable[[Any], Any],
    ) -> Symbol:
        """Return the list of what is there in several sets, each as far as it is kept.

        The function of a set gives the formula under which one of its values is kept; `value`
        makes a FEEL value of it.
        """
        items: list[tuple[Formula, Symbol]] = []
        for each, kept in sets:
            for chosen, formula in zip(each.values, each.formulas, strict=True):
                there = self.circuit.all_of((formula, kept(chosen)))
                if there != FALSE:
                    items.append((there, constant(value(chosen))))
        return ((TRUE, Elements(tuple(items))),)

    def aspect(self, name: str, of: Formula | Symbol) -> Choice | Membership:
        """Return what follows from choices as if it were chosen: a truth, a value, a list.

        Values are FEEL's. Raises `NotDecided` for what is a list in some cases only, or is known
        by its entries or its length.
        """
        if isinstance(of, int):
            return Choice(name, (True, False), (of, -of))
        match of:
            case ((_, Elements() as listed),):
                items = [each for _, symbol in listed.items for each in self.symbols.values(symbol)]
                values = {self.symbols.identity(value): value for _, value in items}
                there = self.symbols.members(listed)
                assert there is not None
                return Membership(name, tuple(values[key] for key in there), (*there.values(),))
            case _:
                constants = [(at, each.value) for at, each in of if isinstance(each, Constant)]
                if len(constants) < len(of):
                    message = f"`{name}` is no value and no list"
                    raise NotDecided(message)
                formulas, chosen = zip(*constants, strict=True)
                return Choice(name, chosen, formulas)

    def read(self, holds: Callable[[Formula], bool]) -> Mapping[str, Any]:
        """Return what is chosen, by name, where `holds` says which formulas do."""
        return {name: each.found(holds) for name, each in self.choices.items()}
