"""What a graph of decisions can still answer when some inputs are unknown.

A *world* gives each unknown input one of its atoms. Instead of going through all worlds, every
decision's answer is kept as a diagram: a tree that branches on one unknown at a time, with
equal subtrees shared and branches that make no difference left out. So a diagram reads exactly
the unknowns that its answer still depends on, however many there are, and nothing is sampled.

A table is first reduced to which rules match: each column's cells are tested once per value
the column can have, and the sets of rules are joined column by column. The table itself is
then evaluated once for each set that is left, in one world of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

from pydmn.errors import ModelError
from pydmn.feel import text
from pydmn.plan.logic import Plan, Step, Table
from pydmn.run import Run


@dataclass(frozen=True, slots=True)
class Answer:
    """What one decision answers in one world: its value, and the ids of the rules hit."""

    value: Any
    hits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """What one column of a table tests: its value, and the mask of the rules that accept it."""

    value: Any
    mask: int


class Columns(Protocol):
    """A decision table column by column; see `pydmn.backends.to_python.columns`."""

    all_rules: int
    first_only: bool
    exact: bool
    concluding: frozenset[str]

    def __len__(self) -> int: ...

    def reads(self, position: int) -> frozenset[str]:
        """Return the keys that a column reads."""
        ...

    def tested(self, position: int, run: Run, values: Mapping[str, Any]) -> tuple[Any, int]:
        """Return a column's value, and the mask of the rules whose cell accepts it."""
        ...


