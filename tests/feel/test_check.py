"""Static checking: every diagnostic, and silence where nothing is certain."""

from __future__ import annotations

import pytest
from feel.conformance_models import texts

from pydmn.diagnostics import Severity
from pydmn.feel import builtins
from pydmn.feel.check import check, check_unary_tests
from pydmn.feel.findings import MAX_DIAGNOSTICS
from pydmn.feel.names import Scope
from pydmn.feel.parser import parse_expression, parse_unary_tests
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    FUNCTION,
    LIST,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_AND_MONTHS_DURATION,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)
from pydmn.source import Source

PERSON = ContextType((("Age Years", NUMBER), ("Full Name", STRING), ("Born", DATE)))
SCOPE = Scope(
    {
        "Applicant": PERSON,
        "People": ListType(PERSON),
        "Rate": NUMBER,
        "Code": STRING,
        "On": DATE,
        "Is Adult": BOOLEAN,
        "Unknown": ANY,
        "double": FunctionType((NUMBER,), NUMBER),
    },
    builtins.NAMES,
    frozenset({"Age Years", "Full Name", "Other"}),
    {"tPerson": PERSON},
)


def run(text: str) -> tuple[Type, list[tuple[str, str, str, str | None]]]:
    source = Source(text)
    type_, found = check(parse_expression(source, SCOPE), source, SCOPE, builtins.registry)
    return type_, [_row(text, item) for item in found]


def run_cell(text: str, input_: Type) -> list[tuple[str, str, str, str | None]]:
    source = Source(text)
    node = parse_unary_tests(source, SCOPE)
    found = check_unary_tests(node, source, SCOPE, builtins.registry, input_)
    return [_row(text, item) for item in found]


def _row(text, item):
    mark = "" if item.severity is Severity.ERROR else "warning "
    return mark + item.code, item.message, text[item.span.start : item.span.end], item.help


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("1 + 2", NUMBER),
        ('"a" + "b"', STRING),
        ("1 < 2", BOOLEAN),
        ("null", NULL),
        ('@"2020-02-05"', DATE),
        ('@"-999999999-02-05"', DATE),
        ('@"10:30:00+01:00"', TIME),
        ('@"10:30:00.123@Europe/Paris"', TIME),
        ('@"2020-02-05T10:30:00Z"', DATE_AND_TIME),
        ('@"-P1DT2.5S"', DAYS_AND_TIME_DURATION),
        ('@"P1Y2M"', YEARS_AND_MONTHS_DURATION),
        # Tables 57 to 61.
        ("On - On", DAYS_AND_TIME_DURATION),
        ('On + @"P1M"', DATE),
        ('@"P1D" + @"2020-02-05T10:30:00Z"', DATE_AND_TIME),
        ('@"10:30:00" - @"PT1H"', TIME),
        ('@"P1D" * 2', DAYS_AND_TIME_DURATION),
        ('2 * @"P1Y"', YEARS_AND_MONTHS_DURATION),
        ('@"P1D" / @"PT1H"', NUMBER),
        ("-Rate", NUMBER),
        ("Unknown * 2", ANY),
        ("Unknown + Code", STRING),
        ("Unknown ** 2", NUMBER),
        ("Applicant.Born.year", NUMBER),
        ("Applicant", PERSON),
        ("People.Full Name", ListType(STRING)),
        ("People[1]", PERSON),
        ("People[Age Years > 3]", ListType(PERSON)),
        ("People[item.Age Years > 3].Born", ListType(DATE)),
        ("People[Unknown]", ANY),
        ("if Is Adult then 1 else null", NUMBER),
        ('if Is Adult then 1 else "a"', ANY),
        ("for p in People return p.Age Years", ListType(NUMBER)),
        ("for i in 1..3, d in On..On return d", ListType(DATE)),
        ("some p in People satisfies p.Age Years > 3", BOOLEAN),
        ("[1, 2]", ListType(NUMBER)),
        ("[]", LIST),
        ("[{a: 1}, {a: null}]", ListType(ContextType((("a", NUMBER),)))),
        ("[{a: 1}, {b: 1}].b", LIST),
        ("{a: 1, b: a}", ContextType((("a", NUMBER), ("b", NUMBER)))),
        ("[1..2]", RangeType(NUMBER)),
        ("(< On)", RangeType(DATE)),
        ("[1..2].start", NUMBER),
        ("function(x: number) x = 1", FunctionType((NUMBER,), BOOLEAN)),
        ("function(x) external {java: {class: foo}}", FunctionType((ANY,), ANY)),
        ("double(2)", NUMBER),
        ("count(People)", NUMBER),
        ("string(1)", STRING),
        ("Unknown.anything.at all"[:16], ANY),
        ("Unknown[Other = 1]", ListType(ANY)),
        ("1 instance of tPerson", BOOLEAN),
        ("1 instance of function<context<a: range<date>>> -> list<number>", BOOLEAN),
        ("[[1..2], [null..3]]", ListType(RangeType(NUMBER))),
        ("[double, function(x) x]", ListType(FUNCTION)),
        ("double = double", BOOLEAN),
        ("(double)(2)", NUMBER),
        ("People[Born[item.year = 2020] = null]", ListType(PERSON)),
        ("Unknown[Rate = 1 and People[Age Years = 1] = null]", ListType(ANY)),
        ("Rate in (1, < 5, [1..2], [3, 4])", BOOLEAN),
        ("Rate between 1 and 2", BOOLEAN),
        ("Rate = null", BOOLEAN),
        ('On = @"2020-02-05"', BOOLEAN),
        ("sum(1, 2, 3)", NUMBER),
        ("substring(string: Code, start position: 1)", STRING),
    ],
)
def test_types_without_complaint(text: str, type_: Type) -> None:
    assert run(text) == (type_, [])


