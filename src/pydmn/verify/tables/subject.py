"""A table under verification, and the words in which its findings are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations, islice
from typing import Final

from pydmn.diagnostics import Severity
from pydmn.feel import host, text
from pydmn.plan.logic import Step, Table
from pydmn.run import Run
from pydmn.source import Source
from pydmn.verify.tables.answers import Answers
from pydmn.verify.tables.axes import Given, bits
from pydmn.verify.tables.boxes import Box, Steps
from pydmn.verify.tables.columns import text_of_column
from pydmn.verify.tables.findings import TableFinding, Verdict
from pydmn.verify.tables.grid import Grid
from pydmn.verify.tables.witness import Cases, Engine, value_at

_SHOWN: Final = 60
_LISTED: Final = 8


@dataclass(slots=True)
class Found:
    """What one question gave: findings, and the names of what is proved."""

    findings: list[TableFinding] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Subject:
    """A table with all that is asked of it."""

    step: Step
    table: Table
    requires: Mapping[str, Step]
    grid: Grid
    answers: Answers
    engine: Engine
    cases: Cases
    steps: Steps

    @property
    def name(self) -> str:
        """The name of the decision."""
        return self.step.name

    @property
    def exact(self) -> bool:
        """Whether the grid has the table's points and no others: what it says is so."""
        return not self.grid.free and not self.grid.unread

    def ids(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of rules by their numbers from 0."""
        return tuple(self.table.rules[number].id for number in numbers)

    def boxes(self, mask: int) -> list[Box]:
        """Return the boxes of the rules in a mask."""
        return [self.grid.boxes[number] for number in bits(mask)]

    def finding(
        self,
        code: str,
        verdict: Verdict,
        severity: Severity,
        message: str,
        rules: Iterable[int] = (),
        given: Given | None = None,
        source: Source | None = None,
    ) -> TableFinding:
        """Return a finding about rules, located at the first of them, else at the table."""
        numbers = tuple(rules)
        if source is None:
            source = self.table.rules[numbers[0]].source if numbers else self.table.source
        return TableFinding(
            code, verdict, message, severity, self.ids(numbers), witness(given), source
        )

    def severity(self, box: Box, worst: Severity = Severity.ERROR) -> Severity:
        """Return how bad a defect is that is seen in a box: less where decisions lead there.

        Whether those ever answer so together, a table by itself does not tell.
        """
        names = {
            name
            for place, axis in enumerate(self.grid.axes)
            if self._narrows(box, place)
            for name in axis.reads
        }
        given = all(self.requires[name].kind == "input" for name in names)
        return worst if given or worst is not Severity.ERROR else Severity.WARNING

    def _narrows(self, box: Box, place: int) -> bool:
        """Say whether a box leaves out values of an axis; that it leaves out null says little."""
        grid = self.grid
        return bool(grid.space[place] & ~grid.nulls[place] & ~box[place])

    # --- words -------------------------------------------------------------------------

    def row(self, number: int) -> str:
        """Return what people call a rule: its place in the table, and its id if it has one."""
        rule = self.table.rules[number]
        return f"rule {rule.number}" + ("" if rule.id == f"rule {rule.number}" else f" ({rule.id})")

    def rows(self, numbers: Iterable[int]) -> str:
        """Return rules by their places: `rules 2, 5 and 9`."""
        listed = [str(self.table.rules[number].number) for number in numbers]
        if len(listed) == 1:
            return f"rule {listed[0]}"
        if len(listed) > _LISTED:
            return f"rules {', '.join(listed[:_LISTED])} and {len(listed) - _LISTED} more"
        return f"rules {', '.join(listed[:-1])} and {listed[-1]}"

    def case(self, given: Given, box: Box) -> str:
        """Return the values of a case that matter: those of the axes that a box narrows."""
        said: dict[str, str] = {}
        for place, axis in enumerate(self.grid.axes):
            if self._narrows(box, place):
                value = (
                    value_at(given, axis.path)
                    if axis.path
                    else self.engine.worked(axis.columns[0], given)
                )
                said[axis.text] = f"{axis.text} = {shown(value)}"
        return ", ".join(said.values()) or "any input"

    def nearest(self, masks: Mapping[int, int]) -> str:
        """Return in words the rule that fails by fewest columns; empty where many fail.

        `masks` are the rules that each axis accepts, by its place.
        """
        places = sorted(masks)
        for failing in (1, 2):
            best: tuple[int, int, tuple[int, ...]] | None = None
            for left_out in combinations(places, min(failing, len(places))):
                mask = self.grid.every & ~self.grid.empty
                for place in places:
                    if place not in left_out:
                        mask &= masks[place]
                for number in islice(bits(mask), _LISTED):
                    # Of rules as near as one another, the one that says most is meant.
                    asks = sum(not cell.tests.any for cell in self.table.rules[number].cells)
                    if best is None or (asks, -number) > best[:2]:
                        best = (asks, -number, left_out)
            if best is not None:
                number = -best[1]
                needs = [need for place in best[2] for need in self._needs(number, place)]
                return f"; the nearest, {self.row(number)}, needs {' and '.join(needs)}"
        return ""

    def _needs(self, number: int, place: int) -> Iterable[str]:
        axis = self.grid.axes[place]
        seen: dict[str, None] = {}
        for column in axis.columns:
            cell = self.table.rules[number].cells[column]
            if not cell.tests.any:
                text = text_of_column(self.table.inputs[column])
                seen[f"{text}: {_cut(cell.source.text.strip())}"] = None
        return seen


def witness(given: Given | None) -> Mapping[str, object] | None:
    """Return a case in the host's types."""
    if given is None:
        return None
    return {name: host.to_python(value) for name, value in given.items()}


def shown(value: object) -> str:
    """Return a FEEL value as a reader writes it, cut where it is long."""
    return _cut(text.literal(Run(), value))


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}..."
