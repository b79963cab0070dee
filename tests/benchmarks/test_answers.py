"""The oracle, the floors and pydmn agree; a contestant that answers wrongly is found out."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest

import pydmn
from benchmarks import exact_json, oracle, tasks
from benchmarks.contest import Rules, contest
from benchmarks.dmn_text import dmn
from benchmarks.floors import floor
from benchmarks.medical_services import medical_services
from benchmarks.outcomes import Missing, NotAsked, Refused, Timed, Wrong, outcome, plain
from benchmarks.roster import CHAIN, MASKS, PYDMN, Contestant
from benchmarks.tables import (
    Below,
    Column,
    Formula,
    From,
    In,
    Interval,
    Rule,
    Table,
    Workload,
)
from benchmarks.workloads import NAMES, distinct, workloads

QUICK = Rules(runs=2, seconds=0.001, limit=60.0, warm=0.0)


@pytest.fixture(scope="module")
def made():
    """Return every workload, with few records, and the one of medical services with few rules."""
    steps, draw = medical_services(random.Random(3), rules=330, codes=32)
    services = Workload("few services", steps, distinct("few services", draw, 3, 60))
    return {**workloads(records=60, names=NAMES[:-1]), services.name: services}


# --- the oracle, by hand ----------------------------------------------------------------------

AGES = Table(
    "ages",
    "FIRST",
    (Column("age", "number"), Column("plan", "string")),
    (Column("band", "string"), Column("fee", "number")),
    (
        Rule((Below(18), None), ("child", 0)),
        Rule((Interval(18, 65), In(("a", "b"))), ("adult", Decimal("1.5"))),
        Rule((From(65), In(("a",))), ("senior", 2)),
    ),
)


@pytest.mark.parametrize(
    ("age", "plan", "right"),
    [
        (17, "c", {"band": "child", "fee": 0}),
        (Decimal("17.999"), "c", {"band": "child", "fee": 0}),
        (18, "a", {"band": "adult", "fee": Decimal("1.5")}),
        (64, "b", {"band": "adult", "fee": Decimal("1.5")}),
        (64, "c", None),
        (65, "a", {"band": "senior", "fee": 2}),
        (65, "b", None),
    ],
)
@pytest.mark.parametrize("who", ["oracle", "chain", "masks", "pydmn"])
def test_a_small_table(who, age, plan, right):
    workload = Workload("small", (AGES,), ({"age": age, "plan": plan},))
    (record,) = workload.records
    if who == "oracle":
        found = oracle.answer(workload, record)
    elif who == "pydmn":
        found = pydmn.load(dmn(workload)).decision("ages")(record)
    else:
        found = floor(workload, who)(record)
    assert oracle.same(found, right)


def test_the_formula_by_hand():
    known = {"amounts": [100, 901, 3], "factor": Decimal("1.25")}
    assert oracle.premium(known) == Decimal("313.75") + 30 + 100


def test_two_rules_of_a_unique_table_are_an_error_of_the_workload():
    rules = (Rule((From(1),), ("x",)), Rule((Below(9),), ("y",)))
    table = Table("t", "UNIQUE", (Column("n", "number"),), (Column("o", "string"),), rules)
    workload = Workload("two", (table,), ({"n": 5},))
    with pytest.raises(oracle.NotUnique):
        oracle.answers(workload)


@pytest.mark.parametrize(
    ("given", "right", "same"),
    [
        (3.0, 3, True),
        (Decimal("3.00"), 3, True),
        (0.1 + 0.2, Decimal("0.3"), False),
        (0.5, Decimal("0.5"), True),
        (True, 1, False),
        (1, True, False),
        ("1", 1, False),
        (None, [], False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"b": 2, "a": 1}, {"a": 1, "b": 2}, True),
        ([{"a": "x"}], ["x"], False),
    ],
)
def test_what_counts_as_the_same_answer(given, right, same):
    assert oracle.same(given, right) is same


# --- all three, on every workload -------------------------------------------------------------


@pytest.mark.parametrize("form", ["chain", "masks"])
@pytest.mark.parametrize(
    "name", ["W1", "W2_1k", "W2_10k", "W3_100", "W3_1k", "W4", "W5", "few services"]
)
def test_the_floors_agree_with_the_oracle(made, name, form):
    workload = made[name]
    decide = floor(workload, form)
    right = oracle.answers(workload)
    assert list(tasks.compared(workload.records, list(map(decide, workload.records)), right)) == []


@pytest.mark.parametrize("name", ["W1", "W2_1k", "W3_100", "W4", "W5", "few services"])
def test_pydmn_agrees_with_the_oracle(made, name):
    workload = made[name]
    decide = pydmn.load(dmn(workload)).decision(workload.asked.name)
    found = [decide(record) for record in workload.records]
    assert list(tasks.compared(workload.records, found, oracle.answers(workload))) == []


def test_pydmn_gives_the_premium_that_the_oracle_gives(made):
    *steps, _ = made["W5"].steps
    workload = Workload("premium", tuple(steps), made["W5"].records)
    assert isinstance(workload.asked, Formula)
    right = oracle.answers(workload)
    model = pydmn.load(dmn(workload))
    for decide in (model.decision("premium"), floor(workload, "chain"), floor(workload, "masks")):
        assert [decide(record) for record in workload.records] == right


def test_a_floor_gives_a_fresh_value_each_time(made):
    for name, form in (("W1", "chain"), ("W1", "masks"), ("W4", "chain"), ("W4", "masks")):
        decide = floor(made[name], form)
        record = made[name].records[0]
        assert decide(record) is not decide(record)


# --- a contest --------------------------------------------------------------------------------


def program(text: str, missing: str | None = None) -> Contestant:
    """Return a contestant that is a small Python program."""
    return Contestant("other", "decisions", (sys.executable, "-c", text), lambda: missing, 0.0)


# Speaks the protocol, and answers every record with the text given.
PARROT = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["do"] == "load":
        count = len(json.load(open(message["folder"] + "/workload.json"))["records"])
        print(json.dumps({"ok": True}), flush=True)
    elif message["do"] == "answer":
        print(json.dumps({"answers": ANSWERS}), flush=True)
    else:
        print(json.dumps({"seconds": 0.001}), flush=True)
"""


