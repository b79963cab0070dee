"""An analyst's edit in the modeler reaches the determinations, and only what it names changes.

The oracle of the cases is their own argument; that of the edits, what the analyst wanted.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import medpolicy

POLICIES = Path(__file__).parents[2] / "policies"
CG_SURG_106 = POLICIES / "cg-surg-106"

Edit = Callable[[list[dict[str, Any]]], medpolicy.Policy]


@pytest.fixture
def edited(modeler: Any, tmp_path: Path) -> Edit:
    """Return a function that gives CG-SURG-106 with some edits made in the modeler."""

    def edit(edits: list[dict[str, Any]]) -> medpolicy.Policy:
        folder = tmp_path / "policy"
        shutil.copytree(CG_SURG_106, folder)
        criteria = folder / "criteria.dmn"
        saved = modeler(criteria.read_text(encoding="utf-8"), edits)
        assert saved.warnings == []
        criteria.write_text(saved.xml, encoding="utf-8")
        return medpolicy.load(folder)

    return edit


def cases() -> Iterator[dict[str, Any]]:
    """Yield the policy's cases that expect a determination."""
    for path in sorted((CG_SURG_106 / "cases").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            if "lines" in case["expect"]:
                yield case


def request(code: str, diagnosis: str, **facts: Any) -> dict[str, Any]:
    """Return a request of one line for a five-year-old in Missouri."""
    return {
        "id": "r1",
        "service_date": "2021-03-02",
        "member": {"birth_date": "2016-01-31"},
        "plan": {"name": "healthy-blue", "line_of_business": "medicaid", "state": "MO"},
        "lines": [
            {
                "id": "1",
                "procedure": {"system": "ICD-10-PCS", "code": code},
                "diagnoses": [diagnosis],
                "facts": facts,
            }
        ],
    }


def disposition(policy: medpolicy.Policy, asked: dict[str, Any]) -> str:
    """Return the disposition of the only line."""
    (line,) = policy.determine(asked).lines
    return line.disposition.value


def test_every_case_holds_after_a_save(edited: Edit) -> None:
    policy = edited([])
    for case in cases():
        found = policy.determine(case["request"]).to_dict()
        expected = {line["id"]: line["disposition"] for line in case["expect"]["lines"]}
        assert {line["id"]: line["disposition"] for line in found["lines"]} == expected, case["id"]


def test_a_code_added_to_a_cell_decides_and_nothing_else_changes(edited: Edit) -> None:
    before = medpolicy.load(CG_SURG_106)
    cell = before.model.table("Diagnosis").rules[2]
    assert cell.literals == (("G54.0",),)
    after = edited(
        [
            {
                "kind": "cell",
                "element": "diagnosis-g54-0-in-1",
                "text": 'some d in ? satisfies d in ("G54.0", "I82.B11")',
            }
        ]
    )
    asked = request("05753DZ", "I82.B11", indication="venous thoracic outlet syndrome")
    assert disposition(before, asked) == "CLINICAL_REVIEW"
    assert disposition(after, asked) == "APPROVE"
    for case in cases():
        if "I82.B11" in json.dumps(case["request"]):
            continue
        old, new = before.determine(case["request"]), after.determine(case["request"])
        assert old.to_dict()["lines"] == new.to_dict()["lines"], case["id"]


def test_a_rule_added_decides_and_nothing_else_changes(edited: Edit) -> None:
    before = medpolicy.load(CG_SURG_106)
    code = "027R34T"  # the ductus arteriosus: valid, and listed nowhere
    outputs = ['"venous"', '"pulmonary artery"', '"ICD-10-PCS"', "null", '"027R34T"', '"added"']
    after = edited(
        [
            {
                "kind": "rule",
                "decision": "procedure",
                "index": 0,
                "cells": [f'"{code}"', *outputs, "null", "null", "null"],
            }
        ]
    )
    asked = request(code, "Q25.6", indication="pulmonary artery stenosis or hypoplasia")
    assert disposition(before, asked) == "NOT_APPLICABLE"
    assert disposition(after, asked) == "APPROVE"
    for case in cases():
        if code in json.dumps(case["request"]):
            continue
        old, new = before.determine(case["request"]), after.determine(case["request"])
        assert old.to_dict()["lines"] == new.to_dict()["lines"], case["id"]
