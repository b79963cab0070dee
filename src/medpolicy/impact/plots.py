"""The plots of a report as SVG, to stand in a page: the same bytes for the same report.

Hidden counts are no part of a drawing: neither as a number nor as a length or a shade.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from medpolicy.documents.theme import THEME
from medpolicy.impact.counts import FLIPPED, KEPT, LINES, Counts, Rate
from medpolicy.impact.text import by_flips, category_name, shown_rate

MOST_BARS: Final = 15
_WIDTH: Final = 7.2  # inches, of 72 points
_WARM: Final = "#b4551d"
"""What flips; `THEME.accent` is what stays."""

# Without a salt the ids, and without a date of none the metadata, differ from run to run.
# Letters are drawn, so that every reader sees them as they were measured.
_STABLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "medpolicy",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": THEME.ink,
    "axes.edgecolor": THEME.rule,
    "axes.labelcolor": THEME.muted,
    "xtick.color": THEME.muted,
    "ytick.color": THEME.ink,
}
_METADATA: Final[dict[str, Any]] = dict.fromkeys(("Date", "Creator", "Format", "Type"))


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing, and the words for who does not see it."""

    svg: str
    words: str


def flow(counts: Counts) -> Plot:
    """Return the matrix of dispositions: from row to column, with the lines of each."""
    names = counts.dispositions
    with mpl.rc_context(_STABLE):
        figure = Figure(figsize=(_WIDTH, 0.55 * len(names) + 1.1), layout="constrained")
        axes = figure.subplots()
        shades = _shades(counts)
        for row, old in enumerate(names):
            for column, new in enumerate(names):
                what = (KEPT, old) if old == new else (old, new)
                stays = old == new
                count = counts.of_all(what) if stays or what in counts.flips else None
                colour = THEME.accent if stays else _WARM
                shade = 0.12 if stays else shades.get(what, 0.0)
                axes.add_patch(
                    mpl.patches.Rectangle(
                        (column, row), 1, 1, facecolor=colour, alpha=shade, edgecolor="none"
                    )
                )
                text = "·" if count is None or count.number == 0 else str(count)
                heavy = "normal" if stays or text == "·" else "bold"
                muted = THEME.muted if stays or text == "·" else THEME.ink
                axes.text(column + 0.5, row + 0.5, text, ha="center", va="center",
                          weight=heavy, color=muted)  # fmt: skip
        for place in range(len(names) + 1):
            axes.axhline(place, color=THEME.rule, linewidth=0.6)
            axes.axvline(place, color=THEME.rule, linewidth=0.6)
        axes.set(xlim=(0, len(names)), ylim=(len(names), 0))
        words = [name.replace("_", " ") for name in names]
        broken = [word.replace(" ", "\n", 1) for word in words]
        axes.set_xticks([place + 0.5 for place in range(len(names))], broken, fontsize=7.5)
        axes.set_yticks([place + 0.5 for place in range(len(names))], words, fontsize=7.5)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.set_xlabel("new version")
        axes.set_ylabel("old version")
        _bare(axes, "top", "right", "bottom", "left")
        svg = _svg(figure, "flow")
    return Plot(svg, "Lines by the disposition of the old version, in rows, and of the new one")


def _shades(counts: Counts) -> dict[Any, float]:
    """Return how dark each flip is drawn, by the order of magnitude of its lines."""
    shown = {flip: counts.of_all(flip).number or 0 for flip in counts.flips}
    most = math.log1p(max(shown.values(), default=0)) or 1.0
    return {flip: 0.08 + 0.5 * math.log1p(lines) / most for flip, lines in shown.items()}


