"""Properties of policies: all of them proved, and broken by every bug that is put in."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import medpolicy
import pydmn
from medpolicy.check import check
from medpolicy.everything import Everything, request_json
from medpolicy.properties import Property, prove, read_properties
from pydmn import Verdict

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
PROVED = sorted(
    str(path.parent.relative_to(POLICIES)) for path in POLICIES.rglob("properties.toml")
)


def stated(folder: Path):
    policy = medpolicy.load(folder)
    properties, problems = read_properties(folder, policy)
    assert not problems
    return policy, properties


@pytest.mark.parametrize("name", PROVED)
def test_every_property_is_proved_over_every_code(name):
    policy, properties = stated(POLICIES / name)
    assert len(properties) >= 8
    for judgement in prove(policy, properties):
        assert (judgement.verdict, judgement.why) == (Verdict.PROVED, None), judgement


@pytest.mark.parametrize("name", PROVED)
def test_a_second_solver_confirms(name):
    policy, properties = stated(POLICIES / name)
    space = pydmn.Space(solver="cadical195")
    verdicts = [each.verdict for each in prove(policy, properties, every_code=False, space=space)]
    assert verdicts == [Verdict.PROVED] * len(properties)


def test_a_budget_that_is_spent_is_not_decided():
    policy = original("ncd-240-4")
    # Eleven pigeons in ten holes besides: a solver needs many conflicts to see that none can be.
    space = pydmn.Space(conflicts=10)
    holes = [space.choice(f"pigeon {n}", list(range(10))) for n in range(11)]
    for one, other in itertools.combinations(holes, 2):
        for place in range(10):
            space.require(-one.formulas[place], -other.formulas[place])
    never = Property("a", "b", holds=policy.model.condition("Disposition.disposition = null"))
    (judgement,) = prove(policy, [never], every_code=False, space=space)
    assert judgement.verdict is Verdict.NOT_DECIDED
    assert "budget" in judgement.why


# --- bugs ------------------------------------------------------------------------------------

SEEDS: dict[str, list[tuple[str, dict[str, str]]]] = {
    "cg-surg-106": [
        ("always-a-disposition", {"disposition-approve-in-10": "false"}),
        ("always-a-disposition", {"disposition-clinical-review-in-8": "false"}),
        ("always-a-disposition", {"disposition-approve-in-11": '"excluded"'}),
        ("always-a-disposition", {"concerns-support-in-4": '"nothing"'}),
        ("always-a-disposition", {"criterion-e-out-3": '"fulfilled"'}),
        ("nothing-denied", {"disposition-clinical-review-out-1": '"DENY"'}),
        ("nothing-denied", {"disposition-not-applicable-out-1": '"DENIED"'}),
        ("nothing-denied", {"disposition-coding-error-out-1": '"REJECT"'}),
        ("investigational-not-approved",
         {"criterion-inv-b-out-3": '"met"', "support-not-supported-out-1": '"supported"',
          "disposition-approve-in-10": "-", "concerns-site-in-3": "true"}),
        ("investigational-not-approved",
         {"criterion-inv-e-out-3": '"met"', "support-not-supported-out-1": '"supported"',
          "disposition-approve-in-10": "-", "concerns-site-in-3": "true"}),
        ("unlisted-code-not-approved", {"applicability-not-listed-in-3": '"nothing"'}),
        ("unlisted-code-not-approved", {"applicability-not-listed-out-1": '"applies"'}),
        ("less-is-no-more",
         {"disposition-not-applicable-in-3": 'not("applies", "dialysis circuit")',
          "disposition-clinical-review-in-3": '"dialysis circuit"',
          "disposition-clinical-review-in-8": "-"}),
        ("epsdt", {"flag-epsdt-in-3": "< 18"}),
        ("epsdt", {"flag-epsdt-in-3": "<= 19"}),
        ("epsdt", {"flag-epsdt-in-2": '"commercial"'}),
        ("epsdt", {"flag-epsdt-in-1": '"APPROVE"'}),
        ("approved-is-necessary",
         {"concerns-unlisted-in-2": '"nobody"', "disposition-approve-in-9": "-",
          "disposition-approve-in-10": "-", "disposition-approve-in-11": "-",
          "concerns-support-in-4": '"nothing"', "concerns-site-in-3": "true"}),
        ("approved-is-necessary", {"criterion-e-out-2": '"not addressed"'}),
        ("approved-is-necessary",
         {"concerns-not-met-in-2": '"nobody"', "disposition-approve-in-9": "-"}),
        ("approved-is-supported",
         {"concerns-support-in-4": '"nothing"', "disposition-approve-in-11": "-"}),
        ("approved-is-supported", {"support-excluded-in-1": "false"}),
        ("approved-is-supported",
         {"concerns-pointer-in-4": '"never"', "disposition-approve-in-11": "-"}),
        ("invalid-codes-not-approved", {"coding-diagnosis-not-valid-in-2": "< 0"}),
        ("invalid-codes-not-approved", {"coding-procedure-not-valid-out-1": "true"}),
        ("only-in-force", {"disposition-no-review-required-in-1": "true"}),
        ("only-in-force", {"adoption-not-in-force-out-1": "true"}),
        ("governed-elsewhere", {"applicability-precedence-out-1": '"applies"'}),
        ("governed-elsewhere", {"applicability-precedence-out-2": "null"}),
    ],
    "ncd-240-4": [
        ("always-a-disposition", {"disposition-approve-in-10": "false"}),
        ("always-a-disposition", {"disposition-approve-in-7": "false"}),
        ("always-a-disposition", {"disposition-clinical-review-in-5": "false"}),
        ("always-a-disposition", {"concerns-no-benefit-in-6": "true"}),
        ("nothing-denied", {"disposition-clinical-review-out-1": '"DENY"'}),
        ("other-test-not-approved",
         {"sleep-test-accepted-none-of-them-out-1": "true", "criterion-index-15-in-1": "-"}),
        ("low-index-not-approved", {"criterion-index-5-in-3": "-"}),
        ("low-index-not-approved", {"index-ahi-5-in-1": "[0..14]"}),
        ("low-index-not-approved", {"index-rdi-5-in-2": "[4..14]"}),
        ("unlisted-code-not-approved", {"applicability-not-listed-out-1": '"applies"'}),
        ("approved-is-adult", {"concerns-not-an-adult-in-1": "true"}),
        ("approved-is-prepared", {"preparation-no-order-out-1": "true"}),
        ("approved-is-prepared", {"preparation-no-education-out-1": "true"}),
        ("continuation-needs-benefit", {"phase-no-benefit-out-1": "true"}),
        ("mild-needs-a-symptom", {"criterion-index-5-in-5": "-"}),
        ("short-recording", {"recording-short-out-1": '"both criteria"'}),
        ("short-recording", {"recording-short-10-in-2": "[5..30)"}),
        ("short-recording", {"recording-two-hours-in-1": ">= 1"}),
        ("approved-is-sleep-apnea",
         {"diagnosis-g47-33-in-1": 'some d in ? satisfies d in ("G47.33", "I10")'}),
        ("invalid-codes-not-approved", {"coding-diagnosis-not-valid-out-1": "true"}),
        ("invalid-codes-not-approved", {"coding-procedure-not-valid-in-1": '"never"'}),
    ],
}  # fmt: skip


def with_bug(folder: Path, name: str, texts: dict[str, str]) -> Path:
    """Copy a policy and write other texts into its entries, by id."""
    copy = folder / name
    shutil.copytree(POLICIES / name, copy)
    criteria = copy / "criteria.dmn"
    tree = etree.parse(criteria)
    for id_, text in texts.items():
        (entry,) = tree.xpath(f'//*[@id="{id_}"]/*[local-name()="text"]')
        assert entry.text != text
        entry.text = text
    tree.write(criteria, encoding="utf-8", xml_declaration=True)
    return copy


def test_there_are_fifty_bugs():
    assert sum(map(len, SEEDS.values())) >= 50


@pytest.mark.parametrize(
    ("name", "broken", "texts"),
    [
        pytest.param(name, broken, texts, id=f"{name}: {', '.join(texts)}")
        for name, seeds in SEEDS.items()
        for broken, texts in seeds
    ],
)
def test_a_bug_is_refuted_with_a_full_request(tmp_path, name, broken, texts):
    policy, properties = stated(with_bug(tmp_path, name, texts))
    wanted = [each for each in properties if each.id == broken]
    (judgement,) = prove(policy, wanted, every_code=False)
    assert judgement.verdict is Verdict.COUNTEREXAMPLE
    # The engine answers the request otherwise than without the bug, where the property holds.
    data = request_json(judgement.witness)
    with_it = answer(policy, data)
    without_it = answer(original(name), data)
    assert with_it != without_it


@cache
def original(name: str):
    return medpolicy.load(POLICIES / name)


def answer(policy: Any, data: Any) -> Any:
    """Return what is said of a request's first line; None where there is no disposition."""
    try:
        line = policy.determine(data).lines[0]
    except medpolicy.PolicyError:
        return None
    return line.disposition, line.criteria_result, line.flags, line.governed_by


