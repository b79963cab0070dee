"""Frames of the benchmark's workloads, held against its oracle, which knows no FEEL."""

from __future__ import annotations

import random

import polars as pl
import pytest

import pydmn
from benchmarks import exact_json, oracle
from benchmarks.dmn_text import dmn
from benchmarks.tables import Workload
from benchmarks.workloads import chain, code_table, flags, guideline, intervals

RECORDS = 20_000
MADE = {
    "W1": guideline,
    "W2": lambda stream: code_table(stream, 1_000),
    "W3": lambda stream: intervals(stream, 100),
    "W4": lambda _: flags(),
    "W5": lambda _: chain(),
}


def made(name, different):
    """Return a workload whose records, so many different ones, come again and again."""
    stream = random.Random(20_240_501)  # noqa: S311  the same records in each run
    steps, draw = MADE[name](stream)
    few = [draw(stream) for _ in range(different)]
    return Workload(name, steps, tuple(stream.choices(few, k=RECORDS)))


def answers(workload):
    """Return the oracle's answers; records that are alike are asked once."""
    known = {}
    for record in workload.records:
        text = exact_json.write(record)
        if text not in known:
            known[text] = oracle.answer(workload, record)
        yield known[text]


@pytest.mark.parametrize(
    ("name", "different", "path"),
    [
        ("W1", RECORDS, "columnar"),
        ("W2", RECORDS, "columnar"),
        ("W3", RECORDS, "columnar"),
        ("W4", RECORDS, "columnar"),
        ("W5", RECORDS, "columnar"),
    ],
)
def test_every_row_has_the_oracles_answer(name, different, path):
    workload = made(name, different)
    asked = workload.asked.name
    model = pydmn.load(dmn(workload))
    result = model.evaluate_frame(asked, pl.DataFrame(workload.records))
    assert result.frame[asked].to_list() == list(answers(workload))
    assert result.path == path
