"""The cell `true` tests for true: null, and anything else, is not true.

A silent fact that counted as stated would be a wrong determination.
"""

from __future__ import annotations

from typing import Any

import pytest

import pydmn


@pytest.mark.parametrize(
    ("cell", "value", "accepted"),
    [
        ("true", True, True),
        ("true", False, False),
        ("true", None, False),
        ("true", "true", False),
        ("true", 1, False),
        ("false", False, True),
        ("false", None, False),
        ("not(true)", False, True),
        ("not(true)", True, False),
        ("not(null)", None, False),
        ("not(null)", "x", True),
        ("null", None, True),
        ("null", False, False),
        ("1 < 2", "x", True),
        ("1 > 2", "x", False),
    ],
)
def test_cell(cell: str, value: Any, accepted: bool) -> None:
    assert pydmn.unary_tests(cell, value) is accepted
