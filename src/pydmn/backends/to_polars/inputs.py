"""A frame's columns as FEEL values; what is wrong with one is said before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl

from pydmn.backends.to_polars.coding import Coded, found
from pydmn.backends.to_polars.columns import term_of
from pydmn.backends.to_polars.shapes import Term
from pydmn.backends.to_polars.translator import Translator, no_names
from pydmn.backends.to_python import FrameSize, Layout
from pydmn.backends.to_python.items import compile_item
from pydmn.errors import InputError, LimitExceeded
from pydmn.feel import host, numbers
from pydmn.feel.temporal import Date
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    STRING,
    TIME,
    YEARS_AND_MONTHS_DURATION,
    BasicType,
    ContextType,
    ListType,
    Type,
)
from pydmn.limits import Limits
from pydmn.plan.logic import Step
from pydmn.run import Run

_DIGITS: Final = 34
_MICROSECOND: Final = 1_000
_FIRST: Final = Date(1, 1, 1).days
_LAST: Final = Date(9999, 12, 31).days
_FINER: Final = (pl.Datetime("ns"), pl.Duration("ns"), pl.Time)
"""The types that count nanoseconds, which Python's times do not."""


def frame_of(given: Any, names: Collection[str] | None) -> pl.DataFrame:
    """Return a polars frame for what a host hands in: at least its columns of these `names`.

    Raises `InputError` for what is no frame, and for a column that polars cannot take over.
    """
    if isinstance(given, pl.DataFrame):
        return given
    if not _is_arrow(given):
        kind = f"{type(given).__module__.partition('.')[0]}.{type(given).__qualname__}"
        message = f"a frame is a polars DataFrame or a pyarrow Table, not a `{kind}`"
        raise InputError(message)
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for place, field in enumerate(given.schema):
        if names is None or field.name in names:
            if field.name in columns:
                message = f"the frame has two columns `{field.name}`, {field.type} the second"
                raise InputError(message)
            if _is_foreign(field.type):
                message = f"column `{field.name}` is {field.type}, for which polars has no type"
                raise InputError(message)
            columns[field.name] = given.column(place)
    # A table without columns would forget how many rows there are.
    rows = pa.nulls(given.num_rows)
    made = pl.from_arrow(pa.table(columns or {"": rows}))
    assert isinstance(made, pl.DataFrame)
    return made


def _is_foreign(type_: Any) -> bool:
    """Say whether an Arrow type, or one inside it, is none of polars'."""
    import pyarrow as pa

    inside = (type_.field(place).type for place in range(type_.num_fields))
    return (
        pa.types.is_decimal256(type_)
        or pa.types.is_interval(type_)
        or pa.types.is_list_view(type_)
        or pa.types.is_large_list_view(type_)
        or pa.types.is_run_end_encoded(type_)
        or any(map(_is_foreign, inside))
    )


def like(given: Any, frame: pl.DataFrame) -> Any:
    """Return `frame` in the kind of the frame that was `given`."""
    return frame.to_arrow() if _is_arrow(given) else frame


def _is_arrow(given: Any) -> bool:
    # By name: who hands in a polars frame need not have Arrow.
    return type(given).__module__.startswith("pyarrow") and type(given).__name__ == "Table"


