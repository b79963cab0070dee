"""Where the DMN files of the tests are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
GOOD = ROOT / "tests" / "dmn" / "good"
BAD = ROOT / "tests" / "dmn" / "bad"
MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def line_of(path: Path, text: str, occurrence: int = 1) -> int:
    """Return the line on which `text` stands for the n-th time."""
    lines = path.read_text("utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if text in line][occurrence - 1]


def definitions(body: str, namespace: str = "urn:test", name: str = "Test") -> bytes:
    """Return a DMN 1.5 file around some XML."""
    return (
        f'<definitions xmlns="{MODEL}" name="{name}" namespace="{namespace}">{body}</definitions>'
    ).encode()
