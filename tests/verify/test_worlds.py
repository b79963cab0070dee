"""What remains possible, against going through every world one by one.

The oracle enumerates: every value of every unknown, each evaluated as a known input. It shares
the evaluation of single decisions with what is tested, and nothing of how worlds are shared.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pydmn
from pydmn.verify import joint

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


def literal(name: str, text: str, inputs: tuple[str, ...], decisions: tuple[str, ...]) -> str:
    """Return a decision that is an expression."""
    reads = "".join(
        f'<informationRequirement id="{name}-{n}"><required{kind} href="#{n}"/>'
        "</informationRequirement>"
        for names, kind in ((inputs, "Input"), (decisions, "Decision"))
        for n in names
    )
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"/>{reads}'
        f"<literalExpression><text>{escape(text)}</text></literalExpression></decision>"
    )


colour_cells = st.sampled_from(["-", '"red"', '"green", "blue"', 'not("red")', "null", "not(null)"])
flag_cells = st.sampled_from(["-", "true", "false", "null", "not(true)"])
size_cells = st.sampled_from(["-", "< 3", ">= 3", "[1..5)", "4", "> 5", "not(2)", "(0..4]"])
expressions = st.sampled_from(
    [
        'if One = "a" then colour else "none"',
        "if flag then Three else One",
        'if Three = null then One else "some"',
        'flag and colour = "red"',
        "{which: One, flag: flag}.which",
    ]
)
answers = st.sampled_from(['"a"', '"b"', '"c"', "null"])


@dataclass(frozen=True)
class Drawn:
    """A model, and the constants that `size` is compared with in it."""

    xml: str
    cuts: tuple[Decimal, ...]


@st.composite
def models(draw: st.DrawFn) -> Drawn:
    """Draw three chained tables over two enumerations, two booleans and a number.

    A fourth decision is an expression that reads an input, two tables, and what is left open.
    """
    policies = st.sampled_from(["FIRST", "UNIQUE", "COLLECT", "ANY"])

    def rules(*cells: st.SearchStrategy[str]) -> list[list[str]]:
        return draw(st.lists(st.tuples(*cells, answers).map(list), min_size=1, max_size=5))

    one = table(
        "One", "FIRST", [("colour", "colour"), ("flag", "boolean")], rules(colour_cells, flag_cells)
    )
    sized = rules(size_cells, flag_cells)
    two = table("Two", draw(policies), [("size", "number"), ("raised", "boolean")], sized)
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
    four = literal("Four", draw(expressions), ("flag", "colour"), ("One", "Three"))
    found = {Decimal(each) for cell, *_ in sized for each in re.findall(r"\d+", cell)}
    return Drawn(f"{HEAD}{data}{one}{two}{three}{four}</definitions>", tuple(sorted(found)))


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


def atoms_of(cuts: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    """Return a number below, at, between and above the cuts."""
    if not cuts:
        return (Decimal(0),)
    between = [(low + high) / 2 for low, high in itertools.pairwise(cuts)]
    return tuple(sorted([cuts[0] - 1, *cuts, *between, cuts[-1] + 1]))


@dataclass(frozen=True)
class Question:
    """A model, what is known and unknown of its inputs, and all worlds with their answers."""

    model: pydmn.Model
    known: dict[str, Any]
    open_when: dict[str, pydmn.Condition]
    domains: dict[str, tuple[Any, ...]]
    worlds: dict[tuple[Any, ...], dict[str, Any]]

    def ask(self) -> pydmn.Possible:
        """Return what is possible."""
        return self.model.possible(["Four", "Three"], self.known, self.open_when, self.domains)

    def answers(self, name: str) -> dict[tuple[Any, ...], Any]:
        """Return the answer in each world, in their order."""
        return {world: frozen(values[name].value) for world, values in self.worlds.items()}


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Draw a model with inputs left unknown, and go through all worlds."""
    drawn = draw(models())
    model = pydmn.load(drawn.xml.encode())
    domains = {**DOMAINS, "size": atoms_of(drawn.cuts)}
    unknown = draw(st.sets(st.sampled_from(sorted(INPUTS))))
    known = {
        name: draw(st.sampled_from((*DOMAINS[name], None)))
        for name in INPUTS
        if name not in unknown
    }
    # `raised` is open only where the colour is red, or One answers "a"; elsewhere it is null.
    condition = draw(st.sampled_from([None, "colour", "One"]))
    open_when = {}
    if condition is not None:
        value = {"colour": "red", "One": "a"}[condition]
        open_when = {"raised": model.condition(f'{condition} = "{value}"')}
    ordered = {name: domains[name] for name in INPUTS if name in unknown}
    decisions = {name: model.decision(name) for name in ("One", "Two", "Three", "Four")}
    worlds = {}
    for chosen in itertools.product(*ordered.values()):
        world = {**known, **dict(zip(ordered, chosen, strict=True))}
        if condition is not None and "raised" in unknown:
            tested = world["colour"] if condition == "colour" else decisions["One"](world)
            if tested != value:
                world["raised"] = None
        worlds[chosen] = {
            name: decisions[name].evaluate(world) for name in ("Two", "Three", "Four")
        }
    return Question(model, known, open_when, ordered, worlds)


