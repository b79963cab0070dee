"""Random decision tables, and their answers by the words of the standard.

A table is judged by asking each cell by itself, and applying the hit policy here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from dmn_text import decision, input_data, literal, model, output, table
from hypothesis import strategies as st

import pydmn

CELLS = {
    "number": ("-", "1", "< 1", ">= 2", "[1..2)", "not(1)", "null", "1, 3", "> y", "even(?)"),
    "string": ("-", '"a"', '"a", "b"', 'not("a")', "null", '> "a"', "starts with(?, s)"),
    "boolean": ("-", "true", "false", "not(null)"),
    "Any": (
        "-",
        '"a"',
        '"a", 1',
        "null",
        'list contains(?, "a")',
        'not(list contains(?, "b"))',
        'some d in ? satisfies d in ("a", "c")',
        "count(?) > 1",
        '["a", "b"]',
    ),
}
VALUES = {
    "number": (None, 0, 1, Decimal("1.5"), 2, 3, Decimal("1.0")),
    "string": (None, "a", "b", "c", ""),
    "boolean": (None, True, False),
    "Any": (None, "a", 1, [], ["a"], ["b", "c"], ["a", None], [1], {"k": "a"}),
}
ALLOWED = {"number": "1, 2", "string": '"a", "b"', "boolean": "true", "Any": '"a", 1, ["a"]'}
"""Values of a column that are allowed, where not all are."""
OUTPUTS = {
    "number": ("1", "2", "-3.5", "y + 1", "null"),
    "string": ('"x"', '"y"', '"z"', "s"),
}
POLICIES = (
    "UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER",
    "COLLECT", "COLLECT+SUM", "COLLECT+MIN", "COLLECT+MAX", "COLLECT+COUNT",
)  # fmt: skip
ORDERS = {"number": "2, 1, -3.5, 4", "string": '"z", "x", "y"'}
SCALARS = ("boolean", "number", "string")
READERS = (
    "D", "count(D)", "sum(D)", "sum(D.o0)", "min(D)", "D.o0", "D.o1", "D[item > 1]", "D + 1",
    "some t in D satisfies t > 1", "every t in D satisfies t < 2", 'list contains(D, "x")',
    "some t in D satisfies t.o0 = 1", "if D = null then 0 else count(D) + 1", 'D = "x"',
    "list contains(D.o0, s)", "D[o0 = 1].o1", "for t in D return t", 'D in ("x", "y")',
    "count(D.o0)", 'D[item = "x"]',
)  # fmt: skip
"""Expressions that read what a table answers, be it a list, a context or neither."""


@st.composite
def tables(draw: st.DrawFn, kinds: tuple[str, ...] = SCALARS) -> dict[str, Any]:
    """Draw a table: its policy, columns of `kinds`, outputs, rules, default.

    Columns of any kind, lists among them, may come with a list of values that are allowed.
    """
    policy = draw(st.sampled_from(POLICIES))
    listed = "Any" in kinds
    kinds = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3))
    some = [listed and draw(st.integers(0, 3)) == 0 for _ in kinds]
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
        "allowed": [ALLOWED[k] if only else None for k, only in zip(kinds, some, strict=True)],
    }  # fmt: skip


def loaded(drawn: dict[str, Any], *readers: str) -> pydmn.Model:
    """Return the model of decision `D`, the table, and decisions `R0`, ... that read it."""
    inputs = tuple((f"i{n}", kind) for n, kind in enumerate(drawn["kinds"]))
    outputs = tuple(
        output(f"o{n}", type_, ORDERS[type_], OUTPUTS[type_][0] if drawn["default"] else "")
        for n, type_ in enumerate(drawn["outputs"])
    )
    names = (*inputs, ("y", "number"), ("s", "string"))
    given = tuple(name for name, _ in names)
    logic = table(drawn["policy"], inputs, outputs, tuple(drawn["rules"])).split("</input>")
    columns = [
        f"{text}<inputValues><text>{escape(only)}</text></inputValues>" if only else text
        for text, only in zip(logic, drawn["allowed"], strict=False)
    ]
    return pydmn.load(
        model(
            *(input_data(*each) for each in names),
            decision("D", "</input>".join([*columns, logic[-1]]), inputs=given),
            *(
                decision(f"R{n}", literal(text), inputs=given, decisions=("D",))
                for n, text in enumerate(readers)
            ),
        )
    )


def expected(drawn: dict[str, Any], given: dict[str, Any]) -> Any:
    """Return the answer by 8.2.10 and 8.2.11, from cells and outputs asked one by one."""
    context = {"y": given["y"], "s": given["s"]}
    width = len(drawn["kinds"])
    for n, only in enumerate(drawn["allowed"]):
        value = given[f"i{n}"]
        if only is not None and value is not None and not pydmn.unary_tests(only, value):
            return None  # an input that is not allowed has no answer (8.3.2)
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
