"""Hold the coverage of each room and file against its floor: exit status 1 where one is below.

    python tools/coverage_floors.py build/coverage.json

The report is that of `coverage json`, measured with branches. The floors stand in pyproject.toml,
`[tool.coverage-floors]`: a file or a folder, and the least per cent of its lines and of its
branches that the tests take, each. A folder's floor is that of all its files together; where it
is not kept, the files that lack something are named, those that lack most first.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Taken:
    """How many lines and branches there are, and how many of them the tests take."""

    lines: int = 0
    lines_taken: int = 0
    branches: int = 0
    branches_taken: int = 0

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.lines + other.lines,
            self.lines_taken + other.lines_taken,
            self.branches + other.branches,
            self.branches_taken + other.branches_taken,
        )

    @property
    def lacking(self) -> int:
        """Lines and branches that no test takes."""
        return self.lines - self.lines_taken + self.branches - self.branches_taken

    def holds(self, floor: float) -> bool:
        """Say whether `floor` per cent of the lines are taken, and of the branches."""
        return (
            100 * self.lines_taken >= floor * self.lines
            and 100 * self.branches_taken >= floor * self.branches
        )

    def __str__(self) -> str:
        lines = _percent(self.lines_taken, self.lines)
        return f"{lines} of lines, {_percent(self.branches_taken, self.branches)} of branches"


def _percent(part: int, whole: int) -> str:
    """Return a share with two decimals, cut off: 100.00 % is all of it and nothing less.

    >>> _percent(99_999, 100_000)
    '99.99 %'
    """
    hundredths = 10_000 * part // whole if whole else 10_000
    return f"{hundredths // 100}.{hundredths % 100:02} %"


@dataclass(frozen=True, slots=True)
class Room:
    """A file or a folder: its floor in per cent, and what is taken of its files."""

    name: str
    floor: float
    files: Mapping[str, Taken]

    @property
    def taken(self) -> Taken:
        """The files together."""
        return sum(self.files.values(), Taken())

    @property
    def problem(self) -> str | None:
        """What is wrong, the files named; None where the floor is kept."""
        if not self.files:
            return f"{self.name}: has a floor, and no file of it is in the report"
        if self.taken.holds(self.floor):
            return None
        said = [f"{self.name}: {self.taken}, below its floor of {self.floor} %"]
        lacking = sorted(self.files.items(), key=lambda each: -each[1].lacking)
        said += [f"    {file}: {taken}" for file, taken in lacking if taken.lacking]
        return "\n".join(said)


def rooms(report: Mapping[str, Any], floors: Mapping[str, float]) -> list[Room]:
    """Return each room of `floors` with its files of `report`, what `coverage json` wrote."""
    taken = {
        PurePosixPath(name.replace("\\", "/")): _taken(file["summary"])
        for name, file in report["files"].items()
    }
    return [
        Room(
            name,
            floor,
            {str(file): each for file, each in taken.items() if file.is_relative_to(name)},
        )
        for name, floor in floors.items()
    ]


def _taken(summary: Mapping[str, int]) -> Taken:
    return Taken(
        summary["num_statements"],
        summary["covered_lines"],
        summary["num_branches"],
        summary["covered_branches"],
    )


def table(found: Iterable[Room]) -> str:
    """Return the rooms as a Markdown table."""
    lines = ["| Part | Floor | Lines taken | Branches taken |", "|---|---|---|---|"]
    lines += [
        f"| `{each.name}` | {each.floor} % | {_percent(taken.lines_taken, taken.lines)} "
        f"| {_percent(taken.branches_taken, taken.branches)} |"
        for each in found
        for taken in [each.taken]
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the table and what is below its floor; 1 where something is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("report", type=Path, help="what `coverage json` wrote")
    report = json.loads(parser.parse_args(arguments).report.read_bytes())
    floors = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["coverage-floors"]
    found = rooms(report, floors)
    print(table(found))
    problems = [each.problem for each in found if each.problem is not None]
    for problem in problems:
        print(f"\n{problem}", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
