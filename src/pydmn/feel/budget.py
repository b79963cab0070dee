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


def charge_chars(run: Run, count: int) -> None:
    """Charge `run` for a string of `count` code points.

    Raises `LimitExceeded` when the string is above `limits.chars` or the steps are spent.
    """
    if count > run.limits.chars:
        run.limits.exceeded("chars")
    run.charge(count)
