"""The results as drawings, SVG, the same bytes for the same results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.outcomes import Timed
from benchmarks.results import Outcomes, Results
from benchmarks.roster import PYDMN

# Without a salt the ids, and without a date of none the metadata, differ from run to run.
_STABLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "benchmarks",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
}
_METADATA: Final[dict[str, Any]] = {"Date": None, "Creator": None}

# Told apart without colour too: by the marker, and the project by its size.
_STYLES: Final[Mapping[str, tuple[str, str]]] = {
    "floor: generated Python": ("#8a8a8a", "|"),
    "floor: generated bit masks": ("#8a8a8a", "_"),
    PYDMN.name: ("#0b6e4f", "o"),
    "zen-engine": ("#b8860b", "s"),
    "KIE Drools DMN": ("#9c2c2c", "^"),
    "Camunda dmn-engine": ("#c46a1f", "v"),
    "feelin": ("#6a4c93", "D"),
    "SpiffWorkflow": ("#2b5c9e", "P"),
    "DuckDB SQL": ("#b8860b", "s"),
    "polars expressions": ("#2b5c9e", "P"),
}


def write(results: Results, folder: Path) -> None:
    """Draw `results.svg` and `growth.svg` in `folder`, as far as there is what they show."""
    with mpl.rc_context(_STABLE):
        if results.decisions:
            _save(contestants(results.decisions), folder / "results.svg")
        if results.growth:
            _save(growth(results), folder / "growth.svg")


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, format="svg", metadata=_METADATA)
    # The writer leaves blanks at the ends of lines, which a repository does not take.
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")


def contestants(decisions: Mapping[str, Outcomes]) -> Figure:
    """Return a row for each workload, and in it a mark for each contestant's time."""
    figure = Figure(figsize=(9, 0.62 * len(decisions) + 1.6), layout="constrained")
    axes = figure.subplots()
    drawn: dict[str, Any] = {}
    for row, found in enumerate(decisions.values()):
        for who, outcome in found.items():
            if isinstance(outcome, Timed):
                colour, marker = _STYLES[who]
                low, high = outcome.least * 1e6, outcome.most * 1e6
                axes.plot([low, high], [row, row], color=colour, linewidth=1)
                size = 9 if who == PYDMN.name else 6
                (mark,) = axes.plot(
                    [outcome.median * 1e6], [row], marker, color=colour, markersize=size
                )
                drawn.setdefault(who, mark)
    axes.set_xscale("log")
    axes.set_yticks(range(len(decisions)), list(decisions))
    axes.invert_yaxis()
    axes.set_xlabel("µs a decision (median; the line goes from the fastest to the slowest run)")
    axes.grid(axis="x", color="#dddddd")
    _bare(axes)
    order = [who for who in _STYLES if who in drawn]
    figure.legend([drawn[who] for who in order], order, loc="outside upper center", ncols=4,
                  frameon=False)  # fmt: skip
    return figure


def growth(results: Results) -> Figure:
    """Return time against size: a decision, the load, and a frame, each in a panel."""
    panels = {"a decision": "rules", "load": "rules", "W1 over a frame": "rows"}
    figure = Figure(figsize=(12, 4), layout="constrained")
    for axes, (panel, sizes) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        curves = [each for each in results.growth if each.name.startswith(panel)]
        for curve, style in zip(curves, _line_styles(len(curves)), strict=True):
            label = curve.name.removeprefix(f"{panel}, ")
            points = sorted(curve.seconds.items())
            if points:
                axes.plot(*zip(*points, strict=True), style, label=label, markersize=4)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_title(panel, loc="left")
        axes.set_xlabel(sizes)
        axes.set_ylabel("seconds")
        axes.grid(color="#dddddd")
        _bare(axes)
        if any(curve.seconds for curve in curves):
            axes.legend(frameon=False, fontsize="small")
    return figure


def _line_styles(count: int) -> list[str]:
    marks = ["o-", "s--", "^-.", "D:", "v-", "P--"]
    return [marks[number % len(marks)] for number in range(count)]


def _bare(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
