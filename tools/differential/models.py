"""Well-typed decision tables, made at random, as DMN models whose decision is `Answer`."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from cells import cell
from grammar import BOOLEAN, DATE, NUMBER, STRING
from trees import VARIABLES, Grower, Tree

TABLE: Final = "table"
"""The type of a tree that is a model with a decision table."""

POLICIES: Final = (
    "UNIQUE",
    "ANY",
    "PRIORITY",
    "FIRST",
    "RULE ORDER",
    "OUTPUT ORDER",
    "COLLECT",
    "COLLECT SUM",
    "COLLECT COUNT",
    "COLLECT MIN",
    "COLLECT MAX",
)
_INPUTS: Final = {NUMBER: "a", STRING: "s", BOOLEAN: "p", DATE: "d"}
_OUTPUTS: Final = {
    NUMBER: ("1", "2", "3", "-1.5", "10"),
    STRING: ('"low"', '"high"', '"none"'),
}
_NAMESPACE: Final = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(grower: Grower, policy: str) -> Tree:
    """Return a model with a table of `policy`; its parts are the cells, and it reads inputs."""
    random = grower.random
    inputs = random.sample(sorted(_INPUTS.values()), random.randint(1, 3))
    aggregated = policy.startswith("COLLECT ")
    type_ = NUMBER if aggregated else random.choice((NUMBER, STRING))
    outputs = 1 if aggregated or policy == "OUTPUT ORDER" else random.choice((1, 1, 2))
    ranked = policy in {"PRIORITY", "OUTPUT ORDER"}
    head = "".join(
        f'<input id="i{name}"><inputExpression typeRef="{VARIABLES[name]}">'
        f"<text>{name}</text></inputExpression></input>"
        for name in inputs
    )
    for number in range(outputs):
        values = f"<outputValues><text>{escape(', '.join(_OUTPUTS[type_]))}</text></outputValues>"
        first = escape(_OUTPUTS[type_][0])
        default = f"<defaultOutputEntry><text>{first}</text></defaultOutputEntry>"
        name = f' name="out{number}"' if outputs > 1 else ""
        head += (
            f'<output id="o{number}"{name} typeRef="{type_}">'
            f"{values if ranked else ''}{default if grower.chance(30) else ''}</output>"
        )
    rules, parts = "", []
    for number in range(random.randint(1, 5)):
        tests = [_closed(grower, VARIABLES[name]) for name in inputs]
        rules += _rule(grower, number, tests, type_, outputs)
        parts += tests
    listed = policy in {"RULE ORDER", "OUTPUT ORDER", "COLLECT"}
    answer = "" if outputs > 1 else ' typeRef="tAnswers"' if listed else f' typeRef="{type_}"'
    hit, _, aggregation = policy.partition(" ")
    attributes = f'hitPolicy="{policy}"'
    if aggregated:
        attributes = f'hitPolicy="{hit}" aggregation="{aggregation}"'
    table = f"<decisionTable {attributes}>{head}{rules}</decisionTable>"
    read = sorted(set(inputs))
    data = "".join(
        f'<inputData id="d{name}" name="{name}">'
        f'<variable name="{name}" typeRef="{VARIABLES[name]}"/></inputData>'
        for name in read
    )
    needs = "".join(
        f'<informationRequirement id="r{name}"><requiredInput href="#d{name}"/>'
        "</informationRequirement>"
        for name in read
    )
    text = (
        f'<definitions xmlns="{_NAMESPACE}" id="m" name="m" namespace="made">'
        '<itemDefinition name="tAnswers" isCollection="true">'
        f"<typeRef>{type_}</typeRef></itemDefinition>{data}"
        f'<decision id="answer" name="Answer"><variable name="Answer"{answer}/>'
        f"{needs}{table}</decision>"
        "</definitions>"
    )
    return Tree(f"table {policy}", TABLE, text, text, tuple(parts), frozenset(inputs))


def _closed(grower: Grower, type_: str) -> Tree:
    """Return a cell that reads no variable."""
    tests = cell(grower, type_, depth=0)
    while tests.reads:
        tests = cell(grower, type_, depth=0)
    return tests


def _rule(grower: Grower, number: int, tests: list[Tree], type_: str, outputs: int) -> str:
    entries = "".join(
        f'<inputEntry id="c{number}.{column}"><text>{escape(each.text)}</text></inputEntry>'
        for column, each in enumerate(tests)
    )
    for column in range(outputs):
        text = escape(grower.random.choice(_OUTPUTS[type_]))
        entries += f'<outputEntry id="a{number}.{column}"><text>{text}</text></outputEntry>'
    return f'<rule id="r{number}">{entries}</rule>'
