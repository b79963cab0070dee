"""What changed between two versions: against policies read a second time, and by hand.

The oracles of `tests/oracle` know nothing of decision tables, solvers or regions. What a
comparison says is looked at as its JSON.
"""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html as lxml_html
from oracle import ncd_210_14
from patching import POLICIES, patch, patched
from pypdf import PdfReader

import pydmn
from medpolicy import changes, cli, codes, documents
from medpolicy.changes.outcome import CRITERIA, DISPOSITION, ChangeClass, Outcome, class_of
from medpolicy.changes.search import line_of
from medpolicy.codes import CodeSystem
from medpolicy.record import Request

LUNG = POLICIES / "ncd-210-14" / "versions"
BROADER, NARROWER, QUESTION, WORDING = (each.value for each in ChangeClass)


def compared(old: Path, new: Path) -> dict:
    """Return what is said of two folders, as JSON reads it."""
    return as_json(changes.compare_folders(old, new))


def as_json(comparisons) -> dict:
    return json.loads(pydmn.write_json(changes.to_dict(comparisons)))


# --- classes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "class_"),
    [
        ("CLINICAL_REVIEW", "APPROVE", BROADER),
        ("PEND_INFO", "APPROVE", BROADER),
        ("CODING_ERROR", "NO_REVIEW_REQUIRED", BROADER),
        ("CLINICAL_REVIEW", "NOT_APPLICABLE", BROADER),
        (None, "APPROVE", BROADER),
        ("APPROVE", "CLINICAL_REVIEW", NARROWER),
        ("APPROVE", "PEND_INFO", NARROWER),
        ("NOT_APPLICABLE", "CLINICAL_REVIEW", NARROWER),
        ("NO_REVIEW_REQUIRED", None, NARROWER),
        ("CLINICAL_REVIEW", "PEND_INFO", QUESTION),
        ("PEND_INFO", "CODING_ERROR", QUESTION),
        ("APPROVE", "NOT_APPLICABLE", QUESTION),
        ("NO_REVIEW_REQUIRED", "APPROVE", QUESTION),
    ],
)
def test_the_class_of_a_disposition_is_whether_a_person_is_needed(before, after, class_):
    old, new = Outcome(before, "not addressed"), Outcome(after, "medically necessary")
    assert class_of(DISPOSITION, old, new) == class_


@pytest.mark.parametrize(
    ("before", "after", "class_"),
    [
        ("investigational and not medically necessary", "medically necessary", BROADER),
        ("not addressed", "medically necessary", BROADER),
        ("investigational and not medically necessary", "not addressed", BROADER),
        ("medically necessary", "undetermined", NARROWER),
        ("not addressed", "investigational and not medically necessary", NARROWER),
        ("not addressed", "undetermined", QUESTION),
    ],
)
def test_the_class_of_criteria_is_what_they_favor(before, after, class_):
    old, new = (Outcome("CLINICAL_REVIEW", each) for each in (before, after))
    assert class_of(CRITERIA, old, new) == class_


@pytest.mark.parametrize("field", ["missing", "flags", "recommendation", "governed_by"])
def test_all_else_is_a_different_question(field):
    same = Outcome("CLINICAL_REVIEW", "not addressed")
    assert class_of(field, same, replace(same, flags=frozenset({"a"}))) == QUESTION


# --- two versions --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def screening():
    """NCD 210.14, version 1 and version 2."""
    (found,) = changes.compare_folders(LUNG / "1", LUNG / "2")
    return found


@pytest.fixture(scope="session")
def said(screening):
    """The same as JSON."""
    return as_json([screening])


