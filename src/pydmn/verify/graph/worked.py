"""What no more is known of than what it is worked out of: equal nodes of inputs, equal values.

Whatever an operation does, it does the same to the same operands. So of two versions that both
ask for `mean(Amounts) > 100` it need not be known what a mean is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from itertools import product
from typing import Any, Final

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.builtins import NAMES, registry
from pydmn.feel.check import check
from pydmn.feel.names import Scope as Names
from pydmn.feel.types import ANY, NUMBER, BasicType, ContextType, ListType, Type
from pydmn.feel.values import type_of
from pydmn.tables.cells import REGIONS
from pydmn.verify.graph.circuit import FALSE, Formula
from pydmn.verify.graph.engine import Engine
from pydmn.verify.graph.nodes import whole_number, written
from pydmn.verify.graph.operations import writes_out
from pydmn.verify.graph.symbols import (
    Constant,
    Elements,
    Entries,
    Opaque,
    Scope,
    Shape,
    Symbol,
    Symbols,
    TooMany,
    constant,
)
from pydmn.verify.graph.terms import Term

_LARGE: Final = 400
"""A node of more nodes is not followed: what is doubled again and again has no end."""
_ROWS: Final = 400
"""So many combinations of operands are gone through."""
_BOUND: Final = "each {}"
"""What variables of loops are called, by how many there are around them."""


@dataclass(frozen=True, slots=True)
class _Operand:
    """An operand in one case: its node and type, and the shape that it is."""

    node: ast.Expression
    type: Type
    shape: Shape

    @property
    def values(self) -> tuple[Any, ...]:
        """The value, where it is a constant; else nothing."""
        return (self.shape.value,) if isinstance(self.shape, Constant) else ()


class Worked:
    """Takes operations as no more than what they are worked out of. Raises `NotDecided`."""

    def __init__(self, symbols: Symbols, engine: Engine) -> None:
        self._symbols = symbols
        self._circuit = symbols.circuit
        self._engine = engine

    def of(self, node: ast.Expression, operands: Scope) -> Symbol:
        """Return the symbol of a node whose names are operands."""
        found: list[tuple[Formula, Symbol]] = []
        try:
            rows = [self._operands(symbol) for symbol in operands.values()]
            for row in product(*rows) if self._affordable(rows) else ():
                at = self._circuit.all_of(formula for formula, _ in row)
                if at != FALSE:
                    known = dict(zip(operands, (each for _, each in row), strict=True))
                    found.append((at, self._row(node, known, at)))
        except TooMany:
            why = "it reads more, or something else, than can be followed"
            raise self._engine.refused(why) from None
        return self._symbols.chosen(found)

    def node(self, node: ast.Expression, operands: Scope) -> ast.Expression | None:
        """Return a node with what its names are worked out of; None where they are not one."""
        try:
            rows = [self._operands(symbol) for symbol in operands.values()]
            if any(len(row) > 1 for row in rows):
                return None
            known = dict(zip(operands, (each for ((_, each),) in rows), strict=True))
            return self._opened(node, known)
        except (TooMany, NotDecided):
            return None

    @staticmethod
    def _affordable(rows: list[list[tuple[Formula, _Operand]]]) -> bool:
        total = 1
        for row in rows:
            total *= len(row)
        if total > _ROWS:
            raise TooMany
        return True

    def _row(self, node: ast.Expression, known: Mapping[str, _Operand], at: Formula) -> Symbol:
        shapes = {name: each.shape for name, each in known.items()}
        values = {n: each.value for n, each in shapes.items() if isinstance(each, Constant)}
        if len(values) == len(known):
            return constant(self._engine.evaluated(node, values))
        if writes_out(node) and not all(map(_is_given, shapes.values())):
            raise self._engine.refused("it writes out a number that is worked out")
        made = self._opened(node, known)
        type_ = self._type(node, {name: each.type for name, each in known.items()})
        if not isinstance(type_, BasicType) or type_ not in REGIONS:
            return ((1, Opaque(made, type_)),)
        term = Term(made, type_)
        listed = {n: each for n, each in shapes.items() if isinstance(each, Elements)}
        if len(listed) == 1 and len(values) == len(known) - 1:
            ((name, elements),) = listed.items()
            of_none = self._engine.evaluated(node, {**values, name: []})
            self._circuit.require(-at, self._symbols.some(elements), self._is(term, of_none))
        return ((1, term),)

    def _is(self, term: Term, value: Any) -> Formula:
        if value is None:
            return self._symbols.terms.null(term)
        return self._symbols.terms.equals(term, value)

    # --- operands ----------------------------------------------------------------------

    def _operands(self, symbol: Symbol) -> list[tuple[Formula, _Operand]]:
        """Return an operand case by case. Raises `TooMany` for what is worked out of nothing."""
        found: list[tuple[Formula, _Operand]] = []
        for at, shape in symbol:
            match shape:
                case Constant(value):
                    found.append((at, _Operand(_written(value), type_of(value), shape)))
                case Term(node, kind):
                    found.append((at, _Operand(node, kind, shape)))
                case Opaque(node, type_):
                    found.append((at, _Operand(node, type_, shape)))
                case Elements(node=ast.Node() as node):
                    found.append((at, _Operand(node, ListType(_element(shape)), shape)))
                case Elements(items, exact=True) if all(there == 1 for there, _ in items):
                    for inner, row in self._product([each for _, each in items]):
                        listed = ast.ListLiteral(tuple(each.node for each in row))
                        values = [value for each in row for value in each.values]
                        whole: Shape = Opaque(listed)
                        if len(values) == len(row):
                            whole = Constant(values)
                        both = self._circuit.all_of((at, inner))
                        found.append((both, _Operand(listed, ListType(ANY), whole)))
                case Entries(entries):
                    for inner, row in self._product([*entries.values()]):
                        pairs = [*zip(entries, row, strict=True)]
                        context = ast.ContextLiteral(
                            tuple(ast.ContextEntry(name, each.node) for name, each in pairs)
                        )
                        of = ContextType(tuple((name, each.type) for name, each in pairs))
                        known = {name: value for name, each in pairs for value in each.values}
                        whole = Constant(known) if len(known) == len(pairs) else Opaque(context)
                        both = self._circuit.all_of((at, inner))
                        found.append((both, _Operand(context, of, whole)))
                case _:
                    raise TooMany
        return found

    def _product(self, symbols: list[Symbol]) -> list[tuple[Formula, list[_Operand]]]:
        rows = [self._operands(each) for each in symbols]
        self._affordable(rows)
        return [
            (self._circuit.all_of(at for at, _ in row), [each for _, each in row])
            for row in product(*rows)
        ]

    def _type(self, node: ast.Expression, types: Mapping[str, Type]) -> Type:
        if isinstance(node, ast.Filter) and whole_number(node.condition) is not None:
            return _inner(self._type(node.base, types))
        scope = Names(variables=dict(types), builtins=NAMES, types=self._engine.types)
        return check(node, self._engine.place, scope, registry)[0]

    # --- nodes -------------------------------------------------------------------------

    def _opened(self, node: ast.Expression, known: Mapping[str, _Operand]) -> ast.Expression:
        """Return a node with the operands' nodes in place of its free names."""
        nodes = {name: each.node for name, each in known.items()}
        types = {name: each.type for name, each in known.items()}
        found: ast.Expression = self._inside(node, nodes, types, 0)
        if sum(1 for _ in ast.walk(found)) > _LARGE:
            why = "what it works out of inputs is larger than is followed"
            raise self._engine.refused(why)
        return found

    def _inside(
        self, node: Any, nodes: dict[str, ast.Expression], types: dict[str, Type], depth: int
    ) -> Any:
        match node:
            case ast.Name(name):
                return nodes.get(name, node)
            case ast.For(iterators, body) | ast.Quantified(_, iterators, body):
                return self._loop(node, iterators, body, nodes, types, depth)
            case ast.Filter(base, condition):
                return self._filter(base, condition, nodes, types, depth)
            case ast.FunctionLiteral(parameters, body, external):
                if external:
                    raise TooMany
                bound = {each.name: _BOUND.format(depth + n) for n, each in enumerate(parameters)}
                self._keep_free(nodes, bound.values())
                inner = {**nodes, **{name: ast.Name(each) for name, each in bound.items()}}
                of = {**types, **dict.fromkeys(bound, ANY)}
                renamed = tuple(replace(each, name=bound[each.name]) for each in parameters)
                body = self._inside(body, inner, of, depth + len(bound))
                return replace(node, parameters=renamed, body=body)
            case ast.ContextLiteral(entries):
                self._keep_free(nodes, [each.key for each in entries])
                inner, of, made = dict(nodes), dict(types), []
                for each in entries:
                    made.append(replace(each, value=self._inside(each.value, inner, of, depth)))
                    inner.pop(each.key, None)
                    of[each.key] = ANY
                return replace(node, entries=tuple(made))
        changed = {}
        for slot in fields(node):
            value = getattr(node, slot.name)
            if isinstance(value, ast.Node):
                changed[slot.name] = self._inside(value, nodes, types, depth)
            elif isinstance(value, tuple) and any(isinstance(each, ast.Node) for each in value):
                changed[slot.name] = tuple(
                    self._inside(each, nodes, types, depth) for each in value
                )
        return replace(node, **changed) if changed else node

    def _loop(
        self,
        node: ast.For | ast.Quantified,
        iterators: tuple[ast.Iterator, ...],
        body: ast.Expression,
        nodes: dict[str, ast.Expression],
        types: dict[str, Type],
        depth: int,
    ) -> ast.Expression:
        inner, of, made = dict(nodes), dict(types), []
        if isinstance(node, ast.For):
            self._keep_free(nodes, ["partial"])
            inner.pop("partial", None)
            of["partial"] = ANY
        for number, each in enumerate(iterators):
            source = self._inside(each.source, inner, of, depth)
            until = None if each.until is None else self._inside(each.until, inner, of, depth)
            element = ANY if each.until is not None else _inner(self._type(each.source, of))
            name = _BOUND.format(depth + number)
            made.append(replace(each, name=name, source=source, until=until))
            inner[each.name], of[each.name] = ast.Name(name), element
        self._keep_free(nodes, [each.name for each in made])
        found = self._inside(body, inner, of, depth + len(made))
        slot = "body" if isinstance(node, ast.For) else "condition"
        return replace(node, iterators=tuple(made), **{slot: found})

    def _filter(
        self,
        base: ast.Expression,
        condition: ast.Expression,
        nodes: dict[str, ast.Expression],
        types: dict[str, Type],
        depth: int,
    ) -> ast.Expression:
        element = _inner(self._type(base, types))
        names = {"item"}
        match element:
            case ContextType(entries) if entries:
                names |= {name for name, _ in entries}
            case BasicType() if element != ANY:
                pass
            case _:
                # Whatever is read may be an entry of an element.
                read = {each.name for each in ast.walk(condition) if isinstance(each, ast.Name)}
                if read & (nodes.keys() - names):
                    raise TooMany
        self._keep_free(nodes, names)
        inner = {name: each for name, each in nodes.items() if name not in names}
        of = {**types, **dict.fromkeys(names, ANY), "item": element}
        if isinstance(element, ContextType):
            of.update(element.entries)
        made = self._inside(base, nodes, types, depth)
        return ast.Filter(made, self._inside(condition, inner, of, depth))

    @staticmethod
    def _keep_free(nodes: Mapping[str, ast.Expression], bound: Any) -> None:
        """Refuse names that would be others inside. Raises `TooMany`."""
        names = set(bound)
        for node in nodes.values():
            if any(isinstance(each, ast.Name) and each.name in names for each in ast.walk(node)):
                raise TooMany


