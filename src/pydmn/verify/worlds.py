"""What a graph of decisions can still answer when some inputs are unknown.

Instead of going through all worlds, every decision's answer is kept as a diagram
(`pydmn.verify.diagrams`): exact, however many unknowns there are, and nothing is sampled.

A table is first reduced to which rules match: each column's cells are tested once per value
the column can have, and the sets of rules are joined column by column. The table itself is
then evaluated once for each set that is left, in one world of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydmn.errors import ModelError
from pydmn.plan.logic import Plan, Step, Table
from pydmn.run import Run
from pydmn.verify.diagrams import Answer, Diagrams, Leaf, Node, Tested, World, value_in
from pydmn.verify.evaluator import Columns, Evaluator
from pydmn.verify.outcomes import Unknown


class Worlds:
    """The answers of a plan's decisions over all worlds.

    `known` has inputs by key, as FEEL values; an input that is neither there nor among
    `unknowns` is null. An unknown with a condition in `open_when`, by name, is open only
    in the worlds where that FEEL condition holds, and null elsewhere.
    """

    def __init__(
        self,
        plan: Plan,
        evaluator: Evaluator,
        known: Mapping[str, Any],
        unknowns: Iterable[Unknown],
        open_when: Mapping[str, Step],
        run: Run,
    ) -> None:
        self._plan = plan
        self._evaluator = evaluator
        self._known = known
        self.unknowns = tuple(unknowns)
        self._numbers = {each.key: number for number, each in enumerate(self.unknowns)}
        self._open_when = open_when
        self._run = run
        self.diagrams = Diagrams(run)
        self._nodes: dict[str, Node] = {}
        self._hits: dict[str, Node] = {}
        self._columns: dict[tuple[str, int], Node] = {}

    def answer(self, key: str) -> Node:
        """Return the diagram of the value of `key`."""
        self._work_out(key)
        return self._nodes[key]

    def hits(self, key: str) -> Node:
        """Return the diagram of the rules hit in the decision `key`: tuples of ids."""
        self._work_out(key)
        return self._hits[key]

    def _work_out(self, key: str) -> None:
        """Make the diagrams of `key` and of all it needs, the needed first.

        Raises `ModelError` where something needs itself: decisions in a circle, or the
        condition on an unknown that is about what the unknown decides.
        """
        waiting = [key]
        begun: set[str] = set()
        while waiting:
            each = waiting[-1]
            if each in self._nodes:
                waiting.pop()
                continue
            missing = [need for need in self._needs(each) if need not in self._nodes]
            if missing:
                if each in begun:
                    message = f"`{self._plan.steps[each].name}` depends on itself"
                    raise ModelError(message)
                begun.add(each)
                waiting.extend(missing)
                continue
            self._nodes[each], self._hits[each] = self._step(self._plan.steps[each])
            waiting.pop()

    def _needs(self, key: str) -> list[str]:
        step = self._plan.steps[key]
        condition = self._open_when.get(step.name)
        if step.kind == "input" and key in self._numbers and condition is not None:
            return [required.key for required in condition.requirements]
        return [required.key for required in step.requirements]

    def _step(self, step: Step) -> tuple[Node, Node]:
        none = self.diagrams.leaf(())
        if step.kind == "input":
            return self._input(step), none
        keys = list(dict.fromkeys(required.key for required in step.requirements))
        nodes = [self._nodes[key] for key in keys]
        values = [node.value for node in nodes if isinstance(node, Leaf)]
        if len(values) == len(nodes):
            only = self._evaluate(step, keys, tuple(values))
            return self.diagrams.leaf(only.value), self.diagrams.leaf(only.hits)
        if isinstance(step.logic, Table):
            columns = self._evaluator.columns(step)
            if columns.exact:
                return self._table(step, columns, keys, nodes)
        answers = self.diagrams.combine(
            tuple(nodes), lambda values, _: self._evaluate(step, keys, values)
        )
        return self._split(answers)

    def _split(self, answers: Node) -> tuple[Node, Node]:
        """Return the diagrams of the values and of the hits."""
        return (
            self.diagrams.combine((answers,), lambda values, _: values[0].value),
            self.diagrams.combine((answers,), lambda values, _: values[0].hits),
        )

    def _input(self, step: Step) -> Node:
        number = self._numbers.get(step.key)
        if number is None:
            return self.diagrams.leaf(self._known.get(step.key))
        atoms = self.unknowns[number].atoms
        open_ = self.diagrams.branch(number, tuple(self.diagrams.leaf(atom) for atom in atoms))
        condition = self._open_when.get(step.name)
        if condition is None:
            return open_
        keys = [required.key for required in condition.requirements]
        test = self._evaluator.expression(condition)
        holds = self.diagrams.combine(
            tuple(self._nodes[key] for key in keys),
            lambda values, _: test(self._run, dict(zip(keys, values, strict=True))) is True,
        )
        return self.diagrams.combine(
            (holds, open_), lambda values, _: values[1] if values[0] else None
        )

    def _table(
        self, step: Step, columns: Columns, keys: list[str], nodes: list[Node]
    ) -> tuple[Node, Node]:
        by_key = dict(zip(keys, nodes, strict=True))
        matching: Node = self.diagrams.leaf(columns.all_rules)
        for position in range(len(columns)):
            accepted = self._accepted(step, columns, position, by_key)
            matching = self.diagrams.combine((matching, accepted), both, neither)
        if columns.first_only:
            matching = self.diagrams.combine((matching,), lambda at, _: at[0] & -at[0])
        concluding = [by_key[key] for key in keys if key in columns.concluding]
        answers = self.diagrams.combine(
            (matching, *concluding),
            lambda _, world: self._evaluate(
                step, keys, tuple(value_in(node, world) for node in nodes)
            ),
        )
        return self._split(answers)

    def column(self, key: str, position: int) -> Node:
        """Return the diagram of one column of the table `key`: its `Tested` values."""
        self._work_out(key)
        step = self._plan.steps[key]
        by_key = {each.key: self._nodes[each.key] for each in step.requirements}
        return self._tested(step, self._evaluator.columns(step), position, by_key)

    def _accepted(
        self, step: Step, columns: Columns, position: int, by_key: dict[str, Node]
    ) -> Node:
        """Return the diagram of the rules that one column accepts."""
        tested = self._tested(step, columns, position, by_key)
        return self.diagrams.combine((tested,), lambda values, _: values[0].mask)

    def _tested(self, step: Step, columns: Columns, position: int, by_key: dict[str, Node]) -> Node:
        found = self._columns.get((step.key, position))
        if found is None:
            read = [key for key in by_key if key in columns.reads(position)]
            found = self._columns[step.key, position] = self.diagrams.combine(
                tuple(by_key[key] for key in read),
                lambda values, _: Tested(
                    *columns.tested(position, self._run, dict(zip(read, values, strict=True)))
                ),
            )
        return found

    def _evaluate(self, step: Step, keys: list[str], values: tuple[Any, ...]) -> Answer:
        return Answer(*self._evaluator.value(step, self._run, dict(zip(keys, values, strict=True))))


def both(masks: tuple[Any, ...], _: World) -> int:
    """Return the rules that are in two masks."""
    return int(masks[0] & masks[1])


def neither(at: tuple[Node, ...]) -> int | None:
    """Return 0 as soon as one side accepts no rule: the other side no longer matters."""
    for node in at:
        if type(node) is Leaf and node.value == 0:
            return 0
    return None
