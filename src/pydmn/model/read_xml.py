"""A DMN file to `Definitions` (DMN 1.5, 6.3 and 12.3).

Reads DMN 1.1 to 1.6: the elements have the same names in all. Elements and attributes of a
vendor are passed over; what stands in `extensionElements` is kept as XML text.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.limits import DEFAULT, Limits
from pydmn.model.elements import (
    Artifact,
    Association,
    AuthorityRequirement,
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Definitions,
    FunctionItem,
    Group,
    Import,
    InformationRequirement,
    InputData,
    ItemDefinition,
    KnowledgeRequirement,
    KnowledgeSource,
    TextAnnotation,
)
from pydmn.model.literals import InformationItem
from pydmn.model.namespaces import Names, model_version
from pydmn.model.read_diagram import read_diagrams
from pydmn.model.read_expressions import EXPRESSION_NAMES, read_expression, read_function
from pydmn.model.read_literals import optional_unary_tests, read_information_item
from pydmn.model.reading import Named, Place, Reading
from pydmn.model.references import Reference
from pydmn.model.taken_rules import TakenRules, Unusual
from pydmn.model.xml_document import parse_document
from pydmn.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGE: Final = 1_000_000
"""Bytes above which rules are taken while the file is parsed.

That is as fast. The tree of a smaller file has 10 MB at the most, and is never made twice: what
strangers may send (`Limits.untrusted`) is no dearer where it is unusual.
"""
_COMMON = frozenset({"description", "extensionElements"})
_DEFINITIONS = _COMMON | {
    *("import", "itemDefinition", "decision", "inputData", "businessKnowledgeModel"),
    *("decisionService", "knowledgeSource", "textAnnotation", "group", "association"),
    *("elementCollection", "performanceIndicator", "organizationUnit", "DMNDI"),
}
_REQUIREMENTS = _COMMON | {"variable", "knowledgeRequirement", "authorityRequirement"}
_DECISION = (
    _REQUIREMENTS
    | EXPRESSION_NAMES
    | {
        *("question", "allowedAnswers", "informationRequirement", "supportedObjective"),
        *("impactedPerformanceIndicator", "decisionMaker", "decisionOwner", "usingProcess"),
        "usingTask",
    }
)
_SERVICE = _COMMON | {
    *("variable", "outputDecision", "encapsulatedDecision", "inputDecision", "inputData")
}
_ITEM_DEFINITION = _COMMON | {
    *("typeRef", "allowedValues", "typeConstraint", "itemComponent", "functionItem")
}


def read_xml(
    data: bytes, file: str | None = None, limits: Limits = DEFAULT
) -> tuple[Definitions | None, tuple[Diagnostic, ...]]:
    """Return the model that `data` holds, and all that is wrong with it.

    The model is None only where nothing can be read: not XML, a DOCTYPE, another encoding
    than the common ones, or not DMN. With a diagnostic of severity error a model is whole
    enough to be looked at, not to be run. `file` is what the messages call it.

    Raises `LimitExceeded` for a file larger, deeper or wider than `limits`.
    """
    if len(data) > LARGE:
        with suppress(Unusual):
            return _read(data, file, limits, TakenRules())
    return _read(data, file, limits, None)


def _read(
    data: bytes, file: str | None, limits: Limits, taken: TakenRules | None
) -> tuple[Definitions | None, tuple[Diagnostic, ...]]:
    """Return what `read_xml` does, reading the whole tree where nothing is to be `taken`."""
    root, problems = parse_document(data, file, limits, taken)
    if root is None:
        return None, problems
    namespace, _, local_name = str(root.tag).rpartition("}")
    namespace = namespace.removeprefix("{")
    version = model_version(namespace)
    if version is None or local_name != "definitions":
        return None, (_not_dmn(root, file, local_name, namespace),)
    names = Names(root.get("namespace", ""), _import_names(root, namespace, version))
    reading = Reading(namespace, file, names, TakenRules() if taken is None else taken)
    if version == "unknown":
        reading.report(
            "unknown-version",
            f"the DMN version of the namespace `{namespace}` is not known",
            Source("", file, root.sourceline),
            "it is read as if it were DMN 1.6",
            Severity.WARNING,
        )
    try:
        model = _definitions(reading, root, version)
    except RecursionError:
        # The host allows fewer levels than the limit, or little of its stack is left.
        limits.exceeded("xml_depth")
    return model, reading.diagnostics(root, _referable(model))


def _import_names(root: _Element, namespace: str, version: str) -> dict[str, str]:
    """Return the name of each imported namespace; the first import of one counts.

    An import of DMN 1.1 has no name: the prefix bound to its namespace stands for it.
    """
    prefixes = {uri: prefix or "" for prefix, uri in root.nsmap.items()}
    names: dict[str, str] = {}
    for element in root.iterchildren(f"{{{namespace}}}import"):
        imported = element.get("namespace", "")
        unnamed = prefixes.get(imported, "") if version == "1.1" else ""
        names.setdefault(imported, element.get("name", unnamed))
    return names


def _not_dmn(root: _Element, file: str | None, local_name: str, namespace: str) -> Diagnostic:
    """Return the message for XML that is something else."""
    return Diagnostic(
        "not-dmn",
        f"the root element is `<{local_name}>` of the namespace `{namespace}`, which is not DMN",
        Source("", file, root.sourceline),
        help="a DMN file starts with `<definitions>` of a namespace of DMN 1.1 to 1.6",
    )


def _referable(model: Definitions) -> frozenset[str]:
    """Return the ids that a reference may name."""
    return frozenset(element.id for element in model.drg_elements if element.id is not None)


def _definitions(reading: Reading, root: _Element, version: str) -> Definitions:
    """Return the whole file (6.3.2)."""
    reading.expect(root, _DEFINITIONS, ())
    children = reading.children
    named = reading.named(root, ())
    return Definitions(
        **named,
        namespace=reading.required(root, "namespace", ()),
        version=version,
        expression_language=root.get("expressionLanguage"),
        type_language=root.get("typeLanguage"),
        imports=tuple(_import(reading, child, version) for child in children(root, "import")),
        item_definitions=tuple(
            _item_definition(reading, child, (f"type {child.get('name', '')}",))
            for child in children(root, "itemDefinition")
        ),
        inputs=tuple(_input_data(reading, child) for child in children(root, "inputData")),
        decisions=tuple(_decision(reading, child) for child in children(root, "decision")),
        business_knowledge_models=tuple(
            _business_knowledge_model(reading, child)
            for child in children(root, "businessKnowledgeModel")
        ),
        decision_services=tuple(
            _decision_service(reading, child) for child in children(root, "decisionService")
        ),
        knowledge_sources=tuple(
            _knowledge_source(reading, child) for child in children(root, "knowledgeSource")
        ),
        artifacts=_artifacts(reading, root),
        diagrams=read_diagrams(reading, root),
    )


def _import(reading: Reading, element: _Element, version: str) -> Import:
    """Return an import (6.3.3); the name may be empty, and is not written in DMN 1.1."""
    namespace = reading.required(element, "namespace", ("import",))
    if version == "1.1" and element.get("name") is None:
        name = reading.names.imports[namespace]
        place: Place = (f"import {name or namespace}",)
    else:
        place = (f"import {element.get('name') or namespace}",)
        name = reading.required(element, "name", place)
    return Import(
        **reading.common(element),
        name=name,
        source=reading.source(element, name, place),
        namespace=namespace,
        import_type=reading.required(element, "importType", place),
        location_uri=element.get("locationURI"),
    )


def _item_definition(reading: Reading, element: _Element, place: Place) -> ItemDefinition:
    """Return a type and its components (7.3.3)."""
    reading.expect(element, _ITEM_DEFINITION, place)
    written = reading.child(element, "typeRef")
    allowed = reading.child(element, "allowedValues")
    constraint = reading.child(element, "typeConstraint")
    function = reading.child(element, "functionItem")
    return ItemDefinition(
        **reading.named(element, place),
        type_ref=None
        if written is None
        else reading.normal_type(written, written.text or "", place),
        allowed_values=optional_unary_tests(reading, allowed, (*place, "allowed values")),
        type_constraint=optional_unary_tests(reading, constraint, (*place, "type constraint")),
        components=tuple(
            _item_definition(reading, child, (*place, f"component {child.get('name', '')}"))
            for child in reading.children(element, "itemComponent")
        ),
        function_item=None if function is None else _function_item(reading, function, place),
        is_collection=reading.flag(element, "isCollection"),
        type_language=element.get("typeLanguage"),
    )


def _function_item(reading: Reading, element: _Element, place: Place) -> FunctionItem:
    """Return the type of a function (7.3.3)."""
    return FunctionItem(
        **reading.common(element),
        parameters=tuple(
            read_information_item(reading, child, (*place, f"parameter {child.get('name', '')}"))
            for child in reading.children(element, "parameters")
        ),
        output_type_ref=reading.type_ref(element, "outputTypeRef", place),
    )


def _input_data(reading: Reading, element: _Element) -> InputData:
    """Return an input (6.3.11)."""
    named, place = _drg_element(reading, element, _COMMON | {"variable"})
    return InputData(**named, variable=_variable(reading, element, place))


def _decision(reading: Reading, element: _Element) -> Decision:
    """Return a decision (6.3.7)."""
    named, place = _drg_element(reading, element, _DECISION)
    return Decision(
        **named,
        question=reading.child_text(element, "question"),
        allowed_answers=reading.child_text(element, "allowedAnswers"),
        variable=_variable(reading, element, place),
        expression=read_expression(reading, element, place),
        information_requirements=tuple(
            _information_requirement(reading, child, place)
            for child in reading.children(element, "informationRequirement")
        ),
        knowledge_requirements=_knowledge_requirements(reading, element, place),
        authority_requirements=_authority_requirements(reading, element, place),
    )


def _business_knowledge_model(reading: Reading, element: _Element) -> BusinessKnowledgeModel:
    """Return a business knowledge model (6.3.9)."""
    named, place = _drg_element(reading, element, _REQUIREMENTS | {"encapsulatedLogic"})
    logic = reading.child(element, "encapsulatedLogic")
    return BusinessKnowledgeModel(
        **named,
        variable=_variable(reading, element, place),
        encapsulated_logic=None if logic is None else read_function(reading, logic, place),
        knowledge_requirements=_knowledge_requirements(reading, element, place),
        authority_requirements=_authority_requirements(reading, element, place),
    )


def _decision_service(reading: Reading, element: _Element) -> DecisionService:
    """Return a decision service (6.3.10)."""
    named, place = _drg_element(reading, element, _SERVICE)
    return DecisionService(
        **named,
        variable=_variable(reading, element, place),
        output_decisions=reading.references(element, "outputDecision", place),
        encapsulated_decisions=reading.references(element, "encapsulatedDecision", place),
        input_decisions=reading.references(element, "inputDecision", place),
        input_data=reading.references(element, "inputData", place),
    )


def _knowledge_source(reading: Reading, element: _Element) -> KnowledgeSource:
    """Return a knowledge source (6.3.12)."""
    named, place = _drg_element(
        reading, element, _COMMON | {"authorityRequirement", "type", "owner"}
    )
    return KnowledgeSource(
        **named,
        location_uri=element.get("locationURI"),
        type=reading.child_text(element, "type"),
        owner=_reference(reading, element, "owner", place),
        authority_requirements=_authority_requirements(reading, element, place),
    )


def _drg_element(reading: Reading, element: _Element, known: frozenset[str]) -> tuple[Named, Place]:
    """Return the fields and the place of a DRG element: its name, for want of one its id."""
    place: Place = (element.get("name") or element.get("id") or str(reading.local_name(element)),)
    reading.expect(element, known, place)
    return reading.named(element, place), place


def _variable(reading: Reading, element: _Element, place: Place) -> InformationItem | None:
    """Return the variable of a DRG element; its name is the element's own (6.3.7)."""
    variable = reading.child(element, "variable")
    if variable is None:
        return None
    return read_information_item(reading, variable, place, fallback_name=element.get("name"))


