"""Linked models to a plan: every text parsed with the names in its scope.

A text that is not FEEL makes its place `Broken`; everything else goes on, so that all that is
wrong with a model is said at once and a decision that is sound still runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar, assert_never

from pydmn.diagnostics import Diagnostic
from pydmn.errors import FeelSyntaxError
from pydmn.feel import ast, parser
from pydmn.feel.names import Scope, normalise
from pydmn.feel.types import ANY, BOOLEAN, ContextType, FunctionType, ListType, Type
from pydmn.limits import Limits
from pydmn.model import (
    BusinessKnowledgeModel,
    Conditional,
    Context,
    Decision,
    DecisionService,
    DecisionTable,
    Definitions,
    ElementKey,
    Every,
    Expression,
    Filter,
    For,
    FunctionDefinition,
    FunctionKind,
    HitPolicy,
    InformationItem,
    InputData,
    Invocation,
    Iterator,
    ListExpression,
    LiteralExpression,
    Models,
    Node,
    Relation,
    Role,
    Some,
    UnaryTests,
    is_feel,
)
from pydmn.plan.items import ItemTypes
from pydmn.plan.logic import (
    ANYTHING,
    Broken,
    Cell,
    Choose,
    Entries,
    Feel,
    FunctionOf,
    Input,
    Invoke,
    Item,
    Items,
    Logic,
    Loop,
    Output,
    Parameter,
    Plan,
    Requirement,
    Rule,
    Select,
    Step,
    Table,
)
from pydmn.source import Source

_Tree = TypeVar("_Tree")


def build(models: Models, builtins: frozenset[str], limits: Limits) -> Plan:
    """Return the plan that agrees with `models` on every input (DMN 1.5, 10.4).

    `builtins` are the names of FEEL's functions. Raises `LimitExceeded` for a text that is
    too long or too deep; whatever else is wrong stands in the plan's diagnostics.
    """
    items = ItemTypes(models, builtins, limits)
    variables: dict[ElementKey, Item] = {}
    steps: dict[str, Step] = {}
    for key in models.order:
        node = models.nodes[key]
        builder = _Builder(models, node, items, variables, builtins, limits)
        step = builder.step()
        if step is None:
            continue
        variables[key] = step.item
        steps[step.key] = step
    names = _names(models, steps)
    diagnostics = (
        *items.diagnostics,
        *(found for step in steps.values() for found in step.diagnostics),
    )
    main = next(iter(models.models), "")
    return Plan(steps, names, items.types(main) if main else {}, tuple(dict.fromkeys(diagnostics)))


def text_key(key: ElementKey) -> str:
    """Return the key of a plan's step for an element."""
    return f"{key.namespace}#{key.id}"


def _names(models: Models, steps: Mapping[str, Step]) -> dict[str, str]:
    """Return what a host may call each step: by name, imports' by `import.name` too.

    The first model is the main one: its names win over those of an import.
    """
    names: dict[str, str] = {}
    main = next(iter(models.models), None)
    ranked = sorted(models.nodes.values(), key=lambda node: node.key.namespace != main)
    for node in ranked:
        key = text_key(node.key)
        if key in steps:
            names.setdefault(node.element.name, key)
    for imported in models.imports.get(main or "", ()):
        for node in models.nodes.values():
            key = text_key(node.key)
            if node.key.namespace == imported.namespace and key in steps and imported.name:
                names.setdefault(f"{imported.name}.{node.element.name}", key)
    return names


