"""A place in the tokens of a text: taking them, naming them, saying what is wrong there."""

from __future__ import annotations

from itertools import chain
from typing import NoReturn

from pydmn.diagnostics import Diagnostic
from pydmn.errors import FeelSyntaxError
from pydmn.feel.advice import advice
from pydmn.feel.findings import shown
from pydmn.feel.lexer import KEYWORDS, Kind, Token, tokens
from pydmn.feel.names import MAX_NAME_TOKENS, Scope, closest, is_name_part, spelling
from pydmn.limits import Effort, Limits
from pydmn.source import Source, Span

_ZONE_TOKENS = 20
_WORDS = (Kind.WORD, Kind.NUMBER)


class Cursor:
    """Reads the tokens of one text from left to right, within the limits.

    `at` is the index of the next token; `depth` counts the levels of nesting around it. Each
    token is charged to `effort`, where the text is one of a model's many.
    """

    def __init__(
        self, source: Source, scope: Scope, limits: Limits, effort: Effort | None = None
    ) -> None:
        if len(source.text) > limits.expression_chars:
            limits.exceeded("expression_chars")
        self.source = source
        self.scope = scope
        self.limits = limits
        self.tokens = tokens(source.text)
        if effort is not None:
            # The zone that an `@` literal names is looked for in files.
            effort.charge(len(self.tokens) + _ZONE_TOKENS * source.text.count("@"))
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    @property
    def following(self) -> Token:
        """The token after the next one; at the end, the end."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """Take the next token."""
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, text: str) -> bool:
        """Take the next token if it is `text`, and say whether it was."""
        if self.tokens[self.at].text != text:
            return False
        self.at += 1
        return True

    def expect(self, text: str, expected: str | None = None, help_: str | None = None) -> None:
        """Take the token `text`, or raise that `expected` should stand here."""
        if not self.accept(text):
            self.unexpected(expected or f"`{text}`", help_)

    def close(self, text: str, opening: Token, expected: str) -> None:
        """Take the bracket `text` that closes `opening`."""
        if self.accept(text):
            return
        if self.token.kind is Kind.END:
            span = Span(opening.start, opening.end)
            self.fail(f"`{opening.text}` is not closed", span, f"add `{text}`")
        self.unexpected(expected)

    def end(self) -> None:
        """Raise unless the text ends here."""
        if self.token.kind is not Kind.END:
            self.unexpected("an operator or the end of the text")

    def span(self, start: int) -> Span:
        """Return the span from `start` to the end of the token taken last."""
        return Span(start, self.tokens[self.at - 1].end)

    def enter(self) -> None:
        """Go one level of nesting down; `depth` is set back by whoever leaves."""
        self.depth += 1
        if self.depth > self.limits.expression_depth:
            self.limits.exceeded("expression_depth")

    def defined(self, what: str, stop: str | None = None) -> str:
        """Read a name that is being defined, up to the word `stop` or what is no name.

        Returns it with single blanks; it may have several words.
        """
        first = self.at
        if self.token.kind is not Kind.WORD:
            self.unexpected(what)
        self.at += 1
        while is_name_part(self.token) and self.token.text != stop:
            self.at += 1
        run = self.tokens[first : self.at]
        if len(run) > MAX_NAME_TOKENS:
            self.fail(
                "the name is too long",
                Span(run[0].start, run[-1].end),
                f"a name has at most {MAX_NAME_TOKENS} words and signs",
            )
        return spelling(run)

    def fail(
        self, message: str, span: Span, help_: str | None = None, code: str = "syntax"
    ) -> NoReturn:
        """Raise the one diagnostic of this text."""
        raise FeelSyntaxError(message, (Diagnostic(code, message, self.source, span, help_),))

    def unexpected(self, expected: str, help_: str | None = None) -> NoReturn:
        """Raise that `expected` does not stand where it should."""
        token, before = self.token, self.tokens[self.at - 1] if self.at else None
        span = Span(token.start, token.end)
        match token.kind:
            case Kind.UNCLOSED_STRING:
                self.fail("the string is not closed", span, 'add `"` at its end')
            case Kind.UNCLOSED_COMMENT:
                self.fail("the comment is not closed", span, "add `*/` at its end")
            case Kind.END:
                found = "the end of the text" if before else "nothing"
            case _:
                found = f"`{shown(token.text)}`"
        help_ = advice(token, before, self.following) or help_
        if help_ is None and token.kind in _WORDS:
            self._unknown_name()
        self.fail(f"expected {expected}, found {found}", span, help_)

    def _unknown_name(self) -> None:
        """Raise that the words around this place are no name in scope, where they seem to be one.

        Two words side by side do; with a keyword or a number among them, as in `Date of brth`,
        where they are close to a name in scope.
        """
        first, last = self._words()
        run = self.tokens[first : last + 1][:MAX_NAME_TOKENS]
        if first == self.at:
            return
        name, span = spelling(run), Span(run[0].start, run[-1].end)
        meant = closest(name, chain(self.scope.variables, self.scope.builtins, self.scope.members))
        if meant is not None:
            kind = "function" if self.tokens[last + 1].text == "(" else "name"
            message = f"unknown {kind} `{shown(name)}`"
            self.fail(message, span, f"did you mean `{meant}`?", f"unknown-{kind}")
        if is_word(self.token):
            help_ = "a name of several words must be in scope"
            self.fail(f"unknown name `{shown(name)}`", span, help_)

    def _words(self) -> tuple[int, int]:
        """Return the first and last token of the words and numbers around the next token.

        The first is a word that is no keyword; the next token itself where none is before it.
        """
        first, last = self.at, self.at
        while first > 0 and is_word(self.tokens[first - 1]):
            first -= 1
        while is_word(self.tokens[last + 1]) or self.tokens[last + 1].kind is Kind.NUMBER:
            last += 1
        return first, last


def is_word(token: Token) -> bool:
    """Say whether `token` is a word that is no keyword."""
    return token.kind is Kind.WORD and token.text not in KEYWORDS
