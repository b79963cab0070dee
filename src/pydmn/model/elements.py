"""The decision requirements graph of one file as data (DMN 1.5, clauses 6.3 and 7.3).

Everything here is frozen. References stand as written (`Reference`); `pydmn.model.graph`
resolves them. What carries no logic and no drawing is not kept: business context elements,
element collections, and a decision's objectives, makers, owners, processes and tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pydmn.model.diagram import Diagram
from pydmn.model.expressions import Expression, FunctionDefinition
from pydmn.model.literals import DmnElement, InformationItem, NamedElement, UnaryTests
from pydmn.model.references import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(NamedElement):
    """Another file that this one uses (6.3.3).

    `name` is the prefix of the imported names; an empty one puts them in scope unprefixed.
    """

    namespace: str
    import_type: str
    location_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionItem(DmnElement):
    """The type of a function (7.3.3)."""

    parameters: tuple[InformationItem, ...]
    output_type_ref: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDefinition(NamedElement):
    """A type that the model defines (7.3.3).

    One of three: an alias of `type_ref` with constraints, a structure of `components`, or
    a `function_item`. `is_collection` makes it a list of that. `allowed_values` constrain
    each element, `type_constraint` the whole value.
    """

    type_ref: str | None = None
    allowed_values: UnaryTests | None = None
    type_constraint: UnaryTests | None = None
    components: tuple[ItemDefinition, ...] = ()
    function_item: FunctionItem | None = None
    is_collection: bool = False
    type_language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequirement(DmnElement):
    """A decision needs a decision's answer or an input (6.3.13); one of the two is set."""

    required_decision: Reference | None = None
    required_input: Reference | None = None

    @property
    def target(self) -> Reference | None:
        """What is required."""
        return self.required_decision or self.required_input


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeRequirement(DmnElement):
    """A decision or knowledge model calls something invocable (6.3.14)."""

    required_knowledge: Reference

    @property
    def target(self) -> Reference:
        """What is required."""
        return self.required_knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRequirement(DmnElement):
    """Where an element's authority comes from (6.3.15); one of the three is set."""

    required_decision: Reference | None = None
    required_input: Reference | None = None
    required_authority: Reference | None = None

    @property
    def target(self) -> Reference | None:
        """What is required."""
        return self.required_decision or self.required_input or self.required_authority


@dataclass(frozen=True, slots=True, kw_only=True)
class InputData(NamedElement):
    """A fact handed in (6.3.11)."""

    variable: InformationItem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(NamedElement):
    """A question that the model answers by `expression` (6.3.7)."""

    question: str | None = None
    allowed_answers: str | None = None
    variable: InformationItem | None = None
    expression: Expression | None = None
    information_requirements: tuple[InformationRequirement, ...] = ()
    knowledge_requirements: tuple[KnowledgeRequirement, ...] = ()
    authority_requirements: tuple[AuthorityRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessKnowledgeModel(NamedElement):
    """A function of the model (6.3.9)."""

    variable: InformationItem | None = None
    encapsulated_logic: FunctionDefinition | None = None
    knowledge_requirements: tuple[KnowledgeRequirement, ...] = ()
    authority_requirements: tuple[AuthorityRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionService(NamedElement):
    """Decisions offered together as a function (6.3.10)."""

    variable: InformationItem | None = None
    output_decisions: tuple[Reference, ...] = ()
    encapsulated_decisions: tuple[Reference, ...] = ()
    input_decisions: tuple[Reference, ...] = ()
    input_data: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeSource(NamedElement):
    """A document or body that knowledge comes from (6.3.12)."""

    location_uri: str | None = None
    type: str | None = None
    owner: Reference | None = None
    authority_requirements: tuple[AuthorityRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAnnotation(DmnElement):
    """A remark in a diagram (6.3.6.3)."""

    text: str
    text_format: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(DmnElement):
    """A frame round elements of a diagram (6.3.6.2)."""

    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Association(DmnElement):
    """A line between an artifact and an element (6.3.6.1).

    `direction` is `None`, `One` or `Both`, in the standard's own words.
    """

    source_ref: Reference
    target_ref: Reference
    direction: str = "None"


Artifact: TypeAlias = TextAnnotation | Group | Association
DrgElement: TypeAlias = (
    InputData | Decision | BusinessKnowledgeModel | DecisionService | KnowledgeSource
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions(NamedElement):
    """One DMN file (6.3.2).

    `version` is the DMN version of its XML namespace, such as `"1.3"`. The expression and
    type language are None where the file leaves them out, which means FEEL.
    """

    namespace: str
    version: str
    expression_language: str | None = None
    type_language: str | None = None
    imports: tuple[Import, ...] = ()
    item_definitions: tuple[ItemDefinition, ...] = ()
    inputs: tuple[InputData, ...] = ()
    decisions: tuple[Decision, ...] = ()
    business_knowledge_models: tuple[BusinessKnowledgeModel, ...] = ()
    decision_services: tuple[DecisionService, ...] = ()
    knowledge_sources: tuple[KnowledgeSource, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    diagrams: tuple[Diagram, ...] = ()

    @property
    def file(self) -> str | None:
        """The path that the caller gave."""
        return self.source.file

    @property
    def drg_elements(self) -> tuple[DrgElement, ...]:
        """All elements of the requirements graph, kind by kind in the author's order."""
        return (
            *self.inputs,
            *self.decisions,
            *self.business_knowledge_models,
            *self.decision_services,
            *self.knowledge_sources,
        )
