"""Expressions of lists: what holds of some or every member, what is kept, what is counted."""

from __future__ import annotations

import ast as py
from decimal import Decimal
from typing import Any

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.conditions import list_of
from pydmn.backends.to_python.fused.scope import Scope
from pydmn.backends.to_python.fused.values import LISTS, literal_type
from pydmn.backends.to_python.fused.variables import Value
from pydmn.backends.to_python.fused.writer import NONE, load
from pydmn.feel import ast, numbers
from pydmn.feel.types import ANY, BOOLEAN, NULL, NUMBER, STRING, ContextType, ListType
from pydmn.tables.cells import literal


class Lists(Scope):
    """Writes the expressions of lists."""

    def listed(self, node: ast.Expression, items: tuple[ast.Expression, ...]) -> Value:
        """A list that is written out: of constants it is one itself."""
        known = [literal(item) for item in items]
        if not all(is_known for is_known, _ in known):
            return self.closure(node)
        values = [value for _, value in known]
        type_ = literal_type(values) if values else NULL
        constant = self._code.constant(values, "list")
        assert isinstance(constant, py.Name)
        return Value(constant.id, ListType(type_ if None not in values else ANY), nullable=False)

    def quantified(
        self,
        node: ast.Expression,
        some: bool,
        name: str,
        source: ast.Expression,
        condition: ast.Expression,
    ) -> Value:
        """Whether a condition holds of some member, or of every one."""
        self.refuse_known(node)  # of a call on each turn nothing would be counted
        of = list_of(source, self._names)
        if of is None:
            return self.closure(node)
        code = self._code
        result = code.let("holds", py.Constant(not some))
        with self.each(of, name) as member, code.inside([]) as body:
            value = self.value(condition)
            decides = writer.is_(value.read, py.Constant(some))

            def ends() -> None:
                code.set(result, py.Constant(some))
                code.add(py.Break())

            def undecided() -> None:
                unlike = writer.is_not(value.read, py.Constant(not some))
                code.when(unlike, lambda: code.set(result, NONE))

            decided = value.type == BOOLEAN and not value.nullable
            code.when(decides, ends, None if decided else undecided)
        loop = py.For(py.Name(member, py.Store()), of.read, body, [], None)
        self._unless_null(of, result, loop)
        return Value(result, BOOLEAN)

    def _unless_null(self, of: Value, result: str, statement: py.stmt) -> None:
        """Write `statement`; where `of` is null the result is null in its place."""
        code = self._code
        if not of.nullable:
            code.add(statement)
            return
        null = writer.is_(of.read, NONE)
        code.when(null, lambda: code.set(result, NONE), lambda: code.add(statement))

    def filtered(
        self, node: ast.Expression, base: ast.Expression, condition: ast.Expression
    ) -> Value:
        """A filter by a condition on its item; one by a position is left to its closure."""
        of = list_of(base, self._names)
        if of is None or of.type not in LISTS or not self.inside_filter(of).is_condition(condition):
            return self.closure(node)
        code = self._code
        result = code.let("kept", py.List([], py.Load()))
        with self.each(of, "item") as member, code.inside([]) as body:
            holds = self.value(condition)
            kept = writer.method(load(result), "append", load(member))
            code.when(writer.is_(holds.read, writer.TRUE), lambda: code.add(py.Expr(kept)))
        loop = py.For(py.Name(member, py.Store()), of.read, body, [], None)
        if of.nullable:  # of null there is nothing to keep
            code.when(writer.is_not(of.read, NONE), lambda: code.add(loop))
        else:
            code.add(loop)
        return Value(result, of.type, nullable=False, loose=of.loose)

    def contains(
        self, node: ast.Expression, listed: ast.Expression, element: ast.Expression
    ) -> Value:
        """Whether a string is a member of a list."""
        code = self._code
        of, member = self.value(listed), self.value(element)
        if member.type != STRING or of.loose:
            return self.closure(node)
        if not isinstance(of.type, ListType):
            class_ = writer.call(code.constant(type, "type"), of.read)
            other = writer.is_not(class_, code.constant(list, "list"))
            unlike = writer.every(other, writer.is_not(of.read, NONE))
            code.when(unlike, lambda: code.add(self._leave()))
        # Strings are equal to strings alone, null to null alone.
        among = self._of_list(of, writer.compared(member.read, py.In(), of.read))
        return Value(code.let("holds", among), BOOLEAN, of.nullable)

    def _of_list(self, of: Value, result: py.expr) -> py.expr:
        """Return `result`, or null where the list `of` is null."""
        return writer.either(writer.is_(of.read, NONE), NONE, result) if of.nullable else result

    def counted(self, node: ast.Expression, name: str, argument: ast.Expression) -> Value:
        """How many members a list has, or the sum of numbers."""
        code = self._code
        of = self.value(argument)
        if not isinstance(of.type, ListType) or (name == "sum" and of.type.element != NUMBER):
            return self.closure(node)
        if name == "count":
            length = self._of_list(of, writer.call(code.constant(len, "len"), of.read))
            return Value(code.let("count", length), NUMBER, of.nullable, loose=True)
        total = self._of_list(of, writer.call(code.constant(_sum, "sum"), of.read))
        return Value(code.let("sum", total), NUMBER)

    def entries(self, of: Value, element: ContextType, name: str) -> Value:
        """The path of a list of contexts is the list of their entries (10.3.2.5)."""
        if element.get(name) is None:
            self._code.add(self._leave())
            return Value(of.name)
        each = self._code.fresh("each")
        entries = py.ListComp(
            writer.item(load(each), py.Constant(name)),
            [py.comprehension(py.Name(each, py.Store()), of.read, [], 0)],
        )
        read = writer.either(writer.is_(of.read, NONE), NONE, entries) if of.nullable else entries
        # An entry may be null, so nothing is said of the type of all of them.
        return Value(self._code.let(name, read), ListType(ANY), of.nullable)


def _sum(members: list[Any]) -> Decimal | None:
    """Return the sum of numbers, all of them int or all as FEEL has them; null of none."""
    if not members:
        return None
    if type(members[0]) is int:
        return Decimal(sum(members))
    return numbers.total(members)
