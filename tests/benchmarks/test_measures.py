"""What a run found: ratios, growth, targets, the report and its drawings."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from benchmarks import crossings, readme, report, short, startup, targets
from benchmarks.contest import Rules
from benchmarks.growing import KINDS
from benchmarks.growth import Curve
from benchmarks.outcomes import Missing, NotAsked, Refused, Timed, Wrong
from benchmarks.results import Results, machine
from benchmarks.roster import CHAIN, FLOORS, MASKS, PYDMN
from benchmarks.startup import Load
from benchmarks.tables import Formula
from benchmarks.workloads import workloads

MICRO = 1e-6
FAST = Timed((1 * MICRO, 2 * MICRO, 9 * MICRO))


@pytest.fixture
def results():
    """Return results with an outcome of each kind."""
    return Results(
        machine={"processor": "a processor", "cores": "2", "Python": "3.11.2"},
        decisions={
            "W1": {
                CHAIN.name: Timed((0.4 * MICRO,)),
                MASKS.name: Timed((0.5 * MICRO,)),
                PYDMN.name: Timed((0.8 * MICRO, 0.9 * MICRO, 7.0 * MICRO)),
                "zen-engine": Timed((7.2 * MICRO,)),
                "KIE Drools DMN": Missing("there is no java"),
                "SpiffWorkflow": Wrong(3, 1_000, "A | B where C is right, for D"),
            },
            "W2_1k": {PYDMN.name: Refused("no answer in 900 s"), "feelin": NotAsked("only W1")},
        },
        lines={"all facts known": {"medpolicy": Timed((50 * MICRO,))}},
        frames={
            "W1 from strings": (1_000_000, {"DuckDB SQL": Timed((0.25, 0.5, 0.2))}),
            "W1 from codes": (1_000_000, {PYDMN.name: Timed((0.0125,))}),
            "CG-SURG-106": (1_000_000, {"medpolicy": Timed((2.0,))}),
        },
        imports=Timed((0.06,)),
        loads={"W1": Load(Timed((0.004,)), 3.0, 5.0), "W2_10k": Refused("more than 600 s")},
        growth=[Curve("load, intervals", {10: 0.1, 100: 9.0}, {1_000: "more than 300 s"})],
    )


def test_results_come_back_from_disk(results, tmp_path):
    results.write(tmp_path / "deep" / "results.json")
    assert Results.read(tmp_path / "deep" / "results.json") == results


def test_the_report_shows_times_and_why_there_are_none(results):
    text = "\n".join(report.report(results))
    for part in (
        "| pydmn | 0.90 (0.80-7.00) | refused |",
        "| pydmn / floor | 2.25 | - |",
        "| zen-engine / pydmn | 8.00 | - |",
        "| KIE Drools DMN | missing |",
        "| SpiffWorkflow | wrong: 3 of 1,000 |",
        "- SpiffWorkflow, W1: wrong in 3 of 1,000, e.g. A | B where C is right, for D",
        "- KIE Drools DMN: missing: there is no java (W1)",
        "- pydmn: refused: no answer in 900 s (W2_1k)",
        "| DuckDB SQL | 4.00 (2.00-5.00) | - | - |",
        "- load, intervals: from 10 to 100 it takes 90.0 times as long, and n log n allows 20.0",
        "- load, intervals, 1,000: more than 300 s",
        "| W1: load to first answer | 4.00 (4.00-4.00) | 3.0 | 5.0 |",
        "| W2_10k: load to first answer | more than 600 s |",
        "| times the floor | 2.25 (≤ 3) | - (≤ 4) |",
        "| import pydmn | ms | **60.00** (≤ 50) |",
    ):
        assert part in text


def test_the_readme_shows_the_results_between_its_marks(results, tmp_path):
    page = tmp_path / "README.md"
    page.write_text(f"# A\n\n{readme.BEGIN}\nold\n{readme.END}\n\n## B\n", encoding="utf-8")
    readme.write(results, page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# A\n\n{readme.BEGIN}\n")
    assert text.endswith(f"{readme.END}\n\n## B\n")
    assert "old" not in text
    for part in (
        "2 cores of a processor, Python 3.11.2",
        "| pydmn | 0.90 (0.80-7.00) | refused |",
        "| DuckDB SQL | 4.00 | - | - |",
        "| pydmn | - | 80.00 | - |",
    ):
        assert part in text
    readme.write(results, page)
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["", readme.BEGIN, readme.END])
def test_a_readme_without_the_marks_is_left_alone(results, tmp_path, text):
    page = tmp_path / "README.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(readme.NoPlace):
        readme.write(results, page)
    assert page.read_text(encoding="utf-8") == text


def test_targets_are_met_missed_or_not_measured(results):
    every = [*targets.decisions(results), *targets.others(results)]
    found = {(each.of, each.what): (each.found, each.limit, each.met) for each in every}
    assert found["W1", "µs"] == ("0.90", "≤ 1", True)
    assert found["W1", "times the floor"] == ("2.25", "≤ 3", True)
    assert found["W1", "times faster than zen-engine"] == ("8.00", "≥ 5", True)
    assert found["W1", "times faster than SpiffWorkflow"] == ("-", "≥ 300", None)
    assert found["W2_1k", "µs"] == ("-", "≤ 1", None)
    assert found["all facts known", "µs a line"] == ("50.00", "≤ 60", True)
    assert found["import pydmn", "ms"] == ("60.00", "≤ 50", False)
    assert found["load W1", "ms"] == ("4.00", "≤ 10", True)
    assert found["load W2_10k", "MB kept"] == ("-", "≤ 30", None)
    assert found["W1 from strings", "million rows a second"] == ("-", "≥ 15", None)
    assert found["W1 from codes", "million rows a second, on one core"] == ("80.00", "≥ 40", True)
    assert found["CG-SURG-106", "million rows a second"] == ("0.50", "≥ 1", False)


def test_a_time_that_is_wrong_gives_no_ratio(results):
    results.decisions["W1"] = {**results.decisions["W1"], PYDMN.name: Wrong(1, 9, "x")}
    assert {each.met for each in targets.decisions(results)} == {None}


# --- forms of index ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS])
def test_every_form_is_right_before_it_is_timed(kind, monkeypatch):
    monkeypatch.setattr(crossings, "TURNS", 1)
    row = crossings.measure(kind, 30)
    assert {"chosen", "masks", "blocks", "floor: chain", "floor: masks"} <= row.keys()
    assert ("keys" in row) == (kind == "equalities")
    text = "\n".join(crossings.lines({kind: {30: row}}))
    assert f"## {kind}" in text
    assert "| 30 | " in text


def test_a_form_that_is_wrong_is_not_timed(monkeypatch):
    monkeypatch.setattr(crossings, "decided", lambda *_: lambda _: "wrong")
    with pytest.raises(crossings.Disagreement, match="intervals 5, blocks"):
        crossings.measure("intervals", 5, ["blocks"])


# --- growth -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grows", "worse"),
    [
        (lambda _: 1.0, 0),
        (lambda n: n, 0),
        (lambda n: n * math.log(n), 0),
        (lambda n: 1.2 * n * math.log(n) if n > 100 else n * math.log(n), 0),
        (lambda n: n**1.5, 3),
        (lambda n: n * n if n > 1_000 else n, 1),
    ],
)
def test_a_curve_is_worse_where_a_step_is_more_than_n_log_n(grows, worse):
    curve = Curve("c", {size: grows(size) for size in (10, 100, 1_000, 10_000)}, {})
    assert len(list(curve.worse())) == worse


# --- the short form ---------------------------------------------------------------------------


@pytest.mark.parametrize(("ratio", "slow"), [(2.0, False), (2.59, False), (2.61, True)])
def test_a_ratio_may_rise_by_thirty_per_cent(ratio, slow):
    assert short.too_slow(ratio, 2.0) is slow


def test_there_is_a_committed_ratio_for_each_workload():
    assert tuple(short.committed()) == short.WORKLOADS


QUICK = Rules(runs=3, seconds=0.001, limit=60.0, warm=0.0, clock="processor")


def test_a_ratio_is_measured_against_the_faster_floor(tmp_path):
    found = short.measured(workloads(records=20, names=["W4"])["W4"], QUICK, under=tmp_path)
    assert found.floor > 0
    assert found.ratio == found.pydmn / found.floor


def test_a_contestant_without_a_time_stops_the_short_form(tmp_path):
    broken = replace(PYDMN, command=("false",))
    with pytest.raises(short.NoRatio, match="W4, pydmn"):
        short.measured(
            workloads(records=20, names=["W4"])["W4"], QUICK, (*FLOORS, broken), tmp_path
        )


# --- fresh processes --------------------------------------------------------------------------


def test_a_load_is_measured_in_a_fresh_process(tmp_path):
    found = startup.load(workloads(records=1, names=["W4"])["W4"], tmp_path, runs=2)
    assert len(found.seconds.runs) == 2
    assert 0 < found.seconds.least < 60
    assert 0 < found.kept <= found.peak < 500


def test_a_load_that_fails_or_lasts_says_so(tmp_path):
    workload = workloads(records=1, names=["W4"])["W4"]
    with pytest.raises(startup.NotLoaded, match="more than 0 s"):
        startup.load(workload, tmp_path, runs=1, limit=0.01)
    broken = Formula("sum", ("score",), {"FEEL": "score +"})
    with pytest.raises(startup.NotLoaded, match="ModelError"):
        startup.load(replace(workload, steps=(broken,)), tmp_path, runs=1)


def test_an_import_is_measured_beyond_a_bare_python():
    assert len(startup.imports("decimal", runs=3).runs) == 3


def test_the_machine_is_told():
    assert {"processor", "cores", "Python", "zen-engine", "Java", "node"} <= machine().keys()


# --- drawings ---------------------------------------------------------------------------------


def test_the_drawings_are_the_same_bytes_each_time(results, tmp_path):
    plots = pytest.importorskip("benchmarks.plots", reason="needs the extra `bench`")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        plots.write(results, tmp_path / name)
    for drawing in ("results.svg", "growth.svg"):
        first, second = ((tmp_path / name / drawing).read_bytes() for name in ("one", "two"))
        assert first == second
        assert b"<svg" in first
        assert b" \n" not in first
    assert b"zen-engine" in (tmp_path / "one" / "results.svg").read_bytes()
