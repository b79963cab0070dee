"""Boxed expressions and knowledge models in the fused function, against their closures."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from dmn_text import decision, input_data, knowledge, literal, model, output, table

import pydmn


def boxed(*entries: tuple[str, str], result: str = "") -> str:
    """Return a boxed context of entries by name, each a boxed expression, and its result."""
    made = "".join(
        f'<contextEntry><variable name="{name}"/>{logic}</contextEntry>' for name, logic in entries
    )
    return f"<context>{made}{f'<contextEntry>{result}</contextEntry>' if result else ''}</context>"


def function(parameters: tuple[str, ...], body: str) -> str:
    """Return a boxed function."""
    made = "".join(f'<formalParameter name="{name}"/>' for name in parameters)
    return f"<functionDefinition>{made}{body}</functionDefinition>"


def invocation(name: str, **arguments: str) -> str:
    """Return a boxed invocation with texts as arguments."""
    bound = "".join(
        f'<binding><parameter name="{each}"/>{literal(text)}</binding>'
        for each, text in arguments.items()
    )
    return f"<invocation>{literal(name)}{bound}</invocation>"


def conditional(condition: str, then: str, otherwise: str) -> str:
    """Return a boxed conditional."""
    return (
        f"<conditional><if>{condition}</if><then>{then}</then><else>{otherwise}</else>"
        "</conditional>"
    )


RATES = table(
    "FIRST", (("age", "number"), ("state", "string")), (output("rate", "number"),),
    (("< 18", '"NY", "CA"', "1"), ("< 65", "-", "age / 10"), ("-", '"NY"', "3")),
)  # fmt: skip
RATE = knowledge("Rate", (("age", "number"), ("state", "string")), RATES)
ANY_RATE = knowledge("Any rate", (("age", None), ("state", None)), RATES)
TWICE = knowledge("Twice", (("n", "number"),), literal("n * 2"))
INPUTS = (input_data("n", "number"), input_data("s", "string"), input_data("u"))


def asked(logic: str, *others: str, knowledge: tuple[str, ...] = (), **limits: int) -> Any:
    """Return the decision `D` by `logic`, which may call the knowledge models of `others`."""
    file = model(
        *INPUTS, *others, decision("D", logic, inputs=("n", "s", "u"), knowledge=knowledge)
    )
    return pydmn.load(file, limits=pydmn.Limits(**limits)).decision("D")


FUSED = {
    "a context": boxed(("a", literal("n + 1")), ("b", literal("a * 2")), ("c", literal("s"))),
    "a result": boxed(("a", literal("n + 1")), ("b", literal("a * 2")), result=literal("a + b")),
    "in each other": boxed(
        ("a", boxed(("b", literal("n")), ("c", literal("b + 1")))), result=literal("a.c * a.b")
    ),
    "an input's name again": boxed(("n", literal("s")), ("m", literal("n")), result=literal("m")),
    "a table": boxed(
        ("age", literal("n")), ("state", literal("s")), ("r", RATES), result=literal("r + 1")
    ),
    "a function": boxed(
        ("k", literal("n")),
        ("f", function(("x", "k"), literal("x + k"))),
        ("g", function(("x",), literal("f(x, 1) * k"))),
        result=literal("g(n) + f(2, 3)"),
    ),
    "what a function saw": boxed(
        ("k", literal("n")), ("f", function((), literal("k"))), ("k", literal("100")),
        result=literal("f() + k"),
    ),
    "a name that is a function no more": boxed(
        ("f", function((), literal("1"))), ("f", literal("n")), result=literal("f + 1")
    ),
    "a conditional": conditional(literal("n > 5"), literal('"more"'), literal("s")),
    "a conditional on what may be no boolean": conditional(
        literal("u"), literal("n"), literal("s")
    ),
    "a list": f"<list>{literal('n')}{literal('s')}{boxed(('a', literal('u')))}</list>",
    "an if around calls": boxed(
        ("f", function(("x",), literal("x * n"))),
        result=literal('if n > 1 then f(n) else if s = "NY" then f(2) else f(3)'),
    ),
}  # fmt: skip
CALLS = {
    "Rate(n, s)": (RATE,),
    "Rate(age: n, state: s) + 1": (RATE,),
    "Rate(state: s)": (RATE,),
    "Rate(u, s)": (RATE,),
    "Rate(n, u)": (RATE,),
    "Any rate(n, u)": (ANY_RATE,),
    "Any rate(u, s)": (ANY_RATE,),
    "Twice(Rate(n, s)) + Twice(n)": (RATE, TWICE),
    "if Twice(n) > 5 then Rate(n, s) else Twice(1)": (RATE, TWICE),
    "{a: 1}.a + Twice(n)": (TWICE,),
}
NAMES = ("Rate", "Any rate", "Twice")
UNFUSED = {
    "for x in [1, 2] return Twice(x)": (TWICE,),
    "some x in [1, n] satisfies Twice(x) > 3": (TWICE,),
    "sort([3, 1], function(x, y) Twice(x) < Twice(y))": (TWICE,),
    "Twice": (TWICE,),
    "Twice(1, 2)": (TWICE,),
    "Twice(m: 1)": (TWICE,),
    "Twice()": (TWICE,),
    "count(3)": (knowledge("count", (("n", None),), literal("n + 1")),),
    "Sum(3)": (
        knowledge("Sum", (("n", "number"),), literal("if n < 1 then 0 else n + Sum(n - 1)")),
    ),
    "Tested(n)": (
        TWICE,
        knowledge(
            "Tested", (("n", "number"),), table("FIRST", (("n", None),), (output(),), (("-", "1"),))
        ),
    ),
}
VALUES = {
    "n": (None, 0, 6, 17, 64, 65.5, "x", [20], True),
    "s": (None, "NY", "TX", 5, ["NY"]),
    "u": (None, 20, "NY", True, False, [20], ["CA"], {"a": 1}, [1, 2]),
}


def named(others: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of knowledge models."""
    return tuple(each.split('name="')[1].split('"')[0] for each in others)


