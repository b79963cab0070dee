"""What `check` says of a policy: problems that stop it, findings that do not, the counts."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from medpolicy.check import check

POLICIES = Path(__file__).resolve().parents[2] / "policies"

CASE = {
    "id": "c",
    "because": "the text",
    "covers": {"criteria": ["A"], "register": [4], "dates": []},
    "request": {},
    "expect": {"error": "service_date"},
}


@cache
def report_on(policy):
    """Return the report on a policy of the repository, made once for all tests of a process."""
    return check(POLICIES / policy)


@pytest.fixture
def venous_report():
    return report_on("cg-surg-106")


@pytest.mark.parametrize(
    ("policy", "rows"),
    [
        ("cg-surg-106", 34),
        ("ncd-240-4", 12),
        ("ncd-210-14/versions/1", 18),
        ("ncd-210-14/versions/2", 21),
    ],
)
def test_the_policies_are_sound_and_their_registers_covered(policy, rows):
    report = report_on(policy)
    assert report.sound, report.render()
    assert (report.failed, report.rows) == (0, rows)
    name = policy.partition("/")[0]
    assert report.summary.startswith(f"{name}: {report.cases} of {report.cases} cases pass, ")


def test_every_criterion_is_covered(venous_report):
    """A to E, F and F.1 to F.4 of the necessary list, A to E of the investigational one."""
    assert venous_report.criteria == 5 + 5 + 5


def finding(report, start):
    (found,) = [
        each for each in report.findings if f"{each.where}: {each.message}".startswith(start)
    ]
    return found


def test_a_range_that_holds_more_than_its_members(venous_report):
    """The eight codes are those of the reading, section 2: they dilate the ductus arteriosus."""
    found = finding(venous_report, "criteria.dmn, Procedure, range 027R04Z-027R4ZZ: ")
    assert " ".join(found.witness) == (
        "027R0DT 027R0ZT 027R34T 027R3DT 027R3ZT 027R44T 027R4DT 027R4ZT"
    )
    assert "holds 17 codes on 2020-02-05, and the cells list 9" in found.message


def test_all_other_procedure_ranges_hold_their_members(venous_report):
    ranges = [each for each in venous_report.findings if "Procedure, range" in each.where]
    assert len(ranges) == 1


def test_codes_that_joined_a_range_since(venous_report):
    """The guideline's I26.01-I26.99 had 8 codes and has 12 since 2024-10-01 (CMS, FY2025)."""
    found = finding(venous_report, "criteria.dmn, Diagnosis, range I26.01-I26.99: ")
    assert found.witness == ("I26.03", "I26.04", "I26.95", "I26.96")


def test_codes_that_came_later(venous_report):
    found = finding(venous_report, "criteria.dmn, Diagnosis, rule diagnosis-q21-14: ")
    assert found.witness == ("Q21.14", "Q21.15", "Q21.16")


# --- tables -----------------------------------------------------------------------------

ACCEPTED = """
[[accepted]]
decision = "Procedure"
code = "gap"
reason = "a code that is not listed is another policy's"
date = 2026-11-20
"""
SECOND = 'id="procedure-cpt-37239-in-1"><text>"37239"</text>'
TWICE = {"criteria.dmn": (SECOND, SECOND.replace('"37239"', '"37238"'))}


def tables_said(report):
    return [each.render() for each in report.findings if "matches no rule" in each.message]


def test_a_gap_of_a_table_is_a_finding(venous_report):
    (gap,) = [each for each in tables_said(venous_report) if "Procedure:" in each]
    assert gap == (
        'criteria.dmn, Procedure: gap: procedure code = "any other" matches no rule of Procedure; '
        'the nearest, rule 1 (procedure-cpt-37238), needs procedure code: "37238"'
    )


OTHER_CODE = ACCEPTED.replace('"gap"', '"overlap"')
OTHER_RULES = ACCEPTED + 'rules = ["procedure-cpt-37238"]\n'


@pytest.mark.parametrize(
    ("rows", "said", "idle"),
    [
        (ACCEPTED, False, []),
        (
            OTHER_CODE + OTHER_RULES,
            True,
            [
                "accepts a finding `overlap` on `Procedure`, and there is none",
                (
                    "accepts a finding `gap` on `Procedure`, rule `procedure-cpt-37238`, and there "
                    "is none"
                ),
            ],
        ),
    ],
)
def test_a_finding_on_a_table_is_accepted_in_the_policy(rows, said, idle, folder):
    report = check(folder({"policy.toml": ("[parameters]", f"{rows}\n[parameters]")}, cases=True))
    assert report.sound
    assert any("Procedure:" in each for each in tables_said(report)) is said
    assert [each.message for each in report.findings if each.where.endswith("[[accepted]]")] == idle


