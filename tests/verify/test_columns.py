"""Tables verified whose columns ask or work something out, have no type, or test lists."""

from __future__ import annotations

from decimal import Decimal

import pytest
from dmn_text import decision, input_data, model, output, table

import pydmn

EVERYTHING = {
    "complete", "complete-with-null", "no-overlap", "no-dead-rule", "no-redundant-rule",
    "no-unreachable-output", "none-outside-allowed", "every-input-matters",
}  # fmt: skip
TYPES = """
<itemDefinition name="codes" isCollection="true"><typeRef>string</typeRef></itemDefinition>
<itemDefinition name="short" isCollection="true"><typeRef>string</typeRef>
<typeConstraint><text>count(?) &lt; 2</text></typeConstraint></itemDefinition>
<itemDefinition name="person"><itemComponent name="age"><typeRef>number</typeRef></itemComponent>
<itemComponent name="sex"><typeRef>string</typeRef></itemComponent></itemDefinition>
<itemDefinition name="child"><typeRef>number</typeRef>
<allowedValues><text>[0..17]</text></allowedValues></itemDefinition>
"""
Column = tuple[str, str | None]


def verified(
    inputs: tuple[Column, ...],
    columns: tuple[Column, ...],
    rules: tuple[tuple[str, ...], ...],
    policy: str = "UNIQUE",
    **more: str,
) -> pydmn.VerifiedTable:
    """Return what is found of a table of some columns over some inputs, with one output."""
    logic = table(policy, columns, (output(**more),), rules)
    names = tuple(name.replace(" ", "_") for name, _ in inputs)
    loaded = pydmn.load(
        model(TYPES, *(input_data(*each) for each in inputs), decision("D", logic, inputs=names))
    )
    (found,) = loaded.verify()
    for finding in found.findings:
        if finding.witness is not None:
            _replay(loaded, finding)
    return found


def _replay(loaded: pydmn.Model, finding: pydmn.TableFinding) -> None:
    """Ask the model for a case as anybody asks it."""
    result = loaded.evaluate("D", finding.witness)
    hits = result.trace.hits[-1].rules if result.trace.hits else ()
    match finding.code:
        case "gap":
            assert (result.value, hits) == (None, ())
        case "overlap" | "conflict":
            assert result.value is None
            assert {*finding.rules[:2]} <= {*hits}
        case "masked":
            assert hits == finding.rules[1:]
    assert not {each.code for each in result.diagnostics} & {"type", "allowed-values"}


def said(found: pydmn.VerifiedTable, *codes: str) -> list[tuple[str, ...]]:
    """Return the rules of the findings with one of some codes."""
    return [each.rules for each in found.findings if each.code in codes]


def cases(found: pydmn.VerifiedTable, code: str = "gap") -> list[object]:
    """Return the witnesses of the findings of a code."""
    return [each.witness for each in found.findings if each.code == code]


N = (("n", "number"),)


