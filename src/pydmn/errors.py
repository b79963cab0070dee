"""What can go wrong, as one tree.

    PydmnError
    ├── ModelError         a model cannot be read, or a decision of it cannot run
    │   ├── UnknownName    the host asked for a decision, service or model that is not there
    │   └── NotFinite      the values that an unknown input may have cannot be enumerated
    ├── FeelSyntaxError    a text is not FEEL
    ├── InputError         a value handed in has no FEEL meaning, or the wrong type
    ├── LimitExceeded      a budget of `pydmn.Limits` is spent; never turned into null
    ├── NotColumnar        an expression has no columnar meaning
    ├── NotDecided         what decisions do cannot be worked out for all inputs at once
    └── Spent              a solver's budget is spent, and its question open

An error inside a decision is not here: FEEL answers null, and the reason stands in
the trace (DMN 1.5, 10.3.2.13.1).
"""

from __future__ import annotations

from collections.abc import Sequence

from pydmn.diagnostics import Diagnostic


class PydmnError(Exception):
    """The root; `diagnostics` says where, what and what next."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.diagnostics = tuple(diagnostics)

    def __reduce__(self) -> tuple[type[PydmnError], tuple[str, tuple[Diagnostic, ...]]]:
        """Errors cross process borders whole."""
        return type(self), (self.message, self.diagnostics)


class ModelError(PydmnError):
    """A model cannot be read, or what was asked of it cannot run."""


class UnknownName(ModelError):
    """The host asked for something that the model does not have."""


class NotFinite(ModelError):
    """An input's values cannot be enumerated; the message says where it is used and how."""


class FeelSyntaxError(PydmnError):
    """A text is not FEEL (DMN 1.5, 10.3.1.2)."""


class InputError(PydmnError):
    """A value handed in has no FEEL meaning, or is not of the declared type."""


class LimitExceeded(PydmnError):
    """A budget is spent; the message names the limit and its value."""


class NotColumnar(PydmnError):
    """An expression has no columnar meaning; the message names it."""


class NotDecided(PydmnError):
    """What decisions do cannot be worked out for all inputs at once; the message says where."""


class Spent(PydmnError):
    """A solver's budget of conflicts is spent, and the question still open."""