def test_an_error_of_a_table_has_to_be_mended(folder):
    """Two rules of a UNIQUE table with one code."""
    assert [each for each in checked(folder(TWICE)) if "overlap" in each] == [
        (
            'criteria.dmn, Procedure: overlap: procedure code = "37238" matches rule 1 '
            "(procedure-cpt-37238) and rule 2: the table is UNIQUE, so that its answer is null\n"
            "help: mend the table, or accept it in policy.toml under [[accepted]], with a reason "
            "and a date"
        )
    ]


def test_an_error_of_a_table_may_be_accepted(folder):
    row = ACCEPTED.replace('"gap"', '"overlap"') + 'rules = ["procedure-cpt-37238", "nobody"]\n'
    accepted = {"policy.toml": ("[parameters]", f"{row}\n[parameters]")}
    report = check(folder(TWICE | accepted))
    assert not [each for each in report.problems if "overlap" in each.render()]
    idle = [each.message for each in report.findings if each.where.endswith("[[accepted]]")]
    assert idle == [
        "accepts a finding `overlap` on `Procedure`, rule `nobody`, and there is none",
    ]


# --- problems -------------------------------------------------------------------------


def checked(folder, *, cases=None):
    report = check(folder, cases)
    assert not report.sound
    return [problem.render() for problem in report.problems]


def rules(*changes):
    """Return the rules of CG-SURG-106 with these texts replaced wherever they stand."""
    text = (POLICIES / "cg-surg-106" / "criteria.dmn").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def case(**changes):
    return json.dumps({**CASE, **changes})


BROKEN = {
    # what is changed in a sound folder, and how some of the problems start
    "rules": (
        {
            "criteria.dmn": rules(
                ("<text>[27, 34]</text>", "<text>[27, 99]</text>"),
                ('"06700DZ", "06700ZZ"', '"06700DZ", "0670XXX"'),
                ('"APPROVE"', '"DENY"'),
            )
        },
        [
            (
                "criteria.dmn, Adoption, rule adoption-not-in-force: it cites row 99 of the "
                "register, which text/register.md does not have\nhelp: the rows there are 1 to 34"
            ),
            (
                "criteria.dmn, Procedure, rule procedure-pcs-0670: `0670XXX` is no code "
                "of ICD-10-PCS on any day"
            ),
            (
                "criteria.dmn, Disposition, rule disposition-approve: `DENY` is not a "
                "disposition\nhelp: the dispositions are APPROVE, PEND_INFO, CLINICAL_REVIEW, "
                "NOT_APPLICABLE, NO_REVIEW_REQUIRED, CODING_ERROR"
            ),
            "cases: there is no such folder\nhelp: every policy has a folder of cases",
        ],
    ),
    "words": (
        {
            "criteria.dmn": rules(('<text>"ICD-10-CM"</text>', '<text>"ICD10CM"</text>')),
            "text/description.md": "no heading",
            "cases/c.json": "{",
        },
        [
            (
                "criteria.dmn, Diagnosis, rule diagnosis-c38-1: unknown code system `ICD10CM`\n"
                "help: did you mean `ICD-10-CM`?"
            ),
            "document: text/description.md: ",
            "cases/c.json: no JSON at line 1",
        ],
    ),
    "cases": (
        {
            "cases/c.json": case(covers={"criteria": ["F.5"], "register": [35]}),
            "cases/d.json": case(id="d", covers={"register": [35]}),
            "cases/e.json": case(id="e"),
            "cases/f.json": case(id="f", expect={"error": "other"}),
            "cases/g.json": case(
                id="g", expect={"lines": [{"id": "1", "rules": ["criterion-ab"]}]}
            ),
        },
        [
            "cases/c.json, c: criteria.dmn has no criterion `F.5`\nhelp: did you mean `F.",
            ("cases/d.json, d: text/register.md has no row 35\nhelp: the rows there are 1 to 34"),
            "cases: no case covers the criterion `B`\n",
            "cases: no case covers row 5 of the register\n",
            (
                "cases/f.json, f: the determination differs\n"
                "    expected an error with 'other', came: "
            ),
            (
                "cases/g.json, g: criteria.dmn has no rule `criterion-ab`\n"
                "help: did you mean `criterion-"
            ),
        ],
    ),
}


