"""Rules that are taken out of an XML document while it is parsed.

The tree of a table of 10,000 rules takes ten times the bytes of its file, and what is allocated
beside it keeps the memory from going back to the system. So each plain rule is emptied as soon
as it is read, and stays in the tree as an element with nothing in it.

What is read from such a tree is what is read from the whole one; where that is not certain,
`Unusual` is raised, and the whole one is to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pydmn.model.plain_rules import PlainRules

if TYPE_CHECKING:
    from lxml.etree import XMLPullParser, _Element

_PIECE: Final = 8_192
"""Bytes that are parsed before the rules in them are taken: fewer or more are slower."""
_END_OF_RULE: Final = re.compile(rb"</(?:[^<>/\s]{1,100}:)?rule>")
_INSIDE_A_RULE: Final = 2
"""Levels of elements in a plain rule: an entry, and its text."""
_COUNTED_LINES: Final = 65_535
"""From here on libxml2 knows the line of an element by what stands in it or beside it."""


class Unusual(Exception):
    """What is to be read from the whole tree."""


class TakenRules:
    """The plain rules of a document, by the table that they are taken out of."""

    def __init__(self) -> None:
        self._tables: dict[_Element, PlainRules | None] = {}

    def parse(self, data: bytes, parser: XMLPullParser, depth: int) -> _Element:
        """Return the root of `data` without its plain rules, which are taken.

        `parser` has an event for the end of each `rule`. Raises `Unusual`, among others where an
        element may be deeper than `depth`, and `XMLSyntaxError`.
        """
        for piece in _pieces(data):
            parser.feed(piece)
            for _, rule in parser.read_events():
                self._take(rule)
        root = parser.close()
        # The expression finds an element that has that many levels above it, itself included.
        if root.xpath(f"boolean({'/*' * max(depth + 1 - _INSIDE_A_RULE, 1)})"):
            raise Unusual
        if data.count(b"\n") >= _COUNTED_LINES - 1:
            for table in self._tables:
                _require_lines(table)
        return root

    def of(self, table: _Element, inputs: int, outputs: int) -> PlainRules | None:
        """Return what was taken out of a table, or None where it has all its rules.

        Raises `Unusual` where the rules were taken for other numbers of columns.
        """
        taken = self._tables.get(table)
        if taken is not None and taken.columns != (inputs, outputs):
            raise Unusual
        return taken

    def __bool__(self) -> bool:
        """Return whether something was taken."""
        return any(self._tables.values())

    def _take(self, rule: _Element) -> None:
        table = rule.getparent()
        if table is None:
            return
        if table not in self._tables:
            self._tables[table] = _plain_rules(table, rule)
        taken = self._tables[table]
        if taken is None:
            return
        if not len(rule):
            raise Unusual
        if taken.take(rule):
            rule.clear(keep_tail=True)


def _pieces(data: bytes) -> Iterator[bytes]:
    """Yield `data` in pieces that end with a rule.

    So no text is parsed in two pieces: its line would be another. What looks like the end of a
    rule in a CDATA section is `Unusual`.
    """
    start = 0
    while found := _END_OF_RULE.search(data, start + _PIECE):
        end = found.end()
        if data.rfind(b"<![CDATA[", start, end) > data.rfind(b"]]>", start, end):
            raise Unusual
        yield data[start:end]
        start = end
    yield data[start:]


def _plain_rules(table: _Element, rule: _Element) -> PlainRules | None:
    """Return what takes the rules of a table, or None where they have to stay.

    `rule` is its first one, so what comes before it is read. What stands in `extensionElements`
    is kept as it is.
    """
    namespace = str(rule.tag).rpartition("}")[0].removeprefix("{")
    prefix = f"{{{namespace}}}"
    above = [str(element.tag) for element in table.iterancestors()]
    if (
        not above
        or not above[-1].startswith(prefix)
        or table.tag != f"{prefix}decisionTable"
        or f"{prefix}extensionElements" in above
    ):
        return None
    inputs, outputs = (
        sum(1 for _ in table.iterchildren(prefix + name)) for name in ("input", "output")
    )
    return PlainRules(namespace, inputs, outputs) if inputs + outputs else None


def _require_lines(table: _Element) -> None:
    """Raise `Unusual` for a clause whose line would be known by the rule beside it."""
    for child in table:
        if (
            not len(child)
            and not child.text
            and not child.tail
            and (child.sourceline or 0) >= _COUNTED_LINES
            and not str(child.tag).endswith("}rule")
        ):
            raise Unusual
