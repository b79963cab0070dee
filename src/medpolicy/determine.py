"""A policy and a record to a determination.

A line's known facts fix the inputs of the policy's decisions; its unknown facts stay open. One
disposition left possible is the answer, even with facts missing; several are `PEND_INFO`, and
`missing` names the facts that can still change it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pydmn
from medpolicy import codes, folder, policy
from medpolicy.codes import CodeStatus, CodeSystem
from medpolicy.determination import (
    Determination,
    Disposition,
    Engine,
    LineDetermination,
    Missing,
    NearMiss,
    PolicyVersion,
    Reason,
    TraceEntry,
)
from medpolicy.policy import (
    CRITERIA_RESULT,
    DISPOSITION,
    FLAGS,
    GOVERNED_BY,
    RATIONALE,
    RECOMMENDATION,
    RUNTIME_INPUTS,
)
from medpolicy.problems import PolicyError, Problem
from medpolicy.reasons import Reasons, certain_hits
from medpolicy.record import Line, Request

UNDETERMINED = "undetermined"
AGE = "age"
# What a request calls an input of the decisions, where the two differ.
FIELD_OF_INPUT = {AGE: "birth_date", "procedure code": "procedure"}
INPUT_OF_FIELD = {field: name for name, field in FIELD_OF_INPUT.items()}


class Policy(policy.Policy):
    """A policy that determines."""

    # A frozen dataclass without slots of its own, so that what is worked out once is kept.

    def determine(
        self,
        request: Mapping[str, Any] | Request,
        *,
        trace: bool = False,
        answers: Answers | None = None,
    ) -> Determination:
        """Return the determination of `request`: parsed JSON, or a request already read.

        `answers` keeps the answers to lines (without traces) for lines that are alike. Raises
        `RequestError` for a request that cannot be read, `PolicyError` where the policy's rules
        give no disposition.
        """
        if not isinstance(request, Request):
            request = self.read(request)
        version = PolicyVersion(self.metadata.id, self.metadata.version, self.content_hash)
        try:
            kept = None if trace else answers
            lines = tuple(self._line(request, line, trace, kept) for line in request.lines)
        except pydmn.PydmnError as error:
            raise PolicyError([Problem("criteria.dmn", error.message)]) from error
        return Determination(request.id, version, Engine("pydmn", pydmn.__version__), lines)

    def _line(
        self, request: Request, line: Line, trace: bool, answers: Answers | None
    ) -> LineDetermination:
        asked = _Asked(self, request, line)
        if answers is None:
            return _Line(self, line.id, asked).determination(trace)
        key = self.content_hash, asked.key  # versions of a policy may share what is kept
        found = answers.get(key)
        if found is None:
            found = _Line(self, line.id, asked).determination(trace)
            answers.keep(key, found)
        return found if found.id == line.id else replace(found, id=line.id)

    @cached_property
    def reasons(self) -> Reasons:
        """What the rules say for themselves."""
        return Reasons(self.model)

    @cached_property
    def questions(self) -> Mapping[str, str | None]:
        """The question that asks for an input, by its name."""
        return {each.name: each.question for each in self.model.inputs}

    @cached_property
    def declared(self) -> frozenset[str]:
        """The names of the inputs that the decisions declare."""
        return frozenset(each.name for each in self.model.inputs)

    @cached_property
    def told(self) -> tuple[str, ...]:
        """Those of `RUNTIME_INPUTS` that the decisions declare."""
        return tuple(name for name in RUNTIME_INPUTS if name in self.declared)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """The decisions that the runtime asks, as far as the policy has them."""
        return tuple(name for name in policy.TARGETS if name in self.model.names)


def load(path: str | Path) -> Policy:
    """Return the policy in the folder at `path`, ready to determine. Raises `PolicyError`."""
    read = folder.read_policy(path)
    return Policy(**{name: getattr(read, name) for name in policy.Policy.__dataclass_fields__})


class Answers:
    """Answers to lines, the last so many, by all that decides them."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._answers: dict[Hashable, LineDetermination] = {}

    def get(self, key: Hashable) -> LineDetermination | None:
        """Return the answer to a line like this one, but for its id."""
        return self._answers.get(key)

    def keep(self, key: Hashable, answer: LineDetermination) -> None:
        """Keep an answer, in the place of the oldest where there are too many."""
        if len(self._answers) >= self._most:
            del self._answers[next(iter(self._answers))]
        self._answers[key] = answer


class _Asked:
    """What the decisions are asked about a line: which inputs are known, and which are not."""

    def __init__(self, policy_: Policy, request: Request, line: Line) -> None:
        told = runtime_inputs(policy_, request, line)
        self.known = {name: told[name] for name in policy_.told}
        self.known.update(policy_.parameters)
        self.known.update(line.facts)
        self.unknown = [name for name in policy_.facts if name not in line.facts]
        if AGE in policy_.declared and request.age is None:
            self.unknown.append(AGE)
            del self.known[AGE]

    @property
    def key(self) -> Hashable:
        """All that decides the answer: what is not in it is unknown."""
        return frozenset(
            (name, type(value), tuple(value) if isinstance(value, list) else value)
            for name, value in self.known.items()
        )