def test_what_changed_in_meaning(said):
    assert (said["equal"], said["verdict"], said["not_decided"]) == (False, "DIFFERENT", [])
    assert said["compared"] == {"since": "2022-02-10", "as_if_in_force": "1", "codes": "named"}
    told = [
        (
            each["class"],
            *each["fields"],
            *(each[when][each["fields"][0]] for when in ("old", "new")),
        )
        for each in said["changes"]
        if each["fact"] is None and each["class"] != WORDING
    ]
    review, approve = "CLINICAL_REVIEW", "APPROVE"
    assert sorted(told) == [
        (BROADER, "criteria_result", "not addressed", "medically necessary"),
        (BROADER, "disposition", review, approve),
        (NARROWER, "criteria_result", "medically necessary", "not addressed"),
        (NARROWER, "disposition", approve, review),
    ]


def test_the_questions_of_one_version(said):
    """By hand: what the order states, who furnishes the visit and the registry are gone."""
    gone = {"written order", "order complete", "order given in visit", "visit practitioner"}
    gone |= {"data sent to registry"}
    new = {"order received", "months since last screening", "adherence counseling"}
    new |= {"smoking counseling", "radiologist qualified", "facility reports by standard"}
    assert {*said["facts"]["only_old"]} == gone
    assert {*said["facts"]["only_new"]} == new
    assert said["facts"]["changed"] == []
    asked = {each["fact"]: each for each in said["changes"] if each["fact"]}
    assert asked.keys() == gone | new
    for fact, change in asked.items():
        side = "old" if fact in gone else "new"
        assert change["class"] == QUESTION
        assert change[side]["disposition"] == "PEND_INFO"
        assert change[side]["missing"] == [fact]
        assert fact not in change["witness"]["lines"][0]["facts"]


def test_rules_are_matched_by_their_ids(said):
    by_change: dict[str, set[str]] = {}
    for each in said["rules"]:
        if not each["wording_only"]:
            by_change.setdefault(each["change"], set()).add(each["rule"])
    assert by_change["changed"] == {
        "age-within", "age-below", "pack-years-enough", "pack-years-fewer", "visit-held",
        "disposition-approve", "criteria-result-covered",
    }  # fmt: skip
    assert {"visit-other-practitioner", "registry-sent", "order-not-written"} <= by_change[
        "removed"
    ]
    assert {"interval-early", "radiologist-qualified", "order-received"} <= by_change["added"]
    assert "moved" not in by_change
    (within,) = [each for each in said["rules"] if each["rule"] == "age-within"]
    assert (within["old"]["Age"], within["new"]["Age"]) == ("[55..77]", "[50..77]")
    assert {*within["columns"]} == {"Age", "statement", "citation"}


def test_the_rules_that_make_a_difference(said):
    """Five criteria of version 1 were loosened or dropped, six of version 2 are new or stricter."""
    broader, narrower = said["changes"][:2]
    assert broader["class"] == BROADER
    assert {each["decision"] for each in broader["rules"]} == {
        "Age", "Pack years", "Order", "Visit", "Registry"
    }  # fmt: skip
    assert {each["decision"] for each in narrower["rules"]} == {
        "Order", "Visit", "Interval", "Radiologist", "Facility"
    }  # fmt: skip
    young = [each for each in broader["regions"] if each["rules"][:1] == ["Age, age-within"]]
    assert young
    assert all(each["values"]["age"] == ["[50..54]"] for each in young)


def test_regions_come_the_largest_first(said):
    for change in said["changes"]:
        shares = [each["share"] for each in change["regions"]]
        assert shares == sorted(shares, reverse=True)


def test_each_example_is_answered_so(screening):
    """The engine is asked again; version 1 has no end, as it is said to be asked."""
    old = replace(screening.old, dates=replace(screening.old.dates, effective_to=None))
    for change in screening.changes:
        asked = change.witness
        before, after = line_of(old, asked), line_of(screening.new, asked)
        assert (Outcome.of(before), Outcome.of(after)) == (change.old, change.new)
        if change.class_ is ChangeClass.WORDING_ONLY:
            assert before.reasons != after.reasons
        else:
            assert change.old != change.new


