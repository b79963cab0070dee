"""SpiffWorkflow's decision tables: cells and results in Python, as it has them.

It has no FIRST: such a table is given as UNIQUE, which there is the first hit. Chained tables
and the formula are evaluated one after another on one task's data, as a process would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, assert_never

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.specs.model import (
    DecisionTable,
    Input,
    InputEntry,
    Output,
    OutputEntry,
    Rule,
)

from benchmarks import tables
from benchmarks.contestants.ready import Ready
from benchmarks.tables import Below, Cell, Formula, From, In, Interval, Scalar, Table, Workload


@dataclass
class _Workflow:
    script_engine: Any


@dataclass
class _Task:
    """What the engine reads of a task: its data, and the workflow's script engine."""

    workflow: _Workflow
    data: dict[str, Any] = field(default_factory=dict)


def decisions(folder: Path) -> Ready:
    """Prepare an engine for each table."""
    workload = tables.load(folder / "workload.json")
    script_engine = PythonScriptEngine()
    workflow = _Workflow(script_engine)
    steps: list[Callable[[_Task], dict[str, Any]]] = []
    for step in workload.steps:
        if isinstance(step, Formula):
            steps.append(partial(_formula, script_engine, step.name, step.texts["Python"]))
        else:
            steps.append(DMNEngine(_table(step)).result)

    def decide(record: Any) -> Any:
        task = _Task(workflow, dict(record))
        result: dict[str, Any] = {}
        for step in steps:
            result = step(task)
            task.data.update(result)
        return result

    return Ready(decide, workload.records, lambda raw: _answer(workload, raw))


def _formula(script_engine: Any, name: str, text: str, task: _Task) -> dict[str, Any]:
    return {name: script_engine.evaluate(task, text)}


def _answer(workload: Workload, result: dict[str, Any]) -> Any:
    asked = workload.asked
    if isinstance(asked, Table):
        if asked.hit == "COLLECT":
            return result.get(asked.outputs[0].name)
        if len(asked.outputs) > 1:
            return dict(result) or None
    return next(iter(result.values()), None)


def _table(table: Table) -> DecisionTable:
    made = DecisionTable(table.name, table.name, "COLLECT" if table.hit == "COLLECT" else "UNIQUE")
    for column in table.inputs:
        made.inputs.append(Input(column.name, column.name, column.name, column.name, column.type))
    for column in table.outputs:
        made.outputs.append(Output(column.name, column.name, column.name, column.type))
    for number, rule in enumerate(table.rules, 1):
        row = Rule(str(number))
        row.row_number = number
        for input_, cell in zip(made.inputs, rule.cells, strict=True):
            entry = InputEntry(f"{number} {input_.id}", input_)
            entry.lhs.append(_cell(cell))
            row.inputEntries.append(entry)
        for output, result in zip(made.outputs, rule.results, strict=True):
            entry = OutputEntry(f"{number} {output.id}", output)
            entry.text = _literal(result)
            row.outputEntries.append(entry)
        made.rules.append(row)
    return made


def _cell(cell: Cell) -> str | None:
    match cell:
        case None:
            return None
        case In((value,)):
            return _literal(value)
        case In(values):
            return f"? in ({', '.join(map(_literal, values))})"
        case Interval(low, high):
            return f"{low} <= ? < {high}"
        case From(bound):
            return f">= {bound}"
        case Below(bound):
            return f"< {bound}"
        case _:
            assert_never(cell)


def _literal(value: Scalar) -> str:
    return repr(value) if isinstance(value, str) else str(value)
