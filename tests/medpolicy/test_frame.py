"""A policy's decisions over a frame of claim lines: each row as the line by itself."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from oracle import cg_surg_106

import pydmn

FILE = Path(__file__).parents[2] / "policies" / "cg-surg-106" / "criteria.dmn"
LINES = 3_000
UNKNOWN = (True, True, False, None)
POINTERS = sorted(
    {"I10", "I26.99", "C38.1", "Q21.14"}
    | cg_surg_106.EXCLUDED_POINTERS
    | set().union(*cg_surg_106.SUPPORT.values())
)
PROCEDURES = sorted(
    {"36901", "99213", "027R0DT", "067C0D1", "05740DZ"}
    | cg_surg_106.VEIN_CODES
    | cg_surg_106.INTRACRANIAL_CODES
    | cg_surg_106.PULMONARY_ARTERY_CODES
)


@pytest.fixture(scope="module")
def policy():
    return pydmn.load(FILE)


def line(chance: random.Random) -> dict[str, object]:
    """Return a random line, most of them fit for review; what is unknown is null."""
    indication = chance.choice([*cg_surg_106.SITE_MAP, *cg_surg_106.INDICATIONS, None])
    fitting = sorted(cg_surg_106.SITE_MAP.get(indication, cg_surg_106.SITES))
    pointers = chance.sample(POINTERS, chance.choice((0, 1, 1, 2)))
    pointers += chance.sample(sorted(cg_surg_106.SUPPORT.get(indication, {"I87.1"})), 1)
    return {
        "in force": chance.random() < 0.95,
        "adoption": chance.choice(["adopted"] * 8 + ["none", "education only"]),
        "precedence": chance.choice([None] * 9 + ["a state mandate"]),
        "procedure code": chance.choice(PROCEDURES),
        "procedure status": chance.choice(["valid"] * 8 + ["not billable", "not valid"]),
        "request procedures": chance.sample(PROCEDURES, chance.choice((0, 1, 2))),
        "diagnoses": pointers if chance.random() < 0.9 else [],
        "invalid diagnoses": pointers[:1] if chance.random() < 0.05 else [],
        "new diagnoses": pointers[:1] if chance.random() < 0.2 else [],
        "line of business": chance.choice(("medicaid", "commercial")),
        "age": chance.choice((0, 5, 17, 18, 20, 21, 40, None)),
        "child age limit": 18,
        "indication": indication,
        "site": chance.choice([*fitting, *fitting, *sorted(cg_surg_106.SITES), None]),
        "lesion confirmed by imaging": chance.choice(UNKNOWN),
        "occlusion or thrombosis": chance.choice(UNKNOWN),
        "thrombotic": chance.choice(UNKNOWN),
        "symptomatic": chance.choice(UNKNOWN),
        "dialysis access": chance.choice((False, False, False, True, None)),
    }


@pytest.fixture(scope="module")
def lines():
    chance = random.Random(106)
    return pl.DataFrame([line(chance) for _ in range(LINES)])


@pytest.mark.parametrize("name", ["Disposition", "Criteria result", "Flags", "Governed by"])
def test_every_line_has_the_answer_it_has_alone(policy, lines, name):
    result = policy.evaluate_frame(name, lines)
    decide = policy.decision(name)
    assert result.path == ("distinct" if name == "Flags" else "columnar")
    assert result.frame[name].to_list() == [decide(row) for row in lines.rows(named=True)]


def test_the_rules_that_dispose_of_a_line_are_named(policy, lines):
    few = lines.head(200)
    result = policy.evaluate_frame("Disposition", few, hits=True)
    decide = policy.decision("Disposition")
    assert result.frame["Disposition: rules"].to_list() == [
        list(decide.evaluate(row).trace.hits[-1].rules) for row in few.rows(named=True)
    ]
