"""Unary tests: a cell of a decision table, and the right side of `in` (rules 7, 13 to 17, 51)."""

from __future__ import annotations

from pydmn.feel import ast
from pydmn.feel.lexer import Kind
from pydmn.feel.parser.brackets import range_
from pydmn.feel.parser.functions import names_argument
from pydmn.feel.parser.operators import COMPARISONS
from pydmn.feel.parser.reader import Read, Reader, highest
from pydmn.feel.precedence import ADDITION
from pydmn.feel.types import ANY
from pydmn.source import Span


def cell(reader: Reader) -> ast.UnaryTests:
    """Read a cell, to its end (rule 15)."""
    texts = [token.text for token in reader.tokens[:2]]
    if texts in ([""], ["-", ""]):
        return ast.UnaryTests(any=True, span=Span(0, len(reader.source.text)))
    if texts == ["not", "("]:
        opening = reader.tokens[1]
        reader.at = 2
        if not names_argument(reader):
            tests = _tests(reader)
            reader.close(")", opening, "`,` or `)`")
            if reader.token.kind is Kind.END:
                return ast.UnaryTests(tests, negated=True, span=reader.span(0))
        # `not(a) and b` and `not(negand: a)` are expressions that begin with a call.
        reader.at = reader.nodes = 0
    tests = _tests(reader)
    if reader.token.kind is not Kind.END:
        reader.unexpected("`,` or the end of the cell")
    return ast.UnaryTests(tests, span=reader.span(0))


def _tests(reader: Reader) -> tuple[ast.Test, ...]:
    tests = [reader.expression().node]
    while reader.accept(","):
        tests.append(reader.expression().node)
    return tuple(tests)


def comparison(reader: Reader) -> Read:
    """Read `< endpoint`."""
    token = reader.advance()
    endpoint = reader.expression(ADDITION)
    node = ast.UnaryComparison(
        COMPARISONS[token.text], endpoint.node, span=reader.span(token.start)
    )
    return reader.made(node, ANY, token.start, endpoint.height)


def membership(reader: Reader, left: Read) -> Read:
    """Read `in` and one test, or several in parentheses."""
    reader.advance()
    opening = reader.token
    if opening.text != "(":
        tests = [_test(reader)]
    else:
        # Only what follows tells `(a, b)` from `(a..b]` and from `(a + b) * c`.
        reader.advance()
        tests = [reader.expression()]
        if reader.token.text == ",":
            while reader.accept(","):
                tests.append(reader.expression())
            reader.close(")", opening, "`,` or `)`")
        elif reader.token.text == "..":
            tests = [range_(reader, opening, tests[0], low_closed=False)]
            tests = [reader.continued(tests[0], ADDITION)]
        else:
            reader.close(")", opening, "`,` or `)`")
            tests = [reader.continued(tests[0], ADDITION)]
    node = ast.In(left.node, tuple(test.node for test in tests), span=reader.span(left.start))
    return reader.made(node, ANY, left.start, highest((left, *tests)))


def _test(reader: Reader) -> Read:
    """Read the one test after `in`."""
    if reader.token.text in COMPARISONS:
        return comparison(reader)
    return reader.expression(ADDITION)
