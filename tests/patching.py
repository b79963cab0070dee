"""A copy of a policy with small changes: texts of entries, rules added, dropped or moved, files."""

from __future__ import annotations

import copy
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lxml import etree

POLICIES = Path(__file__).resolve().parents[1] / "policies"
PATCHES = Path(__file__).with_name("patches")


def patch(name: str) -> dict[str, Any]:
    """Return the patch of this name."""
    return tomllib.loads((PATCHES / f"{name}.toml").read_text(encoding="utf-8"))


def patched(
    folder: Path,
    policy: str,
    *,
    texts: Mapping[str, str] | None = None,
    rules: Sequence[Mapping[str, Any]] = (),
    dropped: Sequence[Mapping[str, str]] = (),
    moved: Sequence[Mapping[str, str]] = (),
    replaced: Sequence[Mapping[str, str]] = (),
) -> Path:
    """Return a copy of a policy, in `folder`, with these changes; each finds what it changes."""
    target = folder / policy
    shutil.copytree(POLICIES / policy, target, ignore=shutil.ignore_patterns("cases"))
    criteria = target / "criteria.dmn"
    if texts or rules or dropped or moved:
        tree = etree.parse(criteria)
        for id_, text in (texts or {}).items():
            entry = _one(tree, id_)[0]
            assert entry.text != text, id_
            entry.text = text
        for each in rules:
            like = _one(tree, each["like"])
            made = copy.deepcopy(like)
            made.set("id", each["id"])
            for number, (entry, text) in enumerate(zip(made, each["texts"], strict=True)):
                entry.set("id", f"{each['id']}-{number}")
                entry[0].text = text
            like.addprevious(made)
        for each in dropped:
            rule = _one(tree, each["rule"])
            rule.getparent().remove(rule)
        for each in moved:
            _one(tree, each["before"]).addprevious(_one(tree, each["rule"]))
        tree.write(criteria, encoding="utf-8", xml_declaration=True)
    for each in replaced:
        file = target / each["file"]
        text = file.read_text(encoding="utf-8")
        assert text.count(each["old"]) >= 1, each["old"]
        file.write_text(text.replace(each["old"], each["new"], 1), encoding="utf-8")
    return target


def _one(tree: Any, id_: str) -> Any:
    (found,) = tree.xpath("//*[@id=$id]", id=id_)
    return found
