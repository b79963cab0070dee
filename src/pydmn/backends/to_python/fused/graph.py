"""A graph of decisions to one Python function."""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.expressions import RUN, Expressions, Value
from pydmn.backends.to_python.fused.lookups import Lookup, listed
from pydmn.backends.to_python.fused.tables import TableParts
from pydmn.backends.to_python.fused.values import (
    INTEGERS,
    MEMBERS,
    PYTHON,
    number_list,
    strings,
)  # fmt: skip
from pydmn.backends.to_python.fused.writer import NONE, Writer, load
from pydmn.backends.to_python.items import compile_item
from pydmn.backends.to_python.layout import FrameSize, Layout
from pydmn.errors import LimitExceeded
from pydmn.feel import ast, host, numbers
from pydmn.feel.types import ANY, BOOLEAN, NUMBER, STRING, ContextType, ListType, Type
from pydmn.limits import Limits
from pydmn.plan.logic import Broken, Feel, Item, Step, Table
from pydmn.plan.stack import with_room
from pydmn.run import Clock, Run

Fused = Callable[[Mapping[str, Any]], Any]
"""A function of the host's mapping that returns the host's value."""

INPUTS: Final = "inputs"
"""The parameter of a generated function."""


def fuse(
    steps: Sequence[Step],
    inputs: Mapping[str, Step],
    key: str,
    evaluators: Mapping[str, Callable[[Run, dict[str, Any]], Any]],
    functions: Mapping[str, Callable[..., Any]],
    limits: Limits,
    clock: Clock,
    slow: Fused,
) -> Fused | None:
    """Return the function that gives the value of `key`, or None where it would not be faster.

    `steps` are what is worked out, in order, `inputs` the input data by the host's name,
    `evaluators` evaluate a step by its closures. What is unusual is left to `slow`.
    """
    if any("." in name for name in inputs):
        return None
    if len({step.key for step in inputs.values()}) < len(inputs):
        return None
    if not all(step.kind in ("decision", "knowledge", "service") for step in steps):
        return None
    if any(isinstance(step.logic, Broken) for step in steps):
        return None
    if sum(map(_most_steps, steps)) > limits.steps:
        return None

    def made() -> Fused:
        graph = _Graph(steps, inputs, key, evaluators, functions, limits, clock, slow)
        return graph.function()

    try:
        return with_room(made)
    except LimitExceeded:
        return None  # nested too deep for any stack: the closures say so when they are asked


def _most_steps(step: Step) -> int:
    """Return a number of steps that one evaluation without loops does not exceed."""
    if isinstance(step.logic, Table):
        table = step.logic
        cells = sum(len(cell.source.text) for rule in table.rules for cell in rule.cells)
        outputs = sum(
            len(output.source.text)
            for rule in table.rules
            for output in rule.outputs
            if isinstance(output, Feel)
        )
        return cells + outputs + 2 * len(table.rules)
    if isinstance(step.logic, Feel):
        return len(step.logic.source.text)
    return MEMBERS


