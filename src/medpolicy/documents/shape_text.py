"""Words that fit into a shape: the lines they break into, and the size they are set in."""

from __future__ import annotations

from typing import Final

_SIZES: Final = (17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0)
_ADVANCE: Final = 0.57
"""A character's width in ems, guessed wide: a reader's own font may be wider than ours."""
_LEADING: Final = 1.2
_ROOM: Final = 7.0
"""Between a shape's line and its words, at each side."""


def fitted(text: str, width: float, height: float) -> tuple[tuple[str, ...], float, float]:
    """Return the lines of `text`, their size and their leading, for a box of `width` by `height`.

    The largest size that fits is taken; words break only where even the smallest size leaves a
    word wider than the box.
    """
    room, rise = max(width - 2 * _ROOM, 1.0), max(height - _ROOM, 1.0)
    for size in _SIZES:
        at_most = max(int(room / (size * _ADVANCE)), 1)
        if max(len(word) for word in text.split() or [""]) > at_most:
            continue
        lines = _wrapped(text.split(), at_most)
        if len(lines) * size * _LEADING <= rise:
            return lines, size, size * _LEADING
    size = _SIZES[-1]
    at_most = max(int(room / (size * _ADVANCE)), 1)
    pieces = [
        word[start : start + at_most]
        for word in text.split()
        for start in range(0, len(word), at_most)
    ]
    return _wrapped(pieces, at_most), size, size * _LEADING


def _wrapped(words: list[str], at_most: int) -> tuple[str, ...]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= at_most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)
