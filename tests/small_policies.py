"""A small policy, written by tests, of which everything is known by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dmn_text import decision, input_data, model, output, table

POLICY = """
[policy]
id = "small"
number = "S 1"
title = "A small policy"
kind = "Example"
publisher = "Nobody"
status = "In force"
version = "1"

[dates]
published = 2020-01-01
last_review = 2020-01-01
effective_from = 2020-01-01

[[adoption]]
plan = "p"
line_of_business = "commercial"
from = 2020-01-01
mode = "review"

[document]
indications = ["Level"]
coding = []

[[source]]
title = "A text"
cited_as = "T"
sha256 = "cdc11cc5befbfa03bf8f6c3214273384c886a747a4113ae8a0facdb8fd73e73c"
read = 2020-01-01

[[history]]
date = 2020-01-01
change = "Written."
"""

LEVEL = (
    ("< 10", "-", '"low"'),
    ("[10..20]", ">= 18", '"high"'),
    ("-", "-", '"low"'),
    ("> 30", "-", '"never"'),  # the rule before takes all
)
DISPOSITION = (
    ('"high"', '"APPROVE"', "null"),
    ('"low"', '"CLINICAL_REVIEW"', "null"),
    ('"never"', '"CODING_ERROR"', "null"),  # a level that no rule that fires gives
)


def written(folder: Path, cases: Iterable[Mapping[str, Any]] = (), **tables: Any) -> Path:
    """Write the policy with its cases; `level` and `disposition` replace the rules."""
    level = table(
        "FIRST",
        (("dose", "number"), ("age", "number")),
        (output("level", "string"),),
        tables.get("level", LEVEL),
    )
    disposition = table(
        "FIRST",
        (("Level", "string"),),
        (output("disposition", "string"), output("ask", "list&lt;string&gt;")),
        tables.get("disposition", DISPOSITION),
    )
    criteria = model(
        input_data("dose", "number"),
        input_data("age", "number"),
        decision("Level", level.replace('id="r', 'id="level-'), inputs=("dose", "age")),
        decision(
            "Disposition", disposition.replace('id="r', 'id="disposition-'), decisions=("Level",)
        ),
    )
    (folder / "cases").mkdir(parents=True)
    (folder / "text").mkdir()
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    (folder / "criteria.dmn").write_bytes(criteria)
    if cases:
        (folder / "cases" / "all.json").write_text(json.dumps(list(cases)), encoding="utf-8")
    return folder


def case(id_: str, age: int, expect: Mapping[str, Any], **facts: Any) -> dict[str, Any]:
    """Return a case of one line, about a member who is `age` at the service."""
    return {
        "id": id_,
        "because": "the text",
        "covers": {"criteria": [], "register": [], "dates": []},
        "request": {
            "id": id_,
            "service_date": "2021-06-15",
            "member": {"birth_date": f"{2021 - age}-06-15"},
            "plan": {"name": "p", "line_of_business": "commercial"},
            "lines": [
                {
                    "id": "1",
                    "procedure": {"system": "CPT", "code": "00100"},
                    "diagnoses": [],
                    "facts": facts,
                }
            ],
        },
        "expect": expect,
    }


def answered(disposition: str) -> dict[str, Any]:
    """Return what is expected of a case's line."""
    return {"lines": [{"id": "1", "disposition": disposition}]}


REVIEW, APPROVE = answered("CLINICAL_REVIEW"), answered("APPROVE")
CASES = (
    case("a", 40, REVIEW, dose=9.5),
    case("b", 18, APPROVE, dose=10),
    case("c", 17, REVIEW),  # whatever the dose is, the level is low: by one rule or another
    case("d", 40, REVIEW, dose=21),
)
