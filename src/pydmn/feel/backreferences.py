r"""A matcher for regular expressions that refer back, as `(a)\1` does.

Such patterns cannot be matched in linear time, so each step of this backtracking matcher
is charged to the run: a hostile pattern spends the budget and ends. The syntax is what the
translation in `pydmn.feel.regex` leaves: literals, classes without subtraction, groups,
alternatives, greedy and lazy quantifiers, `^`, `$` and back-references.

A pattern becomes a list of instructions for a small machine that keeps its own stack, so
the length of a text does not meet Python's recursion limit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import accumulate
from typing import Final, TypeAlias, assert_never

from pydmn.run import Run

MAX_INSTRUCTIONS: Final = 20_000
MAX_NESTING: Final = 100

_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t"}
_LINE_ENDS: Final = "\n"


class UnsupportedPattern(Exception):
    """The pattern is too large for this matcher."""


class _Code(Enum):
    """What an instruction does."""

    CLASS = auto()
    """Take one character of a class."""
    REFERENCE = auto()
    """Take what group `first` has matched."""
    START = auto()
    END = auto()
    SPLIT = auto()
    """Go on at `first`; should that fail, at `second`."""
    JUMP = auto()
    SAVE = auto()
    """Keep the position in slot `first`."""
    PROGRESS = auto()
    """Go on at `second` when nothing was taken since slot `first` was set: an empty round."""
    MATCH = auto()


@dataclass(frozen=True, slots=True)
class _Class:
    """Characters by ranges; `lows` and `highs` ascend together."""

    lows: tuple[str, ...]
    highs: tuple[str, ...]
    negated: bool

    def __contains__(self, character: str) -> bool:
        index = bisect_right(self.lows, character) - 1
        return (index >= 0 and character <= self.highs[index]) != self.negated

    def holds_variant(self, character: str) -> bool:
        """Say whether the class has the character in either case (the `i` flag)."""
        plain = _Class(self.lows, self.highs, negated=False)
        return any(variant in plain for variant in _variants(character)) != self.negated


_NO_CHARACTERS: Final = _Class((), (), negated=False)


@dataclass(slots=True)
class _Instruction:
    code: _Code
    first: int = 0
    second: int = 0
    characters: _Class = _NO_CHARACTERS


_Slots: TypeAlias = tuple[int, ...]


class BacktrackingMatcher:
    """A compiled pattern with back-references."""

    __slots__ = ("_caseless", "_lines", "_program", "_size", "groups")

    def __init__(
        self, program: tuple[_Instruction, ...], groups: int, size: int, flags: str
    ) -> None:
        self._program = program
        self._size = size
        self._caseless = "i" in flags
        self._lines = "m" in flags
        self.groups = groups

    def find(self, run: Run, text: str) -> Iterator[list[tuple[int, int]]]:
        """Give the spans of each match and its groups, left to right, not overlapping."""
        start = 0
        while start <= len(text):
            slots = self._match(run, text, start)
            if slots is None:
                start += 1
                continue
            yield [(slots[2 * group], slots[2 * group + 1]) for group in range(self.groups + 1)]
            start = slots[1] if slots[1] > slots[0] else slots[1] + 1

    def _match(self, run: Run, text: str, start: int) -> _Slots | None:
        program = self._program
        slots: _Slots = (start, *[-1] * (self._size - 1))
        pending = [(0, start, slots)]
        while pending:
            at, position, slots = pending.pop()
            while True:
                run.charge(1)
                step = program[at]
                at += 1
                match step.code:
                    case _Code.CLASS:
                        if position == len(text) or not self._takes(step, text[position]):
                            break
                        position += 1
                    case _Code.REFERENCE:
                        end = self._referred(run, text, position, slots, step.first)
                        if end is None:
                            break
                        position = end
                    case _Code.START:
                        if not self._at_start(text, position):
                            break
                    case _Code.END:
                        if not self._at_end(text, position):
                            break
                    case _Code.SPLIT:
                        pending.append((step.second, position, slots))
                        at = step.first
                    case _Code.JUMP:
                        at = step.first
                    case _Code.SAVE:
                        slots = (*slots[: step.first], position, *slots[step.first + 1 :])
                    case _Code.PROGRESS:
                        if slots[step.first] == position:
                            at = step.second
                    case _Code.MATCH:
                        return (slots[0], position, *slots[2:])
                    case unknown:
                        assert_never(unknown)
        return None

    def _takes(self, step: _Instruction, character: str) -> bool:
        if self._caseless:
            return step.characters.holds_variant(character)
        return character in step.characters

    def _referred(
        self, run: Run, text: str, position: int, slots: _Slots, group: int
    ) -> int | None:
        """Return where the repetition of a group ends; one without a part repeats nothing."""
        start, end = slots[2 * group], slots[2 * group + 1]
        if start < 0 or end < 0:
            return position
        run.charge(end - start)
        wanted, found = text[start:end], text[position : position + end - start]
        if wanted == found or (
            self._caseless
            and len(wanted) == len(found)
            and all(one in _variants(other) for one, other in zip(wanted, found, strict=True))
        ):
            return position + len(wanted)
        return None

    def _at_start(self, text: str, position: int) -> bool:
        return position == 0 or (self._lines and text[position - 1] in _LINE_ENDS)

    def _at_end(self, text: str, position: int) -> bool:
        return position == len(text) or (self._lines and text[position] in _LINE_ENDS)


def compile_pattern(pattern: str, flags: str) -> BacktrackingMatcher:
    """Return a matcher for a translated, correct `pattern`; `flags` are of `i` and `m`.

    Raises `UnsupportedPattern` when it is nested too deep or repeats too much.
    """
    compiler = _Compiler(pattern)
    compiler.alternatives(0)
    compiler.emit(_Code.MATCH)
    size = 2 * (compiler.groups + 1)
    program = compiler.program
    for step in program:
        # The slots of loops come behind those of the groups, whose number is known now.
        if step.first < 0:
            step.first = size - step.first - 1
    return BacktrackingMatcher(tuple(program), compiler.groups, size + compiler.loops, flags)


class _Compiler:
    """Reads a pattern and writes the program, by recursive descent."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self.program: list[_Instruction] = []
        self.groups = 0
        self.loops = 0

    def emit(
        self, code: _Code, first: int = 0, second: int = 0, characters: _Class = _NO_CHARACTERS
    ) -> _Instruction:
        """Add an instruction to the program."""
        if len(self.program) >= MAX_INSTRUCTIONS:
            raise UnsupportedPattern("a pattern that refers back repeats too much")
        instruction = _Instruction(code, first, second, characters)
        self.program.append(instruction)
        return instruction

    def alternatives(self, depth: int) -> None:
        """Read `a|b|c` up to a closing parenthesis or the end."""
        if depth > MAX_NESTING:
            raise UnsupportedPattern("a pattern that refers back is nested too deep")
        exits: list[_Instruction] = []
        while True:
            start = len(self.program)
            self._sequence(depth)
            if not self._ahead("|"):
                break
            self._insert(start, _Code.SPLIT)
            exits.append(self.emit(_Code.JUMP))
            self.program[start].first = start + 1
            self.program[start].second = len(self.program)
        for exit_ in exits:
            exit_.first = len(self.program)

    def _sequence(self, depth: int) -> None:
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            start = len(self.program)
            self._atom(depth)
            self._quantified(start)

    def _atom(self, depth: int) -> None:
        character = self._next()
        if character == "(":
            if self._ahead("?:"):
                self.alternatives(depth + 1)
            else:
                self.groups += 1
                group = self.groups
                self.emit(_Code.SAVE, 2 * group)
                self.alternatives(depth + 1)
                self.emit(_Code.SAVE, 2 * group + 1)
            self._next()
        elif character == "[":
            self.emit(_Code.CLASS, characters=self._class())
        elif character == ".":
            self.emit(_Code.CLASS, characters=_Class((), (), negated=True))
        elif character == "^":
            self.emit(_Code.START)
        elif character == "$":
            self.emit(_Code.END)
        elif character == "\\" and self._pattern[self._at] in "123456789":
            digits = self._digits()
            self.emit(_Code.REFERENCE, digits)
        else:
            if character == "\\":
                character = self._next()
                character = _CONTROLS.get(character, character)
            self.emit(_Code.CLASS, characters=_Class((character,), (character,), negated=False))

    def _class(self) -> _Class:
        negated = self._ahead("^")
        ranges: list[tuple[str, str]] = []
        while (low := self._next()) != "]":
            low = self._escaped(low)
            high = low
            if self._pattern[self._at] == "-" and self._pattern[self._at + 1] != "]":
                self._at += 1
                high = self._escaped(self._next())
            ranges.append((low, high))
        ranges.sort()
        # Ranges may overlap: each then reaches as far as any before it.
        highs = tuple(accumulate((high for _, high in ranges), max))
        return _Class(tuple(low for low, _ in ranges), highs, negated)

    def _escaped(self, character: str) -> str:
        if character != "\\":
            return character
        following = self._next()
        return _CONTROLS.get(following, following)

    def _quantified(self, start: int) -> None:
        """Repeat what was written since `start` as the quantifier behind it says."""
        low, high = 1, 1
        if self._ahead("*"):
            low, high = 0, -1
        elif self._ahead("+"):
            low, high = 1, -1
        elif self._ahead("?"):
            low, high = 0, 1
        elif self._ahead("{"):
            low = high = self._digits()
            if self._ahead(","):
                high = -1 if self._pattern[self._at] == "}" else self._digits()
            self._next()
        else:
            return
        lazy = self._ahead("?")
        body = self.program[start:]
        del self.program[start:]
        for _ in range(low):
            self._copy(body, start)
        if high < 0:
            self._loop(body, start, lazy)
        else:
            splits = []
            for _ in range(high - low):
                splits.append(self.emit(_Code.SPLIT))
                self._branch(splits[-1], lazy)
                self._copy(body, start)
            for split in splits:
                self._end_branch(split, lazy)

    def _loop(self, body: list[_Instruction], start: int, lazy: bool) -> None:
        top = len(self.program)
        split = self.emit(_Code.SPLIT)
        self._branch(split, lazy)
        self.loops += 1
        self.emit(_Code.SAVE, -self.loops)
        self._copy(body, start)
        progress = self.emit(_Code.PROGRESS, -self.loops)
        self.emit(_Code.JUMP, top)
        self._end_branch(split, lazy)
        progress.second = len(self.program)

    def _branch(self, split: _Instruction, lazy: bool) -> None:
        """Let the split's wanted way be the next instruction."""
        if lazy:
            split.second = len(self.program)
        else:
            split.first = len(self.program)

    def _end_branch(self, split: _Instruction, lazy: bool) -> None:
        """Let the split's other way be the next instruction."""
        if lazy:
            split.first = len(self.program)
        else:
            split.second = len(self.program)

    def _copy(self, body: list[_Instruction], start: int) -> None:
        """Write `body`, which stood at `start`, again here."""
        moved = len(self.program) - start
        for step in body:
            copy = self.emit(step.code, step.first, step.second, step.characters)
            if step.code in (_Code.SPLIT, _Code.JUMP):
                copy.first += moved
            if step.code in (_Code.SPLIT, _Code.PROGRESS):
                copy.second += moved

    def _insert(self, index: int, code: _Code) -> None:
        """Put an instruction before those written since `index`."""
        body = self.program[index:]
        del self.program[index:]
        self.emit(code)
        self._copy(body, index)

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _ahead(self, text: str) -> bool:
        """Take `text` if it is what comes next."""
        if not self._pattern.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def _digits(self) -> int:
        start = self._at
        while self._at < len(self._pattern) and self._pattern[self._at] in "0123456789":
            self._at += 1
        return int(self._pattern[start : self._at])


def _variants(character: str) -> frozenset[str]:
    """Return the character in its cases, those that are one character."""
    forms = (character, character.lower(), character.upper(), character.casefold())
    return frozenset(
        form for one in forms for form in (one, one.lower(), one.upper()) if len(form) == 1
    )
