"""The output columns by which a policy's tables speak to its documents.

A policy's decision tables name a criterion, a statement, a citation, an outcome, ... in columns
of their own. A document prints constants only: what a rule would have to compute has no value
before a request comes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydmn import RuleView, TableView

CRITERION: Final = "criterion"
RESULT: Final = "result"
STATEMENT: Final = "statement"
CITATION: Final = "citation"
REGISTER: Final = "register"
CODE_SYSTEM: Final = "code system"
OUTCOME: Final = "outcome"
RANGE: Final = "range"
LABEL: Final = "label"


class DocumentError(ValueError):
    """A policy cannot be printed as it stands; the message says where and what to change."""


def text_of(table: TableView, rule: RuleView, column: str) -> str | None:
    """Return the constant string in a rule's output column; None for null or no such column.

    Raises `DocumentError` if the cell is an expression, or a constant that is no string.
    """
    value = _constant(table, rule, column)
    if value is None or isinstance(value, str):
        return value
    raise DocumentError(f"{_place(table, rule)}: the output `{column}` is not a string")


def texts_of(table: TableView, rule: RuleView, column: str) -> tuple[str, ...]:
    """Return the constant strings in a rule's output column: none, one, or those of a list.

    Raises `DocumentError` if the cell is an expression, or holds anything but strings.
    """
    value = _constant(table, rule, column)
    found = tuple(value) if isinstance(value, list | tuple) else (value,)
    texts = tuple(text for text in found if isinstance(text, str))
    if value is not None and len(texts) < len(found):
        raise DocumentError(f"{_place(table, rule)}: the output `{column}` is not of strings")
    return texts


def register_rows_of(table: TableView, rule: RuleView) -> tuple[int, ...]:
    """Return the numbers of the register's rows that a rule cites, in the order written.

    Raises `DocumentError` if the cell is no constant list of whole numbers.
    """
    value = _constant(table, rule, REGISTER)
    if value is None:
        return ()
    numbers: list[int] = []
    for item in value if isinstance(value, list | tuple) else (value,):
        if not isinstance(item, Decimal | int) or isinstance(item, bool) or item != int(item):
            raise DocumentError(
                f"{_place(table, rule)}: the output `{REGISTER}` holds something other than "
                "row numbers; write a list such as [4, 8]"
            )
        numbers.append(int(item))
    return tuple(numbers)


def _constant(table: TableView, rule: RuleView, column: str) -> object:
    if column in rule.values:
        return rule.values[column]
    if any(output.label == column for output in table.outputs):
        raise DocumentError(
            f"{_place(table, rule)}: the output `{column}` is an expression; "
            "a document prints constants only"
        )
    return None


def _place(table: TableView, rule: RuleView) -> str:
    return f"{table.decision}, rule {rule.id}"
