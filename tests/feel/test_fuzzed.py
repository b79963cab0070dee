"""Texts that fuzzing, or the promises that it checks, showed to be read wrongly."""

from __future__ import annotations

import pytest

from pydmn.feel import ast
from pydmn.feel.names import Scope
from pydmn.feel.parser import parse_expression, parse_unary_tests
from pydmn.feel.printer import to_text
from pydmn.source import Source


@pytest.mark.parametrize("text", ["not(negand: true)", "not(negand: a) and b"])
def test_a_cell_may_begin_with_a_call_of_not_by_name(text: str) -> None:
    # Rule 17: a test is any expression; rule 15 reads `not(` with positional tests alone.
    tree = parse_expression(Source(text), Scope())
    cell = parse_unary_tests(Source(text), Scope())
    assert cell == ast.UnaryTests((tree,))
    assert parse_unary_tests(Source(to_text(cell)), Scope()) == cell
