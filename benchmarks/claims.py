"""Claims shaped like real ones, for a policy: any number of lines, as a stream, by a seed.

The columns are those of `medpolicy batch`: `request_id`, `line_id`, `service_date`, `birth_date`,
`plan`, `line_of_business`, `state`, `system`, `code`, `diagnoses` (a list) and one for each fact of
the policy, where null is unknown. A claim has three lines, which share its dates and its member.
Codes follow Zipf's law; 2 % of the lines have a code that does not exist. By frequency every other
code is one of the policy's own cases, as long as there are any, so that its tables have work.

The same seed gives the same lines, however many are asked for: a batch has a stream of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from pyarrow import parquet

import medpolicy
from medpolicy import codes
from medpolicy.codes import CodeStatus, CodeSystem
from medpolicy.record import FactType

BATCH: Final = 99_999
"""Lines in a batch and in a Parquet row group: whole claims."""
LINES: Final = 3
INVALID: Final = 0.02
ZIPF: Final = 1.1
OTHER_CODES: Final = 2_000
START: Final = date(2021, 1, 1)
DAYS: Final = 3 * 365
COMMON: Final = ("I10", "E11", "J06", "M17", "M25", "M54", "N18", "R07", "R10", "Z00", "Z12", "I83")
"""Categories of ICD-10-CM that fill up the diagnoses."""

Stream: TypeAlias = np.random.Generator


@dataclass(frozen=True, slots=True)
class Shape:
    """What a policy's claims are drawn from; procedures are pairs of a code system and a code."""

    procedures: tuple[tuple[str, str], ...]
    diagnoses: tuple[str, ...]
    plans: tuple[tuple[str, str, str], ...]
    facts: tuple[FactType, ...]


def write(policy: medpolicy.Policy, path: Path, lines: int, seed: int) -> None:
    """Write that many claim lines to the Parquet file `path`."""
    shape = shape_of(policy, seed)
    with parquet.ParquetWriter(path, schema(shape)) as writer:
        for batch in batches(shape, lines, seed):
            writer.write_batch(batch)


def shape_of(policy: medpolicy.Policy, seed: int) -> Shape:
    """Return the shape of a policy's claims: its cases' codes, its plans, its facts."""
    stream = np.random.default_rng([seed, 0])
    procedures: dict[tuple[str, str], None] = {}
    diagnoses: dict[str, None] = {}
    for line in _case_lines(policy.folder):
        procedure = line["procedure"]
        system = CodeSystem(procedure["system"])
        code = codes.normalize(system, procedure["code"])
        if _exists(system, code):
            procedures[system.value, code] = None
        for each in line.get("diagnoses") or []:
            code = codes.normalize(CodeSystem.ICD_10_CM, each)
            if _exists(CodeSystem.ICD_10_CM, code):
                diagnoses[code] = None
    others = stream.choice(np.arange(10_000, 99_999), OTHER_CODES, replace=False)
    common = [
        code
        for category in COMMON
        for code in codes.members(CodeSystem.ICD_10_CM, category, START)
        if _exists(CodeSystem.ICD_10_CM, code)
    ]
    plans = [(row.plan, row.line_of_business, row.state or "MO") for row in policy.adoption]
    return Shape(
        _ranked(stream, list(procedures), [("CPT", str(code)) for code in others]),
        _ranked(stream, list(diagnoses), common),
        (*dict.fromkeys(plans), ("no-such-plan", "commercial", "TX")),
        tuple(policy.facts.values()),
    )


def schema(shape: Shape) -> pa.Schema:
    """Return the columns of the claims."""
    text = [
        "request_id", "line_id", "plan", "line_of_business", "state", "system", "code"
    ]  # fmt: skip
    types = {name: pa.string() for name in text}
    types |= {"service_date": pa.date32(), "birth_date": pa.date32()}
    types["diagnoses"] = pa.list_(pa.string())
    order = [*text[:2], "service_date", "birth_date", *text[2:], "diagnoses"]
    facts = [(fact.name, _FACT_TYPES.get(fact.type, pa.string())) for fact in shape.facts]
    return pa.schema([*((name, types[name]) for name in order), *facts])


_FACT_TYPES: Final = {"boolean": pa.bool_(), "number": pa.decimal128(7, 1)}


def batches(shape: Shape, lines: int, seed: int) -> Iterator[pa.RecordBatch]:
    """Yield the lines, batch by batch."""
    for number, start in enumerate(range(0, lines, BATCH)):
        stream = np.random.default_rng([seed, 1, number])
        yield _batch(shape, stream, start).slice(0, min(BATCH, lines - start))


