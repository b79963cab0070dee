"""A graph of decisions cut into parts, for `pydmn.verify.outlook`.

A place is an input or a part; a part reads places before its own. A table is a part for each
column (which rules it accepts), for the columns up to each, and for what the rules conclude.
So a column that asks little of much (whether there is any diagnosis) lets little of it through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, Protocol, TypeAlias

from pydmn.errors import NotFinite
from pydmn.plan.logic import Plan, Step, Table
from pydmn.verify.classes import Judge
from pydmn.verify.collected import hits_all, is_null_for_none, is_only_compared_to_null
from pydmn.verify.diagrams import (
    Answer,
    Diagrams,
    Leaf,
    Memory,
    Node,
    World,
    leaves,
    value_in,
)
from pydmn.verify.evaluator import Columns, Evaluator
from pydmn.verify.outcomes import Unknown
from pydmn.verify.worlds import both, neither

Work: TypeAlias = Callable[[tuple[Node, ...]], Node]
"""Makes the diagram of a part of those that it reads, and those that it sees beside."""


class Backend(Evaluator, Judge, Protocol):
    """What runs decisions, and probes."""


@dataclass(frozen=True, eq=False)
class Part:
    """A piece of the work: its diagram hangs on what it `reads`, by their places.

    What it `sees` beside is what any question with the same reads has there. `known` are the
    numbers of the diagrams made so far, by those of what was read; `memory` is what
    `Diagrams.combine` has found on the way.
    """

    reads: tuple[int, ...]
    sees: tuple[int, ...]
    work: Work
    known: dict[int | tuple[int, ...], int] = field(default_factory=dict)
    memory: Memory = field(default_factory=dict)

    @cached_property
    def key(self) -> Callable[[Sequence[int]], int | tuple[int, ...]]:
        """What finds in `known` the number for those of all places; one read is its own key."""
        return itemgetter(*self.reads) if self.reads else lambda _: ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where the answers of a step stand: its values, and the rules hit, for a table.

    At `sure` stands of the rules hit what those that are hit for certain can be told by: they
    are in every set there. `given` is whether there is a value, for those who ask no more.
    """

    value: int
    hits: int | None = None
    sure: int | None = None
    given: int | None = None


