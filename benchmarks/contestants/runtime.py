"""The project itself: a model's decision, and a policy's determination."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import medpolicy
import pydmn
from benchmarks import exact_json
from benchmarks.contestants.ready import Ready


def decisions(folder: Path) -> Ready:
    """Prepare `model.decision(name)`: timed is its call with a dict."""
    workload = exact_json.read((folder / "workload.json").read_bytes())
    model = pydmn.load(folder / "model.dmn")
    return Ready(model.decision(workload["asked"]), workload["records"])


def determinations(folder: Path) -> Ready:
    """Prepare `policy.determine(request)`, of requests already read and of one line each."""
    task = exact_json.read((folder / "requests.json").read_bytes())
    policy = medpolicy.load(task["policy"])
    requests = [medpolicy.read_request(each, policy.facts) for each in task["requests"]]
    return Ready(policy.determine, requests, _line)


def _line(determination: medpolicy.Determination) -> Any:
    return determination.to_dict()["lines"][0]
