"""Versions that work something out of their inputs: against inputs by the hundred, and by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from dmn_text import (
    NAMESPACE,
    decision,
    input_data,
    knowledge,
    literal,
    model,
    output,
    table,
)
from verify import term_pairs

import pydmn
from pydmn.verify.changes import trials

TYPES = {
    "Age": "number", "Weight": "number", "Height": "number", "Code": "string", "Plan": "string",
    "Codes": "names", "Birth": "date", "Service": "date", "Stay": "dayTimeDuration",
    "Open": "time", "At": "dateTime", "Any": None,
}  # fmt: skip


@pytest.mark.parametrize("start", [0, 6, 18])
def test_graphs_over_all_types_are_answered_as_the_versions_are(start):
    for seed in range(start, start + 6):
        assert not term_pairs.wrong(seed, 200)[1]


def asks(text: str, *others: str) -> pydmn.Model:
    """Return a model of a decision over a condition."""
    inputs = tuple(each for each in TYPES if each in text)
    return pydmn.load(
        model(
            term_pairs.TYPES[0],
            *(input_data(each, TYPES[each]) for each in inputs),
            *others,
            decision("Asked", literal(text), inputs=inputs,
                     knowledge=("Grade",) if "Grade" in text else ()),
            decision("D", literal('if Asked then "approve" else "review"'), decisions=("Asked",)),
        )
    )  # fmt: skip


# Worked by hand: where the two conditions are not true together, in words of what is asked.
DIFFERENT = (
    ('years and months duration(Birth, Service) >= duration("P18Y")',
     'years and months duration(Birth, Service) >= duration("P21Y")',
     {"years and months duration(Birth, Service)": '[@"P18Y"..@"P21Y")'}),
    ('Service - Birth >= duration("P30D")', 'Service - Birth > duration("P30D")',
     {"Service - Birth": '[@"P30D"..@"P31D")'}),
    ('Service + duration("P30D") >= date("2024-03-31")', 'Service > date("2024-03-01")',
     {"Service": '@"2024-03-01"'}),
    ("Service.year >= 2024", "Service.year >= 2025",
     {"Service": '[@"2024-01-01"..@"2025-01-01")'}),
    ('Stay > duration("P2D")', 'Stay > duration("P3D")', {"Stay": '(@"P2D"..@"P3D"]'}),
    ('Open >= time("08:00:00")', 'Open >= time("08:30:00")',
     {"Open": '[@"08:00:00"..@"08:30:00")'}),
    ('At >= @"2024-01-01T08:00:00"', 'At >= @"2024-01-01T09:00:00"',
     {"At": '[@"2024-01-01T08:00:00"..@"2024-01-01T09:00:00")'}),
    ("Age * 2 + 1 > 21", "Age * 2 + 1 > 23", {"Age": "(10..11]"}),
    ("10 - Age >= 3", "Age < 7", {"Age": "7"}),
    ("floor(Age) >= 18", "floor(Age) >= 19", {"Age": "[18..19)"}),
    ("Weight + Height >= 10", "Weight + Height >= 11", {"Height + Weight": "[10..11)"}),
    ("Weight / (Height * Height) >= 30", "Weight / (Height * Height) >= 35",
     {"Weight / (Height * Height)": "[30..35)"}),
    ("Weight * Height = 391", "false and Weight > 1 and Height > 1",
     {"Height * Weight": "391"}),
    ('starts with(Code, "E1")', 'starts with(Code, "E1") and Code != "E11"',
     {"Code": '"E11"'}),
    ("count(Codes) > 2", "count(Codes) > 3",
     {"Codes": "? != null", "count(Codes)": "null, [3..4)"}),
    ('Grade(Weight) = "high"', 'Grade(Weight) = "high" and Weight < 50',
     {"Weight": ">= 50"}),
)  # fmt: skip
GRADE = knowledge(
    "Grade",
    (("value", "number"),),
    table("FIRST", (("value", "number"),), (output("", "string"),),
          (("< 30", '"low"'), ("null", '"none"'), ("-", '"high"'))),
)  # fmt: skip


def with_grade(text: str) -> pydmn.Model:
    return asks(text, GRADE) if "Grade" in text else asks(text)


@pytest.mark.parametrize(("old", "new", "region"), DIFFERENT)
def test_where_versions_differ_is_found_and_shown(old, new, region):
    found = pydmn.diff(with_grade(old), with_grade(new), "D")
    assert found.equal is False
    assert [each.region for each in found.changes] == [region]
    for change in found.changes:
        assert {change.old, change.new} == {"approve", "review"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('years and months duration(Birth, Service) >= duration("P18Y")',
         "years and months duration(Birth, Service).years >= 18"),
        ("(Service - Birth).days > 3", 'Service - Birth >= duration("P4D")'),
        ("Birth < Service", "not(Birth >= Service)"),
        ("Service.year >= 2024", 'Service >= date("2024-01-01")'),
        ('Stay > duration("P2D")', 'Stay > duration("PT48H")'),
        ('Open >= time("08:00:00")', 'not(Open < @"08:00:00")'),
        ("Age * 2 + 1 > 21", "Age > 10"),
        ("10 - Age > 3", "Age < 7"),
        ("Weight <= Height + 5", "Weight - 5 <= Height"),
        ("Weight + Height >= 10", "2 * Height + 2 * Weight >= 20"),
        ("Age between Height and Weight", "Age >= Height and Age <= Weight"),
        ("floor(Age) >= 18", "Age >= 18"),
        ("round half up(Age, 0) >= 18", "Age >= 17.5"),
        ("round half up(Age, 0) > -18", "Age > -17.5"),
        ("count(Codes) > 2", "count(Codes) >= 3"),
        ("Code = Plan", "not(Plan != Code)"),
        ("Weight / (Height * Height) >= 30", "30 <= Weight / (Height * Height)"),
        ('Any > 18 and Plan = "a"', 'Plan = "a" and not(Any <= 18)'),
        ('Grade(Weight) = "low"', "Weight < 30"),
        ('Grade(Weight + 1) = "low"', "Weight < 29"),
        ('if Any = 18 then true else Any = "18"', 'Any in (18, "18")'),
    ],
)  # fmt: skip
def test_the_same_in_other_words_is_equal(old, new):
    found = pydmn.diff(with_grade(old), with_grade(new), "D")
    assert (found.equal, found.why) == (True, None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Weight / 3 * 3 >= 1", "Weight >= 1"),
        ("Any = 18", 'Any = "18"'),
        ('substring(Code, 1, 3) = "E11"', 'substring(Code, 1, 3) = "E12"'),
        ('upper case(Code) = "E11"', 'upper case(Code) = "E12"'),
        ("string length(Code) = 57", "string length(Code) = 58"),
        ("modulo(Age, 7) = 3", "modulo(Age, 7) = 4"),
        ("3 * Age - 7 = 10000", "3 * Age - 7 = 10003"),
    ],
)
def test_a_difference_is_shown_though_few_inputs_have_it(old, new):
    assert pydmn.diff(with_grade(old), with_grade(new), "D").equal is False


def scored(policy: str, points: str, text: str) -> pydmn.Model:
    rows = ((">= 65", "-", points), ("-", ">= 30", "3"), ("-", "> 40", "4"))
    columns = (("Age", "number"), ("Weight", "number"))
    listed = "4, 3, 2, 1" if "ORDER" in policy or policy == "PRIORITY" else ""
    return pydmn.load(
        model(
            *(input_data(each, "number") for each in ("Age", "Weight")),
            decision("Score", table(policy, columns, (output("", "number", listed),), rows),
                     inputs=("Age", "Weight")),
            decision("D", literal(text), decisions=("Score",)),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        (("COLLECT+SUM", "2", "Score >= 5"), ("COLLECT+SUM", "2", "Score > 4"), True),
        (("COLLECT+SUM", "2", "Score >= 5"), ("COLLECT+SUM", "1", "Score >= 5"), False),
        (("COLLECT+SUM", "2", "Score"), ("COLLECT", "2", "sum(Score)"), True),
        (("COLLECT+COUNT", "2", "Score > 1"), ("COLLECT", "1", "count(Score) >= 2"), False),
        (("COLLECT+COUNT", "2", "Score > 1"), ("COLLECT+COUNT", "1", "Score >= 2"), True),
        (("COLLECT+MIN", "2", "Score >= 3"), ("COLLECT+MIN", "1", "Score >= 3"), True),
        (("COLLECT+MIN", "2", "Score >= 3"), ("COLLECT+MIN", "2", "Score >= 4"), False),
        (("COLLECT+MAX", "2", "Score = 4"), ("COLLECT", "2", "list contains(Score, 4)"), False),
        (("OUTPUT ORDER", "2", "Score[1]"), ("PRIORITY", "2", "Score"), True),
        (("RULE ORDER", "2", "Score[-1]"), ("COLLECT+MAX", "2", "Score"), True),
        (("RULE ORDER", "2", "Score[2]"), ("RULE ORDER", "2", "Score[1]"), False),
        (("RULE ORDER", "2", "Score"), ("COLLECT", "2", "Score"), True),
        (("RULE ORDER", "2", "Score"), ("OUTPUT ORDER", "2", "Score"), False),
    ],
)
def test_what_tables_collect_is_followed(old, new, equal):
    assert pydmn.diff(scored(*old), scored(*new), "D").equal is equal


def importing(limit: int, text: str) -> pydmn.Model:
    """Return a model that reads a decision and calls a function of another."""
    other = model(
        input_data("Age", "number"),
        decision("Adult", literal(f"Age >= {limit}"), inputs=("Age",)),
        knowledge("Band", (("a", "number"),), literal(f'if a < {limit} then "child" else "adult"')),
        name="lib",
        namespace="urn:lib",
    )
    asked = decision("D", literal(text), inputs=("N",), decisions=("Adult",), knowledge=("Band",))
    own = model(
        f'<import name="lib" namespace="urn:lib" importType="{NAMESPACE}"/>',
        input_data("N", "number"),
        asked.replace("#Adult", "urn:lib#Adult").replace("#Band", "urn:lib#Band"),
    )
    return pydmn.load([own, other])


def test_what_is_imported_goes_by_its_whole_name():
    old = importing(18, 'lib.Adult and lib.Band(N) = "child"')
    found = pydmn.diff(old, importing(21, 'lib.Adult and lib.Band(N) = "child"'), "D")
    assert found.equal is False
    assert {name for each in found.changes for name in each.witness} == {"N", "lib.Age"}
    assert pydmn.diff(old, importing(18, "lib.Adult and N < 18"), "D").why is None


def squared(times: int, limit: int) -> pydmn.Model:
    """Return a chain of squares: written out, the last of them has no end."""
    names = [f"S{n}" for n in range(times)]
    chain = [
        decision(name, literal(f"{before} * {before} + 1"), decisions=(before,))
        for before, name in pairwise(names)
    ]
    first = decision("S0", literal("N * N + N"), inputs=("N",))
    last = decision("D", literal(f"{names[-1]} > {limit}"), decisions=(names[-1],))
    return pydmn.load(model(input_data("N", "number"), first, *chain, last))


def test_what_grows_without_end_is_not_followed():
    found = pydmn.diff(squared(25, 5), squared(25, 6), "D")
    assert found.equal is None
    assert "larger than is followed" in str(found.why)


def test_a_date_of_numbers_in_a_cell_is_a_constant():
    rows = (("< date(2024, 3, 1)", '"early"'), (">= date(2024, 3, 1)", '"late"'))
    logic = table("UNIQUE", (("Service", "date"),), (output("", "string"),), rows)
    asked = model(input_data("Service", "date"), decision("D", logic, inputs=("Service",)))
    (found,) = pydmn.load(asked).verify()
    assert {"complete", "no-overlap"} <= {*found.proved}


def doubling(times: int, more: int) -> bytes:
    """Return functions each of which calls the one before it twice."""
    known = [knowledge("F0", (("x", "number"),), literal(f"x * x + {more}"))]
    for number in range(1, times):
        before = f"F{number - 1}"
        required = (
            f'<knowledgeRequirement><requiredKnowledge href="#{before}"/></knowledgeRequirement>'
        )
        known.append(
            knowledge(
                f"F{number}", (("x", "number"),), literal(f"{before}(x) + {before}(x + 1)")
            ).replace("</businessKnowledgeModel>", f"{required}</businessKnowledgeModel>")
        )
    last = f"F{times - 1}"
    asked = decision("D", literal(f"{last}(N)"), inputs=("N",), knowledge=(last,))
    return model(input_data("N", "number"), *known, asked)


def test_a_case_that_takes_long_is_tried_last(monkeypatch):
    monkeypatch.setattr(trials, "TRIALS", 30)
    old, new = (pydmn.load(doubling(12, more)) for more in (1, 2))
    found = pydmn.diff(old, new, "D")
    assert found.equal is False
    change = found.changes[0]
    assert old.decision("D")(change.witness) == change.old
    assert new.decision("D")(change.witness) == change.new
    assert change.new - change.old == 2**11


def test_calls_that_double_are_looked_through_once():
    """A model that calls another twice, and that another twice, 40 deep: there are 2**40 calls."""
    old, new = (pydmn.load(doubling(40, more)) for more in (1, 2))
    found = pydmn.diff(old, new, "D")
    assert found.equal is None
    assert found.why is not None
    assert "steps" in found.why
