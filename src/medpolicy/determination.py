"""The outcome: what is answered for each line of a request, and why.

`to_dict` gives the JSON of a determination, always with the same keys in the same order. The
values in a trace are those of the decisions: `Decimal` and `datetime.date` among them, which
`pydmn.write_json` writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Disposition(StrEnum):
    """What a system may answer for a line. None of them is a denial."""

    APPROVE = "APPROVE"
    PEND_INFO = "PEND_INFO"
    CLINICAL_REVIEW = "CLINICAL_REVIEW"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NO_REVIEW_REQUIRED = "NO_REVIEW_REQUIRED"
    CODING_ERROR = "CODING_ERROR"


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that led to the outcome, with its words and where the text says so.

    `rule` and `criterion` are None for what no single rule says.
    """

    criterion: str | None
    statement: str
    citation: str | None
    rule: str | None
    decision: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact to ask for; `would_decide`: it alone settles the disposition, whatever it is."""

    fact: str
    question: str | None
    would_decide: bool


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that all cells but one would have hit: the cell, and the value it refused."""

    rule: str
    column: str
    cell: str
    value: Any


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One decision: what went in, which rules were hit, what came out.

    Where unknown facts leave it open, `value` is None and `possible` lists the values.
    """

    decision: str
    inputs: Mapping[str, Any]
    rules: tuple[str, ...]
    value: Any
    possible: tuple[Any, ...] | None
    near_misses: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True)
class LineDetermination:
    """The outcome of one line."""

    id: str
    disposition: Disposition
    criteria_result: str
    reasons: tuple[Reason, ...]
    recommendation: str | None
    rationale: tuple[str, ...]
    governed_by: str | None
    missing: tuple[Missing, ...]
    flags: tuple[str, ...]
    trace: tuple[TraceEntry, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the line as JSON values; `trace` only where it was asked for."""
        data: dict[str, Any] = {
            "id": self.id,
            "disposition": self.disposition.value,
            "criteria_result": self.criteria_result,
            "reasons": [
                {
                    "criterion": reason.criterion,
                    "statement": reason.statement,
                    "citation": reason.citation,
                    "rule": reason.rule,
                    "decision": reason.decision,
                }
                for reason in self.reasons
            ],
            "recommendation": self.recommendation,
            "rationale": list(self.rationale),
            "governed_by": self.governed_by,
            "missing": [
                {
                    "fact": missing.fact,
                    "question": missing.question,
                    "would_decide": missing.would_decide,
                }
                for missing in self.missing
            ],
            "flags": list(self.flags),
        }
        if self.trace is not None:
            data["trace"] = [_trace_dict(entry) for entry in self.trace]
        return data


def _trace_dict(entry: TraceEntry) -> dict[str, Any]:
    data: dict[str, Any] = {
        "decision": entry.decision,
        "inputs": dict(entry.inputs),
        "rules": list(entry.rules),
        "value": entry.value,
    }
    if entry.possible is not None:
        data["possible"] = list(entry.possible)
    data["near_misses"] = [
        {"rule": miss.rule, "column": miss.column, "cell": miss.cell, "value": miss.value}
        for miss in entry.near_misses
    ]
    return data


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """Which policy decided: its id, its version, the SHA-256 of its content."""

    id: str
    version: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Engine:
    """Which runtime decided."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Determination:
    """The outcome of a request."""

    id: str
    policy: PolicyVersion
    engine: Engine
    lines: tuple[LineDetermination, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the determination as JSON values."""
        return {
            "id": self.id,
            "policy": {
                "id": self.policy.id,
                "version": self.policy.version,
                "content_hash": self.policy.content_hash,
            },
            "engine": {"name": self.engine.name, "version": self.engine.version},
            "lines": [line.to_dict() for line in self.lines],
        }
