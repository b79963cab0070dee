"""Boxed expressions to Python closures (DMN 1.5, 10.2.1), each by its meaning in FEEL."""

from __future__ import annotations

from typing import Any, assert_never

from pydmn.backends.to_python.expressions import (
    Closure,
    FunctionCode,
    compile_expression,
    external_function,
    filtering,
    weight,
)
from pydmn.backends.to_python.items import compile_item
from pydmn.backends.to_python.layout import Compiled, Frame, Layout
from pydmn.backends.to_python.tables import compile_table
from pydmn.errors import ModelError
from pydmn.feel import operators, values
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
    Table,
)
from pydmn.run import Run


def compile_logic(logic: Logic, layout: Layout) -> Compiled:
    """Return the function of a frame that evaluates `logic` and checks its type.

    Raises `ModelError` with the diagnostics of a part that is `Broken`.
    """
    if isinstance(logic, Broken):
        raise ModelError(logic.diagnostics[0].message, logic.diagnostics)
    compiled = _compile(logic, layout)
    check = compile_item(logic.item, "the result", layout)
    if check is None:
        return compiled

    def typed(frame: Frame) -> Any:
        return check(frame[0], compiled(frame))

    return typed


def _compile(logic: Logic, layout: Layout) -> Compiled:
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
        case Loop():
            return _loop(logic, layout)
        case Broken():
            raise ModelError(logic.diagnostics[0].message, logic.diagnostics)
    assert_never(logic)


def size(logic: Logic) -> int:
    """Return how many steps one evaluation of `logic` is charged."""
    match logic:
        case Feel(node):
            return weight(node)
        case Table():
            return len(logic.rules) + 1
        case Entries():
            inner = [value for _, value in logic.entries]
            return 1 + sum(map(size, inner)) + (size(logic.result) if logic.result else 0)
        case Items(items):
            return 1 + sum(map(size, items))
        case Invoke():
            return 1 + sum(size(value) for _, value in logic.arguments)
        case Choose():
            return 1 + size(logic.condition) + size(logic.then) + size(logic.otherwise)
        case Select() | Loop() | FunctionOf() | Broken():
            return 1
    assert_never(logic)


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

    def function(frame: Frame) -> Closure:
        return Closure(signature, code, frame.copy())

    return function


def _checked(body: Compiled, checks: list[tuple[int, Any]]) -> Compiled:
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


def _loop(logic: Loop, layout: Layout) -> Compiled:
    collection = compile_logic(logic.collection, layout)
    inside, (slot,) = layout.bind(logic.variable)
    body = compile_logic(logic.body, inside)
    cost = size(logic.body)

    def loop(frame: Frame) -> list[Any] | None:
        run: Run = frame[0]
        items = operators.iterate(run, collection(frame))
        if items is None:
            return None
        result: list[Any] = []
        for item in items:
            run.charge(cost)
            frame[slot] = item
            result.append(body(frame))
            if len(result) > run.limits.items:
                run.limits.exceeded("items")
        return result

    def quantified(frame: Frame) -> bool | None:
        run: Run = frame[0]
        items = operators.iterate(run, collection(frame))
        if items is None:
            return None
        decisive = logic.kind == "some"
        verdict: bool | None = not decisive
        for item in items:
            run.charge(cost)
            frame[slot] = item
            value = body(frame)
            if value is decisive:
                return decisive
            if value is None:
                verdict = None
            elif type(value) is not bool:
                run.note("condition", f"a condition is boolean, not {values.described(value)}")
                return None
        return verdict

    return loop if logic.kind == "for" else quantified