@pytest.mark.parametrize(
    ("text", "code", "message", "underlined", "help_"),
    [
        ("Rat + 1", "unknown-name", "unknown name `Rat`", "Rat", "did you mean `Rate`?"),
        ("True", "unknown-name", "unknown name `True`", "True", "did you mean `true`?"),
        ("zzz", "unknown-name", "unknown name `zzz`", "zzz",
         "declare it, or write a string in double quotes"),
        ("People[Agee > 3]", "warning unknown-name", "unknown name `Agee`", "Agee",
         "declare it, or write a string in double quotes"),
        ("Applicant.Full", "unknown-member", "a context has no `Full`", "Full",
         "there is `Age Years`, `Full Name`, `Born`"),
        ("On.yeer", "unknown-member", "a date has no `yeer`", "yeer", "did you mean `year`?"),
        ("Rate.x", "unknown-member", "a number has no `x`", "x", "it has no parts"),
        ("foor(1)", "unknown-function", "unknown function `foor`", "foor",
         "did you mean `floor`?"),
        ("Rate(1)", "unknown-function", "a number is no function", "Rate",
         "only a function can be followed by `(`"),
        ("substring(Code)", "arguments", "`substring` cannot be called with 1 argument",
         "substring(Code)", "write `substring(string, start position, length?)`"),
        ("substring(strin: Code, start position: 1)", "arguments",
         "`substring` has no parameter `strin`", "strin",
         "write `substring(string, start position, length?)`"),
        ("substring(string: Code)", "warning arguments",
         "`substring` needs other arguments than string", "substring(string: Code)",
         "write `substring(string, start position, length?)`"),
        ("substring(1, 2)", "argument-type", "`substring` takes a string here, not a number",
         "1", "write `substring(string, start position, length?)`"),
        ("substring(string: 1, start position: 2)", "argument-type",
         "`substring` takes a string here, not a number", "1",
         "write `substring(string, start position, length?)`"),
        ("double(1, 2)", "arguments", "the function takes 1 argument, not 2", "double(1, 2)",
         "give one argument for each parameter"),
        ("double(Code)", "argument-type", "the function takes a number here, not a string",
         "Code", "convert it to a number"),
        ("Rate + Code", "operand-type", "`+` does not take a number and a string",
         "Rate + Code", "join texts: `string(...)` makes one"),
        ("On * 2", "operand-type", "`*` does not take a date and a number", "On * 2",
         "convert one of them"),
        ("-Code", "operand-type", "a string has no negative", "-Code",
         "only numbers and durations have one; the opposite of a condition is `not(...)`"),
        ("Is Adult < true", "operand-type", "a boolean has no order", "Is Adult < true",
         "compare numbers, strings, dates, times or durations"),
        ("Rate < Code", "operand-type", "`<` does not take a number and a string",
         "Rate < Code", "compare values of one type"),
        ('[1.."a"]', "operand-type", "`..` does not take a number and a string", '[1.."a"]',
         "compare values of one type"),
        ('Rate between 1 and "a"', "operand-type",
         "`between` does not take a number and a string", '"a"', "compare values of one type"),
        ('for i in 1.."a" return i', "operand-type",
         "an iteration runs over numbers or dates, not over a string", 'i in 1.."a"',
         "write `1..10` or iterate over a list"),
        ("for i in 1..On return i", "operand-type",
         "an iteration cannot run from a number to a date", "i in 1..On",
         "give both ends the same type"),
        ("Rate = Code", "comparison-type", "a number is never equal to a string",
         "Rate = Code", "compare values of one type"),
        ("Rate = [1]", "warning comparison-type", "a number is never equal to a list<number>",
         "Rate = [1]", "compare values of one type"),
        ('Rate in (1, "a")', "test-type", "the test is of a string, the value is a number",
         '"a"', "test it against a number"),
        ("if Rate then 1 else 2", "warning condition-type",
         "the condition of `if` is a boolean, not a number", "Rate", "compare it: `... = ...`"),
        ("Is Adult and Code", "warning condition-type",
         "an operand of `and` is a boolean, not a string", "Code", "compare it: `... = ...`"),
        ("every p in People satisfies p", "warning condition-type",
         "the condition of `every` is a boolean, not a context", "p",
         "compare it: `... = ...`"),
        ('People["a"]', "warning condition-type",
         "a filter is a boolean or a number, not a string", '"a"',
         "compare the item: `item = ...`"),
        ("{a: 1, a: 2}", "duplicate-key", "the key `a` stands here twice", "a: 2",
         "give each entry a key of its own"),
        ('@"foo"', "at-literal", '`@"foo"` is no date, time or duration', '@"foo"',
         'write for example `@"2020-02-05"`, `@"10:30:00"` or `@"P30D"`'),
        ("Rate instance of numbr", "unknown-type", "unknown type `numbr`", "numbr",
         "did you mean `number`?"),
        ("function(x: list<tPersn>) x", "unknown-type", "unknown type `tPersn`", "tPersn",
         "did you mean `tPerson`?"),
    ],
)  # fmt: skip
def test_diagnostics(text: str, code: str, message: str, underlined: str, help_: str) -> None:
    assert run(text)[1] == [(code, message, underlined, help_)]


