"""A model read while rules are taken out of its tree, against the same read from the whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.dmn_files import BAD, GOOD, MODEL, definitions

from pydmn.errors import LimitExceeded
from pydmn.limits import DEFAULT, Limits
from pydmn.model import DecisionTable, read_xml

# The package's `read_xml` is the function.
READ_XML: Any = sys.modules["pydmn.model.read_xml"]
TAKEN_RULES: Any = sys.modules["pydmn.model.taken_rules"]
VERSIONS = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    MODEL,
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
    "https://www.omg.org/spec/DMN/20301231/MODEL/",
)
MANY_LINES = "\n" * 65_600


class Ways:
    """Reads a file in both ways, and counts how often rules were taken."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.taken = 0

    def agree(self, data: bytes, limits: Limits = DEFAULT) -> bool:
        """Check that both find the same; return whether the tree was read without its rules."""
        whole = self._read(data, sys.maxsize, limits)
        before = self.taken
        assert self._read(data, -1, limits) == whole
        return self.taken > before

    def _read(self, data: bytes, large: int, limits: Limits) -> object:
        with self._patch.context() as patch:
            patch.setattr(READ_XML, "LARGE", large)
            patch.setattr(TAKEN_RULES, "_PIECE", 100)
            patch.setattr(READ_XML, "_definitions", self._definitions(READ_XML._definitions))
            try:
                return read_xml(data, "a.dmn", limits)
            except LimitExceeded as error:
                return error.message

    def _definitions(self, read: Any) -> Any:
        def counted(reading: Any, *rest: Any) -> Any:
            found = read(reading, *rest)
            ids = [id_ for id_ in reading.ids if id_ is not None]
            self.taken += bool(reading._taken) and len(ids) == len(set(ids))
            return found

        return counted


@pytest.fixture(scope="module")
def ways() -> Iterator[Ways]:
    with pytest.MonkeyPatch.context() as patch:
        yield Ways(patch)


def test_models_of_the_tck(tck_folder: Path, ways: Ways) -> None:
    paths = sorted(tck_folder.glob("*/*/*.dmn"))
    assert len(paths) >= 140
    taken = [path for path in paths if ways.agree(path.read_bytes())]
    tables = [path for path in paths if b"rule>" in path.read_bytes()]
    assert taken == tables


def test_files_of_the_tests(ways: Ways) -> None:
    for path in (*GOOD.glob("*.dmn"), *BAD.glob("*.dmn")):
        ways.agree(path.read_bytes())


def entry(kind: str, text: str = "1", id_: str = "") -> str:
    """Return an entry, such as an `inputEntry`, with an id where there is one."""
    written = f' id="{id_}"' if id_ else ""
    return f"<{kind}Entry{written}><text>{text}</text></{kind}Entry>"


INPUT = "<input><inputExpression><text>a</text></inputExpression></input>"
OUTPUT = "<output/>"
ENTRIES = entry("input") + entry("output")
RULE = f"<rule>{ENTRIES}</rule>"


def rule(number: int) -> str:
    """Return a plain rule that has ids."""
    return (
        f'<rule id="r{number}" label="l"><description>d</description>'
        f"{entry('input', str(number), f'i{number}')}{entry('output', 'x', f'o{number}')}"
        f"{entry('annotation', 'why', f'a{number}')}</rule>"
    )


RULES = "".join(map(rule, range(20)))


def table(*parts: str, name: str = "D") -> str:
    """Return a decision with a table of these children."""
    return f'<decision name="{name}"><decisionTable>{"".join(parts)}</decisionTable></decision>'


