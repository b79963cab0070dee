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
    LiteralExpression,
    Orientation,
    OutputClause,
    Rule,
    UnaryTests,
)
from pydmn.model.read_literals import optional_unary_tests, read_literal, read_unary_tests
from pydmn.model.reading import Place, Reading
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
    """The rules of one table.

    A rule of the usual shape is read in one walk over what is in it. One with anything else,
    such as an entry in another expression language, is read with the general look-ups.
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
        self._entry_tags = tuple(
            reading.tag(name) for name in ("inputEntry", "outputEntry", "annotationEntry")
        )
        self._description_tag = reading.tag("description")
        self._text_tag = reading.tag("text")

    def read(self, table: _Element) -> tuple[Rule, ...]:
        """Return the rules of `table` in the author's order."""
        rules = []
        for number, element in enumerate(self._reading.children(table, "rule"), 1):
            place = (*self._place, f"rule {number}")
            rule = self._plain_rule(element, number, place) or self._rule(element, number, place)
            self._count("input", len(rule.input_entries), len(self._inputs), rule.source)
            self._count("output", len(rule.output_entries), len(self._outputs), rule.source)
            rules.append(rule)
        return tuple(rules)

    def _plain_rule(self, element: _Element, number: int, place: Place) -> Rule | None:
        """Return a rule whose entries have an id and a text each and no more, or None."""
        file, text_tag, entry_tags = self._reading.file, self._text_tag, self._entry_tags
        input_tag, output_tag, _ = entry_tags
        tests: list[UnaryTests] = []
        conclusions: list[LiteralExpression] = []
        annotations: list[str] = []
        description: str | None = None
        rule_id = id_ = element.get("id")
        ids = [rule_id]
        entry: object = None
        for child in element.iterdescendants():
            tag = child.tag
            if tag == text_tag and entry is not None:
                text = child.text or ""
                if entry == input_tag:
                    where = (*place, _column(self._inputs, len(tests)))
                    tests.append(
                        UnaryTests(id=id_, text=Source(text, file, child.sourceline, where))
                    )
                elif entry == output_tag:
                    where = (*place, _column(self._outputs, len(conclusions)))
                    source = Source(text, file, child.sourceline, where)
                    conclusions.append(LiteralExpression(id=id_, text=source))
                else:
                    annotations.append(text)
                entry = None
            elif tag in entry_tags and entry is None and child.keys() in _PLAIN_KEYS:
                entry = tag
                id_ = child.get("id")
                ids.append(id_)
            elif tag == self._description_tag and entry is None and description is None:
                description = child.text or ""
            else:
                return None
        if entry is not None:
            return None
        self._reading.ids += [known for known in ids if known is not None]
        return Rule(
            id=rule_id,
            label=element.get("label"),
            description=description,
            number=number,
            input_entries=tuple(tests),
            output_entries=tuple(conclusions),
            annotation_entries=tuple(annotations),
            source=Source("", file, element.sourceline, place),
        )

    def _rule(self, element: _Element, number: int, place: Place) -> Rule:
        """Return a rule of any shape."""
        reading = self._reading
        return Rule(
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
