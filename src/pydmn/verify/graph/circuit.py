"""Formulas over yes-or-no variables, written down as clauses while they are made (Tseitin).

A formula is a number: a positive one is a variable that is true exactly where the formula
holds, and its negative is the formula's negation. Equal formulas are one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

Formula: TypeAlias = int

TRUE: Final[Formula] = 1
FALSE: Final[Formula] = -1


class Circuit:
    """Makes formulas; `clauses` say what their variables mean, `last` is the highest of them."""

    def __init__(self) -> None:
        self.clauses: list[list[int]] = [[TRUE]]
        self.last = TRUE
        self._made: dict[tuple[int, ...], Formula] = {}

    def variable(self) -> Formula:
        """Return a formula that may hold or not."""
        self.last += 1
        return self.last

    def require(self, *alternatives: Formula) -> None:
        """Ask that one of `alternatives` holds, in everything that is found from now on."""
        self.clauses.append(list(alternatives))

    def all_of(self, parts: Iterable[Formula]) -> Formula:
        """Return the formula that holds where all of `parts` do."""
        wanted = {part for part in parts if part != TRUE}
        if FALSE in wanted or any(-part in wanted for part in wanted):
            return FALSE
        if not wanted:
            return TRUE
        if len(wanted) == 1:
            return wanted.pop()
        key = tuple(sorted(wanted))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self.variable()
            self.clauses.extend([-made, part] for part in key)
            self.clauses.append([made, *(-part for part in key)])
        return made

    def variables(self, formulas: Iterable[Formula]) -> set[Formula]:
        """Return the variables that formulas are made of."""
        parts = {made: key for key, made in self._made.items()}
        found: set[Formula] = set()
        waiting = [*map(abs, formulas)]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += map(abs, parts.get(each, ()))
        return found

    def any_of(self, parts: Iterable[Formula]) -> Formula:
        """Return the formula that holds where one of `parts` does."""
        return -self.all_of([-part for part in parts])

    def firsts(self, parts: Sequence[Formula]) -> tuple[list[Formula], Formula]:
        """Return, for each of `parts`, where it holds and none before it; and where none does."""
        found: list[Formula] = []
        none = TRUE
        for part in parts:
            found.append(self.all_of((none, part)))
            none = self.all_of((none, -part))
        return found, none

    def places(self, parts: Sequence[Formula]) -> list[list[Formula]]:
        """Return for each number, from 0 on, which of `parts` holds after so many others do."""
        # Of those looked at so far as many hold as the place in the list says.
        holding = [TRUE]
        rows: list[list[Formula]] = [[] for _ in parts]
        for number, part in enumerate(parts):
            for place, row in enumerate(rows):
                row.append(self.all_of((holding[place], part)) if place <= number else FALSE)
            here = [rows[place][number] for place in range(number + 1)]
            stays = [self.all_of((at, -part)) for at in holding]
            holding = [
                self.any_of((stay, come))
                for stay, come in zip((*stays, FALSE), (FALSE, *here), strict=True)
            ]
        return rows

    def several(self, parts: Sequence[Formula]) -> Formula:
        """Return the formula that holds where at least two of `parts` do."""
        one = two = FALSE
        for part in parts:
            two = self.any_of((two, self.all_of((one, part))))
            one = self.any_of((one, part))
        return two

    def one_of(self, count: int) -> list[Formula]:
        """Return that many variables of which exactly one holds; `TRUE` where there is one."""
        if count == 1:
            return [TRUE]
        found = [self.variable() for _ in range(count)]
        self.require(*found)
        self.require(-self.several(found))
        return found
