"""A decision table over symbols: where each rule is hit, and what comes of it (DMN 1.5, 8.2.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.types import BasicType
from pydmn.feel.values import type_of
from pydmn.model.expressions import Aggregation, HitPolicy
from pydmn.plan.logic import Cell, Feel, Logic, Output, Rule, Table
from pydmn.tables.cells import CLOCKS, REGIONS, holds, plain
from pydmn.verify.graph.circuit import FALSE, Formula
from pydmn.verify.graph.expressions import Expressions
from pydmn.verify.graph.symbols import (
    Constant,
    Count,
    Elements,
    Entries,
    Scope,
    Shape,
    Symbol,
    constant,
)  # fmt: skip
from pydmn.verify.graph.terms import Term

_COUNTED: Final = 60
"""Of tables of no more rules it is known how many match."""
_NAMES: Final = {
    Aggregation.COUNT: "count",
    Aggregation.SUM: "sum",
    Aggregation.MIN: "min",
    Aggregation.MAX: "max",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What a table answers, where each of its rules is hit, and what each column tests."""

    answer: Symbol
    hits: tuple[Formula, ...]
    columns: tuple[Symbol, ...]


def decide(table: Table, expressions: Expressions, scope: Scope) -> Decided:
    """Return what a table answers, and by which rules; raises `NotDecided`."""
    return _Deciding(table, expressions, scope).decided()


