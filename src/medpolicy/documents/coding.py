"""The coding section of a document: the codes of the rules that print, by outcome and system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING

from medpolicy.codes import (
    SOURCE,
    CodeFormError,
    CodeStatus,
    CodeSystem,
    NoCodeTable,
    normalize,
    status,
    windows,
)
from medpolicy.documents import columns
from medpolicy.documents.columns import DocumentError, text_of
from medpolicy.documents.content import (
    Coding,
    CodingEntry,
    CodingOutcome,
    CodingSystem,
    ListedCode,
    ValidityNote,
)
from medpolicy.documents.indications import in_order, sentence_case

if TYPE_CHECKING:
    from medpolicy.codes import Window
    from pydmn import RuleView, TableView


@dataclass(frozen=True, slots=True)
class _Printed:
    """A rule that the section prints, with where it belongs."""

    outcome: str
    system: CodeSystem
    entry: CodingEntry


def coding(tables: Sequence[TableView]) -> Coding:
    """Return the coding section of the tables, in their order and their rules'.

    A rule whose `outcome` is null is not printed. Raises `DocumentError` for a rule with an
    outcome whose code system is unknown, or in which no input cell lists codes of it, and for
    a code that its system never had.
    """
    printed = [
        entry
        for table in tables
        for rule in table.rules
        if (entry := _printed(table, rule)) is not None
    ]
    outcomes = in_order(dict.fromkeys(one.outcome for one in printed))
    return Coding(
        id="coding",
        title="Coding",
        outcomes=tuple(
            CodingOutcome(
                sentence_case(outcome), _systems([one for one in printed if one.outcome == outcome])
            )
            for outcome in outcomes
        ),
    )


def _systems(printed: Sequence[_Printed]) -> tuple[CodingSystem, ...]:
    found = []
    for system in dict.fromkeys(one.system for one in printed):
        entries = tuple(one.entry for one in printed if one.system == system)
        distinct = {listed.code for entry in entries for listed in entry.codes}
        found.append(CodingSystem(str(system), len(distinct), entries))
    return tuple(found)


def _printed(table: TableView, rule: RuleView) -> _Printed | None:
    outcome = text_of(table, rule, columns.OUTCOME)
    if outcome is None:
        return None
    system = _system(table, rule)
    codes = _codes(table, rule, system)
    caption = text_of(table, rule, columns.RANGE)
    if caption is None:
        caption = codes[0] if len(codes) == 1 else ""
    listed, notes = _noted(system, codes)
    entry = CodingEntry(
        caption=caption,
        label=text_of(table, rule, columns.LABEL) or "",
        codes=listed,
        notes=notes,
        is_single=codes == (caption,),
    )
    return _Printed(outcome, system, entry)


def _system(table: TableView, rule: RuleView) -> CodeSystem:
    name = text_of(table, rule, columns.CODE_SYSTEM)
    if name is not None and name in set(CodeSystem):
        return CodeSystem(name)
    raise DocumentError(
        f"{table.decision}, rule {rule.id}: it has an `{columns.OUTCOME}` but its "
        f"`{columns.CODE_SYSTEM}` is none of {', '.join(CodeSystem)}"
    )


def _codes(table: TableView, rule: RuleView, system: CodeSystem) -> tuple[str, ...]:
    """Return the codes of the input cells that list nothing but codes of the system."""
    found: list[str] = []
    for literals in rule.literals:
        try:
            found.extend(normalize(system, literal) for literal in literals)
        except CodeFormError:
            # A cell of other words: a site, a name of a system. It is a condition, no list.
            continue
    if not found:
        raise DocumentError(
            f"{table.decision}, rule {rule.id}: it has an `{columns.OUTCOME}` "
            f"but no input cell lists codes of {system}"
        )
    return tuple(dict.fromkeys(found))


def _noted(
    system: CodeSystem, codes: Sequence[str]
) -> tuple[tuple[ListedCode, ...], tuple[ValidityNote, ...]]:
    said = [_validity(system, code) for code in codes]
    distinct = [text for text in dict.fromkeys(said) if text]
    if len(distinct) == 1 and "" not in said:
        return tuple(ListedCode(code, "") for code in codes), (ValidityNote("", distinct[0]),)
    marks = {text: _mark(place) for place, text in enumerate(distinct)}
    marks[""] = ""
    return (
        tuple(ListedCode(code, marks[text]) for code, text in zip(codes, said, strict=True)),
        tuple(ValidityNote(marks[text], text) for text in distinct),
    )


def _mark(place: int) -> str:
    """Return a, b, ... z, aa, bb, ... for 0, 1, ..."""
    times, letter = divmod(place, len(ascii_lowercase))
    return ascii_lowercase[letter] * (times + 1)


def _validity(system: CodeSystem, code: str) -> str:
    """Return the days of a code in words; nothing if it has no table or was valid throughout."""
    try:
        spans = windows(system, code)
    except NoCodeTable:
        return ""
    if not spans:
        if status(system, code, SOURCE.covered_to) is not CodeStatus.NOT_BILLABLE:
            raise DocumentError(f"{code} is no code of {system} on any day")
        return "a category: the codes below it are meant"
    return "; ".join(words for span in spans if (words := _days(span)))


def _days(span: Window) -> str:
    since = "" if span.start <= SOURCE.covered_from else f"from {span.start.isoformat()}"
    until = "" if span.end is None else f"until {span.end.isoformat()}"
    return " ".join(part for part in (since, until) if part)
