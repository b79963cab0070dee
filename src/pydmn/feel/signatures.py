"""What a function takes and gives, and which arguments fit it (DMN 1.5, 10.3.2.13.5).

The functions themselves are values, made elsewhere; whatever has these attributes will do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from pydmn.feel import static
from pydmn.feel.types import Type


class Parameter(Protocol):
    """A formal parameter of a function."""

    @property
    def name(self) -> str:
        """Its name in FEEL."""

    @property
    def type(self) -> Type:
        """The type an argument is converted to."""

    @property
    def optional(self) -> bool:
        """True when it may be left out."""


class Signature(Protocol):
    """One way to call a function."""

    @property
    def parameters(self) -> Sequence[Parameter]:
        """The formal parameters in order."""

    @property
    def variadic(self) -> bool:
        """True when the last parameter takes any number of arguments."""


class Function(Protocol):
    """A function by what it takes and gives: overloads are several signatures."""

    @property
    def signatures(self) -> Sequence[Signature]:
        """The ways to call it; at least one."""

    @property
    def result_type(self) -> Type:
        """The type of what it gives."""


class Mismatch(NamedTuple):
    """An argument that cannot fit: its index or name, the type expected, the type given."""

    argument: int | str
    expected: Type
    actual: Type


def takes(signature: Signature, count: int) -> bool:
    """Say whether `count` positional arguments fit."""
    required = sum(not parameter.optional for parameter in signature.parameters)
    return required <= count and (signature.variadic or count <= len(signature.parameters))


def takes_names(signature: Signature, named: Mapping[str, Type]) -> bool:
    """Say whether arguments of these names fit."""
    names = {parameter.name for parameter in signature.parameters}
    required = {p.name for p in signature.parameters if not p.optional}
    return required <= named.keys() <= names


def mismatch(
    signature: Signature, values: Sequence[Type], named: Mapping[str, Type]
) -> Mismatch | None:
    """Return the first argument whose type can never be the parameter's, or None."""
    parameters = signature.parameters
    for index, actual in enumerate(values):
        expected = parameters[min(index, len(parameters) - 1)].type
        if not static.fits(actual, expected):
            return Mismatch(index, expected, actual)
    for parameter in parameters:
        given = named.get(parameter.name)
        if given is not None and not static.fits(given, parameter.type):
            return Mismatch(parameter.name, parameter.type, given)
    return None


def call_text(name: str, signature: Signature) -> str:
    """Return how a call is written: `round up(n, scale?)`, optional parameters marked."""
    names = [p.name + ("?" if p.optional else "") for p in signature.parameters]
    return f"{name}({', '.join([*names, '...'] if signature.variadic else names)})"
