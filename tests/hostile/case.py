"""One hostile input: what is done with it, and how it must end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pydmn
from pydmn.limits import Limits

VALUE = "value"
SYNTAX = "FeelSyntaxError"
MODEL = "ModelError"
UNKNOWN = "UnknownName"
INPUT = "InputError"


def limit(name: str) -> str:
    """Return the outcome of an input that is stopped by the limit `name`."""
    return f"limit {name}"


@dataclass(frozen=True, slots=True)
class Case:
    """`run` does something hostile under the limits that it is given.

    `ends` is how that ends under `Limits.untrusted()`: `value`, the class of the error, or
    `limit` and its name. Under the defaults it only must end; but for `exact` ones, which are
    made to measure for any limits and end alike.
    """

    family: str
    name: str
    ends: str
    run: Callable[[Limits], Any] = field(repr=False)
    exact: bool = False


class Family:
    """Collects the cases of one family."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cases: list[Case] = []

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    def add(
        self, name: str, ends: str, run: Callable[[Limits], Any], *, exact: bool = False
    ) -> None:
        """Add a case."""
        self.cases.append(Case(self.name, name, ends, run, exact))

    def feel(
        self, name: str, ends: str, text: str, context: Mapping[str, Any] | None = None
    ) -> None:
        """Add an expression to evaluate."""
        self.add(name, ends, lambda limits: pydmn.feel(text, context, limits=limits))

    def cell(self, name: str, ends: str, text: str, value: Any) -> None:
        """Add a decision table's cell to test a value with."""
        self.add(name, ends, lambda limits: pydmn.unary_tests(text, value, limits=limits))

    def model(
        self,
        name: str,
        ends: str,
        files: bytes | list[bytes],
        ask: str | None = None,
        inputs: Mapping[str, Any] | None = None,
    ) -> None:
        """Add files to load, and a decision to ask for."""

        def run(limits: Limits) -> Any:
            model = pydmn.load(files, limits=limits)
            return model.diagnostics if ask is None else model.evaluate(ask, inputs or {}).value

        self.add(name, ends, run)

    def edge(self, name: str, of: str, run: Callable[[Limits, int], Any]) -> None:
        """Add two cases: `run` of a size at the limit `of`, which passes, and of one above it."""
        self.add(
            f"{name}, at {of}",
            VALUE,
            lambda limits: run(limits, getattr(limits, of)),
            exact=True,
        )
        self.add(
            f"{name}, above {of}",
            limit(of),
            lambda limits: run(limits, getattr(limits, of) + 1),
            exact=True,
        )
