"""What a policy's document says, in its order: one frozen tree that both formats print.

Nothing here is of a format: no mark-up, no width, no page. Words are literal; whoever prints them
escapes them. Each node that a printer meets among others of its sort has a `kind` to tell by.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from medpolicy.documents.markdown import Block


class ColumnKind(StrEnum):
    """What stands in a grid's column."""

    WORD = "word"
    """A few words, a date, a number."""
    CODE = "code"
    """A formal name, a hash, an expression."""
    PROSE = "prose"
    """Sentences."""


@dataclass(frozen=True, slots=True)
class Column:
    """A grid's column: its head and what stands under it."""

    label: str
    kind: ColumnKind = ColumnKind.WORD


@dataclass(frozen=True, slots=True)
class Grid:
    """A plain table; each row has as many texts as there are columns, an empty one for none."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the identity block."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A text of the policy; its headings start at level 2, under the section's own."""

    kind: ClassVar[str] = "prose"
    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What a criterion says, and where the policy's source says it."""

    text: str
    citation: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion, with those nested under it by the dots of their ids.

    `id` is empty for what the policy speaks of but no criterion names.
    """

    id: str
    statements: tuple[Statement, ...]
    register_rows: tuple[int, ...]
    nested: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class IndicationResult:
    """The criteria that lead to one result, such as `Medically necessary`."""

    result: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Indications:
    """The clinical indications, by result."""

    kind: ClassVar[str] = "indications"
    id: str
    title: str
    results: tuple[IndicationResult, ...]


@dataclass(frozen=True, slots=True)
class ListedCode:
    """A code, and the mark of the validity note that holds for it, if one does."""

    code: str
    mark: str


@dataclass(frozen=True, slots=True)
class ValidityNote:
    """Days on which codes are valid; `mark` is empty where the note holds for all of an entry."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class CodingPart:
    """Codes under one wording; no list of codes where the entry's caption is the only one."""

    label: str
    codes: tuple[ListedCode, ...]


@dataclass(frozen=True, slots=True)
class CodingEntry:
    """What stands under one caption, such as a range: wordings, their codes, validity notes."""

    caption: str
    parts: tuple[CodingPart, ...]
    notes: tuple[ValidityNote, ...]


@dataclass(frozen=True, slots=True)
class CodingSystem:
    """The entries of one code system, such as `ICD-10-PCS`; `count` is of distinct codes."""

    system: str
    count: int
    entries: tuple[CodingEntry, ...]


@dataclass(frozen=True, slots=True)
class CodingOutcome:
    """The codes listed for one outcome, by code system."""

    outcome: str
    systems: tuple[CodingSystem, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """The coding section."""

    kind: ClassVar[str] = "coding"
    id: str
    title: str
    outcomes: tuple[CodingOutcome, ...]


@dataclass(frozen=True, slots=True)
class RuleCitation:
    """The rules of one decision that cite a row of the register."""

    decision: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """What the text leaves open, what this plan answers, and the rules that carry it out."""

    number: int
    title: str
    text: tuple[Block, ...]
    plan: tuple[Block, ...]
    cited_by: tuple[RuleCitation, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """How this plan reads the text."""

    kind: ClassVar[str] = "register"
    id: str
    title: str
    introduction: tuple[Block, ...]
    rows: tuple[RegisterRow, ...]


@dataclass(frozen=True, slots=True)
class Grids:
    """A section of one or more grids under a sentence."""

    kind: ClassVar[str] = "grids"
    id: str
    title: str
    introduction: str
    grids: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing: an SVG image of `width` by `height` units, and the same in words."""

    title: str
    description: str
    width: float
    height: float
    svg: str


@dataclass(frozen=True, slots=True)
class Diagrams:
    """The decision requirements diagrams of the policy."""

    kind: ClassVar[str] = "diagrams"
    id: str
    title: str
    introduction: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A column of a decision table: its heading, and the expression tested (or empty)."""

    label: str
    expression: str


@dataclass(frozen=True, slots=True)
class TableRule:
    """A rule as written: a FEEL text a column."""

    id: str
    number: int
    description: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table as it runs.

    `fits_a_grid` says that its columns are few enough to stand beside each other on paper.
    """

    kind: ClassVar[str] = "decision table"
    decision: str
    hit_policy: str
    inputs: tuple[Clause, ...]
    outputs: tuple[Clause, ...]
    rules: tuple[TableRule, ...]
    fits_a_grid: bool


@dataclass(frozen=True, slots=True)
class DecisionFormula:
    """A decision by one FEEL expression."""

    kind: ClassVar[str] = "decision formula"
    decision: str
    text: str


DecisionLogic: TypeAlias = DecisionTable | DecisionFormula


@dataclass(frozen=True, slots=True)
class Logic:
    """The decisions as they run, in order."""

    kind: ClassVar[str] = "logic"
    id: str
    title: str
    introduction: str
    decisions: tuple[DecisionLogic, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Words, and their mark: `removed`, `added`, or empty for what stays."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Sides:
    """Something before and after a change; no words where there was, or is, none of it.

    `remark` says what the words do not.
    """

    label: str
    remark: str
    before: tuple[Run, ...]
    after: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class SidesTable:
    """Things side by side under one caption; `head` is that of their labels."""

    id: str
    caption: str
    head: str
    rows: tuple[Sides, ...]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """A section that shows what was and what is, side by side."""

    kind: ClassVar[str] = "comparisons"
    id: str
    title: str
    introduction: str
    tables: tuple[SidesTable, ...]


@dataclass(frozen=True, slots=True)
class EffectWay:
    """Requests of an effect: what makes it, and of whom it is true, phrase by phrase."""

    because: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does: its class, a sentence, the requests it is about, and an example.

    `short` are all of the requests, in few words; `ways` say more of some, and `more` how many
    are left out.
    """

    class_: str
    title: str
    sentence: str
    short: tuple[str, ...]
    ways: tuple[EffectWay, ...]
    more: str
    example: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Effects:
    """A section of effects; `introduction` says what their classes mean."""

    kind: ClassVar[str] = "effects"
    id: str
    title: str
    introduction: str
    effects: tuple[Effect, ...]


Section: TypeAlias = (
    Prose | Indications | Coding | Register | Grids | Diagrams | Logic | Comparisons | Effects
)


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """A policy's document, whole.

    `language` is a BCP 47 tag. `as_of` is the day, in ISO 8601, that the document speaks of.
    `identity` and `front` stand before the table of contents, `sections` after it.
    `content_hash` is of the policy's files, in hexadecimal.
    """

    language: str
    number: str
    title: str
    kind_of_policy: str
    publisher: str
    status: str
    version: str
    as_of: str
    content_hash: str
    identity: tuple[Fact, ...]
    notice: str
    front: tuple[Grid, ...]
    sections: tuple[Section, ...]
