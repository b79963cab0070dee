"""Findings as other programs read them: JSON, and SARIF 2.1.0 for code review."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

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
