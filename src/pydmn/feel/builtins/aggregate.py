"""List functions that make one value of many (DMN 1.5, 10.3.4.4, Table 75).

Each takes a list, or the values themselves as arguments. Sums and products are rounded once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal

from pydmn.feel import numbers
from pydmn.feel.builtins.declare import builtin
from pydmn.feel.values import Value, compare
from pydmn.run import Run


@builtin("min")
def minimum_of_list(run: Run, list_: list[Value]) -> Value:
    """Return the first in order; null for an empty list."""
    return _extreme(run, "min", list_, -1)


@builtin("min")
def minimum(run: Run, *c: Value) -> Value:
    """Return the argument that is first in order."""
    return _extreme(run, "min", c, -1)


@builtin("max")
def maximum_of_list(run: Run, list_: list[Value]) -> Value:
    """Return the last in order; null for an empty list."""
    return _extreme(run, "max", list_, 1)


@builtin("max")
def maximum(run: Run, *c: Value) -> Value:
    """Return the argument that is last in order."""
    return _extreme(run, "max", c, 1)


@builtin("sum")
def sum_of_list(run: Run, list_: list[Decimal]) -> Decimal | None:
    """Return the sum; null for an empty list."""
    return _calculated(run, "sum", list_, numbers.total)


@builtin("sum")
def sum_(run: Run, *n: Decimal) -> Decimal | None:
    """Return the sum of the arguments."""
    return _calculated(run, "sum", n, numbers.total)


@builtin("mean")
def mean_of_list(run: Run, list_: list[Decimal]) -> Decimal | None:
    """Return the arithmetic mean; null for an empty list."""
    return _calculated(run, "mean", list_, numbers.mean)


@builtin("mean")
def mean(run: Run, *n: Decimal) -> Decimal | None:
    """Return the arithmetic mean of the arguments."""
    return _calculated(run, "mean", n, numbers.mean)


@builtin("product")
def product_of_list(run: Run, list_: list[Decimal]) -> Decimal | None:
    """Return the product; null for an empty list."""
    return _calculated(run, "product", list_, numbers.product)


@builtin("product")
def product(run: Run, *n: Decimal) -> Decimal | None:
    """Return the product of the arguments."""
    return _calculated(run, "product", n, numbers.product)


@builtin("median")
def median_of_list(run: Run, list_: list[Decimal]) -> Decimal | None:
    """Return the middle element, or the mean of the two middles; null for an empty list."""
    return _calculated(run, "median", list_, numbers.median)


@builtin("median")
def median(run: Run, *n: Decimal) -> Decimal | None:
    """Return the middle of the arguments."""
    return _calculated(run, "median", n, numbers.median)


@builtin("stddev")
def deviation_of_list(run: Run, list_: list[Decimal]) -> Decimal | None:
    """Return the sample standard deviation; null for fewer than two numbers."""
    return _deviation(run, list_)


@builtin("stddev")
def deviation(run: Run, *n: Decimal) -> Decimal | None:
    """Return the sample standard deviation of the arguments."""
    return _deviation(run, n)


@builtin("mode")
def mode_of_list(run: Run, list_: list[Decimal]) -> list[Value] | None:
    """Return the most frequent numbers, ascending; an empty list for an empty list."""
    return _mode(run, list_)


@builtin("mode")
def mode(run: Run, *n: Decimal) -> list[Value] | None:
    """Return the most frequent arguments, ascending."""
    return _mode(run, n)


@builtin("all")
def all_of_list(run: Run, list_: list[Value]) -> bool | None:
    """Return false if an item is false, else true if all are true, else null."""
    return _decided(run, "all", list_, False)


@builtin("all")
def all_(run: Run, *b: Value) -> bool | None:
    """Return false if an argument is false, else true if all are true, else null."""
    return _decided(run, "all", b, False)


@builtin("any")
def any_of_list(run: Run, list_: list[Value]) -> bool | None:
    """Return true if an item is true, else false if all are false, else null."""
    return _decided(run, "any", list_, True)


@builtin("any")
def any_(run: Run, *b: Value) -> bool | None:
    """Return true if an argument is true, else false if all are false, else null."""
    return _decided(run, "any", b, True)


def _extreme(run: Run, name: str, items: Sequence[Value], wanted: int) -> Value:
    run.charge(len(items))
    if not items:
        _note_empty(run, name)
        return None
    best = items[0]
    for item in items:
        order = compare(item, best)
        if order is None:
            run.note("not-comparable", f"`{name}` takes values of one ordered kind")
            return None
        if order == wanted:
            best = item
    return best


def _calculated(
    run: Run,
    name: str,
    items: Sequence[Value],
    calculate: Callable[[list[Decimal]], Decimal],
) -> Decimal | None:
    found = _numbers(run, name, items)
    if found is None:
        return None
    if not found:
        _note_empty(run, name)
        return None
    try:
        return calculate(found)
    except ArithmeticError:
        run.note("out-of-range", f"the result of `{name}` has no value in FEEL")
        return None


def _deviation(run: Run, items: Sequence[Value]) -> Decimal | None:
    if len(items) < 2:
        run.note("domain", "`stddev` takes two or more numbers")
        return None
    return _calculated(run, "stddev", items, numbers.sample_deviation)


def _mode(run: Run, items: Sequence[Value]) -> list[Value] | None:
    found = _numbers(run, "mode", items)
    if not found:
        return found
    counts = Counter(found)
    most = max(counts.values())
    return sorted(number for number, times in counts.items() if times == most)


def _numbers(run: Run, name: str, items: Sequence[Value]) -> list[Decimal] | None:
    run.charge(len(items))
    found = [item for item in items if isinstance(item, Decimal)]
    if len(found) < len(items):
        run.note("domain", f"`{name}` takes numbers only")
        return None
    return found


def _decided(run: Run, name: str, items: Sequence[Value], decisive: bool) -> bool | None:
    run.charge(len(items))
    if any(item is decisive for item in items):
        return decisive
    if all(item is (not decisive) for item in items):
        return not decisive
    run.note("domain", f"`{name}` takes booleans only")
    return None


def _note_empty(run: Run, name: str) -> None:
    run.note("domain", f"`{name}` of an empty list is null")
