"""FEEL text to a tree (DMN 1.5, 10.3.1.2).

Precedence climbing over tokens, with the names in scope at hand: what a run of words
means depends on them (10.3.1.4). From loosest to tightest: `if`, `for`, `some`, `every`,
function; `or`; `and`; comparison, `between`, `in`; `+` `-`; `*` `/`; `**`; negation;
`instance of`; path, filter, call. Every binary operator is left associative, `**` too.

Two things bound the work. A level of nesting (a bracket, an operand, a clause) takes at
most four Python frames, and there are at most `Limits.expression_depth` of them; no tree
is higher than that either, so later passes may recurse. And no token is read twice but
for names, whose length is bounded, and one cell's leading `not(`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context
from typing import Literal, NamedTuple, TypeAlias, cast

from pydmn.feel import ast
from pydmn.feel.cursor import Cursor
from pydmn.feel.lexer import KEYWORDS, Kind, Token, unescape
from pydmn.feel.names import MAX_NAME_TOKENS, Match, NameIndex, Scope, is_name_part
from pydmn.feel.precedence import (
    ACCESS,
    ADDITION,
    COMPARISON,
    CONJUNCTION,
    DISJUNCTION,
    EXPONENTIATION,
    INSTANCE_OF,
    LOWEST,
    MULTIPLICATION,
    NEGATION,
)  # fmt: skip
from pydmn.feel.type_parser import parse_type, read_type
from pydmn.feel.types import ANY, LIST, ContextType, FunctionType, ListType, RangeType, Type
from pydmn.limits import DEFAULT, Effort, Limits
from pydmn.source import Source, Span

__all__ = ["parse_expression", "parse_type", "parse_unary_tests"]

_DECIMAL128 = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])

COMPARISONS: Mapping[str, ast.ComparisonOperator] = {
    "=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_CAN_START = frozenset(
    {"not", "null", "true", "false", "if", "for", "some", "every", "function", *"({[-@"}
)


def parse_expression(
    source: Source, scope: Scope, limits: Limits = DEFAULT, effort: Effort | None = None
) -> ast.Expression:
    """Return the tree of an expression (rule 1).

    Raises `FeelSyntaxError` with one diagnostic when the text is not FEEL, and
    `LimitExceeded` when it is too long, too deep or too large, or `effort` is spent.
    """
    parser = _Parser(source, scope, limits, effort)
    node = parser.expression().node
    parser.end()
    return node


def parse_unary_tests(
    source: Source, scope: Scope, limits: Limits = DEFAULT, effort: Effort | None = None
) -> ast.UnaryTests:
    """Return the tree of a decision table's cell (rule 15; 7.3.3).

    An empty cell is `-`: modelers write it so. Raises as `parse_expression` does.
    """
    if "?" not in scope.variables:
        scope = scope.with_variable("?")
    return _Parser(source, scope, limits, effort).unary_tests()


class _Read(NamedTuple):
    """An expression read: its tree and height, its type as far as names need it, its start."""

    node: ast.Expression
    height: int
    type: Type
    start: int


_Prefix: TypeAlias = "Callable[[_Parser], _Read]"
_Infix: TypeAlias = "Callable[[_Parser, _Read], _Read]"


class _Parser(Cursor):
    """One text on its way to a tree."""

    def __init__(
        self, source: Source, scope: Scope, limits: Limits, effort: Effort | None = None
    ) -> None:
        super().__init__(source, scope, limits, effort)
        self.nodes = 0
        self._local = NameIndex()
        """Names that the text itself defines, where they are in scope."""
        self._keys = NameIndex()
        """Keys of the text's contexts: entries of something, for paths and filters."""
        self._items: list[NameIndex | None] = []
        """Entries of the items of the filters around; None where they are not known."""
        self._entries: dict[int, tuple[ContextType, NameIndex]] = {}

    def _read(self, node: ast.Expression, type_: Type, start: int, height: int = 0) -> _Read:
        """Return `node`, whose highest part is `height` high, within the limits."""
        self.nodes += 1
        if self.nodes > self.limits.expression_nodes:
            self.limits.exceeded("expression_nodes")
        if height >= self.limits.expression_depth:
            self.limits.exceeded("expression_depth")
        return _Read(node, height + 1, type_, start)

    # --- whole texts ----------------------------------------------------------------

    def unary_tests(self) -> ast.UnaryTests:
        """Read a cell (rule 15)."""
        texts = [token.text for token in self.tokens[:2]]
        if texts in ([""], ["-", ""]):
            return ast.UnaryTests(any=True, span=Span(0, len(self.source.text)))
        if texts == ["not", "("]:
            opening = self.tokens[1]
            self.at = 2
            if not self._is_named_argument():
                tests = self._tests()
                self.close(")", opening, "`,` or `)`")
                if self.token.kind is Kind.END:
                    return ast.UnaryTests(tests, negated=True, span=self.span(0))
            # `not(a) and b` and `not(negand: a)` are expressions that begin with a call.
            self.at = self.nodes = 0
        tests = self._tests()
        if self.token.kind is not Kind.END:
            self.unexpected("`,` or the end of the cell")
        return ast.UnaryTests(tests, span=self.span(0))

    def _tests(self) -> tuple[ast.Test, ...]:
        tests = [self.expression().node]
        while self.accept(","):
            tests.append(self.expression().node)
        return tuple(tests)

    # --- expressions ----------------------------------------------------------------

    def expression(self, level: int = LOWEST) -> _Read:
        """Read an expression of operators that bind at least as tight as `level`."""
        self.enter()
        token = self.token
        if token.text in COMPARISONS and level == LOWEST:
            read = self._unary_comparison()
        else:
            known = self._known() if token.kind is Kind.WORD else None
            if known is not None and (known.end > self.at + 1 or token.text not in KEYWORDS):
                self.at = known.end
                node = ast.Name(known.name, span=self.span(token.start))
                read = self._read(node, known.type, token.start)
            else:
                prefix = _PREFIXES.get(token.text) or _LITERALS.get(token.kind)
                if prefix is None or (prefix is _word and token.text in KEYWORDS):
                    self.unexpected("an expression")
                read = prefix(self)
            read = self._continue(read, level)
        self.depth -= 1
        return read

    def _continue(self, left: _Read, level: int) -> _Read:
        """Read the operators that follow `left` and bind at least as tight as `level`."""
        while (infix := _INFIXES.get(self.token.text)) is not None and infix[0] >= level:
            if self.token.text == "[" and not _starts_operand(self.tokens[self.at + 1]):
                break  # the open end of a range: `]1..10[`
            left = infix[1](self, left)
        return left

    def _known(self) -> Match | None:
        """Return the longest known name here; variables before built-in functions."""
        run, at = self.tokens, self.at
        best = self._local.longest(run, at)
        for match in (self.scope.variable_at(run, at), *self._item_entries()):
            if match is not None and (best is None or match.end > best.end):
                best = match
        builtin = self.scope.builtin_at(run, at)
        if builtin is None or (best is not None and best.end >= builtin.end):
            return best
        return builtin if best is None or run[builtin.end].text == "(" else best

    def _item_entries(self) -> list[Match | None]:
        """Return the entry names here of the items of the filters around."""
        if not self._items:
            return []
        run, at = self.tokens, self.at
        found = [index.longest(run, at) for index in self._items if index is not None]
        found.append(self._keys.longest(run, at))
        if None in self._items:
            found.append(self.scope.member_at(run, at))
        return found

    # --- operands -------------------------------------------------------------------

    def _unary_comparison(self) -> _Read:
        token = self.advance()
        endpoint = self.expression(ADDITION)
        node = ast.UnaryComparison(
            COMPARISONS[token.text], endpoint.node, span=self.span(token.start)
        )
        return self._read(node, ANY, token.start, endpoint.height)

    def negation(self) -> _Read:
        token = self.advance()
        operand = self.expression(NEGATION)
        node = ast.Negation(operand.node, span=self.span(token.start))
        return self._read(node, ANY, token.start, operand.height)

    def parenthesis(self) -> _Read:
        opening = self.advance()
        inner = self.expression()
        if self.token.text == "..":
            return self._range(opening, inner, low_closed=False)
        self.close(")", opening, "`)` or an operator")
        return inner._replace(start=opening.start)

    def bracket(self) -> _Read:
        """Read a list or a range that begins with `[`."""
        opening = self.advance()
        items: list[_Read] = []
        if self.token.text != "]":
            items.append(self.expression())
            if self.token.text == "..":
                return self._range(opening, items[0], low_closed=True)
            while self.accept(","):
                items.append(self.expression())
        self.close("]", opening, "`,` or `]`")
        node = ast.ListLiteral(tuple(item.node for item in items), span=self.span(opening.start))
        type_ = ListType(items[0].type) if items else LIST
        return self._read(node, type_, opening.start, _highest(items))

    def open_range(self) -> _Read:
        """Read a range that begins with `]`."""
        opening = self.advance()
        low = self.expression()
        if self.token.text != "..":
            self.unexpected("`..` and the end of a range")
        return self._range(opening, low, low_closed=False)

    def _range(self, opening: Token, low: _Read, *, low_closed: bool) -> _Read:
        """Read a range from its `..` on (rule 8)."""
        self.advance()
        high = self.expression()
        closing = self.token.text
        if closing not in ("]", ")", "["):
            self.close("]", opening, "`]`, `)` or `[` to close the range")
        self.advance()
        node = ast.RangeLiteral(
            low.node, high.node, low_closed, closing == "]", span=self.span(opening.start)
        )
        return self._read(node, RangeType(ANY), opening.start, _highest((low, high)))

    def context(self) -> _Read:
        opening = self.advance()
        entries: list[ast.ContextEntry] = []
        values: list[_Read] = []
        while self.token.text != "}" or entries:
            token = self.token
            key = self._string() if token.kind is Kind.STRING else self.defined("a key")
            self.expect(":", "`:` after the key")
            value = self.expression()
            entries.append(ast.ContextEntry(key, value.node, span=self.span(token.start)))
            values.append(value)
            self._local.push(key, value.type)
            self._keys.push(key, ANY)
            if not self.accept(","):
                break
        self.close("}", opening, "`,` or `}`")
        for entry in reversed(entries):
            self._local.pop(entry.key)
        node = ast.ContextLiteral(tuple(entries), span=self.span(opening.start))
        type_ = ContextType(
            tuple((entry.key, value.type) for entry, value in zip(entries, values, strict=True))
        )
        return self._read(node, type_, opening.start, _highest(values))

    def conditional(self) -> _Read:
        start = self.advance().start
        condition = self.expression()
        self.expect("then", "`then`")
        consequence = self.expression()
        self.expect("else", "`else`", "an `if` always has an `else`: `else null` if need be")
        alternative = self.expression()
        branches = (condition, consequence, alternative)
        node = ast.If(*(branch.node for branch in branches), span=self.span(start))
        type_ = consequence.type if consequence.type != ANY else alternative.type
        return self._read(node, type_, start, _highest(branches))

    def iteration(self) -> _Read:
        start = self.advance().start
        iterators, height = self._iterators()
        self.expect("return", "`,` or `return`")
        self._local.push("partial", LIST)
        body = self.expression()
        self._leave("partial", *(iterator.name for iterator in iterators))
        node = ast.For(iterators, body.node, span=self.span(start))
        return self._read(node, ListType(body.type), start, max(height, body.height))

    def quantified(self) -> _Read:
        token = self.advance()
        iterators, height = self._iterators()
        self.expect("satisfies", "`,` or `satisfies`")
        condition = self.expression()
        self._leave(*(iterator.name for iterator in iterators))
        kind = cast("Literal['some', 'every']", token.text)
        node = ast.Quantified(kind, iterators, condition.node, span=self.span(token.start))
        return self._read(node, ANY, token.start, max(height, condition.height))

    def _iterators(self) -> tuple[tuple[ast.Iterator, ...], int]:
        """Read `name in source, ...`; the names stay in scope. Return the height too."""
        iterators: list[ast.Iterator] = []
        height = 0
        while True:
            start = self.token.start
            name = self.defined("a name", stop="in")
            self.expect("in", "`in`")
            source = self.expression()
            until = self.expression() if self.accept("..") else None
            iterators.append(
                ast.Iterator(name, source.node, until and until.node, span=self.span(start))
            )
            height = max(height, source.height, until.height if until else 0)
            self._local.push(name, ANY if until else _element(source.type))
            if not self.accept(","):
                return tuple(iterators), height

    def _leave(self, *names: str) -> None:
        for name in names:
            self._local.pop(name)

    def function(self) -> _Read:
        start = self.advance().start
        opening = self.token
        self.expect("(", "`(` and the parameters")
        parameters: list[ast.Parameter] = []
        while self.token.text != ")" or parameters:
            begin = self.token.start
            name = self.defined("a parameter")
            type_ = read_type(self) if self.accept(":") else None
            parameters.append(ast.Parameter(name, type_, span=self.span(begin)))
            if not self.accept(","):
                break
        self.close(")", opening, "`,` or `)`")
        external = self.accept("external")
        types = tuple((node.type and self.scope.resolve(node.type)) or ANY for node in parameters)
        for parameter, known in zip(parameters, types, strict=True):
            self._local.push(parameter.name, known)
        body = self.expression()
        self._leave(*(parameter.name for parameter in parameters))
        node = ast.FunctionLiteral(tuple(parameters), body.node, external, span=self.span(start))
        result = ANY if external else body.type
        return self._read(node, FunctionType(types, result), start, body.height)

    def negated_call(self) -> _Read:
        token = self.advance()
        if self.token.text != "(":
            self.unexpected("`(`", "`not` is a function: `not(a)`")
        return self._read(ast.Name("not", span=self.span(token.start)), ANY, token.start)

    def constant(self) -> _Read:
        token = self.advance()
        span = self.span(token.start)
        node = (
            ast.NullLiteral(span=span)
            if token.text == "null"
            else ast.BooleanLiteral(token.text == "true", span=span)
        )
        return self._read(node, ANY, token.start)

    def at_literal(self) -> _Read:
        start = self.advance().start
        if self.token.kind is not Kind.STRING:
            self.unexpected('a string after `@`, as in `@"2020-02-05"`')
        node = ast.AtLiteral(self._string(), span=self.span(start))
        return self._read(node, ANY, start)

    def string_literal(self) -> _Read:
        start = self.token.start
        node = ast.StringLiteral(self._string(), span=self.span(start))
        return self._read(node, ANY, start)

    def _string(self) -> str:
        """Read a string literal and return its value."""
        token = self.advance()
        try:
            return unescape(token.text)
        except ValueError:
            self.fail(
                "the string has an escape that is no character",
                Span(token.start, token.end),
                "code points run to 10FFFF; those from D800 to DFFF stand in pairs only",
            )

    def number(self) -> _Read:
        token = self.advance()
        value = _DECIMAL128.create_decimal(token.text)
        if not value.is_finite():
            self.fail(
                "the number is too large",
                Span(token.start, token.end),
                "a number has 34 digits and an exponent up to 6144",
            )
        return self._read(ast.NumberLiteral(value, span=self.span(token.start)), ANY, token.start)

    def _is_named_argument(self) -> bool:
        """Say whether a name and `:` follow."""
        if self.token.kind is not Kind.WORD:
            return False
        at = self.at + 1
        while is_name_part(self.tokens[at]) and at - self.at <= MAX_NAME_TOKENS:
            at += 1
        return self.tokens[at].text == ":"

    # --- operators ------------------------------------------------------------------

    def arithmetic(self, left: _Read) -> _Read:
        operator = cast("ast.ArithmeticOperator", self.token.text)
        level = _INFIXES[operator][0]
        self.at += 1
        right = self.expression(level + 1)
        node = ast.Arithmetic(operator, left.node, right.node, span=self.span(left.start))
        return self._read(node, ANY, left.start, _highest((left, right)))

    def comparison(self, left: _Read) -> _Read:
        operator = COMPARISONS[self.advance().text]
        right = self.expression(ADDITION)
        node = ast.Comparison(operator, left.node, right.node, span=self.span(left.start))
        return self._read(node, ANY, left.start, _highest((left, right)))

    def logical(self, left: _Read) -> _Read:
        word = self.token.text
        operands = [left]
        while self.accept(word):
            operands.append(self.expression(_INFIXES[word][0] + 1))
        make = ast.Conjunction if word == "and" else ast.Disjunction
        node = make(tuple(operand.node for operand in operands), span=self.span(left.start))
        return self._read(node, ANY, left.start, _highest(operands))

    def between(self, left: _Read) -> _Read:
        self.at += 1
        low = self.expression(ADDITION)
        self.expect("and", "`and` and the upper end", "`x between 1 and 10`")
        high = self.expression(ADDITION)
        node = ast.Between(left.node, low.node, high.node, span=self.span(left.start))
        return self._read(node, ANY, left.start, _highest((left, low, high)))

    def membership(self, left: _Read) -> _Read:
        self.at += 1
        opening = self.token
        if opening.text != "(":
            tests = [self._test()]
        else:
            # Only what follows tells `(a, b)` from `(a..b]` and from `(a + b) * c`.
            self.at += 1
            tests = [self.expression()]
            if self.token.text == ",":
                while self.accept(","):
                    tests.append(self.expression())
                self.close(")", opening, "`,` or `)`")
            elif self.token.text == "..":
                tests = [self._range(opening, tests[0], low_closed=False)]
                tests = [self._continue(tests[0], ADDITION)]
            else:
                self.close(")", opening, "`,` or `)`")
                tests = [self._continue(tests[0], ADDITION)]
        node = ast.In(left.node, tuple(test.node for test in tests), span=self.span(left.start))
        return self._read(node, ANY, left.start, _highest((left, *tests)))

    def _test(self) -> _Read:
        """Read the one test after `in`."""
        if self.token.text in COMPARISONS:
            return self._unary_comparison()
        return self.expression(ADDITION)

    def instance_of(self, left: _Read) -> _Read:
        self.at += 1
        self.expect("of", "`of` after `instance`")
        node = ast.InstanceOf(left.node, read_type(self), span=self.span(left.start))
        return self._read(node, ANY, left.start, left.height)

    def path(self, left: _Read) -> _Read:
        self.at += 1
        if self.token.kind is not Kind.WORD:
            self.unexpected("a name after `.`")
        run, at = self.tokens, self.at
        base = _element(left.type)
        match = self._entries_of(base).longest(run, at) if isinstance(base, ContextType) else None
        if match is None:
            found = (self._keys.longest(run, at), self.scope.member_at(run, at))
            known = [candidate for candidate in found if candidate is not None]
            match = max(known, key=lambda candidate: candidate.end, default=None)
        name, type_ = (run[at].text, ANY) if match is None else (match.name, match.type)
        self.at = at + 1 if match is None else match.end
        if isinstance(left.type, ListType):
            type_ = ListType(type_)
        node = ast.Path(left.node, name, span=self.span(left.start))
        return self._read(node, type_, left.start, left.height)

    def _entries_of(self, type_: ContextType) -> NameIndex:
        """Return the index of a context's entries, made once."""
        found = self._entries.get(id(type_))
        if found is None:
            found = self._entries[id(type_)] = (type_, NameIndex(type_.entries))
        return found[1]

    def filter(self, left: _Read) -> _Read:
        opening = self.advance()
        item = _element(left.type)
        known = isinstance(item, ContextType) and item.entries
        self._items.append(
            self._entries_of(item) if isinstance(item, ContextType) and known else None
        )
        self._local.push("item", item)
        condition = self.expression()
        self._local.pop("item")
        self._items.pop()
        self.close("]", opening, "`]` or an operator")
        node = ast.Filter(left.node, condition.node, span=self.span(left.start))
        return self._read(node, left.type, left.start, _highest((left, condition)))

    def call(self, left: _Read) -> _Read:
        opening = self.advance()
        values: list[_Read] = []
        named: list[ast.Argument] = []
        by_name = self._is_named_argument()
        while self.token.text != ")" or values:
            begin = self.token.start
            name = self._argument_name() if by_name else None
            values.append(self.expression())
            if name is not None:
                named.append(ast.Argument(name, values[-1].node, span=self.span(begin)))
            if not self.accept(","):
                break
        if self.token.text == ":":
            self.unexpected("`,` or `)`", "name every argument or none")
        self.close(")", opening, "`,` or `)`")
        positional = () if by_name else tuple(value.node for value in values)
        node = ast.Call(left.node, positional, tuple(named), span=self.span(left.start))
        type_ = left.type.result if isinstance(left.type, FunctionType) else ANY
        return self._read(node, type_, left.start, _highest((left, *values)))

    def _argument_name(self) -> str:
        name = self.defined("the name of an argument")
        self.expect(":", "`:` and a value", "name every argument or none")
        return name

    def word(self) -> _Read:
        """Read a name that is not in scope: one word."""
        token = self.advance()
        return self._read(ast.Name(token.text, span=self.span(token.start)), ANY, token.start)


