"""How a command ends: its exit statuses, and problems on standard error."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any, Final, NoReturn

from medpolicy.problems import Problem

WELL: Final = 0
DIFFERENT: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130  # 128 + SIGINT
PIPE_CLOSED: Final = 141  # 128 + SIGPIPE
_TO_END: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)


def complain(problems: Iterable[Problem]) -> None:
    """Print problems to standard error, each with its excerpt and its help."""
    for problem in problems:
        print(f"medpolicy: {problem.render()}", file=sys.stderr)


@contextmanager
def ending_when_told() -> Iterator[None]:
    """Let a signal to end raise `SystemExit`, so that no half of a file stays behind.

    One that is ignored, as `nohup` has it, stays so. In another thread than the first signals
    are not a matter.
    """
    if current_thread() is not main_thread():
        yield
        return
    ending = [each for each in _TO_END if signal.getsignal(each) is signal.SIG_DFL]
    try:
        for each in ending:
            signal.signal(each, _end)
        yield
    finally:
        for each in ending:
            signal.signal(each, signal.SIG_DFL)


def _end(number: int, _: Any) -> NoReturn:
    sys.exit(128 + number)
