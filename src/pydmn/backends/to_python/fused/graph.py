"""A graph of decisions to one Python function."""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeVar

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.boxed import Boxed
from pydmn.backends.to_python.fused.expressions import Expressions
from pydmn.backends.to_python.fused.forms import CHOSEN, Forms
from pydmn.backends.to_python.fused.keys import listed
from pydmn.backends.to_python.fused.readers import UNUSUAL, most_members, reader
from pydmn.backends.to_python.fused.steps import most_steps
from pydmn.backends.to_python.fused.unfit import Unfit
from pydmn.backends.to_python.fused.values import (
    INTEGERS,
    PYTHON,
    floated,
    number_list,
    strings,
)  # fmt: skip
from pydmn.backends.to_python.fused.variables import RUN, Known, Value
from pydmn.backends.to_python.fused.writer import NONE, Writer, load
from pydmn.backends.to_python.fused.writing import NO_HIT, Hit
from pydmn.backends.to_python.items import compile_item
from pydmn.backends.to_python.layout import FrameSize, Layout
from pydmn.errors import LimitExceeded
from pydmn.feel import ast, host, numbers
from pydmn.feel.types import ANY, BOOLEAN, NUMBER, STRING, ContextType, ListType, Type
from pydmn.limits import Limits
from pydmn.plan.logic import Broken, Feel, FunctionOf, Item, Step, Table
from pydmn.plan.stack import with_room
from pydmn.run import Clock, Run
from pydmn.tables.cells import KINDS

