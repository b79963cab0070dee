"""What expressions are written with: the variables in scope, and what a value must be."""

from __future__ import annotations

import ast as py
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any, Self

from pydmn.backends.to_python.expressions import compile_expression
from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.conditions import is_condition
from pydmn.backends.to_python.fused.unfit import Unfit, refuse_long
from pydmn.backends.to_python.fused.values import LISTS, PYTHON, exact_list
from pydmn.backends.to_python.fused.variables import RUN, Known, Value
from pydmn.backends.to_python.fused.writer import NONE, Writer, load
from pydmn.backends.to_python.layout import INPUT, Compiled, FrameSize, Layout
from pydmn.feel import ast
from pydmn.feel.types import ANY, NUMBER, ListType, Type
from pydmn.plan.logic import Step


class Scope(ABC):
    """The expressions of one step are written in it; `names` are the variables that it has.

    `known` are the functions that it has by name; no variable has the same.
    """

    def __init__(
        self,
        code: Writer,
        names: Mapping[str, Value],
        leave: Callable[[], py.stmt],
        step: Step | None,
        functions: Mapping[str, Callable[..., Any]],
        known: Mapping[str, Known] | None = None,
    ) -> None:
        self._code = code
        self._names = dict(names)
        self._leave = leave
        self._step = step
        self._types = {} if step is None else step.types
        self.functions = functions
        """What the host has registered."""
        self.known: Mapping[str, Known] = known or {}
        """The functions of the model."""

    @abstractmethod
    def value(self, node: ast.Expression) -> Value:
        """Write `node`, and return the variable that holds its value."""

    # --- what a value must be ----------------------------------------------------------

    def exact(self, value: Value) -> Value:
        """Return a number as FEEL has it, for what does not take an int."""
        if not value.loose:
            return value
        code = self._code
        if value.type != NUMBER:
            listed = writer.call(code.constant(exact_list, "numbers"), value.read)
            return replace(value, name=code.let(value.name, listed), loose=False)
        class_ = code.constant(type, "type")
        integer, decimal = code.constant(int, "int"), code.constant(Decimal, "Decimal")
        name = code.let(
            value.name,
            writer.either(
                writer.is_(writer.call(class_, value.read), integer),
                writer.call(decimal, value.read),
                value.read,
            ),
        )
        return replace(value, name=name, loose=False)

    def as_type(self, value: Value, type_: Type) -> Value:
        """Return `value` known to be of `type_` or null; leave where it is not."""
        if value.type == type_:
            return value
        code = self._code
        wanted = PYTHON.get(type_)
        if wanted is None or value.type not in (ANY, type_):
            code.add(self._leave())
            return replace(value, type=type_)
        class_ = writer.call(code.constant(type, "type"), value.read)
        other = writer.is_not(class_, code.constant(wanted, wanted.__name__))
        tests = [other, writer.is_not(value.read, NONE)] if value.nullable else [other]
        code.when(writer.every(*tests), lambda: code.add(self._leave()))
        return replace(value, type=type_)

    def not_null(self, value: Value) -> Value:
        """Return `value` known not to be null; leave where it is."""
        if value.nullable:
            code = self._code
            code.when(writer.is_(value.read, NONE), lambda: code.add(self._leave()))
        return replace(value, nullable=False)

    @property
    def names(self) -> Mapping[str, Value]:
        """The variables in scope."""
        return self._names

    @property
    def step(self) -> Step:
        """The step whose logic is written."""
        assert self._step is not None
        return self._step

    # --- closures ----------------------------------------------------------------------

    def closure(self, node: ast.Expression) -> Value:
        """Write the call of the closure of `node`. Raises `Unfit`."""
        refuse_long(node)
        self.refuse_known(node)
        read = {each.name for each in ast.walk(node) if isinstance(each, ast.Name)}
        names = {name: value for name, value in self._names.items() if name in read}
        size = FrameSize()
        layout = Layout(size, types=self._types, functions=self.functions).bind(*names)[0]
        return self.called(compile_expression(node, layout), list(names.values()), size)

    def called(self, compiled: Compiled, given: list[Value], size: FrameSize) -> Value:
        """Write the call of a closure; its frame begins with `given`."""
        self._code.needs_run = True
        slots: list[py.expr] = [load(RUN), *(self.exact(value).read for value in given)]
        slots += [NONE] * (size.slots - len(slots))
        frame = py.List(slots, py.Load())
        code = self._code
        return Value(code.let("value", writer.call(code.constant(compiled, "closure"), frame)))

    # --- scopes inside -----------------------------------------------------------------

    @contextmanager
    def each(self, of: Value, name: str) -> Iterator[str]:
        """Bring a member of the list `of` into scope, and give its variable."""
        assert isinstance(of.type, ListType)
        member = self._code.fresh(name)
        nullable = of.type not in LISTS
        outer = self._names
        value = Value(member, of.type.element, nullable, of.loose)
        self._names = {**outer, name: value}
        try:
            yield member
        finally:
            self._names = outer

    def inside(self, tested: Value) -> Self:
        """Return what writes the cells of a column: `?` is its value."""
        return self._with(INPUT, tested)

    def inside_filter(self, of: Value) -> Self:
        """Return what writes the condition of a filter of strings or numbers."""
        assert isinstance(of.type, ListType)
        return self._with("item", Value("item", of.type.element, nullable=False))

    def _with(self, name: str, value: Value) -> Self:
        return self.naming({name: value})

    def naming(self, values: Mapping[str, Value]) -> Self:
        """Return a scope that has these variables too."""
        known = {name: each for name, each in self.known.items() if name not in values}
        return self._having({**self._names, **values}, known)

    def knowing(self, name: str, function: Known) -> Self:
        """Return a scope that has this function too."""
        names = {each: value for each, value in self._names.items() if each != name}
        return self._having(names, {**self.known, name: function})

    def _having(self, names: Mapping[str, Value], known: Mapping[str, Known]) -> Self:
        return type(self)(self._code, names, self._leave, self._step, self.functions, known)

    def refuse_known(self, node: ast.Node) -> None:
        """Raise `Unfit` for an expression with a function of the model in it."""
        if self.known and any(
            isinstance(each, ast.Name) and each.name in self.known for each in ast.walk(node)
        ):
            raise Unfit

    def is_condition(self, node: ast.Node) -> bool:
        """Say whether `node` is written here as a boolean or null, and by no closure."""
        return is_condition(node, self._names)
