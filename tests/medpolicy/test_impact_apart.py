"""A version that is asked in another process: the same answers, and nothing left behind."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from multiprocessing.connection import Pipe
from pathlib import Path

import pytest
from claims_files import rows_of, write

import medpolicy
from medpolicy import cli, impact
from medpolicy.batch import claims
from medpolicy.impact import apart, comparing

VERSIONS = Path(__file__).resolve().parents[2] / "policies" / "ncd-210-14" / "versions"
OLD, NEW = VERSIONS / "1", VERSIONS / "2"
OUT = {"html": "page.html", "flips": "flips.parquet", "rejects": "bad.jsonl"}


@pytest.fixture(scope="module")
def pair():
    return impact.read_pair(OLD, NEW, by_date=False)


@pytest.fixture(scope="module")
def path(pair, tmp_path_factory):
    """The cases of both versions, and a row that one of the two refuses."""
    rows = []
    for folder in (OLD, NEW):
        for file in sorted((folder / "cases").glob("*.json"))[::2]:
            for case in json.loads(file.read_text(encoding="utf-8")):
                if "error" not in case["expect"]:
                    found = list(rows_of(case["request"], pair.facts))
                    if not any(isinstance(value, float) for row in found for value in row.values()):
                        rows += [{**row, "request_id": f"r{len(rows)}"} for row in found]
    rows.insert(70, {**rows[0], "request_id": "bad", "visit practitioner": "nobody"})
    return write(tmp_path_factory.mktemp("claims") / "claims.parquet", rows, pair)


@pytest.fixture
def started(monkeypatch):
    """Small chunks, versions that are asked in other processes, and the processes."""
    found = []

    class Popen(subprocess.Popen):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            found.append(self)

    monkeypatch.setattr(apart.subprocess, "Popen", Popen)
    monkeypatch.setattr(comparing, "LARGE", 1)
    monkeypatch.setattr(claims, "ROWS", 50)
    return found


def out(folder):
    folder.mkdir()
    return impact.Files(**{name: folder / file for name, file in OUT.items()})


def test_the_same_bytes_come_of_a_process_and_of_a_thread(
    pair, path, tmp_path, started, monkeypatch
):
    one = impact.run(pair, path, 2, out(tmp_path / "process"))
    assert [each.returncode for each in started] == 2 * [-signal.SIGKILL]
    monkeypatch.setattr(comparing, "LARGE", 1 << 18)
    other = impact.run(pair, path, 2, out(tmp_path / "thread"))
    assert len(started) == 2
    assert one.to_dict() == other.to_dict()
    assert one.to_dict()["counts"]["flipped"]
    for name in OUT.values():
        assert (tmp_path / "process" / name).read_bytes() == (
            tmp_path / "thread" / name
        ).read_bytes()


def test_a_process_that_is_stopped_is_said_and_nothing_is_written(
    path, tmp_path, started, capsys, monkeypatch
):
    class Bar:
        """Stands for the bar: stops the process as soon as some rows are done."""

        def __init__(self, **_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self, _):
            started[0].kill()

    monkeypatch.setitem(sys.modules, "tqdm", type(sys)("tqdm"))
    monkeypatch.setattr(sys.modules["tqdm"], "tqdm", Bar, raising=False)
    monkeypatch.setattr(claims, "ROWS", 10)
    page = tmp_path / "page.html"
    arguments = ["impact", str(OLD), str(NEW), str(path), "--html", str(page)]
    assert cli.main(arguments) == cli.BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert "a process that answers by one of the versions was stopped from outside" in said.err
    assert not list(tmp_path.iterdir())


def test_who_wants_no_more_leaves_no_process(pair, path, started):
    comparing_ = comparing.compared(pair, claims.chunks(path, pair.facts), with_flips=False)
    next(comparing_)
    assert [each.poll() for each in started] == [None, None]
    comparing_.close()
    assert [each.returncode for each in started] == 2 * [-signal.SIGKILL]


def test_a_process_ends_with_who_started_it(pair):
    """Whether it has something to do or not, and however the other ended."""
    asking, asked = Pipe()
    with subprocess.Popen(
        [sys.executable, "-I", "-c", apart._PROGRAM], stdin=asked.fileno(), stderr=subprocess.PIPE
    ) as process:
        asked.close()
        asking.send(sys.path)
        asking.send(pair.old)
        asking.close()
        _, said = process.communicate()
    assert (process.returncode, said) == (0, b"")


def test_what_is_wrong_with_a_policy_comes_back(path, tmp_path, started):
    """A version that gives some lines no disposition."""
    copy = tmp_path / "copy"
    shutil.copytree(OLD, copy)
    model = copy / "criteria.dmn"
    text = model.read_text(encoding="utf-8")
    approves = '<text>"APPROVE"</text>'
    assert approves in text
    model.write_text(text.replace(approves, "<text>null</text>"), encoding="utf-8")
    broken = impact.read_pair(copy, NEW, by_date=False)
    with pytest.raises(medpolicy.PolicyError, match="no rule gives a line of this request"):
        impact.run(broken, path, 1, impact.Files())
    assert [each.returncode for each in started] == 2 * [-signal.SIGKILL]
