"""The rules of a decision table as data (DMN 1.5, 8.3.3).

A table of 10,000 rules has 30,000 entries or more, and nearly all of them are an id and a text.
So these are kept as they are, in a few long tuples, and become a `Rule` when it is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from pydmn.model.literals import DmnElement, LiteralExpression, UnaryTests
from pydmn.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(DmnElement):
    """One rule: as many entries as the table has clauses of each kind (8.3.3).

    `annotation_entries` may be fewer than the annotation clauses.
    """

    number: int
    input_entries: tuple[UnaryTests, ...]
    output_entries: tuple[LiteralExpression, ...]
    annotation_entries: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(Sequence[Rule]):
    """The rules of one table, in the author's order; each is made when it is asked for.

    A rule is *plain* when it has an entry for each clause of the table, and each entry an id
    and a text and no more. Of plain rules, `ids`, `labels`, `descriptions`, `lines` and
    `annotations` have an item a rule; `texts`, `entry_ids` and `entry_lines` have one an
    entry, rule by rule, inputs before outputs; a line is that of the text. The `others` are
    rules by index, for which those hold nothing of meaning.

    `place` is that of the table; `inputs` and `outputs` are the places of its columns.
    """

    ids: tuple[str | None, ...] = ()
    labels: tuple[str | None, ...] = ()
    descriptions: tuple[str | None, ...] = ()
    lines: tuple[int | None, ...] = ()
    annotations: tuple[tuple[str, ...], ...] = ()
    texts: tuple[str, ...] = ()
    entry_ids: tuple[str | None, ...] = ()
    entry_lines: tuple[int | None, ...] = ()
    others: Mapping[int, Rule] = field(default_factory=dict)
    file: str | None = None
    place: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Rule: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Rule, ...]: ...

    def __getitem__(self, index: int | slice) -> Rule | tuple[Rule, ...]:
        indices = range(len(self.ids))[index]
        if isinstance(indices, range):
            return tuple(self._rule(each) for each in indices)
        return self._rule(indices)

    def source(self, index: int) -> Source:
        """Return where a rule stands, without making the rule; `index` counts from 0."""
        other = self.others.get(index)
        if other is not None:
            return other.source
        return Source("", self.file, self.lines[index], (*self.place, f"rule {index + 1}"))

    def plain_texts(self, index: int) -> tuple[str, ...]:
        """Return the texts of a plain rule, inputs before outputs."""
        width = len(self.inputs) + len(self.outputs)
        return self.texts[index * width : (index + 1) * width]

    def input_entry(self, index: int, position: int) -> UnaryTests:
        """Return an input entry of a plain rule, without making the rule."""
        at = index * (len(self.inputs) + len(self.outputs)) + position
        text = self._text(index, at, self.inputs[position])
        return UnaryTests(id=self.entry_ids[at], text=text)

    def output_entry(self, index: int, position: int) -> LiteralExpression:
        """Return an output entry of a plain rule, without making the rule."""
        width = len(self.inputs)
        at = index * (width + len(self.outputs)) + width + position
        text = self._text(index, at, self.outputs[position])
        return LiteralExpression(id=self.entry_ids[at], text=text)

    def _text(self, index: int, at: int, name: str) -> Source:
        place = (*self.place, f"rule {index + 1}", name)
        return Source(self.texts[at], self.file, self.entry_lines[at], place)

    def _rule(self, index: int) -> Rule:
        other = self.others.get(index)
        if other is not None:
            return other
        return Rule(
            id=self.ids[index],
            label=self.labels[index],
            description=self.descriptions[index],
            number=index + 1,
            input_entries=tuple(self.input_entry(index, at) for at in range(len(self.inputs))),
            output_entries=tuple(self.output_entry(index, at) for at in range(len(self.outputs))),
            annotation_entries=self.annotations[index],
            source=self.source(index),
        )
