"""A FEEL expression over symbols (DMN 1.5, 10.3).

An operation on constants is done by the engine itself, once for each combination of its operands'
values, so it means what it means there. Lists of which nothing is known but what may be in them
are gone through element by element where the expression asks whether there is one of some kind:
`some`, `every`, a filter by a condition, `list contains`, `count` against a number, a path. Any
other use of such a list is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any, Final, Literal, NoReturn, TypeAlias

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.builtins import registry
from pydmn.feel.types import Type
from pydmn.feel.values import Range
from pydmn.plan.logic import ANYTHING, Cell, Feel, Item, Requirement, Step
from pydmn.run import Run
from pydmn.source import Source
from pydmn.tables.cells import literal
from pydmn.verify.evaluator import Evaluator
from pydmn.verify.graph.circuit import FALSE, TRUE, Formula
from pydmn.verify.graph.items import ItemsOf
from pydmn.verify.graph.lists import OPERAND, Items, Lists, is_number, list_of
from pydmn.verify.graph.operations import Operations
from pydmn.verify.graph.symbols import (
    Constant,
    Count,
    Elements,
    Entries,
    Function,
    Scope,
    Shape,
    Symbol,
    Symbols,
    TooMany,
    constant,
)
from pydmn.verify.graph.terms import Term

Compiled: TypeAlias = Callable[[Mapping[str, Any]], Any]

INPUT: Final = "?"


class Expressions:
    """Works out expressions of one element of the graph.

    `types` are those that its texts may name, `place` says where they stand.
    """

    def __init__(
        self, symbols: Symbols, evaluator: Evaluator, run: Run, types: Mapping[str, Type]
    ) -> None:
        self.symbols = symbols
        self.circuit = symbols.circuit
        self.place = Source("")
        self._evaluator = evaluator
        self._run = run
        self._types = types
        self._compiled: dict[Hashable, Compiled] = {}
        self._items = ItemsOf(
            symbols,
            self._as_item,
            lambda cell, tested: self.accepted(cell, tested, {INPUT: tested}),
            self._refused,
        )
        self._operations = Operations(symbols, self.evaluated, self._refused)
        self.lists = Lists(symbols, self._operations, self._computed, self._refused)

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
        verdict = self._tests(cell.tests.tests, tested, scope, of_cell=True)
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

    def _as_item(self, value: Any, item: Item) -> Any:
        step = _step(ast.Name(INPUT), (INPUT,), self.place, self._types, item)
        return self._evaluator.expression(step)(self._run, {INPUT: value})

    # --- expressions ------------------------------------------------------------------------

    def value(self, node: ast.Expression, scope: Scope) -> Symbol:
        """Return the symbol of an expression; raises `NotDecided`."""
        match node:
            case ast.Name(name) if name in scope:
                return scope[name]
            case ast.Path(base, name):
                return self._path(self.value(base, scope), name)
            case ast.If(condition, consequence, alternative):
                return self._if(condition, consequence, alternative, scope)
            case ast.Quantified(kind, (ast.Iterator(name, source, None),), condition):
                return self._quantified(kind, name, self.value(source, scope), condition, scope)
            case ast.Filter(base, condition):
                return self._filter(self.value(base, scope), condition, scope)
            case ast.Call(function, positional, named) if (
                called := self._called(function, scope)
            ) is not None:
                if named:
                    return called.call({each.name: self.value(each.value, scope) for each in named})
                return called.call([self.value(each, scope) for each in positional])
            case ast.Call(ast.Name("list contains" as name), (base, element)) if name not in scope:
                return self.lists.contains(
                    node, self.value(base, scope), self.value(element, scope)
                )
            case ast.Call(ast.Name("count" as name), (base,)) if name not in scope:
                return self.lists.count(node, self.value(base, scope))
            case ast.Call(ast.Name("sum" | "min" | "max" as name), (base,)) if name not in scope:
                return self.lists.totalled(node, name, self.value(base, scope))
            case ast.In(value, tests):
                return self._tests(tests, self.value(value, scope), scope, of_cell=False)
            case _:
                return self._operation(node, scope)

    def _called(self, function: ast.Expression, scope: Scope) -> Function | None:
        """Return the function of the model that is called; None for any other."""
        match function:
            case ast.Name(name):
                symbol = scope.get(name)
            case ast.Path(ast.Name(name), entry) if name in scope:
                symbol = self._path(scope[name], entry)
            case _:
                return None
        match symbol:
            case ((1, Function() as called),):
                return called
        return None

    def _path(self, base: Symbol, name: str) -> Symbol:
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
                lambda shape: list_of(
                    tuple((at, self._path(each, name)) for at, each in shape.items),
                    exact=shape.exact,
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

    def _quantified(
        self,
        kind: Literal["some", "every"],
        name: str,
        source: Symbol,
        condition: ast.Expression,
        scope: Scope,
    ) -> Symbol:
        def over(items: Items) -> Symbol:
            return self.lists.together(
                kind, [(at, self.value(condition, {**scope, name: each})) for at, each in items]
            )

        def others(rest: Symbol) -> Symbol:
            cases: list[tuple[Formula, Shape]] = []
            for formula, shape in rest:
                if isinstance(shape, Constant) and isinstance(shape.value, list):
                    items = tuple((TRUE, constant(value)) for value in shape.value)
                    found = over(items)
                else:
                    operand = OPERAND.format(0)
                    node = ast.Quantified(kind, (ast.Iterator(name, ast.Name(operand)),), condition)
                    names = {**scope, operand: ((TRUE, shape),)}
                    found = self._computed(node, self._read(node, names))
                cases.extend((self.circuit.all_of((formula, inner)), each) for inner, each in found)
            return self.symbols.merged(cases)

        return self.lists.apart(source, lambda shape: over(shape.items), others)

    def _filter(self, base: Symbol, condition: ast.Expression, scope: Scope) -> Symbol:
        def kept(shape: Elements) -> Symbol:
            place = whole_number(condition)
            if place is not None and shape.exact:
                return self.lists.taken(shape.items, place)
            items = []
            for at, each in shape.items:
                verdict = self.value(condition, {**scope, **self.lists.members(each), "item": each})
                if any(is_number(inner) for _, inner in verdict):
                    self._refuse("an element is taken by its place in a list")
                accepted = self.symbols.where(verdict, lambda value: value is True)
                items.append((self.circuit.all_of((at, accepted)), each))
            return list_of(tuple(item for item in items if item[0] != FALSE), exact=shape.exact)

        def others(rest: Symbol) -> Symbol:
            operand = OPERAND.format(0)
            node = ast.Filter(ast.Name(operand), condition)
            return self._computed(node, self._read(node, {**scope, operand: rest}))

        return self.lists.apart(base, kept, others)

    def _tests(
        self, tests: tuple[ast.Test, ...], tested: Symbol, scope: Scope, *, of_cell: bool
    ) -> Symbol:
        """Return the verdict of tests on a value: of a cell, or of what stands behind `in`."""
        operand = OPERAND.format(0)
        # The engine makes `?` what is tested; but in a cell `?` stays what the cell tests.
        outer = {name: each for name, each in scope.items() if name != INPUT} if of_cell else scope

        def of_list(shape: Elements) -> Symbol:
            inner = {**scope, INPUT: ((TRUE, shape),)} if of_cell or INPUT not in scope else scope
            return self.lists.together(
                "some", [(TRUE, self._list_in(test, inner)) for test in tests]
            )

        def others(rest: Symbol) -> Symbol:
            node = ast.In(ast.Name(operand), tests)
            read = self._read(node, {**outer, operand: rest})
            names = read.keys() - {operand}
            constant_ = not any(
                isinstance(shape, Term) for name in names for _, shape in read[name]
            )
            found: list[tuple[Formula, Symbol]] = []
            left = []
            for at, shape in rest:
                if isinstance(shape, Term) and not (
                    constant_ and self._operations.only_compares(tests, shape, names)
                ):
                    each: Symbol = ((TRUE, shape),)
                    inside = {**scope, INPUT: each} if of_cell or INPUT not in scope else scope
                    verdicts = [(TRUE, self._term_in(test, each, inside)) for test in tests]
                    found.append((at, self.lists.together("some", verdicts)))
                else:
                    left.append((at, shape))
            if left:
                found.append((TRUE, self._computed(node, {**read, operand: tuple(left)})))
            return self.symbols.chosen(found)

        return self.lists.apart(tested, of_list, others)

    def _term_in(self, test: ast.Test, tested: Symbol, scope: Scope) -> Symbol:
        """Return the verdict of one test on a term; `?` in `scope` is what a cell tests."""
        operand = OPERAND.format(0)
        names = {**scope, operand: tested}

        def compared(operator: ast.ComparisonOperator, end: ast.Expression) -> Symbol:
            return self.value(ast.Comparison(operator, ast.Name(operand), end), names)

        match test:
            case ast.UnaryComparison(operator, endpoint):
                return compared(operator, endpoint)
            case ast.RangeLiteral(low, high, low_closed, high_closed):
                sides = [
                    compared(">=" if low_closed else ">", low),
                    compared("<=" if high_closed else "<", high),
                ]
                return self.lists.together("every", [(TRUE, side) for side in sides])
            case _ if _reads(test, INPUT):
                return self.value(test, scope)
        value = self.value(test, scope)
        if any((isinstance(shape, Constant) and isinstance(shape.value, list | Range))
               or isinstance(shape, Elements) for _, shape in value):  # fmt: skip
            self._refuse("an input is looked for in a list that is worked out")
        return compared("=", test)

    def _list_in(self, test: ast.Test, scope: Scope) -> Symbol:
        """Return the verdict of one test on the list that is `?` in `scope`."""
        if isinstance(test, ast.NullLiteral):
            return constant(value=False)
        if not _reads(test, INPUT):
            self._refuse("a list is compared with a value")
        return self.value(test, scope)

    def _operation(self, node: ast.Expression, scope: Scope) -> Symbol:
        """Return an operation on operands that are worked out one by one."""
        match node:
            case ast.Comparison("=" | "!=" as operator, left, ast.NullLiteral()):
                return self._against_null(operator, self.value(left, scope))
            case ast.Comparison() | ast.Arithmetic():
                return self._of(node, {"left": node.left, "right": node.right}, scope)
            case ast.Negation():
                return self._of(node, {"operand": node.operand}, scope)
            case ast.Between():
                parts = {"value": node.value, "low": node.low, "high": node.high}
                return self._of(node, parts, scope)
            case ast.InstanceOf():
                return self._of(node, {"value": node.value}, scope)
            case ast.Conjunction(operands) | ast.Disjunction(operands):
                return self._of_several(node, "operands", operands, scope)
            case ast.ListLiteral(items):
                return self._of_several(node, "items", items, scope)
            case ast.Call(ast.Name(name), (), named) if (
                named and name not in scope and (ordered := in_order(name, named)) is not None
            ):
                return self.value(ast.Call(node.function, ordered), scope)
            case ast.Call(ast.Name(name), positional, ()) if name not in scope:
                return self._of_several(node, "positional", positional, scope)
            case _:
                return self._computed(node, self._read(node, scope))

    def _against_null(self, operator: str, left: Symbol) -> Symbol:
        null = self.symbols.where(left, lambda value: value is None)
        return self.symbols.merged(
            [(null, Constant(operator == "=")), (-null, Constant(operator == "!="))]
        )

    def _of(self, node: Any, parts: Mapping[str, ast.Expression], scope: Scope) -> Symbol:
        operands: dict[str, Symbol] = {}
        changed = {}
        for number, (slot, part) in enumerate(parts.items()):
            if self._read(part, scope):
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
            if self._read(part, scope):
                name = OPERAND.format(number)
                operands[name] = self.value(part, scope)
                changed.append(ast.Name(name))
            else:
                changed.append(part)
        return self._computed(replace(node, **{slot: tuple(changed)}), operands)

    # --- the engine -------------------------------------------------------------------------

    def _read(self, node: ast.Node, scope: Scope) -> dict[str, Symbol]:
        """Return what `node` may read of `scope`."""
        names = {each.name for each in ast.walk(node) if isinstance(each, ast.Name)}
        return {name: symbol for name, symbol in scope.items() if name in names}

    def _computed(self, node: ast.Expression, operands: Scope) -> Symbol:
        """Return what the engine gives for each combination of the operands' values."""
        try:
            each = [self.symbols.values(symbol, terms=True) for symbol in operands.values()]
            self.symbols.affordable(map(len, each))
        except TooMany:
            self._refuse("it reads a list, or more combinations of values than can be tried")
        function = self._function(node, tuple(operands))
        found: list[tuple[Formula, Shape]] = []
        for row in product(*each):
            self._run.charge(1)
            formula = self.circuit.all_of(part for part, _ in row)
            if formula == FALSE:
                continue
            values = dict(zip(operands, (value for _, value in row), strict=True))
            if any(isinstance(value, Term) for value in values.values()):
                of_terms = self._operations.of(node, values)
                found += ((self.circuit.all_of((formula, at)), shape) for at, shape in of_terms)
            else:
                found.append((formula, Constant(self._answer(node, function, values))))
        return self.symbols.merged(found)

    def evaluated(self, node: ast.Expression, values: Mapping[str, Any]) -> Any:
        """Return what the engine makes of a node whose names have these FEEL values."""
        return self._function(node, tuple(values))(values)

    def _answer(
        self,
        node: ast.Expression,
        function: Callable[[Mapping[str, Any]], Any],
        values: Mapping[str, Any],
    ) -> Any:
        lengths = [name for name, value in values.items() if isinstance(value, Count)]
        if not lengths:
            return function(values)
        # From the greatest number that is named on, every length is like every other.
        named = [each.value for each in ast.walk(node) if isinstance(each, ast.NumberLiteral)]
        compared = isinstance(node, ast.Comparison | ast.Between | ast.In)
        if len(lengths) > 1 or not compared or max(named, default=Decimal(0)) > 1_000:
            self._refuse("the length of a list is used otherwise than against a number")
        most = int(max([Decimal(0), *named])) + 2
        answers = [
            function({**values, lengths[0]: Decimal(length)}) for length in range(1, most + 1)
        ]
        if any(answer is not answers[0] for answer in answers):
            self._refuse("it asks for more of a list's length than whether there is an element")
        return answers[0]

    def _function(self, node: ast.Expression, names: tuple[str, ...]) -> Compiled:
        # Equal trees may differ in the places of a number: `1` and `1.0`.
        digits = tuple(
            str(each.value) for each in ast.walk(node) if isinstance(each, ast.NumberLiteral)
        )
        key = (node, names, digits)
        found = self._compiled.get(key)
        if found is None:
            step = _step(node, names, self.place, self._types, ANYTHING)
            compiled = self._evaluator.expression(step)
            found = self._compiled[key] = lambda values: compiled(self._run, values)
        return found

    def _refuse(self, why: str) -> NoReturn:
        raise self._refused(why)

    def _refused(self, why: str) -> NotDecided:
        return NotDecided(f"{self.place.where}: {why}")


