"""What a Spark job of a decision is checked for, on the driver, and how it is put together."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark import cloudpickle
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, functions
from pyspark.sql import types as spark
from pyspark.sql.pandas.types import to_arrow_type

from pydmn.backends.to_polars.result import FrameResult
from pydmn.backends.to_spark.tasks import Columns, answered
from pydmn.backends.to_spark.types import NoSparkType, spark_type
from pydmn.diagnostics import Diagnostic
from pydmn.errors import InputError, NotColumnar
from pydmn.feel.types import Type


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision to be asked of a DataFrame's rows.

    `type` is what its model declares; `inputs` are the columns it reads, None for all there are;
    `evaluate` answers an Arrow table, and travels to the workers: it must be picklable.
    """

    name: str
    type: Type
    inputs: Collection[str] | None
    evaluate: Callable[[pa.Table], FrameResult]


def evaluated(
    asked: Asked,
    dataframe: Any,
    *,
    hits: bool,
    keep: Sequence[str] | None,
    returns: spark.DataType | str | None,
) -> DataFrame:
    """Return `dataframe` with the answers; see `Model.evaluate_spark`."""
    _check(dataframe)
    names = dataframe.schema.names
    kept = tuple(names if keep is None else keep)
    read = names if asked.inputs is None else [name for name in names if name in asked.inputs]
    _check_once(names, (*read, *kept))
    fields = {field.name: field for field in dataframe.schema}
    zone = dataframe.sparkSession.conf.get("spark.sql.session.timeZone")
    # A frame without rows is refused for what any is refused for.
    asked.evaluate(_schema([fields[name] for name in read], zone).empty_table())
    added = _answers(asked, returns, hits=hits)
    _check_kept(names, kept, added.names)
    sent = [name for name in names if name in {*kept, *read}] or names[:1]
    if sent != names:
        dataframe = dataframe.select(*map(_column, sent))
    columns = Columns(kept, _schema(added.fields, zone="UTC"))
    work = dataframe.sparkSession.sparkContext.broadcast(_Travelling(asked.evaluate))

    def task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        # Spark says how many processors a task has; polars would take all of the machine's.
        os.environ.setdefault("POLARS_MAX_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
        yield from answered(work.value, columns, batches)

    schema = spark.StructType([*(fields[name] for name in kept), *added.fields])
    found: DataFrame = dataframe.mapInArrow(task, schema)
    return found


class _Travelling:
    """What arrives at a worker as the function itself: made of modules' names where it can be.

    Spark pickles a broadcast variable by Python's own means, which take no local function; and
    each worker process keeps what it has unpickled.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __reduce__(self) -> tuple[Any, ...]:
        return cloudpickle.loads, (cloudpickle.dumps(self._function),)


def _check(dataframe: Any) -> None:
    """Raise `InputError` for what is no DataFrame of a classic session."""
    if not isinstance(dataframe, DataFrame):
        kind = f"{type(dataframe).__module__.partition('.')[0]}.{type(dataframe).__qualname__}"
        raise InputError(f"a pyspark DataFrame is needed, not a `{kind}`")
    if type(dataframe).__module__.startswith("pyspark.sql.connect"):
        message = "a session of Spark Connect has no broadcast variables: use a classic session"
        raise InputError(message)


def _check_once(names: Sequence[str], wanted: Iterable[str]) -> None:
    """Raise `InputError` for a column that is wanted and there twice."""
    counts = Counter(names)
    for name in wanted:
        if counts[name] > 1:
            raise InputError(f"the DataFrame has {counts[name]} columns `{name}`")


def _check_kept(names: Sequence[str], kept: Sequence[str], added: Sequence[str]) -> None:
    """Raise `InputError` for a column to keep that is missing, or has an answer's name."""
    for name in kept:
        if name not in names:
            raise InputError(f"the DataFrame has no column `{name}` to keep")
        if name in added:
            message = f"the DataFrame has a column `{name}` already: rename it, or leave it out"
            raise InputError(f"{message} of `keep`")


def _answers(asked: Asked, returns: spark.DataType | str | None, *, hits: bool) -> spark.StructType:
    """Return the columns that are added. Raises `NotColumnar` for one without a type."""
    try:
        if returns is None:
            type_ = spark_type(asked.type)
        elif isinstance(returns, str):
            type_ = spark.DataType.fromDDL(returns)
        else:
            type_ = returns
    except NoSparkType as error:
        message = f"`{asked.name}`: its type is declared as {error}, for which Spark has none"
        help_ = "declare another type in the model, or give `returns`: the type in Spark"
        raise NotColumnar(message, [Diagnostic("not-columnar", message, help=help_)]) from error
    fields = [spark.StructField(asked.name, type_)]
    if hits:
        rules = spark.ArrayType(spark.StringType())
        fields.append(spark.StructField(f"{asked.name}: rules", rules))
    return spark.StructType(fields)


def _schema(fields: Iterable[spark.StructField], zone: str) -> pa.Schema:
    """Return columns of Spark as Arrow hands them to Python. Raises `InputError`."""
    made = []
    for field in fields:
        try:
            made.append(pa.field(field.name, to_arrow_type(field.dataType, timezone=zone)))
        except PySparkException as error:
            type_ = field.dataType.simpleString()
            message = f"column `{field.name}` is {type_}, for which Arrow has no type"
            raise InputError(message) from error
    return pa.schema(made)


def _column(name: str) -> Any:
    quoted = name.replace("`", "``")
    return functions.col(f"`{quoted}`")
