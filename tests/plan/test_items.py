"""What a model's types ask of a value: named, written out, narrowed, of themselves (7.3.3)."""

from __future__ import annotations

from typing import Any

import pytest
from dmn_text import NAMESPACE, decision, knowledge, literal, model

import pydmn
from pydmn.feel.types import ANY, NUMBER, ContextType, FunctionType
from pydmn.plan.scopes import MAX_TYPE_PARTS, bounded


def alias(name: str, of: str, allowed: str = "", constraint: str = "", many: str = "false") -> str:
    """Return an item definition."""
    inner = f"<typeRef>{of}</typeRef>"
    inner += f"<allowedValues><text>{allowed}</text></allowedValues>" if allowed else ""
    inner += f"<typeConstraint><text>{constraint}</text></typeConstraint>" if constraint else ""
    return f'<itemDefinition name="{name}" isCollection="{many}">{inner}</itemDefinition>'


COLOUR = alias("colour", "string", '"red", "green"')
SMALL = alias("small", "number", "&lt; 10")
NARROW = alias("narrow", "small", "> 5")


@pytest.mark.parametrize(
    ("type_ref", "text", "value"),
    [
        ("list&lt;number>", "[1, 2]", [1, 2]),
        ("list&lt;number>", '["a"]', None),
        ("list&lt;colour>", '["red"]', ["red"]),
        ("context&lt;a: number>", "{a: 1}", {"a": 1}),
        ("context&lt;a: number>", '{a: "x"}', None),
    ],
)
def test_a_type_may_be_written_out(type_ref: str, text: str, value: Any) -> None:
    loaded = pydmn.load(model(COLOUR, decision("D", literal(text), type_ref=type_ref)))
    assert loaded.evaluate("D").value == value


@pytest.mark.parametrize("type_ref", ["list&lt;numbr>", "list&lt;", "context&lt;a number>"])
def test_a_type_written_wrongly_is_unknown(type_ref: str) -> None:
    loaded = pydmn.load(model(decision("D", literal("[1]"), type_ref=type_ref)))
    assert [each.code for each in loaded.diagnostics] == ["unknown-type"]
    assert loaded.evaluate("D").value == [1]


MANY = alias("many", "small", "", "count(?) = 2", many="true")
NARROWED = alias("narrowed", "many")


@pytest.mark.parametrize(
    ("type_ref", "text", "value"),
    [
        # An alias narrows what it names: both must hold.
        ("narrow", "7", 7),
        ("narrow", "3", None),
        ("narrow", "12", None),
        # Each element is allowed by its type, the whole by the constraint.
        ("many", "[1, 2]", [1, 2]),
        ("many", "[1, 2, 3]", None),
        ("many", "[1, 12]", None),
        ("narrowed", "[1, 2]", [1, 2]),
        ("narrowed", "[1]", None),
    ],
)
def test_constraints_hold_together(type_ref: str, text: str, value: Any) -> None:
    definitions = (SMALL, NARROW, MANY, NARROWED)
    loaded = pydmn.load(model(*definitions, decision("D", literal(text), type_ref=type_ref)))
    assert loaded.evaluate("D").value == value


CHAIN = (
    alias("a", "string", '"a", "b"'), alias("b", "a", '"b", "c"'), alias("c", "b", '"a", "b", "c"'),
    alias("several", "a", '"b", "c"', many="true"),
    alias("pair", "small", "", "count(?) = 2", many="true"), alias("low pair", "pair", "1, 2, 3"),
    alias("above", "number", "", "? > 2"), alias("between", "above", "", "? &lt; 9"),
    alias("some", "between", "not(5)", "[3..8]"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("type_ref", "texts"),
    [
        ("c", {'"a"': False, '"b"': True, '"c"': False, "null": True}),
        ("several", {'["a"]': False, '["b", "b"]': True, '["b", "c"]': False}),
        ("low pair", {"[1, 2]": True, "[1]": False, "[1, 5]": False, "[12, 1]": False}),
        ("some", {"1": False, "2.5": False, "3": True, "5": False, "8": True, "8.5": False}),
    ],
)
def test_what_is_named_asks_as_much_however_many_names_there_are(
    type_ref: str, texts: dict[str, bool]
) -> None:
    for text, fits in texts.items():
        loaded = pydmn.load(model(SMALL, *CHAIN, decision("D", literal(text), type_ref=type_ref)))
        assert loaded.evaluate("D").value == (pydmn.feel(text) if fits else None), text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{paint: "red", sizes: [1, 2]}', {"paint": "red", "sizes": [1, 2]}),
        ('{paint: "blue", sizes: [1, 2]}', None),
        ('{paint: "red", sizes: [1, 12]}', None),
        # Null is of every type, and no allowed value refuses it.
        ("{paint: null, sizes: [1, null]}", {"paint": None, "sizes": [1, None]}),
        ('{paint: "red", sizes: null}', {"paint": "red", "sizes": None}),
    ],
)
def test_parts_are_held_to_their_types(text: str, value: Any) -> None:
    structure = (
        '<itemDefinition name="box"><itemComponent name="paint"><typeRef>colour</typeRef>'
        '</itemComponent><itemComponent name="sizes" isCollection="true"><typeRef>small</typeRef>'
        "</itemComponent></itemDefinition>"
    )
    loaded = pydmn.load(model(COLOUR, SMALL, structure, decision("D", literal(text, "box"))))
    assert loaded.evaluate("D").value == value


