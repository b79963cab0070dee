"""The plain rules of one decision table, as they are read (DMN 1.5, 8.3.3).

A table of 10,000 rules has 30,000 entries or more, so a rule is read in one walk over what is
in it. `Rules` says which rules are plain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_PLAIN_KEYS: tuple[list[str], ...] = (["id"], [])


class PlainRules:
    """What is taken of each rule of a table with so many `inputs` and `outputs`.

    The lists are those of `Rules`. A rule that is not plain has room in them, and its index is
    among the `left_out`. `annotation_ids` are the ids that stand in none of the other lists.
    """

    def __init__(self, namespace: str, inputs: int, outputs: int) -> None:
        prefix = f"{{{namespace}}}"
        self.columns = inputs, outputs
        self._entry_tags = (
            *(f"{prefix}inputEntry",) * inputs,
            *(f"{prefix}outputEntry",) * outputs,
        )
        self._annotation_tag = f"{prefix}annotationEntry"
        self._description_tag = f"{prefix}description"
        self._text_tag = f"{prefix}text"
        self.ids: list[str | None] = []
        self.labels: list[str | None] = []
        self.descriptions: list[str | None] = []
        self.lines: list[int | None] = []
        self.annotations: list[tuple[str, ...]] = []
        self.texts: list[str] = []
        self.entry_ids: list[str | None] = []
        self.entry_lines: list[int | None] = []
        self.annotation_ids: list[str | None] = []
        self.left_out: list[int] = []
        # Most texts stand in many rules, and each is kept once.
        self._known: dict[str, str] = {}

    def take(self, rule: _Element) -> bool:
        """Take what is in the next rule, and return whether it is plain."""
        plain = self._take_plain(rule)
        if not plain:
            self._leave_out()
        self.ids.append(rule.get("id"))
        self.labels.append(rule.get("label"))
        self.lines.append(rule.sourceline)
        return plain

    def _take_plain(self, rule: _Element) -> bool:
        """Take the entries of a rule, and say whether it is plain; if not, it is half taken."""
        tags, text_tag = self._entry_tags, self._text_tag
        texts, ids, lines = self.texts, self.entry_ids, self.entry_lines
        known = self._known
        width = len(tags)
        count = 0
        description: str | None = None
        annotations: tuple[str, ...] = ()
        for child in rule:
            tag = child.tag
            is_entry = count < width and tag == tags[count]
            if is_entry or tag == self._annotation_tag:
                if child.keys() not in _PLAIN_KEYS or len(child) != 1:
                    return False
                text = child[0]
                if text.tag != text_tag or len(text):
                    return False
                if is_entry:
                    written = text.text or ""
                    texts.append(known.setdefault(written, written))
                    ids.append(child.get("id"))
                    lines.append(text.sourceline)
                    count += 1
                else:
                    annotations += (text.text or "",)
                    self.annotation_ids.append(child.get("id"))
            elif tag == self._description_tag and description is None and not len(child):
                description = child.text or ""
            else:
                return False
        if count != width:
            return False
        self.descriptions.append(description)
        self.annotations.append(annotations)
        return True

    def _leave_out(self) -> None:
        """Have nothing of the next rule, but room for it."""
        index, width = len(self.ids), len(self._entry_tags)
        start = index * width
        self.texts[start:] = [""] * width
        self.entry_ids[start:] = [None] * width
        self.entry_lines[start:] = [None] * width
        self.descriptions.append(None)
        self.annotations.append(())
        self.left_out.append(index)
