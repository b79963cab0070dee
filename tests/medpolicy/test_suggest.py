"""Cases that are suggested: each does what it is for, by the engine's own trace."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from small_policies import APPROVE, CASES, REVIEW, answered, case, written

import medpolicy
import pydmn
from medpolicy import cli
from medpolicy.cases import read_cases
from medpolicy.check import check
from medpolicy.schema import SCHEMAS
from medpolicy.suggest import known_cases, suggest

POLICIES = Path(__file__).resolve().parents[2] / "policies"


def suggested(policy, **options):
    return suggest(policy, known_cases(policy), **options)


def rules_of(policy, request):
    """Return the rules that the trace of a request's first line has."""
    answer = policy.determine(request, trace=True).to_dict()
    return {
        f"{entry['decision']}, rule {rule}"
        for entry in answer["lines"][0]["trace"]
        for rule in entry["rules"]
    }


# --- a small policy --------------------------------------------------------------------


def test_what_no_case_tries_is_suggested_and_nothing_else(tmp_path):
    """Not touched are <= 20, <= 30 and > 30; a dose has one value, so there are three requests."""
    found = suggested(medpolicy.load(written(tmp_path / "small", CASES)))
    assert [each["expect"] for each in found.cases] == [
        {"open": ["Level, dose: <= 20"]},
        {"open": ["Level, dose: <= 30"]},
        {"open": ["Level, dose: > 30"]},
    ]
    doses = [each["request"]["lines"][0]["facts"]["dose"] for each in found.cases]
    assert doses[:2] == [20, 30]
    assert 30 < doses[2] <= 31
    assert found.undecided == ()


def test_a_rule_that_no_request_hits_is_unreachable(tmp_path):
    """In its table it can fire; but no rule of Level that can fire gives what it asks for."""
    found = suggested(medpolicy.load(written(tmp_path / "small", CASES)))
    assert found.unreachable == (
        ("Disposition, rule disposition-3", "proved over all decisions of the policy"),
    )


def test_without_cases_one_request_tries_several_things(tmp_path):
    policy = medpolicy.load(written(tmp_path / "small"))
    found = suggested(policy)
    wanted = {
        *(f"Level, rule level-{number}" for number in (1, 2, 3)),
        *(f"Disposition, rule disposition-{number}" for number in (1, 2)),
        *(f"Level, dose: {side}" for side in ("< 10", ">= 10", "<= 20", "> 20", "<= 30", "> 30")),
        *(f"Level, age: {side}" for side in ("< 18", ">= 18")),
    }
    goals = [goal for each in found.cases for goal in each["expect"]["open"]]
    assert sorted(goals) == sorted(wanted)
    assert len(found.cases) == 6  # as many as the dose has sides
    near = {
        "dose: < 10": lambda dose, _: 9 <= dose < 10, "dose: >= 10": lambda dose, _: dose == 10,
        "dose: <= 20": lambda dose, _: dose == 20, "dose: > 20": lambda dose, _: 20 < dose <= 21,
        "dose: <= 30": lambda dose, _: dose == 30, "dose: > 30": lambda dose, _: 30 < dose <= 31,
        "age: < 18": lambda _, age: age == 17, "age: >= 18": lambda _, age: age == 18,
    }  # fmt: skip
    for each in found.cases:
        request = each["request"]
        day, born = (
            date.fromisoformat(text)
            for text in (request["service_date"], request["member"]["birth_date"])
        )
        age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        dose = request["lines"][0]["facts"].get("dose")
        hit = rules_of(policy, json.loads(pydmn.write_json(request)))
        for goal in each["expect"]["open"]:
            assert goal in hit or near[goal.removeprefix("Level, ")](dose, age), (goal, request)


def test_the_same_bytes_every_time(tmp_path):
    folder = written(tmp_path / "small")
    outputs = []
    for seed in ("0", "7"):
        environment = {
            **os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "medpolicy", "cases", "suggest", str(folder)],
            capture_output=True, check=False, env=environment,
        )  # fmt: skip
        assert done.returncode == 0
        assert b"unreachable: Disposition, rule disposition-3: proved" in done.stderr
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    expected = pydmn.write_json(list(suggested(medpolicy.load(folder)).cases))
    assert json.loads(outputs[0]) == json.loads(expected)