def test_what_each_version_was_asked_can_be_asked_again(screening, said):
    """Of version 2, by its folder as it is; of version 1, had it no end."""
    old = replace(screening.old, dates=replace(screening.old.dates, effective_to=None))
    for change in said["changes"]:
        for when, policy in (("old", old), ("new", screening.new)):
            answer = policy.determine(change["asked"][when]).lines[0].to_dict()
            assert answer["disposition"] == change[when]["disposition"]
            assert answer["criteria_result"] == change[when]["criteria_result"]
            assert sorted(each["fact"] for each in answer["missing"]) == change[when]["missing"]


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


@pytest.fixture(scope="session")
def row_34(tmp_path_factory):
    """CG-SURG-106 and a copy with the change that row 34 of its register names."""
    folder = tmp_path_factory.mktemp("row34")
    new = patched(folder, "cg-surg-106", **patch("cg-surg-106-row-34"))
    (found,) = changes.compare_folders(POLICIES / "cg-surg-106", new)
    return found


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


# --- single changes ------------------------------------------------------------------------

APNEA = "ncd-240-4"
AGE = ("policy.toml", '"adult age" = 18', '"adult age" = 21')
ADOPTED = ("policy.toml", "from = 2008-03-13\nmode", "from = 2016-01-01\nmode")
ABOVE = (
    "policy.toml",
    "[parameters]",
    """[[precedence]]
name = "Example"
kind = "state law"
state = "CA"
codes = ["E0601"]
from = 2020-01-01
governs = "Example mandate"

[parameters]""",
)
NEVER_ASKED = ("policy.toml", "[document]",
               '[open_when]\n"benefit shown" = \'age > 200\'\n\n[document]')  # fmt: skip
ASKED_WHERE_READ = (
    "policy.toml",
    "[document]",
    """[open_when]
"benefit shown" = 'phase = "continuation"'

[document]""",
)
QUESTION_WORDS = ("criteria.dmn", "Is insomnia documented?", "Was insomnia documented?")
PHASES = ("criteria.dmn", '"initial 12 weeks", "continuation"</text>',
          '"initial 12 weeks", "continuation", "replacement"</text>')  # fmt: skip
CODE = {"diagnosis-g47-33-in-1": 'some d in ? satisfies d in ("G47.33", "G47.30")'}
REWORDED = {"symptoms-insomnia-out-2": '"Documented: no sleep."'}


def files(*changed):
    return {"replaced": [dict(zip(("file", "old", "new"), each, strict=True)) for each in changed]}


def change_of(data, class_, *fields):
    (found,) = [
        each for each in data["changes"] if (each["class"], each["fields"]) == (class_, [*fields])
    ]
    return found


@pytest.fixture(scope="session")
def coded(tmp_path_factory):
    """NCD 240.4 and a copy with one more code in a cell, compared; and the copy's folder."""
    new = patched(tmp_path_factory.mktemp("coded"), APNEA, texts=CODE)
    return changes.compare_folders(POLICIES / APNEA, new), new


def test_a_code_added_to_a_cell(coded):
    data = as_json(coded[0])
    change = change_of(data, BROADER, "disposition")
    assert (change["old"]["disposition"], change["new"]["disposition"]) == (
        "CLINICAL_REVIEW", "APPROVE"
    )  # fmt: skip
    assert change["rules"] == [{"decision": "Diagnosis", "rule": "diagnosis-g47-33"}]
    assert all(region["there"] == {"diagnoses": [["G47.30"]]} for region in change["regions"])
    assert [(each["code"], each["change"]) for each in data["codes"]] == [("G47.30", "added")]
    assert data["equal"] is False


def test_an_age_limit_moved(tmp_path):
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA, **files(AGE)))
    change = change_of(data, NARROWER, "disposition")
    assert change["inputs"] == ["adult age"]
    assert {*map(str, (region["values"]["age"] for region in change["regions"]))} == {
        "['[18..20]']"
    }
    assert [(each["part"], each["old"], each["new"]) for each in data["settings"]] == [
        ("parameters", "18", "21")
    ]


