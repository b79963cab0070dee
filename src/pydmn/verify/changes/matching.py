"""The rules of two versions of a table, matched by what they say, and by id where that repeats."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, TypeAlias

from pydmn.feel.types import BasicType
from pydmn.plan.logic import Cell, Feel, Item, Logic, Rule, Table
from pydmn.tables.cells import Form, meets, plain

Pair: TypeAlias = tuple[int | None, int | None]
"""A rule by its number in the old version and in the new one; None where it is not there."""

_PAIRS: Final = 200_000
"""So many pairs of rules are looked at one by one."""


def header(logic: Logic) -> str:
    """Return the text of a literal expression; of anything else, what no other has."""
    return logic.source.text.strip() if isinstance(logic, Feel) else f"<{id(logic)}>"


def asked_of(item: Item) -> Hashable:
    """Return what equal items share, wherever they are written."""
    return (
        item.type,
        item.allowed and item.allowed.source.text.strip(),
        item.constraint and item.constraint.source.text.strip(),
        item.element and asked_of(item.element),
        tuple((name, asked_of(entry)) for name, entry in item.entries),
    )


def matched(old: Table, new: Table) -> list[Pair]:
    """Return the rules of two tables, those that say the same as one.

    First come those that are in both, then the others of the old version, then of the new one.
    """
    waiting: dict[Hashable, list[int]] = {}
    says_old, says_new = _sayings(old, new)
    for number, rule in enumerate(new.rules):
        waiting.setdefault(says_new(rule), []).append(number)
    same: list[Pair] = []
    gone: list[Pair] = []
    for number, rule in enumerate(old.rules):
        others = waiting.get(says_old(rule))
        if not others:
            gone.append((number, None))
            continue
        twin = next((other for other in others if new.rules[other].id == rule.id), others[0])
        others.remove(twin)
        same.append((number, twin))
    come = sorted(number for others in waiting.values() for number in others)
    return [*same, *gone, *((None, number) for number in come)]


def _sayings(old: Table, new: Table) -> tuple[Callable[[Rule], Hashable], ...]:
    """Return, for each table, what tells what a rule says, whatever the order of its columns."""
    headers = [[header(column.expression) for column in table.inputs] for table in (old, new)]
    if headers[0] == headers[1]:
        return _written, _written
    return tuple(_by_column(each) for each in headers)


def _written(rule: Rule) -> Hashable:
    cells = tuple([cell.source.text for cell in rule.cells])
    return cells, tuple([header(output) for output in rule.outputs])


def _by_column(headers: Sequence[str]) -> Callable[[Rule], Hashable]:
    columns = sorted(enumerate(headers), key=lambda each: each[1])

    def says(rule: Rule) -> Hashable:
        cells = [
            (name, cell.source.text)
            for place, name in columns
            if not (cell := rule.cells[place]).tests.any
        ]
        return tuple(cells), tuple(map(header, rule.outputs))

    return says


def meeting(
    old: Table, new: Table, pairs: Sequence[Pair], kinds: Mapping[str, BasicType]
) -> list[Pair]:
    """Return those of `pairs` that are in one version only, or may match together with such a one.

    `kinds` are the types of columns by their header. Where there are too many to look at, all
    are returned.
    """
    changed = [pair for pair in pairs if None in pair]
    if len(changed) * len(pairs) > _PAIRS:
        return list(pairs)
    forms = Forms(kinds)
    places: dict[str, list[int]] = {}
    for place, column in enumerate(old.inputs):
        places.setdefault(header(column.expression), []).append(place)
    asked: list[list[tuple[int, BasicType, Form]]] = []
    for of_old, of_new in changed:
        table, number = (new, of_new) if of_old is None else (old, of_old)
        assert number is not None
        asked.append(
            [
                (place, kinds[name], form)
                for column, cell in zip(table.inputs, table.rules[number].cells, strict=True)
                for name in [header(column.expression)]
                if (form := forms.of(cell, name)) is not None
                for place in places.get(name, ())
            ]
        )

    def may_meet(number: int) -> bool:
        cells = old.rules[number].cells
        return any(
            all(
                (its := forms.of_kind(cells[place], kind)) is None or meets(form, its)
                for place, kind, form in each
            )
            for each in asked
        )

    return [pair for pair in pairs if None in pair or (pair[0] is not None and may_meet(pair[0]))]


class Forms:
    """What cells accept, where that is plain to see; `kinds` are the columns' types by header.

    `left` keeps the rules that accept the values of the first columns, by these values.
    """

    def __init__(self, kinds: Mapping[str, BasicType]) -> None:
        self.kinds = kinds
        self.left: dict[tuple[object, ...], tuple[Rule, ...]] = {}
        self._known: dict[int, tuple[Cell, Form | None]] = {}

    def of(self, cell: Cell, name: str) -> Form | None:
        """Return what a cell accepts of the column with this header; None where it is not plain."""
        kind = self.kinds.get(name)
        return None if kind is None else self.of_kind(cell, kind)

    def of_kind(self, cell: Cell, kind: BasicType) -> Form | None:
        """Return what a cell accepts of `kind`, which is that of all columns that have it."""
        known = self._known.get(id(cell))
        if known is None:
            known = self._known[id(cell)] = (cell, plain(cell.tests, kind))
        return known[1]
