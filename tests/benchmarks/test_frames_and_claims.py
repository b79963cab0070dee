"""Whole tables, request lines and the claims file: made by seed, and judged by an oracle."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest

from benchmarks import lines, oracle
from benchmarks.contest import Rules, contest
from benchmarks.outcomes import NotAsked, Timed
from benchmarks.roster import FRAMES, LINES
from benchmarks.tables import Workload
from benchmarks.workloads import code_table, guideline
from medpolicy import codes
from medpolicy.codes import CodeSystem

pa = pytest.importorskip("pyarrow", reason="needs the extra `bench`")
pytest.importorskip("numpy", reason="needs the extra `bench`")
from pyarrow import parquet  # noqa: E402

from benchmarks import claims, frames  # noqa: E402

QUICK = Rules(runs=2, seconds=0.001, limit=120.0, warm=0.0)


def guideline_frame(rows, under, **options):
    """Return the task of W1 over that many rows."""
    steps, draw = guideline(random.Random(1))
    return frames.frame(Workload("W1", steps, ()), draw, rows, under, **options)


def codes_frame(rows, under):
    """Return the task of a code table over that many rows."""
    steps, draw = code_table(random.Random(1), 50)
    return frames.frame(Workload("W2_1k", steps, ()), draw, rows, under)


def given(task):
    """Return the rows of a task."""
    return pa.ipc.open_file(str(task.folder / "rows.arrow")).read_all()


def answered(task, tmp_path, table):
    """Return the errors that the task's judge finds in an answer."""
    path = str(tmp_path / "answer.arrow")
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return list(task.judge([path]))


@pytest.fixture
def right(tmp_path):
    """Return a small task with the oracle's answers to its rows, worked out one by one."""
    steps, _ = guideline(random.Random(1))
    task = guideline_frame(300, tmp_path)
    workload = Workload("W1", steps, tuple(given(task).to_pylist()))
    return task, pa.Table.from_pylist(oracle.answers(workload))


def test_the_right_answers_of_a_frame_are_those_of_its_rows(right, tmp_path):
    task, answers = right
    assert answered(task, tmp_path, answers) == []


def test_one_wrong_row_of_a_frame_is_found(right, tmp_path):
    task, answers = right
    rows = answers.to_pylist()
    rows[123]["determination"] = None
    (error,) = answered(task, tmp_path, pa.Table.from_pylist(rows))
    assert error.asked == given(task).to_pylist()[123]
    assert error.given["determination"] is None


@pytest.mark.parametrize("change", ["a row too few", "a column too few", "another order"])
def test_another_table_is_wrong(right, tmp_path, change):
    task, answers = right
    changed = {
        "a row too few": answers.slice(1),
        "a column too few": answers.drop_columns(["rationale"]),
        "another order": answers.take(list(range(299, -1, -1))),
    }[change]
    assert answered(task, tmp_path, changed)


def test_coded_rows_are_the_same_rows(tmp_path):
    strings, coded = guideline_frame(200, tmp_path), guideline_frame(200, tmp_path, coded=True)
    assert strings.name != coded.name
    assert given(strings).to_pylist() == given(coded).to_pylist()
    assert pa.types.is_dictionary(given(coded).schema.field("procedure").type)


@pytest.mark.parametrize("make", [guideline_frame, codes_frame])
def test_frame_contestants_are_right(tmp_path, make):
    pytest.importorskip("duckdb", reason="needs the extra `bench`")
    pytest.importorskip("polars", reason="needs the extra `bench`")
    outcomes = contest(make(500, tmp_path), FRAMES, QUICK, tmp_path / "logs", lambda _: None)
    assert {name: type(outcome) for name, outcome in outcomes.items()} == {
        "pydmn": Timed,
        "medpolicy": NotAsked,
        "DuckDB SQL": Timed,
        "polars expressions": Timed,
    }


# --- lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [0, 2])
def test_medpolicy_determines_the_lines_as_the_oracle_does(tmp_path, missing):
    task = lines.task("lines", missing, 25, tmp_path)
    (outcome,) = contest(task, LINES, QUICK, tmp_path / "logs", lambda _: None).values()
    assert isinstance(outcome, Timed)


def test_a_line_has_as_many_facts_as_are_known():
    for missing in (0, 2):
        for request in lines.requests(50, missing):
            assert len(request["lines"][0]["facts"]) == 7 - missing
    counts = {len(request["lines"][0]["facts"]) for request in lines.requests(50, None)}
    assert len(counts) > 1


def test_lines_have_several_dispositions():
    found = Counter(lines.right(request)["disposition"] for request in lines.requests(200, 0))
    assert min(found["APPROVE"], found["CLINICAL_REVIEW"]) > 20


def test_a_determination_that_differs_is_found():
    (request,) = lines.requests(1, 0)
    right = lines.right(request)
    assert lines.agrees({**right, "missing": []}, right) is True
    assert lines.agrees({**right, "missing": [{"fact": "site"}]}, right) is False
    assert lines.agrees({**right, "missing": [], "disposition": "?"}, right) is False
    assert lines.agrees(None, right) is False


