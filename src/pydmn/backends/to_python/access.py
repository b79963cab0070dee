"""Names, paths and filters to Python closures (DMN 1.5, 10.3.1.3, 10.3.2.5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydmn.backends.to_python.layout import Compiled, Frame, Layout
from pydmn.feel import ast, builtins, numbers, values
from pydmn.run import Run


def weight(node: ast.Node) -> int:
    """Return how many steps one evaluation of `node` is: one for a node.

    The body of a loop, filter or function inside it is not counted: it is charged on each
    turn, by its own weight.
    """
    count = 0
    waiting = [node]
    while waiting:
        each = waiting.pop()
        count += 1
        match each:
            case ast.For(iterators=iterators) | ast.Quantified(iterators=iterators):
                waiting.append(iterators[0])  # the sources of the others are gone to each turn
            case ast.Filter(base=base):
                waiting.append(base)
            case ast.FunctionLiteral():
                pass
            case _:
                waiting.extend(ast.children(each))
    return count


def constant(value: Any) -> Compiled:
    """Return the function of a frame that is always `value`."""

    def constant_value(_: Frame) -> Any:
        return value

    return constant_value


def compile_name(name: str, layout: Layout) -> Compiled:
    """Return what reads `name`: an item's entry, a variable, or a built-in function."""
    items, slot = layout.find(name)
    outer = _outer(name) if slot is None else _slot(slot)
    if not items:
        return outer

    def member_or_name(frame: Frame) -> Any:
        for item in items:
            value = frame[item]
            if type(value) is dict and name in value:
                return value[name]
        return outer(frame)

    return member_or_name


def _slot(slot: int) -> Compiled:
    def variable(frame: Frame) -> Any:
        return frame[slot]

    return variable


def _outer(name: str) -> Compiled:
    function = builtins.lookup(name)
    if function is not None:
        return constant(function)

    def unknown(frame: Frame) -> None:
        frame[0].note("unknown-name", f"unknown name `{name}`")

    return unknown


def compile_path(base: Compiled, name: str) -> Compiled:
    """Return what reads `base.name`."""

    def path(frame: Frame) -> Any:
        value = base(frame)
        if type(value) is dict and name in value:
            return value[name]
        return values.member(frame[0], value, name)

    return path


def filtering(base: Compiled, condition: Compiled, slot: int, cost: int) -> Compiled:
    """Return the filter of `base` (10.3.2.5): by position for a number, else by truth.

    `slot` holds the item while `condition` looks at it, `cost` is what one look takes.
    """

    def filtered(frame: Frame) -> Any:
        run: Run = frame[0]
        value = base(frame)
        items = value if type(value) is list else [] if value is None else [value]
        if not items:
            run.charge(cost)
            return _nowhere(frame, condition, slot)
        result: list[Any] = []
        for item in items:
            run.charge(cost)
            frame[slot] = item
            verdict = condition(frame)
            if verdict is True:
                result.append(item)
            elif type(verdict) is Decimal:
                return _at(run, items, verdict)
            elif verdict is not False and verdict is not None:
                run.note("filter", "a filter's condition is neither a boolean nor a number")
                return None
        return result

    return filtered


def _nowhere(frame: Frame, condition: Compiled, slot: int) -> list[Any] | None:
    """Return the filter of an empty list: empty, or null where a position is asked for."""
    run: Run = frame[0]
    mark = run.trace.mark()
    frame[slot] = None
    position = condition(frame)
    # The condition had no item to look at: what it says about one is no news.
    run.trace.back_to(mark)
    return _at(run, [], position) if type(position) is Decimal else []


def _at(run: Run, items: list[Any], position: Decimal) -> Any:
    """Return the item at `position`, 1 the first and -1 the last."""
    index = numbers.integer(position)
    if index is None or not 1 <= abs(index) <= len(items):
        run.note("no-such-item", f"the list has no item {position}: its length is {len(items)}")
        return None
    return items[index - 1 if index > 0 else index]
