"""Answers in the type that Spark was told of before: exactly, or not at all.

A frame takes the type that its own values need: a decimal's scale, the entries of its contexts.
In Spark all batches have one type.
"""

from __future__ import annotations

import pyarrow as pa
from pyarrow import types


class NotHeld(Exception):
    """A type cannot hold an answer; the message says which of both."""


def held(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """Return the values of `array` in `type_`; a context's absent entry is null.

    Raises `NotHeld` where a value would change, or has no place.
    """
    if array.type == type_:
        return array
    if types.is_null(array.type):
        return pa.nulls(len(array), type_)
    if types.is_struct(array.type) and types.is_struct(type_):
        return _contexts(array, type_)
    if _is_list(array.type) and types.is_list(type_):
        offsets = array.offsets.cast(pa.int32())
        values = held(array.values, type_.value_type)
        return pa.ListArray.from_arrays(offsets, values, type=type_, mask=array.is_null())
    if not _alike(array.type, type_):
        raise NotHeld(f"is {array.type}, not {type_}")
    try:
        return array.cast(type_)
    except pa.ArrowInvalid as error:
        raise NotHeld(f"does not fit {type_}") from error


def _contexts(array: pa.Array, type_: pa.DataType) -> pa.Array:
    given = dict(zip((field.name for field in array.type), array.flatten(), strict=True))
    wanted = {field.name: field.type for field in type_}
    unknown = [name for name in given if name not in wanted]
    if unknown:
        raise NotHeld(f"has an entry `{unknown[0]}`, which {type_} has not")
    columns = [
        held(given[name], each) if name in given else pa.nulls(len(array), each)
        for name, each in wanted.items()
    ]
    return pa.StructArray.from_arrays(columns, fields=list(type_), mask=array.is_null())


def _is_list(type_: pa.DataType) -> bool:
    return bool(types.is_list(type_) or types.is_large_list(type_))


def _alike(given: pa.DataType, wanted: pa.DataType) -> bool:
    """Say whether one type's values are values of the other, as far as they fit."""
    if types.is_decimal(given):
        return bool(types.is_decimal(wanted) or types.is_integer(wanted))
    if types.is_timestamp(given):
        return bool(types.is_timestamp(wanted)) and (given.tz is None) == (wanted.tz is None)
    kinds = (_is_string, types.is_date, types.is_duration, types.is_time)
    return any(kind(given) and kind(wanted) for kind in kinds)


def _is_string(type_: pa.DataType) -> bool:
    tests = (types.is_string, types.is_large_string, types.is_string_view)
    return any(test(type_) for test in tests)
