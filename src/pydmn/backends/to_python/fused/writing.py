"""What all that writes one table shares: where it writes, and what it knows."""

from __future__ import annotations

import ast as py
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.expressions import Expressions
from pydmn.backends.to_python.fused.parts import Parts
from pydmn.backends.to_python.fused.tables import TableParts
from pydmn.backends.to_python.fused.variables import Value
from pydmn.backends.to_python.fused.writer import NONE, Writer, load
from pydmn.feel.types import STRING
from pydmn.tables.regions import Region


@dataclass(frozen=True, slots=True)
class Hit:
    """What a function knows of the rules hit: an expression, and what makes their ids of it."""

    read: py.expr
    rules: Callable[[Any], tuple[str, ...]]


NO_HIT: Final = Hit(NONE, lambda _: ())


@dataclass(frozen=True, slots=True)
class Writing:
    """The writing of one table.

    `given` are the values of what it requires, `leave` makes the statement that leaves a record
    to the closures, `chars` is the longest string. Where it is to be `whole`, the rules hit are
    asked for too.
    """

    code: Writer
    expressions: Expressions
    parts: TableParts
    given: list[Value]
    leave: Callable[[], py.stmt]
    chars: int
    whole: bool

    def exact(self, values: list[Value]) -> py.expr:
        """Return the tuple of `values` as closures take them."""
        exact: list[py.expr] = [self.expressions.exact(each).read for each in values]
        return py.Tuple(exact, py.Load())

    def not_too_long(self, value: Value) -> None:
        """Leave where a string is longer than the limits let it be."""
        code = self.code
        length = writer.call(code.constant(len, "len"), value.read)
        long = writer.compared(length, py.Gt(), py.Constant(self.chars))
        tests = [writer.is_not(value.read, NONE), long] if value.nullable else [long]
        code.when(writer.every(*tests), lambda: code.add(self.leave()))

    def found(self, region: Region, column: Value) -> py.expr:
        """Write the look-up of a column's value, and return what its region has for it."""
        code = self.code
        parts = Parts(code, region, lambda mask: mask)
        if column.type != STRING:
            return load(code.let("rules", parts.found(column)))
        if region.cuts:
            self.not_too_long(column)
            return load(code.let("rules", parts.found(column)))
        name = code.let("rules", parts.named(column))

        def unnamed() -> None:
            self.not_too_long(column)
            code.set(name, code.constant(region.other))

        code.when(writer.is_(load(name), NONE), unnamed)
        return load(name)
