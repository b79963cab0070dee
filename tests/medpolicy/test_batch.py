"""Files of claim lines: the answers of `determine`, whatever the file's form."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from claims_files import read, rows_of, schema_of, write
from pyarrow import parquet

import medpolicy
from medpolicy import batch, cli
from medpolicy.batch import claims

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "policies" / "cg-surg-106"
COLUMNS = ["request_id", "line_id", "disposition", "criteria_result", "criterion", "missing",
           "flags"]  # fmt: skip


@pytest.fixture(scope="module")
def policy():
    return medpolicy.load(POLICY)


@pytest.fixture(scope="module")
def requests(policy):
    """The requests of the policy's own cases that can be read, each with an id of its own."""
    found = []
    for path in sorted((POLICY / "cases").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            request = {**case["request"], "id": f"r{len(found)}"}
            try:
                policy.determine(request)
            except medpolicy.MedpolicyError:
                continue
            found.append(request)
    return found


def expected(policy, requests):
    """Return the rows that `determine` gives for requests."""
    found = []
    for request in requests:
        answer = policy.determine(request).to_dict()
        for line in answer["lines"]:
            named = [each["criterion"] for each in line["reasons"] if each["criterion"]]
            found.append(
                {
                    "request_id": request["id"],
                    "line_id": line["id"],
                    "disposition": line["disposition"],
                    "criteria_result": line["criteria_result"],
                    "criterion": named[0] if named else None,
                    "missing": [each["fact"] for each in line["missing"]],
                    "flags": line["flags"],
                }
            )
    return found


@pytest.mark.parametrize("source", ["c.parquet", "c.csv", "c.jsonl"])
@pytest.mark.parametrize("target", ["d.parquet", "d.csv", "d.jsonl"])
def test_every_form_gives_the_answers_of_determine(
    policy, requests, tmp_path, source, target, monkeypatch
):
    monkeypatch.setattr(claims, "ROWS", 7)  # requests go across batches
    asked = requests[::9]
    rows = [row for request in asked for row in rows_of(request, policy.facts)]
    summary = batch.run(policy, write(tmp_path / source, rows, policy), tmp_path / target)
    found = read(tmp_path / target)
    assert list(found[0]) == COLUMNS
    assert found == expected(policy, asked)
    assert (summary.rows, summary.lines, summary.rejected) == (len(rows), len(rows), 0)
    assert sum(summary.outcomes.values()) == len(rows)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([source, target])


def test_all_cases(policy, requests, tmp_path):
    rows = [row for request in requests for row in rows_of(request, policy.facts)]
    batch.run(policy, write(tmp_path / "c.parquet", rows, policy, dates=False), tmp_path / "d.csv")
    assert read(tmp_path / "d.csv") == expected(policy, requests)


def bad_rows(policy, requests):
    """Return rows of which some are bad, and what is said of those by number."""
    good = [next(rows_of(request, policy.facts)) for request in requests[:6]]
    several = [{**good[0], "request_id": "several", "line_id": str(n)} for n in range(3)]
    rows = [
        good[1],
        {**good[2], "code": "1"},
        {**several[0]},
        {**several[1], "system": "ICD"},
        {**several[2]},
        {**good[3], "service_date": None},
        {**good[4], next(iter(policy.facts)): "no such value"},
        {**several[0], "request_id": "unlike"},
        {**several[1], "request_id": "unlike", "plan": "another"},
        good[5],
    ]
    said = {2: "code", 4: "system", 6: "service_date", 7: next(iter(policy.facts)), 9: "plan"}
    return rows, said


@pytest.mark.parametrize("name", ["c.csv", "c.jsonl"])
def test_a_bad_row_is_refused_alone(policy, requests, tmp_path, name):
    rows, said = bad_rows(policy, requests)
    target = tmp_path / "out.parquet"
    summary = batch.run(policy, write(tmp_path / name, rows, policy), target)
    refused = read(tmp_path / "out.rejects.jsonl")
    assert [each["row"] for each in refused] == sorted(said)
    assert all(said[each["row"]] in each["reason"] for each in refused)
    assert (summary.rows, summary.lines, summary.rejected) == (10, 5, 5)
    ids = [(row["request_id"], row["line_id"]) for row in read(target)]
    wanted = [rows[n - 1] for n in (1, 3, 5, 8, 10)]
    assert ids == [(row["request_id"], row["line_id"]) for row in wanted]
    assert "no such value" not in (tmp_path / "out.rejects.jsonl").read_text(encoding="utf-8")


def test_lines_that_are_no_json(policy, requests, tmp_path):
    good = json.dumps(next(rows_of(requests[0], policy.facts)))
    source = tmp_path / "c.jsonl"
    source.write_text(f'{good}\n{{"request_id": \n[]\n{{"sit": 1}}\n', encoding="utf-8")
    summary = batch.run(policy, source, tmp_path / "d.jsonl")
    refused = read(tmp_path / "d.rejects.jsonl")
    assert [each["row"] for each in refused] == [2, 3, 4]
    assert summary.lines == 1


def test_rejects_of_a_run_before_do_not_stay(policy, requests, tmp_path):
    rows, _ = bad_rows(policy, requests)
    target = tmp_path / "d.csv"
    batch.run(policy, write(tmp_path / "c.csv", rows, policy), target)
    assert (tmp_path / "d.rejects.jsonl").exists()
    batch.run(policy, write(tmp_path / "c.csv", rows[:1], policy), target)
    assert not (tmp_path / "d.rejects.jsonl").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop_columns(["code"]), "the column `code` is missing"),
        (lambda table: table.rename_columns({"site": "sit"}), "did you mean `site`"),
        (
            lambda table: table.set_column(0, "request_id", pa.array([1] * len(table))),
            "the column `request_id` is of type int64, not string",
        ),
        (
            lambda table: table.set_column(
                table.column_names.index("symptomatic"), "symptomatic", pa.array(["x"] * len(table))
            ),
            "the column `symptomatic` is of type string, not boolean",
        ),
        (
            lambda table: table.set_column(
                table.column_names.index("diagnoses"), "diagnoses", pa.array([[1]] * len(table))
            ),
            "the column `diagnoses` is of type list",
        ),
    ],
)
def test_columns_are_judged_before_anything_is_answered(
    policy, requests, tmp_path, change, message
):
    source = write(tmp_path / "c.parquet", list(rows_of(requests[0], policy.facts)), policy)
    parquet.write_table(change(parquet.read_table(source)), source)
    with pytest.raises(medpolicy.RequestError, match=message):
        batch.run(policy, source, tmp_path / "d.parquet")
    assert [each.name for each in tmp_path.iterdir()] == ["c.parquet"]


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("c.xlsx", "d.csv", "no kind of file"),
        ("c.csv", "d.txt", "no kind of file"),
        ("c.csv", "c.csv", "read and written"),
        ("c.csv", "no/d.csv", "no such folder"),
        ("empty.csv", "d.csv", "is no CSV file"),
        ("text.parquet", "d.csv", "is no Parquet file"),
    ],
)
def test_files_that_cannot_be(policy, tmp_path, source, target, message):
    (tmp_path / "c.csv").write_text("request_id\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    (tmp_path / "text.parquet").write_text("text", encoding="utf-8")
    with pytest.raises(medpolicy.RequestError, match=message):
        batch.run(policy, tmp_path / source, tmp_path / target)
    assert not (tmp_path / "d.csv").exists()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: b"text", "is no Parquet file"),
        (lambda data: data[:-100], "is no Parquet file"),
        (lambda data: data[:100] + bytes(each ^ 90 for each in data[100:600]) + data[600:],
         "the file is damaged"),
    ],
    ids=["another", "cut", "changed"],
)  # fmt: skip
def test_a_file_that_is_no_parquet_is_said_by_name(
    policy, requests, tmp_path, capsys, damage, said
):
    rows = [row for request in requests for row in rows_of(request, policy.facts)]
    source = write(tmp_path / "claims.parquet", rows, policy)
    source.write_bytes(damage(source.read_bytes()))
    target = tmp_path / "determinations.parquet"
    assert cli.main(["batch", str(POLICY), str(source), "-o", str(target)]) == cli.BAD_INPUT
    error = capsys.readouterr().err
    assert f"{source}: {said}" in error
    assert "Traceback" not in error
    assert [each.name for each in tmp_path.iterdir()] == ["claims.parquet"]