def test_the_frame_of_lines_has_the_columns_of_a_batch(tmp_path):
    task = frames.policy_lines(60, tmp_path)
    assert given(task).column_names[:10] == BATCH_COLUMNS
    assert task.count == 60
    outcomes = contest(task, FRAMES, QUICK, tmp_path / "logs", lambda _: None)
    timed = {name for name, outcome in outcomes.items() if isinstance(outcome, Timed)}
    assert timed == {"medpolicy"}


# --- claims -----------------------------------------------------------------------------------

BATCH_COLUMNS = [
    "request_id",
    "line_id",
    "service_date",
    "birth_date",
    "plan",
    "line_of_business",
    "state",
    "system",
    "code",
    "diagnoses",
]


@pytest.fixture(scope="module")
def policy():
    """Return CG-SURG-106."""
    return pytest.importorskip("medpolicy").load(lines.FOLDER)


@pytest.fixture(scope="module")
def written(policy, tmp_path_factory):
    """Return 30,000 lines of claims."""
    path = tmp_path_factory.mktemp("claims") / "claims.parquet"
    claims.write(policy, path, 30_000, seed=5)
    return parquet.read_table(path)


def test_claims_have_the_columns_of_a_batch_and_the_facts(policy, written):
    assert written.column_names == [*BATCH_COLUMNS, *policy.facts]
    assert written.num_rows == 30_000


def test_one_seed_gives_the_same_claims_and_another_gives_others(policy, written, tmp_path):
    for seed, same in ((5, True), (6, False)):
        claims.write(policy, tmp_path / "again.parquet", 2_000, seed)
        again = parquet.read_table(tmp_path / "again.parquet")
        assert (again == written.slice(0, 2_000)) is same


def test_more_than_a_batch_is_streamed_and_begins_with_the_same(policy, written):
    shape = claims.shape_of(policy, 5)
    made = list(claims.batches(shape, claims.BATCH + 10, 5))
    assert [batch.num_rows for batch in made] == [claims.BATCH, 10]
    assert pa.Table.from_batches(made[:1]).slice(0, 30_000) == written
    assert made[1]["request_id"][0].as_py() == f"claim-{claims.BATCH // 3}"


def test_a_claim_has_three_lines_that_share_its_member(written):
    table = written.select(["request_id", "line_id", "service_date", "birth_date", "plan"])
    rows = table.to_pylist()
    for first in range(0, 900, 3):
        claim = rows[first : first + 3]
        assert [each.pop("line_id") for each in claim] == ["1", "2", "3"]
        assert claim[0] == claim[1] == claim[2]


def test_codes_follow_zipf(written):
    counts = [count for _, count in Counter(written["code"].to_pylist()).most_common()]
    assert counts[0] > 1.5 * counts[1] > 1.5 * counts[3]
    assert len(counts) > 500


def test_two_lines_in_a_hundred_have_a_code_that_does_not_exist(written):
    def exists(system, code, day):
        status = codes.status(CodeSystem(system), code, day)
        return status in (codes.CodeStatus.VALID, codes.CodeStatus.NO_TABLE)

    rows = written.slice(0, 5_000).to_pylist()
    invalid = sum(
        not exists(row["system"], row["code"], row["service_date"])
        or not all(exists("ICD-10-CM", each, row["service_date"]) for each in row["diagnoses"])
        for row in rows
    )
    assert 0.015 < invalid / len(rows) < 0.025


def test_facts_are_unknown_in_half_of_the_lines_and_else_what_the_policy_knows(policy, written):
    for fact in policy.facts.values():
        values = written[fact.name].to_pylist()
        assert 0.45 < values.count(None) / len(values) < 0.55
        assert all(fact.accepts(value) for value in set(values) - {None})


def test_the_policy_reads_the_claims(policy, written):
    for row in written.slice(0, 60).to_pylist():
        request = {
            "id": row["request_id"],
            "service_date": row["service_date"].isoformat(),
            "member": {"birth_date": row["birth_date"] and row["birth_date"].isoformat()},
            "plan": {name: row[column] for name, column in PLAN.items()},
            "lines": [
                {
                    "id": row["line_id"],
                    "procedure": {"system": row["system"], "code": row["code"]},
                    "diagnoses": row["diagnoses"],
                    "facts": {name: row[name] for name in policy.facts},
                }
            ],
        }
        expected = lines.right(without_nulls(request))
        (line,) = policy.determine(request).to_dict()["lines"]
        assert lines.agrees(line, expected)


PLAN = {"name": "plan", "line_of_business": "line_of_business", "state": "state"}


def without_nulls(request):
    """Return a request as the oracle takes it: what is unknown is not there."""
    member = {name: value for name, value in request["member"].items() if value is not None}
    (line,) = request["lines"]
    facts = {name: value for name, value in line["facts"].items() if value is not None}
    return {**request, "member": member, "lines": [{**line, "facts": facts}]}


def test_a_birth_is_never_after_the_service(written):
    born, served = written["birth_date"].to_pylist(), written["service_date"].to_pylist()
    assert all(birth is None or birth <= day for birth, day in zip(born, served, strict=True))
    assert min(served) >= date(2021, 1, 1)
