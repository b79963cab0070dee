"""The FEEL texts of the conformance kit's models, with the names in scope at each.

The kit is looked for where `DMN_TCK` says, else beside the repository.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree

from pydmn.feel.names import Scope, normalise
from pydmn.feel.types import ANY

KIT = Path(os.environ.get("DMN_TCK") or Path(__file__).parents[3] / "shared" / "tck")
CELLS = {"inputEntry", "inputValues", "outputValues", "allowedValues", "typeConstraint"}


@dataclass(frozen=True)
class Text:
    """One text of a model: `cell` when it holds unary tests; `answers` are its decision's.

    An answer is None where the kit expects null; a decision of several texts has none here.
    """

    file: str
    text: str
    cell: bool
    scope: Scope
    answers: tuple[str | None, ...]


@cache
def texts(builtins: frozenset[str]) -> tuple[Text, ...]:
    """Return every text of compliance levels 2 and 3."""
    folders = sorted(KIT.glob("compliance-level-[23]/*"))
    return tuple(text for folder in folders for text in _of_folder(folder, builtins))


def _of_folder(folder: Path, builtins: frozenset[str]) -> Iterator[Text]:
    roots = {path.name: etree.parse(path).getroot() for path in sorted(folder.glob("*.dmn"))}
    names = {
        normalise(name)
        for root in roots.values()
        for name in root.xpath("//@name | //@iteratorVariable")
    }
    types = {
        normalise(name): ANY
        for root in roots.values()
        for name in root.xpath("//*[local-name() = 'itemDefinition']/@name")
    }
    scope = Scope(dict.fromkeys(names, ANY), builtins, frozenset(names), types)
    answers: dict[str, list[str | None]] = {}
    for path in sorted(folder.glob("*test*.xml")):
        for node in etree.parse(path).getroot().iter("{*}resultNode"):
            answers.setdefault(node.get("name"), []).append(_answer(node))
    for file, root in roots.items():
        for element in root.iter("{*}text"):
            parent = etree.QName(element.getparent()).localname
            if parent == "annotationEntry":
                continue
            decision = next(element.iterancestors("{*}decision"), None)
            alone = decision is not None and len(list(decision.iter("{*}text"))) == 1
            known = answers.get(decision.get("name"), []) if alone else []
            yield Text(file, element.text or "", parent in CELLS, scope, tuple(known))


def _answer(node: etree._Element) -> str | None:
    """Return the expected value as text, None for null."""
    text = " ".join("".join(node.itertext()).split())
    return text or None
