"""The clinical indications of a document: the criteria of decision tables, nested by result."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from medpolicy.documents import columns
from medpolicy.documents.columns import DocumentError, register_rows_of, text_of
from medpolicy.documents.content import Criterion, IndicationResult, Indications, Statement

if TYPE_CHECKING:
    from pydmn import TableView

# What a policy's text can say of a service, in the order of a guideline; others follow these.
_ORDER: Final = (
    "medically necessary",
    "investigational and not medically necessary",
    "not addressed",
    "undetermined",
)


@dataclass(slots=True)
class _Gathered:
    """What the rules say of one criterion under one result."""

    statements: list[Statement] = field(default_factory=list)
    register_rows: list[int] = field(default_factory=list)

    def add(self, statement: Statement | None, register_rows: Iterable[int]) -> None:
        if statement is not None and statement not in self.statements:
            self.statements.append(statement)
        self.register_rows.extend(row for row in register_rows if row not in self.register_rows)


def indications(tables: Iterable[TableView]) -> Indications:
    """Return the criteria of some tables, by result, each with its statements and citations.

    A rule with a result and no criterion is printed after the criteria, without an id; one with
    neither is not printed. A criterion that stands above others by its id (F above F.1) is
    printed above them under their result too, in the words of its own rule.

    Raises `DocumentError` for a rule with a criterion and no result.
    """
    by_result: dict[str, dict[str, _Gathered]] = {}
    anywhere: dict[str, _Gathered] = {}
    unnamed: dict[str, list[_Gathered]] = {}
    for table, rule in ((each, rule) for each in tables for rule in each.rules):
        criterion = text_of(table, rule, columns.CRITERION)
        result = text_of(table, rule, columns.RESULT)
        if criterion is None and result is None:
            continue
        if result is None:
            raise DocumentError(
                f"{table.decision}, rule {rule.id}: criterion {criterion} has no "
                f"`{columns.RESULT}`; give it one, or take the criterion out"
            )
        words = text_of(table, rule, columns.STATEMENT)
        citation = text_of(table, rule, columns.CITATION) or ""
        statement = None if words is None else Statement(words, citation)
        rows = register_rows_of(table, rule)
        if criterion is None:
            said = _Gathered()
            said.add(statement, rows)
            unnamed.setdefault(result, []).append(said)
            by_result.setdefault(result, {})
            continue
        for gathered in (by_result.setdefault(result, {}), anywhere):
            gathered.setdefault(criterion, _Gathered()).add(statement, rows)
    return Indications(
        id="indications",
        title="Clinical indications",
        results=tuple(
            IndicationResult(
                sentence_case(result),
                (
                    *_nested(by_result[result], anywhere),
                    *(_criterion("", said, ()) for said in unnamed.get(result, ())),
                ),
            )
            for result in in_order(by_result)
        ),
    )


def in_order(results: Iterable[str]) -> list[str]:
    """Return results in the order of a guideline: what it accepts, what not, then the others."""
    return sorted(results, key=lambda result: _ORDER.index(result) if result in _ORDER else 99)


def sentence_case(words: str) -> str:
    """Return words with a capital first, for a heading."""
    return words[:1].upper() + words[1:]


def _nested(own: dict[str, _Gathered], anywhere: dict[str, _Gathered]) -> tuple[Criterion, ...]:
    ids = {*own, *(above for one in own for above in _above(one) if above in anywhere)}
    ordered = sorted(ids, key=_id_order)
    # The nearest above that has words: B.1 stands by itself where no rule says what B is.
    parents = {one: next((above for above in _above(one) if above in ids), None) for one in ids}

    def below(parent: str | None) -> tuple[Criterion, ...]:
        return tuple(
            _criterion(one, own.get(one) or anywhere[one], below(one))
            for one in ordered
            if parents[one] == parent
        )

    return below(None)


def _criterion(id_: str, said: _Gathered, nested: tuple[Criterion, ...]) -> Criterion:
    return Criterion(id_, tuple(said.statements), tuple(sorted(said.register_rows)), nested)


def _above(criterion: str) -> Iterator[str]:
    """Yield the ids that stand above one, the nearest first."""
    while "." in criterion:
        criterion = criterion.rpartition(".")[0]
        yield criterion


def _id_order(criterion: str) -> list[tuple[int, str]]:
    """Return what sorts F.2 before F.10, and letters by the alphabet."""
    return [
        (int(part), "") if part.isdigit() else (-1, part)
        for part in re.split(r"([0-9]+)", criterion)
        if part
    ]
