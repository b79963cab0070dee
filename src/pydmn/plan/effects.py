"""Whether a decision's answer hangs on anything but what it reads: a clock, the host's code."""

from __future__ import annotations

from typing import Final, assert_never

from pydmn.feel import ast
from pydmn.plan.logic import (
    Broken,
    Cell,
    Choose,
    Entries,
    Feel,
    FunctionOf,
    Invoke,
    Item,
    Items,
    Logic,
    Loop,
    Select,
    Step,
    Table,
)

_CLOCKS: Final = frozenset({"now", "today"})


def is_pure(step: Step) -> bool:
    """Say whether `step` gives the same answer whenever it is asked the same."""
    return step.logic is None or not (_moved([step.logic]) or _item_reads_a_clock(step.item))


def _moved(waiting: list[Logic]) -> bool:
    """Say whether any of these reads a clock or calls the host."""
    while waiting:
        logic: Logic = waiting.pop()
        if isinstance(logic, Broken):
            continue
        if _item_reads_a_clock(logic.item):
            return True
        match logic:
            case Feel(node):
                if _reads_a_clock(node):
                    return True
            case Table():
                waiting += (column.expression for column in logic.inputs)
                waiting += (each.default for each in logic.outputs if each.default is not None)
                waiting += (output for rule in logic.rules for output in rule.outputs)
                cells = [cell for rule in logic.rules for cell in rule.cells]
                cells += [each.allowed for each in logic.inputs if each.allowed is not None]
                items = [column.item for column in logic.inputs]
                items += [column.item for column in logic.outputs]
                if any(map(_cell_reads_a_clock, cells)) or any(map(_item_reads_a_clock, items)):
                    return True
            case Entries(entries, result):
                waiting += (value for _, value in entries)
                waiting += [] if result is None else [result]
            case Items(items):
                waiting += items
            case FunctionOf(_, body, external):
                if external is not None:
                    return True
                waiting.append(body)
            case Invoke(function, arguments):
                waiting += (function, *(value for _, value in arguments))
            case Choose(condition, then, otherwise):
                waiting += (condition, then, otherwise)
            case Select(collection, match_):
                waiting += (collection, match_)
            case Loop(collection=collection, body=body):
                waiting += (collection, body)
            case _:
                assert_never(logic)
    return False


def _item_reads_a_clock(item: Item) -> bool:
    if not item.constrained:
        return False
    inside = [entry for _, entry in item.entries] + ([item.element] if item.element else [])
    cells = [each for each in (item.allowed, item.constraint) if each is not None]
    return any(map(_cell_reads_a_clock, cells)) or any(map(_item_reads_a_clock, inside))


def _cell_reads_a_clock(cell: Cell) -> bool:
    return any(map(_reads_a_clock, cell.tests.tests))


def _reads_a_clock(node: ast.Node) -> bool:
    if isinstance(node, ast.StringLiteral | ast.NumberLiteral):
        return False
    return any(isinstance(each, ast.Name) and each.name in _CLOCKS for each in ast.walk(node)) or (
        any(isinstance(each, ast.FunctionLiteral) and each.external for each in ast.walk(node))
    )