class Inputs:
    """The input data that a decision reads: `steps` by column name."""

    def __init__(
        self, steps: Mapping[str, Step], types: Mapping[str, Type], limits: Limits
    ) -> None:
        self._steps = steps
        self._names = {step.key: name for name, step in steps.items()}
        self._limits = limits
        layout = Layout(FrameSize(), types=types)
        self._checks = {
            name: compile_item(step.item, f"input {step.name}", layout)
            for name, step in steps.items()
        }

    @property
    def names(self) -> Collection[str]:
        """The columns."""
        return self._steps.keys()

    def checked(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the columns that are read. Raises `InputError` for one that cannot be."""
        for name, step in self._steps.items():
            if name not in frame.columns:
                message = f"the frame has no column `{name}` ({step.item.type})"
                raise InputError(message)
            dtype = frame.schema[name]
            if not _fits(dtype, step.item.type):
                wanted = _wanted(step.item.type)
                message = f"column `{name}` is {dtype}, and `{step.name}` is {wanted}"
                raise InputError(message)
            _check_values(name, frame[name])
        return frame.select([*self._steps])

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the input data."""
        return frozenset(self._names)

    def name(self, key: str) -> str | None:
        """Return the column of an input datum, or None for another step."""
        return self._names.get(key)

    def coded(
        self, frame: pl.DataFrame, runs: Callable[[], Run], keys: Collection[str]
    ) -> dict[str, tuple[Coded, pl.Series]]:
        """Return columns of a checked frame by key, as FEEL values of their types.

        They are those of `keys` that are input data; beside each stands what occurs in it, as
        polars has it. A value that its item definition does not allow is null (7.3.3). Raises
        `InputError` for one without FEEL meaning, and `LimitExceeded`.
        """
        names = [name for key, name in self._names.items() if key in keys]
        # All at once, so that polars shares them out among its threads.
        frame = frame.with_columns(
            pl.col(name).cast(pl.Categorical(pl.Categories.random()))
            for name in names
            if frame.schema[name] == pl.String
        )
        coded = {}
        for name in names:
            step = self._steps[name]
            codes, series, which = found(frame[name])
            where, type_ = f"column `{name}`", step.item.type
            try:
                values = [
                    host.from_python(value, type_, self._limits, where)
                    for value in series.to_list()
                ]
            except LimitExceeded as error:
                raise LimitExceeded(f"{where}: {error}") from error
            check = self._checks[name]
            if check is not None:
                values = [check(runs(), value) for value in values]
            coded[step.key] = Coded(codes, values, which=which), series
        return coded

    def term(self, occurring: pl.Series, name: str) -> Term:
        """Return a column of a checked frame as a term; every value of it is `occurring`.

        Raises `Untranslated` for one that a record reads as something else, `LimitExceeded`.
        """
        item = self._steps[name].item
        term = term_of(occurring, pl.col(name), item.type, self._limits, f"column `{name}`")
        return Translator(self._limits, no_names).asked(term, item)


# --- types ----------------------------------------------------------------------------

_CLASSES: Final[Mapping[BasicType, Callable[[pl.DataType], bool]]] = {
    NUMBER: lambda dtype: dtype.is_numeric(),
    STRING: lambda dtype: dtype in (pl.String, pl.Categorical, pl.Enum),
    BOOLEAN: lambda dtype: dtype == pl.Boolean,
    # A text is read as one of these, as it is in a record.
    DATE: lambda dtype: dtype in (pl.Date, pl.String),
    DATE_AND_TIME: lambda dtype: dtype in (pl.Datetime, pl.String),
    TIME: lambda dtype: dtype in (pl.Time, pl.String),
    DAYS_AND_TIME_DURATION: lambda dtype: dtype in (pl.Duration, pl.String),
    YEARS_AND_MONTHS_DURATION: lambda dtype: dtype == pl.String,
}


def _fits(dtype: pl.DataType, type_: Type) -> bool:
    """Say whether a column of `dtype` holds values of `type_`."""
    if dtype == pl.Null:
        return True
    match type_:
        case ListType(element):
            return isinstance(dtype, pl.List | pl.Array) and _fits(_inner(dtype), element)
        case ContextType(entries):
            if not isinstance(dtype, pl.Struct):
                return False
            fields = {field.name: _dtype(field.dtype) for field in dtype.fields}
            return all(name in fields and _fits(fields[name], each) for name, each in entries)
        case BasicType() if type_ in _CLASSES:
            return _CLASSES[type_](dtype)
        case BasicType() if type_ == ANY:
            return _has_meaning(dtype)
    return False


def _has_meaning(dtype: pl.DataType) -> bool:
    if isinstance(dtype, pl.List | pl.Array):
        return _has_meaning(_inner(dtype))
    if isinstance(dtype, pl.Struct):
        return all(_has_meaning(_dtype(field.dtype)) for field in dtype.fields)
    return dtype == pl.Null or any(holds(dtype) for holds in _CLASSES.values())


def _inner(dtype: pl.List | pl.Array) -> pl.DataType:
    return _dtype(dtype.inner)


def _dtype(dtype: Any) -> pl.DataType:
    """Return a type as an instance; polars lets a class stand for it."""
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made


def _wanted(type_: Type) -> str:
    return "of a type that has columns" if type_ == ANY else f"a {type_}"


# --- values ---------------------------------------------------------------------------


def _check_values(name: str, series: pl.Series) -> None:
    """Raise `InputError` for a number or time that FEEL, or Python, has not exactly."""
    dtype = series.dtype
    if isinstance(dtype, pl.List | pl.Array):
        _check_values(name, series.explode())
    elif isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            _check_values(f"{name}.{field.name}", series.struct.field(field.name))
    elif isinstance(dtype, pl.Decimal) or dtype in (pl.Int128, pl.UInt128):
        _check_digits(name, series)
    elif dtype.is_float() and not series.is_null().all():
        strange = series.filter(~series.is_finite())
        if len(strange):
            message = f"column `{name}`, {dtype}: {strange[0]} is no number of FEEL"
            raise InputError(message)
    elif dtype in (pl.Date, pl.Datetime) and not _in_python(series):
        message = f"column `{name}`, {dtype}: a date lies outside the years 1 to 9999"
        raise InputError(message)
    elif dtype in _FINER and (series.to_physical() % _MICROSECOND != 0).any():
        message = f"column `{name}`, {dtype}: a time is finer than microseconds"
        raise InputError(message)


def _in_python(series: pl.Series) -> bool:
    """Say whether all dates lie within Python's years; a zone may move them by a day."""
    days = series.dt.replace_time_zone(None) if isinstance(series.dtype, pl.Datetime) else series
    counted = days.cast(pl.Date).to_physical()
    low, high = counted.min(), counted.max()
    if low is None or high is None:
        return True
    assert isinstance(low, int)
    assert isinstance(high, int)
    margin = 1 if getattr(series.dtype, "time_zone", None) else 0
    return low >= _FIRST + margin and high <= _LAST - margin


def _check_digits(name: str, series: pl.Series) -> None:
    ends = [Decimal(end) for end in (series.min(), series.max()) if end is not None]  # type: ignore[arg-type]
    if all(len(end.as_tuple().digits) <= _DIGITS for end in ends):
        return  # what lies between has no more
    for value in map(Decimal, series.drop_nulls().unique().to_list()):
        if numbers.rounded(value) != value:
            message = f"column `{name}`, {series.dtype}: a number has more than {_DIGITS} digits"
            raise InputError(message)
