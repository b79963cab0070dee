"""Comparisons of terms with one another, and with values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any, Final, Protocol, TypeAlias

from pydmn.feel import ast
from pydmn.feel.temporal import DaysAndTimeDuration, YearsAndMonthsDuration
from pydmn.feel.types import (
    BOOLEAN,
    DATE,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    YEARS_AND_MONTHS_DURATION,
)
from pydmn.tables.cells import CLOCKS
from pydmn.verify.graph.circuit import Formula
from pydmn.verify.graph.sums import Sum, added, sum_of
from pydmn.verify.graph.symbols import Constant, Shape, Symbol, Symbols
from pydmn.verify.graph.terms import Term
from pydmn.verify.graph.views import DAY, between, steady

Values: TypeAlias = Mapping[str, Any]
"""What operands are, by name: a FEEL value, or a term."""

Evaluated: TypeAlias = Callable[[ast.Expression, Values], Any]
"""Returns what the engine makes of a node whose names have FEEL values."""

_ORDERS: Final = frozenset({"<", "<=", ">", ">="})
_MIRRORED: Final[Mapping[ast.ComparisonOperator, ast.ComparisonOperator]] = {
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
    "=": "=",
    "!=": "!=",
}
_DIFFERENCES: Final = {
    NUMBER: (NUMBER, Decimal(0)),
    DATE: (DAYS_AND_TIME_DURATION, DaysAndTimeDuration(0)),
    DAYS_AND_TIME_DURATION: (DAYS_AND_TIME_DURATION, DaysAndTimeDuration(0)),
    YEARS_AND_MONTHS_DURATION: (YEARS_AND_MONTHS_DURATION, YearsAndMonthsDuration(0)),
}
"""The kinds of which two values differ by a value, of which kind that is, and none."""


class Parted(Protocol):
    """Returns what the engine makes of a node for each part of its terms that constants make."""

    def __call__(
        self, node: ast.Expression, values: Values, cuts: Sequence[Any], *, ordered: bool
    ) -> Symbol:
        """See the class."""
        ...


class Comparisons:
    """Works out comparisons. Every method raises `NotDecided`."""

    def __init__(
        self,
        symbols: Symbols,
        evaluated: Evaluated,
        parted: Parted,
        total: Callable[[Sum], Symbol],
    ) -> None:
        self._symbols = symbols
        self._circuit = symbols.circuit
        self._terms = symbols.terms
        self._evaluated = evaluated
        self._parted = parted
        self._total = total

    def of(self, operator: ast.ComparisonOperator, left: Any, right: Any) -> Symbol:
        """Return a comparison of two operands, of which one is a term at least."""
        node = ast.Comparison(operator, ast.Name("left"), ast.Name("right"))
        given = {"left": left, "right": right}
        ordered = operator in _ORDERS
        if not isinstance(left, Term) or not isinstance(right, Term):
            value = right if isinstance(left, Term) else left
            return self._parted(node, given, [value], ordered=ordered)
        if left.kind != right.kind:
            return self._parted(node, given, (), ordered=False)
        if left.key == right.key:
            return self._symbols.merged(
                (at, Constant(self._evaluated(node, {"left": value, "right": value})))
                for at, value in self._terms.parts(left)
            )
        if left.kind not in _DIFFERENCES:
            if repr(left.node) > repr(right.node):
                left, right, operator = right, left, _MIRRORED[operator]
            return self._two(ast.Comparison(operator, left.node, right.node), left, right)
        return self._by_difference(node, left, right)

    def _two(self, node: ast.Comparison, left: Term, right: Term) -> Symbol:
        """Return a comparison of two terms that differ by no value."""
        nulls = self._terms.null(left), self._terms.null(right)
        some = [next(v for _, v in self._terms.parts(each)) for each in (left, right)]
        names = replace(node, left=ast.Name("left"), right=ast.Name("right"))
        known = [
            (self._evaluated(names, {"left": None, "right": some[1]}), (nulls[0], -nulls[1])),
            (self._evaluated(names, {"left": some[0], "right": None}), (-nulls[0], nulls[1])),
            (self._evaluated(names, {"left": None, "right": None}), nulls),
        ]
        cases: list[tuple[Formula, Shape]] = [
            (self._circuit.all_of(at), Constant(value)) for value, at in known
        ]
        neither = -self._circuit.any_of(nulls)
        if left.kind in CLOCKS:
            # Those of several offsets may have no order.
            term = Term(node, BOOLEAN)
            cases += (
                (self._circuit.all_of((neither, at)), Constant(value))
                for at, value in self._terms.parts(term)
            )
            return self._symbols.merged(cases)
        # `a >= b` is that `a < b` is not so, and `a > b` neither that nor that they are equal.
        less = Term(replace(node, operator="<"), BOOLEAN)
        equal = Term(replace(node, operator="="), BOOLEAN)
        truth = {
            operator: self._terms.equals(term, value=True)
            for operator, term in (("<", less), ("=", equal))
        }
        self._circuit.require(-truth["<"], -truth["="])
        holds = {
            "=": truth["="],
            "!=": -truth["="],
            "<": truth["<"],
            ">=": -truth["<"],
            "<=": self._circuit.any_of((truth["<"], truth["="])),
            ">": self._circuit.all_of((-truth["<"], -truth["="])),
        }[node.operator]
        for term in (less, equal):
            self._circuit.require(-self._terms.null(term), -neither)
        cases += [
            (self._circuit.all_of((neither, holds)), Constant(True)),
            (self._circuit.all_of((neither, -holds)), Constant(False)),
        ]
        return self._symbols.merged(cases)

    def _by_difference(self, node: ast.Comparison, left: Term, right: Term) -> Symbol:
        """Return a comparison of two terms by what one is more than the other."""
        kind, zero = _DIFFERENCES[left.kind]
        nulls = self._terms.null(left), self._terms.null(right)
        some = [next(v for _, v in self._terms.parts(each)) for each in (left, right)]
        cases: list[tuple[Formula, Shape]] = [
            (self._circuit.all_of(at), Constant(self._evaluated(node, given)))
            for at, given in (
                ((nulls[0], -nulls[1]), {"left": None, "right": some[1]}),
                ((-nulls[0], nulls[1]), {"left": some[0], "right": None}),
                (nulls, {"left": None, "right": None}),
            )
        ]
        neither = -self._circuit.any_of(nulls)
        difference: Symbol
        if left.kind == NUMBER:
            difference = self._total(added(sum_of(left), sum_of(right), Fraction(-1)))
            swapped = False
        elif left.kind == DATE:
            difference, swapped = self.between(left, right), False
        else:
            swapped = repr(left.node) > repr(right.node)
            first, second = (right, left) if swapped else (left, right)
            term = Term(ast.Arithmetic("-", first.node, second.node), kind)
            self._circuit.require(-self._terms.null(term), nulls[0], nulls[1])
            for null in nulls:
                self._circuit.require(-null, self._terms.null(term))
            difference = ((1, term),)
        for at, shape in difference:
            if isinstance(shape, Constant):
                rows = [(1, shape.value)]
            else:
                assert isinstance(shape, Term)
                rows = self._terms.parts(shape, [zero], ordered=node.operator in _ORDERS)
            for inside, value in rows:
                if value is None:
                    continue
                pair = (zero, value) if swapped else (value, zero)
                answer = self._evaluated(node, dict(zip(("left", "right"), pair, strict=True)))
                formula = self._circuit.all_of((neither, at, inside))
                cases.append((formula, Constant(answer)))
        return self._symbols.merged(cases)

    def within(self, value: Any, low: Any, high: Any) -> Symbol:
        """Return a `between` of terms as both its comparisons (10.3.2.2)."""
        sides = [self.of(">=", value, low), self.of("<=", value, high)]
        node = ast.Conjunction((ast.Name("left"), ast.Name("right")))
        return self._symbols.merged(
            (
                self._circuit.all_of((one, other)),
                Constant(self._evaluated(node, {"left": mine, "right": its})),
            )
            for (one, mine), (other, its) in product(
                *(self._symbols.values(each) for each in sides)
            )
        )

    def between(self, left: Term, right: Term) -> Symbol:
        """Return what lies between two dates: of two ways, the one that was asked for first."""
        node = ast.Arithmetic("-", left.node, right.node)
        (mine, more), (its, less) = steady(left), steady(right)
        null = self._circuit.any_of((self._terms.null(mine), self._terms.null(its)))
        if mine.key == its.key:
            always = Constant(DaysAndTimeDuration((more - less) * DAY))
            return self._symbols.merged([(-null, always), (null, Constant(None))])
        ways = [
            Term(ast.Arithmetic("-", one.node, other.node), DAYS_AND_TIME_DURATION)
            for one, other in ((mine, its), (its, mine))
        ]
        known = [self._terms.knows(each) for each in ways]
        swapped = known[1] and not known[0]
        base = ways[swapped]
        self._circuit.require(-self._terms.null(base), null)
        self._circuit.require(-null, self._terms.null(base))
        return ((1, between(base, node, more - less, swapped=swapped)),)
