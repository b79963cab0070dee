"""Policies with versions: which one answers, by which date, and what can be wrong with them.

The edges are those of NCD 210.14: version 1 from 2015-02-05 to 2022-02-09, version 2 from
2022-02-10. Its policy.toml has two rows of an example plan.
"""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import medpolicy
import pydmn
from medpolicy import PolicyError, RequestError, VersionedPolicy, cli
from medpolicy.check import check
from medpolicy.explain import explain
from medpolicy.schema import SCHEMAS
from medpolicy.versions import version_on

POLICY = Path(__file__).resolve().parents[2] / "policies" / "ncd-210-14"
BOTH = {"lung cancer symptoms": False, "pack years": 40, "smoking status": "current smoker"}


@pytest.fixture(scope="session")
def policy(policies):
    return policies("ncd-210-14")


def request(day, plan="medicare", state=None, facts=BOTH, **dates):
    return {
        "id": "r",
        "service_date": day,
        **dates,
        "member": {"birth_date": "1960-01-01"},
        "plan": {"name": plan, "line_of_business": "medicare", "state": state},
        "lines": [
            {
                "id": "1",
                "procedure": {"system": "HCPCS", "code": "G0296"},
                "diagnoses": ["F17.210"],
                "facts": dict(facts),
            }
        ],
    }


# --- which version answers ------------------------------------------------------------

ADVANTAGE = "example-advantage"
CHOICES = [
    # plan and state, then service, request and processing date; the version, and if in force
    ("medicare", None, "2015-02-04", None, None, "1", False),  # before the first
    ("medicare", None, "2015-02-05", None, None, "1", True),
    ("medicare", None, "2022-02-09", None, None, "1", True),
    ("medicare", None, "2022-02-10", None, None, "2", True),
    ("medicare", None, "2040-01-01", None, None, "2", True),  # no end is set
    ("medicare", "FL", "2022-02-09", "2022-02-10", "2022-02-11", "1", True),  # of another plan
    (ADVANTAGE, "NY", "2022-02-10", "2022-02-09", None, "1", True),
    (ADVANTAGE, "NY", "2022-02-09", "2022-02-10", None, "2", True),
    (ADVANTAGE, None, "2022-02-09", "2022-02-10", None, "2", True),
    (ADVANTAGE, "NY", "2015-02-05", "2015-02-04", None, "1", False),
    (ADVANTAGE, "FL", "2022-02-09", "2022-02-09", "2022-02-10", "2", True),
    (ADVANTAGE, "FL", "2022-02-10", "2022-02-09", "2022-02-09", "1", True),
    (ADVANTAGE, "FL", "2022-02-09", None, "2022-02-10", "2", True),
]


@pytest.mark.parametrize(
    ("plan", "state", "service", "asked", "processed", "version", "in_force"), CHOICES
)
def test_the_version_chosen_by_date(
    policy, plan, state, service, asked, processed, version, in_force
):
    """In force or not, and adopted or not, is asked of the same date that chooses."""
    answer = policy.determine(
        request(service, plan, state, request_date=asked, processing_date=processed)
    )
    assert answer.policy.version == version
    none = answer.lines[0].disposition is medpolicy.Disposition.NO_REVIEW_REQUIRED
    assert none is not in_force


@pytest.mark.parametrize(
    ("state", "dates", "said"),
    [
        ("NY", {}, "request_date: is missing: for plan `example-advantage` it chooses the version"),
        ("FL", {"request_date": "2022-02-10"}, "processing_date: is missing: for plan"),
    ],
)
def test_the_date_that_chooses_has_to_be_stated(policy, state, dates, said):
    with pytest.raises(RequestError) as raised:
        policy.determine(request("2022-02-10", ADVANTAGE, state, **dates))
    (problem,) = raised.value.problems
    assert str(problem).startswith(said)


def test_everything_wrong_with_a_request_is_said_at_once(policy):
    """The facts are then those of the newest version."""
    data = request("2022-02-10", ADVANTAGE, "NY", facts={"pack yeers": 30}) | {"lines2": []}
    with pytest.raises(RequestError) as raised:
        policy.determine(data)
    wheres = [problem.where for problem in raised.value.problems]
    assert wheres == ["", "request_date", "lines[0].facts"]


