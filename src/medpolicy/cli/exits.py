"""How a command ends: its exit statuses, and problems on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from medpolicy.problems import Problem

WELL: Final = 0
DIFFERENT: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130  # 128 + SIGINT
PIPE_CLOSED: Final = 141  # 128 + SIGPIPE


def complain(problems: Iterable[Problem]) -> None:
    """Print problems to standard error, each with its excerpt and its help."""
    for problem in problems:
        print(f"medpolicy: {problem.render()}", file=sys.stderr)
