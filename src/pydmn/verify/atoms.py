"""Atoms: a finite number of values that stand for all values of an input.

Every test of an input against constants splits its values into finitely many parts that no
test can tell apart. One value of each part is enough to see everything the model can do. An
input that is used in any other way (in arithmetic, in a function, against another unknown)
has no atoms, and this module says so by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pydmn.errors import NotFinite
from pydmn.feel import ast
from pydmn.feel.types import BOOLEAN, NUMBER
from pydmn.plan.logic import (
    Broken,
    Cell,
    Choose,
    Entries,
    Feel,
    FunctionOf,
    Invoke,
    Items,
    Logic,
    Loop,
    Select,
    Step,
    Table,
)
from pydmn.plan.view import NOT_CONSTANT, constant
from pydmn.source import Source

Accepts = Callable[[Cell, Any], bool]


def atoms(
    step: Step, readers: Iterable[Step], known: Mapping[str, Any], accepts: Accepts
) -> tuple[Any, ...]:
    """Return values of input `step` that stand for all its values, in a fixed order.

    `readers` are the steps whose logic may read it, `known` the inputs with a fixed value by
    name (a comparison with one is a comparison with a constant), `accepts` evaluates allowed
    values. Null is not among the atoms. Raises `NotFinite`.
    """
    if step.item.type == BOOLEAN:
        return (True, False)
    allowed = step.item.allowed
    if allowed is not None and not allowed.tests.negated:
        listed = [constant(Feel(test, allowed.source)) for test in allowed.tests.tests]
        if listed and NOT_CONSTANT not in listed:
            return tuple(listed)
    if step.item.type != NUMBER:
        message = f"input `{step.name}` has no list of allowed values, so it cannot be left unknown"
        raise NotFinite(message)
    search = _Cuts(step.name, known)
    for reader in readers:
        if reader.logic is not None:
            search.place = reader.source
            search.logic(reader.logic)
    if allowed is not None:
        search.place = allowed.source
        search.tests(allowed.tests, "?")
    return tuple(
        value
        for value in _between(sorted(search.cuts))
        if allowed is None or accepts(allowed, value)
    )


def _between(cuts: list[Decimal]) -> Iterator[Decimal]:
    """Yield a value below, at, between and above `cuts`."""
    if not cuts:
        yield Decimal(0)
        return
    yield cuts[0] - 1
    for low, high in pairwise(cuts):
        yield low
        yield (low + high) / 2
    yield cuts[-1]
    yield cuts[-1] + 1


class _Cuts:
    """Collects the constants that one numeric input is compared with."""

    def __init__(self, name: str, known: Mapping[str, Any]) -> None:
        self._name = name
        self._known = known
        self.cuts: set[Decimal] = set()
        self.place = Source("")

    def logic(self, logic: Logic) -> None:
        """Look through a decision's logic."""
        match logic:
            case Feel(node, source):
                self.place = source
                self.node(node, self._name)
            case Table():
                self._table(logic)
            case Entries(entries, result):
                self._all(*(value for _, value in entries), *((result,) if result else ()))
            case Items(items):
                self._all(*items)
            case FunctionOf(body=body):
                self._all(body)
            case Invoke(function, arguments):
                self._all(function, *(value for _, value in arguments))
            case Choose(condition, then, otherwise):
                self._all(condition, then, otherwise)
            case Select(collection, match_):
                self._all(collection, match_)
            case Loop(collection=collection, body=body):
                self._all(collection, body)
            case Broken():
                pass

    def _all(self, *parts: Logic) -> None:
        for part in parts:
            self.logic(part)

    def _table(self, table: Table) -> None:
        for position, column in enumerate(table.inputs):
            expression = column.expression
            is_it = isinstance(expression, Feel) and expression.node == ast.Name(self._name)
            if not is_it:
                self.logic(expression)
            for rule in table.rules:
                self.place = rule.cells[position].source
                if is_it:
                    self.tests(rule.cells[position].tests, "?")
                for test in rule.cells[position].tests.tests:
                    self.node(test, self._name)
        for rule in table.rules:
            self._all(*rule.outputs)
        self._all(*(column.default for column in table.outputs if column.default is not None))

    def tests(self, tests: ast.UnaryTests, name: str) -> None:
        """Look through the tests of a cell whose input goes by `name`."""
        for test in tests.tests:
            self._test(test, name)

    def _test(self, test: ast.Test, name: str) -> None:
        match test:
            case ast.UnaryComparison(_, endpoint):
                self._cut(endpoint)
            case ast.RangeLiteral(low, high):
                self._cut(low)
                self._cut(high)
            case ast.NullLiteral():
                pass
            case _ if self._number(test) is not None:
                self._cut(test)
            case _:
                self.node(test, name)

    def node(self, node: ast.Node, name: str) -> None:
        """Look through an expression in which the input goes by `name`."""
        it = ast.Name(name)
        match node:
            case ast.Comparison(_, left, right) if it in (left, right):
                other = right if left == it else left
                if not isinstance(other, ast.NullLiteral):
                    self._cut(other)
            case ast.Between(value, low, high) if value == it:
                self._cut(low)
                self._cut(high)
            case ast.In(value, tests) if value == it:
                for test in tests:
                    self._test(test, name)
            case ast.InstanceOf(value) if value == it:
                pass
            case ast.Name() if node == it:
                self._refuse()
            case _:
                for child in ast.children(node):
                    self.node(child, name)

    def _cut(self, node: ast.Expression) -> None:
        number = self._number(node)
        if number is None:
            self._refuse()
        else:
            self.cuts.add(number)

    def _number(self, node: ast.Expression) -> Decimal | None:
        """Return the number that `node` is in every evaluation, or None."""
        match node:
            case ast.NumberLiteral(value):
                return value
            case ast.Negation(operand):
                inner = self._number(operand)
                return None if inner is None else inner.copy_negate()
            case ast.Name(name):
                known = self._known.get(name)
                return known if type(known) is Decimal else None
        return None

    def _refuse(self) -> None:
        message = (
            f"{self.place.where}: `{self._name}` is used otherwise than in a comparison with a"
            " constant, so it cannot be left unknown"
        )
        raise NotFinite(message)
