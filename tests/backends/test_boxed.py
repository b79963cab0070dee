"""Boxed expressions mean what FEEL's own do (DMN 1.5, 10.2.1)."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from dmn_text import decision, input_data, knowledge, literal, model

import pydmn
from pydmn import Limits
from pydmn.errors import LimitExceeded, ModelError


def boxed(element: str, *parts: tuple[str, str]) -> str:
    """Return a boxed expression of literal parts: `in`, `match`, `return`, ..."""
    inside = "".join(f"<{name}>{literal(text)}</{name}>" for name, text in parts)
    return f"<{element}>{inside}</{element.split(maxsplit=1)[0]}>"


def entry(name: str, value: str) -> str:
    return f'<contextEntry><variable name="{name}"/>{value}</contextEntry>'


@pytest.mark.parametrize(
    ("logic", "value"),
    [
        (boxed("conditional", ("if", "1 < 2"), ("then", '"yes"'), ("else", '"no"')), "yes"),
        (boxed("conditional", ("if", "null"), ("then", '"yes"'), ("else", '"no"')), "no"),
        (boxed("conditional", ("if", '"x"'), ("then", '"yes"'), ("else", '"no"')), None),
        (boxed("filter", ("in", "[1, 2, 3]"), ("match", "item > 1")), [2, 3]),
        (boxed("filter", ("in", "[1, 2, 3]"), ("match", "-1")), 3),
        (boxed("filter", ("in", "[{a: 1}, {a: 2}]"), ("match", "a = 2")), [{"a": 2}]),
        (boxed("filter", ("in", "[]"), ("match", "a = 2")), []),
        (boxed('for iteratorVariable="i"', ("in", "[1, 2]"), ("return", "i * 10")), [10, 20]),
        (boxed('for iteratorVariable="i"', ("in", "[1..3]"), ("return", "i + count(partial)")),
         [1, 3, 5]),
        (boxed('for iteratorVariable="i"', ("in", "null"), ("return", "i")), None),
        (boxed('some iteratorVariable="i"', ("in", "[1, 2]"), ("satisfies", "i > 1")), True),
        (boxed('some iteratorVariable="i"', ("in", "[]"), ("satisfies", "i > 1")), False),
        (boxed('every iteratorVariable="i"', ("in", "[1, 2]"), ("satisfies", "i > 1")), False),
        (boxed('every iteratorVariable="i"', ("in", "[1, null]"), ("satisfies", "i < 2")), None),
        (f"<list>{literal('1')}{literal('1 + 1')}</list>", [1, 2]),
        (
            (
                "<relation><column name='a'/><column name='b'/>"
                f"<row>{literal('1')}{literal('2')}</row></relation>"
            ),
            [{"a": 1, "b": 2}],
        ),
        (f"<context>{entry('a', literal('1'))}{entry('b', literal('a + 1'))}</context>",
         {"a": 1, "b": 2}),
        (
            (
                f"<context>{entry('a', literal('1'))}<contextEntry>{literal('a + 1')}"
                "</contextEntry></context>"
            ),
            2,
        ),
        (
            "<context>"
            + entry(
                "fact",
                "<functionDefinition><formalParameter name='n' typeRef='number'/>"
                f"{literal('if n = 0 then 1 else n * fact(n - 1)')}</functionDefinition>",
            )
            + f"<contextEntry>{literal('fact(5)')}</contextEntry></context>",
            120,
        ),
    ],
)  # fmt: skip
def test_meaning(logic, value):
    assert pydmn.load(model(decision("D", logic))).evaluate("D").value == value


def test_an_invocation_goes_by_names():
    invocation = (
        f"<invocation>{literal('minus')}"
        f"<binding><parameter name='b'/>{literal('1')}</binding>"
        f"<binding><parameter name='a'/>{literal('3')}</binding></invocation>"
    )
    loaded = pydmn.load(
        model(
            knowledge("minus", (("a", "number"), ("b", "number")), literal("a - b")),
            decision("D", invocation, knowledge=("minus",)),
        )
    )
    assert loaded.evaluate("D").value == 2
    assert loaded.evaluate("minus", {"a": 5, "b": 1}).value == 4


def test_names_are_matched_whatever_their_blanks():
    loaded = pydmn.load(
        model(
            '<inputData id="i" name="Age  Years"><variable name="Age  Years"/></inputData>',
            decision("D", literal("Age   Years + 1"), inputs=("i",)),
        )
    )
    assert loaded.diagnostics == ()
    assert loaded.evaluate("D", {"Age  Years": 1}).value == 2


def test_a_service_of_several_outputs_is_a_function_too():
    service = (
        '<decisionService id="S" name="S"><variable name="S"/><outputDecision href="#A"/>'
        '<outputDecision href="#B"/><encapsulatedDecision href="#C"/><inputData href="#x"/>'
        "</decisionService>"
    )
    loaded = pydmn.load(
        model(
            input_data("x", "number"),
            decision("C", literal("x * 2"), inputs=("x",)),
            decision("A", literal("C + 1"), decisions=("C",)),
            decision("B", literal("C - 1"), decisions=("C",)),
            service,
            decision("D", literal("S(3).A * S(x: 5).B"), knowledge=("S",)),
        )
    )
    assert loaded.evaluate("S", {"x": 1}).value == {"A": 3, "B": 1}
    assert loaded.evaluate("D").value == 7 * 9


def test_each_model_has_types_of_its_own():
    """`instance of` in an import means the import's type, not the main model's of that name."""
    other = model(
        '<itemDefinition name="t"><typeRef>string</typeRef></itemDefinition>',
        knowledge("is t", (("v", None),), literal("v instance of t")).replace(
            'id="is t"', 'id="is_t"'
        ),
        name="other",
        namespace="urn:other",
    )
    main = model(
        '<import name="o" namespace="urn:other"'
        ' importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
        '<itemDefinition name="t"><typeRef>number</typeRef></itemDefinition>',
        decision("D", literal('[o.is t("a"), "a" instance of t]'), knowledge=()).replace(
            "<literalExpression",
            '<knowledgeRequirement><requiredKnowledge href="urn:other#is_t"/>'
            "</knowledgeRequirement><literalExpression",
            1,
        ),
    )
    assert pydmn.load([main, other]).evaluate("D").value == [True, False]


def test_what_needs_itself_cannot_run():
    loaded = pydmn.load(
        model(
            decision("A", literal("B + 1"), decisions=("B",)),
            decision("B", literal("A + 1"), decisions=("A",)),
        )
    )
    with pytest.raises(ModelError, match="which needs it in turn"):
        loaded.evaluate("A")


# --- external functions ---------------------------------------------------------------

JAVA = knowledge(
    "f",
    (("a", "number"),),
    f"<context>{entry('class', literal(chr(34) + 'org.Example' + chr(34)))}"
    f"{entry('method signature', literal(chr(34) + 'f( double )' + chr(34)))}</context>",
).replace("<encapsulatedLogic>", '<encapsulatedLogic kind="Java">')


def _refuse(_: Decimal) -> Decimal:
    raise ValueError("too small")


@pytest.mark.parametrize(
    ("functions", "value", "reason"),
    [
        ({"org.Example.f(double)": lambda a: a + 1}, 3, None),
        ({}, None, "external function `org.Example.f(double)` is not registered"),
        ({"org.Example.f(double)": _refuse}, None, "`org.Example.f(double)`: too small"),
    ],
)
def test_external_functions_come_from_the_host(functions, value, reason):
    data = model(JAVA, decision("D", literal("f(2)"), knowledge=("f",)))
    result = pydmn.load(data, functions=functions).evaluate("D")
    assert result.value == value
    messages = [note.message for note in result.trace.notes]
    assert any(reason in message for message in messages) if reason else messages == []


# --- charging -------------------------------------------------------------------------


def _steps(data: bytes, name: str = "D") -> int:
    """Return the least budget of steps with which `name` still answers."""
    loaded = pydmn.load(data)
    low, high = 0, 10_000_000
    while low < high:
        middle = (low + high) // 2
        try:
            loaded.decision(name, limits=Limits(steps=middle))({})
        except LimitExceeded:
            low = middle + 1
        else:
            high = middle
    return low


@pytest.mark.parametrize(
    "text",
    [
        "count(for i in 1..{n} return i + i)",
        "count(for i in 1..{n} return [i][1])",
        "some i in 1..{n} satisfies i < 0",
        "count((for i in 1..{n} return i)[item > 5])",
        "count(for i in 1..{n} return function(x) x)",
        'string length(string join(for i in 1..{n} return "ab"))',
    ],
)
def test_work_is_charged_in_proportion(text):
    small, large = (_steps(model(decision("D", literal(text.format(n=n))))) for n in (100, 1000))
    assert 8 * small < large < 12 * small


def test_what_grows_by_the_square_is_charged_so():
    text = "count(for i in 1..{n} return partial)"
    small, large = (_steps(model(decision("D", literal(text.format(n=n))))) for n in (100, 1000))
    assert large > 50 * small


def test_a_service_in_a_loop_charges_what_it_evaluates():
    def data(inside: str) -> bytes:
        return model(
            decision("A", literal(inside)),
            '<decisionService id="S" name="S"><variable name="S"/><outputDecision href="#A"/>'
            "</decisionService>",
            decision("D", literal("count(for i in 1..1000 return S())"), knowledge=("S",)),
        )

    assert _steps(data(" + ".join(["1"] * 50))) > _steps(data("1")) + 90_000


def test_shared_parts_are_charged_when_they_are_handed_out():
    loaded = pydmn.load(model(decision("D", literal("for i in 1..60 return partial"))))
    with pytest.raises(LimitExceeded, match="steps"):
        loaded.decision("D", limits=Limits.untrusted())({})


# --- sharing --------------------------------------------------------------------------


def test_a_model_is_shared_among_threads():
    loaded = pydmn.load(
        model(
            input_data("x", "number"),
            knowledge("f", (("n", "number"),), literal("if n = 0 then 0 else 1 + f(n - 1)")),
            decision("D", literal("f(x)"), inputs=("x",), knowledge=("f",)),
        )
    )
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda x: loaded.evaluate("D", {"x": x}).value, range(200)))
    assert values == list(range(200))


def test_a_model_crosses_process_borders():
    loaded = pydmn.load(model(decision("D", literal("1 + 1"))))
    assert pickle.loads(pickle.dumps(loaded)).evaluate("D").value == 2  # noqa: S301
