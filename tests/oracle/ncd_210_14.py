"""NCD 210.14 read a second time, in plain Python: both versions, and which of them answers.

Nothing here knows the DMN models or the runtime. An unknown fact is settled by brute force over
the values that the determination tells apart. Facts that enter only together (what the order has
to be, what the visit has to hold) are tried as one: with the others unknown, each of them moves
the whole.

The oracle answers well-formed requests only: what is an error has no determination.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

Status = Callable[[str, str, date], str]
"""`status(system, code, on)`: one of VALID, NO_TABLE, NOT_BILLABLE, NOT_VALID_ON_DATE, UNKNOWN."""

NECESSARY = "medically necessary"
NOT_ADDRESSED = "not addressed"
UNDETERMINED = "undetermined"

VERSION_1 = date(2015, 2, 5)
VERSION_2 = date(2022, 2, 10)

CURRENT, FORMER, NEVER = "current smoker", "former smoker", "never smoked"
STATUSES = (CURRENT, FORMER, NEVER)
PRACTITIONERS = (
    "physician",
    "physician assistant",
    "nurse practitioner",
    "clinical nurse specialist",
)
SUPPORTING = {"Z87.891", "F17.210", "F17.211", "F17.213", "F17.218", "F17.219"}
SCREENING = {"G0297", "71271"}
VISIT = "G0296"
ADVANTAGE = "example-advantage"

ORDER_1 = ("written order", "order complete")
VISIT_1 = ("eligibility determined", "decision aid used", "visit documented")
VISIT_2 = (
    "eligibility determined",
    "decision aid used",
    "adherence counseling",
    "smoking counseling",
    "visit documented",
)
FACILITY_2 = ("radiologist qualified", "facility reports by standard")


@dataclass(frozen=True)
class World:
    """One way the facts of a line could be. A field that a version does not ask for is true."""

    age: bool
    symptoms: bool
    enough: bool
    status: str
    recent: bool
    first: bool
    order: bool
    in_visit: bool
    visit: bool
    registry: bool
    interval: bool
    facility: bool


def deciding_day(request: Mapping[str, Any]) -> date:
    """Return the day by which the version is chosen: of the example plan, not the service's."""
    plan = request["plan"]
    if plan["name"] != ADVANTAGE:
        return date.fromisoformat(request["service_date"])
    named = "processing_date" if plan.get("state") == "FL" else "request_date"
    return date.fromisoformat(request[named])


def version(request: Mapping[str, Any]) -> int:
    """Return the version that answers; before the first it is the first."""
    return 2 if deciding_day(request) >= VERSION_2 else 1


def normalise(system: str, code: str) -> str:
    """Return the code in capitals, an ICD-10-CM code with its dot after the third character."""
    plain = code.strip().upper().replace(".", "")
    if system == "ICD-10-CM" and len(plain) > 3:
        return f"{plain[:3]}.{plain[3:]}"
    return plain


def age_on(birth: date, day: date) -> int:
    """Return the completed years of life; born on 29 February, a common year turns on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def covered(world: World, code: str) -> bool:
    """Whether everything holds that the visit, or the screening, needs."""
    smoker = world.status == CURRENT or (world.status == FORMER and world.recent)
    eligible = world.age and not world.symptoms and world.enough and smoker
    if code == VISIT:
        return eligible and world.visit
    return (
        eligible
        and world.order
        and (world.in_visit or not world.first)
        and (world.visit or not world.first)
        and (world.interval or world.first)
        and world.registry
        and world.facility
    )


def worlds(
    facts: Mapping[str, Any], age: int | None, number: int
) -> tuple[list[World], dict[str, tuple[str, ...]]]:
    """Return every way the facts could be, and the unknown facts behind each field."""
    unknown: dict[str, tuple[str, ...]] = {}
    lowest, packs = (55, 30) if number == 1 else (50, 20)

    def known(field: str, name: str, test: Callable[[Any], Any], both: tuple[Any, ...]) -> Any:
        if facts.get(name) is not None:
            return (test(facts[name]),)
        unknown[field] = (name,)
        return both

    def together(field: str, tests: Mapping[str, Callable[[Any], bool]]) -> tuple[bool, ...]:
        """Return what facts that count together could be: one that fails settles it."""
        stated = [test(facts[name]) for name, test in tests.items() if facts.get(name) is not None]
        if False in stated:
            return (False,)
        open_ = tuple(name for name in tests if facts.get(name) is None)
        if open_:
            unknown[field] = open_
        return (False, True) if open_ else (True,)

    def plain(*names: str) -> dict[str, Callable[[Any], bool]]:
        return dict.fromkeys(names, lambda value: value is True)

    if age is None:
        unknown["age"] = ("birth_date",)
    yes = (True,)
    either = (False, True)
    first_version = number == 1
    values = {
        "age": either if age is None else (lowest <= age <= 77,),
        "symptoms": known("symptoms", "lung cancer symptoms", bool, either),
        "enough": known("enough", "pack years", lambda n: Decimal(str(n)) >= packs, either),
        "status": known("status", "smoking status", str, STATUSES),
        "recent": known("recent", "years since quitting", lambda n: Decimal(str(n)) <= 15, either),
        "first": known("first", "first screening", bool, either),
        "order": together("order", plain(*ORDER_1) if first_version else plain("order received")),
        "in_visit": together("in_visit", plain("order given in visit")) if first_version else yes,
        "visit": together(
            "visit",
            {**plain(*VISIT_1), "visit practitioner": lambda who: who in PRACTITIONERS}
            if first_version
            else plain(*VISIT_2),
        ),
        "registry": together("registry", plain("data sent to registry")) if first_version else yes,
        "interval": yes
        if first_version
        else known(
            "interval", "months since last screening", lambda n: Decimal(str(n)) >= 11, either
        ),
        "facility": yes if first_version else together("facility", plain(*FACILITY_2)),
    }
    combinations = product(*(values[field.name] for field in fields(World)))
    return [World(*combination) for combination in combinations], unknown


def facts_that_change(
    outcomes: Mapping[World, str], unknown: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Return each fact whose value alone, all others held, changes the disposition somewhere."""
    changing: set[str] = set()
    for field, names in unknown.items():
        seen: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
        for world, disposition in outcomes.items():
            rest = tuple(getattr(world, each.name) for each in fields(World) if each.name != field)
            seen[rest].add(disposition)
        if any(len(dispositions) > 1 for dispositions in seen.values()):
            changing.update(names)
    return sorted(changing)


