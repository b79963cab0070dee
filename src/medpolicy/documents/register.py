"""How this plan reads the text: the rows of the register, and the rules that carry each out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from medpolicy.documents.columns import DocumentError, register_rows_of
from medpolicy.documents.content import Register, RegisterRow, RuleCitation
from medpolicy.documents.markdown import Block, Heading, Paragraph, Strong, Text, plain_text

if TYPE_CHECKING:
    from pydmn import TableView

_TITLE: Final = re.compile(r"([1-9][0-9]*)\. +(.+)")
_TEXT: Final = "The text:"
_PLAN: Final = "This plan:"


def register(
    title: str, blocks: Sequence[Block], tables: Sequence[TableView], file: str
) -> Register:
    """Return the register that `blocks` writes, with the rules of `tables` that cite each row.

    A row is a heading of level 2 such as `4. Which code`, a paragraph that starts with
    **The text:** and one with **This plan:**; further blocks belong to the one before them.
    What stands before the first row is the introduction.

    Raises `DocumentError` for a row of another form, a number given twice, and a rule that
    cites a row that is not there.
    """
    first = next((at for at, block in enumerate(blocks) if _is_row(block)), len(blocks))
    cited = _citations(tables)
    rows: dict[int, RegisterRow] = {}
    at = first
    while at < len(blocks):
        end = next(
            (later for later in range(at + 1, len(blocks)) if _is_row(blocks[later])), len(blocks)
        )
        row = _row(blocks[at:end], cited, file)
        if row.number in rows:
            raise DocumentError(f"{file}: row {row.number} stands there twice")
        rows[row.number] = row
        at = end
    for number, citations in cited.items():
        if number not in rows:
            raise DocumentError(
                f"{citations[0].decision}, rule {citations[0].rules[0]}: it cites row {number} "
                f"of the register, which {file} does not have"
            )
    return Register("register", title, tuple(blocks[:first]), tuple(rows.values()))


def _is_row(block: Block) -> bool:
    return isinstance(block, Heading) and block.level == 2


def _row(blocks: Sequence[Block], cited: dict[int, list[RuleCitation]], file: str) -> RegisterRow:
    heading = blocks[0].text if isinstance(blocks[0], Heading) else ""
    match = _TITLE.fullmatch(heading)
    if match is None:
        raise DocumentError(f"{file}: the heading `{heading}` is not of the form `4. Title`")
    parts: dict[str, list[Block]] = {_TEXT: [], _PLAN: []}
    current: list[Block] | None = None
    for block in blocks[1:]:
        lead = _lead(block)
        if lead in parts:
            current = parts[lead]
        if current is None:
            raise DocumentError(f"{file}: row {match[1]} does not start with **{_TEXT}**")
        current.append(_without_lead(block) if lead in parts else block)
    for lead, found in parts.items():
        if not found:
            raise DocumentError(f"{file}: row {match[1]} has no paragraph **{lead}**")
    number = int(match[1])
    return RegisterRow(
        number, match[2], tuple(parts[_TEXT]), tuple(parts[_PLAN]), tuple(cited.get(number, ()))
    )


def _lead(block: Block) -> str | None:
    if isinstance(block, Paragraph) and block.content and isinstance(block.content[0], Strong):
        return plain_text(block.content[0].content)
    return None


def _without_lead(block: Block) -> Block:
    if not isinstance(block, Paragraph):
        return block
    rest = block.content[1:]
    if rest and isinstance(rest[0], Text):
        words = rest[0].text.lstrip()
        rest = (*((Text(words),) if words else ()), *rest[1:])
    return Paragraph(rest)


def _citations(tables: Sequence[TableView]) -> dict[int, list[RuleCitation]]:
    """Return, by row number, the rules that cite the row, decision by decision."""
    found: dict[int, dict[str, list[str]]] = {}
    for table in tables:
        for rule in table.rules:
            for number in register_rows_of(table, rule):
                found.setdefault(number, {}).setdefault(table.decision, []).append(rule.id)
    return {
        number: [RuleCitation(decision, tuple(rules)) for decision, rules in by_decision.items()]
        for number, by_decision in found.items()
    }
