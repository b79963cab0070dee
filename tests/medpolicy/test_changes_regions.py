"""The regions of requests that two versions answer otherwise, against policies read a second time.

The oracles of `tests/oracle` know nothing of decision tables, solvers or regions.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from changes_told import BROADER, WORDING, as_json
from oracle import ncd_210_14

import pydmn
from medpolicy import codes
from medpolicy.changes.outcome import CRITERIA, DISPOSITION, Outcome
from medpolicy.changes.search import line_of
from medpolicy.codes import CodeSystem
from medpolicy.record import Request

# --- regions against the oracle ------------------------------------------------------------


def status(system, code, on):
    return codes.status(CodeSystem(system), code, on).name


def inside(region, request) -> bool:
    """Say whether a request lies in a region, by the region's JSON alone."""
    line = request["lines"][0]
    day = date.fromisoformat(request["service_date"])
    born = date.fromisoformat(request["member"]["birth_date"])
    at = {
        **line["facts"],
        "age": ncd_210_14.age_on(born, day),
        "plan": request["plan"]["name"] if request["plan"]["name"] in NAMES else "another",
        "line of business": request["plan"]["line_of_business"],
        "state": request["plan"]["state"],
        "day": day,
        "procedure": line["procedure"]["code"],
    }
    return (
        all(accepts(wanted, at[name]) for name, wanted in region["values"].items())
        and all(
            any(has(line, name, code) for code in alike)
            for name, sets in region["there"].items()
            for alike in sets
        )
        and not any(
            has(line, name, code) for name, listed in region["absent"].items() for code in listed
        )
    )


NAMES = {"medicare", "example-advantage", "example-teaching-plan"}
NAMED = ("Z87.891", "F17.210", "F17.213")


def has(line, name, code) -> bool:
    if name == "beside":
        return False
    return code in line["diagnoses"] or (code == "any other code" and "I10" in line["diagnoses"])


def accepts(wanted, value) -> bool:
    if isinstance(value, date):
        ends = (each.strip("[]").split("..") for each in wanted)
        return any(low <= value.isoformat() <= (high or "9999") for low, high in ends)
    if isinstance(value, int) and not isinstance(value, bool):
        return any(passes(each, value) for each in wanted)
    if value == "99499":
        return "any other CPT code" in wanted
    return value in wanted


@lru_cache(None)
def passes(test, value) -> bool:
    return pydmn.unary_tests(test, Decimal(value)) is True


def screening_request(rng) -> dict:
    """Return a request of version 1 and version 2 at once: every fact of either is stated."""

    def yes():
        return rng.random() < 0.95

    booleans = (*ncd_210_14.ORDER_1, "order given in visit", *ncd_210_14.VISIT_2,
                *ncd_210_14.FACILITY_2, "data sent to registry", "order received")  # fmt: skip
    day = date(2022, 2, 10) + timedelta(rng.randrange(2_000))
    born = day.replace(year=day.year - rng.choice([49, 50, 54, 55, 60, 70, 77, 78]), day=1)
    code = rng.choice(["71271", "71271", "71271", "G0296", "G0297", "99499"])
    return {
        "id": "r",
        "service_date": day.isoformat(),
        "request_date": day.isoformat(),
        "processing_date": day.isoformat(),
        "member": {"birth_date": born.isoformat()},
        "plan": {
            "name": rng.choice([*["medicare"] * 6, *sorted(NAMES), "some other plan"]),
            "line_of_business": rng.choice([*["medicare"] * 7, "another"]),
            "state": rng.choice(["MD", "MO", None, None]),
        },
        "lines": [
            {
                "id": "1",
                "procedure": {"system": "HCPCS" if code[0] == "G" else "CPT", "code": code},
                "diagnoses": rng.sample([*NAMED, "I10"], rng.choice([0, 1, 1, 2])),
                "facts": {
                    **{name: yes() for name in booleans},
                    "lung cancer symptoms": rng.random() < 0.05,
                    "pack years": rng.choice([19, 20, 29, 30, 31, 40]),
                    "smoking status": rng.choice([*ncd_210_14.STATUSES, "current smoker"]),
                    "years since quitting": rng.choice([3, 15, 16]),
                    "first screening": rng.random() < 0.5,
                    "visit practitioner": rng.choice([*ncd_210_14.PRACTITIONERS, "other"]),
                    "months since last screening": rng.choice([10, 11, 30]),
                },
            }
        ],
    }  # fmt: skip


