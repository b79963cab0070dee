"""What remains possible, against going through every world one by one.

The oracle enumerates: every value of every unknown, each evaluated as a known input. It shares
the evaluation of single decisions with what is tested, and nothing of how worlds are shared.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pydmn

COLOURS = ("red", "green", "blue")
NUMBERS = tuple(Decimal(each) / 2 for each in range(-1, 12))
"""Every cut point of the tables (0 to 5), and a number between and beyond each."""

HEAD = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
 id="d" name="d" namespace="urn:d">
<itemDefinition name="colour"><typeRef>string</typeRef>
<allowedValues><text>"red", "green", "blue"</text></allowedValues></itemDefinition>"""
INPUTS = {"colour": "colour", "flag": "boolean", "raised": "boolean", "size": "number"}


def table(name: str, policy: str, columns: list[tuple[str, str]], rules: list[list[str]]) -> str:
    """Return a decision; a rule's last text is its output."""
    reads = "".join(
        f'<informationRequirement id="{name}-{n}"><required{kind} href="#{n}"/>'
        "</informationRequirement>"
        for n, kind in sorted(
            {(c, "Decision" if c in {"One", "Two"} else "Input") for c, _ in columns}
        )
    )
    inputs = "".join(
        f'<input id="{name}-i{k}"><inputExpression id="{name}-e{k}" typeRef="{type_}">'
        f"<text>{c}</text></inputExpression></input>"
        for k, (c, type_) in enumerate(columns)
    )
    rows = "".join(
        f'<rule id="{name}-r{k}">'
        + "".join(
            f'<inputEntry id="{name}-r{k}-i{j}"><text>{escape(cell)}</text></inputEntry>'
            for j, cell in enumerate(cells[:-1])
        )
        + f'<outputEntry id="{name}-r{k}-o"><text>{escape(cells[-1])}</text></outputEntry></rule>'
        for k, cells in enumerate(rules)
    )
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"/>{reads}'
        f'<decisionTable id="{name}-t" hitPolicy="{policy}">{inputs}'
        f'<output id="{name}-o" name="{name}" typeRef="string"/>{rows}</decisionTable></decision>'
    )


colour_cells = st.sampled_from(["-", '"red"', '"green", "blue"', 'not("red")', "null", "not(null)"])
flag_cells = st.sampled_from(["-", "true", "false", "null", "not(true)"])
size_cells = st.sampled_from(["-", "< 3", ">= 3", "[1..5)", "4", "> 5", "not(2)", "(0..4]"])
answers = st.sampled_from(['"a"', '"b"', '"c"', "null"])


@st.composite
def models(draw: st.DrawFn) -> str:
    """Draw three chained tables over two enumerations, two booleans and a number."""
    policies = st.sampled_from(["FIRST", "UNIQUE", "COLLECT", "ANY"])

    def rules(*cells: st.SearchStrategy[str]) -> list[list[str]]:
        return draw(st.lists(st.tuples(*cells, answers).map(list), min_size=1, max_size=5))

    one = table(
        "One", "FIRST", [("colour", "colour"), ("flag", "boolean")], rules(colour_cells, flag_cells)
    )
    two = table(
        "Two",
        draw(policies),
        [("size", "number"), ("raised", "boolean")],
        rules(size_cells, flag_cells),
    )
    ends = st.sampled_from(["-", '"a"', '"b"', "null", 'not("c")'])
    three = table(
        "Three",
        draw(policies),
        [("One", "string"), ("Two", "Any"), ("colour", "colour")],
        rules(ends, st.sampled_from(["-", '"a"', "null"]), colour_cells),
    )
    data = "".join(
        f'<inputData id="{name}" name="{name}">'
        f'<variable name="{name}" typeRef="{type_}"/></inputData>'
        for name, type_ in INPUTS.items()
    )
    return f"{HEAD}{data}{one}{two}{three}</definitions>"


