"""FEEL trees to expressions of polars that mean the same, or a reason why there is none.

Each node gives a `Term`: an expression and what is proved of its values. What reads no row is
worked out once, as a record would. Inside a list, for `some`, `every`, `for` and a filter,
polars sees the element alone: what is read there beside it must be constant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, TypeAlias, assert_never

import polars as pl

from pydmn.backends.to_polars import calls, comparison, members, testing
from pydmn.backends.to_polars.arithmetic import arithmetic, negation
from pydmn.backends.to_polars.constants import literal
from pydmn.backends.to_polars.shapes import (
    Entry,
    Listed,
    Nothing,
    Number,
    Scalar,
    Several,
    Shape,
    Term,
    Text,
    Truth,
    Untranslated,
    conforms,
    held,
    joined,
    kind,
    nothing,
)  # fmt: skip
from pydmn.backends.to_python import FrameSize, Layout
from pydmn.backends.to_python.access import weight
from pydmn.backends.to_python.boxed import size
from pydmn.backends.to_python.expressions import compile_expression
from pydmn.errors import LimitExceeded
from pydmn.feel import ast, builtins, numbers
from pydmn.limits import Limits
from pydmn.plan.logic import Choose, Entries, Feel, FunctionOf, Item, Items, Logic, Step
from pydmn.run import Run

Names: TypeAlias = Callable[[str], Term | Step | None]
"""What a name stands for: a column, a business knowledge model, or None where it is unbound."""

_NODES: Final = 20_000
"""So many nodes are translated for one decision, those of a knowledge model at each call."""

_ELEMENT_STEPS: Final = 4
"""What a record is charged at most for an element that a built-in function looks at."""


@dataclass
class Translator:
    """Translates the logic of one step; `steps` is the most that a record would be charged."""

    limits: Limits
    knowledge: Callable[[Any], Names]
    steps: int = 0
    _nodes: int = field(default=0, init=False)
    _called: list[str] = field(default_factory=list, init=False)

    def logic(self, logic: Logic, names: Names) -> Term:
        """Return the term of `logic`, as its item asks. Raises `Untranslated`."""
        self._charge(size(logic))
        match logic:
            case Feel(node):
                term = self.expression(node, names)
            case Entries():
                term = self._entries(logic, names)
            case Items(items):
                term = several([self.logic(each, names) for each in items])
            case Choose(condition, then, otherwise):
                parts = [self.logic(each, names) for each in (condition, then, otherwise)]
                term = self._choice(*parts)
            case _:
                raise Untranslated(f"a boxed {_BOXED.get(type(logic).__name__, 'expression')}")
        return self.asked(term, logic.item)

    def asked(self, term: Term, item: Item) -> Term:
        """Return a value as its item definition asks; null where it is not allowed (7.3.3)."""
        if not conforms(term.shape, item.type):
            raise Untranslated(f"a {kind(term.shape)} where `{item.type}` is asked")
        if not item.constrained:
            return term
        if item.element is not None or item.entries or isinstance(term.shape, Several | Entry):
            raise Untranslated("the values that a list or context may have")
        expr = term.expr
        for cell in (item.allowed, item.constraint):
            if cell is not None:
                verdict = testing.unary_tests(cell.tests, term, self.expression, no_names)
                expr = pl.when(verdict).then(expr)
        return Term(expr, term.shape)

    def _charge(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self.limits.steps:
            raise Untranslated(f"it may take more than the limit `steps`: {self.limits.steps:,}")

    # --- expressions -------------------------------------------------------------------

    def expression(self, node: ast.Expression, names: Names) -> Term:
        """Return the term of a FEEL expression. Raises `Untranslated`."""
        self._charge(1)
        self._nodes += 1
        if self._nodes > _NODES:
            raise Untranslated(f"an expression of more than {_NODES:,} nodes")
        if _is_closed(node, names):
            return self._folded(node)
        match node:
            case ast.Name(name):
                return self._name(name, names)
            case ast.Path(base, name):
                return members.member(self.expression(base, names), name)
            case ast.Negation(operand):
                return negation(self.expression(operand, names))
            case ast.Arithmetic(operator, left, right):
                one, other = self.expression(left, names), self.expression(right, names)
                made = arithmetic(operator, one, other, self.limits.chars)
                self._charge(made.shape.longest if isinstance(made.shape, Text) else 0)
                return made
            case ast.Comparison(operator, left, right):
                one, other = self.expression(left, names), self.expression(right, names)
                return comparison.comparison(operator, one, other)
            case ast.Between(value, low, high):
                parts = [self.expression(each, names) for each in (value, low, high)]
                return comparison.between(*parts)
            case ast.In(value, tests):
                tested = self.expression(value, names)
                return comparison.truth(testing.tests(tests, tested, self.expression, names))
            case ast.Conjunction(operands):
                return comparison.truth(comparison.every(self._verdicts(operands, names)))
            case ast.Disjunction(operands):
                return comparison.truth(comparison.some(self._verdicts(operands, names)))
            case ast.If():
                parts = [
                    self.expression(each, names)
                    for each in (node.condition, node.consequence, node.alternative)
                ]
                return _if(*parts)
            case ast.Call():
                return self._call(node, names)
            case ast.Quantified():
                return self._quantified(node, names)
            case ast.For():
                return self._for(node, names)
            case ast.Filter():
                return self._filter(node, names)
            case ast.ListLiteral(items):
                return several([self.expression(each, names) for each in items])
            case ast.ContextLiteral(entries):
                return self._context(entries, names)
            case ast.InstanceOf():
                raise Untranslated("`instance of`")
            case ast.FunctionLiteral():
                raise Untranslated("a function")
            case ast.RangeLiteral() | ast.UnaryComparison():
                raise Untranslated("a range that is no test")
            case (
                ast.NumberLiteral() | ast.StringLiteral() | ast.BooleanLiteral()
                | ast.NullLiteral() | ast.AtLiteral()
            ):  # fmt: skip
                return self._folded(node)
        assert_never(node)

    def _folded(self, node: ast.Expression) -> Term:
        """Return what reads no row, worked out as a record would."""
        layout = Layout(FrameSize())
        compiled = compile_expression(node, layout)
        run = Run(self.limits)
        frame: list[Any] = [run, *[None] * (layout.size.slots - 1)]
        try:
            value = compiled(frame)
        except LimitExceeded as error:
            raise Untranslated(str(error)) from error
        self._charge(self.limits.steps - run.steps)
        return literal(value)

    def _name(self, name: str, names: Names) -> Term:
        found = names(name)
        if isinstance(found, Term):
            return found
        raise Untranslated(f"`{name}`, which is no value that a row has")

    def _verdicts(self, operands: tuple[ast.Expression, ...], names: Names) -> list[pl.Expr]:
        """Return operands of `and` and `or`; what is no boolean is null to them (Table 50)."""
        terms = [self.expression(each, names) for each in operands]
        return [
            each.expr if isinstance(each.shape, Truth) else pl.lit(None, pl.Boolean)
            for each in terms
        ]

    def _choice(self, condition: Term, then: Term, otherwise: Term) -> Term:
        """Return a boxed conditional (10.2.1.8)."""
        if not isinstance(condition.shape, Truth | Nothing):
            return nothing()
        return _if(condition, then, otherwise)

    # --- contexts ----------------------------------------------------------------------

    def _entries(self, logic: Entries, names: Names) -> Term:
        """Return a boxed context: each entry sees those above it (10.2.1.4)."""
        known: dict[str, Term] = {}
        inside = _beside(names, known)
        for name, value in logic.entries:
            known[name] = self.logic(value, inside)
        if logic.result is not None:
            return self.logic(logic.result, inside)
        return Term(pl.lit(None), Entry(tuple(known.items())))

    def _context(self, entries: tuple[ast.ContextEntry, ...], names: Names) -> Term:
        known: dict[str, Term] = {}
        inside = _beside(names, known)
        for entry in entries:
            if entry.key in known:
                return nothing()
            known[entry.key] = self.expression(entry.value, inside)
        return Term(pl.lit(None), Entry(tuple(known.items())))

    # --- calls -------------------------------------------------------------------------

    def _call(self, node: ast.Call, names: Names) -> Term:
        if not isinstance(node.function, ast.Name):
            raise Untranslated("a call of what is no name")
        name = node.function.name
        builtin = builtins.lookup(name)
        called = names(name)
        if isinstance(called, Step):
            return self._inlined(called, node, names)
        if called is not None or builtin is None:
            raise Untranslated(f"a call of `{name}`")
        terms = [self.expression(each, names) for each in node.positional]
        if node.named:
            terms = self._arranged(node, builtin.parameters, names)
        self._charge(sum(_ELEMENT_STEPS * _longest(each.shape) for each in terms))
        return calls.call(name, terms)

    def _arranged(self, node: ast.Call, parameters: Any, names: Names) -> list[Term]:
        """Return named arguments in the order of `parameters`, all of them."""
        given = {each.name: each.value for each in node.named}
        order = [each.name for each in parameters][: len(given)]
        if set(order) != given.keys():
            raise Untranslated("named arguments that leave one out")
        return [self.expression(given[name], names) for name in order]

    def _inlined(self, step: Step, node: ast.Call, names: Names) -> Term:
        """Return the call of a knowledge model: its body, its parameters the arguments."""
        function = step.logic
        if not isinstance(function, FunctionOf) or function.external is not None:
            raise Untranslated(f"a call of `{step.name}`")
        if len(node.positional) + len(node.named) != len(function.parameters):
            raise Untranslated(f"a call of `{step.name}` with too few or too many arguments")
        if step.key in self._called:
            raise Untranslated(f"`{step.name}`, which calls itself")
        terms = [self.expression(each, names) for each in node.positional]
        if node.named:
            terms = self._arranged(node, function.parameters, names)
        known = {
            each.name: self.asked(term, each.item)
            for each, term in zip(function.parameters, terms, strict=True)
        }
        self._charge(2)
        self._called.append(step.key)
        made = self.logic(function.body, _beside(self.knowledge(step), known))
        self._called.pop()
        return made

    # --- through a list ----------------------------------------------------------------

    def _quantified(self, node: ast.Quantified, names: Names) -> Term:
        source, name = self._source(node.iterators, names)
        either = node.kind == "some"
        if isinstance(source.shape, Several):
            verdicts = [
                _verdict(self.expression(node.condition, _beside(names, {name: each})))
                for each in source.shape.terms
            ]
            if not verdicts:
                return comparison.truth(pl.lit(not either))
            return comparison.truth(
                comparison.some(verdicts) if either else comparison.every(verdicts)
            )
        verdict = _verdict(self._inside(node.condition, source, name, names))
        found = verdict.any(ignore_nulls=False) if either else verdict.all(ignore_nulls=False)
        return comparison.truth(source.expr.list.agg(found))

    def _for(self, node: ast.For, names: Names) -> Term:
        source, name = self._source(node.iterators, names)
        if isinstance(source.shape, Several):
            made = [
                self.expression(node.body, _beside(names, {name: each}))
                for each in source.shape.terms
            ]
            return several(made)
        body = self._inside(node.body, source, name, names)
        if not isinstance(body.shape, Scalar):
            raise Untranslated(f"a list of a {kind(body.shape)}")
        assert isinstance(source.shape, Listed)
        shape = Listed(body.shape, source.shape.longest, holes=True)
        return Term(source.expr.list.eval(body.expr), shape)

    def _filter(self, node: ast.Filter, names: Names) -> Term:
        base = self.expression(node.base, names)
        if not isinstance(base.shape, Listed):
            raise Untranslated(f"a filter of a {kind(base.shape)}")
        verdict = self._inside(node.condition, base, "item", names)
        if isinstance(verdict.shape, Number) and verdict.constant:
            return _at(base, base.shape, verdict.value)
        if not isinstance(verdict.shape, Truth):
            raise Untranslated(f"a filter by a {kind(verdict.shape)}")
        kept = base.expr.list.eval(pl.element().filter(verdict.expr))
        # Null has no items (10.3.2.5).
        return Term(kept.fill_null(pl.lit([], dtype=base.shape.dtype)), base.shape)

    def _source(self, iterators: tuple[ast.Iterator, ...], names: Names) -> tuple[Term, str]:
        """Return the one list that is gone through, and the name of its element."""
        if len(iterators) > 1 or iterators[0].until is not None:
            raise Untranslated("more than one iterator, or one that counts")
        source = self.expression(iterators[0].source, names)
        if not isinstance(source.shape, Listed | Several):
            raise Untranslated(f"an iterator over a {kind(source.shape)}")
        return source, iterators[0].name

    def _inside(self, node: ast.Expression, source: Term, name: str, names: Names) -> Term:
        """Return what `node` is for the element of a list, which is called `name`."""
        shape = source.shape
        assert isinstance(shape, Listed)
        turns = shape.longest * (weight(node) + 1)
        self._charge(turns)

        def visible(wanted: str) -> Term | Step | None:
            if wanted == name:
                return Term(pl.element(), shape.element)
            found = names(wanted)
            if isinstance(found, Term) and not found.constant:
                raise Untranslated(f"`{wanted}` inside a list, which differs from row to row")
            return found

        term = self.expression(node, visible)
        # What does not look at the element is one value, and has to be as long as the list.
        each = pl.element().is_null().is_not_null()
        return replace(term, expr=pl.when(each).then(term.expr))


# --- parts ----------------------------------------------------------------------------

_BOXED: Final[Mapping[str, str]] = {
    "FunctionOf": "function", "Invoke": "invocation", "Loop": "iterator", "Select": "filter",
    "Table": "decision table",
}  # fmt: skip

_CLOCKS: Final = frozenset({"now", "today"})


def _is_closed(node: ast.Expression, names: Names) -> bool:
    """Say whether `node` reads nothing but built-in functions, and no clock."""
    for each in ast.walk(node):
        match each:
            case ast.Name(name):
                if builtins.lookup(name) is None or name in _CLOCKS or names(name) is not None:
                    return False
            case ast.FunctionLiteral() | ast.InstanceOf():
                return False
    return True


def no_names(_: Any) -> Any:
    """Bind nothing: allowed values see no requirement."""


def _beside(names: Names, known: Mapping[str, Term]) -> Names:
    def visible(name: str) -> Term | Step | None:
        found = known.get(name)
        return names(name) if found is None else found

    return visible


def _if(condition: Term, consequence: Term, alternative: Term) -> Term:
    """Return a choice: what is not true takes the alternative (10.3.2.6)."""
    shape = joined(consequence.shape, alternative.shape)
    if shape is None:
        one, other = kind(consequence.shape), kind(alternative.shape)
        raise Untranslated(f"a choice between a {one} and a {other}")
    if not isinstance(condition.shape, Truth):
        return Term(held(alternative, shape), shape)
    chosen = pl.when(condition.expr).then(held(consequence, shape))
    return Term(chosen.otherwise(held(alternative, shape)), shape)


def _at(base: Term, shape: Listed, position: Decimal) -> Term:
    """Return the item at a constant position, 1 the first and -1 the last (10.3.2.5)."""
    place = numbers.integer(position)
    if not place or abs(place) > shape.longest:
        return nothing(shape.element)
    index = place - 1 if place > 0 else place
    return Term(base.expr.list.get(index, null_on_oob=True), shape.element)


def _verdict(term: Term) -> pl.Expr:
    if not isinstance(term.shape, Truth):
        raise Untranslated(f"a condition that is a {kind(term.shape)}")
    return term.expr


def several(terms: list[Term]) -> Term:
    """Return a list of terms."""
    return Term(pl.lit(None), Several(tuple(terms)))


def _longest(shape: Shape) -> int:
    match shape:
        case Listed(longest=longest) | Text(longest):
            return longest
        case Several(terms):
            return len(terms)
    return 1
