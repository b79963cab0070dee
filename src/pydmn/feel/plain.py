"""Plain cells: what nearly all entries of large tables hold, read without the parser.

A plain item is a string without escapes, a number of few digits, a comparison with such a
number, or an interval of two. There are no names in it, so it means the same in every scope.
What is read here is what the parser reads, spans included; where a text is not plain, or a limit
may be near, the answer is None and the parser has the word. The charge is a step for each token,
the end of the text being one.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import TypeAlias, cast

from pydmn.feel import ast
from pydmn.limits import Effort
from pydmn.source import Span

_KNOWN_ITEMS = 10_000
_DEPTH = 2
"""Levels of the deepest plain item: an interval or comparison, and a number in it."""


@cache
def _item() -> re.Pattern[str]:
    """Return the pattern of one item with what ends it, a comma or the end of the text.

    A number has at most 34 digits, so that it is exact. Blanks are matched possessively:
    a text is looked at once, whatever is in it.
    """
    number = r"[0-9]{1,17}+(?:\.[0-9]{1,17}+)?+"
    blanks = r"[ \t\n\r]*+"
    return re.compile(
        rf"{blanks}(?:"
        r'"(?P<string>[^"\\\n-\r\ud800-\udfff]*+)"'
        rf"|(?:(?P<operator>[<>]=?+|!?+=){blanks})?+(?P<number>{number})"
        rf"|(?P<open>[\[\](]){blanks}(?P<low>{number}){blanks}\.\.{blanks}(?P<high>{number})"
        rf"{blanks}(?P<close>[\[\])])"
        rf"){blanks}(?:(?P<more>,)|\Z)"
    )


_Item: TypeAlias = tuple[ast.Test, int, int, bool]
"""What an item is, how many tokens it has, where it ends, and whether more follow."""


class KnownItems(dict[tuple[int, str], _Item]):
    """Items of lists by where they start and how they are written, their comma included.

    The cells of a column list much the same. An item ends at its comma, so what follows it
    changes nothing; one with a comma inside is never found.
    """

    def read(self, text: str, start: int) -> _Item | None:
        """Return the item that starts there, None where it is not plain; keep it in a list."""
        found = _item().match(text, start)
        if found is None:
            return None
        end, more = found.end(), found["more"] is not None
        item = (*_test(found), end, more)
        if (start or more) and len(self) < _KNOWN_ITEMS:
            self[start, text[start:end]] = item
        return item


def plain_tests(
    text: str, effort: Effort, known: KnownItems | None = None
) -> ast.UnaryTests | None:
    """Return the tests of a plain cell, as `parse_unary_tests` does; None for any other.

    Items of a list that are `known` are taken from there, and new ones put there. Raises
    `LimitExceeded` where `effort` is spent.
    """
    if not _within_limits(text, effort):
        return None
    stripped = text.strip(" \t\n\r")
    if stripped in {"", "-"}:
        effort.charge(1 + len(stripped))
        return ast.UnaryTests(any=True, span=Span(0, len(text)))
    items = KnownItems() if known is None else known
    tests: list[ast.Test] = []
    count = at = 0
    more = True
    while more:
        end = text.find(",", at) + 1 or len(text)
        item = items.get((at, text[at:end])) or items.read(text, at)
        if item is None:
            return None
        test, tokens, at, more = item
        tests.append(test)
        count += tokens + 1  # and the comma, or the end
    effort.charge(count)
    return ast.UnaryTests(tuple(tests), span=Span(0, tests[-1].span.end))


def plain_constant(text: str, effort: Effort) -> ast.StringLiteral | ast.NumberLiteral | None:
    """Return a string or number that stands alone, as `parse_expression` does; else None.

    Raises `LimitExceeded` where `effort` is spent.
    """
    if not _within_limits(text, effort):
        return None
    found = _item().match(text)
    if found is None or found["more"] is not None:
        return None
    test, tokens = _test(found)
    if not isinstance(test, ast.StringLiteral | ast.NumberLiteral):
        return None
    effort.charge(tokens + 1)
    return test


def _within_limits(text: str, effort: Effort) -> bool:
    """Say whether a plain text of this length is within the limits on one expression.

    The most nodes a character has `<5,`: two in three.
    """
    limits = effort.limits
    return (
        len(text) <= limits.expression_chars
        and limits.expression_depth >= _DEPTH
        and 2 * (1 + len(text)) <= 3 * limits.expression_nodes
    )


def _test(found: re.Match[str]) -> tuple[ast.Test, int]:
    """Return what an item is, and how many tokens it has."""
    start, end = found.span("string")
    if start >= 0:
        return ast.StringLiteral(found["string"], span=Span(start - 1, end + 1)), 1
    if found["open"] is None:
        number = _number(found, "number")
        if found["operator"] is None:
            return number, 1
        operator = cast("ast.ComparisonOperator", found["operator"])
        span = Span(found.start("operator"), number.span.end)
        return ast.UnaryComparison(operator, number, span=span), 2
    span = Span(found.start("open"), found.end("close"))
    low, high = _number(found, "low"), _number(found, "high")
    closed = found["open"] == "[", found["close"] == "]"
    return ast.RangeLiteral(low, high, *closed, span=span), 5


def _number(found: re.Match[str], group: str) -> ast.NumberLiteral:
    return ast.NumberLiteral(Decimal(found[group]), span=Span(*found.span(group)))