THIS_OR_THAT = alias(
    "this or that", "Any", constraint="? instance of paint or ? instance of list&lt;number>"
)
PAINT = (
    '<itemDefinition name="paint"><itemComponent name="colour"><typeRef>colour</typeRef>'
    "</itemComponent></itemDefinition>"
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{colour: "red"}', {"colour": "red"}),
        ("[1, 2]", [1, 2]),
        ("{color: 1}", None),
        ('["a"]', None),
    ],
)
def test_a_constraint_may_name_types(text: str, value: Any) -> None:
    """7.3.3: constraints are FEEL, and `instance of` names types of the model (10.3.2.13.2).

    Those that stand after it in the file too.
    """
    loaded = pydmn.load(
        model(THIS_OR_THAT, PAINT, COLOUR, decision("D", literal(text), type_ref="this or that"))
    )
    assert loaded.diagnostics == ()
    assert loaded.evaluate("D").value == value


def test_a_constraint_names_the_types_of_its_own_model() -> None:
    """An import's `t` is the import's, whatever the main model calls so."""
    strings = alias("t", "string")
    other = model(
        strings, alias("only", "Any", constraint="? instance of t"), name="o", namespace="urn:o"
    )

    def value(text: str) -> Any:
        main = model(
            f'<import name="o" namespace="urn:o" importType="{NAMESPACE}"/>',
            alias("t", "number"),
            decision("D", literal(text), type_ref="o.only"),
        )
        return pydmn.load([main, other]).evaluate("D").value

    assert [value('"a"'), value("1")] == ["a", None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{size: 1, parts: [{size: 20}]}", {"size": 1, "parts": [{"size": 20}]}),
        ("{size: 20, parts: []}", None),
        ("{size: 1, parts: 1}", None),
    ],
)
def test_a_type_that_contains_itself(text: str, value: Any) -> None:
    """What is inside is anything: a type is finite, and so is what it asks."""
    tree = (
        '<itemDefinition name="tree"><itemComponent name="size"><typeRef>small</typeRef>'
        '</itemComponent><itemComponent name="parts" isCollection="true"><typeRef>tree</typeRef>'
        "</itemComponent></itemDefinition>"
    )
    loaded = pydmn.load(model(SMALL, tree, decision("D", literal(text, "tree"))))
    assert loaded.evaluate("D").value == value


def test_types_that_name_each_other_in_constraints() -> None:
    """A constraint is no part of a type: neither needs the other to be known."""
    first = alias("first", "Any", constraint="? instance of second or ? = 1")
    second = alias("second", "string", constraint='not(? instance of first) or ? = "a"')
    loaded = pydmn.load(
        model(
            first,
            second,
            decision("D", literal('"a"'), type_ref="second"),
            decision("E", literal("1"), type_ref="first"),
        )
    )
    assert [loaded.evaluate("D").value, loaded.evaluate("E").value] == ["a", 1]


def test_what_allows_anything_allows_anything() -> None:
    loaded = pydmn.load(
        model(alias("any", "number", "-"), decision("D", literal("1"), type_ref="any"))
    )
    assert loaded.evaluate("D").value == 1


def test_an_expression_and_its_variable_may_both_ask() -> None:
    """10.2.1.4: the entry's variable has a type, and its expression one of its own."""

    def entry(text: str) -> Any:
        context = (
            f'<context><contextEntry><variable name="a" typeRef="small"/>{literal(text, "large")}'
            f"</contextEntry><contextEntry>{literal('a')}</contextEntry></context>"
        )
        data = model(SMALL, alias("large", "number", "> 5"), decision("D", context))
        return pydmn.load(data).evaluate("D").value

    assert [entry("7"), entry("3"), entry("12")] == [7, None, None]


