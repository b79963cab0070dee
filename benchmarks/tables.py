"""A workload in a form that belongs to no contestant.

Each contestant is given it in its own language, generated from here: FEEL in DMN's XML, JDM's
JSON, Python, SQL. The oracle reads it directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeAlias, assert_never

from benchmarks import exact_json

Number: TypeAlias = int | Decimal
Scalar: TypeAlias = str | int | Decimal
Record: TypeAlias = Mapping[str, Any]
HitPolicy: TypeAlias = Literal["FIRST", "UNIQUE", "COLLECT"]
TypeName: TypeAlias = Literal["string", "number"]
Dialect: TypeAlias = Literal["FEEL", "Python", "ZEN"]


@dataclass(frozen=True, slots=True)
class In:
    """The value is one of these."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """The value is at least `low` and below `high`."""

    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class From:
    """The value is `bound` or more."""

    bound: Number


@dataclass(frozen=True, slots=True)
class Below:
    """The value is less than `bound`."""

    bound: Number


Cell: TypeAlias = In | Interval | From | Below | None
"""A test of one value; None passes any."""


@dataclass(frozen=True, slots=True)
class Column:
    """A table's input or output; an input reads the record's field, or the step, of its name."""

    name: str
    type: TypeName


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a test for each input, a result for each output."""

    cells: tuple[Cell, ...]
    results: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table."""

    name: str
    hit: HitPolicy
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rules: tuple[Rule, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """The names of what it needs."""
        return tuple(each.name for each in self.inputs)

    @property
    def is_map(self) -> bool:
        """Whether the rules are the entries of a dict: every cell is one value, one rule hits."""
        return self.hit != "COLLECT" and all(
            isinstance(cell, In) and len(cell.values) == 1
            for rule in self.rules
            for cell in rule.cells
        )


@dataclass(frozen=True, slots=True)
class Formula:
    """A literal expression that gives a number; the same in each contestant's dialect."""

    name: str
    reads: tuple[str, ...]
    texts: Mapping[Dialect, str]


Step: TypeAlias = Table | Formula


@dataclass(frozen=True, slots=True)
class Workload:
    """Decisions, each after those that it reads; the last is asked, of each record in turn."""

    name: str
    steps: tuple[Step, ...]
    records: tuple[Record, ...]

    @property
    def asked(self) -> Step:
        """The decision that is asked."""
        return self.steps[-1]

    @property
    def table(self) -> Table:
        """The only table. Raises `ValueError` where there is more to the workload than that."""
        match self.steps:
            case [Table() as table]:
                return table
            case _:
                raise ValueError(f"{self.name} is more than one table")


# --- on disk ---------------------------------------------------------------------------------


def save(workload: Workload, path: Path) -> None:
    """Write `workload` as JSON, for contestants in other processes and languages."""
    path.write_text(exact_json.write(_plain(workload)), encoding="utf-8")


def load(path: Path) -> Workload:
    """Return the workload that `save` wrote to `path`."""
    data = exact_json.read(path.read_bytes())
    return Workload(data["name"], tuple(map(_step, data["steps"])), tuple(data["records"]))


def _plain(workload: Workload) -> dict[str, Any]:
    return {
        "name": workload.name,
        "asked": workload.asked.name,
        "steps": [_plain_step(step) for step in workload.steps],
        "records": workload.records,
    }


def _plain_step(step: Step) -> dict[str, Any]:
    if isinstance(step, Formula):
        return {"name": step.name, "reads": step.reads, "texts": step.texts}
    return {
        "name": step.name,
        "hit": step.hit,
        "inputs": [[each.name, each.type] for each in step.inputs],
        "outputs": [[each.name, each.type] for each in step.outputs],
        "rules": [[list(map(_plain_cell, rule.cells)), rule.results] for rule in step.rules],
    }


def _step(data: dict[str, Any]) -> Step:
    if "texts" in data:
        return Formula(data["name"], tuple(data["reads"]), data["texts"])
    return Table(
        data["name"],
        data["hit"],
        tuple(Column(*each) for each in data["inputs"]),
        tuple(Column(*each) for each in data["outputs"]),
        tuple(Rule(tuple(map(_cell, cells)), tuple(found)) for cells, found in data["rules"]),
    )


def _plain_cell(cell: Cell) -> list[Any] | None:
    match cell:
        case None:
            return None
        case In(values):
            return ["in", *values]
        case Interval(low, high):
            return ["interval", low, high]
        case From(bound):
            return ["at least", bound]
        case Below(bound):
            return ["below", bound]
        case _:
            assert_never(cell)


def _cell(data: list[Any] | None) -> Cell:
    match data:
        case None:
            return None
        case ["in", *values]:
            return In(tuple(values))
        case ["interval", low, high]:
            return Interval(low, high)
        case ["at least", bound]:
            return From(bound)
        case ["below", bound]:
            return Below(bound)
        case _:
            raise ValueError(f"no cell: {data}")