def test_every_unknown_name_within_a_type_is_reported() -> None:
    _, found = run("Rate instance of function<list<tA>, number> -> context<a: tB, b: range<tC>>")
    assert [row[:3] for row in found] == [
        ("unknown-type", f"unknown type `{name}`", name) for name in ("tA", "tB", "tC")
    ]


@pytest.mark.parametrize(
    ("text", "input_"),
    [
        ("-", NUMBER),
        ("1, < 5, [1..2], null", NUMBER),
        ('not("a", "b")', STRING),
        ("? > 5", NUMBER),
        ('list contains(?, "x")', ListType(STRING)),
        ('"x"', ListType(STRING)),
        ('["a", "b"]', STRING),
        ("Rate > 3", NUMBER),
        ('"a"', ANY),
        ("Unknown", NUMBER),
        ('< @"2020-02-05"', DATE),
    ],
)
def test_cells_without_complaint(text: str, input_: Type) -> None:
    found = [row for row in run_cell(text, input_) if not row[0].startswith("warning")]
    assert found == []


@pytest.mark.parametrize(
    ("text", "input_", "code", "message", "underlined"),
    [
        ('1, "a"', NUMBER, "test-type", "the test is of a string, the value is a number", '"a"'),
        ('["a".."b"]', NUMBER, "test-type", "the test is of a string, the value is a number",
         '["a".."b"]'),
        ('< "a"', NUMBER, "operand-type", "`<` does not take a number and a string", '< "a"'),
        ('? = "a"', NUMBER, "comparison-type", "a number is never equal to a string",
         '? = "a"'),
        ("? + 1", NUMBER, "warning test-type", "a test with `?` is a boolean, not a number",
         "? + 1"),
        ("Nme", STRING, "unknown-name", "unknown name `Nme`", "Nme"),
        ("< true", BOOLEAN, "operand-type", "a boolean has no order", "< true"),
    ],
)  # fmt: skip
def test_cell_diagnostics(
    text: str, input_: Type, code: str, message: str, underlined: str
) -> None:
    assert [row[:3] for row in run_cell(text, input_)] == [(code, message, underlined)]


