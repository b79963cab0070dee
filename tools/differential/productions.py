"""What can be written: a production for each operator, each built-in and each form of FEEL.

A production gives a type and takes types, so that what is grown from them is well typed.
"""

from __future__ import annotations

from functools import cache

from calls import calls
from forms import forms
from grammar import Production


@cache
def productions() -> tuple[Production, ...]:
    """Return every production, in a fixed order."""
    return (*forms(), *calls())


@cache
def names() -> tuple[str, ...]:
    """Return the names of the productions, each once, in a fixed order."""
    return tuple(dict.fromkeys(each.name for each in productions()))


@cache
def named(name: str) -> tuple[Production, ...]:
    """Return the productions called `name`."""
    return tuple(each for each in productions() if each.name == name)


@cache
def giving(type_: str) -> tuple[Production, ...]:
    """Return the productions that give `type_`."""
    return tuple(each for each in productions() if each.gives == type_)
