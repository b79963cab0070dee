"""The coding section of a document: the codes of the rules that print, by outcome and system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from medpolicy.documents.columns import DocumentError, text_of, texts_of
from medpolicy.documents.content import (
    Coding,
    CodingEntry,
    CodingOutcome,
    CodingPart,
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
    """A rule that the section prints: where it belongs and what it lists."""

    outcome: str
    system: CodeSystem
    caption: str
    label: str
    codes: tuple[str, ...]


def coding(tables: Sequence[TableView]) -> Coding:
    """Return the coding section of the tables, in their order and their rules'.

    Rules of one outcome, code system and range stand under one caption. A rule is printed under
    each outcome it names; where `outcome` is null, nowhere. Raises `DocumentError` for a rule
    with an outcome whose code system is unknown, or in which no input cell lists codes of it,
    and for a code that its system never had.
    """
    printed = [one for table in tables for rule in table.rules for one in _printed(table, rule)]
    systems = tuple(dict.fromkeys(one.system for one in printed))
    outcomes = []
    for outcome in in_order(dict.fromkeys(one.outcome for one in printed)):
        under = [one for one in printed if one.outcome == outcome]
        outcomes.append(CodingOutcome(sentence_case(outcome), _systems(under, systems)))
    return Coding(id="coding", title="Coding", outcomes=tuple(outcomes))


def _systems(printed: Sequence[_Printed], order: Sequence[CodeSystem]) -> tuple[CodingSystem, ...]:
    found = []
    for system in order:
        if all(one.system != system for one in printed):
            continue
        by_caption: dict[str, list[_Printed]] = {}
        for place, one in enumerate(printed):
            if one.system == system:
                # Without a caption nothing says that two rules belong together.
                by_caption.setdefault(one.caption or f" {place}", []).append(one)
        entries = tuple(_entry(system, together) for together in by_caption.values())
        distinct = {code for one in printed if one.system == system for code in one.codes}
        found.append(CodingSystem(str(system), len(distinct), entries))
    return tuple(found)


def _entry(system: CodeSystem, together: Sequence[_Printed]) -> CodingEntry:
    caption = together[0].caption
    by_label: dict[str, tuple[str, ...]] = {}
    for one in together:
        if one.label in by_label:
            by_label[one.label] = tuple(sorted({*by_label[one.label], *one.codes}))
        else:
            by_label[one.label] = one.codes
    codes = [code for listed in by_label.values() for code in listed]
    marks, notes = _notes(system, codes)
    return CodingEntry(
        caption=caption,
        parts=tuple(
            CodingPart(
                sentence_case(label),
                ()
                if codes == [caption]
                else tuple(ListedCode(code, marks[code]) for code in listed),
            )
            for label, listed in by_label.items()
        ),
        notes=notes,
    )


def _printed(table: TableView, rule: RuleView) -> Iterator[_Printed]:
    outcomes = texts_of(table, rule, columns.OUTCOME)
    if not outcomes:
        return
    system = _system(table, rule)
    codes = _codes(table, rule, system)
    caption = text_of(table, rule, columns.RANGE)
    if caption is None:
        caption = codes[0] if len(codes) == 1 else ""
    label = text_of(table, rule, columns.LABEL) or ""
    for outcome in outcomes:
        yield _Printed(outcome, system, caption, label, codes)


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


def _notes(
    system: CodeSystem, codes: Sequence[str]
) -> tuple[dict[str, str], tuple[ValidityNote, ...]]:
    """Return the mark of each code, and the notes; one that holds for all needs no mark."""
    said = {code: _validity(system, code) for code in codes}
    distinct = [text for text in dict.fromkeys(said.values()) if text]
    if len(distinct) == 1 and "" not in said.values():
        return dict.fromkeys(codes, ""), (ValidityNote("", distinct[0]),)
    marks = {text: _mark(place) for place, text in enumerate(distinct)}
    marks[""] = ""
    return (
        {code: marks[text] for code, text in said.items()},
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
        return "as a category: the codes below it are meant"
    return "; ".join(words for span in spans if (words := _days(span)))


def _days(span: Window) -> str:
    since = "" if span.start <= SOURCE.covered_from else f"from {span.start.isoformat()}"
    until = "" if span.end is None else f"until {span.end.isoformat()}"
    return " ".join(part for part in (since, until) if part)
