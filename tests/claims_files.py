"""Files of claim lines for tests: rows of requests, written and read in each form."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet


def rows_of(request, facts):
    """Return the rows of a request."""
    member, plan = request.get("member") or {}, request["plan"]
    for line in request["lines"]:
        yield {
            "request_id": request["id"],
            "line_id": line["id"],
            "service_date": request["service_date"],
            "birth_date": member.get("birth_date"),
            "plan": plan["name"],
            "line_of_business": plan["line_of_business"],
            "state": plan.get("state"),
            "system": line["procedure"]["system"],
            "code": line["procedure"]["code"],
            "diagnoses": line.get("diagnoses") or [],
            **{name: (line.get("facts") or {}).get(name) for name in facts},
        }


def schema_of(policy, *, dates: bool):
    """Return the Arrow types of a claims file."""
    kinds = {"boolean": pa.bool_(), "number": pa.decimal128(34, 6), "string": pa.string()}
    day = pa.date32() if dates else pa.string()
    texts = ["request_id", "line_id", "plan", "line_of_business", "state", "system", "code"]
    return pa.schema(
        [(name, pa.string()) for name in texts]
        + [("service_date", day), ("birth_date", day), ("diagnoses", pa.list_(pa.string()))]
        + [(name, kinds[fact.type]) for name, fact in policy.facts.items()]
    )


def write(path: Path, rows, policy, *, dates: bool = True) -> Path:
    """Write rows in the form that the name says."""
    if path.suffix == ".parquet":
        if dates:
            rows = [
                {**row, **{name: row[name] and date.fromisoformat(row[name])
                           for name in ("service_date", "birth_date")}}
                for row in rows
            ]  # fmt: skip
        parquet.write_table(pa.Table.from_pylist(rows, schema_of(policy, dates=dates)), path)
    elif path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            for row in rows:
                texts = {
                    name: str(value).lower() if isinstance(value, bool) else value
                    for name, value in row.items()
                }
                writer.writerow({**texts, "diagnoses": ";".join(row["diagnoses"])})
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path):
    """Return the rows of an output file, lists as lists."""
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as stream:
            return [
                {
                    **row,
                    "criterion": row["criterion"] or None,
                    "missing": row["missing"].split(";") if row["missing"] else [],
                    "flags": row["flags"].split(";") if row["flags"] else [],
                }
                for row in csv.DictReader(stream)
            ]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
