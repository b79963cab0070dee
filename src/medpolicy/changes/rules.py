"""Rules of two versions, matched by their ids: what was added, removed, changed or moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from medpolicy.documents import columns

if TYPE_CHECKING:
    from medpolicy.policy import Policy
    from pydmn import Model, RuleView, TableView

SPEAKING: Final = frozenset(
    {columns.CRITERION, columns.RESULT, columns.STATEMENT, columns.CITATION, columns.REGISTER,
     columns.CODE_SYSTEM, columns.OUTCOME, columns.RANGE, columns.LABEL}
)  # fmt: skip
"""Output columns that speak to people, unless a decision reads them."""

_ANY: Final = "-"
_NULL: Final = "null"

RuleKey: TypeAlias = tuple[str, str]
"""A decision's name, and a rule's id."""

Cells: TypeAlias = Mapping[str, str]
"""A rule's texts by the heads of their columns."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that is not what it was.

    `change` is `added`, `removed`, `changed` or `moved`; `old` and `new` have the cells of a rule
    by their columns, empty where there is no such rule; `columns` are those that differ. `wording`
    says that no decision reads any of these.
    """

    decision: str
    id: str
    change: str
    old: Cells
    new: Cells
    columns: tuple[str, ...] = ()
    wording: bool = False


@dataclass(frozen=True, slots=True)
class DecisionChange:
    """A decision that is new or gone, or that is decided another way: its kind, or its text."""

    decision: str
    change: str
    old: str
    new: str


class Rules:
    """The rules of two versions of a policy."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self._old, self._new = _Tables(old.model), _Tables(new.model)

    @cached_property
    def decisions(self) -> tuple[DecisionChange, ...]:
        """The decisions that are new, gone, or decided otherwise than by other rules."""
        return tuple(self._decisions())

    def _decisions(self) -> Iterator[DecisionChange]:
        old, new = self._old, self._new
        for name in dict.fromkeys((*old.names, *new.names)):
            before = old.logic(name) if name in old.names else ""
            after = new.logic(name) if name in new.names else ""
            if before != after:
                change = "changed" if before and after else "added" if after else "removed"
                yield DecisionChange(name, change, before, after)

    @cached_property
    def changes(self) -> tuple[RuleChange, ...]:
        """The rules that differ, table by table in the order of the new version."""
        names = dict.fromkeys((*self._new.names, *self._old.names))
        return tuple(change for name in names for change in self._of(name))

    def _of(self, name: str) -> Iterator[RuleChange]:
        before, after = self._old.get(name), self._new.get(name)
        had, has = _by_id(before), _by_id(after)
        moved = _moved([each for each in had if each in has], [each for each in has if each in had])
        for id_ in dict.fromkeys((*has, *had)):
            old = _cells(before, had.get(id_))
            new = _cells(after, has.get(id_))
            if id_ not in had or id_ not in has:
                yield RuleChange(name, id_, "added" if id_ in has else "removed", old, new)
                continue
            differing = tuple(
                column
                for column in dict.fromkeys((*new, *old))
                if _unlike(old.get(column), new.get(column))
            )
            if differing:
                wording = all(self._speaks(name, column) for column in differing)
                yield RuleChange(name, id_, "changed", old, new, differing, wording)
            if id_ in moved:
                yield RuleChange(name, id_, "moved", old, new)

    def _speaks(self, decision: str, column: str) -> bool:
        """Say whether a column of a table is an output that no decision of either version reads."""
        if column not in SPEAKING:
            return False
        tables = (self._old.get(decision), self._new.get(decision))
        if any(column == each.label for table in tables if table for each in table.inputs):
            return False
        return not (self._old.reads(column) or self._new.reads(column))

    def meant(self, decision: str) -> Mapping[str, tuple[Any, Any]]:
        """Return, by id, what a rule of each version concludes as far as decisions read it.

        None stands for no such rule.
        """
        found = []
        for tables in (self._old, self._new):
            table = tables.get(decision)
            heads = [] if table is None else [each.label for each in table.outputs]
            found.append(
                {
                    id_: tuple(
                        (head, text)
                        for head, text in zip(heads, rule.outputs, strict=True)
                        if not self._speaks(decision, head) and text != _NULL
                    )
                    for id_, rule in _by_id(table).items()
                }
            )
        had, has = found
        return {id_: (had.get(id_), has.get(id_)) for id_ in dict.fromkeys((*has, *had))}


class _Tables:
    """A model's tables, and the texts of its decisions for what they may read of one another."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.names = model.names
        self._tables = {
            name: model.table(name) for name in self.names if model.kind(name) == "table"
        }

    def get(self, name: str) -> TableView | None:
        """Return a decision's table; None where there is none."""
        return self._tables.get(name)

    def logic(self, name: str) -> str:
        """Return how a decision is decided, in a line; of a table all but its rules."""
        table = self.get(name)
        if table is None:
            kind = self._model.kind(name)
            return self._model.literal(name) if kind == "literal" else kind
        aggregation = "" if table.aggregation is None else f" {table.aggregation}"
        return f"table, {table.hit_policy}{aggregation}"

    def reads(self, column: str) -> bool:
        """Say whether some text may take a column of an answer: one of that name follows a dot."""
        return f".{column}" in self._text

    @cached_property
    def _text(self) -> str:
        texts: list[str] = []
        for name in self.names:
            table = self.get(name)
            if table is None:
                texts.append(self.logic(name))
                continue
            texts += (column.text for column in table.inputs)
            for rule in table.rules:
                texts += (*rule.cells, *rule.outputs)
        return "\n".join(texts)


def _by_id(table: TableView | None) -> dict[str, RuleView]:
    return {} if table is None else {rule.id: rule for rule in table.rules}


def _cells(table: TableView | None, rule: RuleView | None) -> dict[str, str]:
    if table is None or rule is None:
        return {}
    heads = [column.label or column.text for column in table.inputs]
    inputs = dict(zip(heads, rule.cells, strict=True))
    outputs = zip((column.label for column in table.outputs), rule.outputs, strict=True)
    for head, text in outputs:
        # An output may have the name of an input: its head then says which it is.
        inputs[f"{head} (output)" if head in inputs else head] = text
    return inputs


def _unlike(old: str | None, new: str | None) -> bool:
    """Say whether two cells differ; a column that one table lacks asks, or says, nothing there."""
    if old is None or new is None:
        return (old or new) not in (_ANY, _NULL)
    return old != new


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return what has to be moved, as little as possible, to make of one order the other."""
    places = {id_: at for at, id_ in enumerate(old)}
    tails: list[int] = []
    ends: list[tuple[int, int | None]] = []
    last: list[int] = []
    for at, id_ in enumerate(new):
        place = places[id_]
        length = bisect_left(tails, place)
        tails[length : length + 1] = [place]
        last[length : length + 1] = [at]
        ends.append((at, last[length - 1] if length else None))
    kept: set[str] = set()
    at_: int | None = last[-1] if last else None
    while at_ is not None:
        kept.add(new[at_])
        at_ = ends[at_][1]
    return {*new} - kept
