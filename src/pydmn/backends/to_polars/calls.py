"""Built-in functions over columns (DMN 1.5, 10.3.4): those that mean the same, and no other.

A function that is not here has no columnar form, and refuses by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

import polars as pl

from pydmn.backends.to_polars import rounding
from pydmn.backends.to_polars.arithmetic import aligned, arithmetic
from pydmn.backends.to_polars.comparison import every, membership, some, truth
from pydmn.backends.to_polars.shapes import (
    Day,
    Listed,
    Nothing,
    Number,
    Several,
    Span,
    Term,
    Text,
    Truth,
    Untranslated,
    held,
    integers,
    joined,
    kind,
    nothing,
    number,
    raised,
)  # fmt: skip
from pydmn.feel import numbers

Builtin: TypeAlias = Callable[[Sequence[Term]], Term]


def call(name: str, arguments: Sequence[Term]) -> Term:
    """Return `name(arguments)`, the arguments by position."""
    function = _BUILTINS.get(name)
    if function is None:
        raise Untranslated(f"`{name}` has no columnar form")
    return function(arguments)


def _unfit(name: str, arguments: Sequence[Term]) -> Term:
    kinds = ", ".join(kind(each.shape) for each in arguments)
    raise Untranslated(f"`{name}` of {kinds} has no columnar form")


# --- lists ----------------------------------------------------------------------------


def _whole(members: Term, answer: pl.Expr, *, empty: bool) -> pl.Expr:
    """Return `answer`, but null for a list with a null; and for an `empty` one, if that is so."""
    shape = members.shape
    assert isinstance(shape, Listed)
    lost = [members.expr.list.len() == 0] if empty else []
    if shape.holes:
        lost.append(members.expr.list.agg(pl.element().has_nulls()))
    return pl.when(~some(lost)).then(answer) if lost else answer


def _items(arguments: Sequence[Term]) -> Sequence[Term] | None:
    """Return the values of a list literal, or those given one by one; None for a column."""
    if len(arguments) != 1:
        return arguments
    shape = arguments[0].shape
    return shape.terms if isinstance(shape, Several) else None


def _count(arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [Listed(longest=longest)]:
            length = arguments[0].expr.list.len().cast(pl.Int64)
            return Term(length, Number(0, 0, longest))
        case [Several(terms)]:
            return Term(pl.lit(len(terms), pl.Int64), Number(0, 0, len(terms)))
    return _unfit("count", arguments)


def _sum(arguments: Sequence[Term]) -> Term:
    terms = _items(arguments)
    if terms is not None:
        if not terms or any(not isinstance(each.shape, Number | Nothing) for each in terms):
            return _unfit("sum", arguments)
        total = terms[0]
        for each in terms[1:]:
            total = arithmetic("+", total, each, 0)
        return total
    match arguments[0].shape:
        case Number():
            return arguments[0]
        case Listed(Number(scale, low, high), longest):
            most = max(longest, 1)
            ends = (min(low, low * most), max(high, high * most))
            shape = number(scale, *ends, "`sum`")
            # What is added up on the way lies within the same bounds, or between them and 0.
            dtype = integers(min(0, *ends), max(0, *ends))
            members = arguments[0].expr.cast(pl.List(dtype))
            total_ = members.list.sum().cast(shape.dtype)
            return Term(_whole(arguments[0], total_, empty=True), shape)
    return _unfit("sum", arguments)


def _extreme(name: str, arguments: Sequence[Term]) -> Term:
    least = name == "min"
    terms = _items(arguments)
    if terms is None:
        match arguments[0].shape:
            case Listed((Number() | Day() | Span()) as element):
                members = arguments[0].expr.list
                found = members.min() if least else members.max()
                return Term(_whole(arguments[0], found, empty=True), element)
            case Number() | Text() | Day() | Span():
                return arguments[0]
        return _unfit(name, arguments)
    shape: object = Nothing()
    for each in terms:
        if not isinstance(each.shape, Number | Day | Span):
            return _unfit(name, arguments)
        shape = each.shape if isinstance(shape, Nothing) else joined(shape, each.shape)  # type: ignore[arg-type]
    if not isinstance(shape, Number | Day | Span):
        return _unfit(name, arguments)
    columns = [held(each, shape) for each in terms]
    best = pl.min_horizontal(columns) if least else pl.max_horizontal(columns)
    known = every([each.expr.is_not_null() for each in terms])
    return Term(pl.when(known).then(best), shape)


def _decided(name: str, arguments: Sequence[Term]) -> Term:
    either = name == "any"
    terms = _items(arguments)
    if terms is None:
        match arguments[0].shape:
            case Listed(Truth()):
                element = pl.element()
                verdict = (
                    element.any(ignore_nulls=False) if either else element.all(ignore_nulls=False)
                )
                return truth(arguments[0].expr.list.agg(verdict))
            case Truth():
                return arguments[0]
        return _unfit(name, arguments)
    if not terms or any(not isinstance(each.shape, Truth) for each in terms):
        return _unfit(name, arguments)
    verdicts = [each.expr for each in terms]
    return truth(some(verdicts) if either else every(verdicts))


def _contains_member(arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [Listed() | Several(), _]:
            return truth(membership(arguments[1], arguments[0]))
    return _unfit("list contains", arguments)


def _reverse(arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [Listed() as shape]:
            return Term(arguments[0].expr.list.reverse(), shape)
        case [Several(terms)]:
            return Term(arguments[0].expr, Several(terms[::-1]))
    return _unfit("reverse", arguments)


# --- strings --------------------------------------------------------------------------


def _length(arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [Text(longest)]:
            return Term(arguments[0].expr.str.len_chars().cast(pl.Int64), Number(0, 0, longest))
    return _unfit("string length", arguments)


def _searched(name: str, arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [Text(), Text()]:
            text, match_ = arguments[0].expr.str, arguments[1].expr
            match name:
                case "contains":
                    return truth(text.contains(match_, literal=True))
                case "starts with":
                    return truth(text.starts_with(match_))
            return truth(text.ends_with(match_))
    return _unfit(name, arguments)


def _substring(arguments: Sequence[Term]) -> Term:
    """Return the characters from a constant position on (10.3.4.3); null beyond the ends."""
    match [each.shape for each in arguments]:
        case [Text(longest), Number()] | [Text(longest), Number(), Number()]:
            if not all(each.constant for each in arguments[1:]):
                raise Untranslated("`substring` from a position that differs from row to row")
            start = numbers.truncated(arguments[1].value)
            text = arguments[0].expr.str
            first = start - 1 if start > 0 else start
            enough = text.len_chars() >= abs(start)
            if start == 0 or abs(start) > longest:
                return nothing(Text(0))
            if len(arguments) == 2:
                return Term(pl.when(enough).then(text.slice(first)), Text(longest))
            count = numbers.truncated(arguments[2].value)
            room = text.len_chars().cast(pl.Int64) - first if start > 0 else pl.lit(-start)
            if not 1 <= count <= longest:
                return nothing(Text(0))
            fits = enough & (room >= count)
            return Term(pl.when(fits).then(text.slice(first, count)), Text(count))
    return _unfit("substring", arguments)


# --- numbers and truth values ---------------------------------------------------------


def _not(arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [Truth()]:
            return truth(~arguments[0].expr)
        case [Number() | Text() | Nothing()]:
            return nothing(Truth())
    return _unfit("not", arguments)


def _absolute(arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [(Number() | Span()) as shape]:
            most = max(-shape.low, shape.high)
            least = 0 if shape.low <= 0 <= shape.high else min(abs(shape.low), abs(shape.high))
            made: Number | Span = (
                Number(shape.scale, least, most) if isinstance(shape, Number) else Span(least, most)
            )
            return Term(arguments[0].expr.abs().cast(made.dtype), made)
    return _unfit("abs", arguments)


def _modulo(arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [Number() as left, Number() as right]:
            scale = max(left.scale, right.scale)
            divisor = raised(right, scale)
            dividend, by = aligned(*arguments)
            shape = Number(scale, min(0, divisor.low), max(0, divisor.high))
            rest = dividend - dividend // by * by
            return Term(pl.when(by != 0).then(rest).cast(shape.dtype), shape)
    return _unfit("modulo", arguments)


def _parity(name: str, arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [Number(scale=0)]:
            rest = arguments[0].expr - arguments[0].expr // 2 * 2
            return truth(rest == (0 if name == "even" else 1))
    return _unfit(name, arguments)


def _rounded(name: str, arguments: Sequence[Term]) -> Term:
    match [each.shape for each in arguments]:
        case [Number()] if name in ("floor", "ceiling"):
            return rounding.rounded(name, arguments[0], 0)
        case [Number(), Number()] if arguments[1].constant:
            return rounding.rounded(name, arguments[0], _scale(name, arguments[1].value))
    return _unfit(name, arguments)


def _scale(name: str, value: Decimal) -> int:
    scale = numbers.truncated(value)
    if not 0 <= scale <= numbers.MAX_SCALE:
        raise Untranslated(f"`{name}` to a scale of {scale} has no columnar form")
    return scale


def _named(function: Callable[[str, Sequence[Term]], Term], name: str) -> Builtin:
    return lambda arguments: function(name, arguments)


_BUILTINS: Final[Mapping[str, Builtin]] = {
    "abs": _absolute,
    "count": _count,
    "list contains": _contains_member,
    "modulo": _modulo,
    "not": _not,
    "reverse": _reverse,
    "string length": _length,
    "substring": _substring,
    "sum": _sum,
    **{name: _named(_decided, name) for name in ("all", "any")},
    **{name: _named(_extreme, name) for name in ("max", "min")},
    **{name: _named(_parity, name) for name in ("even", "odd")},
    **{name: _named(_rounded, name) for name in rounding.NAMES},
    **{name: _named(_searched, name) for name in ("contains", "ends with", "starts with")},
}
