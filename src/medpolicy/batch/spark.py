"""A claims file to determinations on a Spark cluster.

The driver cuts the file into pieces; a task answers one as `run` does, and leaves a folder with
its answers and its rejects beside the target, under a name of its own. What counts is the result
that Spark takes from a piece's task: the folder that it names, and no other. So a task that runs
twice, since its executor is lost, changes nothing. The driver puts the parts together, and moves
them to their place when all are there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pydmn
from medpolicy.batch.claims import ending_of
from medpolicy.batch.columns import check_names, check_types
from medpolicy.batch.pieces import Piece, cut, pieces
from medpolicy.batch.run import Summary, checked, run
from medpolicy.files import replaced
from medpolicy.problems import MedpolicyError, PolicyError, Problem, RequestError
from medpolicy.versions import AnyPolicy

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SHOWN: Final = 0.2
"""Seconds between two looks at how many rows are done."""
_REJECTS: Final = "rejects.jsonl"


@dataclass(frozen=True, slots=True)
class _Work:
    """What all tasks share; it travels once."""

    policy: AnyPolicy
    staging: Path
    part: str


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of a piece: the folder with its files, or what is wrong with it."""

    folder: Path
    summary: Summary
    problems: tuple[Problem, ...] = ()
    kind: type[MedpolicyError] = RequestError


def run_on_spark(
    session: SparkSession,
    policy: AnyPolicy,
    source: Path,
    target: Path,
    rejects: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Answer the lines of `source` by `policy` on a cluster; return what came out.

    As `run`, with these differences: `target` becomes a folder of files `part-00000` and on, of
    the form that its name says, which by their names are in the order of `source`; and all
    executors must see both under the same paths. `progress` is told of a piece's rows when it is
    done. Raises as `run` does, and `RequestError` where the job fails.
    """
    refused = checked(source, target, rejects)
    _check_folder(target)
    _check_columns(policy, source)
    found = pieces(source.absolute(), policy.facts)
    with _staging(target) as staging:
        work = _Work(policy, staging, f"part{ending_of(target)}")
        done = _answered(session, work, found, progress)
        for each in done:
            if each.problems:
                raise each.kind(each.problems)
        with replaced(refused) as part:
            summary = _together(done, staging / "parts", part)
            _take_place(staging / "parts", target.absolute())
        if not summary.rejected:
            refused.unlink()
    return summary


def _check_columns(policy: AnyPolicy, source: Path) -> None:
    """Raise `RequestError` for columns of Parquet that cannot be, before there is a job.

    Of another form's columns, and of a file that is none, the answers to its pieces tell.
    """
    import pyarrow as pa
    from pyarrow import parquet

    if ending_of(source) == ".parquet":
        try:
            schema = parquet.read_schema(source)
        except pa.ArrowInvalid as error:
            raise RequestError([Problem(str(source), f"is no Parquet file: {error}")]) from error
        check_names(str(source), schema.names, policy.facts)
        check_types(str(source), schema, policy.facts)


def _answered(
    session: SparkSession, work: _Work, found: Sequence[Piece], progress: Callable[[int], None]
) -> list[_Done]:
    """Return what came of each piece, in order. Raises `RequestError` where the job fails."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    context = session.sparkContext
    shared = context.broadcast(work)
    rows = context.accumulator(0)

    def task(piece: Piece) -> _Done:
        # Spark says how many processors a task has; polars would take all of the machine's.
        os.environ.setdefault("POLARS_MAX_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
        done = _answer(shared.value, piece)
        rows.add(done.summary.rows)
        return done

    job = context.parallelize(found, len(found)).map(task)
    shown = 0
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(job.collect)
        try:
            while not result.done():
                try:
                    result.exception(timeout=_SHOWN)
                except NotYet:
                    progress(rows.value - shown)
                    shown = rows.value
            done: list[_Done] = result.result()
        except (Py4JError, PySparkException) as error:
            raise RequestError([_failure(context.master, error)]) from error
        except BaseException:
            context.cancelAllJobs()
            raise
    progress(sum(each.summary.rows for each in done) - shown)
    return done


def _answer(work: _Work, piece: Piece) -> _Done:
    """Return what comes of one piece; runs in a worker."""
    folder = work.staging / f"{piece.number:05}-{uuid4().hex}"
    try:
        folder.mkdir()
        claims = cut(piece, folder)
        summary = run(work.policy, claims, folder / work.part, folder / _REJECTS)
        if not piece.whole:
            claims.unlink()
    except MedpolicyError as error:
        named = {str(folder / f"claims{ending_of(piece.path)}"): str(piece.path)}
        problems = tuple(
            replace(each, where=named.get(each.where, each.where)) for each in error.problems
        )
        kind = PolicyError if isinstance(error, PolicyError) else RequestError
        return _Done(folder, Summary(), problems, kind)
    except OSError as error:
        help_ = "all executors must see the claims and the output under the same paths"
        problem = Problem(str(error.filename or ""), error.strerror or str(error), help_)
        return _Done(folder, Summary(), (problem,))
    return _Done(folder, summary)


def _together(done: Sequence[_Done], parts: Path, rejects: Path) -> Summary:
    """Gather the files of all pieces, with rows numbered as in the whole; return the summary."""
    parts.mkdir()
    summary = Summary()
    with rejects.open("w", encoding="utf-8", newline="\n") as stream:
        for number, each in enumerate(done):
            (part,) = each.folder.glob("part.*")
            part.rename(parts / f"part-{number:05}{part.suffix}")
            refused = each.folder / _REJECTS
            if refused.exists():
                with refused.open(encoding="utf-8") as lines:
                    for line in lines:
                        row = pydmn.read_json(line)
                        row["row"] += summary.rows
                        stream.write(pydmn.write_json(row) + "\n")
            summary.lines += each.summary.lines
            summary.rows += each.summary.rows
            summary.rejected += each.summary.rejected
            summary.outcomes.update(each.summary.outcomes)
    return summary


# --- folders --------------------------------------------------------------------------


def _check_folder(target: Path) -> None:
    """Raise `RequestError` for a folder that has anything but the parts of a run before."""
    if not target.parent.is_dir():
        raise RequestError([Problem(str(target.parent), "there is no such folder", "create it")])
    if target.is_dir() and any(not each.name.startswith("part-") for each in target.iterdir()):
        help_ = "name another, or empty it"
        raise RequestError([Problem(str(target), "is a folder with other files", help_)])


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Give a folder beside the target, that all executors see; it goes with all that is in it."""
    staging = target.absolute().with_name(f".{target.name}.{uuid4().hex}.part")
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging)


def _take_place(parts: Path, target: Path) -> None:
    """Move a folder to where the target is; what was there goes."""
    before = parts.with_name("before")
    if target.exists():
        target.rename(before)
    parts.rename(target)


def _failure(master: str | None, error: Any) -> Problem:
    """Return what to say of a job that Spark gave up: what Python said, if it was Python."""
    said = str(getattr(error, "java_exception", error)).strip()
    _, raised, trace = said.rpartition("Traceback (most recent call last):\n")
    lines = [line for line in trace.splitlines() if line and not (raised and line[0].isspace())]
    message = f"the job failed: {lines[0] if lines else type(error).__name__}"
    return Problem(master or "", message, "see Spark's log: --spark-log FILE")
