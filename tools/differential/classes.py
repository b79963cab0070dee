"""Classes of disagreements: counted, each with its shortest example, and kept in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from disagreements import Disagreement, Tally

FOLDER: Final = Path(__file__).parents[2] / "build" / "differential"


@dataclass(slots=True)
class Class:
    """Disagreements on one production, kinds of operands and pattern of answers."""

    example: Disagreement
    count: int = 1

    def add(self, other: Disagreement, count: int = 1) -> None:
        """Count another; the shorter one is the example."""
        self.count += count
        size = len(other.text) + sum(map(len, other.row.values()))
        mine = len(self.example.text) + sum(map(len, self.example.row.values()))
        if (size, other.text) < (mine, self.example.text):
            self.example = other


@dataclass(slots=True)
class Classes:
    """Everything that runs found, with what they counted."""

    tally: Tally = field(default_factory=Tally)
    kinds: dict[str, int] = field(default_factory=dict)
    classes: dict[tuple[str, tuple[str, ...], str], Class] = field(default_factory=dict)

    def add(self, found: Iterable[Disagreement]) -> None:
        """Sort disagreements into their classes."""
        for each in found:
            self.add_some(each, 1)

    def add_some(self, each: Disagreement, count: int) -> None:
        """Sort in `count` disagreements of which `each` is the shortest."""
        key = (each.production, each.kinds, each.pattern)
        if key in self.classes:
            self.classes[key].add(each, count)
        else:
            self.classes[key] = Class(each, count)

    def __iter__(self) -> Iterator[Class]:
        return iter(self.classes.values())

    def write(self, label: str) -> None:
        """Write what the part of a run that is called `label` found as JSON."""
        data = {
            "kinds": self.kinds,
            "tally": {name: getattr(self.tally, name) for name in _COUNTS},
            "productions": self.tally.productions,
            "classes": [_data(each) for each in self],
        }
        text = json.dumps(data, ensure_ascii=False, indent=1)
        (FOLDER / f"found-{label}.json").write_text(text, encoding="utf-8")


_COUNTS: Final = ("questions", "rows", "distinct", "judged", "agreed", "differing", "small")


def read() -> Classes:
    """Return what all runs found, added up."""
    classes = Classes()
    for path in sorted(FOLDER.glob("found-*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        for name in _COUNTS:
            total = getattr(classes.tally, name) + data["tally"][name]
            setattr(classes.tally, name, total)
        _sum(classes.tally.productions, data["productions"])
        _sum(classes.kinds, data["kinds"])
        for each in data["classes"]:
            example = Disagreement(
                each["production"],
                tuple(each["kinds"]),
                each["text"],
                each["row"],
                tuple(each["answers"]),
            )
            classes.add_some(example, each["count"])
    return classes


def _sum(counts: dict[str, int], others: dict[str, int]) -> None:
    for name, count in others.items():
        counts[name] = counts.get(name, 0) + count


def _data(each: Class) -> dict[str, Any]:
    example = each.example
    return {
        "production": example.production,
        "kinds": example.kinds,
        "text": example.text,
        "row": example.row,
        "answers": example.answers,
        "count": each.count,
    }
