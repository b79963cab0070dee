"""XPath regular expressions for `matches`, `replace` and `split` (DMN 1.5, 10.3.4.3).

The syntax is that of XQuery and XPath Functions and Operators 2.0, 7.6. A pattern is
checked and translated by elementpath and matched by RE2, whose time is linear in the text
whatever the pattern. RE2 has no back-references; a pattern with one goes to
`pydmn.feel.backreferences`, which charges the run for each step. Both libraries are imported
when the first pattern is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, Protocol, TypeAlias

from pydmn.feel.backreferences import UnsupportedPattern
from pydmn.feel.backreferences import compile_pattern as compile_backtracking
from pydmn.feel.budget import charge_chars, charge_items
from pydmn.feel.values import Value
from pydmn.run import Run

_FLAGS: Final = frozenset("smix")
_BLANKS: Final = " \t\n\r"
_CACHED: Final = 256
_STEPS_PER_PATTERN_CHAR: Final = 20
"""Translating a pattern costs about this many times what producing a character costs."""
_PROGRAM_PER_STEP: Final = 100
"""RE2 takes about this many instructions at a character in the time of one step."""

_END_OF_TEXT: Final = r"(?!\n\Z)"
"""What elementpath puts behind `$` for Python's `re`; in RE2 `$` is the end already."""

Spans: TypeAlias = list[tuple[int, int]]
"""Start and end of a match and of each of its groups; (-1, -1) for a group without a part."""


class RegexError(Exception):
    """A pattern, flag or replacement has no meaning; FEEL answers null.

    `code` is `regex` where XPath makes it an error, `regex-not-supported` where XPath allows
    what neither matcher can do.
    """

    def __init__(self, message: str, code: str = "regex") -> None:
        super().__init__(message)
        self.code = code


class _Matcher(Protocol):
    """What finds matches, left to right and not overlapping."""

    @property
    def groups(self) -> int:
        """The number of groups in the pattern."""

    def find(self, run: Run, text: str) -> Iterator[Spans]:
        """Give each match in `text`, charging `run`."""


class Pattern:
    """A compiled pattern; immutable, shared among threads."""

    __slots__ = ("_matcher",)

    def __init__(self, matcher: _Matcher) -> None:
        self._matcher = matcher

    def matches(self, run: Run, text: str) -> bool:
        """Say whether the pattern matches somewhere in `text`."""
        return next(self._matcher.find(run, _encodable(text)), None) is not None

    def replace(self, run: Run, text: str, replacement: str) -> str:
        """Return `text` with every match replaced; raise `RegexError` as XPath says."""
        self._refuse_empty(run)
        template = _template(replacement, self._matcher.groups)
        pieces: list[str] = []
        end = size = 0
        for spans in self._matcher.find(run, _encodable(text)):
            made = [text[end : spans[0][0]]]
            for part in template:
                made.append(part if isinstance(part, str) else _group(text, spans[part]))
            piece = "".join(made)
            size += len(piece)
            run.charge(len(piece))
            if size > run.limits.chars:
                run.limits.exceeded("chars")
            pieces.append(piece)
            end = spans[0][1]
        charge_chars(run, size + len(text) - end)
        return "".join([*pieces, text[end:]])

    def split(self, run: Run, text: str) -> list[Value]:
        """Return the parts of `text` between matches; raise `RegexError` as XPath says."""
        self._refuse_empty(run)
        parts: list[Value] = []
        end = 0
        for spans in self._matcher.find(run, _encodable(text)):
            parts.append(text[end : spans[0][0]])
            charge_items(run, len(parts[-1]) + 1)
            end = spans[0][1]
        if len(parts) >= run.limits.items:
            run.limits.exceeded("items")
        charge_chars(run, len(text) - end)
        return [*parts, text[end:]]

    def _refuse_empty(self, run: Run) -> None:
        if self.matches(run, ""):
            raise RegexError("the pattern matches the empty string")


def compile_pattern(run: Run, pattern: str, flags: str) -> Pattern:
    """Return the compiled `pattern`; `flags` are of `s`, `m`, `i` and `x`.

    Raises `RegexError` for what XPath does not allow and for what no matcher can do. The
    charge is the same whether or not the pattern was compiled before.
    """
    run.charge(len(pattern) * _STEPS_PER_PATTERN_CHAR)
    if not _FLAGS.issuperset(flags):
        raise RegexError(f"the flags are of `s`, `m`, `i` and `x`, not `{flags}`")
    return _compiled(pattern, "".join(sorted(set(flags))))


