"""The six answers that a determination gives a line, and their meaning for who reads a policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class DispositionMeaning:
    """A disposition by its name in a determination, and a sentence about it."""

    name: str
    meaning: str


NO_DENIAL: Final = (
    "Software never denies a request under this policy. Each line of a request gets one of the "
    "answers below, and none of them is a denial. A line that the stated facts do not support "
    "goes to a person: a nurse may approve it, and only a physician may deny it."
)

DISPOSITIONS: Final = (
    DispositionMeaning(
        "APPROVE",
        "Every fact that matters is known, a criterion for medical necessity is met, "
        "and nothing speaks against it.",
    ),
    DispositionMeaning(
        "PEND_INFO",
        "A fact is missing that could change the answer, or two stated facts contradict "
        "each other. The answer names the facts and the questions to ask.",
    ),
    DispositionMeaning(
        "CLINICAL_REVIEW",
        "A nurse reviews the line and may approve it; only a physician may deny it. The answer "
        "carries what this policy says, with its citation.",
    ),
    DispositionMeaning(
        "NOT_APPLICABLE",
        "Something else governs the service. It is named where it is known.",
    ),
    DispositionMeaning(
        "NO_REVIEW_REQUIRED",
        "The plan has not adopted this policy for the line of business, or the policy is not "
        "in force on the date of service. This is not an approval.",
    ),
    DispositionMeaning(
        "CODING_ERROR",
        "A code is not valid on the date of service, or a code lacks the one that it adds to. "
        "This says nothing about medical necessity.",
    ),
)
"""In the order in which a document explains them."""
