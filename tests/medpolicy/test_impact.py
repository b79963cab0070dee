"""What another version means for claims: held against a loop over `determine`, line by line."""

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
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from claims_files import rows_of, write
from pyarrow import parquet

import medpolicy
from medpolicy import cli, impact
from medpolicy.batch import claims
from medpolicy.impact.pair import always as in_force_always
from medpolicy.policy import Adoption, Dates, Precedence

POLICY = Path(__file__).resolve().parents[2] / "policies" / "ncd-210-14"
VENOUS = POLICY.with_name("cg-surg-106")
OLD, NEW = POLICY / "versions" / "1", POLICY / "versions" / "2"
ASPECTS = ("criteria_result", "criterion", "missing", "flags")
DIMENSIONS = ("code", "criterion_old", "criterion_new", "line_of_business", "state", "month")
DISPOSITIONS = ("APPROVE", "PEND_INFO", "CLINICAL_REVIEW", "NOT_APPLICABLE", "NO_REVIEW_REQUIRED",
                "CODING_ERROR")  # fmt: skip


# --- the oracle -----------------------------------------------------------------------


def timeless(folder: Path, target: Path) -> Path:
    """Return a copy of a version whose own words say that it was always in force."""
    shutil.copytree(folder, target)
    toml = target / "policy.toml"
    text = re.sub(r"\neffective_to = .*", "", toml.read_text(encoding="utf-8"))
    text = re.sub(r"\b(effective_from|from) = \d{4}-\d\d-\d\d", r"\1 = 1850-01-01", text)
    toml.write_text(text, encoding="utf-8")
    return target


def answer_of(policy, rows):
    """Return the answers to the rows of one request, each by itself; None for one refused."""
    first = rows[0]
    facts = policy.facts
    request = {
        "id": first["request_id"],
        "service_date": first["service_date"],
        "member": {"birth_date": first["birth_date"]},
        "plan": {"name": first["plan"], "line_of_business": first["line_of_business"],
                 "state": first["state"]},
        "lines": [
            {
                "id": row["line_id"],
                "procedure": {"system": row["system"], "code": row["code"]},
                "diagnoses": row["diagnoses"],
                "facts": {name: row[name] for name in facts if row.get(name) is not None},
            }
            for row in rows
        ],
    }  # fmt: skip
    try:
        lines = policy.determine(request).to_dict()["lines"]
    except medpolicy.RequestError:
        assert len(rows) == 1, "the oracle knows of bad requests of one line alone"
        return [None]
    return [
        {
            "disposition": line["disposition"],
            "criteria_result": line["criteria_result"],
            "criterion": next((each["criterion"] for each in line["reasons"] if each["criterion"]),
                              None),
            "missing": [each["fact"] for each in line["missing"]],
            "flags": line["flags"],
        }
        for line in lines
    ]  # fmt: skip


def answered(policy_for, rows):
    """Return the answer to each row; `policy_for` gives the policy that a row asks, or None."""
    found, at = [], 0
    while at < len(rows):
        end = at
        while end < len(rows) and rows[end]["request_id"] == rows[at]["request_id"]:
            end += 1
        found += answer_of(policy_for(rows[at]), rows[at:end])
        at = end
    return found


def category(dimension, row, before, after):
    match dimension:
        case "criterion_old":
            return before["criterion"]
        case "criterion_new":
            return after["criterion"]
        case "month":
            return row["service_date"][:7]
    return row[dimension]


def counted(rows, old, new):
    """Return the counts of the report, all shown, from the answers to each row."""
    both = [each for each in zip(rows, old, new, strict=True) if each[1] and each[2]]
    lines = []
    for row, before, after in both:
        flip = before["disposition"] != after["disposition"]
        aspects = [
            name for name in ASPECTS
            if (set(before[name]) != set(after[name]) if name in ("missing", "flags")
                else before[name] != after[name])
        ]  # fmt: skip
        lines.append((row, before, after, flip, () if flip else tuple(aspects)))

    def numbers(some):
        flipped = sum(flip for *_, flip, _ in some)
        changed = sum(bool(aspects) for *_, aspects in some)
        return {"lines": len(some), "flipped": flipped, "kept": len(some) - flipped,
                "changed": changed, "unchanged": len(some) - flipped - changed}  # fmt: skip

    def from_to(some):
        pairs = Counter(
            (before["disposition"], after["disposition"]) for _, before, after, flip, _ in some
            if flip
        )  # fmt: skip
        order = sorted(pairs, key=lambda pair: tuple(map(DISPOSITIONS.index, pair)))
        return [{"from": pair[0], "to": pair[1], "lines": pairs[pair]} for pair in order]

    by = {}
    for name in DIMENSIONS:
        groups = {}
        for each in lines:
            groups.setdefault(category(name, *each[:3]), []).append(each)
        if name == "code":
            quiet = [code for code, some in groups.items()
                     if not any(flip or aspects for *_, flip, aspects in some)]  # fmt: skip
            together = [each for code in quiet for each in groups.pop(code)]
            if together:
                groups["(other)"] = together
        by[name] = {
            value: {**numbers(some), "from_to": from_to(some)} for value, some in groups.items()
        }
    return {
        "counts": {
            "rows": len(rows),
            "refused": len(rows) - len(both),
            "refused_by_old": sum(not a and bool(b) for a, b in zip(old, new, strict=True)),
            "refused_by_new": sum(bool(a) and not b for a, b in zip(old, new, strict=True)),
            "refused_by_both": sum(not a and not b for a, b in zip(old, new, strict=True)),
            **numbers(lines),
        },
        "from_to": from_to(lines),
        "dispositions": {
            name: {
                "old": sum(before["disposition"] == name for _, before, *_ in lines),
                "new": sum(after["disposition"] == name for _, _, after, *_ in lines),
                "kept": sum(
                    before["disposition"] == after["disposition"] == name
                    for _, before, after, *_ in lines
                ),
            }
            for name in DISPOSITIONS
            if any(name in (each[1]["disposition"], each[2]["disposition"]) for each in lines)
        },
        "changed": Counter(aspects for *_, aspects in lines if aspects),
        "by": by,
    }


