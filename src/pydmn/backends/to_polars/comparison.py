"""Equality, order and membership in FEEL's three values (DMN 1.5, 10.3.2.13, Tables 52 to 55).

`=` is never null between values of one kind: null equals null alone. Between unlike kinds it is
null, unless one of them is. Order is null where either value is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_
from typing import Final

import polars as pl

from pydmn.backends.to_polars.arithmetic import aligned
from pydmn.backends.to_polars.shapes import (
    Day,
    Entry,
    Listed,
    Moment,
    Nothing,
    Number,
    Several,
    Span,
    Term,
    Text,
    Truth,
    Untranslated,
    held,
    joined,
    kind,
)
from pydmn.feel.ast import ComparisonOperator

_SCALARS: Final = (Number, Text, Truth, Day, Moment, Span, Nothing)
_ORDERED: Final = (Number, Text, Day, Moment, Span)


def truth(expr: pl.Expr) -> Term:
    """Return a condition."""
    return Term(expr, Truth())


def comparison(operator: ComparisonOperator, left: Term, right: Term) -> Term:
    """Return `left operator right`."""
    match operator:
        case "=":
            return truth(equality(left, right))
        case "!=":
            return truth(~equality(left, right))
    return truth(_order(operator, left, right))


def equality(left: Term, right: Term) -> pl.Expr:
    """Return `left = right`."""
    for term, null in ((left, right), (right, left)):
        if isinstance(null.shape, Nothing) and isinstance(term.shape, Entry | Several | Listed):
            return _is_null(term)
    one, other = _comparable(left), _comparable(right)
    if type(left.shape) is type(right.shape):
        if isinstance(left.shape, Number):
            one, other = aligned(left, right)
        return one.eq_missing(other)
    if isinstance(left.shape, Nothing):
        return other.is_null()
    if isinstance(right.shape, Nothing):
        return one.is_null()
    both = one.is_null() & other.is_null()
    either = one.is_null() | other.is_null()
    return pl.when(either).then(both)


def _is_null(term: Term) -> pl.Expr:
    match term.shape:
        case Entry(there=there):
            return pl.lit(value=False) if there is None else ~there
        case Several():
            return pl.lit(value=False)
    return term.expr.is_null()


def _order(operator: ComparisonOperator, left: Term, right: Term) -> pl.Expr:
    one, other = _comparable(left), _comparable(right)
    if type(left.shape) is not type(right.shape) or not isinstance(left.shape, _ORDERED):
        return pl.lit(None, pl.Boolean)
    if isinstance(left.shape, Number):
        one, other = aligned(left, right)
    match operator:
        case "<":
            return one < other
        case "<=":
            return one <= other
        case ">":
            return one > other
    return one >= other


def _comparable(term: Term) -> pl.Expr:
    if not isinstance(term.shape, _SCALARS):
        raise Untranslated(f"a {kind(term.shape)} is not compared by columns")
    if isinstance(term.shape, Moment):
        return term.expr.cast(pl.Int64) // 1_000_000  # times count whole seconds (Table 53)
    return term.expr


def between(value: Term, low: Term, high: Term) -> Term:
    """Return `value between low and high`: both comparisons, of which false decides."""
    return truth(_order(">=", value, low) & _order("<=", value, high))


def every(conditions: Sequence[pl.Expr]) -> pl.Expr:
    """Return a conjunction: false decides, null stands otherwise."""
    return reduce(and_, conditions)


def some(conditions: Sequence[pl.Expr]) -> pl.Expr:
    """Return a disjunction: true decides, null stands otherwise."""
    return reduce(or_, conditions)


def membership(value: Term, members: Term) -> pl.Expr:
    """Return whether an element of a list equals `value`; never null, but for a null list.

    An element of another kind is no match; null is one for null.
    """
    match members.shape:
        case Several(terms):
            if terms and all(each.constant for each in terms):
                return _among(value, terms)
            found = [equality(value, each).fill_null(value=False) for each in terms]
            return some(found) if found else pl.lit(value=False)
        case Listed(element):
            shape = joined(value.shape, element)
            if shape is None or isinstance(shape, Listed | Moment):
                raise Untranslated(
                    f"a {kind(value.shape)} is not looked for in a list of another kind"
                )
            if isinstance(element, Number) and (
                not isinstance(shape, Number)
                or (shape.scale, shape.dtype) != (element.scale, element.dtype)
            ):
                raise Untranslated("a number is not looked for in a list of another scale")
            return members.expr.list.contains(held(value, shape), nulls_equal=True)
    raise Untranslated(f"a {kind(members.shape)} has no members")


def _among(value: Term, terms: Sequence[Term]) -> pl.Expr:
    """Return whether one of several constants equals `value`: one look-up for texts."""
    texts = [each.value for each in terms if isinstance(each.shape, Text)]
    rest = [each for each in terms if not isinstance(each.shape, Text)]
    found = [equality(value, each).fill_null(value=False) for each in rest]
    if texts and isinstance(value.shape, Text):
        listed = pl.lit(pl.Series(texts, dtype=pl.String).implode())
        found.append(value.expr.is_in(listed).fill_null(value=False))
    return some(found) if found else pl.lit(value=False)