class _Graph:
    """Writes the function of one graph."""

    def __init__(
        self,
        steps: Sequence[Step],
        inputs: Mapping[str, Step],
        key: str,
        evaluators: Mapping[str, Callable[[Run, dict[str, Any]], Any]],
        functions: Mapping[str, Callable[..., Any]],
        limits: Limits,
        clock: Clock,
        slow: Fused,
    ) -> None:
        self._steps = steps
        self._inputs = inputs
        self._key = key
        self._evaluators = evaluators
        self._functions = functions
        self._limits = limits
        self._clock = clock
        self._slow = slow
        self._code = Writer()
        self._values: dict[str, Value] = {}
        self._needs_run = False

    def function(self) -> Fused:
        """Return the function."""
        code = self._code
        with code.inside([]) as body:
            for name, step in self._inputs.items():
                self._values[step.key] = self._input(name, step)
            for step in self._steps:
                self._values[step.key] = self._step(step)
            self._return(self._values[self._key])
        if self._needs_run:
            run = writer.call(code.constant(Run, "Run"), *self._of_run())
            body.insert(0, py.Assign([py.Name(RUN, py.Store())], run))
        function: Fused
        again = _Again(dict.fromkeys(self._inputs), self._slow)
        unusual = py.Tuple(
            [
                code.constant(each, each.__name__)
                for each in (ArithmeticError, LimitExceeded, RecursionError)
            ],
            py.Load(),
        )
        handlers = [
            py.ExceptHandler(
                code.constant(KeyError, "KeyError"),
                None,
                [py.Return(writer.call(code.constant(again.missing, "missing"), load(INPUTS)))],
            ),
            py.ExceptHandler(unusual, None, [self._leave()]),
        ]
        function = code.function("decide", INPUTS, [py.Try(body, handlers, [], [])])
        again.function = function
        return function

    def _of_run(self) -> tuple[py.expr, py.expr]:
        code = self._code
        return code.constant(self._limits, "limits"), code.constant(self._clock, "clock")

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
            convert = code.constant(_Conversion(item.type, self._limits, name), "converted")
            code.set(variable, writer.call(convert, value.read))
            value = Value(variable, ANY)
        return self._checked(value, item, f"input {name}")

    def _unless(self, test: py.expr) -> None:
        self._code.when(test, lambda: self._code.add(self._leave()))

    def _number(self, value: Value) -> None:
        """An int of usual size, or a decimal, rounded to what FEEL has."""
        code = self._code
        class_ = writer.call(code.constant(type, "type"), value.read)
        is_int = writer.is_(class_, code.constant(int, "int"))
        is_decimal = writer.is_(class_, code.constant(Decimal, "Decimal"))

        def integer() -> None:
            low, high = code.constant(-INTEGERS), code.constant(INTEGERS)
            within = py.Compare(low, [py.Lt(), py.Lt()], [value.read, high])
            self._unless(py.UnaryOp(py.Not(), within))

        def decimal() -> None:
            rounded = writer.call(code.constant(numbers.CONTEXT.plus, "plus"), value.read)
            code.set(value.name, rounded)

        code.when(
            is_int,
            integer,
            lambda: code.when(
                writer.every(is_decimal, writer.method(value.read, "is_finite")),
                decimal,
                lambda: self._unless(writer.is_not(value.read, NONE)),
            ),
        )

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
        layout = Layout(FrameSize(), functions=self._functions)
        check = compile_item(item, what, layout)
        assert check is not None
        accepted = None if item.allowed is None else listed(item.allowed)
        only_listed = item.constraint is None and item.element is None and not item.entries
        self._needs_run = True
        exact = self._expressions({}).exact(value)
        checked = writer.call(code.constant(check, "check"), load(RUN), exact.read)
        name = exact.name
        if accepted is not None and only_listed and item.type == value.type:
            allowed = code.constant(frozenset({None, *accepted}), "allowed")
            outside = writer.compared(exact.read, py.NotIn(), allowed)
            code.when(outside, lambda: code.set(name, checked))
        else:
            name = code.let(what, checked)
        return Value(name, item.type, value.nullable, exact.loose)

    # --- steps -------------------------------------------------------------------------

    def _expressions(self, names: Mapping[str, Value], step: Step | None = None) -> Expressions:
        types = {} if step is None else step.types
        return Expressions(self._code, names, self._leave, types, self._functions)

    def _step(self, step: Step) -> Value:
        packaged = any(each.package for each in step.requirements)
        if step.kind != "decision" or packaged or step.logic is None:
            return self._by_closures(step)
        names = {each.name: self._values[each.key] for each in step.requirements}
        expressions = self._expressions(names, step)
        logic = step.logic
        value: Value
        if isinstance(logic, Table):
            if not _plain(logic):
                return self._by_closures(step)
            parts = TableParts(step, logic, self._functions)
            given = [names[name] for name in parts.names]
            lookup = Lookup(self._code, expressions, parts, given, self._leave, self._limits.chars)
            value = lookup.value()
        elif isinstance(logic, Feel):
            value = expressions.value(logic.node)
            for item in dict.fromkeys((logic.item, step.item)):
                value = self._checked(value, item, f"the result of {step.name}")
        else:
            return self._by_closures(step)
        self._needs_run = self._needs_run or expressions.needs_run
        return value

    def _by_closures(self, step: Step) -> Value:
        """Write the call of what evaluates the step whole."""
        self._needs_run = True
        code = self._code
        expressions = self._expressions({})
        needed = {each.key for each in step.requirements if each.key in self._values}
        keys: list[py.expr | None] = [py.Constant(key) for key in sorted(needed)]
        values: list[py.expr] = [
            expressions.exact(self._values[key]).read for key in sorted(needed)
        ]
        evaluate = code.constant(self._evaluators[step.key], "evaluate")
        value = writer.call(evaluate, load(RUN), py.Dict(keys, values))
        return Value(code.let(step.name, value))

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
            self._needs_run = True
            answer = writer.call(code.constant(host.to_python, "to_python"), value.read, load(RUN))
        code.add(py.Return(answer))


def _plain(table: Table) -> bool:
    """Say whether all expressions of a table's columns are texts."""
    return all(isinstance(column.expression, Feel) for column in table.inputs)


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
