"""The answer of a decision over all inputs at once: cases, each under the formula it holds in.

The formulas of a symbol's cases exclude one another, and one of them always holds. A case is a
constant; or a term, of which it is known how it compares with constants; or a context whose entries
are symbols; or a list each element of which is there under a formula of its own; or the length of
such a list; or a function.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, zip_longest
from typing import Any, Final, TypeAlias

from pydmn.feel import ast
from pydmn.feel.types import BOOLEAN
from pydmn.feel.values import type_of
from pydmn.verify.graph.circuit import FALSE, TRUE, Circuit, Formula
from pydmn.verify.graph.terms import Term, Terms


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A FEEL value."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """A context, entry by entry."""

    entries: Mapping[str, Symbol]


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """A list: each element with the formula under which it is there, perhaps more than once.

    Unless they are `exact`, in order and each there once, only what asks whether there *is* an
    element of some kind has a meaning. An input has the `node` that reads it.
    """

    items: tuple[tuple[Formula, Symbol], ...]
    exact: bool = False
    node: ast.Expression | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """How many elements a list has, where there are any: some number from 1 on."""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function: `call` returns its answer to arguments, in order or by name."""

    call: Callable[[Sequence[Symbol] | Mapping[str, Symbol]], Symbol]


Shape: TypeAlias = Constant | Term | Entries | Elements | Count | Function
Symbol: TypeAlias = tuple[tuple[Formula, Shape], ...]
Scope: TypeAlias = Mapping[str, Symbol]
"""What can be read, by name."""
Identity: TypeAlias = Callable[[Any], Any]
"""What two equal values share, and nothing else can be equal to."""


def constant(value: Any) -> Symbol:
    """Return the symbol of a value that is always the same."""
    return ((TRUE, Constant(value)),)


_PLACES: Final = 16
"""Lists of no more elements are compared place by place."""


class TooMany(Exception):
    """There are more cases than may be gone through."""


