"""What a production of the grammar is, and the types that it gives and takes.

Types are texts: `number`, `list<number>`, `range<date>`; `context` has the entries `n` (number),
`s` (string) and `d` (date); `any` stands for one of the scalars.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

NUMBER: Final = "number"
STRING: Final = "string"
BOOLEAN: Final = "boolean"
DATE: Final = "date"
TIME: Final = "time"
MOMENT: Final = "date and time"
DAYS: Final = "days and time duration"
MONTHS: Final = "years and months duration"
CONTEXT: Final = "context"
ANY: Final = "any"

SCALARS: Final = (NUMBER, STRING, BOOLEAN, DATE, TIME, MOMENT, DAYS, MONTHS)
ORDERED: Final = (NUMBER, STRING, DATE, TIME, MOMENT, DAYS, MONTHS)
LISTED: Final = (NUMBER, STRING, BOOLEAN, DATE)
RANGED: Final = (NUMBER, DATE, MOMENT, DAYS)


def list_of(element: str) -> str:
    """Return the type of lists of `element`."""
    return f"list<{element}>"


def range_of(element: str) -> str:
    """Return the type of ranges of `element`."""
    return f"range<{element}>"


@dataclass(frozen=True, slots=True)
class Production:
    """A form with holes: `{0}` and on for the parts, `{v}` and `{w}` for fresh names.

    `binds` says which names a part may use beside the scope's: by the part's number, the name
    (or `{v}`) and its type. `parameters` are a built-in's, for invocation by name. A `fenced`
    form needs no parentheses around its parts and none around itself; parts of the same
    `group` may go without them, so that precedence is tried too.
    """

    name: str
    gives: str
    takes: tuple[str, ...]
    form: str
    parameters: tuple[str, ...] = ()
    binds: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    fenced: bool = False
    group: str = ""


def call(name: str, gives: str, *parameters: tuple[str, str]) -> Production:
    """Return a built-in's production; `parameters` are pairs of name and type."""
    holes = ", ".join(f"{{{number}}}" for number in range(len(parameters)))
    return Production(
        name,
        gives,
        tuple(type_ for _, type_ in parameters),
        f"{name}({holes})",
        tuple(parameter for parameter, _ in parameters),
        fenced=True,
    )


def variadic(name: str, gives: str, element: str, count: int) -> Production:
    """Return the production of a built-in that takes `count` arguments of one type."""
    holes = ", ".join(f"{{{number}}}" for number in range(count))
    return Production(name, gives, (element,) * count, f"{name}({holes})", fenced=True)


def infix(operator: str, gives: str, left: str, right: str, group: str = "") -> Production:
    """Return the production of an operator between two parts."""
    return Production(operator, gives, (left, right), f"{{0}} {operator} {{1}}", group=group)
