"""A policy and a record to a determination.

A line's known facts fix the inputs of the policy's decisions; its unknown facts stay open. One
disposition left possible is the answer, even with facts missing; several are `PEND_INFO`, and
`missing` names the facts that can still change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pydmn
from medpolicy import folder, policy
from medpolicy.asked import AGE, Asked
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
from medpolicy.problems import PolicyError, Problem, shown
from medpolicy.reasons import Outcomes, Reasons, certain_hits
from medpolicy.record import Line, Request

UNDETERMINED = "undetermined"
MOST_KEPT: Final = 2_000_000
"""So much is kept of what decisions can answer before it is begun anew."""
MOST_ANSWERS: Final = 50_000
"""So many answers to lines are kept."""
_DISPOSITIONS: Final = tuple(each.value for each in Disposition)
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
    ) -> Determination:
        """Return the determination of `request`: parsed JSON, or a request already read.

        What is worked out for a line, without a trace, is kept for lines that the rules cannot
        tell from it. Raises `RequestError` for a request that cannot be read, `PolicyError`
        where the policy's rules give no disposition.
        """
        if not isinstance(request, Request):
            request = self.read(request)
        version = PolicyVersion(self.metadata.id, self.metadata.version, self.content_hash)
        try:
            lines = tuple(self._line(request, line, trace) for line in request.lines)
        except pydmn.PydmnError as error:
            raise PolicyError([Problem("criteria.dmn", error.message)]) from error
        return Determination(request.id, version, Engine("pydmn", pydmn.__version__), lines)

    def _line(self, request: Request, line: Line, trace: bool) -> LineDetermination:
        asked = Asked(self, request, line)
        lines = None if trace else self.lines
        if lines is None:
            possible = asked.possible(self.told, self.targets)
            return Decided(self, possible).determination(line.id, possible if trace else None)
        return lines.determination(self, line.id, asked)

    @property
    def lines(self) -> Lines | None:
        """What is kept of lines; None where no two of them may be taken to be alike."""
        kept = self._kept
        if kept and kept[0].full:
            kept[0] = Lines(self)
        return kept[0] if kept else None

    def possible(self, request: Request, line: Line) -> pydmn.Possible:
        """Return what the decisions can still answer about a line of a request."""
        return Asked(self, request, line).possible(self.told, self.targets)

    @cached_property
    def _kept(self) -> list[Lines]:
        try:
            return [Lines(self)]
        except pydmn.NotFinite:
            return []

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

    @cached_property
    def unknowable(self) -> tuple[str, ...]:
        """The inputs that a line may leave open, in the order in which they are asked for."""
        return (*self.facts, *((AGE,) if AGE in self.declared else ()))

    @cached_property
    def reasons(self) -> Reasons:
        """What the rules say for themselves."""
        return Reasons(self.model)

    @cached_property
    def questions(self) -> Mapping[str, str | None]:
        """The question that asks for an input, by its name."""
        return {each.name: each.question for each in self.model.inputs}


def load(path: str | Path) -> Policy:
    """Return the policy in the folder at `path`, ready to determine. Raises `PolicyError`."""
    read = folder.read_policy(path)
    return Policy(**{name: getattr(read, name) for name in policy.Policy.__dataclass_fields__})


def unknown_disposition(value: object, where: str) -> Problem:
    """Return the problem of rules that answer what is none of the dispositions."""
    known = f"the dispositions are {', '.join(_DISPOSITIONS)}"
    return Problem(where, f"{shown(value)} is not a disposition", known)


class Lines:
    """What is kept of lines: what the decisions can answer, and the answers to lines.

    Two lines are alike where no rule can tell their inputs apart: `outlook` has the numbers.
    """

    def __init__(self, policy_: Policy) -> None:
        self.outlook = policy_.model.outlook(
            policy_.targets, policy_.parameters, policy_.unknowable, policy_.open_when
        )
        self._open = frozenset(
            self.outlook.unknown(name) for name in policy_.unknowable if name in self.outlook.inputs
        )
        self._answers: dict[tuple[int, ...], LineDetermination] = {}
        self.beside: dict[type, Any] = {}
        """What others keep for as long as this is kept, each by a type of its own."""

    @property
    def full(self) -> bool:
        """Whether more is kept than there should be."""
        return self.outlook.size > MOST_KEPT

    def determination(self, policy_: Policy, id_: str, asked: Asked) -> LineDetermination:
        """Return the answer to a line. Raises `PolicyError`."""
        numbers = tuple(asked.numbers(self.outlook))
        found = self._answers.get(numbers)
        if found is None:
            # With nothing unknown there is one case, and that is faster decided as such.
            outcomes = (
                self.outlook.prospect(numbers)
                if not self._open.isdisjoint(numbers)
                else asked.possible(policy_.told, policy_.targets)
            )
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            found = self._answers[numbers] = Decided(policy_, outcomes).determination(id_)
        return found if found.id == id_ else replace(found, id=id_)


class Decided:
    """What the decisions say of one line."""

    def __init__(self, policy_: Policy, possible: Outcomes) -> None:
        self._policy = policy_
        self._possible = possible

    @cached_property
    def dispositions(self) -> list[Any]:
        """What the line can still become. Raises `PolicyError` for what is no disposition."""
        found = self._possible.values(DISPOSITION, "disposition")
        for each in found:
            if each is None:
                message = "no rule gives a line of this request a disposition"
                help_ = "add a rule for what is left, or an answer by default"
                raise PolicyError([Problem(f"criteria.dmn, {DISPOSITION}", message, help_)])
            if each not in _DISPOSITIONS:
                raise PolicyError([unknown_disposition(each, f"criteria.dmn, {DISPOSITION}")])
        return found

    @property
    def _certain(self) -> bool:
        return len(self.dispositions) == 1

    @property
    def disposition(self) -> Disposition:
        """The answer. Raises `PolicyError` where no rule gives one."""
        return Disposition(self.dispositions[0]) if self._certain else Disposition.PEND_INFO

    @property
    def criteria_result(self) -> str:
        """What the criteria say."""
        return self._text(CRITERIA_RESULT) or UNDETERMINED

    @property
    def flags(self) -> tuple[str, ...]:
        """What is to be looked at besides."""
        return self._list(FLAGS)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What to ask for."""
        if self.disposition is not Disposition.PEND_INFO:
            return ()
        if not self._certain:
            return tuple(
                self._ask(FIELD_OF_INPUT.get(each.name, each.name), each.alone)
                for each in self._possible.deciding(DISPOSITION, "disposition")
            )
        lists = self._possible.values(DISPOSITION, "ask")
        asked = dict.fromkeys(name for names in lists for name in names or ())
        return tuple(self._ask(name, False) for name in asked)

    def determination(self, id_: str, traced: pydmn.Possible | None = None) -> LineDetermination:
        """Return the answer to the line `id_`; with a trace, if that is to be made of `traced`."""
        return LineDetermination(
            id=id_,
            disposition=self.disposition,
            criteria_result=self.criteria_result,
            reasons=self._reasons(),
            recommendation=self._text(RECOMMENDATION) if self._certain else None,
            rationale=self._list(RATIONALE),
            governed_by=self._text(GOVERNED_BY) if self._certain else None,
            missing=self.missing,
            flags=self.flags,
            trace=None if traced is None else self._trace(traced),
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

    def _reasons(self) -> tuple[Reason, ...]:
        dispositions = self.dispositions
        reasons = self._policy.reasons.of(DISPOSITION, self._possible)
        if len(dispositions) > 1:
            several = f"The facts stated leave several answers: {', '.join(sorted(dispositions))}."
            return (Reason(None, several, None, None, DISPOSITION), *reasons)
        if not reasons:
            same = "Whatever the facts that are not stated may be, the answer is the same."
            return (Reason(None, same, None, None, DISPOSITION),)
        return reasons

    def _ask(self, field: str, alone: bool) -> Missing:
        question = self._policy.questions.get(INPUT_OF_FIELD.get(field, field))
        return Missing(field, question, alone)

    def _trace(self, traced: pydmn.Possible) -> tuple[TraceEntry, ...]:
        model = self._policy.model
        asked = [name for name in model.names if model.kind(name) not in ("knowledge", "service")]
        return tuple(self._entry(name, traced) for name in asked)

    def _entry(self, name: str, traced: pydmn.Possible) -> TraceEntry:
        values = traced.values(name)
        open_ = len(values) > 1
        inputs: dict[str, Any] = {}
        misses: list[NearMiss] = []
        if self._policy.model.kind(name) == "table":
            inputs = traced.inputs(name)
            misses = [NearMiss(*miss) for miss in traced.near_misses(name)]
        return TraceEntry(
            name,
            inputs,
            certain_hits(traced, name),
            None if open_ else values[0],
            tuple(values) if open_ else None,
            tuple(misses),
        )