def _written(value: Any) -> ast.Expression:
    """Return a value as a node. Raises `TooMany` for what no text writes."""
    match value:
        case list():
            return ast.ListLiteral(tuple(map(_written, value)))
        case dict():
            entries = (ast.ContextEntry(name, _written(each)) for name, each in value.items())
            return ast.ContextLiteral(tuple(entries))
        case _ if value is None or type_of(value) in REGIONS:
            return written(value)
    raise TooMany


def _is_given(shape: Shape) -> bool:
    """Say whether a shape is given as it is, or is no number: how it is written is known."""
    match shape:
        case Constant(value):
            return not isinstance(value, Decimal | list | dict)
        case Term(kind=kind, given=given):
            return given or kind != NUMBER
        case Elements(node=ast.Name()):
            return True
    return False


def _element(of: Elements) -> Type:
    """Return the type of what may be in a list."""
    return _of_one([type_ for _, symbol in of.items for type_ in _types_of(symbol)])


def _types_of(symbol: Symbol) -> list[Type]:
    """Return the types that a symbol may be of, where it is not null."""
    found: list[Type] = []
    for _, shape in symbol:
        match shape:
            case Constant(None):
                pass
            case Constant(value):
                found.append(type_of(value))
            case Term(kind=type_) | Opaque(type=type_):
                found.append(type_)
            case Entries(entries):
                types = ((name, _of_one(_types_of(each))) for name, each in entries.items())
                found.append(ContextType(tuple(types)))
            case _:
                found.append(ANY)
    return found


def _of_one(types: list[Type]) -> Type:
    """Return the type of which all are; any, where they are of several."""
    return types[0] if len(set(types)) == 1 else ANY


def _inner(type_: Type) -> Type:
    return type_.element if isinstance(type_, ListType) else type_