def test_suggested_answered_and_nothing_more(tmp_path, capsys):
    folder = written(tmp_path / "small", CASES)
    cases = folder / "cases"
    run = ["cases", "suggest", str(folder), "-o", str(cases)]
    assert cli.main(run) == 0
    file = cases / "suggested.json"
    assert capsys.readouterr().out.startswith(f"{file}: 3 open cases; ")
    before = file.read_bytes()
    # Open, they are not suggested again, and pass nothing.
    assert cli.main(run) == 0
    assert capsys.readouterr().out == "nothing to suggest\n"
    assert file.read_bytes() == before
    report = check(folder)
    assert (report.cases, report.open, report.failed) == (7, 3, 0)
    assert report.coverage.tables[0].touched == 5
    # Answered, they count: 20 is high for an adult, 30 and more are low.
    data = json.loads(before)
    for each in data:
        dose = each["request"]["lines"][0]["facts"]["dose"]
        born = int(each["request"]["member"]["birth_date"][:4])
        adult = int(each["request"]["service_date"][:4]) - born >= 18
        each["expect"] = APPROVE if dose == 20 and adult else REVIEW
        each["because"] = "the text"
    file.write_text(json.dumps(data), encoding="utf-8")
    assert cli.main(run) == 0
    assert capsys.readouterr().out == "nothing to suggest\n"
    report = check(folder)
    assert (report.open, report.failed) == (0, 0)
    assert report.coverage.tables[0].touched == 8
    assert sorted(path.name for path in cases.iterdir()) == ["all.json", "suggested.json"]


def test_nothing_is_overwritten(tmp_path, capsys):
    folder = written(tmp_path / "small", CASES)
    other = tmp_path / "other"
    other.mkdir()
    mine = other / "suggested.json"
    mine.write_text(json.dumps([case("mine", 30, answered("APPROVE"), dose=20)]), encoding="utf-8")
    before = mine.read_bytes()
    assert cli.main(["cases", "suggest", str(folder), "-o", str(other)]) == 0
    assert mine.read_bytes() == before
    # What a case of the folder tries is not suggested: the dose of 20.
    found = json.loads((other / "suggested-2.json").read_text(encoding="utf-8"))
    assert [each["expect"]["open"] for each in found] == [
        ["Level, dose: <= 30"], ["Level, dose: > 30"],
    ]  # fmt: skip
    capsys.readouterr()


