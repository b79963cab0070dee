"""A claims file in chunks of whole requests: Parquet, CSV or JSON lines by its name's ending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa

import pydmn
from medpolicy.batch.coding import Codes
from medpolicy.batch.columns import (
    DATES,
    OPTIONAL,
    REQUIRED,
    check_names,
    check_types,
    illegible,
    without_dictionaries,
)
from medpolicy.batch.ragged import Ragged
from medpolicy.batch.reading import groups
from medpolicy.batch.requests import Reject
from medpolicy.problems import Problem, RequestError, did_you_mean
from medpolicy.record import FactType

ROWS: Final = 1 << 17
"""So many rows are read at once."""

MOST_LINES: Final = 10_000
"""A request has at most so many lines: ten times what a claim can have (X12 837I: 999)."""

MOST_BYTES: Final = 1 << 20
"""A line of JSON, and the header of a CSV file, are at most so long."""

_BLOCK: Final = 1 << 24
"""So many bytes of a CSV file are read at once, and a row has at most so many."""

ENDINGS: Final = (".parquet", ".csv", ".jsonl", ".ndjson")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some rows of a claims file.

    `numbers` has each row's place in the file, from 1. With `texts`, facts are texts: `true`,
    `0.5`. An `odd` row, by its place here, has a value that its column cannot hold. `rejects`
    are rows that are none of the table. With `refused` all rows are, for that reason.
    """

    table: pa.Table
    numbers: Codes
    texts: bool = False
    facts: Mapping[str, FactType] = field(default_factory=dict)
    odd: Mapping[int, Row] = field(default_factory=dict)
    rejects: tuple[Reject, ...] = ()
    too_long: bool = False

    def __len__(self) -> int:
        return len(self.numbers)

    def row(self, place: int) -> Row:
        """Return a row as a request has it."""
        found = self.odd.get(place)
        if found is not None:
            return found
        (row,) = _without_far_days(self.table.slice(place, 1)).to_pylist()
        return _typed(row, self.facts) if self.texts else _plain(row)

    def slice(self, start: int, stop: int) -> Chunk:
        """Return some of the rows; the rejects go with the first."""
        return replace(
            self,
            table=self.table.slice(start, stop - start),
            numbers=self.numbers[start:stop],
            odd={place - start: row for place, row in self.odd.items() if start <= place < stop},
            rejects=() if start else self.rejects,
        )

    def take(self, rows: Codes) -> Chunk:
        """Return some of the rows, without the rejects."""
        places = {int(row): place for place, row in enumerate(rows)} if self.odd else {}
        return replace(
            self,
            table=self.table.take(pa.array(rows)),
            numbers=self.numbers[rows],
            odd={places[place]: row for place, row in self.odd.items() if place in places},
            rejects=(),
        )

    def followed_by(self, other: Chunk) -> Chunk:
        """Return these rows and the other's."""
        return replace(
            self,
            table=pa.concat_tables([self.table, other.table]),
            numbers=np.concatenate([self.numbers, other.numbers]),
            odd={**self.odd, **{place + len(self): row for place, row in other.odd.items()}},
            rejects=(*self.rejects, *other.rejects),
        )


def chunk_of(table: pa.Table | pa.RecordBatch, first: int = 1) -> Chunk:
    """Return an Arrow table as a chunk whose first row has the number `first`."""
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    return Chunk(table, np.arange(first, first + table.num_rows))


def cut(chunk: Chunk) -> Iterator[Chunk]:
    """Yield a chunk of whole requests in such chunks of about `ROWS` rows."""
    start = 0
    if len(chunk) > ROWS:
        _, starts = groups(chunk.table["request_id"])
        for stop in range(ROWS, len(chunk), ROWS):
            border = int(starts[np.searchsorted(starts, stop, "right") - 1])
            if border > start:
                yield chunk.slice(start, border)
                start = border
    yield chunk.slice(start, len(chunk)) if start else chunk


