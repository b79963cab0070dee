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
from typing import TYPE_CHECKING, Final

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from medpolicy.documents.content import DocumentContext
from medpolicy.documents.plain import as_plain
from medpolicy.documents.theme import THEME

if TYPE_CHECKING:
    import typst

_DATA: Final = "context"
"""The name by which the layout finds its data."""


class TypesettingError(RuntimeError):
    """Typst refused the document, or had to warn of it; the message is Typst's own."""


def to_pdf(context: DocumentContext) -> bytes:
    """Return the PDF; the same context gives the same bytes.

    The file's own date is the day that the document speaks of. Raises `TypesettingError` if
    Typst refuses or warns: a heading level skipped, a picture without words, a letter that no
    typeface has.
    """
    # Imported when used: the library is an extra, and nothing but this needs it.
    try:
        import typst
    except ModuleNotFoundError as error:
        raise TypesettingError("PDF needs Typst: install medpolicy with its extra `pdf`") from error
    data = json.dumps(as_plain(context), ensure_ascii=False)
    day = datetime.fromisoformat(context.as_of).replace(tzinfo=UTC)
    with (
        TemporaryDirectory(prefix="medpolicy-") as nothing,
        as_file(files("medpolicy.documents") / "fonts") as fonts,
    ):
        try:
            compiler = typst.Compiler(
                _layout().encode(),
                root=nothing,  # without one Typst reads the working directory
                font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(fonts)]),
                package_path=nothing,
                package_cache_path=nothing,
                sys_inputs={_DATA: data},
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
        autoescape=False,  # the output is Typst, and only `typst` values go in
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
    return environment.get_template("policy.typ.j2").render(theme=THEME, data=_DATA)


def _said(message: typst.TypstError | typst.TypstWarning) -> str:
    return message.diagnostic or "; ".join([message.message, *message.hints])
