"""Pieces of claims files: together they are the file, and no request is in two of them."""

from __future__ import annotations

import csv
import io
import json
from itertools import groupby

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import medpolicy
from medpolicy.batch import pieces as module
from medpolicy.batch.pieces import cut, pieces
from medpolicy.record import FactType

FACTS = {"site": FactType("site", "string", None)}

RUNS = st.lists(st.tuples(st.sampled_from(["a", "b", 'c"', "d,e", None]), st.integers(1, 9)))
"""Requests that follow one another: an id, and how many lines it has."""


def ids_of(runs):
    return [id_ for id_, count in runs for _ in range(count)]


def answered_apart(path, tmp_path, size, monkeypatch):
    """Return the files of the pieces of a file, each with about `size` rows or octets."""
    monkeypatch.setattr(module, "ROWS", size)
    monkeypatch.setattr(module, "OCTETS", size)
    found = pieces(path, FACTS)
    assert [each.number for each in found] == list(range(len(found)))
    assert [each.stop for each in found[:-1]] == [each.start for each in found[1:]]
    made = []
    for each in found:
        folder = tmp_path / f"piece {each.number}"
        folder.mkdir(exist_ok=True)
        made.append(cut(each, folder))
    return made


def check(ids, apart):
    """Check that the ids of the pieces are all the ids, and that runs are whole."""
    assert [id_ for each in apart for id_ in each] == ids
    whole = [(id_, len([*run])) for id_, run in groupby(ids)]
    assert [(id_, len([*run])) for each in apart for id_, run in groupby(each)] == whole


@given(runs=RUNS, size=st.integers(1, 12), group=st.integers(1, 7))
def test_parquet(tmp_path_factory, runs, size, group):
    folder = tmp_path_factory.mktemp("parquet")
    ids = ids_of(runs)
    table = pa.table({"request_id": pa.array(ids, pa.string()), "n": [*range(len(ids))]})
    parquet.write_table(table, folder / "c.parquet", row_group_size=group)
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = answered_apart(folder / "c.parquet", folder, size, monkeypatch)
    check(ids, [parquet.read_table(each)["request_id"].to_pylist() for each in made])


@given(runs=RUNS, size=st.integers(1, 90), text=st.sampled_from(["", "x", 'a "b"\nc', "\n"]))
def test_csv(tmp_path_factory, runs, size, text):
    folder = tmp_path_factory.mktemp("csv")
    ids = ids_of(runs)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["site", "request_id"])
    writer.writerows([text, id_ or ""] for id_ in ids)
    (folder / "c.csv").write_text(stream.getvalue(), encoding="utf-8")
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = answered_apart(folder / "c.csv", folder, size, monkeypatch)
    apart = []
    for each in made:
        with each.open(newline="", encoding="utf-8") as lines:
            header, *rows = csv.reader(lines)
        assert header == ["site", "request_id"]
        assert all(site == text for site, _ in rows)
        apart.append([id_ or None for _, id_ in rows])
    check(ids, apart)


@given(
    runs=RUNS,
    size=st.integers(1, 200),
    bad=st.sets(st.integers(0, 40)),
    what=st.sampled_from(["", "{", "[]", '{"request_id": "z", "sit": 1}']),
)
def test_json_lines(tmp_path_factory, runs, size, bad, what):
    """Lines that are no rows stand between others, and break no request up."""
    folder = tmp_path_factory.mktemp("jsonl")
    ids = ids_of(runs)
    lines = []
    row = {"line_id": "1", "service_date": "d", "plan": "p", "line_of_business": "l",
           "system": "s", "code": "c"}  # fmt: skip
    for number, id_ in enumerate(ids):
        lines += [what] if number in bad else []
        lines.append(json.dumps({"request_id": id_, **row}))
    (folder / "c.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = answered_apart(folder / "c.jsonl", folder, size, monkeypatch)
    apart = [each.read_text(encoding="utf-8").splitlines() for each in made]
    assert [line for each in apart for line in each] == lines
    check(
        ids, [[json.loads(line)["request_id"] for line in each if line != what] for each in apart]
    )


def test_a_small_file_is_itself(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("request_id\na\n", encoding="utf-8")
    (piece,) = pieces(path, FACTS)
    assert cut(piece, tmp_path) == path


@pytest.mark.parametrize("name", ["c.parquet", "c.csv", "c.jsonl"])
def test_a_file_without_requests_is_one_piece(tmp_path, name, monkeypatch):
    path = tmp_path / name
    path.write_bytes(b"no such file\n" * 20)
    (made,) = answered_apart(path, tmp_path, 20, monkeypatch)
    assert made == path


def test_a_pipe_is_no_file(tmp_path):
    (tmp_path / "c.csv").mkdir()
    with pytest.raises(medpolicy.RequestError, match="cannot be read in pieces"):
        pieces(tmp_path / "c.csv", FACTS)
