"""Types in FEEL text (DMN 1.5, 10.3.1.2, rule 52)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydmn.feel import ast
from pydmn.feel.cursor import Cursor, is_word
from pydmn.feel.lexer import Kind
from pydmn.feel.names import Scope, spelling
from pydmn.limits import DEFAULT, Effort, Limits
from pydmn.source import Source


def parse_type(
    source: Source, scope: Scope, limits: Limits = DEFAULT, effort: Effort | None = None
) -> ast.TypeNode:
    """Return the tree of a type.

    Raises `FeelSyntaxError` with one diagnostic when the text is none, and `LimitExceeded`
    when it is too long or too deep, or `effort` is spent.
    """
    cursor = Cursor(source, scope, limits, effort)
    node = read_type(cursor)
    cursor.end()
    return node


def read_type(cursor: Cursor) -> ast.TypeNode:
    """Read the type at the cursor: a shape with `<`, or the name of a type."""
    cursor.enter()
    start = cursor.token.start
    shape = _SHAPES.get(cursor.token.text)
    if shape is not None and cursor.following.text == "<":
        cursor.at += 2
        node = shape(cursor, start)
    else:
        node = _named(cursor)
    cursor.depth -= 1
    return node


def _named(cursor: Cursor) -> ast.TypeNode:
    """Read the name of a type: the longest that is known, else words and dots."""
    first = cursor.at
    if cursor.token.kind is not Kind.WORD:
        cursor.unexpected("a type")
    match = cursor.scope.type_at(cursor.tokens, first)
    if match is not None:
        cursor.at, name = match.end, match.name
    else:
        cursor.at += 1
        while is_word(cursor.token) or (
            cursor.token.text == "." and cursor.following.kind is Kind.WORD
        ):
            cursor.at += 1
        name = spelling(cursor.tokens[first : cursor.at])
    return ast.NamedType(name, span=cursor.span(cursor.tokens[first].start))


def _element(cursor: Cursor) -> ast.TypeNode:
    """Read the one type before `>`."""
    element = read_type(cursor)
    cursor.expect(">")
    return element


def _list(cursor: Cursor, start: int) -> ast.TypeNode:
    return ast.ListTypeNode(_element(cursor), span=cursor.span(start))


def _range(cursor: Cursor, start: int) -> ast.TypeNode:
    return ast.RangeTypeNode(_element(cursor), span=cursor.span(start))


def _context(cursor: Cursor, start: int) -> ast.TypeNode:
    entries: list[tuple[str, ast.TypeNode]] = []
    while cursor.token.text != ">" or entries:
        name = cursor.defined("a key")
        cursor.expect(":", "`:` and a type")
        entries.append((name, read_type(cursor)))
        if not cursor.accept(","):
            break
    cursor.expect(">", "`,` or `>`")
    return ast.ContextTypeNode(tuple(entries), span=cursor.span(start))


def _function(cursor: Cursor, start: int) -> ast.TypeNode:
    parameters: list[ast.TypeNode] = []
    while cursor.token.text != ">" or parameters:
        parameters.append(read_type(cursor))
        if not cursor.accept(","):
            break
    cursor.expect(">", "`,` or `>`")
    cursor.expect("->", "`->` and the type of the result")
    return ast.FunctionTypeNode(tuple(parameters), read_type(cursor), span=cursor.span(start))


_SHAPES: Mapping[str, Callable[[Cursor, int], ast.TypeNode]] = {
    "list": _list,
    "range": _range,
    "context": _context,
    "function": _function,
}