@lru_cache(_CACHED)
def _compiled(pattern: str, flags: str) -> Pattern:
    # Imported when used: 0.1 s that most decisions need not pay.
    from elementpath.regex import RegexError as TranslationError
    from elementpath.regex import translate_pattern

    source, refers_back = _prepared(_encodable(pattern), "x" in flags)
    python_flags = (re.DOTALL if "s" in flags else 0) | (re.MULTILINE if "m" in flags else 0)
    try:
        translated = translate_pattern(source, flags=python_flags).replace(_END_OF_TEXT, "")
    except TranslationError as problem:
        raise RegexError(str(problem)) from None
    if not refers_back:
        return Pattern(_Re2Matcher(translated, flags))
    try:
        return Pattern(compile_backtracking(translated, flags))
    except UnsupportedPattern as problem:
        raise RegexError(str(problem), "regex-not-supported") from None


class _Re2Matcher:
    """RE2 as a `_Matcher`."""

    __slots__ = ("_compiled", "_weight", "groups")

    def __init__(self, translated: str, flags: str) -> None:
        import re2  # imported when used, as elementpath is

        options = re2.Options()
        options.log_errors = False
        prefix = "".join(flag for flag in flags if flag in "ims")
        try:
            self._compiled: Any = re2.compile(
                f"(?{prefix})(?:{translated})" if prefix else translated, options=options
            )
        except re2.error as problem:
            reason = problem.args[0]
            message = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
            raise RegexError(message, "regex-not-supported") from None
        self.groups: int = self._compiled.groups
        self._weight: int = 1 + self._compiled.programsize // _PROGRAM_PER_STEP

    def find(self, run: Run, text: str) -> Iterator[Spans]:
        run.charge((len(text) + 1) * self._weight)
        for found in self._compiled.finditer(text):
            yield [found.span(group) for group in range(self.groups + 1)]


def _prepared(pattern: str, ignores_blanks: bool) -> tuple[str, bool]:
    r"""Return the pattern as elementpath should see it, and whether it refers back.

    Blanks go where the `x` flag says so. `\d`, `\w` and `\s` outside a class become classes:
    alone they would reach RE2, which knows ASCII only. A back-reference is checked and set
    apart from digits that follow it.
    """
    pieces: list[str] = []
    depth = 0  # of classes: a class may have one taken away from it
    closed: list[int] = []  # groups that may be referred to, by number
    opened: list[int | None] = []
    count = 0
    refers_back = False
    scanned = _without_blanks(pattern) if ignores_blanks else pattern
    position = 0
    while position < len(scanned):
        piece = scanned[position]
        position += 1
        if piece == "\\" and position < len(scanned):
            piece += scanned[position]
            position += 1
            if depth == 0 and piece[1] in "dDwWsS":
                piece = f"[{piece}]"
            elif depth == 0 and piece[1] in "0123456789":
                number, position = _reference(scanned, position - 1, closed)
                refers_back = True
                following = scanned[position : position + 1]
                piece = f"\\{number}"
                if following and following in "0123456789":
                    piece += f"[{following}]"
                    position += 1
        elif piece == "[":
            depth += 1
        elif piece == "]" and depth:
            depth -= 1
        elif piece == "(" and depth == 0:
            counts = scanned[position : position + 2] != "?:"
            count += counts
            opened.append(count if counts else None)
        elif piece == ")" and depth == 0 and opened:
            number = opened.pop() or 0
            if number:
                closed.append(number)
        pieces.append(piece)
    return "".join(pieces), refers_back


def _reference(pattern: str, position: int, closed: list[int]) -> tuple[int, int]:
    """Return the group that the digits at `position` refer to, and where they end.

    As many digits count as make the number of a group that is closed (XPath, 7.6.1).
    """
    end = position + 1
    number = int(pattern[position])
    while end < len(pattern) and pattern[end] in "0123456789":
        longer = number * 10 + int(pattern[end])
        if longer not in closed:
            break
        number = longer
        end += 1
    if number not in closed:
        raise RegexError(f"there is no group {number} before `\\{number}`")
    return number, end


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


def _template(replacement: str, groups: int) -> list[str | int]:
    r"""Return a replacement as texts and group numbers (`$1`; `\$` and `\\` are characters)."""
    parts: list[str | int] = []
    position = 0
    while position < len(replacement):
        character = replacement[position]
        following = replacement[position + 1 : position + 2]
        position += 2
        if character == "\\":
            if following not in ("\\", "$"):
                raise RegexError("in a replacement `\\` stands before `\\` or `$`")
            parts.append(following)
        elif character == "$":
            if not following or following not in "0123456789":
                raise RegexError("in a replacement `$` stands before a digit")
            number = int(following)
            while (digit := replacement[position : position + 1]) and digit in "0123456789":
                if number * 10 + int(digit) > groups:
                    break
                number = number * 10 + int(digit)
                position += 1
            parts.append(number if number <= groups else "")
        else:
            parts.append(character)
            position -= 1
    return parts


def _group(text: str, span: tuple[int, int]) -> str:
    return "" if span[0] < 0 else text[span[0] : span[1]]


def _encodable(text: str) -> str:
    """Return `text`; raise `RegexError` when it has half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RegexError("a text with half of a surrogate pair cannot be matched") from None
    return text
