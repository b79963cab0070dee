"""The command `pydmn`: what it prints, where, and its exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from decimal import Decimal

import pytest
from dmn_text import decision, input_data, literal, model, output, table

import pydmn
from pydmn.cli import main

ADDED = model(
    input_data("a number", "number"),
    input_data("a date", "date"),
    decision("Sum", literal("a number + 0.1"), inputs=("a_number",)),
    decision("Later", literal('a date + @"P1D"'), inputs=("a_date",)),
    decision(
        "All",
        literal('{n: 1.50, s: "ä\\"", t: @"10:00:00Z", p: @"P1Y", r: [1..2), l: [null, true]}'),
    ),
    decision(
        "Size",
        table(
            "UNIQUE",
            (("a number", "number"),),
            (output("size", "string"),),
            (("< 10", '"small"'), (">= 5", '"large"')),
        ),
        inputs=("a_number",),
    ),
    decision("Function", literal("function(x) x")),
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.dmn"
    path.write_bytes(ADDED)
    return path


@pytest.fixture
def inputs(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "input.json"
        path.write_text(text, "utf-8")
        return str(path)

    return write


# --- eval -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "printed"),
    [
        ("Sum", '{"a number": 0.2}', "0.3"),
        ("Sum", '{"a number": 12345678901234567890.1}', "12345678901234567890.2"),
        ("Sum", '{"a number": 1e3}', "1000.1"),
        ("Sum", "{}", "null"),
        ("Later", '{"a date": "2024-02-28"}', '"2024-02-29"'),
    ],
)
def test_eval_prints_exact_json(name, given, printed, file, inputs, capsys):
    assert main(["eval", str(file), "--decision", name, "--input", inputs(given)]) == 0
    assert capsys.readouterr().out == printed + "\n"


def test_eval_writes_iso_texts_and_feel_text_for_ranges(file, capsys):
    assert main(["eval", str(file), "--decision", "All"]) == 0
    assert json.loads(capsys.readouterr().out, parse_float=str) == {
        "n": "1.50",
        "s": 'ä"',
        "t": "10:00:00Z",
        "p": "P1Y",
        "r": "[1..2)",
        "l": [None, True],
    }


def test_eval_reads_standard_input(file, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"a number": 1}')))
    assert main(["eval", str(file), "--decision", "Sum", "--input", "-"]) == 0
    assert capsys.readouterr().out == "1.1\n"


def test_eval_traces_rules_and_reasons(file, inputs, capsys):
    given = inputs('{"a number": 7}')
    assert main(["eval", str(file), "--decision", "Size", "--input", given, "--trace"]) == 0
    printed = capsys.readouterr()
    traced = json.loads(printed.out)
    assert traced["value"] is None
    assert traced["decisions"] == [
        {"decision": "Size", "rules": ["r1", "r2"], "inputs": {"a number": 7}, "value": None}
    ]
    assert [note["code"] for note in traced["notes"]] == ["unique-violation"]
    assert "UNIQUE, but rules 1, 2 match" in printed.err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("[1]", "expected a JSON object"),
        ("{", "no JSON at line 1, column 2"),
        ('{"a number": NaN}', "`NaN` is no JSON number"),
        ('{"a number": 1, "a number": 2}', "occurs twice"),
        ("[" * 100_000, "nested too deep"),
        ('{"a date": "soon"}', "the text is no date"),
    ],
)
def test_bad_input_says_where_and_what(given, message, file, inputs, capsys):
    name = "Later" if "date" in given else "Sum"
    assert main(["eval", str(file), "--decision", name, "--input", inputs(given)]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""


def test_input_that_is_no_text(file, tmp_path, capsys):
    path = tmp_path / "input.json"
    path.write_bytes(b"\xff\xfe")
    assert main(["eval", str(file), "--decision", "Sum", "--input", str(path)]) == 2
    assert "no UTF-8 text at byte 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Summ", "did you mean `Sum`?"),
        ("a number", "is an input"),
        ("Function", "has no JSON form"),
    ],
)
def test_what_cannot_be_answered(name, message, file, capsys):
    assert main(["eval", str(file), "--decision", name]) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_not_there(capsys, tmp_path):
    path = str(tmp_path / "none.dmn")
    assert main(["eval", path, "--decision", "D"]) == 2
    assert capsys.readouterr().err == f"pydmn: {path}: No such file or directory\n"


# --- feel -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["1 / 3"], "0.3333333333333333333333333333333333"),
        (["10 ** 20"], "100000000000000000000"),
        (["x * 3", "--context", '{"x": 0.1}'], "0.3"),
        (["-1"], None),
    ],
)
def test_feel(arguments, printed, capsys):
    if printed is None:
        arguments, printed = ["--", *arguments], "-1"
    assert main(["feel", *arguments]) == 0
    assert capsys.readouterr().out == printed + "\n"


def test_feel_reads_its_context_from_a_file(inputs, capsys):
    assert main(["feel", "x + y", "--context", inputs('{"x": 1, "y": 2}')]) == 0
    assert capsys.readouterr().out == "3\n"


def test_feel_underlines_what_is_wrong(capsys):
    assert main(["feel", "1 +"]) == 2
    assert "1 +\n" in capsys.readouterr().err


# --- check ----------------------------------------------------------------------------

WRONG = model(
    input_data("Age Years", "number"),
    decision("First", literal("Age Yeers + 1"), inputs=("Age_Years",)),
    decision("Second", literal("1 +")),
)


def test_check_of_a_clean_model(file, capsys):
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out == "1 model, 0 not readable: 0 errors, 0 warnings\n"


def test_check_says_all_at_once(tmp_path, capsys):
    path = tmp_path / "wrong.dmn"
    path.write_bytes(WRONG)
    assert main(["check", str(path)]) == 1
    printed = capsys.readouterr().out
    assert f"{path}, First: unknown name `Age Yeers`" in printed
    assert "Age Yeers + 1\n    ^^^^^^^^^\nhelp: did you mean `Age Years`?" in printed
    assert f"{path}, Second: " in printed
    assert printed.endswith("1 model, 0 not readable: 2 errors, 0 warnings\n")


def test_check_goes_on_after_what_cannot_be_read(tmp_path, file, capsys):
    path = tmp_path / "none.dmn"
    text = tmp_path / "text.dmn"
    text.write_text("no XML")
    assert main(["check", str(path), str(text), str(file)]) == 2
    printed = capsys.readouterr().out
    assert f"{path}: No such file or directory" in printed
    assert str(text) in printed
    assert "3 models, 2 not readable" in printed


# --- tck ------------------------------------------------------------------------------


def test_tck_ends_with_one_line(tck_folder, tmp_path, capsys):
    """The kit's level 2; that all of it passes is for tests/tck."""
    for name in ("compliance-level-2", "non-compliant"):
        (tmp_path / name).symlink_to(tck_folder / name, target_is_directory=True)
    file = tmp_path / "results.csv"
    assert main(["tck", str(tmp_path), "--csv", str(file)]) == 0
    *_, apart, last = capsys.readouterr().out.splitlines()
    assert last == "116 passed, 0 failed"
    assert apart.startswith("non-compliant: ")
    assert len(file.read_text("utf-8").splitlines()) == 116


