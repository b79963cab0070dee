"""Who is right, and why: the judgements, matched with what was found, as a page."""

from __future__ import annotations

from pathlib import Path

from classes import Class, Classes

FILE = Path(__file__).parents[2] / "docs" / "differential.md"


def report(found: Classes) -> list[Class]:
    """Write the page; return the classes that no judgement covers."""
    return list(found)
