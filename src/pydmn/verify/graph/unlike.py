"""Where two symbols are not the same value."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product, zip_longest
from typing import Any, Final

from pydmn.feel.types import BOOLEAN, NUMBER
from pydmn.feel.values import type_of
from pydmn.verify.graph.circuit import FALSE, TRUE, Formula
from pydmn.verify.graph.sums import added, sum_of, symbol_of
from pydmn.verify.graph.symbols import (
    Constant,
    Count,
    Elements,
    Entries,
    Opaque,
    Shape,
    Symbol,
    Symbols,
    TooMany,
    constant,
    entries_of,
)
from pydmn.verify.graph.terms import Term

_PLACES: Final = 16
"""Lists of no more elements are compared place by place."""


class Unlike:
    """Says where symbols differ: everywhere, where no more is known.

    `by_members` is whether lists were compared of which is known only what is in them: that
    these are the same as sets does not make them equal.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._circuit = symbols.circuit
        self.by_members = False

    def where(self, left: Symbol, right: Symbol) -> Formula:
        """Return where two symbols are not the same value.

        Raises `TooMany` for the lengths of lists.
        """
        circuit = self._circuit
        sides = [self._constants(each) for each in (left, right)]
        # Constants by what they are: of many there are far more pairs.
        known = circuit.any_of(at for at, _ in sides[1].values())
        found = [
            circuit.all_of((at, known, -sides[1][key][0] if key in sides[1] else TRUE))
            for key, (at, _) in sides[0].items()
        ]
        found += [
            circuit.all_of((at, there, self._unlike(mine, theirs)))
            for at, mine in left
            for there, theirs in right
            if not (isinstance(mine, Constant) and isinstance(theirs, Constant))
        ]
        return circuit.any_of(found)

    def _constants(self, symbol: Symbol) -> dict[Hashable, tuple[Formula, Constant]]:
        """Return the constants of a symbol, each with where it is, by their identity."""
        return {
            in_no_order(self._symbols.identity(shape.value)): (at, shape)
            for at, shape in symbol
            if isinstance(shape, Constant)
        }

    def _unlike(self, left: Shape, right: Shape) -> Formula:
        if isinstance(left, Count) or isinstance(right, Count):
            raise TooMany
        if self._symbols.key(left) == self._symbols.key(right):
            return FALSE
        if isinstance(left, Opaque) or isinstance(right, Opaque):
            return self._unlike_opaque(left, right)
        if isinstance(left, Term) or isinstance(right, Term):
            return self._unlike_terms(left, right)
        if self._in_order(left) and self._in_order(right):
            return self._unlike_in_order(left, right)
        if (found := self._unlike_lists(left, right)) is not None:
            return found
        if _is_context(left) and _is_context(right):
            own, other = entries_of(left), entries_of(right)
            if own.keys() != other.keys():
                return TRUE
            return self._circuit.any_of(self.where(own[name], other[name]) for name in own)
        return TRUE

    def _unlike_terms(self, left: Shape, right: Shape) -> Formula:
        """Return where a term may be another value than something: wherever no more is known."""
        terms = self._symbols.terms
        match left, right:
            case (Term(), Term()):
                if BOOLEAN in (left.kind, right.kind):
                    return self.where(
                        *(self._symbols.settled(((TRUE, each),)) for each in (left, right))
                    )
                if left.key == right.key:
                    return FALSE
                if left.kind == right.kind == NUMBER:
                    return self._unlike_numbers(left, right)
                return self._unlike_each(left, right)
            case (Term() as term, Constant(value)) | (Constant(value), Term() as term):
                if value is None:
                    return -terms.null(term)
                return -terms.equals(term, value) if type_of(value) == term.kind else TRUE
            case _:
                return TRUE

    def _unlike_numbers(self, left: Term, right: Term) -> Formula:
        """Return where the difference of two numbers is another one than zero."""
        terms = self._symbols.terms
        nulls = terms.null(left), terms.null(right)
        apart = symbol_of(self._symbols, added(sum_of(left), sum_of(right), Fraction(-1)))
        zero = self._circuit.any_of(
            self._circuit.all_of((at, -self._unlike_terms(shape, Constant(Decimal(0)))))
            if isinstance(shape, Term)
            else (at if isinstance(shape, Constant) and shape.value == 0 else FALSE)
            for at, shape in apart
        )
        both = self._circuit.all_of(nulls)
        return -self._circuit.any_of((both, self._circuit.all_of((-nulls[0], -nulls[1], zero))))

    def _unlike_each(self, left: Term, right: Term) -> Formula:
        """Return where one of two terms is not null."""
        both = (self._symbols.terms.null(left), self._symbols.terms.null(right))
        return -self._circuit.all_of(both)

    def _unlike_opaque(self, left: Shape, right: Shape) -> Formula:
        """Return where something may be another value: wherever no more is known."""
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Opaque) and isinstance(other, Constant):
                parts = [
                    (at, v) for at, v in self._symbols.parts_of(one) if v in (None, True, False)
                ]
                if other.value is None or type(other.value) is bool:
                    return -next(at for at, value in parts if value is other.value)
        return TRUE

    def _unlike_lists(self, left: Shape, right: Shape) -> Formula | None:
        """Return where lists that are known by their members differ in these.

        None for what is no list. What the members are not known of may differ anywhere.
        """
        if not all(
            isinstance(each, Elements) or (isinstance(each, Constant) and type(each.value) is list)
            for each in (left, right)
        ):
            return None
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Elements) and isinstance(other, Constant) and not other.value:
                return self._symbols.some(one)
        self.by_members = True
        try:
            mine, its = self._symbols.members(left), self._symbols.members(right)
        except TooMany:
            return TRUE
        assert mine is not None
        assert its is not None
        circuit = self._circuit
        found = []
        for key in {**mine, **its}:
            here, there = mine.get(key, FALSE), its.get(key, FALSE)
            found += [circuit.all_of((here, -there)), circuit.all_of((-here, there))]
        return circuit.any_of(found)

    @staticmethod
    def _in_order(shape: Shape) -> bool:
        """Say whether a list is compared place by place."""
        match shape:
            case Constant(list() as listed):
                return len(listed) <= _PLACES
            case Elements(items, exact=exact):
                return exact and len(items) <= _PLACES
        return False

    def _unlike_in_order(self, left: Shape, right: Shape) -> Formula:
        mine, its = (self._by_place(each) for each in (left, right))
        end: list[tuple[Formula, Symbol]] = []
        return self._circuit.any_of(
            self._unlike_there(one, other) for one, other in zip_longest(mine, its, fillvalue=end)
        )

    def _unlike_there(
        self, one: Sequence[tuple[Formula, Symbol]], other: Sequence[tuple[Formula, Symbol]]
    ) -> Formula:
        """Return where a place has another element in two lists, or is there in one only."""
        circuit = self._circuit
        here, there = (circuit.any_of(at for at, _ in each) for each in (one, other))
        found = [circuit.all_of((here, -there)), circuit.all_of((-here, there))]
        for (at, mine), (beside, its) in product(one, other):
            if (both := circuit.all_of((at, beside))) != FALSE:
                found.append(circuit.all_of((both, self.where(mine, its))))
        return circuit.any_of(found)

    def _by_place(self, shape: Shape) -> list[list[tuple[Formula, Symbol]]]:
        if isinstance(shape, Constant):
            return [[(TRUE, constant(each))] for each in shape.value]
        assert isinstance(shape, Elements)
        places = self._circuit.places([at for at, _ in shape.items])
        return [
            [(at, symbol) for at, (_, symbol) in zip(row, shape.items, strict=True) if at != FALSE]
            for row in places
        ]


def in_no_order(identity: Any) -> Any:
    """Return what values share that are equal but for the order of the entries of contexts."""
    if not isinstance(identity, tuple) or not identity or identity[0] not in (dict, list):
        return identity
    kind, *parts = identity
    if kind is list:
        return (list, *map(in_no_order, parts))
    return (dict, frozenset((name, in_no_order(each)) for name, each in parts))


def _is_context(shape: Shape) -> bool:
    return isinstance(shape, Entries) or (
        isinstance(shape, Constant) and isinstance(shape.value, dict)
    )
