"""What to write instead: the habits of other languages, told from the tokens of FEEL."""

from __future__ import annotations

from collections.abc import Mapping

from pydmn.feel.lexer import KEYWORDS, Kind, Token

_SINGLE: Mapping[str, str] = {
    "“": 'write straight quotes: `"`',
    "”": 'write straight quotes: `"`',
    "„": 'write straight quotes: `"`',
    "«": 'write straight quotes: `"`',
    "‘": 'write strings in straight double quotes: `"`',  # noqa: RUF001
    "’": 'write strings in straight double quotes: `"`',  # noqa: RUF001
    "'": 'write strings in double quotes: `"`',
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not(...)`, or `!=` for unequal",
    "%": "write `modulo(a, b)`",
    "^": "write `**` for a power",
    ";": "an expression has no `;`: separate items by `,`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
    "–": "write `-`",  # noqa: RUF001
    "×": "write `*`",  # noqa: RUF001
    "÷": "write `/`",
}
_PAIRS: Mapping[tuple[str, str], str] = {
    ("=", "="): "equality is one `=`",
    ("!=", "="): "unequal is `!=`",
    ("=", ">"): "write `>=`",
    ("=", "<"): "write `<=`",
    ("<", ">"): "unequal is `!=`",
}


def advice(found: Token, before: Token | None, after: Token) -> str | None:
    """Return how to write what `found` was meant to be, or None.

    `before` and `after` are the tokens around it, `before` None at the start.
    """
    if found.kind is Kind.STRAY and found.text in "$#" and after.text == "{":
        return f"`{found.text}{{...}}` is JUEL, not FEEL: write the expression alone"
    if found.kind in (Kind.STRAY, Kind.SYMBOL):
        if before is not None and before.end == found.start:
            pair = _PAIRS.get((before.text, found.text))
            if pair is not None:
                return pair
        return _SINGLE.get(found.text)
    if found.kind is Kind.WORD and found.text not in KEYWORDS and found.text.lower() in KEYWORDS:
        return f"keywords are in lower case: `{found.text.lower()}`"
    return None