DOMAINS: dict[str, tuple[Any, ...]] = {
    "colour": COLOURS,
    "flag": (True, False),
    "raised": (True, False),
    "size": NUMBERS,
}


def frozen(value: Any) -> Any:
    """Return `value` so that it can stand in a set."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def without(world: tuple[Any, ...], position: int) -> tuple[Any, ...]:
    """Return a world but for one of its values."""
    return world[:position] + world[position + 1 :]


@settings(max_examples=60, deadline=None)
@given(models(), st.sets(st.sampled_from(sorted(INPUTS))), st.booleans(), st.data())
def test_possible_is_what_enumeration_finds(
    xml: str, unknown: set[str], conditional: bool, data: st.DataObject
) -> None:
    model = pydmn.load(xml.encode())
    known = {
        name: data.draw(st.sampled_from((*DOMAINS[name], None)), name)
        for name in INPUTS
        if name not in unknown
    }
    # `raised` is open only where the colour is red; elsewhere it is not asked, so null.
    open_when = {"raised": model.condition('colour = "red"')} if conditional else {}
    ordered = [name for name in INPUTS if name in unknown]
    answers_by_world: dict[tuple[Any, ...], Any] = {}
    for chosen in itertools.product(*(DOMAINS[name] for name in ordered)):
        world = {**known, **dict(zip(ordered, chosen, strict=True))}
        if conditional and "raised" in unknown and world["colour"] != "red":
            world["raised"] = None
        answers_by_world[chosen] = frozen(model.evaluate("Three", world).value)

    possible = model.possible(["Three"], known, open_when, ordered)

    assert {frozen(value) for value in possible.values("Three")} == set(answers_by_world.values())
    decisive = {
        name
        for position, name in enumerate(ordered)
        if any(
            one != other and without(left, position) == without(right, position)
            for (left, one), (right, other) in itertools.combinations(answers_by_world.items(), 2)
        )
    }
    assert {each.name for each in possible.deciding("Three")} == decisive


def test_a_number_in_arithmetic_cannot_be_left_unknown() -> None:
    xml = (
        f'{HEAD}<inputData id="size" name="size">'
        '<variable name="size" typeRef="number"/></inputData>'
        '<decision id="D" name="D"><variable name="D"/><informationRequirement>'
        '<requiredInput href="#size"/></informationRequirement>'
        "<literalExpression><text>size * 2 &gt; 3</text></literalExpression></decision>"
        "</definitions>"
    )
    model = pydmn.load(xml.encode())
    with pytest.raises(pydmn.NotFinite, match="`size` is used otherwise than in a comparison"):
        model.possible(["D"], {}, {}, ["size"])


def test_what_depends_on_itself_is_said_and_does_not_hang() -> None:
    decision = (
        '<decision id="D" name="D"><variable name="D"/><informationRequirement>'
        '<requiredInput href="#flag"/></informationRequirement>'
        "<literalExpression><text>flag</text></literalExpression></decision>"
    )
    xml = (
        f'{HEAD}<inputData id="flag" name="flag">'
        f'<variable name="flag" typeRef="boolean"/></inputData>{decision}</definitions>'
    )
    model = pydmn.load(xml.encode())
    possible = model.possible(["D"], {}, {"flag": model.condition("D = true")}, ["flag"])
    with pytest.raises(pydmn.ModelError, match="depends on itself"):
        possible.values("D")


def test_decisions_in_a_circle_are_said_and_do_not_hang() -> None:
    def decision(name: str, needs: str) -> str:
        return (
            f'<decision id="{name}" name="{name}"><variable name="{name}"/>'
            f'<informationRequirement><requiredDecision href="#{needs}"/></informationRequirement>'
            f"<literalExpression><text>{needs}</text></literalExpression></decision>"
        )

    model = pydmn.load(f"{HEAD}{decision('A', 'B')}{decision('B', 'A')}</definitions>".encode())
    with pytest.raises(pydmn.ModelError):
        model.possible(["A"], {}).values("A")
