"""The six answers that a determination gives a line, and their meaning for who reads a policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from medpolicy.determination import Disposition


@dataclass(frozen=True, slots=True)
class DispositionMeaning:
    """A disposition, and a sentence about it."""

    disposition: Disposition
    meaning: str


NO_DENIAL: Final = (
    "Software never denies a request under this policy. Each line of a request gets one of the "
    "answers below, and none of them is a denial. A line that the stated facts do not support "
    "goes to a person: a nurse may approve it, and only a physician may deny it."
)

DISPOSITIONS: Final = (
    DispositionMeaning(
        Disposition.APPROVE,
        "Every fact that matters is known, a criterion for medical necessity is met, "
        "and nothing speaks against it.",
    ),
    DispositionMeaning(
        Disposition.PEND_INFO,
        "A fact is missing that could change the answer, or two stated facts contradict "
        "each other. The answer names the facts and the questions to ask.",
    ),
    DispositionMeaning(
        Disposition.CLINICAL_REVIEW,
        "A nurse reviews the line and may approve it; only a physician may deny it. The answer "
        "carries what this policy says, with its citation.",
    ),
    DispositionMeaning(
        Disposition.NOT_APPLICABLE,
        "Something else governs the service. It is named where it is known.",
    ),
    DispositionMeaning(
        Disposition.NO_REVIEW_REQUIRED,
        "The plan has not adopted this policy for the line of business, or the policy is not "
        "in force on the date of service. This is not an approval.",
    ),
    DispositionMeaning(
        Disposition.CODING_ERROR,
        "A code is not valid on the date of service, or a code lacks the one that it adds to. "
        "This says nothing about medical necessity.",
    ),
)
"""In the order in which a document explains them."""
