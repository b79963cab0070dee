"""Two versions of a decision: against a look at every input, and in cases worked by hand."""

from __future__ import annotations

import pytest
from dmn_text import decision, input_data, knowledge, literal, model, output, table
from verify import graph_pairs, table_pairs

import pydmn
from pydmn.verify.changes import tables

CODES = "list&lt;string&gt;"
PERSON = (
    '<itemDefinition name="person"><itemComponent name="Age"><typeRef>number</typeRef>'
    '</itemComponent><itemComponent name="Plan"><typeRef>string</typeRef></itemComponent>'
    "</itemDefinition>"
)


@pytest.mark.parametrize("start", range(0, 90, 15))
def test_two_tables_differ_exactly_where_every_input_says(start):
    said = []
    for seed in range(start, start + 15):
        equal, bad = table_pairs.wrong(seed)
        assert not bad
        said.append(equal)
    assert said.count(None) < 4


@pytest.mark.parametrize("start", range(0, 16, 4))
def test_two_graphs_differ_exactly_where_every_input_says(start):
    for seed in range(start, start + 4):
        assert not graph_pairs.wrong(seed)[1]


def diff(old: bytes, new: bytes) -> pydmn.Difference:
    return pydmn.diff(pydmn.load(old), pydmn.load(new), "D")


def asks(text: str) -> bytes:
    return model(
        input_data("Age", "number"),
        input_data("codes", CODES),
        input_data("Plan", "string"),
        decision("D", literal(text), inputs=("Age", "codes", "Plan")),
    )


def of_bmi(text: str) -> bytes:
    return model(
        input_data("Weight", "number"),
        input_data("Height", "number"),
        decision("BMI", literal("Weight / (Height * Height)", "number"),
                 inputs=("Weight", "Height")),
        decision("D", literal(text), decisions=("BMI",)),
    )  # fmt: skip


def of_person(age: int) -> bytes:
    text = f'if Person.Age < {age} and Person.Plan = "gold" then {{a: 1}} else null'
    return model(PERSON, input_data("Person", "person"),
                 decision("D", literal(text), inputs=("Person",)))  # fmt: skip


def of_limit(limit: int) -> bytes:
    return model(
        input_data("Age", "number"),
        decision("Limit", literal(str(limit))),
        decision("D", literal("Age < Limit"), inputs=("Age",), decisions=("Limit",)),
    )


@pytest.mark.parametrize(
    ("old", "new", "regions"),
    [
        (asks("if Age > 17 then 1 else 2"), asks("if Age >= 18 then 1 else 2"),
         [{"Age": "(17..18)"}]),
        (asks("if Age < 18 then Plan else null"), asks("if Age < 21 then Plan else null"),
         [{"Age": "[18..21)", "Plan": "not(null)"}]),
        (asks('list contains(codes, "a")'), asks('some c in codes satisfies c in ("a", "b")'),
         [{"codes": 'list contains(?, "b") and not(list contains(?, "a"))'}]),
        (of_bmi("BMI >= 30"), of_bmi("BMI >= 35"), [{"BMI": "[30..35)"}]),
        (of_person(18), of_person(21), [{"Person.Age": "[18..21)", "Person.Plan": '"gold"'}]),
        (of_limit(18), of_limit(21), [{"Age": "[18..21)"}]),
    ],
)  # fmt: skip
def test_a_region_is_in_words_of_what_matters(old, new, regions):
    found = diff(old, new)
    assert (found.equal, found.why) == (False, None)
    assert sorted(map(str, (each.region for each in found.changes))) == sorted(map(str, regions))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (asks("if Age > 17 then 1 else 2"), asks("if Age <= 17 or Age = null then 2 else 1")),
        (of_bmi("if BMI > 30 then 1 else 2"), of_bmi("if BMI <= 30 or BMI = null then 2 else 1")),
        (asks("Age * 0.1"), asks("Age*0.1")),
        (of_limit(18), of_limit(18)),
    ],
)
def test_what_says_the_same_in_other_words_is_proved_equal(old, new):
    assert diff(old, new) == pydmn.Difference("D", equal=True)


