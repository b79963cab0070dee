"""Decision tables from XML (DMN 1.5, 8.3)."""

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

    Plain ones are taken as they are. One with anything else, such as an entry in another
    expression language, is read with the general look-ups.
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

    def read(self, table: _Element) -> Rules:
        """Return the rules of `table` in the author's order."""
        plain = self._reading.plain_rules(table, len(self._inputs), len(self._outputs))
        others: dict[int, Rule] = {}
        if plain.left_out:
            rules = list(self._reading.children(table, "rule"))
            others = {index: self._other(rules[index], index + 1) for index in plain.left_out}
        # What is no plain rule has noted its ids already.
        noted = self._reading.ids
        noted += (id_ for index, id_ in enumerate(plain.ids) if index not in others)
        noted += plain.entry_ids
        noted += plain.annotation_ids
        return Rules(
            ids=tuple(plain.ids),
            labels=tuple(plain.labels),
            descriptions=tuple(plain.descriptions),
            lines=tuple(plain.lines),
            annotations=tuple(plain.annotations),
            texts=tuple(plain.texts),
            entry_ids=tuple(plain.entry_ids),
            entry_lines=tuple(plain.entry_lines),
            others=others,
            file=self._reading.file,
            place=self._place,
            inputs=self._inputs,
            outputs=self._outputs,
        )

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
