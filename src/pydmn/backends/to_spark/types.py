"""FEEL's types as Spark's (DMN 1.5, 7.3.2 and table 55)."""

from __future__ import annotations

from typing import Final

from pyspark.sql import types as spark

from pydmn.feel.types import (
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    STRING,
    ContextType,
    ListType,
    Type,
)

_BASIC: Final[dict[Type, spark.DataType]] = {
    STRING: spark.StringType(),
    BOOLEAN: spark.BooleanType(),
    # Spark's own choice for a decimal of which it knows no more: 20 digits before the point.
    NUMBER: spark.DecimalType(38, 18),
    DATE: spark.DateType(),
    # With a zone, or an offset, a value is refused: the declared type knows neither.
    DATE_AND_TIME: spark.TimestampNTZType(),
    DAYS_AND_TIME_DURATION: spark.DayTimeIntervalType(),
}


class NoSparkType(Exception):
    """No type of Spark holds the values of a FEEL type; the message names it."""


def spark_type(type_: Type) -> spark.DataType:
    """Return the type of Spark for what a model declares, every part nullable.

    Raises `NoSparkType` for a type that says too little, or that Spark has not.
    """
    match type_:
        case ListType(element):
            return spark.ArrayType(spark_type(element))
        case ContextType(entries) if entries:
            fields = [spark.StructField(name, spark_type(each)) for name, each in entries]
            return spark.StructType(fields)
    if type_ not in _BASIC:
        raise NoSparkType(str(type_))
    return _BASIC[type_]