class _Deciding:
    def __init__(self, table: Table, expressions: Expressions, scope: Scope) -> None:
        self._table = table
        self._expressions = expressions
        self._scope = scope
        self._symbols = expressions.symbols
        self._circuit = expressions.circuit
        self._columns = [self._column(position) for position in range(len(table.inputs))]
        self._accepted: dict[tuple[int, int], Formula] = {}

    def _column(self, position: int) -> Symbol:
        column = self._table.inputs[position]
        if not isinstance(column.expression, Feel):
            raise NotDecided(f"{column.source.where}: a column that is no literal expression")
        value = self._expressions.feel(column.expression, self._scope)
        value = self._expressions.checked(value, column.item)
        if column.allowed is not None:
            allowed = self._expressions.accepted(column.allowed, value, self._scope)
            null = self._symbols.where(value, lambda each: each is None)
            if self._circuit.any_of((allowed, null)) != 1:
                raise NotDecided(f"{column.source.where}: a value is not among the allowed ones")
        return value

    def decided(self) -> Decided:
        # All that match are hit, as in a trace, but for the policies that take one of them.
        hits = matches = [self._match(rule) for rule in self._table.rules]
        circuit = self._circuit
        match self._table.hit_policy:
            case HitPolicy.FIRST:
                hits, none = circuit.firsts(matches)
                answer = self._one(hits, none)
            case HitPolicy.UNIQUE:
                several = circuit.several(matches)
                alone = [circuit.all_of((match, -several)) for match in matches]
                answer = self._one(alone, -circuit.any_of(matches), several)
            case HitPolicy.ANY:
                answer = self._agreed(matches)
            case HitPolicy.PRIORITY:
                order = self._by_priority()
                firsts, none = circuit.firsts([matches[number] for number in order])
                placed = dict(zip(order, firsts, strict=True))
                hits = [placed[number] for number in sorted(placed)]
                answer = self._one(hits, none)
            case _:
                answer = self._every(matches)
        return Decided(answer, tuple(hits), tuple(self._columns))

    def _match(self, rule: Rule) -> Formula:
        return self._circuit.all_of(
            self._accepts(position, cell) for position, cell in enumerate(rule.cells)
        )

    def _accepts(self, position: int, cell: Cell) -> Formula:
        key = (position, id(cell))
        found = self._accepted.get(key)
        if found is None:
            column = self._columns[position]
            found = self._plainly(cell, column)
            if found is None:
                found = self._expressions.accepted(cell, column, self._scope)
            self._accepted[key] = found
        return found

    def _plainly(self, cell: Cell, column: Symbol) -> Formula | None:
        """Return where a plain cell accepts constants and terms of one kind; None for any other."""
        kinds: set[object] = set()
        for _, shape in column:
            match shape:
                case Constant(value):
                    kinds |= set() if value is None else {type_of(value)}
                case Term(kind=kind):
                    kinds.add(kind)
                case _:
                    return None
        only = kinds.pop() if len(kinds) == 1 else None
        if not isinstance(only, BasicType) or only not in REGIONS:
            return None
        form = plain(cell.tests, only)
        if form is None:
            return None
        if only in CLOCKS and not all(isinstance(shape, Term) for _, shape in column):
            return None
        terms, circuit = self._symbols.terms, self._circuit
        found = []
        for at, shape in column:
            if isinstance(shape, Term):
                found.append(circuit.all_of((at, terms.accepted(shape, form))))
            elif (
                isinstance(shape, Constant) and shape.value is not None and holds(form, shape.value)
            ):
                found.append(at)
        return circuit.any_of(found)

    # --- one rule ---------------------------------------------------------------------------

    def _one(
        self,
        hits: Sequence[Formula],
        none: Formula,
        void: Formula = FALSE,
    ) -> Symbol:
        """Return the answer of a table that takes one rule; it is null where `void`."""
        outputs = self._table.outputs
        chosen = []
        for position, column in enumerate(outputs):
            rows = [
                (hit, self._output(rule, position))
                for rule, hit in zip(self._table.rules, hits, strict=True)
                if hit != FALSE
            ]
            if none != FALSE:
                rows.append((none, self._default(column)))
            if void != FALSE:
                rows.append((void, constant(None)))
            chosen.append(self._symbols.chosen(rows))
        if len(outputs) == 1:
            return chosen[0]
        entries = Entries({column.name: each for column, each in zip(outputs, chosen, strict=True)})
        nothing = void
        if all(column.default is None for column in outputs):
            nothing = self._circuit.any_of((void, none))
        cases: list[tuple[Formula, Shape]] = [(-nothing, entries), (nothing, Constant(None))]
        return self._symbols.merged(cases)

    def _output(self, rule: Rule, position: int) -> Symbol:
        column = self._table.outputs[position]
        value = self._feel(rule.outputs[position], rule.source.where)
        value = self._expressions.checked(value, column.item)
        if column.allowed is None:
            return value
        listed = self._expressions.accepted(column.allowed, value, self._scope)
        null = self._symbols.where(value, lambda each: each is None)
        kept = self._circuit.any_of((listed, null))
        return self._symbols.chosen([(kept, value), (-kept, constant(None))])

    def _default(self, column: Output) -> Symbol:
        if column.default is None:
            return constant(None)
        return self._feel(column.default, self._table.source.where)

    def _feel(self, logic: Logic, where: str) -> Symbol:
        if not isinstance(logic, Feel):
            raise NotDecided(f"{where}: an output that is no literal expression")
        return self._expressions.feel(logic, self._scope)

    def _agreed(self, matches: Sequence[Formula]) -> Symbol:
        """Return the answer of ANY: the outputs of a match, where no other has others."""
        circuit = self._circuit
        groups: dict[object, list[int]] = {}
        for number, rule in enumerate(self._table.rules):
            values = [self._output(rule, at) for at in range(len(rule.outputs))]
            groups.setdefault(self._identity(values, rule), []).append(number)
        there = {key: circuit.any_of(matches[at] for at in group) for key, group in groups.items()}
        void = circuit.several(list(there.values()))
        firsts, none = circuit.firsts(matches)
        return self._one([circuit.all_of((first, -void)) for first in firsts], none, void)

    def _by_priority(self) -> list[int]:
        """Return the rules in the order in which they win: see 8.2.10 on output values."""
        ranks = []
        for number, rule in enumerate(self._table.rules):
            values = [self._output(rule, at) for at in range(len(rule.outputs))]
            self._identity(values, rule)
            rank = []
            for value, column in zip(values, self._table.outputs, strict=True):
                places = (
                    place
                    for place, listed in enumerate(column.order)
                    if self._is_listed(value, listed)
                )
                rank.append(next(places, len(column.order)))
            ranks.append((rank, number))
        return [number for _, number in sorted(ranks)]

    def _is_listed(self, value: Symbol, listed: Feel) -> bool:
        test = Cell(ast.UnaryTests((listed.node,)), listed.source)
        return self._expressions.accepted(test, value, self._scope) != FALSE

    def _identity(self, values: Sequence[Symbol], rule: Rule) -> object:
        """Return what equal outputs share; raises `NotDecided` for outputs that vary."""
        found = []
        for value in values:
            shape = value[0][1]
            if len(value) > 1 or not isinstance(shape, Constant):
                raise NotDecided(f"{rule.source.where}: an output that is no constant is compared")
            found.append(self._symbols.identity(shape.value))
        return tuple(found)

    # --- all rules --------------------------------------------------------------------------

    def _every(self, matches: Sequence[Formula]) -> Symbol:
        """Return the answer of COLLECT and its like: a list; the default where none matches."""
        some = self._circuit.any_of(matches)
        none = self._table_default()
        table = self._table
        order, exact = [*range(len(table.rules))], True
        if table.hit_policy is HitPolicy.OUTPUT_ORDER:
            try:
                order = self._by_priority()
            except NotDecided:
                exact = False
        items = tuple(
            (matches[number], self._row(table.rules[number]))
            for number in order
            if matches[number] != FALSE
        )
        found: Symbol = ((1, Elements(items, exact)),)
        if table.aggregation is Aggregation.COUNT and len(items) > _COUNTED:
            found = ((1, Count()),)
        elif table.aggregation is not None:
            self._expressions.place = table.source
            found = self._expressions.lists.aggregated(_NAMES[table.aggregation], items)
        cases = [(some, found), (-some, none)]
        return self._symbols.chosen(cases)

    def _row(self, rule: Rule) -> Symbol:
        values = [self._output(rule, at) for at in range(len(rule.outputs))]
        if len(values) == 1:
            return values[0]
        names = [column.name for column in self._table.outputs]
        return ((1, Entries(dict(zip(names, values, strict=True)))),)

    def _table_default(self) -> Symbol:
        outputs = self._table.outputs
        if all(column.default is None for column in outputs):
            count = self._table.aggregation is Aggregation.COUNT
            return constant(Decimal(0) if count else None)
        values = [self._default(column) for column in outputs]
        if len(values) == 1:
            return values[0]
        names = [column.name for column in outputs]
        return ((1, Entries(dict(zip(names, values, strict=True)))),)