def _step(
    node: ast.Expression,
    names: tuple[str, ...],
    source: Source,
    types: Mapping[str, Type],
    item: Item,
) -> Step:
    """Return an element beside the plan that works out `node` from values by name."""
    return Step(
        "operation", "operation", "decision", source, item, Feel(node, source),
        tuple(Requirement(name, name) for name in names), types=types,
    )  # fmt: skip


def whole_number(node: ast.Expression) -> int | None:
    """Return the whole number that a node writes; None for any other."""
    known, value = literal(node)
    if not known or not isinstance(value, Decimal) or value != value.to_integral_value():
        return None
    return int(value)


def in_order(name: str, named: Sequence[ast.Argument]) -> tuple[ast.Expression, ...] | None:
    """Return the arguments of a function of FEEL in order; None where they fit no one way."""
    given = {each.name: each.value for each in named}
    ways = [
        signature
        for signature in (registry[name].signatures if name in registry else ())
        if [each.name for each in signature.parameters][: len(given)]
        == [each.name for each in signature.parameters if each.name in given]
        and len(given) == sum(each.name in given for each in signature.parameters)
    ]
    if len(ways) != 1 or len(given) != len(named):
        return None
    return tuple(given[each.name] for each in ways[0].parameters if each.name in given)


def _reads(node: ast.Node, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.name == name for each in ast.walk(node))
