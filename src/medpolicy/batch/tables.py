"""A table of claim lines to a table of answers: what a run over a file, or a cluster, repeats."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from medpolicy.batch.claims import MOST_LINES, Chunk, chunk_of, cut, fact_of_text
from medpolicy.batch.coding import Codes, Flags
from medpolicy.batch.columnar import Reading, columnar
from medpolicy.batch.columns import OPTIONAL, REQUIRED, check_names, check_types
from medpolicy.batch.output import row_of, schema
from medpolicy.batch.reading import EPOCH, deciding_days, groups, read_lines
from medpolicy.batch.requests import Grouping, Reject
from medpolicy.determine import Policy
from medpolicy.problems import Problem
from medpolicy.record import FactType
from medpolicy.versions import AnyPolicy

WORKERS: Final = 2
"""So many threads answer chunks: Arrow and numpy do most of their work without the lock."""

TOO_LONG: Final = Problem(
    "request_id",
    f"the request has more than {MOST_LINES:,} lines",
    "give other requests another `request_id`",
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a table: the answers in the order of its rows, and the rows refused.

    `answers` has the columns of `medpolicy.batch.output.OUTPUT`; a reject's number is that of
    its row in the table, from 1.
    """

    answers: pa.Table
    rejects: tuple[Reject, ...]


def answer(
    policy: AnyPolicy, table: pa.Table | pa.RecordBatch, where: str = "the table"
) -> Answered:
    """Return the answers to the claim lines of an Arrow table.

    The columns are those of a claims file; lines that follow one another with one `request_id`
    are one request, and the table has them all. Rows that cannot be read are refused, each by
    itself. Raises `RequestError`, naming the table as `where`, for columns that are missing,
    unknown or of another type, and `PolicyError` as `Policy.determine` does.
    """
    check_names(where, table.schema.names, policy.facts)
    check_types(where, table.schema, policy.facts)
    found = [each for _, each in answered(policy, cut(chunk_of(table)))]
    if len(found) == 1:
        return found[0]
    return Answered(
        pa.concat_tables([each.answers for each in found]),
        tuple(reject for each in found for reject in each.rejects),
    )


