"""FEEL trees to Python statements (DMN 1.5, 10.3.2), as far as it makes them faster.

What is not known here by its form is evaluated by its closure. A value that is not of the type
its place asks for sends the record to the closures altogether.
"""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from pydmn.backends.to_python.expressions import compile_expression
from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.parts import Parts
from pydmn.backends.to_python.fused.unfit import refuse_long
from pydmn.backends.to_python.fused.values import (
    INTEGERS,
    LISTS,
    PYTHON,
    entry_type,
    exact_list,
    literal_type,
)  # fmt: skip
from pydmn.backends.to_python.fused.variables import RUN, Value
from pydmn.backends.to_python.fused.writer import NONE, Writer, load
from pydmn.backends.to_python.layout import INPUT, Compiled, FrameSize, Layout
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
    Type,
)  # fmt: skip
from pydmn.run import Run
from pydmn.tables.cells import constants_of, literal
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
            case ast.Filter(base, condition):
                return self._filter(node, base, condition)
            case ast.In(tested, _):
                return self._in(node, tested)
            case ast.ListLiteral(items):
                return self._list(node, items)
            case ast.Call(ast.Name(name), arguments) if name not in self._names and arguments:
                return self._call(node, name, arguments)
        return self.closure(node)

    def _literal(self, constant: Any) -> Value:
        type_ = next(known for known, class_ in PYTHON.items() if class_ is type(constant))
        written = self._code.constant(constant)
        if not isinstance(written, py.Name):
            written = load(self._code.let("constant", written))
        return Value(written.id, type_, nullable=False)

    def closure(self, node: ast.Expression) -> Value:
        """Write the call of the closure of `node`. Raises `Unfit`."""
        refuse_long(node)
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

    # --- lists -------------------------------------------------------------------------

    def _quantified(
        self,
        node: ast.Expression,
        some: bool,
        name: str,
        source: ast.Expression,
        condition: ast.Expression,
    ) -> Value:
        of = self._list_of(source)
        if of is None:
            return self.closure(node)
        code = self._code
        result = code.let("holds", py.Constant(not some))
        with self._each(of, name) as member, code.inside([]) as body:
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

    def _filter(
        self, node: ast.Expression, base: ast.Expression, condition: ast.Expression
    ) -> Value:
        """A filter by a condition on its item; one by a position is left to its closure."""
        of = self._list_of(base)
        if of is None or of.type not in LISTS or not self.inside_filter(of).is_condition(condition):
            return self.closure(node)
        code = self._code
        result = code.let("kept", py.List([], py.Load()))
        with self._each(of, "item") as member, code.inside([]) as body:
            holds = self.value(condition)
            kept = writer.method(load(result), "append", load(member))
            code.when(writer.is_(holds.read, writer.TRUE), lambda: code.add(py.Expr(kept)))
        loop = py.For(py.Name(member, py.Store()), of.read, body, [], None)
        if of.nullable:  # of null there is nothing to keep
            code.when(writer.is_not(of.read, NONE), lambda: code.add(loop))
        else:
            code.add(loop)
        return Value(result, of.type, nullable=False, loose=of.loose)

    def _list_of(self, source: ast.Expression) -> Value | None:
        """Return a variable that is a list of values of one type, or None for anything else."""
        if not isinstance(source, ast.Name) or source.name not in self._names:
            return None
        of = self._names[source.name]
        if not isinstance(of.type, ListType) or of.type.element == ANY:
            return None
        return of

    @contextmanager
    def _each(self, of: Value, name: str) -> Iterator[str]:
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

    def inside(self, tested: Value) -> Expressions:
        """Return what writes the cells of a column: `?` is its value."""
        return self._with(INPUT, tested)

    def inside_filter(self, of: Value) -> Expressions:
        """Return what writes the condition of a filter of strings or numbers."""
        assert isinstance(of.type, ListType)
        return self._with("item", Value("item", of.type.element, nullable=False))

    def _with(self, name: str, value: Value) -> Expressions:
        names = {**self._names, name: value}
        return Expressions(self._code, names, self._leave, self._types, self._functions)

    def is_condition(self, node: ast.Node) -> bool:
        """Say whether `node` is written here as a boolean or null, and by no closure."""
        match node:
            case ast.Conjunction(operands) | ast.Disjunction(operands):
                return all(map(self.is_condition, operands))
            case ast.Call(ast.Name("not"), (operand,)):
                return self.is_condition(operand)
            case ast.Call(
                ast.Name("list contains"), (ast.Name(list_), ast.Name() | ast.StringLiteral())
            ):
                return list_ in self._names
            case ast.Comparison(_, left, right):
                return self._is_number(left) and self._is_number(right)
            case ast.In(ast.Name(name)):
                value = self._names.get(name)
                return value is not None and constants_of(node, name, value.type) is not None
            case ast.Quantified(_, (ast.Iterator(name, source, None),), condition):
                of = self._list_of(source)
                if of is None:
                    return False
                assert isinstance(of.type, ListType)
                member = Value(name, of.type.element, of.type not in LISTS)
                return self._with(name, member).is_condition(condition)
        return False

    def _is_number(self, node: ast.Node) -> bool:
        match node:
            case ast.NumberLiteral():
                return True
            case ast.Call(ast.Name("count"), (ast.Name(name),)):
                return name in self._names and isinstance(self._names[name].type, ListType)
            case ast.Name(name):
                return name in self._names and self._names[name].type == NUMBER
        return False

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

    def _list(self, node: ast.Expression, items: tuple[ast.Expression, ...]) -> Value:
        known = [literal(item) for item in items]
        if not all(is_known for is_known, _ in known):
            return self.closure(node)
        values = [value for _, value in known]
        type_ = literal_type(values) if values else NULL
        listed = self._code.constant(values, "list")
        assert isinstance(listed, py.Name)
        return Value(listed.id, ListType(type_ if None not in values else ANY), nullable=False)

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
                return self._contains(node, *arguments)
            case "count" | "sum", (ast.Name() | ast.Path() as argument,):
                return self._counted(node, name, argument)
        return self.closure(node)

    def _contains(
        self, node: ast.Expression, listed: ast.Expression, element: ast.Expression
    ) -> Value:
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

    def _counted(self, node: ast.Expression, name: str, argument: ast.Expression) -> Value:
        code = self._code
        of = self.value(argument)
        if not isinstance(of.type, ListType) or (name == "sum" and of.type.element != NUMBER):
            return self.closure(node)
        if name == "count":
            length = self._of_list(of, writer.call(code.constant(len, "len"), of.read))
            return Value(code.let("count", length), NUMBER, of.nullable, loose=True)
        total = self._of_list(of, writer.call(code.constant(_sum, "sum"), of.read))
        return Value(code.let("sum", total), NUMBER)


def _sum(members: list[Any]) -> Decimal | None:
    """Return the sum of numbers, all of them int or all as FEEL has them; null of none."""
    if not members:
        return None
    if type(members[0]) is int:
        return Decimal(sum(members))
    return numbers.total(members)
