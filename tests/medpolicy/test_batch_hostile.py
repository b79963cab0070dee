"""Claims files that are not as they should be: a bad row is refused alone, a bad file by name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from claims_files import read
from pyarrow import parquet

from medpolicy import cli
from medpolicy.batch import claims

POLICIES = Path(__file__).resolve().parents[2] / "policies"
VENOUS, APNEA = POLICIES / "cg-surg-106", POLICIES / "ncd-240-4"
ROW = {
    "request_id": "r", "line_id": "1", "service_date": "2020-03-02", "plan": "medicare",
    "line_of_business": "medicare", "state": "MO", "system": "HCPCS", "code": "E0601",
    "diagnoses": "G47.33",
}  # fmt: skip


def row(number: int, **changed: str) -> str:
    return ",".join({**ROW, "request_id": f"r{number}", **changed}.values())


def csv_of(*rows: str, end: str = "\n") -> bytes:
    return end.join([",".join(ROW), *rows, ""]).encode()


@pytest.fixture
def answered(tmp_path, capsys):
    """What answers a file's octets: the exit status, the lines, the rows refused, the words."""

    def run(data: bytes, name: str = "c.csv"):
        source, target = tmp_path / name, tmp_path / "d.jsonl"
        source.write_bytes(data)
        status = cli.main(["batch", str(APNEA), str(source), "-o", str(target)])
        refused = tmp_path / "d.rejects.jsonl"
        told = refused.read_text(encoding="utf-8").splitlines() if refused.exists() else []
        lines = [each["request_id"] for each in read(target)] if target.exists() else None
        return status, lines, [json.loads(each) for each in told], capsys.readouterr().err

    return run


def parquet_of(**changed) -> bytes:
    """Return the octets of a file of three rows, with these columns."""
    columns = {name: pa.array([value] * 3) for name, value in ROW.items()}
    columns["request_id"] = pa.array(["r1", "r2", "r3"])
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table({**columns, **changed}), sink, row_group_size=2)
    return sink.getvalue().to_pybytes()


def illegible(*octets: bytes) -> pa.Array:
    """Return an array of texts that have octets which UTF-8 has not."""
    return pa.array(octets, pa.binary()).view(pa.string())


# --- rows -----------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1 << 24, 160])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_row_with_too_few_values_or_too_many_is_refused_alone(answered, monkeypatch, block, end):
    """By its number among the rows, which a blank line is none of, in whatever block it is."""
    monkeypatch.setattr(claims, "_BLOCK", block)
    rows = ["a,b", row(2), "", row(3) + ",x", row(4), *map(row, range(5, 30)), "c", "d"]
    status, lines, refused, _ = answered(csv_of(*rows, end=end))
    assert status == 0
    assert lines == ["r2", *(f"r{number}" for number in range(4, 30))]
    assert [(each["row"], each["reason"].partition(";")[0]) for each in refused] == [
        (1, "the row has 2 values, and the file 9 columns"),
        (3, "the row has 10 values, and the file 9 columns"),
        (30, "the row has 1 value, and the file 9 columns"),
        (31, "the row has 1 value, and the file 9 columns"),
    ]


def test_a_line_end_in_quotation_marks_ends_no_row(answered, monkeypatch):
    monkeypatch.setattr(claims, "_BLOCK", 256)
    rows = [row(number, request_id=f'"r{number}\nand more"') for number in range(1, 40)]
    status, lines, refused, _ = answered(csv_of(*rows))
    assert (status, refused) == (0, [])
    assert lines == [f"r{number}\nand more" for number in range(1, 40)]


