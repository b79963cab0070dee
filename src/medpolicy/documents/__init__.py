"""A policy as a document: one content, printed as HTML and as PDF.

    page = documents.html(policy)
    file = documents.pdf(policy, date(2020, 2, 5))

The criteria, the codes and the register of readings come from the rules that run.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from medpolicy.documents.assembly import context
from medpolicy.documents.columns import DocumentError
from medpolicy.documents.content import DocumentContext
from medpolicy.documents.markdown import MarkdownError
from medpolicy.documents.to_html import to_html
from medpolicy.documents.to_pdf import TypesettingError, to_pdf

if TYPE_CHECKING:
    from medpolicy.policy import Policy

__all__ = [
    "DocumentContext",
    "DocumentError",
    "MarkdownError",
    "TypesettingError",
    "context",
    "html",
    "pdf",
    "to_html",
    "to_pdf",
]


def html(policy: Policy, as_of: date | None = None) -> str:
    """Return the policy's document as an HTML page; `as_of` as for `context`."""
    return to_html(context(policy, as_of))


def pdf(policy: Policy, as_of: date | None = None) -> bytes:
    """Return the policy's document as a PDF/UA-1 file; `as_of` as for `context`."""
    return to_pdf(context(policy, as_of))
