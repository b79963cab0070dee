"""What another version means for claims: held against a loop over `determine`, line by line."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest
from claims_files import rows_of, write
from impact_counts import (
    BY_HAND,
    NEW,
    OLD,
    POLICY,
    VENOUS,
    answered,
    bare,
    by_hand,
    cases_of_both,
    command,
    compared,
    counted,
    timeless,
)
from pyarrow import parquet

import medpolicy
from medpolicy import impact
from medpolicy.batch import claims
from medpolicy.impact.pair import always as in_force_always
from medpolicy.policy import Adoption, Dates, Precedence


@pytest.fixture(scope="session")
def pair():
    return impact.read_pair(OLD, NEW, by_date=False)


@pytest.fixture(scope="session")
def rows(pair):
    return cases_of_both(pair)


@pytest.fixture(scope="session")
def hand(pair, tmp_path_factory):
    return by_hand(pair, tmp_path_factory.mktemp("claims") / "claims.parquet")


@pytest.fixture(scope="session")
def always(tmp_path_factory):
    folder = tmp_path_factory.mktemp("timeless")
    return tuple(medpolicy.load(timeless(each, folder / each.name)) for each in (OLD, NEW))


@pytest.fixture(scope="session")
def expected(rows, always):
    old, new = (answered(lambda _, policy=policy: policy, rows) for policy in always)
    return old, new


@pytest.mark.parametrize("name", ["c.parquet", "c.csv", "c.jsonl"])
def test_every_number_is_that_of_a_loop_over_determine(
    pair, rows, expected, tmp_path, monkeypatch, name
):
    monkeypatch.setattr(claims, "ROWS", 50)  # requests go across batches
    path = write(tmp_path / name, rows, pair)
    assert bare(compared(pair, path)) == counted(rows, *expected)
    counts = counted(rows, *expected)["counts"]
    # The file has something of all that is counted.
    assert all(counts[each] for each in counts)


def test_by_date_each_line_is_answered_by_the_version_in_force(rows, tmp_path):
    """A folder of versions by its dates, and one version by its own alone."""
    old, new = medpolicy.load(OLD), medpolicy.load(NEW)

    def in_force(row):
        return old if row["service_date"] < "2022-02-10" else new

    asked = [row for row in rows if row["plan"] != "example-advantage"]
    by_date = impact.read_pair(POLICY, NEW, by_date=True)
    path = write(tmp_path / "c.parquet", asked, by_date)
    answers = [answered(of, asked) for of in (in_force, lambda _: new)]
    assert bare(compared(by_date, path)) == counted(asked, *answers)
    changed = sum(a != b for a, b in zip(*answers, strict=True))
    # On the days of version 2 the two sides are the same policy.
    assert 0 < changed <= sum(row["service_date"] < "2022-02-10" for row in asked)


def test_the_date_that_chooses_a_version_has_no_part_in_a_what_if(rows, tmp_path):
    asked = [row for row in rows if row["plan"] == "example-advantage"]
    for by_date, refused in ((False, 0), (True, len(asked))):
        pair = impact.read_pair(POLICY, POLICY, by_date=by_date)
        path = write(tmp_path / "c.parquet", asked, pair)
        found = compared(pair, path)["counts"]
        assert (found["refused_by_both"], found["flipped"]) == (refused, 0)
        said = [each for each in pair.notes(rows[0]) if "chooses the version" in each]
        assert [re.findall("`(.*)`", each) for each in said] == (
            [["processing_date"], ["request_date"]] if by_date else []
        )


def test_what_if_all_is_as_on_the_nearest_day_of_the_version():
    """Adoption and precedence are asked of the service date, brought within the version's days."""
    first, last = date(2020, 1, 10), date(2020, 1, 20)
    days = [first + timedelta(number) for number in range(-6, 18)]
    windows = [(start, end) for start in days[::3] for end in (None, *days[::3])
               if end is None or end >= start]  # fmt: skip
    base = medpolicy.load(NEW)
    for end in (None, last):
        policy = replace(
            base,
            dates=Dates(first, first, first, end),
            adoption=tuple(
                Adoption(f"p{number}", "medicare", start, "review", None, to)
                for number, (start, to) in enumerate(windows)
            ),
            precedence=tuple(
                Precedence("law", "law", (f"c{number}",), start, "another", None, None, to)
                for number, (start, to) in enumerate(windows)
            ),
        )
        stretched = in_force_always(policy)
        for day in [date(1, 1, 1), *days, date(9999, 12, 31)]:
            near = max(first, day if end is None else min(end, day))
            assert stretched.dates.in_force(day)
            for number in range(len(windows)):
                plan, code = f"p{number}", f"c{number}"
                assert stretched.adoption_on(plan, "medicare", None, day) == policy.adoption_on(
                    plan, "medicare", None, near
                )
                assert stretched.governing(plan, None, code, day) == policy.governing(
                    plan, None, code, near
                )


# --- worked by hand -------------------------------------------------------------------