def ending_of(path: Path) -> str:
    """Return the ending that says how a file is written; raises `RequestError` for another."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        help_ = did_you_mean(ending, ENDINGS) or f"name it in {', '.join(ENDINGS)}"
        raise RequestError([Problem(str(path), "is no kind of file that is known", help_)])
    return ending


def count(path: Path) -> int | None:
    """Return how many rows a file has, where it says so.

    Raises `RequestError` for a file that is none of its kind.
    """
    if ending_of(path) != ".parquet":
        return None
    from pyarrow import parquet

    with _parquet_only(path):
        return int(parquet.read_metadata(path).num_rows)


def columns_of(path: Path) -> list[str] | None:
    """Return the names of a file's columns; None where only its rows say which they have.

    Raises `RequestError` for a file that is none of its kind.
    """
    match ending_of(path):
        case ".parquet":
            return list(_schema(path).names)
        case ".csv":
            return _header(path)
    return None


def chunks(path: Path, facts: Mapping[str, FactType]) -> Iterator[Chunk]:
    """Yield the rows of a file, in chunks of whole requests of about `ROWS` rows.

    A request of more than `MOST_LINES` lines comes in several chunks, all of them `too_long`
    but perhaps the first. Raises `RequestError` for columns that are missing, unknown or of
    another type, before any row is read.
    """
    match ending_of(path):
        case ".parquet":
            pieces = _parquet(path, facts)
        case ".csv":
            pieces = _csv(path, facts)
        case _:
            pieces = _json_lines(path, facts)
    return _whole_requests(map(_legible, pieces))


def _legible(chunk: Chunk) -> Chunk:
    """Return a chunk without the rows that have a text which is none; they are refused."""
    try:
        chunk.table.validate(full=True)
    except pa.ArrowInvalid:
        schema = chunk.table.schema
        chunk = replace(chunk, table=without_dictionaries(chunk.table))
        bad = illegible(chunk.table)
        help_ = "write the file in UTF-8"
        refused = (
            Reject(int(chunk.numbers[row]), None, None, Problem(name, "is no UTF-8 text", help_))
            for row, name in bad.items()
        )
        good = np.setdiff1d(np.arange(len(chunk)), np.array([*bad], np.intp))
        kept = chunk.take(good)
        rejects = (*chunk.rejects, *refused)
        return replace(kept, table=kept.table.cast(schema), rejects=rejects)
    return chunk


def _whole_requests(pieces: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield pieces of a file cut between requests."""
    tail: Chunk | None = None
    refusing: Any = _NOTHING
    for piece in pieces:
        rest = piece
        if refusing is not _NOTHING and len(rest):
            _, starts = groups(rest.table["request_id"])
            if rest.table["request_id"][0].as_py() == refusing:
                end = int(starts[1]) if len(starts) > 1 else len(rest)
                yield replace(rest.slice(0, end), too_long=True)
                rest = replace(rest.slice(end, len(rest)), rejects=())
            if len(rest):
                refusing = _NOTHING
        rest = rest if tail is None else tail.followed_by(rest)
        if not len(rest):
            if rest.rejects:
                yield rest
            tail = None
            continue
        _, starts = groups(rest.table["request_id"])
        last = int(starts[-1])
        if last:
            yield rest.slice(0, last)
        tail = rest.slice(last, len(rest))
        if len(tail) > MOST_LINES:
            yield replace(tail, too_long=True)
            refusing, tail = tail.table["request_id"][0].as_py(), None
    if tail is not None:
        yield tail


_NOTHING: Final = object()


# --- Parquet --------------------------------------------------------------------------


