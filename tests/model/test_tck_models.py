"""Every model of the TCK is read, and holds the texts that another XML reader finds in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, parse

import pydmn
from pydmn.model import Definitions, LiteralExpression, Rules, UnaryTests, link, read_xml

EXPRESSIONS = {
    *("literalExpression", "inputEntry", "outputEntry", "inputExpression", "inputValues"),
    *("outputValues", "defaultOutputEntry", "allowedValues", "typeConstraint"),
}


def other_root(path: Path) -> Element:
    """Return the root of a file by the standard library's reader."""
    return parse(path).getroot()  # noqa: S314 - the kit is no stranger's


def texts(path: Path) -> Counter[str]:
    """Return all texts in an expression language by the standard library's reader."""
    return Counter(
        element.findtext("{*}text") or ""
        for element in other_root(path).iter()
        if element.tag.rpartition("}")[2] in EXPRESSIONS
    )


def test_models_of_the_tck(tck_folder: Path) -> None:
    folders = sorted({path.parent for path in tck_folder.glob("*/*/*.dmn")})
    assert len(folders) >= 140
    for folder in folders:
        models = [agreed(path) for path in sorted(folder.glob("*.dmn"))]
        _, problems = link(models)
        assert problems == (), folder


def test_all_models_but_one_load_under_the_limits_for_strangers(tck_folder: Path) -> None:
    """See `Limits.untrusted`, which says why."""
    refused = []
    for path in sorted(tck_folder.glob("*/*/*.dmn")):
        try:
            pydmn.load(path, limits=pydmn.Limits.untrusted())
        except pydmn.LimitExceeded as error:
            refused.append((path.name, error.message))
    assert refused == [("0100-arithmetic.dmn", "limit `model_steps` exceeded: more than 20,000")]


def agreed(path: Path) -> Definitions:
    """Return the model of a file, after comparing it with what the other reader finds."""
    model, diagnostics = read_xml(path.read_bytes(), str(path))
    assert diagnostics == (), path
    assert model is not None, path
    names = Counter(element.tag.rpartition("}")[2] for element in other_root(path))
    assert len(model.decisions) == names["decision"], path
    assert len(model.inputs) == names["inputData"], path
    assert len(model.business_knowledge_models) == names["businessKnowledgeModel"], path
    assert len(model.decision_services) == names["decisionService"], path
    assert len(model.item_definitions) == names["itemDefinition"], path
    assert texts_read(model) == texts(path), path
    return model


def texts_read(value: object) -> Counter[str]:
    """Return all texts in an expression language that a model holds, wherever they stand."""
    if isinstance(value, LiteralExpression | UnaryTests):
        return Counter([value.text.text])
    if isinstance(value, tuple | Rules):
        return sum(map(texts_read, value), Counter[str]())
    if is_dataclass(value):
        parts = (getattr(value, field.name) for field in fields(value))
        return sum(map(texts_read, parts), Counter[str]())
    return Counter()
