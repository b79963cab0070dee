"""Loops over symbols, turn by turn: `some`, `every` and `for` (DMN 1.5, 10.3.2.14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from pydmn.feel import ast
from pydmn.feel.values import Range
from pydmn.verify.graph.circuit import FALSE, TRUE, Formula
from pydmn.verify.graph.engine import Engine
from pydmn.verify.graph.lists import OPERAND, Items, Lists
from pydmn.verify.graph.symbols import (
    Constant,
    Elements,
    Entries,
    Scope,
    Shape,
    Symbol,
    Symbols,
    TooMany,
    constant,
)
from pydmn.verify.graph.terms import Term

_TURNS: Final = 500
"""So many turns are gone through."""

Value: TypeAlias = Callable[[ast.Expression, Scope], Symbol]
"""Returns the symbol of an expression in a scope."""
NodeOf: TypeAlias = Callable[[ast.Expression, Elements, Scope], "ast.Expression | None"]


class Loops:
    """Goes through loops. Every method raises `NotDecided`."""

    def __init__(self, symbols: Symbols, lists: Lists, engine: Engine, value: Value) -> None:
        self._symbols = symbols
        self._circuit = symbols.circuit
        self._lists = lists
        self._engine = engine
        self._value = value

    def quantified(self, node: ast.Quantified, scope: Scope, at: int = 0) -> Symbol:
        """Return whether a condition holds in some turn, or in every one."""
        if at == len(node.iterators):
            return self._value(node.condition, scope)
        each = node.iterators[at]
        found: list[tuple[Formula, Symbol]] = []
        for formula, items, of in self._sources(each, scope, inner=at > 0):
            if items is None:
                found.append((formula, constant(None)))
                continue
            verdicts = [
                (there, self.quantified(node, {**scope, each.name: item}, at + 1))
                for there, item in items
            ]
            found.append((formula, self._lists.together(node.kind, verdicts, of)))
        return self._symbols.chosen(found)

    def collected(self, node: ast.For, scope: Scope, worked: NodeOf | None) -> Symbol:
        """Return the list of what the body is in each turn.

        `worked` returns what works out a node of the list of an input, which is its operand.
        """
        if any(isinstance(n, ast.Name) and n.name == "partial" for n in ast.walk(node.body)):
            raise self._engine.refused("it reads what a loop has made so far")
        first, *others = node.iterators
        found: list[tuple[Formula, Symbol]] = []
        for formula, items, of in self._sources(first, scope, inner=False):
            if items is None:
                found.append((formula, constant(None)))
                continue
            made: list[tuple[Formula, Symbol]] = []
            for there, item in items:
                inside = {**scope, first.name: item}
                if not others:
                    made.append((there, self._value(node.body, inside)))
                    continue
                rest = self.collected(ast.For(tuple(others), node.body), inside, None)
                made += self._flat(there, rest)
            if len(made) > _TURNS or (of is not None and others):
                raise self._engine.refused("it has more turns than are followed")
            made = [each for each in made if each[0] != FALSE]
            if of is None:
                found.append((formula, self._listed(tuple(made))))
            else:
                operand = ast.Iterator(first.name, ast.Name(OPERAND.format(0)))
                made_by = worked and worked(ast.For((operand,), node.body), of, scope)
                found.append((formula, self._symbols.made_of(of, tuple(made), made_by)))
        return self._symbols.chosen(found)

    def _flat(self, there: Formula, lists: Symbol) -> Iterator[tuple[Formula, Symbol]]:
        """Yield the elements of one list, each with where it is."""
        for at, shape in lists:
            match shape:
                case Constant(list() as listed):
                    items: Items = tuple((TRUE, constant(each)) for each in listed)
                case Elements(items, exact=True):
                    pass
                case _:
                    raise self._engine.refused("it goes through what is perhaps no list")
            for inner, symbol in items:
                yield self._circuit.all_of((there, at, inner)), symbol

    def _listed(self, items: Items) -> Symbol:
        """Return the list of elements in order; as a value, where it is one."""
        values: list[Any] = []
        for there, symbol in items:
            match symbol:
                case ((1, Constant(value)),) if there == TRUE:
                    values.append(value)
                case _:
                    return ((TRUE, Elements(items, exact=True)),)
        return constant(values)

    def _sources(
        self, each: ast.Iterator, scope: Scope, *, inner: bool
    ) -> Iterator[tuple[Formula, Items | None, Elements | None]]:
        """Yield what is gone through, case by case; None for null, and the list of an input."""
        if each.until is not None:
            yield from self._counted(each.source, each.until, scope)
            return
        for at, shape in self._value(each.source, scope):
            of = shape if isinstance(shape, Elements) and not shape.exact else None
            if inner and not isinstance(shape, Elements) and not _is_list(shape):
                raise self._engine.refused("a loop inside another goes through what is no list")
            match shape:
                case Elements(items):
                    yield at, items, of
                case Constant(None):
                    yield at, None, None
                case Constant(list() as listed):
                    yield at, tuple((TRUE, constant(value)) for value in listed), None
                case Constant(Range()):
                    low = OPERAND.format(0)
                    turns = ast.For((ast.Iterator("each", ast.Name(low)),), ast.Name("each"))
                    yield at, self._turns(turns, {low: shape.value}), None
                case Constant() | Entries():
                    yield at, ((TRUE, ((TRUE, shape),)),), None
                case Term():
                    null = self._symbols.terms.null(shape)
                    yield self._circuit.all_of((at, null)), None, None
                    alone = ((TRUE, ((TRUE, shape),)),)
                    yield self._circuit.all_of((at, -null)), alone, None
                case _:
                    raise self._engine.refused("what it goes through is not known in parts")

    def _counted(
        self, low: ast.Expression, high: ast.Expression, scope: Scope
    ) -> Iterator[tuple[Formula, Items | None, None]]:
        names = [OPERAND.format(number) for number in (0, 1)]
        turns = ast.For((ast.Iterator("each", *map(ast.Name, names)),), ast.Name("each"))
        try:
            ends = [self._symbols.values(self._value(each, scope)) for each in (low, high)]
            self._symbols.affordable(map(len, ends))
        except TooMany:
            raise self._engine.refused("it counts from or to what is not known") from None
        for at, first in ends[0]:
            for beside, last in ends[1]:
                both = self._circuit.all_of((at, beside))
                if both != FALSE:
                    values = dict(zip(names, (first, last), strict=True))
                    yield both, self._turns(turns, values), None

    def _turns(self, node: ast.For, values: dict[str, Any]) -> Items | None:
        found = self._engine.evaluated(node, values)
        if found is None:
            return None
        if len(found) > _TURNS:
            raise self._engine.refused("it has more turns than are followed")
        return tuple((TRUE, constant(each)) for each in found)


def _is_list(shape: Shape) -> bool:
    return isinstance(shape, Constant) and isinstance(shape.value, list)
