"""The answer of a decision over all inputs at once: cases, each under the formula it holds in.

The formulas of a symbol's cases exclude one another, and one of them always holds. A case is a
constant; or a term, of which it is known how it compares with constants; or a context whose entries
are symbols; or a list each element of which is there under a formula of its own; or the length of
such a list; or a function; or something of which no more is known than what it is worked out of.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

from pydmn.feel import ast
from pydmn.feel.types import ANY, BOOLEAN, Type
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
    element of some kind has a meaning. An input, and what is made of its members one by one, has
    the `node` that works it out, and the name of the input: two that make the same of each
    member are equal.
    """

    items: tuple[tuple[Formula, Symbol], ...]
    exact: bool = False
    node: ast.Expression | None = None
    input: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """How many elements a list has, where there are any: some number from 1 on."""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function: `call` returns its answer to arguments, in order or by name."""

    call: Callable[[Sequence[Symbol] | Mapping[str, Symbol]], Symbol]


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """A value of which no more is known than what it is worked out of, and its type.

    `node` works it out of inputs, by their names.
    """

    node: ast.Expression
    type: Type = ANY


Shape: TypeAlias = Constant | Term | Entries | Elements | Count | Function | Opaque
Symbol: TypeAlias = tuple[tuple[Formula, Shape], ...]
Scope: TypeAlias = Mapping[str, Symbol]
"""What can be read, by name."""
Identity: TypeAlias = Callable[[Any], Any]
"""What two equal values share, and nothing else can be equal to."""


def constant(value: Any) -> Symbol:
    """Return the symbol of a value that is always the same."""
    return ((TRUE, Constant(value)),)


class TooMany(Exception):
    """There are more cases than may be gone through."""


class Symbols:
    """Makes symbols of symbols; formulas are of `circuit`."""

    def __init__(self, circuit: Circuit, identity: Identity, most: int) -> None:
        self.circuit = circuit
        self.identity = identity
        self.terms = Terms(circuit)
        self.asked: dict[str, set[Formula]] = {}
        """By the name of a list: where what is asked of its members is so."""
        self._most = most
        self._nodes: dict[Hashable, ast.Expression] = {}

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
                case Term() | Opaque():
                    key = (type(shape), self.key(shape))
                case _:
                    key = (type(shape), id(shape))
            if isinstance(shape, Term) and not shape.given and key in alike:
                alike[key] = (alike[key][0], shape)
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
        if not any(isinstance(shape, Term | Opaque) for _, shape in symbol):
            return symbol
        cases: list[tuple[Formula, Shape]] = []
        for formula, shape in symbol:
            match shape:
                case Term():
                    parts = self.terms.parts(shape)
                case Opaque():
                    parts = self.parts_of(shape)
                case _:
                    cases.append((formula, shape))
                    continue
            cases += ((self.circuit.all_of((formula, at)), Constant(v)) for at, v in parts)
        return self.merged(cases)

    def is_opaque(self, symbol: Symbol) -> bool:
        """Say whether a symbol is, or holds, what is known of as what it is worked out of."""
        inner: list[Symbol] = []
        for _, shape in symbol:
            match shape:
                case Opaque():
                    return True
                case Entries(entries):
                    inner += entries.values()
                case Elements(items):
                    inner += (each for _, each in items)
                case _:
                    pass
        return any(map(self.is_opaque, inner))

    def parts_of(self, shape: Opaque) -> list[tuple[Formula, Any]]:
        """Return true, false, null and a value that is none of these, with where each is."""
        terms, circuit = self.terms, self.circuit
        whole = Term(shape.node, BOOLEAN)
        truth = Term(ast.InstanceOf(shape.node, ast.NamedType("boolean")), BOOLEAN)
        is_one, null = terms.equals(truth, value=True), terms.null(whole)
        values = [(terms.equals(whole, value), value) for value in (True, False)]
        return [
            *((circuit.all_of((is_one, -null, at)), value) for at, value in values),
            (null, None),
            (circuit.all_of((-is_one, -null)), []),
        ]

    def key(self, shape: Shape) -> Hashable:
        """Return what shapes share that are the same."""
        match shape:
            case Constant(value):
                return Constant, self.identity(value)
            case Term():
                return shape.key
            case Opaque(node):
                return Opaque, node
            case Entries(entries):
                return Entries, tuple((name, self._key_of(each)) for name, each in entries.items())
            case Elements(node=ast.Node() as node):
                return Elements, node
            case _:
                return type(shape), id(shape)

    def _key_of(self, symbol: Symbol) -> Hashable:
        return tuple((at, self.key(shape)) for at, shape in symbol)

    def made_of(
        self,
        of: Elements,
        items: tuple[tuple[Formula, Symbol], ...],
        node: ast.Expression | None,
        *,
        exact: bool | None = None,
    ) -> Symbol:
        """Return the list of what is made of the elements of another, one by one.

        `node` works it out of inputs: the first of those that make the same stands for them.
        """
        if of.input is None or node is None:
            return ((TRUE, Elements(items, of.exact if exact is None else exact)),)
        key = (of.input, tuple((at, self._key_of(symbol)) for at, symbol in items))
        return ((TRUE, Elements(items, False, self._nodes.setdefault(key, node), of.input)),)

    def some(self, of: Elements) -> Formula:
        """Return where a list has an element."""
        found = self.circuit.any_of(at for at, _ in of.items)
        self.ask(of, found)
        return found

    def ask(self, of: Elements, formula: Formula) -> None:
        """Note that it is asked of a list's members where something is so of one of them."""
        if of.input is not None and formula not in (TRUE, FALSE):
            self.asked.setdefault(of.input, set()).add(formula)

    def values(self, symbol: Symbol, *, terms: bool = False) -> list[tuple[Formula, Any]]:
        """Return every value of a symbol with its formula; raises `TooMany`.

        A `Count` stands for itself, and so do `terms` where they may. A list of few elements is
        each of its parts.
        """
        found: list[tuple[Formula, Any]] = []
        for formula, shape in symbol:
            if isinstance(shape, Term | Opaque):
                if not terms or isinstance(shape, Opaque):
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
            case Function() | Opaque():
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

    # --- parts ------------------------------------------------------------------------------

    def entry(self, symbol: Symbol, name: str) -> Symbol:
        """Return an entry of a context; null where there is no context, or no such entry.

        Raises `TooMany` where that is not known.
        """
        if any(isinstance(shape, Opaque) for _, shape in symbol):
            raise TooMany
        return self.chosen(
            (formula, entries_of(shape).get(name, constant(None))) for formula, shape in symbol
        )

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


def entries_of(shape: Shape) -> Mapping[str, Symbol]:
    """Return the entries of a context by name; none of what is no context."""
    match shape:
        case Entries(entries):
            return entries
        case Constant(dict() as value):
            return {name: constant(each) for name, each in value.items()}
        case _:
            return {}


def read_of(node: ast.Node, scope: Scope) -> dict[str, Symbol]:
    """Return what a node may read of a scope."""
    names = {each.name for each in ast.walk(node) if isinstance(each, ast.Name)}
    return {name: symbol for name, symbol in scope.items() if name in names}
