"""The page of codes has every code that the source gives, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pydmn import FINDINGS as CODES

ROOT = Path(__file__).parents[2]
DIAGNOSTICS, NOTES, FINDINGS = re.split(
    "\n## (?:Notes|Findings)\n", (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
)
CODE = re.compile(r"[a-z]+(-[a-z]+)*")

REPORTING = {"Diagnostic", "report", "_refuse"}
"""What takes the code of a diagnostic first."""

MET = {"overlap", "conflict"}
"""Codes of findings that stand in the source elsewhere than as a first argument."""

BY_NAME = {
    "syntax": "the default of `Cursor.fail`",
    "regex": "of a `RegexError`",
    "regex-not-supported": "of a `RegexError`",
}
"""Codes that stand in the source elsewhere than as a first argument."""


def listed(page: str) -> set[str]:
    """Return the codes in the first column of a page's tables."""
    rows = re.findall(r"^\| (`.+?`) \|", page, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}


def given(*callers: str) -> Iterator[str]:
    """Yield the codes that calls of `callers` in the source give first."""
    for path in sorted((ROOT / "src" / "pydmn").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(ast.Attribute(attr=name) | ast.Name(name), [ast.Constant(code), *_]):
                    if name in callers and isinstance(code, str) and CODE.fullmatch(code):
                        yield code


def test_every_code_of_a_note_is_listed():
    assert listed(NOTES) == {*given("note"), *(BY_NAME.keys() - {"syntax"})}


def test_every_code_of_a_diagnostic_is_listed():
    blamed = {"type", "allowed-values", "input-values", "unique-violation", "any-violation"}
    assert listed(DIAGNOSTICS) == {*given(*REPORTING), "syntax"} | blamed


def test_every_code_of_a_finding_is_listed():
    assert listed(FINDINGS) == {*given("finding"), *MET} == {*CODES}
