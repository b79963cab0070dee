"""A tree as FEEL text, with no more brackets than its shape needs (DMN 1.5, 10.3.1.2).

Parsing the text again, with the same names in scope, gives an equal tree. Where `a-b` is
itself a name, the difference of `a` and `b` is written `(a) - b`. Names that the tree itself
defines are seen to; for those of the model around it, pass the scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import assert_never

from pydmn.feel import ast
from pydmn.feel.lexer import tokens
from pydmn.feel.names import Scope, is_name
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
from pydmn.feel.types import ANY

_ARITHMETIC: dict[ast.ArithmeticOperator, int] = {
    "+": ADDITION,
    "-": ADDITION,
    "*": MULTIPLICATION,
    "/": MULTIPLICATION,
    "**": EXPONENTIATION,
}
_MAX_PLAIN_DIGITS = 40
_ESCAPES = {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    0x0B: "\\u000B",
    0x0C: "\\u000C",
}


def to_text(
    node: ast.Expression | ast.UnaryTests | ast.TypeNode, scope: Scope | None = None
) -> str:
    """Return the canonical FEEL text of `node`: an expression, a cell or a type."""
    printer = _Printer((scope or Scope()).with_variables(dict.fromkeys(_defined(node), ANY)))
    match node:
        case ast.UnaryTests():
            return printer.cell(node)
        case (
            ast.NamedType()
            | ast.ListTypeNode()
            | ast.RangeTypeNode()
            | ast.ContextTypeNode()
            | ast.FunctionTypeNode()
        ):
            return printer.type(node)
        case _:
            return printer.expression(node)


def quoted(text: str) -> str:
    r"""Return `text` as a string literal (rules 33, 64).

    >>> print(quoted('say "hi"'))
    "say \"hi\""
    """
    return f'"{text.translate(_ESCAPES)}"'


class _Printer:
    """Writes trees; `scope` tells which names would swallow what follows them."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def expression(self, node: ast.Expression, level: int = LOWEST) -> str:
        """Return the text of `node` where an operand of at least `level` may stand."""
        text = self._bare(node)
        return f"({text})" if _level(node) < level else text

    def cell(self, node: ast.UnaryTests) -> str:
        """Return the text of a decision table's cell."""
        if node.any:
            return "-"
        text = self._list(node.tests)
        if node.negated:
            return f"not({text})"
        # A cell that is one call of `not` would read as the negation of tests.
        match node.tests:
            case (ast.Call(ast.Name("not")),):
                return f"({text})"
        return text

    def _bare(self, node: ast.Expression) -> str:
        """Return the text of `node` without brackets around it."""
        match node:
            case ast.NumberLiteral(value):
                return _number(value)
            case ast.StringLiteral(value):
                return quoted(value)
            case ast.BooleanLiteral(value):
                return "true" if value else "false"
            case ast.NullLiteral():
                return "null"
            case ast.AtLiteral(text):
                return "@" + quoted(text)
            case ast.Name(name):
                return name
            case ast.Path(base, name):
                return f"{self._left(base, ACCESS, '.')}.{name}"
            case ast.Filter(base, condition):
                return f"{self.expression(base, ACCESS)}[{self.expression(condition)}]"
            case ast.Call(function, positional, named):
                arguments = self._list(positional) or ", ".join(
                    f"{argument.name}: {self.expression(argument.value)}" for argument in named
                )
                return f"{self.expression(function, ACCESS)}({arguments})"
            case ast.Negation(operand):
                return f"-{self.expression(operand, NEGATION)}"
            case ast.Arithmetic(operator, left, right):
                level = _ARITHMETIC[operator]
                return self._binary(operator, left, right, level)
            case ast.Comparison(operator, left, right):
                return self._binary(operator, left, right, COMPARISON)
            case ast.Between(value, low, high):
                return (
                    f"{self._left(value, COMPARISON, 'between')} between "
                    f"{self._left(low, ADDITION, 'and')} and {self.expression(high, ADDITION)}"
                )
            case ast.In(value, tests):
                return f"{self._left(value, COMPARISON, 'in')} in {self._tests(tests)}"
            case ast.InstanceOf(value, type_):
                value_text = self._left(value, INSTANCE_OF, "instance")
                return f"{value_text} instance of {self.type(type_)}"
            case ast.Conjunction(operands):
                return self._joined(operands, "and", COMPARISON)
            case ast.Disjunction(operands):
                return self._joined(operands, "or", CONJUNCTION)
            case ast.If(condition, consequence, alternative):
                return (
                    f"if {self._kept(self.expression(condition), condition, 'then')} "
                    f"then {self._kept(self.expression(consequence), consequence, 'else')} "
                    f"else {self.expression(alternative)}"
                )
            case ast.For(iterators, body):
                header = self._iterators(iterators, "return")
                return f"for {header} return {self.expression(body)}"
            case ast.Quantified(kind, iterators, condition):
                header = self._iterators(iterators, "satisfies")
                return f"{kind} {header} satisfies {self.expression(condition)}"
            case ast.ListLiteral(items):
                return f"[{self._list(items)}]"
            case ast.ContextLiteral(entries):
                return f"{{{', '.join(map(self._entry, entries))}}}"
            case ast.FunctionLiteral(parameters, body, external):
                kind_text = "external " if external else ""
                header = ", ".join(map(self._parameter, parameters))
                return f"function({header}) {kind_text}{self.expression(body)}"
            case ast.RangeLiteral(low, high, low_closed, high_closed):
                opening, closing = "[" if low_closed else "(", "]" if high_closed else ")"
                return f"{opening}{self.expression(low)}..{self.expression(high)}{closing}"
            case ast.UnaryComparison(operator, endpoint):
                return f"{operator} {self.expression(endpoint, ADDITION)}"
            case _:
                assert_never(node)

    def _list(self, nodes: tuple[ast.Expression, ...]) -> str:
        return ", ".join(map(self.expression, nodes))

    def _binary(
        self, operator: str, left: ast.Expression, right: ast.Expression, level: int
    ) -> str:
        """Return a left-associative operation."""
        left_text = self._left(left, level, operator)
        return f"{left_text} {operator} {self.expression(right, level + 1)}"

    def _joined(self, operands: tuple[ast.Expression, ...], word: str, level: int) -> str:
        *others, last = operands
        texts = [self._left(operand, level, word) for operand in others]
        return f" {word} ".join([*texts, self.expression(last, level)])

    def _left(self, node: ast.Expression, level: int, operator: str) -> str:
        """Return the operand before `operator`, safe from names that contain the operator."""
        return self._kept(self.expression(node, level), node, operator)

    def _kept(self, text: str, node: ast.Expression, word: str) -> str:
        """Return `text` of `node`, in brackets where its last name would swallow `word`."""
        name = _last_name(node)
        if name is None or text.endswith(")"):
            return text
        return f"({text})" if self._scope.is_begun(tokens(f"{name} {word}")[:-1]) else text

    def _tests(self, tests: tuple[ast.Test, ...]) -> str:
        match tests:
            case (ast.UnaryComparison() as test,):
                return self.expression(test)
            case (test,):
                return self.expression(test, ADDITION)
        return f"({self._list(tests)})"

    def _iterators(self, iterators: tuple[ast.Iterator, ...], word: str) -> str:
        """Return iterators that `word` follows."""
        texts: list[str] = []
        for each in iterators:
            last = each.source if each.until is None else each.until
            text = self._kept(self.expression(last), last, word)
            if each.until is not None:
                text = f"{self.expression(each.source)}..{text}"
            texts.append(f"{each.name} in {text}")
        return ", ".join(texts)

    def _entry(self, node: ast.ContextEntry) -> str:
        key = node.key if is_name(node.key) else quoted(node.key)
        return f"{key}: {self.expression(node.value)}"

    def _parameter(self, node: ast.Parameter) -> str:
        return node.name if node.type is None else f"{node.name}: {self.type(node.type)}"

    def type(self, node: ast.TypeNode) -> str:
        """Return the text of a type (rule 52)."""
        match node:
            case ast.NamedType(name):
                return name
            case ast.ListTypeNode(element):
                return f"list<{self.type(element)}>"
            case ast.RangeTypeNode(element):
                return f"range<{self.type(element)}>"
            case ast.ContextTypeNode(entries):
                inner = ", ".join(f"{name}: {self.type(entry)}" for name, entry in entries)
                return f"context<{inner}>"
            case ast.FunctionTypeNode(parameters, result):
                inner = ", ".join(map(self.type, parameters))
                return f"function<{inner}> -> {self.type(result)}"
            case _:
                assert_never(node)