@pytest.mark.parametrize(
    ("inputs", "columns", "rules"),
    [
        pytest.param(
            N, (("n > 3", "boolean"),), (("true", '"a"'), ("false", '"b"'), ("null", '"c"')),
            id="a comparison",
        ),
        pytest.param(
            N, (("n > 3", "boolean"), ("n > 5", None)),
            (("true", "true", '"a"'), ("true", "false", '"b"'), ("false", "-", '"c"'),
             ("null", "null", '"d"')),
            id="two comparisons of one input",
        ),
        pytest.param(
            N, (("n > 3", "boolean"), ("n", "number")),
            (("true", "-", '"a"'), ("-", "<= 3", '"b"'), ("-", "null", '"c"')),
            id="an input, and what is asked of it",
        ),
        pytest.param(
            N, (('if n = null then "none" else if n in [1..5] then "in" else "out"', "string"),),
            (('"none"', '"a"'), ('"in"', '"b"'), ('"out"', '"c"')),
            id="an if that asks for null",
        ),
        pytest.param(
            (("l", "codes"),), (('list contains(l, "x")', "boolean"),
                                ('some d in l satisfies d in ("x", "y")', None)),
            (("true", "-", '"a"'), ("false", "true", '"b"'), ("-", "false", '"c"'),
             ("null", "-", '"d"')),
            id="a list asked for members by two columns",
        ),
        pytest.param(
            (("l", "codes"),), (("l", "codes"),),
            (('list contains(?, "x") and list contains(?, "y")', '"a"'),
             ('not(list contains(?, "x"))', '"b"'), ("null", '"c"'),
             ('list contains(?, "x") and not(list contains(?, "y"))', '"d"')),
            id="a list asked for two members at once",
        ),
        pytest.param(
            (("l", "codes"),), (("l", "codes"),),
            (('list contains(?, "x") or list contains(?, "y")', '"a"'),
             ('not(some d in ? satisfies d in ("x", "y"))', '"b"'), ("null", '"d"')),
            id="a list asked for one of two members",
        ),
        pytest.param(
            (("a", "number"), ("b", "number")), (("a + b", "number"),),
            (("< 3", '"a"'), (">= 3", '"b"'), ("null", '"c"')),
            id="a sum of two inputs",
        ),
        pytest.param(
            (("from", "date"), ("to", "date")), (("to - from", "dayTimeDuration"),),
            (('< duration("P30D")', '"a"'), ('>= duration("P30D")', '"b"'), ("null", '"c"')),
            id="a difference of two dates",
        ),
        pytest.param(
            (("a", "number"), ("b", "boolean")), (("if b then a > 3 else false", "boolean"),),
            (("true", '"a"'), ("false", '"b"'), ("null", '"c"')),
            id="an if over two inputs",
        ),
        pytest.param(
            (("a", "number"), ("b", "number")), (('if a > b then "more" else "less"', "string"),),
            (('"more"', '"a"'), ('"less"', '"b"')),
            id="an if says what there is",
        ),
        pytest.param(
            N, (("n", "number"),),
            (("< 0.1 + 0.2", '"a"'), ("0.3", '"b"'), ("> 2 * 0.15", '"c"'), ("null", '"d"')),
            id="constants that are worked out",
        ),
        pytest.param(
            (("d", "date"),), (("d", "date"),),
            (('< date("2024-03-01") - duration("P1D")', '"a"'), ('>= @"2024-02-29"', '"b"'),
             ("null", '"c"')),
            id="dates that are worked out",
        ),
    ],
)  # fmt: skip
def test_everything_is_proved(inputs, columns, rules):
    found = verified(inputs, columns, rules)
    assert {each.code for each in found.findings} == set()
    assert {*found.proved} == EVERYTHING


def test_what_is_asked_of_one_input_is_not_asked_twice():
    """No number is above 5 and not above 3."""
    found = verified(N, (("n > 3", None), ("n > 5", None)),
                     (("false", "true", '"a"'), ("-", "-", '"b"')), "FIRST")  # fmt: skip
    assert said(found, "dead-rule") == [("r1",)]
    assert said(found, "not-decided") == []


def test_a_gap_of_what_is_asked_is_told_of_the_input():
    found = verified(N, (("n > 3", "boolean"), ("n > 5", "boolean")),
                     (("true", "true", '"a"'), ("false", "false", '"b"')))  # fmt: skip
    gap = found.findings[0]
    assert (gap.severity, gap.witness) == (pydmn.Severity.ERROR, {"n": Decimal(4)})
    assert gap.message.startswith(
        "n = 4 matches no rule of D; the nearest, rule 1 (r1), needs n > "
    )


def test_what_is_asked_of_allowed_values_only():
    found = verified((("n", "child"),), (("n >= 18", None),), (("true", '"a"'), ("false", '"b"')))
    assert said(found, "dead-rule") == [("r1",)]
    assert "complete" in found.proved


def test_a_negation_may_be_outside_of_what_is_allowed():
    found = verified((("n", "child"),), (("n", "number"),), (("not(< 18)", '"a"'), ("-", '"b"')))
    assert [each.message for each in found.findings if each.code == "outside-allowed"] == [
        "n: not(< 18) is outside of the values allowed"
    ]
    assert "none-outside-allowed" not in found.proved


def test_a_column_without_a_type_may_have_values_of_any():
    found = verified((("v", None),), (("v", None),), (('"x"', '"a"'), ('not("x")', '"b"')))
    # 5 is neither "x" nor not "x".
    assert "complete" not in found.proved
    (gap,) = cases(found)
    assert gap["v"] is not None
    assert not isinstance(gap["v"], str)


def test_a_column_of_two_kinds_is_decided():
    found = verified((("v", None),), (("v", None),), (("[1..5]", '"a"'), ('"x", 5', '"b"')))
    assert said(found, "not-decided") == []
    assert said(found, "overlap") == [("r1", "r2")]
    assert cases(found, "overlap") == [{"v": Decimal(5)}]
    assert "no-dead-rule" in found.proved


