"""What some decisions of a model can still answer when inputs are unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydmn.backends.to_python import Graph
from pydmn.feel import host
from pydmn.plan.logic import Step
from pydmn.plan.stack import with_room
from pydmn.run import Run
from pydmn.verify.enumeration import Enumeration
from pydmn.verify.worlds import Deciding, Node, Unknown, Worlds, deciding, identity, values

if TYPE_CHECKING:
    from pydmn.engine.model import Model


@dataclass(frozen=True, slots=True)
class Condition:
    """A FEEL condition on a model's inputs and decisions, parsed; `reads` names them."""

    step: Step
    reads: tuple[str, ...]


class Answers:
    """What decisions answer in one world, with the rules that they hit."""

    __slots__ = ("_parts", "_together")

    def __init__(self, together: Together, parts: tuple[Any, ...]) -> None:
        self._together = together
        self._parts = parts

    @property
    def places(self) -> Mapping[str, int]:
        """Where each step's part stands, by key."""
        return self._together.places

    def value(self, key: str, entry: str | None = None) -> Any:
        """Return the FEEL value of a step, or an entry of it, null where it is no context."""
        value = self._parts[self._together.places[key]]
        if entry is None:
            return value
        return value.get(entry) if isinstance(value, dict) else None

    def hits(self, key: str) -> tuple[str, ...]:
        """Return the ids of the rules hit by a step."""
        place = self._together.places[key]
        hit = self._parts[place + 1]
        if type(hit) is tuple:
            return hit
        return self._together.whole.rules[place // 2](hit)


class Together:
    """Several decisions of a model, with all that they need, as one function.

    `inputs` are those that may be given, by the host's name; `conditions` are worked out too, by
    the name of the input that each opens.
    """

    def __init__(
        self,
        model: Model,
        graph: Graph,
        inputs: Mapping[str, Step],
        conditions: Mapping[str, Condition],
    ) -> None:
        self.whole = graph.whole(inputs, model.limits, model.clock)
        self.places = {step.key: 2 * number for number, step in enumerate(graph.steps)}
        self.conditions = conditions
        self._nulls = dict.fromkeys(inputs)
        self._needed = _needed_inputs(model, conditions)

    def answers(self, given: Mapping[str, Any]) -> Answers:
        """Return the answers for the host's values of the inputs; the others are null."""
        return Answers(self, self.whole.function(given))

    def enumeration(
        self, known: Mapping[str, Any], unknowns: Sequence[Unknown]
    ) -> Enumeration[Answers] | None:
        """Return the answers in every world; None where conditions hang on one another."""
        gated = {
            number: self.conditions[each.name]
            for number, each in enumerate(unknowns)
            if each.name in self.conditions
        }
        names = {unknowns[number].name for number in gated}
        if any(self._needed[name] & names for name in names):
            return None
        # Nulls for what is left out, so that the function need not look for them each time.
        stated = {**self._nulls, **known}
        return Enumeration(
            unknowns,
            lambda given: self.answers({**stated, **given}),
            {number: _opens(each) for number, each in gated.items()},
        )


def _opens(condition: Condition) -> Callable[[Answers], bool]:
    key = condition.step.key
    return lambda answers: answers.value(key) is True


def _needed_inputs(model: Model, conditions: Mapping[str, Condition]) -> dict[str, frozenset[str]]:
    """Return the names of the inputs that each condition depends on."""
    steps = model.plan.steps
    found = {}
    for name, condition in conditions.items():
        waiting = [each.key for each in condition.step.requirements]
        seen = set(waiting)
        while waiting:
            for each in steps[waiting.pop()].requirements:
                if each.key not in seen:
                    seen.add(each.key)
                    waiting.append(each.key)
        found[name] = frozenset(steps[key].name for key in seen if steps[key].kind == "input")
    return found


class Possible:
    """What some decisions can still answer; see `Model.possible`.

    A value is in the host's types. With few worlds they are gone through (`enumeration`), else
    answers are diagrams, worked out when first asked for; so every method raises as
    `Model.evaluate` does.
    """

    def __init__(
        self,
        model: Model,
        names: tuple[str, ...],
        worlds: Callable[[], Worlds],
        enumeration: Enumeration[Answers] | None,
    ) -> None:
        self._model = model
        self.names = names
        self._make_worlds = worlds
        self._enumeration = enumeration
        self._places = {} if enumeration is None else enumeration.answers[0].places

    @cached_property
    def _worlds(self) -> Worlds:
        return self._make_worlds()

    def _distinct(self, key: str, read: Callable[[Answers], Any]) -> list[Any] | None:
        """Return what `read` finds in the worlds, each once; None where they do not say it.

        They are too many then, or the step `key` is not needed for what was asked.
        """
        if self._enumeration is None or key not in self._places:
            return None
        answers = self._enumeration.answers
        if len(answers) == 1:
            return [read(answers[0])]
        run = Run(self._model.limits)
        found: dict[Any, Any] = {}
        for answer in dict.fromkeys(answers):
            value = read(answer)
            found.setdefault(identity(run, value), value)
        return list(found.values())

    def values(self, name: str, entry: str | None = None) -> list[Any]:
        """Return every value that `name`, or its `entry`, can have, each once."""
        key = self._key(name)
        found = self._distinct(key, lambda answers: answers.value(key, entry))
        if found is None:
            found = values(self._node(name, entry))
        return [host.to_python(value) for value in found]

    def hits(self, name: str) -> list[tuple[str, ...]]:
        """Return every set of rules that can be hit in the decision `name`."""
        key = self._key(name)
        found = self._distinct(key, lambda answers: answers.hits(key))
        return values(with_room(lambda: self._worlds.hits(key))) if found is None else found

    def _key(self, name: str) -> str:
        return self._model.step(name).key

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
        if self._enumeration is None or self._key(name) not in self._places:
            return deciding(self._worlds.diagrams, self._worlds.unknowns, self._node(name, entry))
        run, key = Run(self._model.limits), self._key(name)
        unknowns = self._enumeration.unknowns
        found = [
            Deciding(unknowns[number].name, alone, settles)
            for number, alone, settles in self._enumeration.deciding(
                lambda answers: identity(run, answers.value(key, entry))
            )
        ]
        return sorted(found, key=lambda each: -each.settles)

    def _node(self, name: str, entry: str | None) -> Node:
        key = self._model.step(name).key
        node = with_room(lambda: self._worlds.answer(key))
        if entry is None:
            return node
        return self._worlds.diagrams.combine(
            (node,), lambda at, _: at[0].get(entry) if isinstance(at[0], dict) else None
        )
