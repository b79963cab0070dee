"""What the project set out to reach, held against what a run found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.outcomes import Outcome, Timed
from benchmarks.results import Outcomes, Results
from benchmarks.roster import FLOORS, PYDMN
from benchmarks.startup import Load

MICRO: Final = 1e-6
SECONDS: Final[Mapping[str, float]] = {
    "W1": 1 * MICRO,
    "W2_1k": 1 * MICRO,
    "W2_10k": 1 * MICRO,
    "W3_100": 3 * MICRO,
    "W3_1k": 4 * MICRO,
    "W4": 10 * MICRO,
    "W5": 4 * MICRO,
}
FLOOR: Final[Mapping[str, float]] = {name: 4 if name.startswith("W2") else 3 for name in SECONDS}
FASTER: Final[Mapping[str, Mapping[str, float]]] = {
    "zen-engine": {name: 4 if name in {"W4", "W5"} else 5 for name in SECONDS},
    "SpiffWorkflow": {name: 80 if name == "W5" else 300 for name in SECONDS},
    "KIE Drools DMN": dict.fromkeys(SECONDS, 1),
    "Camunda dmn-engine": dict.fromkeys(SECONDS, 1),
}
ROWS: Final[Mapping[str, float]] = {
    "W1 from strings": 15e6,
    "W1 from codes": 40e6,
    "W2_1k from strings": 25e6,
    "CG-SURG-106": 1e6,
}
A_CORE: Final = frozenset({"W1 from codes"})
"""Where the rows a second are those of one core: from codes there is no work for another."""
CLAIMS: Final = "medpolicy"
"""Who answers lines of claims."""
LINE: Final = 60 * MICRO
IMPORT: Final = 0.050
LOADS: Final[Mapping[str, tuple[float, float | None]]] = {
    "W1": (0.010, None),
    "W2_10k": (0.250, 30.0),
}
"""Seconds to the first answer, and megabytes kept."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to reach: what, `of` which workload or other thing, how much of it.

    `met` is None where it was not measured.
    """

    what: str
    of: str
    limit: str
    found: str
    met: bool | None


def floor_of(found: Outcomes) -> float | None:
    """Return the seconds of the faster floor; None where neither was timed."""
    times = [time for each in FLOORS if (time := seconds(found.get(each.name))) is not None]
    return min(times, default=None)


def seconds(outcome: Outcome | None) -> float | None:
    """Return the seconds of the middle run; None for whoever has no time."""
    return outcome.median if isinstance(outcome, Timed) else None


def decisions(results: Results) -> Iterator[Target]:
    """Yield the targets of one record, workload by workload."""
    for name, most in SECONDS.items():
        found = results.decisions.get(name, {})
        own = seconds(found.get(PYDMN.name))
        floor = floor_of(found)
        ratio = None if own is None or floor is None else own / floor
        yield _at_most("µs", name, None if own is None else own * 1e6, most * 1e6)
        yield _at_most("times the floor", name, ratio, FLOOR[name])
        for peer, factors in FASTER.items():
            theirs = seconds(found.get(peer))
            factor = None if own is None or theirs is None else theirs / own
            yield _at_least(f"times faster than {peer}", name, factor, factors[name])


def others(results: Results) -> Iterator[Target]:
    """Yield the targets of lines, of whole tables and of the beginning."""
    for name, found in results.lines.items():
        own = next((seconds(each) for each in found.values()), None)
        yield _at_most("µs a line", name, None if own is None else own * 1e6, LINE * 1e6)
    for name, least in ROWS.items():
        rows, found = results.frames.get(name, (0, {}))
        own = seconds(found.get(PYDMN.name)) or seconds(found.get(CLAIMS))
        rate = None if own is None else rows / own / 1e6
        unit = "million rows a second" + (", on one core" if name in A_CORE else "")
        yield _at_least(unit, name, rate, least / 1e6)
    imports = seconds(results.imports)
    found_ms = None if imports is None else imports * 1e3
    yield _at_most("ms", "import pydmn", found_ms, IMPORT * 1e3)
    for name, (most, megabytes) in LOADS.items():
        load = results.loads.get(name)
        loaded = load if isinstance(load, Load) else None
        found_ms = None if loaded is None else loaded.seconds.median * 1e3
        yield _at_most("ms", f"load {name}", found_ms, most * 1e3)
        if megabytes is not None:
            kept = None if loaded is None else loaded.kept
            yield _at_most("MB kept", f"load {name}", kept, megabytes)


def _at_most(what: str, of: str, found: float | None, most: float) -> Target:
    met = None if found is None else found <= most
    return Target(what, of, f"≤ {most:,.0f}", number(found), met)


def _at_least(what: str, of: str, found: float | None, least: float) -> Target:
    met = None if found is None else found >= least
    return Target(what, of, f"≥ {least:,.0f}", number(found), met)


def number(value: float | None) -> str:
    """Return a number with as many places as are worth reading; `-` for none."""
    if value is None:
        return "-"
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
