"""What a frame's evaluation gives: the answers, how they came about, what stood in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydmn.diagnostics import Diagnostic
from pydmn.errors import NotColumnar

Path: TypeAlias = Literal["columnar", "distinct", "rows"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision was not worked out column by column.

    `place` is what of the decision is meant, in the author's words: a text, or empty for all.
    """

    decision: str
    place: str
    reason: str

    def __str__(self) -> str:
        where = f"`{self.decision}`, {self.place}" if self.place else f"`{self.decision}`"
        return f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class FrameResult:
    """The answers to one decision for the rows of a frame, in their order.

    `frame` is of the kind of the frame handed in. It has one column with the decision's name, and
    with `hits` a second, `NAME: rules`: the ids of the rules hit, a list of strings. `path` is
    how the answers came about:

    - `columnar`: each decision is a table, or an expression of polars that means the same, so
      that no number of different rows is too many;
    - `distinct`: some decision is neither, and its combinations of values are each decided once;
    - `rows`: one by one, since there were `refusals` and the caller asked for it.
    """

    frame: Any
    path: Path
    refusals: tuple[Refusal, ...] = ()


class Refused(Exception):
    """A decision has no columnar answer for this frame."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def not_columnar(refusals: tuple[Refusal, ...]) -> NotColumnar:
    """Return the error that names what refused."""
    help_ = "with `fallback=True` the rows are decided one by one"
    return NotColumnar(
        str(refusals[0]), [Diagnostic("not-columnar", str(each), help=help_) for each in refusals]
    )
