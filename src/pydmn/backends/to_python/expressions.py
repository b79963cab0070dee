"""FEEL trees to Python closures, one function a node (DMN 1.5, 10.3.2).

Why closures and not generated source: a closure is made in microseconds, needs no text of
the author in a program, and shows up in a traceback under the name of its node. Work that
can be done once is done here: which slot, which builtin, which constant.

Steps are charged where work repeats: on each turn of a loop, filter or function as many as
its body has nodes. What does not repeat is bounded by the size of the expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, assert_never

from pydmn.backends.to_python.layout import Compiled, Frame, Layout
from pydmn.feel import ast, builtins, operators, types, values
from pydmn.feel.names import Scope
from pydmn.feel.text import parse_at_literal
from pydmn.run import Run


def compile_expression(node: ast.Expression, layout: Layout) -> Compiled:
    """Return the function of a frame that evaluates `node`."""
    match node:
        case (
            ast.NumberLiteral(value=value)
            | ast.StringLiteral(value=value)
            | ast.BooleanLiteral(value=value)
        ):
            return _constant(value)
        case ast.NullLiteral():
            return _constant(None)
        case ast.AtLiteral(text):
            return _at_literal(text)
        case ast.Name(name):
            return _name(name, layout)
        case ast.Path(base, name):
            return _path(compile_expression(base, layout), name)
        case ast.Filter():
            return _filter(node, layout)
        case ast.Call():
            return _call(node, layout)
        case ast.Negation(operand):
            return _negation(compile_expression(operand, layout))
        case ast.Arithmetic(operator, left, right):
            return _binary(_ARITHMETIC[operator], left, right, layout)
        case ast.Comparison(operator, left, right):
            return _binary(COMPARISON[operator], left, right, layout)
        case ast.Between():
            return _between(node, layout)
        case ast.In():
            return _in(node, layout)
        case ast.InstanceOf(value, type_node):
            return _instance_of(compile_expression(value, layout), type_node, layout)
        case ast.Conjunction(operands):
            return _conjunction([compile_expression(each, layout) for each in operands])
        case ast.Disjunction(operands):
            return _disjunction([compile_expression(each, layout) for each in operands])
        case ast.If():
            return _if(
                compile_expression(node.condition, layout),
                compile_expression(node.consequence, layout),
                compile_expression(node.alternative, layout),
            )
        case ast.For():
            return _for(node, layout)
        case ast.Quantified():
            return _quantified(node, layout)
        case ast.ListLiteral(items):
            return _list([compile_expression(item, layout) for item in items])
        case ast.ContextLiteral(entries):
            return _context(entries, layout)
        case ast.FunctionLiteral():
            return _function(node, layout)
        case ast.RangeLiteral():
            return _range(node, layout)
        case ast.UnaryComparison(operator, endpoint):
            return _half_range(operator, compile_expression(endpoint, layout))
    assert_never(node)


def weight(node: ast.Node) -> int:
    """Return how many nodes `node` has, itself included: the steps of one evaluation."""
    return sum(1 for _ in ast.walk(node))


# --- leaves ---------------------------------------------------------------------------


def _constant(value: Any) -> Compiled:
    def constant(_: Frame) -> Any:
        return value

    return constant


def _at_literal(text: str) -> Compiled:
    value = parse_at_literal(text)

    def at_literal(frame: Frame) -> Any:
        if value is None:
            frame[0].note("at-literal", f'@"{text}" is no date, time or duration')
        return value

    return at_literal


def _name(name: str, layout: Layout) -> Compiled:
    items, slot = layout.find(name)
    if slot is None:
        outer = _constant(builtins.lookup(name))
        if builtins.lookup(name) is None:
            outer = _unknown(name)
    else:
        outer = _slot(slot)
    if not items:
        return outer

    def member_or_name(frame: Frame) -> Any:
        for item in items:
            value = frame[item]
            if isinstance(value, dict) and name in value:
                return value[name]
        return outer(frame)

    return member_or_name


def _slot(slot: int) -> Compiled:
    def variable(frame: Frame) -> Any:
        return frame[slot]

    return variable


def _unknown(name: str) -> Compiled:
    def unknown(frame: Frame) -> None:
        frame[0].note("unknown-name", f"unknown name `{name}`")

    return unknown


# --- access ---------------------------------------------------------------------------


def _path(base: Compiled, name: str) -> Compiled:
    def path(frame: Frame) -> Any:
        value = base(frame)
        if type(value) is dict and name in value:
            return value[name]
        return None if value is None else values.member(frame[0], value, name)

    return path


def _filter(node: ast.Filter, layout: Layout) -> Compiled:
    base = compile_expression(node.base, layout)
    inside, slot = layout.bind_item()
    condition = compile_expression(node.condition, inside)
    return filtering(base, condition, slot, weight(node.condition))


def filtering(base: Compiled, condition: Compiled, slot: int, cost: int) -> Compiled:
    """Return the filter of `base` (10.3.2.5): by position for a number, else by truth."""

    def filtered(frame: Frame) -> Any:
        run: Run = frame[0]
        value = base(frame)
        items = value if isinstance(value, list) else [] if value is None else [value]
        result: list[Any] = []
        outer = frame[slot]
        try:
            if not items:
                return _nowhere(run, frame, condition, slot)
            for item in items:
                run.charge(cost)
                frame[slot] = item
                verdict = condition(frame)
                if verdict is True:
                    result.append(item)
                elif type(verdict) is Decimal:
                    return _at(run, items, verdict)
                elif verdict is not False and verdict is not None:
                    run.note("filter", "a filter's condition is neither a boolean nor a number")
                    return None
        finally:
            frame[slot] = outer
        return result

    return filtered


def _nowhere(run: Run, frame: Frame, condition: Compiled, slot: int) -> list[Any] | None:
    """Return the filter of an empty list: empty, or null where a position is asked for."""
    notes = len(run.trace.notes)
    frame[slot] = None
    position = condition(frame)
    del run.trace.notes[notes:]
    return _at(run, [], position) if type(position) is Decimal else []


def _at(run: Run, items: list[Any], position: Decimal) -> Any:
    """Return the item at `position`, 1 the first and -1 the last."""
    index = int(position)
    if index != position or not 1 <= abs(index) <= len(items):
        run.note("no-such-item", f"the list has no item {position}: its length is {len(items)}")
        return None
    return items[index - 1 if index > 0 else index]


# --- calls ----------------------------------------------------------------------------


def _call(node: ast.Call, layout: Layout) -> Compiled:
    function = compile_expression(node.function, layout)
    if node.named:
        named = [(each.name, compile_expression(each.value, layout)) for each in node.named]

        def call_named(frame: Frame) -> Any:
            callee = function(frame)
            arguments = {name: value(frame) for name, value in named}
            if not isinstance(callee, values.Function):
                return _not_a_function(frame[0], callee)
            return callee.call_named(frame[0], arguments)

        return call_named
    positional = [compile_expression(each, layout) for each in node.positional]

    def call(frame: Frame) -> Any:
        callee = function(frame)
        arguments = [value(frame) for value in positional]
        if not isinstance(callee, values.Function):
            return _not_a_function(frame[0], callee)
        return callee.call(frame[0], arguments)

    return call


def _not_a_function(run: Run, callee: Any) -> None:
    if callee is not None:
        run.note("not-a-function", "what is called is no function")


@dataclass(frozen=True, slots=True)
class FunctionCode:
    """A function's compiled body, the slots of its parameters, its steps a call."""

    body: Compiled
    slots: list[int]
    cost: int