def _starts_operand(token: Token) -> bool:
    """Say whether an operand can begin with `token`."""
    if token.text in KEYWORDS or token.kind is Kind.SYMBOL:
        return token.text in _CAN_START
    return token.kind is not Kind.END


def _element(type_: Type) -> Type:
    """Return the type of an item when a value of `type_` is iterated or filtered."""
    return type_.element if isinstance(type_, ListType | RangeType) else type_


def _highest(parts: list[_Read] | tuple[_Read, ...]) -> int:
    """Return the height of the highest of `parts`, 0 for none."""
    return max((part.height for part in parts), default=0)


_word: _Prefix = _Parser.word

_PREFIXES: Mapping[str, _Prefix] = {
    "-": _Parser.negation,
    "(": _Parser.parenthesis,
    "[": _Parser.bracket,
    "]": _Parser.open_range,
    "{": _Parser.context,
    "@": _Parser.at_literal,
    "if": _Parser.conditional,
    "for": _Parser.iteration,
    "some": _Parser.quantified,
    "every": _Parser.quantified,
    "function": _Parser.function,
    "not": _Parser.negated_call,
    "null": _Parser.constant,
    "true": _Parser.constant,
    "false": _Parser.constant,
}
_LITERALS: Mapping[Kind, _Prefix] = {
    Kind.WORD: _word,
    Kind.NUMBER: _Parser.number,
    Kind.STRING: _Parser.string_literal,
}
_INFIXES: Mapping[str, tuple[int, _Infix]] = {
    "or": (DISJUNCTION, _Parser.logical),
    "and": (CONJUNCTION, _Parser.logical),
    **dict.fromkeys(COMPARISONS, (COMPARISON, _Parser.comparison)),
    "between": (COMPARISON, _Parser.between),
    "in": (COMPARISON, _Parser.membership),
    "+": (ADDITION, _Parser.arithmetic),
    "-": (ADDITION, _Parser.arithmetic),
    "*": (MULTIPLICATION, _Parser.arithmetic),
    "/": (MULTIPLICATION, _Parser.arithmetic),
    "**": (EXPONENTIATION, _Parser.arithmetic),
    "instance": (INSTANCE_OF, _Parser.instance_of),
    ".": (ACCESS, _Parser.path),
    "[": (ACCESS, _Parser.filter),
    "(": (ACCESS, _Parser.call),
}