def test_what_is_rounded_is_never_said_to_be_equal():
    assert diff(asks("Age * 0.1"), asks("Age / 10")).equal is True
    (change,) = diff(asks("Age / 3 * 3"), asks("Age")).changes
    assert change.old != change.new
    found = diff(asks("Age / 3"), asks("Age / 3 + 0 * Age"))
    assert found.equal is not True
    found = diff(asks("Age * 0.1"), asks("Age * 0.2"))
    assert [each.region for each in found.changes] == [{"Age": "< 0"}, {"Age": "> 0"}]
    assert all(each.old * 2 == each.new for each in found.changes)


COUNTED = "count(for i in 1..ceiling(n) return sum(partial) + i) + {}"
"""What is counted hangs on an input, and each turn on those before it."""


def calling(text: str) -> bytes:
    body = literal(text)
    return model(
        input_data("Age", "number"),
        knowledge("Twice", (("n", "number"),), body),
        decision("D", literal("Twice(Age) > 30"), inputs=("Age",), knowledge=("Twice",)),
    )


def test_what_cannot_be_translated_is_tried():
    found = diff(calling(COUNTED.format(9)), calling(COUNTED.format(25)))
    assert found.equal is False
    assert "cases were tried" in str(found.why)
    found = diff(calling(COUNTED.format(9)), calling(COUNTED.format(9).replace("sum", "0 + sum")))
    assert (found.equal, found.changes) == (None, ())


def test_what_is_called_is_looked_into():
    found = diff(calling("n * 2"), calling("n * 3"))
    assert [(each.region, found.why) for each in found.changes] == [({"Age": "(10..15]"}, None)]
    assert diff(calling("n * 2"), calling("n + n")).equal is True


def concluding(text: str) -> bytes:
    rows = (("< 18", "Twice(Age)"), ("-", "null"))
    return model(
        input_data("Age", "number"),
        knowledge("Twice", (("n", "number"),), literal(text)),
        decision("D", table("FIRST", (("Age", "number"),), (output("", "number"),), rows),
                 inputs=("Age",), knowledge=("Twice",)),
    )  # fmt: skip


def test_a_table_that_says_the_same_may_call_what_does_not():
    assert diff(concluding("n * 2"), concluding("n*2")).equal is True
    assert diff(concluding("n * 2"), concluding("n * 3")).equal is False
    assert diff(concluding("n * 2"), concluding("n + n")).equal is True


def test_what_hangs_on_the_clock_is_not_proved():
    found = diff(asks('today() > @"2020-01-01" and Age > 1'),
                 asks('today() > @"2020-01-02" and Age > 1'))  # fmt: skip
    assert found.equal is None
    assert "clock" in str(found.why)


def test_another_type_of_the_answer_is_a_change():
    def typed(type_: str) -> bytes:
        rows = (("< 18", "1"), ("-", "2"))
        logic = table("FIRST", (("Age", "number"),), (output("", "number"),), rows)
        one = (
            '<itemDefinition name="one"><typeRef>number</typeRef><allowedValues><text>1</text>'
            "</allowedValues></itemDefinition>"
        )
        return model(one, input_data("Age", "number"),
                     decision("D", logic, type_ref=type_, inputs=("Age",)))  # fmt: skip

    (change,) = diff(typed("number"), typed("one")).changes
    assert (change.class_, change.old, change.region) == ("narrower", 2, {"Age": "null, >= 18"})


ROWS = (("< 18", '"gold"', '"child"'), ("[18..65)", "-", '"adult"'), (">= 65", "-", '"senior"'))


def fares(rows: tuple[tuple[str, ...], ...], policy: str = "FIRST") -> bytes:
    columns = (("Age", "number"), ("Plan", "string"))
    return model(
        input_data("Age", "number"),
        input_data("Plan", "string"),
        decision("D", table(policy, columns, (output("", "string"),), rows),
                 inputs=("Age", "Plan")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "class_", "answers", "rules"),
    [
        ((("< 18", '"gold"', '"kid"'), *ROWS[1:]), "different", ("child", "kid"), ("r1", "r1")),
        ((("< 18", "-", '"child"'), *ROWS[1:]), "broader", (None, "child"), (None, "r1")),
        (ROWS[:2], "narrower", ("senior", None), ("r3", None)),
    ],
)
def test_a_change_is_broader_narrower_or_different(rows, class_, answers, rules):
    (change,) = diff(fares(ROWS), fares(rows)).changes
    assert (change.class_, (change.old, change.new)) == (class_, answers)
    shown = tuple((ids or (None,))[0] for ids in (change.old_rules, change.new_rules))
    assert shown == rules


