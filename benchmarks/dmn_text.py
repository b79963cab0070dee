"""A workload as a DMN model: what every DMN engine in the contest is given."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, assert_never
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from benchmarks.tables import (
    Below,
    Cell,
    Formula,
    From,
    In,
    Interval,
    Number,
    Scalar,
    Step,
    Table,
    Workload,
)

NAMESPACE: Final = "https://www.omg.org/spec/DMN/20191111/MODEL/"
"""DMN 1.3: the newest that all of them read."""


def dmn(workload: Workload) -> bytes:
    """Return `workload` as an XML file; a decision is called what its step is called."""
    root = Element(
        "definitions",
        xmlns=NAMESPACE,
        id="model",
        name=workload.name,
        namespace=f"urn:benchmark:{workload.name.replace(' ', '-')}",
    )
    for name, type_ in _inputs(workload.steps).items():
        data = SubElement(root, "inputData", id=f"in_{name}", name=name)
        SubElement(data, "variable", id=f"in_{name}_v", name=name, typeRef=type_)
    decisions = {step.name for step in workload.steps}
    for step in workload.steps:
        _decision(root, step, decisions)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def unary_tests(cell: Cell) -> str:
    """Return a cell as FEEL's unary tests."""
    match cell:
        case None:
            return "-"
        case In(values):
            return ",".join(map(literal, values))
        case Interval(low, high):
            return f"[{_number(low)}..{_number(high)})"
        case From(bound):
            return f">= {_number(bound)}"
        case Below(bound):
            return f"< {_number(bound)}"
        case _:
            assert_never(cell)


def literal(value: Scalar) -> str:
    """Return a string or a number as FEEL writes it."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else _number(value)


def _number(value: Number) -> str:
    return format(Decimal(value), "f")


def _inputs(steps: Iterable[Step]) -> dict[str, str]:
    """Return the type of each name that is read and is no step; of a formula's none is known."""
    found: dict[str, str] = {}
    made: set[str] = set()
    for step in steps:
        if isinstance(step, Table):
            read = {each.name: str(each.type) for each in step.inputs}
        else:
            read = dict.fromkeys(step.reads, "Any")
        found.update({name: type_ for name, type_ in read.items() if name not in made})
        made.add(step.name)
    return found


def _decision(root: Element, step: Step, decisions: set[str]) -> None:
    decision = SubElement(root, "decision", id=step.name, name=step.name)
    variable = {"id": f"{step.name}_v", "name": step.name, "typeRef": _type(step)}
    SubElement(decision, "variable", variable)
    for number, name in enumerate(step.reads):
        requirement = SubElement(decision, "informationRequirement", id=f"{step.name}_r{number}")
        if name in decisions:
            SubElement(requirement, "requiredDecision", href=f"#{name}")
        else:
            SubElement(requirement, "requiredInput", href=f"#in_{name}")
    if isinstance(step, Formula):
        expression = {"id": f"{step.name}_e", "typeRef": "number"}
        _text(SubElement(decision, "literalExpression", expression), step.texts["FEEL"])
    else:
        _table(decision, step)


def _type(step: Step) -> str:
    if isinstance(step, Formula):
        return "number"
    single = len(step.outputs) == 1 and step.hit != "COLLECT"
    return step.outputs[0].type if single else "Any"


def _table(decision: Element, table: Table) -> None:
    name = table.name
    node = SubElement(decision, "decisionTable", id=f"{name}_t", hitPolicy=table.hit)
    for i, column in enumerate(table.inputs):
        clause = SubElement(node, "input", id=f"{name}_i{i}", label=column.name)
        expression = {"id": f"{name}_e{i}", "typeRef": column.type}
        _text(SubElement(clause, "inputExpression", expression), column.name)
    for i, column in enumerate(table.outputs):
        output = {"id": f"{name}_o{i}", "name": column.name, "typeRef": column.type}
        SubElement(node, "output", output)
    for number, rule in enumerate(table.rules, 1):
        row = SubElement(node, "rule", id=f"{name}_{number}")
        for i, cell in enumerate(rule.cells):
            entry = SubElement(row, "inputEntry", id=f"{name}_{number}_i{i}")
            _text(entry, unary_tests(cell))
        for i, result in enumerate(rule.results):
            entry = SubElement(row, "outputEntry", id=f"{name}_{number}_o{i}")
            _text(entry, literal(result))


def _text(parent: Element, text: str) -> None:
    SubElement(parent, "text").text = text
