"""Two tables as one: the columns of both, and the rules of both."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from pydmn.feel import ast
from pydmn.feel.types import ANY, BasicType, Type
from pydmn.plan.logic import ANYTHING, Cell, Input, Item, Rule, Step, Table
from pydmn.plan.results import result_type
from pydmn.source import Source
from pydmn.tables.cells import KINDS, holds
from pydmn.verify.changes.matching import Forms, Pair, asked_of, header
from pydmn.verify.tables.axes import Given, Path
from pydmn.verify.tables.columns import path_of
from pydmn.verify.tables.witness import Engine, value_at


@dataclass(frozen=True, slots=True)
class Version:
    """One version: the step of its table, what it reads by name, and an engine for any table."""

    step: Step
    requires: Mapping[str, Step]
    engine: Callable[..., Engine]

    @property
    def table(self) -> Table:
        """The table."""
        assert isinstance(self.step.logic, Table)
        return self.step.logic


class NotBoxes(Exception):
    """The tables are not boxes of one grid; the message says why."""


def joint(old: Table, new: Table, pairs: Sequence[Pair]) -> Table:
    """Return a table with the columns of both, and the rules of `pairs`."""
    columns = list(old.inputs)
    free: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        free.setdefault(header(column.expression), []).append(place)
    at: list[int] = []
    for column in new.inputs:
        places = free.get(header(column.expression))
        if places:
            at.append(places.pop(0))
        else:
            at.append(len(columns))
            columns.append(column)
    rules = []
    for number, (of_old, of_new) in enumerate(pairs, 1):
        cells = [_ANYTHING] * len(columns)
        if of_old is not None:
            rule = old.rules[of_old]
            cells[: len(rule.cells)] = rule.cells
        else:
            assert of_new is not None
            rule = new.rules[of_new]
            for place, cell in zip(at, rule.cells, strict=True):
                cells[place] = cell
        rules.append(Rule(str(number), number, tuple(cells), (), rule.source))
    return replace(old, inputs=tuple(columns), outputs=(), rules=tuple(rules))


_ANYTHING: Final = Cell(ast.UnaryTests(any=True), Source("-"))


def kinds(table: Table, requires: Mapping[str, Step]) -> dict[str, BasicType]:
    """Return the types of the columns whose cells can be compared, by their header."""
    found: dict[str, BasicType] = {}
    for column in table.inputs:
        type_ = _type(column, requires)
        if isinstance(type_, BasicType) and type_ in KINDS:
            found[header(column.expression)] = type_
    return found


def _type(column: Input, requires: Mapping[str, Step]) -> Type:
    """Return the type of what a column tests; any where none is declared."""
    path = path_of(column.expression, requires)
    types = (_item(path, requires).type, column.item.type, result_type(column.expression))
    return next((each for each in types if each != ANY), ANY)


def _item(path: Path | None, requires: Mapping[str, Step]) -> Item:
    item = requires[path[0]].item if path else ANYTHING
    for name in path[1:] if path else ():
        item = next((each for entry, each in item.entries if entry == name), ANYTHING)
    return item


def outputs(table: Table) -> Hashable:
    """Return what two tables share if rules that say the same conclude the same in both."""
    return (
        table.hit_policy,
        table.aggregation,
        asked_of(table.item),
        tuple(
            (
                each.name,
                asked_of(each.item),
                each.allowed and each.allowed.source.text,
                tuple(listed.source.text for listed in each.order),
                each.default and header(each.default),
            )
            for each in table.outputs
        ),
    )


def comparable(old: Version, new: Version) -> None:
    """Raise `NotBoxes` where a value may be allowed in one version alone, or is of no known type.

    What is allowed in neither is null to both, or has no answer in either.
    """
    requires = {**new.requires, **old.requires}
    for name, step in requires.items():
        if asked_of(step.item) != asked_of(old.requires.get(name, step).item):
            raise NotBoxes(f"the versions declare other values for `{name}`")
    sides = [_declared(version.table) for version in (old, new)]
    for name in {**sides[0], **sides[1]}:
        mine, its = (side.get(name) for side in sides)
        if mine != its and not (
            _asks_nothing(mine, name, requires) and _asks_nothing(its, name, requires)
        ):
            raise NotBoxes(f"the versions declare other values for `{name}`")
    for column in (*old.table.inputs, *new.table.inputs):
        if _type(column, requires) == ANY:
            raise NotBoxes(f"`{header(column.expression)}` is of no declared type")


def forms_of(version: Version) -> Forms:
    """Return what the cells of a table accept, where it is plain to see."""
    return Forms(kinds(version.table, version.requires))


def narrowed(version: Version, forms: Forms, given: Given) -> Step:
    """Return the step of a table with those of its rules that may match in a case."""
    table = version.table
    left = table.rules
    asked: tuple[object, ...] = ()
    for place, column in enumerate(table.inputs):
        path = path_of(column.expression, version.requires)
        kind = forms.kinds.get(header(column.expression))
        if path is None or kind is None:
            continue
        value = value_at(given, path)
        asked = (*asked, value)
        known = forms.left.get(asked)
        if known is None:
            known = forms.left[asked] = tuple(
                [
                    rule
                    for rule in left
                    if (form := forms.of_kind(rule.cells[place], kind)) is None
                    or (value is not None and holds(form, value))
                ]
            )
        left = known
    return replace(version.step, logic=replace(table, rules=left))


_Declared: TypeAlias = frozenset[tuple[str | None, Hashable]]


def _declared(table: Table) -> dict[str, _Declared]:
    """Return what the columns with each header declare."""
    found: dict[str, set[tuple[str | None, Hashable]]] = {}
    for column in table.inputs:
        allowed = None if column.allowed is None else column.allowed.source.text.strip()
        found.setdefault(header(column.expression), set()).add((allowed, asked_of(column.item)))
    return {name: frozenset(each) for name, each in found.items()}


def _asks_nothing(declared: _Declared | None, name: str, requires: Mapping[str, Step]) -> bool:
    """Say whether columns declare no more than the input that they name does."""
    own = asked_of(requires[name].item) if name in requires else None
    return all(
        allowed is None and item in (asked_of(ANYTHING), own) for allowed, item in declared or ()
    )
