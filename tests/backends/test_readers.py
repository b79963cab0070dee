"""What the fused function reads of a host, against what the closures convert."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from dmn_text import decision, input_data, literal, model
from hypothesis import given
from hypothesis import strategies as st

import pydmn

PERSON = """
<itemDefinition name="tPlan">
  <itemComponent name="name"><typeRef>string</typeRef></itemComponent>
  <itemComponent name="since"><typeRef>date</typeRef></itemComponent>
  <itemComponent name="active"><typeRef>boolean</typeRef></itemComponent>
</itemDefinition>
<itemDefinition name="tPlans" isCollection="true"><typeRef>tPlan</typeRef></itemDefinition>
<itemDefinition name="tPerson">
  <itemComponent name="age"><typeRef>number</typeRef></itemComponent>
  <itemComponent name="codes" isCollection="true"><typeRef>string</typeRef></itemComponent>
  <itemComponent name="plan"><typeRef>tPlan</typeRef></itemComponent>
</itemDefinition>
"""

TYPES = (
    "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration", "Any", "tPerson", "tPlan", "tPlans",
)  # fmt: skip

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((0, 5, -3, 10**18, 10**40, 0.1, 2.5, -0.0, 1e300, float("nan"), float("inf"))),
    st.sampled_from(tuple(map(Decimal, ("1.50", "-0", "1E+3", "NaN", "1e-6000", "0.1")))),
    st.sampled_from(("", "a", "2024-02-29", "2024-02-30", "10:00:00", "PT1H", "P1Y", "x" * 200)),
    st.sampled_from(("2024-02-29T10:00:00", "2024-02-29T10:00:00Z", "P1Y2M3D", "-P1D")),
    st.sampled_from((date(2024, 2, 29), datetime(2024, 2, 29, 1), time(1, 2), timedelta(1))),  # noqa: DTZ001
)
plans = st.fixed_dictionaries(
    {"name": scalars, "since": scalars, "active": scalars},
    optional={"more": scalars | st.lists(scalars, max_size=2), "Ä b": scalars},
)
persons = st.fixed_dictionaries(
    {"age": scalars, "codes": scalars | st.lists(scalars, max_size=3), "plan": plans | scalars},
    optional={"more": plans | scalars},
)
almost = st.one_of(plans, persons).flatmap(
    lambda value: st.sampled_from(sorted(value)).map(
        lambda name: {key: member for key, member in value.items() if key != name}
    )
)
values = st.one_of(
    scalars, plans, persons, almost, st.lists(scalars | plans, max_size=3), st.tuples(scalars)
)


def reading(type_: str) -> pydmn.Decide:
    """Return a decision that answers with its input, of `type_`, and says what is in it."""
    text = (
        "{whole: x, age: x.age, name: x.plan.name, some: [x] instance of list<Any>, s: string(x)}"
    )
    file = model(
        PERSON,
        input_data("x", type_),
        decision("D", literal(text), inputs=("x",)),
    )
    return pydmn.load(file).decision("D")


DECIDE = {type_: reading(type_) for type_ in TYPES}


def outcome(ask: Any, value: Any) -> str:
    try:
        return repr(ask({"x": value}))
    except pydmn.PydmnError as error:
        return f"{type(error).__name__}: {error.message}"


@pytest.mark.parametrize("type_", TYPES)
@given(data=st.data())
def test_a_value_is_read_as_the_closures_convert_it(type_, data):
    value = data.draw(values)
    decide = DECIDE[type_]
    assert outcome(decide, value) == outcome(decide.by_closures, value)


USUAL = {
    "number": (5, Decimal("1.5"), 2.5, None),
    "date": ("2024-02-29", date(2024, 2, 29), None),
    "time": ("10:00:00", time(10)),
    "date and time": ("2024-02-29T10:00:00", datetime(2024, 2, 29, 10)),  # noqa: DTZ001
    "days and time duration": ("PT1H", timedelta(hours=1)),
    "years and months duration": ("P1Y",),
    "Any": (5, "a", True, None, 2.5, {"a": [1]}, [[1]]),
    "tPlans": ([{"name": "b", "since": None, "active": True}] * 2, [None], [], None),
    "tPerson": (
        {"age": 5, "codes": ["a"], "plan": {"name": "b", "since": "2024-02-29", "active": True}},
        {"age": None, "codes": None, "plan": None, "more": 5},
        None,
    ),
}


@pytest.mark.parametrize(
    ("type_", "value"), [(type_, value) for type_, found in USUAL.items() for value in found]
)
def test_what_is_usual_is_read_without_closures(type_, value, monkeypatch):
    decide = reading(type_)
    told = outcome(decide.by_closures, value)

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("pydmn.backends.to_python.decisions.CompiledStep.evaluate", refuse)
    assert outcome(decide, value) == told


def test_what_the_host_hands_in_stays_its_own():
    person = {"age": 5, "codes": ["a"], "plan": {"name": "b", "since": None, "active": True}}
    answer = DECIDE["tPerson"]({"x": person})["whole"]
    assert answer == person
    answer["codes"].append("c")
    answer["plan"]["name"] = "d"
    assert person["codes"] == ["a"]
    assert person["plan"]["name"] == "b"


def test_a_name_or_a_text_above_the_limits_is_refused():
    file = model(PERSON, input_data("x", "tPlan"), decision("D", literal("x.name"), inputs=("x",)))
    decide = pydmn.load(file, limits=pydmn.Limits(chars=10)).decision("D")
    plan = {"name": "x" * 10, "since": None, "active": None}
    assert decide({"x": plan}) == "x" * 10
    with pytest.raises(pydmn.LimitExceeded, match="chars"):
        decide({"x": {**plan, "name": "x" * 11}})
    with pytest.raises(pydmn.LimitExceeded, match="chars"):
        decide({"x": {**plan, "more of them": 1}})