@dataclass(slots=True)
class _Builder:
    """The plan of one element."""

    models: Models
    node: Node
    items: ItemTypes
    variables: Mapping[ElementKey, Item]
    builtins: frozenset[str]
    limits: Limits
    found: list[Diagnostic] = field(default_factory=list)

    @property
    def model(self) -> Definitions:
        return self.node.model

    def step(self) -> Step | None:
        """Return the step for the element, or None for one without meaning at run time."""
        element = self.node.element
        common = {
            "key": text_key(self.node.key),
            "name": element.name,
            "source": element.source,
            "description": element.description,
        }
        match element:
            case InputData():
                item = self._variable_item(element.variable, element.source)
                return Step(kind="input", item=item, **common)  # type: ignore[arg-type]
            case Decision():
                item = self._variable_item(element.variable, element.source)
                logic = self._required(element.expression, self._scope(), element.source)
                if item == ANYTHING and not isinstance(logic, Broken):
                    item = _result_item(logic)
                return Step(
                    kind="decision",
                    item=item,
                    logic=logic,
                    requirements=self._requirements(),
                    diagnostics=tuple(self.found),
                    question=element.question,
                    **common,  # type: ignore[arg-type]
                )
            case BusinessKnowledgeModel():
                return self._knowledge(element, common)
            case DecisionService():
                return self._service(element, common)
            case _:
                return None

    def _knowledge(self, element: BusinessKnowledgeModel, common: dict[str, object]) -> Step:
        definition = element.encapsulated_logic
        scope = self._scope().with_variable(element.name, ANY)
        logic: Logic = (
            self._function(definition, scope)
            if definition is not None
            else self._broken(
                Diagnostic(
                    "no-logic", f"`{element.name}` has no logic", element.source,
                    help="give the business knowledge model a function",
                )
            )
        )  # fmt: skip
        item = self._variable_item(element.variable, element.source)
        if isinstance(logic, FunctionOf):
            # The variable's type is the function's, or by habit that of its result.
            declared = item.type
            result = declared.result if isinstance(declared, FunctionType) else declared
            if result != ANY and logic.body is not None and not isinstance(logic.body, Broken):
                wanted = item if not isinstance(declared, FunctionType) else Item(result)
                logic = replace(logic, body=_typed(logic.body, wanted))
            types = tuple(parameter.item.type for parameter in logic.parameters)
            item = Item(FunctionType(types, result))
        return Step(
            kind="knowledge",
            item=item,
            logic=logic,
            requirements=self._requirements(),
            diagnostics=tuple(self.found),
            **common,  # type: ignore[arg-type]
        )

    def _service(self, element: DecisionService, common: dict[str, object]) -> Step:
        by_role: dict[Role, list[Requirement]] = {}
        for required in self.node.requires:
            by_role.setdefault(required.role, []).append(
                Requirement(text_key(required.key), ".".join(required.path))
            )
        # Input data first, then input decisions: the order of 10.4, and of the TCK.
        parameters = (*by_role.get(Role.INPUT_DATA, ()), *by_role.get(Role.INPUT_DECISION, ()))
        outputs = tuple(by_role.get(Role.OUTPUT_DECISION, ()))
        types = {text_key(key): item.type for key, item in self.variables.items()}
        declared = self._variable_item(element.variable, element.source).type
        result: Type = (
            declared.result
            if isinstance(declared, FunctionType)
            else declared
            if declared != ANY
            else types.get(outputs[0].key, ANY)
            if len(outputs) == 1
            else ContextType(tuple((each.name, types.get(each.key, ANY)) for each in outputs))
        )
        signature = tuple(types.get(each.key, ANY) for each in parameters)
        return Step(
            kind="service",
            item=Item(FunctionType(signature, result)),
            parameters=parameters,
            outputs=outputs,
            encapsulated=frozenset(
                each.key for each in by_role.get(Role.ENCAPSULATED_DECISION, ())
            ),
            diagnostics=tuple(self.found),
            **common,  # type: ignore[arg-type]
        )

    # --- names and types ---------------------------------------------------------------

    def _requirements(self) -> tuple[Requirement, ...]:
        return tuple(
            Requirement(text_key(required.key), required.path[-1], required.path[:-1])
            for required in self.node.requires
        )

    def _scope(self) -> Scope:
        """Return what the element's logic may read: what it requires, and all members."""
        variables: dict[str, Type] = {}
        packages: dict[str, dict[str, Type]] = {}
        members = set(self.items.members())
        for required in self.node.requires:
            type_ = self.variables.get(required.key, ANYTHING).type
            if len(required.path) == 1:
                variables[required.path[0]] = type_
            else:
                packages.setdefault(required.path[0], {})[required.path[-1]] = type_
                members.add(required.path[-1])
            members.update(_entry_names(type_))
        for name, inside in packages.items():
            variables[name] = ContextType(tuple(inside.items()))
        named = {normalise(name): type_ for name, type_ in variables.items()}
        types = self.items.types(self.model.namespace)
        return Scope(named, self.builtins, frozenset(map(normalise, members)), types)

    def _variable_item(self, variable: InformationItem | None, source: Source) -> Item:
        return self._item(variable.type_ref if variable else None, source)

    def _item(self, type_ref: str | None, source: Source) -> Item:
        return self.items.item(self.model.namespace, type_ref, source)

    def _broken(self, *diagnostics: Diagnostic) -> Broken:
        self.found.extend(diagnostics)
        return Broken(diagnostics)

    # --- expressions -------------------------------------------------------------------

    def _required(self, expression: Expression | None, scope: Scope, source: Source) -> Logic:
        """Return the logic of `expression`, or why there is none."""
        if expression is None:
            return self._broken(
                Diagnostic(
                    "no-logic", "there is no expression here", source,
                    help="add a decision table or a literal expression",
                )
            )  # fmt: skip
        return self._logic(expression, scope)

    def _logic(self, expression: Expression, scope: Scope) -> Logic:
        match expression:
            case LiteralExpression():
                return self._literal(expression, scope)
            case DecisionTable():
                return self._table(expression, scope)
            case Context():
                return self._context(expression, scope)
            case Relation():
                return self._relation(expression, scope)
            case ListExpression():
                item = self._item(expression.type_ref, expression.source)
                elements = tuple(self._logic(each, scope) for each in expression.elements)
                return self._whole(Items(elements, item), elements)
            case FunctionDefinition():
                return self._function(expression, scope)
            case Invocation():
                return self._invocation(expression, scope)
            case Conditional():
                parts = tuple(
                    self._required(part, scope, expression.source)
                    for part in (expression.condition, expression.then, expression.otherwise)
                )
                item = self._item(expression.type_ref, expression.source)
                return self._whole(Choose(*parts, item), parts)
            case Filter():
                return self._filter(expression, scope)
            case For(result=body):
                return self._loop(expression, body, scope)
            case Some(satisfies=body) | Every(satisfies=body):
                return self._loop(expression, body, scope)
        assert_never(expression)

    @staticmethod
    def _whole(logic: Logic, parts: tuple[Logic, ...]) -> Logic:
        """Return `logic`, or its first broken part: half an expression has no answer."""
        return next((part for part in parts if isinstance(part, Broken)), logic)

    def _literal(self, expression: LiteralExpression, scope: Scope) -> Logic:
        item = self._item(expression.type_ref, expression.source)
        foreign = self._foreign_language(expression.expression_language)
        if foreign is not None:
            return self._broken(self._not_feel(foreign, expression.source))
        parsed = self._parse(expression.source, scope, parser.parse_expression)
        if isinstance(parsed, Broken):
            return parsed
        return Feel(parsed, expression.source, item)

    def _foreign_language(self, language: str | None) -> str | None:
        """Return the expression language where it is not FEEL."""
        used = language or self.model.expression_language
        if not used or is_feel(used) or used.strip().lower() in {"feel", "s-feel"}:
            return None
        return used

    @staticmethod
    def _not_feel(language: str, source: Source) -> Diagnostic:
        return Diagnostic(
            "expression-language",
            f"the expression language `{language}` is not supported",
            source,
            help="write the expression in FEEL",
        )

    def _parse(
        self, source: Source, scope: Scope, parse: Callable[[Source, Scope, Limits], _Tree]
    ) -> _Tree | Broken:
        try:
            return parse(source, scope, self.limits)
        except FeelSyntaxError as error:
            return self._broken(*error.diagnostics)

    def _context(self, expression: Context, scope: Scope) -> Logic:
        item = self._item(expression.type_ref, expression.source)
        entries: list[tuple[str, Logic]] = []
        result: Logic | None = None
        for entry in expression.entries:
            inside = scope
            if entry.variable is not None and isinstance(entry.value, FunctionDefinition):
                inside = scope.with_variable(entry.variable.name, ANY)
            value = self._required(entry.value, inside, expression.source)
            if entry.variable is None:
                result = value
                continue
            declared = self._item(entry.variable.type_ref, entry.variable.source)
            value = _typed(value, declared)
            entries.append((entry.variable.name, value))
            scope = scope.with_variable(entry.variable.name, _result_item(value).type)
            scope = scope.with_members(_entry_names(_result_item(value).type))
        parts = (*(value for _, value in entries), *((result,) if result is not None else ()))
        return self._whole(Entries(tuple(entries), result, item), parts)

    def _relation(self, expression: Relation, scope: Scope) -> Logic:
        item = self._item(expression.type_ref, expression.source)
        columns = [
            (column.name, self._item(column.type_ref, column.source))
            for column in expression.columns
        ]
        rows: list[Logic] = []
        for row in expression.rows:
            cells = [
                (name, _typed(self._logic(cell, scope), declared))
                for (name, declared), cell in zip(columns, row.elements, strict=True)
            ]
            rows.append(
                self._whole(Entries(tuple(cells), None), tuple(value for _, value in cells))
            )
        return self._whole(Items(tuple(rows), item), tuple(rows))

    def _function(self, expression: FunctionDefinition, scope: Scope) -> Logic:
        parameters = tuple(
            Parameter(each.name, self._item(each.type_ref, each.source))
            for each in expression.parameters
        )
        inside = scope.with_variables({each.name: each.item.type for each in parameters})
        for each in parameters:
            inside = inside.with_members(_entry_names(each.item.type))
        if expression.kind is FunctionKind.PMML:
            return self._broken(self._not_feel("PMML", expression.source))
        body = self._required(expression.body, inside, expression.source)
        external = None
        if expression.kind is FunctionKind.JAVA:
            external = _java_key(body)
        result = self._item(expression.type_ref, expression.source)
        declared = result.type
        if not isinstance(declared, FunctionType) and declared != ANY:
            body = _typed(body, result)
        if isinstance(body, Broken):
            return body
        return FunctionOf(parameters, body, external)

    def _invocation(self, expression: Invocation, scope: Scope) -> Logic:
        item = self._item(expression.type_ref, expression.source)
        function = self._required(expression.called_function, scope, expression.source)
        arguments = tuple(
            (
                binding.parameter.name,
                _typed(
                    self._required(binding.formula, scope, expression.source),
                    self._item(binding.parameter.type_ref, binding.parameter.source),
                ),
            )
            for binding in expression.bindings
        )
        parts = (function, *(value for _, value in arguments))
        return self._whole(Invoke(function, arguments, expression.source, item), parts)

    def _filter(self, expression: Filter, scope: Scope) -> Logic:
        item = self._item(expression.type_ref, expression.source)
        collection = self._required(expression.collection, scope, expression.source)
        element = _element(_result_item(collection).type)
        inside = scope.with_variables({**dict(_entries_of(element)), "item": element})
        match_ = self._required(expression.match, inside, expression.source)
        return self._whole(Select(collection, match_, item), (collection, match_))

    def _loop(self, expression: Iterator, body: Expression | None, scope: Scope) -> Logic:
        item = self._item(expression.type_ref, expression.source)
        collection = self._required(expression.collection, scope, expression.source)
        declared = self._item(expression.collection_type_ref, expression.source)
        collection = _typed(collection, declared)
        element = _element(_result_item(collection).type)
        inside = scope.with_variable(expression.variable, element)
        inside = inside.with_variable("partial", ListType(ANY))
        inside = inside.with_members(_entry_names(element))
        each = self._required(body, inside, expression.source)
        match expression:
            case For():
                loop = Loop("for", expression.variable, collection, each, item)
            case Some():
                loop = Loop("some", expression.variable, collection, each, item)
            case _:
                loop = Loop("every", expression.variable, collection, each, item)
        return self._whole(loop, (collection, each))

    # --- decision tables ---------------------------------------------------------------

    def _table(self, table: DecisionTable, scope: Scope) -> Logic:
        foreign = self._foreign_language(None)
        if foreign is not None:
            return self._broken(self._not_feel(foreign, table.source))
        inputs: list[Input] = []
        for clause in table.inputs:
            expression = self._logic(clause.expression, scope)
            item = self._item(clause.type_ref, clause.source)
            type_ = item.type if item.type != ANY else _result_item(expression).type
            label = clause.label or clause.expression.source.text
            allowed = self.items.cell(self.model, clause.input_values, type_)
            inputs.append(Input(label, expression, clause.source, allowed, item))
        outputs = tuple(self._output(table, position, scope) for position in range(len(table.outputs)))
        broken = [each.expression for each in inputs if isinstance(each.expression, Broken)]
        rules: list[Rule] = []
        for rule in table.rules:
            cells: list[Cell] = []
            for column, entry in zip(inputs, rule.input_entries, strict=False):
                cell = self._cell(entry, column, scope)
                if isinstance(cell, Broken):
                    broken.append(cell)
                else:
                    cells.append(cell)
            results = tuple(self._logic(entry, scope) for entry in rule.output_entries)
            broken.extend(each for each in results if isinstance(each, Broken))
            rules.append(
                Rule(
                    rule.id or f"rule {rule.number}",
                    rule.number,
                    tuple(cells),
                    results,
                    rule.source,
                    rule.description,
                )
            )
        if broken:
            return Broken(tuple(found for each in broken for found in each.diagnostics))
        if any(
            len(rule.cells) != len(inputs) or len(rule.outputs) != len(outputs) for rule in rules
        ):
            return self._broken(
                Diagnostic("table-shape", "a rule has too few or too many entries", table.source)
            )
        item = self._item(table.type_ref, table.source)
        return Table(
            table.hit_policy,
            table.aggregation,
            tuple(inputs),
            outputs,
            tuple(rules),
            table.source,
            table.id,
            item,
        )

    def _cell(self, entry: UnaryTests, column: Input, scope: Scope) -> Cell | Broken:
        item = column.item if column.item.type != ANY else _result_item(column.expression)
        inside = scope.with_variable("?", item.type)
        parsed = self._parse(entry.source, inside, parser.parse_unary_tests)
        return parsed if isinstance(parsed, Broken) else Cell(parsed, entry.source)

    def _output(self, table: DecisionTable, position: int, scope: Scope) -> Output:
        clause = table.outputs[position]
        item = self._item(clause.type_ref, clause.source)
        allowed = self.items.cell(self.model, clause.output_values, item.type)
        default = None
        if clause.default is not None and clause.default.source.text.strip():
            default = self._logic(clause.default, scope)
        listed = allowed or (item.element.allowed if item.element else item.allowed)
        order = (
            tuple(Feel(test, listed.source) for test in listed.tests.tests) if listed else ()
        )
        return Output(clause.name or clause.label or "", item, allowed, order, default)


