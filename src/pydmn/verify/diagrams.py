"""Diagrams: what an answer is in every world, each thing that it can be once.

A *world* gives each unknown input one of its atoms. A diagram is a tree that branches on one
unknown at a time, with equal subtrees shared and branches that make no difference left out. So
it reads exactly the unknowns that its answer still depends on, however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any, TypeAlias, cast

from pydmn.feel import text
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
Memory: TypeAlias = dict[tuple[Node, ...], Node]
"""What became of some nodes."""


def identity(run: Run, value: Any) -> Any:
    """Return what two equal values share, and nothing else can be equal to."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return kind, value
    match value:
        case Answer():
            return (Answer, identity(run, value.value), value.hits)
        case Tested():
            return (Tested, identity(run, value.value), value.mask)
        case dict():
            return (dict, *((name, identity(run, each)) for name, each in value.items()))
        case list():
            return (list, *(identity(run, each) for each in value))
        case int() | Decimal() | tuple():
            return kind, value
    return text.literal(run, value)


class Diagrams:
    """Makes nodes, each once: two equal answers are one node, so `is` compares them."""

    def __init__(self, run: Run, identity_of: Callable[[Run, Any], Any] | None = None) -> None:
        self.run = run
        """What the work is charged to."""
        self._identity = identity_of or identity
        self._leaves: dict[Any, Leaf] = {}
        self._branches: dict[tuple[int, tuple[Node, ...]], Branch] = {}

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
        for child in children:
            if child is not first:
                break
        else:
            return first
        key = (unknown, children)
        node = self._branches.get(key)
        if node is None:
            node = self._branches[key] = Branch(unknown, children)
        return node

    def combine(
        self,
        nodes: tuple[Node, ...],
        answer: Callable[[tuple[Any, ...], World], Any],
        settled: Callable[[tuple[Node, ...]], Any] | None = None,
        known: Memory | None = None,
    ) -> Node:
        """Return the diagram of `answer` of the values of `nodes`.

        `answer` gets the values and the world so far; `settled` may give the answer, not
        None, before all nodes are leaves. What is found is added to `known`, for the next time
        that the same is asked of these diagrams, or of parts of them.
        """
        known = {} if known is None else known
        world: World = {}

        def visit(at: tuple[Node, ...]) -> Node:
            self.run.charge(1)
            early = settled(at) if settled is not None else None
            if early is not None:
                found: Node = self.leaf(early)
            else:
                unknown = _first_unknown(at)
                if unknown is None:
                    found = self.leaf(answer(tuple([value_in(each, world) for each in at]), world))
                else:
                    found = self.branch(unknown, children(at, unknown))
            known[at] = found
            return found

        def children(at: tuple[Node, ...], unknown: int) -> tuple[Node, ...]:
            each_at = list(zip(*[_children(each, unknown) for each in at], strict=False))
            found = tuple(map(known.get, each_at))
            if all(found):
                return cast("tuple[Node, ...]", found)
            made: list[Node] = []
            for position, (within, child) in enumerate(zip(each_at, found, strict=True)):
                world[unknown] = position
                made.append(child or known.get(within) or visit(within))
            del world[unknown]
            return tuple(made)

        return known.get(nodes) or visit(nodes)


def _first_unknown(nodes: tuple[Node, ...]) -> int | None:
    """Return the first unknown on which any of `nodes` branches."""
    first: int | None = None
    for each in nodes:
        if type(each) is Branch and (first is None or each.unknown < first):
            first = each.unknown
    return first


def _children(node: Node, unknown: int) -> Iterable[Node]:
    """Return what is left of `node` for each atom of `unknown`; itself, over and over, if all."""
    if type(node) is Branch and node.unknown == unknown:
        return node.children
    return repeat(node)


def value_in(node: Node, world: World) -> Any:
    """Return the value of `node` in `world`; an unknown that is not in it has its first atom."""
    while isinstance(node, Branch):
        node = node.children[world.get(node.unknown, 0)]
    return node.value


def leaves(node: Node) -> list[Leaf]:
    """Return every leaf of `node`, each once, in the order of the atoms."""
    found: list[Leaf] = []
    seen: set[Node] = set()
    stack: list[Node] = [node]
    while stack:
        each = stack.pop()
        if each in seen:
            continue
        seen.add(each)
        if isinstance(each, Leaf):
            found.append(each)
        else:
            stack.extend(reversed(each.children))
    return found


def values(node: Node) -> list[Any]:
    """Return every value that `node` can have, each once, in the order of the atoms."""
    return [leaf.value for leaf in leaves(node)]


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
