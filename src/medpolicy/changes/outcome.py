"""What a policy answers a line, without its words, and what a change of it is called.

A change is of one part of a determination, and has exactly one class:

- The *disposition*. `APPROVE`, `NO_REVIEW_REQUIRED` and `NOT_APPLICABLE` let a line through without
  a person; `CLINICAL_REVIEW`, `PEND_INFO` and `CODING_ERROR` hold it, as no disposition does. From
  held to through is *broader*, from through to held *narrower*; another disposition on the same
  side is a *different question*.
- What the *criteria* say, to whoever reviews: `medically necessary` is the most favourable,
  `investigational and not medically necessary` the least, all else is between. More favourable is
  *broader*, less is *narrower*, as favourable a *different question*.
- With both of these the same, whatever else is answered otherwise (what is asked for, the
  recommendation, the rationale, the flags, what governs) is a *different question*. So is what one
  version alone asks for.
- With all of that the same, other reasons or other words of a question are *wording only*: equal
  in meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final, Self

from medpolicy.determination import Disposition, LineDetermination
from medpolicy.determine import UNDETERMINED

THROUGH: Final = frozenset(
    {Disposition.APPROVE, Disposition.NO_REVIEW_REQUIRED, Disposition.NOT_APPLICABLE}
)
"""What lets a line through without a person."""

DISPOSITION: Final = "disposition"
CRITERIA: Final = "criteria_result"

_FAVOUR: Final = {"medically necessary": 1, "investigational and not medically necessary": -1}


class ChangeClass(StrEnum):
    """What a change is called."""

    BROADER = "broader"
    NARROWER = "narrower"
    DIFFERENT_QUESTION = "different question"
    WORDING_ONLY = "wording only"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A line's determination without its reasons; `disposition` is None where no rule gives one.

    `missing`, `rationale` and `flags` are sets: their order means nothing.
    """

    disposition: str | None
    criteria_result: str
    missing: frozenset[str] = frozenset()
    recommendation: str | None = None
    rationale: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    governed_by: str | None = None

    @classmethod
    def of(cls, line: LineDetermination | None) -> Self:
        """Return the outcome of a determination's line, or of a line without one."""
        if line is None:
            return cls(None, UNDETERMINED)
        return cls(
            line.disposition.value,
            line.criteria_result,
            frozenset(each.fact for each in line.missing),
            line.recommendation,
            frozenset(line.rationale),
            frozenset(line.flags),
            line.governed_by,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as JSON has a line of a determination, lists in order."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in found.items()
        }


def differing(old: Outcome, new: Outcome) -> tuple[str, ...]:
    """Return the names of the fields in which two outcomes differ, in order."""
    return tuple(
        each.name for each in fields(Outcome) if getattr(old, each.name) != getattr(new, each.name)
    )


def class_of(field: str, old: Outcome, new: Outcome) -> ChangeClass:
    """Return the class of a change of a field of the determination."""
    before = after = 0
    if field == DISPOSITION:
        before, after = (each.disposition in THROUGH for each in (old, new))
    elif field == CRITERIA:
        before, after = (_FAVOUR.get(each.criteria_result, 0) for each in (old, new))
    if before == after:
        return ChangeClass.DIFFERENT_QUESTION
    return ChangeClass.BROADER if after > before else ChangeClass.NARROWER