NESTED = f"<decisionTable>{INPUT}{OUTPUT}{RULE}</decisionTable>"
PLAIN = definitions(table(INPUT, OUTPUT, "<annotation/>", RULES))
TAKEN = {
    "plain": table(INPUT, OUTPUT, RULES),
    "two tables": table(INPUT, OUTPUT, RULES) + table(INPUT, OUTPUT, RULE, name="E"),
    "no annotation": table(INPUT, OUTPUT, RULE * 3),
    "outputs before inputs": table(OUTPUT, INPUT, RULES),
    "an input that is no expression": table("<input/>", OUTPUT, RULES),
    "comments": table(
        INPUT, OUTPUT, "<!-- </rule> -->", RULES.replace("why", "w<!-- < -->h<?p ?>y")
    ),
    "CDATA": table(INPUT, OUTPUT, RULES.replace("why", "w <![CDATA[<a> & ]]> y")),
    "references": table(INPUT, OUTPUT, RULES.replace("why", "&lt;&#10;&amp;&#x1F600;")),
    "blanks": table(INPUT, OUTPUT, RULES.replace("><", "> \r\n\t <")),
    "text between rules": table(INPUT, OUTPUT, RULE, "stray", RULE, "stray"),
    "no text": table(INPUT, OUTPUT, RULES.replace("<text>why</text>", "<text/>")),
    "another language": table(
        INPUT, OUTPUT, RULES, RULE.replace("<inputEntry", '<inputEntry expressionLanguage="j"')
    ),
    "extensions of a rule": table(
        INPUT, OUTPUT, RULES, f"<rule><extensionElements><v/></extensionElements>{ENTRIES}</rule>"
    ),
    "markup in a text": table(INPUT, OUTPUT, RULES, RULE.replace(">1<", ">1<b/><")),
    "too few entries": table(INPUT, OUTPUT, RULES, f"<rule>{entry('input')}</rule>"),
    "too many entries": table(INPUT, OUTPUT, RULE, f"<rule>{ENTRIES}{ENTRIES}</rule>", RULE),
    "entries in another order": table(
        INPUT, OUTPUT, RULE, f"<rule>{entry('output')}{entry('input')}</rule>", RULE
    ),
    "an unknown element": table(INPUT, OUTPUT, RULE, "<rul/>", RULE, "<inputs/>"),
    "a table in a text": table(INPUT, OUTPUT, RULE, RULE.replace(">1<", f">1{NESTED}<"), RULE),
    "a table in a description": table(
        INPUT, OUTPUT, f"<rule><description>d{NESTED}</description>{ENTRIES}</rule>", RULE
    ),
    "a second table": table(INPUT, OUTPUT, RULES).replace("</decision>", f"{NESTED}</decision>"),
    "tables in a context": (
        '<decision name="D"><context><contextEntry><variable name="a"/>'
        f"{NESTED}</contextEntry><contextEntry>{NESTED}</contextEntry></context></decision>"
    ),
    "a table in a knowledge model": (
        '<businessKnowledgeModel name="B"><encapsulatedLogic><formalParameter name="a"/>'
        f"{NESTED}</encapsulatedLogic></businessKnowledgeModel>"
    ),
    "a misspelt hit policy": table(INPUT, OUTPUT, RULES).replace(
        "<decisionTable", '<decisionTable hitPolicy="UNIQ"'
    ),
    "lines": table(INPUT, "\n", OUTPUT, "\n", RULES.replace("><", ">\n<")),
    "many lines": MANY_LINES + table(INPUT, "\n", OUTPUT, "\n", RULES.replace("><", ">\n<")),
    "texts of many lines": MANY_LINES
    + table(INPUT, OUTPUT, "\n", RULES.replace("why", "a\n" * 400).replace("><", ">\n<")),
    "rules on one of many lines": MANY_LINES + table(INPUT, OUTPUT, "\n", RULES, RULE),
    "no text on many lines": MANY_LINES
    + table(INPUT, OUTPUT, "\n", RULE.replace("<text>1</text>", "<text/>") * 3),
}
WHOLE = {
    "rules before outputs": table(INPUT, RULE, OUTPUT, RULE),
    "rules before all": table(RULE, INPUT, OUTPUT),
    "no columns": table("<rule/>", "<rule/>"),
    "an empty rule": table(INPUT, OUTPUT, RULES, "<rule/>"),
    "a rule of many lines, empty": MANY_LINES + table(INPUT, OUTPUT, RULE, "<rule/>", RULE),
    "an output beside a rule, on many lines": MANY_LINES + table(INPUT, OUTPUT, RULE, RULE),
    "an id twice": table(INPUT, OUTPUT, RULES, "\n", rule(3)),
    "an id of an element twice": table(INPUT, OUTPUT, RULES) + '<inputData name="i" id="i7"/>',
    "the end of a rule in CDATA": table(
        INPUT, OUTPUT, RULES.replace("why", f"<![CDATA[{'x' * 99}</rule>{'x' * 99}]]>")
    ),
    "a table in extensions": (
        f'<decision name="D"><extensionElements>{NESTED}</extensionElements></decision>'
    ),
    "extensions of the file": (
        f"<extensionElements><v>{NESTED}</v></extensionElements>{table(INPUT, OUTPUT)}"
    ),
    "a rule of a vendor": table(INPUT, OUTPUT, '<v:rule xmlns:v="urn:v"/>'),
    "a table of a vendor": f'<v:decisionTable xmlns:v="urn:v">{INPUT}{RULE}</v:decisionTable>',
    "a rule alone": RULE,
    "not well-formed": table(INPUT, OUTPUT, RULES) + "<",
    "an entity": table(INPUT, OUTPUT, RULES, "&a;"),
    "a prefix that nothing declares": table(INPUT, OUTPUT, RULES) + "<a:b/>",
    "an attribute twice": table(INPUT, OUTPUT, RULES) + '<a b="" b=""/>',
    "NUL": table(INPUT, OUTPUT, RULES, "\0", RULE),
    "something after the root": table(INPUT, OUTPUT, RULES) + "</definitions><a>",
    "too deep": table(INPUT, OUTPUT, RULES) + "<a>" * 300 + "</a>" * 300,
}


