"""The steps of a graph, in order, as functions of what they read: what no request changes.

A table is its columns, each of which says which rules accept what it reads, and its answer for
each set of rules. Any other step is one function of all that it requires.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, final

from pydmn.plan.logic import Step, Table
from pydmn.run import Run
from pydmn.verify.diagrams import identity
from pydmn.verify.evaluator import Columns, Evaluator
from pydmn.verify.outcomes import Function, Outcome, keep

NewRun: TypeAlias = Callable[[], Run]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a table: the rules that ask anything of it, and those that accept."""

    asks: int
    accepts: Function[int]


class Outcomes:
    """The outcomes of one step, each made once."""

    __slots__ = ("_new_run", "_outcomes")

    def __init__(self, new_run: NewRun) -> None:
        self._new_run = new_run
        self._outcomes: dict[Any, Outcome] = {}

    def of(self, value: Any, hits: tuple[str, ...] = ()) -> Outcome:
        """Return the outcome with a value and rules hit."""
        plain = type(value) is str or value is None
        key = (value if plain else identity(self._new_run(), value)), hits
        found = self._outcomes.get(key)
        if found is None:
            found = Outcome(value, hits)
            keep(self._outcomes, key, found)
        return found


@final
@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """Stands for what the step `key` answers, until several unknowns are looked at together."""

    key: str


@final
@dataclass(frozen=True, slots=True, eq=False)
class PlainStep:
    """A step whose answer is a function of all that it requires.

    `known` is what it is known to be, by what it requires, in the order of `requires`.
    """

    key: str
    requires: tuple[str, ...]
    later: Later
    answer: Function[Outcome]
    known: dict[Any, Any] = field(default_factory=dict)


@final
@dataclass(frozen=True, slots=True, eq=False)
class TableStep:
    """A table whose answer depends on which rules match and on what `concluding` steps say.

    `concluded` has the answers known so far, by both; `known` is as for a `PlainStep`.
    """

    key: str
    requires: tuple[str, ...]
    later: Later
    columns: tuple[Column, ...]
    all_rules: int
    first_only: bool
    concluding: tuple[str, ...]
    evaluate: Callable[[Mapping[str, Any]], Outcome]
    concluded: dict[tuple[Any, ...], Outcome] = field(default_factory=dict)
    known: dict[Any, Any] = field(default_factory=dict)

    def left(self, rules: int, asked: int) -> int:
        """Return those of the matching `rules` that can still tell, before `asked` are."""
        if not self.first_only:
            return rules
        sure = rules & ~asked
        lowest = sure & -sure
        return rules & (lowest | lowest - 1) if lowest else rules

    def told(self, rules: int) -> int:
        """Return those of the matching `rules` that make the answer, as far as masks tell."""
        return rules & -rules if self.first_only else rules

    def answer(
        self, rules: int, concluding: tuple[Outcome, ...], world: Callable[[], Mapping[str, Any]]
    ) -> Outcome:
        """Return the answer where `rules` match; `world` gives what is required in one such."""
        key = (rules, *concluding)
        found = self.concluded.get(key)
        if found is None:
            found = self.evaluate(world())
            keep(self.concluded, key, found)
        return found


@final
@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """An input that is open only where a condition holds, and null elsewhere."""

    key: str
    later: Later
    holds: Function[bool]


Place: TypeAlias = Gate | PlainStep | TableStep


class Course:
    """Steps in an order in which they can be worked out, gates among them.

    `steps` are in such an order but for the gates; `conditions` are the steps that open an
    unknown input, by its key. Where all steps are pure, what is worked out is kept.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        conditions: Mapping[str, Step],
        evaluator: Evaluator,
        new_run: NewRun,
    ) -> None:
        self._evaluator = evaluator
        self._new_run = new_run
        self.outcomes = {step.key: Outcomes(new_run) for step in steps}
        self.places: tuple[Place, ...] = tuple(self._places(steps, conditions))

    def _places(self, steps: Sequence[Step], conditions: Mapping[str, Step]) -> Iterator[Place]:
        """Yield the places, a gate as soon as what its condition reads is there."""
        gates = {key: (step, _required(step)) for key, step in conditions.items()}
        waiting = {step.key for step in steps} | set(gates)
        pending = list(steps)
        while pending or gates:
            ready = [key for key, (_, reads) in gates.items() if not waiting.intersection(reads)]
            for key in ready:
                step, reads = gates.pop(key)
                waiting.discard(key)
                yield Gate(key, Later(key), self._condition(step, reads))
            found = [each for each in pending if not waiting.intersection(_required(each))][:1]
            if not (ready or found):
                raise CourseError
            for each in found:
                pending.remove(each)
                waiting.discard(each.key)
                yield self._step(each)

    def _condition(self, step: Step, reads: tuple[str, ...]) -> Function[bool]:
        test = self._evaluator.expression(step)
        return Function(reads, lambda values: test(self._new_run(), values) is True)

    def _step(self, step: Step) -> Place:
        requires = _required(step)
        outcomes = self.outcomes[step.key]

        def evaluate(values: Mapping[str, Any]) -> Outcome:
            return outcomes.of(*self._evaluator.value(step, self._new_run(), values))

        if isinstance(step.logic, Table):
            columns = self._evaluator.columns(step)
            if columns.exact:
                return TableStep(
                    step.key,
                    requires,
                    Later(step.key),
                    tuple(self._columns(step.logic, columns, requires)),
                    columns.all_rules,
                    columns.first_only,
                    tuple(key for key in requires if key in columns.concluding),
                    evaluate,
                )
        return PlainStep(step.key, requires, Later(step.key), Function(requires, evaluate))

    def _columns(
        self, table: Table, columns: Columns, requires: tuple[str, ...]
    ) -> Iterator[Column]:
        for position in range(len(columns)):
            rules = enumerate(table.rules)
            asks = sum(1 << number for number, rule in rules if not rule.cells[position].tests.any)
            reads = tuple(key for key in requires if key in columns.reads(position))
            yield Column(asks, Function(reads, self._tested(columns, position)))

    def _tested(self, columns: Columns, position: int) -> Callable[[Mapping[str, Any]], int]:
        return lambda values: columns.tested(position, self._new_run(), values)[1]


class CourseError(Exception):
    """Something needs itself: there is no order."""


def _required(step: Step) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.key for each in step.requirements))