def test_a_rule_dropped(tmp_path):
    dropped = [{"rule": "symptoms-insomnia"}]
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA, dropped=dropped))
    change = change_of(data, NARROWER, "disposition")
    assert change["old"]["disposition"] == "APPROVE"
    assert {"decision": "Symptoms", "rule": "symptoms-insomnia"} in change["rules"]
    for region in change["regions"]:
        assert region["values"]["insomnia"] == [True]
        assert region["values"]["hypertension"] == [False]
    removed = [(each["rule"], each["change"], each["new"]) for each in data["rules"]]
    assert removed == [("symptoms-insomnia", "removed", None)]


def test_an_adoption_date_moved(tmp_path):
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA, **files(ADOPTED)))
    classes = {each["old"]["disposition"]: each["class"] for each in data["changes"]}
    assert classes == {
        "CLINICAL_REVIEW": BROADER, "PEND_INFO": BROADER, "CODING_ERROR": BROADER,
        "APPROVE": QUESTION, "NOT_APPLICABLE": QUESTION,
    }  # fmt: skip
    for change in data["changes"]:
        assert change["new"]["disposition"] == "NO_REVIEW_REQUIRED"
        assert (change["inputs"], change["shared_regions"]) == (["adoption"], True)
        (region,) = change["regions"]
        assert region["values"] == {
            "day": ["[2008-03-13..2015-12-31]"], "plan": ["medicare"],
            "line of business": ["medicare"],
        }  # fmt: skip


def test_what_changes_beside_the_disposition_and_the_criteria(tmp_path):
    """A rationale is told wherever the criteria say investigational, whatever else is so."""
    texts = {"rationale-not-medically-necessary-out-1": '"not covered"'}
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA, texts=texts))
    change = change_of(data, QUESTION, "rationale")
    assert (change["old"]["rationale"], change["new"]["rationale"]) == (
        ["not medically necessary"], ["not covered"]
    )  # fmt: skip
    assert data["changes"] == [change]
    (region,) = change["regions"]
    assert region["values"] == {"criteria_result": ["investigational and not medically necessary"]}


def test_a_layer_set_above(tmp_path):
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA, **files(ABOVE)))
    change = next(each for each in data["changes"] if each["old"]["disposition"] == "APPROVE")
    assert change["class"] == QUESTION
    assert change["new"]["governed_by"] == "Example mandate"
    assert change["inputs"] == ["precedence"]
    assert all(region["values"]["state"] == ["CA"] for region in change["regions"])


@pytest.mark.parametrize(
    ("changed", "fields", "rule_changes"),
    [
        pytest.param({"texts": REWORDED}, [["reasons"]], ["changed"], id="a statement"),
        pytest.param(files(QUESTION_WORDS), [["missing"]], [], id="a question"),
        pytest.param(
            {"moved": [{"rule": "concerns-no-benefit", "before": "concerns-not-an-adult"}]},
            [], ["moved"], id="the order of a table that collects",
        ),
        pytest.param(
            {"moved": [{"rule": "symptoms-insomnia", "before": "symptoms-mood-disorder"}]},
            [["reasons"]], ["moved"], id="the order of rules that say the same",
        ),
        pytest.param(files(ASKED_WHERE_READ), [], [], id="where a fact is asked for"),
    ],
)  # fmt: skip
def test_what_is_equal_in_meaning_is_proved(tmp_path, changed, fields, rule_changes):
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA, **changed))
    assert (data["equal"], data["verdict"]) == (True, "PROVED EQUAL")
    assert [each["fields"] for each in data["changes"]] == fields
    assert {each["class"] for each in data["changes"]} <= {WORDING}
    assert [each["change"] for each in data["rules"]] == rule_changes


