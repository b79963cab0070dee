"""Operations on terms: comparisons part them, arithmetic and functions make terms of terms.

Sums of terms are brought into one form, as exact fractions, so that `2 * a + 1 > 21` parts `a`
as `a > 10` does. What rises or falls with a term, as the year of a date does, parts it too. Any
other operation is a term of its own, of which only this is known: equal operands, equal values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any, Final, TypeAlias

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.builtins import registry
from pydmn.feel.temporal import DaysAndTimeDuration, YearsAndMonthsDuration
from pydmn.feel.types import (
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    YEARS_AND_MONTHS_DURATION,
    BasicType,
)
from pydmn.feel.values import type_of
from pydmn.tables.cells import CLOCKS, REGIONS, constants
from pydmn.verify.graph.circuit import FALSE, Formula
from pydmn.verify.graph.nodes import reads, replaced, written
from pydmn.verify.graph.sums import Sum, added, ends, sum_of, symbol_of
from pydmn.verify.graph.symbols import Constant, Elements, Shape, Symbol, Symbols, constant
from pydmn.verify.graph.terms import Term, View
from pydmn.verify.graph.views import floor, view_of

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

_PARTS_OF: Final = {
    DATE: ("year", "month", "day", "weekday"),
    DATE_AND_TIME: ("year", "month", "day", "weekday", "hour", "minute", "second"),
    YEARS_AND_MONTHS_DURATION: ("years", "months"),
    DAYS_AND_TIME_DURATION: ("days", "hours", "minutes", "seconds"),
}
"""Entries of values that are numbers."""

_LARGE: Final = 400
"""A term of more nodes is not followed: what is doubled again and again has no end."""
_SUMMED: Final = 40
"""So many terms has a sum, at most."""
_CALLED: Final = frozenset(registry) - {"now", "today"}


class Operations:
    """Works out operations of which some operands are terms."""

    def __init__(
        self, symbols: Symbols, evaluated: Evaluated, refused: Callable[[str], NotDecided]
    ) -> None:
        self._symbols = symbols
        self._circuit = symbols.circuit
        self._terms = symbols.terms
        self._evaluated = evaluated
        self._refused = refused

    def of(self, node: ast.Expression, values: Values) -> Symbol:
        """Return what an operation on operands makes of `values`; raises `NotDecided`."""
        terms = {name: each for name, each in values.items() if isinstance(each, Term)}
        truths = {name for name, each in terms.items() if each.kind == BOOLEAN}
        match node:
            case _ if truths:
                return self._of_parts(node, values, truths)
            case ast.Conjunction() | ast.Disjunction() | ast.InstanceOf():
                return self._of_parts(node, values, terms.keys())
            case ast.Call(ast.Name("not")):
                return self._of_parts(node, values, terms.keys())
            case ast.Comparison(operator, left, right):
                return self._compared(operator, self._at(left, values), self._at(right, values))
            case ast.Between(value, low, high) if not isinstance(value, ast.Name) or len(terms) > 1:
                return self._within(value, low, high, values)
            case ast.Between(value, low, high):
                ends = [self._at(each, values) for each in (low, high)]
                if any(isinstance(each, Term) for each in ends):
                    return self._within(value, low, high, values)
                return self._parted(node, values, ends, ordered=True)
            case ast.In(ast.Name(), tests):
                return self._in(node, tests, values)
            case ast.Negation(operand):
                zero = ast.Arithmetic("-", ast.NumberLiteral(Decimal(0)), operand)
                return self._arithmetic(zero, values)
            case ast.Arithmetic():
                return self._arithmetic(node, values)
            case ast.ListLiteral(items):
                each = [self._symbol(self._at(item, values)) for item in items]
                return ((1, Elements(tuple((1, symbol) for symbol in each), exact=True)),)
            case ast.Path(ast.Name(name), entry):
                return self._entry(node, name, entry, values)
            case ast.Call(ast.Name(name)) if name in _CALLED:
                return self._opaque(node, values)
            case _:
                raise self._refused("what it does with an input is not known in parts")

    # --- the engine, part by part ------------------------------------------------------

    def _at(self, node: ast.Expression, values: Values) -> Any:
        """Return an operand: a term, or a FEEL value."""
        if isinstance(node, ast.Name) and node.name in values:
            return values[node.name]
        return self._evaluated(node, {})

    def _symbol(self, value: Any) -> Symbol:
        return ((1, value if isinstance(value, Term) else Constant(value)),)

    def _of_parts(
        self,
        node: ast.Expression,
        values: Values,
        named: Any,
        cuts: Sequence[Any] = (),
        *,
        ordered: bool = False,
    ) -> Symbol:
        """Return what the engine gives for each part of the terms that are named."""
        names = [*named]
        found: list[tuple[Formula, Symbol]] = []
        parts = [self._terms.parts(values[name], cuts, ordered=ordered) for name in names]
        for row in product(*parts):
            at = self._circuit.all_of(formula for formula, _ in row)
            if at == FALSE:
                continue
            given = {**values, **dict(zip(names, (value for _, value in row), strict=True))}
            if any(isinstance(each, Term) for each in given.values()):
                found.append((at, self.of(node, given)))
            else:
                found.append((at, constant(self._evaluated(node, given))))
        return self._symbols.chosen(found)

    def _parted(
        self, node: ast.Expression, values: Values, cuts: Sequence[Any], *, ordered: bool
    ) -> Symbol:
        terms = [name for name, each in values.items() if isinstance(each, Term)]
        return self._of_parts(node, values, terms, cuts, ordered=ordered)

    # --- comparisons -------------------------------------------------------------------

    def _compared(self, operator: ast.ComparisonOperator, left: Any, right: Any) -> Symbol:
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

    def _within(
        self, value: ast.Expression, low: ast.Expression, high: ast.Expression, values: Values
    ) -> Symbol:
        """Return a `between` of terms as both its comparisons (10.3.2.2)."""
        at = self._at(value, values)
        sides = [
            self._compared(">=", at, self._at(low, values)),
            self._compared("<=", at, self._at(high, values)),
        ]
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

    def _in(self, node: ast.In, tests: tuple[ast.Test, ...], values: Values) -> Symbol:
        assert isinstance(node.value, ast.Name)
        tested = values[node.value.name]
        known = {
            name: written(each)
            for name, each in values.items()
            if name != node.value.name and not isinstance(each, Term)
        }
        asked = tuple(replaced(test, known) for test in tests)
        found = None
        if isinstance(tested, Term) and not reads(asked, values):
            found = constants(ast.UnaryTests(asked), tested.kind)
        if found is None:
            raise self._refused("a test does more with an input than compare it")
        cuts = [each for each in found.values if each is not None]
        return self._parted(node, values, cuts, ordered=found.ordered)

    def only_compares(self, tests: tuple[ast.Test, ...], of: Term, names: Collection[str]) -> bool:
        """Say whether tests do no more with a term than compare it with constants, and no names."""
        known = dict.fromkeys(names, ast.NullLiteral())
        return (
            constants(ast.UnaryTests(tuple(replaced(t, known) for t in tests)), of.kind) is not None
        )

    # --- arithmetic --------------------------------------------------------------------

    def _arithmetic(self, node: ast.Arithmetic, values: Values) -> Symbol:
        left, right = self._at(node.left, values), self._at(node.right, values)
        kinds = [each.kind if isinstance(each, Term) else type_of(each) for each in (left, right)]
        if kinds != [NUMBER, NUMBER]:
            return self._opaque(node, values)
        one, other = (
            sum_of(each) if isinstance(each, Term) else Sum({}, Fraction(each))
            for each in (left, right)
        )
        match node.operator:
            case "+" | "-":
                sign = Fraction(1 if node.operator == "+" else -1)
                return self._total(added(one, other, sign))
            case "*" if not one.parts or not other.parts:
                factor, of = (one, other) if not one.parts else (other, one)
                if factor.constant:
                    return symbol_of(
                        self._symbols, added(Sum({}, Fraction(0)), of, factor.constant)
                    )
            case "/" if not other.parts and other.constant and ends(1 / other.constant):
                return symbol_of(
                    self._symbols, added(Sum({}, Fraction(0)), one, 1 / other.constant)
                )
            case "*" if isinstance(left, Term) and isinstance(right, Term):
                if repr(left.node) > repr(right.node):
                    node = replace(node, left=node.right, right=node.left)
        return self._opaque(node, values)

    def _total(self, total: Sum) -> Symbol:
        if len(total.parts) > _SUMMED:
            raise self._refused("a sum of more inputs than are followed")
        return symbol_of(self._symbols, total)

    def length(self, node: ast.Expression, some: Formula, several: Formula) -> Symbol:
        """Return how many elements a list has, of which it is known where it has some."""
        base = Term(ast.Call(ast.Name("count"), (node,)), NUMBER)
        one, two = (self._terms.least(base, Decimal(number)) for number in (1, 2))
        for clause in ((-some, one), (some, -one), (-several, two)):
            self._circuit.require(*clause)
        self._circuit.require(-self._terms.null(base))
        return ((1, Term(base.node, NUMBER, View(base, True, floor))),)

    # --- what is known of no operation but its operands ---------------------------------

    def _entry(self, node: ast.Path, name: str, entry: str, values: Values) -> Symbol:
        of = values[name]
        if entry in _PARTS_OF.get(of.kind, ()):
            return self._opaque(node, values)
        some = [value for _, value in self._terms.parts(of)]
        if any(self._evaluated(node, {name: each}) is not None for each in some):
            raise self._refused(f"`{entry}` of an input is not known in parts")
        return constant(None)

    def _opaque(self, node: Any, values: Values) -> Symbol:
        """Return an operation as a term of its own; null where an operand is null."""
        terms = {name: each for name, each in values.items() if isinstance(each, Term)}
        some = {name: self._some(each) for name, each in terms.items()}
        answers = [
            self._evaluated(node, {**values, **dict(zip(some, row, strict=True))})
            for row in product(*some.values())
        ]
        kinds = {type_of(each) for each in answers if each is not None}
        kind = _result(node) or (kinds.pop() if len(kinds) == 1 else None)
        if not isinstance(kind, BasicType) or kind not in REGIONS:
            if not kinds and isinstance(node, ast.Arithmetic) and kind is None:
                return constant(None)  # kinds that do not go together
            raise self._refused("what it makes of an input is not known in parts")
        nodes = {
            name: each.node if isinstance(each, Term) else written(each)
            for name, each in values.items()
        }
        view = None
        if len(terms) == 1:
            ((name, only),) = terms.items()
            view = view_of(
                node, name, only, lambda value: self._evaluated(node, {**values, name: value})
            )
        made = Term(replaced(node, nodes), kind, view)
        if sum(1 for _ in ast.walk(made.node)) > _LARGE:
            raise self._refused("what it works out of inputs is larger than is followed")
        if view is None:
            for name, each in terms.items():
                rest = [found for other, found in some.items() if other != name]
                without = [key for key in some if key != name]
                if all(
                    self._evaluated(
                        node, {**values, name: None, **dict(zip(without, row, strict=True))}
                    )
                    is None
                    for row in product(*rest)
                ):
                    self._circuit.require(-self._terms.null(each), self._terms.null(made))
        return ((1, made),)

    def _given(self, node: ast.Expression, values: Values, name: str, value: Any) -> Any:
        return self._evaluated(node, {**values, name: value})

    def _some(self, of: Term) -> list[Any]:
        return [value for _, value in self._terms.parts(of) if value is not None]


def _result(node: ast.Expression) -> Any:
    """Return the type of what a function gives; None for any other operation."""
    match node:
        case ast.Call(ast.Name(name)) if name in registry:
            return registry[name].result_type
    return None
