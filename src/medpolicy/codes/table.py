"""One code system's table: sorted codes in one array, each with the number of its windows.

A record is eight bytes: seven characters of code, padded with NUL, and the number of a set of
validity windows. Read as one big-endian integer, records sort as their codes do, so that a
look-up is one bisection of an array of integers, and 80,000 codes take 640 kB.
"""

from __future__ import annotations

import gzip
import json
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Final

from medpolicy.codes.form import CodeSystem
from medpolicy.codes.source import data_bytes

_CODE_BYTES = 7
_SET_BITS = 8
_SET_MASK = (1 << _SET_BITS) - 1

FILES: Final = {CodeSystem.ICD_10_CM: "icd-10-cm.gz", CodeSystem.ICD_10_PCS: "icd-10-pcs.gz"}
"""The data file of each system that has a table."""

ORDER_FILE: Final = "icd-10-cm-order.json"
"""The places where the tabular order of ICD-10-CM is not that of the characters."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days on which a code is valid: `start` and `end` included, no end known if None."""

    start: date
    end: date | None

    def __contains__(self, on: date) -> bool:
        """Tell whether the code is valid on that day."""
        return self.start <= on and (self.end is None or on <= self.end)


@dataclass(frozen=True, slots=True)
class Table:
    """The codes of one system, without dots, in the order of their characters.

    `records` holds `code << 8 | set`; `window_sets[set]` are the windows, in order.
    """

    records: array[int]
    window_sets: tuple[tuple[Window, ...], ...]

    @classmethod
    def from_bytes(cls, content: bytes) -> Table:
        """Read the uncompressed data file, as `tools/build_codes.py` describes it."""
        head, _, body = content.partition(b"\n")
        records = array("Q")
        records.frombytes(body)
        if sys.byteorder == "little":
            records.byteswap()
        sets = json.loads(head)["windows"]
        return cls(records, tuple(tuple(_window(*days) for days in windows) for windows in sets))

    def windows(self, code: str) -> tuple[Window, ...]:
        """Return the windows of a code without its dot; none if it never was a code."""
        key = _key(code)
        at = bisect_left(self.records, key)
        if at == len(self.records):
            return ()
        record = self.records[at]
        return self.window_sets[record & _SET_MASK] if record ^ key <= _SET_MASK else ()

    def below(self, prefix: str) -> Iterator[tuple[str, tuple[Window, ...]]]:
        """Yield the codes that start with a prefix, the prefix itself included, and windows."""
        records = self.records
        first = bisect_left(records, _key(prefix))
        last = bisect_left(records, _key(prefix, b"\xff"))
        for at in range(first, last):
            record = records[at]
            yield _code(record), self.window_sets[record & _SET_MASK]

    def has_below(self, prefix: str, on: date | None = None) -> bool:
        """Tell whether a prefix is a category: longer codes start with it, on that day if given."""
        key, above = _key(prefix), _key(prefix, b"\xff")
        records = self.records
        at = bisect_left(records, key + _SET_MASK + 1)  # past the prefix itself, if it is a code
        while at < len(records) and records[at] <= above:
            if on is None:
                return True
            for window in self.window_sets[records[at] & _SET_MASK]:
                if on in window:
                    return True
            at += 1
        return False


class TableShelf:
    """The tables of this package, each read once, when it is first asked for.

    Safe to use from threads: tables never change, and a lock guards the reading.
    """

    def __init__(self) -> None:
        self._tables: dict[CodeSystem, Table] = {}
        self._lock = Lock()

    def table(self, system: CodeSystem) -> Table | None:
        """Return the table of a system, or None for one that has no table here."""
        found = self._tables.get(system)
        if found is not None or system not in FILES:
            return found
        with self._lock:
            if system not in self._tables:
                self._tables[system] = Table.from_bytes(table_bytes(system))
            return self._tables[system]

    @cached_property
    def tabular_order(self) -> dict[str, str]:
        """Prefix to the characters that follow it in the tabular list of ICD-10-CM, in order.

        Only prefixes whose order is not that of the characters: I82.A stands between I82.7 and
        I82.8, so `"I82"` has `"01234567ABC89"`.
        """
        order: dict[str, str] = json.loads(data_bytes(ORDER_FILE))
        return order


SHELF: Final = TableShelf()
"""The one shelf of the process."""


def table_bytes(system: CodeSystem) -> bytes:
    """Return the uncompressed data file of a system that has a table."""
    return gzip.decompress(data_bytes(FILES[system]))


def _window(start: str, end: str | None) -> Window:
    return Window(date.fromisoformat(start), None if end is None else date.fromisoformat(end))


def _key(code: str, padding: bytes = b"\0") -> int:
    """Return the least record of a code; with padding 0xFF, one above all that start with it."""
    return int.from_bytes(code.encode("ascii").ljust(_CODE_BYTES, padding) + padding, "big")


def _code(record: int) -> str:
    return (record >> _SET_BITS).to_bytes(_CODE_BYTES, "big").rstrip(b"\0").decode("ascii")