def _typed(logic: Logic, item: Item) -> Logic:
    """Return `logic` with `item` asked of its result; both, where it asks something already."""
    if item == ANYTHING or isinstance(logic, Broken):
        return logic
    if logic.item == ANYTHING:
        return replace(logic, item=item)
    return Entries((), logic, item)


def _result_item(logic: Logic) -> Item:
    """Return what is known of the value of `logic`."""
    match logic:
        case Broken():
            return ANYTHING
        case _ if logic.item != ANYTHING:
            return logic.item
        case Table():
            return _table_item(logic)
        case Entries(entries, None):
            return Item(
                ContextType(tuple((name, _result_item(value).type) for name, value in entries))
            )
        case Entries(_, result) if result is not None:
            return _result_item(result)
        case Items(items):
            kinds = {_result_item(each).type for each in items}
            return Item(ListType(kinds.pop() if len(kinds) == 1 else ANY))
        case FunctionOf(parameters, body):
            result = _result_item(body).type
            return Item(FunctionType(tuple(each.item.type for each in parameters), result))
        case Loop(kind="some" | "every"):
            return Item(BOOLEAN)
        case Loop(body=body):
            return Item(ListType(_result_item(body).type))
        case Select(collection=collection):
            return _result_item(collection)
        case Choose(then=then, otherwise=otherwise):
            kinds = {_result_item(then).type, _result_item(otherwise).type}
            return Item(kinds.pop()) if len(kinds) == 1 else ANYTHING
    return ANYTHING


