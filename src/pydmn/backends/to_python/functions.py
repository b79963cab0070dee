"""Functions and calls to Python closures (DMN 1.5, 10.3.2.13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydmn.backends.to_python.access import constant, weight
from pydmn.backends.to_python.layout import Compile, Compiled, Frame, Layout
from pydmn.errors import InputError
from pydmn.feel import ast, host, types, values
from pydmn.feel.names import Scope
from pydmn.plan.boxed import external_key
from pydmn.plan.stack import on_fresh_stack
from pydmn.run import Run

STACK_STEPS = 1_000
"""What a further stack is charged: a thread costs about as much as so many steps."""


def compile_call(node: ast.Call, layout: Layout, compile_: Compile) -> Compiled:
    """Return a call, positional or named; null, with a note, of what is no function."""
    function = compile_(node.function, layout)
    if node.named:
        named = [(each.name, compile_(each.value, layout)) for each in node.named]

        def call_named(frame: Frame) -> Any:
            callee = function(frame)
            arguments = {name: value(frame) for name, value in named}
            if not isinstance(callee, values.Function):
                return _not_a_function(frame[0], callee)
            return callee.call_named(frame[0], arguments)

        return call_named
    positional = [compile_(each, layout) for each in node.positional]

    def call(frame: Frame) -> Any:
        callee = function(frame)
        arguments = [value(frame) for value in positional]
        if not isinstance(callee, values.Function):
            return _not_a_function(frame[0], callee)
        return callee.call(frame[0], arguments)

    return call


def _not_a_function(run: Run, callee: Any) -> None:
    run.note("not-a-function", f"what is called is {values.described(callee)}")


# --- functions in FEEL ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FunctionCode:
    """A function's compiled body, the slots of its parameters, its steps a call."""

    body: Compiled
    slots: list[int]
    cost: int


class Closure(values.Function):
    """A function written in FEEL, with the variables around it (10.3.2.13.2)."""

    __slots__ = ("_captured", "_code")

    def __init__(
        self,
        signature: values.Signature,
        code: FunctionCode,
        captured: Frame,
        name: str = "function",
    ) -> None:
        super().__init__(name, (signature,))
        self._code = code
        self._captured = captured

    def see(self, slot: int, value: Any) -> None:
        """Bring `value` into the variables around this function; used while it is made."""
        self._captured[slot] = value

    def invoke(self, run: Run, args: list[Any]) -> Any:
        """Evaluate the body in a frame of its own, on a further stack where this one is full."""
        run.charge(self._code.cost)
        before = Before(run)
        try:
            return self._evaluate(run, args)
        except RecursionError:
            before.restore(run)
        return on_further_stack(run, lambda: self._evaluate(run, args))

    def _evaluate(self, run: Run, args: list[Any]) -> Any:
        frame = self._captured.copy()
        frame[0] = run
        for slot, argument in zip(self._code.slots, args, strict=True):
            frame[slot] = argument
        return self._code.body(frame)


class Before:
    """What a run was before a call, to go back to when the stack proves too full for it."""

    __slots__ = ("_depth", "_mark", "decision")

    def __init__(self, run: Run) -> None:
        self._mark = run.trace.mark()
        self._depth = run.depth
        self.decision = run.trace.decision

    def restore(self, run: Run) -> None:
        """Make `run` what it was, but for the steps taken."""
        run.trace.back_to(self._mark)
        run.depth = self._depth
        run.trace.decision = self.decision


def on_further_stack(run: Run, evaluate: Callable[[], Any]) -> Any:
    """Return what `evaluate` returns, called with a stack of its own."""
    run.charge(STACK_STEPS)
    try:
        return on_fresh_stack(evaluate)
    except KeyboardInterrupt:  # pragma: no cover  raised by a person, between any two lines
        run.steps = 0  # ends the other thread's work too
        raise


def making(signature: values.Signature, code: FunctionCode) -> Compiled:
    """Return what makes the function: it keeps a copy of all variables around it."""

    def function(frame: Frame) -> Closure:
        run: Run = frame[0]
        run.charge(len(frame))
        return Closure(signature, code, frame.copy())

    return function


def compile_function(node: ast.FunctionLiteral, layout: Layout, compile_: Compile) -> Compiled:
    """Return a function literal, in FEEL or external (10.3.2.13.3)."""
    scope = Scope(types=layout.types)
    signature = values.Signature(
        tuple(
            values.Parameter(each.name, (each.type and scope.resolve(each.type)) or types.ANY)
            for each in node.parameters
        )
    )
    if node.external:
        return external_function(signature, _mapping_key(node.body), layout)
    inside, slots = layout.bind(*(each.name for each in node.parameters))
    return making(signature, FunctionCode(compile_(node.body, inside), slots, weight(node.body)))


# --- functions of the host ------------------------------------------------------------


class HostFunction(values.Function):
    """An external function that the host registered (10.3.2.13.3)."""

    __slots__ = ("_target",)

    def __init__(self, name: str, signature: values.Signature, target: Callable[..., Any]) -> None:
        super().__init__(name, (signature,))
        self._target = target

    def invoke(self, run: Run, args: list[Any]) -> Any:
        """Call the host with FEEL values; null, with a note, where it refuses them.

        What it returns may be any value of the host that has a meaning in FEEL; `run` is
        charged for it as for a value made here.
        """
        try:
            value = host.from_python(self._target(*args), where="result", run=run)
        except (InputError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            run.note("external-function", f"external function `{self.name}`: {error}")
            return None
        if value is None:
            run.note("external-function", f"external function `{self.name}` answered null")
        return value


def external_function(signature: values.Signature, key: str | None, layout: Layout) -> Compiled:
    """Return the function that the host registered under `key` (see `external_key`)."""
    target = layout.functions.get(key) if key else None
    if key is None or target is None:

        def missing(frame: Frame) -> None:
            frame[0].note("external-function", f"external function `{key}` is not registered")

        return missing
    return constant(HostFunction(key, signature, target))


def _mapping_key(body: ast.Expression) -> str | None:
    """Return the key of `{java: {class: "c", method signature: "m(t)"}}`, or None."""
    match body:
        case ast.ContextLiteral((ast.ContextEntry("java", ast.ContextLiteral(entries)),)):
            found = {
                entry.key: entry.value.value
                for entry in entries
                if isinstance(entry.value, ast.StringLiteral)
            }
            if "class" in found and "method signature" in found:
                return external_key(found["class"], found["method signature"])
    return None
