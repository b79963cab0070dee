"""The lines whose disposition differs, one a row, as Parquet: for use inside.

The file names requests and lines, so that somebody can look them up: it is about persons, is
never suppressed, and says so in its own metadata.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from medpolicy.batch.output import schema
from medpolicy.problems import Problem, RequestError

if TYPE_CHECKING:
    from pyarrow import parquet

NOTICE: Final = "for use inside: names requests and lines, and is not suppressed"
IDENTITY: Final = ("request_id", "line_id", "system", "code")


def flips_schema() -> pa.Schema:
    """Return the columns: what names a line, then both answers, `old_...` and `new_...`."""
    fields = [pa.field(name, pa.string()) for name in IDENTITY]
    answers = [each for each in schema() if each.name not in IDENTITY]
    for version in ("old", "new"):
        fields += [each.with_name(f"{version}_{each.name}") for each in answers]
    return pa.schema(fields, metadata={"medpolicy": NOTICE})


def check_name(target: Path) -> None:
    """Raise `RequestError` for a name that is not of a Parquet file."""
    if target.suffix.lower() != ".parquet":
        raise RequestError([Problem(str(target), "is not named .parquet", "name it so")])


@contextmanager
def flips_writer(part: Path) -> Iterator[parquet.ParquetWriter]:
    """Give what writes the rows to `part`."""
    from pyarrow import parquet

    with parquet.ParquetWriter(part, flips_schema()) as writer:
        yield writer
