"""The engine, asked what operations make of values: so they mean here what they mean there."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.types import Type
from pydmn.plan.logic import ANYTHING, Feel, Item, Requirement, Step
from pydmn.run import Run
from pydmn.source import Source
from pydmn.verify.evaluator import Evaluator
from pydmn.verify.graph.symbols import Count

Values: TypeAlias = Mapping[str, Any]
Compiled: TypeAlias = Callable[[Values], Any]

_INPUT = "?"
_LONGEST = 1_000
"""Against no greater number the length of a list is compared."""


class Engine:
    """Works out nodes for FEEL values by name.

    `types` are those that texts may name, `place` is where these stand.
    """

    def __init__(self, evaluator: Evaluator, run: Run, types: Mapping[str, Type]) -> None:
        self.place = Source("")
        self.run = run
        self.types = types
        self._evaluator = evaluator
        self._compiled: dict[Hashable, Compiled] = {}

    def refused(self, why: str) -> NotDecided:
        """Return an error that says why, and where."""
        return NotDecided(f"{self.place.where}: {why}")

    def evaluated(self, node: ast.Expression, values: Values) -> Any:
        """Return what the engine makes of a node whose names have these FEEL values."""
        return self.function(node, tuple(values))(values)

    def as_item(self, value: Any, item: Item) -> Any:
        """Return what is left of a value that is to be an `item`."""
        step = self._step(ast.Name(_INPUT), (_INPUT,), item)
        return self._evaluator.expression(step)(self.run, {_INPUT: value})

    def answer(self, node: ast.Expression, function: Compiled, values: Values) -> Any:
        """Return what a node's function gives, where some values may be the lengths of lists.

        Raises `NotDecided`.
        """
        lengths = [name for name, value in values.items() if isinstance(value, Count)]
        if not lengths:
            return function(values)
        # From the greatest number that is named on, every length is like every other.
        named = [each.value for each in ast.walk(node) if isinstance(each, ast.NumberLiteral)]
        compared = isinstance(node, ast.Comparison | ast.Between | ast.In)
        if len(lengths) > 1 or not compared or max(named, default=Decimal(0)) > _LONGEST:
            raise self.refused("the length of a list is used otherwise than against a number")
        most = int(max([Decimal(0), *named])) + 2
        answers = [
            function({**values, lengths[0]: Decimal(length)}) for length in range(1, most + 1)
        ]
        if any(answer is not answers[0] for answer in answers):
            why = "it asks for more of a list's length than whether there is an element"
            raise self.refused(why)
        return answers[0]

    def function(self, node: ast.Expression, names: tuple[str, ...]) -> Compiled:
        """Return a node as a function of values by these names."""
        # Equal trees may differ in the places of a number: `1` and `1.0`.
        digits = tuple(
            str(each.value) for each in ast.walk(node) if isinstance(each, ast.NumberLiteral)
        )
        key = (node, names, digits)
        found = self._compiled.get(key)
        if found is None:
            compiled = self._evaluator.expression(self._step(node, names, ANYTHING))
            found = self._compiled[key] = lambda values: compiled(self.run, values)
        return found

    def _step(self, node: ast.Expression, names: tuple[str, ...], item: Item) -> Step:
        """Return an element beside the plan that works out `node` from values by name."""
        return Step(
            "operation", "operation", "decision", self.place, item, Feel(node, self.place),
            tuple(Requirement(name, name) for name in names), types=self.types,
        )  # fmt: skip
