"""Functions and calls (rules 40 to 44, 55)."""

from __future__ import annotations

from pydmn.feel import ast
from pydmn.feel.lexer import Kind
from pydmn.feel.names import MAX_NAME_TOKENS, is_name_part
from pydmn.feel.parser.reader import Read, Reader, highest
from pydmn.feel.parser.types import read_type
from pydmn.feel.types import ANY, FunctionType


def literal(reader: Reader) -> Read:
    """Read `function(parameters) body`, external or not."""
    start = reader.advance().start
    opening = reader.token
    reader.expect("(", "`(` and the parameters")
    parameters: list[ast.Parameter] = []
    while reader.token.text != ")" or parameters:
        begin = reader.token.start
        name = reader.defined("a parameter")
        type_ = read_type(reader) if reader.accept(":") else None
        parameters.append(ast.Parameter(name, type_, span=reader.span(begin)))
        if not reader.accept(","):
            break
    reader.close(")", opening, "`,` or `)`")
    external = reader.accept("external")
    types = tuple((node.type and reader.scope.resolve(node.type)) or ANY for node in parameters)
    for parameter, known in zip(parameters, types, strict=True):
        reader.names.enter(parameter.name, known)
    body = reader.expression()
    reader.names.leave(*(parameter.name for parameter in parameters))
    node = ast.FunctionLiteral(tuple(parameters), body.node, external, span=reader.span(start))
    result = ANY if external else body.type
    return reader.made(node, FunctionType(types, result), start, body.height)


def negation(reader: Reader) -> Read:
    """Read `not`, which is a function: `(` follows."""
    token = reader.advance()
    if reader.token.text != "(":
        reader.unexpected("`(`", "`not` is a function: `not(a)`")
    return reader.made(ast.Name("not", span=reader.span(token.start)), ANY, token.start)


def call(reader: Reader, left: Read) -> Read:
    """Read the arguments of a call, all by position or all by name."""
    opening = reader.advance()
    values: list[Read] = []
    named: list[ast.Argument] = []
    by_name = names_argument(reader)
    while reader.token.text != ")" or values:
        begin = reader.token.start
        name = _argument_name(reader) if by_name else None
        values.append(reader.expression())
        if name is not None:
            named.append(ast.Argument(name, values[-1].node, span=reader.span(begin)))
        if not reader.accept(","):
            break
    if reader.token.text == ":":
        reader.unexpected("`,` or `)`", "name every argument or none")
    reader.close(")", opening, "`,` or `)`")
    positional = () if by_name else tuple(value.node for value in values)
    node = ast.Call(left.node, positional, tuple(named), span=reader.span(left.start))
    type_ = left.type.result if isinstance(left.type, FunctionType) else ANY
    return reader.made(node, type_, left.start, highest((left, *values)))


def names_argument(reader: Reader) -> bool:
    """Say whether a name and `:` follow."""
    if reader.token.kind is not Kind.WORD:
        return False
    run, at = reader.tokens, reader.at + 1
    while is_name_part(run[at]) and at - reader.at <= MAX_NAME_TOKENS:
        at += 1
    return run[at].text == ":"


def _argument_name(reader: Reader) -> str:
    name = reader.defined("the name of an argument")
    reader.expect(":", "`:` and a value", "name every argument or none")
    return name
