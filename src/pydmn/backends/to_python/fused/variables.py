"""Variables of a generated function."""

from __future__ import annotations

import ast as py
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydmn.backends.to_python.fused.writer import load
from pydmn.feel.types import ANY, Type

RUN: Final = "run"
"""The variable that holds the `Run`, where a closure needs one."""


@dataclass(frozen=True, slots=True)
class Value:
    """A variable of the function: its name, its type, whether it may be null.

    A `loose` number may be an int, and a loose list may hold ints, which closures must not see.
    """

    name: str
    type: Type = ANY
    nullable: bool = True
    loose: bool = False

    @property
    def read(self) -> py.Name:
        """The reading of it."""
        return load(self.name)


class Known(ABC):
    """A function in scope that is no built-in one; `parameters` are their names, in order."""

    def __init__(self, parameters: Iterable[str] = ()) -> None:
        self.parameters = tuple(parameters)

    @abstractmethod
    def called(self, given: Mapping[str, Value]) -> Value:
        """Write a call with arguments by name, and return its value. Raises `Unfit`."""
