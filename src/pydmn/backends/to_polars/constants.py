"""FEEL values that are the same in every row, as terms."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from pydmn.backends.to_polars.shapes import (
    Day,
    Entry,
    Moment,
    Months,
    Nothing,
    Several,
    Span,
    Term,
    Text,
    Truth,
    Untranslated,
    number,
    scaled,
)  # fmt: skip
from pydmn.feel import host
from pydmn.feel.temporal import Date, YearsAndMonthsDuration
from pydmn.feel.values import described

MICROSECONDS = timedelta(microseconds=1)


def literal(value: Any) -> Term:
    """Return the term of a FEEL value; refuse one that no column holds."""
    match value:
        case None:
            return Term(pl.lit(None), Nothing(), None)
        case bool():
            return Term(pl.lit(value, pl.Boolean), Truth(), value)
        case Decimal():
            whole, scale = scaled(value)
            shape = number(scale, whole, whole, "a constant")
            return Term(pl.lit(whole, shape.dtype), shape, value)
        case str():
            return Term(pl.lit(value, pl.String), Text(len(value)), value)
        case list():
            return Term(pl.lit(None), Several(tuple(map(literal, value))), value)
        case dict():
            entries = tuple((name, literal(each)) for name, each in value.items())
            return Term(pl.lit(None), Entry(entries), value)
        case YearsAndMonthsDuration():
            return Term(pl.lit(None), Months(value.months), value)
    match host.to_python(value):
        case datetime() as moment if moment.tzinfo is None:
            return Term(pl.lit(moment, pl.Datetime("us")), Moment(), value)
        case date() as day if isinstance(value, Date):
            return Term(pl.lit(day, pl.Date), Day(value.days, value.days), value)
        case timedelta() as span:
            count = span // MICROSECONDS
            return Term(pl.lit(span, pl.Duration("us")), Span(count, count), value)
    raise Untranslated(f"{described(value)} has no column")
