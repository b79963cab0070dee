"""GoRules' zen-engine: the tables as JDM, its own JSON, with cells in its own language.

It has no UNIQUE: such a table is asked for the first hit. Numbers are given as floats, since it
takes no `Decimal`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, assert_never

import zen

from benchmarks import tables
from benchmarks.contestants.ready import Ready
from benchmarks.tables import (
    Below,
    Cell,
    Formula,
    From,
    In,
    Interval,
    Scalar,
    Step,
    Table,
    Workload,
)


def decisions(folder: Path) -> Ready:
    """Prepare an engine that holds the model under a key."""
    workload = tables.load(folder / "workload.json")
    content = {workload.name: jdm(workload)}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})

    def decide(record: Any) -> Any:
        return engine.evaluate(workload.name, record)

    def answer(raw: Any) -> Any:
        return _answer(workload, raw["result"])

    return Ready(decide, [_floats(record) for record in workload.records], answer)


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _floats(item) for name, item in value.items()}
    return float(value) if isinstance(value, Decimal) else value


def _answer(workload: Workload, result: Any) -> Any:
    """Return the asked decision's value, as DMN has it: what is bare there is in a dict here."""
    asked = workload.asked
    if isinstance(asked, Formula):
        return result[asked.name]
    names = [column.name for column in asked.outputs]
    if asked.hit == "COLLECT":
        return [hit[names[0]] for hit in result] or None
    if not result or names[0] not in result:
        return None
    return result[names[0]] if len(names) == 1 else {name: result[name] for name in names}


def jdm(workload: Workload) -> dict[str, Any]:
    """Return the workload as a decision graph: the steps one after another."""
    nodes: list[dict[str, Any]] = [{"id": "in", "name": "in", "type": "inputNode"}]
    nodes += [_node(workload, step) for step in workload.steps]
    nodes.append({"id": "out", "name": "out", "type": "outputNode"})
    ids = [node["id"] for node in nodes]
    edges = [
        {"id": f"edge {number}", "sourceId": source, "targetId": target}
        for number, (source, target) in enumerate(pairwise(ids))
    ]
    return {"nodes": nodes, "edges": edges}


def _node(workload: Workload, step: Step) -> dict[str, Any]:
    # What a later step reads has to be passed on through this one.
    passes_on = len(workload.steps) > 1
    if isinstance(step, Formula):
        value = {"id": step.name, "key": step.name, "value": step.texts["ZEN"]}
        content = {"expressions": [value], "passThrough": passes_on}
        return {"id": step.name, "name": step.name, "type": "expressionNode", "content": content}
    content = {
        "hitPolicy": "collect" if step.hit == "COLLECT" else "first",
        "inputs": [_column("in", each.name) for each in step.inputs],
        "outputs": [_column("out", each.name) for each in step.outputs],
        "rules": list(_rules(step)),
        "passThrough": passes_on,
        "inputField": None,
        "outputPath": None,
        "executionMode": "single",
    }
    return {"id": step.name, "name": step.name, "type": "decisionTableNode", "content": content}


def _column(side: str, name: str) -> dict[str, str]:
    return {"id": f"{side} {name}", "name": name, "field": name}


def _rules(table: Table) -> Iterator[dict[str, str]]:
    for number, rule in enumerate(table.rules):
        row = {"_id": str(number)}
        for column, cell in zip(table.inputs, rule.cells, strict=True):
            row[f"in {column.name}"] = _cell(cell)
        for column, result in zip(table.outputs, rule.results, strict=True):
            row[f"out {column.name}"] = _literal(result)
        yield row


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case In(values):
            return ", ".join(map(_literal, values))
        case Interval(low, high):
            return f"[{low}..{high})"
        case From(bound):
            return f">= {bound}"
        case Below(bound):
            return f"< {bound}"
        case _:
            assert_never(cell)


def _literal(value: Scalar) -> str:
    return json.dumps(value) if isinstance(value, str) else str(value)
