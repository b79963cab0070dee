"""The FEEL texts of one element: parsed with the names in scope, and checked.

Every finding goes to `Texts.found`. A text that is no FEEL is `Broken`; one with an error in
names or types still runs, and is null where the error says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, TypeVar

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.errors import FeelSyntaxError
from pydmn.feel import ast, builtins, parser, static
from pydmn.feel.check import check, check_unary_tests
from pydmn.feel.findings import MAX_GUESSES
from pydmn.feel.names import Scope
from pydmn.feel.plain import KnownItems, plain_constant, plain_tests
from pydmn.feel.signatures import Function
from pydmn.feel.types import BOOLEAN, NULL, NUMBER, STRING, Type
from pydmn.limits import Effort, Limits
from pydmn.model import Definitions, LiteralExpression, UnaryTests, is_feel
from pydmn.plan.logic import Broken, Cell, Feel, Item
from pydmn.source import Source, Span

_Tree = TypeVar("_Tree")
_Plain: TypeAlias = Callable[[str, Effort], _Tree | None]
_Parse: TypeAlias = Callable[[Source, Scope, Limits, Effort | None], _Tree]

GUESS_STEPS = 100
"""What it is charged to look for a name that was probably meant."""

_TEXT_STEPS = 3
"""What a text that is not plain is charged beside its tokens."""

_LITERALS: Mapping[type, Type] = {
    ast.NumberLiteral: NUMBER,
    ast.StringLiteral: STRING,
    ast.BooleanLiteral: BOOLEAN,
}
"""The types of the constants that need no checking."""


def _is_plain(test: ast.Test, type_: Type) -> bool:
    """Say whether a test of a value of `type_` is sound at first sight, as most cells are."""
    match test:
        case ast.UnaryComparison(endpoint=ast.NumberLiteral()):
            return type_ is NUMBER
        case ast.RangeLiteral(low=ast.NumberLiteral(), high=ast.NumberLiteral()):
            return type_ is NUMBER
        case _:
            return _LITERALS.get(type(test)) is type_


@dataclass(frozen=True, slots=True)
class Invocable:
    """A knowledge model or service in scope: what it takes, and the type of its variable."""

    function: Function
    type: Type


@dataclass(slots=True)
class Texts:
    """The texts of one element of `model`; `callables` are the functions it requires, by name."""

    model: Definitions
    effort: Effort
    callables: Mapping[str, Invocable] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    _functions: Mapping[str, Function] = field(init=False)
    _items: KnownItems = field(default_factory=KnownItems)

    def __post_init__(self) -> None:
        known = {name: each.function for name, each in self.callables.items()}
        self._functions = {**builtins.registry, **known} if known else builtins.registry

    def broken(self, *diagnostics: Diagnostic) -> Broken:
        """Keep `diagnostics`, and return what stands for a part that they stop."""
        self.found.extend(diagnostics)
        return Broken(diagnostics)

    # --- expressions -------------------------------------------------------------------

    def literal(self, expression: LiteralExpression, scope: Scope, item: Item) -> Feel | Broken:
        """Return a literal expression, its value to be an `item`."""
        source = expression.source
        foreign = self.foreign_language(expression.expression_language)
        if foreign is not None:
            return self.broken(not_feel(foreign, source))
        node = self._parse(source, scope, plain_constant, parser.parse_expression)
        if isinstance(node, Broken):
            return node
        return Feel(node, source, item, self._checked(node, source, scope, item.type))

    def conclusion(self, entry: LiteralExpression, scope: Scope, type_: Type) -> Feel | Broken:
        """Return an output entry of a column of `type_`; an empty one is null, and says so."""
        source = entry.source
        if not source.text.strip():
            self.found.append(
                Diagnostic(
                    "empty-entry",
                    "the output entry is empty",
                    source,
                    help="write `null`, or the value that the rule concludes",
                    severity=Severity.WARNING,
                )
            )
            return Feel(ast.NullLiteral(), source, type=NULL)
        foreign = self.foreign_language(entry.expression_language)
        if foreign is not None:
            return self.broken(not_feel(foreign, source))
        node = self._parse(source, scope, plain_constant, parser.parse_expression)
        if isinstance(node, Broken):
            return node
        return Feel(node, source, type=self._checked(node, source, scope, type_))

    def _checked(self, node: ast.Expression, source: Source, scope: Scope, wanted: Type) -> Type:
        """Check an expression, and return its type."""
        type_ = _LITERALS.get(type(node))
        if type_ is None:
            type_, found = check(node, source, scope, self._functions_in(scope))
            self._report(found)
        if not static.fits(type_, wanted):
            self.found.append(
                Diagnostic(
                    "result-type",
                    f"this is a {static.kind(type_)}, declared is a {static.kind(wanted)}",
                    source,
                    Span(0, len(source.text)),
                    f"convert it to a {static.kind(wanted)}, or declare its type so",
                )
            )
        return type_

    def _functions_in(self, scope: Scope) -> Mapping[str, Function]:
        """Return the functions that no variable of `scope` hides."""
        hidden = [
            name
            for name in self._functions.keys() & scope.variables.keys()
            if not (name in self.callables and self.callables[name].type is scope.variables[name])
        ]
        if not hidden:
            return self._functions
        return {name: each for name, each in self._functions.items() if name not in hidden}

    # --- tests -------------------------------------------------------------------------

    def tests(self, tests: UnaryTests, scope: Scope, type_: Type) -> Cell | Broken:
        """Return the tests of a value of `type_`; in `scope`, `?` stands for the value."""
        source = tests.source
        foreign = self.foreign_language(tests.expression_language)
        if foreign is not None:
            return self.broken(not_feel(foreign, source))
        plain = partial(plain_tests, known=self._items)
        parsed = self._parse(source, scope, plain, parser.parse_unary_tests)
        if isinstance(parsed, Broken):
            return parsed
        if not all(_is_plain(test, type_) for test in parsed.tests):
            functions = self._functions_in(scope)
            self._report(check_unary_tests(parsed, source, scope, functions, type_))
        return Cell(parsed, source, scope.types)

    # --- languages ---------------------------------------------------------------------

    def foreign_language(self, language: str | None) -> str | None:
        """Return the expression language of a text where it is not FEEL."""
        used = language or self.model.expression_language
        if not used or is_feel(used) or used.strip().lower() in {"feel", "s-feel"}:
            return None
        return used

    def _parse(
        self, source: Source, scope: Scope, plain: _Plain[_Tree], parse: _Parse[_Tree]
    ) -> _Tree | Broken:
        tree = plain(source.text, self.effort)
        if tree is not None:
            return tree
        self.effort.charge(_TEXT_STEPS)
        try:
            return parse(source, scope, self.effort.limits, self.effort)
        except FeelSyntaxError as error:
            self._report(error.diagnostics)
            return Broken(error.diagnostics)

    def _report(self, found: Sequence[Diagnostic]) -> None:
        """Keep what was found in one text."""
        self.effort.charge(GUESS_STEPS * min(len(found), MAX_GUESSES))
        self.found.extend(found)


def not_feel(language: str, source: Source) -> Diagnostic:
    """Return what to say of a text in another expression language."""
    return Diagnostic(
        "expression-language",
        f"the expression language `{language}` is not supported",
        source,
        help="write the expression in FEEL",
    )
