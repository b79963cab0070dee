"""From a policy to the content of its document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from medpolicy.documents.coding import coding
from medpolicy.documents.columns import DocumentError
from medpolicy.documents.content import (
    Column,
    ColumnKind,
    Diagrams,
    DocumentContext,
    Fact,
    Grid,
    Grids,
    Prose,
    Register,
    Section,
)
from medpolicy.documents.diagram import draw
from medpolicy.documents.dispositions import DISPOSITIONS, NO_DENIAL
from medpolicy.documents.indications import indications
from medpolicy.documents.logic import logic, questions
from medpolicy.documents.markdown import Block, Heading, parse_markdown
from medpolicy.documents.register import register
from medpolicy.policy import DateOfRequest

if TYPE_CHECKING:
    from medpolicy.policy import Policy
    from pydmn import TableView

_OPEN = "no end set"


def context(policy: Policy, as_of: date | None = None) -> DocumentContext:
    """Return what the policy's document says on a day.

    The day is stated in the document and decides whether the policy is said to be in force;
    without one it is that of the policy's last change, so that the document of a policy is the
    same whenever it is made.

    Raises `DocumentError` or `MarkdownError` for what cannot be printed.
    """
    day = as_of if as_of is not None else _last_change(policy)
    metadata = policy.metadata
    return DocumentContext(
        language=metadata.language,
        number=metadata.number,
        title=metadata.title,
        kind_of_policy=metadata.kind,
        publisher=metadata.publisher,
        status=metadata.status,
        version=metadata.version,
        as_of=day.isoformat(),
        content_hash=policy.content_hash,
        identity=_identity(policy, day),
        notice=NO_DENIAL,
        front=tuple(
            grid
            for grid in (_adoption(policy), _precedence(policy), _chosen_by(policy))
            if grid.rows
        ),
        sections=tuple(_sections(policy)),
    )


def _last_change(policy: Policy) -> date:
    return max([policy.dates.published, *(change.date for change in policy.history)])


def _sections(policy: Policy) -> list[Section]:
    """Return the sections in the order of a clinical guideline, then what explains the rules."""
    model, settings = policy.model, policy.document
    tables = [model.table(name) for name in model.names if model.kind(name) == "table"]
    sections: list[Section | None] = [
        _prose(policy, "description"),
        indications([model.table(name) for name in settings.indications]),
        coding([model.table(name) for name in settings.coding]),
        _prose(policy, "definitions"),
        _prose(policy, "discussion"),
        _prose(policy, "references"),
        _answers(),
        _register(policy, tables),
        _sources(policy),
        _history(policy),
        _questions(policy),
        _diagrams(policy),
        logic(model, settings.appendix),
    ]
    return [section for section in sections if section is not None]


def _identity(policy: Policy, day: date) -> tuple[Fact, ...]:
    metadata, dates = policy.metadata, policy.dates
    facts = [
        Fact("Subject", metadata.title),
        Fact("Number", metadata.number),
        Fact("Kind", metadata.kind),
        Fact("Publisher", metadata.publisher),
        Fact("Status", metadata.status),
        Fact("Version", metadata.version),
        Fact("Published", dates.published.isoformat()),
        Fact("Last review", dates.last_review.isoformat()),
        Fact("Effective from", dates.effective_from.isoformat()),
        Fact("Effective to", _day(dates.effective_to)),
        Fact("As of", f"{day.isoformat()}: {_force(policy, day)}"),
        Fact("Content hash", policy.content_hash),
    ]
    return tuple(facts)


def _force(policy: Policy, day: date) -> str:
    if policy.dates.in_force(day):
        return "in force"
    return "not yet in force" if day < policy.dates.effective_from else "no longer in force"


def _day(end: date | None) -> str:
    return _OPEN if end is None else end.isoformat()


def _adoption(policy: Policy) -> Grid:
    return Grid(
        id="adoption",
        caption="Adoption",
        columns=tuple(
            Column(label) for label in ("Plan", "Line of business", "State", "From", "To", "Mode")
        ),
        rows=tuple(
            (
                row.plan,
                row.line_of_business,
                row.state or "all",
                row.start.isoformat(),
                _day(row.end),
                row.mode,
            )
            for row in policy.adoption
        ),
    )


def _precedence(policy: Policy) -> Grid:
    return Grid(
        id="precedence",
        caption="What takes precedence",
        columns=(
            Column("Layer", ColumnKind.PROSE),
            Column("Kind"),
            Column("Plan"),
            Column("State"),
            Column("Codes", ColumnKind.CODE),
            Column("Days"),
            Column("Governs", ColumnKind.PROSE),
        ),
        rows=tuple(
            (
                row.name,
                f"{row.kind} (an example)" if row.example else row.kind,
                row.plan or "all",
                row.state or "all",
                ", ".join(row.codes),
                f"{row.start.isoformat()} to {_day(row.end)}",
                row.governs,
            )
            for row in policy.precedence
        ),
    )


def _chosen_by(policy: Policy) -> Grid:
    """Return by which date a version is chosen; no rows where it is the service date for all."""
    rows = [(row.plan or "all", row.state or "all", row.date.value) for row in policy.chosen_by]
    return Grid(
        id="chosen-by",
        caption="Which date chooses the version",
        columns=(Column("Plan"), Column("State"), Column("Date")),
        rows=(*rows, ("all others", "all", DateOfRequest.SERVICE.value)) if rows else (),
    )


def _prose(policy: Policy, stem: str) -> Prose | None:
    """Return a text as a section under its own title; None if the policy has no such text."""
    if stem not in policy.text:
        return None
    title, blocks = _titled(policy.text, stem)
    return Prose(stem, title, blocks)


def _titled(texts: Mapping[str, str], stem: str) -> tuple[str, tuple[Block, ...]]:
    blocks = parse_markdown(texts[stem], _file(stem))
    match blocks:
        case (Heading(level=1) as heading, *_) if not any(
            isinstance(block, Heading) and block.level == 1 for block in blocks[1:]
        ):
            return heading.text, blocks[1:]
        case _:
            raise DocumentError(
                f"{_file(stem)}: a text starts with one heading of level 1, such as `# Title`, "
                "and has no other of that level"
            )


def _file(stem: str) -> str:
    return f"text/{stem}.md"


def _register(policy: Policy, tables: list[TableView]) -> Register | None:
    if "register" not in policy.text:
        return None
    title, blocks = _titled(policy.text, "register")
    return register(title, blocks, tables, _file("register"))


def _answers() -> Grids:
    return Grids(
        id="answers",
        title="What a determination answers",
        introduction=NO_DENIAL,
        grids=(
            Grid(
                id="dispositions",
                caption="The six dispositions of a line",
                columns=(
                    Column("Disposition", ColumnKind.CODE),
                    Column("Meaning", ColumnKind.PROSE),
                ),
                rows=tuple((str(one.disposition), one.meaning) for one in DISPOSITIONS),
            ),
        ),
    )


def _sources(policy: Policy) -> Grids:
    return Grids(
        id="sources",
        title="Sources and parameters",
        introduction=(
            "The texts that this policy was written from, each with the SHA-256 hash of what was "
            "read, and the values that the plan has set."
        ),
        grids=tuple(
            grid
            for grid in (
                Grid(
                    id="source-texts",
                    caption="Sources",
                    columns=(
                        Column("Text", ColumnKind.PROSE),
                        Column("Cited as"),
                        Column("Read on"),
                        Column("SHA-256", ColumnKind.CODE),
                    ),
                    rows=tuple(
                        (row.title, row.cited_as, row.read.isoformat(), row.sha256)
                        for row in policy.sources
                    ),
                ),
                Grid(
                    id="parameters",
                    caption="Parameters",
                    columns=(Column("Parameter", ColumnKind.PROSE), Column("Value")),
                    rows=tuple((name, str(value)) for name, value in policy.parameters.items()),
                ),
            )
            if grid.rows
        ),
    )


def _diagrams(policy: Policy) -> Diagrams | None:
    definitions = policy.model.definitions
    pictures = tuple(draw(definitions, diagram) for diagram in definitions.diagrams)
    if not pictures:
        return None
    return Diagrams(
        id="diagram",
        title="Decision diagram",
        introduction=(
            "How the decisions depend on each other and on the facts of a request. Rectangles "
            "are decisions, rounded shapes are facts; an arrow leads to what needs the answer."
        ),
        pictures=pictures,
    )


def _questions(policy: Policy) -> Grids:
    return Grids(
        id="facts",
        title="Facts that the decisions use",
        introduction=(
            "Some are stated in the request; others are worked out from it, such as an age or the "
            "standing of a code. A fact that is not stated is unknown, never false."
        ),
        grids=(questions(policy.model),),
    )


def _history(policy: Policy) -> Grids | None:
    if not policy.history:
        return None
    return Grids(
        id="history",
        title="History",
        introduction="",
        grids=(
            Grid(
                id="changes",
                caption="Changes",
                columns=(Column("Date"), Column("Change", ColumnKind.PROSE)),
                rows=tuple((row.date.isoformat(), row.change) for row in policy.history),
            ),
        ),
    )
