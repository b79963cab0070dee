"""The climb: an expression of operators that bind at least as tight as a level.

Two things bound the work. A level of nesting (a bracket, an operand, a clause) takes at
most four Python frames, and there are at most `Limits.expression_depth` of them; no tree
is higher than that either, so later passes may recurse. And no token is read twice but
for names, whose length is bounded, and one cell's leading `not(`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from pydmn.feel import ast
from pydmn.feel.cursor import Cursor
from pydmn.feel.lexer import KEYWORDS, Kind, Token
from pydmn.feel.names import Scope
from pydmn.feel.parser.text_names import TextNames
from pydmn.feel.precedence import LOWEST
from pydmn.feel.types import Type
from pydmn.limits import Effort, Limits
from pydmn.source import Source


class Read(NamedTuple):
    """An expression read: its tree and height, its type as far as names need it, its start."""

    node: ast.Expression
    height: int
    type: Type
    start: int


Prefix: TypeAlias = "Callable[[Reader], Read]"
"""Reads what the next token begins."""

Infix: TypeAlias = "Callable[[Reader, Read], Read]"
"""Reads on from an operand, the next token the operator."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What may begin an expression, and what may continue one.

    `prefixes` go by the text of a token, `operands` by its kind where no prefix has its text
    and it is no keyword. `infixes` have their precedence. `tests` begin a whole expression
    only, not an operand.
    """

    tests: Mapping[str, Prefix]
    prefixes: Mapping[str, Prefix]
    operands: Mapping[Kind, Prefix]
    infixes: Mapping[str, tuple[int, Infix]]


class Reader(Cursor):
    """One text on its way to a tree by a grammar."""

    def __init__(
        self,
        source: Source,
        scope: Scope,
        grammar: Grammar,
        limits: Limits,
        effort: Effort | None = None,
    ) -> None:
        super().__init__(source, scope, limits, effort)
        self.nodes = 0
        self.names = TextNames(scope)
        self._grammar = grammar

    def made(self, node: ast.Expression, type_: Type, start: int, height: int = 0) -> Read:
        """Return `node`, whose highest part is `height` high, within the limits."""
        self.nodes += 1
        if self.nodes > self.limits.expression_nodes:
            self.limits.exceeded("expression_nodes")
        if height >= self.limits.expression_depth:
            self.limits.exceeded("expression_depth")
        return Read(node, height + 1, type_, start)

    def expression(self, level: int = LOWEST) -> Read:
        """Read an expression of operators that bind at least as tight as `level`."""
        self.enter()
        token = self.token
        grammar = self._grammar
        if level == LOWEST and token.text in grammar.tests:
            read = grammar.tests[token.text](self)
        else:
            known = self.names.known(self.tokens, self.at) if token.kind is Kind.WORD else None
            if known is not None and (known.end > self.at + 1 or token.text not in KEYWORDS):
                self.at = known.end
                node = ast.Name(known.name, span=self.span(token.start))
                read = self.made(node, known.type, token.start)
            else:
                prefix = grammar.prefixes.get(token.text)
                if prefix is None and token.text not in KEYWORDS:
                    prefix = grammar.operands.get(token.kind)
                if prefix is None:
                    self.unexpected("an expression")
                read = prefix(self)
            read = self.continued(read, level)
        self.depth -= 1
        return read

    def continued(self, left: Read, level: int) -> Read:
        """Read the operators that follow `left` and bind at least as tight as `level`."""
        infixes = self._grammar.infixes
        while (infix := infixes.get(self.token.text)) is not None and infix[0] >= level:
            if self.token.text == "[" and not _starts_operand(self.tokens[self.at + 1]):
                break  # the open end of a range: `]1..10[`
            left = infix[1](self, left)
        return left

    def operand_follows(self) -> bool:
        """Say whether the token after the next begins an operand, and is no operator."""
        following = self.tokens[self.at + 1]
        return following.text not in self._grammar.infixes and _starts_operand(following)


def highest(parts: Iterable[Read]) -> int:
    """Return the height of the highest of `parts`, 0 for none."""
    return max((part.height for part in parts), default=0)


_CAN_START = frozenset(
    {"not", "null", "true", "false", "if", "for", "some", "every", "function", *"({[-@"}
)


def _starts_operand(token: Token) -> bool:
    """Say whether an operand can begin with `token`."""
    if token.text in KEYWORDS or token.kind is Kind.SYMBOL:
        return token.text in _CAN_START
    return token.kind is not Kind.END