def answered(policy: AnyPolicy, chunks: Iterable[Chunk]) -> Iterator[tuple[int, Answered]]:
    """Yield what came of each chunk, in order, and its rows; `WORKERS` are worked on at once.

    Raises `PolicyError`, and what `chunks` do.
    """
    answering = Answering(policy)
    waiting: deque[tuple[int, Future[Answered]]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for chunk in chunks:
                if len(waiting) == WORKERS:
                    rows, future = waiting.popleft()
                    yield rows, future.result()
                rows = len(chunk) + len(chunk.rejects)
                waiting.append((rows, pool.submit(answering.answered, chunk)))
            while waiting:
                rows, future = waiting.popleft()
                yield rows, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


class Answering:
    """Answers chunks of claim lines by one policy; several threads may use it.

    With `known_only` a version does not read the columns of facts that it does not know;
    otherwise a row that states one is refused.
    """

    def __init__(self, policy: AnyPolicy, *, known_only: bool = False) -> None:
        self._policy = policy
        self._known_only = known_only
        self._starts = np.array(
            [each.dates.effective_from.toordinal() - EPOCH for each in policy.versions], np.intp
        )

    def answered(self, chunk: Chunk) -> Answered:
        """Return the answers to the lines of a chunk, of whole requests.

        What is good is answered by columns, the requests of the other rows by themselves.
        Raises `PolicyError`.
        """
        others = _Others(self._policy, chunk)
        answers, rows = [], []
        group, _ = groups(chunk.table["request_id"])
        longer = np.bincount(group)[group] > MOST_LINES if len(group) else group > 0
        if chunk.too_long:
            longer[:] = True
        for row in np.flatnonzero(longer).tolist():
            others.refuse(row, TOO_LONG)
        for version, mine in self._by_version(chunk, np.flatnonzero(~longer)):
            part = chunk if len(mine) == len(chunk) else chunk.take(mine)
            policy = self._policy.versions[version]
            if self._known_only:
                part = replace(part, table=_known_to(policy, part.table))
            found, good = self._version(version, part, group[mine])
            answers.append(found)
            rows.append(mine[good])
            stated = policy.facts if self._known_only else self._policy.facts
            others.add(mine[~good], group, stated)
        rejects = _in_order((*chunk.rejects, *others.rejects))
        if len(answers) == 1 and not others.rows:
            return Answered(answers[0], rejects)
        both = pa.concat_tables([*answers, others.table])
        places = np.concatenate([*rows, np.array(others.rows, np.intp)])
        return Answered(both.take(pa.array(np.argsort(places, kind="stable"))), rejects)

    def _by_version(self, chunk: Chunk, rows: Codes) -> Iterator[tuple[int, Codes]]:
        """Yield the rows of requests that each version answers, by its place."""
        if len(self._starts) == 1 or not len(rows):
            yield 0, rows
            return
        # The lines of a request agree on it, or they are not good.
        days, _ = deciding_days(chunk.table, self._policy.versions[0])
        group, starts = groups(chunk.table["request_id"])
        of_request = np.searchsorted(self._starts, days[starts], "right") - 1
        version = np.maximum(of_request, 0)[group[rows]]
        for each in np.flatnonzero(np.bincount(version)).tolist():
            yield each, rows[version == each]

    def _version(self, version: int, chunk: Chunk, group: Codes) -> tuple[pa.Table, Flags]:
        """Return the answers to the good lines of one version's requests, and which they are."""
        policy = self._policy.versions[version]
        kept = policy.lines
        if kept is None:
            return schema().empty_table(), np.zeros(len(chunk), np.bool_)
        read: Reading = fact_of_text if chunk.texts else _as_it_is
        with columnar(policy, kept, read) as answering:
            lines = read_lines(chunk.table, group, policy, answering.facts)
            if chunk.odd:
                odd = np.zeros(len(lines.starts), np.bool_)
                odd[lines.group[list(chunk.odd)]] = True
                lines.good[odd[lines.group]] = False
            return answering.answers(chunk.table, lines), lines.good


def _as_it_is(value: Any, _: FactType) -> Any:
    return value


def _known_to(policy: Policy, table: pa.Table) -> pa.Table:
    """Return the columns of a table that a version can read."""
    known = {*REQUIRED, *OPTIONAL, *policy.facts}
    return table.select([name for name in table.column_names if name in known])


class _Others:
    """The rows of a chunk that are read as requests, one after another."""

    def __init__(self, policy: AnyPolicy, chunk: Chunk) -> None:
        self._policy = policy
        self._chunk = chunk
        self._answers: list[dict[str, Any]] = []
        self.rows: list[int] = []
        """The row of each answer."""
        self.rejects: list[Reject] = []

    @property
    def table(self) -> pa.Table:
        """The answers."""
        return pa.Table.from_pylist(self._answers, schema())

    def refuse(self, row: int, problem: Problem) -> None:
        """Refuse a row."""
        found = self._chunk.row(row)
        request_id, line_id = found.get("request_id"), found.get("line_id")
        self.rejects.append(
            Reject(
                int(self._chunk.numbers[row]),
                request_id if isinstance(request_id, str) else None,
                line_id if isinstance(line_id, str) else None,
                problem,
            )
        )

    def add(self, rows: Codes, group: Codes, facts: Mapping[str, FactType]) -> None:
        """Answer the requests of these rows, or refuse what is bad in them.

        `group` has the number of the request of each row of the chunk; `facts` are read.
        """
        if not len(rows):
            return
        grouping = Grouping(self._policy, facts)
        starts = np.flatnonzero(np.diff(group[rows], prepend=-1))
        for mine in np.split(rows, starts[1:]):
            numbered = [(row, self._chunk.row(row)) for row in mine.tolist()]
            for request, of in grouping.requests(numbered):
                answer_ = self._policy.determine(request)
                self._answers += [row_of(request.id, line) for line in answer_.lines]
                self.rows += of
        for each in grouping.rejects:
            number = int(self._chunk.numbers[each.row])
            self.rejects.append(Reject(number, each.request_id, each.line_id, each.problem))


def _in_order(rejects: Sequence[Reject]) -> tuple[Reject, ...]:
    return tuple(sorted(rejects, key=lambda each: each.row))
