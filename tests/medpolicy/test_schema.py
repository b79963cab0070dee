"""The schemas accept what is read and what is answered, and refuse what is not: by jsonschema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import pydmn
from medpolicy.problems import MedpolicyError
from medpolicy.schema import SCHEMAS

POLICIES = Path(__file__).resolve().parents[2] / "policies"
NAMES = (
    "cg-surg-106",
    "ncd-240-4",
    "ncd-210-14",
    "ncd-210-14/versions/1",
    "ncd-210-14/versions/2",
)


def validator(what, policy=None):
    """Return what checks a schema, as it is printed."""
    schema = json.loads(pydmn.write_json(SCHEMAS[what](policy), indent=2))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def cases_of(name):
    for file in sorted((POLICIES / name / "cases").glob("*.json")):
        yield from json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_files_of_cases_agree_with_their_schema(policies, name):
    for known in (None, policies(name)):
        checked = validator("case", known)
        for file in sorted((POLICIES / name / "cases").glob("*.json")):
            checked.validate(json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", NAMES)
def test_requests_and_determinations_agree_with_their_schemas(policies, name):
    policy = policies(name)
    requests = [validator("request"), validator("request", policy)]
    answers = [validator("determination"), validator("determination", policy)]
    for number, case in enumerate(cases_of(name)):
        try:
            answer = policy.determine(case["request"], trace=number % 10 == 0)
        except MedpolicyError:
            continue
        for checked in requests:
            checked.validate(case["request"])
        for checked in answers:
            checked.validate(json.loads(pydmn.write_json(answer.to_dict())))


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"site": "left arm"}},
        {"facts": {"thrombotic": "yes"}},
        {"facts": {"trombotic": True}},
        {"procedure": {"system": "ICD-10-CM", "code": "I10"}},
        {"service_date": "02.03.2020"},
        {"lines": []},
        {"unknown": 1},
    ],
)
def test_a_bad_request_does_not_agree(venous, request_of, change):
    assert validator("request", venous).is_valid(request_of())
    assert not validator("request", venous).is_valid(request_of(**change))


def test_a_null_fact_agrees(venous, request_of):
    facts = dict.fromkeys(venous.facts)
    assert validator("request", venous).is_valid(request_of(facts=facts))
