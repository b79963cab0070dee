"""The rules of a table, plain and other, against what was written."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import pytest
from model.dmn_files import definitions

from pydmn.model import DecisionTable, Definitions, Rules, read_xml

COLUMNS = (
    '<input label="A"><inputExpression><text>a</text></inputExpression></input>'
    '<input label="B"><inputExpression><text>b</text></inputExpression></input>'
    '<output name="o"/><annotation name="why"/>'
)


@dataclass(frozen=True)
class Written:
    """A rule as written, on a line of its own, and what it is to be read as."""

    xml: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    id: str | None = None
    ids: tuple[str | None, ...] = (None, None, None)
    label: str | None = None
    description: str | None = None
    annotations: tuple[str, ...] = ()
    language: str | None = None
    plain: bool = True


def entry(kind: str, text: str, **attributes: str) -> str:
    """Return an entry, such as an `inputEntry`, with its attributes."""
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{kind}Entry{written}><text>{text}</text></{kind}Entry>"


REST = entry("input", "2") + entry("output", "3")
USUAL = entry("input", "1") + REST
FIRST_NAMED = entry("input", "1", id="x")
WRITTEN = [
    Written(f"<rule>{USUAL}</rule>", ("1", "2"), ("3",)),
    Written(
        f'<rule id="r2" label="second"><description>by law</description>'
        f"{entry('input', '4', id='e1')}{entry('input', '')}{entry('output', '6', id='e3')}"
        f"{entry('annotation', 'x', id='e4')}{entry('annotation', 'y')}</rule>",
        ("4", ""),
        ("6",),
        id="r2",
        ids=("e1", None, "e3"),
        label="second",
        description="by law",
        annotations=("x", "y"),
    ),
    Written(
        f'<rule id="r3">{entry("input", "7")}'
        f"{entry('input', '8', expressionLanguage='urn:juel')}{entry('output', '9')}</rule>",
        ("7", "8"),
        ("9",),
        id="r3",
        language="urn:juel",
        plain=False,
    ),
    Written(
        "<rule><inputEntry/><text>stray</text>"
        f"{entry('input', '11')}{entry('output', '12')}</rule>",
        ("", "11"),
        ("12",),
        plain=False,
    ),
    Written(
        f"<rule>{entry('output', '15')}{entry('input', '13')}{entry('input', '14')}</rule>",
        ("13", "14"),
        ("15",),
        plain=False,
    ),
    Written(
        f"<rule><extensionElements/>{USUAL}<description>late</description></rule>",
        ("1", "2"),
        ("3",),
        description="late",
        plain=False,
    ),
    Written(f'<rule id="r7">{USUAL}</rule>', ("1", "2"), ("3",), id="r7"),
]


def read(rules: str) -> tuple[Definitions, Rules, list[tuple[str, int | None]]]:
    """Return a model with one table, its rules, and the code and line of each diagnostic."""
    model, diagnostics = read_xml(
        definitions(
            f'<decision name="D"><decisionTable>{COLUMNS}{rules}</decisionTable></decision>'
        ),
        "rules.dmn",
    )
    assert model is not None
    table = model.decisions[0].expression
    assert isinstance(table, DecisionTable)
    return model, table.rules, [(found.code, found.source.line) for found in diagnostics]


def test_each_rule_is_read_as_written() -> None:
    # The first rule stands on line 2.
    _, rules, found = read("".join(f"\n{each.xml}" for each in WRITTEN))
    assert found == []
    assert len(rules) == len(WRITTEN)
    for number, (rule, written) in enumerate(zip(rules, WRITTEN, strict=True), 1):
        entries = (*rule.input_entries, *rule.output_entries)
        assert tuple(each.text.text for each in rule.input_entries) == written.inputs
        assert tuple(each.text.text for each in rule.output_entries) == written.outputs
        assert (rule.id, rule.number) == (written.id, number)
        assert tuple(each.id for each in entries) == written.ids
        assert (rule.label, rule.description) == (written.label, written.description)
        assert rule.annotation_entries == written.annotations
        assert rule.input_entries[1].expression_language == written.language
        assert {each.text.line for each in entries} == {rule.source.line} == {number + 1}
        place = ("D", f"rule {number}")
        assert (rule.source.file, rule.source.place) == ("rules.dmn", place)
        assert [each.text.place for each in entries] == [
            *((*place, "input A"), (*place, "input B"), (*place, "output o")),
        ]


def test_only_what_is_not_plain_is_kept_as_a_rule() -> None:
    _, rules, _ = read("".join(each.xml for each in WRITTEN))
    assert [index not in rules.others for index in range(len(rules))] == [
        each.plain for each in WRITTEN
    ]


def test_rules_are_a_sequence() -> None:
    _, rules, _ = read("".join(each.xml for each in WRITTEN))
    whole = tuple(rules)
    assert rules[-1] == whole[6]
    assert rules[1:5:2] == whole[1:5:2]
    assert rules[::-1] == whole[::-1]
    for index in (7, -8):
        with pytest.raises(IndexError):
            rules[index]
    for index, rule in enumerate(whole):
        assert rules.source(index) == rule.source


def test_a_model_travels() -> None:
    model, _, _ = read("".join(each.xml for each in WRITTEN))
    assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301  its own


def test_a_rule_with_too_few_entries_between_others() -> None:
    short = f"\n<rule>{entry('input', '4')}{entry('output', '5')}</rule>"
    _, rules, found = read(f"\n<rule>{USUAL}</rule>{short}\n<rule>{USUAL}</rule>")
    assert found == [("entry-count", 3)]
    assert [len(rule.input_entries) for rule in rules] == [2, 1, 2]
    assert [rule.output_entries[0].text.text for rule in rules] == ["3", "5", "3"]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(f'<rule id="x">{USUAL}</rule>', id="of a plain rule"),
        pytest.param(f'<rule id="x">{USUAL}<extensionElements/></rule>', id="of another rule"),
        pytest.param(f"<rule>{FIRST_NAMED}{REST}</rule>", id="of an entry"),
        pytest.param(
            f"<rule>{USUAL}{entry('annotation', 'y', id='x')}</rule>", id="of an annotation"
        ),
    ],
)
def test_an_id_used_twice_is_said_once(second: str) -> None:
    _, _, found = read(f'\n<rule id="x">{USUAL}</rule>\n{second}')
    assert found == [("duplicate-id", 3)]
