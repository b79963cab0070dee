"""medpolicy over a table of claim lines: `medpolicy.batch`, Arrow in and Arrow out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

import medpolicy
from benchmarks import exact_json
from benchmarks.contestants import whole
from benchmarks.contestants.ready import Ready
from medpolicy import batch


def rows(folder: Path) -> Ready:
    """Prepare the task's policy; what it has worked out it keeps, as from chunk to chunk."""
    task = exact_json.read((folder / "policy.json").read_bytes())
    policy = medpolicy.load(task["policy"])
    given = whole.rows_in(folder)

    def decide(_: Any) -> Any:
        return batch.answer(policy, given)

    def arrow(found: Any) -> pa.Table:
        assert not found.rejects
        return found.answers.select(["disposition", "criteria_result"])

    return whole.ready(folder, given, decide, arrow)
