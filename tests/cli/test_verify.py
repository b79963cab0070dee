"""`pydmn verify`: text, JSON, SARIF and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import pydmn
from pydmn import FINDINGS as CODES
from pydmn.cli import BAD_INPUT, FAILED, WELL, main

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
FARES = str(EXAMPLES / "fares.dmn")
SHIPPING = str(EXAMPLES / "shipping.dmn")


def test_what_is_proved_and_found_is_printed(capsys):
    assert main(["verify", FARES]) == FAILED
    assert capsys.readouterr().out.splitlines() == [
        (
            "Fare: proved: no dead rule, no redundant rule, no unreachable output, none outside "
            "allowed, every input matters"
        ),
        (
            '    error gap, COUNTEREXAMPLE: Age = 65, Class = "first" matches no rule of Fare; the '
            'nearest, rule 2 (second), needs Class: "second"'
        ),
        (
            '    error overlap, COUNTEREXAMPLE: Age = 65, Class = "second" matches rule 2 (second) '
            "and rule 4: the table is UNIQUE, so that its answer is null"
        ),
        "1 table: 2 errors, 0 warnings, 2 notes",
    ]


def test_notes_are_printed_when_asked_for(capsys):
    assert main(["verify", SHIPPING, "--notes"]) == WELL
    assert capsys.readouterr().out.count("note gap") == 2


def test_json_is_an_object_a_table(capsys):
    assert main(["verify", FARES, "--json"]) == FAILED
    (table,) = json.loads(capsys.readouterr().out)
    assert list(table) == ["decision", "proved", "findings"]
    assert table["decision"] == "Fare"
    assert "no-dead-rule" in table["proved"]
    gap, overlap, *_ = table["findings"]
    assert gap == {
        "code": "gap",
        "verdict": "COUNTEREXAMPLE",
        "severity": "error",
        "rules": [],
        "witness": {"Age": 65, "Class": "first"},
        "message": 'Age = 65, Class = "first" matches no rule of Fare; the nearest, rule 2 '
        '(second), needs Class: "second"',
    }
    assert overlap["rules"] == ["second", "senior"]
    assert overlap["witness"] == {"Age": 65, "Class": "second"}


def test_the_cases_are_as_they_are_said_to_be():
    model = pydmn.load(FARES)
    for finding in model.verify()[0].findings:
        assert model.evaluate("Fare", finding.witness).value is None


@pytest.mark.parametrize("option", ["file", "-"])
def test_sarif_is_a_log_of_version_2_1_0(option, tmp_path, capsys):
    path = tmp_path / "found.sarif"
    assert main(["verify", FARES, "--sarif", str(path) if option == "file" else "-"]) == FAILED
    printed = capsys.readouterr().out
    log = json.loads(path.read_text("utf-8") if option == "file" else printed)
    # What the schema of SARIF 2.1.0 requires (3.13, 3.14, 3.18, 3.19, 3.27, 3.11).
    assert log["version"] == "2.1.0"
    assert log["$schema"].startswith("https://")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "pydmn"
    assert [rule["id"] for rule in driver["rules"]] == list(CODES)
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    results = run["results"]
    assert [(each["ruleId"], each["level"]) for each in results] == [
        ("gap", "error"), ("overlap", "error"), ("gap", "note"), ("gap", "note"),
    ]  # fmt: skip
    for each in results:
        assert driver["rules"][each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["message"]["text"]
        (location,) = each["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uri"].endswith("docs/examples/fares.dmn")
        assert physical["region"]["startLine"] >= 1
        (logical,) = location["logicalLocations"]
        assert logical["fullyQualifiedName"].startswith("Fare")
    assert results[1]["locations"][0]["physicalLocation"]["region"]["startLine"] == 18


def test_two_outputs_at_once_are_refused(capsys):
    assert main(["verify", FARES, "--json", "--sarif", "-"]) == BAD_INPUT
    assert "--sarif -" in capsys.readouterr().err


def test_a_model_that_cannot_be_read_is_bad_input(tmp_path, capsys):
    path = tmp_path / "model.dmn"
    path.write_text("<definitions", "utf-8")
    assert main(["verify", str(path)]) == BAD_INPUT
    assert capsys.readouterr().err


def test_a_part_that_cannot_run_is_an_error(capsys):
    references = Path(__file__).parents[1] / "dmn" / "bad" / "references.dmn"
    assert main(["verify", str(references)]) == FAILED
    assert capsys.readouterr().err


def test_every_code_is_explained():
    page = (EXAMPLES.parent / "codes.md").read_text("utf-8")
    assert [code for code in CODES if f"| `{code}` |" not in page] == []
