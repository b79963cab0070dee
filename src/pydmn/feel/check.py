"""Names and types of an expression, checked before anything runs (DMN 1.5, 10.3.2.9-.13).

An error is reported only where the answer is null, or a test fails, whatever the input; a
warning where the text is probably not what was meant. What has an unknown type is silent.

    unknown-name, unknown-member, unknown-function, unknown-type
    arguments         number or names of arguments
    argument-type     an argument that no conversion makes the parameter's type
    operand-type      arithmetic, order or range over types that do not fit
    comparison-type   equality of unlike types
    condition-type    a condition that is no boolean
    test-type         a cell's test of another type than its input
    duplicate-key, at-literal
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import assert_never

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.feel import ast, signatures, static
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
    FUNCTION,
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


def check(
    node: ast.Expression,
    source: Source,
    scope: Scope,
    functions: Mapping[str, Function] | None = None,
) -> tuple[Type, tuple[Diagnostic, ...]]:
    """Return the type of an expression, and what is wrong with it, in order of place.

    `functions` holds the built-in functions and those of the model whose parameters are
    known, by name; a variable in `scope` that is not there shadows a built-in one.
    """
    checker = _Checker(source, scope, functions or {})
    return checker.infer(node), checker.diagnostics()


def check_unary_tests(
    node: ast.UnaryTests,
    source: Source,
    scope: Scope,
    functions: Mapping[str, Function] | None = None,
    input_type: Type = ANY,
) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a cell whose input is of `input_type` (7.3.3)."""
    checker = _Checker(source, scope.with_variable("?", input_type), functions or {})
    for test in node.tests:
        checker.test(test, input_type)
    return checker.diagnostics()


