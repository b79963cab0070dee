"""The results as Markdown: RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from benchmarks.outcomes import Missing, NotAsked, Outcome, Refused, Timed, Wrong
from benchmarks.results import Outcomes, Results
from benchmarks.roster import PYDMN
from benchmarks.targets import Target, decisions, floor_of, number, others, seconds

HEAD: Final = """# Results

All from one run of `make bench-full`, which wrote this file; see `README.md` for what is timed and
how. Every answer of every contestant was compared with an oracle's before anything was timed.
"""
EXAMPLES: Final = "Who has no time, and why:"


def write(results: Results, path: Path) -> None:
    """Write the report to `path`."""
    path.write_text("\n".join(report(results)) + "\n", encoding="utf-8")


def report(results: Results) -> Iterator[str]:
    """Yield the report's lines."""
    yield HEAD
    yield "; ".join(f"{name} {value}" for name, value in results.machine.items()) + "."
    if results.decisions:
        yield from _decisions(results.decisions)
    if results.lines:
        yield from _lines(results.lines)
    if results.frames:
        yield from _frames(results)
    if results.imports is not None or results.loads:
        yield from _startup(results)
    if results.growth:
        yield from _growth(results)
    yield from _targets(results)


def _decisions(timed: Mapping[str, Outcomes]) -> Iterator[str]:
    yield "\n## One record\n"
    yield "µs a decision: the median of the runs (the fastest and the slowest).\n"
    yield "![Each contestant's time on each workload](results.svg)\n"
    yield from outcome_table(timed)
    yield "\nIn ratios:\n"
    yield row("", *timed)
    yield rule(len(timed))
    yield row("pydmn / floor", *(_ratio(each, None) for each in timed.values()))
    for peer in _contestants(timed):
        if peer != PYDMN.name and not peer.startswith("floor"):
            yield row(f"{peer} / pydmn", *(_ratio(each, peer) for each in timed.values()))
    yield from _without(timed)


def _lines(lines: Mapping[str, Outcomes]) -> Iterator[str]:
    yield "\n## One line of CG-SURG-106\n"
    yield "µs for `policy.determine(request)`: all its tables, with reasons.\n"
    yield from outcome_table(lines)
    yield from _without(lines)


def _frames(results: Results) -> Iterator[str]:
    yield "\n## Whole tables\n"
    yield "Million rows a second: the median of the runs (the slowest and the fastest).\n"
    found = {name: each for name, (_, each) in results.frames.items()}
    rows = {name: count for name, (count, _) in results.frames.items()}
    yield row("", *(f"{name}, {rows[name]:,} rows" for name in found))
    yield rule(len(found))
    for who in _contestants(found):
        cells = []
        for name, each in found.items():
            outcome = each.get(who)
            if isinstance(outcome, Timed):
                middle, low, high = (
                    f"{rows[name] / time / 1e6:,.2f}"
                    for time in (outcome.median, outcome.most, outcome.least)
                )
                cells.append(f"{middle} ({low}-{high})")
            else:
                cells.append(_why(outcome))
        yield row(who, *cells)
    yield from _without(found)


def _startup(results: Results) -> Iterator[str]:
    yield "\n## To begin\n"
    yield "Each in a fresh process; memory is what the process grew by.\n"
    yield row("", "ms", "MB kept", "MB at the most")
    yield rule(3)
    if results.imports is not None:
        spread = _spread(results.imports, 1e3)
        yield row("`import pydmn`, beyond a bare Python", spread, "", "")
    for name, load in results.loads.items():
        first = f"{name}: load to first answer"
        if isinstance(load, Refused):
            yield row(first, load.reason, "", "")
        else:
            numbers = f"{load.kept:.1f}", f"{load.peak:.1f}"
            yield row(first, _spread(load.seconds, 1e3), *numbers)


def _growth(results: Results) -> Iterator[str]:
    yield "\n## Growth\n"
    yield "![Time against rules and against rows](growth.svg)\n"
    worse = [said for curve in results.growth for said in curve.worse()]
    if worse:
        yield "Worse than n log n, with a margin for noise:\n"
        yield from (f"- {said}" for said in worse)
    else:
        yield "No curve grows by more than n log n."
    gaps = [
        f"- {curve.name}, {size:,}: {why}"
        for curve in results.growth
        for size, why in curve.gaps.items()
    ]
    if gaps:
        yield "\nNot measured:\n"
        yield from gaps


def _targets(results: Results) -> Iterator[str]:
    yield "\n## Targets\n"
    yield "What was found, and in brackets what was to be reached; bold is missed.\n"
    found = list(decisions(results))
    columns = dict.fromkeys(target.of for target in found)
    yield row("", *columns)
    yield rule(len(columns))
    for what in dict.fromkeys(target.what for target in found):
        yield row(what, *(_held(target) for target in found if target.what == what))
    yield ""
    yield row("", "", "")
    yield rule(2)
    for target in others(results):
        yield row(target.of, target.what, _held(target))


def _held(target: Target) -> str:
    found = f"**{target.found}**" if target.met is False else target.found
    return f"{found} ({target.limit})"


# --- pieces ----------------------------------------------------------------------------------


def outcome_table(found: Mapping[str, Outcomes]) -> Iterator[str]:
    """Yield the lines of a table of µs: who by what."""
    yield row("", *found)
    yield rule(len(found))
    for who in _contestants(found):
        yield row(who, *(_micro(each.get(who)) for each in found.values()))


def _contestants(found: Mapping[str, Outcomes]) -> list[str]:
    """Return everybody, in the order of the roster's first task."""
    return list(dict.fromkeys(who for each in found.values() for who in each))


def _micro(outcome: Outcome | None) -> str:
    return _spread(outcome, 1e6) if isinstance(outcome, Timed) else _why(outcome)


def _spread(timed: Timed, scale: float) -> str:
    middle, low, high = (number(time * scale) for time in (timed.median, timed.least, timed.most))
    return f"{middle} ({low}-{high})"


def _why(outcome: Outcome | None) -> str:
    match outcome:
        case Wrong(count, of, _):
            return f"wrong: {count:,} of {of:,}"
        case Missing():
            return "missing"
        case Refused():
            return "refused"
        case _:
            return "-"


def _ratio(found: Outcomes, peer: str | None) -> str:
    own = seconds(found.get(PYDMN.name))
    if own is None:
        return "-"
    if peer is None:
        floor = floor_of(found)
        return "-" if floor is None else number(own / floor)
    theirs = seconds(found.get(peer))
    return "-" if theirs is None else number(theirs / own)


def _without(found: Mapping[str, Outcomes]) -> Iterator[str]:
    """Yield why somebody has no time, each reason once."""
    reasons: dict[str, list[str]] = {}
    for name, each in found.items():
        for who, outcome in each.items():
            match outcome:
                case Timed():
                    pass
                case Wrong():
                    reasons.setdefault(f"{who}, {name}: {outcome}", [])
                case Missing() | Refused() | NotAsked():
                    reasons.setdefault(f"{who}: {outcome}", []).append(name)
    if reasons:
        yield f"\n{EXAMPLES}\n"
        for said, names in reasons.items():
            yield f"- {said}" + (f" ({', '.join(names)})" if names else "")


def row(*cells: str) -> str:
    """Return a row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def rule(columns: int) -> str:
    """Return the line below a Markdown table's head: a name, then that many numbers."""
    return "|---|" + "---:|" * columns