def test_a_request_is_processed_after_it_was_made(policy):
    dates = {"request_date": "2022-02-10", "processing_date": "2022-02-09"}
    with pytest.raises(RequestError, match="processing_date: is before `request_date`"):
        policy.determine(request("2022-02-10", **dates))


@pytest.mark.parametrize(
    ("day", "fact", "words"),
    [
        ("2022-02-09", "order received", "of version 2, and this request is answered by version 1"),
        ("2022-02-10", "written order", "of version 1, and this request is answered by version 2"),
        ("2022-02-10", "orders received", None),
    ],
)
def test_a_request_states_the_facts_of_its_version(policy, day, fact, words):
    with pytest.raises(RequestError) as raised:
        policy.determine(request(day, facts={fact: True}))
    (problem,) = raised.value.problems
    assert problem.message == f"the policy knows no fact `{fact}`"
    help_ = "did you mean `order received`?" if words is None else f"it is a fact {words}"
    assert problem.help == help_


def test_a_version_by_itself_is_a_policy(policy):
    for version in policy.versions:
        alone = medpolicy.load(version.folder)
        assert isinstance(alone, medpolicy.Policy)
        assert alone.versions == (alone,)
        assert alone.content_hash == version.content_hash


def test_answers_that_are_kept_are_those_of_a_version(policy):
    """The same line, an age limit apart; both versions keep their answers in one place."""
    facts = {**BOTH, "pack years": 25}
    found = [
        policy.determine(request(day, facts=facts)).lines[0].disposition.value
        for day in ("2021-05-05", "2023-05-05", "2021-05-05")
    ]
    assert found == ["CLINICAL_REVIEW", "PEND_INFO", "CLINICAL_REVIEW"]


def test_words_for_people_name_the_version(policy):
    for day, said in (("2022-02-09", "version 1"), ("2022-02-10", "version 2")):
        assert f"ncd-210-14, {said}, content " in explain(policy, policy.determine(request(day)))


# --- what can be wrong ----------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Return a maker of copies of the policy with texts of its files replaced."""

    def make(changes):
        target = tmp_path / "ncd-210-14"
        shutil.copytree(POLICY, target)
        for name, change in changes.items():
            path = target / name
            if change is None:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            elif isinstance(change, str):
                path.parent.mkdir(exist_ok=True, parents=True)
                path.write_text(change, encoding="utf-8")
            else:
                text = path.read_text(encoding="utf-8")
                assert change[0] in text, change[0]
                path.write_text(text.replace(*change, 1), encoding="utf-8")
        return target

    return make