def test_the_command(policy, requests, tmp_path, capsys):
    rows = [row for request in requests[:40] for row in rows_of(request, policy.facts)]
    source = write(tmp_path / "claims.parquet", rows, policy)
    target = tmp_path / "determinations.parquet"
    assert cli.main(["batch", str(POLICY), str(source), "-o", str(target)]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0].split() == ["disposition", "criterion", "lines"]
    assert said.out.splitlines()[-1] == (f"{len(rows)} rows: {len(rows)} lines answered, 0 refused")
    assert said.err == ""
    assert read(target) == expected(policy, requests[:40])


def test_an_interrupted_run_leaves_nothing(policy, requests, tmp_path):
    """Rows come by a pipe, so that the run waits for more when it is interrupted."""
    os.mkfifo(tmp_path / "claims.jsonl")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "medpolicy", "batch", str(POLICY), str(tmp_path / "claims.jsonl"),
         "-o", str(tmp_path / "d.csv")],
        env=environment, stderr=subprocess.PIPE,
    )  # fmt: skip
    with (tmp_path / "claims.jsonl").open("w", encoding="utf-8") as pipe:
        pipe.write(json.dumps(next(rows_of(requests[0], policy.facts))) + "\n")
        pipe.flush()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == cli.INTERRUPTED
    assert b"Traceback" not in said
    assert [each.name for each in tmp_path.iterdir()] == ["claims.jsonl"]


def test_a_table_is_answered_without_files(policy, requests):
    asked = requests[::5]
    rows = [row for request in asked for row in rows_of(request, policy.facts)]
    rows[3] = {**rows[3], "code": "1"}
    table = pa.Table.from_pylist(rows, schema_of(policy, dates=False))
    found = batch.answer(policy, table)
    refused = (rows[3]["request_id"], rows[3]["line_id"])
    assert found.answers.to_pylist() == [
        row for row in expected(policy, asked) if (row["request_id"], row["line_id"]) != refused
    ]
    assert [(each.row, each.request_id, each.line_id) for each in found.rejects] == [(4, *refused)]
    with pytest.raises(medpolicy.RequestError, match="the table: the column `code` is missing"):
        batch.answer(policy, table.drop_columns(["code"]))
