"""`if`, `for`, `some` and `every` (rules 46 to 48)."""

from __future__ import annotations

from typing import Literal, cast

from pydmn.feel import ast
from pydmn.feel.parser.reader import Read, Reader, highest
from pydmn.feel.static import element
from pydmn.feel.types import ANY, LIST, ListType


def conditional(reader: Reader) -> Read:
    """Read `if condition then consequence else alternative`."""
    start = reader.advance().start
    condition = reader.expression()
    reader.expect("then", "`then`")
    consequence = reader.expression()
    reader.expect("else", "`else`", "an `if` always has an `else`: `else null` if need be")
    alternative = reader.expression()
    branches = (condition, consequence, alternative)
    node = ast.If(*(branch.node for branch in branches), span=reader.span(start))
    type_ = consequence.type if consequence.type != ANY else alternative.type
    return reader.made(node, type_, start, highest(branches))


def iteration(reader: Reader) -> Read:
    """Read `for iterators return body`; `partial` is in scope in the body."""
    start = reader.advance().start
    iterators, height = _iterators(reader)
    reader.expect("return", "`,` or `return`")
    reader.names.enter("partial", LIST)
    body = reader.expression()
    reader.names.leave("partial", *(iterator.name for iterator in iterators))
    node = ast.For(iterators, body.node, span=reader.span(start))
    return reader.made(node, ListType(body.type), start, max(height, body.height))


def quantified(reader: Reader) -> Read:
    """Read `some` or `every iterators satisfies condition`."""
    token = reader.advance()
    iterators, height = _iterators(reader)
    reader.expect("satisfies", "`,` or `satisfies`")
    condition = reader.expression()
    reader.names.leave(*(iterator.name for iterator in iterators))
    kind = cast("Literal['some', 'every']", token.text)
    node = ast.Quantified(kind, iterators, condition.node, span=reader.span(token.start))
    return reader.made(node, ANY, token.start, max(height, condition.height))


def _iterators(reader: Reader) -> tuple[tuple[ast.Iterator, ...], int]:
    """Read `name in source, ...`; the names stay in scope. Return the height too."""
    iterators: list[ast.Iterator] = []
    height = 0
    while True:
        start = reader.token.start
        name = reader.defined("a name", stop="in")
        reader.expect("in", "`in`")
        source = reader.expression()
        until = reader.expression() if reader.accept("..") else None
        iterators.append(
            ast.Iterator(name, source.node, until and until.node, span=reader.span(start))
        )
        height = max(height, source.height, until.height if until else 0)
        reader.names.enter(name, ANY if until else element(source.type))
        if not reader.accept(","):
            return tuple(iterators), height
