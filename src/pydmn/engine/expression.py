"""One expression, one cell: parsed, compiled and evaluated at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydmn.backends import to_python
from pydmn.errors import InputError
from pydmn.feel import builtins, host, parser
from pydmn.feel.names import Scope, normalise
from pydmn.feel.types import ANY
from pydmn.feel.values import type_of
from pydmn.limits import Limits
from pydmn.run import Run
from pydmn.source import Source


def evaluate(text: str, context: Mapping[str, Any], run: Run) -> Any:
    """Return the value of a FEEL expression, in the host's types."""
    variables = _variables(context, run.limits)
    node = parser.parse_expression(Source(text), _scope(variables), run.limits)
    size = to_python.FrameSize()
    layout, slots = to_python.Layout(size).bind(*variables)
    compiled = to_python.compile_expression(node, layout)
    frame: list[Any] = [None] * size.slots
    frame[0] = run
    for slot, value in zip(slots, variables.values(), strict=True):
        frame[slot] = value
    return host.to_python(compiled(frame), run)


def accepts(text: str, value: Any, context: Mapping[str, Any], run: Run) -> bool:
    """Say whether the cell `text` accepts `value`."""
    variables = _variables(context, run.limits)
    tested = host.from_python(value, ANY, run.limits, "the value tested")
    scope = _scope(variables).with_variable(to_python.INPUT, type_of(tested))
    node = parser.parse_unary_tests(Source(text), scope, run.limits)
    size = to_python.FrameSize()
    layout, (slot, *slots) = to_python.Layout(size).bind(to_python.INPUT, *variables)
    test = to_python.compile_unary_tests(node, layout, slot)
    if test is None:
        return True
    frame: list[Any] = [None] * size.slots
    frame[0] = run
    frame[slot] = tested
    for each, variable in zip(slots, variables.values(), strict=True):
        frame[each] = variable
    return test(frame, tested) is True


def _variables(context: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    for name in context:
        if not isinstance(name, str):
            message = f"a variable's name is a string, not {name!r}"
            raise InputError(message)
    return {
        normalise(name): host.from_python(value, ANY, limits, f"`{name}`")
        for name, value in context.items()
    }


def _scope(variables: Mapping[str, Any]) -> Scope:
    """Return the names that an expression may read, with all entry names inside them."""
    members: set[str] = set()
    waiting = list(variables.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            members.update(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    types = {name: type_of(value) for name, value in variables.items()}
    return Scope(types, builtins.NAMES, frozenset(map(normalise, members)))
