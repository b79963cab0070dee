"""A null has its reason: what makes one says why, what passes one on need not (10.3.2.13.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dmn_text import decision, input_data, knowledge, literal, model, output, table

import pydmn
from pydmn import tck
from pydmn.errors import LimitExceeded
from pydmn.feel import ast, builtins, parser, printer
from pydmn.feel.names import Scope
from pydmn.feel.types import ANY
from pydmn.source import Source


def reasons(text: str, context: dict[str, Any] | None = None) -> tuple[Any, list[str]]:
    """Return the value of an expression, and the codes of what it left in the trace."""
    trace = pydmn.Trace()
    value = pydmn.feel(text, context, trace=trace)
    return value, [note.code for note in trace.notes]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # Operators on operands that are not null: Tables 50 to 62.
        ("not(1)", ["argument-type"]),
        ('"true" and true', ["operand-type"]),
        ("1 or false", ["operand-type"]),
        ("true and 1 and 2", ["operand-type"]),
        ("1 + true", ["operand-type"]),
        ('-"a"', ["operand-type"]),
        ("1 / 0", ["division-by-zero"]),
        ("10 ** 7000", ["out-of-range"]),
        ('1 = "1"', ["not-comparable"]),
        ("true < false", ["not-comparable"]),
        ('1 between "a" and "b"', ["not-comparable", "not-comparable"]),
        ('1 in ["a".."b"]', ["not-comparable", "not-comparable"]),
        ("[2..1]", ["range"]),
        ("1 instance of tUnknown", ["unknown-type"]),
        # Members, properties and positions: Tables 64 to 67, 10.3.2.5.
        ("{a: 1}.b", ["no-member"]),
        ('"a".b', ["no-member"]),
        ('time("10:00:00").time offset', ["no-member"]),
        ('time("10:00:00").timezone', ["no-member"]),
        ('date and time("2020-01-01T10:00:00").timezone', ["no-member"]),
        ("(< 5).start", ["no-member"]),
        ("(!= 5).end", ["no-member"]),
        ("[1][2]", ["no-such-item"]),
        ('[1]["a"]', ["filter"]),
        # Loops: 10.3.2.14, 10.3.2.15.
        ('for i in "a".."b" return i', ["range"]),
        ("every i in [1] satisfies i", ["condition"]),
        ("{a: 1, a: 2}", ["duplicate-entry"]),
        # Calls: 10.3.2.13.
        ("{f: 1}.f(1)", ["not-a-function"]),
        ("nobody", ["unknown-name"]),
        ("abs(1, 2)", ["arguments"]),
        ('abs("a")', ["argument-type"]),
        ("(function(a) a)()", ["arguments"]),
        ('(function(a: number) a)("x")', ["argument-type"]),
        ('@"2020-02-30"', ["at-literal"]),
        # Built-in functions outside of their domains: Tables 72 to 81.
        ('number("a", null, null)', ["domain"]),
        ("sqrt(-1)", ["domain"]),
        ("sum([])", ["domain"]),
        ("all([1])", ["domain"]),
        ('min([1, "a"])', ["not-comparable"]),
        ('before(1, "a")', ["not-comparable"]),
        ("sort([2, 1], function(x, y) 1)", ["domain"]),
        ('get value({a: 1}, "b")', ["no-member"]),
        ('matches("a", "[")', ["regex"]),
        # A null that an operand is goes through: what it meets says so.
        ("null and true", ["operand-type"]),
        ("not(null)", ["argument-type"]),
        ("null.a", ["no-member"]),
        ("for i in null return i", ["iteration"]),
        ("some i in [null] satisfies i", ["condition"]),
        ("string(null)", ["domain"]),
        ("null(1)", ["not-a-function"]),
        ("null + 1", ["operand-type"]),
        # It is passed on by what does not look at it.
        ("null", []),
        ("{a: null}.a", []),
        ("[null][1]", []),
        ("if true then null else 1", []),
        ("(function(a) a)(null)", []),
    ],
)
def test_a_null_and_its_reason(text: str, codes: list[str]) -> None:
    assert reasons(text) == (None, codes)


@pytest.mark.parametrize(
    "text",
    [
        "if 1 then 2 else 3",
        "false and 1",
        "1 or true",
        "[1, null][item = 1]",
        "null = 1",
        "some i in [null, true] satisfies i",
        'time("10:00:00Z").time offset',
        "[1..2].start",
    ],
)
def test_what_is_not_null_needs_none(text: str) -> None:
    value, codes = reasons(text)
    assert value is not None
    assert codes == []


# --- whatever the expression ----------------------------------------------------------

BANK = Path(__file__).parents[1] / "differential" / "bank.jsonl"
SEEDS = [json.loads(line) for line in BANK.read_text(encoding="utf-8").splitlines()]
PASS_ON = (ast.NullLiteral, ast.Name, ast.If, ast.Path, ast.Filter)


def closed(node: ast.Expression) -> Iterator[ast.Expression]:
    """Yield `node` and the parts that need no variable of its own."""
    yield node
    match node:
        case ast.For() | ast.Quantified() | ast.FunctionLiteral() | ast.ContextLiteral():
            return
        case ast.Filter(base=base):
            yield from closed(base)
        case ast.In(value=value) | ast.InstanceOf(value=value):
            yield from closed(value)
        case ast.Call(positional=positional, named=named):
            for each in (*positional, *(argument.value for argument in named)):
                yield from closed(each)
        case _:
            for child in ast.children(node):
                yield from closed(child)


def passes_on(node: ast.Expression) -> bool:
    """Say whether a null may be a part's: it is named, chosen, or held by something."""
    match node:
        case ast.Call(function=ast.Name(name)):
            return name == "get value" or name not in builtins.NAMES
        case ast.Call():
            return True
    return isinstance(node, PASS_ON)


