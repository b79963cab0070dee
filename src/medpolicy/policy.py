"""A policy: who it is, when it is in force, who has adopted it, and its decisions.

What the runtime tells the decisions of a policy, they declare as input data by these names, as
many of them as they need (`RUNTIME_INPUTS`). Every other input data is a parameter, if
`policy.toml` sets it, or a fact that a request may state. The decisions that the runtime asks
are `TARGETS`; `Disposition` has to be there.

Whether a policy is in force, who has adopted it and what takes precedence is asked of the day
that decides (`Policy.deciding_day`): the service date, unless a policy with versions says
otherwise for a plan or a state. What is asked of codes and of ages stays with the service date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

import pydmn
from medpolicy.problems import Problem, RequestError, shown
from medpolicy.record import FactType, Plan, Request, read_request

RUNTIME_INPUTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "service date": "the day of the service, a date",
        "age": "the member's completed years on that day, a number",
        "plan": "the plan's name",
        "line of business": "the line of business",
        "state": "the state, two letters",
        "in force": "whether the policy is in force on the day that decides",
        "adoption": "how the plan has adopted it: review, education only, none",
        "precedence": "what governs instead, where a precedence layer names the code",
        "procedure system": "the code system of the line's procedure",
        "procedure code": "the code of the line's procedure",
        "procedure status": "valid, not billable or not valid on the service date",
        "request procedures": "the procedure codes of all lines",
        "diagnoses": "the diagnosis codes of the line",
        "invalid diagnoses": "those of them not valid or not billable on the service date",
        "new diagnoses": "those of them that came into force after the policy's last review",
    }
)
DISPOSITION: Final = "Disposition"
CRITERIA_RESULT: Final = "Criteria result"
RECOMMENDATION: Final = "Recommendation"
RATIONALE: Final = "Rationale"
FLAGS: Final = "Flags"
GOVERNED_BY: Final = "Governed by"
TARGETS: Final = (
    DISPOSITION, CRITERIA_RESULT, RECOMMENDATION, RATIONALE, FLAGS, GOVERNED_BY
)  # fmt: skip

MODES: Final = ("review", "education only")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What identifies a policy."""

    id: str
    number: str
    title: str
    kind: str
    publisher: str
    status: str
    version: str
    language: str = "en-US"


@dataclass(frozen=True, slots=True)
class Dates:
    """The days of a policy; without `effective_to` it has no end. Both ends are included."""

    published: date
    last_review: date
    effective_from: date
    effective_to: date | None = None

    def in_force(self, day: date) -> bool:
        """Say whether the policy is in force on `day`."""
        return _within(day, self.effective_from, self.effective_to)


@dataclass(frozen=True, slots=True)
class Adoption:
    """One row of the adoption table: who uses the policy, from when to when, and how."""

    plan: str
    line_of_business: str
    start: date
    mode: str
    state: str | None = None
    end: date | None = None


class DateOfRequest(StrEnum):
    """The dates of a request by which a version of a policy can be chosen."""

    SERVICE = "service date"
    REQUEST = "request date"
    PROCESSING = "processing date"

    @property
    def field(self) -> str:
        """The name of the date in a request."""
        return self.value.replace(" ", "_")

    def of(self, request: Request) -> date:
        """Return the date; raises `RequestError` where the request does not state it."""
        dates = {
            DateOfRequest.SERVICE: request.service_date,
            DateOfRequest.REQUEST: request.request_date,
            DateOfRequest.PROCESSING: request.processing_date,
        }
        day = dates[self]
        if day is None:
            message = f"is missing: for plan {shown(request.plan.name)} it chooses the version"
            raise RequestError([Problem(self.field, message, "give it as YYYY-MM-DD")])
        return day


@dataclass(frozen=True, slots=True)
class ChosenBy:
    """A row of what chooses a version: of requests of a plan, of a state or of all, a date."""

    date: DateOfRequest
    plan: str | None = None
    state: str | None = None

    def fits(self, plan: Plan) -> bool:
        """Say whether the row is about requests of `plan`."""
        return self.plan in (None, plan.name) and self.state in (None, plan.state)


@dataclass(frozen=True, slots=True)
class Precedence:
    """A layer above the policy: the codes it names are governed by something else."""

    name: str
    kind: str
    codes: tuple[str, ...]
    start: date
    governs: str
    plan: str | None = None
    state: str | None = None
    end: date | None = None
    example: bool = False


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text that the policy was written from, with the SHA-256 of what was read."""

    title: str
    cited_as: str
    sha256: str
    read: date


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history."""

    date: date
    change: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding on a decision table that somebody has looked at: which, why, and when.

    Without `rules` it is every finding of the code on the table, else those about one of them.
    """

    decision: str
    code: str
    reason: str
    date: date
    rules: tuple[str, ...] = ()

    def fits(self, decision: str, finding: pydmn.TableFinding) -> bool:
        """Say whether the row is about a finding on `decision`."""
        if (self.decision, self.code) != (decision, finding.code):
            return False
        return not self.rules or finding.rules[:1] in [(rule,) for rule in self.rules]


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """Which decisions the document prints where."""

    indications: tuple[str, ...]
    coding: tuple[str, ...]
    appendix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy, as read from its folder."""

    folder: Path
    metadata: Metadata
    dates: Dates
    adoption: tuple[Adoption, ...]
    precedence: tuple[Precedence, ...]
    parameters: Mapping[str, Any]
    open_when: Mapping[str, pydmn.Condition]
    sources: tuple[SourceText, ...]
    history: tuple[Change, ...]
    document: DocumentSettings
    text: Mapping[str, str]
    model: pydmn.Model
    content_hash: str
    facts: Mapping[str, FactType] = field(default_factory=dict)
    chosen_by: tuple[ChosenBy, ...] = ()
    accepted: tuple[Accepted, ...] = ()

    @property
    def versions(self) -> tuple[Self, ...]:
        """The versions of the policy, oldest first: without a folder of them, itself."""
        return (self,)

    def read(self, data: Any) -> Request:
        """Return the request in `data`, parsed JSON; raises `RequestError`."""
        return read_request(data, self.facts)

    def deciding_day(self, request: Request) -> date:
        """Return the day by which `request` is answered: by the first row that fits its plan.

        Without one it is the service date. Raises `RequestError` where the request does not
        state the date that the row asks for.
        """
        fitting = (row.date for row in self.chosen_by if row.fits(request.plan))
        return next(fitting, DateOfRequest.SERVICE).of(request)

    def adoption_on(self, plan: str, line_of_business: str, state: str | None, day: date) -> str:
        """Return the mode of the row that fits best, or `none`; a row of a state fits better."""
        rows = [
            row
            for row in self.adoption
            if (row.plan, row.line_of_business) == (plan, line_of_business)
            and row.state in (None, state)
            and _within(day, row.start, row.end)
        ]
        best = min(rows, key=lambda row: row.state is None, default=None)
        return "none" if best is None else best.mode

    def governing(self, plan: str, state: str | None, code: str, day: date) -> str | None:
        """Return what governs instead of the policy, by the first layer that names `code`."""
        return next(
            (
                layer.governs
                for layer in self.precedence
                if layer.plan in (None, plan)
                and layer.state in (None, state)
                and code in layer.codes
                and _within(day, layer.start, layer.end)
            ),
            None,
        )


def _within(day: date, start: date, end: date | None) -> bool:
    return start <= day and (end is None or day <= end)