def test_a_question_that_is_never_asked_again(tmp_path):
    """Unasked, the benefit is not shown: a continuation goes to review, where it was pended."""
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA, **files(NEVER_ASKED)))
    change = change_of(data, QUESTION, "missing")
    assert change["fact"] == "benefit shown"
    assert change["old"]["missing"] == ["benefit shown"]
    assert change["new"]["disposition"] == "CLINICAL_REVIEW"


def test_an_answer_that_only_one_version_takes(tmp_path):
    new = patched(tmp_path, APNEA, **files(PHASES))
    for old, new_, side in ((POLICIES / APNEA, new, "old"), (new, POLICIES / APNEA, "new")):
        change = change_of(compared(old, new_), QUESTION, "facts")
        assert (change["fact"], change["values"]) == ("phase", ["replacement"])
        assert change[side] is None


def test_the_same_files_are_equal_without_a_question(tmp_path, monkeypatch):
    monkeypatch.setattr("medpolicy.changes.comparison.Search", None)
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA))
    assert (data["equal"], data["changes"], data["rules"], data["settings"]) == (True, [], [], [])


# --- not decided ---------------------------------------------------------------------------


def test_a_budget_that_is_spent_is_not_decided(coded):
    space = pydmn.Space(conflicts=0)
    data = as_json(changes.compare_folders(POLICIES / APNEA, coded[1], space=space))
    assert (data["equal"], data["verdict"]) == (None, "NOT DECIDED")
    assert any("budget" in why for why in data["not_decided"])


def test_what_cannot_be_decided_is_named(tmp_path):
    texts = {"coding-diagnosis-not-valid-in-2": "> 1"}
    new = patched(tmp_path, APNEA, texts=texts)
    data = as_json(changes.compare_folders(POLICIES / APNEA, new))
    assert data["equal"] is None
    assert any("Coding" in why and "length" in why for why in data["not_decided"])
    assert [each["rule"] for each in data["rules"]] == ["coding-diagnosis-not-valid"]


# --- the command ---------------------------------------------------------------------------


