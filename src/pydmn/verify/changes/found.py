"""What is found of two versions: whether they are equal, and the changes between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ChangeClass(StrEnum):
    """What a change does: gives an answer where there was none, takes one, or another."""

    BROADER = "broader"
    NARROWER = "narrower"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Change:
    """A region of inputs in which two versions answer differently, with a case in it.

    `witness` has the inputs of a case by name, `old` and `new` what the versions answer in it,
    all in the host's types; `old_rules` and `new_rules` are the ids of the rules hit on the way.
    `region` has FEEL's unary tests of the inputs that matter, by name; what it holds is the
    region. It is None where no more is known than the case.
    """

    class_: ChangeClass
    witness: Mapping[str, Any]
    old: Any
    new: Any
    old_rules: tuple[str, ...] = ()
    new_rules: tuple[str, ...] = ()
    region: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What two versions of a decision do.

    `equal` is True where that is proved of all inputs, False where a case shows that they are
    not, None where it is not decided. `changes` are where they differ, the largest region first.
    `why` says what is not decided, or why there may be more than the changes; None otherwise.
    """

    decision: str
    equal: bool | None
    changes: tuple[Change, ...] = ()
    why: str | None = None
