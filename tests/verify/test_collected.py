"""Tables that answer with all rules that match, read for less: against all worlds, one by one."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from dmn_text import decision, input_data, literal, model, output, table

import pydmn

NAMES = ("a", "b", "c")
UNKNOWN = object()
STATES = (True, False, None, UNKNOWN)
CELLS = ("-", "-", "true", "false", "null", "not(null)")
ASKED = ("Table", "Text", "Whole", "All")
KINDS = {
    "collect": ("COLLECT", {}, None),
    "in the order of the rules": ("RULE ORDER", {}, None),
    "with a default": ("COLLECT", {"default": '"none"'}, None),
    "of a type": ("COLLECT", {}, "number"),
    "counted": ("COLLECT+COUNT", {}, None),
    "added": ("COLLECT+SUM", {}, None),
    "first": ("FIRST", {}, None),
}


def subject_of(policy: str, clause: dict[str, str], type_: str | None, seed: int) -> pydmn.Model:
    """Return a model whose table `All` is read for whether it is null, and for more."""
    stream = random.Random(seed)
    outputs = ("null", "1") if policy.endswith("SUM") else ('"x"', "null", "a")
    rules = [
        (*(stream.choice(CELLS) for _ in NAMES), stream.choice(outputs))
        for _ in range(stream.randint(1, 4))
    ]
    columns = tuple((name, "boolean") for name in NAMES)
    inside = table(policy, columns, (output("o", **clause),), tuple(rules))
    reads = table(
        "FIRST",
        (("All != null", "boolean"), ("a", "boolean")),
        (output("o"),),
        (
            ("false", "-", '"none"'),
            ("true", "true", "if null = All then 1 else 2"),
            ("-", "-", "3"),
        ),
    )
    text = "if All = null then b else c"
    return pydmn.load(
        model(
            *(input_data(name, "boolean") for name in NAMES),
            decision("All", inside, type_ref=type_, inputs=NAMES),
            decision("Table", reads, inputs=("a",), decisions=("All",)),
            decision("Text", literal(text), inputs=("b", "c"), decisions=("All",)),
            decision("Whole", literal("[All, All = null]"), decisions=("All",)),
        )
    )


def told(values: list[object]) -> set[str]:
    return {repr(each) for each in values}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", KINDS)
def test_less_than_a_table_answers_is_what_all_worlds_say(kind: str, seed: int) -> None:
    subject = subject_of(*KINDS[kind], seed)
    outlook = subject.outlook(ASKED, unknown=NAMES)
    sure = outlook.places("All").sure
    wanted = [outlook.places(name).value for name in ASKED]
    spread = outlook.spread([*wanted, sure])
    names = [name for name in NAMES if name in outlook.inputs]
    answers = {}
    for record in itertools.product((True, False, None), repeat=len(names)):
        found = [
            subject.evaluate(name, dict(zip(names, record, strict=True)))
            for name in (*ASKED, "All")
        ]
        hits = found[-1].trace.hits
        answers[record] = [each.value for each in found[:-1]], hits[-1].rules if hits else ()
    questions = list(itertools.product(STATES, repeat=len(names)))
    numbers = [
        [
            outlook.unknown(name) if state is UNKNOWN else outlook.number(name, state)
            for name, state in zip(names, question, strict=True)
        ]
        for question in questions
    ]
    at = [names.index(name) for name in outlook.inputs]
    columns = [np.array([row[place] for row in numbers], np.intp) for place in at]
    spread_out = spread.answered(columns)
    for row, question in enumerate(questions):
        worlds = [
            answers[world]
            for world in itertools.product(
                *((True, False) if state is UNKNOWN else (state,) for state in question)
            )
        ]
        alone = outlook.prospect([int(column[row]) for column in columns])
        for position, name in enumerate(ASKED):
            expected = told([values[position] for values, _ in worlds])
            assert told(alone.values(name)) == expected
            assert told(outlook.values(int(spread_out[wanted[position]][row]))) == expected
        certain = set.intersection(*(set(hits) for _, hits in worlds))
        found = outlook.hits(int(spread_out[sure][row]))
        assert set.intersection(*map(set, found)) == certain
        assert {*alone.hits("All")} == {hits for _, hits in worlds}


def test_a_table_that_is_only_compared_to_null_is_not_worked_out() -> None:
    """Of eight answers that are independent, there are 3 to the 8th sets of rules."""
    names = tuple(f"i{number}" for number in range(8))
    rules = tuple(
        (*("false" if position == number else "-" for position in range(8)), '"x"')
        for number in range(8)
    )
    inside = table("COLLECT", tuple((name, "boolean") for name in names), (output("o"),), rules)
    subject = pydmn.load(
        model(
            *(input_data(name, "boolean") for name in names),
            decision("All", inside, inputs=names),
            decision("D", literal("All = null"), decisions=("All",)),
        )
    )
    outlook = subject.outlook(["D"], unknown=names)
    given = {
        name: [outlook.number(name, True), outlook.number(name, False), outlook.unknown(name)]
        for name in outlook.inputs
    }
    rows = itertools.product(*given.values())
    columns = [np.array(column, np.intp) for column in zip(*rows, strict=True)]
    wanted = [outlook.places("D").value, outlook.places("All").sure]
    before = outlook.size
    outlook.spread(wanted).answered(columns)
    # Whether it is null is certain or hangs on one of 255 sets of inputs, and 256 sets of rules
    # are hit for certain: there are so many again for each column on the way.
    assert outlook.size - before < 3**8
