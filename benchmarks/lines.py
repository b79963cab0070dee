"""Lines of CG-SURG-106: requests that lean towards approval, so that every table is read.

The right determination is that of the policy's oracle in the tests, which knows neither the
model nor the runtime.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from oracle import cg_surg_106 as policy_oracle

from benchmarks import exact_json
from benchmarks.roster import ROOT
from benchmarks.tasks import Error, Task, compared
from benchmarks.workloads import SEED
from medpolicy import codes
from medpolicy.codes import CodeSystem

POLICY: Final = "CG-SURG-106"
FOLDER: Final = ROOT / "policies" / "cg-surg-106"
MISSING: Final = 2

Request = dict[str, Any]


def task(name: str, missing: int, count: int, under: Path) -> Task:
    """Return the task of `count` requests of one line, each with that many facts missing."""
    asked = requests(count, missing)
    folder = under / name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    written = exact_json.write({"policy": str(FOLDER), "requests": asked})
    (folder / "requests.json").write_text(written, encoding="utf-8")
    expected = [right(request) for request in asked]

    def judge(given: Sequence[Any]) -> Iterator[Error]:
        yield from compared(asked, given, expected, agrees)

    return Task(name, "lines", folder, count, judge)


def requests(count: int, missing: int | None) -> list[Request]:
    """Return that many requests; with `missing` None some facts of each are unknown."""
    stream = random.Random(f"{SEED} requests {missing}")
    return [_request(stream, number, missing) for number in range(count)]


def _request(stream: random.Random, number: int, missing: int | None) -> Request:
    indication = stream.choice(sorted(policy_oracle.SITE_MAP) * 2 + [*policy_oracle.INDICATIONS])
    fitting = sorted(policy_oracle.SITE_MAP.get(indication, policy_oracle.SITES))
    day = date(2020, 2, 5) + timedelta(stream.randrange(1_800))
    facts = {
        "indication": indication,
        "site": stream.choice(fitting if stream.random() < 0.85 else [*policy_oracle.SITES]),
        "lesion confirmed by imaging": stream.random() < 0.8,
        "occlusion or thrombosis": stream.random() < 0.2,
        "thrombotic": stream.random() < 0.8,
        "symptomatic": stream.random() < 0.8,
        "dialysis access": stream.random() < 0.1,
    }
    dropped = min(stream.choice((0, 1, 2, 4)), len(facts)) if missing is None else missing
    for name in stream.sample(list(facts), dropped):
        del facts[name]
    diagnosis = stream.choice(sorted(policy_oracle.SUPPORT.get(indication, {"I87.1"})))
    return {
        "id": f"request {number}",
        "service_date": day.isoformat(),
        "member": {"birth_date": (day - timedelta(stream.randrange(30_000))).isoformat()},
        "plan": {"name": "healthy-blue", "line_of_business": "medicaid", "state": "MO"},
        "lines": [
            {
                "id": "1",
                "procedure": {"system": "CPT", "code": stream.choice(["37238", "37248"])},
                "diagnoses": [diagnosis, *stream.choice([[], ["I10"], ["N18.6"]])],
                "facts": facts,
            }
        ],
    }


def right(request: Request) -> dict[str, Any]:
    """Return what the oracle determines of the request's only line."""
    return policy_oracle.determine_line(request, request["lines"][0], _status)


def _status(system: str, code: str, on: date) -> str:
    return codes.status(CodeSystem(system), code, on).name


def agrees(given: Any, expected: Mapping[str, Any]) -> bool:
    """Say whether a line's determination has all that the oracle says; lists in any order."""
    if not isinstance(given, Mapping):
        return False
    came = {**given, "missing": [each["fact"] for each in given["missing"]]}
    return all(
        sorted(came[name]) == sorted(value) if isinstance(value, list) else came[name] == value
        for name, value in expected.items()
    )


def rows(asked: Sequence[Request]) -> list[dict[str, Any]]:
    """Return the requests' lines as rows with the columns of `medpolicy batch`."""
    # What a determination calls missing may be the birth date, which is no fact of a line.
    facts = [each for each in policy_oracle.FACT_OF_FIELD.values() if each != "birth_date"]
    return [
        {
            "request_id": request["id"],
            "line_id": line["id"],
            "service_date": date.fromisoformat(request["service_date"]),
            "birth_date": date.fromisoformat(request["member"]["birth_date"]),
            "plan": request["plan"]["name"],
            "line_of_business": request["plan"]["line_of_business"],
            "state": request["plan"]["state"],
            "system": line["procedure"]["system"],
            "code": line["procedure"]["code"],
            "diagnoses": line["diagnoses"],
            **{name: line["facts"].get(name) for name in facts},
        }
        for request in asked
        for line in request["lines"]
    ]
