"""What some decisions of a model can still answer when inputs are unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydmn.feel import host
from pydmn.plan.logic import Step
from pydmn.plan.stack import with_room
from pydmn.verify.worlds import Leaf, Node, Worlds, restricted, support, values

if TYPE_CHECKING:
    from pydmn.engine.model import Model


@dataclass(frozen=True, slots=True)
class Condition:
    """A FEEL condition on a model's inputs and decisions, parsed."""

    step: Step


@dataclass(frozen=True, slots=True)
class Deciding:
    """An unknown that matters: whether it alone decides, and in which share of its values."""

    name: str
    alone: bool
    settles: float


class Possible:
    """What some decisions can still answer; see `Model.possible`.

    A value is in the host's types. Answers are worked out when first asked for, so every
    method raises as `Model.evaluate` does.
    """

    def __init__(self, model: Model, worlds: Worlds, names: tuple[str, ...]) -> None:
        self._model = model
        self._worlds = worlds
        self.names = names

    def values(self, name: str, entry: str | None = None) -> list[Any]:
        """Return every value that `name`, or its `entry`, can have, each once."""
        return [host.to_python(value) for value in values(self._node(name, entry))]

    def hits(self, name: str) -> list[tuple[str, ...]]:
        """Return every set of rules that can be hit in the decision `name`."""
        key = self._model.step(name).key
        return values(with_room(lambda: self._worlds.hits(key)))

    def inputs(self, name: str) -> dict[str, Any]:
        """Return the value of each column of a table, by label, where it is certain."""
        table = self._model.table(name)
        found = {}
        for position, column in enumerate(table.inputs):
            seen = values(self._worlds.column(self._model.step(name).key, position))
            if len(seen) == 1:
                found[column.label] = host.to_python(seen[0].value)
        return found

    def near_misses(self, name: str) -> list[tuple[str, str, str, Any]]:
        """Return the rules that certainly fail by one cell only: id, column, cell, value.

        In the table's order; a rule that a column leaves open is none. The value is None
        where several are left, all of them refused.
        """
        table = self._model.table(name)
        key = self._model.step(name).key
        columns = [values(self._worlds.column(key, each)) for each in range(len(table.inputs))]
        missed = []
        for number, rule in enumerate(table.rules):
            accepted = [{each.mask >> number & 1 for each in column} for column in columns]
            failed = [position for position, seen in enumerate(accepted) if seen == {0}]
            if len(failed) == 1 and all(len(seen) == 1 for seen in accepted):
                (position,) = failed
                tested = {id(each.value): each.value for each in columns[position]}
                value = host.to_python(next(iter(tested.values()))) if len(tested) == 1 else None
                missed.append((rule.id, table.inputs[position].label, rule.cells[position], value))
        return missed

    def deciding(self, name: str, entry: str | None = None) -> list[Deciding]:
        """Return the unknowns that can still change `name`, those that settle most first.

        Ties go by the order in which the unknowns were given.
        """
        node = self._node(name, entry)
        found = [self._deciding(node, number) for number in sorted(support(node))]
        return sorted(found, key=lambda each: -each.settles)

    def _deciding(self, node: Node, number: int) -> Deciding:
        unknown = self._worlds.unknowns[number]
        settled = [
            isinstance(restricted(self._worlds.diagrams, node, number, position), Leaf)
            for position in range(len(unknown.atoms))
        ]
        return Deciding(unknown.name, all(settled), sum(settled) / len(settled))

    def _node(self, name: str, entry: str | None) -> Node:
        key = self._model.step(name).key
        node = with_room(lambda: self._worlds.answer(key))
        if entry is None:
            return node
        return self._worlds.diagrams.combine(
            (node,), lambda at, _: at[0].get(entry) if isinstance(at[0], dict) else None
        )
