"""Room to recurse, whatever the host has left of Python's stack.

Python lets a thread call 1,000 deep, the host's own calls included; a FEEL function may call
itself `Limits.call_depth` times, each call several of Python's. So where the stack is full,
the work goes on in a thread of its own, which has a stack of its own. The recursion limit,
which belongs to the whole process, stays as the host set it.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from pydmn.errors import LimitExceeded

_T = TypeVar("_T")

_START = 20
"""The calls inside one another that starting a thread and waiting for it need, and some more."""


def with_room(work: Callable[[], _T]) -> _T:
    """Return what `work` returns; where the host's stack is too full for it, by a fresh one.

    `work` may run twice and must not mind. Raises what `work` raises, and `LimitExceeded`
    where a fresh stack is too small or cannot be had.
    """
    try:
        return work()
    except RecursionError:
        pass  # not here: what follows needs the room that this attempt took
    try:
        return on_fresh_stack(work)
    except RecursionError:
        raise LimitExceeded("limit `call_depth` exceeded: the host's stack is full") from None


def on_fresh_stack(work: Callable[[], _T]) -> _T:
    """Return what `work` returns, run in a thread of its own with the caller's context.

    Raises what `work` raises; `LimitExceeded` where the stack is too small for it or there is
    no memory for one; `RecursionError` where the caller has too little room even to ask.
    """
    _ask_for(_START)
    task = _Task(work)
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(task.run,), daemon=True)
    try:
        thread.start()
    except RecursionError:
        raise
    except (RuntimeError, MemoryError) as error:
        raise LimitExceeded("limit `call_depth` exceeded: no memory for a further stack") from error
    thread.join()
    return task.result()


def _ask_for(calls: int) -> None:
    """Raise `RecursionError` where the stack has no room for `calls` inside one another.

    Asked before a thread starts: a start that runs out of stack half-way leaves a thread at work
    whose caller takes it for not begun, and does the work itself at the same time.
    """
    if calls:
        _ask_for(calls - 1)


class _Task(Generic[_T]):
    """A call in another thread, and what came of it."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self._value: list[_T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        """Do the work and keep the outcome."""
        try:
            self._value.append(self._work())
        except RecursionError:
            self._error = LimitExceeded(
                "limit `call_depth` exceeded: the work needs more than a whole stack"
            )
        except BaseException as error:  # noqa: BLE001  what it is, the caller's thread decides
            self._error = error

    def result(self) -> _T:
        """Return the value, or raise the error."""
        if self._error is not None:
            try:
                raise self._error
            finally:
                self._error = None  # an error and its traceback hold each other
        return self._value[0]