class Symbols:
    """Makes symbols of symbols; formulas are of `circuit`."""

    def __init__(self, circuit: Circuit, identity: Identity, most: int) -> None:
        self.circuit = circuit
        self.identity = identity
        self.terms = Terms(circuit)
        self._most = most

    def merged(self, cases: Iterable[tuple[Formula, Shape]]) -> Symbol:
        """Return the symbol of `cases`, with equal constants as one case and none that is void."""
        alike: dict[Hashable, tuple[list[Formula], Shape]] = {}
        for formula, shape in cases:
            if formula == FALSE:
                continue
            key: Hashable
            match shape:
                case Constant(value):
                    key = (Constant, self.identity(value))
                case Count():
                    key = (Count, None)
                case Term():
                    key = (Term, shape.key)
                case _:
                    key = (type(shape), id(shape))
            alike.setdefault(key, ([], shape))[0].append(formula)
        return tuple((self.circuit.any_of(formulas), shape) for formulas, shape in alike.values())

    def chosen(self, choices: Iterable[tuple[Formula, Symbol]]) -> Symbol:
        """Return the symbol that is each of several under its formula."""
        return self.merged(
            (self.circuit.all_of((formula, inner)), shape)
            for formula, symbol in choices
            for inner, shape in symbol
        )

    def where(self, symbol: Symbol, holds: Callable[[Any], bool]) -> Formula:
        """Return where a symbol of constants has a value for which `holds` does.

        Of the values of a term `holds` tells apart only null, and truth values.
        """
        return self.circuit.any_of(
            formula
            for formula, shape in self.settled(symbol)
            if isinstance(shape, Constant) and holds(shape.value)
        )

    def settled(self, symbol: Symbol) -> Symbol:
        """Return a symbol with a value for each part of its terms: null, a truth value, another."""
        if not any(isinstance(shape, Term) for _, shape in symbol):
            return symbol
        cases: list[tuple[Formula, Shape]] = []
        for formula, shape in symbol:
            if isinstance(shape, Term):
                parts = self.terms.parts(shape)
                cases += ((self.circuit.all_of((formula, at)), Constant(v)) for at, v in parts)
            else:
                cases.append((formula, shape))
        return self.merged(cases)

    def values(self, symbol: Symbol, *, terms: bool = False) -> list[tuple[Formula, Any]]:
        """Return every value of a symbol with its formula; raises `TooMany`.

        A `Count` stands for itself, and so do `terms` where they may. A list of few elements is
        each of its parts.
        """
        found: list[tuple[Formula, Any]] = []
        for formula, shape in symbol:
            if isinstance(shape, Term):
                if not terms:
                    raise TooMany
                found.append((formula, shape))
                continue
            for inner, value in self._values(shape):
                both = self.circuit.all_of((formula, inner))
                if both != FALSE:
                    found.append((both, value))
        if len(found) > self._most:
            raise TooMany
        return found

    def _values(self, shape: Shape) -> list[tuple[Formula, Any]]:
        match shape:
            case Constant(value):
                return [(TRUE, value)]
            case Count() | Term():
                return [(TRUE, shape)]
            case Entries(entries):
                return self._contexts(entries)
            case Elements(items):
                if items:
                    raise TooMany
                return [(TRUE, [])]
            case Function():
                raise TooMany

    def _contexts(self, entries: Mapping[str, Symbol]) -> list[tuple[Formula, Any]]:
        each = [self.values(symbol) for symbol in entries.values()]
        if any(isinstance(value, Count | Term) for values in each for _, value in values):
            raise TooMany
        self.affordable(len(values) for values in each)
        return [
            (self.circuit.all_of(formula for formula, _ in row),
             dict(zip(entries, (value for _, value in row), strict=True)))
            for row in product(*each)
        ]  # fmt: skip

    def held(self, symbol: Symbol) -> list[tuple[Formula, Any]]:
        """Return every value that is in a list, each once, with where it is; raises `TooMany`.

        What is no list has no members.
        """
        there: dict[Hashable, tuple[list[Formula], Any]] = {}
        for formula, shape in symbol:
            items: list[tuple[Formula, Any]] = []
            match shape:
                case Constant(list() as listed):
                    items = [(TRUE, value) for value in listed]
                case Elements(elements):
                    items = [
                        (self.circuit.all_of((at, inner)), value)
                        for at, element in elements
                        for inner, value in self.values(element)
                    ]
                case _:
                    pass
            for at, value in items:
                found = there.setdefault(self.identity(value), ([], value))
                found[0].append(self.circuit.all_of((formula, at)))
        return [(self.circuit.any_of(at), value) for at, value in there.values()]

    def affordable(self, counts: Iterable[int]) -> None:
        """Raise `TooMany` where going through all combinations of that many would be."""
        total = 1
        for count in counts:
            total *= count
        if total > self._most:
            raise TooMany

    # --- parts and comparison ---------------------------------------------------------------

    def entry(self, symbol: Symbol, name: str) -> Symbol:
        """Return an entry of a context; null where there is no context, or no such entry."""
        return self.chosen(
            (formula, _entries(shape).get(name, constant(None))) for formula, shape in symbol
        )

    def differs(self, left: Symbol, right: Symbol) -> Formula:
        """Return where two symbols are not the same value; lists are the same as sets are.

        Raises `TooMany` for the lengths of lists.
        """
        return self.circuit.any_of(
            self.circuit.all_of((at, there, self._unlike(mine, theirs)))
            for at, mine in left
            for there, theirs in right
        )

    def _unlike(self, left: Shape, right: Shape) -> Formula:
        if isinstance(left, Count) or isinstance(right, Count):
            raise TooMany
        if isinstance(left, Constant) and isinstance(right, Constant):
            same = self.identity(left.value) == self.identity(right.value)
            return FALSE if same else TRUE
        if isinstance(left, Term) or isinstance(right, Term):
            return self._unlike_terms(left, right)
        if self.in_order(left) and self.in_order(right):
            return self._unlike_in_order(left, right)
        mine, theirs = self.members(left), self.members(right)
        if mine is not None and theirs is not None:
            return self._unlike_lists(mine, theirs)
        if _is_context(left) and _is_context(right):
            own, other = _entries(left), _entries(right)
            if own.keys() != other.keys():
                return TRUE
            return self.circuit.any_of(self.differs(own[name], other[name]) for name in own)
        return TRUE

    def _unlike_terms(self, left: Shape, right: Shape) -> Formula:
        """Return where a term may be another value than something: wherever no more is known."""
        terms = self.terms
        match left, right:
            case (Term(), Term()):
                if BOOLEAN in (left.kind, right.kind):
                    return self.differs(*(self.settled(((TRUE, each),)) for each in (left, right)))
                return FALSE if left.key == right.key else self._unlike_each(left, right)
            case (Term() as term, Constant(value)) | (Constant(value), Term() as term):
                if value is None:
                    return -terms.null(term)
                return -terms.equals(term, value) if type_of(value) == term.kind else TRUE
            case _:
                return TRUE

    def _unlike_each(self, left: Term, right: Term) -> Formula:
        """Return where one of two terms is not null."""
        both = (self.terms.null(left), self.terms.null(right))
        return -self.circuit.all_of(both)

    def _unlike_lists(self, left: Mapping[Any, Formula], right: Mapping[Any, Formula]) -> Formula:
        circuit = self.circuit
        found = []
        for key in {**left, **right}:
            here, there = left.get(key, FALSE), right.get(key, FALSE)
            found += [circuit.all_of((here, -there)), circuit.all_of((-here, there))]
        return circuit.any_of(found)

    @staticmethod
    def in_order(shape: Shape) -> bool:
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
        return self.circuit.any_of(
            self._unlike_there(one, other) for one, other in zip_longest(mine, its, fillvalue=end)
        )

    def _unlike_there(
        self, one: Sequence[tuple[Formula, Symbol]], other: Sequence[tuple[Formula, Symbol]]
    ) -> Formula:
        """Return where a place has another element in two lists, or is there in one only."""
        circuit = self.circuit
        here, there = (circuit.any_of(at for at, _ in each) for each in (one, other))
        found = [circuit.all_of((here, -there)), circuit.all_of((-here, there))]
        for (at, mine), (beside, its) in product(one, other):
            if (both := circuit.all_of((at, beside))) != FALSE:
                found.append(circuit.all_of((both, self.differs(mine, its))))
        return circuit.any_of(found)

    def _by_place(self, shape: Shape) -> list[list[tuple[Formula, Symbol]]]:
        if isinstance(shape, Constant):
            return [[(TRUE, constant(each))] for each in shape.value]
        assert isinstance(shape, Elements)
        places = self.circuit.places([at for at, _ in shape.items])
        return [
            [(at, symbol) for at, (_, symbol) in zip(row, shape.items, strict=True) if at != FALSE]
            for row in places
        ]

    def members(self, shape: Shape) -> Mapping[Any, Formula] | None:
        """Return where each value is in a list, by its identity; None for what is no list."""
        match shape:
            case Constant(list() as listed):
                return {self.identity(value): TRUE for value in listed}
            case Elements(items):
                there: dict[Any, list[Formula]] = {}
                for at, symbol in items:
                    for formula, value in self.values(symbol):
                        key = self.identity(value)
                        there.setdefault(key, []).append(self.circuit.all_of((at, formula)))
                return {key: self.circuit.any_of(found) for key, found in there.items()}
            case _:
                return None


def _is_context(shape: Shape) -> bool:
    return isinstance(shape, Entries) or (
        isinstance(shape, Constant) and isinstance(shape.value, dict)
    )


def _entries(shape: Shape) -> Mapping[str, Symbol]:
    match shape:
        case Entries(entries):
            return entries
        case Constant(dict() as value):
            return {name: constant(each) for name, each in value.items()}
        case _:
            return {}
