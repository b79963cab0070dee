"""The columns of a claims file, and what each may hold.

request_id, line_id           lines that follow one another with one `request_id` are a request
service_date, birth_date      dates, or texts YYYY-MM-DD
request_date, processing_date the same, where they choose a version of the policy
plan, line_of_business, state
system, code                  of the procedure
diagnoses                     a list of codes; in CSV, a text with `;` between them
and one for each fact that a request may state, by its name; null is unknown
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from medpolicy.problems import Problem, RequestError, did_you_mean, shown
from medpolicy.record import FactType

if TYPE_CHECKING:
    import pyarrow as pa

REQUIRED: Final = (
    "request_id", "line_id", "service_date", "plan", "line_of_business", "system", "code",
)  # fmt: skip
DATES: Final = ("service_date", "birth_date", "request_date", "processing_date")
OPTIONAL: Final = ("birth_date", "request_date", "processing_date", "state", "diagnoses")
COMMON: Final = (*DATES, "plan", "line_of_business", "state")
"""What is the same in all lines of a request."""

OUTPUT: Final = (
    "request_id", "line_id", "disposition", "criteria_result", "criterion", "missing", "flags",
)  # fmt: skip


def check_names(where: str, names: Iterable[str], facts: Mapping[str, FactType]) -> None:
    """Raise `RequestError` with every column that is missing, or that nothing knows."""
    given = list(names)
    known = (*REQUIRED, *OPTIONAL, *facts)
    problems = [
        Problem(where, f"the column `{name}` is missing", "every claims file needs it")
        for name in REQUIRED
        if name not in given
    ]
    problems += [
        Problem(
            where,
            f"the policy knows no column {shown(name)}",
            did_you_mean(name, known) or "remove it, or name it as the policy does",
        )
        for name in given
        if name not in known
    ]
    problems += [
        Problem(where, f"there are two columns {shown(name)}", "keep one")
        for name in dict.fromkeys(given)
        if given.count(name) > 1
    ]
    if problems:
        raise RequestError(problems)


def check_types(where: str, schema: pa.Schema, facts: Mapping[str, FactType]) -> None:
    """Raise `RequestError` with every column of a type that it cannot have."""
    problems = []
    for column in schema:
        wanted = _wanted(column.name, facts)
        if not _fits(column.type, wanted):
            message = f"the column `{column.name}` is of type {column.type}, not {wanted}"
            problems.append(Problem(where, message, "convert it before"))
    if problems:
        raise RequestError(problems)


def _wanted(name: str, facts: Mapping[str, FactType]) -> str:
    if name in DATES:
        return "date"
    if name == "diagnoses":
        return "list of strings"
    return facts[name].type if name in facts else "string"


def is_text_type(type_: pa.DataType) -> bool:
    """Say whether a column of an Arrow type holds texts."""
    from pyarrow import types

    kinds = (types.is_string, types.is_large_string, types.is_string_view)
    return any(is_kind(type_) for is_kind in kinds)


def _fits(type_: pa.DataType, wanted: str) -> bool:
    from pyarrow import types

    if types.is_null(type_):
        return True
    if types.is_dictionary(type_):
        return _fits(type_.value_type, wanted)
    text = is_text_type(type_)
    match wanted:
        case "date":
            return text or types.is_date(type_)
        case "list of strings":
            listed = types.is_list(type_) or types.is_large_list(type_)
            return text or (listed and _fits(type_.value_type, "string"))
        case "boolean":
            return bool(types.is_boolean(type_))
        case "number":
            numbers = (types.is_integer, types.is_floating, types.is_decimal)
            return any(test(type_) for test in numbers)
    return text


def without_dictionaries(table: pa.Table) -> pa.Table:
    """Return a table without dictionaries: one has all its values, those of other rows too."""
    from pyarrow import types

    for place, each in enumerate(table.schema):
        if types.is_dictionary(each.type):
            column = table.column(place).cast(each.type.value_type)
            table = table.set_column(place, each.name, column)
    return table


def illegible(table: pa.Table) -> dict[int, str]:
    """Return the rows with a text that is none in UTF-8, each with the name of its column."""
    return {
        row: name
        for name in table.column_names
        for row, texts in enumerate(_octets(table[name]))
        if not all(map(_is_text, texts))
    }


def _octets(column: pa.ChunkedArray) -> Iterator[list[bytes]]:
    """Yield what each row of a column has for texts, before it is read as such."""
    import pyarrow as pa
    from pyarrow import types

    listed = types.is_list(column.type) or types.is_large_list(column.type)
    if is_text_type(column.type.value_type if listed else column.type):
        octets = pa.large_binary()
        for each in column.cast(pa.large_list(octets) if listed else octets).to_pylist():
            yield list(filter(None, each or () if listed else (each,)))


def _is_text(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