def bars(counts: Counts, dimension: str, title: str) -> Plot | None:
    """Return the rate of flips of each category with its interval; None without any to show."""
    scopes = list(counts.categories(dimension))
    rates = [(each, scope, counts.flip_rate(scope)) for each, scope in by_flips(counts, scopes)]
    shown = [(category_name(each), scope, rate) for each, scope, rate in rates if rate is not None]
    if not shown:
        return None
    drawn = shown[:MOST_BARS]
    with mpl.rc_context(_STABLE):
        figure = Figure(figsize=(_WIDTH, 0.3 * len(drawn) + 0.75), layout="constrained")
        axes = figure.subplots()
        places = range(len(drawn))
        _intervals(axes, [rate for _, _, rate in drawn], places)
        axes.set_yticks(
            places, [name if len(name) < 28 else f"{name[:27]}…" for name, _, _ in drawn]
        )
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        # Beside the axes, where no interval is.
        for place, (_, scope, _rate) in enumerate(drawn):
            text = f"{counts[scope, FLIPPED]} of {counts[scope, LINES]}"
            axes.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center",
                          color=THEME.muted, fontsize=8, annotation_clip=False)  # fmt: skip
        axes.set_xlim(left=0)
        axes.set_xlabel("lines that flip, per cent, with the 95 % interval")
        axes.grid(axis="x", color=THEME.rule, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
        _bare(axes, "top", "right", "left")
        svg = _svg(figure, dimension)
    hidden = len(scopes) - len(drawn)
    more = f"; {hidden} more are in the table" if hidden else ""
    told = "; ".join(f"{name} {shown_rate(rate)}" for name, _, rate in drawn)
    return Plot(svg, f"Share of lines that flip by {title}: {told}{more}")


def _intervals(axes: Any, rates: Sequence[Rate], places: Sequence[int]) -> None:
    shares = [rate.share * 100 for rate in rates]
    axes.barh(places, shares, height=0.62, color=_WARM, alpha=0.75)
    reach = [
        [max(0.0, (rate.share - rate.low) * 100) for rate in rates],
        [max(0.0, (rate.high - rate.share) * 100) for rate in rates],
    ]
    axes.errorbar(
        shares, places, xerr=reach, fmt="none", ecolor=THEME.ink, elinewidth=1, capsize=2.5
    )


def months(counts: Counts) -> Plot | None:
    """Return the rate of flips by month of service; None with fewer than two to show."""
    scopes = list(counts.categories("month"))
    found = [(str(month), counts.flip_rate(scope)) for month, scope in scopes]
    shown = [(place, rate) for place, (_, rate) in enumerate(found) if rate is not None]
    if len(shown) < 2:
        return None
    with mpl.rc_context(_STABLE):
        figure = Figure(figsize=(_WIDTH, 2.5), layout="constrained")
        axes = figure.subplots()
        places = [place for place, _ in shown]
        shares = [rate.share * 100 for _, rate in shown]
        low = [max(0.0, (rate.share - rate.low) * 100) for _, rate in shown]
        high = [max(0.0, (rate.high - rate.share) * 100) for _, rate in shown]
        axes.errorbar(places, shares, yerr=[low, high], fmt="o", color=_WARM, ecolor=THEME.muted,
                      markersize=4, elinewidth=1, capsize=2)  # fmt: skip
        step = max(1, math.ceil(len(found) / 12))
        ticks = range(0, len(found), step)
        axes.set_xticks(ticks, [found[place][0] for place in ticks], rotation=45, ha="right")
        axes.set_xlim(-0.7, len(found) - 0.3)
        axes.set_ylim(bottom=0)
        axes.set_ylabel("lines that flip, per cent")
        axes.grid(axis="y", color=THEME.rule, linewidth=0.5)
        axes.set_axisbelow(True)
        _bare(axes, "top", "right")
        svg = _svg(figure, "month")
    hidden = len(found) - len(shown)
    more = f"; {hidden} months have a rate that is hidden" if hidden else ""
    told = "; ".join(f"{found[place][0]} {shown_rate(rate)}" for place, rate in shown)
    return Plot(svg, f"Share of lines that flip by month of service: {told}{more}")


def _bare(axes: Any, *sides: str) -> None:
    for side in sides:
        axes.spines[side].set_visible(False)


def _svg(figure: Figure, name: str) -> str:
    """Return a figure as an element of a page, with ids that no other figure has."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata=_METADATA, transparent=True)
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\b(id="|href="#|url\(#)', rf"\g<1>{name}-", text)
    # The page's own rules hold within the drawing too: so its rule for all must hold there alone.
    text = text.replace("*{stroke-linejoin", f"#{name} *{{stroke-linejoin")
    width = re.search(r'width="([\d.]+)pt"', text)
    least = "" if width is None else f' style="min-width:{float(width[1]) * 0.95:.0f}px"'
    text = re.sub(r' (width|height)="[\d.]+pt"', "", text, count=2)
    lines = text.replace("<svg ", f'<svg id="{name}" aria-hidden="true"{least} ', 1).splitlines()
    return "\n".join(line.rstrip() for line in lines)
