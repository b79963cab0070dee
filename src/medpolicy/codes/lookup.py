"""Questions to the tables: the standing of a code on a day, a category's members, a range."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from hashlib import sha256

from medpolicy.codes.form import CodeFormError, CodeSystem, dotted, normalize, normalize_prefix
from medpolicy.codes.source import data_bytes
from medpolicy.codes.table import FILES, ORDER_FILE, SHELF, Table, Window, table_bytes


class CodeStatus(StrEnum):
    """What a well-formed string is on a day."""

    VALID = "valid"
    """A code that may be reported on that day."""
    NOT_BILLABLE = "not billable"
    """A category, or a code cut short: longer codes that start with it are valid on that day."""
    NOT_VALID_ON_DATE = "not valid on date"
    """A code or a category, but on other days."""
    UNKNOWN = "unknown"
    """Neither a code nor a category on any day that the tables cover."""
    NO_TABLE = "no table"
    """The system has no table here: the form is all that is known."""


class NoCodeTable(LookupError):
    """A question that only a table answers, about a system without one."""


_KEPT = 65_536
"""So many answers about codes are kept: claims name the same few thousand again and again."""


@lru_cache(_KEPT)
def status(system: CodeSystem, code: str, on: date) -> CodeStatus:
    """Return what `code` is on the day `on`.

    Raises `CodeFormError` if the string lacks the form of its system. Days after
    `SOURCE.covered_to` are answered as that day is: a window without an end stays open.
    """
    characters = normalize(system, code).replace(".", "")
    table = SHELF.table(system)
    if table is None:
        return CodeStatus.NO_TABLE
    own = table.windows(characters)
    for window in own:
        if on in window:
            return CodeStatus.VALID
    if table.has_below(characters, on):
        return CodeStatus.NOT_BILLABLE
    if own or table.has_below(characters):
        return CodeStatus.NOT_VALID_ON_DATE
    return CodeStatus.UNKNOWN


@lru_cache(_KEPT)
def windows(system: CodeSystem, code: str) -> tuple[Window, ...]:
    """Return the windows in which `code` is valid, in order; none if it never was a code.

    Raises `CodeFormError` for the form, `NoCodeTable` for CPT and HCPCS.
    """
    characters = normalize(system, code).replace(".", "")
    return _table(system).windows(characters)


@cache
def changes() -> tuple[date, ...]:
    """Return the days, in order, on which the standing of some code of a table changes.

    Between two of them, and before and after all, what `status` says of a code is the same.
    """
    days = set()
    for system in FILES:
        for windows_ in _table(system).window_sets:
            for window in windows_:
                days.add(window.start)
                if window.end is not None:
                    days.add(window.end + timedelta(1))
    return tuple(sorted(days))


def known(system: CodeSystem) -> tuple[str, ...]:
    """Return every code that ever was one, as printed, in the order of the characters.

    Raises `NoCodeTable` for CPT and HCPCS.
    """
    found = (code for code, _ in _table(system).below(""))
    return tuple(map(dotted, found) if system is CodeSystem.ICD_10_CM else found)


def members(system: CodeSystem, prefix: str, on: date) -> tuple[str, ...]:
    """Return the codes valid on a day that start with `prefix`, itself included, as printed.

    `prefix` is a category of ICD-10-CM, or the first characters of an ICD-10-PCS code. The
    codes come in the order of the system's tables. Raises as `windows` does.
    """
    characters = normalize_prefix(system, prefix).replace(".", "")
    return _printed(system, _valid_below(system, characters, on))


def expand_range(system: CodeSystem, first: str, last: str, on: date) -> tuple[str, ...]:
    """Return the codes valid on a day from `first` to `last`, both included, as printed.

    The order is that of the tabular list for ICD-10-CM (I82.A stands between I82.7 and I82.8)
    and that of the characters for ICD-10-PCS. An end may be a category or a code of other days:
    a category as the last end takes in all that it holds. Raises as `windows` does, and
    `CodeFormError` if `last` stands before `first`.
    """
    low, high = (normalize(system, end).replace(".", "") for end in (first, last))
    low_key, high_key = _order_key(system, low), _order_key(system, high)
    if high_key < low_key:
        raise CodeFormError(f"the range {first}-{last} ends before it starts")
    shared = _shared_prefix(low, high)
    return _printed(
        system,
        [
            code
            for code in _valid_below(system, shared, on)
            if low_key <= (key := _order_key(system, code))
            and (key <= high_key or code.startswith(high))
        ],
    )


@cache
def content_hash() -> str:
    """Return the SHA-256 of the tables, in hexadecimal: the same tables, the same hash.

    It is over the uncompressed tables, so that a compressor's version does not show in it.
    """
    digest = sha256()
    for system in FILES:
        digest.update(table_bytes(system))
    digest.update(data_bytes(ORDER_FILE))
    return digest.hexdigest()


def _table(system: CodeSystem) -> Table:
    table = SHELF.table(system)
    if table is None:
        raise NoCodeTable(f"{system} has no table here; only the form of its codes is known")
    return table


def _valid_below(system: CodeSystem, prefix: str, on: date) -> list[str]:
    return sorted(
        (
            code
            for code, spans in _table(system).below(prefix)
            if any(on in window for window in spans)
        ),
        key=lambda code: _order_key(system, code),
    )


def _order_key(system: CodeSystem, code: str) -> tuple[int, ...]:
    """Return what sorts codes as their system's tables do: a place for each character."""
    if system != CodeSystem.ICD_10_CM:
        return tuple(code.encode("ascii"))
    order = SHELF.tabular_order
    return tuple(
        order[code[:at]].index(character)
        if code[:at] in order and character in order[code[:at]]
        else ord(character)
        for at, character in enumerate(code)
    )


def _shared_prefix(one: str, other: str) -> str:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return one[:length]


def _printed(system: CodeSystem, codes: list[str]) -> tuple[str, ...]:
    return tuple(dotted(code) if system == CodeSystem.ICD_10_CM else code for code in codes)
