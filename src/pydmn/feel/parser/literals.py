"""Literals: constants, numbers, strings and `@` literals (rules 33 to 40, 62)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context

from pydmn.feel import ast
from pydmn.feel.lexer import Kind, unescape
from pydmn.feel.parser.reader import Read, Reader
from pydmn.feel.types import ANY
from pydmn.source import Span

_DECIMAL128 = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])


def constant(reader: Reader) -> Read:
    """Read `null`, `true` or `false`."""
    token = reader.advance()
    span = reader.span(token.start)
    node = (
        ast.NullLiteral(span=span)
        if token.text == "null"
        else ast.BooleanLiteral(token.text == "true", span=span)
    )
    return reader.made(node, ANY, token.start)


def number(reader: Reader) -> Read:
    """Read a number, rounded to 34 digits."""
    token = reader.advance()
    value = _DECIMAL128.create_decimal(token.text)
    if not value.is_finite():
        reader.fail(
            "the number is too large",
            Span(token.start, token.end),
            "a number has 34 digits and an exponent up to 6144",
        )
    return reader.made(ast.NumberLiteral(value, span=reader.span(token.start)), ANY, token.start)


def string(reader: Reader) -> Read:
    """Read a string."""
    start = reader.token.start
    node = ast.StringLiteral(string_value(reader), span=reader.span(start))
    return reader.made(node, ANY, start)


def at_literal(reader: Reader) -> Read:
    """Read `@` and a string; what it says is for later."""
    start = reader.advance().start
    if reader.token.kind is not Kind.STRING:
        reader.unexpected('a string after `@`, as in `@"2020-02-05"`')
    node = ast.AtLiteral(string_value(reader), span=reader.span(start))
    return reader.made(node, ANY, start)


def string_value(reader: Reader) -> str:
    """Read a string literal and return its value."""
    token = reader.advance()
    try:
        return unescape(token.text)
    except ValueError:
        reader.fail(
            "the string has an escape that is no character",
            Span(token.start, token.end),
            "code points run to 10FFFF; those from D800 to DFFF stand in pairs only",
        )
