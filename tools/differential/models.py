"""Well-typed decision tables, made at random, as DMN models whose decision is `Answer`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from cells import cell
from productions import BOOLEAN, DATE, NUMBER, STRING
from trees import VARIABLES, Grower

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


@dataclass(frozen=True, slots=True)
class Model:
    """A model with a decision table: its text, hit policy and input variables."""

    policy: str
    text: str
    inputs: tuple[str, ...]


def models(grower: Grower) -> Iterator[Model]:
    """Yield models without end; each hit policy in its turn."""
    while True:
        for policy in POLICIES:
            yield _model(grower, policy)


def _model(grower: Grower, policy: str) -> Model:
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
            f"{values if ranked else ''}{default if random.random() < 0.3 else ''}</output>"
        )
    rules = "".join(
        _rule(grower, number, inputs, type_, outputs) for number in range(random.randint(1, 5))
    )
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
    return Model(policy, text, tuple(read))


def _rule(grower: Grower, number: int, inputs: list[str], type_: str, outputs: int) -> str:
    entries = ""
    for column, name in enumerate(inputs):
        tests = cell(grower, VARIABLES[name], depth=0)
        while tests.reads:
            tests = cell(grower, VARIABLES[name], depth=0)
        entries += (
            f'<inputEntry id="c{number}.{column}"><text>{escape(tests.text)}</text></inputEntry>'
        )
    for column in range(outputs):
        text = escape(grower.random.choice(_OUTPUTS[type_]))
        entries += f'<outputEntry id="a{number}.{column}"><text>{text}</text></outputEntry>'
    return f'<rule id="r{number}">{entries}</rule>'
