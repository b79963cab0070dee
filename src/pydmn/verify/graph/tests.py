"""Tests of a value: of a cell, or of what stands behind `in` (DMN 1.5, 10.3.2.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from pydmn.feel import ast
from pydmn.feel.values import Range
from pydmn.tables.cells import plain
from pydmn.verify.graph.circuit import TRUE, Formula
from pydmn.verify.graph.lists import OPERAND, Lists
from pydmn.verify.graph.nodes import reads
from pydmn.verify.graph.operations import Operations
from pydmn.verify.graph.symbols import (
    Constant,
    Elements,
    Scope,
    Symbol,
    Symbols,
    constant,
    read_of,
)
from pydmn.verify.graph.terms import Term

INPUT: Final = "?"


class Tests:
    """Works out the verdicts of tests. Every method raises `NotDecided`.

    `value` gives the symbol of an expression in a scope, `computed` that of an operation on
    operands by name.
    """

    def __init__(
        self,
        symbols: Symbols,
        lists: Lists,
        operations: Operations,
        value: Callable[[ast.Expression, Scope], Symbol],
        computed: Callable[[ast.Expression, Scope], Symbol],
    ) -> None:
        self._symbols = symbols
        self._terms = symbols.terms
        self._lists = lists
        self._operations = operations
        self._value = value
        self._computed = computed

    def of(
        self, tests: tuple[ast.Test, ...], tested: Symbol, scope: Scope, *, of_cell: bool
    ) -> Symbol:
        """Return the verdict of tests on a value: of a cell, or of what stands behind `in`."""
        operand = OPERAND.format(0)
        # The engine makes `?` what is tested; but in a cell `?` stays what the cell tests.
        outer = {name: each for name, each in scope.items() if name != INPUT} if of_cell else scope

        def of_list(shape: Elements) -> Symbol:
            inner = {**scope, INPUT: ((TRUE, shape),)} if of_cell or INPUT not in scope else scope
            return self._lists.together(
                "some", [(TRUE, self._list_in(test, inner)) for test in tests]
            )

        def others(rest: Symbol) -> Symbol:
            node = ast.In(ast.Name(operand), tests)
            read = read_of(node, {**outer, operand: rest})
            names = read.keys() - {operand}
            constant_ = not any(
                isinstance(shape, Term) for name in names for _, shape in read[name]
            )
            found: list[tuple[Formula, Symbol]] = []
            left = []
            for at, shape in rest:
                form = plain(ast.UnaryTests(tests), shape.kind) if isinstance(shape, Term) else None
                if isinstance(shape, Term) and form is not None:
                    there, null = self._terms.accepted(shape, form), self._terms.null(shape)
                    of_null = self._computed(node, {operand: constant(None)})
                    no = self._symbols.circuit.all_of((-there, -null))
                    verdicts = [(there, constant(value=True)), (no, constant(value=False))]
                    found.append((at, self._symbols.chosen([*verdicts, (null, of_null)])))
                elif isinstance(shape, Term) and not (
                    constant_ and self._operations.only_compares(tests, shape, names)
                ):
                    each: Symbol = ((TRUE, shape),)
                    inside = {**scope, INPUT: each} if of_cell or INPUT not in scope else scope
                    verdicts = [(TRUE, self._term_in(test, each, inside)) for test in tests]
                    found.append((at, self._lists.together("some", verdicts)))
                else:
                    left.append((at, shape))
            if left:
                found.append((TRUE, self._computed(node, {**read, operand: tuple(left)})))
            return self._symbols.chosen(found)

        return self._lists.apart(tested, of_list, others)

    def _term_in(self, test: ast.Test, tested: Symbol, scope: Scope) -> Symbol:
        """Return the verdict of one test on a term; `?` in `scope` is what a cell tests."""
        operand = OPERAND.format(0)
        names = {**scope, operand: tested}

        def compared(operator: ast.ComparisonOperator, end: ast.Expression) -> Symbol:
            return self._value(ast.Comparison(operator, ast.Name(operand), end), names)

        match test:
            case ast.UnaryComparison(operator, endpoint):
                return compared(operator, endpoint)
            case ast.RangeLiteral(low, high, low_closed, high_closed):
                sides = [
                    compared(">=" if low_closed else ">", low),
                    compared("<=" if high_closed else "<", high),
                ]
                return self._lists.together("every", [(TRUE, side) for side in sides])
            case _ if reads([test], [INPUT]):
                return self._value(test, scope)
        value = self._value(test, scope)
        if any((isinstance(shape, Constant) and isinstance(shape.value, list | Range))
               or not isinstance(shape, Constant | Term) for _, shape in value):  # fmt: skip
            self._refuse("an input is looked for in a list that is worked out")
        return compared("=", test)

    def _list_in(self, test: ast.Test, scope: Scope) -> Symbol:
        """Return the verdict of one test on the list that is `?` in `scope`."""
        if isinstance(test, ast.NullLiteral):
            return constant(value=False)
        if not reads([test], [INPUT]):
            self._refuse("a list is compared with a value")
        return self._value(test, scope)

    def in_list(self, node: ast.In, value: ast.Expression, listed: Symbol, scope: Scope) -> Symbol:
        """Return whether a value is in what is perhaps a list, as `list contains` has it."""
        tested = self._value(value, scope)
        if not all(
            isinstance(shape, Term)
            or (isinstance(shape, Constant) and not isinstance(shape.value, list | dict))
            for _, shape in tested
        ):
            return self.of(node.tests, tested, scope, of_cell=False)
        list_ = ast.Call(ast.Name("list contains"), (ast.NullLiteral(), ast.NullLiteral()))

        def others(rest: Symbol) -> Symbol:
            operand = OPERAND.format(1)
            names = {**scope, operand: rest}
            return self.of((ast.Name(operand),), tested, names, of_cell=False)

        return self._lists.apart(
            listed, lambda shape: self._lists.contains(list_, ((TRUE, shape),), tested), others
        )

    def _refuse(self, why: str) -> NoReturn:
        raise self._lists.refused(why)