def bare(given):
    """Return the counts of a report with nothing hidden, in the oracle's shape."""

    def without(each, *names):
        assert each["suppressed"] == {}
        return {name: value for name, value in each.items()
                if name not in ("suppressed", "flip_rate", *names)}  # fmt: skip

    def plain(row):
        return {**without(row, "value"), "from_to": [without(each) for each in row["from_to"]]}

    return {
        "counts": without(given["counts"]),
        "from_to": [without(each) for each in given["from_to"]],
        "dispositions": {
            each["disposition"]: without(each, "disposition") for each in given["dispositions"]
        },
        "changed": Counter({tuple(each["differs"]): each["lines"] for each in given["changed"]}),
        "by": {
            name: {row["value"]: plain(row) for row in rows} for name, rows in given["by"].items()
        },
    }


# --- a file of both versions' cases ---------------------------------------------------


@pytest.fixture(scope="session")
def pair():
    return impact.read_pair(OLD, NEW, by_date=False)


@pytest.fixture(scope="session")
def rows(pair):
    """The cases of both versions, each on a day of its own in the years of both."""
    found = []
    for version in ("1", "2"):
        for path in sorted((POLICY / "versions" / version / "cases").glob("*.json")):
            for case in json.loads(path.read_text(encoding="utf-8")):
                if "error" in case["expect"]:
                    continue
                number = len(found)
                for row in rows_of(case["request"], pair.facts):
                    born_later = row["birth_date"] and row["birth_date"] > "2015"
                    if born_later or any(isinstance(each, float) for each in row.values()):
                        continue  # Arrow makes no decimal of a float
                    day = f"{2018 + number % 6}-{1 + number % 12:02}-{1 + number % 28:02}"
                    found.append(
                        {**row, "request_id": f"r{number}", "service_date": day,
                         "state": (None, "MO", "FL")[number % 3]}
                    )  # fmt: skip
    # What each version alone refuses, and both; no value of the one is of the other.
    found.append({**found[0], "request_id": "b1", "visit practitioner": "nobody"})
    found.append({**found[0], "request_id": "b2", "months since last screening": -1})
    found.append({**found[0], "request_id": "b3", "code": "?"})
    return found


@pytest.fixture(scope="session")
def always(tmp_path_factory):
    folder = tmp_path_factory.mktemp("timeless")
    return tuple(medpolicy.load(timeless(each, folder / each.name)) for each in (OLD, NEW))


@pytest.fixture(scope="session")
def expected(rows, always):
    old, new = (answered(lambda _, policy=policy: policy, rows) for policy in always)
    return old, new


def compared(pair, path, below=1, **files):
    return impact.run(pair, path, below, impact.Files(**files)).to_dict()


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

# All that both versions ask of a counseling visit; each reads those facts that it knows.
VISIT = {
    "request_id": "r", "line_id": "1", "service_date": "2021-06-15", "birth_date": "1961-01-01",
    "plan": "medicare", "line_of_business": "medicare", "state": "MO", "system": "HCPCS",
    "code": "G0296", "diagnoses": ["F17.210"], "lung cancer symptoms": False, "pack years": 35,
    "smoking status": "current smoker", "visit practitioner": "physician",
    "eligibility determined": True, "decision aid used": True, "visit documented": True,
    "adherence counseling": True, "smoking counseling": True,
}  # fmt: skip
# NCD 210.14: from 55 to 77 years and 30 pack-years in 2015; from 50 years and 20 since 2022.
BY_HAND = [
    (40, {}),  # 60 years, 35 pack-years: both
    (12, {"pack years": 25}),  # the new one alone
    (15, {"birth_date": "1969-01-01", "service_date": "2021-07-15"}),  # 52: the new one alone
    (3, {"birth_date": "1969-01-01", "state": "TX"}),  # the same in another state
    (13, {"birth_date": "1973-01-01"}),  # 48: neither
    (5, {"pack years": 15}),  # neither
    (14, {"pack years": None}),  # not known: both ask
    (20, {"code": "99213", "system": "CPT"}),  # of neither policy
]


