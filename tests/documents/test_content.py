"""What a document says, from the rules that run."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

import pytest
from documents import made

from medpolicy.determination import Disposition
from medpolicy.documents import DocumentError, context
from medpolicy.documents.content import (
    Coding,
    CodingEntry,
    Criterion,
    DecisionFormula,
    DecisionTable,
    Indications,
    Logic,
    Prose,
    Register,
    RuleCitation,
    Section,
    Statement,
)
from medpolicy.documents.dispositions import DISPOSITIONS

MN = "medically necessary"
INV = "investigational and not medically necessary"
Kind = TypeVar("Kind", bound=Section)


def section(policy: made.Policy, kind: type[Kind]) -> Kind:
    """Return the first section of a kind."""
    return next(one for one in context(policy).sections if isinstance(one, kind))


def outline(criteria: tuple[Criterion, ...]) -> list[object]:
    """Return the ids, nested as the criteria are."""
    found: list[object] = []
    for criterion in criteria:
        found.append(criterion.id)
        if criterion.nested:
            found.append(outline(criterion.nested))
    return found


def test_criteria_stand_by_result_and_nest_by_their_ids() -> None:
    results = section(made.policy(), Indications).results
    assert [(one.result, outline(one.criteria)) for one in results] == [
        ("Medically necessary", ["A", "F", ["F.1", "F.2"]]),
        ("Investigational and not medically necessary", ["INV-A"]),
        ("Not addressed", ["F"]),
    ]


def test_ten_stands_after_two() -> None:
    rules = [made.criterion(f"A.{number}", MN, f"Number {number}") for number in (10, 2, 1)]
    (result,) = section(made.policy(criteria=rules), Indications).results
    assert outline(result.criteria) == ["A.1", "A.2", "A.10"], "no rule says what A is"


def test_a_criterion_gathers_what_its_rules_say_once() -> None:
    rules = [
        made.criterion("A", MN, "With imaging", [2]),
        made.criterion("A", MN, "With imaging", [1]),
        made.criterion("A", MN, "With a clot", [2]),
    ]
    (result,) = section(made.policy(criteria=rules), Indications).results
    assert result.criteria == (
        Criterion(
            "A",
            (
                Statement("With imaging", "Clinical Indications, A"),
                Statement("With a clot", "Clinical Indications, A"),
            ),
            (1, 2),
            (),
        ),
    )


def test_a_condition_without_a_criterion_stands_last_without_an_id() -> None:
    unnamed = made.rule("r", ["x"], criterion=None, result=MN, statement="Named", citation="C")
    rules = [unnamed, made.criterion("A", MN, "First")]
    (result,) = section(made.policy(criteria=rules), Indications).results
    assert [one.id for one in result.criteria] == ["A", ""]


def entries(*rules: made.Rule) -> list[CodingEntry]:
    """Return what the coding section prints of rules."""
    (outcome,) = section(made.policy(procedures=rules), Coding).outcomes
    return [entry for system in outcome.systems for entry in system.entries]


def listed(entry: CodingEntry) -> list[list[str]]:
    """Return the codes of an entry's parts, each with its mark."""
    return [[f"{code.code}{code.mark}" for code in part.codes] for part in entry.parts]


def test_codes_stand_by_outcome_and_system_in_the_order_of_the_tables() -> None:
    rules = [
        made.codes("1", "CPT", ["37238"]),
        made.codes("2", "ICD-10-PCS", ["05730DZ"], outcome=INV),
        made.codes("3", "CPT", ["61630"], outcome=INV),
        made.codes("4", "CPT", ["37248", "37249"], outcome="elsewhere"),
        made.codes("5", "CPT", ["37236"], outcome=None),
    ]
    outcomes = section(made.policy(procedures=rules), Coding).outcomes
    assert [
        (one.outcome, [(system.system, system.count) for system in one.systems]) for one in outcomes
    ] == [
        ("Medically necessary", [("CPT", 1)]),
        ("Investigational and not medically necessary", [("CPT", 1), ("ICD-10-PCS", 1)]),
        ("Elsewhere", [("CPT", 2)]),
    ]


def test_a_rule_may_stand_under_two_outcomes() -> None:
    rule = made.rule("1", ["05730DZ"], code_system="ICD-10-PCS", outcome=[MN, INV], label="Both")
    outcomes = section(made.policy(procedures=[rule]), Coding).outcomes
    assert [one.systems[0].entries[0].caption for one in outcomes] == ["05730DZ", "05730DZ"]


# The days are those of the CMS code files: 05730D1 since fiscal year 2019; Q21.1 until the end
# of fiscal year 2022, Q21.14 from the next; Q21.0 since ICD-10-CM came into use.
@pytest.mark.parametrize(
    ("system", "codes", "printed", "notes"),
    [
        ("ICD-10-PCS", ["05730DZ"], [[]], []),
        ("ICD-10-PCS", ["05730D1"], [[]], [("", "from 2018-10-01")]),
        (
            "ICD-10-PCS",
            ["05730D1", "05730DZ"],
            [["05730D1a", "05730DZ"]],
            [("a", "from 2018-10-01")],
        ),
        (
            "ICD-10-CM",
            ["q210", "Q21.1", "Q21.14"],
            [["Q21.0", "Q21.1a", "Q21.14b"]],
            [("a", "until 2022-09-30"), ("b", "from 2022-10-01")],
        ),
        ("HCPCS", ["E0601", "E0602"], [["E0601", "E0602"]], []),
    ],
)
def test_validity_is_said_where_it_does_not_hold_throughout(
    system: str, codes: list[str], printed: list[list[str]], notes: list[tuple[str, str]]
) -> None:
    (entry,) = entries(made.codes("1", system, codes))
    assert listed(entry) == printed
    assert [(note.mark, note.text) for note in entry.notes] == notes


