"""Which criteria take part in a determination.

A criterion takes part through the rules that name it in one of their outcomes: as the criterion
they decide, or as what a code excludes. Such a rule counts where it is hit; where the facts that
are not stated leave open whether it is; and where one cell alone refuses it while another holds,
so that the answer shows what the criterion lacks. A rule of one cell, refused, says nothing of
its criterion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pydmn
from medpolicy.determination import Determination, TraceEntry
from medpolicy.documents.columns import CRITERION


class Participation:
    """The criteria that a model's tables decide, and the rules that name them."""

    def __init__(self, model: pydmn.Model) -> None:
        tables = [model.table(name) for name in model.names if model.kind(name) == "table"]
        self.criteria: tuple[str, ...] = tuple(
            dict.fromkeys(
                value
                for table in tables
                for rule in table.rules
                if isinstance(value := rule.values.get(CRITERION), str)
            )
        )
        self._hit: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._missed: dict[tuple[str, str], set[str]] = {}
        self._columns: defaultdict[str, set[str]] = defaultdict(set)
        for table in tables:
            for rule in table.rules:
                key = table.decision, rule.id
                for column, value in rule.values.items():
                    if named := self._named(value):
                        self._columns[table.decision].add(column)
                        self._hit[key] |= named
                if sum(rule.tested) > 1:
                    self._missed[key] = self._hit[key]

    def of(self, determination: Determination) -> tuple[str, ...]:
        """Return the criteria that take part in a line, in the tables' order.

        The lines need their traces.
        """
        found = {
            criterion
            for line in determination.lines
            for entry in line.trace or ()
            for criterion in self._of(entry)
        }
        return tuple(criterion for criterion in self.criteria if criterion in found)

    def _of(self, entry: TraceEntry) -> Iterator[str]:
        for rule in entry.rules:
            yield from self._hit.get((entry.decision, rule), ())
        for miss in entry.near_misses:
            yield from self._missed.get((entry.decision, miss.rule), ())
        columns = self._columns.get(entry.decision, ())
        for answer in entry.possible or ():
            for one in answer if isinstance(answer, list) else [answer]:
                for column in columns:
                    yield from self._named(one.get(column) if isinstance(one, dict) else one)

    def _named(self, value: Any) -> set[str]:
        """Return the criteria that an outcome names, alone or in a list."""
        names = value if isinstance(value, list) else [value]
        return {name for name in names if isinstance(name, str) and name in self.criteria}
