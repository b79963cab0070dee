"""An outlook over columns: the answers to many questions, a gather a part.

A column holds a number for each question. What a part gives for the numbers that it reads is
kept in an array, so that a part costs a few passes over its columns; only what no question
had before is worked out, once. Needs numpy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pydmn.verify.outlook import Outlook
from pydmn.verify.parts import Part

Column: TypeAlias = NDArray[np.intp]

_ROWS: Final = 1 << 15
"""So many questions are gone through at a time, so that they stay in the processor's cache."""

_SQUARE: Final = 1 << 24
"""An array of pairs may have so many places; beyond, pairs are sorted."""

_NONE: Final = -1


class Spread:
    """An outlook for columns; one thread at a time uses it, several may share the outlook."""

    def __init__(self, outlook: Outlook, wanted: Iterable[int]) -> None:
        self._outlook = outlook
        self._wanted = tuple(dict.fromkeys(wanted))
        inputs = len(outlook.inputs)
        needed = set(self._wanted)
        for place in range(inputs + len(outlook.parts) - 1, inputs - 1, -1):
            if place in needed:
                part = outlook.parts[place - inputs]
                needed.update(part.reads, part.sees)
        self._parts = [
            (inputs + number, _Gather(outlook, part))
            for number, part in enumerate(outlook.parts)
            if inputs + number in needed
        ]

    def answered(self, numbers: Sequence[Column]) -> dict[int, Column]:
        """Return the columns of the places `wanted`, for the columns of the outlook's inputs.

        Raises `LimitExceeded`.
        """
        rows = len(numbers[0]) if numbers else 0
        found = {place: np.empty(rows, np.intp) for place in self._wanted}
        for start in range(0, rows, _ROWS):
            within = slice(start, min(start + _ROWS, rows))
            columns: dict[int, Column] = {
                place: column[within] for place, column in enumerate(numbers)
            }
            for place, gather in self._parts:
                columns[place] = gather.column(columns, within.stop - start)
            for place in self._wanted:
                found[place][within] = columns[place]
        return found


class _Gather:
    """One part over columns."""

    def __init__(self, outlook: Outlook, part: Part) -> None:
        self._outlook = outlook
        self._part = part
        self._first = _Dense()
        self._pairs = [_Pairs() for _ in part.reads[1:]]
        self._numbers = np.empty(0, np.intp)

    def column(self, columns: Mapping[int, Column], rows: int) -> Column:
        """Return what the part gives for each question."""
        reads = self._part.reads
        if not reads:
            return np.full(rows, self._outlook.worked_out(self._part, (), ()))
        codes = self._first.codes(columns[reads[0]])
        for place, pairs in zip(reads[1:], self._pairs, strict=True):
            codes = pairs.codes(codes, columns[place])
        many = self._pairs[-1].count if self._pairs else self._first.count
        if many > len(self._numbers):
            self._work_out(columns, codes, many)
        return self._numbers.take(codes)

    def _work_out(self, columns: Mapping[int, Column], codes: Column, many: int) -> None:
        """Work out what is new; the codes that are come for the first time in these columns."""
        known = len(self._numbers)
        rows = np.full(many - known, _NONE)
        new = np.flatnonzero(codes >= known)
        rows[codes[new[::-1]] - known] = new[::-1]
        made = []
        for row in rows.tolist():
            reads = tuple([int(columns[place][row]) for place in self._part.reads])
            sees = [int(columns[place][row]) for place in self._part.sees]
            made.append(self._outlook.worked_out(self._part, reads, sees))
        self._numbers = np.concatenate([self._numbers, np.array(made, np.intp)])


class _Dense:
    """Numbers to codes from 0, in the order in which they came."""

    def __init__(self) -> None:
        self._codes = np.full(64, _NONE)
        self.count = 0

    def codes(self, numbers: Column) -> Column:
        """Return the codes of a column."""
        highest = int(numbers.max(initial=0))
        if highest >= len(self._codes):
            more = np.full(max(highest + 1, 2 * len(self._codes)) - len(self._codes), _NONE)
            self._codes = np.concatenate([self._codes, more])
        codes = self._codes.take(numbers)
        if codes.min(initial=0) == _NONE:
            new = np.unique(numbers[codes == _NONE])
            self._codes[new] = np.arange(self.count, self.count + len(new))
            self.count += len(new)
            codes = self._codes.take(numbers)
        return codes


class _Pairs:
    """Pairs of a code and a number to codes from 0."""

    def __init__(self) -> None:
        self._right = _Dense()
        self._width = 16
        self._codes = np.full(16 * self._width, _NONE)
        self._sorted: dict[int, int] | None = None
        self.count = 0

    def codes(self, left: Column, numbers: Column) -> Column:
        """Return the codes of the pairs of two columns."""
        right = self._right.codes(numbers)
        if self._sorted is None:
            self._make_room(int(left.max(initial=0)) + 1)
        if self._sorted is not None:
            return self._by_sorting(left, right)
        keys: Column = left * self._width
        keys += right
        codes = self._codes.take(keys)
        if codes.min(initial=0) == _NONE:
            new = np.unique(keys[codes == _NONE])
            self._codes[new] = np.arange(self.count, self.count + len(new))
            self.count += len(new)
            codes = self._codes.take(keys)
        return codes

    def _make_room(self, height: int) -> None:
        width = self._width
        while width < self._right.count:
            width *= 2
        there = len(self._codes) // self._width
        while there < height:
            there *= 2
        if there * width == len(self._codes):
            return
        held = self._codes.reshape(-1, self._width)
        if there * width > _SQUARE:
            known = np.argwhere(held != _NONE)
            self._sorted = {
                (int(row) << 32) + int(column): int(held[row, column]) for row, column in known
            }
            return
        grown = np.full((there, width), _NONE)
        grown[: held.shape[0], : held.shape[1]] = held
        self._codes, self._width = grown.reshape(-1), width

    def _by_sorting(self, left: Column, right: Column) -> Column:
        assert self._sorted is not None
        kept, inverse = np.unique((left << 32) + right, return_inverse=True)
        codes: list[int] = []
        for key in kept.tolist():
            codes.append(self._sorted.setdefault(key, self.count))
            self.count = max(self.count, codes[-1] + 1)
        made: Column = np.array(codes, np.intp)[inverse]
        return made