def test_tck_fails_with_a_failing_case(tmp_path, capsys):
    folder = tmp_path / "compliance-level-2" / "0001-sum"
    folder.mkdir(parents=True)
    (folder / "sum.dmn").write_bytes(model(decision("D", literal("1 + 1"))))
    (folder / "sum-test-01.xml").write_text(
        '<testCases xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        "<modelName>sum.dmn</modelName>"
        '<testCase id="001"><resultNode name="D"><expected>'
        '<value xsi:type="xsd:decimal">3</value></expected></resultNode></testCase></testCases>'
    )
    assert main(["tck", str(tmp_path)]) == 1
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith("compliance-level-2/0001-sum/sum-test-01, 001: D: expected")
    assert last == "0 passed, 1 failed"


def test_tck_without_a_kit(tmp_path, capsys):
    assert main(["tck", str(tmp_path)]) == 2
    assert "no test cases" in capsys.readouterr().err


# --- edges ----------------------------------------------------------------------------


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"pydmn {pydmn.__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["evil"], ["eval"], ["eval", "m.dmn"]])
def test_a_wrong_command_line_is_bad_input(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: pydmn" in capsys.readouterr().err


def test_control_c_is_quiet(monkeypatch, capsys):
    def interrupted(*_: object, **__: object) -> Decimal:
        raise KeyboardInterrupt

    monkeypatch.setattr(pydmn, "feel", interrupted)
    assert main(["feel", "1"]) == 130
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_feel_says_why_an_answer_is_null(capsys):
    assert main(["feel", "x + 1"]) == 0
    assert capsys.readouterr() == (
        "null\n",
        "null: unknown name `x`\nnull: `+` does not take null and a number\n",
    )


def test_a_closed_pipe_is_quiet():
    read, write = os.pipe()
    os.close(read)
    code = "import sys; from pydmn.cli import main; sys.exit(main(['feel', '1']))"
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 141
