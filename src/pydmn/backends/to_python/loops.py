"""`for`, `some` and `every` to Python closures (DMN 1.5, 10.3.2.14, 10.3.2.15).

Each turn is charged as many steps as the body has nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from pydmn.backends.to_python.access import weight
from pydmn.backends.to_python.layout import Compile, Compiled, Frame, Layout
from pydmn.feel import ast, operators, values
from pydmn.run import Run

PARTIAL = "partial"
"""The variable that holds what a `for` has made so far."""


class Loop(NamedTuple):
    """One variable: its slot, its source, its end where it counts, what both cost each time."""

    slot: int
    source: Compiled
    until: Compiled | None
    cost: int


def compile_for(node: ast.For, layout: Layout, compile_: Compile) -> Compiled:
    """Return a `for`: the list of what its body is for each turn."""
    inside, (partial,) = layout.bind(PARTIAL)
    inside, loops = _loops(node.iterators, inside, compile_)
    body = compile_(node.body, inside)
    used = partial if partial in layout.size.read else None
    return collecting(loops, body, weight(node.body), used)


def compile_quantified(node: ast.Quantified, layout: Layout, compile_: Compile) -> Compiled:
    """Return a `some` or `every`: a disjunction or conjunction over the turns."""
    inside, loops = _loops(node.iterators, layout, compile_)
    condition = compile_(node.condition, inside)
    return deciding(loops, condition, weight(node.condition), node.kind)


def collecting(loops: list[Loop], body: Compiled, cost: int, partial: int | None) -> Compiled:
    """Return the list of `body` over all turns; null where a source cannot be gone through.

    `partial` is the slot of the variable `partial`, None where the body does not read it.
    """

    def loop(frame: Frame) -> list[Any] | None:
        run: Run = frame[0]
        most = run.limits.items
        result: list[Any] = []
        for turn in _turns(frame, loops):
            if not turn:
                return None
            run.charge(cost)
            if partial is not None:
                # A copy, for a value never changes; charged, for it is work.
                run.charge(len(result))
                frame[partial] = result.copy()
            result.append(body(frame))
            if len(result) > most:
                run.limits.exceeded("items")
        return result

    return loop


def deciding(
    loops: list[Loop], condition: Compiled, cost: int, kind: Literal["some", "every"]
) -> Compiled:
    """Return whether `condition` is true in some turn, or in every one; who decides is the last.

    Null, with a note, where it is null in a turn and none decides, and where it is no boolean.
    """
    decisive = kind == "some"

    def quantified(frame: Frame) -> bool | None:
        run: Run = frame[0]
        result: bool | None = not decisive
        for turn in _turns(frame, loops):
            if not turn:
                return None
            run.charge(cost)
            verdict: object = condition(frame)
            if verdict is decisive:
                return decisive
            if verdict is None:
                result = None
            elif type(verdict) is not bool:
                run.note("condition", f"a condition is boolean, not {values.described(verdict)}")
                return None
        if result is None:
            run.note("condition", f"a condition of `{kind}` is null, and no other decides")
        return result

    return quantified


def _loops(
    iterators: Iterable[ast.Iterator], layout: Layout, compile_: Compile
) -> tuple[Layout, list[Loop]]:
    """Return the layout inside, and each iterator's slot, source and end."""
    loops: list[Loop] = []
    for each in iterators:
        source = compile_(each.source, layout)
        until = compile_(each.until, layout) if each.until is not None else None
        layout, (slot,) = layout.bind(each.name)
        loops.append(Loop(slot, source, until, weight(each)))
    return layout, loops


def _turns(frame: Frame, loops: list[Loop]) -> Iterator[bool]:
    """Set the slots of `loops` to each combination in turn, the last one fastest.

    Yields True a turn; or False, once and as the last, where a source cannot be gone
    through. The sources are held in a list: an expression may have many iterators.
    """
    run: Run = frame[0]
    first = _source(frame, loops[0])
    if first is None:
        yield False
        return
    running = [iter(first)]
    while running:
        depth = len(running)
        try:
            frame[loops[depth - 1].slot] = next(running[-1])
        except StopIteration:
            running.pop()
            continue
        if depth == len(loops):
            yield True
            continue
        run.charge(loops[depth].cost)
        inner = _source(frame, loops[depth])
        if inner is None:
            yield False
            return
        running.append(iter(inner))


def _source(frame: Frame, loop: Loop) -> Iterable[Any] | None:
    """Return what one variable goes through; None, with a note, where it cannot."""
    if loop.until is None:
        return operators.iterate(frame[0], loop.source(frame))
    return operators.iterate_between(frame[0], loop.source(frame), loop.until(frame))