Fused: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""A function of the host's mapping that returns the host's value."""

Ids: TypeAlias = tuple[str, ...]

_T = TypeVar("_T")

INPUTS: Final = "inputs"
"""The parameter of a generated function."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the decisions of a graph are run with.

    `inputs` are the input data by the host's name; `forms` say which index a table has.
    """

    inputs: Mapping[str, Step]
    functions: Mapping[str, Callable[..., Any]]
    limits: Limits
    clock: Clock
    forms: Forms = CHOSEN


@dataclass(frozen=True, slots=True)
class Whole:
    """A function that returns, for each step in turn, its value and what was hit.

    `rules` say for each step which ids a hit stands for; a tuple is the ids themselves.
    """

    function: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    rules: tuple[Callable[[Any], Ids], ...]


def fuse(steps: Sequence[Step], key: str, setting: Setting, slow: Fused) -> Fused | None:
    """Return the function that gives the host's value of `key`; None where there is none.

    `steps` are what is worked out, in order. What is unusual is left to `slow`.
    """
    return _made(steps, setting, lambda: _Graph(steps, setting, slow).deciding(key))


def fuse_whole(
    steps: Sequence[Step], setting: Setting, slow: Callable[[Mapping[str, Any]], tuple[Any, ...]]
) -> Whole | None:
    """Return the function that gives the value and the hit of each of `steps`, in turn.

    What is unusual is left to `slow`, which gives the ids of the rules hit.
    """
    return _made(steps, setting, lambda: _Graph(steps, setting, slow, whole=True).explaining())


def _made(steps: Sequence[Step], setting: Setting, make: Callable[[], _T]) -> _T | None:
    inputs = setting.inputs
    if any("." in name for name in inputs):
        return None
    if len({step.key for step in inputs.values()}) < len(inputs):
        return None
    if any(isinstance(step.logic, Broken) for step in steps):
        return None
    if sum(most_steps(step.logic) for step in steps) > setting.limits.steps:
        return None
    try:
        return with_room(make)
    except (Unfit, LimitExceeded, SyntaxError):
        # Too long, or nested too deep for any stack, or for Python: a hundred blocks in each other,
        # or twenty loops, are no program. That is for the closures.
        return None


class _Graph:
    """Writes the function of one graph."""

    def __init__(
        self, steps: Sequence[Step], setting: Setting, slow: Fused, *, whole: bool = False
    ) -> None:
        self._steps = steps
        self._setting = setting
        self._slow = slow
        self._whole = whole
        self._code = Writer()
        self._values: dict[str, Value] = {}
        self._hits: list[Hit] = []
        self._members = 0
        self._boxed = Boxed(self._code, setting.forms, setting.limits, self._leave, self._checked)
        self._known: dict[str, Known] = {}

    def deciding(self, key: str) -> Fused:
        """Return the function that gives the value of `key`."""
        with self._code.inside([]) as body:
            self._work_out()
            self._return(self._values[key])
        return self._function(body)

    def explaining(self) -> Whole:
        """Return the function that gives values and hits."""
        with self._code.inside([]) as body:
            self._work_out()
            expressions = self._expressions({})
            parts: list[py.expr] = []
            for step, hit in zip(self._steps, self._hits, strict=True):
                parts += [expressions.exact(self._values[step.key]).read, hit.read]
            self._code.add(py.Return(py.Tuple(parts, py.Load())))
        return Whole(self._function(body), tuple(hit.rules for hit in self._hits))

    def _work_out(self) -> None:
        for name, step in self._setting.inputs.items():
            self._values[step.key] = self._input(name, step)
        for step in self._steps:
            if step.kind == "decision":
                self._values[step.key], hit = self._step(step)
                self._hits.append(hit)
            elif isinstance(step.logic, FunctionOf) and not self._whole:
                function = self._boxed.function(step.name, step.logic, self._scope(step))
                self._known[step.key] = function
            else:
                raise Unfit

    def _function(self, body: list[py.stmt]) -> Fused:
        code = self._code
        if code.needs_run:
            run = writer.call(code.constant(Run, "Run"), *self._of_run())
            # The closures must not find more left than they would without this function.
            most = sum(most_steps(step.logic) for step in self._steps)
            most += self._members + self._boxed.most
            charge = writer.method(load(RUN), "charge", py.Constant(most))
            depth = py.Attribute(load(RUN), "depth", py.Store())
            body[:0] = [
                py.Assign([py.Name(RUN, py.Store())], run),
                py.Assign([depth], py.Constant(self._boxed.deepest)),
                py.Expr(charge),
            ]
        again = _Again(dict.fromkeys(self._setting.inputs), self._slow)
        missing = writer.call(code.constant(again.missing, "missing"), load(INPUTS))
        unusual: list[py.expr] = [
            code.constant(each, each.__name__)
            for each in (ArithmeticError, LimitExceeded, RecursionError)
        ]
        handlers = [
            py.ExceptHandler(code.constant(KeyError, "KeyError"), None, [py.Return(missing)]),
            py.ExceptHandler(py.Tuple(unusual, py.Load()), None, [self._leave()]),
        ]
        function: Fused = code.function("decide", INPUTS, [py.Try(body, handlers, [], [])])
        again.function = function
        return function

    def _of_run(self) -> tuple[py.expr, py.expr]:
        code = self._code
        return code.constant(self._setting.limits, "limits"), code.constant(
            self._setting.clock, "clock"
        )

    def _leave(self) -> py.stmt:
        return py.Return(writer.call(self._code.constant(self._slow, "closures"), load(INPUTS)))

    # --- inputs ------------------------------------------------------------------------

    def _input(self, name: str, step: Step) -> Value:
        """Write the reading of an input, and what it must be to be usual."""
        code = self._code
        item = step.item
        variable = code.let(name, writer.item(load(INPUTS), py.Constant(name)))
        type_ = item.type if item.type != ANY else self._guess(step)
        value = Value(variable, type_)
        if type_ == NUMBER:
            self._number(value)
            value = Value(variable, NUMBER, loose=True)
        elif type_ in (STRING, BOOLEAN):
            class_ = writer.call(code.constant(type, "type"), value.read)
            other = writer.is_not(class_, code.constant(PYTHON[type_], "class"))
            self._unless(writer.every(other, writer.is_not(value.read, NONE)))
        elif type_ == ListType(STRING):
            taken = writer.call(code.constant(strings, "strings"), value.read, self._of_run()[0])
            self._unless(writer.every(writer.is_not(value.read, NONE), py.UnaryOp(py.Not(), taken)))
        elif type_ == ListType(NUMBER):
            self._numbers(variable)
            value = Value(variable, type_, loose=True)
        else:
            value = self._converted(value, item.type, name)
        return self._checked(value, item, f"input {name}")

    def _unless(self, test: py.expr) -> None:
        self._code.when(test, lambda: self._code.add(self._leave()))

    def _number(self, value: Value) -> None:
        """An int of usual size; a decimal or a float, rounded to what FEEL has."""
        code = self._code
        class_ = writer.call(code.constant(type, "type"), value.read)
        is_int = writer.is_(class_, code.constant(int, "int"))
        is_decimal = writer.is_(class_, code.constant(Decimal, "Decimal"))

        def integer() -> None:
            low, high = code.constant(-INTEGERS), code.constant(INTEGERS)
            within = py.Compare(low, [py.Lt(), py.Lt()], [value.read, high])
            self._unless(py.UnaryOp(py.Not(), within))

        def decimal() -> None:
            rounded = writer.call(
                code.constant(numbers.CONTEXT.create_decimal, "rounded"), value.read
            )
            code.set(value.name, rounded)

        def other() -> None:
            converted = writer.call(code.constant(floated, "floated"), value.read)
            code.when(
                writer.is_(class_, code.constant(float, "float")),
                lambda: code.set(value.name, converted),
                lambda: self._unless(writer.is_not(value.read, NONE)),
            )

        code.when(
            is_int,
            integer,
            lambda: code.when(
                writer.every(is_decimal, writer.method(value.read, "is_finite")), decimal, other
            ),
        )

    def _converted(self, value: Value, type_: Type, name: str) -> Value:
        """A value that FEEL has in another form."""
        code, limits = self._code, self._setting.limits
        given = value.read
        whole = code.constant(_Conversion(type_, limits, name), "converted")
        read = reader(type_, limits)
        if read is None:
            code.set(value.name, writer.call(whole, given))
            return Value(value.name)
        name = code.let(name, writer.call(code.constant(read, "read"), given))
        unusual = writer.is_(load(name), code.constant(UNUSUAL, "unusual"))
        if type_ == ANY:  # nothing is to be checked
            code.when(unusual, lambda: code.set(name, writer.call(whole, given)))
        else:
            self._unless(unusual)
            self._members += most_members(type_)
        return Value(name, type_)

    def _numbers(self, variable: str) -> None:
        code = self._code

        def convert() -> None:
            code.set(variable, writer.call(code.constant(number_list, "numbers"), load(variable)))
            self._unless(writer.is_(load(variable), NONE))

        code.when(writer.is_not(load(variable), NONE), convert)

    def _guess(self, step: Step) -> Type:
        """Return the type that an input without one probably has; it is checked all the same."""
        for each in self._steps:
            name = next((one.name for one in each.requirements if one.key == step.key), None)
            if name is None or not isinstance(each.logic, Feel):
                continue
            for node in ast.walk(each.logic.node):
                match node:
                    case ast.Call(ast.Name("sum" | "mean" | "min" | "max"), (ast.Name(used),)):
                        if used == name:
                            return ListType(NUMBER)
                    case _:
                        pass
        return ANY

    def _checked(self, value: Value, item: Item, what: str) -> Value:
        """Write what an item asks of a value beyond its type."""
        if item.type in (value.type, ANY) and not item.constrained:
            return value
        code = self._code
        layout = Layout(FrameSize(), functions=self._setting.functions)
        check = compile_item(item, what, layout)
        assert check is not None
        accepted = None if item.allowed is None else listed(item.allowed)
        only_listed = item.constraint is None and item.element is None and not item.entries
        code.needs_run = True
        exact = self._expressions({}).exact(value)
        checked = writer.call(code.constant(check, "check"), load(RUN), exact.read)
        name = exact.name
        plain = item.type == value.type and item.type in KINDS
        if accepted is not None and only_listed and plain:
            allowed = code.constant(frozenset({None, *accepted}), "allowed")
            outside = writer.compared(exact.read, py.NotIn(), allowed)
            code.when(outside, lambda: code.set(name, checked))
        else:
            name = code.let(what, checked)
        return Value(name, item.type, value.nullable, exact.loose)

    # --- steps -------------------------------------------------------------------------

    def _expressions(self, names: Mapping[str, Value], step: Step | None = None) -> Expressions:
        return Expressions(self._code, names, self._leave, step, self._setting.functions)

    def _scope(self, step: Step) -> Expressions:
        """Return what a step requires, as its expressions see it."""
        scope = self._expressions({}, step)
        for each in step.requirements:
            if each.package:
                raise Unfit
            if each.key in self._known:
                scope = scope.knowing(each.name, self._known[each.key])
            else:
                scope = scope.naming({each.name: self._values[each.key]})
        return scope

    def _step(self, step: Step) -> tuple[Value, Hit]:
        """Write a decision; return its value, and what says which rules were hit."""
        scope, logic = self._scope(step), step.logic
        if isinstance(logic, Table):
            return self._boxed.table(step, logic, scope, whole=self._whole)
        assert logic is not None
        value = self._boxed.value(logic, scope)
        return self._checked(value, step.item, f"the result of {step.name}"), NO_HIT

    # --- the answer --------------------------------------------------------------------

    def _return(self, value: Value) -> None:
        """Write the return of a value that the host may change."""
        code = self._code
        value = self._expressions({}).exact(value)
        type_ = value.type
        answer: py.expr = value.read
        inner: list[Type] = []
        if isinstance(type_, ContextType):
            inner = [each for _, each in type_.entries]
        elif isinstance(type_, ListType):
            inner = [type_.element]
        if inner and all(map(_lasting, inner)):
            copy = writer.method(value.read, "copy")
            answer = writer.either(writer.is_(value.read, NONE), NONE, copy)
        elif not _lasting(type_):
            code.needs_run = True
            answer = writer.call(code.constant(host.to_python, "to_python"), value.read, load(RUN))
        code.add(py.Return(answer))


def _lasting(type_: Type) -> bool:
    """Say whether values of a type are the same for the host, and nothing changes them."""
    return type_ in (STRING, NUMBER, BOOLEAN)


class _Conversion:
    """Makes a value of the host one of FEEL's."""

    def __init__(self, type_: Type, limits: Limits, name: str) -> None:
        self._type = type_
        self._limits = limits
        self._where = f"input `{name}`"

    def __call__(self, value: Any) -> Any:
        return host.from_python(value, self._type, self._limits, self._where)


class _Again:
    """Decides on a record with keys left out, as if they were null."""

    def __init__(self, nulls: Mapping[str, None], slow: Fused) -> None:
        self._nulls = nulls
        self._slow = slow
        self.function: Fused = slow

    def missing(self, inputs: Mapping[str, Any]) -> Any:
        """Return the answer to `inputs` with null for what is missing."""
        if all(name in inputs for name in self._nulls):
            return self._slow(inputs)
        return self.function({**self._nulls, **inputs})
