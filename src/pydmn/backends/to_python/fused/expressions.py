"""FEEL trees to Python statements (DMN 1.5, 10.3.2), as far as it makes them faster.

What is not known here by its form is evaluated by its closure. A value that is not of the type
its place asks for sends the record to the closures altogether.
"""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from pydmn.backends.to_python.expressions import compile_expression
from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.values import INTEGERS, LISTS, PYTHON, entry_type, exact_list
from pydmn.backends.to_python.fused.writer import NONE, Writer, load
from pydmn.backends.to_python.layout import Compiled, FrameSize, Layout
from pydmn.feel import ast, numbers
from pydmn.feel.types import ANY, BOOLEAN, NUMBER, STRING, ContextType, ListType, Type

RUN: Final = "run"
"""The variable that holds the `Run`, where a closure needs one."""


@dataclass(frozen=True, slots=True)
class Value:
    """A variable of the function: its name, its type, whether it may be null.

    A `loose` number may be an int, and a loose list may hold ints, which closures must not see.
    """

    name: str
    type: Type = ANY
    nullable: bool = True
    loose: bool = False

    @property
    def read(self) -> py.Name:
        """The reading of it."""
        return load(self.name)


_OPERATORS: Final[Mapping[str, Callable[[], py.cmpop]]] = {
    "<": py.Lt, "<=": py.LtE, ">": py.Gt, ">=": py.GtE, "=": py.Eq, "!=": py.NotEq,
}  # fmt: skip
_ARITHMETIC: Final = {
    "+": numbers.CONTEXT.add,
    "-": numbers.CONTEXT.subtract,
    "*": numbers.CONTEXT.multiply,
    "/": numbers.CONTEXT.divide,
}
_COMPARABLE: Final = frozenset({NUMBER, STRING})
_EQUATABLE: Final = frozenset({NUMBER, STRING, BOOLEAN})