def test_regions_are_where_the_oracle_answers_otherwise(said, monkeypatch):
    """In a region the two answers are those it names, and outside of all they are the same."""
    rng = random.Random(20_220_210)
    regions = {
        field: [
            (change["old"][field], change["new"][field], change["regions"])
            for change in said["changes"]
            if change["fields"] == [field]
        ]
        for field in (DISPOSITION, CRITERIA)
    }
    met: dict[tuple, int] = {}
    for _ in range(1_200):
        request = screening_request(rng)
        line = request["lines"][0]
        answers = []
        for number in (1, 2):
            monkeypatch.setattr(ncd_210_14, "version", lambda _, number=number: number)
            answers.append(ncd_210_14.determine_line(request, line, status))
        for field, changed in regions.items():
            if field not in answers[0] or field not in answers[1]:
                continue
            pair = tuple(each[field] for each in answers)
            within = [(old, new) for old, new, boxes in changed
                      if any(inside(box, request) for box in boxes)]  # fmt: skip
            assert within == ([pair] if pair[0] != pair[1] else []), request
            met[pair] = met.get(pair, 0) + 1
    assert met["CLINICAL_REVIEW", "APPROVE"] > 10
    assert met["APPROVE", "CLINICAL_REVIEW"] > 5
    assert met["medically necessary", "not addressed"] > 10


# --- the one change of row 34 --------------------------------------------------------------

HYPERTENSION = "idiopathic intracranial hypertension"


def test_the_one_change_is_said_and_nothing_else(row_34):
    data = as_json([row_34])
    assert data["compared"]["since"] == "2023-02-23"
    told = [(each["class"], each["fields"]) for each in data["changes"]]
    assert told == [
        (BROADER, ["disposition"]),
        (BROADER, ["criteria_result"]),
        (WORDING, ["reasons"]),
    ]
    for change in data["changes"][:2]:
        assert change["all_regions"]
        for region in change["regions"]:
            assert region["values"]["indication"] == [HYPERTENSION]
    review, approve = (data["changes"][0][when]["disposition"] for when in ("old", "new"))
    assert (review, approve) == ("CLINICAL_REVIEW", "APPROVE")
    for region in data["changes"][0]["regions"]:
        # By the site map of the patch: an intracranial vein, by the code or as stated; with I87.1.
        by_code = all(each.startswith("057L") for each in region["values"]["procedure"])
        assert by_code or region["values"]["site"] == ["intracranial vein"]
        assert region["there"]["diagnoses"] == [["I87.1"]]
    assert all(
        change["witness"]["lines"][0]["facts"]["indication"] == HYPERTENSION
        for change in data["changes"]
    )
    rules = {(each["rule"], each["change"]) for each in data["rules"]}
    assert rules == {("criterion-inv-c", "changed"), ("diagnosis-i87-1", "changed"),
                     ("site-g", "added")}  # fmt: skip
    assert {(each["code"], each["until"]) for each in data["codes"]} == {
        ("Q21.1", "2022-09-30"), ("Q21.2", "2022-09-30")
    }  # fmt: skip
    parts = {(each["part"], each["name"]) for each in data["settings"]}
    assert parts == {("identity", "version"), ("dates", "published"), ("dates", "effective_from")}


def test_where_no_region_lies_the_engine_answers_alike(row_34):
    """Over random points of the space, those of a region and others."""
    rng = random.Random(34)
    everything = row_34.words.everything
    choices = everything.space.choices
    outward = row_34.changes[:2]
    found = 0
    for number in range(160):
        if number % 2:
            box = rng.choice(rng.choice(outward).regions.boxes)
            near = list(box.formulas)
            point = everything.space.find(*near, *(
                each for name in ("site", "age", "procedure") if (each := rng.choice(
                    choices[name].formulas)) and everything.space.find(*near, each)))  # fmt: skip
        else:
            point = {
                name: rng.sample(choice.values, rng.randrange(3))
                if name in ("diagnoses", "beside")
                else rng.choice(choice.values)
                for name, choice in choices.items()
            }
            point["dialysis access"] = rng.choice([True, False])
            if rng.random() < 0.5:
                point["indication"] = HYPERTENSION
        request: Request = everything.request(point)
        old, new = (Outcome.of(line_of(each, request)) for each in (row_34.old, row_34.new))
        for change in outward:
            (field,) = change.fields
            within = any(contains(box, point) for box in change.regions.boxes)
            assert within == (getattr(old, field) != getattr(new, field)), request
            found += within
    assert found > 60


def contains(box, point) -> bool:
    return (
        all(point[name] in values for name, values in box.values.items())
        and all(each in point[name] for name, values in box.there.items() for each in values)
        and not any(each in point[name] for name, values in box.absent.items() for each in values)
    )
