"""What a contestant of Python gives when it has read a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


class Refused(Exception):
    """The contestant cannot do this task; the message says why."""


def _as_it_is(raw: Any) -> Any:
    return raw


@dataclass(frozen=True, slots=True)
class Ready:
    """A contestant that has loaded its model.

    Timed is `decide(record)` alone, for each of `records` in turn. The records are already in
    the form that the contestant takes, and `answer` turns what `decide` returned into the form
    of the oracle; neither costs it anything.
    """

    decide: Callable[[Any], Any]
    records: Sequence[Any]
    answer: Callable[[Any], Any] = _as_it_is