class Expressions:
    """Writes the expressions of one step; `names` are the variables in scope."""

    def __init__(
        self,
        code: Writer,
        names: Mapping[str, Value],
        leave: Callable[[], py.stmt],
        types: Mapping[str, Type],
        functions: Mapping[str, Callable[..., Any]],
    ) -> None:
        self._code = code
        self._names = dict(names)
        self._leave = leave
        self._types = types
        self._functions = functions
        self.needs_run = False

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

    # --- expressions -------------------------------------------------------------------

    def value(self, node: ast.Expression) -> Value:
        """Write `node`, and return the variable that holds its value."""
        code = self._code
        match node:
            case (
                ast.NumberLiteral(value=constant)
                | ast.StringLiteral(value=constant)
                | ast.BooleanLiteral(value=constant)
            ):
                return self._literal(constant)
            case ast.NullLiteral():
                return Value(code.let("null", NONE))
            case ast.Name(name) if name in self._names:
                return self._names[name]
            case ast.Path(base, name):
                return self._path(node, base, name)
            case ast.Comparison(operator, left, right):
                return self._comparison(node, operator, left, right)
            case ast.Arithmetic(operator, left, right) if operator in _ARITHMETIC:
                return self._arithmetic(node, operator, left, right)
            case ast.Conjunction(operands):
                return self._logical(operands, decisive=False)
            case ast.Disjunction(operands):
                return self._logical(operands, decisive=True)
            case ast.If():
                return self._if(node)
            case ast.Quantified(kind, (ast.Iterator(name, source, None),), condition):
                return self._quantified(node, kind == "some", name, source, condition)
            case ast.Call(ast.Name(name), (argument,)) if name not in self._names:
                return self._call(node, name, argument)
        return self.closure(node)

    def _literal(self, constant: Any) -> Value:
        type_ = next(known for known, class_ in PYTHON.items() if class_ is type(constant))
        written = self._code.constant(constant)
        if not isinstance(written, py.Name):
            written = load(self._code.let("constant", written))
        return Value(written.id, type_, nullable=False)

    def closure(self, node: ast.Expression) -> Value:
        """Write the call of the closure of `node`."""
        read = {each.name for each in ast.walk(node) if isinstance(each, ast.Name)}
        names = {name: value for name, value in self._names.items() if name in read}
        size = FrameSize()
        layout = Layout(size, types=self._types, functions=self._functions).bind(*names)[0]
        return self.called(compile_expression(node, layout), list(names.values()), size)

    def called(self, compiled: Compiled, given: list[Value], size: FrameSize) -> Value:
        """Write the call of a closure; its frame begins with `given`."""
        self.needs_run = True
        slots: list[py.expr] = [load(RUN), *(self.exact(value).read for value in given)]
        slots += [NONE] * (size.slots - len(slots))
        frame = py.List(slots, py.Load())
        code = self._code
        return Value(code.let("value", writer.call(code.constant(compiled, "closure"), frame)))

    def _path(self, node: ast.Expression, base: ast.Expression, name: str) -> Value:
        if not isinstance(base, ast.Name | ast.Path):
            return self.closure(node)
        of = self.value(base)
        if isinstance(of.type, ListType) and isinstance(of.type.element, ContextType):
            return self._entries(of, of.type.element, name)
        if not isinstance(of.type, ContextType) or of.type.get(name) is None:
            return self.closure(node)
        code = self._code
        entry = writer.item(of.read, py.Constant(name))
        read = writer.either(writer.is_(of.read, NONE), NONE, entry) if of.nullable else entry
        return Value(code.let(name, read), entry_type(of.type, name))

    def _entries(self, of: Value, element: ContextType, name: str) -> Value:
        """The path of a list of contexts is the list of their entries (10.3.2.5)."""
        type_ = element.get(name)
        if type_ is None:
            self._code.add(self._leave())
            return Value(of.name)
        each = self._code.fresh("each")
        entries = py.ListComp(
            writer.item(load(each), py.Constant(name)),
            [py.comprehension(py.Name(each, py.Store()), of.read, [], 0)],
        )
        read = writer.either(writer.is_(of.read, NONE), NONE, entries) if of.nullable else entries
        return Value(self._code.let(name, read), ListType(type_), of.nullable)

    def _comparison(
        self, node: ast.Expression, operator: str, left: ast.Expression, right: ast.Expression
    ) -> Value:
        code = self._code
        if operator in ("=", "!=") and isinstance(right, ast.NullLiteral):
            # Null equals null and nothing else; any value may be asked (Table 53).
            of = self.value(left)
            same = writer.is_ if operator == "=" else writer.is_not
            return Value(code.let("same", same(of.read, NONE)), BOOLEAN, nullable=False)
        a, b = self.value(left), self.value(right)
        known = a.type if a.type != ANY else b.type
        allowed = _EQUATABLE if operator in ("=", "!=") else _COMPARABLE
        if known not in allowed or b.type not in (ANY, known):
            return self.closure(node)
        a, b = self.as_type(a, known), self.as_type(b, known)
        a, b = self._like(left, a, b), self._like(right, b, a)
        test: py.expr = writer.compared(a.read, _OPERATORS[operator](), b.read)
        if operator in ("=", "!="):
            return Value(code.let("same", test), BOOLEAN, nullable=False)
        nulls = [writer.is_(each.read, NONE) for each in (a, b) if each.nullable]
        if nulls:
            test = writer.either(writer.some(*nulls), NONE, test)
        return Value(code.let("holds", test), BOOLEAN, nullable=bool(nulls))

    def _like(self, node: ast.Expression, value: Value, other: Value) -> Value:
        """Return a whole number that is written out as an int, to compare it with an int."""
        if not other.loose or not isinstance(node, ast.NumberLiteral):
            return value
        if node.value != node.value.to_integral_value() or abs(node.value) > INTEGERS:
            return value
        name = self._code.let("constant", py.Constant(int(node.value)))
        return Value(name, NUMBER, nullable=False)

    def _arithmetic(
        self, node: ast.Expression, operator: str, left: ast.Expression, right: ast.Expression
    ) -> Value:
        a, b = self.value(left), self.value(right)
        if NUMBER not in (a.type, b.type):
            return self.closure(node)
        if any(each.type not in (ANY, NUMBER) for each in (a, b)):
            return self.closure(node)
        a = self.not_null(self.as_type(a, NUMBER))
        b = self.not_null(self.as_type(b, NUMBER))
        code = self._code
        function = code.constant(_ARITHMETIC[operator], _ARITHMETIC[operator].__name__)
        result = code.let("number", writer.call(function, a.read, b.read))
        return Value(result, NUMBER, nullable=False)

    def _logical(self, operands: tuple[ast.Expression, ...], *, decisive: bool) -> Value:
        """`or` (one true decides) or `and` (one false does), in three values (Table 50)."""
        code = self._code
        values = [self.value(each) for each in operands]
        ends, other = py.Constant(decisive), py.Constant(not decisive)
        nullable = any(each.nullable or each.type != BOOLEAN for each in values)
        undecided: py.expr = other
        if nullable:
            all_other = writer.every(*(writer.is_(each.read, other) for each in values))
            undecided = writer.either(all_other, other, NONE)
        decided = writer.some(*(writer.is_(each.read, ends) for each in values))
        result = code.let("holds", writer.either(decided, ends, undecided))
        return Value(result, BOOLEAN, nullable)

    def _if(self, node: ast.If) -> Value:
        code = self._code
        condition = self.value(node.condition)
        name = code.fresh("chosen")
        branches: list[Value] = []

        def branch(of: ast.Expression) -> None:
            value = self.exact(self.value(of))
            branches.append(value)
            code.set(name, value.read)

        code.when(
            writer.is_(condition.read, writer.TRUE),
            lambda: branch(node.consequence),
            lambda: branch(node.alternative),
        )
        types = {
            branch.type
            for branch, written in zip(branches, (node.consequence, node.alternative), strict=True)
            if not isinstance(written, ast.NullLiteral)
        }
        type_ = types.pop() if len(types) == 1 else ANY
        return Value(name, type_, any(each.nullable for each in branches))

    # --- lists -------------------------------------------------------------------------

    def _quantified(
        self, node: ast.Expression, some: bool, name: str, source: ast.Expression,
        condition: ast.Expression,
    ) -> Value:  # fmt: skip
        if not isinstance(source, ast.Name) or source.name not in self._names:
            return self.closure(node)
        of = self._names[source.name]
        if not isinstance(of.type, ListType) or of.type not in LISTS or not _simple(condition):
            return self.closure(node)
        element = of.type.element
        loose = of.loose
        of = self.not_null(of)
        code = self._code
        result = code.let("holds", py.Constant(not some))
        member = code.fresh(name)
        outer = self._names
        self._names = {**outer, name: Value(member, element, nullable=False, loose=loose)}
        with code.inside([]) as body:
            value = self.value(condition)
            decides = writer.is_(value.read, py.Constant(some))

            def ends() -> None:
                code.set(result, py.Constant(some))
                code.add(py.Break())

            if value.nullable or value.type != BOOLEAN:
                undecided = writer.is_not(value.read, py.Constant(not some))
                code.when(
                    decides, ends, lambda: code.when(undecided, lambda: code.set(result, NONE))
                )
            else:
                code.when(decides, ends)
        self._names = outer
        code.add(py.For(py.Name(member, py.Store()), of.read, body, [], None))
        return Value(result, BOOLEAN)

    def _call(self, node: ast.Expression, name: str, argument: ast.Expression) -> Value:
        code = self._code
        if name not in ("count", "sum") or not isinstance(argument, ast.Name | ast.Path):
            return self.closure(node)
        of = self.value(argument)
        if not isinstance(of.type, ListType) or (name == "sum" and of.type.element != NUMBER):
            return self.closure(node)
        of = self.not_null(of)
        if name == "count":
            length = writer.call(code.constant(len, "len"), of.read)
            return Value(code.let("count", length), NUMBER, nullable=False, loose=True)
        total = writer.call(code.constant(_sum, "sum"), of.read)
        return Value(code.let("sum", total), NUMBER)


def _sum(members: list[Any]) -> Decimal | None:
    """Return the sum of numbers, all of them int or all as FEEL has them; null of none."""
    if not members:
        return None
    if type(members[0]) is int:
        return Decimal(sum(members))
    return numbers.total(members)


def _simple(node: ast.Expression) -> bool:
    """Say whether `node` is written without closures, whatever its names are."""
    match node:
        case ast.Comparison(_, left, right):
            return _simple(left) and _simple(right)
        case ast.Name() | ast.NumberLiteral() | ast.StringLiteral() | ast.BooleanLiteral():
            return True
    return False
