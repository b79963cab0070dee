"""Item definitions to Python closures: is a value what the model asks for (7.3.3).

A value is converted as 10.3.2.9.4 allows; one that does not fit becomes null, and the reason
stands in the trace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from pydmn.backends.to_python.layout import INPUT, FrameSize, Layout
from pydmn.backends.to_python.tests import compile_unary_tests
from pydmn.feel import static, types, values
from pydmn.feel.findings import shown
from pydmn.plan.logic import Cell, Item
from pydmn.run import Run

Check: TypeAlias = Callable[[Run, Any], Any]


def compile_item(item: Item, what: str, layout: Layout) -> Check | None:
    """Return the function that makes a value an `item`, or None where anything is one.

    `what` names the value in a note: `input Age`, `the result of Eligibility`.
    """
    type_ = item.type
    constrained = item.constrained
    if type_ == types.ANY and not constrained:
        return None
    allowed = _compile_constraints(item, what, layout) if constrained else None
    wanted = static.kind(type_)

    def check(run: Run, value: Any) -> Any:
        if value is None:
            return None
        converted = values.coerce(value, type_, run)
        if converted is values.NOT_COERCIBLE:
            run.note("type", f"{what} is {values.described(value)}, not a {wanted}")
            return None
        if allowed is not None and not allowed(run, converted):
            return None
        return converted

    return check


Constraint: TypeAlias = Callable[[Run, Any], bool]


def _compile_constraints(item: Item, what: str, layout: Layout) -> Constraint:
    allowed = _cell(item.allowed, what, layout) if item.allowed is not None else None
    constraint = _cell(item.constraint, what, layout) if item.constraint is not None else None
    element = (
        _compile_constraints(item.element, what, layout)
        if item.element is not None and item.element.constrained
        else None
    )
    entries = tuple(
        (name, _compile_constraints(entry, f"{what}.{name}", layout))
        for name, entry in item.entries
        if entry.constrained
    )

    def satisfied(run: Run, value: Any) -> bool:
        if value is None:
            return True
        if allowed is not None:
            members = value if isinstance(value, list) else [value]
            run.charge(len(members))
            if not all(allowed(run, member) for member in members):
                return False
        if constraint is not None and not constraint(run, value):
            return False
        if element is not None and isinstance(value, list):
            run.charge(len(value))
            if not all(element(run, member) for member in value):
                return False
        if entries and isinstance(value, dict):
            return all(entry(run, value.get(name)) for name, entry in entries)
        return True

    return satisfied


def _cell(cell: Cell, what: str, layout: Layout) -> Constraint:
    size = FrameSize()
    # A type that an import brings names the types of its own model.
    inside, (slot,) = Layout(size, types=cell.types, functions=layout.functions).bind(INPUT)
    test = compile_unary_tests(cell.tests, inside, slot)

    def satisfied(run: Run, value: Any) -> bool:
        if value is None or test is None:
            return True
        frame: list[Any] = [None] * size.slots
        frame[0] = run
        frame[slot] = value
        if test(frame, value) is True:
            return True
        run.note(
            "allowed-values", f"{what} is not one of the allowed values: {shown(cell.source.text)}"
        )
        return False

    return satisfied
