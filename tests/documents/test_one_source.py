"""Both documents come from the rules that run: add a rule to the tables, and it is in both."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from documents.test_pdf import pages_text

from medpolicy import documents
from medpolicy.folder import read_policy
from medpolicy.policy import Policy

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "policies" / "cg-surg-106"


def edited(tmp_path: Path, *replacements: tuple[str, str]) -> Policy:
    """Return the policy from a copy of its folder, with words of criteria.dmn replaced once."""
    folder = tmp_path / "policy"
    shutil.copytree(POLICY, folder)
    file = folder / "criteria.dmn"
    text = file.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    return read_policy(folder)


def both(policy: Policy) -> tuple[str, str]:
    """Return the words of both formats, without blanks."""
    return "".join(documents.html(policy).split()), pages_text(documents.pdf(policy))


@pytest.fixture(scope="session")
def printed() -> tuple[str, str]:
    """Return the words of both formats of the policy as it is."""
    return both(read_policy(POLICY))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('<text>"37248"</text>', '<text>"37248", "37799"</text>', "37799"),
        (
            '<text>"Multiple sclerosis."</text>',
            '<text>"Multiple sclerosis, as edited here."</text>',
            "Multiplesclerosis,aseditedhere.",
        ),
        ('<text>"INV-B"</text>', '<text>"INV-Z"</text>', "INV-Z"),
    ],
    ids=["code", "statement", "criterion"],
)
def test_an_edit_of_the_tables_is_in_both_documents(
    tmp_path: Path, printed: tuple[str, str], old: str, new: str, words: str
) -> None:
    assert all(words not in document for document in printed)
    assert all(words in document for document in both(edited(tmp_path, (old, new))))


def test_every_row_of_the_register_and_every_section_is_in_both(printed: tuple[str, str]) -> None:
    policy = read_policy(POLICY)
    for line in policy.text["register"].splitlines():
        if line.startswith("## "):
            title = "".join(line[3:].split())
            assert title.replace('"', "&#34;") in printed[0] or title in printed[0]
            assert title in printed[1]
    for section in documents.context(policy).sections:
        assert all("".join(section.title.split()) in document for document in printed)
