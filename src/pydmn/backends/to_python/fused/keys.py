"""A table as a dict: from the values of its columns to the rule."""

from __future__ import annotations

import ast as py
from decimal import Decimal
from itertools import product
from typing import Any, Final

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.answers import Answers
from pydmn.backends.to_python.fused.variables import Value
from pydmn.backends.to_python.fused.writer import NONE, load
from pydmn.backends.to_python.fused.writing import Hit, Writing
from pydmn.feel import ast
from pydmn.feel.types import BOOLEAN, NUMBER, STRING, Type
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Cell, Table
from pydmn.tables.cells import literal

_CLASSES: Final[dict[Type, type]] = {STRING: str, NUMBER: Decimal, BOOLEAN: bool}


def keys(table: Table, types: list[Type], per_rule: int) -> dict[Any, int] | None:
    """Return the rule (from 1) of each tuple of values; 0 where UNIQUE is violated.

    Of one column the keys are its values. None where a cell is no list of constants of its
    column's type, or there are more than `per_rule` keys a rule.
    """
    if not types or not table.rules or any(type_ not in _CLASSES for type_ in types):
        return None
    known: list[dict[int, tuple[Any, ...]]] = [{} for _ in types]
    keys: dict[Any, int] = {}
    room = len(table.rules) * per_rule
    unique = table.hit_policy is HitPolicy.UNIQUE
    for number, rule in enumerate(table.rules, 1):
        lists = []
        for cell, type_, values in zip(rule.cells, types, known, strict=True):
            found = values.get(id(cell))  # a column's cells of one text are one
            if found is None:
                constants = listed(cell)
                if constants is None or any(
                    type(each) is not _CLASSES[type_] for each in constants
                ):
                    return None
                found = values[id(cell)] = constants
            lists.append(found)
        for key in lists[0] if len(lists) == 1 else product(*lists):
            there = keys.setdefault(key, number)
            if there != number and unique:
                keys[key] = 0
        if len(keys) > room:
            return None
    return keys


def listed(cell: Cell) -> tuple[Any, ...] | None:
    """Return the values of a cell that lists constants and accepts nothing else."""
    if cell.tests.any or cell.tests.negated:
        return None
    found = []
    for test in cell.tests.tests:
        known, value = literal(test)
        if not known or isinstance(test, ast.NullLiteral):
            return None
        found.append(value)
    return tuple(dict.fromkeys(found))


class ByKey:
    """Writes a table of one hit that has keys."""

    def __init__(self, writing: Writing, columns: list[Value], keys: dict[Any, int]) -> None:
        self._writing = writing
        self._columns = columns
        self._keys = keys

    def answer(self) -> tuple[Value, Hit]:
        """Write the look-up; return the answer, and what was hit."""
        writing, columns = self._writing, self._columns
        code, answers = writing.code, Answers(writing)
        key: py.expr = (
            columns[0].read
            if len(columns) == 1
            else py.Tuple([column.read for column in columns], py.Load())
        )
        number = code.let("rule", writer.method(code.constant(self._keys, "rules"), "get", key))
        answer = code.fresh("answer")
        if writing.whole:  # which rules violate UNIQUE, the closures say
            violated = writer.compared(load(number), py.Eq(), py.Constant(0))
            code.when(violated, lambda: code.add(writing.leave()))

        def nothing() -> None:
            for column in columns:
                if column.type == STRING:
                    writing.not_too_long(column)
            code.set(answer, answers.default())

        found = writer.is_not(load(number), NONE)
        code.when(found, lambda: answers.of_rule(answer, number), nothing)
        return answers.value(answer), Hit(load(number), writing.parts.rule_hit)
