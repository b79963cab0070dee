"""Columns that ask something of one input: `Age >= 18`, `if Kind = "a" then 1 else 2`.

Where an expression does nothing with an input but compare it with constants, it has one value for
all values of the input between two of these. So its column says no more than a column of the
input itself could, and belongs on that input's axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pydmn.feel import ast
from pydmn.tables.cells import literal
from pydmn.tables.regions import asked_members
from pydmn.verify.tables.axes import Path

PathOf = Callable[[ast.Node], Path | None]
"""Returns the path that a node is, None for anything else."""


@dataclass(frozen=True, slots=True)
class Question:
    """An expression that asks something of the value at `path`.

    It has one value for all values that none of `tests` tells apart, or asks a list whether it has
    one of `members`.
    """

    path: Path
    tests: tuple[ast.Test, ...] = ()
    members: frozenset[str] | None = None


def question(node: ast.Expression, path_of: PathOf) -> Question | None:
    """Return what an expression asks of one input; None where it does anything else."""
    for each in ast.walk(node):
        path = path_of(each)
        if path is not None:
            names = asked_members(_positive(node), each)
            if names:
                return Question(path, members=frozenset(names))
            break
    found = _Search(path_of)
    if not found.expression(node) or len(found.paths) != 1:
        return None
    return Question(next(iter(found.paths)), tuple(found.tests))


def _positive(node: ast.Node) -> ast.Node:
    match node:
        case ast.Call(ast.Name("not"), (operand,)):
            return operand
    return node


@dataclass(slots=True)
class _Search:
    """Collects paths and tests; each method says whether a node is of a form that is known."""

    path_of: PathOf
    paths: set[Path] = field(default_factory=set)
    tests: list[ast.Test] = field(default_factory=list)

    def expression(self, node: ast.Expression) -> bool:
        match node:
            case ast.Comparison(operator, left, right):
                ordered = operator not in ("=", "!=")
                if self._asked(left):
                    return self._constant(right, ordered=ordered)
                if self._asked(right):
                    return self._constant(left, ordered=ordered)
                return self.expression(left) and self.expression(right)
            case ast.Between(value, low, high):
                if self._asked(value):
                    return self._range(low, high)
                return all(map(self.expression, (value, low, high)))
            case ast.In(value, tests):
                asked = self._asked(value)
                return (asked or self.expression(value)) and all(map(self._test, tests))
            case ast.Conjunction(operands) | ast.Disjunction(operands):
                return all(map(self.expression, operands))
            case ast.If(condition, consequence, alternative):
                return all(map(self.expression, (condition, consequence, alternative)))
            case ast.Call(ast.Name("not"), (operand,)):
                return self.expression(operand)
        return literal(node)[0]

    def _test(self, test: ast.Test) -> bool:
        match test:
            case ast.UnaryComparison(operator, endpoint):
                return self._constant(endpoint, ordered=operator not in ("=", "!="))
            case ast.RangeLiteral(low, high):
                return self._range(low, high)
            case ast.ListLiteral(items):
                return all(map(self._test, items))
        return self._constant(test)

    def _asked(self, node: ast.Node) -> bool:
        """Say whether a node is a path, and keep it."""
        path = self.path_of(node)
        if path is not None:
            self.paths.add(path)
        return path is not None

    def _range(self, low: ast.Expression, high: ast.Expression) -> bool:
        return self._constant(low, ordered=True) and self._constant(high, ordered=True)

    def _constant(self, node: ast.Expression, *, ordered: bool = False) -> bool:
        known = literal(node)[0]
        if known and ordered:
            self.tests += [ast.UnaryComparison(">=", node), ast.UnaryComparison(">", node)]
        elif known:
            self.tests.append(node)
        return known
