"""Fused functions: the same values as the closures, and as the standard's words.

Random tables are judged by asking each cell by itself and applying the hit policy here; the
conformance kit's decisions by their closures, with inputs as given, left out and of other types.
"""

from __future__ import annotations

import random
import traceback
from collections import UserDict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dmn_text import decision, input_data, literal, model, output, table
from hypothesis import given
from hypothesis import strategies as st
from random_tables import READERS, SCALARS, VALUES, expected, loaded, tables

import pydmn
from benchmarks.forms import FORMS, decided, explained
from pydmn import tck

# --- random tables --------------------------------------------------------------------


def records(data: st.DataObject, drawn: dict[str, Any]) -> list[dict[str, Any]]:
    """Draw what a table is asked."""
    values = {f"i{n}": st.sampled_from(VALUES[kind]) for n, kind in enumerate(drawn["kinds"])}
    record = st.fixed_dictionaries({**values, "y": st.sampled_from((1, None)), "s": st.just("a")})
    return [data.draw(record) for _ in range(4)]


@given(tables(), st.data())
def test_a_table_answers_as_its_cells_and_its_policy_say(drawn, data):
    decide = loaded(drawn).decision("D")
    for given_ in records(data, drawn):
        assert decide(given_) == expected(drawn, given_), given_


@given(tables((*SCALARS, "Any")), st.sampled_from(READERS), st.data())
def test_lists_into_a_table_and_out_of_it(drawn, reader, data):
    """Lists as inputs, also among allowed values; the table's answer read by an expression."""
    found = loaded(drawn, reader)
    decide = found.decision("D")
    read = found.decision("R0")
    for given_ in records(data, drawn):
        answer = expected(drawn, given_)
        assert decide(given_) == answer, given_
        context = {"y": given_["y"], "s": given_["s"], "D": answer}
        assert read(given_) == pydmn.feel(reader, context), (answer, given_)
        assert outcome(read, given_) == outcome(read.by_closures, given_), given_


@given(tables((*SCALARS, "Any")), st.sampled_from(sorted(FORMS)), st.integers(1, 4), st.data())
def test_every_form_of_index_answers_so(drawn, form, block, data):
    found = loaded(drawn)
    forms = replace(FORMS[form], block=block, sparse_bytes=4 * block)
    with pytest.MonkeyPatch.context() as patch:
        if data.draw(st.booleans(), "as a table of more rules"):
            patch.setattr("pydmn.backends.to_python.fused.masks._CHUNKED", 0)
        decide = decided(found, "D", forms)
        whole = explained(found, "D", forms)
    for given_ in records(data, drawn):
        assert decide(given_) == expected(drawn, given_), given_
        hits = found.evaluate("D", given_).trace.hits
        assert whole(given_) == tuple(rule for hit in hits for rule in hit.rules), given_


# --- the conformance kit --------------------------------------------------------------

OTHERS = (
    None, "x", Decimal(5), 7, True, False, ["a"], [1, 2], Decimal("1.50"), 2.5, "", -3, {"a": 1},
    [None], ("a",), date(2024, 2, 29), 10**40, Decimal("NaN"), Decimal(1).next_plus(), float("inf"),
    1e300, "2024-02-29", [1.5, 2],
)  # fmt: skip


def variants(inputs: dict[str, Any], chance: random.Random) -> list[dict[str, Any]]:
    """Return inputs as they are, each left out, each of another type; and so with their entries."""
    found = [inputs]
    for name, value in inputs.items():
        found.append({key: value for key, value in inputs.items() if key != name})
        found.append({**inputs, name: chance.choice(OTHERS)})
        if isinstance(value, dict):
            inner = [*variants(value, chance), {"more": chance.choice(OTHERS), **value}]
            found += [{**inputs, name: each} for each in inner[1:]]
    return found


def outcome(ask: Any, inputs: dict[str, Any]) -> str:
    """Return what came of a question, as a text; a function has no text."""
    try:
        answer = repr(ask(inputs))
    except pydmn.PydmnError as error:
        return f"{type(error).__name__}: {error.message}"
    return answer if "object at" not in answer else "a function"


