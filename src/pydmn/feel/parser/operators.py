"""Operators (rules 19 to 26, 49 to 53)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from pydmn.feel import ast
from pydmn.feel.parser.reader import Read, Reader, highest
from pydmn.feel.parser.types import read_type
from pydmn.feel.precedence import (
    ADDITION,
    CONJUNCTION,
    DISJUNCTION,
    EXPONENTIATION,
    MULTIPLICATION,
    NEGATION,
)
from pydmn.feel.types import ANY

ARITHMETIC: Final[Mapping[ast.ArithmeticOperator, int]] = {
    "+": ADDITION,
    "-": ADDITION,
    "*": MULTIPLICATION,
    "/": MULTIPLICATION,
    "**": EXPONENTIATION,
}
"""The operators of arithmetic with their precedence."""

COMPARISONS: Final[Mapping[str, ast.ComparisonOperator]] = {
    "=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip

LOGICAL: Final[Mapping[str, int]] = {"or": DISJUNCTION, "and": CONJUNCTION}
"""The words that join conditions, with their precedence."""


def negation(reader: Reader) -> Read:
    """Read `-operand`."""
    token = reader.advance()
    operand = reader.expression(NEGATION)
    node = ast.Negation(operand.node, span=reader.span(token.start))
    return reader.made(node, ANY, token.start, operand.height)


def arithmetic(reader: Reader, left: Read) -> Read:
    """Read an operator of arithmetic and its right operand."""
    operator = cast("ast.ArithmeticOperator", reader.advance().text)
    right = reader.expression(ARITHMETIC[operator] + 1)
    node = ast.Arithmetic(operator, left.node, right.node, span=reader.span(left.start))
    return reader.made(node, ANY, left.start, highest((left, right)))


def comparison(reader: Reader, left: Read) -> Read:
    """Read a comparison and its right operand."""
    operator = COMPARISONS[reader.advance().text]
    right = reader.expression(ADDITION)
    node = ast.Comparison(operator, left.node, right.node, span=reader.span(left.start))
    return reader.made(node, ANY, left.start, highest((left, right)))


def logical(reader: Reader, left: Read) -> Read:
    """Read all that the same word joins to `left`."""
    word = reader.token.text
    operands = [left]
    while reader.accept(word):
        operands.append(reader.expression(LOGICAL[word] + 1))
    make = ast.Conjunction if word == "and" else ast.Disjunction
    node = make(tuple(operand.node for operand in operands), span=reader.span(left.start))
    return reader.made(node, ANY, left.start, highest(operands))


def between(reader: Reader, left: Read) -> Read:
    """Read `between low and high`."""
    reader.advance()
    low = reader.expression(ADDITION)
    reader.expect("and", "`and` and the upper end", "`x between 1 and 10`")
    high = reader.expression(ADDITION)
    node = ast.Between(left.node, low.node, high.node, span=reader.span(left.start))
    return reader.made(node, ANY, left.start, highest((left, low, high)))


def instance_of(reader: Reader, left: Read) -> Read:
    """Read `instance of` and a type."""
    reader.advance()
    reader.expect("of", "`of` after `instance`")
    node = ast.InstanceOf(left.node, read_type(reader), span=reader.span(left.start))
    return reader.made(node, ANY, left.start, left.height)
