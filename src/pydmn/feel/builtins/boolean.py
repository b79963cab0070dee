"""Boolean functions (DMN 1.5, 10.3.4.2, Table 73) and identity (10.3.4.6)."""

from __future__ import annotations

from pydmn.feel.builtins.declare import builtin
from pydmn.feel.values import Value, described, identical
from pydmn.run import Run


@builtin("not")
def negation(run: Run, negand: Value) -> bool | None:
    """Return the opposite of a boolean; null for anything else (Table 51)."""
    if isinstance(negand, bool):
        return not negand
    run.note("argument-type", f"`not` takes a boolean, not {described(negand)}")
    return None


@builtin("is")
def is_same(run: Run, value1: Value, value2: Value) -> bool:
    """Say whether both are the same element of the domain; never null (10.3.2.2)."""
    return identical(value1, value2, run)
