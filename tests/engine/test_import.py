"""What an import brings with it, in a process of its own: counted, not timed.

A module that is not imported costs nothing on any machine, however busy it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"

FACE = {
    "pydmn",
    "pydmn.diagnostics",
    "pydmn.engine",
    "pydmn.errors",
    "pydmn.feel",
    "pydmn.limits",
    "pydmn.run",
    "pydmn.source",
    "pydmn.trace",
}
NEEDED = "__future__, collections.abc, dataclasses, datetime, enum, importlib, typing"
"""What the modules of the face import of Python's own, all of it small."""

THIRD_PARTY = {"elementpath", "jinja2", "lxml", "markdown_it", "polars", "pyarrow", "re2"}


def imported(code: str) -> set[str]:
    """Return the modules that a fresh Python has imported after `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(SRC), *sys.path])},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_face_needs_little():
    came = imported("import pydmn")
    assert {name for name in came if name.partition(".")[0] == "pydmn"} == FACE
    assert came - FACE <= imported(f"import {NEEDED}")


@pytest.mark.parametrize(
    ("code", "libraries"),
    [
        ("import pydmn; pydmn.feel('1 + 1')", set()),
        ("import pydmn; pydmn.unary_tests('> 1', 2)", set()),
        ('import pydmn; pydmn.feel(\'matches("a", "a")\')', {"elementpath", "re2"}),
        ("import pydmn; pydmn.load('docs/examples/shipping.dmn')", {"lxml"}),
        ("import pydmn, pydmn.cli", set()),
        ("import medpolicy", set()),
    ],
)
def test_a_library_comes_when_it_is_used(code, libraries, monkeypatch):
    monkeypatch.chdir(SRC.parent)
    assert {name.partition(".")[0] for name in imported(code)} & THIRD_PARTY == libraries
