"""References from one element to another, as written in a model (DMN 1.5, 12.3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from pydmn.source import Source


@dataclass(frozen=True, slots=True)
class Reference:
    """An `href`, or the `dmnElementRef` of a diagram, in its two parts.

    `document` is what stands before the `#`: empty for the model itself, else a namespace
    or a location. `source` has the reference as written for its text.
    """

    document: str
    id: str
    source: Source = Source("")

    def __str__(self) -> str:
        return f"{self.document}#{self.id}"