@contextmanager
def _parquet_only(path: Path) -> Iterator[None]:
    """Say of a file that Arrow cannot read as Parquet that it is none."""
    try:
        yield
    except pa.ArrowInvalid as error:
        help_ = "make it again, or give it the ending that it should have"
        raise RequestError([Problem(str(path), f"is no Parquet file: {error}", help_)]) from error
    except NotImplementedError as error:
        help_ = "write its lists as lists of plain strings"
        raise RequestError([Problem(str(path), f"cannot be read: {error}", help_)]) from error
    except OSError as error:
        if path.is_dir():
            raise RequestError([Problem(str(path), "is a folder", "name a file")]) from error
        if error.errno is not None:
            raise  # the file's own trouble, which says its name
        message, help_ = f"the file is damaged: {error}", "make it again"
        raise RequestError([Problem(str(path), message, help_)]) from error


def _schema(path: Path) -> pa.Schema:
    from pyarrow import parquet

    with _parquet_only(path):
        return parquet.read_schema(path)


def _parquet(path: Path, facts: Mapping[str, FactType]) -> Iterator[Chunk]:
    from pyarrow import parquet

    schema = _schema(path)
    with _parquet_only(path):
        check_names(str(path), schema.names, facts)
        check_types(str(path), schema, facts)
        # Coded as they lie in the file; ids are nearly all different.
        texts = [each.name for each in schema if pa.types.is_string(each.type)]
        coded = [name for name in texts if name != "request_id"]
        with parquet.ParquetFile(path, read_dictionary=coded) as file:
            first = 1
            for batch in file.iter_batches(ROWS):
                yield chunk_of(batch, first)
                first += batch.num_rows


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


def _without_far_days(table: pa.Table) -> pa.Table:
    """Return a table with days as texts: Arrow has some that Python has not."""
    for place, each in enumerate(table.schema):
        if pa.types.is_date(each.type):
            days = table.column(place).cast(pa.date32(), safe=False).cast(pa.string())
            table = table.set_column(place, each.name, days)
    return table


# --- CSV ------------------------------------------------------------------------------


def _header(path: Path) -> list[str]:
    from pyarrow import csv

    try:
        with path.open("rb") as stream:
            header = stream.readline(MOST_BYTES).decode("utf-8-sig").rstrip("\r\n")
        return list(csv.read_csv(pa.py_buffer(f"{header}\n".encode())).schema.names)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise RequestError([Problem(str(path), f"is no CSV file: {error}")]) from error


def _is_header_alone(path: Path) -> bool:
    """Say whether a file ends within its first line: Arrow takes such a one for no CSV."""
    with path.open("rb") as stream:
        header = stream.readline(MOST_BYTES)
        return not header.endswith((b"\r", b"\n")) and b"\r" not in header and not stream.read(1)


def _csv(path: Path, facts: Mapping[str, FactType]) -> Iterator[Chunk]:
    from pyarrow import csv

    names = _header(path)
    check_names(str(path), names, facts)
    if _is_header_alone(path):
        return
    try:
        options = csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        )
        # With one thread it says which row it is that has too few values or too many.
        blocks = csv.ReadOptions(block_size=_BLOCK, use_threads=False)
        ragged = Ragged()
        shape = csv.ParseOptions(newlines_in_values=True, invalid_row_handler=ragged.skipped)
        first = 1
        with csv.open_csv(
            path, read_options=blocks, parse_options=shape, convert_options=options
        ) as reader:
            for batch in reader:
                for start in range(0, batch.num_rows, ROWS):
                    table = pa.Table.from_batches([batch.slice(start, ROWS)])
                    numbers = ragged.numbers(first, table.num_rows)
                    first = int(numbers[-1]) + 1
                    yield Chunk(table, numbers, True, facts, rejects=tuple(ragged.before(first)))
            table = reader.schema.empty_table()
            rest = tuple(ragged.before(None))
            yield Chunk(table, np.empty(0, np.intp), True, facts, rejects=rest)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise RequestError([Problem(str(path), f"is no CSV file: {error}")]) from error


