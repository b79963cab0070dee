"""Boxed expressions to Python statements (DMN 1.5, 10.2.1).

A knowledge model, or a function of a boxed context, is written anew wherever it is called, with its
arguments in the places of its parameters: so a table in it has an index, and nothing is called.
"""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pydmn.backends.to_python.boxed import size
from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.expressions import Expressions
from pydmn.backends.to_python.fused.forms import Forms
from pydmn.backends.to_python.fused.lookups import Lookup
from pydmn.backends.to_python.fused.readers import UNUSUAL
from pydmn.backends.to_python.fused.steps import most_steps_of_call
from pydmn.backends.to_python.fused.tables import TableParts
from pydmn.backends.to_python.fused.unfit import Unfit
from pydmn.backends.to_python.fused.values import PYTHON
from pydmn.backends.to_python.fused.variables import RUN, Known, Value
from pydmn.backends.to_python.fused.writer import NONE, Writer, load
from pydmn.backends.to_python.fused.writing import Hit, Writing
from pydmn.feel import ast, builtins, values
from pydmn.feel.types import ANY, BOOLEAN, ContextType, ListType, Type, conforms
from pydmn.limits import Limits
from pydmn.plan.logic import (
    ANYTHING,
    Choose,
    Entries,
    Feel,
    FunctionOf,
    Invoke,
    Item,
    Items,
    Logic,
    Requirement,
    Step,
    Table,
)
from pydmn.run import Run

_ROOM: Final = 4_000
"""The bodies that are written again have so many nodes together at the most; with more there is no
function. Each takes some 40 microseconds to make, and calls that double are many soon."""

Names = Mapping[str, Value]
Functions = Mapping[str, Known]


