"""What a comparison of two policies says, as JSON; and the classes of changes by their names."""

from __future__ import annotations

import json
from pathlib import Path

from patching import POLICIES

import pydmn
from medpolicy import changes
from medpolicy.changes.outcome import ChangeClass

LUNG = POLICIES / "ncd-210-14" / "versions"
APNEA = "ncd-240-4"
BROADER, NARROWER, QUESTION, WORDING = (each.value for each in ChangeClass)


def compared(old: Path, new: Path) -> dict:
    """Return what is said of two folders, as JSON reads it."""
    return as_json(changes.compare_folders(old, new))


def as_json(comparisons) -> dict:
    """Return what is said of comparisons, as JSON reads it."""
    return json.loads(pydmn.write_json(changes.to_dict(comparisons)))


def files(*changed):
    """Return texts to replace in files, for `patching.patched`."""
    return {"replaced": [dict(zip(("file", "old", "new"), each, strict=True)) for each in changed]}
