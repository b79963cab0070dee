"""List functions (DMN 1.5, 10.3.4.4, Table 75): members, positions and shape."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pydmn.feel.budget import charge_items
from pydmn.feel.builtins.declare import builtin
from pydmn.feel.builtins.positions import index_at, stretch
from pydmn.feel.values import Function, Value, equal
from pydmn.run import Run


@builtin("list contains")
def list_contains(run: Run, list_: list[Value], element: Value) -> bool:
    """Say whether an element, null too, is in the list."""
    run.charge(len(list_))
    return any(equal(item, element, run) for item in list_)


@builtin("count")
def count(list_: list[Value]) -> Decimal:
    """Return the number of elements."""
    return Decimal(len(list_))


@builtin("sublist")
def sublist(
    run: Run, list_: list[Value], start_position: Decimal, length: Decimal | None = None
) -> list[Value] | None:
    """Return `length` elements, or all, from `start position`; -1 is the last."""
    found = stretch(run, "sublist", len(list_), start_position, length)
    if found is None:
        return None
    return _made(run, list_[found])


@builtin("append")
def append(run: Run, list_: list[Value], *item: Value) -> list[Value]:
    """Return the list with items at its end."""
    charge_items(run, len(list_) + len(item))
    return [*list_, *item]


@builtin("concatenate")
def concatenate(run: Run, *list_: list[Value]) -> list[Value]:
    """Return the elements of all lists in one."""
    charge_items(run, sum(map(len, list_)))
    return [item for items in list_ for item in items]


@builtin("insert before", names={"new_item": "newItem"})
def insert_before(
    run: Run, list_: list[Value], position: Decimal, new_item: Value
) -> list[Value] | None:
    """Return the list with an item put in at `position`."""
    index = index_at(run, "insert before", len(list_), position)
    if index is None:
        return None
    charge_items(run, len(list_) + 1)
    return [*list_[:index], new_item, *list_[index:]]


@builtin("remove")
def remove(run: Run, list_: list[Value], position: Decimal) -> list[Value] | None:
    """Return the list without the item at `position`."""
    index = index_at(run, "remove", len(list_), position)
    if index is None:
        return None
    return _made(run, [*list_[:index], *list_[index + 1 :]])


@builtin("list replace", names={"new_item": "newItem"})
def list_replace_at(
    run: Run, list_: list[Value], position: Decimal, new_item: Value
) -> list[Value] | None:
    """Return the list with the item at `position` replaced."""
    index = index_at(run, "list replace", len(list_), position)
    if index is None:
        return None
    return _made(run, [*list_[:index], new_item, *list_[index + 1 :]])


@builtin("list replace", names={"new_item": "newItem"})
def list_replace_matching(
    run: Run, list_: list[Value], match: Function, new_item: Value
) -> list[Value] | None:
    """Return the list with every item replaced for which `match(item, newItem)` is true."""
    charge_items(run, len(list_))
    result = []
    for item in list_:
        matched = match.call(run, [item, new_item])
        if not isinstance(matched, bool):
            run.note("domain", "`match` of `list replace` takes two values and gives a boolean")
            return None
        result.append(new_item if matched else item)
    return result


@builtin("reverse")
def reverse(run: Run, list_: list[Value]) -> list[Value]:
    """Return the elements from last to first."""
    return _made(run, list_[::-1])


@builtin("index of")
def index_of(run: Run, list_: list[Value], match: Value) -> list[Value]:
    """Return the positions, ascending, of the elements that equal `match`."""
    charge_items(run, len(list_))
    return [
        Decimal(position) for position, item in enumerate(list_, start=1) if equal(item, match, run)
    ]


@builtin("union")
def union(run: Run, *list_: list[Value]) -> list[Value]:
    """Return the elements of all lists, each once."""
    charge_items(run, sum(map(len, list_)))
    return _distinct(run, (item for items in list_ for item in items))


@builtin("distinct values")
def distinct_values(run: Run, list_: list[Value]) -> list[Value]:
    """Return the elements, each once, in the order of their first occurrence."""
    charge_items(run, len(list_))
    return _distinct(run, list_)


@builtin("flatten")
def flatten(run: Run, list_: list[Value]) -> list[Value]:
    """Return the elements of the list and of all lists within it."""
    result: list[Value] = []
    pending = [iter(list_)]
    while pending:
        for item in pending[-1]:
            run.charge(1)
            if isinstance(item, list):
                pending.append(iter(item))
                break
            result.append(item)
            if len(result) > run.limits.items:
                run.limits.exceeded("items")
        else:
            pending.pop()
    return result


def _made(run: Run, result: list[Value]) -> list[Value]:
    charge_items(run, len(result))
    return result


_BY_HASH = frozenset({Decimal, str, bool, type(None)})


def _distinct(run: Run, items: Iterable[Value]) -> list[Value]:
    """Return `items` without repeats; what has no hash that agrees with `=` is compared."""
    result: list[Value] = []
    seen: set[tuple[type, Value]] = set()
    others: list[Value] = []
    for item in items:
        if type(item) in _BY_HASH:
            key = type(item), item
            if key in seen:
                continue
            seen.add(key)
        else:
            run.charge(len(others))
            if any(equal(item, other, run) for other in others):
                continue
            others.append(item)
        result.append(item)
    return result