def run(capsys, *arguments) -> tuple[int, str, str]:
    status_ = cli.main(["diff", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status_, out, err


def test_exit_status_and_words(coded, capsys, tmp_path):
    bulletin = tmp_path / "b.html"
    status_, out, _ = run(capsys, POLICIES / APNEA, coded[1], "--bulletin", bulletin)
    assert status_ == 1
    assert "BROADER: disposition CLINICAL_REVIEW -> APPROVE" in out
    assert "diagnosis: G47.30" in out
    assert "For example: HCPCS E0601 for G47.30 on " in out
    assert bulletin.read_text(encoding="utf-8") == documents.to_html(changes.bulletin(coded[0][0]))
    status_, out, _ = run(capsys, POLICIES / APNEA, POLICIES / APNEA)
    assert status_ == 0
    assert "PROVED EQUAL" in out


def test_a_policy_with_versions_is_compared_version_by_version(tmp_path, capsys):
    copy = patched(tmp_path, "ncd-210-14")
    file = copy / "versions" / "1" / "text" / "description.md"
    file.write_text(file.read_text(encoding="utf-8") + "\nOne more sentence.\n", encoding="utf-8")
    status_, out, _ = run(capsys, POLICIES / "ncd-210-14", copy, "--json")
    data = json.loads(out)
    assert (status_, data["equal"], data["changes"]) == (0, True, [])
    pairs = [(each["old"]["version"], each["new"]["version"]) for each in data["versions"]]
    assert pairs == [("1", "1"), ("2", "2")]
    assert [len(each["settings"]) for each in data["versions"]] == [1, 0]


@pytest.mark.parametrize(
    ("changed", "said_"),
    [
        (files(("policy.toml", 'id = "ncd-240-4"', 'id = "ncd-240-5"')), "is policy `ncd-240-5`"),
        (files(("criteria.dmn", '"input-insomnia-variable" name="insomnia" typeRef="boolean"',
                '"input-insomnia-variable" name="insomnia" typeRef="number"'),
               ("criteria.dmn", 'expression" typeRef="boolean"><text>insomnia<',
                'expression"><text>insomnia<')),
         "the input is a number, and a boolean in"),
        (files(("policy.toml", "[dates]", "[date]")), "policy.toml"),
    ],
    ids=["another policy", "another type", "a typo"],
)  # fmt: skip
def test_bad_input_is_said_by_name_before_anything_runs(
    tmp_path, capsys, monkeypatch, changed, said_
):
    monkeypatch.setattr("medpolicy.changes.comparison.Search", None)
    status_, out, err = run(capsys, POLICIES / APNEA, patched(tmp_path, APNEA, **changed))
    assert (status_, out) == (2, "")
    assert said_ in err
    assert str(tmp_path / APNEA) in err


@pytest.mark.parametrize(
    ("arguments", "said_"),
    [
        ([POLICIES / APNEA, POLICIES / "ncd-240-5"], "there is no such policy folder"),
        ([POLICIES / APNEA, POLICIES / APNEA, "--bulletin", "b.docx"], "neither .html nor .pdf"),
    ],
)
def test_bad_arguments(capsys, arguments, said_):
    status_, _, err = run(capsys, *arguments)
    assert status_ == 2
    assert said_ in err


def test_the_same_bytes_whatever_the_seed_of_hashes_is(coded):
    command = [sys.executable, "-m", "medpolicy", "diff", POLICIES / APNEA, coded[1], "--json"]
    done = subprocess.run(
        command, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "1"}, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode() == pydmn.write_json(changes.to_dict(coded[0]), indent=2) + "\n"


# --- the bulletin --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def page(screening):
    """The bulletin of NCD 210.14 as a parsed page."""
    return lxml_html.fromstring(documents.to_html(changes.bulletin(screening)))


def test_the_bulletin_shows_criteria_side_by_side_with_marks(page):
    (row,) = [each for each in page.iter("tr") if "rule age-within" in each.text_content()]
    before, after = row.findall("td")
    assert [each.text.strip() for each in before.iter("del")] == ["55"]
    assert [each.text.strip() for each in after.iter("ins")] == ["50"]
    assert (
        before.text_content() == "Medically necessary: From 55 to 77 years old on the service date."
    )


def test_the_bulletin_says_what_and_when_and_what_stays(page):
    text = " ".join(page.text_content().split())
    for words in (
        "Version 2 is in force from 2022-02-10.",
        "Some requests that were sent to clinical review are now approved.",
        "Some requests that were approved are now sent to clinical review.",
        "This is proved and not sampled",
        "No code of the coding tables is added, removed or has expired.",
        "Is the reading radiologist board certified",
    ):
        assert words in text, words
    assert "`" not in page.find(".//section[@id='summary']").text_content()


def test_every_table_of_the_bulletin_has_headers_and_a_caption(page):
    tables = [*page.iter("table")]
    assert len(tables) > 15
    for table in tables:
        assert table.find("caption") is not None
        heads = [*table.iter("th")]
        assert heads
        assert all(each.get("scope") in ("col", "row") for each in heads)
    levels = [int(each.tag[1]) for each in page.iter("h1", "h2", "h3", "h4")]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_bulletin_as_pdf_is_tagged_and_the_same_each_time(row_34):
    content = changes.bulletin(row_34)
    pdf = documents.to_pdf(content)
    assert pdf == documents.to_pdf(changes.bulletin(row_34))
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.metadata.title.startswith("CG-SURG-106 What changes in CG-SURG-106")
    assert "/StructTreeRoot" in reader.root_object
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "Q21.1" in text
    assert "expired, valid until 2022-09-30" in text
    assert "from 2023-02-23" in text
