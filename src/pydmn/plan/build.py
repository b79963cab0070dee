"""Linked models to a plan (DMN 1.5, 10.4).

A text that is not FEEL makes its place `Broken`; everything else goes on, so that all that is
wrong with a model is said at once and a decision that is sound still runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from pydmn.diagnostics import Diagnostic
from pydmn.feel import static
from pydmn.feel.names import Scope, normalise
from pydmn.feel.types import ANY, FUNCTION, ContextType, FunctionType, Type
from pydmn.feel.values import Function, Signature
from pydmn.feel.values import Parameter as FeelParameter
from pydmn.limits import Effort, Limits
from pydmn.model import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    ElementKey,
    InputData,
    KnowledgeSource,
    Models,
    Node,
    Role,
)
from pydmn.plan.boxed import Boxed, typed
from pydmn.plan.items import ItemTypes
from pydmn.plan.logic import FunctionOf, Item, Logic, Plan, Requirement, Step
from pydmn.plan.results import result_type
from pydmn.plan.scopes import bounded, scope_of, with_value
from pydmn.plan.texts import Invocable, Texts
from pydmn.source import Span

_ELEMENT_STEPS = 5
"""What an element is charged beside its requirements and texts."""


def build(models: Models, limits: Limits) -> Plan:
    """Return the plan that agrees with `models` on every input (DMN 1.5, 10.4).

    Raises `LimitExceeded` for a text that is too long or too deep, a table with too many
    cells, and more work than `limits.model_steps`; whatever else is wrong stands in the
    plan's diagnostics.
    """
    builder = _Builder(models, Effort(limits))
    for key in models.order:
        builder.add(models.nodes[key])
    main = next(iter(models.models), None)
    types = builder.items.types(main) if main is not None else {}
    found = [*builder.items.diagnostics]
    for step in builder.steps.values():
        found += step.diagnostics
    return Plan(builder.steps, _names(models, builder.steps), types, tuple(dict.fromkeys(found)))


def text_key(key: ElementKey) -> str:
    """Return the key of a plan's step for an element."""
    return f"{key.namespace}#{key.id}"


def _names(models: Models, steps: Mapping[str, Step]) -> dict[str, str]:
    """Return what a host may call each step: by name, imports' by `import.name` too.

    The first model is the main one: its names win over those of an import.
    """
    names: dict[str, str] = {}
    main = next(iter(models.models), None)
    by_namespace: dict[str, list[Node]] = {}
    for node in models.nodes.values():
        if text_key(node.key) in steps:
            by_namespace.setdefault(node.key.namespace, []).append(node)
    for namespace in sorted(by_namespace, key=lambda each: each != main):
        for node in by_namespace[namespace]:
            names.setdefault(node.element.name, text_key(node.key))
    for imported in models.imports.get(main or "", ()):
        for node in by_namespace.get(imported.namespace, ()):
            if imported.name:
                names.setdefault(f"{imported.name}.{node.element.name}", text_key(node.key))
    return names


