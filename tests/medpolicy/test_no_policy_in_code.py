"""A policy is data: no policy, criterion, disease or code of one stands in the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import pydmn

ROOT = Path(__file__).resolve().parents[2]
POLICIES = sorted((ROOT / "policies").iterdir())
FOLDERS = sorted(file.parent for file in (ROOT / "policies").rglob("criteria.dmn"))
SOURCES = sorted(
    file
    for file in (ROOT / "src").rglob("*")
    # Examples of the form of a code, beside the code tables, say nothing of a policy.
    if file.suffix in (".py", ".j2") and "codes" not in file.relative_to(ROOT).parts
)
CLINICAL = (
    "budd-?chiari|iliac|thoracic outlet|vena cava|mustard|senning|nutcracker|sclerosis|"
    "thrombo|dialysis|stent|angioplasty|intracranial|pulmonary|ductus|"
    "cpap|apnea|hypopnea|sleep|epsdt|medicaid|medicare|"
    "lung|tomography|smok|tobacco|cigarette|radiolog"
)


def code_literals():
    """Return every code in a cell of a policy's coding tables."""
    found = set()
    for folder in FOLDERS:
        settings = tomllib.loads((folder / "policy.toml").read_text(encoding="utf-8"))
        model = pydmn.load(folder / "criteria.dmn")
        for table in settings["document"]["coding"]:
            for rule in model.table(table).rules:
                for cell in rule.literals:
                    found.update(text for text in cell if re.fullmatch(r"[0-9A-Z.]{3,8}", text))
    return found


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT / "src")))
def test_no_clinical_word(file):
    assert re.findall(CLINICAL, file.read_text(encoding="utf-8"), re.IGNORECASE) == []


def test_no_code_and_no_policy():
    names = {folder.name for folder in POLICIES}
    words = code_literals() | names | {name.upper() for name in names} | {"NCD 240.4", "NCD 210.14"}
    pattern = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, sorted(words))) + r")(?![\w])")
    found = [
        (str(file.relative_to(ROOT)), match[0])
        for file in SOURCES
        for match in pattern.finditer(file.read_text(encoding="utf-8"))
    ]
    assert found == []
