"""A claims file, row by row, in batches: Parquet, CSV or JSON lines by its name's ending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pydmn
from medpolicy.batch.columns import DATES, check_names, check_types
from medpolicy.problems import Problem, RequestError, did_you_mean
from medpolicy.record import FactType

if TYPE_CHECKING:
    import pyarrow as pa

ROWS: Final = 20_000
"""So many rows are held at once."""

ENDINGS: Final = (".parquet", ".csv", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be read, and why."""

    problem: Problem


Row: TypeAlias = Mapping[str, Any] | Refused


def ending_of(path: Path) -> str:
    """Return the ending that says how a file is written; raises `RequestError` for another."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        help_ = did_you_mean(ending, ENDINGS) or f"name it in {', '.join(ENDINGS)}"
        raise RequestError([Problem(str(path), "is no kind of file that is known", help_)])
    return ending


def count(path: Path) -> int | None:
    """Return how many rows a file has, where it says so."""
    if ending_of(path) != ".parquet":
        return None
    from pyarrow import parquet

    return int(parquet.read_metadata(path).num_rows)


def batches(path: Path, facts: Mapping[str, FactType]) -> Iterator[list[Row]]:
    """Yield the rows of a file, `ROWS` at a time.

    Raises `RequestError` for columns that are missing, unknown or of another type, before any
    row is read.
    """
    match ending_of(path):
        case ".parquet":
            yield from _parquet(path, facts)
        case ".csv":
            yield from _csv(path, facts)
        case _:
            yield from _json_lines(path, facts)


def _parquet(path: Path, facts: Mapping[str, FactType]) -> Iterator[list[Row]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            check_names(str(path), file.schema_arrow.names, facts)
            check_types(str(path), file.schema_arrow, facts)
            for batch in file.iter_batches(ROWS):
                yield rows_of(batch)
    except pa.ArrowInvalid as error:
        raise RequestError([Problem(str(path), f"is no Parquet file: {error}")]) from error


def rows_of(table: pa.Table | pa.RecordBatch) -> list[Row]:
    """Return the rows of an Arrow table, with dates as texts, as requests have them."""
    return [_plain(row) for row in table.to_pylist()]


def _csv(path: Path, facts: Mapping[str, FactType]) -> Iterator[list[Row]]:
    import pyarrow as pa
    from pyarrow import csv

    try:
        with path.open("rb") as stream:
            header = stream.readline().decode("utf-8-sig").rstrip("\r\n")
        schema = csv.read_csv(pa.py_buffer(f"{header}\n".encode())).schema
        check_names(str(path), schema.names, facts)
        options = csv.ConvertOptions(
            column_types=dict.fromkeys(schema.names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        )
        with csv.open_csv(path, convert_options=options) as reader:
            for batch in reader:
                for start in range(0, batch.num_rows, ROWS):
                    rows = batch.slice(start, ROWS).to_pylist()
                    yield [_typed(row, facts) for row in rows]
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise RequestError([Problem(str(path), f"is no CSV file: {error}")]) from error


def _json_lines(path: Path, facts: Mapping[str, FactType]) -> Iterator[list[Row]]:
    rows: list[Row] = []
    with path.open("rb") as stream:
        for line in stream:
            if line.strip():
                rows.append(_object(line, facts))
            if len(rows) == ROWS:
                yield rows
                rows = []
    if rows:
        yield rows


def _object(line: bytes, facts: Mapping[str, FactType]) -> Row:
    try:
        row = pydmn.read_json(line)
        if not isinstance(row, dict):
            return Refused(Problem("", "is no JSON object"))
        check_names("", row, facts)
    except pydmn.InputError as error:
        return Refused(Problem("", error.message))
    except RequestError as error:
        return Refused(error.problems[0])
    return row


def _plain(row: dict[str, Any]) -> Row:
    """Return a row of Arrow's values with dates as texts, as requests have them."""
    for name in DATES:
        day = row.get(name)
        if isinstance(day, date):
            row[name] = day.isoformat()
    diagnoses = row.get("diagnoses")
    if isinstance(diagnoses, str):
        row["diagnoses"] = _codes(diagnoses)
    return row


def _typed(row: dict[str, Any], facts: Mapping[str, FactType]) -> Row:
    """Return a row of texts with the values that its columns hold; what is none stays a text."""
    for name, fact in facts.items():
        text = row.get(name)
        if text is not None:
            row[name] = _value(text, fact.type)
    diagnoses = row.get("diagnoses")
    if diagnoses is not None:
        row["diagnoses"] = _codes(diagnoses)
    return row


def _value(text: str, type_: str) -> Any:
    match type_:
        case "boolean":
            return {"true": True, "false": False}.get(text.strip().lower(), text)
        case "number":
            try:
                return Decimal(text.strip())
            except InvalidOperation:
                return text
    return text


def _codes(text: str) -> list[str]:
    return [code for each in text.split(";") if (code := each.strip())]