LISTED = 'versions = ["1", "2"]'
TOML_1 = "versions/1/policy.toml"
BROKEN = [
    # the changes to a sound folder, and all that is said of it
    (
        {"policy.toml": None},
        ("policy.toml: the file is missing\nhelp: every policy has a policy.toml"),
    ),
    (
        {"policy.toml": "[policy"},
        "policy.toml: is no TOML: Expected ']'",
    ),
    (
        {"policy.toml": ("[[chosen_by]]", "[[choosen_by]]")},
        ("policy.toml: unknown key `choosen_by`\nhelp: did you mean `chosen_by`?"),
    ),
    (
        {"policy.toml": ('id = "ncd-210-14"', 'id = "ncd-210-14"\ntitle = "T"')},
        ("policy.toml, [policy]: unknown key `title`\nhelp: known: `id`, `versions`"),
    ),
    (
        {"policy.toml": ('date = "processing date"', 'date = "processed date"')},
        (
            "policy.toml, [[chosen_by]] 1: `date` is not one of its values\n"
            "help: did you mean `processing date`?"
        ),
    ),
    (
        {"policy.toml": ('state = "FL"', "")},
        (
            "policy.toml, [[chosen_by]] 2: is never reached: row 1 fits every request that it "
            "fits\n"
            "help: the first row that fits decides: put the narrower one first"
        ),
    ),
    (
        {"policy.toml": ('plan = "example-advantage"', 'plan = "example-advantages"')},
        (
            "policy.toml, [[chosen_by]] 1: no version has been adopted by plan "
            "`example-advantages`\n"
            "help: did you mean `example-advantage`?"
        ),
    ),
    (
        {"policy.toml": (LISTED, "versions = []")},
        (
            "policy.toml, [policy]: `versions` lists none\n"
            'help: write it as versions = ["1"]\n'
            "versions/1: policy.toml does not list this version\n"
            "help: add it to `versions`, or move it elsewhere\n"
            "versions/2: policy.toml does not list this version\n"
            "help: add it to `versions`, or move it elsewhere"
        ),
    ),
    (
        {"policy.toml": (LISTED, 'versions = ["1", "1", "2"]')},
        ("policy.toml, [policy]: `versions` lists `1` twice\nhelp: keep one"),
    ),
    (
        {"policy.toml": (LISTED, 'versions = ["2", "1"]')},
        (
            "versions/1/policy.toml, [dates]: version 1 starts on 2015-02-05, and version 2 "
            "not before it\n"
            "help: list the versions in policy.toml with the oldest first"
        ),
    ),
    (
        {"versions/2": None},
        (
            "versions/2: there is no such folder\n"
            "help: create it, or take `2` out of `versions` in policy.toml"
        ),
    ),
    (
        {"criteria.dmn": "<definitions/>"},
        (
            "criteria.dmn: stands beside the versions, and is none of them\n"
            "help: move it into the folder of a version, such as versions/1"
        ),
    ),
    (
        {TOML_1: ('version = "1"', 'version = "2"')},
        (
            "versions/1/policy.toml, [policy]: `version` is `2`, that of versions/2 too\n"
            "help: the folder says `1`: let them agree"
        ),
    ),
    (
        {TOML_1: ('version = "1"', 'version = "first"')},
        (
            "versions/1/policy.toml, [policy]: `version` is `first`\n"
            "help: the folder says `1`: let them agree"
        ),
    ),
    (
        {TOML_1: ('id = "ncd-210-14"', 'id = "ncd-210-15"')},
        (
            "versions/1/policy.toml, [policy]: `id` is `ncd-210-15`, and the policy's is "
            "`ncd-210-14`\n"
            "help: the versions of a policy have its id"
        ),
    ),
    (
        {TOML_1: ("effective_to = 2022-02-09", "effective_to = 2022-02-10")},
        (
            "versions/1/policy.toml, [dates]: version 1 and version 2 are both in force from "
            "2022-02-10 to 2022-02-10\n"
            "help: write `effective_to = 2022-02-09`"
        ),
    ),
    (
        {TOML_1: ("effective_to = 2022-02-09", "")},
        (
            "versions/1/policy.toml, [dates]: version 1 and version 2 are both in force from "
            "2022-02-10\n"
            "help: write `effective_to = 2022-02-09`"
        ),
    ),
    (
        {TOML_1: ("effective_to = 2022-02-09", "effective_to = 2022-02-07")},
        (
            "versions/1/policy.toml, [dates]: no version is in force from 2022-02-08 to "
            "2022-02-09\n"
            "help: write `effective_to = 2022-02-09`"
        ),
    ),
    (
        {TOML_1: ("[dates]", "[dats]")},
        (
            "versions/1/policy.toml: `dates` is missing\n"
            "versions/1/policy.toml, [dates]: `published` is missing\n"
            "versions/1/policy.toml, [dates]: `last_review` is missing\n"
            "versions/1/policy.toml, [dates]: `effective_from` is missing\n"
            "versions/1/policy.toml: unknown key `dats`\n"
            "help: did you mean `dates`?"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "said"), BROKEN)
def test_versions_that_do_not_fit_together(folder, changes, said):
    with pytest.raises(PolicyError) as raised:
        medpolicy.load(folder(changes))
    found = "\n".join(problem.render() for problem in raised.value.problems)
    assert found.startswith(said), found
    assert "no TOML" in said or found == said


def test_a_fact_is_of_one_type_in_all_versions(folder):
    """The number of version 2, under the name of a boolean of version 1."""
    file = folder({}) / "versions" / "2" / "criteria.dmn"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("months since last screening", "order complete"), "utf-8")
    with pytest.raises(PolicyError) as raised:
        medpolicy.load(file.parents[2])
    (problem,) = raised.value.problems
    assert problem.where == "versions/2/criteria.dmn, order complete"
    assert problem.message == "the fact is a number, and a boolean in version 1"


