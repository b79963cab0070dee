"""What is left of a symbol that is to be of a type, or what an item definition asks (7.3.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, assert_never

from pydmn.errors import NotDecided
from pydmn.feel.types import ANY, NUMBER, ContextType, FunctionType, ListType, Type, conforms
from pydmn.feel.values import NOT_COERCIBLE, coerce
from pydmn.plan.logic import ANYTHING, Cell, Item
from pydmn.verify.graph.circuit import TRUE, Formula
from pydmn.verify.graph.symbols import (
    Constant,
    Count,
    Elements,
    Entries,
    Function,
    Opaque,
    Shape,
    Symbol,
    Symbols,
    constant,
)
from pydmn.verify.graph.terms import Term


class ItemsOf:
    """Takes symbols as items. Every method raises `NotDecided`.

    `as_item` is what the engine makes of a value, `accepted` says where a cell accepts a symbol.
    """

    def __init__(
        self,
        symbols: Symbols,
        as_item: Callable[[Any, Item], Any],
        accepted: Callable[[Cell, Symbol], Formula],
        refused: Callable[[str], NotDecided],
    ) -> None:
        self._symbols = symbols
        self._circuit = symbols.circuit
        self._as_item = as_item
        self._accepted = accepted
        self._refused = refused

    def checked(self, symbol: Symbol, item: Item) -> Symbol:
        """Return what is left of a symbol that is to be an `item`: null where it is none."""
        if item == ANYTHING:
            return symbol
        return self._symbols.chosen(
            (formula, self._checked(shape, item)) for formula, shape in symbol
        )

    def coerced(self, symbol: Symbol, type_: Type) -> tuple[Symbol, Formula]:
        """Return a symbol as an argument of a type, and where it is one (10.3.2.13.5)."""
        if type_ == ANY:
            return symbol, TRUE
        cases: list[tuple[Formula, Shape]] = []
        fitting = []
        for at, shape in symbol:
            taken: Shape | None = shape
            match shape:
                case Constant(value):
                    found = coerce(value, type_)
                    taken = None if found is NOT_COERCIBLE else Constant(found)
                case Term(kind=kind):
                    some = [v for _, v in self._symbols.terms.parts(shape) if v is not None]
                    if kind != type_:
                        if any(coerce(value, type_) is not NOT_COERCIBLE for value in some):
                            raise self._refused(f"a value of {kind} is taken as {type_}")
                        taken = None
                        null = self._symbols.terms.null(shape)
                        fitting.append(self._circuit.all_of((at, null)))
                        cases.append((self._circuit.all_of((at, null)), Constant(None)))
                case Count() if type_ == NUMBER:
                    pass
                case _:
                    self._fits(((TRUE, shape),), Item(type_))
            if taken is not None:
                fitting.append(at)
                cases.append((at, taken))
        return self._symbols.merged(cases), self._circuit.any_of(fitting)

    def _checked(self, shape: Shape, item: Item) -> Symbol:
        match shape:
            case Constant(value):
                return constant(self._as_item(value, item))
            case Count():
                if item.constrained or item.type not in (ANY, NUMBER):
                    raise self._refused("a type restricts the length of a list")
            case Term():
                return self._term_as(shape, item)
            case Opaque(type=type_):
                if item.constrained or type_ == ANY or not conforms(type_, item.type):
                    raise self._refused("a type restricts what is worked out")
            case Function():
                if item.type != ANY and not isinstance(item.type, FunctionType):
                    raise self._refused("a function is taken as another type")
            case Entries(entries):
                inside = _entry_items(item)
                if inside is None or not inside.keys() <= entries.keys():
                    raise self._refused("a type restricts a context as a whole")
                for name, entry in entries.items():
                    self._fits(entry, inside.get(name, ANYTHING))
            case Elements(items):
                element = _element_item(item)
                if element is None:
                    raise self._refused("a type restricts a list as a whole")
                for _, each in items:
                    self._fits(each, element)
                    self._fits(each, replace(ANYTHING, allowed=item.allowed))
            case _:
                assert_never(shape)
        return ((TRUE, shape),)

    def _term_as(self, of: Term, item: Item) -> Symbol:
        """Return what is left of a term that is to be an `item`."""
        symbol: Symbol = ((TRUE, of),)
        if item.type not in (ANY, of.kind):
            parts = self._symbols.terms.parts(of)
            if any(self._as_item(value, Item(item.type)) is not None for _, value in parts):
                raise self._refused(f"a value of {of.kind} is taken as {item.type}")
            return constant(None)
        kept = self._circuit.all_of(
            self._accepted(cell, symbol)
            for cell in (item.allowed, item.constraint)
            if cell is not None
        )
        return self._symbols.merged([(kept, of), (-kept, Constant(None))])

    def _fits(self, symbol: Symbol, item: Item) -> None:
        """Refuse a part that its item would change."""
        if item == ANYTHING:
            return
        for _, shape in symbol:
            if isinstance(shape, Term) and self._term_as(shape, item) != ((TRUE, shape),):
                raise self._refused("a value inside is not what its type asks for")
            if isinstance(shape, Constant):
                given, taken = shape.value, self._as_item(shape.value, item)
                if self._symbols.identity(given) != self._symbols.identity(taken):
                    raise self._refused("a value inside is not what its type asks for")
            elif not isinstance(shape, Term):
                self._checked(shape, item)


def _element_item(item: Item) -> Item | None:
    """Return what each element of a list is to be; None where more is asked of the list."""
    if item.constraint is not None:
        return None
    if item.element is not None:
        return item.element
    match item.type:
        case ListType(element):
            return Item(element)
        case _:
            return ANYTHING if item.type == ANY else None


def _entry_items(item: Item) -> dict[str, Item] | None:
    """Return what each entry of a context is to be; None where more is asked of the context."""
    if item.constraint is not None or item.allowed is not None:
        return None
    if item.entries:
        return dict(item.entries)
    match item.type:
        case ContextType(entries):
            return {name: Item(entry) for name, entry in entries}
        case _:
            return {} if item.type == ANY else None
