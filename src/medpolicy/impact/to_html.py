"""A report as one page that needs nothing else: no script, no network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from medpolicy.documents.dispositions import DISPOSITIONS
from medpolicy.documents.theme import THEME
from medpolicy.impact import plots, text
from medpolicy.impact.counts import ALL, CHANGED, FLIPPED, KEPT, LINES, UNCHANGED, Count
from medpolicy.impact.report import Report
from medpolicy.problems import printable


@dataclass(frozen=True, slots=True)
class Row:
    """A category of a dimension."""

    name: str
    lines: Count
    flipped: Count
    rate: str
    changed: Count
    flips: tuple[tuple[str, str, Count], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A dimension: its drawing, if there is anything to draw, and its rows."""

    id: str
    title: str
    plot: plots.Plot | None
    rows: tuple[Row, ...]


def to_html(report: Report) -> str:
    """Return the page, in UTF-8's characters; the same report gives the same text.

    Each value is escaped by the template engine for the place where it stands.
    """
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("medpolicy.impact"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = _drawing
    environment.filters["css"] = _drawing
    environment.filters["printable"] = printable
    environment.filters["words"] = lambda name: name.replace("_", " ")
    counts = report.counts
    used = {*counts.dispositions}
    page = environment.get_template("impact.html.j2").render(
        theme=THEME,
        report=report,
        counts=counts,
        all={name: counts.of_all(name) for name in
             ("rows", "refused", LINES, FLIPPED, KEPT, CHANGED, UNCHANGED)},
        refused={name: counts.of_all(("refused", name)) for name in ("old", "new", "both")},
        rate=text.shown_rate(counts.flip_rate(ALL)),
        flips=sorted(report.flips(ALL), key=lambda each: -(each[1].number or 0)),
        flow=plots.flow(counts) if counts.dispositions else None,
        meanings=[each for each in DISPOSITIONS if each.disposition.value in used],
        sections=list(_sections(report)),
        differs=text.differs,
        premise=text.premise(report),
        suppression=text.suppression(report),
    )  # fmt: skip
    return page + "\n"


def _sections(report: Report) -> Iterator[Section]:
    counts = report.counts
    for dimension, title in text.TITLES.items():
        scopes = list(counts.categories(dimension))
        ranked = scopes if dimension == "month" else text.by_flips(counts, scopes)
        rows = tuple(
            Row(
                text.category_name(category),
                counts[scope, LINES],
                counts[scope, FLIPPED],
                text.shown_rate(counts.flip_rate(scope)),
                counts[scope, CHANGED],
                tuple((old, new, count) for (old, new), count in report.flips(scope)),
            )
            for category, scope in ranked
        )
        drawn = (
            plots.months(counts) if dimension == "month" else plots.bars(counts, dimension, title)
        )
        yield Section(dimension, title, drawn, rows)


def _drawing(made: str) -> Markup:
    """Mark a drawing, whose letters are lines, or a value of the theme as mark-up."""
    return Markup(made)  # noqa: S704 - made by this package, of no one else's words