class Builder:
    """Makes the parts of a graph, those first that others read."""

    def __init__(
        self,
        diagrams: Diagrams,
        plan: Plan,
        backend: Backend,
        inputs: Sequence[Step],
        fixed: Mapping[str, Any],
        unknowns: Iterable[Unknown],
        open_when: Mapping[str, Step],
    ) -> None:
        self._diagrams = diagrams
        self._plan = plan
        self._backend = backend
        self._fixed = fixed
        self._unknowns = {each.key: (number, each) for number, each in enumerate(unknowns)}
        self._open_when = open_when
        self._raw = {step.key: place for place, step in enumerate(inputs)}
        self.parts: list[Part] = []
        self.places: dict[str, Places] = {}
        self.beside = 0
        """The place from which on there are parts that no answer to a single question needs."""
        self._accepted: dict[str, list[tuple[int, int]]] = {}
        """The columns of a table that ask for anything, each with its place."""

    def build(self, asked: Iterable[str]) -> None:
        """Make the parts of what is `asked` and of all that it needs, without recursion.

        Raises `NotFinite` where something needs itself: decisions in a circle, or the
        condition on an unknown that is about what the unknown decides.
        """
        waiting = list(asked)
        begun: set[str] = set()
        while waiting:
            key = waiting[-1]
            if key in self.places:
                waiting.pop()
                continue
            missing = [each for each in self._needs(key) if each not in self.places]
            if not missing:
                self._make(self._plan.steps[key])
                waiting.pop()
            elif key in begun:
                message = f"`{self._plan.steps[key].name}` depends on itself"
                raise NotFinite(message)
            else:
                begun.add(key)
                waiting.extend(missing)
        self.beside = len(self._raw) + len(self.parts)
        for key in self._accepted:
            self._surely(self._plan.steps[key])

    def _needs(self, key: str) -> list[str]:
        step = self._plan.steps[key]
        if step.kind == "input":
            condition = self._open_when.get(step.name) if key in self._unknowns else None
            return [] if condition is None else [each.key for each in condition.requirements]
        return [each.key for each in step.requirements]

    def _part(
        self,
        reads: Iterable[int],
        work: Work,
        sees: Iterable[int] = (),
        memory: Memory | None = None,
    ) -> int:
        """Add a part, and return its place."""
        self.parts.append(
            Part(tuple(reads), tuple(sees), work, memory=memory if memory is not None else {})
        )
        return len(self._raw) + len(self.parts) - 1

    def _over(
        self,
        reads: Iterable[int],
        answer: Callable[[tuple[Any, ...], World], Any],
        settled: Callable[[tuple[Node, ...]], Any] | None = None,
    ) -> int:
        """Add the part that has `answer` of the values of what it reads; return its place."""
        memory: Memory = {}
        diagrams = self._diagrams
        return self._part(
            reads, lambda at: diagrams.combine(at, answer, settled, memory), memory=memory
        )

    def _make(self, step: Step) -> None:
        if step.kind == "input":
            self.places[step.key] = Places(self._input(step))
        elif isinstance(step.logic, Table):
            columns = self._backend.columns(step)
            read = self._read(step)
            answers = self._table(step, columns, read) if columns.exact else self._whole(step, read)
            value = self._over([answers], lambda at, _: at[0].value)
            hits = self._over([answers], lambda at, _: at[0].hits)
            self.places[step.key] = Places(value, hits, hits)
        else:
            self.places[step.key] = Places(self._logic(step, self._read(step)))

    def _read(self, step: Step) -> dict[str, int]:
        """Return the place of each step that a step requires, by its key.

        Of a decision that is only compared to null, its value is less than its answer.
        """
        found = {}
        for key in _keys(step):
            places = self.places[key]
            given = None
            if key in self._accepted and is_only_compared_to_null(key, step):
                given = self._given(self._plan.steps[key])
            found[key] = places.value if given is None else given
        return found

    # --- inputs ------------------------------------------------------------------------

    def _input(self, step: Step) -> int:
        """Return the place of an input's diagram: a leaf, or a branch where it is unknown."""
        if step.key in self._fixed:
            leaf = self._diagrams.leaf(self._fixed[step.key])
            return self._part((), lambda _: leaf)
        raw = self._raw[step.key]
        if step.key not in self._unknowns:
            return raw
        number, unknown = self._unknowns[step.key]
        diagrams = self._diagrams
        branch = diagrams.branch(number, tuple(map(diagrams.leaf, unknown.atoms)))

        def opened(node: Node) -> bool:
            return isinstance(node, Leaf) and node.value is unknown

        condition = self._open_when.get(step.name)
        if condition is None:
            return self._part([raw], lambda at: branch if opened(at[0]) else at[0])
        keys = _keys(condition)
        test = self._backend.expression(condition)
        holds = self._over(
            [self.places[key].value for key in keys],
            lambda at, _: test(diagrams.run, dict(zip(keys, at, strict=True))) is True,
        )

        def gate(at: tuple[Node, ...]) -> Node:
            if not opened(at[0]):
                return at[0]
            return diagrams.combine((at[1], branch), _where)

        return self._part([raw, holds], gate)

    # --- decisions ---------------------------------------------------------------------

    def _evaluated(self, step: Step, keys: Iterable[str], values: Iterable[Any]) -> Answer:
        given = dict(zip(keys, values, strict=True))
        return Answer(*self._backend.value(step, self._diagrams.run, given))

    def _whole(self, step: Step, read: Mapping[str, int]) -> int:
        return self._over(read.values(), lambda at, _: self._evaluated(step, read, at))

    def _logic(self, step: Step, read: Mapping[str, int]) -> int:
        return self._over(read.values(), lambda at, _: self._evaluated(step, read, at).value)

    def _table(self, step: Step, columns: Columns, read: Mapping[str, int]) -> int:
        assert isinstance(step.logic, Table)
        diagrams = self._diagrams
        accepted = [
            (position, self._column(columns, position, read))
            for position in range(len(columns))
            if not all(rule.cells[position].tests.any for rule in step.logic.rules)
        ]
        if accepted:
            matching = accepted[0][1]
            for _, place in accepted[1:]:
                matching = self._over([matching, place], both, neither)
            if hits_all(step.logic):
                self._accepted[step.key] = accepted
        else:
            every = diagrams.leaf(columns.all_rules)
            matching = self._part((), lambda _: every)
        if columns.first_only:
            matching = self._over([matching], lambda at, _: at[0] & -at[0])
        concluding = [place for key, place in read.items() if key in columns.concluding]
        size = 1 + len(concluding)
        memory: Memory = {}

        def conclude(at: tuple[Node, ...]) -> Node:
            def answer(_: tuple[Any, ...], world: World) -> Answer:
                return self._evaluated(step, read, [value_in(node, world) for node in at[size:]])

            return diagrams.combine(at[:size], answer, known=memory)

        return self._part([matching, *concluding], conclude, read.values(), memory)

    def _column(self, columns: Columns, position: int, read: Mapping[str, int]) -> int:
        reads = {key: place for key, place in read.items() if key in columns.reads(position)}
        diagrams = self._diagrams

        def accepted(values: tuple[Any, ...], _: World) -> int:
            given = dict(zip(reads, values, strict=True))
            return columns.tested(position, diagrams.run, given)[1]

        return self._over(reads.values(), accepted)

    # --- tables whose rules are all hit ------------------------------------------------

    def _given(self, step: Step) -> int | None:
        """Return where it stands whether a decision has a value; None where that is its answer.

        As soon as a rule matches whatever the other columns say, they are of no account.
        """
        places = self.places[step.key]
        if places.given is None and is_null_for_none(step):
            found = self._matched(step)
            given = self._over([found], lambda at, _: True if at[0] else None)
            self.places[step.key] = replace(places, given=given)
        return self.places[step.key].given

    def _matched(self, step: Step) -> int:
        """Return where it stands which rules can still match; in the end 0, or `_MATCHED`."""
        assert isinstance(step.logic, Table)
        accepted = self._accepted[step.key]
        every = self._diagrams.leaf((1 << len(step.logic.rules)) - 1)
        found = self._part((), lambda _: every)
        for number, (_, place) in enumerate(accepted, 1):
            later = [position for position, _ in accepted[number:]]
            done = 0
            for rule, each in enumerate(step.logic.rules):
                if all(each.cells[position].tests.any for position in later):
                    done |= 1 << rule

            def left(at: tuple[Any, ...], _: World, done: int = done) -> int:
                rules: int = at[0] & at[1]
                return _MATCHED if rules & done else rules

            found = self._over([found, place], left, _settled)
        return found

    def _surely(self, step: Step) -> None:
        """Add the rules of a table that are hit for certain: each cell accepts for certain."""
        assert isinstance(step.logic, Table)
        ids = [rule.id for rule in step.logic.rules]
        diagrams = self._diagrams

        def certain(at: tuple[Node, ...]) -> Node:
            rules = -1
            for leaf in leaves(at[0]):
                rules &= leaf.value
            return diagrams.leaf(rules)

        found: int | None = None
        for _, place in self._accepted[step.key]:
            rules = self._part([place], certain)
            found = rules if found is None else self._over([found, rules], both, neither)
        assert found is not None
        sure = self._over(
            [found], lambda at, _: tuple([id_ for bit, id_ in enumerate(ids) if at[0] >> bit & 1])
        )
        self.places[step.key] = replace(self.places[step.key], sure=sure)


_MATCHED: Final = -1
"""A rule matches, whatever the columns still to come say."""


def _settled(at: tuple[Node, ...]) -> int | None:
    """Return what the columns so far say as soon as this one has no say in it."""
    if type(at[0]) is Leaf and at[0].value == _MATCHED:
        return _MATCHED
    return neither(at)


def _keys(step: Step) -> tuple[str, ...]:
    """Return the keys of what a step requires, each once."""
    return tuple(dict.fromkeys(each.key for each in step.requirements))


def _where(at: tuple[Any, ...], _: World) -> Any:
    """Return the second value where the first holds."""
    return at[1] if at[0] else None