class Boxed:
    """Writes the logic of the steps of one graph.

    `most` is how many steps the closures of the bodies take that are written here, at the most,
    and `deepest` how deep calls are nested in each other.
    """

    def __init__(
        self,
        code: Writer,
        forms: Forms,
        limits: Limits,
        leave: Callable[[], py.stmt],
        checked: Callable[[Value, Item, str], Value],
    ) -> None:
        self._code = code
        self._forms = forms
        self._limits = limits
        self._leave = leave
        self._checked = checked
        self._room = _ROOM
        self._written: set[int] = set()
        self._depth = 0
        self.most = 0
        self.deepest = 0

    def value(self, logic: Logic, scope: Expressions) -> Value:
        """Write `logic`, and return the variable that holds its value. Raises `Unfit`."""
        match logic:
            case Feel(node):
                value = scope.value(node)
            case Table():
                return self._inner_table(logic, scope)
            case Entries():
                value = self._entries(logic, scope)
            case Items(items):
                parts: list[py.expr] = [scope.exact(self.value(each, scope)).read for each in items]
                name = self._code.let("list", py.List(parts, py.Load()))
                value = Value(name, ListType(ANY), nullable=False)
            case Choose():
                value = self._choose(logic, scope)
            case Invoke():
                value = self._invoke(logic, scope)
            case _:
                raise Unfit
        return self._checked(value, logic.item, "the result")

    # --- tables ------------------------------------------------------------------------

    def table(
        self, step: Step, table: Table, scope: Expressions, *, whole: bool = False
    ) -> tuple[Value, Hit]:
        """Write the table of `step`, which requires what is in scope; return what was hit too."""
        if not all(isinstance(column.expression, Feel) for column in table.inputs):
            raise Unfit
        if scope.known and _mentions(table, scope.known):
            raise Unfit
        read = tuple(each for each in step.requirements if each.name in scope.names)
        parts = TableParts(replace(step, requirements=read), table, scope.functions)
        given = [scope.names[name] for name in parts.names]
        chars = self._limits.chars
        writing = Writing(self._code, scope, parts, given, self._leave, chars, whole)
        return Lookup(writing, self._forms).answer()

    def _inner_table(self, table: Table, scope: Expressions) -> Value:
        requirements = tuple(Requirement(name, name) for name in scope.names)
        inner = replace(scope.step, logic=table, item=ANYTHING, requirements=requirements)
        return self.table(inner, table, scope)[0]

    # --- contexts and conditionals -----------------------------------------------------

    def _entries(self, logic: Entries, scope: Expressions) -> Value:
        code = self._code
        found: dict[str, Value] = {}
        for name, entry in logic.entries:
            if isinstance(entry, FunctionOf):
                if logic.result is None:
                    raise Unfit  # a function is part of the value
                scope = scope.knowing(name, self.function(name, entry, scope))
            else:
                found[name] = value = scope.exact(self.value(entry, scope))
                scope = scope.naming({name: value})
        if logic.result is not None:
            return self.value(logic.result, scope)
        keys: list[py.expr | None] = [py.Constant(name) for name in found]
        context = py.Dict(keys, [value.read for value in found.values()])
        type_ = ContextType(tuple((name, value.type) for name, value in found.items()))
        return Value(code.let("context", context), type_, nullable=False)

    def _choose(self, logic: Choose, scope: Expressions) -> Value:
        code = self._code
        condition = scope.as_type(self.value(logic.condition, scope), BOOLEAN)
        name = code.fresh("chosen")
        found: list[Value] = []

        def branch(of: Logic) -> None:
            value = scope.exact(self.value(of, scope))
            found.append(value)
            code.set(name, value.read)

        code.when(
            writer.is_(condition.read, writer.TRUE),
            lambda: branch(logic.then),
            lambda: branch(logic.otherwise),
        )
        types = {each.type for each in found}
        type_ = types.pop() if len(types) == 1 else ANY
        return Value(name, type_, any(each.nullable for each in found))

    # --- functions ---------------------------------------------------------------------

    def function(self, name: str, function: FunctionOf, scope: Expressions) -> Known:
        """Return what writes a call of `function`, which sees what is in scope, but not itself."""
        if function.external is not None or function.item != ANYTHING:
            raise Unfit
        if builtins.lookup(name) is not None:
            raise Unfit  # a name that elsewhere means another function
        return _Written(self, function, scope.knowing(name, _Recursive()))

    def _invoke(self, logic: Invoke, scope: Expressions) -> Value:
        match logic.function:
            case Feel(ast.Name(name)) if name in scope.known:
                known = scope.known[name]
            case _:
                raise Unfit
        given = {name: self.value(value, scope) for name, value in logic.arguments}
        if len(given) < len(logic.arguments):
            raise Unfit
        return known.called(given)

    def call(self, function: FunctionOf, inside: Expressions, given: Names) -> Value:
        """Write the body of `function`, which sees what is `inside`, with arguments by name."""
        if given.keys() - {each.name for each in function.parameters}:
            raise Unfit
        if id(function) in self._written:
            self._room -= size(function.body)
        self._written.add(id(function))
        self._depth += 1
        self.deepest = max(self.deepest, self._depth)
        if self._room < 0 or self._depth >= self._limits.call_depth:
            raise Unfit
        self.most += most_steps_of_call(function)
        arguments: dict[str, Value] = {}
        for each in function.parameters:
            value = given.get(each.name) or Value(self._code.let("null", NONE))
            arguments[each.name] = self._argument(value, each.item.type, inside)
        for each in function.parameters:
            if each.item.constrained:
                what = f"parameter {each.name}"
                arguments[each.name] = self._checked(arguments[each.name], each.item, what)
        value = self.value(function.body, inside.naming(arguments))
        self._depth -= 1
        return value

    def _argument(self, value: Value, type_: Type, scope: Expressions) -> Value:
        """Write what a parameter takes; leave where no conversion fits (10.3.2.9.4)."""
        if type_ == ANY:
            return value
        if type_ in PYTHON:
            return scope.as_type(value, type_)
        if conforms(value.type, type_) and not _has_lists(type_):
            return value
        code = self._code
        code.needs_run = True

        def argument(run: Run, given: Any) -> Any:
            coerced = values.coerce(given, type_, run)
            return UNUSUAL if coerced is values.NOT_COERCIBLE else coerced

        made = writer.call(code.constant(argument, "argument"), load(RUN), scope.exact(value).read)
        name = code.let("argument", made)
        unusual = writer.is_(load(name), code.constant(UNUSUAL, "unusual"))
        code.when(unusual, lambda: code.add(self._leave()))
        return Value(name, type_, value.nullable)


class _Written(Known):
    """A function that is written where it is called."""

    def __init__(self, boxed: Boxed, function: FunctionOf, inside: Expressions) -> None:
        super().__init__(each.name for each in function.parameters)
        self._boxed = boxed
        self._function = function
        self._inside = inside

    def called(self, given: Names) -> Value:
        """Write the call with arguments by name."""
        return self._boxed.call(self._function, self._inside, given)


class _Recursive(Known):
    """A function inside of its own body: that goes on for as long as it likes."""

    def called(self, _: Names) -> Value:
        """Raise `Unfit`."""
        raise Unfit


def _has_lists(type_: Type) -> bool:
    """Say whether a value of a type holds lists, the members of which are counted."""
    if isinstance(type_, ContextType):
        return any(_has_lists(entry) for _, entry in type_.entries)
    return isinstance(type_, ListType)


def _mentions(table: Table, known: Iterable[str]) -> bool:
    """Say whether a rule or a default of a table has one of these names, or is no text."""
    named = frozenset(known)
    return any(
        isinstance(each, ast.Name) and each.name in named
        for node in _texts(table)
        for each in ast.walk(node)
    )


def _texts(table: Table) -> Iterator[ast.Node]:
    cells = {id(cell): cell for rule in table.rules for cell in rule.cells}
    outputs = {id(each): each for rule in table.rules for each in rule.outputs}
    for cell in cells.values():
        yield from cell.tests.tests
    for output in (*outputs.values(), *(each.default for each in table.outputs)):
        if output is None:
            continue
        if not isinstance(output, Feel):
            raise Unfit
        yield output.node