def _table_item(table: Table) -> Item:
    """Return the type of a table's answer, from its outputs and hit policy (8.2.10)."""
    row: Type = (
        table.outputs[0].item.type
        if len(table.outputs) == 1
        else ContextType(tuple((each.name, each.item.type) for each in table.outputs))
    )
    if table.aggregation is not None:
        return ANYTHING
    if table.hit_policy in (HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER):
        return Item(ListType(row))
    return Item(row)


def _element(type_: Type) -> Type:
    return type_.element if isinstance(type_, ListType) else type_


def _entries_of(type_: Type) -> tuple[tuple[str, Type], ...]:
    return type_.entries if isinstance(type_, ContextType) else ()


def _entry_names(type_: Type) -> set[str]:
    """Return the entry names of a type, however deep."""
    names: set[str] = set()
    waiting = [type_]
    while waiting:
        each = waiting.pop()
        match each:
            case ListType(element):
                waiting.append(element)
            case ContextType(entries):
                names.update(name for name, _ in entries)
                waiting.extend(inner for _, inner in entries)
            case FunctionType(_, result):
                waiting.append(result)
            case _:
                pass
    return names


def _java_key(body: Logic) -> str:
    """Return the registry's key of a boxed Java mapping (10.3.2.13.3); empty if it has none."""
    if isinstance(body, Entries):
        found = {
            name: value.node.value
            for name, value in body.entries
            if isinstance(value, Feel) and isinstance(value.node, ast.StringLiteral)
        }
        if "class" in found and "method signature" in found:
            return f"{found['class'].strip()}.{''.join(found['method signature'].split())}"
    return ""

