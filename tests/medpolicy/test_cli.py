"""The command: what it prints, where, and its exit status; here and in a process of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import medpolicy
from medpolicy import cli
from medpolicy.requests import json_lines

ROOT = Path(__file__).resolve().parents[2]
POLICY = str(ROOT / "policies" / "cg-surg-106")


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command in this process; return its status, its output and its complaints."""

    def run_command(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run_command


@pytest.fixture
def written(tmp_path):
    """Write a file; return its path."""

    def write(name, content):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


def separate(*arguments, stdin=b"", **options):
    """Run the command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C"}
    return subprocess.run(
        [sys.executable, "-m", "medpolicy", *arguments],
        input=stdin, capture_output=True, check=False, env=environment, **options,
    )  # fmt: skip


# --- determine ------------------------------------------------------------------------


def test_one_request_gives_one_determination(run, written, venous, request_of):
    request = request_of()
    status, out, err = run("determine", POLICY, written("r.json", request))
    assert (status, err) == (0, "")
    assert json.loads(out) == venous.determine(request).to_dict()
    assert out.startswith('{\n  "id": "r1",\n  "policy": {\n')


def test_standard_input_and_the_same_bytes_in_a_process_of_its_own(run, request_of):
    data = json.dumps(request_of(id="é")).encode("utf-8")
    _, out, _ = run("determine", POLICY, "-", "--trace", stdin=data)
    done = separate("determine", POLICY, "-", "--trace", stdin=data)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == out.encode("utf-8")


def test_json_lines(run, written, venous, request_of):
    good, other = request_of(id="a"), request_of(id="b", facts={})
    bad = request_of(id="c", service_date="soon")
    lines = [json.dumps(good), "{", "", json.dumps(bad), "[]", json.dumps(other)]
    path = written("r.jsonl", "\n".join(lines).encode("utf-8"))
    status, out, err = run("determine", POLICY, path)
    assert status == 2
    assert "3 of 5 requests have an error" in err
    printed = out.splitlines()
    answers = [json.loads(line) for line in printed]
    assert [answer["id"] for answer in answers] == ["a", None, "c", None, "b"]
    assert [list(answer) == ["id", "error"] for answer in answers] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert answers[0] == venous.determine(good).to_dict()
    assert answers[2]["error"] == "service_date: is no date; give it as YYYY-MM-DD"
    assert printed[0] == json.dumps(answers[0], separators=(",", ":"), ensure_ascii=False)


def test_json_lines_without_an_error(run, written, request_of):
    path = written("r.ndjson", json.dumps(request_of()).encode("utf-8"))
    status, out, err = run("determine", POLICY, path)
    assert (status, len(out.splitlines()), err) == (0, 1, "")


ONE = b'{"a": 1}'
LINES = [
    # bytes, the file's name, the number of JSON lines; None for one JSON text
    (ONE, "-", None),
    (ONE, "x.jsonl", 1),
    (ONE, "X.NDJSON", 1),
    (b"\n" + ONE + b"\n\n", "-", None),
    (b'{\n "a": 1\n}\n', "-", None),
    (b'[\n{"a": 1},\n{"a": 1}\n]', "-", None),
    (ONE + b"\n" + ONE, "-", 2),
    (ONE + b"\r\n\r\n" + ONE + b"\r\n", "x.json", 2),
    (b"oops\n" + ONE + b"\n{", "-", 3),
    (b'{"a": NaN}\n{"a": 1,}', "-", 2),
    (b'{\n "a": 1,\n}', "-", None),
    (b'{\n "a": [\n  {"b": 1}\n ],\n}', "-", None),
    (b"\xff\n" + ONE, "-", 2),
    (b"", "-", None),
    (b"", "x.jsonl", 0),
]


@pytest.mark.parametrize(("data", "name", "count"), LINES)
def test_what_is_json_lines(data, name, count):
    found = json_lines(data, name)
    assert (None if found is None else len(found)) == count


BAD_INPUT = [
    (b"", "standard input: no JSON: the text is empty"),
    (b"{", "standard input: no JSON at line 1, column 2"),
    (b"[{}]", "standard input: is a JSON list\nhelp: give one object, or several as JSON lines"),
    (b"\xff", "standard input: no UTF-8 text at byte 0"),
    (b'{"id": "a", "id": "b"}', "standard input: the name `id` occurs twice in one JSON object"),
    (b"[" * 100_000, "it is nested too deep"),
    (b'{"id": 1e999999999999999999999}', "a number is out of range"),
    (b'{"id": ' + b"9" * 5_000 + b"}", "id: is no text"),
    (b"7", "the request: is no JSON object"),
]


@pytest.mark.parametrize(("data", "said"), BAD_INPUT, ids=range(len(BAD_INPUT)))
def test_bad_input_gets_a_message_and_status_2(run, data, said):
    status, out, err = run("determine", POLICY, "-", stdin=data)
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_no_message_shows_a_value_of_the_request(run, request_of):
    request = request_of(facts={"site": "Trillian-77"}, service_date="Trillian-77")
    _, out, err = run("determine", POLICY, "-", stdin=json.dumps(request).encode("utf-8"))
    assert "facts.site" in err
    assert "Trillian" not in out + err


def test_explain_is_for_people(run, written, request_of, monkeypatch):
    path = written("r.jsonl", "\n".join(
        json.dumps(each) for each in (request_of(), {"id": "bad"})).encode("utf-8"))  # fmt: skip
    status, out, _ = run("determine", POLICY, path, "--explain")
    assert status == 2
    assert "Line 1  APPROVE  approve" in out
    assert "A request that cannot be answered" in out
    assert "\x1b" not in out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    coloured = run("determine", POLICY, path, "--explain")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run("determine", POLICY, path, "--explain")[1]
    assert ("\x1b" in coloured, "\x1b" in plain) == (True, False)


def test_unknown_places(run, tmp_path):
    status, _, err = run("determine", tmp_path / "none", "-")
    assert status == 2
    assert "there is no such policy folder" in err
    status, _, err = run("determine", POLICY, tmp_path / "none.json")
    assert status == 2
    assert "none.json: No such file or directory" in err


# --- check, document, schema ----------------------------------------------------------


def test_check_prints_the_report(run):
    status, out, err = run("check", ROOT / "policies" / "ncd-240-4")
    assert (status, err) == (0, "")
    assert out.splitlines()[-1].endswith(", 0 problems")


def test_check_of_an_unsound_policy_is_status_2(run, folder):
    status, out, _ = run("check", folder({"policy.toml": ("[dates]", "[dats]")}))
    assert status == 2
    assert "policy.toml: unknown key `dats`\nhelp: did you mean `dates`?" in out


@pytest.mark.parametrize(("name", "start"), [("a.html", b"<!"), ("a.PDF", b"%PDF-")])
def test_document_writes_one_whole_file(run, tmp_path, name, start):
    target = tmp_path / name
    status, out, err = run("document", POLICY, "--to", target, "--date", "2021-01-01")
    assert (status, out, err) == (0, "", "")
    assert target.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [target]


def test_a_document_that_fails_leaves_the_old_one(run, tmp_path, folder):
    target = tmp_path / "a.html"
    target.write_text("old", encoding="utf-8")
    made = folder({"text/description.md": "no heading"})
    status, _, err = run("document", made, "--to", target)
    assert status == 2
    assert "text/description.md" in err
    assert target.read_text(encoding="utf-8") == "old"
    assert not list(tmp_path.glob(".*"))


def test_document_says_what_it_cannot_write(run, tmp_path):
    status, _, err = run("document", POLICY, "--to", tmp_path / "a.doc")
    assert (status, "is neither .html nor .pdf" in err) == (2, True)
    status, _, err = run("document", POLICY, "--to", tmp_path / "none" / "a.html")
    assert (status, "there is no such folder" in err) == (2, True)


@pytest.mark.parametrize("what", ["request", "determination", "case"])
def test_schema(run, what):
    for more in ([], ["--policy", POLICY]):
        status, out, err = run("schema", what, *more)
        assert (status, err) == (0, "")
        assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


# --- the command itself ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--version"], 0, f"medpolicy {medpolicy.__version__}"),
        (["--help"], 0, "Software never denies"),
        (["determine", "--help"], 0, "JSON lines"),
        ([], 2, "COMMAND"),
        (["document", POLICY, "--to", "a.pdf", "--date", "soon"], 2, "write it as YYYY-MM-DD"),
        (["schema", "all"], 2, "invalid choice"),
    ],
)
def test_the_command_line(capsys, arguments, status, said):
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    printed = capsys.readouterr()
    assert raised.value.code == status
    assert said in printed.out + printed.err


def test_stopped_from_the_keyboard(run, monkeypatch):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(medpolicy, "load", stop)
    assert run("determine", POLICY, "-")[0] == 130


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such pipes")
def test_a_reader_that_leaves(request_of):
    data = json.dumps(request_of()).encode("utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-m", "medpolicy", "determine", POLICY, "-", "--trace"],
            input=data, stdout=pipe, stderr=subprocess.PIPE, check=False, env=environment,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (141, b"")
