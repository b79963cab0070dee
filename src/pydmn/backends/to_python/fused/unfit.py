"""What has no fused function, since it would be done twice."""

from __future__ import annotations

from typing import Final

from pydmn.feel import ast


class Unfit(Exception):
    """What would be repeated by the closures if it met a limit, and may be long: no function."""


_LONG: Final = (ast.For, ast.Quantified, ast.Filter, ast.FunctionLiteral)


def refuse_long(node: ast.Node) -> None:
    """Raise `Unfit` where a closure of `node` may take more steps than it has nodes."""
    if isinstance(node, ast.StringLiteral | ast.NumberLiteral):
        return  # as most of a table's outputs are
    if any(isinstance(each, _LONG) for each in ast.walk(node)):
        raise Unfit
