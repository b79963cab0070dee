"""What is known of a value before it is made: the types of boxed expressions (DMN 1.5, 10.2.1)."""

from __future__ import annotations

from typing import assert_never

from pydmn.feel import static
from pydmn.feel.types import ANY, BOOLEAN, NULL, NUMBER, ContextType, FunctionType, ListType, Type
from pydmn.model.expressions import Aggregation, HitPolicy
from pydmn.plan.logic import (
    Broken,
    Choose,
    Entries,
    Feel,
    FunctionOf,
    Invoke,
    Items,
    Logic,
    Loop,
    Select,
    Sound,
    Table,
)

_LISTS = (HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER)


def result_type(logic: Logic) -> Type:
    """Return the type of the value of `logic`: as declared, else as found; `ANY` if unknown."""
    if isinstance(logic, Broken):
        return ANY
    declared = logic.item.type
    return declared if declared != ANY else _found(logic)


def _found(logic: Sound) -> Type:
    match logic:
        case Feel(type=type_):
            return ANY if type_ == NULL else type_
        case Table():
            return _table_type(logic)
        case Entries(entries, None):
            return ContextType(tuple((name, result_type(value)) for name, value in entries))
        case Entries(_, result):
            return ANY if result is None else result_type(result)
        case Items(items):
            return ListType(_joined([result_type(each) for each in items]))
        case FunctionOf(parameters, body):
            types = tuple(each.item.type for each in parameters)
            return FunctionType(types, result_type(body))
        case Invoke(function):
            called = result_type(function)
            return called.result if isinstance(called, FunctionType) else ANY
        case Choose(then=then, otherwise=otherwise):
            return _joined([result_type(then), result_type(otherwise)])
        case Loop(kind="some" | "every"):
            return BOOLEAN
        case Loop(body=body):
            return ListType(result_type(body))
        case Select(collection=collection, match=match):
            # By a number it is one item, by a condition a list of them.
            if result_type(match) != BOOLEAN:
                return ANY
            base = result_type(collection)
            return base if isinstance(base, ListType) else ListType(base)
    assert_never(logic)


def _joined(types: list[Type]) -> Type:
    """Return a type of which all values are; `ANY` for none."""
    if not types:
        return ANY
    joined = types[0]
    for type_ in types[1:]:
        joined = static.join(joined, type_)
    return joined


def _table_type(table: Table) -> Type:
    """Return the type of a table's answer, from its outputs and hit policy (8.2.10)."""
    if table.aggregation is Aggregation.COUNT:
        return NUMBER
    row: Type = (
        table.outputs[0].item.type
        if len(table.outputs) == 1
        else ContextType(tuple((each.name, each.item.type) for each in table.outputs))
    )
    if table.aggregation is None and table.hit_policy in _LISTS:
        return ListType(row)
    return row
