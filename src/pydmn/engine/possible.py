"""What some decisions of a model can still answer when inputs are unknown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydmn.engine.together import Stated
from pydmn.feel import host
from pydmn.plan.stack import with_room
from pydmn.run import Run
from pydmn.verify import deciding
from pydmn.verify.deciding import Deciding
from pydmn.verify.diagrams import Diagrams, Node, identity, values
from pydmn.verify.joint import Joint, Spread
from pydmn.verify.outcomes import Outcome, Row, Unknown
from pydmn.verify.spreads import Answer, Spreads
from pydmn.verify.worlds import Worlds

if TYPE_CHECKING:
    from pydmn.engine.model import Model


@dataclass(frozen=True, slots=True)
class DecidingSet:
    """Unknowns that can decide together, and in which share of the ways in which they may be."""

    names: tuple[str, ...]
    settles: float


class Possible:
    """What some decisions can still answer; see `Model.possible`.

    A value is in the host's types. Answers are sets of worlds, where these are not too many,
    else diagrams, worked out when first asked for; so every method raises as `Model.evaluate`
    does.
    """

    def __init__(
        self,
        model: Model,
        names: tuple[str, ...],
        unknowns: tuple[Unknown, ...],
        stated: Stated | None,
        spreads: Spreads | None,
        worlds: Callable[[], Worlds],
    ) -> None:
        self._model = model
        self.names = names
        self._unknowns = unknowns
        self._stated = stated
        self._spreads = spreads
        self._make_worlds = worlds

    @cached_property
    def _worlds(self) -> Worlds:
        return self._make_worlds()

    def _answer(self, key: str) -> Answer | Stated | None:
        """Return the answer of a step; `Stated` where it is certain, None where diagrams say it.

        They do with too many worlds, and for a step that is not needed for what was asked.
        """
        stated = self._stated
        if stated is None or not stated.has(key):
            return None
        return stated if self._spreads is None else self._spreads.answer(key) or stated

    def values(self, name: str, entry: str | None = None) -> list[Any]:
        """Return every value that `name`, or its `entry`, can have, each once."""
        key = self._key(name)
        answer = self._answer(key)
        if answer is None:
            found = values(self._node(name, entry)[1])
        elif type(answer) is Stated:
            found = [_entry(answer.value(key), entry)]
        else:
            run = Run(self._model.limits)
            distinct: dict[Any, Any] = {}
            for outcome in _outcomes(answer):
                value = _entry(outcome.value, entry)
                distinct.setdefault(identity(run, value), value)
            found = list(distinct.values())
        return [host.to_python(value) for value in found]

    def hits(self, name: str) -> list[tuple[str, ...]]:
        """Return every set of rules that can be hit in the decision `name`."""
        key = self._key(name)
        answer = self._answer(key)
        if answer is None:
            return values(with_room(lambda: self._worlds.hits(key)))
        if type(answer) is Stated:
            return [answer.hits(key)]
        return list(dict.fromkeys(outcome.hits for outcome in _outcomes(answer)))

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

    # --- what to ask next --------------------------------------------------------------

    def deciding(
        self, name: str, entry: str | None = None, unanswered: Collection[str] = ()
    ) -> list[Deciding]:
        """Return the unknowns that can still change `name`, those that settle most first.

        Whatever their values turn out to be, all of them together decide, and nothing less
        does: for each there are values of the others with which it changes the answer. An
        unknown settles in those of its values that leave one answer. Ties go by the order in
        which the unknowns were given.

        With some `unanswered`, whose values nobody will ever say, an unknown matters if what
        is certain whatever they are can still depend on it.
        """
        key = self._key(name)
        answer = None if unanswered else self._answer(key)
        if answer is None:
            found = self._deciding(name, entry, unanswered)
        elif type(answer) is Spread:
            names = {each.key: each.name for each in self._unknowns}
            found = [
                Deciding(names[each], alone, settles)
                for each, alone, settles in deciding.of_spread(
                    self._joint, answer, self._identity(entry)
                )
            ]
        elif type(answer) is Row and len(self.values(name, entry)) > 1:
            (number,) = self._numbers([answer.unknown])
            found = [Deciding(self._unknowns[number].name, True, 1.0)]
        else:
            found = []
        return sorted(found, key=lambda each: -each.settles)

    def next(
        self, name: str, entry: str | None = None, unanswered: Collection[str] = ()
    ) -> Deciding | None:
        """Return the unknown to ask for first: the first of `deciding`. None where none matters."""
        return next(iter(self.deciding(name, entry, unanswered)), None)

    def deciding_sets(self, name: str, entry: str | None = None) -> list[DecidingSet]:
        """Return the smallest sets of unknowns that can decide `name`, the smallest first.

        A set *can* decide if there are values of its unknowns that leave one answer, whatever
        the unknowns outside of it are; it is among the smallest if no part of it can. Which
        answers come decides how many have to be asked, so these sets are what an interview may
        end with. A set that decides for *all* values has every unknown that `deciding`
        names, and there is but one smallest. Sets of one size go by the share of their values
        that decide, then by the order of the unknowns. There are none where the answer is
        certain.

        Raises `LimitExceeded` where there are too many sets to go through.
        """
        diagrams, node = self._node(name, entry)
        return [
            DecidingSet(tuple(self._unknowns[number].name for number in sorted(each)), settles)
            for each, settles in with_room(lambda: deciding.deciding_sets(diagrams, node))
            if each
        ]

    def _deciding(
        self, name: str, entry: str | None, unanswered: Collection[str]
    ) -> list[Deciding]:
        never = [number for number, each in enumerate(self._unknowns) if each.name in unanswered]
        widths = [len(each.atoms) for each in self._unknowns]
        diagrams, whole = self._node(name, entry)
        node = with_room(lambda: deciding.projected(diagrams, whole, never))
        return [
            Deciding(self._unknowns[number].name, alone, settles)
            for number, alone, settles in deciding.of_node(diagrams, node, widths)
        ]

    # --- diagrams ----------------------------------------------------------------------

    @property
    def _joint(self) -> Joint:
        assert self._spreads is not None
        assert self._spreads.joint is not None
        return self._spreads.joint

    @cached_property
    def _diagrams(self) -> Diagrams:
        return Diagrams(Run(self._model.limits))

    def _numbers(self, keys: Iterable[str]) -> list[int]:
        """Return the numbers of unknowns, given by key."""
        numbers = {each.key: number for number, each in enumerate(self._unknowns)}
        return [numbers[key] for key in keys]

    def _identity(self, entry: str | None) -> Callable[[Outcome], Any]:
        run = Run(self._model.limits)
        return lambda outcome: identity(run, _entry(outcome.value, entry))

    def _node(self, name: str, entry: str | None) -> tuple[Diagrams, Node]:
        """Return the diagram of `name`, over the unknowns by number, and what made it."""
        key = self._key(name)
        answer = self._answer(key)
        if answer is None:
            whole = with_room(lambda: self._worlds.answer(key))
            diagrams = self._worlds.diagrams
            return diagrams, diagrams.combine((whole,), lambda at, _: _entry(at[0], entry))
        diagrams = self._diagrams

        def read(outcome: Outcome) -> Any:
            return _entry(outcome.value, entry)

        if type(answer) is Spread:
            joint = self._joint
            numbers = self._numbers(each.key for each in joint.unknowns)
            return diagrams, with_room(
                lambda: deciding.spread_node(diagrams, numbers, joint, answer, read)
            )
        if type(answer) is Row:
            (number,) = self._numbers([answer.unknown])
            return diagrams, deciding.row_node(diagrams, number, answer, read)
        value = answer.value(key) if type(answer) is Stated else answer.value
        return diagrams, diagrams.leaf(_entry(value, entry))


def _outcomes(answer: Answer) -> Iterable[Outcome]:
    """Return the outcomes of an answer, in the order of the worlds, perhaps more than once."""
    if type(answer) is Outcome:
        return (answer,)
    if type(answer) is Row:
        return answer.values
    assert type(answer) is Spread
    sets = answer.outcomes
    return sorted(sets, key=lambda outcome: sets[outcome] & -sets[outcome])


def _entry(value: Any, entry: str | None) -> Any:
    """Return an entry of a value, null where it is no context, or the value itself."""
    if entry is None:
        return value
    return value.get(entry) if isinstance(value, dict) else None
