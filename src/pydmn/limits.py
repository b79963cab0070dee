"""Budgets for what strangers send: size, nesting, steps.

A limit is met exactly: at the limit passes, one above raises `LimitExceeded`. Steps are
counted, not timed, so that a verdict is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from pydmn.errors import LimitExceeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a model, an expression and one evaluation may take.

    Sizes are in bytes (`model_bytes`) or items; `steps` is charged one for a node
    evaluated and one for an element or character produced.
    """

    model_bytes: int = 64_000_000
    xml_depth: int = 200
    xml_elements: int = 4_000_000
    xml_attributes: int = 100
    expression_chars: int = 200_000
    expression_depth: int = 150
    expression_nodes: int = 100_000
    steps: int = 20_000_000
    call_depth: int = 400
    items: int = 5_000_000
    chars: int = 20_000_000

    @classmethod
    def untrusted(cls) -> Limits:
        """Return the set for services and uploads: each ends within a quarter of a second."""
        return cls(
            model_bytes=2_000_000,
            xml_depth=64,
            xml_elements=50_000,
            xml_attributes=40,
            expression_chars=10_000,
            expression_depth=60,
            expression_nodes=5_000,
            steps=200_000,
            call_depth=100,
            items=50_000,
            chars=500_000,
        )

    def exceeded(self, name: str) -> NoReturn:
        """Raise the error for limit `name` (a field of this class)."""
        raise LimitExceeded(f"limit `{name}` exceeded: more than {getattr(self, name):,}")


DEFAULT = Limits()
