"""A claims file on a cluster: what the local run gives on the same file, whatever happens."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event

import pyarrow as pa
import pytest
from pyarrow import parquet

import medpolicy
from benchmarks import claims
from medpolicy import batch, cli
from medpolicy.batch import pieces, session
from medpolicy.batch import spark as module

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "policies" / "cg-surg-106"
LINES = 150
PATIENCE = 60.0


@pytest.fixture(scope="module")
def policy():
    return medpolicy.load(POLICY)


@pytest.fixture(scope="module")
def given(policy, tmp_path_factory):
    """A folder with one claims file in every form, and what the local run makes of each.

    Some rows cannot be read, in the ways that a form has. A summary stands in a file too.
    """
    folder = tmp_path_factory.mktemp("claims")
    table = pa.Table.from_batches(claims.batches(claims.shape_of(policy, 1), LINES, 1))
    codes = table["code"].to_pylist()
    for row in (4, 5, 100, LINES - 1):
        codes[row] = ""
    table = table.set_column(table.column_names.index("code"), "code", pa.array(codes))
    parquet.write_table(table, folder / "c.parquet", row_group_size=50)
    rows = [
        {name: str(value) if value is not None and name.endswith("_date") else value
         for name, value in row.items()}
        for row in table.to_pylist()
    ]  # fmt: skip
    with (folder / "c.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, table.column_names)
        writer.writeheader()
        writer.writerows({**row, "diagnoses": ";".join(row["diagnoses"])} for row in rows)
    lines = [json.dumps(row) for row in rows]
    for row in (3, 77, 140):
        lines.insert(row, '{"request_id": ')
    (folder / "c.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for ending in ("parquet", "csv", "jsonl"):
        summary = batch.run(policy, folder / f"c.{ending}", folder / f"local-{ending}.jsonl")
        (folder / f"{ending}.txt").write_text(summary.render(), encoding="utf-8")
    return folder


@pytest.fixture
def small(monkeypatch):
    """Small pieces, so that a small file has many."""
    monkeypatch.setattr(pieces, "ROWS", 11)
    monkeypatch.setattr(pieces, "OCTETS", 3_000)


def parts(target):
    found = sorted(target.iterdir())
    assert [each.stem for each in found] == [f"part-{number:05}" for number in range(len(found))]
    return found


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_answers_rejects_and_summary_are_those_of_the_local_run(
    spark, policy, given, tmp_path, ending
):
    target = tmp_path / "out.jsonl"
    told = []
    summary = batch.run_on_spark(spark, policy, given / f"c.{ending}", target, progress=told.append)
    assert len(parts(target)) > 5
    answers = "".join(part.read_text(encoding="utf-8") for part in parts(target))
    assert answers == (given / f"local-{ending}.jsonl").read_text(encoding="utf-8")
    rejects = (tmp_path / "out.rejects.jsonl").read_text(encoding="utf-8").splitlines()
    local = (given / f"local-{ending}.rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert sorted(rejects) == sorted(local)
    assert summary.render() == (given / f"{ending}.txt").read_text(encoding="utf-8")
    assert sum(told) == summary.rows
    left = sorted(each.name for each in tmp_path.glob("*out*"))
    assert left == ["out.jsonl", "out.rejects.jsonl"]


@pytest.mark.usefixtures("small")
def test_an_executor_is_killed_after_a_task_has_finished(spark, policy, given, tmp_path, executors):
    target = tmp_path / "out.parquet"
    killed = []
    after = []

    def progress(rows):
        if killed:
            after.append(rows)
        elif rows:
            running = executors()
            killed.append(running[finished(spark, running)])
            os.kill(killed[0], signal.SIGKILL)

    summary = batch.run_on_spark(spark, policy, given / "c.parquet", target, progress=progress)
    assert killed
    assert sum(after) > 0
    found = pa.concat_tables(map(parquet.read_table, parts(target))).to_pylist()
    assert found == parquet.read_table(target).to_pylist()
    local = (given / "local-parquet.jsonl").read_text(encoding="utf-8").splitlines()
    assert found == list(map(json.loads, local))
    assert summary.render() == (given / "parquet.txt").read_text(encoding="utf-8")


def finished(spark, running):
    """Return the id of an executor that runs and has finished a task, when Spark has noted it."""
    store = spark.sparkContext._jsc.sc().statusStore()
    tick = Event()
    for _ in range(int(PATIENCE / 0.05)):
        listed = store.executorList(True)
        for number in range(listed.size()):
            each = listed.apply(number)
            if each.id() in running and each.completedTasks():
                return each.id()
        tick.wait(0.05)
    pytest.fail("no executor has finished a task")


def test_a_run_takes_the_place_of_the_one_before(spark, policy, given, tmp_path):
    target = tmp_path / "out.jsonl"
    target.mkdir()
    (target / "part-00000.jsonl").write_text("old", encoding="utf-8")
    (target / "part-00001.jsonl").write_text("old", encoding="utf-8")
    batch.run_on_spark(spark, policy, given / "c.jsonl", target)
    (part,) = parts(target)
    assert part.read_text(encoding="utf-8") == (given / "local-jsonl.jsonl").read_text("utf-8")


def test_nothing_stays_of_a_run_that_fails(spark, policy, given, tmp_path, monkeypatch):
    """The policy's model does not survive the way to the workers."""
    folder = tmp_path / "policy"
    shutil.copytree(POLICY, folder)
    broken = medpolicy.load(folder)
    monkeypatch.setattr(broken.model, "_files", ())
    with pytest.raises(
        medpolicy.RequestError, match=r"^local-cluster.*the job failed: IndexError: "
    ):
        batch.run_on_spark(spark, broken, given / "c.jsonl", tmp_path / "out.csv")
    assert [each.name for each in tmp_path.iterdir()] == ["policy"]
    assert policy.model.names


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("c.parquet", "no/out.csv", "there is no such folder"),
        ("c.parquet", "full.csv", "is a folder with other files"),
        ("c.parquet", "out.txt", "no kind of file"),
        ("c.csv", "c.csv", "read and written"),
        ("text.parquet", "out.csv", "is no Parquet file"),
        ("few.parquet", "out.csv", "the column `request_id` is missing"),
        ("few.csv", "out.csv", r"few\.csv: the column `line_id` is missing"),
    ],
)
def test_files_that_cannot_be(spark, policy, given, tmp_path, source, target, message):
    for name in ("c.parquet", "c.csv"):
        shutil.copy(given / name, tmp_path)
    (tmp_path / "full.csv").mkdir()
    (tmp_path / "full.csv" / "notes.txt").touch()
    (tmp_path / "text.parquet").write_text("text", encoding="utf-8")
    parquet.write_table(pa.table({"code": ["1"]}), tmp_path / "few.parquet")
    (tmp_path / "few.csv").write_text("request_id\n1\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(medpolicy.RequestError, match=message):
        batch.run_on_spark(spark, policy, tmp_path / source, tmp_path / target)
    assert sorted(tmp_path.iterdir()) == before


def test_an_executor_that_does_not_see_the_claims(policy, tmp_path):
    piece = pieces.Piece(0, tmp_path / "c.csv", 0, 9, whole=True)
    work = module._Work(policy, tmp_path, "part.csv")
    (problem,) = module._answer(work, piece).problems
    assert (problem.where, problem.message) == (str(piece.path), "No such file or directory")
    assert problem.help == "all executors must see the claims and the output under the same paths"


@pytest.mark.parametrize("bad", [False, True])
def test_what_a_task_does(policy, given, tmp_path, bad):
    """Without Spark: a piece is answered, or what is wrong with it names the whole file."""
    source = tmp_path / "c.csv"
    text = (given / "c.csv").read_text(encoding="utf-8")
    source.write_text(text.replace("line_id", "line", 1) if bad else text, encoding="utf-8")
    first, *_ = text.splitlines(keepends=True)
    piece = pieces.Piece(3, source, len(first), len(text), whole=False)
    done = module._answer(module._Work(policy, tmp_path, "part.jsonl"), piece)
    if bad:
        assert {problem.where for problem in done.problems} == {str(source)}
    else:
        local = (given / "local-csv.jsonl").read_text(encoding="utf-8")
        assert (done.folder / "part.jsonl").read_text(encoding="utf-8") == local
        assert not (done.folder / "claims.csv").exists()


# --- the command ----------------------------------------------------------------------


def test_the_command(spark, policy, given, tmp_path):
    """A session of its own; the terminal gets the summary and no word of Spark's."""
    assert spark.version
    command = [sys.executable, "-m", "medpolicy", "batch", "--spark", "local[1]", str(POLICY),
               str(given / "c.csv"), "-o", str(tmp_path / "out.csv")]  # fmt: skip
    log = ["--spark-log", str(tmp_path / "spark.log")]
    done = subprocess.run([*command, *log], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (cli.WELL, "")
    assert done.stdout == (given / "csv.txt").read_text(encoding="utf-8") + "\n"
    batch.run(policy, given / "c.csv", tmp_path / "local.csv")
    (part,) = parts(tmp_path / "out.csv")
    assert part.read_bytes() == (tmp_path / "local.csv").read_bytes()
    assert "log4j" in (tmp_path / "spark.log").read_text(encoding="utf-8")


def command_says(arguments, capsys):
    status = cli.main(["batch", str(POLICY), *map(str, arguments)])
    said = capsys.readouterr()
    assert (status, said.out) == (cli.BAD_INPUT, "")
    return said.err


def test_without_java(given, tmp_path, capsys, monkeypatch):
    pytest.importorskip("pyspark", reason="needs the extra `spark`")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    arguments = [given / "c.csv", "-o", tmp_path / "out.csv", "--spark", "local[1]"]
    assert command_says(arguments, capsys) == (
        "medpolicy: there is no Java\n"
        "help: install Java 17 or later, or set JAVA_HOME to where it is\n"
    )
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert f"no Java at JAVA_HOME, {tmp_path}" in command_says(arguments, capsys)


def test_without_pyspark(given, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    arguments = [given / "c.csv", "-o", tmp_path / "out.csv", "--spark", "local[1]"]
    said = command_says(arguments, capsys)
    assert 'help: install what this needs: pip install "medpolicy[spark]"' in said


def test_a_master_that_does_not_answer(given, tmp_path, capsys):
    pytest.importorskip("pyspark", reason="needs the extra `spark`")
    with socket.socket() as bound:  # nobody listens
        bound.bind(("127.0.0.1", 0))
        master = f"spark://127.0.0.1:{bound.getsockname()[1]}"
        arguments = [given / "c.csv", "-o", tmp_path / "out.csv", "--spark", master]
        said = command_says(arguments, capsys)
    assert said == (
        f"medpolicy: {master}: cannot be reached: Connection refused\n"
        "help: start it, or name another master\n"
    )


def test_a_master_that_is_none():
    pytest.importorskip("pyspark", reason="needs the extra `spark`")
    with pytest.raises(medpolicy.RequestError, match="is no master"), session.session("here"):
        pass
