"""What stands in brackets: parentheses, lists, ranges and contexts (rules 8, 54, 57)."""

from __future__ import annotations

from pydmn.feel import ast
from pydmn.feel.lexer import Kind, Token
from pydmn.feel.parser.literals import string_value
from pydmn.feel.parser.reader import Read, Reader, highest
from pydmn.feel.types import ANY, LIST, ContextType, ListType, RangeType


def parenthesis(reader: Reader) -> Read:
    """Read an expression in parentheses, or a range that begins with one."""
    opening = reader.advance()
    inner = reader.expression()
    if reader.token.text == "..":
        return range_(reader, opening, inner, low_closed=False)
    reader.close(")", opening, "`)` or an operator")
    return inner._replace(start=opening.start)


def square(reader: Reader) -> Read:
    """Read a list or a range that begins with `[`."""
    opening = reader.advance()
    items: list[Read] = []
    # `[]` is an empty list where an operator may follow, `[](a)` a call; else as in `[]1..2[]`.
    if reader.token.text != "]" or reader.operand_follows():
        items.append(reader.expression())
        if reader.token.text == "..":
            return range_(reader, opening, items[0], low_closed=True)
        while reader.accept(","):
            items.append(reader.expression())
    reader.close("]", opening, "`,` or `]`")
    node = ast.ListLiteral(tuple(item.node for item in items), span=reader.span(opening.start))
    type_ = ListType(items[0].type) if items else LIST
    return reader.made(node, type_, opening.start, highest(items))


def open_range(reader: Reader) -> Read:
    """Read a range that begins with `]`."""
    opening = reader.advance()
    low = reader.expression()
    if reader.token.text != "..":
        reader.unexpected("`..` and the end of a range")
    return range_(reader, opening, low, low_closed=False)


def range_(reader: Reader, opening: Token, low: Read, *, low_closed: bool) -> Read:
    """Read a range from its `..` on."""
    reader.advance()
    high = reader.expression()
    closing = reader.token.text
    if closing not in ("]", ")", "["):
        reader.close("]", opening, "`]`, `)` or `[` to close the range")
    reader.advance()
    node = ast.RangeLiteral(
        low.node, high.node, low_closed, closing == "]", span=reader.span(opening.start)
    )
    return reader.made(node, RangeType(ANY), opening.start, highest((low, high)))


def context(reader: Reader) -> Read:
    """Read a context; an entry sees the entries before it."""
    opening = reader.advance()
    entries: list[ast.ContextEntry] = []
    values: list[Read] = []
    while reader.token.text != "}" or entries:
        token = reader.token
        key = string_value(reader) if token.kind is Kind.STRING else reader.defined("a key")
        reader.expect(":", "`:` after the key")
        value = reader.expression()
        entries.append(ast.ContextEntry(key, value.node, span=reader.span(token.start)))
        values.append(value)
        reader.names.enter_entry(key, value.type)
        if not reader.accept(","):
            break
    reader.close("}", opening, "`,` or `}`")
    reader.names.leave(*(entry.key for entry in reversed(entries)))
    node = ast.ContextLiteral(tuple(entries), span=reader.span(opening.start))
    type_ = ContextType(
        tuple((entry.key, value.type) for entry, value in zip(entries, values, strict=True))
    )
    return reader.made(node, type_, opening.start, highest(values))