def adopted(plan: Mapping[str, Any], day: date) -> bool:
    """Whether the plan reviews by this determination on that day."""
    reviewing = plan["name"] in ("medicare", ADVANTAGE)
    return reviewing and plan["line_of_business"] == "medicare" and day >= VERSION_1


def coded_wrongly(system: str, code: str, pointers: set[str], day: date, status: Status) -> bool:
    """Whether a code of the line does not stand on the service date."""
    if code == "G0297" and day > date(2020, 12, 31):
        return True
    if code == "71271" and day < date(2021, 1, 1):
        return True
    every = [(system, code), *(("ICD-10-CM", pointer) for pointer in pointers)]
    return any(status(*each, day) not in ("VALID", "NO_TABLE") for each in every)


def determine_line(
    request: Mapping[str, Any], line: Mapping[str, Any], status: Status
) -> dict[str, Any]:
    """Return what the policy must answer for one line of a well-formed request.

    Keys: `disposition`, `missing` (a sorted list of facts, empty but for `PEND_INFO`) and, where
    the text decides them, `criteria_result`, `recommendation` and `rationale`.
    """
    day = date.fromisoformat(request["service_date"])
    born = (request.get("member") or {}).get("birth_date")
    age = None if born is None else age_on(date.fromisoformat(born), day)
    system = line["procedure"]["system"]
    code = normalise(system, line["procedure"]["code"])
    pointers = {normalise("ICD-10-CM", dx) for dx in line.get("diagnoses") or ()}
    plan = request["plan"]

    if not adopted(plan, deciding_day(request)):
        return {"disposition": "NO_REVIEW_REQUIRED", "missing": [], "recommendation": None}
    if coded_wrongly(system, code, pointers, day, status):
        return {
            "disposition": "CODING_ERROR",
            "missing": [],
            "criteria_result": UNDETERMINED,
            "recommendation": None,
            "rationale": [],
        }
    if plan["name"] == ADVANTAGE and plan.get("state") == "MD" and code in SCREENING:
        governed = "Example demonstration 4-5-6"
        return {"disposition": "NOT_APPLICABLE", "missing": [], "governed_by": governed}
    if code not in {*SCREENING, VISIT}:
        return {
            "disposition": "NOT_APPLICABLE",
            "missing": [],
            "criteria_result": NOT_ADDRESSED,
            "recommendation": None,
        }

    possible, unknown = worlds(line.get("facts") or {}, age, version(request))
    outcomes = {
        world: "APPROVE" if covered(world, code) else "CLINICAL_REVIEW" for world in possible
    }
    dispositions = set(outcomes.values())
    result = UNDETERMINED
    if len(dispositions) == 1:
        result = NECESSARY if dispositions == {"APPROVE"} else NOT_ADDRESSED
    missing: list[str] = []
    if not pointers:
        disposition, missing = "PEND_INFO", ["diagnoses"]
    elif not pointers & SUPPORTING:
        disposition = "CLINICAL_REVIEW"
    elif len(dispositions) == 1:
        (disposition,) = dispositions
    else:
        disposition, missing = "PEND_INFO", facts_that_change(outcomes, unknown)
    reviewed = disposition == "CLINICAL_REVIEW" and result == NECESSARY
    return {
        "disposition": disposition,
        "missing": missing,
        "criteria_result": result,
        "recommendation": NECESSARY if reviewed else None,
        "rationale": [],
    }
