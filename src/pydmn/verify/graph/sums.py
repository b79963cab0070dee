"""Sums of terms, in one form: what each is multiplied by, and a constant.

They are exact fractions. So `2 * a + 1 > 21` parts `a` as `a > 10` does, and `b + a` is `a + b`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import gcd, lcm
from typing import Any, Final

from pydmn.feel import ast, numbers
from pydmn.feel.types import NUMBER
from pydmn.verify.graph.nodes import number
from pydmn.verify.graph.symbols import Constant, Symbol, Symbols
from pydmn.verify.graph.terms import Term, View

_PAIRS: Final = 16
"""So many products has a product of sums."""
_FACTORS: Final = 8
"""So many factors has each of them."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms with what each is multiplied by, and a constant."""

    parts: Mapping[Any, tuple[Term, Fraction]]
    constant: Fraction


def sum_of(term: Term) -> Sum:
    """Return a term as a sum."""
    if isinstance(term.view, _Linear):
        inner = sum_of(term.view.base)
        return added(Sum({}, term.view.constant), inner, term.view.factor)
    if isinstance(term, _Combined):
        return Sum(term.parts, Fraction(0))
    return Sum({term.key: (term, Fraction(1))}, Fraction(0))


@dataclass(frozen=True, slots=True, eq=False)
class _Linear(View):
    factor: Fraction = Fraction(1)
    constant: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, eq=False)
class _Combined(Term):
    parts: Mapping[Any, tuple[Term, Fraction]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Product(Term):
    factors: tuple[Term, ...] = ()


def multiplied(symbols: Symbols, one: Sum, other: Sum) -> Sum | None:
    """Return the product of two sums, term by term; None where it has too many."""
    pairs = [*product(one.parts.values(), other.parts.values())]
    total = Sum({}, one.constant * other.constant)
    for of, factor in ((other, one.constant), (one, other.constant)):
        if factor:
            total = added(total, Sum(of.parts, Fraction(0)), factor)
    for (mine, factor), (its, times) in pairs:
        factors = (*_factors(mine), *_factors(its))
        if len(pairs) > _PAIRS or len(factors) > _FACTORS:
            return None
        term = _product(symbols, sorted(factors, key=lambda each: repr(each.node)))
        total = added(total, Sum({term.key: (term, Fraction(1))}, Fraction(0)), factor * times)
    return total


def _factors(term: Term) -> tuple[Term, ...]:
    return term.factors if isinstance(term, _Product) else (term,)


def _product(symbols: Symbols, factors: list[Term]) -> Term:
    """Return the term of several multiplied, which is null where one of them is."""
    node = factors[0].node
    for each in factors[1:]:
        node = ast.Arithmetic("*", node, each.node)
    term = _Product(node, NUMBER, factors=tuple(factors))
    circuit, terms = symbols.circuit, symbols.terms
    null, nulls = terms.null(term), [terms.null(each) for each in factors]
    circuit.require(-null, *nulls)
    for each_null in nulls:
        circuit.require(-each_null, null)
    return term


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
    return _Combined(node, NUMBER, parts=parts)


def _seen(base: Term, factor: Fraction, added: Fraction) -> Term:
    """Return a term that is another one multiplied, and a constant more."""
    node = _times(base.node, factor)
    if added:
        sign: ast.ArithmeticOperator = "+" if added > 0 else "-"
        node = ast.Arithmetic(sign, node, _fraction(abs(added)))

    def cut(value: Any, least: bool) -> tuple[Any, bool]:
        # A bound with more digits than numbers have is the nearest one, as the engine rounds.
        at = (Fraction(value) - added) / factor
        return decimal_of(at), least if factor > 0 else not least

    return Term(node, NUMBER, _Linear(base, factor > 0, cut, factor, added))


def ends(value: Fraction) -> bool:
    """Say whether a fraction has an end when written in decimals, so that nothing is rounded."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _times(node: ast.Expression, factor: Fraction) -> ast.Expression:
    return node if factor == 1 else ast.Arithmetic("*", _fraction(factor), node)


def _fraction(value: Fraction) -> ast.Expression:
    top = number(Decimal(value.numerator))
    return (
        top
        if value.denominator == 1
        else ast.Arithmetic("/", top, ast.NumberLiteral(Decimal(value.denominator)))
    )


def added(one: Sum, other: Sum, factor: Fraction) -> Sum:
    """Return a sum and another one, multiplied."""
    parts = dict(one.parts)
    for key, (term, each) in other.parts.items():
        before = parts[key][1] if key in parts else Fraction(0)
        parts[key] = (term, before + each * factor)
    return Sum(parts, one.constant + other.constant * factor)


def _by_text(item: tuple[Any, tuple[Term, Fraction]]) -> str:
    return repr(item[1][0].node)


def decimal_of(value: Fraction) -> Decimal:
    """Return the number nearest to a fraction."""
    return numbers.CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def symbol_of(symbols: Symbols, total: Sum) -> Symbol:
    """Return a sum as a symbol: a view of its terms in one form; null where one of them is."""
    circuit, terms = symbols.circuit, symbols.terms
    parts = {key: each for key, each in sorted(total.parts.items(), key=_by_text) if each[1]}
    gone = [term for key, (term, _) in total.parts.items() if key not in parts]
    if not parts:
        null = circuit.any_of(map(terms.null, gone))
        return ((-null, Constant(decimal_of(total.constant))), (null, Constant(None)))
    base, first = next(iter(parts.values()))
    if len(parts) > 1:
        # As whole numbers without a common divisor, the first above zero.
        ends = [each for _, each in parts.values()]
        divisor = gcd(*(each.numerator for each in ends))
        multiple = lcm(*(each.denominator for each in ends))
        first = Fraction(divisor if first > 0 else -divisor, multiple)
        base = _combined({key: (t, each / first) for key, (t, each) in parts.items()})
        null = terms.null(base)
        nulls = [terms.null(term) for term, _ in parts.values()]
        circuit.require(-null, *nulls)
        for each in nulls:
            circuit.require(-each, null)
    shown = replace(base, given=False)
    if first != 1 or total.constant:
        shown = _seen(base, first, total.constant)
    null = circuit.any_of(map(terms.null, gone))
    return symbols.merged([(-null, shown), (null, Constant(None))])
