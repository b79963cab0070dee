"""NCD 240.4 read a second time, in plain Python, as an outside oracle for the policy's tables.

Nothing here knows the DMN model or the runtime. An unknown fact is settled by brute force over
the values that the determination tells apart: a number by one value of each interval. Facts that
enter only together (the seven symptoms and diseases; the three requirements) are tried as one:
with the others unknown, each of them moves the whole.

The oracle answers well-formed requests only: what is an error has no determination.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

Status = Callable[[str, str, date], str]
"""`status(system, code, on)`: one of VALID, NO_TABLE, NOT_BILLABLE, NOT_VALID_ON_DATE, UNKNOWN.

`system` is "ICD-10-CM", "ICD-10-PCS", "CPT" or "HCPCS"; the code is normalised (`G47.33`)."""

NECESSARY = "medically necessary"
INVESTIGATIONAL = "investigational and not medically necessary"
NOT_ADDRESSED = "not addressed"
UNDETERMINED = "undetermined"

EFFECTIVE_FROM = date(2008, 3, 13)
ADULT_AGE = 18

SUFFICIENT_TESTS = (
    "attended PSG",
    "HST type II",
    "HST type III",
    "HST type IV, 3 or more channels",
)
INSUFFICIENT_TESTS = ("HST type IV, fewer channels", "none")
REQUIREMENTS = ("clinical evaluation", "ordered by treating physician", "education given")
CONDITIONS = (
    "excessive daytime sleepiness",
    "impaired cognition",
    "mood disorder",
    "insomnia",
    "hypertension",
    "ischemic heart disease",
    "history of stroke",
)
INITIAL, CONTINUATION = "initial 12 weeks", "continuation"

INDEX_SAMPLES = tuple(Decimal(n) for n in ("2", "9", "14.5", "20"))
"""One index below 5, from 5 to 14, in the gap between 14 and 15, and from 15 on."""
HOURS_SAMPLES = (Decimal(1), Decimal(3))
EVENTS_SAMPLES = (Decimal(5), Decimal(20), Decimal(40))
"""Events below 10 (twice 5 an hour), from 10 to 29, and from 30 (twice 15 an hour) on."""


@dataclass(frozen=True)
class World:
    """One way the facts of a line could be: each has a value."""

    adult: bool
    sufficient_test: bool
    ahi: Decimal
    rdi: Decimal
    hours: Decimal
    events: Decimal
    requirements: bool
    condition: bool
    phase: str
    benefit: bool


FACT_OF_FIELD = {
    "adult": "birth_date",
    "sufficient_test": "sleep test",
    "ahi": "apnea hypopnea index",
    "rdi": "respiratory disturbance index",
    "hours": "hours recorded",
    "events": "events recorded",
    "requirements": "",
    "condition": "",
    "phase": "phase",
    "benefit": "benefit shown",
}
"""The fact behind each field of `World`; empty where several facts are tried as one."""


def normalise(system: str, code: str) -> str:
    """Return the code in capitals, an ICD-10-CM code with its dot after the third character."""
    plain = code.strip().upper().replace(".", "")
    if system == "ICD-10-CM" and len(plain) > 3:
        return f"{plain[:3]}.{plain[3:]}"
    return plain


def age_on(birth: date, day: date) -> int:
    """Return the completed years of life; born on 29 February, a common year turns on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def enough_events(world: World, an_hour: int) -> bool:
    """Whether a short recording has the events that 2 hours would have required (section B)."""
    return world.hours >= 2 or world.events >= 2 * an_hour


def index_qualifies(world: World) -> bool:
    """Whether either index meets either criterion of section B; from 14 to 15 is a gap."""
    indices = (world.ahi, world.rdi)
    first = any(index >= 15 for index in indices) and enough_events(world, 15)
    second = (
        any(5 <= index <= 14 for index in indices) and world.condition and enough_events(world, 5)
    )
    return first or second


def covered(world: World) -> bool:
    """Whether every condition of coverage in section B holds."""
    benefits = world.phase == INITIAL or world.benefit
    return (
        world.adult
        and world.sufficient_test
        and world.requirements
        and index_qualifies(world)
        and benefits
    )


def together(facts: Mapping[str, Any], names: tuple[str, ...], one_settles: bool) -> list[bool]:
    """Return the values that facts which count only together could take.

    `one_settles` is the value that a single fact gives the whole: true for "any of them", false
    for "all of them".
    """
    values = [facts.get(name) for name in names]
    if one_settles in values:
        return [one_settles]
    return [False, True] if None in values else [not one_settles]