class _Line:
    """One line being determined."""

    def __init__(self, policy_: Policy, id_: str, asked: _Asked) -> None:
        self._policy = policy_
        self._id = id_
        self._possible = policy_.model.possible(
            policy_.targets, asked.known, policy_.open_when, asked.unknown
        )

    def determination(self, trace: bool) -> LineDetermination:
        dispositions = self._possible.values(DISPOSITION, "disposition")
        if None in dispositions:
            raise PolicyError(
                [
                    Problem(
                        f"criteria.dmn, {DISPOSITION}",
                        "no rule gives a line of this request a disposition",
                        "add a rule for what is left, or an answer by default",
                    )
                ]
            )
        certain = len(dispositions) == 1
        disposition = Disposition(dispositions[0]) if certain else Disposition.PEND_INFO
        return LineDetermination(
            id=self._id,
            disposition=disposition,
            criteria_result=self._text(CRITERIA_RESULT) or UNDETERMINED,
            reasons=self._reasons(dispositions),
            recommendation=self._text(RECOMMENDATION) if certain else None,
            rationale=self._list(RATIONALE),
            governed_by=self._text(GOVERNED_BY) if certain else None,
            missing=self._missing(disposition, certain),
            flags=self._list(FLAGS),
            trace=self._trace() if trace else None,
        )

    def _text(self, decision: str) -> str | None:
        """Return what `decision` answers in every case; None where that is not one text."""
        if decision not in self._policy.targets:
            return None
        values = self._possible.values(decision)
        return values[0] if len(values) == 1 and isinstance(values[0], str) else None

    def _list(self, decision: str) -> tuple[str, ...]:
        """Return the texts that `decision` lists in every case."""
        if decision not in self._policy.targets:
            return ()
        first, *others = [value or [] for value in self._possible.values(decision)]
        return tuple(text for text in first if all(text in other for other in others))

    def _reasons(self, dispositions: list[Any]) -> tuple[Reason, ...]:
        reasons = self._policy.reasons.of(DISPOSITION, self._possible)
        if len(dispositions) > 1:
            several = f"The facts stated leave several answers: {', '.join(sorted(dispositions))}."
            return (Reason(None, several, None, None, DISPOSITION), *reasons)
        if not reasons:
            same = "Whatever the facts that are not stated may be, the answer is the same."
            return (Reason(None, same, None, None, DISPOSITION),)
        return reasons

    def _missing(self, disposition: Disposition, certain: bool) -> tuple[Missing, ...]:
        if disposition is not Disposition.PEND_INFO:
            return ()
        if not certain:
            return tuple(
                self._ask(FIELD_OF_INPUT.get(each.name, each.name), each.alone)
                for each in self._possible.deciding(DISPOSITION, "disposition")
            )
        lists = self._possible.values(DISPOSITION, "ask")
        asked = dict.fromkeys(name for names in lists for name in names or ())
        return tuple(self._ask(name, False) for name in asked)

    def _ask(self, field: str, alone: bool) -> Missing:
        question = self._policy.questions.get(INPUT_OF_FIELD.get(field, field))
        return Missing(field, question, alone)

    def _trace(self) -> tuple[TraceEntry, ...]:
        model = self._policy.model
        asked = [name for name in model.names if model.kind(name) not in ("knowledge", "service")]
        return tuple(map(self._entry, asked))

    def _entry(self, name: str) -> TraceEntry:
        values = self._possible.values(name)
        open_ = len(values) > 1
        inputs: dict[str, Any] = {}
        misses: list[NearMiss] = []
        if self._policy.model.kind(name) == "table":
            inputs = self._possible.inputs(name)
            misses = [NearMiss(*miss) for miss in self._possible.near_misses(name)]
        return TraceEntry(
            name,
            inputs,
            certain_hits(self._possible, name),
            None if open_ else values[0],
            tuple(values) if open_ else None,
            tuple(misses),
        )


def runtime_inputs(policy_: policy.Policy, request: Request, line: Line) -> dict[str, Any]:
    """Return what the runtime tells the decisions about a line; see `RUNTIME_INPUTS`."""
    day, plan, procedure = request.service_date, request.plan, line.procedure
    deciding = policy_.deciding_day(request)
    told = {
        "service date": day,
        "age": request.age,
        "plan": plan.name,
        "line of business": plan.line_of_business,
        "state": plan.state,
        "in force": policy_.dates.in_force(deciding),
        "adoption": policy_.adoption_on(plan.name, plan.line_of_business, plan.state, deciding),
        "precedence": policy_.governing(plan.name, plan.state, procedure.code, deciding),
        "procedure system": procedure.system.value,
        "procedure code": procedure.code,
        "procedure status": _STATUS[codes.status(procedure.system, procedure.code, day)],
        "request procedures": list(request.procedures),
        "diagnoses": list(line.diagnoses),
        "invalid diagnoses": [
            code
            for code in line.diagnoses
            if codes.status(CodeSystem.ICD_10_CM, code, day) is not CodeStatus.VALID
        ],
        "new diagnoses": [
            code for code in line.diagnoses if _is_new(code, policy_.dates.last_review)
        ],
    }
    assert told.keys() == RUNTIME_INPUTS.keys()
    return told


_STATUS = {
    CodeStatus.VALID: "valid",
    CodeStatus.NO_TABLE: "valid",
    CodeStatus.NOT_BILLABLE: "not billable",
    CodeStatus.NOT_VALID_ON_DATE: "not valid",
    CodeStatus.UNKNOWN: "not valid",
}


def _is_new(code: str, review: Any) -> bool:
    """Say whether `code` came into force only after `review`."""
    windows = codes.windows(CodeSystem.ICD_10_CM, code)
    return bool(windows) and all(window.start > review for window in windows)
