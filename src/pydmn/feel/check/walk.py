"""One tree on its way to a type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.feel import ast, static
from pydmn.feel.check import calls, operands
from pydmn.feel.check.names import Names
from pydmn.feel.findings import Findings, shown
from pydmn.feel.names import Scope
from pydmn.feel.signatures import Function
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    LIST,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_AND_MONTHS_DURATION,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)
from pydmn.source import Source, Span

_MAX_ENTRIES = 1_000
"""A context literal with more entries, all in all, has no type of its own."""


class Walk:
    """The walk over one tree, from its leaves up: what it finds, and what it reports."""

    def __init__(self, source: Source, scope: Scope, functions: Mapping[str, Function]) -> None:
        self._scope = scope
        self._findings = Findings(source)
        self._names = Names(scope, functions, self._findings)
        self._sizes: dict[int, tuple[Type, int]] = {}

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what was found, in order of place."""
        return self._findings.in_order()

    def infer(self, node: ast.Expression) -> Type:
        """Return the type of `node`, `ANY` where it is not known; report on the way."""
        match node:
            case ast.NumberLiteral():
                return NUMBER
            case ast.StringLiteral():
                return STRING
            case ast.BooleanLiteral():
                return BOOLEAN
            case ast.NullLiteral():
                return NULL
            case ast.AtLiteral():
                return self._at_literal(node)
            case ast.Name():
                return self._names.infer(node)
            case ast.Path():
                return self._path(node)
            case ast.Filter():
                return self._filter(node)
            case ast.Call():
                return self._call(node)
            case ast.Negation(operand):
                return operands.check_negation(self._findings, node, self.infer(operand))
            case ast.Arithmetic(_, left, right):
                types = self.infer(left), self.infer(right)
                return operands.check_arithmetic(self._findings, node, *types)
            case ast.Comparison(operator, left, right):
                self._compare(node, operator, self.infer(left), self.infer(right))
                return BOOLEAN
            case ast.Between(value, low, high):
                type_ = self.infer(value)
                for end in (low, high):
                    self._compare(end, "between", type_, self.infer(end))
                return BOOLEAN
            case ast.In(value, tests):
                type_ = self.infer(value)
                for test in tests:
                    self.test(test, type_)
                return BOOLEAN
            case ast.InstanceOf(value, named):
                self.infer(value)
                self._resolved(named)
                return BOOLEAN
            case ast.Conjunction() | ast.Disjunction():
                word = "and" if isinstance(node, ast.Conjunction) else "or"
                for operand in node.operands:
                    self._condition(operand, f"an operand of `{word}`")
                return BOOLEAN
            case ast.If():
                self._condition(node.condition, "the condition of `if`")
                return static.join(self.infer(node.consequence), self.infer(node.alternative))
            case ast.For():
                return self._for(node)
            case ast.Quantified():
                self._iterate(node.iterators)
                self._condition(node.condition, f"the condition of `{node.kind}`")
                self._names.leave(*(iterator.name for iterator in node.iterators))
                return BOOLEAN
            case ast.ListLiteral():
                return self._list(node)
            case ast.ContextLiteral():
                return self._context(node)
            case ast.FunctionLiteral():
                return self._function(node)
            case ast.RangeLiteral():
                low_type, high_type = self.infer(node.low), self.infer(node.high)
                self._compare(node, "..", low_type, high_type)
                return RangeType(high_type if static.unknown(low_type) else low_type)
            case ast.UnaryComparison():
                return RangeType(self.infer(node.endpoint))
            case _:
                assert_never(node)

    def test(self, node: ast.Test, input_: Type) -> None:
        """Check one test of a value of type `input_`, in a cell or after `in`."""
        match node:
            case ast.UnaryComparison(operator, endpoint):
                self._compare(node, operator, input_, self.infer(endpoint))
            case _:
                operands.check_test(self._findings, node, self.infer(node), input_)

    def _compare(self, node: ast.Expression, operator: str, left: Type, right: Type) -> None:
        operands.check_comparison(self._findings, node, operator, left, right)

    def _condition(self, node: ast.Expression, what: str) -> None:
        operands.check_condition(self._findings, node, self.infer(node), what)

    # --- literals, paths, filters ---------------------------------------------------

    def _at_literal(self, node: ast.AtLiteral) -> Type:
        for pattern, type_ in _AT_SHAPES:
            if re.fullmatch(pattern, node.text):
                return type_
        self._findings.report(
            "at-literal",
            f'`@"{shown(node.text)}"` is no date, time or duration',
            node.span,
            'write for example `@"2020-02-05"`, `@"10:30:00"` or `@"P30D"`',
        )
        return NULL

    def _path(self, node: ast.Path) -> Type:
        base = self.infer(node.base)
        members = static.members(base)
        if members is None:
            return LIST if isinstance(base, ListType) else ANY
        found = members.get(node.name)
        if found is None:
            self._findings.report(
                "unknown-member",
                f"a {static.kind(static.element(base))} has no `{shown(node.name)}`",
                Span(node.span.end - len(node.name), node.span.end),
                self._findings.meant(node.name, members, _choices(members)),
                # Of a list the answer is no null, but a list of nulls.
                Severity.WARNING if isinstance(base, ListType) else Severity.ERROR,
            )
            return ANY
        return ListType(found) if isinstance(base, ListType) else found

    def _filter(self, node: ast.Filter) -> Type:
        base = self.infer(node.base)
        item = static.element(base) if isinstance(base, ListType) else base
        self._names.enter_filter(item)
        condition = self.infer(node.condition)
        self._names.leave_filter()
        if condition == NUMBER:
            return item
        if not static.unknown(condition) and condition != BOOLEAN:
            self._findings.report(
                "condition-type",
                f"a filter is a boolean or a number, not a {static.kind(condition)}",
                node.condition.span,
                "compare the item: `item = ...`",
                Severity.WARNING,
            )
        return ListType(item) if condition == BOOLEAN else ANY

    def _call(self, node: ast.Call) -> Type:
        values = [self.infer(value) for value in node.positional]
        named = {argument.name: self.infer(argument.value) for argument in node.named}
        if not isinstance(node.function, ast.Name):
            return calls.check_value(self._findings, node, self.infer(node.function), values)
        name = node.function.name
        function = self._names.function(name)
        if function is not None:
            return calls.check_known(self._findings, node, name, function, values, named)
        if not self._names.check_called(node.function):
            return ANY
        type_ = self._names.infer(node.function)
        return calls.check_value(self._findings, node, type_, values)

    # --- control --------------------------------------------------------------------

    def _for(self, node: ast.For) -> Type:
        self._iterate(node.iterators)
        self._names.enter("partial", LIST)
        body = self.infer(node.body)
        self._names.leave("partial", *(iterator.name for iterator in node.iterators))
        return ListType(body)

    def _iterate(self, iterators: Sequence[ast.Iterator]) -> None:
        """Check the sources of iterators and bring their names into scope."""
        for iterator in iterators:
            source = self.infer(iterator.source)
            if iterator.until is not None:
                until = self.infer(iterator.until)
                operands.check_steps(self._findings, iterator, source, until)
            self._names.enter(iterator.name, static.element(source))

    # --- constructors ---------------------------------------------------------------

    def _list(self, node: ast.ListLiteral) -> Type:
        element: Type | None = None
        for item in node.items:
            type_ = self.infer(item)
            element = type_ if element is None else static.join(element, type_)
        return LIST if element is None else ListType(element)

    def _context(self, node: ast.ContextLiteral) -> Type:
        types: dict[str, Type] = {}
        for entry in node.entries:
            type_ = self.infer(entry.value)
            if entry.key in types:
                self._findings.report(
                    "duplicate-key",
                    f"the key `{shown(entry.key)}` stands here twice",
                    entry.span,
                    "give each entry a key of its own",
                )
            types[entry.key] = type_
            self._names.enter(entry.key, type_)
        self._names.leave(*(entry.key for entry in node.entries))
        size = 1 + sum(map(self._size, types.values()))
        if size > _MAX_ENTRIES:
            return CONTEXT
        context = ContextType(tuple(types.items()))
        self._sizes[id(context)] = (context, size)
        return context

    def _size(self, type_: Type) -> int:
        """Return how many entries a type of this text has, all levels together."""
        while isinstance(type_, ListType | RangeType):
            type_ = type_.element
        return self._sizes.get(id(type_), (type_, 1))[1]

    def _function(self, node: ast.FunctionLiteral) -> Type:
        types = tuple(
            ANY if parameter.type is None else self._resolved(parameter.type)
            for parameter in node.parameters
        )
        if node.external:
            # The body names code outside: its texts are no FEEL (10.3.2.13.3).
            return FunctionType(types, ANY)
        for parameter, type_ in zip(node.parameters, types, strict=True):
            self._names.enter(parameter.name, type_)
        result = self.infer(node.body)
        self._names.leave(*(parameter.name for parameter in node.parameters))
        return FunctionType(types, result)

    def _resolved(self, node: ast.TypeNode) -> Type:
        """Return the type that a text names; report the names that are none."""
        type_ = self._scope.resolve(node)
        if type_ is not None:
            return type_
        for named in _named_types(node):
            if self._scope.resolve(named) is None:
                self._findings.report(
                    "unknown-type",
                    f"unknown type `{shown(named.name)}`",
                    named.span,
                    self._findings.meant(
                        named.name, self._scope.type_names(), "define it as an item definition"
                    ),
                )
        return ANY


_DATE = r"[+-]?\d{4,9}-\d\d-\d\d"
_TIME = r"\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d(?::\d\d)?|@[\w/+-]+)?"
_AT_SHAPES: tuple[tuple[str, Type], ...] = (
    (_DATE, DATE),
    (_TIME, TIME),
    (f"{_DATE}T{_TIME}", DATE_AND_TIME),
    (r"-?P(?=[\dT])(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d*)?S)?)?",
     DAYS_AND_TIME_DURATION),
    (r"-?P(?=\d)(?:\d+Y)?(?:\d+M)?", YEARS_AND_MONTHS_DURATION),
)  # fmt: skip


def _named_types(node: ast.Node) -> Iterator[ast.NamedType]:
    """Yield the names within a type, in their order."""
    if isinstance(node, ast.NamedType):
        yield node
    for inner in ast.children(node):
        yield from _named_types(inner)


def _choices(members: Mapping[str, Type]) -> str:
    """Return a help line with the first few names there are."""
    if not members:
        return "it has no parts"
    names = [f"`{name}`" for name in list(members)[:6]]
    return f"there is {', '.join(names)}"
