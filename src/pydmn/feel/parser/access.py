"""Names, paths and filters (rules 20, 25 to 27, 45, 52)."""

from __future__ import annotations

from pydmn.feel import ast
from pydmn.feel.lexer import Kind
from pydmn.feel.parser.reader import Read, Reader, highest
from pydmn.feel.static import element
from pydmn.feel.types import ANY, ListType


def word(reader: Reader) -> Read:
    """Read a name that is not in scope: one word."""
    token = reader.advance()
    return reader.made(ast.Name(token.text, span=reader.span(token.start)), ANY, token.start)


def path(reader: Reader, left: Read) -> Read:
    """Read `.name`: the longest name that is known, else one word."""
    reader.advance()
    if reader.token.kind is not Kind.WORD:
        reader.unexpected("a name after `.`")
    match = reader.names.entry(reader.tokens, reader.at, left.type)
    name, type_ = (reader.token.text, ANY) if match is None else (match.name, match.type)
    reader.at = reader.at + 1 if match is None else match.end
    if isinstance(left.type, ListType):
        type_ = ListType(type_)
    node = ast.Path(left.node, name, span=reader.span(left.start))
    return reader.made(node, type_, left.start, left.height)


def filtered(reader: Reader, left: Read) -> Read:
    """Read `[condition]`; the item and its entries are in scope inside."""
    opening = reader.advance()
    reader.names.enter_filter(element(left.type))
    condition = reader.expression()
    reader.names.leave_filter()
    reader.close("]", opening, "`]` or an operator")
    node = ast.Filter(left.node, condition.node, span=reader.span(left.start))
    return reader.made(node, left.type, left.start, highest((left, condition)))
