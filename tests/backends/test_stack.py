"""Depth: limits are met exactly, and Python's own recursion limit is never the answer."""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from dmn_text import decision, knowledge, literal, model

import pydmn
from pydmn import Limits
from pydmn.errors import LimitExceeded
from pydmn.plan.stack import on_fresh_stack, with_room

# A call more than n: the last one has n = 0.
COUNT = "{f: function(f, n) if n <= 0 then 0 else 1 + f(f, n - 1), r: f(f, %d)}.r"
WIDE = (
    "{f: function(f, n) if n <= 0 then 0 else "
    + "1 + (" * 60
    + "f(f, n - 1)"
    + ")" * 60
    + ", r: f(f, %d)}.r"
)
SORTED = (
    "{f: function(f, n) if n <= 0 then 0 else"
    " sort([1, 2], function(a, b) f(f, n - 1) = 0)[2] + 0, r: f(f, %d)}.r"
)


@pytest.mark.parametrize("limits", [Limits(), Limits.untrusted()], ids=["default", "untrusted"])
@pytest.mark.parametrize("text", [COUNT, WIDE], ids=["count", "wide"])
def test_call_depth_is_met_exactly(text, limits):
    most = limits.call_depth - 1
    per_call = 60 if text is WIDE else 1
    limits = Limits(call_depth=limits.call_depth)
    assert pydmn.feel(text % most, limits=limits) == most * per_call
    with pytest.raises(LimitExceeded, match="call_depth"):
        pydmn.feel(text % (most + 1), limits=limits)


def test_calls_through_a_builtin():
    assert pydmn.feel(SORTED % 40) in (1, 2)


def test_a_knowledge_model_calls_itself():
    loaded = pydmn.load(
        model(
            knowledge("f", (("n", "number"),), literal("if n = 0 then 0 else 1 + f(n - 1)")),
            decision("Just", literal("f(399)"), knowledge=("f",)),
            decision("Over", literal("f(400)"), knowledge=("f",)),
        )
    )
    assert loaded.evaluate("Just").value == 399
    with pytest.raises(LimitExceeded, match="call_depth"):
        loaded.evaluate("Over")


def test_services_that_call_services():
    services = [
        f'<decisionService id="S{n}" name="S{n}"><variable name="S{n}"/>'
        f'<outputDecision href="#D{n}"/></decisionService>'
        for n in range(401)
    ]
    decisions = [decision("D0", literal("1"))] + [
        decision(f"D{n}", literal(f"S{n - 1}() + 1"), knowledge=(f"S{n - 1}",))
        for n in range(1, 402)
    ]
    loaded = pydmn.load(model(*services, *decisions))
    assert loaded.evaluate("D400").value == 401
    with pytest.raises(LimitExceeded, match="call_depth"):
        loaded.evaluate("D401")


def test_a_thousand_chained_decisions():
    chain = [decision("D0", literal("0"))] + [
        decision(f"D{n}", literal(f"D{n - 1} + 1"), decisions=(f"D{n - 1}",))
        for n in range(1, 1001)
    ]
    assert pydmn.load(model(*chain)).evaluate("D1000").value == 1000


def test_nested_boxes_up_to_the_limit_of_the_file():
    nested = literal("(" * 148 + "1" + ")" * 148)
    for _ in range(95):
        nested = f"<context><contextEntry>{nested}</contextEntry></context>"
    assert pydmn.load(model(decision("D", nested))).evaluate("D").value == 1


def _below(frames: int, ask: Callable[[], Any]) -> Any:
    return _below(frames - 1, ask) if frames else ask()


def _used() -> int:
    frame = sys._getframe()
    count = 0
    while frame.f_back is not None:
        frame, count = frame.f_back, count + 1
    return count


@pytest.mark.parametrize("left", [300, 150, 80, 50])
@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda: pydmn.feel(COUNT % 399) == 399, id="feel"),
        pytest.param(lambda: pydmn.unary_tests(f"{'(' * 100}1{')' * 100}", 1), id="tests"),
        pytest.param(
            lambda: (
                pydmn.load(model(decision("D", literal("-" * 148 + "1")))).evaluate("D").value == 1
            ),
            id="load",
        ),
    ],
)
def test_a_host_that_is_deep_itself(ask, left):
    limit = sys.getrecursionlimit()
    assert _below(limit - _used() - left, ask)
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize("left", range(5, 40, 5))
def test_a_host_without_room_gets_an_answer_or_the_limit(left):
    def ask() -> bool:
        try:
            return pydmn.feel("1 + 1") == 2
        except LimitExceeded:
            return True

    try:
        assert _below(sys.getrecursionlimit() - _used() - left, ask)
    except RecursionError as error:
        # The host's own call of `feel` did not fit: nothing of the package ran.
        traceback = error.__traceback__
        while traceback is not None and traceback.tb_next is not None:
            traceback = traceback.tb_next
        assert left < 15


# --- the further stack ----------------------------------------------------------------

PLACE: contextvars.ContextVar[str] = contextvars.ContextVar("PLACE", default="none")


def test_the_hosts_context_goes_along():
    PLACE.set("here")
    assert on_fresh_stack(PLACE.get) == "here"


@pytest.mark.parametrize("left", range(2, 60))
def test_a_further_stack_is_had_whole_or_not_at_all(left):
    """Work that began in a thread while its caller thinks it did not would run twice at once."""
    before = threading.enumerate()
    ran: list[int] = []
    try:
        _below(
            sys.getrecursionlimit() - _used() - left,
            lambda: on_fresh_stack(lambda: ran.append(1)),
        )
        expected = [1]
    except RecursionError:
        expected = []
    for thread in threading.enumerate():
        if thread not in before:
            thread.join()
    assert ran == expected


def test_an_error_comes_back():
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        on_fresh_stack(fail)


def test_work_without_end_is_a_limit():
    def endless() -> None:
        endless()

    with pytest.raises(LimitExceeded, match="more than a whole stack"):
        with_room(endless)


def test_no_memory_for_a_stack_is_a_limit(monkeypatch):
    def start(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", start)
    with pytest.raises(LimitExceeded, match="no memory for a further stack"):
        on_fresh_stack(lambda: 1)


def test_notes_of_the_first_attempt_are_taken_back():
    """Each call leaves one note: no more of them, although some calls were tried twice."""
    body = (
        "<literalExpression><text>if n = 0 then 0 else [1][7] = f(n - 1)</text></literalExpression>"
    )
    loaded = pydmn.load(
        model(
            knowledge("f", (("n", "number"),), body),
            decision("D", literal("f(300)"), knowledge=("f",)),
        )
    )
    notes = loaded.evaluate("D").trace.notes
    assert [note.code for note in notes].count("no-such-item") == 300
