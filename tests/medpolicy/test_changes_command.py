"""`medpolicy diff` at the command line, and the bulletin that it prints."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise

import pytest
from changes_told import APNEA, files
from lxml import html as lxml_html
from patching import POLICIES, patched
from pypdf import PdfReader

import pydmn
from medpolicy import changes, cli, documents

# --- the command ---------------------------------------------------------------------------


def run(capsys, *arguments) -> tuple[int, str, str]:
    status_ = cli.main(["diff", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status_, out, err


def test_exit_status_and_words(coded, capsys, tmp_path):
    bulletin = tmp_path / "b.html"
    status_, out, _ = run(capsys, POLICIES / APNEA, coded[1], "--bulletin", bulletin)
    assert status_ == 1
    assert "BROADER: disposition CLINICAL_REVIEW -> APPROVE" in out
    assert "diagnosis: G47.30" in out
    assert "For example: HCPCS E0601 for G47.30 on " in out
    assert bulletin.read_text(encoding="utf-8") == documents.to_html(changes.bulletin(coded[0][0]))
    status_, out, _ = run(capsys, POLICIES / APNEA, POLICIES / APNEA)
    assert status_ == 0
    assert "PROVED EQUAL" in out


def test_a_policy_with_versions_is_compared_version_by_version(tmp_path, capsys):
    copy = patched(tmp_path, "ncd-210-14")
    file = copy / "versions" / "1" / "text" / "description.md"
    file.write_text(file.read_text(encoding="utf-8") + "\nOne more sentence.\n", encoding="utf-8")
    status_, out, _ = run(capsys, POLICIES / "ncd-210-14", copy, "--json")
    data = json.loads(out)
    assert (status_, data["equal"], data["changes"]) == (0, True, [])
    pairs = [(each["old"]["version"], each["new"]["version"]) for each in data["versions"]]
    assert pairs == [("1", "1"), ("2", "2")]
    assert [len(each["settings"]) for each in data["versions"]] == [1, 0]


def test_versions_that_another_date_chooses_are_not_proved_equal(tmp_path, capsys):
    """Each version is what it was, and yet requests are answered by the other one."""
    dates = ("policy.toml", 'date = "request date"', 'date = "processing date"')
    copy = patched(tmp_path, "ncd-210-14", **files(dates))
    status_, out, _ = run(capsys, POLICIES / "ncd-210-14", copy)
    assert status_ == 1
    assert "version 1 and version 1: NOT DECIDED" in out
    assert "[[chosen_by]]" in out


def test_a_version_that_is_gone_is_compared_with_what_is_left(tmp_path, capsys):
    """Version 3 says what version 2 does, which ends before it; without it nothing is in force."""
    two = ("versions/2/policy.toml", "effective_from = 2022-02-10",
           "effective_from = 2022-02-10\neffective_to = 2023-12-31")  # fmt: skip
    less = patched(tmp_path / "less", "ncd-210-14", **files(two))
    more = patched(tmp_path / "more", "ncd-210-14", **files(two))
    shutil.copytree(more / "versions" / "2", more / "versions" / "3")
    for name, *texts in (
        ("policy.toml", '["1", "2"]', '["1", "2", "3"]'),
        ("versions/3/policy.toml", 'version = "2"', 'version = "3"'),
        ("versions/3/policy.toml", "effective_from = 2022-02-10\neffective_to = 2023-12-31",
         "effective_from = 2024-01-01"),
        ("versions/3/policy.toml", "from = 2022-02-10\nmode", "from = 2024-01-01\nmode"),
    ):  # fmt: skip
        file = more / name
        old = file.read_text(encoding="utf-8")
        assert texts[0] in old
        file.write_text(old.replace(*texts), encoding="utf-8")
    status_, out, _ = run(capsys, more, less, "--json")
    data = json.loads(out)
    assert (status_, data["equal"]) == (1, False)
    pairs = [(each["old"]["version"], each["new"]["version"]) for each in data["versions"]]
    assert pairs == [("1", "1"), ("2", "2"), ("3", "2")]
    assert [each["equal"] for each in data["versions"]] == [True, True, False]
    assert {each["new"]["disposition"] for each in data["changes"]} == {"NO_REVIEW_REQUIRED"}


@pytest.mark.parametrize(
    ("changed", "said_"),
    [
        (files(("policy.toml", 'id = "ncd-240-4"', 'id = "ncd-240-5"')), "is policy `ncd-240-5`"),
        (files(("criteria.dmn", '"input-insomnia-variable" name="insomnia" typeRef="boolean"',
                '"input-insomnia-variable" name="insomnia" typeRef="number"'),
               ("criteria.dmn", 'expression" typeRef="boolean"><text>insomnia<',
                'expression"><text>insomnia<')),
         "the input is a number, and a boolean in"),
        (files(("policy.toml", "[dates]", "[date]")), "policy.toml"),
    ],
    ids=["another policy", "another type", "a typo"],
)  # fmt: skip
def test_bad_input_is_said_by_name_before_anything_runs(
    tmp_path, capsys, monkeypatch, changed, said_
):
    monkeypatch.setattr("medpolicy.changes.comparison.Search", None)
    status_, out, err = run(capsys, POLICIES / APNEA, patched(tmp_path, APNEA, **changed))
    assert (status_, out) == (2, "")
    assert said_ in err
    assert str(tmp_path / APNEA) in err


@pytest.mark.parametrize(
    ("arguments", "said_"),
    [
        ([POLICIES / APNEA, POLICIES / "ncd-240-5"], "there is no such policy folder"),
        ([POLICIES / APNEA, POLICIES / APNEA, "--bulletin", "b.docx"], "neither .html nor .pdf"),
    ],
)
def test_bad_arguments(capsys, arguments, said_):
    status_, _, err = run(capsys, *arguments)
    assert status_ == 2
    assert said_ in err


def test_the_same_bytes_whatever_the_seed_of_hashes_is(coded):
    command = [sys.executable, "-m", "medpolicy", "diff", POLICIES / APNEA, coded[1], "--json"]
    done = subprocess.run(
        command, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "1"}, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode() == pydmn.write_json(changes.to_dict(coded[0]), indent=2) + "\n"


# --- the bulletin --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def page(screening):
    """The bulletin of NCD 210.14 as a parsed page."""
    return lxml_html.fromstring(documents.to_html(changes.bulletin(screening)))


def test_the_bulletin_shows_criteria_side_by_side_with_marks(page):
    (row,) = [each for each in page.iter("tr") if "rule age-within" in each.text_content()]
    before, after = row.findall("td")
    assert [each.text.strip() for each in before.iter("del")] == ["55"]
    assert [each.text.strip() for each in after.iter("ins")] == ["50"]
    assert (
        before.text_content() == "Medically necessary: From 55 to 77 years old on the service date."
    )


def test_the_bulletin_says_what_and_when_and_what_stays(page):
    text = " ".join(page.text_content().split())
    for words in (
        "Version 2 is in force from 2022-02-10.",
        "Some requests that were sent to clinical review are now approved.",
        "Some requests that were approved are now sent to clinical review.",
        "This is proved and not sampled",
        "No code of the coding tables is added, removed or has expired.",
        "Is the reading radiologist board certified",
    ):
        assert words in text, words
    assert "`" not in page.find(".//section[@id='summary']").text_content()


def test_every_table_of_the_bulletin_has_headers_and_a_caption(page):
    tables = [*page.iter("table")]
    assert len(tables) > 15
    for table in tables:
        assert table.find("caption") is not None
        heads = [*table.iter("th")]
        assert heads
        assert all(each.get("scope") in ("col", "row") for each in heads)
    levels = [int(each.tag[1]) for each in page.iter("h1", "h2", "h3", "h4")]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_bulletin_as_pdf_is_tagged_and_the_same_each_time(row_34):
    content = changes.bulletin(row_34)
    pdf = documents.to_pdf(content)
    assert pdf == documents.to_pdf(changes.bulletin(row_34))
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.metadata.title.startswith("CG-SURG-106 What changes in CG-SURG-106")
    assert "/StructTreeRoot" in reader.root_object
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "Q21.1" in text
    assert "expired, valid until 2022-09-30" in text
    assert "from 2023-02-23" in text
