"""What is said of single tables: each finding's words, case, severity and place."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

import pytest
from dmn_text import decision, input_data, knowledge, literal, model, output, table

import pydmn
from pydmn.engine.verifying import verified

TYPES = """
<itemDefinition name="colour"><typeRef>string</typeRef>
<allowedValues><text>"red", "green"</text></allowedValues></itemDefinition>
<itemDefinition name="share"><typeRef>number</typeRef>
<allowedValues><text>[0..100]</text></allowedValues></itemDefinition>
<itemDefinition name="even"><typeRef>number</typeRef>
<allowedValues><text>even(?)</text></allowedValues></itemDefinition>
<itemDefinition name="codes" isCollection="true"><typeRef>string</typeRef></itemDefinition>
"""
Columns = tuple[tuple[str, str], ...]


def one(policy: str, columns: Columns, rules: tuple[tuple[str, ...], ...], **more: str):
    """Return what is found of one table, whose columns are inputs."""
    loaded = pydmn.load(
        model(
            TYPES,
            *(input_data(*each) for each in columns),
            decision(
                "D",
                table(policy, columns, (output("", "string", **more),), rules),
                inputs=tuple(name for name, _ in columns),
            ),
        )
    )
    (found,) = loaded.verify()
    return found


def said(found: pydmn.VerifiedTable) -> list[str]:
    """Return findings as lines."""
    return [
        f"{each.severity} {each.code} {each.verdict} {' '.join(each.rules)}: {each.message}"
        for each in found.findings
    ]


X, Y = ("x", "number"), ("y", "number")
CASES = [
    pytest.param(
        ("UNIQUE", (X,), (("< 18", '"a"'), ("> 18", '"b"'))),
        [
            ("error gap COUNTEREXAMPLE : x = 18 matches no rule of D; the nearest, rule 1 (r1), "
            "needs x: < 18"),
            ("note gap COUNTEREXAMPLE : x = null matches no rule of D; the nearest, rule 1 (r1), "
            "needs x: < 18"),
        ],
        id="a boundary that neither side has",
    ),
    pytest.param(
        ("UNIQUE", (("d", "date"),), (('<= @"2024-01-31"', '"a"'), ('>= @"2024-02-01"', '"b"'))),
        [
            ("note gap COUNTEREXAMPLE : d = null matches no rule of D; the nearest, rule 1 (r1), "
            'needs d: <= @"2024-01-31"'),
        ],
        id="between two days in a row there is none",
    ),
    pytest.param(
        ("UNIQUE", (("c", "colour"),), (('"red"', '"a"'), ("null", '"b"'))),
        [
            ('error gap COUNTEREXAMPLE : c = "green" matches no rule of D; the nearest, rule 1 '
            '(r1), needs c: "red"'),
        ],
        id="an allowed value that no rule has",
    ),
    pytest.param(
        ("UNIQUE", (("s", "string"),), (('"red"', '"a"'), ("null", '"b"'))),
        [
            ('warning gap COUNTEREXAMPLE : s = "any other" matches no rule of D; the nearest, '
            'rule 1 (r1), needs s: "red"'),
        ],
        id="what no rule names",
    ),
    pytest.param(
        ("UNIQUE", (X, Y), (("<= 5", "-", '"a"'), (">= 5", "> 0", '"b"'), ("null", "-", '"c"'),
                            ("> 5", "<= 0, null", '"d"'))),
        [
            ("error overlap COUNTEREXAMPLE r1 r2: x = 5, y = 1 matches rule 1 (r1) and rule 2: the "
            "table is UNIQUE, so that its answer is null"),
        ],
        id="two rules at a boundary",
    ),
    pytest.param(
        ("ANY", (X,), (("-", '"a"'), ("> 5", '"a"'), ("> 9", '"b"'))),
        [
            ("error conflict COUNTEREXAMPLE r1 r3: x = 10 matches rule 1 (r1) and rule 3, which "
            "concludes something else: the table is ANY, so that its answer is null"),
            ("error conflict COUNTEREXAMPLE r2 r3: x = 10 matches rule 2 (r2) and rule 3, which "
            "concludes something else: the table is ANY, so that its answer is null"),
            ("warning redundant PROVED r2: rule 2 (r2) can be dropped: what it matches has the "
            "same answer without it"),
            ('note unreachable-output PROVED r3: the output "b" never occurs: it stands in rule 3 '
            "alone"),
        ],
        id="ANY with two conclusions",
    ),
    pytest.param(
        ("FIRST", (X,), (("< 5", '"a"'), (">= 5", '"b"'), ("[3..7]", '"c"'), ("-", '"d"'))),
        [
            ("warning dead-rule PROVED r3 r1 r2: rule 3 (r3) never fires: all that it matches goes "
            "to rules 1 and 2"),
            ("note masked COUNTEREXAMPLE r3 r1: x = 3 matches rule 3 (r3), and rule 1 (r1) stands "
            "in front with another conclusion"),
            ("note masked COUNTEREXAMPLE r4 r1: x = 2 matches rule 4 (r4), and rule 1 (r1) stands "
            "in front with another conclusion"),
            ('note unreachable-output PROVED r3: the output "c" never occurs: it stands in rule 3 '
            "alone"),
        ],
        id="no rule alone holds the third, two together do",
    ),
    pytest.param(
        ("FIRST", (X,), (("(1..1)", '"a"'), ("-", '"b"'))),
        [
            "warning dead-rule PROVED r1: rule 1 (r1) never fires: no value fits all its cells",
            ("warning irrelevant-input PROVED : x never matters: whatever it is, the answer is the "
            "same"),
            ('note unreachable-output PROVED r1: the output "a" never occurs: it stands in rule 1 '
            "alone"),
        ],
        id="an interval without a value",
    ),
    pytest.param(
        ("UNIQUE", (("s", "share"),), (("< 50", '"a"'), ("[50..100]", '"b"'), ("> 100", '"c"'))),
        [
            "warning dead-rule PROVED r3: rule 3 (r3) never fires: no value fits all its cells",
            "warning outside-allowed PROVED r3: s: > 100 is outside of the values allowed",
            ("note gap COUNTEREXAMPLE : s = null matches no rule of D; the nearest, rule 1 (r1), "
            "needs s: < 50"),
            ('note unreachable-output PROVED r3: the output "c" never occurs: it stands in rule 3 '
            "alone"),
        ],
        id="beyond what is allowed",
    ),
    pytest.param(
        ("UNIQUE", (X, ("c", "colour")),
         (("< 5", '"red"', '"a"'), ("< 5", '"green"', '"a"'), (">= 5", "-", '"b"'),
          ("null", "-", '"c"'), ("< 5", "null", '"d"'))),
        [
            ("note redundant PROVED r1 r2: rules 1 and 2 can be one: they conclude the same and "
            "differ in c alone"),
        ],
        id="two rules that can be one",
    ),
    pytest.param(
        ("UNIQUE", (("l", "codes"),),
         (('some d in ? satisfies d in ("a", "b")', '"x"'),
          ('not(some d in ? satisfies d in ("a", "b"))', '"y"'))),
        [
            ("note gap COUNTEREXAMPLE : l = null matches no rule of D; the nearest, rule 1 (r1), "
            'needs l: some d in ? satisfies d in ("a", "b")'),
        ],
        id="a list has a member or has not",
    ),
    pytest.param(
        ("UNIQUE", (("l", "codes"),),
         (('list contains(?, "a")', '"x"'), ('not(list contains(?, "a"))', '"y"'),
          ('list contains(?, "b")', '"z"'), ("null", '"n"'))),
        [
            ('error overlap COUNTEREXAMPLE r1 r3: l = ["a", "b"] matches rule 1 (r1) and rule 3: '
            "the table is UNIQUE, so that its answer is null"),
            ('error overlap COUNTEREXAMPLE r2 r3: l = ["b"] matches rule 2 (r2) and rule 3: the '
            "table is UNIQUE, so that its answer is null"),
            ("warning dead-rule PROVED r3 r1 r2: rule 3 (r3) never matches alone, as the table "
            "asks: with it there is always one of rules 1 and 2"),
            ('note unreachable-output PROVED r3: the output "z" never occurs: it stands in rule 3 '
            "alone"),
        ],
        id="lists of several members",
    ),
    pytest.param(
        ("UNIQUE", (X, X), (("< 5", "> 5", '"a"'), (">= 5", ">= 0", '"b"'), ("null", "-", '"c"'),
                            ("< 5", "<= 5", '"d"'))),
        [
            "warning dead-rule PROVED r1: rule 1 (r1) never fires: no value fits all its cells",
            ('note unreachable-output PROVED r1: the output "a" never occurs: it stands in rule 1 '
            "alone"),
        ],
        id="two columns of one input are one",
    ),
    pytest.param(
        ("UNIQUE", (("t", "time"),),
         (('< time("08:00:00")', '"a"'), ('[@"08:00:00"..@"17:30:00")', '"b"'),
          ('> @"17:30:00"', '"c"'), ("null", '"d"'))),
        [
            ('error gap COUNTEREXAMPLE : t = @"17:30:00" matches no rule of D; the nearest, '
             'rule 1 (r1), needs t: < time("08:00:00")'),
        ],
        id="times of day",
    ),
    pytest.param(
        ("UNIQUE", (("m", "dateTime"),),
         (('< date and time("2024-01-01T00:00:00+01:00")', '"a"'),
          ('>= @"2024-01-01T00:00:00+01:00"', '"b"'), ("null", '"d"'))),
        [],
        id="moments of one offset have an order",
    ),
    pytest.param(
        ("UNIQUE", (("d", "dayTimeDuration"),),
         (('<= duration("P30D")', '"a"'), ('> @"P30D"', '"b"'), ('@"PT720H"', '"c"'))),
        [
            ('error overlap COUNTEREXAMPLE r1 r3: d = @"P30D" matches rule 1 (r1) and rule 3: the '
             "table is UNIQUE, so that its answer is null"),
            ("warning dead-rule PROVED r3 r1: rule 3 (r3) never matches alone, as the table asks: "
             "with it there is always rule 1"),
            ('note gap COUNTEREXAMPLE : d = null matches no rule of D; the nearest, rule 1 (r1), '
             'needs d: <= duration("P30D")'),
            ('note unreachable-output PROVED r3: the output "c" never occurs: it stands in rule 3 '
             "alone"),
        ],
        id="durations",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("drawn", "wanted"), CASES)
def test_what_is_said(drawn, wanted):
    policy, columns, rules = drawn
    assert said(one(policy, columns, rules)) == wanted


def test_all_rules_that_are_said_to_meet_do_so_in_the_case():
    found = one("UNIQUE", (X,), (("[0..10]", '"a"'), ("[0..3]", '"b"'), ("[2..9]", '"c"')))
    met = [(each.rules, each.witness["x"]) for each in found.findings if each.code == "overlap"]
    assert {frozenset(pair) for rules, _ in met for pair in combinations(rules, 2)} == {
        frozenset(pair) for pair in combinations(("r1", "r2", "r3"), 2)
    }
    cells = {"r1": "[0..10]", "r2": "[0..3]", "r3": "[2..9]"}
    assert all(pydmn.unary_tests(cells[rule], x) for rules, x in met for rule in rules)


def test_a_default_closes_gaps():
    found = one("UNIQUE", (X,), (("> 5", '"a"'),), default='"b"')
    assert found.proved == (
        "complete", "complete-with-null", "no-overlap", "no-dead-rule", "no-redundant-rule",
        "no-unreachable-output", "none-outside-allowed", "every-input-matters",
    )  # fmt: skip
    assert found.findings == ()
    assert found.sound


def test_the_default_may_be_what_never_occurs():
    found = one("UNIQUE", (X,), (("> 5", '"a"'), ("<= 5, null", '"b"')), values='"a","b","c"',
                default='"c"')  # fmt: skip
    assert said(found) == [
        'note unreachable-output PROVED : the output "c" never occurs: no rule concludes it'
    ]


def test_a_finding_is_where_its_rule_is():
    found = one("FIRST", (X,), (("-", '"a"'), ("> 5", '"b"')))
    (dead,) = (each for each in found.findings if each.code == "dead-rule")
    assert dead.source.place == ("D", "rule 2")
    assert dead.source.line is not None


def test_a_witness_is_in_the_types_of_the_host():
    found = one("UNIQUE", (X, ("l", "codes")), (("< 1", "-", '"a"'), ("> 1", "-", '"b"')))
    gap = found.findings[0]
    assert gap.witness == {"x": Decimal(1), "l": []}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("even(?)", "-"), "the cell even(?) of x, rule 1,"),
        (("> y", "-"), "the cell > y of x, rule 1,"),
    ],
)
def test_a_cell_that_is_no_set_of_values_is_named(cells, words):
    found = one("UNIQUE", (X, Y), ((*cells, '"a"'), ("-", "> 5", '"b"')))
    named = [each for each in found.findings if each.code == "not-decided"]
    assert named[-1].message.startswith(words)
    assert named[-1].verdict is pydmn.Verdict.NOT_DECIDED
    assert named[-1].rules == ("r1",)
    assert "complete" not in found.proved
    assert "no-dead-rule" not in found.proved


def test_what_a_cell_hides_may_still_be_shown():
    """The engine is asked of the case: what is not even matches no rule."""
    found = one("UNIQUE", (X, Y), (("even(?)", "1", '"a"'), ("-", "> 1", '"b"')))
    gap = found.findings[0]
    assert (gap.code, gap.message.partition(" matches")[0]) == ("gap", "y = 1")
    assert not pydmn.unary_tests("even(?)", gap.witness["x"])


def test_of_an_input_that_another_cell_reads_nothing_is_said():
    found = one("UNIQUE", (X, Y), (("< y", "-", '"a"'), (">= y", "-", '"b"')))
    assert not [each for each in found.findings if each.code == "irrelevant-input"]
    assert "every-input-matters" not in found.proved


def test_moments_of_two_offsets_have_no_one_order():
    """A local time stands at one place among each, and at none among both."""
    cells = ('< @"10:00:00"', '>= @"10:00:00+02:00"')
    found = one("UNIQUE", (("t", "time"),), tuple((cell, '"a"') for cell in cells))
    assert {each.rules for each in found.findings if each.code == "not-decided"} >= {
        ("r1",), ("r2",),
    }  # fmt: skip
    assert "complete" not in found.proved


def test_before_midnight_there_are_times_of_other_offsets():
    cell = '>= @"00:00:00Z"'
    found = one("UNIQUE", (("t", "time"),), ((cell, '"a"'), ("null", '"b"')))
    assert "complete" not in found.proved
    assert pydmn.unary_tests(cell, pydmn.feel('@"00:30:00+02:00"')) is False


def test_a_conclusion_that_is_not_listed_is_named():
    found = one("UNIQUE", (X,), (("< 5", '"a"'), (">= 5", '"c"')), values='"a","b"')
    assert [(each.rules, each.message) for each in found.findings
            if each.code == "outside-allowed"] == [
        (("r2",), 'D: "c" is outside of the values allowed')
    ]  # fmt: skip
    assert "none-outside-allowed" not in found.proved


def test_allowed_values_that_are_no_set_of_values_are_named():
    found = one("UNIQUE", (("e", "even"),), (("< 5", '"a"'), ("> 5", '"b"'), ("null", '"c"')))
    (named,) = (each.message for each in found.findings if "allows" in each.message)
    assert named.startswith("what e allows, even(?), does more than compare with constants")
    # 5 is not even: no case shows the gap, and nothing rules one out.
    assert not [each for each in found.findings if each.code == "gap"]
    assert "complete" not in found.proved


def worked_out(*rules: tuple[str, ...]) -> pydmn.VerifiedTable:
    loaded = pydmn.load(
        model(
            TYPES,
            input_data("l", "codes"),
            input_data("age", "number"),
            input_data("limit", "number"),
            decision(
                "D",
                table("UNIQUE", (("count(l)", "number"), ("age < limit", "boolean")),
                      (output("", "string"),), rules),
                inputs=("l", "age", "limit"),
            ),
        )
    )  # fmt: skip
    (found,) = loaded.verify()
    return found


def test_a_case_is_found_for_a_column_that_is_worked_out():
    found = worked_out(("0", "-", '"a"'), ("[1..3]", "true", '"b"'), ("> 4", "-", '"c"'))
    gaps = [each.witness for each in found.findings if each.code == "gap" and each.witness]
    named = [each for each in gaps if None not in each.values()]
    assert {len(each["l"]) for each in named} >= {4}
    assert all(
        len(each["l"]) == 4 or (len(each["l"]) <= 3 and each["age"] >= each["limit"])
        for each in named
    )


def test_a_count_is_a_whole_number_and_never_less_than_none():
    found = worked_out(("0", "-", '"a"'), (">= 1", "true", '"b"'), (">= 1", "false, null", '"c"'),
                       ("null", "-", '"d"'))  # fmt: skip
    assert {"complete", "complete-with-null", "no-overlap", "no-dead-rule"} <= {*found.proved}


def test_a_decision_may_be_what_its_rules_conclude():
    loaded = pydmn.load(
        model(
            input_data("x", "number"),
            decision(
                "A",
                table("FIRST", (X,), (output("k", "string"), output("n", "number")),
                      (("< 5", '"a"', "1"), ("-", '"b"', "2"))),
                inputs=("x",),
            ).replace('id="r', 'id="a'),
            decision(
                "B",
                table("UNIQUE", (("A.k", "string"),), (output("", "string"),),
                      (('"a"', '"x"'), ('"b"', '"y"'))),
                decisions=("A",),
            ),
        )
    )  # fmt: skip
    found = {each.decision: each for each in loaded.verify()}["B"]
    assert "complete" in found.proved
    assert [(each.code, each.witness) for each in found.findings] == [("gap", {"A": {"k": None}})]


def test_a_decision_that_would_have_to_answer_so_makes_it_no_error():
    loaded = pydmn.load(
        model(
            decision("A", literal("1 + 1", "number"), type_ref="number"),
            decision(
                "B",
                table("UNIQUE", (("A", "number"),), (output("", "string"),),
                      (("< 5", '"x"'), ("> 5", '"y"'))),
                decisions=("A",),
            ),
        )
    )  # fmt: skip
    (found,) = loaded.verify()
    gap = found.findings[0]
    assert (gap.code, gap.severity, gap.witness) == ("gap", pydmn.Severity.WARNING, {"A": 5})


def test_the_table_of_a_knowledge_model_is_verified_over_its_parameters():
    loaded = pydmn.load(
        model(
            knowledge(
                "K",
                (("n", "number"),),
                table("UNIQUE", (("n", "number"),), (output(),), (("< 1", "1"), ("> 1", "2"))),
            ),
        )
    )
    (found,) = loaded.verify()
    assert found.decision == "K"
    assert found.findings[0].witness == {"n": Decimal(1)}


def test_functions_are_called_in_columns():
    loaded = pydmn.load(
        model(
            input_data("x", "number"),
            knowledge("twice", (("n", "number"),), literal("n * 2")),
            decision(
                "D",
                table(
                    "UNIQUE", (("twice(x)", "number"),), (output(),), (("< 4", "1"), ("> 4", "2"))
                ),
                inputs=("x",),
                knowledge=("twice",),
            ),
        )
    )
    (found,) = loaded.verify()
    assert found.findings[0].witness == {"x": Decimal(2)}


def test_conclusions_that_are_worked_out_are_no_conflict_without_a_case():
    columns = (X, Y)
    same = one("ANY", columns, (("> 1", "-", 'if x > 0 then "a" else "b"'), ("> 2", "-", '"a"')))
    assert [each.code for each in same.findings if each.code == "conflict"] == []
    assert "no-conflict" not in same.proved
    differ = one("ANY", columns, (("> 1", "-", 'if x > 0 then "a" else "b"'), ("> 2", "-", '"b"')))
    assert [each.code for each in differ.findings].count("conflict") == 1


def test_a_column_that_conclusions_read_is_none_that_never_matters():
    found = one("FIRST", (("s", "string"),), (("-", "s"),))
    assert [each.code for each in found.findings] == []


def test_steps_that_are_spent_are_said():
    rules = tuple((f"[{n}..{n + 3})", f"[{n % 7}..{n % 5 + 9})", f'"{n % 3}"') for n in range(60))
    loaded = pydmn.load(
        model(
            *(input_data(*each) for each in (X, Y)),
            decision("D", table("FIRST", (X, Y), (output("", "string"),), rules),
                     inputs=("x", "y")),
        )
    )  # fmt: skip
    (found,) = verified(loaded.plan, loaded._compiler, loaded.limits, loaded.clock, steps=50)
    undecided = [each for each in found.findings if each.code == "not-decided"]
    assert undecided
    assert all("steps" in each.message or "no input" in each.message for each in undecided)
    assert "complete" not in found.proved
    assert "no-masking" not in found.proved


def test_tables_without_rules_or_inputs():
    bare = pydmn.load(model(decision("D", table("UNIQUE", (), (output(),), (("1",),)))))
    (found,) = bare.verify()
    assert "complete" in found.proved
    none = one("UNIQUE", (X,), ())
    assert next(each.code for each in none.findings) == "gap"


def test_a_table_that_cannot_run_is_left_out():
    loaded = pydmn.load(
        model(
            input_data("x", "number"),
            decision("D", table("UNIQUE", (X,), (output(),), (("< <", "1"),)), inputs=("x",)),
        )
    )
    assert loaded.verify() == ()
    assert loaded.diagnostics
