"""Boolean functions (DMN 1.5, 10.3.4.2, Table 73) and identity (10.3.4.6)."""

from __future__ import annotations

from pydmn.feel.builtins.declare import builtin
from pydmn.feel.values import Value, identical
from pydmn.run import Run


@builtin("not")
def negation(negand: Value) -> bool | None:
    """Return the opposite of a boolean; null for anything else (Table 51)."""
    return not negand if isinstance(negand, bool) else None


@builtin("is")
def is_same(run: Run, value1: Value, value2: Value) -> bool:
    """Say whether both are the same element of the domain; never null (10.3.2.2)."""
    return identical(value1, value2, run)
