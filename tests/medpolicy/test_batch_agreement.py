"""Batches by columns against `determine`, line by line.

Lines are drawn from a policy's own codes and facts, in requests of one to four, some with a row
that cannot be read, so that all paths are taken. What is expected of a request is what reading
it as JSON and determining it gives, by a policy that remembers nothing.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from claims_files import read, rows_of, schema_of, write

import medpolicy
from medpolicy import batch
from medpolicy.batch import claims, tables
from medpolicy.batch.coding import Codes, Flags
from medpolicy.batch.output import schema

POLICIES = Path(__file__).resolve().parents[2] / "policies"
REQUESTS = 4_200
"""Some 10,500 lines a policy."""


def row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no row be good enough for columns: each is read as a request is."""

    def none_good(_: object, __: int, chunk: claims.Chunk, ___: Codes) -> tuple[pa.Table, Flags]:
        return schema().empty_table(), np.zeros(len(chunk), np.bool_)

    monkeypatch.setattr(tables.Answering, "_version", none_good)


def asked(policy: medpolicy.Policy, count: int, seed: str) -> list[dict[str, Any]]:
    """Return requests; what they ask leans towards what the policy has rules for."""
    chance = random.Random(seed)
    lines = [
        line
        for path in sorted((policy.folder / "cases").glob("*.json"))
        for case in json.loads(path.read_text(encoding="utf-8"))
        if "lines" in case.get("expect", {})
        for line in case["request"]["lines"]
    ]
    plans = [(row.plan, row.line_of_business, row.state) for row in policy.adoption]
    plans += [("example-mandate-plan", "commercial", "CA"), ("unknown", "medicare", None)]
    return [_request(policy, chance, f"r{number}", lines, plans) for number in range(count)]


def _request(
    policy: medpolicy.Policy,
    chance: random.Random,
    id_: str,
    lines: list[dict[str, Any]],
    plans: list[tuple[str, str, str | None]],
) -> dict[str, Any]:
    plan, business, state = chance.choice(plans)
    day = date(2019, 6, 1) + timedelta(chance.randrange(2_600))
    born = day - timedelta(chance.choice((0, 365, 6_570, 6_574, 6_575, 7_670, 7_671, 25_000)))
    return {
        "id": id_,
        "service_date": day.isoformat(),
        "member": {"birth_date": born.isoformat()} if chance.random() < 0.9 else {},
        "plan": {"name": plan, "line_of_business": business, "state": state or "MO"},
        "lines": [
            _line(policy, chance, str(each), chance.choice(lines))
            for each in range(chance.choice((1, 2, 3, 4)))
        ],
    }


def _line(
    policy: medpolicy.Policy, chance: random.Random, id_: str, like: dict[str, Any]
) -> dict[str, Any]:
    diagnoses = [*(like.get("diagnoses") or ())]
    diagnoses += chance.sample(["I10", "n186", "G93.2", "A99.99", "I26.93", "Q21.14", "G47.33"], 1)
    facts = dict(like.get("facts") or {})
    for fact in policy.facts.values():
        draw = chance.random()
        if draw < 0.15:
            facts.pop(fact.name, None)
        elif draw < 0.4:
            facts[fact.name] = _value(chance, fact)
    return {
        "id": id_,
        "procedure": like["procedure"],
        "diagnoses": chance.sample(diagnoses, chance.randrange(len(diagnoses) + 1)),
        "facts": facts,
    }


def _value(chance: random.Random, fact: Any) -> Any:
    if fact.type == "boolean":
        return chance.random() < 0.5
    if fact.type == "number":
        return chance.choice((0, 4.5, 5, 10, 14, 14.25, 15, 29, 30, 100))
    return chance.choice(fact.allowed)


def spoilt(chance: random.Random, row: dict[str, Any], policy: medpolicy.Policy) -> dict[str, Any]:
    """Return a row that cannot be read, or not as part of its request."""
    fact = chance.choice([each for each in policy.facts.values() if each.type == "string"])
    return row | chance.choice(
        (
            {"code": "1"}, {"system": "ICD"}, {"service_date": None}, {"plan": " "},
            {"diagnoses": ["I10", "no code"]}, {fact.name: "no such value"}, {"state": "mo"},
            {"line_id": ""}, {"line_id": "0"}, {"birth_date": "2999-01-01"}, {"request_id": None},
        )
    )  # fmt: skip


