"""Positions in strings and lists: 1 is the first, -1 the last (DMN 1.5, 10.3.4.3, 10.3.4.4)."""

from __future__ import annotations

from decimal import Decimal

from pydmn.feel import numbers
from pydmn.run import Run


def index_at(run: Run, name: str, size: int, position: Decimal) -> int | None:
    """Return the index from 0 for `position` among `size` elements.

    A fraction is dropped. Null, with a note that names the function `name`, for 0 and for a
    position beyond either end.
    """
    whole = numbers.truncated(position)
    if whole == 0 or abs(whole) > size:
        run.note("domain", f"`{name}`: there is no such position among {size}")
        return None
    return whole - 1 if whole > 0 else size + whole


def stretch(run: Run, name: str, size: int, start: Decimal, length: Decimal | None) -> slice | None:
    """Return the slice from `start` on, of `length` elements or all; null outside the size."""
    first = index_at(run, name, size, start)
    if first is None:
        return None
    if length is None:
        return slice(first, size)
    count = numbers.truncated(length)
    if not 1 <= count <= size - first:
        run.note("domain", f"`{name}`: the length lies between 1 and {size - first}")
        return None
    return slice(first, first + count)
