"""What the logic of an element may read: what it requires, under the names it has there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydmn.feel.builtins import NAMES
from pydmn.feel.names import Scope
from pydmn.feel.types import ANY, ContextType, FunctionType, ListType, RangeType, Type
from pydmn.limits import Effort
from pydmn.plan.logic import Requirement

MAX_TYPE_PARTS = 1_000
"""A type that was found, not declared, is kept up to so many parts: it may grow fast."""


_NAMES_PER_STEP = 2


def scope_of(
    requirements: Iterable[Requirement],
    known: Mapping[str, Type],
    members: frozenset[str],
    types: Mapping[str, Type],
    effort: Effort,
) -> Scope:
    """Return the scope of an element that requires `requirements`.

    `known` are the types of elements by key; `members` and `types`, the names of all
    components and all item definitions that the element's model knows. Each requirement, and
    what its type holds, is charged to `effort`.
    """
    variables: dict[str, Type] = {}
    packages: dict[str, dict[str, Type]] = {}
    names: set[str] = set()
    for required in requirements:
        type_ = known.get(required.key, ANY)
        if required.package:
            packages.setdefault(required.package[0], {})[required.name] = type_
            names.add(required.name)
        else:
            variables[required.name] = type_
        inside_names = entry_names(type_)
        effort.charge(1 + len(inside_names) // _NAMES_PER_STEP)
        names |= inside_names
    for name, inside in packages.items():
        variables[name] = ContextType(tuple(inside.items()))
    return Scope(variables, NAMES, members, types).with_members(names)


def with_value(scope: Scope, name: str, type_: Type) -> Scope:
    """Return `scope` with a variable more, and the names of what is inside it."""
    return scope.with_variable(name, type_).with_members(entry_names(type_))


def entry_names(type_: Type) -> set[str]:
    """Return the entry names of a type, however deep."""
    names: set[str] = set()
    seen: set[int] = set()  # a type may contain another twice, and that one a third
    waiting = [type_]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        match each:
            case ListType(element) | RangeType(element):
                waiting.append(element)
            case ContextType(entries):
                names.update(name for name, _ in entries)
                waiting.extend(inner for _, inner in entries)
            case FunctionType(_, result):
                waiting.append(result)
            case _:  # a basic type has no entries
                pass
    return names


def bounded(type_: Type) -> Type:
    """Return `type_`, or `ANY` where it has more than `MAX_TYPE_PARTS` parts."""
    count = 0
    waiting = [type_]
    while waiting:
        count += 1
        if count > MAX_TYPE_PARTS:
            return ANY
        match waiting.pop():
            case ListType(element) | RangeType(element):
                waiting.append(element)
            case ContextType(entries):
                waiting.extend(inner for _, inner in entries)
            case FunctionType(parameters, result):
                waiting += (*(parameters or ()), result)
            case _:  # a basic type is one part
                pass
    return type_
