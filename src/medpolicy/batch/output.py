"""What comes out: determinations as Parquet, CSV or JSON lines, and the rows refused."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pydmn
from medpolicy.batch.claims import ending_of
from medpolicy.batch.columns import OUTPUT
from medpolicy.batch.requests import Reject
from medpolicy.determination import LineDetermination

if TYPE_CHECKING:
    import pyarrow as pa


class Writer(Protocol):
    """Writes answers to a file."""

    def write(self, answers: pa.Table) -> None:
        """Write some more."""
        ...


def schema() -> pa.Schema:
    """Return the types of the columns of `OUTPUT`."""
    import pyarrow as pa

    texts = pa.list_(pa.string())
    return pa.schema(
        [(name, texts if name in ("missing", "flags") else pa.string()) for name in OUTPUT]
    )


def row_of(request_id: str, line: LineDetermination) -> dict[str, Any]:
    """Return a line's answer by the columns of `OUTPUT`.

    `criterion` is the first that a reason names.
    """
    return {
        "request_id": request_id,
        "line_id": line.id,
        "disposition": line.disposition.value,
        "criteria_result": line.criteria_result,
        "criterion": criterion_of(line),
        "missing": [each.fact for each in line.missing],
        "flags": list(line.flags),
    }


def criterion_of(line: LineDetermination) -> str | None:
    """Return the criterion of the outermost reason that has one."""
    return next((each.criterion for each in line.reasons if each.criterion is not None), None)


@contextmanager
def writing(part: Path, target: Path) -> Iterator[Writer]:
    """Give what writes answers to `part`, in the form that `target` is named for."""
    match ending_of(target):
        case ".parquet":
            with _parquet(part) as writer:
                yield writer
        case ".csv":
            with part.open("w", encoding="utf-8", newline="") as stream:
                yield _Csv(stream)
        case _:
            with part.open("w", encoding="utf-8", newline="\n") as stream:
                yield _JsonLines(stream)


@contextmanager
def _parquet(part: Path) -> Iterator[Writer]:
    from pyarrow import parquet

    class Parquet:
        def write(self, answers: pa.Table) -> None:
            file.write_table(answers)

    with parquet.ParquetWriter(part, schema()) as file:
        yield Parquet()


class _Csv:
    """Lists are texts with `;` between their members."""

    def __init__(self, stream: Any) -> None:
        self._rows = csv.writer(stream, lineterminator="\n")
        self._rows.writerow(OUTPUT)

    def write(self, answers: pa.Table) -> None:
        columns = [answers[name].to_pylist() for name in OUTPUT]
        for name in ("missing", "flags"):
            place = OUTPUT.index(name)
            columns[place] = [";".join(each) for each in columns[place]]
        self._rows.writerows(zip(*columns, strict=True))


class _JsonLines:
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, answers: pa.Table) -> None:
        for row in answers.to_pylist():
            self._stream.write(pydmn.write_json(row) + "\n")


class Rejects:
    """The file of rows refused, JSON lines; there is none until one is."""

    def __init__(self, part: Path) -> None:
        self._part = part
        self.count = 0

    def write(self, rejects: Sequence[Reject]) -> None:
        """Write some more."""
        if not rejects:
            return
        with self._part.open("a", encoding="utf-8", newline="\n") as stream:
            for each in sorted(rejects, key=lambda each: each.row):
                stream.write(pydmn.write_json(each.to_dict()) + "\n")
        self.count += len(rejects)