class Closure(values.Function):
    """A function written in FEEL, with the variables around it (10.3.2.13.2)."""

    __slots__ = ("_body", "_captured", "_cost", "_slots")

    def __init__(
        self, signature: values.Signature, code: FunctionCode, captured: Frame, name: str = "function"
    ) -> None:
        super().__init__(name, (signature,))
        self._body = code.body
        self._slots = code.slots
        self._cost = code.cost
        self._captured = captured

    def see(self, slot: int, value: Any) -> None:
        """Bring `value` into the variables around this function; used while it is made."""
        self._captured[slot] = value

    def invoke(self, run: Run, args: list[Any]) -> Any:
        """Evaluate the body in a frame of its own."""
        run.charge(self._cost)
        frame = self._captured.copy()
        frame[0] = run
        for slot, argument in zip(self._slots, args, strict=True):
            frame[slot] = argument
        return self._body(frame)


def _function(node: ast.FunctionLiteral, layout: Layout) -> Compiled:
    scope = Scope(types=layout.types)
    signature = values.Signature(
        tuple(
            values.Parameter(each.name, (each.type and scope.resolve(each.type)) or types.ANY)
            for each in node.parameters
        )
    )
    if node.external:
        return external_function(signature, _mapping_text(node.body), layout)
    inside, slots = layout.bind(*(each.name for each in node.parameters))
    code = FunctionCode(compile_expression(node.body, inside), slots, weight(node.body))

    def function(frame: Frame) -> Closure:
        return Closure(signature, code, frame.copy())

    return function