def test_every_part_of_the_bank_that_is_null_has_a_reason() -> None:
    nulls, silent = 0, []
    for seed in SEEDS:
        if "expression" not in seed:
            continue
        inputs = {name: pydmn.feel(text) for name, text in seed["inputs"].items()}
        scope = Scope(dict.fromkeys(inputs, ANY), builtins.NAMES)
        for node in closed(parser.parse_expression(Source(seed["expression"]), scope)):
            if not passes_on(node):
                value, codes = reasons(printer.to_text(node, scope), inputs)
                nulls += value is None
                if value is None and not codes:
                    silent.append(printer.to_text(node, scope))
    assert nulls > 300
    assert silent == []


SAID_BY_THE_AUTHOR = {
    "0080-feel-getvalue-function decision_012",  # get value({a: null}, "a")
    "0082-feel-coercion decision_008",  # null
    "0082-feel-coercion decision_bkm_004_b",  # a function of null that returns it
}


def test_every_null_of_the_conformance_kit_has_a_reason(tck_folder: Path) -> None:
    silent = set()
    for level in tck.LEVELS:
        for folder in sorted((tck_folder / level).glob("*/")):
            for path in sorted(folder.glob("*-test-*.xml")):
                silent |= {f"{folder.name} {name}" for name in silent_in(path)}
    assert silent == SAID_BY_THE_AUTHOR


def silent_in(path: Path) -> Iterator[str]:
    """Yield the names of what a test file asks that are null without a note."""
    name, cases = tck.read_cases(path, "")
    loaded = pydmn.load(path.parent / name, functions=tck.JAVA)
    for case in cases:
        for expected in case.expected:
            try:
                result = loaded.evaluate(case.invocable or expected.name, case.inputs)
            except pydmn.ModelError:
                continue
            if result.value is None and not result.trace.notes:
                yield expected.name


# --- decisions ------------------------------------------------------------------------


def ask(*elements: str, inputs: dict[str, Any] | None = None, name: str = "D") -> pydmn.Result:
    return pydmn.load(model(*elements)).evaluate(name, inputs or {})


X = input_data("x", "number")


@pytest.mark.parametrize(
    ("policy", "outputs", "value", "messages"),
    [
        ("UNIQUE", (output(),), None, ["D: no rule matches"]),
        ("COLLECT", (output(),), None, ["D: no rule matches"]),
        ("COLLECT+SUM", (output(),), None, ["D: no rule matches"]),
        ("COLLECT+COUNT", (output(),), 0, []),
        ("FIRST", (output(default="7"),), 7, []),
        (
            "FIRST",
            (output("a", default="7"), output("b")),
            {"a": 7, "b": None},
            ["D: no rule matches, and output b has no default"],
        ),
    ],
)
def test_no_rule_matches(
    policy: str, outputs: tuple[str, ...], value: Any, messages: list[str]
) -> None:
    rules = (("> 5", *["1"] * len(outputs)),)
    logic = table(policy, (("x", "number"),), outputs, rules)
    result = ask(X, decision("D", logic, inputs=("x",)), inputs={"x": 1})
    assert result.value == value
    assert [(note.code, note.message) for note in result.trace.notes] == [
        ("no-rule-hit", message) for message in messages
    ]
    assert result.diagnostics == ()


@pytest.mark.parametrize(
    ("inputs", "messages"),
    [({}, ["input x is not given"]), ({"x": None}, ["input x is null"]), ({"x": 1}, [])],
)
def test_an_input_that_is_null(inputs: dict[str, Any], messages: list[str]) -> None:
    result = ask(X, decision("D", literal("x"), inputs=("x",)), inputs=inputs)
    assert result.value == inputs.get("x")
    assert [note.message for note in result.trace.notes] == messages
    assert [note.decision for note in result.trace.notes] == ["x"] * len(messages)
    assert result.diagnostics == ()


def test_a_parameter_that_is_null() -> None:
    double = knowledge("double", (("n", "number"),), literal("n"))
    notes = ask(double, name="double").trace.notes
    assert [(note.code, note.message) for note in notes] == [("null-input", "input n is not given")]


def test_an_input_of_another_type_is_named_as_the_place() -> None:
    result = ask(X, decision("D", literal("x"), inputs=("x",)), inputs={"x": "1"})
    [found] = result.diagnostics
    assert found.source.place == ("x",)
    assert found.render() == "x: input x is a string, not a number"


# --- functions of the host ------------------------------------------------------------

EXTERNAL = decision(
    "D", literal('(function(n) external {java: {class: "C", method signature: "f(int)"}})(3)')
)


def host(value: Any) -> Any:
    return pydmn.load(model(EXTERNAL), functions={"C.f(int)": lambda _: value})


def test_a_null_of_the_host_is_said_to_be_its() -> None:
    notes = host(None).evaluate("D").trace.notes
    assert [note.message for note in notes] == ["external function `C.f(int)` answered null"]


@pytest.mark.parametrize(
    "value", [[0] * 1_000, {str(each): 1 for each in range(1_000)}, "a" * 20_000]
)
def test_what_the_host_returns_is_charged(value: Any) -> None:
    loaded = host(value)
    limits = {"items": 2_000, "chars": 20_000}
    assert loaded.evaluate("D", limits=pydmn.Limits(steps=9_000, **limits)).value == value
    with pytest.raises(LimitExceeded, match="`steps`"):
        loaded.evaluate("D", limits=pydmn.Limits(steps=900, **limits))