def test_a_folder_is_made_only_where_there_is_one_to_hold_it(tmp_path, capsys):
    folder = written(tmp_path / "small", CASES)
    assert cli.main(["cases", "suggest", str(folder), "-o", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new" / "suggested.json").exists()
    assert cli.main(["cases", "suggest", str(folder), "-o", str(tmp_path / "a" / "b")]) == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()


def test_what_stops_it_leaves_no_file(tmp_path, monkeypatch, capsys):
    folder = written(tmp_path / "small", CASES)

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", stopped)
    assert cli.main(["cases", "suggest", str(folder), "-o", str(folder / "cases")]) == 130
    assert [path.name for path in (folder / "cases").iterdir()] == ["all.json"]
    capsys.readouterr()


def test_bad_input(tmp_path, monkeypatch, capsys):
    folder = written(tmp_path / "small", CASES)
    (folder / "cases" / "bad.json").write_text("{", encoding="utf-8")
    assert cli.main(["cases", "suggest", str(folder)]) == 2
    assert "cases/bad.json: no JSON at line 1" in capsys.readouterr().err
    assert cli.main(["cases", "suggest", str(tmp_path / "none")]) == 2
    assert "there is no such policy folder" in capsys.readouterr().err
    (folder / "cases" / "bad.json").unlink()
    monkeypatch.setattr("medpolicy.suggest.find_spec", lambda _: None)
    assert cli.main(["cases", "suggest", str(folder)]) == 2
    assert "medpolicy[verify]" in capsys.readouterr().err


def test_what_cannot_be_decided_is_named(tmp_path):
    """A cell that asks how many codes there are is more than the solver is told of a list."""
    folder = written(tmp_path / "small", CASES)
    criteria = folder / "criteria.dmn"
    text = criteria.read_text(encoding="utf-8")
    text = text.replace("dose</text>", "dose + count(diagnoses)</text>")
    text = text.replace(
        '<decision id="Level"',
        '<inputData id="diagnoses" name="diagnoses"><variable name="diagnoses"/></inputData>'
        '<decision id="Level"',
    ).replace(
        '<requiredInput href="#dose"/>',
        '<requiredInput href="#dose"/></informationRequirement>'
        '<informationRequirement><requiredInput href="#diagnoses"/>',
    )
    criteria.write_text(text, encoding="utf-8")
    found = suggested(medpolicy.load(folder))
    assert found.cases == ()
    assert found.unreachable == ()
    assert found.undecided
    assert all("`dose`" in why or "dose" in why for _, why in found.undecided)


def test_what_is_before_what_cannot_be_decided_is_suggested(tmp_path):
    """Disposition asks how many codes there are, and Level does not."""
    folder = written(tmp_path / "small", CASES)
    criteria = folder / "criteria.dmn"
    text = criteria.read_text(encoding="utf-8")
    text = text.replace(
        "<text>Level</text>", "<text>if count(diagnoses) > 3 then null else Level</text>"
    )
    text = text.replace(
        '<decision id="Level"',
        '<inputData id="diagnoses" name="diagnoses"><variable name="diagnoses"/></inputData>'
        '<decision id="Level"',
    ).replace(
        '<requiredDecision href="#Level"/></informationRequirement>',
        '<requiredDecision href="#Level"/></informationRequirement>'
        '<informationRequirement><requiredInput href="#diagnoses"/></informationRequirement>',
    )
    criteria.write_text(text, encoding="utf-8")
    found = suggested(medpolicy.load(folder))
    assert [each["expect"]["open"] for each in found.cases] == [
        ["Level, dose: <= 20"], ["Level, dose: <= 30"], ["Level, dose: > 30"],
    ]  # fmt: skip
    ((what, why),) = found.undecided
    assert what == "Disposition, rule disposition-3"
    assert "more of a list's length" in why


def test_a_request_without_a_disposition_is_none(tmp_path):
    """The level `low` gets no disposition: what it takes to be low cannot be tried."""
    folder = written(tmp_path / "small", disposition=(('"high"', '"APPROVE"', "null"),))
    found = suggested(medpolicy.load(folder))
    unreachable = {what for what, _ in found.unreachable}
    assert {"Level, rule level-1", "Level, rule level-3", "Level, age: < 18"} <= unreachable
    goals = {goal for each in found.cases for goal in each["expect"]["open"]}
    assert goals == {
        "Level, rule level-2", "Disposition, rule disposition-1", "Level, age: >= 18",
        "Level, dose: >= 10", "Level, dose: <= 20",
    }  # fmt: skip


def test_cases_of_all_versions_do_not_go_to_one(capsys):
    folder = POLICIES / "ncd-210-14"
    before = sorted((folder / "versions" / "2" / "cases").iterdir())
    place = folder / "versions" / "2" / "cases"
    assert cli.main(["cases", "suggest", str(folder), "-o", str(place)]) == 2
    assert "holds the cases of one version" in capsys.readouterr().err
    assert sorted(place.iterdir()) == before


# --- the real policies -----------------------------------------------------------------


@cache
def hit_by(policy_folder, id_):
    """Return the rules that a case hits, by the traces of the lines of which it says something."""
    policy, cases = real(policy_folder)
    (found,) = [each for each in cases if each.id == id_]
    try:
        answer = policy.determine(found.request, trace=True).to_dict()
    except medpolicy.RequestError:
        return frozenset()
    named = [line["id"] for line in found.lines or ()]
    return frozenset(
        f"{entry['decision']}, rule {rule}"
        for line in answer["lines"] if line["id"] in named
        for entry in line["trace"] for rule in entry["rules"]
    )  # fmt: skip


@cache
def real(name):
    policy = medpolicy.load(POLICIES / name)
    return policy, read_cases(POLICIES / name / "cases", argued=True)[0]


def missing(name, cases):
    """Return the rules of a policy that none of `cases` hits."""
    policy, _ = real(name)
    every = {
        f"{decision}, rule {rule.id}"
        for decision in policy.model.names
        if policy.model.kind(decision) == "table"
        for rule in policy.model.table(decision).rules
    }
    return every.difference(*(hit_by(name, each.id) for each in cases))


def test_each_rule_that_only_cases_taken_away_hit_gets_a_request():
    name = "ncd-210-14/versions/2"
    policy, cases = real(name)
    kept = random.Random(0).sample(cases, 6)
    uncovered = missing(name, kept)
    found = suggest(policy, [(each, policy) for each in kept])
    assert found.undecided == ()
    unreachable = {what for what, _ in found.unreachable}
    goals = {goal for each in found.cases for goal in each["expect"]["open"] if ", rule " in goal}
    assert goals == uncovered - unreachable
    # What a case of the policy hits is reachable, so one was found for it.
    assert unreachable <= missing(name, cases)
    assert unreachable == {"Coding, rule coding-procedure-not-billable"}
    checked = Draft202012Validator(SCHEMAS["case"](policy))
    for each in found.cases:
        data = json.loads(pydmn.write_json(each))
        checked.validate(data)
        assert "because" not in data
        assert set(data["expect"]) == {"open"}
        hit = rules_of(policy, data["request"])
        assert {goal for goal in data["expect"]["open"] if ", rule " in goal} <= hit
    assert len(found.cases) < len(goals) / 2


def test_a_policy_with_versions_gets_requests_that_the_version_answers(policies):
    policy = policies("ncd-210-14")
    found = suggest(policy, [])
    answered_by = set()
    for each in found.cases:
        data = json.loads(pydmn.write_json(each))
        answer = policy.determine(data["request"])
        assert data["expect"]["version"] == answer.policy.version
        answered_by.add(answer.policy.version)
    assert answered_by == {"1", "2"}
    # A day before version 2 is one of version 1, and a day before version 1 is one of it too.
    said = dict(found.unreachable)
    assert said["version 2, Adoption, rule adoption-not-in-force"].startswith("proved")
    assert "version 1, Adoption, rule adoption-not-in-force" not in said
    assert found.undecided == ()
