"""XPath regular expressions for `matches`, `replace` and `split` (DMN 1.5, 10.3.4.3).

The syntax is that of XQuery and XPath Functions and Operators 2.0, 7.6. A pattern is
checked and translated by elementpath (`pydmn.feel.regex_source`) and matched by RE2, whose
time is linear in the text whatever the pattern. RE2 has no back-references; a pattern with
one goes to `pydmn.feel.backreferences`, which charges the run for each step. Both libraries
are imported when the first pattern is used.

One difference from XPath is known: with the flag `m`, `^` matches behind a newline that ends
the text too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, Protocol, TypeAlias

from pydmn.feel.backreferences import UnsupportedPattern
from pydmn.feel.backreferences import compile_pattern as compile_backtracking
from pydmn.feel.budget import charge_chars, charge_items
from pydmn.feel.regex_source import PatternSource, PatternSyntaxError, read_pattern
from pydmn.feel.values import Value
from pydmn.run import Run

_FLAGS: Final = frozenset("smix")
_CACHED: Final = 256
_PROGRAM_PER_STEP: Final = 100
"""RE2 takes about this many instructions at a character in the time of one step."""

_STEPS_PER_MATCH: Final = 2
"""For the places of a match and its groups."""

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
            made = (
                part if isinstance(part, str) else _group(text, spans[part]) for part in template
            )
            piece = text[end : spans[0][0]] + "".join(made)
            size += len(piece)
            run.charge(len(piece))
            if size > run.limits.chars:
                run.limits.exceeded("chars")
            pieces.append(piece)
            end = spans[0][1]
        rest = len(text) - end
        if size + rest > run.limits.chars:
            run.limits.exceeded("chars")
        run.charge(rest)
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
    run.charge(len(pattern))
    if not _FLAGS.issuperset(flags):
        raise RegexError(f"the flags are of `s`, `m`, `i` and `x`, not `{flags}`")
    try:
        source = _read(_encodable(pattern), "x" in flags)
        source.charge(run)
        return _compiled(source, "".join(sorted(set(flags))))
    except PatternSyntaxError as problem:
        raise RegexError(str(problem)) from None


@lru_cache(_CACHED)
def _read(pattern: str, ignores_blanks: bool) -> PatternSource:
    return read_pattern(pattern, ignores_blanks)


@lru_cache(_CACHED)
def _compiled(source: PatternSource, flags: str) -> Pattern:
    python_flags = (re.DOTALL if "s" in flags else 0) | (re.MULTILINE if "m" in flags else 0)
    translated = source.translated(python_flags)
    if not source.refers_back:
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
            run.charge(_STEPS_PER_MATCH)
            yield [found.span(group) for group in range(self.groups + 1)]


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
