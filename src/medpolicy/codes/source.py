"""Where the tables come from: the facts that a document prints and a determination carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pkgutil import get_data
from types import MappingProxyType
from typing import Any, Final

_PACKAGE = "medpolicy.codes"
_FOLDER = "data"


@dataclass(frozen=True, slots=True)
class Source:
    """The release that the tables were built from.

    `covered_from` and `covered_to` bound what is known: no code is valid before the first day,
    and a window without an end was open on the last. `input_sha256` is of the file that
    `package` ships. `codes` counts the codes of each system. The tabular order is of
    `order_package`.
    """

    package: str
    version: str
    publisher: str
    input_sha256: str
    covered_from: date
    covered_to: date
    codes: Mapping[str, int]
    order_package: str
    order_version: str

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Source:
        """Return the source that `source.json` states."""
        return cls(
            package=facts["package"],
            version=facts["version"],
            publisher=facts["publisher"],
            input_sha256=facts["input_sha256"],
            covered_from=date.fromisoformat(facts["covered_from"]),
            covered_to=date.fromisoformat(facts["covered_to"]),
            codes=MappingProxyType(facts["codes"]),
            order_package=facts["order_package"],
            order_version=facts["order_version"],
        )


def data_bytes(name: str) -> bytes:
    """Return the bytes of one of this package's data files."""
    # pkgutil, and not importlib.resources, which takes longer to import than all of this package.
    content = get_data(_PACKAGE, f"{_FOLDER}/{name}")
    if content is None:
        raise FileNotFoundError(f"{_PACKAGE} is installed without its data file {name}")
    return content


SOURCE: Final = Source.from_json(json.loads(data_bytes("source.json")))
"""The release of the tables in this package."""
