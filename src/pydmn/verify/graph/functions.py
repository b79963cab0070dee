"""Functions of terms of which it is known in parts what they give."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from pydmn.feel import ast
from pydmn.feel.temporal import Date
from pydmn.verify.graph.circuit import Formula
from pydmn.verify.graph.comparisons import Evaluated, Values
from pydmn.verify.graph.sums import Sum, added, sum_of
from pydmn.verify.graph.symbols import Constant, Shape, Symbol, Symbols, constant
from pydmn.verify.graph.terms import Term


class Functions:
    """Works out functions. Every method raises `NotDecided`.

    `compare` compares two operands, `opaque` takes an operation as a term of its own.
    """

    def __init__(
        self,
        symbols: Symbols,
        evaluated: Evaluated,
        compare: Callable[[ast.ComparisonOperator, Any, Any], Symbol],
        total: Callable[[Sum], Symbol],
        opaque: Callable[[ast.Expression, Values], Symbol],
    ) -> None:
        self._symbols = symbols
        self._circuit = symbols.circuit
        self._terms = symbols.terms
        self._evaluated = evaluated
        self._compare = compare
        self._total = total
        self._opaque = opaque

    def absolute(self, of: Term) -> Symbol:
        """Return a number, or its negative where it is below zero."""
        zero = Decimal(0)
        null, above = self._terms.null(of), self._terms.least(of, zero)
        below = self._circuit.all_of((-null, -above))
        negative = self._total(added(Sum({}, Fraction(0)), sum_of(of), Fraction(-1)))
        return self._symbols.chosen(
            [(above, ((1, of),)), (below, negative), (null, constant(None))]
        )

    def extreme(self, name: str, one: Any, other: Any) -> Symbol:
        """Return the lesser or the greater of two numbers; null where one of them is."""
        operator: ast.ComparisonOperator = "<=" if name == "min" else ">="
        first = self._symbols.settled(self._compare(operator, one, other))
        sides = {True: one, False: other, None: None}
        return self._symbols.chosen(
            (at, _symbol(sides[shape.value])) for at, shape in first if isinstance(shape, Constant)
        )

    def named(self, name: str, of: Term) -> Symbol:
        """Return the name of the month, or of the day of the week, of a date by its number."""
        entry, count = NUMBERED[name]
        read = ast.Path(ast.Name("of"), entry)
        ((_, number),) = self._opaque(read, {"of": of})
        assert isinstance(number, Term)
        call = ast.Call(ast.Name(name), (ast.Name("of"),))
        cases: dict[int, tuple[Formula, Shape]] = {}
        for days in range(366):
            given = {"of": Date.from_days(days)}
            at = int(self._evaluated(read, given))
            if at not in cases:
                formula = self._terms.equals(number, Decimal(at))
                cases[at] = (formula, Constant(self._evaluated(call, given)))
        assert len(cases) == count
        return self._symbols.merged([*cases.values(), (self._terms.null(number), Constant(None))])


def _symbol(value: Any) -> Symbol:
    return ((1, value if isinstance(value, Term) else Constant(value)),)


NUMBERED: Final = {"month of year": ("month", 12), "day of week": ("weekday", 7)}
"""The entry of a date that is the number of what a function names, and how many there are."""