@pytest.fixture(scope="session")
def by_hand(pair, tmp_path_factory):
    empty = dict.fromkeys(pair.facts)
    rows = [
        {**empty, **VISIT, **change, "request_id": f"patient-{number}-{copy}"}
        for number, (copies, change) in enumerate(BY_HAND)
        for copy in range(copies)
    ]
    return write(tmp_path_factory.mktemp("claims") / "claims.parquet", rows, pair)


def command(capsys, *arguments):
    status = cli.main(["impact", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_flips_worked_by_hand(by_hand, tmp_path, capsys):
    flips, page = tmp_path / "flips.parquet", tmp_path / "page.html"
    status, out, err = command(
        capsys, OLD, NEW, by_hand, "--json", "--rows", flips, "--html", page, "--suppress", 1
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


def test_small_counts_are_hidden_unless_told_otherwise(by_hand, tmp_path, capsys):
    page = tmp_path / "page.html"
    status, out, _ = command(capsys, OLD, NEW, by_hand, "--json", "--html", page)
    given = json.loads(out)
    assert (status, given["suppressed_below"]) == (0, 11)
    (texas,) = [row for row in given["by"]["state"] if row["value"] == "TX"]
    (missouri,) = [row for row in given["by"]["state"] if row["value"] == "MO"]
    assert (texas["flipped"], texas["suppressed"]["flipped"]) == (None, "<11")
    assert (missouri["flipped"], missouri["suppressed"]["flipped"]) == (None, "withheld")
    assert (texas["flip_rate"], missouri["flip_rate"]) == (None, None)
    status, out, _ = command(capsys, OLD, NEW, by_hand)
    assert re.search(r"^disposition flips +30 ", out, re.MULTILINE)
    assert re.search(r"^TX +<11", out, re.MULTILINE)
    assert "patient-" not in out


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


def test_the_page_stands_alone_and_names_nobody(pair, by_hand, tmp_path):
    made = []
    for name in ("a.html", "b.html"):
        compared(pair, by_hand, 11, html=tmp_path / name)
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


def test_words_of_a_file_are_no_mark_up(pair, by_hand, tmp_path):
    table = parquet.read_table(by_hand)
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


def test_two_policies_are_not_compared(by_hand, capsys):
    status, out, err = command(capsys, VENOUS, NEW, by_hand)
    assert (status, out) == (2, "")
    assert "is the policy `ncd-210-14`, and the old one is `cg-surg-106`" in err


def test_a_fact_of_two_types_is_named(by_hand, tmp_path, capsys):
    copy = tmp_path / "2"
    shutil.copytree(NEW, copy)
    model = copy / "criteria.dmn"
    text = model.read_text(encoding="utf-8")
    # A boolean of the new version has the name that is a string's in the old one.
    renamed = text.replace("radiologist qualified", "visit practitioner")
    model.write_text(renamed, encoding="utf-8")
    status, _, err = command(capsys, OLD, copy, by_hand)
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
def test_names_that_cannot_be(by_hand, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = command(capsys, OLD, NEW, by_hand, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5"])
def test_a_threshold_is_a_whole_number_above_0(by_hand, number, capsys):
    with pytest.raises(SystemExit) as stopped:
        command(capsys, OLD, NEW, by_hand, f"--suppress={number}")
    assert stopped.value.code == 2
    assert "is no whole number above 0" in capsys.readouterr().err


def test_columns_are_looked_at_before_anything_runs(by_hand, tmp_path, capsys):
    table = parquet.read_table(by_hand)
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


def test_a_file_without_lines_has_nothing_to_compare(by_hand, tmp_path, capsys):
    path = tmp_path / "claims.parquet"
    parquet.write_table(parquet.read_table(by_hand).slice(0, 0), path)
    status, out, _ = command(capsys, OLD, NEW, path, "--json", "--html", tmp_path / "page.html")
    given = json.loads(out)
    assert (status, given["counts"]["lines"], given["counts"]["flip_rate"]) == (0, 0, None)
    assert "No line gets another disposition." in (tmp_path / "page.html").read_text()


def test_a_page_says_what_it_needs(by_hand, tmp_path, capsys, monkeypatch):
    for name in ("to_html", "plots"):
        monkeypatch.delitem(sys.modules, f"medpolicy.impact.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, out, err = command(capsys, OLD, NEW, by_hand, "--html", tmp_path / "page.html")
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
