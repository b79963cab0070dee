"""What cases try: of a small policy by hand, of the real ones by the traces of what is left."""

from __future__ import annotations

import random
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_policies import CASES, LEVEL, REVIEW, case, written

import medpolicy
from medpolicy import cli
from medpolicy.cases import read_cases
from medpolicy.check import check
from medpolicy.coverage import Tally
from pydmn import Side

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"


def of(report, name):
    (found,) = [each for each in report.coverage.tables if each.table.decision == name]
    return found


def hits(covered):
    return {each.rule.id: each.hit.cases for each in covered.rules}


def sides(covered):
    return {
        f"{each.bound.label} {each.bound.text(side)}": each.touched[side].cases
        for each in covered.bounds
        for side in Side
    }


# --- a small policy --------------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    return check(written(tmp_path / "small", CASES))


def test_rules_are_hit_by_what_certainly_happened(small):
    """The case without a dose hits one of two rules of Level, and neither certainly."""
    assert hits(of(small, "Level")) == {
        "level-1": ("a",), "level-2": ("b",), "level-3": ("d",), "level-4": (),
    }  # fmt: skip
    assert hits(of(small, "Disposition")) == {
        "disposition-1": ("b",), "disposition-2": ("a", "c", "d"), "disposition-3": (),
    }  # fmt: skip


def test_a_dead_rule_is_not_missing(small):
    level = of(small, "Level")
    assert [each.rule.id for each in level.dead] == ["level-4"]
    assert (level.hit, level.live, level.missing) == (3, 3, ())


def test_sides_of_bounds_are_touched_on_them_and_next_to_them(small):
    assert sides(of(small, "Level")) == {
        "dose < 10": ("a",), "dose >= 10": ("b",),
        "dose <= 20": (), "dose > 20": ("d",),
        "dose <= 30": (), "dose > 30": (),
        "age < 18": ("c",), "age >= 18": ("b",),
    }  # fmt: skip


def test_a_rule_never_hit_is_a_finding_and_no_problem(small):
    said = [each.render() for each in small.findings if "no case hits" in each.message]
    assert said == ["criteria.dmn, Disposition, rule disposition-3: no case hits the rule"]
    assert not [each for each in small.problems if "hit" in each.message]


def test_the_terminal_has_a_line_a_table_and_what_is_missing(small):
    text = small.render()
    assert text[text.index("Coverage\n") :].split("\n\nsmall: ")[0] == (
        "Coverage\n"
        "\n"
        "Level        3 of 3 rules hit, 5 of 8 sides of bounds touched\n"
        "Disposition  2 of 3 rules hit\n"
        "All tables   5 of 6 rules hit, 5 of 8 sides of bounds touched\n"
        "\n"
        "Rules never hit\n"
        '    Disposition, disposition-3: "CODING_ERROR"\n'
        "\n"
        "Bounds not touched\n"
        "    Level, dose: <= 20, such as 20\n"
        "    Level, dose: <= 30, such as 30\n"
        "    Level, dose: > 30, such as 31\n"
        "\n"
        "Rules that can never fire (dead-rule)\n"
        '    Level, level-4: "never"'
    )
    assert text.count("disposition-3") == 1
    assert text.splitlines()[-1].startswith("small: 4 of 4 cases pass, ")


def test_lines_that_a_case_expects_nothing_of_do_not_count(tmp_path):
    two = case("a", 40, REVIEW, dose=9.5)
    line = two["request"]["lines"][0]
    two["request"]["lines"].append({**line, "id": "2", "facts": {"dose": 15}})
    report = check(written(tmp_path / "small", [two]))
    assert hits(of(report, "Level"))["level-2"] == ()


def test_bounds_of_columns_of_one_label_are_named_and_not_looked_at(tmp_path):
    folder = written(tmp_path / "small", CASES)
    criteria = folder / "criteria.dmn"
    text = criteria.read_text(encoding="utf-8")
    criteria.write_text(text.replace("<input>", '<input label="same">', 2), encoding="utf-8")
    level = of(check(folder), "Level")
    assert level.bounds == ()
    assert {each.rule for each in level.unread} == {"level-1", "level-2", "level-4"}


# --- open cases ------------------------------------------------------------------------

OPEN = case("o", 40, {"open": ["Level, rule level-2"]}, dose=15)
del OPEN["because"]


def test_an_open_case_is_counted_and_named_and_never_passes(tmp_path):
    folder = written(tmp_path / "small", [CASES[0], OPEN])
    report = check(folder)
    assert (report.cases, report.failed, report.open) == (2, 0, 1)
    assert report.summary.startswith("small: 1 of 2 cases pass, ")
    (named,) = [
        each for each in report.findings if "open" in each.message and "all.json" in each.where
    ]
    assert (named.where, named.witness) == ("cases/all.json, o", ("Level, rule level-2",))
    assert "\n1 case is open, and does not pass\n" in report.render()
    rule = of(report, "Level").rules[1]
    assert (rule.hit.cases, rule.hit.open, rule.missing) == ((), ("o",), True)
    assert '    Level, level-2: "high" (the open case o would)\n' in report.render()