@pytest.fixture(scope="module", params=["cg-surg-106", "ncd-240-4"])
def policy(request: pytest.FixtureRequest) -> medpolicy.Policy:
    return medpolicy.load(POLICIES / request.param)


@pytest.fixture(scope="module")
def requests(policy: medpolicy.Policy) -> list[dict[str, Any]]:
    return asked(policy, REQUESTS, policy.metadata.id)


def exact(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its floats as decimals, as Arrow's columns of them want it."""
    return {k: Decimal(str(v)) if isinstance(v, float) else v for k, v in row.items()}


def test_every_line_has_the_answer_that_determine_gives(
    policy: medpolicy.Policy, requests: list[dict[str, Any]]
) -> None:
    rows = [row for request in requests for row in rows_of(request, policy.facts)]
    assert len(rows) > 10_000
    table = pa.Table.from_pylist(list(map(exact, rows)), schema_of(policy, dates=False))
    found = batch.answer(policy, table)
    assert not found.rejects
    fresh = medpolicy.load(policy.folder)
    expected = [
        _row(request["id"], line)
        for request in requests
        for line in fresh.determine(request).to_dict()["lines"]
    ]
    assert found.answers.to_pylist() == expected


def test_determine_is_what_going_through_all_cases_finds(
    policy: medpolicy.Policy, requests: list[dict[str, Any]]
) -> None:
    """With a trace nothing is kept, and no two lines are taken to be alike."""
    for request in requests[:250]:
        kept = policy.determine(request)
        anew = policy.determine(request, trace=True)
        assert kept.lines == tuple(replace(line, trace=None) for line in anew.lines)


@pytest.mark.parametrize("name", ["c.parquet", "c.csv", "c.jsonl"])
def test_bad_rows_among_good_ones(
    policy: medpolicy.Policy,
    requests: list[dict[str, Any]],
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Row by row, as requests are read, the same is answered and refused."""
    chance = random.Random(f"{policy.metadata.id} {name}")
    rows = [row for request in requests[:400] for row in rows_of(request, policy.facts)]
    rows = [spoilt(chance, row, policy) if chance.random() < 0.1 else row for row in rows]
    if name == "c.parquet":
        rows = list(map(exact, rows))
    elif name == "c.csv":
        rows = [row for row in rows if row["diagnoses"] is not None]
    source = write(tmp_path / name, rows, policy, dates=False)
    monkeypatch.setattr(claims, "ROWS", 97)
    by_columns = batch.run(policy, source, tmp_path / "columns.parquet")
    row_by_row(monkeypatch)
    by_rows = batch.run(policy, source, tmp_path / "rows.parquet")
    assert by_columns == by_rows
    assert by_columns.rejected > 50
    assert read(tmp_path / "columns.parquet") == read(tmp_path / "rows.parquet")
    refused = [(tmp_path / f"{each}.rejects.jsonl").read_text() for each in ("columns", "rows")]
    assert refused[0] == refused[1]


def test_a_request_without_an_end_is_refused(
    policy: medpolicy.Policy, requests: list[dict[str, Any]], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    first, second = (next(rows_of(request, policy.facts)) for request in requests[:2])
    long = [{**first, "request_id": "long", "line_id": str(each)} for each in range(50)]
    rows = list(map(exact, [first, *long, second]))
    monkeypatch.setattr(claims, "ROWS", 7)
    monkeypatch.setattr(claims, "MOST_LINES", 20)
    monkeypatch.setattr(tables, "MOST_LINES", 20)
    source = write(tmp_path / "c.parquet", rows, policy, dates=False)
    summary = batch.run(policy, source, tmp_path / "d.parquet")
    assert (summary.lines, summary.rejected) == (2, 50)
    refused = read(tmp_path / "d.rejects.jsonl")
    assert [each["row"] for each in refused] == list(range(2, 52))
    assert {each["reason"].partition(":")[0] for each in refused} == {"request_id"}
    assert all("more than 10,000 lines" in each["reason"] for each in refused)


def test_a_line_of_json_that_is_too_long_is_refused(
    policy: medpolicy.Policy, requests: list[dict[str, Any]], tmp_path: Path
) -> None:
    rows = [next(rows_of(request, policy.facts)) for request in requests[:2]]
    lines = [json.dumps(row) for row in rows]
    too_long = json.dumps({**rows[0], "diagnoses": ["I10"] * 300_000})
    source = tmp_path / "c.jsonl"
    source.write_text("\n".join([lines[0], too_long, lines[1]]), encoding="utf-8")
    summary = batch.run(policy, source, tmp_path / "d.parquet")
    assert (summary.rows, summary.lines, summary.rejected) == (3, 2, 1)
    (refused,) = read(tmp_path / "d.rejects.jsonl")
    assert refused["row"] == 2
    assert refused["reason"] == "the line has more than 1,048,576 bytes"


@pytest.mark.parametrize(
    ("name", "type_", "wanted"),
    [
        ("service_date", pa.timestamp("us", "UTC"), "date"),
        ("service_date", pa.int32(), "date"),
        ("birth_date", pa.timestamp("ms"), "date"),
        ("diagnoses", pa.list_(pa.int8()), "list of strings"),
        ("code", pa.int64(), "string"),
        ("plan", pa.binary(), "string"),
    ],
)
def test_columns_of_another_type_are_named(
    policy: medpolicy.Policy, requests: list[dict[str, Any]], name: str, type_: Any, wanted: str
) -> None:
    rows = list(map(exact, rows_of(requests[0], policy.facts)))
    table = pa.Table.from_pylist(rows, schema_of(policy, dates=False))
    place = table.column_names.index(name)
    table = table.set_column(place, name, pa.nulls(len(rows), type_))
    message = f"the table: the column `{name}` is of type {type_}, not {wanted}"
    with pytest.raises(medpolicy.RequestError, match=re.escape(message)):
        batch.answer(policy, table)


def test_days_that_python_lacks_are_refused(
    policy: medpolicy.Policy, requests: list[dict[str, Any]]
) -> None:
    rows = [exact(next(rows_of(request, policy.facts))) for request in requests[:2]]
    table = pa.Table.from_pylist(rows, schema_of(policy, dates=False))
    far = pa.array([4_000_000, 18_262], pa.int32()).cast(pa.date32())
    table = table.set_column(table.column_names.index("service_date"), "service_date", far)
    table = table.set_column(
        table.column_names.index("birth_date"), "birth_date", pa.nulls(2, pa.date32())
    )
    found = batch.answer(policy, table)
    assert [(each.row, each.problem.where) for each in found.rejects] == [(1, "service_date")]
    assert found.answers["request_id"].to_pylist() == [rows[1]["request_id"]]


def _row(id_: str, line: dict[str, Any]) -> dict[str, Any]:
    named = [each["criterion"] for each in line["reasons"] if each["criterion"]]
    return {
        "request_id": id_,
        "line_id": line["id"],
        "disposition": line["disposition"],
        "criteria_result": line["criteria_result"],
        "criterion": named[0] if named else None,
        "missing": [each["fact"] for each in line["missing"]],
        "flags": line["flags"],
    }


def test_each_request_is_answered_by_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By columns as row by row, for dates around the change, in all orders of versions."""
    versioned = medpolicy.load(POLICIES / "ncd-210-14")
    versions = versioned.versions
    chance = random.Random("versions")
    plans = [(row.plan, row.line_of_business) for row in versions[0].adoption]
    days = ["2021-05-05", "2022-02-09", "2022-02-10", "2023-05-05", None]
    rows = []
    for number in range(300):
        plan, business = chance.choice(plans)
        common = {
            "request_id": f"r{number}" if number % 7 else "r", "plan": plan,
            "line_of_business": business, "state": chance.choice(["MO", "FL"]),
            "service_date": chance.choice(days[:4]), "birth_date": "1960-06-01",
            "request_date": chance.choice(days), "processing_date": chance.choice(days),
        }  # fmt: skip
        for each in range(chance.choice((1, 1, 2))):
            facts = {
                name: _value(chance, fact) if chance.random() < likely else None
                for name, fact in versioned.facts.items()
                if fact.type != "number"
                for likely in [0.7 if all(name in each.facts for each in versions) else 0.01]
            }
            line = {"line_id": str(each), "system": "HCPCS", "code": "G0297", "diagnoses": []}
            rows.append({**common, **line, **facts})
    source = write(tmp_path / "c.jsonl", rows, versioned)
    by_columns = batch.run(versioned, source, tmp_path / "columns.jsonl")
    row_by_row(monkeypatch)
    assert by_columns == batch.run(versioned, source, tmp_path / "rows.jsonl")
    assert by_columns.lines > 100
    for name in ("{}.jsonl", "{}.rejects.jsonl"):
        found = [(tmp_path / name.format(each)).read_text() for each in ("columns", "rows")]
        assert found[0] == found[1]
