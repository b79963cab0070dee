"""FEEL trees to Python closures, one function a node (DMN 1.5, 10.3.2).

Why closures and not generated source: a closure is made in microseconds, needs no text of
the author in a program, and shows up in a traceback under the name of its node. Work that
can be done once is done here: which slot, which builtin, which constant.

Steps are charged where work repeats: on each turn of a loop, filter or function as many as
its body has nodes. What does not repeat is bounded by the size of the expression.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, assert_never

from pydmn.backends.to_python.access import (
    compile_name,
    compile_path,
    constant,
    filtering,
    weight,
)
from pydmn.backends.to_python.cells import COMPARISONS, compile_tests
from pydmn.backends.to_python.functions import compile_call, compile_function
from pydmn.backends.to_python.layout import INPUT, Compiled, Frame, Layout
from pydmn.backends.to_python.loops import compile_for, compile_quantified
from pydmn.feel import ast, operators, values
from pydmn.feel.names import Scope
from pydmn.feel.text import parse_at_literal
from pydmn.run import Run

Binary: TypeAlias = Callable[[Run, Any, Any], Any]


def compile_expression(node: ast.Expression, layout: Layout) -> Compiled:
    """Return the function of a frame that evaluates `node`."""
    match node:
        case (
            ast.NumberLiteral(value=value)
            | ast.StringLiteral(value=value)
            | ast.BooleanLiteral(value=value)
        ):
            return constant(value)
        case ast.NullLiteral():
            return constant(None)
        case ast.AtLiteral(text):
            return _at_literal(text)
        case ast.Name(name):
            return compile_name(name, layout)
        case ast.Path(base, name):
            return compile_path(compile_expression(base, layout), name)
        case ast.Filter():
            return _filter(node, layout)
        case ast.Call():
            return compile_call(node, layout, compile_expression)
        case ast.Negation(operand):
            return _negation(compile_expression(operand, layout))
        case ast.Arithmetic(operator, left, right):
            return _binary(_ARITHMETIC[operator], left, right, layout)
        case ast.Comparison(operator, left, right):
            return _binary(COMPARISONS[operator], left, right, layout)
        case ast.Between():
            return _between(node, layout)
        case ast.In():
            return _in(node, layout)
        case ast.InstanceOf(value, type_node):
            return _instance_of(compile_expression(value, layout), type_node, layout)
        case ast.Conjunction(operands):
            parts = [compile_expression(each, layout) for each in operands]
            return _logical(parts, "and", decisive=False)
        case ast.Disjunction(operands):
            parts = [compile_expression(each, layout) for each in operands]
            return _logical(parts, "or", decisive=True)
        case ast.If():
            return _if(
                compile_expression(node.condition, layout),
                compile_expression(node.consequence, layout),
                compile_expression(node.alternative, layout),
            )
        case ast.For():
            return compile_for(node, layout, compile_expression)
        case ast.Quantified():
            return compile_quantified(node, layout, compile_expression)
        case ast.ListLiteral(items):
            return _list([compile_expression(item, layout) for item in items])
        case ast.ContextLiteral(entries):
            return _context(entries, layout)
        case ast.FunctionLiteral():
            return compile_function(node, layout, compile_expression)
        case ast.RangeLiteral():
            return _range(node, layout)
        case ast.UnaryComparison(operator, endpoint):
            return _half_range(operator, compile_expression(endpoint, layout))
    assert_never(node)


def _at_literal(text: str) -> Compiled:
    value = parse_at_literal(text)

    def at_literal(frame: Frame) -> Any:
        if value is None:
            frame[0].note("at-literal", f'@"{text}" is no date, time or duration')
        return value

    return at_literal


def _filter(node: ast.Filter, layout: Layout) -> Compiled:
    base = compile_expression(node.base, layout)
    inside, slot = layout.bind_item()
    condition = compile_expression(node.condition, inside)
    return filtering(base, condition, slot, weight(node.condition))


# --- operators ------------------------------------------------------------------------

_ARITHMETIC: dict[str, Binary] = {
    "+": operators.add,
    "-": operators.subtract,
    "*": operators.multiply,
    "/": operators.divide,
    "**": operators.power,
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
    value = compile_expression(node.value, layout)
    _, outer = layout.find(INPUT)
    if outer is None:
        inside, (slot,) = layout.bind(INPUT)
    else:
        # In a cell `?` stays what the cell tests, on the right of `in` too (Table 55).
        inside, slot = layout, layout.size.take()
    test = compile_tests(node.tests, inside, slot, compile_expression)

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


def _logical(operands: list[Compiled], operator: str, *, decisive: bool) -> Compiled:
    """Return `or` (one True decides) or `and` (one False does), in three values (Table 50)."""

    def logical(frame: Frame) -> bool | None:
        result: bool | None = not decisive
        unfit: object = None
        for operand in operands:
            value: object = operand(frame)
            if value is decisive:
                return decisive
            if type(value) is not bool:
                result, unfit = None, value
        if result is None:
            described = values.described(unfit)
            frame[0].note("operand-type", f"`{operator}` takes booleans, not {described}")
        return result

    return logical


def _if(condition: Compiled, consequence: Compiled, alternative: Compiled) -> Compiled:
    def choice(frame: Frame) -> Any:
        return consequence(frame) if condition(frame) is True else alternative(frame)

    return choice


# --- constructors ---------------------------------------------------------------------


def _list(items: list[Compiled]) -> Compiled:
    def list_literal(frame: Frame) -> list[Any]:
        return [item(frame) for item in items]

    return list_literal


def _context(entries: tuple[ast.ContextEntry, ...], layout: Layout) -> Compiled:
    steps: list[tuple[str, int, Compiled]] = []
    for entry in entries:
        value = compile_expression(entry.value, layout)
        layout, (slot,) = layout.bind(entry.key)
        steps.append((entry.key, slot, value))
    unique = len({key for key, _, _ in steps}) == len(steps)

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
