"""The workloads are the same for one seed, and what their names say."""

from __future__ import annotations

import hashlib
import random
from decimal import Decimal

import pytest

from benchmarks import exact_json, oracle, tables
from benchmarks.medical_services import CLASSES, PLACES, PLANS, medical_services
from benchmarks.tables import Table, Workload
from benchmarks.workloads import NAMES, SEED, code_table, intervals, workloads


@pytest.fixture(scope="module")
def made():
    """Return every workload, with few records."""
    return workloads(records=50)


def digest(workload: Workload) -> str:
    """Return what identifies a workload with its records."""
    return hashlib.sha256(repr((workload.steps, workload.records)).encode()).hexdigest()


def test_one_seed_gives_the_same_workloads_and_another_gives_others(made):
    again = workloads(records=50)
    other = workloads(SEED + 1, records=50)
    assert tuple(made) == NAMES
    for name, workload in made.items():
        assert digest(workload) == digest(again[name])
        assert digest(workload) != digest(other[name])


def test_more_records_begin_with_the_same(made):
    more = workloads(records=60, names=["W1"])
    assert list(more) == ["W1"]
    assert more["W1"].records[:50] == made["W1"].records


def test_no_two_records_are_alike(made):
    for workload in made.values():
        assert len({exact_json.write(record) for record in workload.records}) == 50


@pytest.mark.parametrize(
    ("name", "rules", "hit"),
    [
        ("W1", [20], "FIRST"),
        ("W2_1k", [1_000], "UNIQUE"),
        ("W2_10k", [10_000], "UNIQUE"),
        ("W3_100", [100], "FIRST"),
        ("W3_1k", [1_000], "FIRST"),
        ("W4", [100], "COLLECT"),
        ("W5", [9, 7, 5], "FIRST"),
        ("Medical Services", [16_369], "UNIQUE"),
    ],
)
def test_the_tables_have_the_size_that_is_told(made, name, rules, hit):
    found = [step for step in made[name].steps if isinstance(step, Table)]
    assert [len(table.rules) for table in found] == rules
    assert {table.hit for table in found} == {hit}


def test_records_hold_strings_integers_and_decimals(made):
    kinds = {
        type(value)
        for workload in made.values()
        for record in workload.records
        for value in record.values()
    }
    assert kinds == {str, int, Decimal, list}


def test_about_half_of_the_flags_hit(made):
    counts = [len(found) for found in oracle.answers(made["W4"])]
    assert 40 <= sum(counts) / len(counts) <= 60


def test_a_workload_comes_back_from_disk(made, tmp_path):
    for name in ("W1", "W2_1k", "W3_100", "W4", "W5"):
        workload = made[name]
        tables.save(workload, tmp_path / "w.json")
        back = tables.load(tmp_path / "w.json")
        assert digest(back) == digest(workload)
        assert back.steps == workload.steps


def test_every_way_to_give_a_service_has_exactly_one_rule():
    stream = random.Random(7)
    (step,), _ = medical_services(stream, rules=33, codes=3)
    assert isinstance(step, Table)
    services = {rule.cells[0].values[0] for rule in step.rules}
    sides = [
        sorted(services),
        CLASSES,
        PLANS,
        PLACES,
        cuts(step, 4),
        cuts(step, 5),
    ]
    for _ in range(2_000):
        values = [stream.choice(side) for side in sides]
        hits = [rule for rule in step.rules if all(map(oracle.passes, rule.cells, values))]
        assert len(hits) == 1, values


def cuts(table, column):
    """Return the ends of a numeric column's intervals, where a gap or an overlap would begin."""
    found = {0}
    for rule in table.rules:
        if rule.cells[column] is not None:
            found |= {rule.cells[column].low, rule.cells[column].high - 1}
    return sorted(found)


@pytest.mark.parametrize("count", [10, 1_000, 5_000, 30_000])
def test_a_code_table_of_any_size_has_that_many_pairs(count):
    (table,), _ = code_table(random.Random(1), count)
    assert len({rule.cells for rule in table.rules}) == count


@pytest.mark.parametrize("count", [10, 1_000])
def test_intervals_are_never_empty(count):
    (table,), _ = intervals(random.Random(1), count)
    assert all(cell.low < cell.high for rule in table.rules for cell in rule.cells)