@pytest.fixture(params=["sets", "diagrams"], scope="module")
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Answer by sets of worlds, and by diagrams, for which no number of worlds is too large."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "diagrams":
            patch.setattr(joint, "MOST_WORLDS", 0)
        yield


pytestmark = pytest.mark.usefixtures("way")


@settings(max_examples=60, deadline=None)
@given(questions())
def test_possible_is_what_enumeration_finds(question: Question) -> None:
    possible = question.ask()
    for name in ("Two", "Three", "Four"):
        answers = question.answers(name)
        found = list(map(frozen, possible.values(name)))
        assert found == list(dict.fromkeys(answers.values()))  # in the order of the worlds
        if name != "Four":
            hits = [rules_hit(values[name], name) for values in question.worlds.values()]
            assert possible.hits(name) == list(dict.fromkeys(hits))


@settings(max_examples=60, deadline=None)
@given(questions())
def test_what_decides_is_what_enumeration_finds(question: Question) -> None:
    possible = question.ask()
    for name in ("Two", "Three", "Four"):
        expected = brute_deciding(question.domains, question.answers(name))
        found = possible.deciding(name)
        assert [(each.name, each.alone, each.settles) for each in found] == expected
        assert possible.next(name) == (found[0] if found else None)


@settings(max_examples=60, deadline=None)
@given(questions(), st.data())
def test_what_matters_without_what_nobody_says(question: Question, data: st.DataObject) -> None:
    unanswered = data.draw(st.sets(st.sampled_from(sorted(INPUTS))), "unanswered")
    left = {name: each for name, each in question.domains.items() if name not in unanswered}
    for name in ("Two", "Three", "Four"):
        together: dict[tuple[Any, ...], set[Any]] = {}
        for world, answer in question.answers(name).items():
            stated = dict(zip(question.domains, world, strict=True))
            together.setdefault(tuple(stated[each] for each in left), set()).add(answer)
        certain = {
            world: next(iter(answers)) if len(answers) == 1 else SEVERAL
            for world, answers in together.items()
        }
        found = question.ask().deciding(name, unanswered=unanswered)
        expected = brute_deciding(left, certain)
        assert [(each.name, each.alone, each.settles) for each in found] == expected


@settings(max_examples=60, deadline=None)
@given(questions())
def test_the_sets_that_can_decide_are_those_that_enumeration_finds(question: Question) -> None:
    names = list(question.domains)
    for decision in ("Two", "Three", "Four"):
        answers = question.answers(decision)
        shares = {
            chosen: settled_share(names, chosen, answers)
            for size in range(len(names) + 1)
            for chosen in itertools.combinations(names, size)
        }
        settling = [each for each, share in shares.items() if share]
        smallest = [
            each
            for each in settling
            if each and not any(set(other) < set(each) for other in settling)
        ]
        smallest.sort(key=lambda each: (len(each), -shares[each], [*map(names.index, each)]))
        found = question.ask().deciding_sets(decision)
        assert [each.names for each in found] == smallest
        assert [each.settles for each in found] == [float(shares[each]) for each in smallest]


SEVERAL = object()
"""Stands for more than one answer."""


def rules_hit(result: pydmn.Result, name: str) -> tuple[str, ...]:
    """Return the rules that a table hit, from the trace of one world."""
    return tuple(rule for hit in result.trace.hits if hit.decision == name for rule in hit.rules)


def brute_deciding(
    domains: dict[str, tuple[Any, ...]], answers: dict[tuple[Any, ...], Any]
) -> list[tuple[str, bool, float]]:
    """Return what matters: name, whether it alone decides, for which share of its values."""
    found = []
    for position, (name, values) in enumerate(domains.items()):
        if not any(
            one != other and without(left, position) == without(right, position)
            for (left, one), (right, other) in itertools.combinations(answers.items(), 2)
        ):
            continue
        settled = 0
        for value in values:
            given = {answer for world, answer in answers.items() if world[position] == value}
            settled += len(given) == 1 and given != {SEVERAL}
        found.append((name, settled == len(values), settled / len(values)))
    return sorted(found, key=lambda each: -each[2])


def settled_share(
    names: list[str], chosen: tuple[str, ...], answers: dict[tuple[Any, ...], Any]
) -> Fraction:
    """Return the share of the values of `chosen` that leave one answer."""
    together: dict[tuple[Any, ...], set[Any]] = {}
    for world, answer in answers.items():
        stated = dict(zip(names, world, strict=True))
        together.setdefault(tuple(stated[each] for each in chosen), set()).add(answer)
    return Fraction(sum(len(each) == 1 for each in together.values()), len(together))


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
