"""What another version means for claims, by a loop over `determine`; and files of claims."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path

from claims_files import rows_of, write

import medpolicy
from medpolicy import cli, impact

POLICY = Path(__file__).resolve().parents[1] / "policies" / "ncd-210-14"
VENOUS = POLICY.with_name("cg-surg-106")
OLD, NEW = POLICY / "versions" / "1", POLICY / "versions" / "2"
ASPECTS = ("criteria_result", "criterion", "missing", "flags")
DIMENSIONS = ("code", "criterion_old", "criterion_new", "line_of_business", "state", "month")
DISPOSITIONS = ("APPROVE", "PEND_INFO", "CLINICAL_REVIEW", "NOT_APPLICABLE", "NO_REVIEW_REQUIRED",
                "CODING_ERROR")  # fmt: skip


# --- the oracle -----------------------------------------------------------------------


def timeless(folder: Path, target: Path) -> Path:
    """Return a copy of a version whose own words say that it was always in force."""
    shutil.copytree(folder, target)
    toml = target / "policy.toml"
    text = re.sub(r"\neffective_to = .*", "", toml.read_text(encoding="utf-8"))
    text = re.sub(r"\b(effective_from|from) = \d{4}-\d\d-\d\d", r"\1 = 1850-01-01", text)
    toml.write_text(text, encoding="utf-8")
    return target


def answer_of(policy, rows):
    """Return the answers to the rows of one request, each by itself; None for one refused."""
    first = rows[0]
    facts = policy.facts
    request = {
        "id": first["request_id"],
        "service_date": first["service_date"],
        "member": {"birth_date": first["birth_date"]},
        "plan": {"name": first["plan"], "line_of_business": first["line_of_business"],
                 "state": first["state"]},
        "lines": [
            {
                "id": row["line_id"],
                "procedure": {"system": row["system"], "code": row["code"]},
                "diagnoses": row["diagnoses"],
                "facts": {name: row[name] for name in facts if row.get(name) is not None},
            }
            for row in rows
        ],
    }  # fmt: skip
    try:
        lines = policy.determine(request).to_dict()["lines"]
    except medpolicy.RequestError:
        assert len(rows) == 1, "the oracle knows of bad requests of one line alone"
        return [None]
    return [
        {
            "disposition": line["disposition"],
            "criteria_result": line["criteria_result"],
            "criterion": next((each["criterion"] for each in line["reasons"] if each["criterion"]),
                              None),
            "missing": [each["fact"] for each in line["missing"]],
            "flags": line["flags"],
        }
        for line in lines
    ]  # fmt: skip


def answered(policy_for, rows):
    """Return the answer to each row; `policy_for` gives the policy that a row asks, or None."""
    found, at = [], 0
    while at < len(rows):
        end = at
        while end < len(rows) and rows[end]["request_id"] == rows[at]["request_id"]:
            end += 1
        found += answer_of(policy_for(rows[at]), rows[at:end])
        at = end
    return found


def category(dimension, row, before, after):
    match dimension:
        case "criterion_old":
            return before["criterion"]
        case "criterion_new":
            return after["criterion"]
        case "month":
            return row["service_date"][:7]
    return row[dimension]


def counted(rows, old, new):
    """Return the counts of the report, all shown, from the answers to each row."""
    both = [each for each in zip(rows, old, new, strict=True) if each[1] and each[2]]
    lines = []
    for row, before, after in both:
        flip = before["disposition"] != after["disposition"]
        aspects = [
            name for name in ASPECTS
            if (set(before[name]) != set(after[name]) if name in ("missing", "flags")
                else before[name] != after[name])
        ]  # fmt: skip
        lines.append((row, before, after, flip, () if flip else tuple(aspects)))

    def numbers(some):
        flipped = sum(flip for *_, flip, _ in some)
        changed = sum(bool(aspects) for *_, aspects in some)
        return {"lines": len(some), "flipped": flipped, "kept": len(some) - flipped,
                "changed": changed, "unchanged": len(some) - flipped - changed}  # fmt: skip

    def from_to(some):
        pairs = Counter(
            (before["disposition"], after["disposition"]) for _, before, after, flip, _ in some
            if flip
        )  # fmt: skip
        order = sorted(pairs, key=lambda pair: tuple(map(DISPOSITIONS.index, pair)))
        return [{"from": pair[0], "to": pair[1], "lines": pairs[pair]} for pair in order]

    by = {}
    for name in DIMENSIONS:
        groups = {}
        for each in lines:
            groups.setdefault(category(name, *each[:3]), []).append(each)
        if name == "code":
            quiet = [code for code, some in groups.items()
                     if not any(flip or aspects for *_, flip, aspects in some)]  # fmt: skip
            together = [each for code in quiet for each in groups.pop(code)]
            if together:
                groups["(other)"] = together
        by[name] = {
            value: {**numbers(some), "from_to": from_to(some)} for value, some in groups.items()
        }
    return {
        "counts": {
            "rows": len(rows),
            "refused": len(rows) - len(both),
            "refused_by_old": sum(not a and bool(b) for a, b in zip(old, new, strict=True)),
            "refused_by_new": sum(bool(a) and not b for a, b in zip(old, new, strict=True)),
            "refused_by_both": sum(not a and not b for a, b in zip(old, new, strict=True)),
            **numbers(lines),
        },
        "from_to": from_to(lines),
        "dispositions": {
            name: {
                "old": sum(before["disposition"] == name for _, before, *_ in lines),
                "new": sum(after["disposition"] == name for _, _, after, *_ in lines),
                "kept": sum(
                    before["disposition"] == after["disposition"] == name
                    for _, before, after, *_ in lines
                ),
            }
            for name in DISPOSITIONS
            if any(name in (each[1]["disposition"], each[2]["disposition"]) for each in lines)
        },
        "changed": Counter(aspects for *_, aspects in lines if aspects),
        "by": by,
    }


def bare(given):
    """Return the counts of a report with nothing hidden, in the oracle's shape."""

    def without(each, *names):
        assert each["suppressed"] == {}
        return {name: value for name, value in each.items()
                if name not in ("suppressed", "flip_rate", *names)}  # fmt: skip

    def plain(row):
        return {**without(row, "value"), "from_to": [without(each) for each in row["from_to"]]}

    return {
        "counts": without(given["counts"]),
        "from_to": [without(each) for each in given["from_to"]],
        "dispositions": {
            each["disposition"]: without(each, "disposition") for each in given["dispositions"]
        },
        "changed": Counter({tuple(each["differs"]): each["lines"] for each in given["changed"]}),
        "by": {
            name: {row["value"]: plain(row) for row in rows} for name, rows in given["by"].items()
        },
    }


