"""Determinations agree with the policies read a second time, in plain Python, over random requests.

The requests lean towards approval: a code, a site and a pointer that fit the indication, and a
few unknown facts; so both sides of every edge are met. The seeds are fixed.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from oracle import cg_surg_106, ncd_210_14, ncd_240_4

from medpolicy import codes
from medpolicy.codes import CodeSystem
from medpolicy.versions import version_for

REQUESTS_A_SEED = 90


def status(system, code, on):
    """Return what the oracles ask of the code tables."""
    return codes.status(CodeSystem(system), code, on).name


def some(rng, facts, likely):
    """Return some of the facts, each there with a likelihood of its own; a few are null."""
    stated = {}
    for name, value in facts.items():
        chance = rng.random()
        if chance < likely.get(name, 0.7):
            stated[name] = value
        elif chance < 0.97:
            continue
        else:
            stated[name] = None
    return stated


def born(rng, day, ages):
    """Return a birth date within a day of a birthday, or half a year from it."""
    year = day.year - rng.choice(ages)
    birthday = day.replace(year=year, day=min(day.day, 28))
    birth = birthday + timedelta(rng.choice([-1, 0, 0, 1, -200]))
    return {"birth_date": birth.isoformat()} if birth <= day else {}


# --- CG-SURG-106 ----------------------------------------------------------------------

EDGES = [
    "2019-12-01",
    "2020-02-04",
    "2020-02-05",
    "2022-09-30",
    "2022-10-01",
    "2024-09-30",
    "2024-10-01",
    "2025-09-30",
    "2025-10-01",
]
VEIN_PROCEDURES = sorted(
    code
    for part in cg_surg_106.VESSELS
    for approach in "034"
    for ending in ("DZ", "ZZ", "4Z", "D1", "Z1")
    if cg_surg_106.listed_vessel(code := f"{part}{approach}{ending}")
)
POINTERS = sorted(
    {"N18.6", "Z99.2", "I10", "I26.99", "C38.1", "I82.210", "I82.A11", "Q25.0", "Q21.0"}
    | cg_surg_106.EXCLUDED_POINTERS
    | cg_surg_106.NOT_REVIEWED
    | set().union(*cg_surg_106.SUPPORT.values())
)
PLANS = [
    *([("healthy-blue", "medicaid", "MO")] * 14),
    ("healthy-blue", "medicare", "MO"),
    ("example-commercial", "commercial", "NY"),
    ("example-mandate-plan", "commercial", "CA"),
    ("example-mandate-plan", "commercial", "NY"),
]


def venous_request(rng):
    edge = rng.random() < 0.3
    later = date(2020, 2, 5) + timedelta(rng.randrange(2200))
    day = date.fromisoformat(rng.choice(EDGES)) if edge else later
    indication = rng.choice(
        [*cg_surg_106.SITE_MAP, *cg_surg_106.SITE_MAP, *cg_surg_106.INDICATIONS]
    )
    fitting = sorted(cg_surg_106.SITE_MAP.get(indication, cg_surg_106.SITES))
    site = rng.choice(fitting if rng.random() < 0.85 else cg_surg_106.SITES)
    diagnoses = rng.sample(POINTERS, rng.choice([0, 0, 0, 1, 1, 2]))
    if rng.random() < 0.8:
        diagnoses.insert(0, rng.choice(sorted(cg_surg_106.SUPPORT.get(indication, {"I87.1"}))))
    facts = {
        "indication": indication,
        "site": site,
        "lesion confirmed by imaging": rng.random() < 0.8,
        "occlusion or thrombosis": rng.random() < 0.2,
        "thrombotic": rng.random() < 0.8,
        "symptomatic": rng.random() < 0.8,
        "dialysis access": rng.random() < 0.3,
    }
    line = {
        "id": "1",
        "procedure": venous_procedure(rng, site),
        "diagnoses": diagnoses,
        "facts": some(rng, facts, {"indication": 0.85, "dialysis access": 0.2}),
    }
    other = {
        "id": "2",
        "procedure": {"system": "CPT", "code": rng.choice(["37238", "37248", "36901", "99213"])},
        "diagnoses": rng.choice([[], ["I87.1"], ["I87.1", "N18.6"]]),
        "facts": rng.choice([{}, {"site": "basilic vein"}]),
    }
    name, business, state = rng.choice(PLANS)
    return {
        "id": "r",
        "service_date": day.isoformat(),
        "member": born(rng, day, [0, 1, 5, 17, 18, 20, 21, 40]) if rng.random() < 0.8 else {},
        "plan": {"name": name, "line_of_business": business, "state": state},
        "lines": [line, other] if rng.random() < 0.3 else [line],
    }


def venous_procedure(rng, site):
    kind = rng.random()
    if kind < 0.5:
        fitting = [code for code in VEIN_PROCEDURES if cg_surg_106.listed_vessel(code) == site]
        return {"system": "ICD-10-PCS", "code": rng.choice(fitting or VEIN_PROCEDURES)}
    if kind < 0.9:
        return {"system": "CPT", "code": rng.choice(sorted(cg_surg_106.VEIN_CODES))}
    if kind < 0.95:
        return {"system": "ICD-10-PCS", "code": rng.choice(["027R0DT", "0016070", "067C0D1"])}
    apart = cg_surg_106.INTRACRANIAL_CODES | cg_surg_106.PULMONARY_ARTERY_CODES
    return {"system": "CPT", "code": rng.choice(sorted(apart))}


# --- NCD 240.4 ------------------------------------------------------------------------

INDICES = [0, 4.9, 5, 7.5, 13.9, 14, 14.1, 14.5, 14.99, 15, 15.0, 16, 100]


def airway_request(rng):
    edges = ["2008-03-12", "2008-03-13", "2015-09-30", "2015-10-01", "2024-02-29"]
    later = date(2015, 10, 1) + timedelta(rng.randrange(3800))
    day = date.fromisoformat(rng.choice(edges)) if rng.random() < 0.2 else later
    kinds = (*ncd_240_4.SUFFICIENT_TESTS * 3, *ncd_240_4.INSUFFICIENT_TESTS)
    symptomatic = rng.choice([0.1, 0.3, 0.0])
    facts = {
        "sleep test": rng.choice(kinds),
        "apnea hypopnea index": rng.choice(INDICES),
        "respiratory disturbance index": rng.choice(INDICES),
        "hours recorded": rng.choice([0.5, 1.99, 2, 2.5, 6]),
        "events recorded": rng.choice([0, 9, 10, 12, 29, 30, 31]),
        "phase": rng.choice([ncd_240_4.INITIAL, ncd_240_4.CONTINUATION]),
        "benefit shown": rng.random() < 0.8,
        **{name: rng.random() < 0.95 for name in ncd_240_4.REQUIREMENTS},
        **{name: rng.random() < symptomatic for name in ncd_240_4.CONDITIONS},
    }
    likely = dict.fromkeys(facts, rng.choice([0.96, 0.96, 0.8]))
    device = rng.random() < 0.95
    return {
        "id": "r",
        "service_date": day.isoformat(),
        "member": born(rng, day, [5, 17, 18, 40, 70, 70]) if rng.random() < 0.9 else {},
        "plan": {"name": "medicare", "line_of_business": rng.choice(["medicare"] * 9 + ["x"])},
        "lines": [
            {
                "id": "1",
                "procedure": {"system": "HCPCS", "code": "E0601" if device else "E0470"},
                "diagnoses": rng.choice([["G47.33"]] * 8 + [["I10"], ["I10", "G47.33"], []]),
                "facts": some(rng, facts, likely),
            }
        ],
    }


# --- NCD 210.14, both versions --------------------------------------------------------

SCREENING_DAYS = [
    "2015-02-04",
    "2015-02-05",
    "2015-09-30",
    "2015-10-01",
    "2020-12-31",
    "2021-01-01",
    "2022-02-09",
    "2022-02-10",
]
SCREENING_PLANS = [
    *([("medicare", "medicare", None)] * 6),
    *([("example-advantage", "medicare", "NY")] * 2),
    *([("example-advantage", "medicare", "FL")] * 2),
    ("example-advantage", "medicare", "MD"),
    ("example-teaching-plan", "medicare", None),
    ("medicare", "medicaid", "MO"),
]
SCREENING_FACTS = {
    1: (*ncd_210_14.ORDER_1, *ncd_210_14.VISIT_1, "order given in visit", "data sent to registry"),
    2: ("order received", *ncd_210_14.VISIT_2, *ncd_210_14.FACILITY_2),
}


def screening_day(rng):
    """Return a day of either version, or one at an edge."""
    if rng.random() < 0.25:
        return date.fromisoformat(rng.choice(SCREENING_DAYS))
    return date(2015, 10, 1) + timedelta(rng.randrange(3800))


def screening_request(rng):
    day = screening_day(rng)
    name, business, state = rng.choice(SCREENING_PLANS)
    asked = day + timedelta(rng.choice([-400, -30, -1, 0, 1, 30, 400]))
    processed = asked + timedelta(rng.choice([0, 1, 30, 400]))
    request = {
        "id": "r",
        "service_date": day.isoformat(),
        "request_date": asked.isoformat(),
        "processing_date": processed.isoformat(),
        "member": born(rng, day, [49, 50, 51, 54, 55, *[65] * 9, 76, 77, 78])
        if rng.random() < 0.9
        else {},
        "plan": {"name": name, "line_of_business": business, "state": state},
    }
    number = ncd_210_14.version(request)
    status = rng.choice([*ncd_210_14.STATUSES[:2] * 8, ncd_210_14.NEVER])
    right = rng.choice([0.5, 0.9, 1.0, 1.0, 1.0])
    facts = {
        "lung cancer symptoms": rng.random() > right,
        "pack years": rng.choice([0, 19.9, 20, 25, 29.99, *[30, 40, 80] * 4]),
        "smoking status": status,
        "years since quitting": rng.choice([0, *[3, 7, 15] * 4, 15.01, 40]),
        "first screening": rng.random() < 0.6,
        **{name: rng.random() < right for name in SCREENING_FACTS[number]},
    }
    if number == 1:
        facts["visit practitioner"] = rng.choice([*ncd_210_14.PRACTITIONERS * 5, "other"])
    else:
        facts["months since last screening"] = rng.choice([0, 10, 10.5, *[11, 12, 40] * 4])
    screening = "G0297" if (day.year < 2021) is (rng.random() < 0.95) else "71271"
    code = rng.choice([*[screening] * 8, "G0296", "G0296", "71250"])
    system = "CPT" if code[0].isdigit() else "HCPCS"
    pointers = [["F17.210"], ["Z87.891"], ["F17.219", "I10"], ["F17.211"]] * 4
    request["lines"] = [
        {
            "id": "1",
            "procedure": {"system": system, "code": code},
            "diagnoses": rng.choice([*pointers, ["I10"], [], ["F17.21"]]),
            "facts": some(rng, facts, dict.fromkeys(facts, rng.choice([1.0, 0.97, 0.97, 0.8]))),
        }
    ]
    return request


# --- all ------------------------------------------------------------------------------


def differences(policy, request, determine_line):
    """Return where the policy's answer is not the oracle's, of the keys that the oracle gives."""
    found = []
    answer = policy.determine(request).to_dict()
    for line, came in zip(request["lines"], answer["lines"], strict=True):
        for key, value in determine_line(request, line, status).items():
            given = came[key]
            if key == "missing":
                given = [each["fact"] for each in given]
            same = sorted(given) == sorted(value) if isinstance(value, list) else given == value
            if not same:
                found.append((key, value, given, request))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_cg_surg_106_agrees_with_its_oracle(venous, seed):
    rng = random.Random(seed)
    for _ in range(REQUESTS_A_SEED):
        request = venous_request(rng)
        assert differences(venous, request, cg_surg_106.determine_line) == []


@pytest.mark.parametrize("seed", range(6))
def test_ncd_240_4_agrees_with_its_oracle(airway, seed):
    rng = random.Random(seed)
    for _ in range(REQUESTS_A_SEED):
        request = airway_request(rng)
        assert differences(airway, request, ncd_240_4.determine_line) == []


@pytest.mark.parametrize("seed", range(28))
def test_ncd_210_14_agrees_with_its_oracle(policies, seed):
    policy = policies("ncd-210-14")
    rng = random.Random(seed)
    for _ in range(REQUESTS_A_SEED):
        request = screening_request(rng)
        chosen = version_for(policy, policy.read(request)).metadata.version
        assert chosen == str(ncd_210_14.version(request))
        assert differences(policy, request, ncd_210_14.determine_line) == []


@pytest.mark.parametrize(
    ("make", "oracle", "least"),
    [
        (venous_request, cg_surg_106, {"APPROVE": 60, "PEND_INFO": 60, "CLINICAL_REVIEW": 60}),
        (airway_request, ncd_240_4, {"APPROVE": 20, "PEND_INFO": 60, "CLINICAL_REVIEW": 60}),
        (screening_request, ncd_210_14, {"APPROVE": 40, "PEND_INFO": 40, "CLINICAL_REVIEW": 60}),
    ],
)
def test_the_requests_meet_every_side(make, oracle, least):
    rng = random.Random(0)
    found = [
        oracle.determine_line(request, request["lines"][0], status)["disposition"]
        for request in (make(rng) for _ in range(500))
    ]
    assert all(found.count(name) >= count for name, count in least.items())
    assert {"NO_REVIEW_REQUIRED", "CODING_ERROR", "NOT_APPLICABLE"} < set(found)