def _typed(row: dict[str, Any], facts: Mapping[str, FactType]) -> Row:
    """Return a row of texts with the values that its columns hold; what is none stays a text."""
    for name, fact in facts.items():
        text = row.get(name)
        if text is not None:
            row[name] = fact_of_text(text, fact)
    diagnoses = row.get("diagnoses")
    if isinstance(diagnoses, str):
        row["diagnoses"] = _codes(diagnoses)
    return row


def fact_of_text(text: str, fact: FactType) -> Any:
    """Return the value that a text writes for a fact; the text where it is none."""
    match fact.type:
        case "boolean":
            return {"true": True, "false": False}.get(text.strip().lower(), text)
        case "number":
            try:
                # Python takes `1_000` too, and digits of other scripts.
                return Decimal(text.strip()) if text.isascii() and "_" not in text else text
            except InvalidOperation:
                return text
    return text


def _codes(text: str) -> list[str]:
    return [code for each in text.split(";") if (code := each.strip())]


# --- JSON lines -----------------------------------------------------------------------


def _json_lines(path: Path, facts: Mapping[str, FactType]) -> Iterator[Chunk]:
    number = 0
    with path.open("rb") as stream:
        reading = True
        while reading:
            rows: list[Row] = []
            numbers: list[int] = []
            rejects: list[Reject] = []
            while len(numbers) + len(rejects) < ROWS:
                line = _line(stream)
                if line == b"":
                    reading = False
                    break
                if line is not None and not line.strip():
                    continue
                number += 1
                row = _object(line, facts)
                if isinstance(row, Problem):
                    rejects.append(Reject(number, None, None, row))
                else:
                    rows.append(row)
                    numbers.append(number)
            yield _json_chunk(rows, numbers, tuple(rejects), facts)


def _line(stream: BinaryIO) -> bytes | None:
    """Return the next line, empty at the end; None for one that is too long, which is skipped."""
    line = stream.readline(MOST_BYTES)
    if len(line) < MOST_BYTES or line.endswith(b"\n"):
        return line
    while line and not line.endswith(b"\n"):
        line = stream.readline(MOST_BYTES)
    return None


def _object(line: bytes | None, facts: Mapping[str, FactType]) -> Row | Problem:
    if line is None:
        return Problem("", f"the line has more than {MOST_BYTES:,} bytes")
    try:
        row = pydmn.read_json(line)
        if not isinstance(row, dict):
            return Problem("", "is no JSON object")
        check_names("", row, facts)
    except pydmn.InputError as error:
        return Problem("", error.message)
    except RequestError as error:
        return error.problems[0]
    return row


_LIST: Final = pa.list_(pa.string())


def _json_chunk(
    rows: list[Row],
    numbers: list[int],
    rejects: tuple[Reject, ...],
    facts: Mapping[str, FactType],
) -> Chunk:
    odd: set[int] = set()
    columns: dict[str, pa.Array] = {}
    for name in (*REQUIRED, *OPTIONAL, *facts):
        kind = facts[name].type if name in facts else name
        texts: list[Any] = []
        for place, row in enumerate(rows):
            value = row.get(name)
            text = None if value is None else _text(value, kind)
            if text is None and value is not None:
                odd.add(place)
            texts.append(text)
        columns[name] = pa.array(texts, _LIST if name == "diagnoses" else pa.string())
    return Chunk(
        pa.table(columns),
        np.array(numbers, np.intp),
        texts=True,
        facts=facts,
        odd={place: rows[place] for place in sorted(odd)},
        rejects=rejects,
    )


def _text(value: Any, kind: str) -> Any:
    """Return what a column of texts has for a value of JSON; None where it cannot have it."""
    match kind:
        case "boolean":
            return {True: "true", False: "false"}[value] if isinstance(value, bool) else None
        case "number":
            is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
            return str(value) if is_number else None
        case "diagnoses":
            plain = isinstance(value, list) and all(isinstance(each, str) for each in value)
            return value if plain else None
    return value if isinstance(value, str) else None
