"""Frames: every row is answered as the record is, on tables and models of many kinds."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_tables import VALUES, expected, loaded, tables

import pydmn
from pydmn import tck
from pydmn.errors import InputError, LimitExceeded, NotColumnar

# --- random tables --------------------------------------------------------------------

TYPES = {"number": pl.Decimal(38, 2), "string": pl.String, "boolean": pl.Boolean}
LISTS = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")
"""Their default is no list, so that no column holds both: see the test of mixed answers."""


@settings(max_examples=200)
@given(tables(), st.randoms(use_true_random=False))
def test_a_table_answers_as_its_cells_and_its_policy_say(drawn, chance):
    assume(not drawn["default"] or drawn["policy"] not in LISTS)
    kinds = {f"i{n}": kind for n, kind in enumerate(drawn["kinds"])}
    rows = [
        {
            **{name: chance.choice(VALUES[kind]) for name, kind in kinds.items()},
            "y": chance.choice((1, None)),
            "s": chance.choice(("a", "b")),
        }
        for _ in range(40)
    ]
    types = {name: TYPES[kind] for name, kind in {**kinds, "y": "number", "s": "string"}.items()}
    frame = pl.DataFrame(rows, types)
    result = loaded(drawn).evaluate_frame("D", frame, hits=True)
    assert result.path == "columnar"
    assert result.frame["D"].to_list() == [expected(drawn, row) for row in rows]


@settings(max_examples=50)
@given(tables(), st.randoms(use_true_random=False))
def test_the_rules_hit_are_those_of_the_record(drawn, chance):
    assume(not drawn["default"] or drawn["policy"] not in LISTS)
    kinds = {f"i{n}": kind for n, kind in enumerate(drawn["kinds"])}
    rows = [
        {
            **{name: chance.choice(VALUES[kind]) for name, kind in kinds.items()},
            "y": 1,
            "s": "a",
        }
        for _ in range(10)
    ]
    types = {name: TYPES[kind] for name, kind in {**kinds, "y": "number", "s": "string"}.items()}
    found = loaded(drawn)
    result = found.evaluate_frame("D", pl.DataFrame(rows, types), hits=True)
    decide = found.decision("D")
    assert result.frame["D: rules"].to_list() == [
        list(decide.evaluate(row).trace.hits[-1].rules) for row in rows
    ]


# --- the conformance kit --------------------------------------------------------------


def column(name: str, values: list[Any]) -> pl.Series | None:
    """Return values of the host as a column; None where polars has no type for them."""
    scale = max((scale_of(value) for value in values), default=0)
    try:
        if any(isinstance(value, Decimal) for value in values):
            return pl.Series(name, values, pl.Decimal(38, scale), strict=True)
        return pl.Series(name, values, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return None


def scale_of(value: Any) -> int:
    if not isinstance(value, Decimal):
        return 0
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def bare(value: Any) -> Any:
    """Return a value without entries that are null: a struct does not tell them from absent."""
    if isinstance(value, dict):
        return {name: bare(each) for name, each in value.items() if each is not None}
    return [bare(each) for each in value] if isinstance(value, list) else value


def cases_of(folder: Path) -> dict[str, list[tck.Case]]:
    """Return the cases of a folder by the name of their model."""
    found: dict[str, list[tck.Case]] = {}
    for path in sorted(folder.glob("*-test-*.xml")):
        name, cases = tck.read_cases(path, folder.name)
        found.setdefault(name, []).extend(cases)
    return found


@pytest.mark.parametrize("part", range(4))
def test_the_kits_columnar_decisions_answer_as_records_do(tck_folder, part):
    chance = random.Random(part)  # noqa: S311  the same questions in each run
    asked = 0
    folders = sorted({each.parent for each in Path(tck_folder).glob("*/*/*-test-*.xml")})
    for folder in folders[part::4]:
        for name, cases in cases_of(folder).items():
            try:
                found = pydmn.load(folder / name, functions=tck.JAVA)
            except pydmn.PydmnError:
                continue
            rows = [case.inputs for case in cases]
            rows += [{key: None for key in row if chance.random() < 0.5} | {} for row in rows[:20]]
            names = dict.fromkeys(key for row in rows for key in row)
            columns = [column(key, [row.get(key) for row in rows]) for key in names]
            if None in [each is not None or None for each in columns]:
                continue
            frame = pl.DataFrame(columns) if columns else pl.DataFrame({"": [None] * len(rows)})
            for decision_name in found.names:
                asked += agrees(found, decision_name, frame)
    assert asked > 100


def agrees(found: pydmn.Model, name: str, frame: pl.DataFrame) -> bool:
    """Say whether a decision is columnar; fail where a row's answer is not its record's."""
    try:
        decide = found.decision(name)
        answers = found.evaluate_frame(name, frame).frame[name].to_list()
    except (NotColumnar, InputError, LimitExceeded, pydmn.ModelError):
        return False
    for row, answer in zip(frame.iter_rows(named=True), answers, strict=True):
        assert bare(answer) == bare(decide(row)), (found.definitions.name, name, row)
    return True
