"""Decisions of two versions that say the same, and so do all that they hang on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydmn.feel import ast
from pydmn.plan.logic import Cell, Feel, Item, Plan, Rule, Step
from pydmn.source import Source
from pydmn.verify.changes.matching import asked_of


class Twins:
    """Says which elements of two plans are the same; inputs are by `names`, by key."""

    def __init__(
        self, old: Plan, new: Plan, old_names: Mapping[str, str], new_names: Mapping[str, str]
    ) -> None:
        self._old, self._new = old, new
        self._names = old_names, new_names
        self._known: dict[tuple[str, str], bool] = {}

    def alike(self, old: str, new: str) -> bool:
        """Say whether two elements, by their keys, answer the same to all inputs."""
        found = self._known.get((old, new))
        if found is None:
            # What hangs on itself is no decision that runs.
            self._known[old, new] = False
            found = self._known[old, new] = self._alike(self._old.steps[old], self._new.steps[new])
        return found

    def _alike(self, old: Step, new: Step) -> bool:
        if old.kind != new.kind or asked_of(old.item) != asked_of(new.item):
            return False
        if old.kind == "input":
            mine, its = self._names[0].get(old.key), self._names[1].get(new.key)
            return mine is not None and mine == its
        if old.kind == "service" or not same(old.logic, new.logic):
            return False
        if not types_alike(old, new):
            return False
        if not types_alike(old, new):
            return False
        mine_, its_ = (
            {(each.name, each.package): each.key for each in step.requirements}
            for step in (old, new)
        )
        return mine_.keys() == its_.keys() and all(
            self.alike(key, its_[name]) for name, key in mine_.items()
        )

    def frontier(self, old: str, new: str) -> dict[str, tuple[Step, Step]]:
        """Return the decisions that are the same in both and that others, which are not, read.

        They go by name; those of a name that is not the only one are left out.
        """
        found: dict[str, tuple[Step, Step]] = {}
        seen: set[tuple[str, str]] = set()
        waiting = [(old, new)]
        while waiting:
            pair = waiting.pop()
            if pair in seen:
                continue
            seen.add(pair)
            mine, its = self._old.steps[pair[0]], self._new.steps[pair[1]]
            keys = {(each.name, each.package): each.key for each in its.requirements}
            for each in mine.requirements:
                key = keys.get((each.name, each.package))
                if key is None or self._old.steps[each.key].kind != "decision":
                    continue
                if self.alike(each.key, key):
                    steps = self._old.steps[each.key], self._new.steps[key]
                    found.setdefault(steps[0].name, steps)
                elif self._new.steps[key].kind == "decision":
                    waiting.append((each.key, key))
        return found


def types_alike(old: Step, new: Step) -> bool:
    """Say whether the types that the texts of an element name are the same in both versions."""
    return old.types == new.types or all(
        old.types.get(name) == new.types.get(name)
        for step in (old, new)
        for name in _types_named(step.logic)
    )


def _types_named(part: Any) -> Iterator[str]:
    """Yield the names of the types that texts mention."""
    match part:
        case ast.NamedType(name):
            yield name
        case Source():
            pass
        case tuple():
            for each in part:
                yield from _types_named(each)
        case _ if is_dataclass(part):
            for each in fields(part):
                yield from _types_named(getattr(part, each.name))


def same(one: Any, other: Any) -> bool:
    """Say whether two parts of a plan say the same, wherever they stand."""
    if type(one) is not type(other):
        return False
    match one:
        case Source():
            return True
        case Item():
            return asked_of(one) == asked_of(other)
        case Cell():
            return bool(one.tests == other.tests)
        case Feel():
            return bool(one.node == other.node) and asked_of(one.item) == asked_of(other.item)
        case Rule():
            return same(one.cells, other.cells) and same(one.outputs, other.outputs)
        case tuple():
            return len(one) == len(other) and all(map(same, one, other))
    if is_dataclass(one):
        names = [each.name for each in fields(one) if each.name != "id"]
        return all(same(getattr(one, name), getattr(other, name)) for name in names)
    return bool(one == other)
