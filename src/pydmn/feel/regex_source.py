r"""From an XPath pattern to the text that a matcher takes (see `pydmn.feel.regex`).

elementpath checks a pattern and translates it for Python's `re`, but works out every
character class range by range, up to 20 ms for one. So each class that RE2 can read as it
stands is set aside first, and only its place goes through the translation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pydmn.run import Run

_BLANKS: Final = " \t\n\r"
_DIGITS: Final = "0123456789"

_STEPS_PER_CHAR: Final = 10
_STEPS_PER_CATEGORY: Final = 200
"""For a class with `\\w` or `\\p{...}` in it, which RE2 spreads over a thousand instructions."""
_STEPS_PER_UNION: Final = 40_000
"""For each such set of a class that elementpath must work out."""

# What elementpath puts beside `^` and `$` for Python's `re`; RE2 needs neither.
_ANCHOR_GUARDS: Final = re.compile(r"\(\?!\\n\\Z\)|\(\?<!\\n\\Z\)")
_PLACE: Final = "[a]"
"""Stands for a class that is set aside; all others are, so nothing else reads like it."""

_SETS: Final = {
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\s": r"\t\n\r ",
    r"\w": r"\p{L}\p{M}\p{N}\p{S}",
}
"""XPath's sets as RE2 writes them inside a class; its own `\\d` and `\\w` are ASCII."""
_NEGATED: Final = {r"\S": r"\s", r"\W": r"\w"}
_CATEGORY: Final = r"\\[pP]\{(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfo])\}"
_CHARACTER: Final = r"(?:[^\[\]\\^-]|\\[nrt\\|.?*+(){}\[\]^$-])"
_ITEM: Final = rf"(?:{_CATEGORY}|\\[dDsw]|{_CHARACTER}(?:-{_CHARACTER})?)"
_PLAIN_CLASS: Final = rf"\[\^?-?{_ITEM}+-?\]"


class PatternSyntaxError(Exception):
    """XPath does not allow the pattern."""


@dataclass(frozen=True, slots=True)
class PatternSource:
    """A pattern cut into its classes and the text between them.

    `skeleton` has `[a]` in the place of each of `classes`. `refers_back` is set when a
    back-reference occurs.
    """

    skeleton: str
    classes: tuple[str, ...]
    refers_back: bool

    def charge(self, run: Run) -> None:
        """Charge `run` for the translation, the same whether or not it was done before."""
        steps = len(self.skeleton) * _STEPS_PER_CHAR
        for class_ in self.classes:
            steps += len(class_) * _STEPS_PER_CHAR
            sets = len(re.findall(r"\\[pPwWdDsSiIcC]", class_))
            if sets:
                plain = not self.refers_back and _re2_class(class_) is not None
                steps += _STEPS_PER_CATEGORY if plain else _STEPS_PER_UNION * sets
        run.charge(steps)

    def translated(self, flags: int) -> str:
        """Return the text for RE2, or for the matcher of back-references if it refers back.

        `flags` are `re.DOTALL` and `re.MULTILINE`. Raises `PatternSyntaxError`.
        """
        pieces = _translation(self.skeleton, flags).split(_PLACE)
        result = [pieces[0]]
        for class_, piece in zip(self.classes, pieces[1:], strict=True):
            native = None if self.refers_back else _re2_class(class_)
            result += [native or _translation(class_, 0), piece]
        return "".join(result)


def read_pattern(pattern: str, ignores_blanks: bool) -> PatternSource:
    r"""Return the parts of an XPath pattern; `ignores_blanks` is the `x` flag.

    A back-reference is checked, and set apart from digits that follow it. Raises
    `PatternSyntaxError` for one without its group and for a class that is not closed.
    """
    text = _without_blanks(pattern) if ignores_blanks else pattern
    pieces: list[str] = []
    classes: list[str] = []
    groups = _Groups()
    refers_back = False
    at = 0
    while at < len(text):
        found = re.match(r"\\[dDwWsS]|\\[pP]\{[^{}]*\}", text[at : at + 80])
        if found is not None:
            at += found.end()
            classes.append(f"[{found[0]}]")
            pieces.append(_PLACE)
        elif text[at] == "[":
            end = _class_end(text, at)
            classes.append(text[at:end])
            pieces.append(_PLACE)
            at = end
        elif text[at] == "\\" and text[at + 1 : at + 2] in (*_DIGITS,):
            number, at = groups.referred(text, at + 1)
            refers_back = True
            pieces.append(f"\\{number}")
            if text[at : at + 1] in (*_DIGITS,):
                classes.append(f"[{text[at]}]")
                pieces.append(_PLACE)
                at += 1
        else:
            size = 2 if text[at] == "\\" else 1
            groups.pass_by(text, at)
            pieces.append(text[at : at + size])
            at += size
    return PatternSource("".join(pieces), tuple(classes), refers_back)


class _Groups:
    """The groups that a back-reference may name: those closed before it (XPath, 7.6.1)."""

    def __init__(self) -> None:
        self._count = 0
        self._open: list[int] = []
        self._closed: set[int] = set()

    def pass_by(self, text: str, at: int) -> None:
        """Take note of a parenthesis at `at`."""
        if text[at] == "(":
            counts = not text.startswith("(?", at)
            self._count += counts
            self._open.append(self._count if counts else 0)
        elif text[at] == ")" and self._open:
            self._closed.add(self._open.pop())

    def referred(self, text: str, at: int) -> tuple[int, int]:
        """Return the group that the digits at `at` name, and where they end.

        As many digits count as make the number of a closed group.
        """
        number = int(text[at])
        end = at + 1
        while text[end : end + 1] in (*_DIGITS,) and number * 10 + int(text[end]) in self._closed:
            number = number * 10 + int(text[end])
            end += 1
        if number == 0 or number not in self._closed:
            raise PatternSyntaxError(f"there is no group {number} before `\\{number}`")
        return number, end


def _class_end(text: str, start: int) -> int:
    """Return where the class that opens at `start` ends; one taken away from it belongs to it."""
    depth = 0
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == "[":
            depth += 1
        elif text[at] == "]":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    raise PatternSyntaxError("a class is not closed")


def _without_blanks(pattern: str) -> str:
    """Return `pattern` without white space, that in classes excepted (the `x` flag)."""
    kept: list[str] = []
    depth = 0
    escaped = False
    for character in pattern:
        if depth == 0 and character in _BLANKS:
            continue
        kept.append(character)
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "[":
            depth += 1
        elif character == "]" and depth:
            depth -= 1
    return "".join(kept)


def _re2_class(class_: str) -> str | None:
    """Return a class as RE2 writes it; None for one that elementpath must work out."""
    inner = class_[1:-1]
    if inner in _NEGATED:
        return f"[^{_SETS[_NEGATED[inner]]}]"
    if re.fullmatch(_PLAIN_CLASS, class_) is None:
        return None
    return re.sub(r"\\.", lambda found: _SETS.get(found[0], found[0]), class_)


def _translation(pattern: str, flags: int) -> str:
    # Imported when used: 0.1 s that most decisions need not pay.
    from elementpath.regex import RegexError, translate_pattern

    try:
        return _ANCHOR_GUARDS.sub("", translate_pattern(pattern, flags=flags))
    except RegexError as problem:
        raise PatternSyntaxError(str(problem)) from None
