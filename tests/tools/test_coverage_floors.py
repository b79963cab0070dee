"""The floors of coverage: a made report, counted by hand; every exception has its reason."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PRAGMA = re.compile(r"#\s*pragma[:\s]?\s*no\s*(?:cover|branch)(.*)", re.IGNORECASE)


@pytest.fixture(scope="module")
def floors() -> ModuleType:
    """The tool, which is a script: loaded by its path."""
    path = ROOT / "tools" / "coverage_floors.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def file(lines: int, lines_taken: int, branches: int, branches_taken: int) -> dict:
    return {
        "summary": {
            "num_statements": lines,
            "covered_lines": lines_taken,
            "num_branches": branches,
            "covered_branches": branches_taken,
        }
    }


REPORT = {
    "files": {
        "src/p/feel/values.py": file(50, 50, 10, 9),
        "src/p/feel/lexer.py": file(50, 50, 30, 30),
        "src/p/feelings.py": file(10, 0, 0, 0),
    }
}

KEPT = [
    # 100 of 100 lines and 39 of 40 branches: 97.5 %; a name that starts alike is another room
    ("src/p/feel", 97.5, True),
    ("src/p/feel", 97.51, False),
    ("src/p/feel/values.py", 90, True),
    ("src/p/feel/values.py", 91, False),
    ("src/p/feel/lexer.py", 100, True),
    ("src/p/feelings.py", 0, True),
    ("src/p/feelings.py", 1, False),
    ("src/p", 90, True),  # 100 of 110 lines
    ("src/p", 91, False),
    ("src/q", 0, False),
]


@pytest.mark.parametrize(("name", "floor", "kept"), KEPT)
def test_a_floor(floors, name, floor, kept):
    (room,) = floors.rooms(REPORT, {name: floor})
    assert (room.problem is None) is kept


def test_the_files_that_lack_something_are_named(floors):
    (room,) = floors.rooms(REPORT, {"src/p/feel": 98})
    assert room.problem == (
        "src/p/feel: 100.00 % of lines, 97.50 % of branches, below its floor of 98 %\n"
        "    src/p/feel/values.py: 100.00 % of lines, 90.00 % of branches"
    )


def test_the_command_fails_below_a_floor_and_not_above(floors, tmp_path, capsys, monkeypatch):
    report, project = tmp_path / "coverage.json", tmp_path / "pyproject.toml"
    report.write_text(json.dumps(REPORT), encoding="utf-8")
    monkeypatch.setattr(floors, "PYPROJECT", project)
    for floor, status in ((97, 0), (98, 1)):
        project.write_text(f'[tool.coverage-floors]\n"src/p/feel" = {floor}\n', encoding="utf-8")
        assert floors.main([str(report)]) == status
        printed = capsys.readouterr()
        assert f"| `src/p/feel` | {floor} % | 100.00 % | 97.50 % |" in printed.out
        assert ("src/p/feel/values.py" in printed.err) is bool(status)


def test_every_exception_has_its_reason_on_the_line():
    """Without one it does not count either: see `exclude_lines` in pyproject.toml."""
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := PRAGMA.search(line)) and not re.match(r"  \S+ \S+", found[1])
    ]
    assert bare == []