def test_a_list_of_versions_without_any_folder(tmp_path):
    (tmp_path / "policy.toml").write_text('[policy]\nid = "x"\nversions = ["1"]\n', "utf-8")
    with pytest.raises(PolicyError, match="versions/1: there is no such folder"):
        medpolicy.load(tmp_path)


def test_a_row_for_all_plans_chooses_for_all(folder):
    every = folder({"policy.toml": ('plan = "example-advantage"\ndate', "date")})
    policy = medpolicy.load(every)
    answer = policy.determine(request("2022-02-10", request_date="2022-02-09"))
    assert answer.policy.version == "1"


# --- check ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def report():
    return check(POLICY)


def test_each_version_is_checked_and_the_choice_too(report):
    assert report.sound, report.render()
    names = [each.policy for each in report.versions]
    assert names == ["ncd-210-14, version 1", "ncd-210-14, version 2"]
    total = report.cases + sum(each.cases for each in report.versions)
    assert (
        report.render()
        .split("\n")[-1]
        .startswith(f"ncd-210-14: 2 versions, {total} of {total} cases pass, ")
    )


def test_a_case_may_expect_its_version(folder):
    path = folder({}) / "cases" / "version.json"
    cases = json.loads(path.read_text(encoding="utf-8"))
    case = next(each for each in cases if each["id"] == "w-first-of-2")
    case["expect"]["version"] = "1"
    case["covers"]["register"] = [12]
    path.write_text(json.dumps(cases), encoding="utf-8")
    report = check(path.parents[1])
    assert not report.sound
    said = "\n".join(problem.render() for problem in report.problems)
    assert 'version: expected "1", came "2"' in said
    assert "w-first-of-2, covers: names a criterion or a row of the register" in said
    assert all(each.sound for each in report.versions)


def test_cases_from_elsewhere_are_answered_by_the_version_of_their_day(tmp_path):
    expected = {"version": "2", "lines": [{"id": "1", "disposition": "PEND_INFO"}]}
    case = {"id": "c", "request": request("2022-02-10"), "expect": expected}
    (tmp_path / "c.json").write_text(json.dumps(case), encoding="utf-8")
    report = check(POLICY, tmp_path)
    assert report.sound, report.render()
    assert [report.cases, *(each.cases for each in report.versions)] == [1, 0, 0]


def test_an_error_has_no_version(tmp_path):
    expected = {"version": "2", "error": "request_date"}
    case = {"id": "c", "request": request("2022-02-10", ADVANTAGE), "expect": expected}
    (tmp_path / "c.json").write_text(json.dumps(case), encoding="utf-8")
    (problem,) = check(POLICY, tmp_path).problems
    assert problem.message == "an error has no `version`"


# --- documents, schemas, files --------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "version"),
    [("2015-02-04", "1"), ("2022-02-09", "1"), ("2022-02-10", "2"), (None, "2")],
)
def test_a_document_is_of_the_version_in_force(tmp_path, day, version):
    target = tmp_path / "policy.html"
    dated = [] if day is None else ["--date", day]
    assert cli.main(["document", str(POLICY), "--to", str(target), *dated]) == 0
    text = target.read_text(encoding="utf-8")
    assert f"NCD 210.14 Lung cancer screening, version {version}" in text
    assert "Which date chooses the version" in text


def test_the_version_on_a_day(policy):
    assert version_on(policy, date(2022, 2, 9)) is policy.versions[0]
    assert version_on(policy.versions[1], date(2000, 1, 1)) is policy.versions[1]