@pytest.fixture
def guideline(made, tmp_path):
    """Return the task of W1."""
    return tasks.decisions(made["W1"], tmp_path)


def held(task, tmp_path, *contestants):
    """Return the outcomes of a quick contest."""
    return contest(task, contestants, QUICK, tmp_path / "logs", lambda _: None)


def test_right_answers_are_timed(guideline, tmp_path):
    silent = replace(CHAIN, name="silent", missing=lambda: "away")
    outcomes = held(guideline, tmp_path, silent, CHAIN, MASKS, PYDMN)
    assert list(outcomes) == ["silent", CHAIN.name, MASKS.name, PYDMN.name]
    assert isinstance(outcomes.pop("silent"), Missing)
    for each in outcomes.values():
        assert isinstance(each, Timed)
        assert len(each.runs) == QUICK.runs
        assert 0 < each.least <= each.median <= each.most


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ("['APPROVE'] * count", 60),
        ("[]", 60),
        ("[{'determination': 'PEND', 'rationale': None}] * count", 60),
    ],
)
def test_a_wrong_contestant_has_no_time(guideline, tmp_path, answers, count):
    outcomes = held(guideline, tmp_path, program(PARROT.replace("ANSWERS", answers)))
    wrong = outcomes["other"]
    assert isinstance(wrong, Wrong)
    assert (wrong.count, wrong.of) == (count, 60)
    assert "is right, for" in wrong.example


def test_one_wrong_answer_among_many_is_found(made, tmp_path):
    task = tasks.decisions(made["W4"], tmp_path)
    right = oracle.answers(made["W4"])
    right[17] = right[17][:-1]
    path = tmp_path / "answers.json"
    path.write_text(exact_json.write(right), encoding="utf-8")
    text = PARROT.replace("ANSWERS", f"json.load(open({str(path)!r}))")
    wrong = held(task, tmp_path, program(text))["other"]
    assert isinstance(wrong, Wrong)
    assert wrong.count == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise ValueError('cannot')", "ValueError: cannot"),
        ('input(); print(\'{"refused": "not this table"}\')', "not this table"),
        ("", "without a word"),
    ],
)
def test_a_program_that_ends_or_refuses_says_why(guideline, tmp_path, text, said):
    refused = held(guideline, tmp_path, program(text))["other"]
    assert isinstance(refused, Refused)
    assert said in refused.reason


def test_a_program_that_does_not_answer_is_given_up(guideline, tmp_path):
    silent = program("import sys; sys.stdin.read()")
    rules = Rules(runs=1, limit=0.2)
    refused = contest(guideline, [silent], rules, tmp_path / "logs", lambda _: None)["other"]
    assert refused == Refused("no answer in 0 s")


def test_who_is_missing_or_not_asked_is_named(guideline, tmp_path):
    elsewhere = Contestant(
        "elsewhere", "decisions", (), lambda: None, only=frozenset({"another task"})
    )
    outcomes = held(guideline, tmp_path, program("", "not installed"), elsewhere)
    assert outcomes["other"] == Missing("not installed")
    assert isinstance(outcomes["elsewhere"], NotAsked)


@pytest.mark.parametrize(
    "found",
    [Timed((0.25, 0.125)), Wrong(3, 9, "x"), Refused("r"), Missing("m"), NotAsked("n")],
)
def test_an_outcome_comes_back_from_json(found):
    assert outcome(exact_json.read(exact_json.write(plain(found)))) == found


def test_a_worker_says_what_it_does_not_know():
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.worker", "chain"],
        input='{"do": "dance"}\n',
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "the protocol has no" in ended.stderr