def test_rules_of_one_range_stand_under_one_caption() -> None:
    rules = [
        made.codes("1", "ICD-10-CM", ["Q20.3"], range_="Q20.0-Q20.9", label="same"),
        made.codes("2", "ICD-10-CM", ["Q20.0", "Q20.4"], range_="Q20.0-Q20.9", label="same"),
        made.codes("3", "ICD-10-CM", ["Q20.8"], range_="Q20.0-Q20.9", label="other"),
    ]
    (entry,) = entries(*rules)
    assert entry.caption == "Q20.0-Q20.9"
    assert [part.label for part in entry.parts] == ["Same", "Other"]
    assert listed(entry) == [["Q20.0", "Q20.3", "Q20.4"], ["Q20.8"]]


def test_the_register_names_the_rules_that_carry_out_each_row() -> None:
    rows = section(made.policy(), Register).rows
    assert [(row.number, row.title, row.cited_by) for row in rows] == [
        (1, "First row", (RuleCitation("Criterion", ("rule-F.1",)),)),
        (2, "Second row", (RuleCitation("Criterion", ("rule-INV-A", "rule-F.1")),)),
    ]


def test_the_appendix_has_the_named_decisions_first_and_then_all_others() -> None:
    policy = made.policy(document=made.Settings(appendix=("Disposition",)))
    decisions = section(policy, Logic).decisions
    assert [one.decision for one in decisions] == ["Disposition", "Procedure", "Criterion"]
    assert [type(one) for one in decisions] == [DecisionFormula, DecisionTable, DecisionTable]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2020, 2, 4), "2020-02-04: not yet in force"),
        (date(2020, 2, 5), "2020-02-05: in force"),
        (date(2021, 1, 1), "2021-01-01: in force"),
        (date(2021, 1, 2), "2021-01-02: no longer in force"),
        (None, "2020-06-01: in force"),
    ],
)
def test_the_day_is_said_and_is_the_last_change_if_not_given(day: date | None, said: str) -> None:
    policy = made.policy(
        dates=made.Dates(effective_to=date(2021, 1, 1)),
        history=(made.Change(date(2020, 6, 1), "A change."), made.Change()),
    )
    assert ("As of", said) in [(fact.label, fact.value) for fact in context(policy, day).identity]


def test_every_disposition_is_explained_once() -> None:
    assert [one.disposition for one in DISPOSITIONS] == list(Disposition)


def test_a_text_that_the_policy_lacks_is_no_section() -> None:
    titles = [one.id for one in context(made.policy()).sections if isinstance(one, Prose)]
    assert titles == ["description", "definitions", "discussion"]


def text(**changes: str) -> dict[str, str]:
    """Return the made texts with some replaced."""
    return {**made.TEXT, **changes}


ROW = "# R\n\n## 1. A\n\n**The text:** a\n\n**This plan:** b\n\n## 2. B\n\n**The text:** a\n\n"


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            made.policy(criteria=[made.criterion("A", MN, "x", [7])]),
            "Criterion, rule rule-A: it cites row 7 of the register, which text/register.md does",
        ),
        (
            made.policy(criteria=[made.rule("r", ["x"], criterion="A", result=None)]),
            "Criterion, rule r: criterion A has no `result`",
        ),
        (
            made.policy(criteria=[made.rule("r", ["x"], criterion=3, result=MN)]),
            "Criterion, rule r: the output `criterion` is not a string",
        ),
        (
            made.policy(criteria=[made.rule("r", ["x"], criterion="A", result=MN, register=["x"])]),
            "Criterion, rule r: the output `register` holds something other than row numbers",
        ),
        (
            made.policy(procedures=[made.codes("r", "CPT", ["a site"])]),
            "Procedure, rule r: it has an `outcome` but no input cell lists codes of CPT",
        ),
        (
            made.policy(procedures=[made.codes("r", "ICD-9", ["37238"])]),
            "Procedure, rule r: it has an `outcome` but its `code system` is none of",
        ),
        (
            made.policy(procedures=[made.codes("r", "ICD-10-CM", ["Z99.99"])]),
            "Z99.99 is no code of ICD-10-CM on any day",
        ),
        (made.policy(text=text(description="words")), "text/description.md: a text starts with"),
        (made.policy(text=text(description="# a\n\n# b")), "text/description.md: a text starts"),
        (made.policy(text=text(register=ROW)), "text/register.md: row 2 has no paragraph **This"),
        (made.policy(text=text(register="# R\n\n## A")), "the heading `A` is not of the form"),
        (made.policy(text=text(register=ROW + "**This plan:** b\n\n## 1. C\n\n**The text:** a\n\n"
                               "**This plan:** b")), "text/register.md: row 1 stands there twice"),
        (
            made.policy(text=text(register="# R\n\n## 1. A\n\nwords")),
            "text/register.md: row 1 does not start with **The text:**",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_printed_is_refused_with_its_place(
    policy: made.Policy, message: str
) -> None:
    with pytest.raises(DocumentError) as refusal:
        context(policy)
    assert message in str(refusal.value)


def test_an_output_that_must_be_computed_is_refused() -> None:
    computed = made.Rule("r", 1, ("-",), ("a + b",), {}, ((),))
    table = made.table("Criterion", "x", [made.criterion("A", MN, "x")])
    policy = made.policy(criteria=[])
    model = made.Model(
        (policy.model.tables[0], made.Table("Criterion", table.inputs, table.outputs, (computed,))),
        {}, (), made.definitions(),
    )  # fmt: skip
    with pytest.raises(DocumentError, match="the output `criterion` is an expression"):
        context(made.policy(model=model))