@pytest.mark.parametrize("body", TAKEN.values(), ids=TAKEN)
def test_both_ways_read_the_same(body: str, ways: Ways) -> None:
    assert ways.agree(definitions(body))


@pytest.mark.parametrize("body", WHOLE.values(), ids=WHOLE)
def test_what_is_unusual_is_read_whole(body: str, ways: Ways) -> None:
    assert not ways.agree(definitions(body))


@pytest.mark.parametrize("namespace", VERSIONS)
@pytest.mark.parametrize("prefix", ["", "dmn:"])
def test_versions_and_prefixes(namespace: str, prefix: str, ways: Ways) -> None:
    text = (
        PLAIN.decode().replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}")
    )
    declared = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    assert ways.agree(text.replace(f'xmlns="{MODEL}"', f'{declared}="{namespace}"').encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str, ways: Ways) -> None:
    declaration = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    assert ways.agree((declaration + PLAIN.decode().replace("why", "wéÿ")).encode(encoding))


@pytest.mark.parametrize(
    "prolog", ["<!DOCTYPE a>", '<?xml version="1.0" encoding="utf-7"?>', "\xff"]
)
def test_what_is_refused(prolog: str, ways: Ways) -> None:
    assert not ways.agree(prolog.encode("latin-1") + PLAIN)


@pytest.mark.parametrize("depth", range(1, 10))
def test_depth(depth: int, ways: Ways) -> None:
    """The clauses' texts, at level 6, are what a rule might be that has two levels more."""
    assert ways.agree(PLAIN, replace(DEFAULT, xml_depth=depth)) == (depth >= 8)


@pytest.mark.parametrize("name", ["model_bytes", "xml_elements", "xml_attributes"])
@pytest.mark.parametrize("limit", [0, 1, 2, 3, 200, 10_000])
def test_limits(name: str, limit: int, ways: Ways) -> None:
    ways.agree(PLAIN, replace(DEFAULT, **{name: limit}))


PARTS = st.sampled_from(
    [
        *(INPUT, OUTPUT, "<output/>", "<rule/>", RULE, RULE, RULE, RULE, rule(1), rule(2), rule(1)),
        *("\n", " \n ", "text", "<!-- \n -->", "<?a\n?>", "<annotation/>", "<v:a xmlns:v='v'/>"),
        *(RULE.replace("><", ">\n<"), RULE.replace(">1<", ">1\n\n<b/><"), "<misspelt/>", NESTED),
        *(RULE.replace(">1<", "><![CDATA[\n</rule>]]>\n<"), RULE.replace(">1<", "><")),
        *(f"<rule>{'x' * 400}</rule>", f"<rule>\n{entry('input')}\n</rule>"),
        RULE.replace(">1<", ">" + "long\n" * 100 + "<"),
    ]
)


@settings(max_examples=250)
@given(st.booleans(), st.booleans(), st.lists(PARTS, max_size=14))
def test_parts_in_any_order(far: bool, usual: bool, parts: list[str]) -> None:
    start = INPUT + OUTPUT if usual else ""
    body = (MANY_LINES if far else "") + table(start, *parts, RULE, "\n")
    with pytest.MonkeyPatch.context() as patch:
        Ways(patch).agree(definitions(body))


def test_a_large_file_is_read_without_its_tree() -> None:
    rules = "".join(map(rule, range(6_000)))
    data = definitions(table(INPUT, OUTPUT, "<annotation/>", rules))
    assert len(data) > READ_XML.LARGE
    model, problems = read_xml(data)
    assert problems == ()
    assert model is not None
    found = model.decisions[0].expression
    assert isinstance(found, DecisionTable)
    assert [each.id for each in found.rules] == [f"r{number}" for number in range(6_000)]
    assert found.rules[-1].input_entries[0].text.text == "5999"
