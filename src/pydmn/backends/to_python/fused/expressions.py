"""FEEL trees to Python statements (DMN 1.5, 10.3.2), as far as it makes them faster.

What is not known here by its form is evaluated by its closure. A value that is not of the type
its place asks for sends the record to the closures altogether.
"""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydmn.backends.to_python.expressions import compile_expression
from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.lists import Lists
from pydmn.backends.to_python.fused.parts import Parts
from pydmn.backends.to_python.fused.unfit import Unfit
from pydmn.backends.to_python.fused.values import (
    INTEGERS,
    PYTHON,
    entry_type,
)  # fmt: skip
from pydmn.backends.to_python.fused.variables import Known, Value
from pydmn.backends.to_python.fused.writer import NONE, load
from pydmn.backends.to_python.layout import FrameSize, Layout
from pydmn.feel import ast, numbers
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    NULL,
    NUMBER,
    STRING,
    BasicType,
    ContextType,
    ListType,
)  # fmt: skip
from pydmn.run import Run
from pydmn.tables.cells import constants_of
from pydmn.tables.regions import verdicts

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


class Expressions(Lists):
    """Writes the expressions of one step."""

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
                return self.quantified(node, kind == "some", name, source, condition)
            case ast.Filter(base, condition):
                return self.filtered(node, base, condition)
            case ast.In(tested, _):
                return self._in(node, tested)
            case ast.ListLiteral(items):
                return self.listed(node, items)
            case ast.Call(ast.Name(name)) if name in self.known:
                return self._written(node, self.known[name])
            case ast.Call(ast.Name(name), arguments) if name not in self._names and arguments:
                return self._call(node, name, arguments)
        return self.closure(node)

    def _literal(self, constant: Any) -> Value:
        type_ = next(known for known, class_ in PYTHON.items() if class_ is type(constant))
        written = self._code.constant(constant)
        if not isinstance(written, py.Name):
            written = load(self._code.let("constant", written))
        return Value(written.id, type_, nullable=False)

    def _path(self, node: ast.Expression, base: ast.Expression, name: str) -> Value:
        if not isinstance(base, ast.Name | ast.Path):
            return self.closure(node)
        of = self.value(base)
        if isinstance(of.type, ListType) and isinstance(of.type.element, ContextType):
            return self.entries(of, of.type.element, name)
        if not isinstance(of.type, ContextType) or of.type.get(name) is None:
            return self.closure(node)
        code = self._code
        entry = writer.item(of.read, py.Constant(name))
        read = writer.either(writer.is_(of.read, NONE), NONE, entry) if of.nullable else entry
        return Value(code.let(name, read), entry_type(of.type, name))

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
        if len(types) > 1:
            types.discard(ListType(NULL))  # an empty list is a list of anything
        type_ = types.pop() if len(types) == 1 else ANY
        return Value(name, type_, any(each.nullable for each in branches))

    def _in(self, node: ast.In, tested: ast.Expression) -> Value:
        """A value among constants: what the closure says of each part of its values."""
        if not isinstance(tested, ast.Name) or tested.name not in self._names:
            return self.closure(node)
        of = self._names[tested.name]
        found = constants_of(node, tested.name, of.type)
        if found is None:
            return self.closure(node)
        assert isinstance(of.type, BasicType)
        size = FrameSize()
        layout, (slot,) = Layout(size).bind(tested.name)
        compiled = compile_expression(node, layout)

        def holds(value: Any) -> bool | None:
            frame: list[Any] = [None] * size.slots
            frame[0] = Run()
            frame[slot] = value
            answer = compiled(frame)
            return answer if type(answer) is bool else None

        region = verdicts(holds, found, of.type)
        parts = Parts(self._code, region, (False, True, None).__getitem__)
        return Value(self._code.let("holds", parts.found(of)), BOOLEAN)

    def _written(self, node: ast.Call, function: Known) -> Value:
        """Write a call of a function of the model."""
        if node.named:
            arguments = [(each.name, each.value) for each in node.named]
        elif len(node.positional) == len(function.parameters):
            arguments = [*zip(function.parameters, node.positional, strict=True)]
        else:
            raise Unfit
        given = {name: self.value(value) for name, value in arguments}
        if len(given) < len(arguments):
            raise Unfit
        return function.called(given)

    def _call(
        self, node: ast.Expression, name: str, arguments: tuple[ast.Expression, ...]
    ) -> Value:
        code = self._code
        match name, arguments:
            case "not", (operand,):
                value = self.value(operand)
                opposite = py.UnaryOp(py.Not(), value.read)
                boolean = writer.is_(
                    writer.call(code.constant(type, "type"), value.read),
                    code.constant(bool, "bool"),
                )
                known = value.type == BOOLEAN and not value.nullable
                result = opposite if known else writer.either(boolean, opposite, NONE)
                return Value(code.let("holds", result), BOOLEAN, nullable=not known)
            case "list contains", (ast.Name() | ast.Path(), ast.Name() | ast.StringLiteral()):
                return self.contains(node, *arguments)
            case "count" | "sum", (ast.Name() | ast.Path() as argument,):
                return self.counted(node, name, argument)
        return self.closure(node)