class HostFunction(values.Function):
    """An external function that the host registered (10.3.2.13.3)."""

    __slots__ = ("_target",)

    def __init__(
        self, name: str, signature: values.Signature, target: Callable[..., Any]
    ) -> None:
        super().__init__(name, (signature,))
        self._target = target

    def invoke(self, run: Run, args: list[Any]) -> Any:
        """Call the host with FEEL values; null, with a note, where it refuses them."""
        try:
            return self._target(*args)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            run.note("external-function", f"external function `{self.name}`: {error}")
            return None


def external_function(signature: values.Signature, key: str | None, layout: Layout) -> Compiled:
    """Return the function that the host registered under `key` (see `external_key`)."""
    target = layout.functions.get(key) if key else None
    if key is None or target is None:

        def missing(frame: Frame) -> None:
            frame[0].note("external-function", f"external function `{key}` is not registered")

        return missing
    return _constant(HostFunction(key, signature, target))


def _mapping_text(body: ast.Expression) -> str | None:
    """Return the key of `{java: {class: "c", method signature: "m(t)"}}`, or None."""
    match body:
        case ast.ContextLiteral((ast.ContextEntry("java", ast.ContextLiteral(entries)),)):
            found = {
                entry.key: entry.value.value
                for entry in entries
                if isinstance(entry.value, ast.StringLiteral)
            }
            if "class" in found and "method signature" in found:
                return external_key(found["class"], found["method signature"])
    return None


def external_key(class_name: str, signature: str) -> str:
    """Return the registry's key of a Java method: no blanks in its signature.

    >>> external_key("java.lang.Math", "max( double, double )")
    'java.lang.Math.max(double,double)'
    """
    return f"{class_name.strip()}.{''.join(signature.split())}"


# --- operators ------------------------------------------------------------------------

Binary: TypeAlias = Callable[[Run, Any, Any], Any]
_ARITHMETIC: dict[str, Binary] = {
    "+": operators.add,
    "-": operators.subtract,
    "*": operators.multiply,
    "/": operators.divide,
    "**": operators.power,
}
COMPARISON: dict[str, Binary] = {
    "=": operators.equals,
    "!=": operators.not_equals,
    "<": operators.less,
    "<=": operators.less_or_equal,
    ">": operators.greater,
    ">=": operators.greater_or_equal,
}


def _negation(operand: Compiled) -> Compiled:
    negate = operators.negate

    def negation(frame: Frame) -> Any:
        return negate(frame[0], operand(frame))

    return negation


def _binary(
    function: Binary, left: ast.Expression, right: ast.Expression, layout: Layout
) -> Compiled:
    a = compile_expression(left, layout)
    b = compile_expression(right, layout)

    def binary(frame: Frame) -> Any:
        return function(frame[0], a(frame), b(frame))

    return binary


def _between(node: ast.Between, layout: Layout) -> Compiled:
    value = compile_expression(node.value, layout)
    low = compile_expression(node.low, layout)
    high = compile_expression(node.high, layout)

    def between(frame: Frame) -> Any:
        return operators.between(frame[0], value(frame), low(frame), high(frame))

    return between


def _in(node: ast.In, layout: Layout) -> Compiled:
    # Here, not at the top: the tests of a cell are made of expressions too.
    from pydmn.backends.to_python.tests import compile_tests

    value = compile_expression(node.value, layout)
    inside, (slot,) = layout.bind("?")
    test = compile_tests(node.tests, inside, slot)

    def contained(frame: Frame) -> Any:
        return test(frame, value(frame))

    return contained


def _instance_of(value: Compiled, node: ast.TypeNode, layout: Layout) -> Compiled:
    type_ = Scope(types=layout.types).resolve(node)

    def instance_of(frame: Frame) -> bool | None:
        if type_ is None:
            frame[0].note("unknown-type", "the type of `instance of` is unknown")
            return None
        return values.instance_of(value(frame), type_, frame[0])

    return instance_of


def _conjunction(operands: list[Compiled]) -> Compiled:
    def conjunction(frame: Frame) -> bool | None:
        result: bool | None = True
        for operand in operands:
            value = operand(frame)
            if value is False:
                return False
            if value is not True:
                result = None
        return result

    return conjunction


def _disjunction(operands: list[Compiled]) -> Compiled:
    def disjunction(frame: Frame) -> bool | None:
        result: bool | None = False
        for operand in operands:
            value = operand(frame)
            if value is True:
                return True
            if value is not False:
                result = None
        return result

    return disjunction


# --- control --------------------------------------------------------------------------