@pytest.mark.parametrize("part", range(4))
def test_every_decision_of_the_kit_answers_as_its_closures_do(tck_folder, part):
    chance = random.Random(part)  # noqa: S311  the same questions in each run
    asked = 0
    folders = sorted(each.parent for each in Path(tck_folder).glob("*/*/*-test-*.xml"))
    for folder in sorted(set(folders))[part::4]:
        tests: dict[str, list[tck.Case]] = {}
        for path in sorted(folder.glob("*-test-*.xml")):
            name, cases = tck.read_cases(path, folder.name)
            tests.setdefault(name, []).extend(cases)
        for name, cases in tests.items():
            try:
                found = pydmn.load(folder / name, functions=tck.JAVA)
            except pydmn.PydmnError:
                continue
            for decision_name in found.names:
                try:
                    decide = found.decision(decision_name)
                except pydmn.PydmnError:
                    continue
                for inputs in [
                    each for case in cases[:4] for each in variants(case.inputs, chance)
                ]:
                    assert outcome(decide, inputs) == outcome(decide.by_closures, inputs), (
                        folder.name, decision_name, inputs
                    )  # fmt: skip
                    asked += 1
    assert asked > 1_000


# --- what is unusual ------------------------------------------------------------------

AGES = table(
    "FIRST",
    (("age", "number"), ("plan", "string")),
    (output("answer", "string"),),
    (("< 18", "-", '"child"'), ("[18..65)", '"gold", "silver"', '"adult"'), ("-", "-", '"other"')),
)


@pytest.fixture(scope="module")
def ages():
    file = model(
        input_data("age", "number"),
        input_data("plan", "string"),
        decision("D", AGES, inputs=("age", "plan")),
    )
    return pydmn.load(file).decision("D")