class _Builder:
    """A plan as it grows, element by element in the order of `Models.order`."""

    def __init__(self, models: Models, effort: Effort) -> None:
        self.items = ItemTypes(models, effort)
        self.steps: dict[str, Step] = {}
        self._effort = effort
        self._types: dict[str, Type] = {}
        """What is known of each element's value, by key; of a function, its type."""
        self._functions: dict[str, Function] = {}

    def add(self, node: Node) -> None:
        """Add the step of an element; a knowledge source has no meaning at run time."""
        if isinstance(node.element, KnowledgeSource):
            return
        requirements = tuple(
            Requirement(
                text_key(each.key),
                normalise(each.path[-1]),
                tuple(normalise(name) for name in each.path[:-1]),
            )
            for each in node.requires
        )
        callables = {
            each.name: Invocable(self._functions[each.key], self._types[each.key])
            for each in requirements
            if not each.package and each.key in self._functions
        }
        self._effort.charge(_ELEMENT_STEPS)
        element = node.element
        boxed = Boxed(Texts(node.model, self._effort, callables), self.items)
        step = Step(
            key=text_key(node.key),
            name=element.name,
            kind="input",
            source=element.source,
            item=boxed.item(
                element.variable.type_ref if element.variable else None, element.source
            ),
            requirements=() if isinstance(element, DecisionService) else requirements,
            description=element.description,
            types=self.items.types(node.model.namespace),
        )
        match element:
            case InputData():
                self._types[step.key] = step.item.type
            case Decision():
                step = self._decision(element, step, boxed)
            case BusinessKnowledgeModel():
                step = self._knowledge(element, step, boxed)
            case DecisionService():
                step = self._service(node, step)
            case _:
                assert_never(element)
        self.steps[step.key] = replace(step, diagnostics=tuple(boxed.texts.found))

    def _scope(self, step: Step) -> Scope:
        """Return what the logic of an element may read."""
        return scope_of(
            step.requirements, self._types, self.items.members, step.types, self._effort
        )

    # --- kinds of elements -------------------------------------------------------------

    def _decision(self, element: Decision, step: Step, boxed: Boxed) -> Step:
        scope = self._scope(step)
        logic = boxed.required(element.expression, scope, element.source)
        found = bounded(result_type(logic))
        declared = step.item.type
        self._types[step.key] = found if declared == ANY else declared
        if not static.fits(found, declared):
            boxed.texts.found.append(
                Diagnostic(
                    "result-type",
                    f"the decision's value is a {static.kind(found)},"
                    f" declared is a {static.kind(declared)}",
                    element.source,
                    Span(0, len(element.source.text)),
                    "change the type of the decision's variable, or what the decision concludes",
                )
            )
        return replace(step, kind="decision", logic=logic, question=element.question)

    def _knowledge(self, element: BusinessKnowledgeModel, step: Step, boxed: Boxed) -> Step:
        """Return a business knowledge model: a function, which may call itself (7.3.2)."""
        scope = self._scope(step)
        scope = with_value(scope, element.name, FUNCTION)
        definition = element.encapsulated_logic
        logic: Logic
        if definition is None:
            logic = boxed.texts.broken(
                Diagnostic(
                    "no-logic",
                    f"`{element.name}` has no logic",
                    element.source,
                    help="give the business knowledge model a function",
                )
            )
        else:
            logic = boxed.function(definition, scope)
        if not isinstance(logic, FunctionOf):
            self._types[step.key] = FUNCTION
            return replace(step, kind="knowledge", logic=logic)
        # The variable's type is the function's, or by habit that of its result.
        declared = step.item.type
        wanted = Item(declared.result) if isinstance(declared, FunctionType) else step.item
        body = typed(logic.body, wanted)
        result = bounded(result_type(body))
        type_ = FunctionType(tuple(each.item.type for each in logic.parameters), result)
        self._declare(step, type_, [each.name for each in logic.parameters])
        return replace(step, kind="knowledge", item=Item(type_), logic=replace(logic, body=body))

    def _service(self, node: Node, step: Step) -> Step:
        """Return a decision service as a function of its inputs (10.4)."""
        by_role: dict[Role, list[Requirement]] = {}
        for required in node.requires:
            by_role.setdefault(required.role, []).append(
                Requirement(text_key(required.key), ".".join(map(normalise, required.path)))
            )
        # Input data first, then input decisions: the order of 10.4, and of the TCK.
        parameters = (*by_role.get(Role.INPUT_DATA, ()), *by_role.get(Role.INPUT_DECISION, ()))
        outputs = tuple(by_role.get(Role.OUTPUT_DECISION, ()))
        declared = step.item.type
        result: Type
        if isinstance(declared, FunctionType):
            result = declared.result
        elif declared != ANY:
            result = declared
        elif len(outputs) == 1:
            result = self._declared(outputs[0])
        else:
            result = ContextType(tuple((each.name, self._declared(each)) for each in outputs))
        type_ = FunctionType(tuple(self._declared(each) for each in parameters), result)
        self._declare(step, type_, [each.name for each in parameters])
        return replace(
            step, kind="service", item=Item(type_), parameters=parameters, outputs=outputs
        )

    def _declared(self, required: Requirement) -> Type:
        """Return the declared type of an element: what is only found must convert nothing."""
        step = self.steps.get(required.key)
        return ANY if step is None else step.item.type

    def _declare(self, step: Step, type_: FunctionType, names: list[str]) -> None:
        """Make a function known to what requires it."""
        assert type_.parameters is not None
        self._types[step.key] = type_
        signature = Signature(
            tuple(
                FeelParameter(name, parameter)
                for name, parameter in zip(names, type_.parameters, strict=True)
            )
        )
        self._functions[step.key] = Function(step.name, (signature,), type_.result)