# --- everything is what the engine says ------------------------------------------------------


DISPOSITIONS = (
    "APPROVE", "CLINICAL_REVIEW", "CODING_ERROR", "NOT_APPLICABLE", "NO_REVIEW_REQUIRED",
)  # fmt: skip


@pytest.mark.parametrize("name", PROVED)
@pytest.mark.parametrize("disposition", DISPOSITIONS)
def test_what_is_found_for_a_disposition_is_determined_so(name, disposition):
    policy = original(name)
    everything = Everything(policy, (), every_code=False)
    wanted = policy.model.condition(f'Disposition.disposition = "{disposition}"')
    holds = everything.world.holds(wanted)
    stream = random.Random(f"{name} {disposition}")
    found = 0
    for _ in range(40):
        some = [
            stream.choice(choice.formulas)
            for choice in everything.space.choices.values()
            if len(choice.formulas) > 1 and stream.random() < 0.3
        ]
        for sign in (1, -1):
            chosen = everything.space.find(*some, sign * holds)
            if chosen is not None:
                data = request_json(everything.request(chosen))
                line = policy.determine(data).lines[0]
                assert (line.disposition == disposition) == (sign == 1), data
                found += sign == 1
    assert found > 3


# --- medpolicy check -------------------------------------------------------------------------


