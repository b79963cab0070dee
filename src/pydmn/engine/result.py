"""The answer to one question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from pydmn.diagnostics import Diagnostic
from pydmn.trace import Trace

Explained: TypeAlias = tuple[Trace, tuple[Diagnostic, ...]]


class Result:
    """The answer to one question.

    `value` in the host's types; `trace`, what happened on the way, with values of the host
    too; `diagnostics`, what the model or the input is to blame for. A trace that was not kept
    is made when it is first read, from the inputs as they were.
    """

    __slots__ = ("_explain", "_explained", "value")

    def __init__(self, value: Any, explain: Callable[[], Explained]) -> None:
        self.value = value
        self._explain = explain
        self._explained: Explained | None = None

    def __repr__(self) -> str:
        return f"Result({self.value!r})"

    @property
    def trace(self) -> Trace:
        """What happened on the way."""
        return self._both()[0]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the model or the input is to blame for."""
        return self._both()[1]

    def _both(self) -> Explained:
        if self._explained is None:
            self._explained = self._explain()
        return self._explained

    def __reduce__(self) -> tuple[Any, ...]:
        """A result travels with its trace."""
        return _result, (self.value, self._both())


def _result(value: Any, explained: Explained) -> Result:
    return Result(value, lambda: explained)