def test_a_schema_knows_the_facts_of_all_versions(policy, folder):
    schema = json.loads(pydmn.write_json(SCHEMAS["request"](policy)))
    checked = Draft202012Validator(schema)
    for fact in ("order received", "written order"):
        assert checked.is_valid(request("2022-02-10", facts={fact: True}))
    assert not checked.is_valid(request("2022-02-10", facts={"order": True}))
    never = '"current smoker", "former smoker", "never smoked"'
    changed = medpolicy.load(
        folder({"versions/2/criteria.dmn": (never, never.replace("never smoked", "no smoker"))})
        / "versions/2"
    )
    both = VersionedPolicy(POLICY, "ncd-210-14", (policy.versions[0], changed))
    checked = Draft202012Validator(json.loads(pydmn.write_json(SCHEMAS["request"](both))))
    for status, fine in (("never smoked", True), ("no smoker", True), ("sometimes", False)):
        facts = {"smoking status": status}
        assert checked.is_valid(request("2022-02-10", facts=facts)) is fine


def test_a_claims_file_over_both_versions(policy, tmp_path):
    """Each row as `determine` answers it; a date that chooses stands in a column."""
    requests = [
        request("2022-02-09"),
        request("2022-02-10"),
        request("2022-02-09", ADVANTAGE, "NY", request_date="2022-02-10"),
        request("2022-02-10", ADVANTAGE, "NY"),
    ]
    source, target = tmp_path / "claims.csv", tmp_path / "answers.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*ROW, *policy.facts])
        writer.writeheader()
        for number, each in enumerate(requests):
            each["id"] = f"r{number}"
            writer.writerow(row_of(each))
    assert cli.main(["batch", str(POLICY), str(source), "-o", str(target)]) == 0
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["request_id"], set(row["missing"].split(";"))) for row in rows] == [
        (each["id"], {missing.fact for missing in policy.determine(each).lines[0].missing})
        for each in requests[:3]
    ]
    assert rows[0]["missing"] != rows[1]["missing"] == rows[2]["missing"]
    (refused,) = (tmp_path / "answers.rejects.jsonl").read_text("utf-8").splitlines()
    assert "request_date: is missing" in json.loads(refused)["reason"]


ROW = ("request_id", "line_id", "service_date", "request_date", "birth_date", "plan",
       "line_of_business", "state", "system", "code", "diagnoses")  # fmt: skip


def row_of(asked):
    line, plan = asked["lines"][0], asked["plan"]
    return {
        "request_id": asked["id"],
        "line_id": line["id"],
        "service_date": asked["service_date"],
        "request_date": asked.get("request_date"),
        "birth_date": asked["member"]["birth_date"],
        "plan": plan["name"],
        "line_of_business": plan["line_of_business"],
        "state": plan["state"],
        "system": line["procedure"]["system"],
        "code": line["procedure"]["code"],
        "diagnoses": ";".join(line["diagnoses"]),
        **line["facts"],
    }


# --- what the versions of NCD 210.14 share --------------------------------------------


def said(version):
    """Return each rule by what it says and tests: its decision, its cells, its statement."""
    tables = [version.model.table(name) for name in version.model.names
              if version.model.kind(name) == "table"]  # fmt: skip
    return {
        (table.decision, tuple(column.text for column in table.inputs), rule.cells,
         rule.values.get("statement")): rule.id
        for table in tables
        for rule in table.rules
    }  # fmt: skip


def test_a_rule_that_says_the_same_keeps_its_id(policy):
    first, second = map(said, policy.versions)
    shared = first.keys() & second.keys()
    assert len(shared) > 20
    assert [first[key] for key in shared] == [second[key] for key in shared]


def test_an_id_is_of_one_decision_in_both_versions(policy):
    first, second = ({id_: key[0] for key, id_ in said(each).items()} for each in policy.versions)
    shared = first.keys() & second.keys()
    assert {"age-within", "pack-years-enough", "smoking-now", "visit-held"} < shared
    assert [first[id_] for id_ in shared] == [second[id_] for id_ in shared]
    assert "order-not-written" not in second
    assert "interval-annual" not in first
