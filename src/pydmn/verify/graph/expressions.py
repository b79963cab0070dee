"""A FEEL expression over symbols (DMN 1.5, 10.3).

An operation on constants is done by the engine itself, once for each combination of its operands'
values, so it means what it means there. Lists of which nothing is known but what may be in them
are gone through element by element where the expression asks whether there is one of some kind:
`some`, `every`, a filter by a condition, `list contains`, `count` against a number, a path. Of any
other operation no more is known than what it is worked out of (`worked`), where that is inputs;
else it is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any, Final, NoReturn

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.types import BOOLEAN, Type
from pydmn.plan.logic import Cell, Feel, Item
from pydmn.run import Run
from pydmn.source import Source
from pydmn.tables.cells import literal
from pydmn.verify.evaluator import Evaluator
from pydmn.verify.graph.circuit import FALSE, TRUE, Formula
from pydmn.verify.graph.engine import Engine
from pydmn.verify.graph.items import ItemsOf
from pydmn.verify.graph.lists import OPERAND, Lists, is_number
from pydmn.verify.graph.loops import Loops
from pydmn.verify.graph.nodes import in_order, reads, whole_number
from pydmn.verify.graph.operations import Operations
from pydmn.verify.graph.symbols import (
    Constant,
    Elements,
    Entries,
    Function,
    Scope,
    Shape,
    Symbol,
    Symbols,
    TooMany,
    constant,
    read_of,
)
from pydmn.verify.graph.terms import Term
from pydmn.verify.graph.tests import INPUT, Tests
from pydmn.verify.graph.worked import Worked

_OF_TERMS: Final = 50
"""The steps of an operation on terms: it takes so much longer than one on values."""


class Expressions:
    """Works out expressions of one element of the graph.

    `types` are those that its texts may name.
    """

    def __init__(
        self, symbols: Symbols, evaluator: Evaluator, run: Run, types: Mapping[str, Type]
    ) -> None:
        self.symbols = symbols
        self.circuit = symbols.circuit
        self._engine = Engine(evaluator, run, types)
        self._items = ItemsOf(
            symbols,
            self._engine.as_item,
            lambda cell, tested: self.accepted(cell, tested, {INPUT: tested}),
            self._engine.refused,
        )
        self._operations = Operations(symbols, self.evaluated, self._engine.refused)
        self._worked = Worked(symbols, self._engine)
        self.lists = Lists(symbols, self._operations, self._computed, self._engine.refused)
        self._loops = Loops(symbols, self.lists, self._engine, self.value)
        self._tests = Tests(symbols, self.lists, self._operations, self.value, self._computed)

    @property
    def place(self) -> Source:
        """Where what is worked out stands."""
        return self._engine.place

    @place.setter
    def place(self, place: Source) -> None:
        self._engine.place = place

    # --- questions --------------------------------------------------------------------------

    def feel(self, text: Feel, scope: Scope) -> Symbol:
        """Return a literal expression's symbol; raises `NotDecided`."""
        self.place = text.source
        return self.checked(self.value(text.node, scope), text.item)

    def accepted(self, cell: Cell, tested: Symbol, scope: Scope) -> Formula:
        """Return where a cell accepts the value `tested`; raises `NotDecided`."""
        self.place = cell.source
        if cell.tests.any:
            return TRUE
        wanted = not cell.tests.negated
        verdict = self._tests.of(cell.tests.tests, tested, scope, of_cell=True)
        return self.symbols.where(verdict, lambda value: value is wanted)

    def holds(self, node: ast.Expression, scope: Scope) -> Formula:
        """Return where an expression is true; raises `NotDecided`."""
        return self.symbols.where(self.value(node, scope), lambda value: value is True)

    def checked(self, symbol: Symbol, item: Item) -> Symbol:
        """Return what is left of a symbol that is to be an `item`: null where it is none."""
        return self._items.checked(symbol, item)

    def coerced(self, symbol: Symbol, type_: Type) -> tuple[Symbol, Formula]:
        """Return a symbol as an argument of a type, and where it is one (10.3.2.13.5)."""
        return self._items.coerced(symbol, type_)

    def evaluated(self, node: ast.Expression, values: Mapping[str, Any]) -> Any:
        """Return what the engine makes of a node whose names have these FEEL values."""
        return self._engine.evaluated(node, values)

    # --- expressions ------------------------------------------------------------------------

    def value(self, node: ast.Expression, scope: Scope) -> Symbol:
        """Return the symbol of an expression; raises `NotDecided`."""
        match node:
            case ast.Name(name) if name in scope:
                return scope[name]
            case ast.If(condition, consequence, alternative):
                return self._if(condition, consequence, alternative, scope)
            case ast.Call(function, positional, named) if (
                called := self._called(function, scope)
            ) is not None:
                if named:
                    return called.call({each.name: self.value(each.value, scope) for each in named})
                return called.call([self.value(each, scope) for each in positional])
            case _:
                return self._followed(node, scope)

    def _followed(self, node: ast.Expression, scope: Scope) -> Symbol:
        """Return an operation in parts; where they are not known, as what it is worked out of."""
        try:
            return self._parts(node, scope)
        except NotDecided:
            try:
                return self._worked.of(node, read_of(node, scope))
            except NotDecided:
                pass
            raise

    def _parts(self, node: ast.Expression, scope: Scope) -> Symbol:
        match node:
            case ast.Path(base, name):
                return self._path(node, self.value(base, scope), name, scope)
            case ast.Quantified():
                return self._loops.quantified(node, scope)
            case ast.For():
                return self._loops.collected(node, scope, self._node)
            case ast.Filter(base, condition):
                return self._filter(self.value(base, scope), condition, scope)
            case ast.Call(ast.Name("list contains" as name), (base, element)) if name not in scope:
                return self.lists.contains(
                    node, self.value(base, scope), self.value(element, scope)
                )
            case ast.Call(ast.Name("count" as name), (base,)) if name not in scope:
                return self.lists.count(node, self.value(base, scope))
            case ast.Call(ast.Name("sum" | "min" | "max" as name), (base,)) if name not in scope:
                return self.lists.totalled(node, name, self.value(base, scope))
            case ast.Call(ast.Name("any" | "all" as name), (base,)) if name not in scope:
                return self.lists.decided(node, name, self.value(base, scope))
            case ast.Call(ast.Name("is" as name), (of, ast.NullLiteral())) if name not in scope:
                return self._against_null("=", self.value(of, scope))
            case ast.In(value, (ast.Name() | ast.Path() as listed,)) if not reads(
                [listed], [INPUT]
            ):
                return self._tests.in_list(node, value, self.value(listed, scope), scope)
            case ast.In(value, tests):
                return self._tests.of(tests, self.value(value, scope), scope, of_cell=False)
            case ast.Call(ast.Name("get value"), (base, ast.StringLiteral(name))) if (
                "get value" not in scope
                and all(isinstance(shape, Entries) for _, shape in self.value(base, scope))
            ):
                return self.value(ast.Path(base, name), scope)
            case ast.ContextLiteral(entries) if len({each.key for each in entries}) == len(entries):
                made: dict[str, Symbol] = {}
                for each in entries:
                    made[each.key] = self.value(each.value, {**scope, **made})
                return ((TRUE, Entries(made)),)
            case _:
                return self._operation(node, scope)

    def _called(self, function: ast.Expression, scope: Scope) -> Function | None:
        """Return the function of the model that is called; None for any other."""
        match function:
            case ast.Name(name):
                symbol = scope.get(name)
            case ast.Path(ast.Name(name), entry) if name in scope:
                symbol = self._path(function, scope[name], entry, scope)
            case _:
                return None
        match symbol:
            case ((1, Function() as called),):
                return called
        return None

    def _path(self, node: ast.Path, base: Symbol, name: str, scope: Scope) -> Symbol:
        contexts = [case for case in base if isinstance(case[1], Entries)]
        cases = list(
            self.symbols.chosen(
                (formula, shape.entries.get(name, constant(None)))
                for formula, shape in contexts
                if isinstance(shape, Entries)
            )
        )
        others = tuple(case for case in base if not isinstance(case[1], Entries))
        operand = OPERAND.format(0)
        cases.extend(
            self.lists.apart(
                others,
                lambda shape: self.symbols.made_of(
                    shape,
                    tuple((at, self._path(node, each, name, scope)) for at, each in shape.items),
                    shape.node and ast.Path(shape.node, name),
                ),
                lambda rest: self._computed(ast.Path(ast.Name(operand), name), {operand: rest}),
            )
        )
        return self.symbols.merged(cases)

    def _if(
        self,
        condition: ast.Expression,
        consequence: ast.Expression,
        alternative: ast.Expression,
        scope: Scope,
    ) -> Symbol:
        holds = self.holds(condition, scope)
        branches = []
        if holds != FALSE:
            branches.append((holds, self.value(consequence, scope)))
        if holds != TRUE:
            branches.append((-holds, self.value(alternative, scope)))
        return self.symbols.chosen(branches)

    def _filter(self, base: Symbol, condition: ast.Expression, scope: Scope) -> Symbol:
        operand = OPERAND.format(0)
        node = ast.Filter(ast.Name(operand), condition)

        def kept(shape: Elements) -> Symbol:
            place = whole_number(condition)
            if place is not None and shape.exact:
                return self.lists.taken(shape.items, place)
            items = []
            for at, each in shape.items:
                verdict = self.value(condition, {**scope, **self.lists.members(each), "item": each})
                if any(is_number(inner) for _, inner in verdict):
                    self._refuse("an element is taken by its place in a list")
                if not all(_is_condition(inner) for _, inner in verdict):
                    self._refuse("a filter has a condition that is perhaps no boolean")
                accepted = self.symbols.where(verdict, lambda value: value is True)
                items.append((self.circuit.all_of((at, accepted)), each))
            left = tuple(item for item in items if item[0] != FALSE)
            return self.symbols.made_of(shape, left, self._node(node, shape, scope))

        def others(rest: Symbol) -> Symbol:
            return self._computed(node, read_of(node, {**scope, operand: rest}))

        return self.lists.apart(base, kept, others)

    def _node(self, node: ast.Expression, of: Elements, scope: Scope) -> ast.Expression | None:
        """Return what works out a node, whose operand is a list; None where that is not one."""
        if of.node is None:
            return None
        names = {**scope, OPERAND.format(0): ((TRUE, of),)}
        return self._worked.node(node, read_of(node, names))

    def _operation(self, node: ast.Expression, scope: Scope) -> Symbol:
        """Return an operation on operands that are worked out one by one."""
        match node:
            case ast.Comparison("=" | "!=" as operator, left, ast.NullLiteral()):
                return self._against_null(operator, self.value(left, scope))
            case ast.Comparison("=" | "!=", of, ast.ListLiteral(())) | ast.Comparison(
                "=" | "!=", ast.ListLiteral(()), of
            ):
                return self._against_empty(node, self.value(of, scope))
            case ast.Comparison() | ast.Arithmetic():
                return self._of(node, {"left": node.left, "right": node.right}, scope)
            case ast.Negation():
                return self._of(node, {"operand": node.operand}, scope)
            case ast.Between():
                parts = {"value": node.value, "low": node.low, "high": node.high}
                return self._of(node, parts, scope)
            case ast.InstanceOf():
                return self._of(node, {"value": node.value}, scope)
            case ast.Conjunction(operands):
                return self._joined([self.value(each, scope) for each in operands], last=False)
            case ast.Disjunction(operands):
                return self._joined([self.value(each, scope) for each in operands], last=True)
            case ast.ListLiteral(items):
                return self._of_several(node, "items", items, scope)
            case ast.Call(ast.Name(name), (), named) if (
                named and name not in scope and (ordered := in_order(name, named)) is not None
            ):
                return self.value(ast.Call(node.function, ordered), scope)
            case ast.Call(ast.Name(name), positional, ()) if name not in scope:
                return self._of_several(node, "positional", positional, scope)
            case _:
                return self._computed(node, read_of(node, scope))

    def _joined(self, operands: list[Symbol], *, last: bool) -> Symbol:
        """Return an `and` of operands, or an `or`: what one of them is that has the `last` word.

        Else it is the other, where all are; null, where one is no boolean (10.3.2.11).
        """
        settled = [*map(self.symbols.settled, operands)]
        one = self.circuit.any_of(
            self.symbols.where(each, lambda value: value is last) for each in settled
        )
        all_ = self.circuit.all_of(
            self.symbols.where(each, lambda value: value is (not last)) for each in settled
        )
        null = self.circuit.all_of((-one, -all_))
        cases = [(one, Constant(last)), (all_, Constant(not last)), (null, Constant(None))]
        return self.symbols.merged(cases)

    def _against_null(self, operator: str, left: Symbol) -> Symbol:
        null = self.symbols.where(left, lambda value: value is None)
        return self.symbols.merged(
            [(null, Constant(operator == "=")), (-null, Constant(operator == "!="))]
        )

    def _against_empty(self, node: ast.Comparison, of: Symbol) -> Symbol:
        def empty(shape: Elements) -> Symbol:
            some = self.symbols.some(shape)
            there = node.operator == "!="
            return self.symbols.merged([(some, Constant(there)), (-some, Constant(not there))])

        def others(rest: Symbol) -> Symbol:
            operand = OPERAND.format(0)
            compared = replace(node, left=ast.Name(operand), right=ast.ListLiteral(()))
            return self._computed(compared, self._of_no_kind({operand: rest}))

        return self.lists.apart(of, empty, others)

    def _of(self, node: Any, parts: Mapping[str, ast.Expression], scope: Scope) -> Symbol:
        operands: dict[str, Symbol] = {}
        changed = {}
        for number, (slot, part) in enumerate(parts.items()):
            if read_of(part, scope):
                name = OPERAND.format(number)
                operands[name] = self.value(part, scope)
                changed[slot] = ast.Name(name)
        beside = [part for slot, part in parts.items() if slot not in changed]
        if isinstance(node, ast.Comparison | ast.Arithmetic) and all(
            literal(part)[0] for part in beside
        ):
            operands = self._of_no_kind(operands)
        return self._computed(replace(node, **changed), operands)

    @staticmethod
    def _of_no_kind(operands: dict[str, Symbol]) -> dict[str, Symbol]:
        """Return operands with lists and contexts that go together with no other operand.

        To an operation on two values, of which the other is none of these, all are alike.
        """
        large = [
            name
            for name, symbol in operands.items()
            if any(
                isinstance(shape, Elements | Entries)
                or (isinstance(shape, Constant) and isinstance(shape.value, list | dict))
                for _, shape in symbol
            )
        ]
        if len(large) != 1:
            return operands
        alike: dict[type, Shape] = {Elements: Constant([]), Entries: Constant({})}
        cases = [(at, alike.get(type(shape), shape)) for at, shape in operands[large[0]]]
        return {**operands, large[0]: tuple(cases)}

    def _of_several(
        self, node: Any, slot: str, parts: tuple[ast.Expression, ...], scope: Scope
    ) -> Symbol:
        operands: dict[str, Symbol] = {}
        changed: list[ast.Expression] = []
        for number, part in enumerate(parts):
            if read_of(part, scope):
                name = OPERAND.format(number)
                operands[name] = self.value(part, scope)
                changed.append(ast.Name(name))
            else:
                changed.append(part)
        return self._computed(replace(node, **{slot: tuple(changed)}), operands)

    # --- the engine -------------------------------------------------------------------------

    def _computed(self, node: ast.Expression, operands: Scope) -> Symbol:
        """Return what the engine gives for each combination of the operands' values."""
        try:
            return self._combined(node, operands)
        except NotDecided:
            try:
                return self._worked.of(node, operands)
            except NotDecided:
                pass
            raise

    def _combined(self, node: ast.Expression, operands: Scope) -> Symbol:
        try:
            each = [self.symbols.values(symbol, terms=True) for symbol in operands.values()]
            self.symbols.affordable(map(len, each))
        except TooMany:
            self._refuse("it reads a list, or more combinations of values than can be tried")
        function = self._engine.function(node, tuple(operands))
        found: list[tuple[Formula, Shape]] = []
        for row in product(*each):
            formula = self.circuit.all_of(part for part, _ in row)
            if formula == FALSE:
                continue
            values = dict(zip(operands, (value for _, value in row), strict=True))
            of_some = any(isinstance(value, Term) for value in values.values())
            self._engine.run.charge(_OF_TERMS if of_some else 1)
            if of_some:
                of_terms = self._operations.of(node, values)
                found += ((self.circuit.all_of((formula, at)), shape) for at, shape in of_terms)
            else:
                found.append((formula, Constant(self._engine.answer(node, function, values))))
        return self.symbols.merged(found)

    def _refuse(self, why: str) -> NoReturn:
        raise self._engine.refused(why)


def _is_condition(shape: Shape) -> bool:
    match shape:
        case Constant(value):
            return value is None or type(value) is bool
        case Term(kind=kind):
            return kind == BOOLEAN
    return False
