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

`walk` goes through the tree from its leaves up; `names` knows what may be read where, `calls`
and `operands` say what is wrong with the types that are found.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydmn.diagnostics import Diagnostic
from pydmn.feel import ast
from pydmn.feel.check.walk import Walk
from pydmn.feel.names import Scope
from pydmn.feel.signatures import Function
from pydmn.feel.types import ANY, Type
from pydmn.source import Source

__all__ = ["check", "check_unary_tests"]


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
    walk = Walk(source, scope, functions or {})
    return walk.infer(node), walk.diagnostics()


def check_unary_tests(
    node: ast.UnaryTests,
    source: Source,
    scope: Scope,
    functions: Mapping[str, Function] | None = None,
    input_type: Type = ANY,
) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a cell whose input is of `input_type` (7.3.3)."""
    walk = Walk(source, scope.with_variable("?", input_type), functions or {})
    for test in node.tests:
        walk.test(test, input_type)
    return walk.diagnostics()
