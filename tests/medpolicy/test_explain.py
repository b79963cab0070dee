"""An explanation in words holds all of a determination, and nothing that steers a terminal."""

from __future__ import annotations

import re

import pytest

from medpolicy.explain import Style, explain

WORDS = {
    "APPROVE": {},
    "PEND_INFO": {"facts": {}},
    "CLINICAL_REVIEW": {"facts": {"indication": "nutcracker syndrome", "site": "renal vein"}},
    "NOT_APPLICABLE": {"facts": {"dialysis access": True}},
    "NO_REVIEW_REQUIRED": {"plan": {"name": "nobody", "line_of_business": "commercial"}},
    "CODING_ERROR": {"diagnoses": ["I87"]},
}


@pytest.mark.parametrize(("disposition", "changes"), WORDS.items(), ids=WORDS)
def test_it_says_all_of_the_answer(venous, request_of, disposition, changes):
    answer = venous.determine(request_of(**changes))
    (line,) = answer.lines
    assert line.disposition == disposition
    said = " ".join(explain(venous, answer).split())
    wanted = [
        "Request r1", venous.metadata.title, disposition, line.criteria_result,
        venous.content_hash, *line.rationale, *line.flags,
        *(each.question for each in line.missing), *(each.fact for each in line.missing),
        *(each.statement for each in line.reasons),
        *(each.citation for each in line.reasons if each.citation),
        *(each.rule for each in line.reasons if each.rule),
        *([line.governed_by] if line.governed_by else []),
    ]  # fmt: skip
    assert [text for text in wanted if " ".join(text.split()) not in said] == []


def test_it_never_speaks_of_a_denial_as_an_outcome(venous, request_of):
    for changes in WORDS.values():
        said = explain(venous, venous.determine(request_of(**changes)))
        assert "denied" not in said


def test_it_keeps_to_the_width(venous, request_of):
    answer = venous.determine(request_of(facts={}))
    lines = explain(venous, answer, Style(width=60)).split("\n")
    assert [line for line in lines if len(line) > 60 and venous.content_hash not in line] == []


def test_colour_is_for_terminals_only(venous, request_of):
    answer = venous.determine(request_of())
    coloured = explain(venous, answer, Style(colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == explain(venous, answer)


def test_an_id_cannot_steer_the_terminal(venous, request_of):
    assert "\x1b" not in explain(venous, venous.determine(request_of(id="\x1b[2J")))


def test_a_flag_is_explained_by_the_statement_of_its_rule(venous, request_of):
    request = request_of(
        procedure={"system": "ICD-10-PCS", "code": "067C3DZ"}, facts={"site": "renal vein"}
    )
    said = " ".join(explain(venous, venous.determine(request)).split())
    assert "site-conflict: The stated site is not the vessel of the procedure code" in said
