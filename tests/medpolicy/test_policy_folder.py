"""A policy's folder with something wrong in it: where, what, what next; all of it at once."""

from __future__ import annotations

import os
import pickle

import pytest

import medpolicy
from medpolicy import PolicyError


def problems(folder):
    with pytest.raises(PolicyError) as raised:
        medpolicy.load(folder)
    return [problem.render() for problem in raised.value.problems]


BROKEN = [
    # the change to a sound folder, and how what is said of it starts
    (
        {"policy.toml": None},
        "policy.toml: the file is missing\nhelp: every policy has a policy.toml",
    ),
    (
        {"criteria.dmn": None},
        "criteria.dmn: the file is missing\nhelp: every policy has a criteria.dmn",
    ),
    ({"policy.toml": "[policy"}, "policy.toml: is no TOML: "),
    (
        {"policy.toml": ("[dates]", "[dats]")},
        "policy.toml: unknown key `dats`\nhelp: did you mean `dates`?",
    ),
    (
        {"policy.toml": ("effective_from = 2020-02-05", 'effective_from = "2020-02-05"')},
        (
            "policy.toml, [dates]: `effective_from` is no date\n"
            "help: write it as 2020-02-05, without quotes"
        ),
    ),
    (
        {
            "policy.toml": (
                "effective_from = 2020-02-05",
                "effective_from = 2020-02-05\neffective_to = 2020-01-01",
            )
        },
        "policy.toml, [dates]: `effective_to` is before `effective_from`",
    ),
    (
        {"policy.toml": ('mode = "review"', 'mode = "reviews"')},
        (
            "policy.toml, [[adoption]] 1: `mode` is not one of its values\n"
            "help: did you mean `review`?"
        ),
    ),
    (
        {"policy.toml": ('plan = "healthy-blue"', 'pan = "healthy-blue"')},
        "policy.toml, [[adoption]] 1: unknown key `pan`\nhelp: did you mean `plan`?",
    ),
    (
        {"policy.toml": ('codes = ["37238"]', 'codes = "37238"')},
        "policy.toml, [[precedence]] 1: `codes` is no list of strings",
    ),
    (
        {
            "policy.toml": (
                "[parameters]",
                (
                    '[[accepted]]\ndecision = "Procedur"\ncode = "gap"\nreason = "r"\n'
                    "date = 2026-11-20\n\n[parameters]"
                ),
            )
        },
        (
            "policy.toml, [[accepted]] 1: criteria.dmn has no decision `Procedur`\n"
            "help: did you mean `Procedure`?"
        ),
    ),
    (
        {
            "policy.toml": (
                "[parameters]",
                (
                    '[[accepted]]\ndecision = "Procedure"\ncode = "gaps"\ndate = 2026-11-20\n\n'
                    "[parameters]"
                ),
            )
        },
        ("policy.toml, [[accepted]] 1: `code` is not one of its values\nhelp: did you mean `gap`?"),
    ),
    (
        {"policy.toml": ('"child age limit"', '"child age limits"')},
        (
            "policy.toml, [parameters], child age limits: criteria.dmn has no such input data\n"
            "help: did you mean `child age limit`?"
        ),
    ),
    (
        {"policy.toml": ('"child age limit" = 18', '"child age limit" = "18"')},
        "policy.toml, [parameters], child age limit: is no number",
    ),
    (
        {"policy.toml": ('"dialysis access" =', '"dialysis axess" =')},
        (
            "policy.toml, [open_when], dialysis axess: there is no such fact\n"
            "help: did you mean `dialysis access`?"
        ),
    ),
    (
        {"policy.toml": ("'Treated site in", "'Treated sight in")},
        "policy.toml, [open_when], dialysis access: ",
    ),
    (
        {
            "policy.toml": (
                "[open_when]",
                (
                    "[open_when]\n"
                    "\"symptomatic\" = 'occlusion or thrombosis = true'\n"
                    "\"occlusion or thrombosis\" = 'thrombotic = true and symptomatic = true'"
                ),
            )
        },
        (
            "policy.toml, [open_when], symptomatic: the condition depends on the fact itself: "
            "`symptomatic` reads `occlusion or thrombosis` reads `symptomatic`\n"
        ),
    ),
    (
        {"policy.toml": ('coding = ["Procedure"', 'coding = ["Procedures"')},
        (
            "policy.toml, [document]: criteria.dmn has no decision `Procedures`\n"
            "help: did you mean `Procedure`?"
        ),
    ),
    (
        {"policy.toml": ('indications = ["Criterion"]', 'indications = ["Recommendation"]')},
        "policy.toml, [document]: `Recommendation` is no decision table",
    ),
    (
        {"criteria.dmn": ("<definitions", '<!DOCTYPE definitions [<!ENTITY a "b">]><definitions')},
        "criteria.dmn: ",
    ),
    ({"criteria.dmn": ("</definitions>", "")}, "criteria.dmn"),
    (
        {"criteria.dmn": ("<text>in force</text>", "<text>in farce</text>")},
        "criteria.dmn, Adoption",
    ),
    (
        {"policy.toml": "a = " + "[" * 10_000},
        "policy.toml: is no TOML that can be read: it is",
    ),
    (
        {"policy.toml": "a = " + "9" * 5_000},
        "policy.toml: is no TOML that can be read: a",
    ),
    *(
        (
            {"policy.toml": ('"child age limit" = 18', f'"child age limit" = {number}')},
            (
                "policy.toml, [parameters], child age limit: is no number that a decision can "
                "hold\n"
                "help: give a finite one of at most 34 digits"
            ),
        )
        for number in ("1e400", "nan", "1" * 35)
    ),
    (
        {
            "criteria.dmn": (
                'id="disposition" name="Disposition"',
                'id="disposition" name="Outcome"',
            )
        },
        "criteria.dmn",
    ),
]