def test_an_open_case_covers_nothing(tmp_path):
    covering = {**OPEN, "covers": {"criteria": [], "register": [1]}}
    folder = written(tmp_path / "small", [CASES[0], covering])
    (folder / "text" / "register.md").write_text("## 1. One\n\ntext\n", encoding="utf-8")
    said = [each.message for each in check(folder).problems if each.where == "cases"]
    assert said == ["no case covers row 1 of the register"]


# --- the real policies, with cases taken away ------------------------------------------


@cache
def real(name):
    """Return a policy, its cases, and what the trace of each has of rules, by case."""
    policy = medpolicy.load(POLICIES / name)
    cases, _ = read_cases(POLICIES / name / "cases", argued=True)
    traced = {}
    for each in cases:
        try:
            answer = policy.determine(each.request, trace=True)
        except medpolicy.RequestError:
            continue
        expected = [line["id"] for line in each.lines or ()]
        traced[each.id] = (
            answer,
            {
                (entry["decision"], rule)
                for line in answer.to_dict()["lines"]
                if line["id"] in expected
                for entry in line["trace"]
                for rule in entry["rules"]
            },
        )
    return policy, traced


@pytest.mark.parametrize("seed", range(8))
def test_what_only_the_cases_taken_away_hit_is_missing(seed):
    policy, traced = real("ncd-210-14/versions/2")
    kept = random.Random(seed).sample(sorted(traced), len(traced) // 6)
    tally = Tally(policy, ())
    for id_ in kept:
        tally.add(id_, traced[id_][0].lines, is_open=False)
    missing = {
        (each.table.decision, one.rule.id)
        for each in tally.coverage().tables
        for one in each.missing
    }
    every = {
        (name, rule.id)
        for name in policy.model.names
        if policy.model.kind(name) == "table"
        for rule in policy.model.table(name).rules
    }
    assert missing == every - set().union(*(traced[id_][1] for id_ in kept))


@pytest.fixture(scope="session")
def versions():
    with pytest.MonkeyPatch.context() as patched:
        # What is proved of them is looked at elsewhere.
        patched.setattr("medpolicy.check.find_spec", lambda _: None)
        return check(POLICIES / "ncd-210-14")


def test_cases_of_a_policy_with_versions_count_for_the_version_that_answers(versions):
    _, traced = real("ncd-210-14/versions/2")
    whole, _ = read_cases(POLICIES / "ncd-210-14" / "cases", argued=True)
    expected = {each.id for each in whole if each.version == "2"}
    found = {
        case for each in versions.versions[1].coverage.tables
        for case in (case for rule in each.rules for case in rule.hit.cases)
    }  # fmt: skip
    assert expected
    assert found - set(traced) == expected


# --- the page --------------------------------------------------------------------------


class Page(HTMLParser):
    """Collects the tags, the texts of the row heads, and whatever is fetched."""

    def __init__(self, text):
        super().__init__()
        self.open: list[str] = []
        self.heads: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.fetched += [value for name, value in attrs if name == "src"]
        self.fetched += [
            value for name, value in attrs if name == "href" and not value.startswith("#")
        ]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "th" in self.open[-3:]:
            self.heads.append(data.strip())


def test_the_page_shows_each_table_with_what_is_hit_and_touched(tmp_path, capsys):
    folder = written(tmp_path / "small", [*CASES, OPEN])
    target = tmp_path / "page.html"
    cli.main(["check", str(folder), "--html", str(target)])
    capsys.readouterr()
    text = target.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert page.fetched == []
    assert {"level-1", "level-4", "disposition-3", "Hit by", "dose", "age"} <= set(page.heads)
    assert text.count("✗ never hit") == 1  # by a word and a sign, not by colour alone
    assert text.count("can never fire</span>") == 1
    assert text.count("✗ not touched") == 3
    assert "&lt;= 20" in text
    assert re.search(r"<li>a</li><li>c</li><li>d</li>", text)


def test_the_page_of_a_policy_with_versions_has_both(versions):
    text = versions.page()
    Page(text)
    assert "Version 1</h2>" in text
    assert "Version 2</h2>" in text


def test_words_of_a_policy_are_no_mark_up(tmp_path):
    rules = (*LEVEL[:2], ("-", "-", '"<b>&amp;"'))
    text = check(written(tmp_path / "small", CASES, level=rules)).page()
    assert "<b>" not in text


@pytest.mark.parametrize("folder", ["missing", "unreadable"])
def test_a_page_that_cannot_be_made_leaves_no_file(tmp_path, capsys, folder):
    if folder == "missing":
        policy, target = written(tmp_path / "small", CASES), tmp_path / "none" / "page.html"
    else:
        policy, target = tmp_path / "no-policy", tmp_path / "page.html"
    assert cli.main(["check", str(policy), "--html", str(target)]) == 2
    assert "medpolicy: " in capsys.readouterr().err
    assert not target.exists()
    assert not list(tmp_path.glob(".*"))
