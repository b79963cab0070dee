"""Decision tables to a plan (DMN 1.5, 8.3)."""

from __future__ import annotations

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.feel.names import Scope
from pydmn.feel.types import ANY, Type
from pydmn.model import DecisionTable, HitPolicy, InputClause, OutputClause, UnaryTests
from pydmn.model import Rule as RuleElement
from pydmn.plan.items import ItemTypes
from pydmn.plan.logic import Broken, Cell, Feel, Input, Item, Logic, Output, Rule, Table
from pydmn.plan.results import result_type
from pydmn.plan.scopes import bounded
from pydmn.plan.texts import Texts, not_feel


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
        types = [_tested_type(column) for column in inputs]
        scopes = [self._scope.with_variable("?", type_) for type_ in types]
        columns = list(zip(scopes, types, strict=True))
        rules = tuple(self._rule(rule, columns, outputs) for rule in table.rules)
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
        for rule in table.rules:
            if (len(rule.input_entries), len(rule.output_entries)) != shape:
                self._refuse(
                    "table-shape",
                    "the rule has too few or too many entries",
                    rule,
                    f"give it {shape[0]} input and {shape[1]} output entries",
                )
        if not table.outputs:
            self._refuse("table-shape", "the table has no output", table, "add an output column")
        if table.aggregation is not None and len(table.outputs) > 1:
            self._refuse(
                "aggregation",
                f"{table.aggregation.value} of several outputs is not defined (8.2.10)",
                table,
                "keep one output, or collect and aggregate in another decision",
            )

    def _refuse(
        self, code: str, message: str, where: DecisionTable | RuleElement, help_: str
    ) -> None:
        found = Diagnostic(code, message, where.source, help=help_)
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

    def _rule(
        self, rule: RuleElement, columns: list[tuple[Scope, Type]], outputs: tuple[Output, ...]
    ) -> Rule:
        cells: list[Cell] = []
        for (scope, type_), entry in zip(columns, rule.input_entries, strict=False):
            cell = self._texts.tests(entry, scope, type_)
            if isinstance(cell, Broken):
                self._broken.append(cell)
            else:
                cells.append(cell)
        conclusions: list[Feel] = []
        for output, conclusion in zip(outputs, rule.output_entries, strict=False):
            concluded = self._texts.conclusion(conclusion, self._scope, output.item.type)
            if isinstance(concluded, Broken):
                self._broken.append(concluded)
            else:
                conclusions.append(concluded)
        return Rule(
            rule.id or f"rule {rule.number}",
            rule.number,
            tuple(cells),
            tuple(conclusions),
            rule.source,
            rule.description,
        )


def _tested_type(column: Input) -> Type:
    """Return the type of what a column tests: as declared, else as its expression says."""
    return column.item.type if column.item.type != ANY else bounded(result_type(column.expression))