PARTICIPATION = [
    # the facts of a request for a stent in an iliac vein, a criterion, and whether it takes part
    ({}, "D", True),  # met
    ({"lesion confirmed by imaging": False}, "D", True),  # refused for want of an image
    ({"lesion confirmed by imaging": None}, "D", True),  # not known whether
    ({"indication": None}, "D", True),  # any criterion is open
    ({"indication": None}, "INV-E", True),
    ({}, "A", False),  # another indication
    ({}, "INV-D", False),
    ({"diagnoses": ["I87.1", "I82.421"]}, "INV-D", True),  # a pointer to what it excludes
    ({"indication": "nutcracker syndrome"}, "INV-E", True),
    ({"indication": "nutcracker syndrome"}, "D", True),  # refused by the indication alone
    ({"indication": "nutcracker syndrome", "diagnoses": ["I82.0"]}, "B", False),  # a code alone
    (
        {
            "indication": "nutcracker syndrome",
            "lesion confirmed by imaging": None,
            "diagnoses": ["I82.0"],
        },
        "D",
        False,
    ),
]


def test_a_criterion_covered_takes_part(folder, request_of):
    """Each row is a case; all are checked at once, and those are named that cover in vain."""
    cases, idle = [], []
    for number, (facts, criterion, takes_part) in enumerate(PARTICIPATION):
        request = request_of(**{key: facts[key] for key in facts if key == "diagnoses"})
        line = request["lines"][0]
        line["facts"].update({key: facts[key] for key in facts if key != "diagnoses"})
        cases.append(
            {
                **CASE,
                "id": f"c{number}",
                "covers": {"criteria": [criterion]},
                "request": request,
                "expect": {"lines": [{"id": "1"}]},
            }
        )
        if not takes_part:
            idle.append(
                f"cases/c.json, c{number}, covers: the criterion `{criterion}` takes no part in "
                "the determination"
            )
    found = checked(folder({"cases/c.json": json.dumps(cases)}))
    heads = [problem.partition("\nhelp: taking part: ")[0] for problem in found]
    assert [head for head in heads if "takes no part" in head] == idle


def test_a_request_in_error_covers_no_criterion(folder):
    case = {**CASE, "covers": {"criteria": ["A"]}, "expect": {"error": "service_date"}}
    case["request"] = {**case["request"], "service_date": "x"}
    found = checked(folder({"cases/c.json": json.dumps(case)}))
    assert (
        "cases/c.json, c, covers: the criterion `A` takes no part in the determination\n"
        "help: taking part: none"
    ) in found


def test_a_condition_on_its_own_fact_is_said_once(folder):
    """At its place, and not again for each case that leaves the fact unknown."""
    change = ("'Treated site in", "'Dialysis circuit = true or Treated site in")
    found = checked(folder({"policy.toml": change}, cases=True))
    assert found == [
        (
            "policy.toml, [open_when], dialysis access: the condition depends on the fact itself: "
            "`dialysis access` reads `Dialysis circuit` reads `dialysis access`\n"
            "help: raise a fact by other facts, and by decisions that do not need it"
        )
    ]


@pytest.mark.parametrize("changed", BROKEN)
def test_problems(folder, changed):
    changes, said = BROKEN[changed]
    found = checked(folder(changes))
    for each in said:
        assert any(problem.startswith(each) for problem in found), (each, found)


def test_a_fact_used_in_arithmetic_cannot_be_left_unknown(folder):
    """Its values fall into no finite number of parts, so that nothing could be said of it."""
    change = ("<text>age &lt; child age limit</text>", "<text>age + 1 &lt; child age limit</text>")
    found = checked(folder({"criteria.dmn": change}))
    assert [each.split(":")[0] for each in found if "cannot be left unknown" in each] == [
        "criteria.dmn, age"
    ]


def test_a_folder_that_cannot_be_read_and_its_cases_at_once(folder):
    made = folder({"policy.toml": ("[dates]", "[dats]"), "cases/c.json": "{"})
    found = checked(made)
    assert any("unknown key `dats`" in problem for problem in found)
    assert any("cases/c.json" in problem for problem in found)


def test_somebody_elses_cases_are_run_and_not_asked_what_they_cover(tmp_path, request_of):
    case = {
        "id": "theirs",
        "request": request_of(),
        "expect": {"lines": [{"id": "1", "disposition": "APPROVE"}]},
    }
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(case), encoding="utf-8")
    for place in (tmp_path, file):
        report = check(POLICIES / "cg-surg-106", place)
        assert report.sound, report.render()
        assert (report.cases, report.criteria, report.rows) == (1, None, None)


def test_no_folder_at_all(tmp_path):
    (problem,) = checked(tmp_path / "none")
    assert "there is no such policy folder" in problem
