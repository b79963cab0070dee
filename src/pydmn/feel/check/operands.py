"""Operators and tests: whether they take values of the types that are found (10.3.2.13)."""

from __future__ import annotations

from pydmn.diagnostics import Severity
from pydmn.feel import ast, static
from pydmn.feel.findings import Findings
from pydmn.feel.types import (
    BOOLEAN,
    DATE,
    NULL,
    NUMBER,
    STRING,
    ContextType,
    ListType,
    RangeType,
    Type,
)


def check_negation(findings: Findings, node: ast.Negation, operand: Type) -> Type:
    """Return the type of `-operand`."""
    result = static.negation(operand)
    if result is None:
        findings.report(
            "operand-type",
            f"a {static.kind(operand)} has no negative",
            node.span,
            "only numbers and durations have one; the opposite of a condition is `not(...)`",
        )
    return result or NULL


def check_arithmetic(findings: Findings, node: ast.Arithmetic, left: Type, right: Type) -> Type:
    """Return the type of `left operator right`."""
    result = static.arithmetic(node.operator, left, right)
    if result is None:
        text = STRING in (left, right) and node.operator == "+"
        findings.report(
            "operand-type",
            f"`{node.operator}` does not take a {static.kind(left)} and a {static.kind(right)}",
            node.span,
            "join texts: `string(...)` makes one" if text else "convert one of them",
        )
    return result or NULL


def check_comparison(
    findings: Findings, node: ast.Expression, operator: str, left: Type, right: Type
) -> None:
    """Report a comparison that is null for certain, or probably."""
    if operator in ("=", "!="):
        if not static.comparable(left, right):
            findings.report(
                "comparison-type",
                f"a {static.kind(left)} is never equal to a {static.kind(right)}",
                node.span,
                "compare values of one type",
                _severity(left, right),
            )
        return
    for side in (left, right):
        if not static.unknown(side) and side not in static.ORDERED:
            findings.report(
                "operand-type",
                f"a {static.kind(side)} has no order",
                node.span,
                "compare numbers, strings, dates, times or durations",
            )
            return
    if not static.comparable(left, right):
        findings.report(
            "operand-type",
            f"`{operator}` does not take a {static.kind(left)} and a {static.kind(right)}",
            node.span,
            "compare values of one type",
            _severity(left, right),
        )


def check_test(findings: Findings, node: ast.Test, type_: Type, input_: Type) -> None:
    """Report a test of `type_` that no value of type `input_` passes (7.3.2)."""
    if _mentions_input(node):
        if not static.unknown(type_) and type_ != BOOLEAN:
            findings.report(
                "test-type",
                f"a test with `?` is a boolean, not a {static.kind(type_)}",
                node.span,
                "compare: `? = ...`",
                Severity.WARNING,
            )
        return
    while isinstance(type_, ListType | RangeType) and not isinstance(input_, type(type_)):
        type_ = type_.element
    # A condition without `?` is a test too: it holds whatever the input is.
    if type_ != BOOLEAN and not static.comparable(input_, type_):
        findings.report(
            "test-type",
            f"the test is of a {static.kind(type_)}, the value is a {static.kind(input_)}",
            node.span,
            f"test it against a {static.kind(input_)}",
            _severity(input_, type_),
        )


def check_condition(findings: Findings, node: ast.Expression, type_: Type, what: str) -> None:
    """Report a condition, named `what`, that is no boolean."""
    if not static.unknown(type_) and type_ != BOOLEAN:
        findings.report(
            "condition-type",
            f"{what} is a boolean, not a {static.kind(type_)}",
            node.span,
            "compare it: `... = ...`",
            Severity.WARNING,
        )


def check_steps(findings: Findings, node: ast.Iterator, low: Type, high: Type) -> None:
    """Report ends of an iteration that cannot be counted between (10.3.2.14)."""
    for type_ in (low, high):
        if not static.unknown(type_) and type_ not in (NUMBER, DATE):
            findings.report(
                "operand-type",
                f"an iteration runs over numbers or dates, not over a {static.kind(type_)}",
                node.span,
                "write `1..10` or iterate over a list",
            )
            return
    if not static.comparable(low, high):
        findings.report(
            "operand-type",
            f"an iteration cannot run from a {static.kind(low)} to a {static.kind(high)}",
            node.span,
            "give both ends the same type",
        )


def _severity(left: Type, right: Type) -> Severity:
    """Return how bad it is that two types are unlike: a conversion may yet make them alike.

    10.3.2.9.4 has the conversions.
    """
    converts = static.fits(left, right) or static.fits(right, left)
    return Severity.WARNING if converts and not isinstance(left, ContextType) else Severity.ERROR


def _mentions_input(node: ast.Node) -> bool:
    """Say whether `?` occurs in `node`."""
    return any(isinstance(part, ast.Name) and part.name == "?" for part in ast.walk(node))
