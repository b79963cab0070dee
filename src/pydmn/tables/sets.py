"""Sets of rules as ints, the *masks*: bit `n` stands for rule `n`, counted from 0."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Final, TypeVar

_FEW: Final = 8
"""The bits of a mask are taken one by one up to so many; beyond, all are looked at in one go."""

_TRUTHS: Final = bytes(each == ord("1") for each in range(256))
"""What makes a digit, 0 or 1, of a text's octet."""

_Item = TypeVar("_Item")


def bits(mask: int) -> list[int]:
    """Return the numbers of the bits of `mask`, ascending."""
    return chosen(range(mask.bit_length()), mask)


def chosen(items: Sequence[_Item], mask: int) -> list[_Item]:
    """Return the items whose bits are in `mask`, in their order; there is one for each bit.

    It takes as long as there are items, or bits where these are few.
    """
    if mask.bit_count() > _FEW:
        return [*compress(items, bin(mask)[:1:-1].encode().translate(_TRUTHS))]
    found = []
    while mask:
        lowest = mask & -mask
        found.append(items[lowest.bit_length() - 1])
        mask ^= lowest
    return found
