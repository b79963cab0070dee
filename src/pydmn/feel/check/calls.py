"""Calls: whether the arguments are those that a function takes (10.3.2.13.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydmn.diagnostics import Severity
from pydmn.feel import ast, signatures, static
from pydmn.feel.findings import Findings, shown
from pydmn.feel.signatures import Function
from pydmn.feel.types import ANY, FunctionType, Type
from pydmn.source import Span


def check_value(findings: Findings, node: ast.Call, type_: Type, values: Sequence[Type]) -> Type:
    """Return the type of a call of something of which at most the type is known."""
    match type_:
        case FunctionType(parameters, result):
            if parameters is not None and not node.named:
                _check_positional(findings, node, parameters, values)
            return result
        case _ if not static.unknown(type_):
            findings.report(
                "unknown-function",
                f"a {static.kind(type_)} is no function",
                node.function.span,
                "only a function can be followed by `(`",
            )
    return ANY


def _check_positional(
    findings: Findings, node: ast.Call, parameters: Sequence[Type], values: Sequence[Type]
) -> None:
    if len(parameters) != len(values):
        findings.report(
            "arguments",
            f"the function takes {_count(len(parameters))}, not {len(values)}",
            node.span,
            "give one argument for each parameter",
        )
        return
    for value, type_, expected in zip(node.positional, values, parameters, strict=True):
        if not static.fits(type_, expected):
            findings.report(
                "argument-type",
                f"the function takes a {static.kind(expected)} here, not a {static.kind(type_)}",
                value.span,
                f"convert it to a {static.kind(expected)}",
            )


def check_known(
    findings: Findings,
    node: ast.Call,
    name: str,
    function: Function,
    values: Sequence[Type],
    named: Mapping[str, Type],
) -> Type:
    """Return the type of a call of a function whose parameters are known."""
    if node.named:
        fitting = [s for s in function.signatures if signatures.takes_names(s, named)]
    else:
        fitting = [s for s in function.signatures if signatures.takes(s, len(values))]
    if not fitting:
        _report_arguments(findings, node, name, function, named)
    elif not any(signatures.mismatch(s, values, named) is None for s in fitting):
        wrong = signatures.mismatch(fitting[0], values, named)
        assert wrong is not None
        key, expected, actual = wrong
        value = (
            node.positional[key]
            if isinstance(key, int)
            else next(a.value for a in node.named if a.name == key)
        )
        findings.report(
            "argument-type",
            f"`{name}` takes a {static.kind(expected)} here, not a {static.kind(actual)}",
            value.span,
            f"write `{signatures.call_text(name, fitting[0])}`",
        )
    return function.result_type


def _report_arguments(
    findings: Findings, node: ast.Call, name: str, function: Function, named: Mapping[str, Type]
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
    findings.report("arguments", message, span, f"write {ways}", severity)


def _count(number: int) -> str:
    return {0: "no argument", 1: "1 argument"}.get(number, f"{number} arguments")
