"""`pydmn diff`: text, JSON and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pydmn.cli import BAD_INPUT, FAILED, WELL, main

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
OLD, NEW = str(EXAMPLES / "fares.dmn"), str(EXAMPLES / "fares-2.dmn")


def test_the_json_has_what_each_version_evaluates_to(capsys, tmp_path):
    assert main(["diff", OLD, NEW, "--decision", "Fare", "--json"]) == FAILED
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["equal", "changes"]
    assert found["equal"] is False
    given = tmp_path / "given.json"
    for change in found["changes"]:
        assert {"class", "witness", "old", "new"} <= change.keys()
        given.write_text(json.dumps(change["witness"]))
        for path, answer in ((OLD, change["old"]), (NEW, change["new"])):
            assert main(["eval", path, "--decision", "Fare", "--input", str(given)]) == WELL
            assert json.loads(capsys.readouterr().out) == answer
        assert (change["class"] == "broader") is (change["old"] is None)
    cases = [json.dumps(each["witness"]) for each in found["changes"]]
    assert len(set(cases)) == len(cases)


def test_equal_versions_have_no_changes(capsys):
    assert main(["diff", OLD, OLD, "--decision", "Fare", "--json"]) == WELL
    assert json.loads(capsys.readouterr().out) == {"equal": True, "changes": []}
    assert main(["diff", OLD, OLD, "--decision", "Fare"]) == WELL
    assert capsys.readouterr().out == "Fare: equal: both versions answer the same to all inputs\n"


def test_the_text_says_what_was_and_what_is(capsys):
    assert main(["diff", OLD, NEW, "--decision", "Fare"]) == FAILED
    first, region, *rest = capsys.readouterr().out.splitlines()
    assert first == "Fare: the versions differ in 5 regions"
    assert region == '1. broader: Age: >= 65; Class: null, "first"'
    assert rest[:2] == ["       was null", "       is  12 (rule senior)"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([OLD, NEW, "--decision", "Fair"], "did you mean `Fare`?"),
        ([OLD, str(EXAMPLES / "none.dmn"), "--decision", "Fare"], "No such file"),
        ([OLD, str(EXAMPLES / "parcel.json"), "--decision", "Fare"], "not well-formed XML"),
        ([OLD, str(EXAMPLES / "shipping.dmn"), "--decision", "Fare"], "has no `Fare`"),
    ],
)
def test_bad_input_is_said_by_name(capsys, arguments, words):
    assert main(["diff", *arguments]) == BAD_INPUT
    assert words in capsys.readouterr().err
