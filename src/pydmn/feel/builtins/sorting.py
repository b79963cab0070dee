"""The function `sort` (DMN 1.5, 10.3.4.9, Table 80)."""

from __future__ import annotations

from pydmn.feel.budget import charge_items
from pydmn.feel.builtins.declare import builtin
from pydmn.feel.values import Function, Value
from pydmn.run import Run


@builtin("sort")
def sort(run: Run, list_: list[Value], precedes: Function) -> list[Value] | None:
    """Return the elements in the order of `precedes(x, y)`; elements that tie keep theirs."""
    charge_items(run, len(list_))
    runs = [[item] for item in list_]
    while len(runs) > 1:
        merged = []
        for index in range(0, len(runs) - 1, 2):
            both = _merged(run, runs[index], runs[index + 1], precedes)
            if both is None:
                return None
            merged.append(both)
        if len(runs) % 2:
            merged.append(runs[-1])
        runs = merged
    return runs[0] if runs else []


def _merged(
    run: Run, left: list[Value], right: list[Value], precedes: Function
) -> list[Value] | None:
    """Merge two sorted lists; an element of `right` goes first only if it must."""
    result: list[Value] = []
    one = other = 0
    while one < len(left) and other < len(right):
        first = precedes.call(run, [right[other], left[one]])
        if not isinstance(first, bool):
            run.note("domain", "`precedes` of `sort` takes two values and gives a boolean")
            return None
        if first:
            result.append(right[other])
            other += 1
        else:
            result.append(left[one])
            one += 1
    run.charge(len(left) + len(right))
    return result + left[one:] + right[other:]
