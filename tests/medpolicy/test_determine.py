"""Determinations beyond the cases: what is missing, in which order, the trace, the same bytes."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import product

import pytest

import medpolicy
import pydmn
from medpolicy import PolicyError, determine
from medpolicy.check import check
from medpolicy.questions import open_lines


def line_of(policy, request, **options):
    (line,) = policy.determine(request, **options).to_dict()["lines"]
    return line


def missing(policy, request):
    return [each["fact"] for each in line_of(policy, request)["missing"]]


def test_the_requirements_own_example_is_approved(venous, request_of):
    answer = venous.determine(request_of()).to_dict()
    assert list(answer) == ["id", "policy", "engine", "lines"]
    (line,) = answer["lines"]
    assert list(line) == [
        "id", "disposition", "criteria_result", "reasons", "recommendation", "rationale",
        "governed_by", "missing", "flags",
    ]  # fmt: skip
    assert (line["disposition"], line["criteria_result"]) == ("APPROVE", "medically necessary")
    assert "D" in [reason["criterion"] for reason in line["reasons"]]
    assert all(list(reason) == ["criterion", "statement", "citation", "rule", "decision"]
               for reason in line["reasons"])  # fmt: skip


ILIAC = {
    "indication": "iliac vein compression syndrome",
    "site": "common iliac vein",
    "lesion confirmed by imaging": True,
    "occlusion or thrombosis": False,
}
MISSING = [
    # facts of the example that are unknown, and the facts to ask for: register rows 18 and 19
    ((), []),
    (("occlusion or thrombosis",), ["occlusion or thrombosis"]),
    (("lesion confirmed by imaging",), ["lesion confirmed by imaging"]),
    (("site",), ["site"]),
]


@pytest.mark.parametrize(("unknown", "asked"), MISSING)
def test_only_what_can_change_the_disposition_is_asked(venous, request_of, unknown, asked):
    facts = {name: value for name, value in ILIAC.items() if name not in unknown}
    assert missing(venous, request_of(facts=facts)) == asked
    nulls = {name: None if name in unknown else value for name, value in ILIAC.items()}
    assert missing(venous, request_of(facts=nulls)) == asked


def test_one_unknown_fact_settles_it_alone(venous, request_of):
    facts = {**ILIAC, "occlusion or thrombosis": None}
    (asked,) = line_of(venous, request_of(facts=facts))["missing"]
    assert asked == {
        "fact": "occlusion or thrombosis",
        "question": "Is the iliac vein occluded or thrombosed?",
        "would_decide": True,
    }


def test_the_facts_that_settle_most_come_first(venous, request_of):
    """With I87.1 alone only two of 18 indications, at four of 36 sites, can be approved.

    They are iliac vein compression and superior vena cava syndrome (rows 4, 8 and 13 of the
    register). A site settles most, an indication less, since the pulmonary artery would still
    make it a contradiction (row 12); a yes or no settles neither way.
    """
    asked = missing(venous, request_of(facts={}))
    assert set(asked) == {
        "indication", "site", "lesion confirmed by imaging", "occlusion or thrombosis",
    }  # fmt: skip
    assert asked[0] == "site"


def test_a_fact_that_no_longer_matters_is_not_asked(venous, request_of):
    facts = {"indication": "multiple sclerosis", "site": "internal jugular vein"}
    line = line_of(venous, request_of(facts=facts))
    assert (line["disposition"], line["missing"]) == ("CLINICAL_REVIEW", [])


def test_the_request_alone_gives_what_the_request_read_gives(venous, request_of):
    request = request_of()
    read = medpolicy.read_request(request, venous.facts)
    assert venous.determine(read) == venous.determine(request)


def test_the_same_request_gives_the_same_bytes(venous, request_of):
    request = request_of(facts={})
    texts = {
        pydmn.write_json(policy.determine(request, trace=True).to_dict())
        for policy in (venous, medpolicy.load(venous.folder))
        for _ in range(2)
    }
    assert len(texts) == 1


def test_the_answer_names_the_policy_and_the_engine(venous, request_of):
    answer = venous.determine(request_of()).to_dict()
    assert answer["policy"] == {
        "id": "cg-surg-106", "version": "2020-02-05", "content_hash": venous.content_hash,
    }  # fmt: skip
    assert answer["engine"] == {"name": "pydmn", "version": medpolicy.__version__}


# --- trace ----------------------------------------------------------------------------


def traced(policy, request, decision):
    trace = line_of(policy, request, trace=True)["trace"]
    return next(entry for entry in trace if entry["decision"] == decision)


def test_without_trace_there_is_none(venous, request_of):
    assert "trace" not in line_of(venous, request_of())


def test_the_trace_holds_every_decision_in_the_order_of_the_graph(venous, request_of):
    trace = line_of(venous, request_of(), trace=True)["trace"]
    names = [entry["decision"] for entry in trace]
    assert set(names) == set(venous.model.names)
    assert all(
        names.index(read) < names.index(name)
        for name in names
        for read in venous.model.reads(name)
        if read in names
    )


def test_a_near_miss_names_the_cell_that_failed(venous, request_of):
    facts = {**ILIAC, "lesion confirmed by imaging": False, "thrombotic": True, "symptomatic": True}
    entry = traced(venous, request_of(facts=facts), "Criterion")
    assert entry["inputs"]["Lesion confirmed by imaging"] is False
    (hit,) = entry["rules"]
    near = {miss["rule"]: miss for miss in entry["near_misses"]}
    assert hit not in near
    by_imaging = [miss for miss in near.values() if miss["column"] == "Lesion confirmed by imaging"]
    assert [(miss["cell"], miss["value"]) for miss in by_imaging] == [("true", False)]


def test_an_open_decision_lists_what_is_possible(venous, request_of):
    facts = {**ILIAC, "occlusion or thrombosis": None}
    entry = traced(venous, request_of(facts=facts), "Disposition")
    assert entry["value"] is None
    found = sorted(value["disposition"] for value in entry["possible"])
    assert found == ["APPROVE", "CLINICAL_REVIEW"]


def test_a_trace_can_be_written_as_json(airway, request_of):
    request = request_of(
        plan={"name": "medicare", "line_of_business": "medicare"},
        procedure={"system": "HCPCS", "code": "E0601"},
        diagnoses=["G47.33"],
        facts={"apnea hypopnea index": 14.5},
    )
    written = pydmn.write_json(airway.determine(request, trace=True).to_dict())
    assert "14.5" in written
    assert json.loads(written)["id"] == "r1"


# --- the policy's dates and rows --------------------------------------------------------


def test_a_row_of_a_state_goes_before_a_row_of_all_states(folder):
    row = (
        '[[adoption]]\nplan = "healthy-blue"\nline_of_business = "medicaid"\nstate = "KS"\n'
        'from = 2020-02-05\nto = 2021-12-31\nmode = "education only"\n\n[[adoption]]'
    )
    policy = medpolicy.load(folder({"policy.toml": ("[[adoption]]", row)}))
    asked = [
        ("KS", date(2021, 12, 31), "education only"),
        ("KS", date(2022, 1, 1), "review"),
        ("MO", date(2021, 12, 31), "review"),
        (None, date(2021, 12, 31), "review"),
        ("MO", date(2020, 2, 4), "none"),
    ]
    for state, day, mode in asked:
        assert policy.adoption_on("healthy-blue", "medicaid", state, day) == mode
    assert policy.adoption_on("nobody", "medicaid", None, date(2021, 1, 1)) == "none"


def test_rules_without_an_answer_are_the_policys_fault(folder, request_of):
    policy = medpolicy.load(
        folder({"criteria.dmn": ('<text>"APPROVE"</text>', "<text>null</text>")})
    )
    with pytest.raises(PolicyError, match="no rule gives a line of this request a disposition"):
        policy.determine(request_of())


def test_an_answer_that_is_no_disposition_is_the_policys_fault(folder, request_of):
    path = folder({"criteria.dmn": ('"APPROVE"', '"DENY"')})  # among the values allowed
    rules = path / "criteria.dmn"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace('"APPROVE"', '"DENY"'), encoding="utf-8")
    policy = medpolicy.load(path)
    for trace in (False, True):
        with pytest.raises(PolicyError, match="`DENY` is not a disposition"):
            policy.determine(request_of(), trace=trace)


def test_a_list_is_no_disposition(folder, request_of):
    """Of the type that is declared, a list of one is the one; without a type it stays a list."""
    path = folder({"criteria.dmn": ('<text>"APPROVE"</text>', '<text>["APPROVE"]</text>')})
    said = r"criteria\.dmn, Disposition.*: `\['APPROVE'\]` is not a disposition"
    assert any(re.match(said, str(each)) for each in check(path).problems)
    rules = path / "criteria.dmn"
    text = rules.read_text(encoding="utf-8")
    typed = 'name="disposition" typeRef="disposition"'
    assert typed in text
    rules.write_text(text.replace(typed, 'name="disposition"'), encoding="utf-8")
    assert any(re.match(said, str(each)) for each in check(path).problems)
    policy = medpolicy.load(path)
    for trace in (False, True):
        with pytest.raises(PolicyError, match=said):
            policy.determine(request_of(), trace=trace)
    with pytest.raises(PolicyError, match=said):
        open_lines(policy, policy.read(request_of()))


def test_what_is_kept_is_bounded_and_changes_no_answer(monkeypatch, venous, request_of):
    requests = [
        request_of(facts={"site": site, "symptomatic": symptomatic})
        for site, symptomatic in product(
            ("common iliac vein", "hand vein", "face vein"), (True, False)
        )
    ]
    first = [medpolicy.load(venous.folder).determine(each) for each in requests]
    policy = medpolicy.load(venous.folder)
    monkeypatch.setattr(determine, "MOST_ANSWERS", 2)
    kept = policy.lines
    assert [policy.determine(each) for each in requests * 2] == first * 2
    assert policy.lines is kept
    monkeypatch.setattr(determine, "MOST_KEPT", kept.outlook.size - 1)
    assert policy.lines is not kept
    assert [policy.determine(each) for each in requests] == first


def test_the_size_of_what_is_kept_counts_all_of_it(venous, request_of):
    policy = medpolicy.load(venous.folder)
    for facts in ({}, {"site": "hand vein"}, {"thrombotic": True}, {}):
        policy.determine(request_of(facts=facts))
    outlook = policy.lines.outlook
    parts = sum(len(part.known) + len(part.memory) for part in outlook.parts)
    assert outlook.size == len(outlook._nodes) + parts
    assert parts > 500