@pytest.mark.parametrize(("change", "said"), BROKEN)
def test_a_broken_folder(folder, change, said):
    found = problems(folder(change))
    assert any(problem.startswith(said) for problem in found), found


def test_a_broken_table_shows_where_it_is_broken(folder):
    found = problems(folder({"criteria.dmn": ("<text>in force</text>", "<text>in farce</text>")}))
    shown = next(problem for problem in found if "in farce" in problem)
    assert "\n    in farce\n    ^^" in shown


def test_a_doctype_is_refused_by_name(folder):
    change = ("<definitions", "<!DOCTYPE definitions><definitions")
    assert any(
        "DOCTYPE" in each or "DTD" in each for each in problems(folder({"criteria.dmn": change}))
    )


def test_everything_is_said_at_once(folder):
    found = problems(
        folder({"policy.toml": ("[dates]", "[dats]"), "criteria.dmn": ("</definitions>", "")})
    )
    assert any(problem.startswith("policy.toml: unknown key `dats`") for problem in found)
    assert any(problem.startswith("criteria.dmn") for problem in found)


@pytest.mark.parametrize("name", ["policy.toml", "criteria.dmn", "text/more.md"])
def test_a_pipe_is_not_waited_for(folder, name):
    path = folder({})
    (path / name).unlink(missing_ok=True)
    os.mkfifo(path / name)
    assert f"{name}: the file cannot be read: it is a pipe" in problems(path)


def test_a_text_that_is_not_utf_8(folder):
    made = folder({})
    (made / "text" / "extra.md").write_bytes(b"one\xe9")
    assert problems(made) == ["text/extra.md: is not UTF-8 at byte 3"]


def test_an_unknown_folder_names_the_nearest(folder):
    made = folder({})
    (problem,) = problems(made.with_name("cg-surg-160"))
    assert problem.endswith(f"there is no such policy folder\nhelp: did you mean `{made}`?")


def test_the_content_hash_follows_every_file(folder):
    made = folder({})
    before = medpolicy.load(made).content_hash
    with (made / "text" / "description.md").open("a", encoding="utf-8") as text:
        text.write("\nOne more line.\n")
    assert medpolicy.load(made).content_hash != before


def test_a_policy_travels_to_another_process_whole(venous, request_of):
    travelled = pickle.loads(pickle.dumps(venous))  # noqa: S301 - our own bytes
    request = request_of()
    assert travelled.determine(request) == venous.determine(request)