def test_flips_worked_by_hand(hand, tmp_path, capsys):
    flips, page = tmp_path / "flips.parquet", tmp_path / "page.html"
    status, out, err = command(
        capsys, OLD, NEW, hand, "--json", "--rows", flips, "--html", page, "--suppress", 1
    )
    assert status == 0
    given = json.loads(out)
    assert list(given) == ["policy", "old", "new", "dates", "never_stated", "suppressed_below",
                           "counts", "from_to", "dispositions", "changed", "by",
                           "examples"]  # fmt: skip
    assert (given["policy"], given["dates"], given["suppressed_below"]) == (
        "ncd-210-14", "what-if", 1)  # fmt: skip
    hashes = [medpolicy.load(each).content_hash for each in (OLD, NEW)]
    assert [given[side]["versions"][0]["content_hash"] for side in ("old", "new")] == hashes
    assert given["new"]["versions"][0]["effective_from"] == "2022-02-10"
    assert "radiologist qualified" in given["new"]["facts_of_its_own"]
    assert given["counts"] == {
        "rows": 122, "refused": 0, "refused_by_old": 0, "refused_by_new": 0, "refused_by_both": 0,
        "lines": 122, "flipped": 30, "kept": 92, "changed": 0, "unchanged": 92, "suppressed": {},
        "flip_rate": {"share": 0.245902, "low": 0.178023, "high": 0.329294},
    }  # fmt: skip
    assert given["from_to"] == [
        {"from": "CLINICAL_REVIEW", "to": "APPROVE", "lines": 30, "suppressed": {}}
    ]
    states = {row["value"]: row["flipped"] for row in given["by"]["state"]}
    months = {row["value"]: row["flipped"] for row in given["by"]["month"]}
    codes = {row["value"]: (row["lines"], row["flipped"]) for row in given["by"]["code"]}
    assert (states, months) == ({"MO": 27, "TX": 3}, {"2021-06": 15, "2021-07": 15})
    assert codes == {"G0296": (102, 30), "(other)": (20, 0)}
    examples = [(each["code"], each["old"]["disposition"], each["new"]["disposition"])
                for each in given["examples"]]  # fmt: skip
    assert set(examples) == {("G0296", "CLINICAL_REVIEW", "APPROVE")}
    table = parquet.read_table(flips)
    assert b"for use inside" in table.schema.metadata[b"medpolicy"]
    assert [row["request_id"] for row in table.to_pylist()] == [
        f"patient-{number}-{copy}" for number in (1, 2, 3) for copy in range(BY_HAND[number][0])
    ]
    assert {(row["old_disposition"], row["new_disposition"], row["code"])
            for row in table.to_pylist()} == {("CLINICAL_REVIEW", "APPROVE", "G0296")}  # fmt: skip
    assert not (tmp_path / "flips.rejects.jsonl").exists()
    assert "only the new version reads `radiologist qualified`" in err


def test_small_counts_are_hidden_unless_told_otherwise(hand, tmp_path, capsys):
    page = tmp_path / "page.html"
    status, out, _ = command(capsys, OLD, NEW, hand, "--json", "--html", page)
    given = json.loads(out)
    assert (status, given["suppressed_below"]) == (0, 11)
    (texas,) = [row for row in given["by"]["state"] if row["value"] == "TX"]
    (missouri,) = [row for row in given["by"]["state"] if row["value"] == "MO"]
    assert (texas["flipped"], texas["suppressed"]["flipped"]) == (None, "<11")
    assert (missouri["flipped"], missouri["suppressed"]["flipped"]) == (None, "withheld")
    assert (texas["flip_rate"], missouri["flip_rate"]) == (None, None)
    status, out, _ = command(capsys, OLD, NEW, hand)
    assert re.search(r"^disposition flips +30 ", out, re.MULTILINE)
    assert re.search(r"^TX +<11", out, re.MULTILINE)
    assert "patient-" not in out


# --- another policy -------------------------------------------------------------------


def test_a_site_taken_out_of_a_copy_flips_what_it_approved(tmp_path):
    """CG-SURG-106 where criterion D stands at the external iliac vein alone."""
    policy = medpolicy.load(VENOUS)
    copy = tmp_path / "copy"
    shutil.copytree(VENOUS, copy)
    model = copy / "criteria.dmn"
    text = model.read_text(encoding="utf-8")
    before = '"site-d-in-2"><text>"common iliac vein", "external'
    assert before in text
    model.write_text(text.replace(before, '"site-d-in-2"><text>"external'), encoding="utf-8")
    pair = impact.read_pair(VENOUS, copy, by_date=True)
    rows = []
    for path in sorted((VENOUS / "cases").glob("*.json"))[::2]:
        for case in json.loads(path.read_text(encoding="utf-8")):
            if "error" not in case["expect"]:
                rows += [
                    {**row, "request_id": f"{len(rows)}"}
                    for row in rows_of(case["request"], policy.facts)
                ]
    path = write(tmp_path / "claims.parquet", rows, policy)
    changed = medpolicy.load(copy)
    answers = [answered(lambda _, policy=each: policy, rows) for each in (policy, changed)]
    assert bare(compared(pair, path)) == counted(rows, *answers)
    flips = [a for a, b in zip(*answers, strict=True) if a["disposition"] != b["disposition"]]
    assert {each["criterion"] for each in flips} >= {"D"}
