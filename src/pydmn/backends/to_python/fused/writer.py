"""Writes a Python function as a tree: statements, names, constants passed in."""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType
from typing import Any

_PLAIN = (str, int, bool, type(None))
_SMALL = 1 << 62
"""An int with more digits is passed in: Python is slow to write it out, or refuses."""


def load(name: str) -> py.Name:
    """Return the reading of a variable."""
    return py.Name(name, py.Load())


def call(function: py.expr, *arguments: py.expr) -> py.Call:
    """Return a call with positional arguments."""
    return py.Call(function, list(arguments), [])


def method(of: py.expr, name: str, *arguments: py.expr) -> py.Call:
    """Return the call of a method."""
    return call(py.Attribute(of, name, py.Load()), *arguments)


def item(of: py.expr, key: py.expr) -> py.Subscript:
    """Return `of[key]`."""
    return py.Subscript(of, key, py.Load())


def compared(left: py.expr, operator: py.cmpop, right: py.expr) -> py.Compare:
    """Return a comparison."""
    return py.Compare(left, [operator], [right])


def is_(left: py.expr, right: py.expr) -> py.Compare:
    """Return `left is right`."""
    return compared(left, py.Is(), right)


def is_not(left: py.expr, right: py.expr) -> py.Compare:
    """Return `left is not right`."""
    return compared(left, py.IsNot(), right)


def every(*tests: py.expr) -> py.expr:
    """Return the conjunction of `tests`."""
    return tests[0] if len(tests) == 1 else py.BoolOp(py.And(), list(tests))


def some(*tests: py.expr) -> py.expr:
    """Return the disjunction of `tests`."""
    return tests[0] if len(tests) == 1 else py.BoolOp(py.Or(), list(tests))


def either(test: py.expr, then: py.expr, otherwise: py.expr) -> py.IfExp:
    """Return `then if test else otherwise`."""
    return py.IfExp(test, then, otherwise)


def joined(operator: py.operator, left: py.expr, right: py.expr) -> py.BinOp:
    """Return an operation of two operands."""
    return py.BinOp(left, operator, right)


NONE = py.Constant(None)
TRUE = py.Constant(True)
FALSE = py.Constant(False)


class Writer:
    """A function being written: the block that statements go to, and the constants it uses."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self._known: dict[int, str] = {}
        self._count = 0
        self.block: list[py.stmt] = []
        self.needs_run = False
        """Whether a closure is called, which takes a `Run`."""

    def fresh(self, hint: str) -> str:
        """Return a name that nothing else has; of `hint` only what a name may have is kept."""
        self._count += 1
        plain = "".join(each if each.isascii() and each.isalnum() else "_" for each in hint)
        return f"{plain[:30]}_{self._count}"

    def constant(self, value: Any, hint: str = "constant") -> py.expr:
        """Return an expression for `value`, which is passed in unless Python can write it."""
        if type(value) in _PLAIN and (type(value) is not int or abs(value) < _SMALL):
            return py.Constant(value)
        name = self._known.get(id(value))
        if name is None:
            name = self._known[id(value)] = self.fresh(hint)
            self.constants[name] = value
        return load(name)

    def add(self, statement: py.stmt) -> None:
        """Add a statement to the block."""
        self.block.append(statement)

    def let(self, hint: str, value: py.expr) -> str:
        """Give a new variable a value, and return its name."""
        name = self.fresh(hint)
        self.set(name, value)
        return name

    def set(self, name: str, value: py.expr) -> None:
        """Give a variable a value."""
        self.add(py.Assign([py.Name(name, py.Store())], value))

    def when(
        self,
        test: py.expr,
        then: Callable[[], object],
        otherwise: Callable[[], object] | None = None,
    ) -> None:
        """Add a branch; `then` and `otherwise` write its statements."""
        with self.inside([]) as body:
            then()
        with self.inside([]) as other:
            if otherwise is not None:
                otherwise()
        self.add(py.If(test, body or [py.Pass()], other))

    @contextmanager
    def inside(self, block: list[py.stmt]) -> Iterator[list[py.stmt]]:
        """Write into `block` for a while."""
        outer, self.block = self.block, block
        try:
            yield block
        finally:
            self.block = outer

    def function(self, name: str, parameter: str, body: Sequence[py.stmt]) -> Callable[[Any], Any]:
        """Return the function of one parameter that `body` is the body of."""
        arguments = py.arguments([], [py.arg(parameter)], None, [], [], None, [])
        definition = py.FunctionDef(name, arguments, list(body), [], None, None)
        module = py.Module([definition], [])
        text = py.unparse(py.fix_missing_locations(module))
        _locate(module.body, py.parse(text).body)
        code: CodeType = compile(module, f"generated by pydmn: {name}", "exec")
        space: dict[str, Any] = {
            "__builtins__": {},
            "__name__": name,
            "__loader__": _Text(text),
            **self.constants,
        }
        exec(code, space)  # noqa: S102  a tree made here, with generated names alone
        function: Callable[[Any], Any] = space[name]
        return function


class _Text:
    """What shows a generated function's lines in a traceback (the loader of its module)."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_source(self, _: str) -> str:
        """Return the text of the module."""
        return self._text


def _locate(statements: Sequence[py.stmt], shown: Sequence[py.stmt]) -> None:
    """Give each statement the line that it has where it is shown, so that tracebacks show it."""
    for statement, same in zip(statements, shown, strict=True):
        parts: list[py.AST] = [statement]
        for name, value in py.iter_fields(statement):
            if name in ("body", "orelse"):
                _locate(value, getattr(same, name))
            elif name == "handlers":
                for handler, other in zip(value, getattr(same, name), strict=True):
                    _locate(handler.body, other.body)
                    parts.append(handler)
            elif isinstance(value, py.AST):
                parts.extend(py.walk(value))
            elif isinstance(value, list):
                parts.extend(part for each in value for part in py.walk(each))
        for part in parts:
            part.lineno = part.end_lineno = same.lineno  # type: ignore[attr-defined]
            part.col_offset = part.end_col_offset = 0  # type: ignore[attr-defined]
