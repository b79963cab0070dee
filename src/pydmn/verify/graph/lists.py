"""Lists over symbols: gone through element by element, each there under a formula.

What asks whether there is an element of some kind, how many there are, or what they come to
together is worked out here; any other use of a list of which nothing is known but what may be
in it is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final, Literal, NoReturn, TypeAlias

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.types import NUMBER
from pydmn.verify.graph.circuit import TRUE, Formula
from pydmn.verify.graph.operations import Operations
from pydmn.verify.graph.symbols import (
    Constant,
    Count,
    Elements,
    Entries,
    Opaque,
    Scope,
    Shape,
    Symbol,
    Symbols,
    constant,
)
from pydmn.verify.graph.terms import Term

Items: TypeAlias = tuple[tuple[Formula, Symbol], ...]
"""The elements of a list, each with the formula under which it is there."""

# Names that nothing in a model can have, for operands that are worked out already.
OPERAND: Final = "\0 operand {}"
_COUNTED: Final = 60
"""Lists of no more elements are counted exactly."""


class Lists:
    """Works out what is done with lists. Every method raises `NotDecided`.

    `computed` gives the symbol of an operation on operands by name.
    """

    def __init__(
        self,
        symbols: Symbols,
        operations: Operations,
        computed: Callable[[ast.Expression, Scope], Symbol],
        refused: Callable[[str], NotDecided],
    ) -> None:
        self._symbols = symbols
        self._circuit = symbols.circuit
        self._operations = operations
        self._computed = computed
        self.refused = refused

    def apart(
        self,
        symbol: Symbol,
        of_list: Callable[[Elements], Symbol],
        of_others: Callable[[Symbol], Symbol],
    ) -> Symbol:
        """Return what comes of a symbol's lists, one by one, and of its other cases together."""
        others = tuple(case for case in symbol if not isinstance(case[1], Elements))
        cases = list(of_others(others)) if others else []
        for formula, shape in symbol:
            if isinstance(shape, Elements):
                cases.extend(
                    (self._circuit.all_of((formula, inner)), each) for inner, each in of_list(shape)
                )
        return self._symbols.merged(cases)

    def together(
        self,
        kind: Literal["some", "every"],
        verdicts: list[tuple[Formula, Symbol]],
        of: Elements | None = None,
    ) -> Symbol:
        """Return a `some` or `every` of verdicts, each there under its formula (10.3.2.14).

        `of` is the list of an input whose members they are on.
        """
        circuit = self._circuit
        decisive = kind == "some"
        verdicts = [(at, self._symbols.settled(verdict)) for at, verdict in verdicts]
        for _, verdict in verdicts:
            if not all(map(_is_verdict, (shape for _, shape in verdict))):
                self._refuse("a condition is no boolean")

        def there(wanted: bool | None) -> Formula:
            return circuit.any_of(
                circuit.all_of((at, self._symbols.where(verdict, lambda value: value is wanted)))
                for at, verdict in verdicts
            )

        decided, open_ = there(decisive), there(None)
        if of is not None:
            self._symbols.ask(of, decided)
            self._symbols.ask(of, open_)
        return self._symbols.merged(
            [
                (decided, Constant(decisive)),
                (circuit.all_of((-decided, open_)), Constant(None)),
                (circuit.all_of((-decided, -open_)), Constant(not decisive)),
            ]
        )

    def decided(self, node: ast.Call, name: Literal["any", "all"], base: Symbol) -> Symbol:
        """Return what `any` or `all` says of a list."""
        kind: Literal["some", "every"] = "some" if name == "any" else "every"

        def others(rest: Symbol) -> Symbol:
            operand = OPERAND.format(0)
            return self._computed(replace(node, positional=(ast.Name(operand),)), {operand: rest})

        return self.apart(base, lambda shape: self.together(kind, [*shape.items], shape), others)

    def taken(self, items: Items, place: int) -> Symbol:
        """Return the element at a place, from 1 on or from -1 back; null where there is none."""
        circuit = self._circuit
        ordered = items if place > 0 else items[::-1]
        rows = circuit.places([at for at, _ in ordered])
        row = rows[abs(place) - 1] if 0 < abs(place) <= len(rows) else []
        cases = [(at, symbol) for at, (_, symbol) in zip(row, ordered, strict=False)]
        none = -circuit.any_of(row)
        return self._symbols.chosen([*cases, (none, constant(None))])

    def members(self, symbol: Symbol) -> dict[str, Symbol]:
        """Return the entries of an element by name, as they are in scope in a filter."""
        if any(isinstance(shape, Opaque) for _, shape in symbol):
            self._refuse("the entries of an element are not known")
        keys = [_names_in(shape) for _, shape in symbol] or [()]
        if any(each != keys[0] for each in keys):
            self._refuse("an element is not the same kind of context in every case")
        return {name: self._symbols.entry(symbol, name) for name in keys[0]}

    def contains(self, node: ast.Call, base: Symbol, sought: Symbol) -> Symbol:
        """Return whether a list has an element."""
        if any(isinstance(inner, Term) for _, inner in sought):
            base = tuple((at, _by_element(shape)) for at, shape in base)
        list_, wanted = OPERAND.format(0), OPERAND.format(1)

        def contained(shape: Elements) -> Symbol:
            one = ast.ListLiteral((ast.Name(list_),))
            call: ast.Expression = replace(node, positional=(one, ast.Name(wanted)))
            if any(isinstance(inner, Term) for _, inner in sought) or not all(
                isinstance(inner, Constant) for _, each in shape.items for _, inner in each
            ):
                call = ast.Comparison("=", ast.Name(list_), ast.Name(wanted))
            answers = [
                (at, self._computed(call, {list_: each, wanted: sought}))
                for at, each in shape.items
            ]
            found = self._circuit.any_of(
                self._circuit.all_of((at, self._symbols.where(answer, lambda value: value is True)))
                for at, answer in answers
            )
            self._symbols.ask(shape, found)
            return self._symbols.merged([(found, Constant(True)), (-found, Constant(False))])

        def others(rest: Symbol) -> Symbol:
            call = replace(node, positional=(ast.Name(list_), ast.Name(wanted)))
            return self._computed(call, {list_: rest, wanted: sought})

        return self.apart(base, contained, others)

    def count(self, node: ast.Call, base: Symbol) -> Symbol:
        """Return how many elements a list has."""

        def counted(shape: Elements) -> Symbol:
            if shape.exact and len(shape.items) <= _COUNTED:
                return self.aggregated("count", shape.items)
            some = self._symbols.some(shape)
            if shape.node is not None:
                several = self._circuit.several([at for at, _ in shape.items])
                return self._operations.length(shape.node, some, several)
            return self._symbols.merged([(some, Count()), (-some, Constant(Decimal(0)))])

        def others(rest: Symbol) -> Symbol:
            operand = OPERAND.format(0)
            return self._computed(replace(node, positional=(ast.Name(operand),)), {operand: rest})

        return self.apart(base, counted, others)

    def totalled(self, node: ast.Call, name: str, base: Symbol) -> Symbol:
        """Return what a function makes of the numbers of a list."""

        def of_list(shape: Elements) -> Symbol:
            return self.aggregated(name, shape.items) if shape.exact else others(((TRUE, shape),))

        def others(rest: Symbol) -> Symbol:
            operand = OPERAND.format(0)
            return self._computed(replace(node, positional=(ast.Name(operand),)), {operand: rest})

        return self.apart(base, of_list, others)

    def aggregated(self, name: str, items: Items) -> Symbol:
        """Return the `count`, `sum`, `min` or `max` of elements, each there once or not at all.

        Of none, all but the count are null.
        """
        total, one = (OPERAND.format(number) for number in (0, 1))
        if name == "count":
            items = tuple((at, constant(Decimal(1))) for at, _ in items)
        elif not all(is_number(shape) for _, each in items for _, shape in each):
            self._refuse(f"`{name}` of a list that may have other elements than numbers")
        joined: ast.Expression = ast.Arithmetic("+", ast.Name(total), ast.Name(one))
        if name in ("min", "max"):
            joined = ast.Call(ast.Name(name), (ast.Name(total), ast.Name(one)))
        found: Symbol = ()
        none = TRUE
        for at, symbol in items:
            first = self._circuit.all_of((none, at))
            cases = [(first, symbol), (-at, found)]
            if found:
                cases.append((at, self._computed(joined, {total: found, one: symbol})))
            found = self._symbols.chosen(cases)
            none = self._circuit.all_of((none, -at))
        nothing = constant(Decimal(0) if name == "count" else None)
        return self._symbols.chosen([(none, nothing), (TRUE, found)])

    def _refuse(self, why: str) -> NoReturn:
        raise self.refused(why)


def list_of(items: Items, *, exact: bool = False) -> Symbol:
    """Return the symbol of a list; `exact` where its elements are in order, each there once."""
    return ((TRUE, Elements(items, exact)),)


def _by_element(shape: Shape) -> Shape:
    """Return a list that is known as a list of elements that are there."""
    if isinstance(shape, Constant) and isinstance(shape.value, list):
        return Elements(tuple((TRUE, constant(each)) for each in shape.value), exact=True)
    return shape


def _names_in(shape: Shape) -> tuple[str, ...]:
    """Return the names of a context's entries; none for what is no context."""
    match shape:
        case Entries(entries):
            return tuple(entries)
        case Constant(dict() as value):
            return tuple(value)
        case _:
            return ()


def _is_verdict(shape: Shape) -> bool:
    return isinstance(shape, Constant) and (shape.value is None or type(shape.value) is bool)


def is_number(shape: Shape) -> bool:
    """Say whether a shape is a number in every case."""
    match shape:
        case Constant(value):
            return isinstance(value, Decimal)
        case Term(kind=kind):
            return kind == NUMBER
    return isinstance(shape, Count)