def _defined(node: ast.Node) -> Iterator[str]:
    """Yield the names that the tree of `node` defines, wherever in it they are in scope."""
    for each in ast.walk(node):
        match each:
            case ast.ContextEntry(key=name) | ast.Iterator(name) | ast.Parameter(name):
                yield name
            case ast.ContextTypeNode(entries):
                for name, entry in entries:
                    yield name
                    yield from _defined(entry)


def _last_name(node: ast.Expression) -> str | None:
    """Return the name with which the text of `node` ends, if it ends with one."""
    match node:
        case ast.Name(name) | ast.Path(name=name):
            return name
        case ast.Arithmetic(right=last) | ast.Comparison(right=last) | ast.Between(high=last):
            return _last_name(last)
        case ast.If(alternative=last) | ast.For(body=last) | ast.Quantified(condition=last):
            return _last_name(last)
        case ast.FunctionLiteral(body=last):
            return _last_name(last)
        case ast.Negation(last) | ast.In(tests=(last,)) | ast.UnaryComparison(endpoint=last):
            return _last_name(last)
        case ast.Conjunction((*_, last)) | ast.Disjunction((*_, last)):
            return _last_name(last)
        case _:
            return None


def _number(value: Decimal) -> str:
    """Return a number literal: plain digits, with an exponent only where they are many."""
    plain = format(value, "f")
    return plain if len(plain) <= _MAX_PLAIN_DIGITS else format(value, "e")


def _level(node: ast.Expression) -> int:
    """Return how tightly `node` binds as an operand."""
    match node:
        case (
            ast.If() | ast.For() | ast.Quantified() | ast.FunctionLiteral() | ast.UnaryComparison()
        ):
            return LOWEST
        case ast.Disjunction():
            return DISJUNCTION
        case ast.Conjunction():
            return CONJUNCTION
        case ast.Comparison() | ast.Between() | ast.In():
            return COMPARISON
        case ast.Arithmetic(operator):
            return _ARITHMETIC[operator]
        case ast.Negation():
            return NEGATION
        case ast.NumberLiteral(value) if value.is_signed():
            return NEGATION
        case ast.InstanceOf():
            return INSTANCE_OF
        case _:
            return ACCESS
