"""What the columns of a table test: their cells, and what is declared or known of their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydmn.feel import ast
from pydmn.feel.types import ANY, LIST, NULL, ContextType, ListType, Type
from pydmn.plan.logic import Cell, Feel, Input, Item, Step, Table
from pydmn.plan.results import result_type
from pydmn.plan.view import NOT_CONSTANT, constant
from pydmn.tables.accepted import Accepts
from pydmn.verify.tables.axes import SINGLE, Path


def path_of(logic: Any, requires: Mapping[str, Step]) -> Path | None:
    """Return the path that an expression is, or None where it is anything more."""
    return path_of_node(logic.node, requires) if isinstance(logic, Feel) else None


def path_of_node(node: ast.Node, requires: Mapping[str, Step]) -> Path | None:
    """Return the path that a node is, or None where it is anything more."""
    entries: list[str] = []
    while isinstance(node, ast.Path):
        entries.append(node.name)
        node = node.base
    if not isinstance(node, ast.Name) or node.name not in requires:
        return None
    step = requires[node.name]
    answers_list = isinstance(step.logic, Table) and step.logic.hit_policy not in SINGLE
    has_entries = step.item.type == ANY or isinstance(step.item.type, ContextType)
    if entries and (answers_list or not has_entries):
        return None  # the entries of a list's items, or what a date is made of
    return (node.name, *reversed(entries))


class Columns:
    """The columns of one table; `requires` are the steps that it reads, by name."""

    def __init__(self, table: Table, requires: Mapping[str, Step], accepts: Accepts) -> None:
        self.table = table
        self.requires = requires
        self.accepts = accepts
        self.every = (1 << len(table.rules)) - 1

    def cells(self, position: int) -> list[tuple[Cell, list[int]]]:
        """Return the cells of a column, each once with the numbers of its rules."""
        found: dict[int, tuple[Cell, list[int]]] = {}
        for number, rule in enumerate(self.table.rules):
            cell = rule.cells[position]
            found.setdefault(id(cell), (cell, []))[1].append(number)
        return list(found.values())

    def path(self, position: int) -> Path | None:
        """Return the path that a column tests; None where it works something out."""
        return path_of(self.table.inputs[position].expression, self.requires)

    def text(self, position: int) -> str:
        """Return what a column tests, as its author wrote it."""
        return text_of_column(self.table.inputs[position])

    def reads(self, positions: Iterable[int]) -> frozenset[str]:
        """Return the names that columns mention."""
        found: set[str] = set()
        for position in positions:
            logic = self.table.inputs[position].expression
            if not isinstance(logic, Feel):
                return frozenset(self.requires)
            found |= {node.name for node in ast.walk(logic.node) if isinstance(node, ast.Name)}
        return frozenset(found & self.requires.keys())

    # --- what values there are ---------------------------------------------------------

    def item(self, path: Path | None) -> Item:
        """Return what is asked of the value at a path."""
        item = Item()
        if path is not None:
            item = self.requires[path[0]].item
            for name in path[1:]:
                item = next((each for entry, each in item.entries if entry == name), Item())
        return item

    def types(self, positions: Iterable[int], path: Path | None) -> set[Type]:
        """Return the types that are declared, or certain, for what columns test."""
        found: list[Type] = [self.item(path).type]
        for position in positions:
            column = self.table.inputs[position]
            found += [column.item.type, result_type(column.expression)]
        return {LIST if isinstance(each, ListType) and each.element == ANY else each
                for each in found if each not in (ANY, NULL)}  # fmt: skip

    def concluded(self, path: Path | None) -> tuple[Any, ...] | None:
        """Return what a decision can conclude at a path, null beside; None where it is not known.

        That is written in the rules of a table that answers with one of them.
        """
        table = None if path is None else self.requires[path[0]].logic
        if path is None or not isinstance(table, Table) or len(path) > 2:
            return None
        if table.hit_policy not in SINGLE or (len(table.outputs) == 1) is not (len(path) == 1):
            return None
        place = next(
            (n for n, each in enumerate(table.outputs) if len(path) == 1 or each.name == path[1]),
            None,
        )
        if place is None:
            return ()
        values = [constant(rule.outputs[place]) for rule in table.rules]
        if (default := table.outputs[place].default) is not None:
            values.append(constant(default))
        plain = all(value is not NOT_CONSTANT and not isinstance(value, list) for value in values)
        return tuple(dict.fromkeys(values)) if plain else None

    def domain(self, positions: Iterable[int], path: Path | None) -> list[tuple[Cell, int]]:
        """Return the allowed values of columns and of what they name, each with its column."""
        found: dict[int, tuple[Cell, int]] = {}
        item = self.item(path)
        for position in positions:
            column = self.table.inputs[position]
            for cell in (
                column.allowed,
                column.item.allowed,
                column.item.constraint,
                item.allowed,
                item.constraint,
            ):
                if cell is not None and not cell.tests.any:
                    found[id(cell)] = (cell, position)
        return list(found.values())


def text_of_column(column: Input) -> str:
    """Return what a column tests, as its author wrote it; its label where that is no text."""
    text = column.expression.source.text if isinstance(column.expression, Feel) else ""
    return text.strip() or column.label