def test_octets_that_are_no_text_are_refused_with_their_row(answered):
    data = csv_of(row(1), row(2), row(3)).replace(b"r2", b"r\xff2")
    status, lines, refused, _ = answered(data)
    assert (status, lines) == (0, ["r1", "r3"])
    assert [(each["row"], each["reason"].partition(";")[0]) for each in refused] == [
        (2, "request_id: is no UTF-8 text")
    ]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("request_id", illegible(b"r\xff", b"r2", b"r3")),
        ("state", illegible(b"M\xff", b"MO", b"MO").dictionary_encode()),
        ("diagnoses", pa.ListArray.from_arrays(
            pa.array([0, 2, 3, 4], pa.int32()), illegible(b"I10", b"\xc3", b"I10", b"I10"))),
        ("plan", illegible(b"\x80", b"medicare", b"medicare").cast(pa.large_string(), safe=False)),
    ],
    ids=["texts", "a dictionary", "lists", "large texts"],
)  # fmt: skip
def test_so_they_are_in_parquet(answered, name, column):
    status, lines, refused, _ = answered(parquet_of(**{name: column}), "c.parquet")
    assert (status, lines) == (0, ["r2", "r3"])
    assert [(each["row"], each["reason"].partition(";")[0]) for each in refused] == [
        (1, f"{name}: is no UTF-8 text")
    ]


def test_numbers_are_written_as_everywhere(answered):
    head = ",".join([*ROW, "apnea hypopnea index"])
    texts = ["15", " 15 ", "1.5e1", "1_5", "１５", "NaN", "1.5.", ""]
    rows = "\n".join(f"{row(at)},{text}" for at, text in enumerate(texts, 1))
    status, lines, refused, _ = answered(f"{head}\n{rows}\n".encode())
    assert (status, lines) == (0, ["r1", "r2", "r3", "r8"])
    assert [each["row"] for each in refused] == [4, 5, 6, 7]


def test_rows_without_an_id_are_refused_each(answered):
    status, lines, refused, _ = answered(parquet_of(request_id=pa.nulls(3)), "c.parquet")
    assert (status, lines) == (0, [])
    assert [each["row"] for each in refused] == [1, 2, 3]


# --- files ----------------------------------------------------------------------------


def test_a_header_alone_has_no_rows(answered):
    assert answered(",".join(ROW).encode())[:3] == (0, [], [])


def test_lists_that_arrow_does_not_read_are_said(answered):
    values = pa.array(["G47.33"] * 3).dictionary_encode()
    column = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), values)
    status, lines, _, err = answered(parquet_of(diagnoses=column), "c.parquet")
    assert (status, lines) == (2, None)
    assert "c.parquet: cannot be read: " in err
    assert "write its lists as lists of plain strings" in err


@pytest.mark.parametrize("command", ["batch", "impact"])
def test_a_link_to_itself_is_said(tmp_path, capsys, command):
    link = tmp_path / "c.csv"
    link.symlink_to(link)
    rest = [str(APNEA)] if command == "impact" else ["-o", str(tmp_path / "d.csv")]
    assert cli.main([command, str(APNEA), *rest[:1] * (command == "impact"), str(link),
                     *rest * (command == "batch")]) == 2  # fmt: skip
    assert f"{link}: Too many levels of symbolic links" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_folder_is_no_file(tmp_path, capsys, ending):
    folder = tmp_path / f"d.{ending}"
    folder.mkdir()
    (tmp_path / "c.csv").write_bytes(csv_of(row(1)))
    for source, target in ((tmp_path / "c.csv", folder), (folder, tmp_path / "e.csv")):
        assert cli.main(["batch", str(APNEA), str(source), "-o", str(target)]) == 2
        assert f"{folder}: is a folder" in capsys.readouterr().err.replace(
            "Is a dir", "is a folder"
        )
    assert sorted(each.name for each in tmp_path.iterdir()) == ["c.csv", folder.name]


# --- stopped --------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_leaves_nothing(tmp_path, number):
    """Rows come by a pipe, so that the run waits for more when the signal comes."""
    os.mkfifo(tmp_path / "c.jsonl")
    process = subprocess.Popen(
        [sys.executable, "-m", "medpolicy", "batch", str(APNEA), str(tmp_path / "c.jsonl"),
         "-o", str(tmp_path / "d.csv")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, stderr=subprocess.PIPE,
    )  # fmt: skip
    with (tmp_path / "c.jsonl").open("w", encoding="utf-8") as pipe:
        pipe.write(json.dumps({**ROW, "diagnoses": ["G47.33"]}) + "\n")
        pipe.flush()
        process.send_signal(number)
        _, said = process.communicate()
    assert (process.returncode, said) == (128 + number, b"")
    assert [each.name for each in tmp_path.iterdir()] == ["c.jsonl"]
