"""Imports, references, cycles and order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from model.dmn_files import BAD, GOOD, MODEL, definitions, line_of

from pydmn.diagnostics import Diagnostic
from pydmn.model import Definitions, ElementKey, Models, Role, link, read_xml


def read(data: bytes, file: str | None = None) -> Definitions:
    """Return the model of a file without mistakes of its own."""
    model, diagnostics = read_xml(data, file)
    assert diagnostics == ()
    assert model is not None
    return model


def good(name: str) -> Definitions:
    """Return a model of the good files."""
    return read((GOOD / name).read_bytes(), name)


def importing(name: str, namespace: str, location: str = "") -> str:
    """Return an import element."""
    where = f' locationURI="{location}"' if location else ""
    return f'<import name="{name}" namespace="{namespace}" importType="{MODEL}"{where}/>'


def decision(id_: str, *required: str) -> str:
    """Return a decision that requires others."""
    requirements = "".join(
        f'<informationRequirement><requiredDecision href="{href}"/></informationRequirement>'
        for href in required
    )
    return f'<decision id="{id_}" name="{id_.upper()}">{requirements}</decision>'


def codes(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """Return the codes in order."""
    return [diagnostic.code for diagnostic in diagnostics]


def linked(*models: Definitions) -> Models:
    """Return models that link without mistakes."""
    result, diagnostics = link(models)
    assert diagnostics == ()
    return result


def test_an_import_names_its_elements() -> None:
    models = linked(good("importing.dmn"), good("library.dmn"))
    (node,) = models.named("May sign")
    adult = ElementKey("urn:example:library", "adult")
    assert [(r.key, r.path, r.role) for r in node.requires] == [
        (adult, ("lib", "Adult"), Role.INFORMATION),
        (ElementKey("urn:example:importing", "consent"), ("Consent",), Role.INFORMATION),
    ]
    assert models.needed_by(node.key)[-1] == node.key
    assert set(models.needed_by(node.key)) == {
        node.key,
        adult,
        ElementKey("urn:example:library", "age"),
        ElementKey("urn:example:importing", "consent"),
    }
    found = models.item_definition("urn:example:importing", "lib.tShared")
    assert found is not None
    assert (found[0].name, found[1].name) == ("Library", "tShared")
    assert models.item_definition("urn:example:importing", "tShared") is None


def test_an_empty_import_name_is_no_prefix() -> None:
    one = read(
        definitions(
            '<itemDefinition name="t"><typeRef>string</typeRef></itemDefinition>' + decision("x"),
            "urn:1",
        )
    )
    two = read(
        definitions('<itemDefinition name="t"><typeRef>number</typeRef></itemDefinition>', "urn:2")
    )
    main = read(
        definitions(
            importing("", "urn:1") + importing("", "urn:2") + decision("y", "urn:1#x"), "urn:main"
        )
    )
    models = linked(main, one, two)
    (node,) = models.named("Y")
    assert [r.path for r in node.requires] == [("X",)]
    found = models.item_definition("urn:main", "t")
    assert found is not None
    assert found[0].namespace == "urn:1"


def test_a_type_name_with_a_dot_is_the_models_own_first() -> None:
    own = '<itemDefinition name="lib.t"><typeRef>string</typeRef></itemDefinition>'
    lib = read(
        definitions(
            '<itemDefinition name="t"><typeRef>number</typeRef></itemDefinition>', "urn:lib"
        )
    )
    main = read(definitions(importing("lib", "urn:lib") + own, "urn:main"))
    found = linked(main, lib).item_definition("urn:main", "lib.t")
    assert found is not None
    assert found[0] is main


@pytest.mark.parametrize(
    ("location", "file"),
    [
        ("b.dmn", "models/b.dmn"),
        ("../other/b.dmn", "other/b.dmn"),
        ("./b.dmn", "models\\b.dmn"),
        ("b.dmn", "elsewhere/b.dmn"),
    ],
)
def test_an_import_by_location(location: str, file: str) -> None:
    b = read(definitions(decision("b"), "urn:b"), file)
    a = read(
        definitions(
            importing("b", "urn:old", location)
            + decision("a", "urn:old#b")
            + decision("c", f"{location}#b"),
            "urn:a",
        ),
        "models/a.dmn",
    )
    models, diagnostics = link([a, b])
    assert codes(diagnostics) == ["import-namespace"]
    for name in ("A", "C"):
        assert [r.path for r in models.named(name)[0].requires] == [("b", "B")]


def test_references_that_lead_nowhere() -> None:
    path = BAD / "references.dmn"
    models, diagnostics = link([read(path.read_bytes(), path.name)])
    assert [(d.code, d.source.line, d.help) for d in diagnostics] == [
        ("missing-import", line_of(path, "<import "), "load the imported file together with it"),
        ("unknown-reference", line_of(path, "#age_yeras"), "did you mean `age_years`?"),
        (
            "unknown-reference",
            line_of(path, '"#Age"'),
            "did you mean `#age_years`, the id of `Age`?",
        ),
        ("wrong-reference", line_of(path, 'requiredDecision href="#age_years"'), None),
        (
            "not-imported",
            line_of(path, "urn:other#x"),
            'import it: `<import namespace="urn:other" ...>`',
        ),
        ("requirement-cycle", line_of(path, 'id="b"'), "remove one of these requirements"),
        ("requirement-cycle", line_of(path, 'id="e"'), "remove one of these requirements"),
        (
            "duplicate-name",
            line_of(path, 'name=" A "'),
            "give each element, import and type a name of its own",
        ),
    ]
    cycles = [d.message for d in diagnostics if d.code == "requirement-cycle"]
    assert cycles == ["`B` requires itself: B -> C -> D -> B", "`E` requires itself: E -> E"]
    assert len(models.order) == 1 + 6


def test_a_missing_import_is_reported_once() -> None:
    main = read(definitions(importing("x", "urn:gone") + decision("a", "urn:gone#b", "urn:gone#c")))
    assert codes(link([main])[1]) == ["missing-import"]


def test_models_that_import_one_another() -> None:
    models = [
        read(definitions(importing("next", f"urn:{(n + 1) % 3}"), f"urn:{n}", f"M{n}"))
        for n in range(3)
    ]
    _, (diagnostic,) = link(models)
    assert (diagnostic.code, diagnostic.message) == (
        "import-cycle",
        "models import one another: M0 -> M1 -> M2 -> M0",
    )


def test_a_namespace_is_that_of_one_model() -> None:
    models, (diagnostic,) = link(
        [read(definitions(decision("a"))), read(definitions(decision("b")))]
    )
    assert diagnostic.code == "duplicate-namespace"
    assert [key.id for key in models.nodes] == ["a"]


def test_a_decision_service_is_handed_its_inputs() -> None:
    body = decision("in") + decision("inner", "#in") + decision("out", "#inner")
    service = (
        '<decisionService id="s" name="S"><outputDecision href="#out"/>'
        '<encapsulatedDecision href="#inner"/><inputDecision href="#in"/></decisionService>'
    )
    caller = (
        '<decision id="in2" name="Caller"><knowledgeRequirement><requiredKnowledge href="#s"/>'
        "</knowledgeRequirement></decision>"
    )
    models = linked(read(definitions(body + service + caller)))
    (node,) = models.named("S")
    assert [(r.role, r.role.is_parameter) for r in node.requires] == [
        (Role.OUTPUT_DECISION, False),
        (Role.ENCAPSULATED_DECISION, False),
        (Role.INPUT_DECISION, True),
    ]


def test_knowledge_models_that_require_themselves() -> None:
    body = (
        '<businessKnowledgeModel id="f" name="f"><knowledgeRequirement>'
        '<requiredKnowledge href="#f"/></knowledgeRequirement></businessKnowledgeModel>'
    )
    assert codes(link([read(definitions(body))])[1]) == ["requirement-cycle"]


def test_elements_without_an_id_are_in_the_order() -> None:
    models = linked(read(definitions('<decision name="No id"/>')))
    assert models.order == (ElementKey("urn:test", "name:No id"),)


def test_ten_thousand_chained_decisions() -> None:
    # 7,919 shares no factor with 10,000, so this is each number once, in no order.
    numbers = [n * 7_919 % 10_000 for n in range(10_000)]
    chain = {n: [f"#d{n - 1}"] if n else [] for n in numbers}
    models = linked(read(definitions("".join(decision(f"d{n}", *chain[n]) for n in numbers))))
    assert [key.id for key in models.order] == [f"d{n}" for n in range(10_000)]
    last = ElementKey("urn:test", "d9999")
    assert models.needed_by(last) == models.order


def test_a_cycle_of_ten_thousand_decisions() -> None:
    body = "".join(decision(f"d{n}", f"#d{(n + 1) % 10_000}") for n in range(10_000))
    _, (diagnostic,) = link([read(definitions(body))])
    assert diagnostic.code == "requirement-cycle"
    assert "... 9,985 more ..." in diagnostic.message
    assert diagnostic.message.endswith("D9999 -> D0")


def test_five_thousand_wrong_references_are_told_by_the_thousand() -> None:
    body = "".join(decision(f"d{n}", f"#e{n}") for n in range(5_000))
    _, diagnostics = link([read(definitions(body))])
    assert len(diagnostics) == 1_001
    assert diagnostics[-1].message == "4,000 more problems were found"
