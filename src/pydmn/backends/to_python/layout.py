"""Where values stand at run time: frames, slots, and the names that lead to them.

A *frame* is a list: slot 0 holds the `Run`, every other slot one variable. A compiled
expression is a function of a frame. Which slot a name means is settled when compiling,
but for the members of a filter's item: those are known only when the item is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from pydmn.feel import ast
from pydmn.feel.types import Type

Frame: TypeAlias = list[Any]
Compiled: TypeAlias = Callable[[Frame], Any]
Compile: TypeAlias = "Callable[[ast.Expression, Layout], Compiled]"
"""What compiles an expression: handed to what expressions and it need each other for."""

INPUT = "?"


@dataclass(slots=True)
class FrameSize:
    """How many slots the frame of one decision or function needs, counted while compiling.

    `read` are the slots that something compiled so far reads.
    """

    slots: int = 1
    read: set[int] = field(default_factory=set)

    def take(self) -> int:
        """Return a slot that nothing else uses."""
        self.slots += 1
        return self.slots - 1


@dataclass(frozen=True, slots=True)
class Binding:
    """A variable in a slot; without a name it is the item of a filter."""

    name: str | None
    slot: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The bindings in scope at one point of an expression, innermost last, and the types."""

    size: FrameSize
    bindings: tuple[Binding, ...] = ()
    types: Mapping[str, Type] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def bind(self, *names: str) -> tuple[Layout, list[int]]:
        """Return this layout with `names` bound to new slots, and the slots."""
        slots = [self.size.take() for _ in names]
        new = tuple(Binding(name, slot) for name, slot in zip(names, slots, strict=True))
        return replace(self, bindings=self.bindings + new), slots

    def bind_item(self) -> tuple[Layout, int]:
        """Return this layout inside a filter: `item` bound, its members in scope."""
        layout, (slot,) = self.bind("item")
        return replace(layout, bindings=(*layout.bindings, Binding(None, slot))), slot

    def find(self, name: str) -> tuple[list[int], int | None]:
        """Return the items that may have `name` as a member, innermost first, and its slot.

        The slot is None where no variable has that name.
        """
        items: list[int] = []
        for binding in reversed(self.bindings):
            if binding.name is None:
                items.append(binding.slot)
            elif binding.name == name:
                self.size.read.add(binding.slot)
                return items, binding.slot
        return items, None
