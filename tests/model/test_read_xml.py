"""One file of each kind, against what was written in it by hand."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from model.dmn_files import BAD, GOOD, definitions, line_of

from pydmn.diagnostics import Severity
from pydmn.model import (
    Aggregation,
    Conditional,
    Context,
    DecisionTable,
    Definitions,
    Every,
    Filter,
    For,
    FunctionDefinition,
    FunctionKind,
    HitPolicy,
    Invocation,
    ListExpression,
    LiteralExpression,
    Orientation,
    Relation,
    Some,
    read_xml,
)

EVERY = GOOD / "every-expression.dmn"


def read(path: Path) -> Definitions:
    """Return the model of a good file."""
    model, diagnostics = read_xml(path.read_bytes(), path.name)
    assert diagnostics == ()
    assert model is not None
    return model


@pytest.fixture(scope="module")
def every() -> Definitions:
    """The file with one of each."""
    return read(EVERY)


def text_of(expression: object) -> str:
    """Return the text of a literal expression."""
    assert isinstance(expression, LiteralExpression)
    return expression.text.text


def test_definitions(every: Definitions) -> None:
    assert (every.id, every.name, every.namespace) == (
        "every",
        "Every expression",
        "urn:example:every",
    )
    assert (every.version, every.file) == ("1.5", "every-expression.dmn")
    assert every.description == "One of each."
    assert every.expression_language is None
    (extension,) = every.extensions
    assert extension.startswith("<v:note ")
    assert extension.endswith(' by="me">kept</v:note>')
    assert [e.name for e in every.drg_elements] == [
        *("Person", "Literal", "Table", "Boxed", "double", "Service", "The law"),
    ]


def test_item_definitions(every: Definitions) -> None:
    person, test = every.item_definitions
    age, names = person.components
    assert (age.type_ref, age.is_collection) == ("number", False)
    assert age.allowed_values is not None
    assert age.allowed_values.text.text == "[0..150]"
    assert age.allowed_values.text.place == ("type tPerson", "component age", "allowed values")
    assert age.type_constraint is not None
    assert age.type_constraint.text.text == "? < 140"
    assert (names.type_ref, names.is_collection) == ("string", True)
    assert test.function_item is not None
    assert test.function_item.output_type_ref == "boolean"
    assert [(p.name, p.type_ref) for p in test.function_item.parameters] == [("p", "tPerson")]


def test_requirements(every: Definitions) -> None:
    literal, table, boxed = every.decisions
    assert (literal.question, literal.allowed_answers) == ("How old?", "A number")
    assert [(r.id, str(r.target)) for r in literal.information_requirements] == [("r1", "#person")]
    assert [str(r.required_decision) for r in table.information_requirements] == ["#literal"]
    assert [str(r.required_authority) for r in literal.authority_requirements] == ["#law"]
    assert [str(r.target) for r in boxed.knowledge_requirements] == ["#double"]
    assert every.inputs[0].description == "Who asks?"
    (service,) = every.decision_services
    assert [str(r) for r in service.output_decisions] == ["#table"]
    assert [str(r) for r in service.encapsulated_decisions] == ["#literal"]
    assert [str(r) for r in service.input_data] == ["#person"]
    (law,) = every.knowledge_sources
    assert (law.location_uri, law.type) == ("urn:law", "statute")


def test_literal_expression(every: Definitions) -> None:
    expression = every.decisions[0].expression
    assert isinstance(expression, LiteralExpression)
    assert (expression.id, expression.type_ref) == ("literal_e", "number")
    assert expression.text.text == "Person.age"
    assert expression.text.place == ("Literal",)
    assert expression.text.line == line_of(EVERY, "<text>Person.age</text>")


def test_decision_table(every: Definitions) -> None:
    table = every.decisions[1].expression
    assert isinstance(table, DecisionTable)
    assert (table.hit_policy, table.aggregation) == (HitPolicy.COLLECT, Aggregation.SUM)
    assert (table.orientation, table.output_label) == (Orientation.RULE_AS_COLUMN, "Points")
    assert table.annotations == ("Why",)
    age, names = table.inputs
    assert (age.id, age.label, age.type_ref, text_of(age.expression)) == (
        "i1",
        "Age",
        "number",
        "Literal",
    )
    assert age.input_values is not None
    assert age.input_values.text.text == "[0..150]"
    assert names.source.place == ("Table", "input Person.names")
    (output,) = table.outputs
    assert (output.name, output.type_ref) == ("points", "number")
    assert output.output_values is not None
    assert output.output_values.text.text == "0, 1, 2"
    assert text_of(output.default) == "0"


def test_rules(every: Definitions) -> None:
    table = every.decisions[1].expression
    assert isinstance(table, DecisionTable)
    first, second = table.rules
    assert (first.id, first.number, first.description) == ("rule1", 1, "The young")
    assert [(e.id, e.text.text) for e in first.input_entries] == [("c1", "< 18"), ("c2", "-")]
    assert [(e.id, e.text.text) for e in first.output_entries] == [("c3", "1")]
    assert first.annotation_entries == ("By law",)
    cell = first.input_entries[0].text
    assert cell.place == ("Table", "rule 1", "input Age")
    assert cell.where == "every-expression.dmn, Table, rule 1, input Age"
    assert cell.line == line_of(EVERY, "&lt; 18")
    assert first.output_entries[0].text.place == ("Table", "rule 1", "output points")
    juel, odd = second.input_entries
    assert (juel.expression_language, juel.text.text) == ("urn:juel", "${x}")
    assert (odd.description, odd.text.text) == ("any", "<odd>")
    assert odd.text.place == ("Table", "rule 2", "input Person.names")
    (empty,) = second.output_entries
    assert (empty.id, empty.type_ref, empty.text.text) == ("c6", "number", "")


def test_boxed_expressions(every: Definitions) -> None:
    context = every.decisions[2].expression
    assert isinstance(context, Context)
    values = {e.variable.name: e.value for e in context.entries if e.variable is not None}
    a_list, relation, call = values["a list"], values["a relation"], values["a call"]
    choice, filter_, loop = values["a choice"], values["a filter"], values["a loop"]
    all_, any_ = values["all"], values["any"]
    assert isinstance(a_list, ListExpression)
    assert [text_of(e) for e in a_list.elements] == ["1", "2"]
    assert a_list.elements[1].source.place == ("Boxed", "entry a list", "element 2")
    assert isinstance(relation, Relation)
    assert [(c.name, c.type_ref) for c in relation.columns] == [("x", "number"), ("y", None)]
    assert [[text_of(e) for e in row.elements] for row in relation.rows] == [["3", "4"]]
    assert isinstance(call, Invocation)
    assert text_of(call.called_function) == "double"
    assert [(b.parameter.name, text_of(b.formula)) for b in call.bindings] == [("n", "5")]
    assert isinstance(choice, Conditional)
    assert [text_of(e) for e in (choice.condition, choice.then, choice.otherwise)] == [
        "6",
        "7",
        "8",
    ]
    assert isinstance(filter_, Filter)
    assert [text_of(e) for e in (filter_.collection, filter_.match)] == ["9", "10"]
    assert isinstance(loop, For)
    assert (loop.variable, loop.collection_type_ref) == ("i", "tNumbers")
    assert [text_of(e) for e in (loop.collection, loop.result)] == ["11", "12"]
    assert isinstance(all_, Every)
    assert [text_of(e) for e in (all_.collection, all_.satisfies)] == ["13", "14"]
    assert isinstance(any_, Some)
    assert [text_of(e) for e in (any_.collection, any_.satisfies)] == ["15", "16"]
    result = context.entries[-1]
    assert result.variable is None
    assert isinstance(result.value, FunctionDefinition)
    assert result.value.kind is FunctionKind.JAVA
    assert [(p.name, p.type_ref) for p in result.value.parameters] == [("p", "string")]
    assert isinstance(result.value.body, Context)


def test_business_knowledge_model(every: Definitions) -> None:
    (double,) = every.business_knowledge_models
    assert double.encapsulated_logic is not None
    assert double.encapsulated_logic.kind is FunctionKind.FEEL
    assert text_of(double.encapsulated_logic.body) == "n * 2"


def test_a_model_survives_pickling(every: Definitions) -> None:
    assert pickle.loads(pickle.dumps(every)) == every  # noqa: S301 - made on the spot


def test_dmn_1_1_names_in_normal_form() -> None:
    model = read(GOOD / "version-1-1.dmn")
    assert model.version == "1.1"
    assert [import_.name for import_ in model.imports] == ["lib"]
    assert model.item_definitions[0].type_ref == "number"
    types = [i.variable.type_ref for i in model.inputs if i.variable is not None]
    assert types == ["tAge", "lib.tShared"]
    variable = model.decisions[0].variable
    assert variable is not None
    assert (variable.name, variable.type_ref) == ("C", "string")


def test_vendor_elements_and_attributes_are_no_error() -> None:
    model = read(GOOD / "vendor.dmn")
    (decision,) = model.decisions
    assert len(decision.extensions) == 1
    assert "camunda:property" in decision.extensions[0]
    assert isinstance(decision.expression, DecisionTable)
    assert decision.expression.hit_policy is HitPolicy.UNIQUE


@pytest.mark.parametrize(
    ("namespace", "version"),
    [
        ("http://www.omg.org/spec/DMN/20151101/dmn.xsd", "1.1"),
        ("http://www.omg.org/spec/DMN/20180521/MODEL/", "1.2"),
        ("https://www.omg.org/spec/DMN/20191111/MODEL/", "1.3"),
        ("https://www.omg.org/spec/DMN/20211108/MODEL/", "1.4"),
        ("https://www.omg.org/spec/DMN/20230324/MODEL/", "1.5"),
        ("https://www.omg.org/spec/DMN/20240513/MODEL/", "1.6"),
    ],
)
def test_versions(namespace: str, version: str) -> None:
    data = (
        f'<d:definitions xmlns:d="{namespace}" name="N" namespace="urn:n">'
        '<d:decision name="D"/></d:definitions>'
    )
    model, diagnostics = read_xml(data.encode())
    assert model is not None
    assert (model.version, model.decisions[0].name, diagnostics) == (version, "D", ())


def test_a_later_version_is_read_with_a_warning() -> None:
    namespace = "https://www.omg.org/spec/DMN/20990101/MODEL/"
    model, (warning,) = read_xml(
        f'<definitions xmlns="{namespace}" name="N" namespace="urn:n"/>'.encode()
    )
    assert model is not None
    assert (warning.code, warning.severity) == ("unknown-version", Severity.WARNING)


UNREADABLE = {
    "doctype.dmn": ("doctype", 3),
    "empty.dmn": ("not-xml", 1),
    "not-dmn.dmn": ("not-dmn", 2),
    "not-utf-8.dmn": ("bad-encoding", 3),
    "not-well-formed.dmn": ("not-xml", 3),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read(name: str) -> None:
    model, (diagnostic,) = read_xml((BAD / name).read_bytes(), name)
    assert model is None
    assert (diagnostic.code, diagnostic.source.line) == UNREADABLE[name]
    assert diagnostic.source.file == name
    assert diagnostic.help


MANY = [
    ("missing-attribute", "<definitions", (), 'add `namespace="..."`'),
    ("missing-attribute", "<import", ("import lib",), 'add `importType="..."`'),
    ("unknown-element", "<desicion", (), "did you mean `decision`?"),
    ("missing-element", '<informationRequirement id="q"', ("Eligibility",), None),
    ("unknown-hit-policy", "<decisionTable", ("Eligibility",), "did you mean `UNIQUE`?"),
    (
        "unknown-aggregation",
        "<decisionTable",
        ("Eligibility",),
        "one of `SUM`, `COUNT`, `MIN`, `MAX`",
    ),
    ("missing-element", 'id="noexpr"', ("Eligibility", "input Sex"), None),
    ("missing-attribute", "<output/>", ("Eligibility", "output"), None),
    ("entry-count", "<rule>", ("Eligibility", "rule 1"), None),
    ("entry-count", "<rule> ", ("Eligibility", "rule 2"), None),
    (
        "markup-in-text",
        "<text>a<b/>c",
        ("Eligibility", "rule 2", "input Sex"),
        "write `<` as `&lt;`",
    ),
    ("duplicate-id", 'name="Second">', (), "give each element an id of its own"),
    ("unknown-prefix", "nope:tThing", ("Second",), None),
    ("bad-reference", "just-an-id", ("Second",), None),
    ("missing-element", "<conditional>", ("Second",), "add `<else>...</else>`"),
    ("missing-element", "<then/>", ("Second", "then"), None),
    ("missing-attribute", '<decision id="b">', ("b",), 'add `name="..."`'),
    ("entry-count", "<row/>", ("b", "row 1"), None),
]


def test_all_mistakes_at_once() -> None:
    path = BAD / "many.dmn"
    model, diagnostics = read_xml(path.read_bytes(), path.name)
    assert model is not None
    assert len(model.decisions) == 3
    expected = []
    for code, text, place, _ in MANY:
        line = line_of(path, "<rule>", 2) if text == "<rule> " else line_of(path, text)
        expected.append((code, line, place))
    assert [(d.code, d.source.line, d.source.place) for d in diagnostics] == expected
    for diagnostic, (_, _, _, help_) in zip(diagnostics, MANY, strict=True):
        assert diagnostic.help
        assert help_ is None or diagnostic.help == help_
    assert [d.code for d in diagnostics if d.severity is Severity.WARNING] == ["unknown-element"]


def test_the_message_is_in_the_authors_words() -> None:
    _, diagnostics = read_xml((BAD / "many.dmn").read_bytes(), "many.dmn")
    rendered = next(d for d in diagnostics if d.code == "unknown-hit-policy").render()
    assert rendered == (
        "many.dmn, Eligibility: unknown hit policy `UNIQE`\nhelp: did you mean `UNIQUE`?"
    )


def test_an_id_used_twice_below_the_elements_is_a_warning() -> None:
    cells = '<rule><outputEntry id="x"><text>1</text></outputEntry></rule>'
    _, (diagnostic,) = read_xml(
        definitions(
            f'<decision name="D"><decisionTable><output/>{cells * 2}</decisionTable></decision>'
        )
    )
    assert (diagnostic.code, diagnostic.severity) == ("duplicate-id", Severity.WARNING)


def test_a_thousand_mistakes_are_told_and_the_rest_counted() -> None:
    _, diagnostics = read_xml(definitions("<desicion/>" * 1_500))
    assert len(diagnostics) == 1_001
    assert (diagnostics[-1].code, diagnostics[-1].severity) == ("more-problems", Severity.WARNING)
    assert diagnostics[-1].message == "500 more problems were found"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('<decision name="D"><decisionTable/></decision>', "missing-element"),
        ('<decision name="D"><filter><in/><match/></filter></decision>', "missing-element"),
        ('<decision name="D"><invocation/></decision>', "missing-element"),
        (
            (
                '<decision name="D"><invocation><literalExpression><text>f</text>'
                "</literalExpression><binding/></invocation></decision>"
            ),
            "missing-element",
        ),
        ('<decision name="D"><knowledgeRequirement/></decision>', "missing-element"),
        ('<decision name="D"><authorityRequirement/></decision>', "missing-element"),
        ('<decision name="D"><functionDefinition kind="Perl"/></decision>', "unknown-kind"),
        ("<association/>", "missing-element"),
        ("<inputData/>", "missing-attribute"),
    ],
)
def test_missing_parts(body: str, code: str) -> None:
    model, diagnostics = read_xml(definitions(body))
    assert model is not None
    assert {d.code for d in diagnostics} == {code}


def test_imported_values() -> None:
    model, diagnostics = read_xml(
        definitions(
            '<decision name="D"><literalExpression><importedValues name="x" namespace="urn:v" '
            'locationURI="values.csv" importType="urn:csv"><importedElement>row</importedElement>'
            "</importedValues></literalExpression></decision>"
        )
    )
    assert model is not None
    assert diagnostics == ()
    expression = model.decisions[0].expression
    assert isinstance(expression, LiteralExpression)
    assert expression.imported_values is not None
    assert expression.imported_values.location_uri == "values.csv"
    assert expression.imported_values.imported_element == "row"


@pytest.mark.parametrize("entry", ["inputEntry", "outputEntry"])
@pytest.mark.parametrize(
    "inside",
    [
        "<text>1</text>",
        "<description>d</description><text>1</text>",
        "<text>1</text><extensionElements/>",
        '<x:vendor xmlns:x="urn:x"/><text>1</text>',
    ],
)
def test_cells_of_any_shape(entry: str, inside: str) -> None:
    filled = dict.fromkeys(("inputEntry", "outputEntry"), "<text>2</text>")
    filled[entry] = inside
    cells = "".join(f"<{name}>{text}</{name}>" for name, text in filled.items())
    model, diagnostics = read_xml(
        definitions(
            '<decision name="D"><decisionTable><input label="I"><inputExpression><text>i</text>'
            f"</inputExpression></input><output/><rule>{cells}</rule></decisionTable></decision>"
        )
    )
    assert model is not None
    assert diagnostics == ()
    table = model.decisions[0].expression
    assert isinstance(table, DecisionTable)
    (rule,) = table.rules
    texts = {
        "inputEntry": rule.input_entries[0].text.text,
        "outputEntry": rule.output_entries[0].text.text,
    }
    assert texts == {"inputEntry": "2", "outputEntry": "2"} | {entry: "1"}
