"""A document's content as a tagged PDF (PDF/UA-1), set by Typst.

The layout is a template; every word of a policy goes in as data and is never read as mark-up.
Typst sees an empty folder, the layout, the data and the typefaces of this package, and nothing
else of the machine.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from tempfile import TemporaryDirectory
from typing import Final

import typst
from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from medpolicy.documents.content import DocumentContext
from medpolicy.documents.plain import as_plain
from medpolicy.documents.theme import THEME

_MAIN: Final = "main.typ"
_DATA: Final = "context.json"


class TypesettingError(RuntimeError):
    """Typst refused the document, or had to warn of it; the message is Typst's own."""


def to_pdf(context: DocumentContext) -> bytes:
    """Return the PDF; the same context gives the same bytes.

    The file's own date is the day that the document speaks of. Raises `TypesettingError` if
    Typst refuses or warns: a heading level skipped, a picture without words, a letter that no
    typeface has.
    """
    inputs = {
        _MAIN: _layout().encode(),
        _DATA: json.dumps(as_plain(context), ensure_ascii=False).encode(),
    }
    day = datetime.fromisoformat(context.as_of).replace(tzinfo=UTC)
    with (
        TemporaryDirectory(prefix="medpolicy-") as nothing,
        as_file(files("medpolicy.documents") / "fonts") as fonts,
    ):
        try:
            # A folder of its own: without one Typst reads the working directory.
            compiler = typst.Compiler(
                inputs,
                root=nothing,
                font_paths=[str(fonts)],
                ignore_system_fonts=True,
                package_path=nothing,
                package_cache_path=nothing,
            )
            pdf, warnings = compiler.compile_with_warnings(
                format="pdf", pdf_standards="ua-1", timestamp=int(day.timestamp())
            )
        except typst.TypstError as error:
            raise TypesettingError(_said(error)) from error
    if warnings:
        raise TypesettingError("; ".join(_said(warning) for warning in warnings))
    if not isinstance(pdf, bytes):
        raise TypesettingError("Typst returned no file")
    return pdf


@cache
def _layout() -> str:
    """Return the Typst source: the templates with the theme's values, and no one else's."""
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("medpolicy.documents"),
        autoescape=False,  # noqa: S701 - the output is Typst, and only `typst` values go in
        undefined=StrictUndefined,
        # Typst's own braces and hashes would be taken for Jinja's.
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.filters["typst"] = json.dumps
    return environment.get_template("policy.typ.j2").render(theme=THEME)


def _said(message: typst.TypstError | typst.TypstWarning) -> str:
    return message.diagnostic or "; ".join([message.message, *message.hints])
