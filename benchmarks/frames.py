"""Tasks of whole tables: many rows at once, as Arrow, and the right answer of each row.

The rows are drawn from a smaller number of different records, since their right answers are
worked out one by one. The files are `rows.arrow` and either `workload.json` with `model.dmn`, or
`policy.json`, which names the policy's folder. A contestant leaves its answer as an Arrow file, a
column for each output, and answers with its path.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import exact_json, lines, oracle, tables
from benchmarks.dmn_text import dmn
from benchmarks.tables import Record, Workload
from benchmarks.tasks import Error, Task
from benchmarks.workloads import SEED, Draw

DIFFERENT: Final = 100_000
DIFFERENT_LINES: Final = 5_000


def frame(workload: Workload, draw: Draw, rows: int, under: Path, *, coded: bool = False) -> Task:
    """Return the task of `rows` rows of a workload; `coded` gives strings as dictionary codes."""
    table = workload.table
    stream = random.Random(f"{SEED} rows of {workload.name}")
    different = [draw(stream) for _ in range(min(rows, DIFFERENT))]
    answers = _answers(workload, different)
    columns = [column.name for column in table.inputs]
    given = {name: pa.array([record[name] for record in different]) for name in columns}
    if coded:
        given = {
            name: column.dictionary_encode() if pa.types.is_string(column.type) else column
            for name, column in given.items()
        }
    outputs = [column.name for column in table.outputs]
    right = pa.table(
        {
            name: pa.array([_output(answer, name, len(outputs)) for answer in answers])
            for name in outputs
        }
    )
    name = f"{workload.name} from {'codes' if coded else 'strings'}"
    folder = _folder(under, f"{name}-{rows}")
    tables.save(replace(workload, records=()), folder / "workload.json")
    (folder / "model.dmn").write_bytes(dmn(workload))
    return _task(name, folder, pa.table(given), right, rows)


def policy_lines(rows: int, under: Path) -> Task:
    """Return the task of `rows` lines of CG-SURG-106, in the columns of `medpolicy batch`."""
    requests = lines.requests(min(rows, DIFFERENT_LINES), missing=None)
    answers = [lines.right(request) for request in requests]
    outputs = ("disposition", "criteria_result")
    right = pa.table({name: pa.array([each[name] for each in answers]) for name in outputs})
    folder = _folder(under, f"{lines.POLICY}-{rows}")
    named = exact_json.write({"policy": str(lines.FOLDER)})
    (folder / "policy.json").write_text(named, encoding="utf-8")
    different = pa.Table.from_pylist(lines.rows(requests))
    return _task(lines.POLICY, folder, different, right, rows, own="request_id")


def _answers(workload: Workload, records: Sequence[Record]) -> list[Any]:
    """Return the right answers; what was asked before is not worked out again."""
    known: dict[tuple[Any, ...], Any] = {}
    answers = []
    for record in records:
        key = tuple(record.values())
        if key not in known:
            known[key] = oracle.answer(workload, record)
        answers.append(known[key])
    return answers


def _output(answer: Any, name: str, outputs: int) -> Any:
    return answer if outputs == 1 or answer is None else answer[name]


def _folder(under: Path, name: str) -> Path:
    folder = under / name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _task(
    name: str, folder: Path, different: pa.Table, right: pa.Table, rows: int, own: str | None = None
) -> Task:
    """Return the task of `rows` rows out of the different ones, in an order by chance.

    In the column `own` each row has a text of its own.
    """
    chosen = np.random.default_rng(SEED).integers(len(different), size=rows)
    given = different.take(chosen).combine_chunks()
    if own is not None:
        texts = pa.array(map(str, range(rows)), pa.string())
        given = given.set_column(given.schema.get_field_index(own), own, texts)
    path = str(folder / "rows.arrow")
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, given.schema) as writer:
        writer.write_table(given)
    expected = right.take(chosen).combine_chunks()

    def judge(answers: Sequence[Any]) -> Iterator[Error]:
        yield from _compared(given, pa.ipc.open_file(answers[0]).read_all(), expected)

    return Task(name, "frame", folder, rows, judge)


def _compared(given: pa.Table, answer: pa.Table, right: pa.Table) -> Iterator[Error]:
    """Yield an error for each row of which an output differs."""
    if answer.num_rows != right.num_rows or set(answer.column_names) != set(right.column_names):
        yield Error("the whole table", answer.schema, right.schema)
        return
    agree = np.ones(right.num_rows, dtype=bool)
    for name in right.column_names:
        came, meant = answer[name].cast(right[name].type), right[name]
        both = pc.and_(pc.is_null(came), pc.is_null(meant))
        same = pc.or_kleene(pc.fill_null(pc.equal(came, meant), fill_value=False), both)
        agree &= same.to_numpy()
    for row in np.flatnonzero(~agree):
        number = int(row)
        yield Error(*(each.slice(number, 1).to_pylist()[0] for each in (given, answer, right)))