@pytest.mark.parametrize("policy", ["FIRST", "UNIQUE", "PRIORITY", "ANY", "COLLECT"])
def test_rules_in_another_order_are_the_same_where_that_means_nothing(policy):
    assert diff(fares(ROWS, policy), fares(ROWS[::-1], policy)).equal is True


def test_rules_in_another_order_differ_where_they_meet():
    rows = (("< 18", "-", '"child"'), ("< 21", "-", '"young"'))
    (change,) = diff(fares(rows), fares(rows[::-1])).changes
    assert (change.region, change.old, change.new) == ({"Age": "< 18"}, "child", "young")
    assert diff(fares(rows, "RULE ORDER"), fares(rows[::-1], "RULE ORDER")).equal is False


def test_each_change_of_a_large_table_has_a_case_of_its_own():
    rows = [(f"[{n}..{n + 1})", "-", f'"o{n}"') for n in range(600)]
    other = [*rows]
    for place in (5, 300, 599):
        other[place] = (*rows[place][:2], '"another"')
    found = diff(fares(tuple(rows)), fares(tuple(other)))
    assert found.why is None
    assert [each.region for each in found.changes] == [
        {"Age": f"[{n}..{n + 1})"} for n in (5, 300, 599)
    ]
    assert [each.old for each in found.changes] == ["o5", "o300", "o599"]
    assert diff(fares(tuple(rows)), fares(tuple(rows[::-1]))).equal is True


def test_many_rules_are_looked_at_only_where_they_meet(monkeypatch):
    # A tenth of what looking at every pair of rules takes: there are 360,000.
    monkeypatch.setattr(tables.TwoTables.__init__, "__defaults__", (36_000,))
    rows = tuple((f"[{n}..{n + 1})", "-", f'"o{n % 7}"') for n in range(600))
    split = tuple((age, plan, name) for age, _, name in rows for plan in ('"gold"', 'not("gold")'))
    assert diff(fares(rows, "UNIQUE"), fares(rows, "FIRST")).equal is True
    assert diff(fares(rows, "UNIQUE"), fares(split, "UNIQUE")).equal is True
    other = (*rows, ("[5..6)", "-", '"more"'))
    (change,) = diff(fares(rows, "FIRST"), fares(other, "UNIQUE")).changes
    assert (change.region, change.old, change.new) == ({"Age": "[5..6)"}, "o5", None)


AGE = input_data("Age", "number")
FINE = model(AGE, decision("D", literal("Age > 1"), inputs=("Age",)))


@pytest.mark.parametrize(
    ("new", "error", "words"),
    [
        (model(AGE, decision("E", literal("Age > 1"), inputs=("Age",))), pydmn.UnknownName,
         "the new version has no `D`"),
        (model(AGE, decision("D", literal("1"))), pydmn.ModelError,
         "the input `Age` in the old version only"),
        (model(input_data("Ages", "number"), decision("D", literal("Ages > 1"), inputs=("Ages",))),
         pydmn.ModelError, "is it `Ages` in the new version?"),
        (model(input_data("Age", "string"), decision("D", literal('Age = "a"'), inputs=("Age",))),
         pydmn.ModelError, "`Age` is number in the old version and string in the new"),
        (model(AGE, decision("D", literal("Agee > 1"), inputs=("Age",))), pydmn.ModelError,
         "the new version has an error"),
        (model(AGE, knowledge("D", (("n", "number"),), literal("n"))), pydmn.ModelError,
         "is a decision in the old version and a business knowledge model in the new"),
    ],
)  # fmt: skip
def test_versions_that_cannot_be_compared_are_refused_by_name(new, error, words):
    with pytest.raises(error) as raised:
        diff(FINE, new)
    assert words in raised.value.message