class Text(str):
    """A string of a class of its own, equal to nothing."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("inputs", "answer"),
    [
        ({"age": 20, "plan": "gold"}, "adult"),
        ({"age": Decimal("17.9999999999999999999999999999999999"), "plan": ""}, "other"),
        ({"age": Decimal("17.99"), "plan": ""}, "child"),
        ({"age": 17.5, "plan": "gold"}, "child"),
        ({"age": -(10**30), "plan": "gold"}, "child"),
        ({"age": True, "plan": "gold"}, "other"),
        ({"age": "17", "plan": "gold"}, "other"),
        ({"age": 20}, "other"),
        ({}, "other"),
        ({"age": 20, "plan": Text("gold")}, "adult"),
        ({"age": 20, "plan": 5}, "other"),
        ({"age": 20, "plan": ["gold"]}, "adult"),
        ({"age": [20], "plan": "gold"}, "adult"),
        ({"age": 20, "plan": "gold", "more": object()}, "adult"),
        (UserDict({"age": 20, "plan": "gold"}), "adult"),
        (UserDict({"plan": "gold"}), "other"),
    ],
)
def test_what_is_unusual_means_the_same(ages, inputs, answer):
    assert ages(inputs) == answer
    assert ages.evaluate(inputs).value == answer


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"age": Decimal("NaN"), "plan": "gold"}, "input `age`"),
        ({"age": Decimal("Infinity"), "plan": "gold"}, "input `age`"),
        ({"age": 10**7000, "plan": "gold"}, "input `age`"),
        ({"age": 20, "plan": object()}, "input `plan`"),
    ],
)
def test_what_has_no_meaning_is_refused(ages, inputs, message):
    with pytest.raises(pydmn.InputError, match=message):
        ages(inputs)


def test_a_string_above_the_limits_is_refused():
    file = model(
        input_data("age", "number"),
        input_data("plan", "string"),
        decision("D", AGES, inputs=("age", "plan")),
    )
    decide = pydmn.load(file, limits=pydmn.Limits(chars=10)).decision("D")
    assert decide({"age": 20, "plan": "x" * 10}) == "other"
    with pytest.raises(pydmn.LimitExceeded, match="chars"):
        decide({"age": 20, "plan": "x" * 11})


def test_each_answer_is_the_hosts_own():
    logic = table(
        "FIRST", (("x", "number"),), (output("a"), output("b")), (("-", "[1, 2]", '"t"'),)
    )
    decide = pydmn.load(
        model(input_data("x", "number"), decision("D", logic, inputs=("x",)))
    ).decision("D")
    first = decide({"x": 1})
    first["a"].append(3)
    first["b"] = "changed"
    assert decide({"x": 1}) == {"a": [1, 2], "b": "t"}


def test_a_list_handed_in_is_not_the_answer():
    file = model(input_data("xs"), decision("D", literal("xs"), inputs=("xs",)))
    given_ = ["a", "b"]
    answer = pydmn.load(file).decision("D")({"xs": given_})
    assert answer == given_
    assert answer is not given_


def test_an_integer_comes_out_as_a_decimal():
    file = model(
        input_data("n", "number"), decision("D", literal("n"), type_ref="number", inputs=("n",))
    )
    assert type(pydmn.load(file).decision("D")({"n": 5})) is Decimal


def test_a_record_of_the_usual_kind_does_without_closures(ages, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("pydmn.backends.to_python.decisions.CompiledStep.evaluate", refuse)
    assert ages({"age": 20, "plan": "gold"}) == "adult"


def test_what_is_nested_too_deep_for_python_is_left_to_the_closures():
    """A hundred blocks in each other are no Python, and neither are twenty loops."""
    chosen = "0"
    for n in range(120):
        chosen = f"if age > {1000 - n} then {n} else {chosen}"
    some = "age > 1"
    for n in range(25):
        some = f"some x{n} in [1, 2] satisfies {some}"
    looped = f"{{xs: [1, 2], found: {some.replace('[1, 2]', 'xs')}}}.found"
    for text, answer in ((chosen, 119), (some, True), (looped, True)):
        file = model(input_data("age", "number"), decision("D", literal(text), inputs=("age",)))
        assert pydmn.load(file).decision("D")({"age": 882}) == answer


class Failing(dict[str, Any]):
    """A mapping of the host that fails."""

    def __getitem__(self, key: str) -> Any:
        raise RuntimeError(key)


def test_a_traceback_shows_the_generated_lines(ages):
    with pytest.raises(RuntimeError) as caught:
        ages(Failing())
    shown = "".join(traceback.format_exception(caught.value))
    assert "in decide" in shown
    assert "= inputs['age']" in shown


def test_a_small_budget_is_kept():
    file = model(
        input_data("age", "number"),
        input_data("plan", "string"),
        decision("D", AGES, inputs=("age", "plan")),
    )
    found = pydmn.load(file)
    with pytest.raises(pydmn.LimitExceeded, match="steps"):
        found.decision("D", limits=pydmn.Limits(steps=3))({"age": 20, "plan": "gold"})


def with_list(*rules: tuple[str, ...], outputs: tuple[str, ...], text: str) -> pydmn.Decide:
    """Return a decision `D` by `text` on the list that table `T` gives for x = 2."""
    logic = table("COLLECT", (("x", "number"),), outputs, rules)
    file = model(
        input_data("x", "number"),
        decision("T", logic, inputs=("x",)),
        decision("D", literal(text), decisions=("T",)),
    )
    return pydmn.load(file).decision("D")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("sum(T)", None),
        ("some t in T satisfies t > 5", None),
        ("every t in T satisfies t < 5", None),
        ("T[item > 0]", [1]),
        ("count(T)", 2),
    ],
)
@pytest.mark.parametrize("second", [("> 1", "null"), ("> 1", "7")])
def test_a_list_may_hold_nulls(second, text, answer):
    """A null that is written, and one that the output's list of values makes of a 7."""
    decide = with_list(("-", "1"), second, outputs=(output("n", None, "1, 2"),), text=text)
    assert decide({"x": 2}) == answer


def test_an_entry_of_many_may_be_null():
    rules = (("-", "1", '"a"'), ("> 1", "null", "null"))
    decide = with_list(*rules, outputs=(output("n"), output("k")), text="sum(T.n)")
    assert decide({"x": 2}) is None


@pytest.mark.parametrize(
    ("value", "answer"), [("a", 1), ("z", None), (["a"], None), ({"k": 1}, None), (None, 1)]
)
def test_allowed_values_of_what_has_no_type(value, answer):
    listed = '<inputValues><text>"a", "b"</text></inputValues></input>'
    logic = table("FIRST", (("xs", None),), (output(),), (("-", "1"),))
    file = model(
        input_data("xs"),
        decision("D", logic.replace("</input>", listed), inputs=("xs",)),
    )
    assert pydmn.load(file).decision("D")({"xs": value}) == answer