def outcome(ask: Any, inputs: dict[str, Any]) -> str:
    try:
        answer = repr(ask(inputs))
        return answer if "object at" not in answer else "a function"
    except pydmn.PydmnError as error:
        return f"{type(error).__name__}: {error.message}"


def agrees(decide: Any) -> None:
    """Hold the function against the closures for all inputs."""
    for values in itertools.product(*VALUES.values()):
        inputs = dict(zip(VALUES, values, strict=True))
        assert outcome(decide, inputs) == outcome(decide.by_closures, inputs), inputs


@pytest.mark.parametrize("name", FUSED)
def test_boxed_expressions_answer_as_their_closures_do(name):
    decide = asked(FUSED[name])
    assert decide._fused is not None
    agrees(decide)


@pytest.mark.parametrize("text", CALLS)
def test_calls_of_knowledge_models_answer_as_their_closures_do(text):
    decide = asked(literal(text), *CALLS[text], knowledge=named(CALLS[text]))
    assert decide._fused is not None
    agrees(decide)


def test_an_invocation_answers_as_its_closure_does():
    for arguments in ({"age": "n", "state": "s"}, {"state": "s"}, {"age": "u", "state": "s"}):
        decide = asked(invocation("Rate", **arguments), RATE, knowledge=("Rate",))
        assert decide._fused is not None
        agrees(decide)


@pytest.mark.parametrize("text", UNFUSED)
def test_what_is_called_otherwise_is_left_to_the_closures(text):
    decide = asked(literal(text), *UNFUSED[text], knowledge=named(UNFUSED[text]))
    agrees(decide)


def test_values_by_the_words_of_the_standard():
    assert asked(FUSED["a context"])({"n": 1, "s": "x"}) == {"a": 2, "b": 4, "c": "x"}
    assert asked(FUSED["a function"])({"n": 3}) == 17
    assert asked(FUSED["what a function saw"])({"n": 3}) == 103
    rate = asked(literal("Rate(n, s)"), RATE, knowledge=("Rate",))
    assert [rate({"n": n, "s": "NY"}) for n in (17, 20, 65, "x")] == [1, 2, 3, 3]


@pytest.mark.parametrize("name", [*FUSED, *CALLS])
def test_a_budget_ends_both_ways_at_the_same_step(name):
    """For each budget of steps the outcome is that of the closures."""
    logic, others = FUSED.get(name, literal(name)), CALLS.get(name, ())
    for steps in range(1, 90):
        decide = asked(logic, *others, knowledge=named(others), steps=steps)
        for inputs in ({"n": 6, "s": "NY", "u": 20}, {"n": 70, "s": "TX", "u": [20]}):
            assert outcome(decide, inputs) == outcome(decide.by_closures, inputs), steps


def test_calls_are_not_written_without_end():
    """Each of 30 models calls the next twice, under a condition that never holds."""
    models = [knowledge("K0", (("n", "number"),), literal("n"))]
    for n in range(1, 31):
        body = literal(f"if n > 1 then K{n - 1}(n) + K{n - 1}(n) else n")
        requires = (
            f'<knowledgeRequirement><requiredKnowledge href="#K{n - 1}"/></knowledgeRequirement>'
        )
        made = knowledge(f"K{n}", (("n", "number"),), body)
        models.append(made.replace("</encapsulatedLogic>", f"</encapsulatedLogic>{requires}"))
    decide = asked(literal("K30(1)"), *models, knowledge=("K30",))
    assert decide({"n": 1}) == 1
    assert decide._fused is None