class _Checker:
    """One tree on its way to a type."""

    def __init__(self, source: Source, scope: Scope, functions: Mapping[str, Function]) -> None:
        self._scope = scope
        self._functions = functions
        self._findings = Findings(source)
        self._local: dict[str, list[Type]] = {}
        """Names that the text defines, each with the types it has from outside in."""
        self._items: list[Mapping[str, Type] | None] = []
        """Entries of the items of the filters around; None where they are not known."""
        self._sizes: dict[int, tuple[Type, int]] = {}

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what was found, in order of place."""
        return self._findings.in_order()

    # --- the walk -------------------------------------------------------------------

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
                return self._name(node)
            case ast.Path():
                return self._path(node)
            case ast.Filter():
                return self._filter(node)
            case ast.Call():
                return self._call(node)
            case ast.Negation():
                return self._negation(node)
            case ast.Arithmetic():
                return self._arithmetic(node)
            case ast.Comparison():
                return self._comparison(node)
            case ast.Between():
                return self._between(node)
            case ast.In():
                return self._in(node)
            case ast.InstanceOf():
                self.infer(node.value)
                self._resolved(node.type)
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
                self._leave(*(iterator.name for iterator in node.iterators))
                return BOOLEAN
            case ast.ListLiteral():
                return self._list(node)
            case ast.ContextLiteral():
                return self._context(node)
            case ast.FunctionLiteral():
                return self._function(node)
            case ast.RangeLiteral():
                return self._range(node)
            case ast.UnaryComparison():
                return RangeType(self.infer(node.endpoint))
            case _:
                assert_never(node)

    def _enter(self, name: str, type_: Type) -> None:
        self._local.setdefault(name, []).append(type_)

    def _leave(self, *names: str) -> None:
        for name in names:
            self._local[name].pop()

    # --- literals and names ---------------------------------------------------------

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

    def _name(self, node: ast.Name) -> Type:
        name = node.name
        unsure = False
        for entries in reversed(self._items):
            if entries is None:
                unsure = True
            elif name in entries:
                return ANY if unsure else entries[name]
        local = self._local.get(name)
        if local:
            return local[-1]
        if name in self._scope.variables:
            # Within a filter over unknown items an entry of the name would come first.
            return ANY if unsure else self._scope.variables[name]
        if name in self._functions or name in self._scope.builtins:
            return FUNCTION
        if not unsure:
            severity = Severity.WARNING if self._items else Severity.ERROR
            self._findings.report(
                "unknown-name",
                f"unknown name `{shown(name)}`",
                node.span,
                self._findings.meant(
                    name, self._names(), "declare it, or write a string in double quotes"
                ),
                severity,
            )
        return ANY

    def _names(self) -> Iterator[str]:
        """Yield all that may be read here, for a guess at what was meant."""
        local = (name for name, types in self._local.items() if types)
        entries = chain.from_iterable(known for known in self._items if known is not None)
        return chain(
            local,
            entries,
            self._scope.variables,
            self._functions,
            ("true", "false", "null"),
        )

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
        # Properties of dates and the like are no entries: only contexts open their names.
        known: dict[str, Type] | None = (
            {} if not static.unknown(item) and not isinstance(item, ContextType) else None
        )
        self._items.append(static.members(item) if isinstance(item, ContextType) else known)
        self._enter("item", item)
        condition = self.infer(node.condition)
        self._leave("item")
        self._items.pop()
        if condition == NUMBER:
            return item
        if not static.unknown(condition) and condition != BOOLEAN:
            self._unlike(
                "condition-type",
                f"a filter is a boolean or a number, not a {static.kind(condition)}",
                node.condition,
                "compare the item: `item = ...`",
                Severity.WARNING,
            )
        return ListType(item) if condition == BOOLEAN else ANY

    # --- calls ----------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Type:
        values = [self.infer(value) for value in node.positional]
        named = {argument.name: self.infer(argument.value) for argument in node.named}
        if not isinstance(node.function, ast.Name):
            return self._call_value(node, self.infer(node.function), values)
        name = node.function.name
        function = None if self._local.get(name) else self._functions.get(name)
        if function is not None:
            return self._call_known(node, name, function, values, named)
        if not self._is_known(name):
            candidates = (*self._functions, *self._scope.variables)
            self._findings.report(
                "unknown-function",
                f"unknown function `{shown(name)}`",
                node.function.span,
                self._findings.meant(name, candidates, "define it as a business knowledge model"),
            )
            return ANY
        return self._call_value(node, self._name(node.function), values)

    def _is_known(self, name: str) -> bool:
        """Say whether `name` is, or may be, something in scope."""
        return (
            bool(self._local.get(name))
            or name in self._scope.variables
            or name in self._scope.builtins
            or any(entries is None or name in entries for entries in self._items)
        )

    def _call_value(self, node: ast.Call, type_: Type, values: Sequence[Type]) -> Type:
        """Check a call of a function of which at most the type is known."""
        match type_:
            case FunctionType(parameters, result):
                if parameters is not None and not node.named:
                    self._positional(node, "the function", parameters, values)
                return result
            case _ if not static.unknown(type_):
                self._findings.report(
                    "unknown-function",
                    f"a {static.kind(type_)} is no function",
                    node.function.span,
                    "only a function can be followed by `(`",
                )
        return ANY

    def _positional(
        self, node: ast.Call, name: str, parameters: Sequence[Type], values: Sequence[Type]
    ) -> None:
        if len(parameters) != len(values):
            self._findings.report(
                "arguments",
                f"{name} takes {_count(len(parameters))}, not {len(values)}",
                node.span,
                "give one argument for each parameter",
            )
            return
        for value, type_, expected in zip(node.positional, values, parameters, strict=True):
            if not static.fits(type_, expected):
                self._unlike(
                    "argument-type",
                    f"{name} takes a {static.kind(expected)} here, not a {static.kind(type_)}",
                    value,
                    f"convert it to a {static.kind(expected)}",
                )

    def _call_known(
        self,
        node: ast.Call,
        name: str,
        function: Function,
        values: Sequence[Type],
        named: Mapping[str, Type],
    ) -> Type:
        """Check a call of a function whose parameters are known."""
        if node.named:
            fitting = [s for s in function.signatures if signatures.takes_names(s, named)]
        else:
            fitting = [s for s in function.signatures if signatures.takes(s, len(values))]
        if not fitting:
            self._arguments(node, name, function, named)
        elif not any(signatures.mismatch(s, values, named) is None for s in fitting):
            wrong = signatures.mismatch(fitting[0], values, named)
            assert wrong is not None
            key, expected, actual = wrong
            value = (
                node.positional[key]
                if isinstance(key, int)
                else next(a.value for a in node.named if a.name == key)
            )
            self._unlike(
                "argument-type",
                f"`{name}` takes a {static.kind(expected)} here, not a {static.kind(actual)}",
                value,
                f"write `{signatures.call_text(name, fitting[0])}`",
            )
        return function.result_type

    def _arguments(
        self,
        node: ast.Call,
        name: str,
        function: Function,
        named: Mapping[str, Type],
    ) -> None:
        """Report that no signature takes this number, or these names, of arguments."""
        ways = " or ".join(f"`{signatures.call_text(name, way)}`" for way in function.signatures)
        known = {p.name for way in function.signatures for p in way.parameters}
        stranger = next((a for a in node.named if a.name not in known), None)
        severity, span = Severity.ERROR, node.span
        if stranger is not None:
            message = f"`{name}` has no parameter `{shown(stranger.name)}`"
            span = Span(stranger.span.start, stranger.span.start + len(stranger.name))
        elif named:
            # What a function of the model does without an argument is its own business.
            severity = Severity.WARNING
            message = f"`{name}` needs other arguments than {', '.join(map(shown, named))}"
        else:
            message = f"`{name}` cannot be called with {_count(len(node.positional))}"
        self._findings.report("arguments", message, span, f"write {ways}", severity)

    # --- operators ------------------------------------------------------------------

    def _negation(self, node: ast.Negation) -> Type:
        operand = self.infer(node.operand)
        result = static.negation(operand)
        if result is None:
            self._unlike(
                "operand-type",
                f"a {static.kind(operand)} has no negative",
                node,
                "only numbers and durations have one; the opposite of a condition is `not(...)`",
            )
        return result or NULL

    def _arithmetic(self, node: ast.Arithmetic) -> Type:
        left, right = self.infer(node.left), self.infer(node.right)
        result = static.arithmetic(node.operator, left, right)
        if result is None:
            text = STRING in (left, right) and node.operator == "+"
            self._unlike(
                "operand-type",
                f"`{node.operator}` does not take a {static.kind(left)} and a {static.kind(right)}",
                node,
                "join texts: `string(...)` makes one" if text else "convert one of them",
            )
        return result or NULL

    def _comparison(self, node: ast.Comparison) -> Type:
        left, right = self.infer(node.left), self.infer(node.right)
        self._compare(node, node.operator, left, right)
        return BOOLEAN

    def _compare(self, node: ast.Expression, operator: str, left: Type, right: Type) -> None:
        """Report a comparison that is null for certain, or probably."""
        if operator in ("=", "!="):
            if not static.comparable(left, right):
                self._unlike(
                    "comparison-type",
                    f"a {static.kind(left)} is never equal to a {static.kind(right)}",
                    node,
                    "compare values of one type",
                    Severity.WARNING if _converts(left, right) else Severity.ERROR,
                )
            return
        for side in (left, right):
            if not static.unknown(side) and side not in static.ORDERED:
                self._unlike(
                    "operand-type",
                    f"a {static.kind(side)} has no order",
                    node,
                    "compare numbers, strings, dates, times or durations",
                )
                return
        if not static.comparable(left, right):
            self._unlike(
                "operand-type",
                f"`{operator}` does not take a {static.kind(left)} and a {static.kind(right)}",
                node,
                "compare values of one type",
                Severity.WARNING if _converts(left, right) else Severity.ERROR,
            )

    def _between(self, node: ast.Between) -> Type:
        value = self.infer(node.value)
        for end in (node.low, node.high):
            self._compare(end, "between", value, self.infer(end))
        return BOOLEAN

    def _in(self, node: ast.In) -> Type:
        value = self.infer(node.value)
        for test in node.tests:
            self.test(test, value)
        return BOOLEAN

    def test(self, node: ast.Test, input_: Type) -> None:
        """Check one test of a value of type `input_`, in a cell or after `in`."""
        match node:
            case ast.UnaryComparison(operator, endpoint):
                self._compare(node, operator, input_, self.infer(endpoint))
                return
        type_ = self.infer(node)
        if _mentions_input(node):
            if not static.unknown(type_) and type_ != BOOLEAN:
                self._unlike(
                    "test-type",
                    f"a test with `?` is a boolean, not a {static.kind(type_)}",
                    node,
                    "compare: `? = ...`",
                    Severity.WARNING,
                )
            return
        while isinstance(type_, ListType | RangeType) and not isinstance(input_, type(type_)):
            type_ = type_.element
        # A condition without `?` is a test too: it holds whatever the input is.
        if type_ != BOOLEAN and not static.comparable(input_, type_):
            self._unlike(
                "test-type",
                f"the test is of a {static.kind(type_)}, the value is a {static.kind(input_)}",
                node,
                f"test it against a {static.kind(input_)}",
                Severity.WARNING if _converts(input_, type_) else Severity.ERROR,
            )

    def _condition(self, node: ast.Expression, what: str) -> None:
        type_ = self.infer(node)
        if not static.unknown(type_) and type_ != BOOLEAN:
            self._unlike(
                "condition-type",
                f"{what} is a boolean, not a {static.kind(type_)}",
                node,
                "compare it: `... = ...`",
                Severity.WARNING,
            )

    def _unlike(
        self,
        code: str,
        message: str,
        node: ast.Expression,
        help_: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self._findings.report(code, message, node.span, help_, severity)

    # --- control --------------------------------------------------------------------

    def _for(self, node: ast.For) -> Type:
        self._iterate(node.iterators)
        self._enter("partial", LIST)
        body = self.infer(node.body)
        self._leave("partial", *(iterator.name for iterator in node.iterators))
        return ListType(body)

    def _iterate(self, iterators: Sequence[ast.Iterator]) -> None:
        """Check the sources of iterators and bring their names into scope."""
        for iterator in iterators:
            source = self.infer(iterator.source)
            if iterator.until is not None:
                self._steps(iterator, source, self.infer(iterator.until))
            self._enter(iterator.name, static.element(source))

    def _steps(self, node: ast.Iterator, low: Type, high: Type) -> None:
        """Report ends of an iteration that cannot be counted between (10.3.2.14)."""
        for type_ in (low, high):
            if not static.unknown(type_) and type_ not in (NUMBER, DATE):
                self._findings.report(
                    "operand-type",
                    f"an iteration runs over numbers or dates, not over a {static.kind(type_)}",
                    node.span,
                    "write `1..10` or iterate over a list",
                )
                return
        if not static.comparable(low, high):
            self._findings.report(
                "operand-type",
                f"an iteration cannot run from a {static.kind(low)} to a {static.kind(high)}",
                node.span,
                "give both ends the same type",
            )

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
            self._enter(entry.key, type_)
        self._leave(*(entry.key for entry in node.entries))
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
            self._enter(parameter.name, type_)
        result = self.infer(node.body)
        self._leave(*(parameter.name for parameter in node.parameters))
        return FunctionType(types, result)

    def _range(self, node: ast.RangeLiteral) -> Type:
        low, high = self.infer(node.low), self.infer(node.high)
        self._compare(node, "..", low, high)
        return RangeType(high if static.unknown(low) else low)

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


def _converts(left: Type, right: Type) -> bool:
    """Say whether a conversion may yet make the two alike (10.3.2.9.4)."""
    return (static.fits(left, right) or static.fits(right, left)) and not isinstance(
        left, ContextType
    )


def _mentions_input(node: ast.Node) -> bool:
    """Say whether `?` occurs in `node`."""
    waiting: list[object] = [node]
    while waiting:
        part = waiting.pop()
        if part == ast.Name("?"):
            return True
        if isinstance(part, tuple):
            waiting.extend(part)
        elif isinstance(part, ast.Node):
            fields: tuple[str, ...] = type(part).__match_args__
            waiting.extend(getattr(part, field) for field in fields)
    return False


def _named_types(node: ast.TypeNode) -> Iterator[ast.NamedType]:
    """Yield the names within a type."""
    match node:
        case ast.NamedType():
            yield node
        case ast.ListTypeNode(element) | ast.RangeTypeNode(element):
            yield from _named_types(element)
        case ast.ContextTypeNode(entries):
            for _, entry in entries:
                yield from _named_types(entry)
        case ast.FunctionTypeNode(parameters, result):
            for parameter in (*parameters, result):
                yield from _named_types(parameter)
        case _:
            assert_never(node)


def _count(number: int) -> str:
    return {0: "no argument", 1: "1 argument"}.get(number, f"{number} arguments")


def _choices(members: Mapping[str, Type]) -> str:
    """Return a help line with the first few names there are."""
    if not members:
        return "it has no parts"
    names = [f"`{name}`" for name in list(members)[:6]]
    return f"there is {', '.join(names)}"
