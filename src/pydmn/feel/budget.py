"""What a value costs when it is made: one step for an element or a character.

A collection or string above its own limit is refused before it is built, so that a
short text cannot ask for a large memory.
"""

from __future__ import annotations

from pydmn.run import Run


def charge_items(run: Run, count: int) -> None:
    """Charge `run` for a collection of `count` elements.

    Raises `LimitExceeded` when the collection is above `limits.items` or the steps are spent.
    """
    if count > run.limits.items:
        run.limits.exceeded("items")
    run.charge(count)


_COMPARED_PER_STEP = 1_000
_LONGEST_COMPARED = 100


def charge_search(run: Run, text: str, match: str) -> None:
    """Charge `run` for looking for `match` in `text`.

    Python compares a short text anew at each place, and has a linear search for long ones.
    """
    run.charge(len(text) * min(len(match), _LONGEST_COMPARED) // _COMPARED_PER_STEP)


def charge_chars(run: Run, count: int) -> None:
    """Charge `run` for a string of `count` code points.

    Raises `LimitExceeded` when the string is above `limits.chars` or the steps are spent.
    """
    if count > run.limits.chars:
        run.limits.exceeded("chars")
    run.charge(count)
