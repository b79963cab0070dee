"""Decision tables to a plan (DMN 1.5, 8.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.feel.names import Scope
from pydmn.feel.types import ANY, Type
from pydmn.limits import Effort
from pydmn.model import (
    DecisionTable,
    HitPolicy,
    InputClause,
    LiteralExpression,
    OutputClause,
    UnaryTests,
)
from pydmn.plan.items import ItemTypes
from pydmn.plan.logic import Broken, Cell, Feel, Input, Item, Logic, Output, Rule, Table
from pydmn.plan.results import result_type
from pydmn.plan.scopes import bounded
from pydmn.plan.texts import Texts, not_feel
from pydmn.source import Source

_Entry = TypeVar("_Entry", bound=UnaryTests | LiteralExpression)
_Part = TypeVar("_Part", bound=Cell | Feel)

_KNOWN_STEPS = 1
"""What a text is charged that its column has had before."""


def read_table(table: DecisionTable, scope: Scope, texts: Texts, items: ItemTypes) -> Logic:
    """Return the plan of a table; `Broken`, with all findings, where a part of it is."""
    foreign = texts.foreign_language(None)
    if foreign is not None:
        return texts.broken(not_feel(foreign, table.source))
    return _Reader(table, scope, texts, items).read()


class _Reader:
    """One table on its way into a plan."""

    def __init__(self, table: DecisionTable, scope: Scope, texts: Texts, items: ItemTypes) -> None:
        self._table = table
        self._scope = scope
        self._texts = texts
        self._items = items
        self._broken: list[Broken] = []

    def read(self) -> Logic:
        """Return the plan of the table."""
        table = self._table
        limits = self._texts.effort.limits
        if len(table.rules) * (len(table.inputs) + len(table.outputs)) > limits.cells:
            limits.exceeded("cells")
        self._check_shape()
        inputs = tuple(self._input(clause) for clause in table.inputs)
        outputs = tuple(self._output(clause) for clause in table.outputs)
        conditions = [self._conditions(_tested_type(column)) for column in inputs]
        conclusions = [self._conclusions(column.item.type) for column in outputs]
        rules = tuple(
            self._rule(index, conditions, conclusions) for index in range(len(table.rules))
        )
        if self._broken:
            return Broken(tuple(found for each in self._broken for found in each.diagnostics))
        return Table(
            table.hit_policy,
            table.aggregation,
            inputs,
            outputs,
            rules,
            table.source,
            table.id,
            self._item(table.type_ref),
        )

    def _item(self, type_ref: str | None) -> Item:
        return self._items.item(self._texts.model.namespace, type_ref, self._table.source)

    def _check_shape(self) -> None:
        """Refuse what has no meaning: rules of unequal length, an aggregate of several columns."""
        table = self._table
        shape = (len(table.inputs), len(table.outputs))
        for rule in table.rules.others.values():
            if (len(rule.input_entries), len(rule.output_entries)) != shape:
                self._refuse(
                    "table-shape",
                    "the rule has too few or too many entries",
                    rule.source,
                    f"give it {shape[0]} input and {shape[1]} output entries",
                )
        if not table.outputs:
            self._refuse(
                "table-shape", "the table has no output", table.source, "add an output column"
            )
        if table.aggregation is not None and len(table.outputs) > 1:
            self._refuse(
                "aggregation",
                f"{table.aggregation.value} of several outputs is not defined (8.2.10)",
                table.source,
                "keep one output, or collect and aggregate in another decision",
            )

    def _refuse(self, code: str, message: str, source: Source, help_: str) -> None:
        found = Diagnostic(code, message, source, help=help_)
        self._broken.append(self._texts.broken(found))

    # --- columns -----------------------------------------------------------------------

    def _input(self, clause: InputClause) -> Input:
        item = self._items.item(self._texts.model.namespace, clause.type_ref, clause.source)
        expression = self._texts.literal(clause.expression, self._scope, item)
        if isinstance(expression, Broken):
            self._broken.append(expression)
        label = clause.label or clause.expression.source.text
        column = Input(label, expression, clause.source, item=item)
        allowed = self._listed(clause.input_values, _tested_type(column))
        return Input(label, expression, clause.source, allowed, item)

    def _output(self, clause: OutputClause) -> Output:
        """Return a column of conclusions, its priorities from the clause, else from its type."""
        item = self._items.item(self._texts.model.namespace, clause.type_ref, clause.source)
        allowed = self._listed(clause.output_values, item.type)
        default: Feel | Broken | None = None
        if clause.default is not None and clause.default.source.text.strip():
            default = self._texts.conclusion(clause.default, self._scope, ANY)
            if isinstance(default, Broken):
                self._broken.append(default)
        listed = allowed or item.allowed or (item.element.allowed if item.element else None)
        order: tuple[Feel, ...] = ()
        if listed is not None and not listed.tests.negated:
            order = tuple(Feel(test, listed.source) for test in listed.tests.tests)
        if not order:
            self._check_order(clause)
        return Output(clause.name or clause.label or "", item, allowed, order, default)

    def _listed(self, tests: UnaryTests | None, type_: Type) -> Cell | None:
        """Return the values that a clause allows; None where it lists none."""
        if tests is None or not tests.source.text.strip():
            return None
        cell = self._texts.tests(tests, self._scope.with_variable("?", type_), type_)
        if isinstance(cell, Broken):
            self._broken.append(cell)
            return None
        return cell

    def _check_order(self, clause: OutputClause) -> None:
        policy = self._table.hit_policy
        if policy in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER):
            self._texts.found.append(
                Diagnostic(
                    "no-priority",
                    f"{policy.value} without a list of output values: rules come in their order",
                    clause.source,
                    help="list the output values, the one of highest priority first (8.2.10)",
                    severity=Severity.WARNING,
                )
            )

    # --- rules -------------------------------------------------------------------------

    def _conditions(self, type_: Type) -> _Column[UnaryTests, Cell]:
        """Return what reads the cells of a column that tests a value of `type_`."""
        texts, scope = self._texts, self._scope.with_variable("?", type_)
        return _Column(
            texts.effort, texts.found, lambda entry: self._sound(texts.tests(entry, scope, type_))
        )

    def _conclusions(self, type_: Type) -> _Column[LiteralExpression, Feel]:
        """Return what reads the output entries of a column of `type_`."""
        texts, scope = self._texts, self._scope
        return _Column(
            texts.effort,
            texts.found,
            lambda entry: self._sound(texts.conclusion(entry, scope, type_)),
        )

    def _sound(self, part: _Part | Broken) -> _Part | None:
        """Return `part`; None, with its findings kept, where it is broken."""
        if isinstance(part, Broken):
            self._broken.append(part)
            return None
        return part

    def _rule(
        self,
        index: int,
        conditions: list[_Column[UnaryTests, Cell]],
        conclusions: list[_Column[LiteralExpression, Feel]],
    ) -> Rule:
        """Return a rule; one with a broken part lacks it, and the table is not used."""
        rules = self._table.rules
        other = rules.others.get(index)
        if other is None:
            texts, width = rules.plain_texts(index), len(conditions)
            cells = self._plain(conditions, texts[:width], rules.input_entry, index)
            outputs = self._plain(conclusions, texts[width:], rules.output_entry, index)
        else:
            cells = _read(conditions, other.input_entries)
            outputs = _read(conclusions, other.output_entries)
        return Rule(
            rules.ids[index] or f"rule {index + 1}",
            index + 1,
            cells,
            outputs,
            rules.source(index),
            rules.descriptions[index] if other is None else other.description,
        )

    def _plain(
        self,
        columns: list[_Column[_Entry, _Part]],
        texts: tuple[str, ...],
        entry: Callable[[int, int], _Entry],
        index: int,
    ) -> tuple[_Part, ...]:
        """Return what the entries of a plain rule say; most are known from rules before it."""
        parts: list[_Part] = []
        known_ones = 0
        for position, column in enumerate(columns):
            known = column.known.get(texts[position])
            if known is not None:
                parts.append(known)
                known_ones += _KNOWN_STEPS
            elif (part := column.read(entry(index, position))) is not None:
                parts.append(part)
        self._texts.effort.charge(known_ones)
        return tuple(parts)


class _Column(Generic[_Entry, _Part]):
    """The entries of one column, each text read once.

    A text without findings is read where it first stands, and what was read serves all rules
    that have it, also when they are compiled: it is `known`, and charged little. One with
    findings is read again, so that they are told wherever it stands.
    """

    def __init__(
        self, effort: Effort, found: list[Diagnostic], read: Callable[[_Entry], _Part | None]
    ) -> None:
        self.known: dict[str, _Part] = {}
        self._effort = effort
        self._found = found
        self._read = read

    def read(self, entry: _Entry) -> _Part | None:
        """Return what `entry` says; None, with its findings kept, where it is broken."""
        text = entry.source.text
        native = entry.expression_language is None
        if native and (known := self.known.get(text)) is not None:
            self._effort.charge(_KNOWN_STEPS)
            return known
        found = len(self._found)
        part = self._read(entry)
        if native and part is not None and len(self._found) == found:
            self.known[text] = part
        return part


def _read(columns: list[_Column[_Entry, _Part]], entries: tuple[_Entry, ...]) -> tuple[_Part, ...]:
    """Return what the entries of a rule say, without those that are broken."""
    parts = (column.read(entry) for column, entry in zip(columns, entries, strict=False))
    return tuple(part for part in parts if part is not None)


def _tested_type(column: Input) -> Type:
    """Return the type of what a column tests: as declared, else as its expression says."""
    return column.item.type if column.item.type != ANY else bounded(result_type(column.expression))
