"""The fixture that edits a DMN file in dmn-js, in a headless browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
DRIVER = HERE / "modeler.mjs"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 120
"""A run takes about two seconds; a browser that hangs is ended."""


@dataclass(frozen=True)
class Saved:
    """What the modeler said of a file, and the file that it saved.

    `warnings` are those of the import and of each view; `views` hold `id`, `name` and `type`;
    `rules` are the ids that the modeler gave to the rules added, in the order of the edits.
    """

    warnings: list[str]
    views: list[dict[str, str | None]]
    rules: list[str]
    xml: str


class ModelerFault(AssertionError):
    """The modeler could not open the file or make an edit; the message says why."""


Modeler = Callable[[str, Sequence[Mapping[str, Any]]], Saved]


def what_is_missing() -> str | None:
    """Return why the modeler cannot run here, with what to do about it, or None."""
    node = shutil.which("node")
    if node is None:
        return "node is not installed: run tools/system-packages test"
    if "CHROMIUM" not in os.environ and not any(map(shutil.which, BROWSERS)):
        return "no Chromium is installed: run tools/system-packages test"
    if not (HERE / "node_modules" / "dmn-js").is_dir():
        return "dmn-js is not installed: run make tests/modeler/node_modules"
    return None


@pytest.fixture(scope="session")
def modeler() -> Modeler:
    """Return `edit(xml, edits) -> Saved`; the edits are those that modeler.mjs describes."""
    missing = what_is_missing()
    if missing is not None:
        pytest.skip(missing)

    def edit(xml: str, edits: Sequence[Mapping[str, Any]] = ()) -> Saved:
        ran = subprocess.run(
            ["node", str(DRIVER)],
            input=json.dumps({"xml": xml, "edits": list(edits)}),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        if ran.returncode != 0:
            raise ModelerFault(ran.stderr.strip())
        return Saved(**json.loads(ran.stdout))

    return edit
