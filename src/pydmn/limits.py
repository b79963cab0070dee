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

    Of a file:
        model_bytes         its size in bytes
        xml_depth           elements inside one another, the root included
        xml_elements        elements, comments and instructions not counted
        xml_attributes      attributes of one element, namespace declarations included
        cells               entries of one decision table: rules times columns
        model_steps         the work of making its parts ready: five for a decision or other
                            element, one for a requirement and for two names it brings,
                            one for each token of an expression, and three more where it does
                            more than list constants or compare with them; one for a text that
                            its column has had before; one for a part of a type, a part that
                            stands in two places counted twice, a hundred for a message that
                            guesses at a name

    Of one expression, a cell or a type:
        expression_chars    its length in code points
        expression_depth    levels of nesting, a chain of operators counted as one a link
        expression_nodes    nodes of its tree

    Of one evaluation:
        steps               one for a node evaluated, one for an element or character that
                            is produced or looked at, more for what takes longer
        call_depth          calls of functions inside one another
        items               elements of one list or entries of one context
        chars               code points of one string

    The defaults are generous: a table of 100,000 rules loads, and what they let pass ends within
    ten seconds. So 80,000 intervals that are nowhere alike may stand in a table of 100,000 rules
    and five columns, but not 400,000: these are 2,500,000 `model_steps`, and take longer.
    """

    model_bytes: int = 64_000_000
    xml_depth: int = 200
    xml_elements: int = 1_400_000
    xml_attributes: int = 100
    cells: int = 600_000
    model_steps: int = 1_000_000
    expression_chars: int = 200_000
    expression_depth: int = 150
    expression_nodes: int = 80_000
    steps: int = 4_000_000
    call_depth: int = 400
    items: int = 1_000_000
    chars: int = 1_500_000

    @classmethod
    def untrusted(cls) -> Limits:
        """Return the set for services and uploads.

        Loading what it lets pass ends within a quarter of a second of processor time, one
        evaluation too, and both within 256 MB.

        All models of the conformance kit load but one: `0100-arithmetic` has 1,087 decisions
        and 680 messages about them, takes five times the `model_steps`, and a quarter of a
        second by itself. What strangers send in the worst case is made ready in that time
        with 20,000 steps, so that more of them would break the promise above.
        """
        return cls(
            model_bytes=1_000_000,
            xml_depth=64,
            xml_elements=7_000,
            xml_attributes=40,
            cells=3_000,
            model_steps=20_000,
            expression_chars=10_000,
            expression_depth=60,
            expression_nodes=4_000,
            steps=75_000,
            call_depth=100,
            items=20_000,
            chars=30_000,
        )

    def exceeded(self, name: str) -> NoReturn:
        """Raise the error for limit `name` (a field of this class)."""
        raise LimitExceeded(f"limit `{name}` exceeded: more than {getattr(self, name):,}")


DEFAULT = Limits()


class Effort:
    """The work of making one model ready, within its limits; for one thread."""

    __slots__ = ("_left", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._left = limits.model_steps

    @property
    def left(self) -> int:
        """How many steps may still be taken."""
        return self._left

    def charge(self, steps: int) -> None:
        """Take `steps`; raise `LimitExceeded` when `model_steps` are spent."""
        self._left -= steps
        if self._left < 0:
            self.limits.exceeded("model_steps")
