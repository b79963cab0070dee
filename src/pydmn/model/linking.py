"""Joining models: finding what each imports, and what each reference names.

Nothing here opens a file: the caller reads what may be imported and hands it in.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.model.cycles import components, cycle_in
from pydmn.model.elements import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Definitions,
    DrgElement,
    Import,
    InputData,
    KnowledgeSource,
)
from pydmn.model.findings import Findings
from pydmn.model.graph import ElementKey, ImportedModel, Models, Node, Required, Role
from pydmn.model.namespaces import model_version
from pydmn.model.references import Reference
from pydmn.source import Source

_Kinds: TypeAlias = tuple[type[DrgElement], ...]
_NOUNS: dict[type[DrgElement], str] = {
    InputData: "input data",
    Decision: "a decision",
    BusinessKnowledgeModel: "a business knowledge model",
    DecisionService: "a decision service",
    KnowledgeSource: "a knowledge source",
}
_SHOWN = 8


def link(models: Sequence[Definitions]) -> tuple[Models, tuple[Diagnostic, ...]]:
    """Return the models joined, and what is wrong between them.

    Reported are: imports and references that lead nowhere or to the wrong kind of element,
    cycles of imports and of requirements, and names used twice. A reference that was reported
    is left out of its node's `requires`.
    """
    linking = _Linking(models)
    return linking.models(), linking.diagnostics


class _Linking:
    """The joining of some models; `diagnostics` is complete after construction."""

    def __init__(self, models: Sequence[Definitions]) -> None:
        self._findings = Findings()
        self._models = self._by_namespace(models)
        self._imports: dict[str, tuple[ImportedModel, ...]] = {}
        # For each model: what its references call a document, to the namespace of the model
        # meant; None for an import that was not found.
        self._documents: dict[str, dict[str, str | None]] = {}
        self._prefixes: dict[str, dict[str, str]] = {}
        for model in self._models.values():
            self._find_imports(model)
        self._elements = {namespace: _by_id(model) for namespace, model in self._models.items()}
        for model in self._models.values():
            self._check_names(model)
        self._nodes = {
            ElementKey(model.namespace, id_): self._node(model, id_, element)
            for model in self._models.values()
            for id_, element in self._elements[model.namespace].items()
        }
        self._check_import_cycles()
        self._order = self._requirement_order()
        self.diagnostics = self._findings.diagnostics()

    def models(self) -> Models:
        """Return the models joined."""
        return Models(
            models=self._models, imports=self._imports, nodes=self._nodes, order=self._order
        )

    def _by_namespace(self, models: Sequence[Definitions]) -> dict[str, Definitions]:
        """Return the models by namespace; a second one of a namespace is left out (6.3.2)."""
        known: dict[str, Definitions] = {}
        for model in models:
            first = known.setdefault(model.namespace, model)
            if first is not model:
                self._findings.report(
                    "duplicate-namespace",
                    f"the namespace `{model.namespace}` is that of the model `{first.name}` too",
                    model.source,
                    "give each model a namespace of its own",
                )
        return known

    def _find_imports(self, model: Definitions) -> None:
        """Find the models that `model` imports, and what its references call them."""
        found: list[ImportedModel] = []
        documents: dict[str, str | None] = {}
        prefixes: dict[str, str] = {}
        for import_ in model.imports:
            is_dmn = model_version(import_.import_type) is not None
            if not is_dmn and import_.namespace not in self._models:
                # An XML schema or a PMML file: nothing that can be required.
                continue
            imported = self._imported(model, import_)
            namespace = None if imported is None else imported.namespace
            documents.setdefault(import_.namespace, namespace)
            if import_.location_uri:
                documents.setdefault(import_.location_uri, namespace)
            if namespace is not None:
                found.append(ImportedModel(import_.name, namespace))
                documents.setdefault(namespace, namespace)
                prefixes.setdefault(namespace, import_.name)
        self._imports[model.namespace] = tuple(found)
        self._documents[model.namespace] = documents | {
            "": model.namespace,
            model.namespace: model.namespace,
        }
        self._prefixes[model.namespace] = prefixes | {model.namespace: ""}

    def _imported(self, model: Definitions, import_: Import) -> Definitions | None:
        """Return the model of an import: by namespace, else by location (6.3.3)."""
        imported = self._models.get(import_.namespace)
        if imported is not None:
            return imported
        imported = self._at_location(model, import_.location_uri)
        if imported is None:
            known = [namespace for namespace in self._models if namespace != model.namespace]
            self._findings.report(
                "missing-import",
                f"no model of the namespace `{import_.namespace}` was found",
                import_.source,
                self._findings.did_you_mean(import_.namespace, known)
                or "load the imported file together with it",
            )
            return None
        self._findings.report(
            "import-namespace",
            f"the imported file has the namespace `{imported.namespace}`, "
            f"not `{import_.namespace}`",
            import_.source,
            "write the namespace of the file that is imported",
            Severity.WARNING,
        )
        return imported

    def _at_location(self, model: Definitions, location: str | None) -> Definitions | None:
        """Return the model whose file is at `location`, seen from the file of `model`.

        Models may come without their folders: then a file name that only one has will do.
        """
        if not location:
            return None
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(_path(model)), location))
        others = [other for other in self._models.values() if other.file is not None]
        for other in others:
            if posixpath.normpath(_path(other)) == wanted:
                return other
        name = posixpath.basename(wanted)
        same_name = [other for other in others if posixpath.basename(_path(other)) == name]
        return same_name[0] if len(same_name) == 1 else None

    def _check_names(self, model: Definitions) -> None:
        """Report names that two elements, imports or types of a model share (6.3.3, 6.3.7).

        A name is the same with other blanks (10.3.1.5).
        """
        imports = [import_ for import_ in model.imports if import_.name]
        for group in (
            # Knowledge sources have no value, so their names are free.
            [*imports, *(e for e in model.drg_elements if not isinstance(e, KnowledgeSource))],
            [*imports, *model.item_definitions],
        ):
            seen: dict[str, Source] = {}
            for element in group:
                name = " ".join(element.name.split())
                first = seen.setdefault(name, element.source)
                if first is not element.source and name:
                    self._findings.report(
                        "duplicate-name",
                        f"the name `{name}` is used before"
                        + (f", on line {first.line}" if first.line else ""),
                        element.source,
                        "give each element, import and type a name of its own",
                    )

    def _node(self, model: Definitions, id_: str, element: DrgElement) -> Node:
        """Return an element with its references resolved; those that cannot be are reported."""
        required = []
        for reference, kinds, role in _references(element):
            target = self._resolve(model, element, reference, kinds)
            if target is not None and role is not None:
                name = self._elements[target.namespace][target.id].name
                prefix = self._prefixes[model.namespace][target.namespace]
                path = (prefix, name) if prefix else (name,)
                required.append(Required(target, path, role))
        return Node(ElementKey(model.namespace, id_), model, element, tuple(required))

    def _resolve(
        self, model: Definitions, element: DrgElement, reference: Reference, kinds: _Kinds
    ) -> ElementKey | None:
        """Return what a reference names; None, reported, where it is nothing or unfit."""
        documents = self._documents[model.namespace]
        if reference.document not in documents:
            self._findings.report(
                "not-imported",
                f"`{element.name}` refers to `{reference}`, of a model that is not imported",
                reference.source,
                f'import it: `<import namespace="{reference.document}" ...>`',
            )
            return None
        namespace = documents[reference.document]
        if namespace is None:
            # The import was reported.
            return None
        target = self._elements[namespace].get(reference.id)
        if target is None:
            self._findings.report(
                "unknown-reference",
                f"`{element.name}` refers to `{reference}`, which the model does not have",
                reference.source,
                self._near(namespace, reference.id),
            )
            return None
        if not isinstance(target, kinds):
            wanted = " or ".join(_NOUNS[kind] for kind in kinds)
            self._findings.report(
                "wrong-reference",
                f"`{element.name}` refers to `{target.name}`, {_NOUNS[type(target)]}, "
                f"where {wanted} is due",
                reference.source,
                None,
            )
            return None
        return ElementKey(namespace, reference.id)

    def _near(self, namespace: str, id_: str) -> str | None:
        """Return a help line for an id that a model does not have."""
        if not self._findings.may_suggest():
            return None
        elements = self._elements[namespace]
        for known, element in elements.items():
            if element.name == id_:
                return f"did you mean `#{known}`, the id of `{element.name}`?"
        return self._findings.did_you_mean(id_, elements)

    def _check_import_cycles(self) -> None:
        """Report each group of models that import one another."""
        namespaces = list(self._models)
        index = {namespace: number for number, namespace in enumerate(namespaces)}
        successors = [
            [index[imported.namespace] for imported in self._imports[namespace]]
            for namespace in namespaces
        ]
        for component in components(successors):
            cycle = cycle_in(component, successors)
            if cycle:
                first = self._models[namespaces[cycle[0]]]
                path = _path_text([self._models[namespaces[number]].name for number in cycle])
                self._findings.report(
                    "import-cycle",
                    f"models import one another: {path}",
                    first.source,
                    "move what both need to a third model",
                )

    def _requirement_order(self) -> tuple[ElementKey, ...]:
        """Return the elements, each after what it requires, and report cycles (6.3.7, 6.3.9)."""
        keys = list(self._nodes)
        index = {key: number for number, key in enumerate(keys)}
        successors = [
            [index[required.key] for required in node.requires if not required.role.is_parameter]
            for node in self._nodes.values()
        ]
        order: list[ElementKey] = []
        for component in components(successors):
            order += [keys[number] for number in component]
            cycle = cycle_in(component, successors)
            if cycle:
                names = [self._nodes[keys[number]].element.name for number in cycle]
                self._findings.report(
                    "requirement-cycle",
                    f"`{names[0]}` requires itself: {_path_text(names)}",
                    self._nodes[keys[cycle[0]]].element.source,
                    "remove one of these requirements",
                )
        return tuple(order)


def _by_id(model: Definitions) -> dict[str, DrgElement]:
    """Return the elements of a model by id; of several with one id, the first."""
    elements: dict[str, DrgElement] = {}
    for element in model.drg_elements:
        id_ = f"name:{element.name}" if element.id is None else element.id
        elements.setdefault(id_, element)
    return elements


def _references(element: DrgElement) -> Iterator[tuple[Reference, _Kinds, Role | None]]:
    """Yield the references of an element, what each may name, and why it is there.

    A reference without a role says where authority comes from, and has no part in the answer.
    """
    invocable: _Kinds = (BusinessKnowledgeModel, DecisionService)
    if isinstance(element, Decision):
        for information in element.information_requirements:
            if information.required_decision is not None:
                yield information.required_decision, (Decision,), Role.INFORMATION
            if information.required_input is not None:
                yield information.required_input, (InputData,), Role.INFORMATION
    if isinstance(element, Decision | BusinessKnowledgeModel):
        for knowledge in element.knowledge_requirements:
            yield knowledge.required_knowledge, invocable, Role.KNOWLEDGE
    if isinstance(element, Decision | BusinessKnowledgeModel | KnowledgeSource):
        for authority in element.authority_requirements:
            if authority.required_decision is not None:
                yield authority.required_decision, (Decision,), None
            if authority.required_input is not None:
                yield authority.required_input, (InputData,), None
            if authority.required_authority is not None:
                yield authority.required_authority, (KnowledgeSource,), None
    if isinstance(element, DecisionService):
        for role, kind, references in (
            (Role.OUTPUT_DECISION, Decision, element.output_decisions),
            (Role.ENCAPSULATED_DECISION, Decision, element.encapsulated_decisions),
            (Role.INPUT_DECISION, Decision, element.input_decisions),
            (Role.INPUT_DATA, InputData, element.input_data),
        ):
            for reference in references:
                yield reference, (kind,), role


def _path(model: Definitions) -> str:
    """Return the file of a model with `/` between folders."""
    return (model.file or "").replace("\\", "/")


def _path_text(names: Sequence[str]) -> str:
    """Return names with arrows; of a long path, the middle is counted only."""
    if len(names) > 2 * _SHOWN:
        hidden = f"... {len(names) - 2 * _SHOWN:,} more ..."
        names = [*names[:_SHOWN], hidden, *names[-_SHOWN:]]
    return " -> ".join(names)