class Evaluator(Protocol):
    """What runs a decision; a backend."""

    def value(self, step: Step, run: Run, values: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
        """Return the value of one step and the rules hit, given what it requires by key."""
        ...

    def columns(self, step: Step) -> Columns:
        """Return the columns of a step that is a table."""
        ...

    def expression(self, step: Step) -> Callable[[Run, Mapping[str, Any]], Any]:
        """Return the function that evaluates a step outside the plan."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """An answer that no unknown can change any more."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """An answer that depends on unknown number `unknown`: one node for each of its atoms."""

    unknown: int
    children: tuple[Node, ...]


Node: TypeAlias = Leaf | Branch
World: TypeAlias = dict[int, int]


@dataclass(frozen=True, slots=True)
class Deciding:
    """An unknown that matters: whether it alone decides, and in which share of its values."""

    name: str
    alone: bool
    settles: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """An input without a value: its key, its name, the atoms that stand for its values."""

    key: str
    name: str
    atoms: tuple[Any, ...]


def identity(run: Run, value: Any) -> Any:
    """Return what two equal values share, and nothing else can be equal to."""
    match value:
        case Answer():
            return (Answer, identity(run, value.value), value.hits)
        case Tested():
            return (Tested, identity(run, value.value), value.mask)
        case dict():
            return (dict, *((name, identity(run, each)) for name, each in value.items()))
        case list():
            return (list, *(identity(run, each) for each in value))
        case None | bool() | int() | str() | Decimal() | tuple():
            return (type(value), value)
    return text.literal(run, value)


class Diagrams:
    """Makes nodes, each once: two equal answers are one node, so `is` compares them."""

    def __init__(self, run: Run, identity_of: Callable[[Run, Any], Any] | None = None) -> None:
        self.run = run
        """What the work is charged to."""
        self._identity = identity_of or identity
        self._leaves: dict[Any, Leaf] = {}
        self._branches: dict[tuple[int, tuple[int, ...]], Branch] = {}

    def leaf(self, value: Any) -> Leaf:
        """Return the node of a value."""
        key = self._identity(self.run, value)
        node = self._leaves.get(key)
        if node is None:
            node = self._leaves[key] = Leaf(value)
        return node

    def branch(self, unknown: int, children: tuple[Node, ...]) -> Node:
        """Return the node that branches on `unknown`, or its child where all are the same."""
        first = children[0]
        if all(child is first for child in children):
            return first
        key = (unknown, tuple(map(id, children)))
        node = self._branches.get(key)
        if node is None:
            node = self._branches[key] = Branch(unknown, children)
        return node

    def combine(
        self,
        nodes: tuple[Node, ...],
        answer: Callable[[tuple[Any, ...], World], Any],
        settled: Callable[[tuple[Node, ...]], Any] | None = None,
        known: dict[tuple[int, ...], Node] | None = None,
    ) -> Node:
        """Return the diagram of `answer` of the values of `nodes`.

        `answer` gets the values and the world so far; `settled` may give the answer, not
        None, before all nodes are leaves. What is found is added to `known`, for the next time
        that the same is asked of these diagrams, or of parts of them.
        """
        known = {} if known is None else known
        world: World = {}

        def visit(at: tuple[Node, ...]) -> Node:
            key = tuple(map(id, at))
            found = known.get(key)
            if found is not None:
                return found
            self.run.charge(1)
            early = settled(at) if settled is not None else None
            if early is not None:
                found = self.leaf(early)
            else:
                unknown = min((each.unknown for each in at if isinstance(each, Branch)), default=-1)
                if unknown < 0:
                    values = tuple(each.value for each in at if isinstance(each, Leaf))
                    found = self.leaf(answer(values, world))
                else:
                    found = self.branch(unknown, tuple(children(at, unknown)))
            known[key] = found
            return found

        def children(at: tuple[Node, ...], unknown: int) -> Iterator[Node]:
            width = next(
                len(each.children)
                for each in at
                if isinstance(each, Branch) and each.unknown == unknown
            )
            for position in range(width):
                world[unknown] = position
                yield visit(tuple(_restricted(each, unknown, position) for each in at))
            del world[unknown]

        return visit(nodes)


def _restricted(node: Node, unknown: int, position: int) -> Node:
    if isinstance(node, Branch) and node.unknown == unknown:
        return node.children[position]
    return node


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
            accepted = self._accepted(columns, position, by_key)
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
        keys = dict.fromkeys(required.key for required in step.requirements)
        by_key = {each: self._nodes[each] for each in keys}
        return self._tested(self._evaluator.columns(step), position, by_key)

    def _accepted(self, columns: Columns, position: int, by_key: dict[str, Node]) -> Node:
        """Return the diagram of the rules that one column accepts."""
        tested = self._tested(columns, position, by_key)
        return self.diagrams.combine((tested,), lambda values, _: values[0].mask)

    def _tested(self, columns: Columns, position: int, by_key: dict[str, Node]) -> Node:
        read = [key for key in by_key if key in columns.reads(position)]
        return self.diagrams.combine(
            tuple(by_key[key] for key in read),
            lambda values, _: Tested(
                *columns.tested(position, self._run, dict(zip(read, values, strict=True)))
            ),
        )

    def _evaluate(self, step: Step, keys: list[str], values: tuple[Any, ...]) -> Answer:
        return Answer(*self._evaluator.value(step, self._run, dict(zip(keys, values, strict=True))))


def both(masks: tuple[Any, ...], _: World) -> int:
    """Return the rules that are in two masks."""
    return int(masks[0] & masks[1])


def neither(at: tuple[Node, ...]) -> int | None:
    """Return 0 as soon as one side accepts no rule: the other side no longer matters."""
    return 0 if any(isinstance(node, Leaf) and node.value == 0 for node in at) else None


def value_in(node: Node, world: World) -> Any:
    """Return the value of `node` in `world`; an unknown that is not in it has its first atom."""
    while isinstance(node, Branch):
        node = node.children[world.get(node.unknown, 0)]
    return node.value


def values(node: Node) -> list[Any]:
    """Return every value that `node` can have, each once, in the order of the atoms."""
    found: dict[int, Any] = {}
    seen: set[int] = set()
    stack: list[Node] = [node]
    while stack:
        each = stack.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, Leaf):
            found[id(each)] = each.value
        else:
            stack.extend(reversed(each.children))
    return list(found.values())


def support(node: Node) -> frozenset[int]:
    """Return the numbers of the unknowns that can still change the value of `node`."""
    found: set[int] = set()
    seen: set[int] = set()
    stack: list[Node] = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, Leaf) or id(each) in seen:
            continue
        seen.add(id(each))
        found.add(each.unknown)
        stack.extend(each.children)
    return frozenset(found)


def restricted(diagrams: Diagrams, node: Node, unknown: int, position: int) -> Node:
    """Return `node` in the worlds that give `unknown` its atom at `position`."""
    known: dict[int, Node] = {}

    def visit(each: Node) -> Node:
        if isinstance(each, Leaf) or each.unknown > unknown:
            return each
        if each.unknown == unknown:
            return each.children[position]
        found = known.get(id(each))
        if found is None:
            found = diagrams.branch(each.unknown, tuple(map(visit, each.children)))
            known[id(each)] = found
        return found

    return visit(node)


def deciding(diagrams: Diagrams, unknowns: Sequence[Unknown], node: Node) -> list[Deciding]:
    """Return the unknowns that can still change `node`, those that settle most first.

    Ties go by the order of the unknowns.
    """
    found = []
    for number in sorted(support(node)):
        unknown = unknowns[number]
        settled = [
            isinstance(restricted(diagrams, node, number, position), Leaf)
            for position in range(len(unknown.atoms))
        ]
        found.append(Deciding(unknown.name, all(settled), sum(settled) / len(settled)))
    return sorted(found, key=lambda each: -each.settles)
