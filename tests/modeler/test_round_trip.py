"""A DMN file goes through dmn-js and comes back with nothing lost.

The oracle is the file itself, read by lxml and compared node by node: every element, attribute
and text that went in must come out, and an edit must change what it names and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
FIXTURE = Path(__file__).with_name("fixture.dmn")
POLICIES = Path(__file__).parents[2] / "policies"
MODELS = [FIXTURE, *sorted(POLICIES.rglob("criteria.dmn"))]

# dmn-js leaves out an attribute that has the default value of the standard's schema.
SCHEMA_DEFAULTS = {
    ("decisionTable", "hitPolicy", "UNIQUE"),
    ("decisionTable", "preferredOrientation", "Rule-as-Row"),
    ("itemDefinition", "isCollection", "false"),
}

VIEW_OF_LOGIC = {
    "decisionTable": "decisionTable",
    "literalExpression": "literalExpression",
    "encapsulatedLogic": "boxedExpression",
}


def facts(xml: str) -> list[tuple[str, tuple[tuple[str, str], ...], str]]:
    """Return each element of `xml` as (path, attributes, text), in document order.

    The path counts the children before it, so that order and nesting are part of a fact. The
    order of attributes and the white space around a text are not.
    """

    def walk(node: etree._Element, path: str) -> Iterator[tuple[str, tuple, str]]:
        name = etree.QName(node).localname
        attributes = sorted(
            (key, value)
            for key, value in node.attrib.items()
            if (name, key, value) not in SCHEMA_DEFAULTS
        )
        yield path, tuple(attributes), (node.text or "").strip()
        for place, child in enumerate(node.iterchildren(etree.Element)):
            yield from walk(child, f"{path}/{child.tag}[{place}]")

    root = etree.fromstring(xml.encode("utf-8"))
    return list(walk(root, str(root.tag)))


def element(xml: str, identifier: str) -> etree._Element:
    """Return the element of `xml` with this id; the test fails if there is not exactly one."""
    found = etree.fromstring(xml.encode("utf-8")).xpath("//*[@id = $id]", id=identifier)
    assert len(found) == 1, identifier
    return found[0]


def text(xml: str, identifier: str) -> str | None:
    """Return the text of the cell or literal expression with this id."""
    return element(xml, identifier).findtext(f"{DMN}text")


def entries(xml: str, rule: str) -> list[str | None]:
    """Return the texts of a rule's cells: inputs, then outputs."""
    node = element(xml, rule)
    cells = [*node.iterfind(f"{DMN}inputEntry"), *node.iterfind(f"{DMN}outputEntry")]
    return [cell.findtext(f"{DMN}text") for cell in cells]


def rules(xml: str, table: str) -> list[str | None]:
    """Return the ids of a table's rules, from the top."""
    return [rule.get("id") for rule in element(xml, table).iterfind(f"{DMN}rule")]


def expected_views(xml: str) -> dict[str | None, str]:
    """Return the view that each decision and knowledge model should open in, by its id."""
    root = etree.fromstring(xml.encode("utf-8"))
    views = {root.get("id"): "drd"}
    for kind in ("decision", "businessKnowledgeModel"):
        for node in root.iterfind(f"{DMN}{kind}"):
            views |= {
                node.get("id"): view
                for logic, view in VIEW_OF_LOGIC.items()
                if node.find(f"{DMN}{logic}") is not None
            }
    return views


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.parent.name)
def test_every_view_opens_without_a_warning_and_a_save_loses_nothing(modeler, model):
    xml = model.read_text(encoding="utf-8")
    saved = modeler(xml)
    assert saved.warnings == []
    assert {view["id"]: view["type"] for view in saved.views} == expected_views(xml)
    assert facts(saved.xml) == facts(xml)


def test_a_code_added_to_a_cell_changes_that_cell_alone(modeler):
    xml = FIXTURE.read_text(encoding="utf-8")
    codes = '"25849", "25859", "27498"'
    saved = modeler(xml, [{"kind": "cell", "element": "zone_islands_code", "text": codes}])
    assert saved.warnings == []
    assert text(saved.xml, "zone_islands_code") == codes
    before = '<text>"25849", "25859"</text>'
    assert xml.count(before) == 1
    assert facts(saved.xml) == facts(xml.replace(before, f"<text>{codes}</text>"))


def test_a_rule_added_stands_where_it_was_put(modeler):
    xml = FIXTURE.read_text(encoding="utf-8")
    cells = ['"island"', "", "<= 5", '"standard"', "7.90"]
    edit = {"kind": "rule", "decision": "decision_tariff", "index": 1, "cells": cells}
    saved = modeler(xml, [edit])
    assert saved.warnings == []
    (added,) = saved.rules
    assert rules(saved.xml, "tariff_table") == ["tariff_rule_small", added, "tariff_rule_heavy"]
    assert entries(saved.xml, added) == cells
    node = element(saved.xml, added)
    tree = node.getroottree()
    node.getparent().remove(node)
    assert facts(etree.tostring(tree, encoding="unicode")) == facts(xml)


def test_a_literal_expression_edited_is_the_one_saved(modeler):
    xml = FIXTURE.read_text(encoding="utf-8")
    formula = 'if zone = "island" & x < 3 then tariff.price * 2 else tariff.price'
    saved = modeler(xml, [{"kind": "literal", "decision": "decision_price", "text": formula}])
    assert saved.warnings == []
    assert text(saved.xml, "price_expression") == formula


def test_edits_of_several_tables_are_saved_together(modeler):
    xml = FIXTURE.read_text(encoding="utf-8")
    first = {"kind": "rule", "decision": "decision_zone", "index": 0, "cells": ['"1"', '"island"']}
    last = {"kind": "rule", "decision": "decision_zone", "index": 2, "cells": ['"2"', '"island"']}
    price = {"kind": "cell", "element": "tariff_heavy_price", "text": "9.95"}
    saved = modeler(xml, [first, price, last])
    top, bottom = saved.rules
    assert rules(saved.xml, "zone_table") == [top, "zone_rule_islands", bottom]
    assert text(saved.xml, "tariff_heavy_price") == "9.95"


def test_the_modeler_warns_of_a_shape_without_its_element(modeler):
    xml = FIXTURE.read_text(encoding="utf-8")
    broken = xml.replace('dmnElementRef="input_size"', 'dmnElementRef="nothing"')
    assert modeler(broken).warnings != []


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"kind": "cell", "element": "absent", "text": "1"}, "no cell absent"),
        ({"kind": "rule", "decision": "absent", "index": 0, "cells": []}, "no view of absent"),
        (
            {"kind": "rule", "decision": "decision_zone", "index": 0, "cells": ["1"]},
            "decision_zone has 2 columns, 1 cells given",
        ),
        ({"kind": "paint"}, "no such edit: paint"),
    ],
)
def test_an_edit_that_names_nothing_is_a_fault(modeler, edit, reason):
    with pytest.raises(AssertionError, match=reason):
        modeler(FIXTURE.read_text(encoding="utf-8"), [edit])
