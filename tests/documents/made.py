"""A policy made by hand: what a document reads of a policy, and nothing else.

The documents look at a policy and its model from outside. These classes have what they look at,
so that a test can say in full what a policy holds without writing its folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydmn.model import Definitions, read_xml


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading and what it tests."""

    label: str
    text: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule: FEEL texts, and the constants in them."""

    id: str
    number: int
    cells: tuple[str, ...]
    outputs: tuple[str, ...]
    values: Mapping[str, Any]
    literals: tuple[tuple[str, ...], ...]
    description: str | None = None


@dataclass(frozen=True)
class Table:
    """A decision table, as a document sees it."""

    decision: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rules: tuple[Rule, ...]
    hit_policy: str = "FIRST"

    @property
    def id(self) -> str:
        """The id of the table's element."""
        return f"table-{self.decision}"


@dataclass(frozen=True)
class Fact:
    """A fact that a model takes."""

    name: str
    type: str
    allowed: tuple[Any, ...] | None = None
    question: str | None = None


@dataclass(frozen=True)
class Model:
    """A model of tables and literal expressions, in graph order."""

    tables: tuple[Table, ...]
    literals: Mapping[str, str]
    inputs: tuple[Fact, ...]
    definitions: Definitions

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the decisions."""
        return (*(table.decision for table in self.tables), *self.literals)

    def kind(self, name: str) -> str:
        """Return what a decision's logic is."""
        return "literal" if name in self.literals else "table"

    def table(self, name: str) -> Table:
        """Return a decision's table."""
        return next(table for table in self.tables if table.decision == name)

    def literal(self, name: str) -> str:
        """Return a decision's expression."""
        return self.literals[name]


@dataclass(frozen=True)
class Metadata:
    """Who and what a policy is."""

    id: str = "example-1"
    number: str = "EX-1"
    title: str = "Example service"
    kind: str = "Clinical UM guideline"
    publisher: str = "Example Health Plan"
    status: str = "New"
    version: str = "1.0.0"
    language: str = "en-US"


@dataclass(frozen=True)
class Dates:
    """A policy's days."""

    published: date = date(2020, 2, 5)
    last_review: date = date(2019, 11, 7)
    effective_from: date = date(2020, 2, 5)
    effective_to: date | None = None

    def in_force(self, day: date) -> bool:
        """Say whether the policy is in force on a day."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )


@dataclass(frozen=True)
class Adoption:
    """A plan that has adopted the policy."""

    plan: str = "example-plan"
    line_of_business: str = "medicaid"
    state: str | None = None
    start: date = date(2020, 2, 5)
    end: date | None = None
    mode: str = "review"


@dataclass(frozen=True)
class Precedence:
    """What goes before the policy."""

    name: str = "State mandate"
    kind: str = "state law"
    plan: str | None = None
    state: str | None = "CA"
    codes: tuple[str, ...] = ("37238",)
    start: date = date(2020, 2, 5)
    end: date | None = None
    governs: str = "Mandate 1-2-3"
    example: bool = True


@dataclass(frozen=True)
class Source:
    """A text that the policy was written from."""

    title: str = "The guideline"
    cited_as: str = "Guideline"
    sha256: str = "ab" * 32
    read: date = date(2026, 11, 1)


@dataclass(frozen=True)
class Change:
    """A line of the history."""

    date: date = date(2020, 2, 5)
    change: str = "First version."


@dataclass(frozen=True)
class Settings:
    """Which decisions print where."""

    indications: tuple[str, ...] = ("Criterion",)
    coding: tuple[str, ...] = ("Procedure",)
    appendix: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """A policy, as a document sees it."""

    model: Model
    metadata: Metadata = Metadata()
    dates: Dates = Dates()
    adoption: tuple[Adoption, ...] = (Adoption(),)
    precedence: tuple[Precedence, ...] = (Precedence(),)
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"child age limit": 18})
    sources: tuple[Source, ...] = (Source(),)
    history: tuple[Change, ...] = (Change(),)
    text: Mapping[str, str] = field(default_factory=dict)
    document: Settings = Settings()
    chosen_by: tuple[Any, ...] = ()
    content_hash: str = "0123456789abcdef" * 4


def quoted(text: str) -> str:
    """Return a FEEL string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def rule(id_: str, codes: Sequence[str], **outputs: Any) -> Rule:
    """Return a rule over one list of strings, with constant outputs (blanks for `_`)."""
    values = {name.replace("_", " "): value for name, value in outputs.items()}
    return Rule(
        id=id_,
        number=0,
        cells=(", ".join(quoted(code) for code in codes) or "-",),
        outputs=tuple(_feel(value) for value in values.values()),
        values=values,
        literals=(tuple(codes),),
    )