def test_a_function_may_declare_the_type_that_it_is() -> None:
    """The `typeRef` of a boxed function is its own type, or by habit that of its result."""
    type_ = (
        '<itemDefinition name="to number"><functionItem outputTypeRef="number">'
        '<parameters name="n" typeRef="number"/></functionItem></itemDefinition>'
    )
    body = (
        '<functionDefinition typeRef="{}"><formalParameter name="n" typeRef="number"/>'
        f"{literal('n + 1')}</functionDefinition>"
    )
    for declared in ("to number", "number"):
        context = (
            f'<context><contextEntry><variable name="f"/>{body.format(declared)}</contextEntry>'
            f"<contextEntry>{literal('f(1)')}</contextEntry></context>"
        )
        loaded = pydmn.load(model(type_, decision("D", context)))
        assert loaded.diagnostics == ()
        assert loaded.evaluate("D").value == 2


# --- types that were found ------------------------------------------------------------


@pytest.mark.parametrize("wrap", [lambda each: each, lambda each: FunctionType((), each)])
def test_a_found_type_is_kept_up_to_so_many_parts(wrap: Any) -> None:
    def wide(parts: int) -> Any:
        return ContextType(tuple((f"e{number}", NUMBER) for number in range(parts - 1)))

    spare = 0 if wrap(NUMBER) == NUMBER else 1
    kept = wrap(wide(MAX_TYPE_PARTS - spare))
    assert bounded(kept) is kept
    assert bounded(wrap(wide(MAX_TYPE_PARTS + 1 - spare))) == ANY


def test_a_result_that_doubles_at_each_step_still_runs() -> None:
    chain = [decision("D0", literal("{a: 1, b: 2}"))]
    chain += [
        decision(f"D{n}", literal(f"{{a: D{n - 1}, b: D{n - 1}}}"), decisions=(f"D{n - 1}",))
        for n in range(1, 12)
    ]
    last = decision("L", literal("D11" + ".b" * 12), decisions=("D11",))
    loaded = pydmn.load(model(*chain, last))
    assert loaded.diagnostics == ()
    assert loaded.evaluate("L").value == 2


# --- functions ------------------------------------------------------------------------

SERVICE = (
    '<decisionService id="S" name="S"><variable name="S" typeRef="{}"/>'
    '<outputDecision href="#A"/></decisionService>'
)


@pytest.mark.parametrize(("type_ref", "value"), [("number", 1), ("string", None), ("Any", 1)])
def test_a_service_declares_the_type_of_its_result(type_ref: str, value: Any) -> None:
    data = model(decision("A", literal("1")), SERVICE.format(type_ref))
    assert pydmn.load(data).evaluate("S").value == value


NO_LOGIC = '<businessKnowledgeModel id="f" name="f"><variable name="f"/></businessKnowledgeModel>'
PMML = knowledge("f", (), literal("1")).replace(
    "<encapsulatedLogic>", '<encapsulatedLogic kind="PMML">'
)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (NO_LOGIC, "`f` has no logic"),
        (PMML, "PMML` is not supported"),
        (knowledge("f", (), literal("1 +")), "expected"),
    ],
)
def test_a_function_without_sound_logic_cannot_be_asked(function: str, message: str) -> None:
    loaded = pydmn.load(model(function, decision("D", literal("1"))))
    assert loaded.evaluate("D").value == 1
    with pytest.raises(pydmn.ModelError, match=message):
        loaded.evaluate("f")


QUOTED = literal('"java.lang.Math"')


@pytest.mark.parametrize(
    "mapping",
    [
        literal('"java.lang.Math.abs"'),
        f"<context><contextEntry><variable name='class'/>{QUOTED}</contextEntry></context>",
    ],
)
def test_a_java_function_needs_its_class_and_its_method(mapping: str) -> None:
    java = knowledge("f", (), mapping).replace(
        "<encapsulatedLogic>", '<encapsulatedLogic kind="Java">'
    )
    loaded = pydmn.load(model(java, decision("D", literal("f()"), knowledge=("f",))))
    result = loaded.evaluate("D")
    assert result.value is None
    assert any("is not registered" in note.message for note in result.trace.notes)


def test_a_list_without_elements() -> None:
    assert pydmn.load(model(decision("D", "<list/>"))).evaluate("D").value == []
