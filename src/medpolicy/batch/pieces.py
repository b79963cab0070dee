"""A claims file in pieces that can be answered apart: no request goes across a border.

Lines that follow one another with one `request_id` are a request, and a row that cannot be read
breaks none up. So a border is between two rows that are next to one another, are both sure to be
rows, and have different ids. A piece is written as a claims file of the same form, and answered
as any other.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import pydmn
from medpolicy.batch.claims import ending_of
from medpolicy.batch.columns import check_names
from medpolicy.problems import Problem, RequestError
from medpolicy.record import FactType

ROWS: Final = 200_000
"""A piece of a Parquet file has so many rows, and those that complete its last request."""
OCTETS: Final = 1 << 25
"""A piece of another file has so many octets, and those that complete its last request."""

_AT_ONCE: Final = 1 << 16
_LONG: Final = 1 << 20
"""What has so many octets may be refused as a row."""
_UNREADABLE: Final = object()
_Id: TypeAlias = Callable[[bytes], object]
"""Gives the id of a row's request; `_UNREADABLE` for what may be none."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What a file has from `start` to before `stop`: rows of Parquet, octets of another form.

    `whole` says that this is all of it.
    """

    number: int
    path: Path
    start: int
    stop: int
    whole: bool


def pieces(path: Path, facts: Mapping[str, FactType]) -> list[Piece]:
    """Return the pieces of a claims file, in its order.

    A file that is not what its name says is one piece: who answers it says what is wrong. Raises
    `RequestError` for what is no regular file, `OSError`.
    """
    ending = ending_of(path)
    if path.exists() and not path.is_file():
        help_ = "write it to a file before"
        raise RequestError([Problem(str(path), "cannot be read in pieces", help_)])
    borders = _parquet_borders(path) if ending == ".parquet" else _text_borders(path, facts)
    pairs = list(pairwise(borders))
    return [
        Piece(number, path, start, stop, len(pairs) == 1)
        for number, (start, stop) in enumerate(pairs)
    ]


def cut(piece: Piece, folder: Path) -> Path:
    """Return a file in `folder` that has the piece alone; the file itself where it is whole."""
    if piece.whole:
        return piece.path
    made = folder / f"claims{ending_of(piece.path)}"
    if ending_of(piece.path) == ".parquet":
        _cut_rows(piece, made)
        return made
    with piece.path.open("rb") as given, made.open("wb") as stream:
        if ending_of(piece.path) == ".csv":
            stream.write(given.readline())
        given.seek(piece.start)
        left = piece.stop - piece.start
        while left and (octets := given.read(min(left, _AT_ONCE))):
            stream.write(octets)
            left -= len(octets)
    return made


# --- Parquet --------------------------------------------------------------------------


def _parquet_borders(path: Path) -> list[int]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            rows = file.metadata.num_rows
            if "request_id" not in file.schema_arrow.names:
                return [0, rows]
            borders = [0]
            while borders[-1] + ROWS < rows:
                borders.append(_row_border(file, borders[-1] + ROWS))
            return borders if borders[-1] == rows and rows else [*borders, rows]
    except pa.ArrowInvalid:
        return [0, 0]


def _row_border(file: Any, row: int) -> int:
    """Return the first row, from `row` on, that begins a request; else how many there are."""
    starts = _group_starts(file)
    group = bisect_right(starts, row - 1) - 1
    position = starts[group]
    before: object = _UNREADABLE
    groups = range(group, file.num_row_groups)
    for batch in file.iter_batches(_AT_ONCE, row_groups=groups, columns=["request_id"]):
        first = max(row - 1 - position, 0)
        for place, id_ in enumerate(batch.column(0).slice(first).to_pylist(), position + first):
            if before is not _UNREADABLE and id_ != before:
                return place
            before = id_
        position += batch.num_rows
    return position


def _group_starts(file: Any) -> list[int]:
    """Return the number of the first row of each row group."""
    starts, rows = [], 0
    for group in range(file.num_row_groups):
        starts.append(rows)
        rows += file.metadata.row_group(group).num_rows
    return starts


def _cut_rows(piece: Piece, made: Path) -> None:
    from pyarrow import parquet

    with parquet.ParquetFile(piece.path) as file:
        starts = _group_starts(file)
        first = bisect_right(starts, piece.start) - 1
        groups = range(first, bisect_right(starts, piece.stop - 1))
        position = starts[first]
        # Read once and thrown away: not worth compressing.
        with parquet.ParquetWriter(made, file.schema_arrow, compression="none") as writer:
            for batch in file.iter_batches(_AT_ONCE, row_groups=groups):
                start = max(piece.start - position, 0)
                length = min(piece.stop - position, batch.num_rows) - start
                if length > 0:
                    writer.write_batch(batch.slice(start, length))
                position += batch.num_rows


# --- CSV and JSON lines ---------------------------------------------------------------


def _text_borders(path: Path, facts: Mapping[str, FactType]) -> list[int]:
    size = path.stat().st_size
    with path.open("rb") as stream:
        quoted = ending_of(path) == ".csv"
        id_ = _csv_id(stream.readline()) if quoted else _json_id(facts)
        borders = [stream.tell() if quoted else 0]
        while borders[-1] + OCTETS < size:
            borders.append(_octet_border(stream, borders[-1], id_, quoted=quoted))
    return borders if len(borders) > 1 and borders[-1] == size else [*borders, size]


def _octet_border(stream: BinaryIO, start: int, id_: _Id, *, quoted: bool) -> int:
    """Return where, `OCTETS` or more behind `start`, a row begins a request; else the end."""
    stream.seek(start)
    odd = False
    left = OCTETS
    while left:
        octets = stream.read(min(left, _AT_ONCE))
        odd ^= quoted and octets.count(b'"') % 2 == 1
        left -= len(octets)
    before: object = _UNREADABLE
    for place, record in _records(stream, odd=odd, quoted=quoted):
        found = id_(record) if len(record) < _LONG else _UNREADABLE
        if before is not _UNREADABLE and found is not _UNREADABLE and found != before:
            return place
        before = found
    return stream.tell()


def _records(stream: BinaryIO, *, odd: bool, quoted: bool) -> Iterator[tuple[int, bytes]]:
    """Yield the rows that begin behind the stream's place, each with where it begins.

    A line ends no row while a quotation mark is open: `odd` says that one is at the beginning.
    """
    record = b""
    place: int | None = None  # the first line began before, and is no row
    while line := stream.readline():
        record += line
        odd ^= quoted and line.count(b'"') % 2 == 1
        if odd:
            continue
        if place is not None:
            yield place, record
        record, place = b"", stream.tell()


def _csv_id(header: bytes) -> _Id:
    names = next(csv.reader([header.decode("utf-8-sig", "replace")]), [])
    column = names.index("request_id") if "request_id" in names else None

    def id_(record: bytes) -> object:
        values = next(csv.reader([record.decode("utf-8", "replace")], strict=False), [])
        if column is None or len(values) != len(names):
            return _UNREADABLE
        return values[column]

    return id_


def _json_id(facts: Mapping[str, FactType]) -> _Id:
    def id_(record: bytes) -> object:
        try:
            row = pydmn.read_json(record)
            if not isinstance(row, dict):
                return _UNREADABLE
            check_names("", row, facts)
        except (pydmn.InputError, RequestError):
            return _UNREADABLE
        found = row.get("request_id")
        return found if isinstance(found, str) else None

    return id_
