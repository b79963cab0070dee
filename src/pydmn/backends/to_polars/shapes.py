"""What is proved of a column of values: its kind, its bounds, and the polars type that holds it.

A number is an integer with a fixed scale, in 64 bits where its bounds fit and in 128 elsewhere.
What has a shape is exact: an operation whose bounds leave FEEL's 34 digits has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

import polars as pl

from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    STRING,
    YEARS_AND_MONTHS_DURATION,
    ContextType,
    ListType,
    Type,
)

DIGITS: Final = 34
"""FEEL rounds what has more digits (10.3.2.3.1)."""

PRECISION: Final = 38
"""A decimal of polars has so many digits."""

_LONG: Final = (1 << 63) - 1
_MOST: Final = 10**DIGITS - 1


class Untranslated(Exception):
    """An expression has no columnar meaning; the message says what of it and why."""


# --- shapes ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """Integers from `low` to `high`, each standing for itself times `10 ** -scale`."""

    scale: int
    low: int
    high: int

    @property
    def dtype(self) -> Any:
        """The integers of polars that hold them."""
        return integers(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Text:
    """Strings of up to `longest` code points."""

    longest: int
    dtype = pl.String


@dataclass(frozen=True, slots=True)
class Truth:
    """Booleans."""

    dtype = pl.Boolean


@dataclass(frozen=True, slots=True)
class Day:
    """Dates from `low` to `high`, counted from 1970-01-01; within the years 1 to 9999."""

    low: int
    high: int
    dtype = pl.Date


@dataclass(frozen=True, slots=True)
class Moment:
    """Dates and times without a zone, to the microsecond; within the years 1 to 9999."""

    dtype = pl.Datetime("us")


@dataclass(frozen=True, slots=True)
class Span:
    """Days and time durations, microseconds from `low` to `high`."""

    low: int
    high: int
    dtype = pl.Duration("us")


@dataclass(frozen=True, slots=True)
class Months:
    """A constant years and months duration; polars has no type for it."""

    months: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """Null alone."""

    dtype = pl.Null


@dataclass(frozen=True, slots=True)
class Listed:
    """Lists of up to `longest` elements; with `holes` some of those may be null."""

    element: Scalar
    longest: int
    holes: bool

    @property
    def dtype(self) -> Any:
        """The lists of polars that hold them."""
        return pl.List(self.element.dtype)


@dataclass(frozen=True, slots=True)
class Several:
    """A list literal: a term an element. It has no expression of its own."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A context: a term an entry. It has no expression of its own.

    `there` says in which rows it is not null, where it may be; its entries are null with it.
    """

    terms: tuple[tuple[str, Term], ...]
    there: pl.Expr | None = None


@dataclass(frozen=True, slots=True)
class Opaque:
    """Values of which nothing is proved, in an entry that may never be read; and why."""

    reason: str


Scalar: TypeAlias = Number | Text | Truth | Day | Moment | Span | Nothing
Shape: TypeAlias = Scalar | Months | Listed | Several | Entry | Opaque

_NAMES: Final[dict[type, str]] = {
    Number: "number", Text: "string", Truth: "boolean", Day: "date", Moment: "date and time",
    Span: "days and time duration", Months: "years and months duration", Nothing: "null",
    Listed: "list", Several: "list", Entry: "context",
    Opaque: "value",
}  # fmt: skip
_TYPES: Final[dict[type, Type]] = {
    Number: NUMBER, Text: STRING, Truth: BOOLEAN, Day: DATE, Moment: DATE_AND_TIME,
    Span: DAYS_AND_TIME_DURATION, Months: YEARS_AND_MONTHS_DURATION,
}  # fmt: skip


class _Unknown:
    """The class of `UNKNOWN`."""


UNKNOWN: Final = _Unknown()
"""Stands for the value of a term that differs from row to row."""


@dataclass(frozen=True, slots=True)
class Term:
    """An expression of polars, and what is proved of its values.

    `value` is FEEL's, where it is the same in every row.
    """

    expr: pl.Expr
    shape: Shape
    value: Any = UNKNOWN

    @property
    def constant(self) -> bool:
        """Whether the value is the same in every row."""
        return self.value is not UNKNOWN


def kind(shape: Shape) -> str:
    """Return FEEL's word for what has this shape."""
    return _NAMES[type(shape)]


def integers(low: int, high: int) -> Any:
    """Return the type that holds integers from `low` to `high`; at most 38 digits."""
    return pl.Int64 if max(-low, high) <= _LONG else pl.Int128


def scale_of(shape: Shape) -> int:
    """Return the scale of the finest number in what has this shape."""
    match shape:
        case Number(scale):
            return scale
        case Listed(element):
            return scale_of(element)
        case Several(terms):
            return max((scale_of(each.shape) for each in terms), default=0)
        case Entry(terms):
            return max((scale_of(each.shape) for _, each in terms), default=0)
    return 0


