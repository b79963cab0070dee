"""A table of claim lines to a table of answers: what a run over a file, or a cluster, repeats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medpolicy.batch.claims import rows_of
from medpolicy.batch.columns import check_names, check_types
from medpolicy.batch.output import row_of, schema
from medpolicy.batch.requests import Grouping, Reject
from medpolicy.determine import Answers, Policy

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a table: the answers in the order of its rows, and the rows refused.

    `answers` has the columns of `medpolicy.batch.output.OUTPUT`; a reject's number is that of
    its row in the table, from 1.
    """

    answers: pa.Table
    rejects: tuple[Reject, ...]


def answer(policy: Policy, table: pa.Table | pa.RecordBatch, where: str = "the table") -> Answered:
    """Return the answers to the claim lines of an Arrow table.

    The columns are those of a claims file; lines that follow one another with one `request_id`
    are one request, and the table has them all. Rows that cannot be read are refused, each by
    itself. Raises `RequestError`, naming the table as `where`, for columns that are missing,
    unknown or of another type, and `PolicyError` as `Policy.determine` does.
    """
    import pyarrow as pa

    check_names(where, table.schema.names, policy.facts)
    check_types(where, table.schema, policy.facts)
    grouping = Grouping(policy.facts)
    kept = Answers()
    answered = [
        row_of(request.id, line)
        for requests in (grouping.requests(rows_of(table)), grouping.last())
        for request in requests
        for line in policy.determine(request, answers=kept).lines
    ]
    rejects = tuple(sorted(grouping.rejects, key=lambda each: each.row))
    return Answered(pa.Table.from_pylist(answered, schema()), rejects)
