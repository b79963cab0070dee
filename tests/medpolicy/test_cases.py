"""The policies' own cases, and what is said of a case that does not hold or cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from medpolicy.cases import read_cases, run_case

POLICIES = Path(__file__).resolve().parents[2] / "policies"
FOLDERS = sorted(str(path.parent.relative_to(POLICIES)) for path in POLICIES.rglob("cases"))
CASES = {
    f"{folder}: {case.id}": (folder, case)
    for folder in FOLDERS
    for case in read_cases(POLICIES / folder / "cases", argued=True)[0]
}


@pytest.mark.parametrize(("policy", "case"), CASES.values(), ids=CASES)
def test_a_case_of_a_policy_holds(policies, policy, case):
    failed = run_case(policies(policy), case)
    assert failed is None, failed.render()


@pytest.mark.parametrize(
    ("policy", "least"),
    [
        ("cg-surg-106", 120),
        ("ncd-240-4", 40),
        ("ncd-210-14", 10),
        ("ncd-210-14/versions/1", 40),
        ("ncd-210-14/versions/2", 40),
    ],
)
def test_there_are_as_many_cases_as_the_requirement_asks(policy, least):
    cases, problems = read_cases(POLICIES / policy / "cases", argued=True)
    assert problems == ()
    assert len(cases) >= least


# --- reading --------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    """Write a file of cases, read its folder back, return the cases and the problems' texts."""

    def write_and_read(data, *, argued=False):
        text = data if isinstance(data, str) else json.dumps(data)
        (tmp_path / "some.json").write_text(text, encoding="utf-8")
        cases, problems = read_cases(tmp_path, argued=argued)
        return cases, [problem.render().replace(f"{tmp_path.name}/", "") for problem in problems]

    return write_and_read


def case_of(**changes):
    return {"id": "c", "request": {}, "expect": {"error": "lines"}, **changes}


def test_a_file_holds_one_case_or_a_list(written):
    assert len(written(case_of())[0]) == 1
    assert len(written([case_of(), case_of(id="d")])[0]) == 2


BAD_CASES = [
    (
        "{",
        (
            "some.json: no JSON at line 1, column 2: Expecting property name "
            "enclosed in double quotes"
        ),
    ),
    ([7], "some.json, case 1: is no JSON object"),
    (case_of(id=None), "some.json, case 1: `id` is missing\nhelp: every case needs it"),
    (case_of(expects={}), "some.json, c: unknown field `expects`\nhelp: did you mean `expect`?"),
    (case_of(expect={}), "some.json, c, expect: needs either `lines` or `error`"),
    (
        case_of(expect={"open": []}),
        "some.json, c, expect: `open` says nothing\nhelp: say what the case is for",
    ),
    (case_of(expect={"open": "a rule"}), "some.json, c, expect: `open` is no list of strings"),
    (
        case_of(expect={"open": ["a rule"], "error": "x"}),
        "some.json, c, expect: is `open` and has an answer too\nhelp: remove `open` if it is right",
    ),
    (case_of(expect={"lines": []}), "some.json, c, expect: `lines` names no line"),
    (case_of(expect={"lines": 7}), "some.json, c, expect: `lines` is no list of objects"),
    (
        case_of(expect={"lines": [{"disposition": "APPROVE"}]}),
        "some.json, c, expect, line 1: needs the `id` of the line of the request",
    ),
    (
        case_of(expect={"lines": [{"id": "1", "dispositon": "APPROVE"}]}),
        (
            "some.json, c, expect, line 1: unknown field `dispositon`\n"
            "help: did you mean `disposition`?"
        ),
    ),
    (
        case_of(expect={"lines": [{"id": "1", "missing": [{"question": "?"}]}]}),
        "some.json, c, expect, line 1, missing: an object needs its `fact`",
    ),
    (
        case_of(covers={"register": ["4"]}),
        "some.json, c, covers: `register` is no list of numbers",
    ),
    (
        case_of(covers={"register": [4.5]}),
        "some.json, c, covers: `register` holds something other than the numbers of rows",
    ),
]


@pytest.mark.parametrize(("data", "said"), BAD_CASES)
def test_a_bad_file_of_cases(written, data, said):
    cases, problems = written(data)
    assert cases == ()
    assert said in problems


def test_the_policys_own_cases_argue(written):
    _, problems = written(case_of(), argued=True)
    assert [problem.split("\n")[0] for problem in problems] == [
        "some.json, c: `because` is missing",
        "some.json, c: `covers` is missing",
    ]


def test_an_open_case_needs_no_argument_yet_and_never_passes(written, venous, request_of):
    case = case_of(request=request_of(), covers={}, expect={"open": ["rule criterion-d"]})
    ((read,), problems) = written(case, argued=True)
    assert problems == []
    assert (read.open, read.lines, read.error) == (("rule criterion-d",), None, None)
    assert run_case(venous, read).message == ("the case is open: nobody has argued its answer yet")


def test_a_folder_without_cases(tmp_path):
    cases, (problem,) = read_cases(tmp_path, argued=False)
    assert cases == ()
    assert problem.message == "holds no case"


# --- running --------------------------------------------------------------------------


DIFFERENCES = [
    # what the case expects of the requirement's own example, and what is said of it
    ({"disposition": "APPROVE", "missing": [], "flags": [], "criteria": ["D"]}, []),
    (
        {"disposition": "CLINICAL_REVIEW"},
        ['line 1, disposition: expected "CLINICAL_REVIEW", came "APPROVE"'],
    ),
    ({"missing": ["site"]}, ['line 1, missing: expected ["site"], came []']),
    ({"flags": ["epsdt"]}, ['line 1, flags: expected ["epsdt"], came []']),
    ({"criteria": ["A"]}, ['line 1, criteria: expected ["A"] too, came ["D"]']),
    ({"rules": ["disposition-approve"]}, []),
    ({"id": "2"}, ["line `2`: the request has no such line"]),
]


@pytest.mark.parametrize(("expected", "differences"), DIFFERENCES)
def test_what_a_case_finds(written, venous, request_of, expected, differences):
    line = {"id": "1", **expected}
    case = case_of(request=request_of(), expect={"lines": [line]}, because="the text")
    ((read,), _) = written(case)
    failed = run_case(venous, read)
    assert list(failed.excerpt if failed else ()) == differences
    if failed:
        assert failed.help == "the case argues: the text"


def test_missing_facts_may_be_said_in_full(written, venous, request_of):
    facts = {
        "indication": "iliac vein compression syndrome",
        "site": "common iliac vein",
        "occlusion or thrombosis": False,
    }
    request = request_of(facts=facts)
    fact = "lesion confirmed by imaging"
    for would_decide, holds in ((True, True), (False, False)):
        missing = [{"fact": fact, "would_decide": would_decide}]
        ((read,), _) = written(
            case_of(request=request, expect={"lines": [{"id": "1", "missing": missing}]})
        )
        assert (run_case(venous, read) is None) is holds


def test_an_expected_error(written, venous, request_of):
    for fragment, holds in (("service_date", True), ("birth_date", False)):
        ((read,), _) = written(
            case_of(request=request_of(service_date="x"), expect={"error": fragment})
        )
        assert (run_case(venous, read) is None) is holds
    ((read,), _) = written(case_of(request=request_of(), expect={"error": "x"}))
    failed = run_case(venous, read)
    assert failed.excerpt == ("expected an error with 'x', came a determination",)