def test_check_shows_the_request_that_breaks_a_property(tmp_path):
    copy = with_bug(tmp_path, "cg-surg-106", {"flag-epsdt-in-3": "< 18"})
    report = check(copy)
    (problem,) = [each for each in report.problems if each.where == "properties.toml, epsdt"]
    assert problem.message.startswith("COUNTEREXAMPLE to: On Medicaid")
    data = json.loads(problem.excerpt[-1])
    assert "epsdt" not in medpolicy.load(copy).determine(data).lines[0].flags
    assert "epsdt" in original("cg-surg-106").determine(data).lines[0].flags
    assert report.proved == 11
    assert "11 properties proved" in report.summary


def test_a_number_of_a_witness_is_a_number(tmp_path):
    copy = with_bug(tmp_path, "ncd-240-4", {"index-ahi-5-in-1": "[0..14]"})
    (problem,) = [each for each in check(copy).problems if "low-index" in each.where]
    data = json.loads(problem.excerpt[-1])
    assert data["lines"][0]["facts"]["apnea hypopnea index"] < 5
    assert medpolicy.load(copy).determine(data).lines[0].disposition == "APPROVE"


def test_check_without_a_solver_says_what_to_install(monkeypatch):
    monkeypatch.setattr("medpolicy.check.find_spec", lambda _: None)
    report = check(POLICIES / "ncd-240-4")
    (problem,) = report.problems
    assert "medpolicy[verify]" in problem.help
    assert report.proved == 0


def test_check_says_what_it_cannot_decide_and_what_holds_of_nothing(tmp_path):
    copy = tmp_path / "ncd-240-4"
    shutil.copytree(POLICIES / "ncd-240-4", copy)
    (copy / "properties.toml").write_text(
        "[[property]]\nid = 'a'\nsays = 'b'\nholds = 'count(diagnoses) < 3'\n"
        "[[property]]\nid = 'c'\nsays = 'd'\nwhen = 'age < 1 and age > 1'\nholds = 'age = 1'\n",
        encoding="utf-8",
    )
    report = check(copy)
    assert [each.message[:12] for each in report.problems] == ["NOT DECIDED:"]
    assert [each.message for each in report.findings if "properties" in each.where] == [
        "holds of nothing: there is no request of which `when` is true"
    ]
    assert report.proved == 1


