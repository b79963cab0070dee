"""A context as plain data: what JSON can carry, for a printer that takes nothing else."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TypeAlias

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"


def as_plain(node: object) -> Plain:
    """Return a tree of dataclasses, tuples and scalars as mappings, lists and scalars.

    A dataclass becomes a mapping of its fields, with its `kind` if it has one. Raises
    `TypeError` for anything else.
    """
    if node is None or isinstance(node, str | int | float):
        return node
    if isinstance(node, tuple | list):
        return [as_plain(item) for item in node]
    if is_dataclass(node) and not isinstance(node, type):
        plain: dict[str, Plain] = {
            field.name: as_plain(getattr(node, field.name)) for field in fields(node)
        }
        kind = getattr(node, "kind", None)
        if isinstance(kind, str):
            plain["kind"] = kind
        return plain
    raise TypeError(f"a document's context holds no {type(node).__name__}")
