"""What is found of a table: proofs and defects, each defect with a case that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pydmn.diagnostics import Severity
from pydmn.source import Source

FINDINGS: Final = {
    "gap": "Something matches no rule, and there is no default",
    "overlap": "Several rules of a UNIQUE table match",
    "conflict": "Rules of an ANY table match and conclude different things",
    "masked": "A rule in front, with another conclusion, takes what a rule matches",
    "dead-rule": "A rule never fires",
    "redundant": "Rules can be dropped, or be one, and no answer changes",
    "unreachable-output": "An output never occurs",
    "outside-allowed": "A cell asks for, or concludes, a value that is not allowed",
    "irrelevant-input": "A column never makes a difference",
    "not-decided": "Something cannot be decided, or not within the steps for it",
}
"""The codes of findings, and what each means."""


class Verdict(StrEnum):
    """How sure: `PROVED` of all inputs, a `COUNTEREXAMPLE` that the engine confirmed, or not."""

    PROVED = "PROVED"
    COUNTEREXAMPLE = "COUNTEREXAMPLE"
    NOT_DECIDED = "NOT DECIDED"


@dataclass(frozen=True, slots=True)
class TableFinding:
    """One thing to know of a table.

    `code` is one of the page of codes. `rules` are ids, the rule that the finding is about
    first. `witness` has a value, in the host's types, for each input and decision that the
    table reads and the finding hangs on; None where the verdict is no counterexample. `source`
    is the rule, the cell or the column.
    """

    code: str
    verdict: Verdict
    message: str
    severity: Severity
    rules: tuple[str, ...] = ()
    witness: Mapping[str, Any] | None = None
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class VerifiedTable:
    """A table, what is proved of it, and what is found, the worst first.

    `proved` has names from this list, in its order: `complete` (whatever is not null matches a
    rule or the default), `complete-with-null` (nulls too), `no-overlap`, `no-conflict`,
    `no-masking`, `no-dead-rule`, `no-redundant-rule`, `no-unreachable-output`,
    `none-outside-allowed`, `every-input-matters`.
    """

    decision: str
    proved: tuple[str, ...]
    findings: tuple[TableFinding, ...]
    source: Source = field(default=Source(""), compare=False)

    @property
    def sound(self) -> bool:
        """Whether no finding is an error."""
        return all(each.severity is not Severity.ERROR for each in self.findings)