def _if(condition: Compiled, consequence: Compiled, alternative: Compiled) -> Compiled:
    def choice(frame: Frame) -> Any:
        return consequence(frame) if condition(frame) is True else alternative(frame)

    return choice


def _for(node: ast.For, layout: Layout) -> Compiled:
    inside, (partial_slot,) = layout.bind("partial")
    inside, loops = _loops(node.iterators, inside)
    body = compile_expression(node.body, inside)
    cost = weight(node.body)
    uses_partial = reads(node.body, "partial")

    def loop(frame: Frame) -> list[Any] | None:
        run: Run = frame[0]
        most = run.limits.items
        result: list[Any] = []
        outer = frame[partial_slot]
        for turn in _turns(frame, loops):
            if not turn:
                return None
            run.charge(cost)
            if uses_partial:
                # A copy, for a value never changes; charged, for it is work.
                run.charge(len(result))
                frame[partial_slot] = result.copy()
            result.append(body(frame))
            if len(result) > most:
                run.limits.exceeded("items")
        frame[partial_slot] = outer
        return result

    return loop


def _quantified(node: ast.Quantified, layout: Layout) -> Compiled:
    inside, loops = _loops(node.iterators, layout)
    condition = compile_expression(node.condition, inside)
    cost = weight(node.condition)
    decisive = node.kind == "some"

    def quantified(frame: Frame) -> bool | None:
        run: Run = frame[0]
        result: bool | None = not decisive
        for turn in _turns(frame, loops):
            if not turn:
                return None
            run.charge(cost)
            value = condition(frame)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                result = None
        return result

    return quantified


Loop: TypeAlias = tuple[int, Compiled, Compiled | None]


def _loops(iterators: Iterable[ast.Iterator], layout: Layout) -> tuple[Layout, list[Loop]]:
    """Return the layout inside, and each iterator's slot, source and end."""
    loops: list[Loop] = []
    for each in iterators:
        source = compile_expression(each.source, layout)
        until = compile_expression(each.until, layout) if each.until is not None else None
        layout, (slot,) = layout.bind(each.name)
        loops.append((slot, source, until))
    return layout, loops


def _turns(frame: Frame, loops: list[Loop]) -> Iterator[bool]:
    """Set the slots of `loops` to each combination in turn, the last one fastest.

    Yields True a turn; or False, once and as the last, where a source cannot be gone
    through.
    """
    slot, source, until = loops[0]
    run: Run = frame[0]
    items = (
        operators.iterate(run, source(frame))
        if until is None
        else operators.iterate_between(run, source(frame), until(frame))
    )
    if items is None:
        yield False
        return
    inner = loops[1:]
    for item in items:
        frame[slot] = item
        if not inner:
            yield True
            continue
        run.charge(1)
        for turn in _turns(frame, inner):
            yield turn
            if not turn:
                return


def reads(node: ast.Node, name: str) -> bool:
    """Say whether `name` occurs anywhere in `node`."""
    return any(isinstance(each, ast.Name) and each.name == name for each in ast.walk(node))


# --- constructors ---------------------------------------------------------------------


def _list(items: list[Compiled]) -> Compiled:
    def list_literal(frame: Frame) -> list[Any]:
        return [item(frame) for item in items]

    return list_literal


def _context(entries: tuple[ast.ContextEntry, ...], layout: Layout) -> Compiled:
    steps: list[tuple[str, int, Compiled]] = []
    keys: set[str] = set()
    for entry in entries:
        value = compile_expression(entry.value, layout)
        layout, (slot,) = layout.bind(entry.key)
        steps.append((entry.key, slot, value))
        keys.add(entry.key)
    unique = len(keys) == len(entries)

    def context_literal(frame: Frame) -> dict[str, Any] | None:
        if not unique:
            frame[0].note("duplicate-entry", "a context has two entries of one name")
            return None
        result = {}
        for key, slot, value in steps:
            result[key] = frame[slot] = value(frame)
        return result

    return context_literal


def _range(node: ast.RangeLiteral, layout: Layout) -> Compiled:
    low = compile_expression(node.low, layout)
    high = compile_expression(node.high, layout)
    low_closed, high_closed = node.low_closed, node.high_closed

    def range_literal(frame: Frame) -> Any:
        return operators.make_range(frame[0], low(frame), high(frame), low_closed, high_closed)

    return range_literal


def _half_range(operator: ast.ComparisonOperator, endpoint: Compiled) -> Compiled:
    def half_range(frame: Frame) -> Any:
        return operators.make_comparison_range(frame[0], operator, endpoint(frame))

    return half_range
