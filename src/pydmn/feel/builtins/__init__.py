"""FEEL's built-in functions (DMN 1.5, 10.3.4), a module a family.

To add one, declare it in its family's module as `pydmn.feel.builtins.declare` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydmn.feel.builtins import (
    aggregate,
    boolean,
    calendar,
    contexts,
    conversion,
    lists,
    numeric,
    ranges,
    sorting,
    strings,
)
from pydmn.feel.builtins.declare import REGISTRY, Builtin

__all__ = ["FAMILIES", "NAMES", "Builtin", "lookup", "registry"]

FAMILIES: Final = (
    conversion, boolean, strings, lists, aggregate, numeric, ranges, calendar, sorting, contexts,
)  # fmt: skip
"""The modules that declare functions; importing one declares its functions."""

registry: Final[Mapping[str, Builtin]] = MappingProxyType(REGISTRY)
"""Every built-in function by its name; read only."""

NAMES: Final[frozenset[str]] = frozenset(REGISTRY)
"""The names of all built-in functions, many of several words."""


def lookup(name: str) -> Builtin | None:
    """Return the built-in function `name`, or None."""
    return registry.get(name)
