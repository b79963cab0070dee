"""`medpolicy impact`: its page, what it refuses, and what it leaves where it is stopped."""

from __future__ import annotations

import html.parser
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter

import pytest
from claims_files import write
from impact_counts import NEW, OLD, VENOUS, VISIT, by_hand, cases_of_both, command, compared
from pyarrow import parquet

import medpolicy
from medpolicy import cli, impact


@pytest.fixture(scope="session")
def pair():
    return impact.read_pair(OLD, NEW, by_date=False)


@pytest.fixture(scope="session")
def rows(pair):
    return cases_of_both(pair)


@pytest.fixture(scope="session")
def hand(pair, tmp_path_factory):
    return by_hand(pair, tmp_path_factory.mktemp("claims") / "claims.parquet")


class Page(html.parser.HTMLParser):
    """The elements and the words of a page."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words, self.outside = [], Counter(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.outside += [
            value for name, value in attributes
            if name in ("src", "href", "xlink:href", "style") and "//" in (value or "")
        ]  # fmt: skip
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def test_the_page_stands_alone_and_names_nobody(pair, hand, tmp_path):
    made = []
    for name in ("a.html", "b.html"):
        compared(pair, hand, 11, html=tmp_path / name)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    page = Page(made[0].decode("utf-8"))
    assert (page.open, page.outside) == ([], [])
    assert page.tags["svg"] >= 6
    assert not page.tags["script"] + page.tags["link"] + page.tags["img"] + page.tags["iframe"]
    words = " ".join(page.words)
    for each in ("NCD 210.14", "version 1 against version 2", medpolicy.load(OLD).content_hash):
        assert each in words
    for secret in ("patient-", "1961-01-01", "1969", "2021-06-15"):
        assert secret.encode() not in made[0]
    ids = re.findall(r'\bid="([^"]*)"', made[0].decode("utf-8"))
    assert len(ids) == len(set(ids))


def test_words_of_a_file_are_no_mark_up(pair, hand, tmp_path):
    table = parquet.read_table(hand)
    evil = "<script>alert(1)</script>$x^2$\x1b[2J"
    place = table.column_names.index("line_of_business")
    table = table.set_column(place, "line_of_business", [[evil] * table.num_rows])
    path = tmp_path / "claims.parquet"
    parquet.write_table(table, path)
    compared(pair, path, 11, html=tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page


# --- what is refused, and what cannot be ----------------------------------------------


def test_rows_refused_are_told_with_who_refuses_them(pair, rows, tmp_path, capsys):
    path = write(tmp_path / "claims.jsonl", rows[-3:], pair)
    status, out, _ = command(
        capsys, OLD, NEW, path, "--json", "--suppress", "1", "--rejects", tmp_path / "bad.jsonl"
    )
    counts = json.loads(out)["counts"]
    assert status == 0
    assert [counts[f"refused_by_{name}"] for name in ("old", "new", "both")] == [1, 1, 1]
    told = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert [(each["row"], each["request_id"], each["by"]) for each in told] == [
        (1, "b1", ["old"]), (2, "b2", ["new"]), (3, "b3", ["old", "new"])]  # fmt: skip
    assert "visit practitioner: is no value that the policy knows" in told[0]["reason"]
    compared(pair, path, flips=tmp_path / "flips.parquet")
    beside = (tmp_path / "flips.rejects.jsonl").read_text()
    assert beside == (tmp_path / "bad.jsonl").read_text()


def test_two_policies_are_not_compared(hand, capsys):
    status, out, err = command(capsys, VENOUS, NEW, hand)
    assert (status, out) == (2, "")
    assert "is the policy `ncd-210-14`, and the old one is `cg-surg-106`" in err


def test_a_fact_of_two_types_is_named(hand, tmp_path, capsys):
    copy = tmp_path / "2"
    shutil.copytree(NEW, copy)
    model = copy / "criteria.dmn"
    text = model.read_text(encoding="utf-8")
    # A boolean of the new version has the name that is a string's in the old one.
    renamed = text.replace("radiologist qualified", "visit practitioner")
    model.write_text(renamed, encoding="utf-8")
    status, _, err = command(capsys, OLD, copy, hand)
    assert status == 2
    assert "the fact `visit practitioner` is a boolean, and a string in the old version" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--html", "page.htm"], "page.htm: is not named .html"),
        (["--rows", "flips.csv"], "flips.csv: is not named .parquet"),
        (["--html", "no/page.html"], "no: there is no such folder"),
        (["--rows", "a.parquet", "--rejects", "a.parquet"], "is read and written"),
    ],
)
def test_names_that_cannot_be(hand, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = command(capsys, OLD, NEW, hand, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5"])
def test_a_threshold_is_a_whole_number_above_0(hand, number, capsys):
    with pytest.raises(SystemExit) as stopped:
        command(capsys, OLD, NEW, hand, f"--suppress={number}")
    assert stopped.value.code == 2
    assert "is no whole number above 0" in capsys.readouterr().err


def test_columns_are_looked_at_before_anything_runs(hand, tmp_path, capsys):
    table = parquet.read_table(hand)
    for changed, message in (
        (table.drop_columns(["code"]), "the column `code` is missing"),
        (table.append_column("pack year", table["pack years"]), "did you mean `pack years`?"),
    ):
        path = tmp_path / "claims.parquet"
        parquet.write_table(changed, path)
        status, out, err = command(capsys, OLD, NEW, path, "--html", tmp_path / "page.html")
        assert (status, out) == (2, "")
        assert message in err
        assert list(tmp_path.iterdir()) == [path]
    # What the file has no column for is unknown in it, as for `batch`, and is said.
    parquet.write_table(table.drop_columns(["adherence counseling"]), path)
    status, out, err = command(capsys, OLD, NEW, path, "--json")
    assert status == 0
    assert "the file has no column `adherence counseling`: it is unknown in every line" in err
    assert json.loads(out)["never_stated"] == ["adherence counseling"]


def test_a_file_without_lines_has_nothing_to_compare(hand, tmp_path, capsys):
    path = tmp_path / "claims.parquet"
    parquet.write_table(parquet.read_table(hand).slice(0, 0), path)
    status, out, _ = command(capsys, OLD, NEW, path, "--json", "--html", tmp_path / "page.html")
    given = json.loads(out)
    assert (status, given["counts"]["lines"], given["counts"]["flip_rate"]) == (0, 0, None)
    assert "No line gets another disposition." in (tmp_path / "page.html").read_text()


def test_a_page_says_what_it_needs(hand, tmp_path, capsys, monkeypatch):
    for name in ("to_html", "plots"):
        monkeypatch.delitem(sys.modules, f"medpolicy.impact.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, out, err = command(capsys, OLD, NEW, hand, "--html", tmp_path / "page.html")
    assert (status, out, list(tmp_path.iterdir())) == (2, "", [])
    assert 'pip install "medpolicy[impact]"' in err


def test_an_interrupted_run_leaves_nothing(tmp_path):
    """Rows come by a pipe, so that the run waits for more when it is interrupted."""
    os.mkfifo(tmp_path / "claims.jsonl")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "medpolicy", "impact", str(OLD), str(NEW),
         str(tmp_path / "claims.jsonl"), "--html", str(tmp_path / "page.html"),
         "--rows", str(tmp_path / "flips.parquet")],
        env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with (tmp_path / "claims.jsonl").open("w", encoding="utf-8") as pipe:
        pipe.write(json.dumps(VISIT) + "\n")
        pipe.flush()
        process.send_signal(signal.SIGINT)
        out, said = process.communicate()
    assert (process.returncode, out) == (cli.INTERRUPTED, b"")
    assert b"Traceback" not in said
    assert [each.name for each in tmp_path.iterdir()] == ["claims.jsonl"]
