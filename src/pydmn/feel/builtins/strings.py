"""String functions (DMN 1.5, 10.3.4.3, Table 74). Positions count code points from 1."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from pydmn.feel.budget import charge_chars, charge_items, charge_search
from pydmn.feel.builtins.declare import builtin
from pydmn.feel.builtins.positions import stretch
from pydmn.feel.values import Value
from pydmn.run import Run

if TYPE_CHECKING:
    from pydmn.feel.regex import Pattern

_Result = TypeVar("_Result")


@builtin("substring")
def substring(
    run: Run, string: str, start_position: Decimal, length: Decimal | None = None
) -> str | None:
    """Return `length` characters, or all, from `start position`; -1 is the last."""
    found = stretch(run, "substring", len(string), start_position, length)
    if found is None:
        return None
    result = string[found]
    charge_chars(run, len(result))
    return result


@builtin("string length")
def string_length(string: str) -> Decimal:
    """Return the number of code points."""
    return Decimal(len(string))


@builtin("upper case")
def upper_case(run: Run, string: str) -> str:
    """Return the text in upper case."""
    charge_chars(run, len(string))
    return string.upper()


@builtin("lower case")
def lower_case(run: Run, string: str) -> str:
    """Return the text in lower case."""
    charge_chars(run, len(string))
    return string.lower()


@builtin("substring before")
def substring_before(run: Run, string: str, match: str) -> str:
    """Return what stands before the first `match`; the empty string when there is none."""
    charge_search(run, string, match)
    before, found, _ = string.partition(match) if match else ("", "", string)
    result = before if found else ""
    charge_chars(run, len(result))
    return result


@builtin("substring after")
def substring_after(run: Run, string: str, match: str) -> str:
    """Return what stands after the first `match`; the empty string when there is none."""
    charge_search(run, string, match)
    result = string.partition(match)[2] if match else string
    charge_chars(run, len(result))
    return result


@builtin("contains")
def contains(run: Run, string: str, match: str) -> bool:
    """Say whether `match` occurs in the text."""
    charge_search(run, string, match)
    return match in string


@builtin("starts with")
def starts_with(string: str, match: str) -> bool:
    """Say whether the text begins with `match`."""
    return string.startswith(match)


@builtin("ends with")
def ends_with(string: str, match: str) -> bool:
    """Say whether the text ends with `match`."""
    return string.endswith(match)


@builtin("matches")
def matches(run: Run, input_: str, pattern: str, flags: str | None = None) -> bool | None:
    """Say whether the regular expression matches somewhere in the text."""
    return _by_pattern(
        run, "matches", pattern, flags, lambda compiled: compiled.matches(run, input_)
    )


@builtin("replace")
def replace(
    run: Run, input_: str, pattern: str, replacement: str, flags: str | None = None
) -> str | None:
    """Replace every match; `$1` in the replacement is the first group, `$0` the match."""
    return _by_pattern(
        run, "replace", pattern, flags, lambda compiled: compiled.replace(run, input_, replacement)
    )


@builtin("split")
def split(run: Run, string: str, delimiter: str) -> list[Value] | None:
    """Break the text at every match of the pattern `delimiter`."""
    return _by_pattern(run, "split", delimiter, None, lambda compiled: compiled.split(run, string))


@builtin("string join")
def string_join(run: Run, list_: list[Value], delimiter: str | None = None) -> str | None:
    """Join the strings of a list; nulls in it are left out."""
    charge_items(run, len(list_))
    if not all(item is None or isinstance(item, str) for item in list_):
        run.note("domain", "`string join` takes a list of strings")
        return None
    strings = [item for item in list_ if item is not None]
    between = delimiter or ""
    charge_chars(run, sum(map(len, strings)) + len(between) * max(len(strings) - 1, 0))
    return between.join(strings)


def _by_pattern(
    run: Run,
    name: str,
    pattern: str,
    flags: str | None,
    use: Callable[[Pattern], _Result],
) -> _Result | None:
    # Imported when used: most decisions have no regular expression.
    from pydmn.feel.regex import RegexError, compile_pattern

    try:
        return use(compile_pattern(run, pattern, flags or ""))
    except RegexError as problem:
        run.note(problem.code, f"`{name}`: {problem}")
        return None
