"""Random pairs of small graphs, two tables and a literal expression, asked for every input."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product
from typing import Any

from dmn_text import decision, input_data, literal, model, output, table
from verify.random_grids import KINDS, LISTED, NAMES, OUTPUTS, Drawn, accepts, draw, text
from verify.table_pairs import changed

import pydmn

TOPS = (
    'if B = "p" then n else B',
    'if B = "p" and n > 1 then "low" else if B = null then "none" else B',
    "if n between 0 and 2 then A else B",
    'B in ("p", "q") and n != 1',
    "[A, B]",
    "{a: A, b: if n = 2 then B else null}",
    "n + 1",
    'if A = B then "same" else n',
)


def pair(seed: int) -> tuple[bytes, bytes, dict[str, Any]]:
    """Return two models, and the values that inputs may have."""
    chance = random.Random(seed)
    number = seed * 1_000
    while (low := draw(number)).policy not in ("UNIQUE", "FIRST", "ANY", "PRIORITY") or (
        len(low.columns) > 2 or low.outputs != ("string",)
    ):
        number += 1
    rows = _rows(chance, low.outputs[0])
    top = chance.choice(TOPS)
    old = _model(low, rows, top)
    what = chance.choice(("low", "low", "rows", "top", "nothing"))
    if what == "low":
        low = replace(changed(chance, low), outputs=low.outputs)
    if what == "rows":
        place = chance.randrange(len(rows))
        rows = (*rows[:place], *_rows(chance, low.outputs[0])[:1], *rows[place + 1 :])
    if what == "top":
        top = chance.choice(TOPS)
    values = {each.name: (None, *KINDS[each.kind].values) for each in low.columns}
    return (
        old,
        _model(low, rows, top),
        {**values, "n": (None, *map(pydmn.feel, ["-1", "0", "1", "1.5", "2", "3"]))},
    )


def _rows(chance: random.Random, type_: str) -> tuple[tuple[str, ...], ...]:
    """Return the rules of a table over what another answers and a number."""
    of_answer = (*OUTPUTS[type_], "-", "-", f"not({OUTPUTS[type_][0]})")
    of_number = ("-", "< 1", ">= 1", "[0..2]", "null", "2")
    return tuple(
        (chance.choice(of_answer), chance.choice(of_number), chance.choice(('"p"', '"q"', '"r"')))
        for _ in range(chance.randint(1, 4))
    )


def _model(low: Drawn, rows: tuple[tuple[str, ...], ...], top: str) -> bytes:
    names = dict.fromkeys(column.name for column in low.columns)
    inputs = {column.name: KINDS[column.kind].type_ref for column in low.columns}
    (type_,) = low.outputs
    default = OUTPUTS[type_][0] if low.default else ""
    shape = tuple((column.name, inputs[column.name]) for column in low.columns)
    rules = tuple(
        (*(text(column.cells[rule]) for column in low.columns), *low.conclusions[rule])
        for rule in low.rules
    )
    return model(
        NAMES,
        *(input_data(*each) for each in inputs.items()),
        input_data("n", "number"),
        decision(
            "A",
            table(low.policy, shape, (output("", type_, LISTED[type_], default),), rules),
            inputs=tuple(names),
        ),
        decision(
            "B",
            table("FIRST", (("A", type_), ("n", "number")), (output("", "string"),), rows),
            inputs=("n",),
            decisions=("A",),
        ),
        decision("D", literal(top), inputs=("n",), decisions=("A", "B")),
    )


def wrong(seed: int) -> tuple[bool | None, list[str]]:
    """Return what is said of the pair of a seed, and all that is wrong with it."""
    old, new, values = pair(seed)
    models = pydmn.load(old), pydmn.load(new)
    said = pydmn.diff(*models, "D")
    answers = [model_.decision("D") for model_ in models]
    rows = [dict(zip(values, row, strict=True)) for row in product(*values.values())]
    asked = [{k: [*v] if isinstance(v, tuple) else v for k, v in row.items()} for row in rows]
    differ = {
        n for n, row in enumerate(asked) if _plain(answers[0](row)) != _plain(answers[1](row))
    }
    found = []
    if said.equal is True and differ:
        found.append(f"{seed}: said to be equal, but {asked[min(differ)]}")
    if said.equal is False and not said.changes:
        found.append(f"{seed}: different, and nothing shown")
    if said.equal is None and differ:
        found.append(f"{seed}: not decided, but {asked[min(differ)]}")
    held: set[int] = set()
    for change in said.changes:
        given = pydmn.read_json(pydmn.write_json(change.witness))
        shown = [answer(given) for answer in answers]
        if shown != [change.old, change.new] or _plain(shown[0]) == _plain(shown[1]):
            found.append(f"{seed}: {change} is answered {shown}")
        if change.region is not None:
            held |= {n for n, row in enumerate(rows) if _inside(change.region, row)}
    if said.why is None and held != differ:
        found.append(f"{seed}: {asked[min(held ^ differ)]} is {held ^ differ <= held}")
    return said.equal, found


def _plain(value: Any) -> str:
    """Return what tells values apart that Python takes for equal: false and 0."""
    return pydmn.write_json(value)


def _inside(region: Any, given: Any) -> bool:
    return all(accepts(tests, given[name]) for name, tests in region.items())
