"""A table that is asked often: the same answers, trace and steps with its index as without."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from dmn_text import decision, input_data, knowledge, literal, model, output, table
from hypothesis import given
from hypothesis import strategies as st

import pydmn
from pydmn.backends.to_python import matching
from pydmn.feel import host
from pydmn.run import Run

CELLS = (
    "-", "-", '"a"', '"a", "b"', 'not("a")', '> "a"', '["a".."c")', "1", "1, 2", "< 1", "[1..2)",
    "not(1)", "null", "not(null)", "null, 1", 'null, "a"', "true", "false", "not(true)", '1, "a"',
    'date("2024-02-29")', '> date("2024-02-29")', '@"2024-02-29", 1', "> y", "? > y", "y", "odd(?)",
    'list contains(?, "a")', 'starts with(?, "a")', "? in (1, 2)", '? = "a" or ? = "b"', "? < 2",
    "not(? = 1)", '[1, "a"]', "? * 2 > 2", '< "b", > 1', "count(?) > 1", "not(< 1)", "x",
)  # fmt: skip
VALUES = (
    None, "a", "b", "", "c", 0, 1, 2, Decimal("1.5"), True, False, date(2024, 2, 29),
    date(2024, 3, 1), [], ["a"], ["a", 1], {"k": 1},
)  # fmt: skip
POLICIES = ("UNIQUE", "FIRST", "ANY", "RULE ORDER", "COLLECT")


def told(loaded: pydmn.Model, inputs: dict[str, Any]) -> tuple[Any, ...]:
    """Return all that one evaluation of `D` leaves behind."""
    run = Run(loaded.limits, loaded.clock)
    given_ = {loaded.step(name).key: host.from_python(each) for name, each in inputs.items()}
    value = loaded.backend.graph(loaded.step("D").key).evaluate(run, given_)
    trace = run.trace
    return repr(value), repr(trace.hits), repr(trace.notes), trace.dropped, run.steps


@given(st.data())
def test_an_index_shows_in_nothing(data):
    columns = data.draw(st.integers(1, 3))
    cells = st.sampled_from(CELLS)
    rules = data.draw(
        st.lists(st.tuples(*[cells] * columns), min_size=1, max_size=12).map(
            lambda found: [(*each, str(n)) for n, each in enumerate(found)]
        )
    )
    names = [f"i{n}" for n in range(columns)]
    logic = table(
        data.draw(st.sampled_from(POLICIES)), tuple((name, None) for name in names),
        (output(),), tuple(rules),
    )  # fmt: skip
    given_ = (*names, "x", "y")
    file = model(*map(input_data, given_), decision("D", logic, inputs=given_))
    loaded = pydmn.load(file)
    values = st.sampled_from(VALUES)
    for _ in range(4):
        inputs = {name: data.draw(values) for name in given_}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(matching, "_OFTEN", 10**9)
            patch.setattr(matching, "_FEWEST", 0)
            without = told(loaded, inputs)
            patch.setattr(matching, "_OFTEN", 0)
            patch.setattr(matching, "_MOST_CONSTANTS", data.draw(st.sampled_from((1, 100))))
            assert told(loaded, inputs) == without, inputs


CODES = table(
    "UNIQUE", (("code", "string"),), (output("n", "number"),),
    tuple((f'"c{n}"', str(n)) for n in range(3_000)),
)  # fmt: skip


def test_a_table_inside_of_a_knowledge_model_is_looked_up(monkeypatch):
    file = model(
        input_data("code", "string"),
        knowledge("Find", (("code", "string"),), CODES),
        decision("D", literal("Find(code) + 1"), inputs=("code",), knowledge=("Find",)),
    )
    ask = pydmn.load(file).decision("D").by_closures
    for _ in range(6):
        assert ask({"code": "c41"}) == 42
    monkeypatch.setattr(matching.Matching, "_by_cells", None)
    assert ask({"code": "c7"}) == 8
    assert ask({"code": "none"}) is None


def test_masks_without_room_are_not_made(monkeypatch):
    monkeypatch.setattr(matching, "_MOST_BYTES", 1_000_000)
    file = model(input_data("code", "string"), decision("D", CODES, inputs=("code",)))
    decide = pydmn.load(file).decision("D")
    assert [decide.by_closures({"code": f"c{n}"}) for n in range(8)] == [*range(8)]


def test_a_variable_may_hide_a_function():
    """An input named `date` is no function, so a cell that calls it accepts nothing."""
    rules = tuple((f'< date("2024-01-{n:02}")', f'"{n}"') for n in range(1, 11))
    logic = table("FIRST", (("day", "date"),), (output(),), (*rules, ("-", '"none"')))
    file = model(
        input_data("day", "date"), input_data("date"), decision("D", logic, inputs=("day", "date"))
    )
    decide = pydmn.load(file).decision("D")
    for _ in range(7):
        assert decide.by_closures({"day": date(2023, 1, 1)}) == "none"