def _feel(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return quoted(value)
    return str(value)


def table(decision: str, tests: str, rules: Sequence[Rule]) -> Table:
    """Return a table of one input, whose output columns are those of the first rule."""
    names = tuple(rules[0].values) if rules else ()
    return Table(
        decision=decision,
        inputs=(Column(tests, tests),),
        outputs=tuple(Column(name) for name in names),
        rules=tuple(replace(one, number=at) for at, one in enumerate(rules, start=1)),
    )


def criterion(id_: str, result: str, statement: str, register: Sequence[int] = ()) -> Rule:
    """Return a rule of the table of criteria."""
    return rule(
        f"rule-{id_}",
        [statement[:12]],
        criterion=id_,
        result=result,
        statement=statement,
        citation=f"Clinical Indications, {id_}",
        register=list(register) or None,
    )


def codes(
    id_: str,
    system: str,
    members: Sequence[str],
    outcome: str | None = "medically necessary",
    range_: str | None = None,
    label: str | None = "A vein",
) -> Rule:
    """Return a rule of the table of procedures."""
    return rule(id_, members, code_system=system, outcome=outcome, range=range_, label=label)


def definitions(name: str = "Example", note: str = "A note") -> Definitions:
    """Return a model's file with one shape and one line of each sort."""
    read, problems = read_xml(_DIAGRAM.format(name=name, note=note).encode(), "diagram.dmn")
    assert read is not None, problems
    return read


TEXT = {
    "description": "# Description\n\nWhat this policy covers.\n\n- one *thing*;\n- another, `X`.\n",
    "definitions": "# Definitions\n\n## A term\n\nIts meaning.\n",
    "discussion": "# Discussion\n\nEvidence (Author, 2011).\n\n1. first\n2. second\n",
    "register": (
        "# How this plan reads the text\n\nRows.\n\n## 1. First row\n\n**The text:** Open.\n\n"
        "**This plan:** `PEND_INFO`.\n\n## 2. Second row\n\n**The text:** Open too.\n\n"
        "**This plan:** Closed.\n"
    ),
}


def policy(
    criteria: Sequence[Rule] | None = None,
    procedures: Sequence[Rule] | None = None,
    **changes: Any,
) -> Policy:
    """Return a small whole policy, in which the given rules and fields replace its own."""
    tables = (
        table(
            "Procedure",
            "code",
            procedures
            if procedures is not None
            else [
                codes("p1", "CPT", ["37238"], label="Stent, first vein"),
                codes("p2", "ICD-10-PCS", ["05730D1", "05730DZ"], range_="05730D1-05730DZ"),
                codes("p3", "ICD-10-CM", ["Q21.1"], label="Septal defect"),
                codes("p4", "CPT", ["99999"], outcome=None),
            ],
        ),
        table(
            "Criterion",
            "indication",
            criteria
            if criteria is not None
            else [
                criterion("INV-A", "investigational and not medically necessary", "A use", [2]),
                criterion("F.2", "medically necessary", "Second below F"),
                criterion("F.1", "medically necessary", "First below F", [1, 2]),
                criterion("F", "not addressed", "Others below F"),
                criterion("A", "medically necessary", "First of all"),
            ],
        ),
    )
    model = Model(
        tables=tables,
        literals={"Disposition": 'if Criterion = null then "PEND_INFO" else "APPROVE"'},
        inputs=(
            Fact("indication", "string", ("a", "b"), "Which condition is treated?"),
            Fact("symptomatic", "boolean", None, "Are there symptoms?"),
        ),
        definitions=definitions(),
    )
    return Policy(**{"model": model, "text": TEXT, **changes})


_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
    xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
    xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/"
    xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/"
    id="d" name="{name}" namespace="urn:example">
  <inputData id="in" name="indication"><variable name="indication" typeRef="string"/></inputData>
  <decision id="criterion" name="Criterion">
    <variable name="Criterion" typeRef="string"/>
    <informationRequirement id="r1"><requiredInput href="#in"/></informationRequirement>
    <knowledgeRequirement id="r2"><requiredKnowledge href="#bkm"/></knowledgeRequirement>
    <authorityRequirement id="r3"><requiredAuthority href="#source"/></authorityRequirement>
    <literalExpression><text>indication</text></literalExpression>
  </decision>
  <decision id="disposition" name="Disposition">
    <variable name="Disposition" typeRef="string"/>
    <informationRequirement id="r4"><requiredDecision href="#criterion"/></informationRequirement>
    <literalExpression><text>Criterion</text></literalExpression>
  </decision>
  <businessKnowledgeModel id="bkm" name="Age at a date">
    <variable name="Age at a date" typeRef="number"/>
    <encapsulatedLogic><formalParameter name="x"/>
      <literalExpression><text>x</text></literalExpression></encapsulatedLogic>
  </businessKnowledgeModel>
  <knowledgeSource id="source" name="The guideline"/>
  <textAnnotation id="note"><text>{note}</text></textAnnotation>
  <association id="r5"><sourceRef href="#criterion"/><targetRef href="#note"/></association>
  <dmndi:DMNDI><dmndi:DMNDiagram id="dia" name="Decisions of the example">
    <dmndi:DMNShape id="s1" dmnElementRef="in">
      <dc:Bounds x="100" y="320" width="150" height="50"/></dmndi:DMNShape>
    <dmndi:DMNShape id="s2" dmnElementRef="criterion">
      <dc:Bounds x="85" y="180" width="180" height="70"/></dmndi:DMNShape>
    <dmndi:DMNShape id="s3" dmnElementRef="disposition">
      <dc:Bounds x="85" y="40" width="180" height="70"/></dmndi:DMNShape>
    <dmndi:DMNShape id="s4" dmnElementRef="bkm">
      <dc:Bounds x="330" y="320" width="140" height="60"/></dmndi:DMNShape>
    <dmndi:DMNShape id="s5" dmnElementRef="source">
      <dc:Bounds x="400" y="180" width="120" height="70"/></dmndi:DMNShape>
    <dmndi:DMNShape id="s6" dmnElementRef="note">
      <dc:Bounds x="400" y="40" width="140" height="60"/></dmndi:DMNShape>
    <dmndi:DMNEdge id="e1" dmnElementRef="r1">
      <di:waypoint x="175" y="320"/><di:waypoint x="175" y="250"/></dmndi:DMNEdge>
    <dmndi:DMNEdge id="e2" dmnElementRef="r2">
      <di:waypoint x="400" y="320"/><di:waypoint x="240" y="250"/></dmndi:DMNEdge>
    <dmndi:DMNEdge id="e3" dmnElementRef="r3">
      <di:waypoint x="400" y="215"/><di:waypoint x="265" y="215"/></dmndi:DMNEdge>
    <dmndi:DMNEdge id="e4" dmnElementRef="r4">
      <di:waypoint x="175" y="180"/><di:waypoint x="175" y="110"/></dmndi:DMNEdge>
    <dmndi:DMNEdge id="e5" dmnElementRef="r5">
      <di:waypoint x="265" y="190"/><di:waypoint x="400" y="80"/></dmndi:DMNEdge>
  </dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
"""
