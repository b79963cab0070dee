"""What the decisions are asked about a line: which inputs are known, and which are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import pydmn
from medpolicy import codes
from medpolicy.codes import CodeStatus, CodeSystem
from medpolicy.policy import RUNTIME_INPUTS, Policy
from medpolicy.record import Line, Request

AGE: Final = "age"

STATUS: Final[Mapping[CodeStatus, str]] = MappingProxyType(
    {
        CodeStatus.VALID: "valid",
        CodeStatus.NO_TABLE: "valid",
        CodeStatus.NOT_BILLABLE: "not billable",
        CodeStatus.NOT_VALID_ON_DATE: "not valid",
        CodeStatus.UNKNOWN: "not valid",
    }
)
"""What the decisions are told of a code's standing."""


def is_invalid(code: str, day: date) -> bool:
    """Say whether a diagnosis is not valid, or not billable, on a day."""
    return codes.status(CodeSystem.ICD_10_CM, code, day) is not CodeStatus.VALID


@lru_cache(65_536)
def is_new(code: str, review: date) -> bool:
    """Say whether a diagnosis came into force only after `review`."""
    windows = codes.windows(CodeSystem.ICD_10_CM, code)
    return bool(windows) and all(window.start > review for window in windows)


def _adoption(policy: Policy, request: Request, _: Line) -> str:
    plan = request.plan
    day = policy.deciding_day(request)
    return policy.adoption_on(plan.name, plan.line_of_business, plan.state, day)


def _precedence(policy: Policy, request: Request, line: Line) -> str | None:
    plan = request.plan
    day = policy.deciding_day(request)
    return policy.governing(plan.name, plan.state, line.procedure.code, day)


def _procedure_status(_: Policy, request: Request, line: Line) -> str:
    procedure = line.procedure
    return STATUS[codes.status(procedure.system, procedure.code, request.service_date)]


def _invalid(_: Policy, request: Request, line: Line) -> list[str]:
    day = request.service_date
    return [code for code in line.diagnoses if is_invalid(code, day)]


def _new(policy: Policy, _: Request, line: Line) -> list[str]:
    review = policy.dates.last_review
    return [code for code in line.diagnoses if is_new(code, review)]


_TELL: Final[Mapping[str, Callable[[Policy, Request, Line], Any]]] = MappingProxyType(
    {
        "service date": lambda _, request, __: request.service_date,
        AGE: lambda _, request, __: request.age,
        "plan": lambda _, request, __: request.plan.name,
        "line of business": lambda _, request, __: request.plan.line_of_business,
        "state": lambda _, request, __: request.plan.state,
        "in force": lambda policy, request, _: policy.dates.in_force(policy.deciding_day(request)),
        "adoption": _adoption,
        "precedence": _precedence,
        "procedure system": lambda _, __, line: line.procedure.system.value,
        "procedure code": lambda _, __, line: line.procedure.code,
        "procedure status": _procedure_status,
        "request procedures": lambda _, request, __: list(request.procedures),
        "diagnoses": lambda _, __, line: list(line.diagnoses),
        "invalid diagnoses": _invalid,
        "new diagnoses": _new,
    }
)
assert _TELL.keys() == RUNTIME_INPUTS.keys()


def runtime_inputs(policy: Policy, request: Request, line: Line) -> dict[str, Any]:
    """Return what the runtime tells the decisions about a line; see `RUNTIME_INPUTS`."""
    return {name: tell(policy, request, line) for name, tell in _TELL.items()}


class Asked:
    """What the decisions of a policy are asked about a line."""

    def __init__(self, policy: Policy, request: Request, line: Line) -> None:
        self._policy = policy
        self._request = request
        self._line = line

    def numbers(self, outlook: pydmn.Outlook) -> list[int]:
        """Return the numbers of the inputs of `outlook`, in its order."""
        policy, request, line = self._policy, self._request, self._line
        facts = line.facts
        found: dict[str, int] = {}
        for name in outlook.inputs:
            tell = _TELL.get(name)
            if tell is not None:
                value = tell(policy, request, line)
                unknown = value is None and name == AGE
            else:
                value = facts.get(name)
                unknown = value is None
            if unknown:
                found[name] = outlook.unknown(name)
            elif name in outlook.beside:
                found[name] = outlook.number(name, value, found[outlook.beside[name]])
            else:
                found[name] = outlook.number(name, value)
        return list(found.values())

    def possible(self, told: Iterable[str], targets: Iterable[str]) -> pydmn.Possible:
        """Return what the decisions `targets` can answer, by all values that there are.

        `told` are the names of the inputs that the runtime gives.
        """
        policy, request, line = self._policy, self._request, self._line
        known = {name: _TELL[name](policy, request, line) for name in told}
        known.update(policy.parameters)
        known.update(line.facts)
        unknown = [name for name in policy.facts if name not in line.facts]
        if AGE in known and known[AGE] is None:
            unknown.append(AGE)
            del known[AGE]
        return policy.model.possible(targets, known, policy.open_when, unknown)
