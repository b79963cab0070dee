"""What changed between two versions: by hand, and proved equal where it is.

What a comparison says is looked at as its JSON.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from changes_told import APNEA, BROADER, NARROWER, QUESTION, WORDING, as_json, compared, files
from patching import POLICIES, patched

import pydmn
from medpolicy import changes
from medpolicy.changes.outcome import CRITERIA, DISPOSITION, ChangeClass, Outcome, class_of
from medpolicy.changes.search import line_of

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


# --- single changes ------------------------------------------------------------------------

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
REWORDED = {"symptoms-insomnia-out-2": '"Documented: no sleep."'}


def change_of(data, class_, *fields):
    (found,) = [
        each for each in data["changes"] if (each["class"], each["fields"]) == (class_, [*fields])
    ]
    return found


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


def test_a_region_has_no_numbers_between_those_that_it_has(tmp_path):
    """An index above 14 and below 15 qualifies by neither criterion (register, row 1)."""
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA, **files(AGE)))
    change = change_of(data, NARROWER, "disposition")
    told = [
        region["values"][name]
        for region in change["regions"]
        for name in ("apnea hypopnea index", "respiratory disturbance index")
        if name in region["values"]
    ]
    assert ["[5..14]", ">= 15"] in told
    for tests in told:
        assert not any(pydmn.unary_tests(each, Decimal("14.5")) for each in tests)


def test_the_days_at_the_ends_of_the_calendar(tmp_path):
    """A version for all days there are is another than one from 2008 on, and only before that."""
    always = files(
        ("policy.toml", "effective_from = 2008-03-13",
         "effective_from = 0001-01-01\neffective_to = 9999-12-31"),
        ("policy.toml", "from = 2008-03-13\nmode", "from = 0001-01-01\nmode"),
    )  # fmt: skip
    data = compared(POLICIES / APNEA, patched(tmp_path, APNEA, **always))
    assert data["equal"] is False
    for change in data["changes"]:
        assert change["old"]["disposition"] == "NO_REVIEW_REQUIRED"
        assert change["witness"]["service_date"] < "2008-03-13"
        for region in change["regions"]:
            assert region["values"]["day"] == ["[0001-01-01..2008-03-12]"]


def test_what_changes_in_short(said):
    """By hand: what version 2 loosened, each alone with all that it still asks; and the reverse."""
    broader, narrower = said["changes"][:2]
    told = [
        sorted(
            (name, *map(str, values))
            for name, values in each["values"].items()
            if name != "procedure"
        )
        for each in broader["in_short"]
    ]
    approved = ("new disposition", "APPROVE")
    assert sorted(told) == sorted(
        sorted([approved, *others])
        for others in (
            [("age", "[50..54]")],
            [("pack years", "[20..30)")],
            [("written order", "False")],
            [("order complete", "False")],
            [("order given in visit", "False"), ("first screening", "True")],
            [("visit practitioner", "other")],
            [("visit practitioner", "other"), ("first screening", "True")],
            [("data sent to registry", "False")],
        )
    )
    assert len(narrower["in_short"]) == 8
    assert all(each["values"]["old disposition"] == ["APPROVE"] for each in narrower["in_short"])
    assert len(broader["in_short"]) < len(broader["regions"]) / 10


def test_each_region_has_an_example_that_both_were_asked(screening):
    old = replace(screening.old, dates=replace(screening.old.dates, effective_to=None))
    for change in screening.changes:
        if change.regions is None:
            continue
        assert len(change.examples) == len(change.regions.boxes)
        for request in (*change.examples, *(request for _, request in change.short)):
            before, after = (Outcome.of(line_of(each, request)) for each in (old, screening.new))
            for field in change.fields:
                assert getattr(before, field) == getattr(change.old, field)
                assert getattr(after, field) == getattr(change.new, field)
