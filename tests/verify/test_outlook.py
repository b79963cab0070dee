"""Outlooks, and the classes of inputs, against the decisions asked one by one."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from dmn_text import decision, input_data, literal, model, output, table
from hypothesis import given, settings
from random_tables import VALUES, loaded, tables

import pydmn

Y = (0, Decimal("1.5"), 2)
S = ("a", "b")


def numbers(outlook: pydmn.Outlook, record: dict[str, Any]) -> tuple[int, ...]:
    """Return the numbers of a record's inputs."""
    found: dict[str, int] = {}
    for name in outlook.inputs:
        beside = outlook.beside.get(name)
        found[name] = outlook.number(
            name, record.get(name), None if beside is None else found[beside]
        )
    return tuple(found.values())


def told(found: pydmn.Prospect, name: str) -> str:
    """Return an answer and its rules, to the last digit."""
    return repr((found.values(name), found.hits(name)))


@settings(max_examples=30, deadline=None)
@given(tables())
def test_records_with_the_same_numbers_have_the_same_answers(drawn: dict[str, Any]) -> None:
    """All records over a few values of each input, each evaluated by itself."""
    subject = loaded(drawn)
    outlook = subject.outlook(["D"])
    names = [f"i{n}" for n in range(len(drawn["kinds"]))]
    values = [VALUES[kind] for kind in drawn["kinds"]]
    spread = outlook.spread([outlook.places("D").value])
    seen: dict[tuple[int, ...], str] = {}
    rows, expected = [], []
    for each in itertools.islice(itertools.product(*values, Y, S), 60):
        record = dict(zip((*names, "y", "s"), each, strict=True))
        result = subject.evaluate("D", record)
        rules = result.trace.hits[-1].rules if result.trace.hits else ()
        key = numbers(outlook, record)
        answer = repr(([result.value], [rules]))
        assert seen.setdefault(key, answer) == answer
        assert told(outlook.prospect(key), "D") == answer
        rows.append(key)
        expected.append(result.value)
    columns = [np.array(column, np.intp) for column in zip(*rows, strict=True)]
    (column,) = spread.answered(columns).values()
    assert [outlook.values(number) for number in column.tolist()] == [[each] for each in expected]


LISTS = (
    ("some", 'some d in codes satisfies d in ("a", "b")'),
    ("every", 'every d in codes satisfies d != "c"'),
    ("has", 'list contains(codes, "b")'),
    ("count", "count(codes) > 0"),
    ("many", "count(codes) > 1"),
    ("kept", 'codes[item >= "b"]'),
    ("place", "codes[1]"),
    ("two", 'some d in codes satisfies d > "a" and not(list contains(others, d))'),
    ("echo", "codes"),
    ("text", 'string join(codes, "-")'),
    ("null", "codes = null"),
)
CODES = [list(each) for n in range(4) for each in itertools.product("abcd", repeat=n)]


def listed(text: str) -> pydmn.Model:
    codes = (
        '<itemDefinition name="codes" isCollection="true"><typeRef>string</typeRef>'
        "</itemDefinition>"
    )
    inputs = (input_data("codes", "codes"), input_data("others", "codes"))
    return pydmn.load(
        model(codes, *inputs, decision("D", literal(text), inputs=("codes", "others")))
    )


@pytest.mark.parametrize(("name", "text"), LISTS)
def test_lists_are_known_by_their_members(name: str, text: str) -> None:
    subject = listed(text)
    outlook = subject.outlook(["D"])
    for others in ([], ["b"], ["d", "a"]) if name == "two" else ([],):
        beside = outlook.number("others", others) if "others" in outlook.inputs else None
        beside = beside if "codes" in outlook.beside else None
        members = outlook.members("codes", beside)
        for codes in [*CODES, None]:
            record = {"codes": codes, "others": others}
            key = numbers(outlook, record)
            value = subject.decision("D")(record)
            assert outlook.prospect(key).values("D") == [value]
            if members is None or codes is None:
                continue
            classes = [number for each in codes if (number := members.of(each))]
            if not members.ordered:
                classes = sorted({*classes})
            at = outlook.inputs.index("codes")
            assert members.number(classes, empty=not codes) == key[at]


def test_what_members_say_of_a_list() -> None:
    known = {name: listed(text).outlook(["D"]) for name, text in LISTS if name != "two"}
    looked = {name: outlook.members("codes") for name, outlook in known.items()}
    assert {name for name, each in looked.items() if each is not None} == {
        "some", "every", "has", "count", "kept",
    }  # fmt: skip
    assert listed(dict(LISTS)["two"]).outlook(["D"]).beside == {"codes": "others"}


def test_values_that_nothing_tells_apart_are_one_class() -> None:
    subject = pydmn.load(
        model(
            input_data("size", "number"),
            input_data("limit", "number"),
            input_data("name", "string"),
            decision(
                "D",
                table(
                    "FIRST",
                    (("size < limit", "boolean"), ("size", "number")),
                    (output("o", "string"),),
                    (("true", "-", '"below"'), ("-", "> 10", "name"), ("-", "-", '"else"')),
                ),
                inputs=("size", "limit", "name"),
            ),
        )
    )
    fixed = subject.outlook(["D"], {"limit": 3})
    sizes = (-1, 2.5, 3, 7, 10, Decimal("10.0"), 11, Decimal("1e30"), None)
    # Below 3, above 10, and all others, null among them: no rule asks for null.
    assert len({fixed.number("size", size) for size in sizes}) == 3
    assert fixed.number("size", 10) == fixed.number("size", 3)
    assert fixed.number("name", "a") != fixed.number("name", "b")
    free = subject.outlook(["D"])
    assert len({free.number("size", size) for size in sizes}) == 9


def test_what_changes_by_itself_has_no_outlook() -> None:
    subject = pydmn.load(model(decision("D", literal("now()"))))
    with pytest.raises(pydmn.NotFinite, match="`D` reads the clock"):
        subject.outlook(["D"])
