"""A report in words and tables, for a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from medpolicy.impact.counts import ALL, CHANGED, FLIPPED, LINES, Count, Counts, Rate, Scope
from medpolicy.impact.report import Report, Side
from medpolicy.impact.tally import OTHER
from medpolicy.problems import printable

MOST_ROWS: Final = 12
"""So many rows of a dimension are shown, those in which most lines flip."""

TITLES: Final = {
    "code": "code",
    "criterion_old": "criterion, old version",
    "criterion_new": "criterion, new version",
    "line_of_business": "line of business",
    "state": "state",
    "month": "month of service",
}
ASPECT_TITLES: Final = {
    "criteria_result": "result of the criteria",
    "criterion": "criterion",
    "missing": "missing facts",
    "flags": "flags",
}


def render(report: Report, width: int = 80) -> str:
    """Return the findings, the longer tables cut to the rows in which most lines flip."""
    return "\n".join(_lines(report, width))


def _lines(report: Report, width: int) -> Iterator[str]:
    counts = report.counts
    title = report.new.versions[-1]
    yield from textwrap.wrap(printable(f"{title.number}: {title.title}"), width)
    yield f"  old: {named(report.old)}"
    yield f"  new: {named(report.new)}"
    yield from textwrap.wrap(f"{premise(report)}", width)
    yield ""
    rate = counts.flip_rate(ALL)
    rows = [
        ("lines compared", counts.of_all(LINES), ""),
        ("disposition flips", counts.of_all(FLIPPED), shown_rate(rate)),
        ("changes otherwise", counts.of_all(CHANGED), ""),
        ("rows refused", counts.of_all("refused"), _refused(report)),
    ]
    yield from _table(("", "lines", ""), [(name, str(count), more) for name, count, more in rows])
    if counts.flips:
        yield ""
        found = [(old, new, str(count)) for (old, new), count in report.flips(ALL)]
        yield from _table(("from", "to", "lines"), found, numbers=(2,))
    if counts.aspects:
        yield ""
        rows_ = [(differs(each), str(counts.of_all(("changed", each)))) for each in counts.aspects]
        yield from _table(("same disposition, another", "lines"), rows_)
    for dimension, name in TITLES.items():
        yield ""
        yield from _by(report, dimension, name)
    if any(count.number is None for count in _all_counts(report)):
        yield ""
        yield from textwrap.wrap(suppression(report), width)


def _by(report: Report, dimension: str, name: str) -> Iterator[str]:
    scopes = list(report.counts.categories(dimension))
    ranked = scopes if dimension == "month" else by_flips(report.counts, scopes)
    shown = ranked[:MOST_ROWS] if len(ranked) > MOST_ROWS else ranked
    rows = [
        (
            category_name(category),
            str(report.counts[scope, LINES]),
            str(report.counts[scope, FLIPPED]),
            shown_rate(report.counts.flip_rate(scope)),
            str(report.counts[scope, CHANGED]),
        )
        for category, scope in shown
    ]
    yield from _table((name, "lines", "flips", "rate (95 %)", "changes"), rows)
    if len(shown) < len(ranked):
        yield f"and {len(ranked) - len(shown)} more"


def by_flips(
    counts: Counts, scopes: Iterable[tuple[str | None, Scope]]
) -> list[tuple[str | None, Scope]]:
    """Return categories by how many lines flip that may be shown, most first; the rest last."""

    def rank(each: tuple[str | None, Scope]) -> tuple[bool, int, int]:
        flipped, changed = (counts[each[1], what] for what in (FLIPPED, CHANGED))
        return each[0] == OTHER, -(flipped.number or 0), -(changed.number or 0)

    return sorted(scopes, key=rank)


def _all_counts(report: Report) -> Iterator[Count]:
    yield from (report.counts.of_all(what) for what in (LINES, FLIPPED, CHANGED, "refused"))
    yield from (count for _, count in report.flips(ALL))
    for dimension in TITLES:
        for _, scope in report.counts.categories(dimension):
            yield from (report.counts[scope, what] for what in (LINES, FLIPPED, CHANGED))


def _refused(report: Report) -> str:
    counts = [report.counts.of_all(("refused", name)) for name in ("old", "new", "both")]
    if all(count.number == 0 for count in counts):
        return ""
    old, new, both = counts
    return f"old alone {old}, new alone {new}, both {both}"


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = (1, 2, 4)
) -> Iterator[str]:
    widths = [max(len(each) for each in column) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = [
            f"{cell:>{width}}" if place in numbers else f"{cell:{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


# --- words that the page shares -------------------------------------------------------


def named(side: Side) -> str:
    """Return what answers on a side: its versions, their days, their content."""
    found = []
    for each in side.versions:
        until = f" to {each.effective_to}" if each.effective_to else ""
        days = f"in force from {each.effective_from}{until}"
        found.append(f"version {each.version}, {days}, content {each.content_hash[:12]}")
    return "; ".join(found)


def premise(report: Report) -> str:
    """Return how days of service have been treated."""
    if report.by_date:
        return (
            "By date: each line is answered by the version in force on its day, and by none on "
            "the days that a side has no version for."
        )
    return (
        "What if: each version answers every line as if it were in force on its day. Before a "
        "version's first day all is as on that day, and after its last as on the last."
    )


def suppression(report: Report) -> str:
    """Return what the marks mean."""
    return (
        f"<{report.counts.below}: fewer lines than may be shown. withheld: hidden too, since such "
        "a count could be worked out from it. Counts are of lines, not of people."
    )


def differs(aspects: Sequence[str]) -> str:
    """Return what differs in lines whose disposition does not."""
    return ", ".join(ASPECT_TITLES[each] for each in aspects)


def category_name(category: str | None) -> str:
    """Return a category for people."""
    if category is None:
        return "(none)"
    return "(all other)" if category == OTHER else printable(category)


def shown_rate(rate: Rate | None) -> str:
    """Return a rate and its interval in per cent; nothing where it is hidden."""
    if rate is None:
        return ""
    return f"{_percent(rate.share)} % ({_percent(rate.low)} to {_percent(rate.high)})"


def _percent(share: float) -> str:
    """Return a share in per cent, with two digits that count where it is small."""
    per_cent = share * 100
    if per_cent >= 1 or per_cent == 0:
        return f"{per_cent:.1f}"
    return f"{per_cent:.{1 - math.floor(math.log10(per_cent))}f}"
