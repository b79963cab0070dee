"""The rows of a CSV file that have not as many values as there are columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from medpolicy.batch.coding import Codes
from medpolicy.batch.requests import Reject
from medpolicy.problems import Problem


class Ragged:
    """Takes such rows out while a file is read from its beginning to its end."""

    def __init__(self) -> None:
        self._found: deque[Reject] = deque()

    def skipped(self, row: Any) -> str:
        """Take a row out; Arrow counts the header as a row, and a blank line as none."""
        has, needs = row.actual_columns, row.expected_columns
        message = (
            f"the row has {has} {'value' if has == 1 else 'values'}, and the file {needs} columns"
        )
        help_ = "put a value with a comma or a line's end in quotation marks"
        self._found.append(Reject(row.number - 1, None, None, Problem("", message, help_)))
        return "skip"

    def numbers(self, first: int, rows: int) -> Codes:
        """Return the numbers of so many rows that have been read, from `first` on."""
        out = [each.row for each in self._found]
        found: Codes = np.setdiff1d(np.arange(first, first + rows + len(out)), out)[:rows]
        return found

    def before(self, number: int | None) -> Iterator[Reject]:
        """Yield the rows taken out before the row of a number, each once; all without one."""
        while self._found and (number is None or self._found[0].row < number):
            yield self._found.popleft()
