"""Boxed expressions to Python closures (DMN 1.5, 10.2.1), each by its meaning in FEEL."""

from __future__ import annotations

from typing import Any, assert_never

from pydmn.backends.to_python.access import filtering, weight
from pydmn.backends.to_python.expressions import compile_expression
from pydmn.backends.to_python.functions import (
    Closure,
    FunctionCode,
    external_function,
    making,
)
from pydmn.backends.to_python.items import Check, compile_item
from pydmn.backends.to_python.layout import Compiled, Frame, Layout
from pydmn.backends.to_python.loops import PARTIAL, Loop, collecting, deciding
from pydmn.backends.to_python.tables import compile_table, table_cost
from pydmn.errors import ModelError
from pydmn.feel import values
from pydmn.plan.logic import (
    Broken,
    Choose,
    Entries,
    Feel,
    FunctionOf,
    Invoke,
    Items,
    Logic,
    Select,
    Sound,
    Table,
)
from pydmn.plan.logic import Loop as BoxedLoop
from pydmn.plan.stack import on_fresh_stack
from pydmn.run import Run


def compile_logic(logic: Logic, layout: Layout) -> Compiled:
    """Return the function of a frame that evaluates `logic` and checks its type.

    Raises `ModelError` with the diagnostics of a part that is `Broken`.
    """
    if isinstance(logic, Broken):
        raise ModelError(logic.diagnostics[0].message, logic.diagnostics)
    try:
        compiled = _compile(logic, layout)
    except RecursionError:
        compiled = on_fresh_stack(lambda: _compile(logic, layout))
    check = compile_item(logic.item, "the result", layout)
    if check is None:
        return compiled

    def typed(frame: Frame) -> Any:
        return check(frame[0], compiled(frame))

    return typed


def _compile(logic: Sound, layout: Layout) -> Compiled:
    match logic:
        case Feel(node):
            return compile_expression(node, layout)
        case Table():
            return compile_table(logic, layout, compile_logic)
        case Entries():
            return _entries(logic, layout)
        case Items(items):
            return _items([compile_logic(item, layout) for item in items])
        case FunctionOf():
            return _function(logic, layout)
        case Invoke():
            return _invoke(logic, layout)
        case Choose():
            return _choose(
                compile_logic(logic.condition, layout),
                compile_logic(logic.then, layout),
                compile_logic(logic.otherwise, layout),
            )
        case Select():
            collection = compile_logic(logic.collection, layout)
            inside, slot = layout.bind_item()
            match_ = compile_logic(logic.match, inside)
            return filtering(collection, match_, slot, size(logic.match))
        case BoxedLoop():
            return _loop(logic, layout)
    assert_never(logic)


def size(logic: Logic) -> int:
    """Return how many steps one evaluation of `logic` is.

    What is charged on each turn, as the body of a loop, filter or function, is not counted.
    """
    count = 0
    waiting = [logic]
    while waiting:
        each = waiting.pop()
        count += 1
        match each:
            case Feel(node):
                count += weight(node) - 1
            case Table():
                count += table_cost(each)
            case Entries(entries, result):
                waiting += [value for _, value in entries]
                waiting += [] if result is None else [result]
            case Items(items):
                waiting += items
            case Invoke(function, arguments):
                waiting += [function, *(value for _, value in arguments)]
            case Choose(condition, then, otherwise):
                waiting += [condition, then, otherwise]
            case Select(collection=collection) | BoxedLoop(collection=collection):
                waiting.append(collection)
            case FunctionOf() | Broken():
                pass
            case _:
                assert_never(each)
    return count


def _entries(logic: Entries, layout: Layout) -> Compiled:
    steps = []
    for name, value in logic.entries:
        compiled = compile_logic(value, layout)
        layout, (slot,) = layout.bind(name)
        steps.append((name, slot, compiled))
        if isinstance(value, FunctionOf):
            # A function of a context may call itself: its own entry is in scope in its body.
            compiled = compile_logic(value, layout)
            steps[-1] = (name, slot, _recursive(compiled, slot))
    result = compile_logic(logic.result, layout) if logic.result is not None else None

    def entries(frame: Frame) -> Any:
        context = {}
        for name, slot, value in steps:
            context[name] = frame[slot] = value(frame)
        return context if result is None else result(frame)

    return entries


def _recursive(compiled: Compiled, slot: int) -> Compiled:
    def recursive(frame: Frame) -> Any:
        function = compiled(frame)
        if isinstance(function, Closure):
            function.see(slot, function)
        return function

    return recursive


def _items(items: list[Compiled]) -> Compiled:
    def boxed_list(frame: Frame) -> list[Any]:
        return [item(frame) for item in items]

    return boxed_list


def _function(logic: FunctionOf, layout: Layout) -> Compiled:
    signature = values.Signature(
        tuple(values.Parameter(each.name, each.item.type) for each in logic.parameters)
    )
    if logic.external is not None:
        return external_function(signature, logic.external, layout)
    inside, slots = layout.bind(*(each.name for each in logic.parameters))
    checks = [
        (slot, check)
        for slot, each in zip(slots, logic.parameters, strict=True)
        if each.item.constrained
        and (check := compile_item(each.item, f"parameter {each.name}", layout)) is not None
    ]
    body = compile_logic(logic.body, inside)
    code = FunctionCode(_checked(body, checks) if checks else body, slots, size(logic.body))
    return making(signature, code)


def _checked(body: Compiled, checks: list[tuple[int, Check]]) -> Compiled:
    def checked(frame: Frame) -> Any:
        for slot, check in checks:
            frame[slot] = check(frame[0], frame[slot])
        return body(frame)

    return checked


def _invoke(logic: Invoke, layout: Layout) -> Compiled:
    function = compile_logic(logic.function, layout)
    arguments = [(name, compile_logic(value, layout)) for name, value in logic.arguments]

    def invoke(frame: Frame) -> Any:
        run: Run = frame[0]
        callee = function(frame)
        given = {name: value(frame) for name, value in arguments}
        if not isinstance(callee, values.Function):
            run.note("not-a-function", f"{logic.source.where}: what is invoked is no function")
            return None
        return callee.call_named(run, given)

    return invoke


def _choose(condition: Compiled, then: Compiled, otherwise: Compiled) -> Compiled:
    def choose(frame: Frame) -> Any:
        verdict = condition(frame)
        if verdict is True:
            return then(frame)
        if verdict is False or verdict is None:
            return otherwise(frame)
        frame[0].note("condition", f"a condition is boolean, not {values.described(verdict)}")
        return None

    return choose


def _loop(logic: BoxedLoop, layout: Layout) -> Compiled:
    collection = compile_logic(logic.collection, layout)
    inside, (partial,) = layout.bind(PARTIAL)
    if logic.kind != "for":
        inside = layout
    inside, (slot,) = inside.bind(logic.variable)
    loops = [Loop(slot, collection, None, size(logic.collection))]
    body = compile_logic(logic.body, inside)
    cost = size(logic.body)
    if logic.kind == "for":
        return collecting(loops, body, cost, partial if partial in layout.size.read else None)
    return deciding(loops, body, cost, logic.kind)
