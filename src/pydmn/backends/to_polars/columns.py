"""What is known of one step for the rows of a frame: codes, or a column of proved shape, or both.

Either form is made from the other when something asks for it. Which scale a number has follows
from the model and the types of the frame's columns alone, so that the parts of one file get
columns of one type; how far its values reach is looked up in the frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final, NoReturn

import polars as pl

from pydmn.backends.to_polars.coding import Coded, found
from pydmn.backends.to_polars.constants import MICROSECONDS
from pydmn.backends.to_polars.shapes import (
    PRECISION,
    Day,
    Entry,
    Listed,
    Moment,
    Nothing,
    Number,
    Opaque,
    Scalar,
    Several,
    Shape,
    Span,
    Term,
    Text,
    Truth,
    Untranslated,
    held,
    kind,
    listed,
    nothing,
    number,
    scaled,
    unscaled,
)  # fmt: skip
from pydmn.errors import LimitExceeded
from pydmn.feel import host
from pydmn.feel.types import ANY, STRING, ContextType, ListType, Type
from pydmn.limits import Limits

_EPOCH: Final = date(1970, 1, 1)


class Frame:
    """The columns that expressions read: those of the input, and those made on the way."""

    def __init__(self, frame: pl.DataFrame, rows: int) -> None:
        self.rows = rows
        # A frame without columns would forget how many rows there are.
        self._frame = frame if frame.width else pl.repeat(None, rows, eager=True).to_frame("\0")
        self._later: dict[str, tuple[Any, Callable[[], pl.Series]]] = {}
        self._names = count(1)

    def add(self, dtype: Any, made: Callable[[], pl.Series]) -> pl.Expr:
        """Take a column in, which is made when an expression reads it; return what reads it."""
        name = f"\0{next(self._names)}"
        self._later[name] = (dtype, made)
        return pl.col(name)

    def column(self, expr: pl.Expr) -> pl.Series:
        """Return what `expr` is in every row."""
        for name in expr.meta.root_names():
            if name in self._later:
                _, made = self._later.pop(name)
                self._frame = self._frame.with_columns(made().alias(name))
        found = self._frame.select(expr.alias("")).to_series()
        return found if len(found) == self.rows else found.new_from_index(0, self.rows)

    def dtype(self, expr: pl.Expr) -> Any:
        """Return the data type of what `expr` is."""
        none = {
            name: pl.Series(dtype=self._later[name][0])
            if name in self._later
            else self._frame[name].clear()
            for name in expr.meta.root_names()
        }
        return pl.DataFrame(none).select(expr.alias("")).to_series().dtype

    def settled(self, term: Term) -> Term:
        """Return a term worked out: each part of it a column of its own."""
        match term.shape:
            case Entry(terms, there):
                parts = tuple((name, self.settled(each)) for name, each in terms)
                seen = None if there is None else self._kept(there)
                return Term(term.expr, Entry(parts, seen), term.value)
            case Several(terms):
                return Term(term.expr, Several(tuple(map(self.settled, terms))), term.value)
        if term.constant:
            return term
        return Term(self._kept(term.expr), term.shape)

    def _kept(self, expr: pl.Expr) -> pl.Expr:
        made = self.column(expr)
        return self.add(made.dtype, lambda: made)


# --- the input's columns --------------------------------------------------------------


def term_of(series: pl.Series, expr: pl.Expr, type_: Type, limits: Limits, where: str) -> Term:
    """Return an input's column as a term, its values of `type_`; `where` names it.

    `series` has every value of the column, once or more often. Raises `Untranslated` for a column
    whose values a record reads as something else.
    """
    shape, form = _read(series, type_, limits, where)
    if isinstance(shape, Entry):
        fields = []
        entries = type_ if isinstance(type_, ContextType) else ContextType()
        for name, _ in shape.terms:
            inner = entries.get(name) or ANY
            field = series.struct.field(name)
            part = term_of(field, expr.struct.field(name), inner, limits, f"{where}.{name}")
            fields.append((name, part))
        return Term(expr, Entry(tuple(fields), expr.is_not_null() if series.null_count() else None))
    return Term(form(expr), shape)


_Form = Callable[[pl.Expr], pl.Expr]


def _read(series: pl.Series, type_: Type, limits: Limits, where: str) -> tuple[Shape, _Form]:
    """Return the shape of a column, and how its values are brought into it."""
    dtype = series.dtype
    if isinstance(dtype, pl.List):
        return _read_list(series, type_, limits, where)
    if isinstance(dtype, pl.Struct):
        entries = tuple((each.name, nothing()) for each in dtype.fields)
        return Entry(entries), _as_is
    if dtype == pl.Null:
        return Nothing(), _as_is
    if dtype == pl.Boolean:
        return Truth(), _as_is
    if isinstance(dtype, pl.Decimal) or dtype.is_integer():
        return _read_number(series)
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        if type_ not in (ANY, STRING):
            raise Untranslated(f"{where} is {dtype}, and read as a {type_}")
        return Text(_longest_text(series, limits, where)), lambda expr: expr.cast(pl.String)
    if dtype == pl.Date:
        low, high = _ends(series.to_physical())
        return Day(low, high), _as_is
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return Moment(), lambda expr: expr.cast(pl.Datetime("us"))
    if isinstance(dtype, pl.Duration):
        low, high = _ends(series.cast(pl.Duration("us")).to_physical())
        return Span(low, high), lambda expr: expr.cast(pl.Duration("us"))
    if dtype.is_float():
        raise Untranslated(f"{where} is {dtype}, whose numbers have no fixed scale")
    raise Untranslated(f"{where} is {dtype}")


def _as_is(expr: pl.Expr) -> pl.Expr:
    return expr


def _read_number(series: pl.Series) -> tuple[Number, _Form]:
    dtype = series.dtype
    scale = dtype.scale if isinstance(dtype, pl.Decimal) else 0
    low, high = _ends(series.to_physical())
    shape = number(scale, low, high, "a column")
    if isinstance(dtype, pl.Decimal):
        return shape, lambda expr: expr.to_physical().cast(shape.dtype)
    return shape, lambda expr: expr.cast(shape.dtype)


def _ends(physical: pl.Series) -> tuple[int, int]:
    low, high = physical.min(), physical.max()
    if low is None or high is None:
        return 0, 0
    assert isinstance(low, int)
    assert isinstance(high, int)
    return low, high


def _exceeded(limits: Limits, name: str, where: str) -> NoReturn:
    try:
        limits.exceeded(name)
    except LimitExceeded as error:
        raise LimitExceeded(f"{where}: {error}") from None


def _longest_text(series: pl.Series, limits: Limits, where: str) -> int:
    if series.dtype != pl.String:
        series = series.cast(pl.String)
    # As many octets as characters, or more.
    _, longest = _ends(series.str.len_bytes())
    if longest > limits.chars:
        _, longest = _ends(series.str.len_chars())
        if longest > limits.chars:
            _exceeded(limits, "chars", where)
    return longest


def _read_list(series: pl.Series, type_: Type, limits: Limits, where: str) -> tuple[Listed, _Form]:
    _, longest = _ends(series.list.len())
    if longest > limits.items:
        _exceeded(limits, "items", where)
    inside = series.explode(empty_as_null=False, keep_nulls=False)
    element_type = type_.element if isinstance(type_, ListType) else type_
    element, form = _read(inside, element_type, limits, f"an element of {where}")
    if not isinstance(element, Scalar):
        raise Untranslated(f"{where} has lists or contexts as elements")
    shape = Listed(element, longest, inside.null_count() > 0)
    if series.dtype == shape.dtype:
        return shape, _as_is
    return shape, lambda expr: expr.list.eval(form(pl.element()))


# --- codes to columns -----------------------------------------------------------------


def term_of_codes(coded: Coded, scale: int | None, frame: Frame) -> Term:
    """Return coded values as a term; its numbers have at least `scale`.

    Without a scale, numbers have the one that the finest of them needs. Raises `Untranslated`.
    """
    codes = coded.codes if coded.which is None else coded.which[coded.codes]
    return _term(coded.values, pl.Series(codes), scale, frame)


def _term(values: Sequence[Any], codes: pl.Series, scale: int | None, frame: Frame) -> Term:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, dict) for value in known):
        names = dict.fromkeys(name for value in known for name in value)
        entries = tuple((name, _entry(values, name, codes, scale, frame)) for name in names)
        there = pl.Series([value is not None for value in values], dtype=pl.Boolean)
        every = len(known) == len(values)
        seen = None if every else frame.add(pl.Boolean, lambda: there.gather(codes))
        return Term(pl.lit(None), Entry(entries, seen))
    python = [host.to_python(value) for value in values]
    shape, form = _shape_of([value for value in python if value is not None], scale)
    made = [None if value is None else form(value) for value in python]
    series = pl.Series("", made, shape.dtype, strict=True)
    return Term(frame.add(shape.dtype, lambda: series.gather(codes)), shape)


def _entry(
    values: Sequence[Any], name: str, codes: pl.Series, scale: int | None, frame: Frame
) -> Term:
    """Return one entry of contexts, or of null."""
    entries = [None if value is None else value.get(name) for value in values]
    try:
        return _term(entries, codes, scale, frame)
    except Untranslated as why:
        return Term(pl.lit(None), Opaque(str(why)))


def _shape_of(
    values: Sequence[Any], scale: int | None
) -> tuple[Scalar | Listed, Callable[[Any], Any]]:
    """Return the shape of Python's values, none of which is None, and what brings them into it."""
    classes = {type(value) for value in values}
    if not classes:
        return Nothing(), _same
    if len(classes) > 1:
        raise Untranslated("values of several types")
    class_ = classes.pop()
    if class_ is Decimal:
        return _shape_of_numbers(values, scale)
    if class_ is str:
        return Text(max(map(len, values))), _same
    if class_ is bool:
        return Truth(), _same
    if class_ is date:
        days = [(value - _EPOCH).days for value in values]
        return Day(min(days), max(days)), _same
    if class_ is datetime and not any(value.tzinfo for value in values):
        return Moment(), _same
    if class_ is timedelta:
        counts = [value // MICROSECONDS for value in values]
        return Span(min(counts), max(counts)), _same
    if class_ is list:
        inside = [each for value in values for each in value]
        element, form = _shape_of([each for each in inside if each is not None], scale)
        if isinstance(element, Listed):
            raise Untranslated("lists of lists")
        shape = Listed(element, max(map(len, values)), None in inside)
        return shape, lambda value: [None if each is None else form(each) for each in value]
    raise Untranslated(f"values of Python's class `{class_.__name__}`")


def _same(value: Any) -> Any:
    return value


def _shape_of_numbers(
    values: Sequence[Decimal], scale: int | None
) -> tuple[Number, Callable[[Decimal], int]]:
    parts = [scaled(value) for value in values]
    most = max(each for _, each in parts)
    found_scale = most if scale is None else max(scale, most)
    wholes = [whole * 10 ** (found_scale - each) for whole, each in parts]
    shape = number(found_scale, min(wholes), max(wholes), "the numbers of one column")

    def form(value: Decimal) -> int:
        whole, own = scaled(value)
        return int(whole * 10 ** (found_scale - own))

    return shape, form


# --- columns to answers and to codes --------------------------------------------------


def answered(term: Term, declared: Any) -> pl.Expr:
    """Return a term in the type that a caller sees; null alone is of type `declared`.

    Raises `Untranslated` for what polars has no type for.
    """
    shape = term.shape
    match shape:
        case Number(scale):
            return _decimal(term.expr, scale)
        case Nothing():
            return term.expr.cast(declared)
        case Listed(Number(scale)):
            return term.expr.list.eval(_decimal(pl.element(), scale))
        case Several():
            made = listed(shape)
            if made is None:
                raise Untranslated("a list whose elements have several types")
            if isinstance(made.element, Nothing):
                return held(term, made).cast(
                    declared if isinstance(declared, pl.List) else made.dtype
                )
            return answered(Term(held(term, made), made), declared)
        case Entry(terms, there):
            if not terms:
                raise Untranslated("an empty context")
            types = {each.name: each.dtype for each in getattr(declared, "fields", ())}
            parts = (answered(each, types.get(name, pl.Null)).alias(name) for name, each in terms)
            made_ = pl.struct(*parts)
            return made_ if there is None else pl.when(there).then(made_)
        case Text() | Truth() | Day() | Moment() | Span() | Listed():
            return term.expr
    raise Untranslated(f"a {kind(shape)} has no column")


def _decimal(expr: pl.Expr, scale: int) -> pl.Expr:
    whole = expr.cast(pl.Decimal(PRECISION, 0))
    return whole * pl.lit(unscaled(1, scale), pl.Decimal(PRECISION, scale)) if scale else whole


def codes_of(term: Term, frame: Frame, type_: Any) -> Coded:
    """Return a term's column as codes; FEEL's values are those of `type_`."""
    shape = term.shape
    if isinstance(shape, Number):
        codes, wholes, which = found(frame.column(term.expr))
        values = [
            None if whole is None else unscaled(whole, shape.scale) for whole in wholes.to_list()
        ]
        return Coded(codes, values, which=which)
    codes, series, which = found(frame.column(answered(term, type_)))
    return Coded(codes, [host.from_python(value) for value in series.to_list()], which=which)
