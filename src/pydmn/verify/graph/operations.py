"""Operations on terms: comparisons part them, arithmetic and functions make terms of terms.

Sums of terms are brought into one form, as exact fractions, so that `2 * a + 1 > 21` parts `a`
as `a > 10` does. What rises or falls with a term, as the year of a date does, parts it too. Any
other operation is a term of its own, of which only this is known: equal operands, equal values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import product
from math import gcd, lcm
from typing import Any, Final, TypeAlias

from pydmn.errors import NotDecided
from pydmn.feel import ast, numbers
from pydmn.feel.builtins import registry
from pydmn.feel.temporal import Date, DaysAndTimeDuration, YearsAndMonthsDuration
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
from pydmn.tables.cells import REGIONS, constants, rank
from pydmn.verify.graph.circuit import FALSE, Formula
from pydmn.verify.graph.symbols import Constant, Elements, Shape, Symbol, Symbols, constant
from pydmn.verify.graph.terms import Term, View

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

_CALLED: Final = frozenset(registry) - {"now", "today"}
_FIRST, _LAST = Date(-9999, 1, 1).days, Date(9999, 12, 31).days


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms with what each is multiplied by, and a constant."""

    parts: Mapping[Any, tuple[Term, Fraction]]
    constant: Fraction


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
        # `a >= b` is that `a < b` is not so, and `a > b` neither that nor that they are equal.
        less = Term(replace(node, operator="<"), BOOLEAN)
        equal = Term(replace(node, operator="="), BOOLEAN)
        neither = -self._circuit.any_of(nulls)
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
            difference = self._total(_added(_sum(left), _sum(right), Fraction(-1)))
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
            name: _written(each)
            for name, each in values.items()
            if name != node.value.name and not isinstance(each, Term)
        }
        written = tuple(_replaced(test, known) for test in tests)
        found = None
        if isinstance(tested, Term) and not _reads(written, values):
            found = constants(ast.UnaryTests(written), tested.kind)
        if found is None:
            raise self._refused("a test does more with an input than compare it")
        cuts = [each for each in found.values if each is not None]
        return self._parted(node, values, cuts, ordered=found.ordered)

    def only_compares(self, tests: tuple[ast.Test, ...], of: Term, names: Collection[str]) -> bool:
        """Say whether tests do no more with a term than compare it with constants, and no names."""
        known = dict.fromkeys(names, ast.NullLiteral())
        return (
            constants(ast.UnaryTests(tuple(_replaced(t, known) for t in tests)), of.kind)
            is not None
        )

    # --- arithmetic --------------------------------------------------------------------

    def _arithmetic(self, node: ast.Arithmetic, values: Values) -> Symbol:
        left, right = self._at(node.left, values), self._at(node.right, values)
        kinds = [each.kind if isinstance(each, Term) else type_of(each) for each in (left, right)]
        if kinds != [NUMBER, NUMBER]:
            return self._opaque(node, values)
        one, other = (
            _sum(each) if isinstance(each, Term) else Sum({}, Fraction(each))
            for each in (left, right)
        )
        match node.operator:
            case "+" | "-":
                sign = Fraction(1 if node.operator == "+" else -1)
                return self._total(_added(one, other, sign))
            case "*" if not one.parts or not other.parts:
                factor, of = (one, other) if not one.parts else (other, one)
                if factor.constant:
                    return self._total(_added(Sum({}, Fraction(0)), of, factor.constant))
            case "/" if not other.parts and other.constant and _ends(1 / other.constant):
                return self._total(_added(Sum({}, Fraction(0)), one, 1 / other.constant))
            case "*" if isinstance(left, Term) and isinstance(right, Term):
                if repr(left.node) > repr(right.node):
                    node = replace(node, left=node.right, right=node.left)
        return self._opaque(node, values)

    def _total(self, total: Sum) -> Symbol:
        """Return a sum as a symbol: a view of its terms in one form."""
        parts = {key: each for key, each in sorted(total.parts.items(), key=_by_text) if each[1]}
        gone = [term for key, (term, _) in total.parts.items() if key not in parts]
        if not parts:
            null = self._circuit.any_of(map(self._terms.null, gone))
            return ((-null, Constant(_decimal(total.constant))), (null, Constant(None)))
        base, first = next(iter(parts.values()))
        if len(parts) > 1:
            # As whole numbers without a common divisor, the first above zero.
            ends = [each for _, each in parts.values()]
            divisor = gcd(*(each.numerator for each in ends))
            multiple = lcm(*(each.denominator for each in ends))
            first = Fraction(divisor if first > 0 else -divisor, multiple)
            base = _combined({key: (t, each / first) for key, (t, each) in parts.items()})
            null = self._terms.null(base)
            nulls = [self._terms.null(term) for term, _ in parts.values()]
            self._circuit.require(-null, *nulls)
            for each in nulls:
                self._circuit.require(-each, null)
        shown = base
        if first != 1 or total.constant:
            shown = _seen(base, first, total.constant)
        null = self._circuit.any_of(map(self._terms.null, gone))
        return self._symbols.merged([(-null, shown), (null, Constant(None))])

    def length(self, node: ast.Expression, some: Formula, several: Formula) -> Symbol:
        """Return how many elements a list has, of which it is known where it has some."""
        base = Term(ast.Call(ast.Name("count"), (node,)), NUMBER)
        one, two = (self._terms.least(base, Decimal(number)) for number in (1, 2))
        for clause in ((-some, one), (some, -one), (-several, two)):
            self._circuit.require(*clause)
        self._circuit.require(-self._terms.null(base))
        return ((1, Term(base.node, NUMBER, View(base, True, _floor))),)

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
        written = {
            name: each.node if isinstance(each, Term) else _written(each)
            for name, each in values.items()
        }
        view = self._view(node, terms, values) if len(terms) == 1 else None
        made = Term(_replaced(node, written), kind, view)
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

    def _some(self, of: Term) -> list[Any]:
        return [value for _, value in self._terms.parts(of) if value is not None]

    def _view(self, node: Any, terms: Mapping[str, Term], values: Values) -> View | None:
        """Return how an operation rises or falls with its one term; None where none knows."""
        ((name, of),) = terms.items()
        it = ast.Name(name)
        match node:
            case ast.Call(ast.Name("floor"), (operand,)) if operand == it:
                return View(of, True, _floor)
            case ast.Call(ast.Name("ceiling"), (operand,)) if operand == it:
                return View(of, True, _ceiling)
            case ast.Call(ast.Name("round half up"), (operand, _)) if (
                operand == it and self._at(node.positional[1], values) == 0
            ):
                return View(of, True, _half_up)
            case ast.Path(base, entry) if base == it and entry in _TRUNCATED.get(of.kind, {}):
                return View(of, True, partial(_whole, *_TRUNCATED[of.kind][entry]))
        if of.kind != DATE:
            return None
        match node:
            case ast.Path(base, "year") if base == it:
                rising = True
            case ast.Arithmetic("+" | "-", left) if left == it:
                rising = True
            case ast.Call(ast.Name("years and months duration"), (_, to)):
                rising = to == it
            case _:
                return None
        if not isinstance(node, ast.Path) and any(
            each is None for key, each in values.items() if key != name
        ):
            return None
        return View(of, rising, partial(self._bound, node, name, values, rising))

    def _bound(
        self, node: ast.Expression, name: str, values: Values, rising: bool, cut: Any, least: bool
    ) -> tuple[Any, bool]:
        """Return the day from which on an operation is at a bound, or beyond it."""

        def beyond(day: int) -> bool:
            found = self._evaluated(node, {**values, name: Date.from_days(day)})
            if found is None:
                return not rising
            above = rank(found) > rank(cut) or (least and rank(found) == rank(cut))
            return above is rising

        low, high = _FIRST, _LAST + 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if beyond(middle) else (middle + 1, high)
        return Date.from_days(low), True


