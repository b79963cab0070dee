"""The results as the project's README shows them: between two marks, the rest is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.outcomes import Timed
from benchmarks.report import outcome_table, row, rule
from benchmarks.results import Results
from benchmarks.targets import number

BEGIN: Final = "<!-- the benchmark's results: written by `make bench-full` -->"
END: Final = "<!-- end of the benchmark's results -->"


class NoPlace(Exception):
    """The file has no place for the results."""


def write(results: Results, path: Path) -> None:
    """Put the results between the marks in `path`. Raises `NoPlace` where it has no marks."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlace(f"{path.name} lacks the line `{END if begin else BEGIN}`")
    path.write_text(f"{before}{BEGIN}\n{section(results)}\n{END}{after}", encoding="utf-8")


def section(results: Results) -> str:
    """Return the README's section, without the marks."""
    return "\n".join(_lines(results))


def _lines(results: Results) -> Iterator[str]:
    machine = results.machine
    yield (
        "\nMicroseconds a decision (median; fastest and slowest run) on"
        f" {machine['cores']} cores of {machine['processor']}, Python {machine['Python']}."
        " Every answer of everybody was compared with an oracle's first.\n"
    )
    yield from outcome_table(results.decisions)
    if results.frames:
        yield "\nMillion rows a second, whole tables:\n"
        names = list(results.frames)
        yield row("", *names)
        yield rule(len(names))
        for who in dict.fromkeys(who for _, found in results.frames.values() for who in found):
            yield row(who, *(_rate(results, name, who) for name in names))
    yield "\n![Each contestant's time on each workload](benchmarks/results.svg)\n"
    yield (
        "All of it, the targets and what is missed: [RESULTS.md](benchmarks/RESULTS.md);"
        " how it is measured: [benchmarks](benchmarks/README.md)."
    )


def _rate(results: Results, name: str, who: str) -> str:
    rows, found = results.frames[name]
    outcome = found.get(who)
    return number(rows / outcome.median / 1e6) if isinstance(outcome, Timed) else "-"