def _batch(shape: Shape, stream: Stream, start: int) -> pa.RecordBatch:
    """Return a full batch, so that a shorter one begins with the same lines."""
    claims = BATCH // LINES
    day = np.datetime64(START) + stream.integers(DAYS, size=claims)
    birth = day - stream.integers(33_000, size=claims)
    unborn = stream.random(claims) < 0.01  # a birth date that the claim leaves out
    plan = stream.choice(len(shape.plans), size=claims, p=_zipf(len(shape.plans)))
    numbers = start // LINES + np.arange(claims)
    procedure = stream.choice(len(shape.procedures), size=BATCH, p=_zipf(len(shape.procedures)))
    systems = np.array([system for system, _ in shape.procedures])[procedure]
    code = np.array([code for _, code in shape.procedures])[procedure]
    invalid = stream.random(BATCH) < INVALID
    on_procedure = invalid & (stream.random(BATCH) < 0.5)
    systems = np.where(on_procedure, "ICD-10-PCS", systems)
    code = np.where(on_procedure, _NO_PROCEDURE, code)
    columns: dict[str, Any] = {
        "request_id": np.repeat(np.char.add("claim-", numbers.astype(str)), LINES),
        "line_id": np.tile(np.array([str(1 + line) for line in range(LINES)]), claims),
        "service_date": np.repeat(day, LINES),
        "birth_date": pa.array(np.repeat(birth, LINES), mask=np.repeat(unborn, LINES)),
        "system": systems,
        "code": code,
        "diagnoses": _diagnoses(shape, stream, invalid & ~on_procedure),
    }
    for position, name in enumerate(("plan", "line_of_business", "state")):
        values = np.array([each[position] for each in shape.plans])
        columns[name] = np.repeat(values[plan], LINES)
    for fact in shape.facts:
        columns[fact.name] = _fact(fact, stream)
    fields = schema(shape)
    arrays = [pa.array(columns[field.name]).cast(field.type) for field in fields]
    return pa.RecordBatch.from_arrays(arrays, schema=fields)


# Well formed, and in no year's tables.
_NO_PROCEDURE: Final = "0ZZZZZZ"
_NO_DIAGNOSIS: Final = "A99.99"


def _diagnoses(shape: Shape, stream: Stream, invalid: Any) -> pa.Array:
    """Return one to four diagnoses a line; the first of an invalid line does not exist."""
    counts = stream.integers(1, 5, size=BATCH)
    starts = np.concatenate([[0], np.cumsum(counts)])
    chosen = stream.choice(len(shape.diagnoses), size=starts[-1], p=_zipf(len(shape.diagnoses)))
    values = np.array(shape.diagnoses)[chosen]
    values[starts[:-1][invalid]] = _NO_DIAGNOSIS
    return pa.ListArray.from_arrays(pa.array(starts, pa.int32()), pa.array(values))


def _fact(fact: FactType, stream: Stream) -> pa.Array:
    """Return a fact's values: known in half of the lines."""
    unknown = stream.random(BATCH) < 0.5
    if fact.type == "boolean":
        return pa.array(stream.random(BATCH) < 0.5, mask=unknown)
    if fact.type == "number":
        tenths = stream.integers(0, 1_000, size=BATCH)
        return pa.array(np.char.add(np.char.add((tenths // 10).astype(str), "."),
                                    (tenths % 10).astype(str)), mask=unknown)  # fmt: skip
    allowed = np.array(fact.allowed or ("unlisted",))
    chosen = stream.choice(len(allowed), size=BATCH, p=_zipf(len(allowed)))
    return pa.array(allowed[chosen], mask=unknown)


def _zipf(count: int) -> Any:
    """Return the shares of `count` values by their rank."""
    weights = 1 / np.arange(1, count + 1) ** ZIPF
    return weights / weights.sum()


def _ranked(stream: Stream, own: list[Any], others: list[Any]) -> tuple[Any, ...]:
    """Return all values by frequency: own and others in turn, each in an order by chance."""
    mixed = [
        [values[number] for number in stream.permutation(len(values))] for values in (own, others)
    ]
    pairs = zip_longest(*mixed)
    return tuple(dict.fromkeys(value for pair in pairs for value in pair if value is not None))


def _exists(system: CodeSystem, code: str) -> bool:
    """Say whether a code is valid on the first and on the last day of service."""
    return all(
        codes.status(system, code, day) in (CodeStatus.VALID, CodeStatus.NO_TABLE)
        for day in (START, START + timedelta(DAYS - 1))
    )


def _case_lines(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of the policy's cases that have a determination."""
    for path in sorted((folder / "cases").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            if "lines" in case.get("expect", {}):
                yield from case["request"]["lines"]
