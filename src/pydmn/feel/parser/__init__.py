"""FEEL text to a tree (DMN 1.5, 10.3.1.2).

Precedence climbing over tokens, with the names in scope at hand: what a run of words
means depends on them (10.3.1.4). From loosest to tightest: `if`, `for`, `some`, `every`,
function; `or`; `and`; comparison, `between`, `in`; `+` `-`; `*` `/`; `**`; negation;
`instance of`; path, filter, call. Every binary operator is left associative, `**` too.

`reader` climbs; the other modules read what a token begins or continues, a module a family.
`GRAMMAR` joins the two.
"""

from __future__ import annotations

from typing import Final

from pydmn.feel import ast
from pydmn.feel.lexer import Kind
from pydmn.feel.names import Scope
from pydmn.feel.parser import access, brackets, control, functions, literals, operators, tests
from pydmn.feel.parser.reader import Grammar, Reader
from pydmn.feel.parser.types import parse_type
from pydmn.feel.precedence import ACCESS, COMPARISON, INSTANCE_OF
from pydmn.limits import DEFAULT, Effort, Limits
from pydmn.source import Source

__all__ = ["parse_expression", "parse_type", "parse_unary_tests"]

GRAMMAR: Final = Grammar(
    tests=dict.fromkeys(operators.COMPARISONS, tests.comparison),
    prefixes={
        "-": operators.negation,
        "(": brackets.parenthesis,
        "[": brackets.square,
        "]": brackets.open_range,
        "{": brackets.context,
        "@": literals.at_literal,
        "if": control.conditional,
        "for": control.iteration,
        "some": control.quantified,
        "every": control.quantified,
        "function": functions.literal,
        "not": functions.negation,
        "null": literals.constant,
        "true": literals.constant,
        "false": literals.constant,
    },
    operands={
        Kind.WORD: access.word,
        Kind.NUMBER: literals.number,
        Kind.STRING: literals.string,
    },
    infixes={
        **{text: (level, operators.logical) for text, level in operators.LOGICAL.items()},
        **dict.fromkeys(operators.COMPARISONS, (COMPARISON, operators.comparison)),
        "between": (COMPARISON, operators.between),
        "in": (COMPARISON, tests.membership),
        **{text: (level, operators.arithmetic) for text, level in operators.ARITHMETIC.items()},
        "instance": (INSTANCE_OF, operators.instance_of),
        ".": (ACCESS, access.path),
        "[": (ACCESS, access.filtered),
        "(": (ACCESS, functions.call),
    },
)
"""What each token begins, or continues and how tightly (rules 1 to 64)."""


def parse_expression(
    source: Source, scope: Scope, limits: Limits = DEFAULT, effort: Effort | None = None
) -> ast.Expression:
    """Return the tree of an expression (rule 1).

    Raises `FeelSyntaxError` with one diagnostic when the text is not FEEL, and
    `LimitExceeded` when it is too long, too deep or too large, or `effort` is spent.
    """
    reader = Reader(source, scope, GRAMMAR, limits, effort)
    node = reader.expression().node
    reader.end()
    return node


def parse_unary_tests(
    source: Source, scope: Scope, limits: Limits = DEFAULT, effort: Effort | None = None
) -> ast.UnaryTests:
    """Return the tree of a decision table's cell (rule 15; 7.3.3).

    An empty cell is `-`: modelers write it so. Raises as `parse_expression` does.
    """
    if "?" not in scope.variables:
        scope = scope.with_variable("?")
    return tests.cell(Reader(source, scope, GRAMMAR, limits, effort))
