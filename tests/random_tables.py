"""Random decision tables, and their answers by the words of the standard.

A table is judged by asking each cell by itself, and applying the hit policy here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dmn_text import decision, input_data, model, output, table
from hypothesis import strategies as st

import pydmn

CELLS = {
    "number": ("-", "1", "< 1", ">= 2", "[1..2)", "not(1)", "null", "1, 3", "> y", "even(?)"),
    "string": ("-", '"a"', '"a", "b"', 'not("a")', "null", '> "a"', "starts with(?, s)"),
    "boolean": ("-", "true", "false", "not(null)"),
}
VALUES = {
    "number": (None, 0, 1, Decimal("1.5"), 2, 3, Decimal("1.0")),
    "string": (None, "a", "b", "c", ""),
    "boolean": (None, True, False),
}
OUTPUTS = {
    "number": ("1", "2", "-3.5", "y + 1", "null"),
    "string": ('"x"', '"y"', '"z"', "s"),
}
POLICIES = (
    "UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER",
    "COLLECT", "COLLECT+SUM", "COLLECT+MIN", "COLLECT+MAX", "COLLECT+COUNT",
)  # fmt: skip
ORDERS = {"number": "2, 1, -3.5, 4", "string": '"z", "x", "y"'}


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a table: its policy, columns, outputs, rules, default."""
    policy = draw(st.sampled_from(POLICIES))
    kinds = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=3))
    many = 1 if "+" in policy else draw(st.integers(1, 2))
    wanted = "number" if "+" in policy else None
    outputs = [wanted or draw(st.sampled_from(sorted(OUTPUTS))) for _ in range(many)]
    plain = draw(st.booleans())
    cells = [CELLS[kind][1:3] if plain else CELLS[kind] for kind in kinds]
    rules = draw(
        st.lists(
            st.tuples(
                *map(st.sampled_from, cells), *(st.sampled_from(OUTPUTS[o]) for o in outputs)
            ),
            min_size=1,
            max_size=20,
        )
    )
    default = draw(st.booleans()) and policy != "COLLECT+COUNT"
    return {
        "policy": policy, "kinds": kinds, "outputs": outputs, "rules": rules, "default": default,
    }  # fmt: skip


def loaded(drawn: dict[str, Any]) -> pydmn.Model:
    inputs = tuple((f"i{n}", kind) for n, kind in enumerate(drawn["kinds"]))
    outputs = tuple(
        output(f"o{n}", type_, ORDERS[type_], OUTPUTS[type_][0] if drawn["default"] else "")
        for n, type_ in enumerate(drawn["outputs"])
    )
    names = (*inputs, ("y", "number"), ("s", "string"))
    return pydmn.load(
        model(
            *(input_data(*each) for each in names),
            decision(
                "D",
                table(drawn["policy"], inputs, outputs, tuple(drawn["rules"])),
                inputs=tuple(name for name, _ in names),
            ),
        )
    )


def expected(drawn: dict[str, Any], given: dict[str, Any]) -> Any:
    """Return the answer by 8.2.10 and 8.2.11, from cells and outputs asked one by one."""
    context = {"y": given["y"], "s": given["s"]}
    width = len(drawn["kinds"])
    hits = [
        rule
        for rule in drawn["rules"]
        if all(
            pydmn.unary_tests(cell, given[f"i{n}"], context) for n, cell in enumerate(rule[:width])
        )
    ]
    listed = [[pydmn.feel(each) for each in ORDERS[o].split(", ")] for o in drawn["outputs"]]

    def allowed(value: Any, n: int) -> Any:
        return value if value in listed[n] else None

    rows = [
        [allowed(pydmn.feel(text, context), n) for n, text in enumerate(rule[width:])]
        for rule in hits
    ]
    single = len(drawn["outputs"]) == 1

    def shown(row: list[Any]) -> Any:
        return row[0] if single else {f"o{n}": value for n, value in enumerate(row)}

    policy = drawn["policy"]
    if not rows:
        if drawn["default"]:
            return shown([pydmn.feel(OUTPUTS[o][0]) for o in drawn["outputs"]])
        return 0 if policy == "COLLECT+COUNT" else None

    def rank(row: list[Any]) -> list[int]:
        return [
            order.index(value) if value in order else len(order)
            for order, value in zip(listed, row, strict=True)
        ]

    match policy:
        case "UNIQUE":
            return shown(rows[0]) if len(rows) == 1 else None
        case "FIRST":
            return shown(rows[0])
        case "ANY":
            return shown(rows[0]) if all(row == rows[0] for row in rows) else None
        case "PRIORITY":
            return shown(min(rows, key=rank))
        case "OUTPUT ORDER":
            return [shown(row) for row in sorted(rows, key=rank)]
        case "RULE ORDER" | "COLLECT":
            return [shown(row) for row in rows]
        case "COLLECT+COUNT":
            return len(rows)
    numbers = [row[0] for row in rows]
    if None in numbers:
        return None
    return {"SUM": sum, "MIN": min, "MAX": max}[policy.partition("+")[2]](numbers)