def worlds(facts: Mapping[str, Any], adult: bool | None) -> list[World]:
    """Return every way the facts could be, told apart as far as the determination does."""

    def values(name: str, every: tuple[Any, ...]) -> tuple[Any, ...]:
        stated = facts.get(name)
        return every if stated is None else (stated,)

    def numbers(name: str, every: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        return tuple(Decimal(str(value)) for value in values(name, every))

    tests = values("sleep test", (SUFFICIENT_TESTS[0], INSUFFICIENT_TESTS[0]))
    combinations = product(
        (False, True) if adult is None else (adult,),
        [test in SUFFICIENT_TESTS for test in tests],
        numbers("apnea hypopnea index", INDEX_SAMPLES),
        numbers("respiratory disturbance index", INDEX_SAMPLES),
        numbers("hours recorded", HOURS_SAMPLES),
        numbers("events recorded", EVENTS_SAMPLES),
        together(facts, REQUIREMENTS, one_settles=False),
        together(facts, CONDITIONS, one_settles=True),
        values("phase", (INITIAL, CONTINUATION)),
        values("benefit shown", (False, True)),
    )
    return [World(*combination) for combination in combinations]


def facts_that_change(outcomes: Mapping[World, str], facts: Mapping[str, Any]) -> list[str]:
    """Return each fact whose value alone, all others held, changes the disposition somewhere."""
    changing: set[str] = set()
    for field, fact in FACT_OF_FIELD.items():
        seen: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
        for world, disposition in outcomes.items():
            rest = tuple(getattr(world, other) for other in FACT_OF_FIELD if other != field)
            seen[rest].add(disposition)
        if not any(len(dispositions) > 1 for dispositions in seen.values()):
            continue
        if field == "requirements":
            changing.update(name for name in REQUIREMENTS if facts.get(name) is None)
        elif field == "condition":
            changing.update(name for name in CONDITIONS if facts.get(name) is None)
        else:
            changing.add(fact)
    return sorted(changing)


def adopted(plan: Mapping[str, Any], day: date) -> bool:
    """Whether the plan reviews by this determination on that day."""
    named = (plan.get("name"), plan.get("line_of_business"))
    return named == ("medicare", "medicare") and day >= EFFECTIVE_FROM


def determine_line(
    request: Mapping[str, Any], line: Mapping[str, Any], status: Status
) -> dict[str, Any]:
    """Return what the policy must answer for one line of a well-formed request.

    Keys: `disposition`, `missing` (a sorted list of facts, empty but for `PEND_INFO`) and, where
    the text decides them, `criteria_result`, `recommendation` and `rationale`.
    """
    day = date.fromisoformat(request["service_date"])
    born = (request.get("member") or {}).get("birth_date")
    adult = None if born is None else age_on(date.fromisoformat(born), day) >= ADULT_AGE
    facts: Mapping[str, Any] = line.get("facts") or {}
    system = line["procedure"]["system"]
    code = normalise(system, line["procedure"]["code"])
    pointers = {normalise("ICD-10-CM", dx) for dx in line.get("diagnoses") or ()}

    if not adopted(request["plan"], day):
        return {"disposition": "NO_REVIEW_REQUIRED", "missing": [], "recommendation": None}
    codes = [(system, code), *(("ICD-10-CM", pointer) for pointer in pointers)]
    if any(status(*known, day) not in ("VALID", "NO_TABLE") for known in codes):
        return {
            "disposition": "CODING_ERROR",
            "missing": [],
            "criteria_result": UNDETERMINED,
            "recommendation": None,
            "rationale": [],
        }
    if (system, code) != ("HCPCS", "E0601"):
        return {"disposition": "NOT_APPLICABLE", "missing": [], "recommendation": None}

    possible = worlds(facts, adult)
    results = {criteria_result_in(world) for world in possible}
    result = results.pop() if len(results) == 1 else UNDETERMINED
    disposition, missing = settle(possible, pointers, facts)
    reviewed = disposition == "CLINICAL_REVIEW"
    return {
        "disposition": disposition,
        "missing": missing,
        "criteria_result": result,
        "recommendation": result if reviewed and result in (NECESSARY, INVESTIGATIONAL) else None,
        "rationale": ["not medically necessary"] if result == INVESTIGATIONAL else [],
    }


def criteria_result_in(world: World) -> str:
    """Return what the text says of the facts; the diagnosis code and the steps do not matter."""
    if not world.sufficient_test:
        return INVESTIGATIONAL
    return NECESSARY if covered(world) else NOT_ADDRESSED


def settle(
    possible: list[World], pointers: set[str], facts: Mapping[str, Any]
) -> tuple[str, list[str]]:
    """Return the disposition over every world, and the facts that can still change it."""
    if not pointers:
        return "PEND_INFO", ["diagnoses"]
    if "G47.33" not in pointers:
        return "CLINICAL_REVIEW", []
    outcomes = {world: "APPROVE" if covered(world) else "CLINICAL_REVIEW" for world in possible}
    dispositions = set(outcomes.values())
    if len(dispositions) == 1:
        return dispositions.pop(), []
    return "PEND_INFO", facts_that_change(outcomes, facts)