# --- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[property]]\nid = 'a'\n", "`says` is missing"),
        ("[[property]]\nid = 'a'\nsays = 'b'\n", "says nothing that holds"),
        ("[[property]]\nid = 'a'\nsays = 'b'\nholds = 'Dispositon = 1'\n", "Dispositon"),
        ("[[property]]\nid = 'a'\nsays = 'b'\nholds = 'age <'\n", "expected"),
        ("[[property]]\nid = 'a'\nsays = 'b'\nhold = 'age > 1'\n", "unknown key `hold`"),
        ("[[property]]\nid = 'a'\nsays = 'b'\nwithout_a_fact_never = { from = 'age > 1' }\n",
         "`from` and `to`"),
        ("[[property]]\nid = 'a'\nsays = 'b'\nholds = 'age > 1'\n" * 2, "two properties"),
        ("[[property]", "no TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_property_is_said_by_name(tmp_path, text, said):
    folder = tmp_path / "ncd-240-4"
    shutil.copytree(POLICIES / "ncd-240-4", folder)
    (folder / "properties.toml").write_text(text, encoding="utf-8")
    _, problems = read_properties(folder, medpolicy.load(folder))
    assert any(said in each.render() for each in problems), [each.render() for each in problems]


def test_a_link_that_leads_nowhere_is_no_policy_without_properties(tmp_path):
    policy = medpolicy.load(POLICIES / "ncd-240-4")
    assert read_properties(tmp_path, policy) == ((), [])
    (tmp_path / "properties.toml").symlink_to("nowhere")
    found, problems = read_properties(tmp_path, policy)
    assert (found, [each.where for each in problems]) == ((), ["properties.toml"])
    assert "cannot be read" in problems[0].message


def test_a_property_of_nothing_says_so():
    policy = medpolicy.load(POLICIES / "ncd-240-4")
    when = policy.model.condition("age > 17 and age < 17")
    holds = policy.model.condition("age = 1")
    (judgement,) = prove(policy, [Property("a", "b", when, holds)], every_code=False)
    assert judgement.verdict is Verdict.PROVED
    assert "no request" in judgement.why


def test_what_cannot_be_decided_is_named():
    policy = medpolicy.load(POLICIES / "ncd-240-4")
    holds = policy.model.condition("count(diagnoses) < 3")
    (judgement,) = prove(policy, [Property("a", "b", None, holds)], every_code=False)
    assert judgement.verdict is Verdict.NOT_DECIDED
    assert "length" in judgement.why


def test_one_that_cannot_be_decided_leaves_the_others_decided():
    """Two indices are compared by what is greater: no values stand for all that they may be."""
    policy = medpolicy.load(POLICIES / "ncd-240-4")
    texts = {
        "endless": "max(apnea hypopnea index, respiratory disturbance index) >= 5",
        "proved": 'Disposition.disposition != "DENY"',
        "broken": 'Disposition.disposition != "APPROVE"',
    }
    properties = [
        Property(id_, id_, None, policy.model.condition(text)) for id_, text in texts.items()
    ]
    endless, proved, broken = prove(policy, properties, every_code=False)
    assert endless.verdict is Verdict.NOT_DECIDED
    assert "index` is used otherwise than in a comparison with a constant" in endless.why
    assert (proved.verdict, broken.verdict) == (Verdict.PROVED, Verdict.COUNTEREXAMPLE)
    assert [each.property.id for each in (endless, proved, broken)] == list(texts)


def test_a_bound_of_a_property_is_looked_at():
    # 7 is no bound of the policy's own.
    policy = medpolicy.load(POLICIES / "ncd-240-4")
    holds = policy.model.condition("not(apnea hypopnea index > 6.5 and apnea hypopnea index < 7)")
    (judgement,) = prove(policy, [Property("a", "b", None, holds)], every_code=False)
    assert judgement.verdict is Verdict.COUNTEREXAMPLE
    index = judgement.witness.lines[0].facts["apnea hypopnea index"]
    assert Decimal("6.5") < index < 7