def _sum(term: Term) -> Sum:
    """Return a term as a sum."""
    if isinstance(term.view, _Linear):
        inner = _sum(term.view.base)
        return _added(Sum({}, term.view.constant), inner, term.view.factor)
    if isinstance(term, _Combined):
        return Sum(term.parts, Fraction(0))
    return Sum({term.key: (term, Fraction(1))}, Fraction(0))


@dataclass(frozen=True, slots=True, eq=False)
class _Linear(View):
    factor: Fraction = Fraction(1)
    constant: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, eq=False)
class _Combined(Term):
    parts: Mapping[Any, tuple[Term, Fraction]] = None  # type: ignore[assignment]


def _combined(parts: Mapping[Any, tuple[Term, Fraction]]) -> Term:
    """Return the term of several, each multiplied."""
    node: ast.Expression | None = None
    for term, factor in parts.values():
        one = _times(term.node, abs(factor))
        if node is None:
            node = one if factor > 0 else ast.Negation(one)
        else:
            node = ast.Arithmetic("+" if factor > 0 else "-", node, one)
    assert node is not None
    return _Combined(node, NUMBER, None, parts)


def _seen(base: Term, factor: Fraction, added: Fraction) -> Term:
    """Return a term that is another one multiplied, and a constant more."""
    node = _times(base.node, factor)
    if added:
        sign: ast.ArithmeticOperator = "+" if added > 0 else "-"
        node = ast.Arithmetic(sign, node, _fraction(abs(added)))

    def cut(value: Any, least: bool) -> tuple[Any, bool]:
        # A bound with more digits than numbers have is the nearest one, as the engine rounds.
        at = (Fraction(value) - added) / factor
        return _decimal(at), least if factor > 0 else not least

    return Term(node, NUMBER, _Linear(base, factor > 0, cut, factor, added))


