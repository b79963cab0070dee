"""Decision tables from XML (DMN 1.5, 8.3).

The one place where a file is large: a table of 10,000 rules has 30,000 cells or more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydmn.model.expressions import (
    Aggregation,
    DecisionTable,
    HitPolicy,
    InputClause,
    Orientation,
    OutputClause,
)
from pydmn.model.literals import LiteralExpression
from pydmn.model.read_literals import optional_unary_tests, read_literal, read_unary_tests
from pydmn.model.reading import Place, Reading
from pydmn.model.rules import Rule, Rules
from pydmn.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

_LABEL_LENGTH = 60
_PLAIN_KEYS: tuple[list[str], ...] = (["id"], [])
_CHILDREN = frozenset({"description", "extensionElements", "input", "output", "annotation", "rule"})


def read_table(reading: Reading, element: _Element, place: Place) -> DecisionTable:
    """Return a decision table; a rule with too few or too many entries is reported."""
    reading.expect(element, _CHILDREN, place)
    inputs = tuple(
        _input(reading, child, place, number)
        for number, child in enumerate(reading.children(element, "input"), 1)
    )
    outputs = _outputs(reading, element, place)
    return DecisionTable(
        **reading.boxed(element, place),
        hit_policy=reading.choice(element, "hitPolicy", HitPolicy, HitPolicy.UNIQUE, place),
        aggregation=reading.optional_choice(element, "aggregation", Aggregation, place),
        inputs=inputs,
        outputs=outputs,
        annotations=tuple(
            child.get("name", "") for child in reading.children(element, "annotation")
        ),
        rules=_Rules(reading, inputs, outputs, place).read(element),
        orientation=reading.choice(
            element, "preferredOrientation", Orientation, Orientation.RULE_AS_ROW, place
        ),
        output_label=element.get("outputLabel"),
    )


def _input(reading: Reading, element: _Element, place: Place, number: int) -> InputClause:
    """Return an input clause; its place is its label, else the text that it tests."""
    found = reading.child(element, "inputExpression")
    text = "" if found is None else reading.child_text(found, "text") or ""
    name = " ".join((element.get("label") or text).split())[:_LABEL_LENGTH] or str(number)
    here = (*place, f"input {name}")
    if found is None:
        reading.report(
            "missing-element",
            "the input has no `<inputExpression>`",
            reading.source(element, "", here),
            "add `<inputExpression><text>...</text></inputExpression>`",
        )
        expression = LiteralExpression(text=reading.source(element, "", here))
    else:
        expression = read_literal(reading, found, here)
    values = reading.child(element, "inputValues")
    return InputClause(
        **reading.common(element),
        expression=expression,
        input_values=optional_unary_tests(reading, values, (*here, "input values")),
        source=reading.source(element, name, here),
    )


def _outputs(reading: Reading, table: _Element, place: Place) -> tuple[OutputClause, ...]:
    """Return the output clauses; of several, each needs a name (8.3.2)."""
    elements = list(reading.children(table, "output"))
    if not elements:
        reading.report(
            "missing-element",
            "the decision table has no `<output>`",
            reading.source(table, "", place),
            "add an `<output>` and an `<outputEntry>` to each rule",
        )
    outputs = tuple(_output(reading, child, place) for child in elements)
    for clause in outputs:
        if len(outputs) > 1 and not clause.name:
            reading.report(
                "missing-attribute",
                "one of several outputs has no `name`",
                clause.source,
                "name each output; the answer is a context of these names",
            )
    return outputs


def _output(reading: Reading, element: _Element, place: Place) -> OutputClause:
    """Return an output clause; its place is its name, else its label."""
    name = element.get("name")
    shown = name or element.get("label") or ""
    here = (*place, f"output {shown}".rstrip())
    default = reading.child(element, "defaultOutputEntry")
    return OutputClause(
        **reading.common(element),
        name=name,
        type_ref=reading.type_ref(element, "typeRef", here),
        output_values=optional_unary_tests(
            reading, reading.child(element, "outputValues"), (*here, "output values")
        ),
        default=None if default is None else read_literal(reading, default, (*here, "default")),
        source=reading.source(element, shown, here),
    )


class _Rules:
    """The rules of one table as they are read.

    A plain rule is read in one walk over what is in it. One with anything else, such as an entry
    in another expression language, is read with the general look-ups.
    """

    def __init__(
        self,
        reading: Reading,
        inputs: tuple[InputClause, ...],
        outputs: tuple[OutputClause, ...],
        place: Place,
    ) -> None:
        self._reading = reading
        self._place = place
        self._inputs = tuple(clause.source.place[-1] for clause in inputs)
        self._outputs = tuple(clause.source.place[-1] for clause in outputs)
        self._entry_tags = (
            *(reading.tag("inputEntry") for _ in inputs),
            *(reading.tag("outputEntry") for _ in outputs),
        )
        self._annotation_tag = reading.tag("annotationEntry")
        self._description_tag = reading.tag("description")
        self._text_tag = reading.tag("text")
        self._ids: list[str | None] = []
        self._labels: list[str | None] = []
        self._descriptions: list[str | None] = []
        self._rule_lines: list[int | None] = []
        self._annotations: list[tuple[str, ...]] = []
        self._texts: list[str] = []
        self._entry_ids: list[str | None] = []
        self._lines: list[int | None] = []
        self._others: dict[int, Rule] = {}

    def read(self, table: _Element) -> Rules:
        """Return the rules of `table` in the author's order."""
        for index, element in enumerate(self._reading.children(table, "rule")):
            if not self._read_plain(element):
                self._leave_out(index)
                self._others[index] = self._other(element, index + 1)
            self._ids.append(element.get("id"))
            self._labels.append(element.get("label"))
            self._rule_lines.append(element.sourceline)
        # What is no plain rule has noted its ids already.
        noted = self._reading.ids
        noted += (id_ for index, id_ in enumerate(self._ids) if index not in self._others)
        noted += self._entry_ids
        return Rules(
            ids=tuple(self._ids),
            labels=tuple(self._labels),
            descriptions=tuple(self._descriptions),
            lines=tuple(self._rule_lines),
            annotations=tuple(self._annotations),
            texts=tuple(self._texts),
            entry_ids=tuple(self._entry_ids),
            entry_lines=tuple(self._lines),
            others=self._others,
            file=self._reading.file,
            place=self._place,
            inputs=self._inputs,
            outputs=self._outputs,
        )

    def _read_plain(self, element: _Element) -> bool:
        """Take the entries of a rule, and say whether it is plain; if not, it is half taken."""
        tags, text_tag = self._entry_tags, self._text_tag
        texts, ids, lines = self._texts, self._entry_ids, self._lines
        width = len(tags)
        count = 0
        description: str | None = None
        annotations: tuple[str, ...] = ()
        for child in element:
            tag = child.tag
            is_entry = count < width and tag == tags[count]
            if is_entry or tag == self._annotation_tag:
                if child.keys() not in _PLAIN_KEYS or len(child) != 1:
                    return False
                text = child[0]
                if text.tag != text_tag or len(text):
                    return False
                if is_entry:
                    texts.append(text.text or "")
                    ids.append(child.get("id"))
                    lines.append(text.sourceline)
                    count += 1
                else:
                    annotations += (text.text or "",)
                    self._reading.id(child)
            elif tag == self._description_tag and description is None and not len(child):
                description = child.text or ""
            else:
                return False
        if count != width:
            return False
        self._descriptions.append(description)
        self._annotations.append(annotations)
        return True

    def _leave_out(self, index: int) -> None:
        """Have nothing of the rule at `index` among the plain ones, but room for it."""
        width = len(self._entry_tags)
        start = index * width
        self._texts[start:] = [""] * width
        self._entry_ids[start:] = [None] * width
        self._lines[start:] = [None] * width
        self._descriptions.append(None)
        self._annotations.append(())

    def _other(self, element: _Element, number: int) -> Rule:
        """Return a rule of any shape; one that is not the table's is reported (8.3.3)."""
        reading = self._reading
        place = (*self._place, f"rule {number}")
        rule = Rule(
            **reading.common(element),
            number=number,
            input_entries=tuple(
                read_unary_tests(reading, child, (*place, _column(self._inputs, index)))
                for index, child in enumerate(reading.children(element, "inputEntry"))
            ),
            output_entries=tuple(
                read_literal(reading, child, (*place, _column(self._outputs, index)))
                for index, child in enumerate(reading.children(element, "outputEntry"))
            ),
            annotation_entries=tuple(
                reading.child_text(child, "text") or ""
                for child in reading.children(element, "annotationEntry")
            ),
            source=reading.source(element, "", place),
        )
        self._count("input", len(rule.input_entries), len(self._inputs), rule.source)
        self._count("output", len(rule.output_entries), len(self._outputs), rule.source)
        return rule

    def _count(self, kind: str, found: int, wanted: int, source: Source) -> None:
        """Report a rule whose number of entries is not the number of clauses (8.3.3)."""
        if found != wanted:
            self._reading.report(
                "entry-count",
                f"entries for {kind}s: {found} in the rule, {wanted} in the table",
                source,
                f"give each rule one `<{kind}Entry>` for each `<{kind}>` of the table",
            )


def _column(names: tuple[str, ...], index: int) -> str:
    """Return the place of a column; an entry beyond the clauses has its number."""
    return names[index] if index < len(names) else f"entry {index + 1}"
