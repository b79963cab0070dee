"""FEEL text as tokens (DMN 1.5, 10.3.1.2, rules 28-37 and 61-64; 10.3.1.3).

Lexing knows no names: what a run of tokens means is for `names` and `parser`. It never
fails either. What is no token comes out as `STRAY`, `UNCLOSED_STRING` or
`UNCLOSED_COMMENT`, so that the parser can say what it expected in its place, and so that
any name of a model can be split, legal or not.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import cache
from typing import NamedTuple


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    NUMBER = auto()
    STRING = auto()
    SYMBOL = auto()
    STRAY = auto()
    UNCLOSED_STRING = auto()
    UNCLOSED_COMMENT = auto()
    END = auto()


class Token(NamedTuple):
    """One token: `text` as written, characters `start` to `end` of the source."""

    kind: Kind
    text: str
    start: int
    end: int


KEYWORDS = frozenset(
    {
        "and", "between", "else", "every", "external", "false", "for", "function", "if", "in",
        "instance", "not", "null", "of", "or", "return", "satisfies", "some", "then", "true",
    }
)  # fmt: skip

NAME_SYMBOLS = frozenset({".", "/", "-", "'", "’", "+", "*"})  # noqa: RUF001 - rule 30
"""Symbols that may stand inside a name (rule 30); the typewriter apostrophe is meant too."""

_SPACE = "\\t-\\r \x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_NAME_START = (
    "?A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff"
    "\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd"
    "\U00010000-\U000effff"
)
_NAME_PART = _NAME_START + "0-9\xb7\u0300-\u036f\u203f\u2040"


_TOKENS = (
    (Kind.WORD, f"[{_NAME_START}][{_NAME_PART}]*"),
    # An exponent is not in rule 35, but the conformance kit writes `1.23e4`.
    (Kind.NUMBER, r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"),
    (Kind.STRING, r'"(?:[^"\\\n-\r]|\\[^\n-\r])*"'),
    (Kind.UNCLOSED_STRING, r'"(?:[^"\\\n-\r]|\\[^\n-\r])*'),
    (Kind.UNCLOSED_COMMENT, r"/\*.*"),
    (Kind.SYMBOL, r"\*\*|\.\.|<=|>=|!=|->|[-+*/()\[\]{},:.<>=@'’]"),  # noqa: RUF001
    (Kind.STRAY, r"."),
)
_KINDS = (Kind.END, *(kind for kind, _ in _TOKENS))


@cache
def _scanner() -> re.Pattern[str]:
    """Return the pattern of one token after white space and comments (rule 61; 10.3.1.2).

    It matches everywhere, and never looks back: a stray is any character, and at the end of
    the text no group matches. Built at first use: compiling it would be a good part of the
    time to import.
    """
    filler = rf"(?:[{_SPACE}]+|//[^\n-\r]*|/\*.*?\*/)*"
    groups = "|".join(f"({text})" for _, text in _TOKENS)
    return re.compile(rf"{filler}(?:{groups}|\Z)", re.DOTALL)


def tokens(text: str) -> list[Token]:
    """Return the tokens of `text`, the last of them of kind `END`."""
    found: list[Token] = []
    for match in _scanner().finditer(text):
        group = match.lastindex
        if group is None:
            break
        found.append(Token(_KINDS[group], match[group], *match.span(group)))
    found.append(Token(Kind.END, "", len(text), len(text)))
    return found


@cache
def _blanks() -> re.Pattern[str]:
    """Return the pattern of a run of white space (rule 61)."""
    return re.compile(f"[{_SPACE}]+")


def collapse(text: str) -> str:
    """Return `text` with each run of white space as one blank, none at the ends."""
    return _blanks().sub(" ", text).strip(" ")


_ESCAPE = r"\\(?:[\"'\\nrt]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6})"
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}


def unescape(text: str) -> str:
    r"""Return the value of a string literal, `text` with its quotes (rules 33, 64).

    A backslash that begins none of the standard's escapes stands for itself, which is how
    authors write regular expressions (`"\d"`). Two code points that are a surrogate pair
    are one character. Raises `ValueError` for half a pair and for a code point above
    10FFFF, which are no characters.
    """
    body = text[1:-1]
    if "\\" in body:
        body = re.sub(_ESCAPE, _unescaped, body)
    if any("\ud800" <= character <= "\udfff" for character in body):
        body = body.encode("utf-16", "surrogatepass").decode("utf-16")
    return body


def _unescaped(match: re.Match[str]) -> str:
    """Return the character that one escape sequence stands for."""
    escape = match[0]
    if escape[1] in "uU":
        return chr(int(escape[2:], 16))  # noqa: FURB166 - the prefix is a backslash and u
    return _PLAIN.get(escape[1], escape[1])