def _ends(value: Fraction) -> bool:
    """Say whether a fraction has an end when written in decimals, so that nothing is rounded."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _times(node: ast.Expression, factor: Fraction) -> ast.Expression:
    return node if factor == 1 else ast.Arithmetic("*", _fraction(factor), node)


def _fraction(value: Fraction) -> ast.Expression:
    top = _number(Decimal(value.numerator))
    return (
        top
        if value.denominator == 1
        else ast.Arithmetic("/", top, ast.NumberLiteral(Decimal(value.denominator)))
    )


def _number(value: Decimal) -> ast.Expression:
    node = ast.NumberLiteral(abs(value))
    return ast.Negation(node) if value < 0 else node


def _added(one: Sum, other: Sum, factor: Fraction) -> Sum:
    """Return a sum and another one, multiplied."""
    parts = dict(one.parts)
    for key, (term, each) in other.parts.items():
        before = parts[key][1] if key in parts else Fraction(0)
        parts[key] = (term, before + each * factor)
    return Sum(parts, one.constant + other.constant * factor)


def _by_text(item: tuple[Any, tuple[Term, Fraction]]) -> str:
    return repr(item[1][0].node)


def _decimal(value: Fraction) -> Decimal:
    return numbers.CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def _floor(value: Any, least: bool) -> tuple[Any, bool]:
    """Return from where on a number rounded down is at a bound, or above it."""
    whole = value.to_integral_value("ROUND_CEILING" if least else "ROUND_FLOOR")
    return (whole if least else whole + 1), True


def _ceiling(value: Any, least: bool) -> tuple[Any, bool]:
    """Return above which a number rounded up is at a bound, or above it."""
    whole = value.to_integral_value("ROUND_CEILING" if least else "ROUND_FLOOR")
    return (whole - 1 if least else whole), False


def _result(node: ast.Expression) -> Any:
    """Return the type of what a function gives; None for any other operation."""
    match node:
        case ast.Call(ast.Name(name)) if name in registry:
            return registry[name].result_type
    return None


def _half_up(value: Any, least: bool) -> tuple[Any, bool]:
    """Return from where on a number rounded, a half away from zero, is at a bound, or above it."""
    whole, _ = _floor(value, least)
    # Of halves below zero the one that is rounded up to `whole` is not among these.
    return numbers.CONTEXT.subtract(whole, Decimal("0.5")), whole > 0


def _whole(of: type, unit: int, value: Any, least: bool) -> tuple[Any, bool]:
    """Return from where on a duration has so many whole units as a bound, or more."""
    whole, _ = _floor(value, least)
    # What is less than a unit below zero has none.
    return (of(int(whole) * unit), True) if whole > 0 else (of((int(whole) - 1) * unit), False)


_TRUNCATED: Final[Mapping[BasicType, Mapping[str, tuple[type, int]]]] = {
    YEARS_AND_MONTHS_DURATION: {"years": (YearsAndMonthsDuration, 12)},
    DAYS_AND_TIME_DURATION: {"days": (DaysAndTimeDuration, 86_400 * 10**9)},
}


def _written(value: Any) -> ast.Expression:
    """Return a FEEL value as a node."""
    match value:
        case None:
            return ast.NullLiteral()
        case bool():
            return ast.BooleanLiteral(value)
        case Decimal():
            return _number(value)
        case str():
            return ast.StringLiteral(value)
        case list():
            return ast.ListLiteral(tuple(map(_written, value)))
        case _:
            return ast.AtLiteral(str(value))


def _replaced(node: Any, known: Mapping[str, ast.Expression]) -> Any:
    """Return a node with other nodes in place of names."""
    if isinstance(node, ast.Name):
        return known.get(node.name, node)
    changed = {slot.name: _within_field(getattr(node, slot.name), known) for slot in fields(node)}
    return replace(node, **changed)


def _within_field(value: Any, known: Mapping[str, ast.Expression]) -> Any:
    if isinstance(value, ast.Node):
        return _replaced(value, known)
    if isinstance(value, tuple):
        return tuple(_within_field(each, known) for each in value)
    return value


def _reads(nodes: Sequence[ast.Node], names: Values) -> bool:
    """Say whether one of `names` stands in nodes."""
    return any(
        isinstance(each, ast.Name) and each.name in names
        for node in nodes
        for each in ast.walk(node)
    )
