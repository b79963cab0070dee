"""FEEL's types, as values: what a type is, and which type conforms to which (10.3.2.9).

Which *value* is of which type is the business of `pydmn.feel.values`; this room knows types
alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class BasicType:
    """A type with a name and no structure."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListType:
    """`list<element>`."""

    element: Type

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class RangeType:
    """`range<element>`."""

    element: Type

    def __str__(self) -> str:
        return f"range<{self.element}>"


@dataclass(frozen=True, slots=True)
class ContextType:
    """`context<name: type, ...>`: at least these entries."""

    entries: tuple[tuple[str, Type], ...] = ()

    def get(self, name: str) -> Type | None:
        """Return the type of entry `name`, or None."""
        return next((type_ for key, type_ in self.entries if key == name), None)

    def __str__(self) -> str:
        inner = ", ".join(f"{name}: {type_}" for name, type_ in self.entries)
        return f"context<{inner}>" if inner else "context"


@dataclass(frozen=True, slots=True)
class FunctionType:
    """`function<parameters> -> result`; `parameters` is None where they are not known."""

    parameters: tuple[Type, ...] | None
    result: Type

    def __str__(self) -> str:
        if self.parameters is None:
            return "function"
        return f"function<{', '.join(map(str, self.parameters))}> -> {self.result}"


Type: TypeAlias = BasicType | ListType | RangeType | ContextType | FunctionType

ANY = BasicType("Any")
NULL = BasicType("Null")
NUMBER = BasicType("number")
STRING = BasicType("string")
BOOLEAN = BasicType("boolean")
DATE = BasicType("date")
TIME = BasicType("time")
DATE_AND_TIME = BasicType("date and time")
DAYS_AND_TIME_DURATION = BasicType("days and time duration")
YEARS_AND_MONTHS_DURATION = BasicType("years and months duration")
LIST = ListType(ANY)
CONTEXT = ContextType()
FUNCTION = FunctionType(None, ANY)
RANGE = RangeType(ANY)

BUILT_IN: dict[str, Type] = {
    type_.name: type_
    for type_ in (
        ANY, NULL, NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_AND_TIME,
        DAYS_AND_TIME_DURATION, YEARS_AND_MONTHS_DURATION,
    )
}  # fmt: skip
# Spellings of DMN 1.1 and of modelers for the same types (DMN 1.1, table 32).
BUILT_IN |= {
    "any": ANY,
    "dateTime": DATE_AND_TIME,
    "dayTimeDuration": DAYS_AND_TIME_DURATION,
    "yearMonthDuration": YEARS_AND_MONTHS_DURATION,
    "list": LIST,
    "context": CONTEXT,
    "function": FUNCTION,
    "range": RANGE,
}


def conforms(type_: Type, to: Type) -> bool:
    """Say whether every value of `type_` is a value of `to` (10.3.2.9.2)."""
    if to == ANY or type_ in (NULL, to):
        return True
    match type_, to:
        case ListType(a), ListType(b):
            return conforms(a, b)
        case RangeType(a), RangeType(b):
            return conforms(a, b)
        case ContextType(), ContextType():
            return all(
                (mine := type_.get(name)) is not None and conforms(mine, theirs)
                for name, theirs in to.entries
            )
        case FunctionType(mine, a), FunctionType(theirs, b):
            if not conforms(a, b):
                return False
            if mine is None or theirs is None:
                return theirs is None
            return len(mine) == len(theirs) and all(
                conforms(t, m) for m, t in zip(mine, theirs, strict=True)
            )
    return False
