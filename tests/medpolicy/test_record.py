"""What bad input gets: each row is a request with one thing wrong, and what must be said of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from medpolicy import RequestError, read_request
from medpolicy.record import FactType

PRIVATE = "Zaphod-1952"
"""A value that no message may show."""

FACTS = {
    fact.name: fact
    for fact in (
        FactType("site", "string", allowed=("renal vein", "common iliac vein", "other")),
        FactType("thrombotic", "boolean"),
        FactType("index", "number", allowed_text=">= 0"),
    )
}


def problems(request):
    with pytest.raises(RequestError) as raised:
        read_request(request, FACTS)
    return [problem.render() for problem in raised.value.problems]


def with_facts(request, **facts):
    request["lines"][0]["facts"] = facts
    return request


@pytest.fixture
def request_(request_of):
    return request_of(facts={})


BAD_REQUESTS = [
    # what is handed in, and the message with its help
    ([], "the request: is no JSON object"),
    ("text", "the request: is no JSON object"),
    ({"id": " "}, "id: is no text\nhelp: give a string that is not empty"),
    ({"id": 7}, "id: is no text\nhelp: give a string that is not empty"),
    (
        {"sevice_date": "2020-03-02"},
        "unknown field `sevice_date`\nhelp: did you mean `service_date`?",
    ),
    ({"service_date": None}, "the field `service_date` is missing\nhelp: every request needs it"),
    ({"service_date": "02.03.2020"}, "service_date: is no date\nhelp: give it as YYYY-MM-DD"),
    ({"service_date": "2021-02-29"}, "service_date: is no date\nhelp: give it as YYYY-MM-DD"),
    ({"service_date": 20200302}, "service_date: is no date\nhelp: give it as YYYY-MM-DD"),
    ({"service_date": "२०२०-०३-०२"}, "service_date: is no date\nhelp: give it as YYYY-MM-DD"),
    ({"request_date": "soon"}, "request_date: is no date\nhelp: give it as YYYY-MM-DD"),
    (
        {"member": {"birth_date": "1961"}},
        "member.birth_date: is no date\nhelp: give it as YYYY-MM-DD",
    ),
    (
        {"member": {"birth_date": "2020-03-03"}},
        "member.birth_date: is after `service_date`\nhelp: correct one of the two",
    ),
    ({"member": {"name": PRIVATE}}, "member: unknown field `name`\nhelp: known: `birth_date`"),
    ({"member": PRIVATE}, "member: is no JSON object"),
    (
        {"plan": {"name": "p"}},
        "plan: the field `line_of_business` is missing\nhelp: every request needs it",
    ),
    (
        {"plan": {"name": "p", "line_of_business": "m", "state": "Missouri"}},
        'plan.state: is no state\nhelp: give two capital letters, such as "MO"',
    ),
    ({"lines": []}, "lines: there is no line\nhelp: give a list of at least one line"),
    ({"lines": {}}, "lines: there is no line\nhelp: give a list of at least one line"),
    ({"lines": [PRIVATE]}, "lines[0]: is no JSON object"),
]


@pytest.mark.parametrize(("change", "said"), BAD_REQUESTS)
def test_a_bad_request(request_, change, said):
    if isinstance(change, dict):
        change = {**request_, **change}
    assert said in problems(change)


BAD_LINES = [
    ({"id": None}, "lines[0]: the field `id` is missing\nhelp: every request needs it"),
    ({"procedur": {}}, "lines[0]: unknown field `procedur`\nhelp: did you mean `procedure`?"),
    (
        {"procedure": {"system": "ICD10PCS", "code": "067C3DZ"}},
        (
            "lines[0].procedure.system: is no code system for procedures\n"
            "help: did you mean `ICD-10-PCS`?"
        ),
    ),
    (
        {"procedure": {"system": "CPT"}},
        "lines[0].procedure: the field `code` is missing\nhelp: every request needs it",
    ),
    (
        {"procedure": {"system": "CPT", "code": 37238}},
        "lines[0].procedure.code: is no CPT code\nhelp: give it as a string",
    ),
    (
        {"diagnoses": "I87.1"},
        'lines[0].diagnoses: is no list\nhelp: give a list of codes, such as ["I10"]',
    ),
    ({"diagnoses": ["I87.1", None]}, "lines[0].diagnoses[1]: there is no code"),
    ({"facts": [PRIVATE]}, 'lines[0].facts: is no object\nhelp: give {"name of the fact": value}'),
    (
        {"facts": {"trombotic": True}},
        "lines[0].facts: the policy knows no fact `trombotic`\nhelp: did you mean `thrombotic`?",
    ),
    (
        {"facts": {"thrombotic": "yes"}},
        "lines[0].facts.thrombotic: is neither true nor false\nhelp: give true, false or null",
    ),
    (
        {"facts": {"site": "common illiac vein"}},
        (
            "lines[0].facts.site: is no value that the policy knows\n"
            "help: did you mean `common iliac vein`?"
        ),
    ),
    (
        {"facts": {"site": "zzz"}},
        (
            "lines[0].facts.site: is no value that the policy knows\n"
            "help: known: `renal vein`, `common iliac vein`, `other`"
        ),
    ),
    (
        {"facts": {"site": 3}},
        (
            "lines[0].facts.site: is no string\n"
            "help: known: `renal vein`, `common iliac vein`, `other`"
        ),
    ),
    (
        {"facts": {"index": -1}},
        "lines[0].facts.index: is no value that the policy knows\nhelp: allowed: >= 0",
    ),
]


@pytest.mark.parametrize(("change", "said"), BAD_LINES)
def test_a_bad_line(request_, change, said):
    request_["lines"][0] = {**request_["lines"][0], **change}
    assert said in problems(request_)


@pytest.mark.parametrize(
    "value",
    [
        "15", True, [15], float("nan"), float("inf"), 10**400, Decimal("1E+7000"),
        Decimal("sNaN"), Decimal("1." + "1" * 34),
    ],
)  # fmt: skip
def test_what_is_no_number(request_, value):
    (said,) = problems(with_facts(request_, index=value))
    assert said == (
        "lines[0].facts.index: is no number\n"
        "help: give a JSON number, without quotes, of at most 34 digits"
    )


@pytest.mark.parametrize("code", ["3723", "37238 ", "372381", "3723O", "<b>"])
def test_a_string_without_the_form_of_its_system(request_, code):
    request_["lines"][0]["procedure"]["code"] = code
    (said,) = problems(request_)
    assert said.startswith("lines[0].procedure.code: ")
    assert "five characters" in said


def test_everything_wrong_is_said_at_once(request_):
    bad = {**request_, "service_date": "x", "unknown": 1, "plan": {}}
    assert len(problems(bad)) == 4


def test_two_lines_with_one_id(request_):
    request_["lines"] *= 2
    assert problems(request_) == [
        "lines[1].id: is the id of lines[0] too\nhelp: give each line an id of its own"
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"service_date": PRIVATE},
        {"member": {"birth_date": PRIVATE}},
        {"plan": {"name": PRIVATE, "line_of_business": "m", "state": PRIVATE}},
        {"lines": [{"id": PRIVATE, "procedure": {"system": PRIVATE, "code": PRIVATE}}]},
        {"lines": [{"id": PRIVATE, "procedure": {"system": "CPT", "code": PRIVATE}}] * 2},
        {
            "lines": [
                {
                    "id": PRIVATE,
                    "procedure": {"system": "CPT", "code": "37238"},
                    "diagnoses": [PRIVATE],
                    "facts": {"site": PRIVATE, "thrombotic": PRIVATE, "index": PRIVATE},
                }
            ]
        },
    ],
)
def test_no_message_shows_a_value(request_, change):
    assert not any(PRIVATE in said for said in problems({**request_, **change}))


def test_a_name_in_a_message_is_printable_and_short(request_):
    (said,) = problems({**request_, "\x1b[2J" + "x" * 1000: 1})
    assert said.startswith("unknown field `\N{REPLACEMENT CHARACTER}[2J" + "x" * 56 + "`\n")


# --- good input -----------------------------------------------------------------------


def test_absent_and_null_are_both_unknown(request_):
    request = read_request(with_facts(request_, site=None, thrombotic=False), FACTS)
    assert request.lines[0].facts == {"thrombotic": False}


def test_codes_come_in_their_printed_form(request_):
    request_["lines"][0] |= {
        "procedure": {"system": "ICD-10-PCS", "code": "067c3dz"},
        "diagnoses": ["i871", "I87.1", "G540"],
    }
    (line,) = read_request(request_, FACTS).lines
    assert (line.procedure.code, line.diagnoses) == ("067C3DZ", ("I87.1", "G54.0"))


@pytest.mark.parametrize(
    ("value", "exact"),
    [(14.1, "14.1"), (15, "15"), (Decimal("14.10"), "14.10"), (0.1 + 0.2, "0.30000000000000004")],
)
def test_a_number_keeps_its_digits(request_, value, exact):
    request = read_request(with_facts(request_, index=value), FACTS)
    assert str(request.lines[0].facts["index"]) == exact


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2002-03-02", "2020-03-02", 18),
        ("2002-03-03", "2020-03-02", 17),
        ("2004-02-29", "2022-02-28", 17),
        ("2004-02-29", "2022-03-01", 18),
        ("2020-03-02", "2020-03-02", 0),
    ],
)
def test_the_age_on_the_service_date(request_, born, day, age):
    request_ |= {"service_date": day, "member": {"birth_date": born}}
    assert read_request(request_, FACTS).age == age
