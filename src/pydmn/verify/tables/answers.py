"""What sets of rules answer, as far as two answers can be told apart or are surely the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, Protocol

from pydmn.feel import ast
from pydmn.feel.builtins import NAMES
from pydmn.model.expressions import Aggregation, HitPolicy
from pydmn.plan.logic import Cell, Feel, Logic, Table
from pydmn.plan.view import NOT_CONSTANT, constant
from pydmn.verify.tables.axes import bits


class Concluding(Protocol):
    """What the engine says of a table whose outputs are constants."""

    def accepts(self, cell: Cell) -> Callable[[Any], bool]:
        """Return what says whether a cell accepts a value."""
        ...

    def answered(self, mask: int) -> Any:
        """Return the answer when the rules of `mask` match, by the hit policy."""
        ...

    def concluded(self, number: int) -> Any:
        """Return what one rule concludes: its output, or a context of all."""
        ...

    def identity(self, value: Any) -> Hashable:
        """Return what equal values share, and no others."""
        ...


class Answers:
    """The answers of one table, by the mask of the rules that match.

    `exact` where every output and default is a constant, so that different answers have
    different keys. Otherwise equal keys are equal answers, and unequal ones may be.
    """

    def __init__(self, table: Table, engine: Concluding) -> None:
        self._table = table
        self._engine = engine
        self._defaults = [column.default for column in table.outputs]
        self._plain = [all(is_fixed(output) for output in rule.outputs) for rule in table.rules]
        self.exact = all(self._plain) and all(
            default is None or is_fixed(default) for default in self._defaults
        )
        known: dict[Hashable, int] = {}
        raw = [tuple(map(_written, rule.outputs)) for rule in table.rules]
        self._like = [known.setdefault(each, number) for number, each in enumerate(raw)]
        """For each rule the first that is written alike."""
        alike = set(self._like)
        alone = {n: self._alone(n, raw[n]) for n in alike}
        self.keys: list[Hashable] = [alone[n] for n in self._like]
        """For each rule what it answers when it alone matches."""
        self.ranks = self._ranks()
        self._known: dict[int, Hashable] = {}

    def _alone(self, number: int, raw: Hashable) -> Hashable:
        if not self._plain[number]:
            return raw
        return self._engine.identity(self._engine.answered(1 << number))

    @property
    def defaulted(self) -> bool:
        """Whether there is an answer when no rule matches."""
        return self._table.aggregation is Aggregation.COUNT or all(
            default is not None for default in self._defaults
        )

    @property
    def plain(self) -> bool:
        """Whether what every rule concludes is a constant."""
        return all(self._plain)

    def default(self, place: int) -> Any:
        """Return what an output is when no rule matches, if its default is a constant."""
        answer = self._engine.answered(0)
        return answer if len(self._table.outputs) == 1 else answer[self._table.outputs[place].name]

    def outputs(self, number: int) -> tuple[Any, ...]:
        """Return what a rule that is plain concludes, a value for each output."""
        concluded = self._engine.concluded(self._like[number])
        if len(self._table.outputs) == 1:
            return (concluded,)
        return tuple(concluded[column.name] for column in self._table.outputs)

    def of(self, mask: int) -> Hashable:
        """Return the key of the answer when the rules of `mask` match."""
        policy = self._table.hit_policy
        if mask and self.ranks is not None:
            return self.keys[self.winner(mask)]
        if mask and policy is HitPolicy.UNIQUE:
            return self._none if mask & (mask - 1) else self.keys[mask.bit_length() - 1]
        if mask and policy is HitPolicy.ANY:
            keys = frozenset(self.keys[number] for number in bits(mask))
            if len(keys) == 1:
                return next(iter(keys))
            return self._none if all(self._plain) else keys
        known = self._known.get(mask)
        if known is None:
            known = self._known[mask] = self._engine_key(mask)
        return known

    def _engine_key(self, mask: int) -> Hashable:
        if self.exact:
            return self._engine.identity(self._engine.answered(mask))
        if not mask:
            return ("default", *(_written(each) for each in self._defaults if each is not None))
        return tuple(self.keys[number] for number in bits(mask))

    @property
    def _none(self) -> Hashable:
        return self._engine.identity(None)

    # --- who stands in front -----------------------------------------------------------

    def _ranks(self) -> list[tuple[int, ...]] | None:
        """Return what orders the rules, the one that wins first; None where nothing does."""
        table = self._table
        if table.hit_policy is HitPolicy.FIRST:
            return [(number,) for number in range(len(table.rules))]
        if table.hit_policy is not HitPolicy.PRIORITY or not all(self._plain):
            return None
        orders = [
            [
                self._engine.accepts(Cell(ast.UnaryTests((test.node,)), test.source))
                for test in column.order
            ]
            for column in table.outputs
        ]
        known = {
            number: tuple(
                next((place for place, test in enumerate(order) if test(value)), len(order))
                for value, order in zip(self.outputs(number), orders, strict=True)
            )
            for number in set(self._like)
        }
        return [(*known[like], number) for number, like in enumerate(self._like)]

    def winner(self, mask: int) -> int:
        """Return the rule of `mask` that stands in front of all others in it."""
        if self._table.hit_policy is HitPolicy.FIRST:
            return (mask & -mask).bit_length() - 1
        assert self.ranks is not None
        return min(bits(mask), key=self.ranks.__getitem__)

    def in_front(self, number: int, among: int) -> int:
        """Return those of the rules `among` that stand in front of a rule."""
        if self._table.hit_policy is HitPolicy.FIRST:
            return among & ((1 << number) - 1)
        assert self.ranks is not None
        mine = self.ranks[number]
        return sum(1 << other for other in bits(among) if self.ranks[other] < mine)


def is_fixed(logic: Logic) -> bool:
    """Say whether an expression has one value: it reads nothing, and no clock."""
    if constant(logic) is not NOT_CONSTANT:
        return True
    if not isinstance(logic, Feel):
        return False
    nodes = [*ast.walk(logic.node)]
    called = {each.function for each in nodes if isinstance(each, ast.Call)}
    return not any(
        isinstance(each, ast.FunctionLiteral)
        or (isinstance(each, ast.Name) and (each not in called or each.name not in _FIXED))
        for each in nodes
    )


_FIXED: Final = NAMES - {"now", "today"}


def _written(output: Logic) -> Hashable:
    return output.node if isinstance(output, Feel) else id(output)
