"""Operations on terms: comparisons part them, arithmetic and functions make terms of terms.

Sums of terms are brought into one form, as exact fractions, so that `2 * a + 1 > 21` parts `a`
as `a > 10` does. What rises or falls with a term, as the year of a date does, parts it too. Any
other operation is a term of its own, of which only this is known: equal operands, equal values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any, Final

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.builtins import registry
from pydmn.feel.temporal import DaysAndTimeDuration
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    STRING,
    YEARS_AND_MONTHS_DURATION,
    BasicType,
)
from pydmn.feel.values import type_of
from pydmn.tables.cells import REGIONS, constants
from pydmn.verify.graph.circuit import FALSE, Formula
from pydmn.verify.graph.comparisons import Comparisons, Evaluated, Values
from pydmn.verify.graph.functions import NUMBERED, Functions
from pydmn.verify.graph.nodes import reads, replaced, written
from pydmn.verify.graph.sums import Sum, added, ends, multiplied, sum_of, symbol_of
from pydmn.verify.graph.symbols import Constant, Elements, Symbol, Symbols, constant
from pydmn.verify.graph.terms import Term, View
from pydmn.verify.graph.views import floor, quotient, view_of

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
_POWERS: Final = (2, 3, 4)
"""These powers are products."""
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
        self._comparisons = Comparisons(symbols, evaluated, self._parted, self._total)
        self._functions = Functions(
            symbols, evaluated, self._comparisons.of, self._total, self._opaque
        )

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
                return self._comparisons.of(
                    operator, self._at(left, values), self._at(right, values)
                )
            case ast.Between(value, low, high) if not isinstance(value, ast.Name) or len(terms) > 1:
                return self._comparisons.within(*(self._at(e, values) for e in (value, low, high)))
            case ast.Between(value, low, high):
                ends = [self._at(each, values) for each in (low, high)]
                if any(isinstance(each, Term) for each in ends):
                    return self._comparisons.within(
                        *(self._at(e, values) for e in (value, low, high))
                    )
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
            case ast.Call(ast.Name("abs"), (of,)) if _is_number(self._at(of, values)):
                return self._functions.absolute(self._at(of, values))
            case ast.Call(ast.Name("min" | "max" as name), (one, other)) if all(
                _is_number(self._at(each, values)) for each in (one, other)
            ):
                operands = (self._at(each, values) for each in (one, other))
                return self._functions.extreme(name, *operands)
            case ast.Call(ast.Name(name), (of,)) if name in NUMBERED and (
                isinstance(date := self._at(of, values), Term) and date.kind == DATE
            ):
                return self._functions.named(name, date)
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
        if kinds == [DATE, DATE] and isinstance(left, Term) and isinstance(right, Term):
            return (
                self._comparisons.between(left, right) if node.operator == "-" else constant(None)
            )
        if kinds == [STRING, STRING] and node.operator == "+" and "" in (left, right):
            return self._symbol(right if left == "" else left)
        if kinds != [NUMBER, NUMBER]:
            if (
                node.operator == "/"
                and isinstance(left, Term)
                and isinstance(right, DaysAndTimeDuration)
                and left.kind == DAYS_AND_TIME_DURATION
                and right.nanoseconds > 0
            ):
                divided = ast.Arithmetic("/", left.node, written(right))
                return ((1, quotient(left, divided, right)),)
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
            case "*":
                if (found := multiplied(self._symbols, one, other)) is not None:
                    return self._total(found)
            case "**" if not other.parts and other.constant in _POWERS:
                power: Sum | None = one
                for _ in range(int(other.constant) - 1):
                    power = None if power is None else multiplied(self._symbols, power, one)
                if power is not None:
                    return self._total(power)
        return self._opaque(node, values)

    def _total(self, total: Sum) -> Symbol:
        if len(total.parts) > _SUMMED:
            raise self._refused("a sum of more inputs than are followed")
        return symbol_of(self._symbols, total)

    def length(self, node: ast.Expression, some: Formula, several: Formula) -> Symbol:
        """Return how many elements a list has, of which it is known where it has some."""
        base = Term(ast.Call(ast.Name("count"), (node,)), NUMBER)
        none, one, two = (self._terms.least(base, Decimal(number)) for number in (0, 1, 2))
        for clause in ((none,), (-some, one), (some, -one), (-several, two)):
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
        if writes_out(node) and any(e.kind == NUMBER and not e.given for e in terms.values()):
            raise self._refused("it writes out a number that is worked out")
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
        if view is None and len(terms) == 1:
            ((name, only),) = terms.items()
            if only.view is None:
                self._terms.made(
                    made, only, lambda value: self._evaluated(node, {**values, name: value})
                )
        if view is None and _is_total(node, [each.kind for each in terms.values()]):
            nulls = [self._terms.null(each) for each in terms.values()]
            self._circuit.require(-self._terms.null(made), *nulls)
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
        if view is None and (bounds := _whole(node, [each.kind for each in terms.values()])):
            return self._whole_number(made, *bounds)
        return ((1, made),)

    def _whole_number(self, made: Term, low: int | None, high: int | None) -> Symbol:
        """Return a term as one that is always a whole number between bounds."""
        if low is not None:
            least = self._terms.least(made, Decimal(low))
            self._circuit.require(self._terms.null(made), least)
        if high is not None:
            self._circuit.require(-self._terms.above(made, Decimal(high)))
        return ((1, Term(made.node, NUMBER, View(made, True, floor))),)

    def _given(self, node: ast.Expression, values: Values, name: str, value: Any) -> Any:
        return self._evaluated(node, {**values, name: value})

    def _some(self, of: Term) -> list[Any]:
        return [value for _, value in self._terms.parts(of) if value is not None]


def _is_number(value: Any) -> bool:
    return value.kind == NUMBER if isinstance(value, Term) else bool(type_of(value) == NUMBER)


def writes_out(node: ast.Node) -> bool:
    """Say whether a node writes values out, by which numbers differ that are equal: 1 and 1.0."""
    return any(
        isinstance(each, ast.Call) and each.function == ast.Name("string")
        for each in ast.walk(node)
    )


def _result(node: ast.Expression) -> Any:
    """Return the type of what a function gives; None for any other operation."""
    match node:
        case ast.Call(ast.Name(name)) if name in registry:
            found = registry[name].result_type
            return None if found == ANY else found
    return None


_TOTAL: Final = {
    STRING: {
        "starts with", "ends with", "contains", "string length", "upper case", "lower case",
    },
    DATE: {"day of week", "month of year", "day of year", "week of year"},
    NUMBER: {"abs", "even", "odd"},
}  # fmt: skip
"""The functions that have an answer wherever their operands, of one kind, are not null."""

_WHOLE: Final[Mapping[BasicType, Mapping[str, tuple[int, int]]]] = {
    DATE: {"month": (1, 12), "day": (1, 31), "weekday": (1, 7)},
    DATE_AND_TIME: {
        "month": (1, 12), "day": (1, 31), "weekday": (1, 7), "hour": (0, 23), "minute": (0, 59),
    },
}  # fmt: skip
"""The entries of values that are always whole numbers, and between which."""


def _is_total(node: ast.Expression, kinds: Sequence[BasicType]) -> bool:
    """Say whether an operation on operands of these kinds, none of them null, is never null."""
    match node:
        case ast.Call(ast.Name(name)):
            return len(set(kinds)) == 1 and name in _TOTAL.get(kinds[0], ())
        case ast.Path(_, entry):
            return entry in _PARTS_OF.get(kinds[0], ())
    return False


def _whole(
    node: ast.Expression, kinds: Sequence[BasicType]
) -> tuple[int | None, int | None] | None:
    """Return the bounds of what is always a whole number, if it is not null; None for others."""
    match node:
        case ast.Call(ast.Name("string length")):
            return (0, None)
        case ast.Path(_, entry):
            return _WHOLE.get(kinds[0], {}).get(entry)
    return None