def compared(pair, path, below=1, **files):
    """Return the JSON of a run over a file."""
    return impact.run(pair, path, below, impact.Files(**files)).to_dict()


def command(capsys, *arguments):
    """Return the exit status of `medpolicy impact`, and what it says."""
    status = cli.main(["impact", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err


# --- files ----------------------------------------------------------------------------


def cases_of_both(pair):
    """Return the cases of both versions as rows, each on a day of its own in the years of both."""
    found = []
    for version in ("1", "2"):
        for path in sorted((POLICY / "versions" / version / "cases").glob("*.json")):
            for case in json.loads(path.read_text(encoding="utf-8")):
                if "error" in case["expect"]:
                    continue
                number = len(found)
                for row in rows_of(case["request"], pair.facts):
                    born_later = row["birth_date"] and row["birth_date"] > "2015"
                    if born_later or any(isinstance(each, float) for each in row.values()):
                        continue  # Arrow makes no decimal of a float
                    day = f"{2018 + number % 6}-{1 + number % 12:02}-{1 + number % 28:02}"
                    found.append(
                        {**row, "request_id": f"r{number}", "service_date": day,
                         "state": (None, "MO", "FL")[number % 3]}
                    )  # fmt: skip
    # What each version alone refuses, and both; no value of the one is of the other.
    found.append({**found[0], "request_id": "b1", "visit practitioner": "nobody"})
    found.append({**found[0], "request_id": "b2", "months since last screening": -1})
    found.append({**found[0], "request_id": "b3", "code": "?"})
    return found


# All that both versions ask of a counseling visit; each reads those facts that it knows.
VISIT = {
    "request_id": "r", "line_id": "1", "service_date": "2021-06-15", "birth_date": "1961-01-01",
    "plan": "medicare", "line_of_business": "medicare", "state": "MO", "system": "HCPCS",
    "code": "G0296", "diagnoses": ["F17.210"], "lung cancer symptoms": False, "pack years": 35,
    "smoking status": "current smoker", "visit practitioner": "physician",
    "eligibility determined": True, "decision aid used": True, "visit documented": True,
    "adherence counseling": True, "smoking counseling": True,
}  # fmt: skip
# NCD 210.14: from 55 to 77 years and 30 pack-years in 2015; from 50 years and 20 since 2022.
BY_HAND = [
    (40, {}),  # 60 years, 35 pack-years: both
    (12, {"pack years": 25}),  # the new one alone
    (15, {"birth_date": "1969-01-01", "service_date": "2021-07-15"}),  # 52: the new one alone
    (3, {"birth_date": "1969-01-01", "state": "TX"}),  # the same in another state
    (13, {"birth_date": "1973-01-01"}),  # 48: neither
    (5, {"pack years": 15}),  # neither
    (14, {"pack years": None}),  # not known: both ask
    (20, {"code": "99213", "system": "CPT"}),  # of neither policy
]


def by_hand(pair, path):
    """Write `BY_HAND` as a file of claims, and return its path."""
    empty = dict.fromkeys(pair.facts)
    rows = [
        {**empty, **VISIT, **change, "request_id": f"patient-{number}-{copy}"}
        for number, (copies, change) in enumerate(BY_HAND)
        for copy in range(copies)
    ]
    return write(path, rows, pair)
