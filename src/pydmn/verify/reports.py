"""Findings as other programs read them: JSON, and SARIF 2.1.0 for code review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

from pydmn.feel import host, text
from pydmn.run import Run
from pydmn.verify.changes.found import Difference
from pydmn.verify.tables.findings import FINDINGS, TableFinding, VerifiedTable

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def json_object(table: VerifiedTable) -> dict[str, Any]:
    """Return a table with its findings as an object for JSON."""
    return {
        "decision": table.decision,
        "proved": list(table.proved),
        "findings": [
            {
                "code": each.code,
                "verdict": each.verdict.value,
                "severity": each.severity.value,
                "rules": list(each.rules),
                "witness": None if each.witness is None else dict(each.witness),
                "message": each.message,
            }
            for each in table.findings
        ],
    }


def difference_object(found: Difference) -> dict[str, Any]:
    """Return what two versions do as an object for JSON."""
    changes = []
    for each in found.changes:
        change: dict[str, Any] = {
            "class": each.class_.value,
            "witness": dict(each.witness),
            "old": each.old,
            "new": each.new,
            "rules": {"old": list(each.old_rules), "new": list(each.new_rules)},
        }
        if each.region is not None:
            change["region"] = dict(each.region)
        changes.append(change)
    said = {"equal": found.equal, "changes": changes}
    return said if found.why is None else {**said, "why": found.why}


def difference_lines(found: Difference) -> Iterator[str]:
    """Yield what two versions do as lines for people."""
    told = {True: "equal: both versions answer the same to all inputs", None: "not decided"}
    if found.equal is not False:
        yield f"{found.decision}: {told[found.equal]}{f': {found.why}' if found.why else ''}"
        return
    count = len(found.changes)
    yield f"{found.decision}: the versions differ in {count:,} region{'' if count == 1 else 's'}"
    for number, each in enumerate(found.changes, 1):
        where = "in the case shown"
        if each.region is not None:
            said = [f"{name}: {tests}" for name, tests in each.region.items()]
            where = "; ".join(said) or "whatever the inputs are"
        case = ", ".join(f"{name} = {_shown(value)}" for name, value in each.witness.items())
        yield f"{number}. {each.class_}: {where}"
        yield f"       was {_shown(each.old)}{_by(each.old_rules)}"
        yield f"       is  {_shown(each.new)}{_by(each.new_rules)}"
        yield f"       as for {case or 'no input'}"
    if found.why:
        yield f"There may be more: {found.why}"


def _shown(value: Any) -> str:
    return text.literal(Run(), host.from_python(value))


def _by(rules: Sequence[str]) -> str:
    return f" ({'rule' if len(rules) == 1 else 'rules'} {', '.join(rules)})" if rules else ""


def sarif(tables: Iterable[VerifiedTable], version: str) -> dict[str, Any]:
    """Return findings as a SARIF 2.1.0 log of one run of `pydmn`.

    A finding is a result: its code is the rule's id, its file and line the physical location,
    its table and rule the logical one.
    """
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "pydmn",
                        "version": version,
                        "rules": [
                            {"id": code, "shortDescription": {"text": text}}
                            for code, text in FINDINGS.items()
                        ],
                    }
                },
                "results": [
                    _result(table, finding) for table in tables for finding in table.findings
                ],
            }
        ],
    }


def _result(table: VerifiedTable, finding: TableFinding) -> dict[str, Any]:
    source = finding.source if finding.source.file else table.source
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": "/".join((table.decision, *finding.rules[:1]))}]
    }
    if source.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(source.file)}}
        if source.line is not None:
            physical["region"] = {"startLine": source.line}
        location["physicalLocation"] = physical
    return {
        "ruleId": finding.code,
        "ruleIndex": list(FINDINGS).index(finding.code),
        "level": finding.severity.value,
        "message": {"text": f"{table.decision}: {finding.message}"},
        "locations": [location],
        "properties": {"verdict": finding.verdict.value, "rules": list(finding.rules)},
    }


def _uri(file: str) -> str:
    return quote(file.replace("\\", "/"))