def number(scale: int, low: int, high: int, what: str) -> Number:
    """Return a number's shape; refuse `what` may need rounding."""
    if max(-low, high) > _MOST or scale > DIGITS:
        raise Untranslated(f"{what} may need more than {DIGITS} digits")
    return Number(scale, low, high)


def nothing(shape: Scalar | Listed | None = None) -> Term:
    """Return null, as a column of `shape`."""
    if shape is None:
        return Term(pl.lit(None), Nothing(), None)
    return Term(pl.lit(None, dtype=shape.dtype), shape)


def scaled(value: Decimal) -> tuple[int, int]:
    """Return a number as an integer and its scale, which is the least.

    >>> scaled(Decimal("1.50")), scaled(Decimal("1E+2"))
    ((15, 1), (100, 0))
    """
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits)))
    while exponent < 0 and whole % 10 == 0:
        if not whole:
            return 0, 0
        whole, exponent = whole // 10, exponent + 1
    if exponent > 0:
        if exponent > PRECISION and whole:
            raise Untranslated(f"{value} has more than {DIGITS} digits before the point")
        whole, exponent = whole * 10 ** min(exponent, PRECISION), 0
    return -whole if sign else whole, -exponent


def unscaled(whole: int, scale: int) -> Decimal:
    """Return the number that an integer and its scale stand for, in all its digits."""
    digits = tuple(map(int, str(abs(whole))))
    return Decimal((int(whole < 0), digits, -scale))


# --- shapes together ------------------------------------------------------------------


def joined(left: Shape, right: Shape) -> Scalar | Listed | None:
    """Return the shape of values of which some have one shape and some the other, or None."""
    if isinstance(left, Truth | Moment | Nothing) and type(left) is type(right):
        return left
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Nothing) and isinstance(other, Scalar | Listed):
            return other
    match left, right:
        case Number(), Number():
            scale = max(left.scale, right.scale)
            low, high = raised(left, scale), raised(right, scale)
            return Number(scale, min(low.low, high.low), max(low.high, high.high))
        case Text(short), Text(long):
            return Text(max(short, long))
        case Day(), Day():
            return Day(min(left.low, right.low), max(left.high, right.high))
        case Span(), Span():
            return Span(min(left.low, right.low), max(left.high, right.high))
        case Listed(), Listed():
            element = joined(left.element, right.element)
            if element is None or isinstance(element, Listed) or not _alike(left, right, element):
                return None
            longest = max(left.longest, right.longest)
            return Listed(element, longest, left.holes or right.holes)
        case (Several(), Listed()) | (Listed(), Several()) | (Several(), Several()):
            a, b = listed(left), listed(right)
            return None if a is None or b is None else joined(a, b)
    return None


def listed(shape: Shape) -> Listed | None:
    """Return the shape of a list as a column; None where its elements have none in common."""
    if isinstance(shape, Listed):
        return shape
    assert isinstance(shape, Several)
    element: Shape | None = Nothing()
    for each in shape.terms:
        element = None if element is None else joined(element, each.shape)
    if not isinstance(element, Scalar):
        return None
    return Listed(element, len(shape.terms), holes=True)


def _alike(left: Listed, right: Listed, element: Scalar) -> bool:
    """Say whether the elements of both lists are held as those of the joined list are."""
    known = [each for each in (left, right) if not isinstance(each.element, Nothing)]
    scales = {each.element.scale for each in known if isinstance(each.element, Number)}
    return len(scales) < 2 and all(each.dtype == pl.List(element.dtype) for each in known)


def raised(shape: Number, scale: int) -> Number:
    """Return the shape of the same numbers with a larger scale."""
    power = 10 ** (scale - shape.scale)
    return number(scale, shape.low * power, shape.high * power, "a number brought to one scale")


def held(term: Term, shape: Scalar | Listed) -> pl.Expr:
    """Return a term's values as those of `shape`, of which they are."""
    own = term.shape
    if isinstance(own, Number) and isinstance(shape, Number):
        expr = term.expr if own.dtype == shape.dtype else term.expr.cast(shape.dtype)
        return expr if own.scale == shape.scale else expr * 10 ** (shape.scale - own.scale)
    if isinstance(own, Several):
        assert isinstance(shape, Listed)
        if not own.terms:
            return pl.lit([], dtype=shape.dtype)
        return pl.concat_list([held(each, shape.element) for each in own.terms])
    empty = isinstance(own, Nothing) or (
        isinstance(own, Listed) and isinstance(own.element, Nothing)
    )
    return term.expr.cast(shape.dtype) if empty else term.expr


def conforms(shape: Shape, type_: Type) -> bool:
    """Say whether every value of `shape` is of `type_` as it stands (10.3.2.9.2)."""
    if type_ == ANY or isinstance(shape, Nothing):
        return True
    match shape, type_:
        case Listed(element), ListType(inner):
            return conforms(element, inner)
        case Several(terms), ListType(inner):
            return all(conforms(each.shape, inner) for each in terms)
        case Entry(entries), ContextType(types):
            known = dict(entries)
            return all(name in known and conforms(known[name].shape, each) for name, each in types)
    return _TYPES.get(type(shape)) == type_