def test_diagnostics_come_in_order_and_are_bounded() -> None:
    _, found = run("zzza + zzzb * zzzc")
    assert [row[2] for row in found] == ["zzza", "zzzb", "zzzc"]
    many = "[" + ", ".join(f"zzz{i}" for i in range(5 * MAX_DIAGNOSTICS)) + "]"
    assert len(run(many)[1]) == MAX_DIAGNOSTICS


def test_types_that_share_parts_do_not_explode() -> None:
    # Written out, the type of `a59` has 2**60 entries; so has that of `b59`.
    def chain(name: str) -> str:
        links = [f"{name}{i}: {{l: {name}{i - 1}, r: {name}{i - 1}}}" for i in range(1, 60)]
        return ", ".join([f"{name}0: {{l: 1}}", *links])

    type_, found = run(f"{{{chain('a')}, {chain('b')}, c: [a59, b59], d: a59 = b59}}")
    assert found == []
    assert type_ == CONTEXT


def test_no_error_on_what_the_conformance_kit_expects_to_have_a_value() -> None:
    silent = 0
    for item in texts(builtins.NAMES):
        if item.cell or not item.answers or None in item.answers:
            continue
        source = Source(item.text)
        node = parse_expression(source, item.scope)
        _, found = check(node, source, item.scope, builtins.registry)
        errors = [one for one in found if one.severity is Severity.ERROR]
        assert not errors, errors[0].render()
        silent += 1
    assert silent > 1_000


# The types fit here: null comes from a zero, or from an offset on one side alone.
NULL_BY_VALUE = {
    "100 / 0",
    '@"P10Y" / 0',
    '@"P10D" / 0',
    '@"P10D" / @"P0D"',
    '@"2021-01-02T10:10:10@Europe/Paris" - @"2021-01-01T10:10:10"',
    '@"2021-01-02T10:10:10" - @"2021-01-01T10:10:10@Europe/Paris"',
    '@"2021-01-02T10:10:10+02:00" - @"2021-01-01T10:10:10"',
    '@"2021-01-02T10:10:10" - @"2021-01-01T10:10:10+02:00"',
    '@"2021-01-02T10:10:10+01:00" - @"2021-01-01T10:10:10"',
    '@"2021-01-01T00:00:00" - @"2021-01-02"',
    '@"2021-01-02" - @"2021-01-01T10:10:10"',
}


def test_arithmetic_that_the_conformance_kit_expects_null_of_is_an_error() -> None:
    """Of 0100, all operators on types that do not fit are found, and nothing else is."""
    scope = Scope(builtins=builtins.NAMES)
    wrong = set()
    for item in texts(builtins.NAMES):
        # A null operand is of every type.
        if item.file != "0100-arithmetic.dmn" or item.answers != (None,) or "null" in item.text:
            continue
        source = Source(item.text)
        node = parse_expression(source, scope)
        _, diagnostics = check(node, source, scope, builtins.registry)
        if [one.code for one in diagnostics] == ["operand-type"]:
            wrong.add(item.text)
        else:
            assert item.text in NULL_BY_VALUE
    assert len(wrong) > 500