def _information_requirement(
    reading: Reading, element: _Element, place: Place
) -> InformationRequirement:
    """Return an information requirement (6.3.13)."""
    requirement = InformationRequirement(
        **reading.common(element),
        required_decision=_reference(reading, element, "requiredDecision", place),
        required_input=_reference(reading, element, "requiredInput", place),
    )
    _check_target(reading, element, requirement.target, place)
    return requirement


def _knowledge_requirements(
    reading: Reading, element: _Element, place: Place
) -> tuple[KnowledgeRequirement, ...]:
    """Return the knowledge requirements that say what they require (6.3.14)."""
    requirements = []
    for child in reading.children(element, "knowledgeRequirement"):
        required = _reference(reading, child, "requiredKnowledge", place)
        _check_target(reading, child, required, place)
        if required is not None:
            requirements.append(
                KnowledgeRequirement(**reading.common(child), required_knowledge=required)
            )
    return tuple(requirements)


def _authority_requirements(
    reading: Reading, element: _Element, place: Place
) -> tuple[AuthorityRequirement, ...]:
    """Return the authority requirements (6.3.15)."""
    requirements = []
    for child in reading.children(element, "authorityRequirement"):
        requirement = AuthorityRequirement(
            **reading.common(child),
            required_decision=_reference(reading, child, "requiredDecision", place),
            required_input=_reference(reading, child, "requiredInput", place),
            required_authority=_reference(reading, child, "requiredAuthority", place),
        )
        _check_target(reading, child, requirement.target, place)
        requirements.append(requirement)
    return tuple(requirements)


