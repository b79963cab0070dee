"""A document's content as one HTML page that needs nothing else: no script, no network."""

from __future__ import annotations

from functools import cache
from typing import NoReturn

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from medpolicy.documents.content import DocumentContext
from medpolicy.documents.theme import THEME


class UnknownKind(LookupError):
    """The context holds a node that the templates do not know."""


def to_html(context: DocumentContext) -> str:
    """Return the page, in UTF-8's characters; the same context gives the same text.

    Each value is escaped by the template engine for the place where it stands.
    """
    return rendered("policy.html.j2", doc=context)


def rendered(template: str, **values: object) -> str:
    """Return a page made by one of the templates of this package, in the look of its documents."""
    return _environment().get_template(template).render(values, theme=THEME) + "\n"


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("medpolicy.documents"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )
    environment.filters["css"] = _css
    environment.filters["css_string"] = _css_string
    environment.filters["drawing"] = _drawing
    environment.globals["unknown"] = _unknown
    return environment


def _css(value: str) -> Markup:
    """Mark a value of the theme, which holds no one else's words, as a piece of CSS."""
    return Markup(value)  # noqa: S704 - from THEME alone


def _css_string(words: str) -> Markup:
    """Return words as a string of CSS: all but letters and digits as escapes (CSS 2.2, 4.1.3)."""
    escaped = "".join(
        character if character.isascii() and character.isalnum() else f"\\{ord(character):x} "
        for character in words
    )
    return Markup(f'"{escaped}"')  # noqa: S704 - nothing is left that could end the string


def _drawing(svg: str) -> Markup:
    """Mark an image of `medpolicy.documents.diagram`, which escapes its words, as mark-up."""
    return Markup(svg)  # noqa: S704 - made by this package


def _unknown(kind: str) -> NoReturn:
    raise UnknownKind(f"the HTML templates do not know a `{kind}`")