def test_a_list_that_a_cell_writes_out_is_a_value_too():
    found = verified((("v", None),), (("v", None),), (("[1, 2]", '"a"'), ("1, 2", '"b"')), "FIRST")
    assert said(found, "dead-rule") == [("r2", "r1")]
    assert said(found, "redundant") == []


def test_lists_of_any_members_may_have_some_that_are_no_texts():
    found = verified((("l", None),), (("l", None),),
                     (('some d in ? satisfies d = "x"', '"a"'),
                      ('not(some d in ? satisfies d = "x")', '"b"'), ("null", '"c"')))  # fmt: skip
    assert "complete" not in found.proved


def test_what_a_list_as_a_whole_allows_is_not_passed_over():
    """A list of less than two has not both members."""
    rules = (('list contains(?, "x")', '"a"'), ('list contains(?, "y")', '"b"'))
    found = verified((("l", "short"),), (("l", None),), rules)
    assert said(found, "overlap") == []
    assert any("count(?) < 2" in each.message for each in found.findings)


def test_a_case_has_every_entry_of_a_context():
    found = verified((("p", "person"),), (("p.age", "number"),), (("< 18", '"a"'), ("> 18", '"b"')))
    assert cases(found)[0] == {"p": {"age": Decimal(18), "sex": None}}


def test_a_context_is_there_or_not():
    found = verified((("p", "person"),), (("p", "person"),), (("null", '"a"'),))
    assert cases(found) == [{"p": {"age": None, "sex": None}}]
    assert said(found, "not-decided") == []


def test_conclusions_that_are_worked_out_of_nothing_are_constants():
    found = verified(N, (("n", "number"),), (("-", '@"2024-01-01"'), ("-", 'date("2024-01-01")')),
                     "ANY")  # fmt: skip
    assert "no-conflict" in found.proved
    assert said(found, "redundant") == [("r1",), ("r2",)]


def test_dates_have_a_priority():
    found = verified(N, (("n", "number"),), (("-", '@"2024-01-02"'), ("> 3", '@"2024-01-01"')),
                     "PRIORITY", values='@"2024-01-02", @"2024-01-01"')  # fmt: skip
    assert said(found, "dead-rule") == [("r2", "r1")]
    assert said(found, "unreachable-output") == [("r2",)]


def test_a_priority_that_is_worked_out_is_not_decided():
    found = verified(N, (("n", "number"),), (("-", "n + 1"), ("-", "1")), "PRIORITY", values="1, 2")
    assert "no-dead-rule" not in found.proved
    assert len(said(found, "not-decided")) == 1


def test_a_rule_that_is_masked_everywhere_is_masked():
    found = verified(N, (("n", "number"),), (("-", '"a"'), ("> 3", '"b"')), "FIRST")
    assert said(found, "dead-rule") == said(found, "masked") == [("r2", "r1")]
    assert "no-masking" not in found.proved


@pytest.mark.parametrize(
    ("operator", "rules", "dropped"),
    [
        ("MIN", (("> 1", "5"), ("-", "3")), [("r1",)]),
        ("MAX", (("> 1", "5"), ("-", "3")), []),
        ("MAX", (("> 1", "3"), ("-", "3")), [("r1",)]),
        ("SUM", (("> 1", "0"), ("> 0", "3")), [("r1",)]),
        ("SUM", (("> 1", "0"), ("> 3", "3")), []),
        ("SUM", (("> 1", "null"), ("< 0", "3")), [("r1",)]),
        ("COUNT", (("> 1", "0"), ("-", "3")), []),
    ],
)
def test_a_value_that_never_tells_is_not_needed(operator, rules, dropped):
    found = verified(N, (("n", "number"),), rules, f"COLLECT+{operator}")
    assert said(found, "redundant") == dropped
    assert ("no-redundant-rule" in found.proved) is not bool(dropped)


def test_the_name_of_an_input_hides_a_function():
    """What is called `date` is no function in this table: its cell is null, of any input."""
    found = verified((("date", None),), (("date", None),),
                     (('>= date("2024-03-10")', '"late"'), ("-", '"early"')), "FIRST")  # fmt: skip
    assert "no-dead-rule" not in found.proved
    assert len(said(found, "not-decided")) >= 1


def test_a_column_that_spends_its_limits_is_not_decided():
    column = ("sum(for i in 1..100000000 return i * n)", "number")
    found = verified(N, (column,), (("> 3", '"a"'), ("< 3", '"b"')))
    assert any("the steps for it are spent" in each.message for each in found.findings)
    assert "complete" not in found.proved