def _check_target(
    reading: Reading, element: _Element, target: Reference | None, place: Place
) -> None:
    """Report a requirement that does not say what it requires."""
    if target is None:
        reading.report(
            "missing-element",
            f"`<{reading.local_name(element)}>` requires nothing",
            reading.source(element, "", place),
            'name what is required, such as `<requiredInput href="#id"/>`',
        )


def _reference(
    reading: Reading, element: _Element, local_name: str, place: Place
) -> Reference | None:
    """Return the reference in the first child of a name, or None where there is none."""
    return next(iter(reading.references(element, local_name, place)), None)


def _artifacts(reading: Reading, root: _Element) -> tuple[Artifact, ...]:
    """Return text annotations, groups and associations (6.3.6)."""
    artifacts: list[Artifact] = [
        TextAnnotation(
            **reading.common(child),
            text=reading.child_text(child, "text") or "",
            text_format=child.get("textFormat", "text/plain"),
        )
        for child in reading.children(root, "textAnnotation")
    ]
    artifacts += [
        Group(**reading.common(child), name=child.get("name"))
        for child in reading.children(root, "group")
    ]
    for child in reading.children(root, "association"):
        place: Place = ("association",)
        common = reading.common(child)
        source_ref = _reference(reading, child, "sourceRef", place)
        target_ref = _reference(reading, child, "targetRef", place)
        if source_ref is None or target_ref is None:
            reading.report(
                "missing-element",
                "the association has no `<sourceRef>` or no `<targetRef>`",
                reading.source(child, "", place),
                "name both ends",
                Severity.WARNING,
            )
        else:
            artifacts.append(
                Association(
                    **common,
                    source_ref=source_ref,
                    target_ref=target_ref,
                    direction=child.get("associationDirection", "None"),
                )
            )
    return tuple(artifacts)
